"""Appointments that hold: holds, the waiting list, parties, answers to reminders;
holidays, ratings, verifications.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    false,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# fmt: off
def added() -> tuple[Column[Any], ...]:
    return (
        Column("party_id", Id), Column("renewed", Boolean, nullable=False, server_default=false()),
        Column("may_move", Boolean, nullable=False, server_default=false()),
        Column("priority", Integer, nullable=False, server_default="1"),
        Column("reason", String(12), nullable=False, server_default=""), Column("coming_at", BigInteger),
    )


def upgrade() -> None:
    op.add_column("events", Column("counters", Integer, nullable=False, server_default="1"))
    for column in added():
        op.add_column("bookings", column)
    op.create_index("ix_bookings_party_id", "bookings", ["party_id"])
    op.drop_index("uq_bookings_slot_code", "bookings")
    op.create_index(
        "uq_bookings_slot_code", "bookings", ["slot_id", "code"], unique=True,
        **where("status IN ('booked', 'attended', 'missed')"),
    )
    op.create_index("uq_bookings_one_hold", "bookings", ["booker_id"], unique=True, **where("status = 'held'"))
    op.create_index(
        "uq_bookings_one_wait", "bookings", ["programme_id", "person_id"], unique=True,
        **where("status IN ('waiting', 'offered')"),
    )
    op.create_index(
        "ix_bookings_waiting", "bookings", ["slot_id", "priority", "made_at"], **where("status = 'waiting'")
    )
    op.create_table(
        "holidays",
        Column("commune_id", Id, ForeignKey("communes.id", name="fk_holidays_commune_id"), nullable=False),
        Column("day", String(10), nullable=False), Column("name", String(80), nullable=False),
        PrimaryKeyConstraint("commune_id", "day", name="pk_holidays"),
    )
    op.create_table(
        "ratings",
        Column("booking_id", Id, ForeignKey("bookings.id", name="fk_ratings_booking_id"), nullable=False),
        Column("score", Integer, nullable=False), Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("booking_id", name="pk_ratings"),
    )
    op.create_table(
        "verifications", Column("id", Id, nullable=False),
        Column("person_id", Id, ForeignKey("people.id", name="fk_verifications_person_id"), nullable=False),
        Column("since", String(10), nullable=False), Column("made_at", BigInteger, nullable=False),
        Column("staff_id", Id, ForeignKey("staff.id", name="fk_verifications_staff_id"), nullable=False),
        Column("done_at", BigInteger), PrimaryKeyConstraint("id", name="pk_verifications"),
    )
    op.create_index("ix_verifications_person_id", "verifications", ["person_id"])
    op.create_index(
        "uq_verifications_open", "verifications", ["person_id"], unique=True, **where("done_at IS NULL")
    )


def downgrade() -> None:
    """What only this release knows goes with it: holds, waits and offers are no
    bookings to an older one.
    """
    for table in ("verifications", "ratings", "holidays"):
        op.drop_table(table)
    op.execute(
        "UPDATE messages SET booking_id = NULL WHERE booking_id IN"
        " (SELECT id FROM bookings WHERE status NOT IN ('booked', 'attended', 'missed', 'cancelled'))"
    )
    op.execute("DELETE FROM bookings WHERE status NOT IN ('booked', 'attended', 'missed', 'cancelled')")
    for index in ("ix_bookings_waiting", "uq_bookings_one_wait", "uq_bookings_one_hold", "uq_bookings_slot_code",
                  "ix_bookings_party_id"):
        op.drop_index(index, "bookings")
    op.create_index("uq_bookings_slot_code", "bookings", ["slot_id", "code"], unique=True)
    for column in added():
        op.drop_column("bookings", column.name)
    op.drop_column("events", "counters")
