"""Which senders are down: counted together by every clock."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breakers",
        Column("sender", String(16), nullable=False),
        Column("failures", Integer, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("open_until", BigInteger),
        PrimaryKeyConstraint("sender", name="pk_breakers"),
    )


def downgrade() -> None:
    op.drop_table("breakers")
