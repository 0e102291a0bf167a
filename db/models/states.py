"""The states of a booking, a text and a day: one enum each, which the schema checks; drawn in docs/states.md."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint


class BookingState(StrEnum):
    """`held` and `offered` are live until their `until`; booked, attended and missed take a seat for good."""

    HELD = "held"
    OFFERED = "offered"
    BOOKED = "booked"
    ATTENDED = "attended"
    MISSED = "missed"
    WAITING = "waiting"  # for a seat of a full time
    ALONG = "along"  # comes with, or instead of, one who waits: no seat by itself
    CANCELLED = "cancelled"
    TAKEN = "taken"  # a hold or an offer that became a booking
    PASSED = "passed"  # an offer that was not answered
    UNSERVED = "unserved"  # waited until offers stopped
    LEFT = "left"  # the list, or an offer refused


class MessageState(StrEnum):
    """What came in is RECEIVED and stays so; the others are of what goes out (db/texts/outbox.py)."""

    RECEIVED = "RECEIVED"
    QUEUED = "QUEUED"
    CLAIMED = "CLAIMED"  # taken by a clock, for a lease
    SENDING = "SENDING"  # the carrier is being called
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    LOST = "LOST"  # nobody knows whether it went
    SKIPPED = "SKIPPED"  # on purpose, for a reason


class EventState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # no new bookings; those made stand
    CANCELLED = "cancelled"


class VisitResult(StrEnum):
    """What came of going to a house or a shop."""

    DONE = "done"
    HOME = "home"  # spoken to, nothing settled yet
    NOBODY = "nobody"
    REFUSED = "refused"


class EventKind(StrEnum):
    """What is held: `menus.port.EventKind` are the same words."""

    SWAP = "swap"  # the day on which phones are swapped
    ACCOUNT = "account"  # Viettel Money accounts are opened
    SCHOOL = "school"  # the desk at a school's gate
    TRAINING = "training"
    FARMERS = "farmers"  # training for farmers
    WORKSHOP = "workshop"  # by invitation: not told to strangers
    MEETING = "meeting"
    STREET = "street"  # agents and the Youth Union go from street to street
    VISITS = "visits"  # from house to house


class Service(StrEnum):
    """What one can get at an event."""

    SWAP = "swap"
    ACCOUNT = "account"
    QR = "qr"  # for a shop
    TUITION = "tuition"
    ELECTRICITY = "electricity"
    APP = "app"  # Công dân số Xứ Lạng
    TV360 = "tv360"
    ONLINE = "online"  # public services online


def one_of(states: type[StrEnum], column: str) -> CheckConstraint:
    """The schema takes no other word in this column."""
    words = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({words})", name=column)
