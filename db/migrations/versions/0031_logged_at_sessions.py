"""What was logged beside a name on a session's list says at which session: a name taken
off takes it back.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

AT_AN_EVENT = text("event_id IS NOT NULL")
Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column("conversions", Column("event_id", Id))
    op.create_index(
        "ix_conversions_event_id",
        "conversions",
        ["event_id"],
        sqlite_where=AT_AN_EVENT,
        postgresql_where=AT_AN_EVENT,
    )


def downgrade() -> None:
    op.drop_index("ix_conversions_event_id", "conversions")
    op.drop_column("conversions", "event_id")
