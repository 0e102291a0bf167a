"""A day that changes: moved, shrunk or cancelled; who is booked goes along, is asked or told."""

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
from db.changes import freed_seats, holds_and_offers, rebooking
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
    tx: Tx, event_id: int, *, hall_id: int, day: str, first: str, places: int | None, note: str, now: int,
    counters: int | None = None, about: About | None = None,
) -> list[Outcome]:  # fmt: skip
    """Another hall, day, beginning (all slots shift alike), seats or note; whoever is told of it, soonest first.

    `places` are those of one counter in each slot; None leaves them, and None leaves the counters. Seats below what
    is booked are kept: nobody loses one, the slot is over until somebody moves. Holds and offers go as far as need be.
    `about` says anew what is held there. Raises TooLate, BadTimes, HallTaken, Holiday.
    """
    event, lines = events.locked(tx, event_id)
    shift = instant(day, first) - _beginning(lines)
    moves = shift != 0 or hall_id != event.hall_id
    if event.state == "cancelled":
        raise TooLate
    if moves:
        _may_go(tx, event, lines, shift, hall_id, day, now)
    if counters is None:
        counters = event.counters
    capacity = _capacities(event, lines, counters, places)
    if about is not None:
        events.describe(tx, event_id, about)
    tx.run(
        _EDIT,
        event=event_id,
        to_hall=hall_id,
        to_day=day,
        to_note=note[:200],
        to_counters=counters,
    )
    offers = set[int]()
    # The latest first when all go later, so that no two slots ever share a beginning.
    in_order = sorted(lines, key=lambda line: line.starts_at, reverse=shift > 0)
    for line in in_order:
        starts = line.starts_at + shift
        ends = line.ends_at + shift
        tx.run(
            _SET_SLOT,
            slot=line.id,
            starts=starts,
            ends=ends,
            to_capacity=capacity[line.id],
        )
        bookings.name_who_moves(tx, slot_id=line.id)
        if moves:
            holds_and_offers.withdraw(tx, line.id, now)
        else:
            offers |= holds_and_offers.keep_what_fits(tx, line.id, now)
    if not moves:
        return rebooking.offers_gone(tx, event, offers, now)
    was = tx.value(_HALL_NAME, hall=event.hall_id) or ""
    return rebooking.moved_with_event(tx, event, now=now, shift=shift, hall=was)


def _beginning(lines: list[Slot]) -> int:
    return min(line.starts_at for line in lines)


def _end(lines: list[Slot]) -> int:
    return max(line.ends_at for line in lines)


def _may_go(
    tx: Tx,
    event: Event,
    lines: list[Slot],
    shift: int,
    hall_id: int,
    day: str,
    now: int,
) -> None:
    """Raises TooLate, BadTimes, Holiday, HallTaken."""
    if _beginning(lines) <= now:
        raise TooLate
    begins = _beginning(lines) + shift
    ends = _end(lines) + shift
    if not is_ahead(begins, now) or not events.is_here(tx, hall_id, event.commune_id):
        raise BadTimes
    if day != event.day:
        holidays.refuse(tx, event.commune_id, day)
    if event.kind not in events.ELSEWHERE:
        events.refuse_clash(tx, hall_id, begins, ends, but=event.id)


def _capacities(
    event: Event, lines: list[Slot], counters: int, places: int | None
) -> dict[int, int]:
    """Seats of each slot: places of a counter times counters; left alone, they follow the counters. Raises BadTimes."""
    if not event.bookable:
        return {line.id: 0 for line in lines}
    if not seats_make_sense(counters, 1 if places is None else places):
        raise BadTimes
    if places is not None:
        return {line.id: places * counters for line in lines}
    seats = {}
    for line in lines:
        follows = line.capacity * counters // event.counters
        seats[line.id] = max(1, follows)
    if max(seats.values()) > CAPACITY_MOST:
        raise BadTimes
    return seats


def cancel(
    tx: Tx, event_id: int, *, now: int, draft: Draft | None = None
) -> list[Outcome]:
    """The event and every booking of it; who was booked is moved, asked or told, soonest first; who waited is told.

    Raises TooLate when it is over.
    """
    seats, lines = _with_freed_seats(tx, event_id, now, draft)
    event = seats.event
    if event.state == "cancelled" or _end(lines) <= now:
        raise TooLate
    events.set_state(tx, event_id, was=event.state, becomes="cancelled")
    cancelled = event._replace(state="cancelled")
    return rebooking.cancelled_with_event(replace(seats, event=cancelled))


def move_named(
    tx: Tx, event_id: int, *, now: int, draft: Draft | None = None
) -> list[Outcome]:
    """Those named since a slot was shrunk: moved, or asked and meanwhile kept. Raises TooLate."""
    seats, lines = _with_freed_seats(tx, event_id, now, draft)
    if seats.event.state == "cancelled" or max(line.starts_at for line in lines) <= now:
        raise TooLate
    return rebooking.move_named(seats)


def _with_freed_seats(
    tx: Tx, event_id: int, now: int, draft: Draft | None
) -> tuple[FreedSeats, list[Slot]]:
    """Under one set of locks: the event, its slots, and those to which its people may go."""
    event = events.event(tx, event_id)
    others: set[int] = set()
    if event:
        others = {slot.id for slot in freed_seats.free(tx, event, now)}
    event, lines = events.locked(tx, event_id, others)
    own = {line.id for line in lines}
    if draft is None:
        draft = Draft.anew(now)
    return FreedSeats(tx, event, now, draft, frozenset(own | others)), lines
