"""Registration days by hand: create, edit, close, reopen, cancel an event with its slots; the texts go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, insert, select, update

from db import bookings, cancelled, outbox
from db.engine import Row, Statement, Tx, from_ms, to_ms
from db.models import bookings as booked
from db.models import events, halls, people, slots, tasks
from menus import days
from menus.notices import Kind

_MINUTE = 60_000

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
    .values(hall_id=bindparam("to_hall"), day=bindparam("to_day"), note=bindparam("to_note"))
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
_TO_TELL = Statement(
    select(people.c.phone, booked.c.person_id, slots.c.starts_at, halls.c.name.label("hall"))
    .join(people, people.c.id == booked.c.booker_id)
    .join(slots, slots.c.id == booked.c.slot_id)
    .join(events, events.c.id == slots.c.event_id)
    .join(halls, halls.c.id == events.c.hall_id)
    .where(booked.c.id == bindparam("booking"))
)
_HALL_NAME = Statement(select(halls.c.name).where(halls.c.id == bindparam("hall")))
_TASK = Statement(
    insert(tasks).values(
        commune_id=bindparam("commune"),
        person_id=bindparam("person"),
        kind="tell",
        made_at=bindparam("at"),
        note=bindparam("what"),
    )
)


class HallTaken(Exception):
    """Another event stands at this hall in that time."""


class BadTimes(Exception):
    """The times make no slot, too many, or lie in the past."""


class TooLate(Exception):
    """The event has begun or is cancelled: its day, time and hall stay as they were."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clerk fills in. `first` and `last` are local times as 08:00; a slot must end by `last`."""

    hall_id: int
    day: str
    first: str
    last: str
    minutes: int
    places: int
    note: str = ""

    def times(self) -> list[tuple[int, int]]:
        """Start and end of every slot, UTC ms. Raises BadTimes."""
        begins, ends = (_instant(self.day, clock) for clock in (self.first, self.last))
        step = self.minutes * _MINUTE
        if not 5 <= self.minutes <= 480 or not 1 <= self.places <= 500 or ends - begins < step:
            raise BadTimes
        starts = range(begins, ends - step + 1, step)
        if len(starts) > 100:
            raise BadTimes
        return [(start, start + step) for start in starts]


def create(tx: Tx, plan: Plan, *, commune_id: int, programme_id: int, now: int) -> int:
    """A new open event. Raises BadTimes, HallTaken."""
    times = plan.times()
    if times[0][0] <= now or tx.value(_HALL, hall=plan.hall_id, commune=commune_id) is None:
        raise BadTimes
    _refuse_clash(tx, plan.hall_id, times[0][0], times[-1][1])
    event_id = int(
        tx.value(
            _NEW_EVENT,
            programme=programme_id,
            commune=commune_id,
            hall=plan.hall_id,
            day=plan.day,
            note=plan.note[:200],
        )
    )
    tx.many(_NEW_SLOT, [{"event": event_id, "starts": s, "ends": e, "capacity": plan.places} for s, e in times])
    return event_id


def edit(tx: Tx, event_id: int, *, hall_id: int, day: str, first: str, places: int | None, note: str, now: int) -> int:
    """Another hall, day, beginning (all slots shift alike), places per slot or note; how many bookings moved.

    `places` None leaves each slot as it is. Places below what is booked are kept: nobody loses a seat, the slot
    is over until somebody moves. Whoever is booked is told when hall or time changes.
    Raises TooLate, BadTimes, HallTaken.
    """
    event, lines = _locked(tx, event_id)
    shift = _instant(day, first) - min(line.starts_at for line in lines)
    moves = bool(shift) or hall_id != event.hall_id
    begins, ends = min(line.starts_at for line in lines) + shift, max(line.ends_at for line in lines) + shift
    if event.state == "cancelled" or (moves and begins - shift <= now):
        raise TooLate
    if moves and (begins <= now or tx.value(_HALL, hall=hall_id, commune=event.commune_id) is None):
        raise BadTimes
    if moves:
        _refuse_clash(tx, hall_id, begins, ends, but=event_id)
    tx.run(_EDIT, event=event_id, to_hall=hall_id, to_day=day, to_note=note[:200])
    # The latest first when all go later, so that no two slots ever share a beginning.
    for line in sorted(lines, key=lambda line: -line.starts_at if shift > 0 else line.starts_at):
        capacity = line.capacity if places is None else places
        tx.run(_SET_SLOT, slot=line.id, starts=line.starts_at + shift, ends=line.ends_at + shift, to_capacity=capacity)
        bookings.name_who_moves(tx, slot_id=line.id)
    if not moves:
        return 0
    return _tell(tx, "event_moved", event, bookings.moved_with_event(tx, event_id=event_id, now=now), now, shift)


def close(tx: Tx, event_id: int) -> bool:
    """No new bookings; those made stand."""
    return tx.run(_STATE, event=event_id, was="open", becomes="closed") == 1


def reopen(tx: Tx, event_id: int) -> bool:
    return tx.run(_STATE, event=event_id, was="closed", becomes="open") == 1


def cancel(tx: Tx, event_id: int, *, now: int) -> int:
    """The event and every booking of it; whoever was booked is told. How many were. Raises TooLate when it is over."""
    event, lines = _locked(tx, event_id)
    if event.state == "cancelled" or max(line.ends_at for line in lines) <= now:
        raise TooLate
    tx.run(_STATE, event=event_id, was=event.state, becomes="cancelled")
    return _tell(tx, "event_cancelled", event, cancelled.with_event(tx, event_id=event_id, now=now), now)


def _instant(day: str, clock: str) -> int:
    try:
        return to_ms(days.at_local(date.fromisoformat(day), clock))
    except ValueError as problem:
        raise BadTimes from problem


def _locked(tx: Tx, event_id: int) -> tuple[Row, list[Row]]:
    """The event and its slots, each slot locked in the order of ids as every writer of seats does."""
    for line in tx.all(_SLOTS, event=event_id):
        tx.value(_TOUCH, slot=line.id)
    event = tx.one(_EVENT, event=event_id)
    lines = tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    return event, lines


def _refuse_clash(tx: Tx, hall_id: int, starts: int, ends: int, but: int = 0) -> None:
    if tx.value(_CLASH, hall=hall_id, starts=starts, ends=ends, but=but) is not None:
        raise HallTaken


def _tell(tx: Tx, kind: Kind, event: Row, told: list[Row], now: int, shift: int = 0) -> int:
    """Post one text for each booking to the phone that booked it; where there is none, staff get a task to tell.

    The task bears the very instant at which the booking changed or ended: so the event's page finds it again.
    """
    for booking in told:
        line = tx.one(_TO_TELL, booking=booking.id)
        if line is None:
            continue
        if line.phone:
            once = f"{kind}:{booking.id}:r{booking.revision}"
            outbox.post(
                tx, kind=kind, commune_id=event.commune_id, phone=line.phone, now=now, booking_id=booking.id,
                revision=booking.revision, once=once,
            )  # fmt: skip
        else:
            what = _in_short(line.starts_at, line.hall)
            if kind == "event_moved":
                what = f"{_in_short(line.starts_at - shift, tx.value(_HALL_NAME, hall=event.hall_id))} → {what}"
            tx.run(_TASK, commune=event.commune_id, person=line.person_id, at=now, what=what[:200])
    return len(told)


def _in_short(starts_at: int, hall: str) -> str:
    return f"{days.short_time(from_ms(starts_at), 'vi')}, {hall}"
