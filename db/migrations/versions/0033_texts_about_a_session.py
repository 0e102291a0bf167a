"""A text about a session says which, where no booking does: it tells an invited guest
that the session moved or is off.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ABOUT_AN_EVENT = text("event_id IS NOT NULL")
Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column("messages", Column("event_id", Id))
    op.create_index(
        "ix_messages_event_id",
        "messages",
        ["event_id"],
        sqlite_where=ABOUT_AN_EVENT,
        postgresql_where=ABOUT_AN_EVENT,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_event_id", "messages")
    op.drop_column("messages", "event_id")
