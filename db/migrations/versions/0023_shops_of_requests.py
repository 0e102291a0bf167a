"""A request for a QR knows its shop. What staff made of a text that no menu could read
is kept for training.
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
    UniqueConstraint,
    text,
)

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
HAS_A_SHOP = text("business_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("requests", Column("business_id", Id))
    op.create_index(
        "ix_requests_business_id",
        "requests",
        ["business_id"],
        sqlite_where=HAS_A_SHOP,
        postgresql_where=HAS_A_SHOP,
    )
    op.create_table(
        "lessons",
        Column("id", Id, nullable=False),
        Column(
            "commune_id",
            Id,
            ForeignKey("communes.id", name="fk_lessons_commune_id"),
            nullable=False,
        ),
        Column("message_id", Id, nullable=False),
        Column(
            "staff_id",
            Id,
            ForeignKey("staff.id", name="fk_lessons_staff_id"),
            nullable=False,
        ),
        Column("at", BigInteger, nullable=False),
        Column("words", String(400), nullable=False),
        Column("did", String(8), nullable=False),
        Column("kind", String(12), nullable=False),
        Column("answer", String(200), nullable=False),
        Column("text_id", Id),
        PrimaryKeyConstraint("id", name="pk_lessons"),
        UniqueConstraint("message_id", name="uq_lessons_message_id"),
        UniqueConstraint("text_id", name="uq_lessons_text_id"),
        CheckConstraint(
            "did IN ('seen', 'answer', 'opinion', 'request')",
            name=op.f("ck_lessons_did"),
        ),
    )


def downgrade() -> None:
    op.drop_table("lessons")
    op.drop_index("ix_requests_business_id", "requests")
    op.drop_column("requests", "business_id")
