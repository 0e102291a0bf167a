"""Registration days by hand: create, edit, close, reopen, cancel an event with its slots; the texts go with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import bindparam, insert, select, update

from db.calendar import holidays
from db.calendar.holidays import Holiday
from db.calendar.plans import CAPACITY_MOST, BadTimes, Plan, instant, is_ahead, seats_make_sense
from db.calendar.telling import Fate
from db.engine import Tx
from db.models import events, halls, slots
from db.seats import bookings, promises, rebooking, vacancies
from db.seats.vacancies import Draft, Vacancies
from db.statements import Row, Statement

__all__ = ["BadTimes", "Draft", "HallTaken", "Holiday", "Plan", "TooLate"]

_WEEK = timedelta(days=7)
_WEEK_MS = 7 * 24 * 3_600_000

_HALL = Statement(select(halls.c.id).where(halls.c.id == bindparam("hall"), halls.c.commune_id == bindparam("commune")))
_CLASH = Statement(
    select(events.c.id)
    .join(slots, slots.c.event_id == events.c.id)
    .where(
        events.c.hall_id == bindparam("hall"),
        events.c.state != "cancelled",
        events.c.id != bindparam("but"),
        slots.c.starts_at < bindparam("ends"),
        slots.c.ends_at > bindparam("starts"),
    )
    .limit(1)
)
_NEW_EVENT = Statement(
    insert(events)
    .values(
        programme_id=bindparam("programme"),
        commune_id=bindparam("commune"),
        hall_id=bindparam("hall"),
        day=bindparam("day"),
        note=bindparam("note"),
        counters=bindparam("counters"),
    )
    .returning(events.c.id)
)
_NEW_SLOT = Statement(
    insert(slots).values(
        event_id=bindparam("event"),
        starts_at=bindparam("starts"),
        ends_at=bindparam("ends"),
        capacity=bindparam("capacity"),
    )
)
_EVENT = Statement(select(events).where(events.c.id == bindparam("event")))
_SLOTS = Statement(select(slots).where(slots.c.event_id == bindparam("event")).order_by(slots.c.id))
_TOUCH = Statement(
    update(slots).where(slots.c.id == bindparam("slot")).values(touched=slots.c.touched + 1).returning(slots.c.id)
)
_EDIT = Statement(
    update(events)
    .where(events.c.id == bindparam("event"))
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
    .values(starts_at=bindparam("starts"), ends_at=bindparam("ends"), capacity=bindparam("to_capacity"))
)
_STATE = Statement(
    update(events)
    .where(events.c.id == bindparam("event"), events.c.state == bindparam("was"))
    .values(state=bindparam("becomes"))
)
_HALL_NAME = Statement(select(halls.c.name).where(halls.c.id == bindparam("hall")))


class HallTaken(Exception):
    """Another event stands at this hall in that time."""


class TooLate(Exception):
    """The event has begun or is cancelled: its day, time and hall stay as they were."""


def create(tx: Tx, plan: Plan, *, commune_id: int, programme_id: int, now: int) -> int:
    """A new open event. Raises BadTimes, HallTaken, Holiday."""
    made = [(starts, ends, plan.capacity) for starts, ends in plan.times()]
    return _make(tx, plan, made, commune_id=commune_id, programme_id=programme_id, now=now)


def copy(tx: Tx, event_id: int, *, now: int) -> int:
    """The same a week later: hall, hours, seats of each slot, counters, note; open, and nobody booked. Its id.

    Raises TooLate (there is nothing to copy), BadTimes (that lies in the past too), HallTaken, Holiday.
    """
    event, lines = tx.one(_EVENT, event=event_id), tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    day = (date.fromisoformat(event.day) + _WEEK).isoformat()
    plan = Plan(event.hall_id, day, "", "", 0, 0, event.note, event.counters)
    made = [(line.starts_at + _WEEK_MS, line.ends_at + _WEEK_MS, line.capacity) for line in lines]
    return _make(tx, plan, sorted(made), commune_id=event.commune_id, programme_id=event.programme_id, now=now)


def _make(tx: Tx, plan: Plan, made: list[tuple[int, int, int]], *, commune_id: int, programme_id: int, now: int) -> int:
    """`made`: start, end (UTC ms) and seats of each slot, in order."""
    begins, ends = made[0][0], made[-1][1]
    if not is_ahead(begins, now) or tx.value(_HALL, hall=plan.hall_id, commune=commune_id) is None:
        raise BadTimes
    holidays.refuse(tx, commune_id, plan.day)
    _refuse_clash(tx, plan.hall_id, begins, ends)
    event_id = int(
        tx.value(
            _NEW_EVENT,
            programme=programme_id,
            commune=commune_id,
            hall=plan.hall_id,
            day=plan.day,
            note=plan.note[:200],
            counters=plan.counters,
        )
    )
    tx.many(_NEW_SLOT, [{"event": event_id, "starts": s, "ends": e, "capacity": seats} for s, e, seats in made])
    return event_id


def edit(
    tx: Tx, event_id: int, *, hall_id: int, day: str, first: str, places: int | None, note: str, now: int,
    counters: int | None = None,
) -> list[Fate]:  # fmt: skip
    """Another hall, day, beginning (all slots shift alike), seats or note; whoever is told of it, soonest first.

    `places` are those of one counter in each slot; None leaves them, and None leaves the counters. Seats below what
    is booked are kept: nobody loses one, the slot is over until somebody moves. Holds and offers go as far as need be.
    Raises TooLate, BadTimes, HallTaken, Holiday.
    """
    event, lines = _locked(tx, event_id)
    shift = instant(day, first) - min(line.starts_at for line in lines)
    moves = bool(shift) or hall_id != event.hall_id
    if event.state == "cancelled":
        raise TooLate
    if moves:
        _may_go(tx, event, lines, shift, hall_id, day, now)
    counters = event.counters if counters is None else counters
    capacity = _capacities(event, lines, counters, places)
    tx.run(_EDIT, event=event_id, to_hall=hall_id, to_day=day, to_note=note[:200], to_counters=counters)
    offers = set[int]()
    # The latest first when all go later, so that no two slots ever share a beginning.
    for line in sorted(lines, key=lambda line: -line.starts_at if shift > 0 else line.starts_at):
        starts, ends = line.starts_at + shift, line.ends_at + shift
        tx.run(_SET_SLOT, slot=line.id, starts=starts, ends=ends, to_capacity=capacity[line.id])
        bookings.name_who_moves(tx, slot_id=line.id)
        if moves:
            promises.withdraw(tx, line.id, now)
        else:
            offers |= promises.keep_what_fits(tx, line.id, now)
    if not moves:
        return rebooking.offers_gone(tx, event, offers, now)
    was = tx.value(_HALL_NAME, hall=event.hall_id)
    return rebooking.moved_with_event(tx, event, now=now, shift=shift, hall=was)


def _may_go(tx: Tx, event: Row, lines: list[Row], shift: int, hall_id: int, day: str, now: int) -> None:
    """Raises TooLate, BadTimes, Holiday, HallTaken."""
    begins, ends = min(line.starts_at for line in lines), max(line.ends_at for line in lines)
    if begins <= now:
        raise TooLate
    if not is_ahead(begins + shift, now) or tx.value(_HALL, hall=hall_id, commune=event.commune_id) is None:
        raise BadTimes
    if day != event.day:
        holidays.refuse(tx, event.commune_id, day)
    _refuse_clash(tx, hall_id, begins + shift, ends + shift, but=event.id)


def _capacities(event: Row, lines: list[Row], counters: int, places: int | None) -> dict[int, int]:
    """Seats of each slot: places of a counter times counters; left alone, they follow the counters. Raises BadTimes."""
    if not seats_make_sense(counters, 1 if places is None else places):
        raise BadTimes
    if places is not None:
        return dict.fromkeys([line.id for line in lines], places * counters)
    seats = {line.id: max(1, line.capacity * counters // event.counters) for line in lines}
    if max(seats.values()) > CAPACITY_MOST:
        raise BadTimes
    return seats


def close(tx: Tx, event_id: int) -> bool:
    """No new bookings; those made stand."""
    return tx.run(_STATE, event=event_id, was="open", becomes="closed") == 1


def reopen(tx: Tx, event_id: int) -> bool:
    return tx.run(_STATE, event=event_id, was="closed", becomes="open") == 1


def cancel(tx: Tx, event_id: int, *, now: int, draft: Draft | None = None) -> list[Fate]:
    """The event and every booking of it; who was booked is moved, asked or told, soonest first; who waited is told.

    Raises TooLate when it is over.
    """
    seats, lines = _with_vacancies(tx, event_id, now, draft)
    if seats.event.state == "cancelled" or max(line.ends_at for line in lines) <= now:
        raise TooLate
    tx.run(_STATE, event=event_id, was=seats.event.state, becomes="cancelled")
    return rebooking.cancelled_with_event(replace(seats, event=seats.event._replace(state="cancelled")))


def move_named(tx: Tx, event_id: int, *, now: int, draft: Draft | None = None) -> list[Fate]:
    """Those named since a slot was shrunk: moved, or asked and meanwhile kept. Raises TooLate."""
    seats, lines = _with_vacancies(tx, event_id, now, draft)
    if seats.event.state == "cancelled" or max(line.starts_at for line in lines) <= now:
        raise TooLate
    return rebooking.move_named(seats)


def _with_vacancies(tx: Tx, event_id: int, now: int, draft: Draft | None) -> tuple[Vacancies, list[Row]]:
    """Under one set of locks: the event, its slots, and those to which its people may go."""
    event = tx.one(_EVENT, event=event_id)
    others = {slot.id for slot in vacancies.free(tx, event, now)} if event else set()
    event, lines = _locked(tx, event_id, others)
    locked = frozenset(others | {line.id for line in lines})
    return Vacancies(tx, event, now, draft or Draft.anew(now), locked), lines


def _locked(tx: Tx, event_id: int, others: Collection[int] = ()) -> tuple[Row, list[Row]]:
    """The event and its slots, each slot locked (the others too) in the order of ids as every writer of seats does."""
    for slot_id in sorted({line.id for line in tx.all(_SLOTS, event=event_id)} | set(others)):
        tx.value(_TOUCH, slot=slot_id)
    event = tx.one(_EVENT, event=event_id)
    lines = tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    return event, lines


def _refuse_clash(tx: Tx, hall_id: int, starts: int, ends: int, but: int = 0) -> None:
    if tx.value(_CLASH, hall=hall_id, starts=starts, ends=ends, but=but) is not None:
        raise HallTaken
