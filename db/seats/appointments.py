"""What one phone has: bookings made from it or for its holder, its place on a waiting
list, the seats kept for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.calendar.occasions import brought
from db.models import WHO_WAITS
from db.store.engine import Tx, from_ms
from db.store.statements import Query
from menus.port import Booking, EventKind, Hold, NoSuchBooking, Wait
from menus.session import Session


class Appointment(NamedTuple):
    """One seat that the phone may act on."""

    id: int
    code: str
    revision: int
    slot_id: int
    party_id: int | None
    may_move: bool  # 0 or 1 on SQLite
    name: str  # of who comes
    starts_at: int  # UTC ms
    hall: str
    own: int  # 1 where the phone's holder comes
    booked_here: int  # 1 where this phone booked
    kind: EventKind
    bring: str
    bring_en: str


class Waiting(NamedTuple):
    """A place on the list, or the seat that is offered."""

    id: int
    code: str
    status: str
    slot_id: int
    until: int | None  # UTC ms; none while it waits
    places: int
    starts_at: int  # UTC ms
    hall: str
    name: str  # of who comes, where it is not the phone's holder alone
    # UTC ms: the time whose event was cancelled, for which this is offered
    lost: int | None


class Held(NamedTuple):
    code: str
    slot_id: int
    places: int
    until: int  # UTC ms


_ME = "(SELECT id FROM people WHERE phone = :phone)"
_BOOKINGS = f"""
    SELECT b.id, b.code, b.revision, b.slot_id, b.party_id, b.may_move, p.name, s.starts_at, h.name AS hall,
      CASE WHEN b.person_id = {_ME} THEN 1 ELSE 0 END AS own,
      CASE WHEN b.booker_id = {_ME} THEN 1 ELSE 0 END AS booked_here,
      e.kind, e.bring, e.bring_en
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    JOIN people p ON p.id = b.person_id
    WHERE b.status = 'booked' AND (b.booker_id = {_ME} OR b.person_id = {_ME})
"""
_MINE = Query(
    text(f"{_BOOKINGS} AND s.ends_at > :now ORDER BY s.starts_at, b.id"), Appointment
)
_THIS = Query(
    text(f"""{_BOOKINGS}
      AND (b.id = :booking_id OR b.party_id = (SELECT party_id FROM bookings WHERE id = :booking_id))
    ORDER BY b.id
    """),
    Appointment,
)
_WAIT = Query(  # offered stands before waiting
    text(f"""
    SELECT b.id, b.code, b.status, b.slot_id, b.until, b.places, s.starts_at, h.name AS hall,
      CASE WHEN b.places = 1 THEN COALESCE(({WHO_WAITS}), '') ELSE '' END AS name,
      (SELECT l.starts_at FROM bookings c JOIN slots l ON l.id = c.slot_id
        WHERE c.id = b.instead_of AND c.reason = 'event') AS lost
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE b.booker_id = {_ME} AND (:code = '' OR b.code = :code)
      AND (b.status = 'waiting' OR (b.status = 'offered' AND b.until > :now))
    ORDER BY b.status, s.starts_at
    LIMIT 1
    """),
    Waiting,
)
_HOLD = Query(
    text(f"""
    SELECT code, slot_id, places, until
    FROM bookings
    WHERE booker_id = {_ME} AND status = 'held' AND until > :now
    """),
    Held,
)


def mine(tx: Tx, phone: str, now: int, code: str = "") -> Sequence[Booking]:
    """Still to come at `now` (UTC ms), soonest first; with `code` the one that bears
    it. A party is one booking.
    """
    seats = tx.all(_MINE, phone=phone, now=now)
    found = _by_party(seats)
    if code:
        found = [rows for rows in found if _bears(rows, code)]
    return [together(rows) for rows in found]


def _by_party(seats: Sequence[Appointment]) -> list[list[Appointment]]:
    """Those who come together, at the place of the first of them; whoever comes alone
    by themselves.
    """
    parties: dict[int, list[Appointment]] = {}
    for row in seats:
        alone_or_party = row.party_id or -row.id
        party = parties.setdefault(alone_or_party, [])
        party.append(row)
    return list(parties.values())


def _bears(rows: Sequence[Appointment], code: str) -> bool:
    return any(row.code == code for row in rows)


def rows_of(tx: Tx, phone: str, booking_id: int) -> list[Appointment]:
    """The seats this phone may act on with it: all of a party it booked, else its
    holder's own. Raises NoSuchBooking.
    """
    rows = tx.all(_THIS, phone=phone, booking_id=booking_id)
    is_among_them = any(row.id == booking_id for row in rows)
    if not is_among_them:
        raise NoSuchBooking
    return rows


def wait(tx: Tx, phone: str, now: int, code: str = "") -> Wait | None:
    """The seat that is offered, else the place on the list."""
    row = tx.one(_WAIT, phone=phone, now=now, code=code)
    if row is None:
        return None
    until = None
    if row.status == "offered" and row.until:
        until = from_ms(row.until)
    starts = from_ms(row.starts_at)
    lost = from_ms(row.lost) if row.lost else None
    return Wait(
        row.id,
        row.code,
        starts,
        row.hall,
        row.slot_id,
        until,
        row.places,
        row.name,
        lost,
    )


def hold(tx: Tx, phone: str, now: int, call: Session) -> Hold | None:
    """The live one, if there is one; for whom it is, the call says in which it was
    made.
    """
    row = tx.one(_HOLD, phone=phone, now=now)
    if row is None:
        return None
    until = from_ms(row.until)
    chosen_in_call = call.answers.get("slot")
    named = call.party if chosen_in_call == str(row.slot_id) else ()
    return Hold(row.code, row.slot_id, row.places, until, named)


def together(rows: Sequence[Appointment]) -> Booking:
    """What the seats of one party are to whoever holds the phone."""
    first = rows[0]
    own = any(row.own for row in rows)
    name = "" if own else first.name
    return Booking(
        first.id,
        first.code,
        from_ms(first.starts_at),
        first.hall,
        first.revision,
        first.slot_id,
        places=len(rows),
        own=own,
        name=name,
        may_move=bool(first.may_move),
        kind=first.kind,
        bring=brought(first.bring, first.bring_en),
    )
