"""Events at halls, their slots, and the seats: a seat is a row in `bookings`, there is
no counter.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from db.models.base import Id, day, instant, key, metadata, refers
from db.models.states import BookingState, EventKind, EventState, one_of
from menus.port import OFFERS_STOP

# Whoever waits for a seat is asked until so long before it; from then on it is
# anybody's.
OFFERS_STOP_MS = int(OFFERS_STOP.total_seconds()) * 1000

events = Table(
    "events",
    metadata,
    key(),
    refers("programme_id", "programmes"),
    refers("commune_id", "communes"),
    refers("hall_id", "halls"),
    day("day"),
    Column("state", String(10), nullable=False, server_default=EventState.OPEN),
    Column("note", String(200), nullable=False, server_default=""),
    Column(
        "counters", Integer, nullable=False, server_default="1"
    ),  # desks that serve at once; in every capacity
    Column("kind", String(10), nullable=False, server_default=EventKind.SWAP),
    Column(
        "run_by", String(120), nullable=False, server_default=""
    ),  # staff, agents, the Youth Union, in words
    Column(
        "bring", String(40), nullable=False, server_default=""
    ),  # empty: what the scheme asks for
    Column(
        "bring_en", String(40), nullable=False, server_default=""
    ),  # empty: as in Vietnamese
    Column(
        "bookable", Boolean, nullable=False, server_default=true()
    ),  # else its one slot is from when to when
    Column(
        "number", Integer
    ),  # two digits to text or dial; kept until another event needs it
    refers(
        "school_id", "businesses", null=True, index=False
    ),  # at whose gate it is held
    one_of(EventState, "state"),
    one_of(EventKind, "kind"),
    UniqueConstraint("commune_id", "number"),
    Index("ix_events_commune_day", "commune_id", "day"),
    Index("ix_events_school_id", "school_id", "day"),
)

# A round to the homes of a list is known to staff alone until they give it a number.
INTERNAL = "{e}.number IS NULL AND EXISTS (SELECT 1 FROM round_homes r WHERE r.event_id = {e}.id)"

slots = Table(
    "slots",
    metadata,
    key(),
    refers("event_id", "events"),
    instant("starts_at"),
    instant("ends_at"),
    Column("capacity", Integer, nullable=False),
    Column(
        "touched", Integer, nullable=False, server_default="0"
    ),  # written to lock the row, on both engines
    UniqueConstraint("event_id", "starts_at"),
    Index("ix_slots_starts_at", "starts_at"),
)

# Days on which no event is put: Tết and the like. Dated data, entered by staff.
holidays = Table(
    "holidays",
    metadata,
    refers("commune_id", "communes", index=False),
    day("day"),
    Column("name", String(80), nullable=False),
    PrimaryKeyConstraint("commune_id", "day"),
)

SEATED = "status IN ('booked', 'attended', 'missed')"
LIVE = f"({SEATED} OR (status IN ('held', 'offered') AND until > {{now}}))"
# For whom `b` waits, where that is not the holder of the phone alone: those who come
# along (see db/seats/waiting.py).
WHO_WAITS = (
    "SELECT n.name FROM bookings a JOIN people n ON n.id = a.person_id"
    " WHERE a.party_id = b.id AND a.status = 'along' AND a.person_id <> b.person_id"
)
HELD, WAITS = "status = 'held'", "status IN ('waiting', 'offered')"

bookings = Table(
    "bookings",
    metadata,
    key(),
    refers("programme_id", "programmes", index=False),
    refers("slot_id", "slots", index=False),
    refers("person_id", "people"),  # who comes
    refers("booker_id", "people"),  # whose phone booked, and gets the texts
    Column("code", String(5), nullable=False),
    Column("status", String(10), nullable=False),  # a BookingState
    instant("until", null=True),
    Column(
        "places", Integer, nullable=False, server_default="1"
    ),  # none: walked in, without a seat of the plan
    Column(
        "revision", Integer, nullable=False, server_default="1"
    ),  # raised by every move; texts name it
    Column(
        "to_move", Boolean, nullable=False, server_default=false()
    ),  # its slot was shrunk: named to be moved
    Column("origin", String(8), nullable=False),  # ussd | sms | desk
    refers("staff_id", "staff", null=True, index=False),
    instant("made_at"),
    instant(
        "changed_at"
    ),  # when booked, or last moved: no reminder whose moment lies before it
    instant("ended_at", null=True),  # cancelled, attended or missed
    Column(
        "party_id", Id, index=True
    ),  # the first booking of those who come together; each person has a row
    Column(
        "renewed", Boolean, nullable=False, server_default=false()
    ),  # a hold is made longer once
    Column(
        "may_move", Boolean, nullable=False, server_default=false()
    ),  # agreed beforehand to the next event
    Column(
        "priority", Integer, nullable=False, server_default="1"
    ),  # of who waits: 0 goes first
    Column(
        "reason", String(12), nullable=False, server_default=""
    ),  # why it ended: event (that was cancelled)
    instant("coming_at", null=True),  # answered the reminder: will come
    refers(
        "instead_of", "bookings", null=True, index=False
    ),  # of an offer: the seat that was lost, or is to be
    refers(
        "moved_id", "bookings", null=True, index=False
    ),  # of what stays behind where somebody was moved away: what was moved
    refers(
        "ended_with", "bookings", null=True, index=False
    ),  # the first of those given up in one act
    Column(
        "kind", String(10), nullable=False, server_default=EventKind.SWAP
    ),  # of its event: somebody has one seat of each kind
    one_of(BookingState, "status"),
    one_of(EventKind, "kind"),
    Index(
        "uq_bookings_one_per_person",
        "programme_id",
        "person_id",
        "kind",
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
    Index(
        "uq_bookings_slot_code",
        "slot_id",
        "code",
        unique=True,
        sqlite_where=text(SEATED),
        postgresql_where=text(SEATED),
    ),
    Index(
        "uq_bookings_one_hold",
        "booker_id",
        unique=True,
        sqlite_where=text(HELD),
        postgresql_where=text(HELD),
    ),
    Index(
        "uq_bookings_one_wait",
        "programme_id",
        "person_id",
        unique=True,
        sqlite_where=text(WAITS),
        postgresql_where=text(WAITS),
    ),
    Index(
        "ix_bookings_waiting",
        "slot_id",
        "priority",
        "made_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index("ix_bookings_code", "code"),
    # Few have one: an index over all would be thought useless.
    Index(
        "ix_bookings_instead_of",
        "instead_of",
        sqlite_where=text("instead_of IS NOT NULL"),
        postgresql_where=text("instead_of IS NOT NULL"),
    ),
    Index(
        "ix_bookings_moved_id",
        "moved_id",
        sqlite_where=text("moved_id IS NOT NULL"),
        postgresql_where=text("moved_id IS NOT NULL"),
    ),
    Index(
        "ix_bookings_seats", "slot_id", "status", "until", "places"
    ),  # all that counting seats asks for
)

# What attendants were asked a day later: how did it go? 1 to 5, the answer by DG.
ratings = Table(
    "ratings",
    metadata,
    refers("booking_id", "bookings", index=False),
    Column("score", Integer, nullable=False),
    instant("at"),
    Column(
        "hamlet_id", Id, nullable=False, server_default="0"
    ),  # where they lived when they answered; 0: not known
    PrimaryKeyConstraint("booking_id"),
)

# The sum of `ratings`, which a page reads: a million answers are a few hundred
# milliseconds.
rating_tallies = Table(
    "rating_tallies",
    metadata,
    refers("programme_id", "programmes", index=False),
    Column("hamlet_id", Id, nullable=False),  # 0: no hamlet known
    Column("answers", Integer, nullable=False),
    Column("total", Integer, nullable=False),  # of the scores
    PrimaryKeyConstraint("programme_id", "hamlet_id"),
)

# A number moved to another handset loses service until its owner's face is verified:
# who still waits for that.
verifications = Table(
    "verifications",
    metadata,
    key(),
    refers("person_id", "people"),
    day("since"),  # the day of the swap
    instant("made_at"),
    refers("staff_id", "staff", index=False),
    instant("done_at", null=True),
    Index(
        "uq_verifications_open",
        "person_id",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
