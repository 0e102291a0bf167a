"""How visits were rated, summed up as each answer comes: the page of progress no longer
reads every one of them.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, PrimaryKeyConstraint

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column(
        "ratings", Column("hamlet_id", Id, nullable=False, server_default="0")
    )
    op.create_table(
        "rating_tallies",
        Column(
            "programme_id",
            Id,
            ForeignKey("programmes.id", name="fk_rating_tallies_programme_id"),
            nullable=False,
        ),
        Column("hamlet_id", Id, nullable=False),
        Column("answers", Integer, nullable=False),
        Column("total", Integer, nullable=False),
        PrimaryKeyConstraint("programme_id", "hamlet_id", name="pk_rating_tallies"),
    )
    op.execute(
        """
        UPDATE ratings SET hamlet_id = COALESCE(
          (SELECT p.hamlet_id FROM bookings b JOIN people p ON p.id = b.person_id WHERE b.id = ratings.booking_id), 0)
        """
    )
    op.execute(
        """
        INSERT INTO rating_tallies (programme_id, hamlet_id, answers, total)
        SELECT b.programme_id, r.hamlet_id, COUNT(*), SUM(r.score)
        FROM ratings r JOIN bookings b ON b.id = r.booking_id
        GROUP BY b.programme_id, r.hamlet_id
        """
    )


def downgrade() -> None:
    op.drop_table("rating_tallies")
    op.drop_column("ratings", "hamlet_id")
