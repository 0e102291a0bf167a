"""Figures that take long to count are kept as the clock last counted them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_figures",
        Column(
            "commune_id",
            Id,
            ForeignKey("communes.id", name="fk_kept_figures_commune_id"),
            nullable=False,
        ),
        Column("name", String(20), nullable=False),
        Column("lines", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("took_ms", Integer, nullable=False),
        PrimaryKeyConstraint("commune_id", "name", name="pk_kept_figures"),
    )


def downgrade() -> None:
    op.drop_table("kept_figures")
