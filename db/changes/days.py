"""A day that changes: moved, shrunk or cancelled; who is booked goes along, is asked or
told; who was invited is told.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select, update

from db.calendar import events, holidays
from db.calendar.events import About, Event, Slot, TooLate
from db.calendar.plans import (
    CAPACITY_MOST,
    BadTimes,
    instant,
    is_ahead,
    seats_make_sense,
)
from db.changes import freed_seats, holds_and_offers, invited, rebooking
from db.changes.freed_seats import Draft, FreedSeats
from db.changes.telling import Outcome
from db.models import events as events_table
from db.models import halls, slots
from db.seats import bookings
from db.store.engine import Tx
from db.store.statements import Scalar, Statement

_EDIT = Statement(
    update(events_table)
    .where(events_table.c.id == bindparam("event"))
    .values(
        hall_id=bindparam("to_hall"),
        day=bindparam("to_day"),
        note=bindparam("to_note"),
        counters=bindparam("to_counters"),
    )
)
_SET_SLOT = Statement(
    update(slots)
    .where(slots.c.id == bindparam("slot"))
    .values(
        starts_at=bindparam("starts"),
        ends_at=bindparam("ends"),
        capacity=bindparam("to_capacity"),
    )
)
_HALL_NAME = Scalar(select(halls.c.name).where(halls.c.id == bindparam("hall")), str)


def edit(
    tx: Tx,
    event_id: int,
    *,
    hall_id: int,
    day: str,
    first: str,
    places: int | None,
    note: str,
    now: int,
    counters: int | None = None,
    about: About | None = None,
    last: str = "",
) -> list[Outcome]:
    """Another hall, day, beginning (all slots shift alike), seats or note; whoever is
    told of it, soonest first. Without times to book it ends at `last`, where that is
    given.

    `places` are those of one counter in each slot; None leaves them, and None leaves
    the counters. Seats below what is booked are kept: nobody loses one, the slot is
    over until somebody moves. Holds and offers go as far as need be. `about` says anew
    what is held there. Raises TooLate, BadTimes, HallTaken, Holiday,
    AlreadyBooked where somebody would have two seats of its new kind.
    """
    event, lines = events.locked(tx, event_id)
    shift = instant(day, first) - _beginning(lines)
    moves = shift != 0 or hall_id != event.hall_id
    if event.state == "cancelled":
        raise TooLate
    ends = _end(lines) + shift
    if last and not event.bookable:
        ends = instant(day, last)
        _refuse_end(tx, event, hall_id, _beginning(lines) + shift, ends)
    if moves:
        _refuse_move(tx, event, lines, shift, hall_id, day, now, ends)
    if counters is None:
        counters = event.counters
    capacities = _capacities(event, lines, counters, places)
    if about is not None:
        bookings.kind_is(tx, event_id=event_id, kind=about.kind)
        events.describe(tx, event_id, about)
    tx.run(
        _EDIT,
        event=event_id,
        to_hall=hall_id,
        to_day=day,
        to_note=note[:200],
        to_counters=counters,
    )
    for line in _in_order(lines, shift):
        begins, slot_ends = line.stretch.later(shift)
        until = slot_ends if event.bookable else ends
        _set_slot(tx, line.id, begins, until, capacities[line.id])
    if moves:
        return _moved(tx, event, lines, shift, now)
    return _stayed(tx, event, lines, now)


def _set_slot(tx: Tx, slot_id: int, starts: int, ends: int, capacity: int) -> None:
    """At these moments (UTC ms), with so many seats; who has none any more is named."""
    tx.run(_SET_SLOT, slot=slot_id, starts=starts, ends=ends, to_capacity=capacity)
    bookings.name_who_moves(tx, slot_id=slot_id)


def _moved(
    tx: Tx, event: Event, lines: list[Slot], shift: int, now: int
) -> list[Outcome]:
    """`event` is as it was; no hold or offer goes along."""
    for line in lines:
        holds_and_offers.withdraw(tx, line.id, now)
    was = tx.value(_HALL_NAME, hall=event.hall_id) or ""
    booked = rebooking.moved_with_event(tx, event, now=now, shift=shift, hall=was)
    guests = invited.told_of_move(
        tx, event, began_at=_beginning(lines), but=booked, now=now
    )
    return [*booked, *guests]


def _stayed(tx: Tx, event: Event, lines: list[Slot], now: int) -> list[Outcome]:
    """Holds and offers stay as far as there are seats."""
    offers_gone = set[int]()
    for line in lines:
        offers_gone |= holds_and_offers.keep_what_fits(tx, line.id, now)
    return rebooking.offers_gone(tx, event, offers_gone, now)


def _in_order(lines: list[Slot], shift: int) -> list[Slot]:
    """The latest first when all go later, so that no two slots ever share a beginning."""
    goes_later = shift > 0
    return sorted(lines, key=lambda line: line.starts_at, reverse=goes_later)


def _beginning(lines: list[Slot]) -> int:
    return min(line.starts_at for line in lines)


def _end(lines: list[Slot]) -> int:
    return max(line.ends_at for line in lines)


def _refuse_end(tx: Tx, event: Event, hall_id: int, begins: int, ends: int) -> None:
    """Raises BadTimes where it would end before it begins, HallTaken."""
    if ends <= begins:
        raise BadTimes
    if event.kind not in events.ELSEWHERE:
        events.refuse_clash(tx, hall_id, begins, ends, but=event.id)


def _refuse_move(
    tx: Tx,
    event: Event,
    lines: list[Slot],
    shift: int,
    hall_id: int,
    day: str,
    now: int,
    ends: int,
) -> None:
    """Raises TooLate, BadTimes, Holiday, HallTaken."""
    was = _beginning(lines)
    if was <= now:
        raise TooLate
    begins = was + shift
    if not is_ahead(begins, now) or not events.is_here(tx, hall_id, event.commune_id):
        raise BadTimes
    if day != event.day:
        holidays.refuse(tx, event.commune_id, day)
    if event.kind not in events.ELSEWHERE:
        events.refuse_clash(tx, hall_id, begins, ends, but=event.id)


def _capacities(
    event: Event, lines: list[Slot], counters: int, places: int | None
) -> dict[int, int]:
    """Seats of each slot: places of a counter times counters; left alone, they follow
    the counters. Raises BadTimes.
    """
    if not event.bookable:
        return {line.id: 0 for line in lines}
    if places is None:
        return _following_counters(event, lines, counters)
    if not seats_make_sense(counters, places):
        raise BadTimes
    capacity = places * counters
    return {line.id: capacity for line in lines}


def _following_counters(
    event: Event, lines: list[Slot], counters: int
) -> dict[int, int]:
    """As many at each counter as now. Raises BadTimes."""
    if not seats_make_sense(counters, places=1):
        raise BadTimes
    capacities = {}
    for line in lines:
        capacity = line.capacity * counters // event.counters
        capacities[line.id] = max(1, capacity)
    if max(capacities.values()) > CAPACITY_MOST:
        raise BadTimes
    return capacities


def cancel(
    tx: Tx, event_id: int, *, now: int, draft: Draft | None = None
) -> list[Outcome]:
    """The event and every booking of it; who was booked is moved, asked or told,
    soonest first; who waited is told, and who was invited.

    Raises TooLate when it is over.
    """
    seats, lines = _with_freed_seats(tx, event_id, now, draft)
    event = seats.event
    if event.state == "cancelled" or _end(lines) <= now:
        raise TooLate
    events.set_state(tx, event_id, was=event.state, becomes="cancelled")
    cancelled = event._replace(state="cancelled")
    booked = rebooking.cancelled_with_event(replace(seats, event=cancelled))
    guests = invited.told_off(
        tx, event, began_at=_beginning(lines), but=booked, now=now
    )
    return [*booked, *guests]


def move_named(
    tx: Tx, event_id: int, *, now: int, draft: Draft | None = None
) -> list[Outcome]:
    """Those named since a slot was shrunk: moved, or asked and meanwhile kept. Raises
    TooLate.
    """
    seats, lines = _with_freed_seats(tx, event_id, now, draft)
    last_begins = max(line.starts_at for line in lines)
    if seats.event.state == "cancelled" or last_begins <= now:
        raise TooLate
    return rebooking.move_named(seats)


def _with_freed_seats(
    tx: Tx, event_id: int, now: int, draft: Draft | None
) -> tuple[FreedSeats, list[Slot]]:
    """Under one set of locks: the event, its slots, and those to which its people may
    go.
    """
    event = events.event(tx, event_id)
    others: set[int] = set()
    if event:
        slots = freed_seats.free(tx, event, now)
        others.update(slot.id for slot in slots)
    event, lines = events.locked(tx, event_id, others)
    own = {line.id for line in lines}
    locked = frozenset(own | others)
    if draft is None:
        draft = Draft.anew(now)
    seats = FreedSeats(tx, event, now, draft, locked)
    return seats, lines
