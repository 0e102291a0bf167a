"""The states of bookings, texts, days, requests: one enum each, which the schema
checks; drawn in docs/states.md.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint


class BookingState(StrEnum):
    """`held` and `offered` are live until their `until`; booked, attended and missed
    take a seat for good.
    """

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
    """What came in is RECEIVED and stays so; the others are of what goes out
    (db/texts/outbox.py).
    """

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


class RequestKind(StrEnum):
    """What residents ask for; how long each may take stands in db/requests/due.py."""

    CALL_ME = "call_me"
    QR = "qr"  # for a shop
    ACCOUNT = "account"  # Viettel Money
    VISIT = "visit"  # somebody to come to the house
    SCHOOL = "school"  # tuition and whatever else the school knows
    TV360 = "tv360"
    APP = "app"
    NO_PHONE = "no_phone"  # for somebody who has none
    ERASE = "erase"
    COPY = "copy"  # of what is kept
    OTHER = "other"


class RequestState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by whoever asked


class RequestAct(StrEnum):
    """What is kept of a request, in the order in which it was done."""

    ASKED = "asked"
    AGAIN = "again"  # asked once more while it was open
    TAKEN = "taken"
    HANDED = "handed"
    TRIED = "tried"  # nobody was reached
    NOTED = "noted"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Ground(StrEnum):
    """Why somebody may ask for another."""

    SELF = "self"  # they ask for themselves
    RELATIVE = "relative"
    HEAD = "head"  # of the hamlet
    OTHER = "other"  # a neighbour


class HowAsked(StrEnum):
    """How a parent was asked what they agree to."""

    UNKNOWN = ""  # nobody wrote it down
    FORM = "form"  # a form that they signed
    ALOUD = "aloud"  # in person
    PHONE = "phone"


class OpinionTopic(StrEnum):
    UNSORTED = "unsorted"
    SESSIONS = "sessions"  # days, halls, hours
    STAFF = "staff"  # how people were treated
    PHONES = "phones"  # support, phones, network
    MONEY = "money"  # payment, QR, fees
    SERVICE = "service"  # this service, its texts
    OTHER = "other"


class Lesson(StrEnum):
    """What staff made of a text that no menu could read."""

    SEEN = "seen"  # it wanted nothing
    ANSWER = "answer"
    OPINION = "opinion"
    REQUEST = "request"


class LogAnswer(StrEnum):
    """What somebody said of what was logged for them."""

    NONE = "none"  # asked, and nothing said yet
    RIGHT = "right"
    WRONG = "wrong"


class Verdict(StrEnum):
    """Was an idea chosen to be done?"""

    OPEN = "open"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"


class PeriodKind(StrEnum):
    """What a report is of."""

    DAYS = "days"  # from one day to another, as somebody chose them
    WEEK = "week"  # Friday to Thursday: whole days when it is made on a Friday
    MONTH = "month"  # from the 15th to the 14th (Decree 09/2019)
    ALL = "all"  # since the plan's first day


def one_of(states: type[StrEnum], column: str) -> CheckConstraint:
    """The schema takes no other word in this column."""
    words = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({words})", name=column)
