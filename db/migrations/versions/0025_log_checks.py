"""Whoever had something logged for them is asked whether it is right; what they said
stands beside it.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
)

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_checks",
        Column(
            "conversion_id",
            Id,
            ForeignKey("conversions.id", name="fk_log_checks_conversion_id"),
            nullable=False,
        ),
        Column(
            "message_id",
            Id,
            ForeignKey("messages.id", name="fk_log_checks_message_id"),
            nullable=False,
        ),
        Column("answer", String(8), nullable=False, server_default="none"),
        Column("answered_at", BigInteger),
        Column("said_id", Id, ForeignKey("messages.id", name="fk_log_checks_said_id")),
        PrimaryKeyConstraint("conversion_id", name="pk_log_checks"),
        CheckConstraint(
            "answer IN ('none', 'right', 'wrong')", name=op.f("ck_log_checks_answer")
        ),
    )
    op.create_index("ix_log_checks_message_id", "log_checks", ["message_id"])
    op.create_index("ix_log_checks_answer", "log_checks", ["answer", "conversion_id"])


def downgrade() -> None:
    op.drop_table("log_checks")
