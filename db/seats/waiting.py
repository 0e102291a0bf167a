"""The waiting list of a full slot: who waits, in which order a freed seat is offered,
and what becomes of an offer.

An offer is a seat kept for so many waking hours, then it passes on. Twelve hours before
the start offers stop, those still waiting are told, and what is freed is for whoever
comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.models import OFFERS_STOP_MS
from db.office import tasks
from db.seats import bookings, parties
from db.seats.bookings import FREE, TAKEN, Revised, Taken, draw_code, lock, lock_open
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from db.texts import outbox
from menus.days import short_time, waking
from menus.notices import Kind
from menus.port import AlreadyBooked, NoSuchBooking, SlotTaken

OFFER_HOURS = 2  # waking ones
CLOSED_AT_ONCE = 500  # waits told in one transaction that their list is closed


class Waiting(NamedTuple):
    """A place on the list."""

    id: int
    code: str


class Before(NamedTuple):
    """The place on a list that somebody has already, or the seat that they were
    offered.
    """

    id: int
    code: str
    slot_id: int
    status: str
    until: int | None  # UTC ms, of an offer
    places: int


class Person(NamedTuple):
    person_id: int


class Freed(NamedTuple):
    """A slot with a seat for somebody who waits."""

    id: int


class Next(NamedTuple):
    """Whoever is offered the seat."""

    id: int
    starts_at: int  # UTC ms


class ToTell(NamedTuple):
    """The phone that waits, and for what."""

    phone: str | None  # E.164
    commune_id: int
    starts_at: int  # UTC ms
    hall: str


class Offered(NamedTuple):
    """An offer that can still be accepted."""

    id: int
    slot_id: int
    person_id: int
    booker_id: int
    party_id: int | None
    code: str
    origin: str
    places: int


class Standing(NamedTuple):
    """The time of that kind that whoever was offered a better one has meanwhile."""

    id: int
    slot_id: int


# Poor and near-poor households first, and whoever lost a time to a cancelled event and
# has none since; then as they came.
_PRIORITY = """
    CASE
      WHEN EXISTS (
        SELECT 1
        FROM people p
        JOIN households h ON h.id = p.household_id
        WHERE p.id = :person_id AND h.poor IN ('yes', 'near'))
      OR EXISTS (
        SELECT 1
        FROM facts f
        WHERE f.person_id = :person_id AND f.kind = 'poor' AND f.source <> 'self' AND f.value IN ('yes', 'near'))
      OR EXISTS (
        SELECT 1
        FROM bookings c
        WHERE c.person_id = :person_id AND c.status = 'cancelled' AND c.reason = 'event'
          AND c.ended_at > :now - 60 * CAST(86400000 AS BIGINT)
          AND NOT EXISTS (
            SELECT 1
            FROM bookings d
            WHERE d.person_id = c.person_id AND d.kind = c.kind AND d.id > c.id AND d.status IN ('booked', 'attended')))
      THEN 0
      ELSE 1
    END
"""
# Whoever sits there, or keeps a seat there, is not to wait for themselves.
_WAIT = Query(
    text(f"""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, places, priority, origin,
      made_at, changed_at, kind)
    SELECT e.programme_id, s.id, :person_id, :booker_id, :code, 'waiting', CAST(:places AS INTEGER), {_PRIORITY},
      :origin, :now, :now, e.kind
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE s.id = :slot_id AND s.starts_at > :now + {OFFERS_STOP_MS} AND {FREE} <= 0 AND :places <= s.capacity
      AND NOT EXISTS (SELECT 1 FROM bookings o WHERE o.slot_id = s.id
        AND ((o.person_id = :person_id AND o.status = 'booked' AND :comes = 1)
          OR (o.booker_id = :booker_id AND o.status = 'held' AND o.until > :now)))
    ON CONFLICT DO NOTHING
    RETURNING id, code
    """),
    Waiting,
)
# Whoever waits for more than themselves: each who is to come, themselves among them or
# not. No seat is kept by these.
_ALONG = Statement(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, party_id, code, status, places, origin,
      made_at, changed_at, kind)
    SELECT programme_id, slot_id, :person_id, booker_id, id, code, 'along', 0, origin, made_at, changed_at, kind
    FROM bookings
    WHERE id = :wait_id
    """)
)
_WHO_COMES = Query(
    text("""
    SELECT person_id
    FROM bookings
    WHERE party_id = :wait_id AND status = 'along'
    ORDER BY id
    """),
    Person,
)
_COMES_NO_MORE = Statement(
    text("""
    UPDATE bookings SET status = 'left', ended_at = :now
    WHERE party_id = :wait_id AND status = 'along'
    """)
)
# Who booked for a party, and would rather come with it at another time of that kind.
_COME_TOGETHER = Scalar(
    text("""
    SELECT COUNT(*)
    FROM bookings b
    JOIN bookings o ON o.party_id = b.party_id AND o.status = 'booked'
    WHERE b.person_id = :person_id AND b.booker_id = :booker_id AND b.status = 'booked'
      AND b.kind = (SELECT e.kind FROM slots s JOIN events e ON e.id = s.event_id WHERE s.id = :slot_id)
    """),
    int,
)
_WAITS = Query(
    text("""
    SELECT id, code, slot_id, status, until, places
    FROM bookings
    WHERE person_id = :person_id AND status IN ('waiting', 'offered')
    """),
    Before,
)
_END = Scalar(
    text("""
    UPDATE bookings SET status = :to, ended_at = :now
    WHERE id = :id AND status IN ('waiting', 'offered')
    RETURNING id
    """),
    int,
)
_ACCEPT = Scalar(
    text("""
    UPDATE bookings SET status = 'taken', ended_at = :now
    WHERE id = :id AND status = 'offered' AND until > :now
    RETURNING id
    """),
    int,
)
_FREED = Query(
    text(f"""
    SELECT DISTINCT s.id
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    WHERE b.status = 'waiting' AND e.state = 'open' AND s.starts_at > :now + {OFFERS_STOP_MS}
      AND s.capacity - {TAKEN} >= b.places
    ORDER BY s.id
    """),
    Freed,
)
_NEXT = Query(
    text(f"""
    SELECT b.id, s.starts_at
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    WHERE b.slot_id = :slot_id AND b.status = 'waiting'
      AND s.starts_at > :now + {OFFERS_STOP_MS} AND s.capacity - {TAKEN} >= b.places
    ORDER BY b.priority, b.made_at, b.id
    LIMIT 1
    """),
    Next,
)
_OFFER = Scalar(
    text("""
    UPDATE bookings SET status = 'offered', until = :until, revision = revision + 1, changed_at = :now
    WHERE id = :id AND status = 'waiting'
    RETURNING revision
    """),
    int,
)
_PASS_ON = Query(
    text("""
    UPDATE bookings SET status = 'passed', ended_at = :now
    WHERE status = 'offered' AND until <= :now
    RETURNING id, revision
    """),
    Revised,
)
_CLOSE = Query(
    text(f"""
    UPDATE bookings SET status = 'unserved', ended_at = :now
    WHERE id IN (
      SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
      WHERE b.status = 'waiting' AND s.starts_at <= :now + {OFFERS_STOP_MS}
      ORDER BY b.id LIMIT {CLOSED_AT_ONCE})
    RETURNING id, revision
    """),
    Revised,
)
_TO_TELL = Query(
    text("""
    SELECT p.phone, e.commune_id, s.starts_at, h.name AS hall
    FROM bookings b
    JOIN people p ON p.id = b.booker_id
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE b.id = :id
    """),
    ToTell,
)
_OFFERED = Query(
    text("""
    SELECT id, slot_id, person_id, booker_id, party_id, code, origin, places
    FROM bookings
    WHERE id = :id AND status = 'offered' AND until > :now
    """),
    Offered,
)
_STANDING = Query(
    text("""
    SELECT b.id, b.slot_id
    FROM bookings b
    JOIN bookings o ON o.id = :id
    WHERE b.person_id = o.person_id AND b.programme_id = o.programme_id AND b.status = 'booked'
      AND b.kind = o.kind
    """),
    Standing,
)
# Who came together with a booking that ended with its event.
_LOST_TOGETHER = Query(
    text("""
    SELECT DISTINCT person_id
    FROM bookings
    WHERE party_id = :party_id AND status = 'cancelled' AND reason = 'event'
    ORDER BY person_id
    """),
    Person,
)


def wait(
    tx: Tx,
    *,
    slot_id: int,
    person_id: int,
    booker_id: int,
    now: int,
    origin: str,
    people: Sequence[int] = (),
) -> Waiting:
    """Join the list of a full slot. `people` are those to come, where it is not the one
    who waits alone.

    A wait for another time ends with it. Who waits there already for as many keeps the
    place, for those named last; who names nobody keeps it for those named before.

    Raises SlotTaken when there is nothing to wait for (a seat is free, or offers have
    stopped), AlreadyBooked while an offer is open.
    """
    lock_open(tx, slot_id, now)
    for row in tx.all(_WAITS, person_id=person_id):
        if _is_open_offer(row, now):
            raise AlreadyBooked
        if _is_the_same(row, slot_id, people):
            if people:
                _name(tx, row.id, people, now)
            return Waiting(row.id, row.code)
        to = "passed" if row.status == "offered" else "left"
        tx.run(_END, id=row.id, to=to, now=now)
    places = len(people)
    if not people:
        together = tx.value(
            _COME_TOGETHER, person_id=person_id, booker_id=booker_id, slot_id=slot_id
        )
        places = together or 1
    comes = not people or person_id in people
    made = tx.one(
        _WAIT,
        slot_id=slot_id,
        person_id=person_id,
        booker_id=booker_id,
        places=places,
        comes=int(comes),
        code=draw_code(),
        now=now,
        origin=origin,
    )
    if made is None:
        raise SlotTaken
    _name(tx, made.id, people, now)
    return made


def _is_open_offer(row: Before, now: int) -> bool:
    return row.status == "offered" and row.until is not None and row.until > now


def _is_the_same(row: Before, slot_id: int, people: Sequence[int]) -> bool:
    """A place on that very list, for as many; who names nobody means as many as before."""
    if row.status != "waiting" or row.slot_id != slot_id:
        return False
    return not people or len(people) == row.places


def _name(tx: Tx, wait_id: int, people: Sequence[int], now: int) -> None:
    """Those are to come on this place of the list, and nobody else."""
    if _who_comes(tx, wait_id) == list(people):
        return
    tx.run(_COMES_NO_MORE, wait_id=wait_id, now=now)
    rows = [{"wait_id": wait_id, "person_id": person_id} for person_id in people]
    tx.many(_ALONG, rows)


def _who_comes(tx: Tx, wait_id: int) -> list[int]:
    """Those who were named; nobody where somebody waits alone."""
    return [row.person_id for row in tx.all(_WHO_COMES, wait_id=wait_id)]


def leave(tx: Tx, *, wait_id: int, now: int) -> None:
    """Off the list, or an offer refused: it passes on at the clock's next look. Raises
    NoSuchBooking.
    """
    left = tx.value(_END, id=wait_id, to="left", now=now)
    if left is None:
        raise NoSuchBooking


def accept(tx: Tx, *, wait_id: int, now: int) -> Taken:
    """The offered seat becomes a booking; whoever had another time of that kind is moved.
    In a savepoint.

    Raises NoSuchBooking when the offer has passed, SlotTaken when the slot takes nobody
    any more, AlreadyBooked when one of those for whom it was has meanwhile booked elsewhere
    what serves as well.
    """
    offer = tx.one(_OFFERED, id=wait_id, now=now)
    if offer is None:
        raise NoSuchBooking
    named = _who_comes(tx, wait_id)
    standing = None if named else tx.one(_STANDING, id=wait_id)
    slots = {offer.slot_id}
    if standing is not None:
        slots.add(standing.slot_id)
    lock(tx, slots, into=offer.slot_id, now=now)
    if tx.value(_ACCEPT, id=wait_id, now=now) is None:
        raise NoSuchBooking
    if standing is not None:
        return _move_into(tx, offer, standing, now)
    people = named or _who_lost(tx, offer) or [offer.person_id]
    return parties.book(
        tx,
        slot_id=offer.slot_id,
        people=people,
        booker_id=offer.booker_id,
        now=now,
        origin=offer.origin,
        kept=offer.code,
    )


def _move_into(tx: Tx, offer: Offered, standing: Standing, now: int) -> Taken:
    """The whole party where there are seats for it; else whoever waited, and the others
    stay where they are.
    """
    together = parties.standing(tx, standing.id)
    if len(together) <= offer.places:
        return parties.move(
            tx, booking_id=standing.id, slot_id=offer.slot_id, now=now, kept=offer.code
        )
    return bookings.move(
        tx,
        booking_id=standing.id,
        slot_id=offer.slot_id,
        now=now,
        kept=offer.code,
        alone=True,
    )


def _who_lost(tx: Tx, offer: Offered) -> list[int]:
    """The people of the party that lost its seats together; nobody where it was none."""
    if not offer.party_id:
        return []
    return [row.person_id for row in tx.all(_LOST_TOGETHER, party_id=offer.party_id)]


def freed_slots(tx: Tx, now: int) -> list[int]:
    """Slots with a seat for somebody who waits, in order of id."""
    return [row.id for row in tx.all(_FREED, now=now)]


def offer_freed(tx: Tx, slot_id: int, now: int, hours: int = OFFER_HOURS) -> int:
    """Offer what is free to those who wait, in their order, and post the texts; how
    many were offered.

    They have so many waking `hours` to answer in.

    Whoever needs more places than are free is passed over until there are enough.
    """
    try:
        lock_open(tx, slot_id, now)
    except SlotTaken:
        return 0
    hours_later = waking(from_ms(now), hours)
    answer_by = to_ms(hours_later)
    offered = 0
    while True:
        first = tx.one(_NEXT, slot_id=slot_id, now=now)
        if first is None:
            return offered
        until = min(answer_by, first.starts_at)
        revision = tx.value(_OFFER, id=first.id, until=until, now=now)
        if revision is None:
            continue  # left the list a moment ago: on to the next
        offered += 1
        _tell(tx, "offer", first.id, revision, now, until)


def pass_on(tx: Tx, now: int) -> int:
    """Offers that were not answered in time: whoever has no other seat is told. How
    many.
    """
    passed = tx.all(_PASS_ON, now=now)
    for row in passed:
        other = tx.one(_STANDING, id=row.id)
        if other is None:
            _tell(tx, "passed", row.id, row.revision, now)
    return len(passed)


def close_lists(tx: Tx, now: int) -> int:
    """Offers have stopped for these slots: whoever still waits is told, once. How many,
    at most 500.
    """
    closed = tx.all(_CLOSE, now=now)
    for row in closed:
        _tell(tx, "unserved", row.id, row.revision, now)
    return len(closed)


_IN_SHORT = {"unserved": "Chưa có chỗ", "passed": "Hết hạn giữ chỗ"}


def _tell(
    tx: Tx, kind: Kind, wait_id: int, revision: int, now: int, until: int | None = None
) -> None:
    """A text to the phone that waits; where there is none, a task: staff tell them."""
    told = tx.one(_TO_TELL, id=wait_id)
    assert told is not None
    if told.phone:
        outbox.post(
            tx,
            kind=kind,
            commune_id=told.commune_id,
            phone=told.phone,
            now=now,
            booking_id=wait_id,
            revision=revision,
            once=f"{kind}:{wait_id}:r{revision}",
            not_after=until,
        )
    else:
        note = _in_short(kind, told, until)
        tasks.tell(tx, wait_id, commune_id=told.commune_id, note=note, now=now)


def _in_short(kind: Kind, told: ToTell, until: int | None) -> str:
    """What staff are to tell."""
    starts = short_time(from_ms(told.starts_at), "vi")
    about = f"{starts}, {told.hall}"
    if until is None:
        return f"{_IN_SHORT[kind]} {about}"
    answer_by = short_time(from_ms(until), "vi")
    return f"Có chỗ {about}, giữ đến {answer_by}"
