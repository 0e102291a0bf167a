"""What counts is summed by month too, so that a sum over years reads few rows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    text,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
_FILL = text("""
    INSERT INTO month_tallies (indicator_id, hamlet_id, month, count)
    SELECT indicator_id, hamlet_id, SUBSTR(day, 1, 7), SUM(count)
    FROM tallies
    GROUP BY indicator_id, hamlet_id, SUBSTR(day, 1, 7)
""")


def upgrade() -> None:
    op.create_table(
        "month_tallies",
        Column(
            "indicator_id",
            Id,
            ForeignKey("indicators.id", name="fk_month_tallies_indicator_id"),
            nullable=False,
        ),
        Column("hamlet_id", Id, nullable=False),
        Column("month", String(7), nullable=False),
        Column("count", Integer, nullable=False),
        PrimaryKeyConstraint(
            "indicator_id", "hamlet_id", "month", name="pk_month_tallies"
        ),
    )
    op.execute(_FILL)


def downgrade() -> None:
    op.drop_table("month_tallies")
