"""A school sees what became of the notices that it wrote."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
)

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "school_notices",
        Column(
            "broadcast_id",
            Id,
            ForeignKey("broadcasts.id", name="fk_school_notices_broadcast_id"),
            nullable=False,
        ),
        Column(
            "school_id",
            Id,
            ForeignKey("businesses.id", name="fk_school_notices_school_id"),
            nullable=False,
        ),
        PrimaryKeyConstraint("broadcast_id", name="pk_school_notices"),
    )
    op.create_index("ix_school_notices_school_id", "school_notices", ["school_id"])


def downgrade() -> None:
    op.drop_table("school_notices")
