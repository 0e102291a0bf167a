"""What a queued text says, put into words from the booking as it now is; whether it may
go is the clock's to know.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, TypedDict

from sqlalchemy import text as sql

from db.calendar.occasions import brought
from db.models.states import EventKind
from db.notices import follow_ups
from db.places import communes, schemes
from db.register import verifications
from db.seats import free_slots
from db.store.engine import Tx, from_ms
from db.store.local_days import iso_day_at
from db.store.statements import Query
from db.texts.outbox import Subject
from menus import notices
from menus.appointments.about import BRING, BRING_TO_OTHERS
from menus.days import date_and_hour, short_day, today, until
from menus.notices import Kind


class Posted(Protocol):
    """What is to be known of a text of the queue to put it into words."""

    @property
    def kind(self) -> Kind: ...
    @property
    def commune_id(self) -> int: ...
    @property
    def phone(self) -> str: ...
    @property
    def booking_id(self) -> int | None: ...
    @property
    def event_id(self) -> int | None: ...


class Offer(NamedTuple):
    """A seat that is kept, or was, until somebody answers."""

    id: int
    status: str
    until: int  # UTC ms
    code: str
    starts_at: int  # UTC ms
    hall: str


class Session(NamedTuple):
    """That a guest was invited to, as it is now."""

    starts_at: int  # UTC ms
    hall: str


class Blanks(TypedDict, total=False):
    """What a sentence may be filled in with."""

    commune: str
    number: str  # that the commune is texted at
    bring: str
    starts: datetime  # aware UTC
    old: str  # the time that was theirs
    hall: str
    place: str
    code: str
    places: int
    name: str
    held: str  # the event's kind, where that is no swap
    day: str
    until: str


# The seat that is kept for whoever lost one, or is to lose it: the last that they were
# offered for it.
_OFFER = Query(
    sql("""
    SELECT n.id, n.status, n.until, n.code, s.starts_at, h.name AS hall
    FROM bookings n
    JOIN slots s ON s.id = n.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE n.instead_of = :booking_id AND n.status IN ('offered', 'taken', 'passed')
    ORDER BY n.id DESC
    LIMIT 1
    """),
    Offer,
)


_SESSION = Query(
    sql("""
    SELECT MIN(s.starts_at) AS starts_at, h.name AS hall
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE e.id = :event_id
    GROUP BY h.name
    """),
    Session,
)


class Settled(Exception):
    """What the text was to say is no longer so, or is known already; the message says
    why, for staff.
    """


def text(
    tx: Tx, message: Posted, booking: Subject | None, language: str, now: int
) -> str:
    """With tone marks; `now` is UTC ms. Raises Settled."""
    blanks = _blanks(tx, message, booking, language, now)
    kind, by_now = _by_now(tx, message, booking, language, now)
    blanks.update(by_now)
    return notices.text(kind, language, **blanks)


def _by_now(
    tx: Tx, message: Posted, booking: Subject | None, language: str, now: int
) -> tuple[Kind, Blanks]:
    """Which sentence it is by now, and what it says of days to come. Raises Settled."""
    kind = message.kind
    if kind == "missed":
        return _missed(tx, message, booking, language, now)
    if kind in ("face_1d", "face_25d"):
        return kind, _face(tx, message, language)
    if booking is None:
        return kind, {}
    if kind in notices.CHOICES:
        return _choice(tx, kind, booking, now)
    if kind == "rate" and booking.event_kind != EventKind.SWAP:
        return "rate_visit", {}
    return kind, {}


def _face(tx: Tx, message: Posted, language: str) -> Blanks:
    """When the number of somebody whose face waits is cut off. Raises Settled."""
    since = verifications.waiting_since(tx, message.phone)
    cut_off = verifications.cut_off(since) if since else None
    if cut_off is None:
        raise Settled("face verified")
    day = short_day(cut_off, language)
    return {"day": day}


def _choice(tx: Tx, kind: Kind, booking: Subject, now: int) -> tuple[Kind, Blanks]:
    """The seat that is kept, and the time that was theirs.

    Who was to choose and has no choice left still has to hear that the event does not
    take place.
    """
    offer = tx.one(_OFFER, booking_id=booking.id)
    if offer is not None:
        if offer.status == "offered" and offer.until > now:
            return kind, _offered(offer, booking, now)
        if offer.status == "taken":
            raise Settled("lapsed")
    if kind == "slot_choice":
        raise Settled("lapsed")
    return "event_cancelled", {}


def _offered(offer: Offer, booking: Subject, now: int) -> Blanks:
    return {
        "old": date_and_hour(from_ms(booking.starts_at)),
        "starts": from_ms(offer.starts_at),
        "hall": offer.hall,
        "code": offer.code,
        "until": until(from_ms(offer.until), from_ms(now)),
    }


def _missed(
    tx: Tx, message: Posted, booking: Subject | None, language: str, now: int
) -> tuple[Kind, Blanks]:
    """The next day with seats, if there is one. Raises Settled."""
    # it is posted for the booking that was missed
    assert message.booking_id is not None
    if follow_ups.is_back(tx, message.booking_id):
        raise Settled("booked anew")
    day = iso_day_at(now)
    hamlet_id = follow_ups.home_of(tx, message.booking_id)
    kind = booking.event_kind if booking else ""
    listed = free_slots.events(
        tx,
        commune_id=message.commune_id,
        hamlet_id=hamlet_id,
        today=day,
        now=now,
        kind=kind,
    )
    for event in listed:
        if event.seats:
            return "missed", {
                "day": short_day(event.day, language),
                "place": event.hall,
            }
    return "missed_none", {}


def _blanks(
    tx: Tx, message: Posted, booking: Subject | None, language: str, now: int
) -> Blanks:
    """What the commune is called today, what its scheme asks to bring, and the
    booking's own particulars.
    """
    moment = from_ms(now)
    day = today(moment).isoformat()
    commune = communes.named(tx, message.commune_id, day)
    bring = schemes.bring(tx, message.commune_id, day) or BRING
    blanks: Blanks = {
        "commune": commune.name,
        "number": commune.sms_number,
        "bring": bring[language],
    }
    if booking is not None:
        blanks.update(_of_booking(booking, language, moment))
    elif message.event_id is not None:
        blanks.update(_of_session(tx, message.event_id))
    return blanks


def _of_session(tx: Tx, event_id: int) -> Blanks:
    session = tx.one(_SESSION, event_id=event_id)
    assert session is not None  # an event is never deleted
    return {"starts": from_ms(session.starts_at), "hall": session.hall}


def _of_booking(booking: Subject, language: str, now: datetime) -> Blanks:
    blanks: Blanks = {
        "starts": from_ms(booking.starts_at),
        "hall": booking.hall,
        "code": booking.code,
        "places": booking.places,
        "name": booking.name,
        "until": until(from_ms(booking.until), now) if booking.until else "",
    }
    if booking.event_kind != EventKind.SWAP:
        blanks["held"] = booking.event_kind
        blanks["bring"] = BRING_TO_OTHERS[language]
    own = brought(booking.bring, booking.bring_en)
    if language in own:
        blanks["bring"] = own[language]
    return blanks
