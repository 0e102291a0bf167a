"""A denominator may stand without a target, and says where it comes from; homes that a
round of visits goes to, and which round a visit was of.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
)

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# an index of people lies over an expression, which SQLite does not tell
ALONE = {"resolve_fks": False}
Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("targets", reflect_kwargs=ALONE) as batch:
        batch.alter_column("target", existing_type=Integer, nullable=True)
        batch.add_column(
            Column("source", String(120), nullable=False, server_default="")
        )
    with op.batch_alter_table("visits", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("event_id", Id))
        batch.create_foreign_key("fk_visits_event_id", "events", ["event_id"], ["id"])
    op.create_index("ix_visits_event_id", "visits", ["event_id"])
    op.create_table(
        "round_homes",
        Column("id", Id, primary_key=True),
        Column(
            "event_id",
            Id,
            ForeignKey("events.id", name="fk_round_homes_event_id"),
            nullable=False,
        ),
        Column(
            "household_id",
            Id,
            ForeignKey("households.id", name="fk_round_homes_household_id"),
        ),
        Column(
            "person_id", Id, ForeignKey("people.id", name="fk_round_homes_person_id")
        ),
        UniqueConstraint(
            "event_id",
            "household_id",
            name="uq_round_homes_event_id_household_id",
        ),
        UniqueConstraint(
            "event_id", "person_id", name="uq_round_homes_event_id_person_id"
        ),
        CheckConstraint(
            "(household_id IS NULL) <> (person_id IS NULL)",
            name=op.f("ck_round_homes_subject"),
        ),
    )
    op.create_index("ix_round_homes_household_id", "round_homes", ["household_id"])
    op.create_index("ix_round_homes_person_id", "round_homes", ["person_id"])


def downgrade() -> None:
    op.drop_table("round_homes")
    op.drop_index("ix_visits_event_id", "visits")
    with op.batch_alter_table("visits", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_visits_event_id", type_="foreignkey")
        batch.drop_column("event_id")
    op.execute("DELETE FROM targets WHERE target IS NULL")
    with op.batch_alter_table("targets", reflect_kwargs=ALONE) as batch:
        batch.drop_column("source")
        batch.alter_column("target", existing_type=Integer, nullable=False)
