"""The commune's own facts and how often they are asked for; when the plan runs, and
what was adjusted on its way.
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
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
TOPICS = (
    "topic IN ('point', 'money', 'qr', 'tuition', 'power', 'water', 'app', 'services', 'shop', 'tv360', 'offers',"
    " 'switch_off', 'text_price', 'who')"
)


def upgrade() -> None:
    op.create_table(
        "commune_facts",
        Column("id", Id, nullable=False),
        Column(
            "commune_id",
            Id,
            ForeignKey("communes.id", name="fk_commune_facts_commune_id"),
            nullable=False,
        ),
        Column("topic", String(16), nullable=False),
        Column("vi", String(200), nullable=False),
        Column("en", String(200), nullable=False),
        Column("valid_from", String(10), nullable=False),
        Column("valid_until", String(10)),
        Column(
            "staff_id", Id, ForeignKey("staff.id", name="fk_commune_facts_staff_id")
        ),
        Column("made_at", BigInteger, nullable=False),
        Column("withdrawn_at", BigInteger),
        Column(
            "withdrawn_by",
            Id,
            ForeignKey("staff.id", name="fk_commune_facts_withdrawn_by"),
        ),
        Column("form_key", String(40)),
        PrimaryKeyConstraint("id", name="pk_commune_facts"),
        UniqueConstraint("form_key", name="uq_commune_facts_form_key"),
        CheckConstraint(TOPICS, name=op.f("ck_commune_facts_topic")),
    )
    op.create_index(
        "ix_commune_facts_topic", "commune_facts", ["commune_id", "topic", "valid_from"]
    )
    op.create_table(
        "fact_tallies",
        Column(
            "commune_id",
            Id,
            ForeignKey("communes.id", name="fk_fact_tallies_commune_id"),
            nullable=False,
        ),
        Column("topic", String(16), nullable=False),
        Column("day", String(10), nullable=False),
        Column("count", Integer, nullable=False),
        PrimaryKeyConstraint("commune_id", "topic", "day", name="pk_fact_tallies"),
        CheckConstraint(TOPICS, name=op.f("ck_fact_tallies_topic")),
    )
    op.create_table(
        "plan_notes",
        Column("id", Id, nullable=False),
        Column(
            "programme_id",
            Id,
            ForeignKey("programmes.id", name="fk_plan_notes_programme_id"),
            nullable=False,
        ),
        Column(
            "indicator_id",
            Id,
            ForeignKey("indicators.id", name="fk_plan_notes_indicator_id"),
        ),
        Column("day", String(10), nullable=False),
        Column("words", String(400), nullable=False),
        Column(
            "staff_id",
            Id,
            ForeignKey("staff.id", name="fk_plan_notes_staff_id"),
            nullable=False,
        ),
        Column("made_at", BigInteger, nullable=False),
        Column("form_key", String(40), nullable=False),
        PrimaryKeyConstraint("id", name="pk_plan_notes"),
        UniqueConstraint("form_key", name="uq_plan_notes_form_key"),
    )
    op.create_index("ix_plan_notes_day", "plan_notes", ["programme_id", "day", "id"])
    op.add_column("programmes", Column("starts", String(10)))
    op.add_column("programmes", Column("ends", String(10)))


def downgrade() -> None:
    op.drop_column("programmes", "ends")
    op.drop_column("programmes", "starts")
    op.drop_table("plan_notes")
    op.drop_table("fact_tallies")
    op.drop_table("commune_facts")
