"""Whose gate a session is held at; and that whoever asked for the school by phone
agreed that it calls.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# an index of people lies over an expression, which SQLite does not tell
ALONE = {"resolve_fks": False}
Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("events", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("school_id", Id))
        batch.create_foreign_key(
            "fk_events_school_id", "businesses", ["school_id"], ["id"]
        )
    op.create_index("ix_events_school_id", "events", ["school_id", "day"])
    # The question said so; only the answer was not kept as such.
    op.get_bind().execute(
        text(
            "UPDATE requests SET told_at = made_at WHERE kind = 'school' AND channel <> 'desk' AND told_at IS NULL"
        )
    )


def downgrade() -> None:
    op.drop_index("ix_events_school_id", "events")
    with op.batch_alter_table("events", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_events_school_id", type_="foreignkey")
        batch.drop_column("school_id")
