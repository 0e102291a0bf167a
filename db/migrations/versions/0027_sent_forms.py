"""Forms of the desk that were carried out, so that one that comes twice is one act."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "sent_forms",
        Column("digest", String(32), primary_key=True),
        Column(
            "staff_id",
            Id,
            ForeignKey("staff.id", name="fk_sent_forms_staff_id"),
            nullable=False,
        ),
        Column("route", String(60), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("led_to", String(200)),
    )
    op.create_index("ix_sent_forms_at", "sent_forms", ["at"])


def downgrade() -> None:
    op.drop_table("sent_forms")
