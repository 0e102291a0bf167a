"""Events at halls, their slots, and the seats: a seat is a row in `bookings`, there is no counter."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint, false, text

from db.models.base import day, instant, key, metadata, refers

events = Table(
    "events",
    metadata,
    key(),
    refers("programme_id", "programmes"),
    refers("commune_id", "communes"),
    refers("hall_id", "halls"),
    day("day"),
    Column("state", String(10), nullable=False, server_default="open"),  # open | closed | cancelled
    Column("note", String(200), nullable=False, server_default=""),
    Index("ix_events_commune_day", "commune_id", "day"),
)

slots = Table(
    "slots",
    metadata,
    key(),
    refers("event_id", "events"),
    instant("starts_at"),
    instant("ends_at"),
    Column("capacity", Integer, nullable=False),
    Column("touched", Integer, nullable=False, server_default="0"),  # written to lock the row, on both engines
    UniqueConstraint("event_id", "starts_at"),
    Index("ix_slots_starts_at", "starts_at"),
)

# held, offered: live until `until`. booked, attended, missed: seats taken. cancelled: history.
LIVE = "(status IN ('booked', 'attended', 'missed') OR (status IN ('held', 'offered') AND until > {now}))"

bookings = Table(
    "bookings",
    metadata,
    key(),
    refers("programme_id", "programmes", index=False),
    refers("slot_id", "slots"),
    refers("person_id", "people"),  # who comes
    refers("booker_id", "people"),  # whose phone booked, and gets the texts
    Column("code", String(5), nullable=False),
    Column("status", String(10), nullable=False),
    instant("until", null=True),
    Column("places", Integer, nullable=False, server_default="1"),
    Column("revision", Integer, nullable=False, server_default="1"),  # raised by every move; reminders name it
    Column("to_move", Boolean, nullable=False, server_default=false()),  # its slot was shrunk: named to be moved
    Column("origin", String(8), nullable=False),  # ussd | sms | desk
    refers("staff_id", "staff", null=True, index=False),
    instant("made_at"),
    instant("changed_at"),  # when booked, or last moved: no reminder whose moment lies before it
    instant("ended_at", null=True),  # cancelled, attended or missed
    Index(
        "uq_bookings_one_per_person",
        "programme_id",
        "person_id",
        unique=True,
        sqlite_where=text("status = 'booked'"),
        postgresql_where=text("status = 'booked'"),
    ),
    Index(
        "uq_bookings_booker_code",
        "booker_id",
        "code",
        unique=True,
        sqlite_where=text("status = 'booked'"),
        postgresql_where=text("status = 'booked'"),
    ),
    Index("uq_bookings_slot_code", "slot_id", "code", unique=True),
    Index("ix_bookings_code", "code"),
)
