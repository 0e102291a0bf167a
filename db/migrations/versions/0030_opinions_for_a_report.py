"""An opinion's words for a report stand apart from those that were said."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = Column("for_report", Text, nullable=False, server_default="")
    op.add_column("opinions", column)


def downgrade() -> None:
    op.drop_column("opinions", "for_report")
