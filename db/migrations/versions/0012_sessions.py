"""Sessions of every kind: what an event is, what one can get there, its two-digit
number, and who came to it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
    true,
)

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# an index of people lies over an expression, which SQLite does not tell
ALONE = {"resolve_fks": False}

Id = BigInteger().with_variant(Integer, "sqlite")
KINDS = "swap account school training farmers workshop meeting street visits"
SERVICES = "swap account qr tuition electricity app tv360 online"
ADDED = ("kind", "run_by", "bring", "bring_en", "bookable", "number")
FIRST, LAST = 40, 97


def among(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())


def upgrade() -> None:
    with op.batch_alter_table("events", reflect_kwargs=ALONE) as batch:
        batch.add_column(
            Column("kind", String(10), nullable=False, server_default="swap")
        )
        batch.add_column(
            Column("run_by", String(120), nullable=False, server_default="")
        )
        batch.add_column(Column("bring", String(40), nullable=False, server_default=""))
        batch.add_column(
            Column("bring_en", String(40), nullable=False, server_default="")
        )
        batch.add_column(
            Column("bookable", Boolean, nullable=False, server_default=true())
        )
        batch.add_column(Column("number", Integer))
        batch.create_check_constraint(
            op.f("ck_events_kind"), f"kind IN ({among(KINDS)})"
        )
        batch.create_unique_constraint(
            "uq_events_commune_id_number", ["commune_id", "number"]
        )
    with op.batch_alter_table("broadcasts", reflect_kwargs=ALONE) as batch:
        batch.add_column(
            Column("event_kinds", String(100), nullable=False, server_default="swap")
        )
    op.create_table(
        "event_services",
        Column(
            "event_id",
            Id,
            ForeignKey("events.id", name="fk_event_services_event_id"),
            nullable=False,
        ),
        Column("service", String(12), nullable=False),
        PrimaryKeyConstraint("event_id", "service", name="pk_event_services"),
        CheckConstraint(
            f"service IN ({among(SERVICES)})", name=op.f("ck_event_services_service")
        ),
    )
    op.create_table(
        "attendances",
        Column(
            "event_id",
            Id,
            ForeignKey("events.id", name="fk_attendances_event_id"),
            nullable=False,
        ),
        Column(
            "person_id",
            Id,
            ForeignKey("people.id", name="fk_attendances_person_id"),
            nullable=False,
        ),
        Column(
            "staff_id",
            Id,
            ForeignKey("staff.id", name="fk_attendances_staff_id"),
            nullable=False,
        ),
        Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("event_id", "person_id", name="pk_attendances"),
        Index("ix_attendances_person_id", "person_id"),
    )
    op.create_table(
        "head_counts",
        Column("id", Id, nullable=False),
        Column(
            "event_id",
            Id,
            ForeignKey("events.id", name="fk_head_counts_event_id"),
            nullable=False,
        ),
        Column("number", Integer, nullable=False),
        Column(
            "staff_id",
            Id,
            ForeignKey("staff.id", name="fk_head_counts_staff_id"),
            nullable=False,
        ),
        Column("at", BigInteger, nullable=False),
        Column("form_key", String(40), nullable=False),
        Column(
            "replaces", Id, ForeignKey("head_counts.id", name="fk_head_counts_replaces")
        ),
        PrimaryKeyConstraint("id", name="pk_head_counts"),
        UniqueConstraint("form_key", name="uq_head_counts_form_key"),
        UniqueConstraint("replaces", name="uq_head_counts_replaces"),
        Index("ix_head_counts_event_id", "event_id"),
    )
    _number_what_is_to_come()


def _number_what_is_to_come() -> None:
    """In each commune the nearest events, as far as the numbers go; all there were are
    swap days with their service.
    """
    connection = op.get_bind()
    connection.execute(
        text(
            "INSERT INTO event_services (event_id, service) SELECT id, 'swap' FROM events"
        )
    )
    today = (datetime.now(UTC) + timedelta(hours=7)).date().isoformat()
    coming = text(
        "SELECT id, commune_id FROM events WHERE day >= :today AND state <> 'cancelled' ORDER BY commune_id, day, id"
    )
    given: dict[int, int] = {}
    for event_id, commune_id in connection.execute(coming, {"today": today}).all():
        number = given.get(commune_id, FIRST - 1) + 1
        if number <= LAST:
            given[commune_id] = number
            connection.execute(
                text("UPDATE events SET number = :number WHERE id = :id"),
                {"number": number, "id": event_id},
            )


def downgrade() -> None:
    for table in ("head_counts", "attendances", "event_services"):
        op.drop_table(table)
    with op.batch_alter_table("broadcasts", reflect_kwargs=ALONE) as batch:
        batch.drop_column("event_kinds")
    with op.batch_alter_table("events", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("uq_events_commune_id_number", type_="unique")
        batch.drop_constraint(op.f("ck_events_kind"), type_="check")
        for column in ADDED:
            batch.drop_column(column)
