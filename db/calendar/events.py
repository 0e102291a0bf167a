"""Events of every kind: made, copied to the next week, described, closed to new
bookings and opened again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, text, update

from db.calendar import holidays, numbers
from db.calendar.holidays import Holiday
from db.calendar.plans import (
    About,
    AsksForSecret,
    BadTimes,
    LeadsAway,
    Plan,
    Stretch,
    is_ahead,
)
from db.models import INTERNAL, events, halls, slots
from db.models.states import EventKind
from db.register import rounds
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar, Statement
from menus.links import barred
from menus.port import IS_FOR

__all__ = [
    "About",
    "AsksForSecret",
    "BadTimes",
    "Event",
    "HallTaken",
    "Holiday",
    "LeadsAway",
    "Plan",
    "Slot",
    "ThereAlready",
    "TooLate",
]

RUN_BY_MOST, BRING_MOST = 120, 40
_WEEK = timedelta(days=7)
_WEEK_MS = 7 * 24 * 3_600_000


class Event(NamedTuple):
    """An event as it stands."""

    id: int
    programme_id: int
    commune_id: int
    hall_id: int
    day: str  # local ISO day
    state: str  # open | closed | cancelled
    note: str
    counters: int  # desks that serve at once
    kind: str
    run_by: str
    bring: str
    bring_en: str
    bookable: bool  # 0 or 1 on SQLite
    school_id: int | None


class Offered(NamedTuple):
    service: str


class Slot(NamedTuple):
    """One of its times."""

    id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    capacity: int  # over all counters

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.starts_at, self.ends_at)


class NewSlot(NamedTuple):
    """A slot that is still to be made."""

    stretch: Stretch
    capacity: int  # over all counters


ELSEWHERE = (EventKind.STREET, EventKind.VISITS)  # the hall is where they set out from

_INTERNAL = Scalar(
    text(f"SELECT e.id FROM events e WHERE e.id = :event AND {INTERNAL.format(e='e')}"),
    int,
)
_HALL = Scalar(
    select(halls.c.id).where(
        halls.c.id == bindparam("hall"), halls.c.commune_id == bindparam("commune")
    ),
    int,
)
_CLASH = Scalar(
    select(events.c.id)
    .join(slots, slots.c.event_id == events.c.id)
    .where(
        events.c.hall_id == bindparam("hall"),
        events.c.state != "cancelled",
        *(events.c.kind != kind for kind in ELSEWHERE),
        events.c.id != bindparam("but"),
        slots.c.starts_at < bindparam("ends"),
        slots.c.ends_at > bindparam("starts"),
    )
    .limit(1),
    int,
)
_TWIN = Scalar(
    select(events.c.id)
    .join(slots, slots.c.event_id == events.c.id)
    .where(
        events.c.hall_id == bindparam("hall"),
        events.c.state != "cancelled",
        events.c.kind == bindparam("kind"),
        events.c.run_by == bindparam("run_by"),
        events.c.note == bindparam("note"),
        slots.c.starts_at == bindparam("begins"),
    )
    .limit(1),
    int,
)
_NEW_EVENT = Scalar(
    insert(events)
    .values(
        programme_id=bindparam("programme"),
        commune_id=bindparam("commune"),
        hall_id=bindparam("hall"),
        day=bindparam("day"),
        note=bindparam("note"),
        counters=bindparam("counters"),
        kind=bindparam("kind"),
        run_by=bindparam("run_by"),
        bring=bindparam("bring"),
        bring_en=bindparam("bring_en"),
        bookable=bindparam("bookable"),
        school_id=bindparam("school_id"),
    )
    .returning(events.c.id),
    int,
)
_NEW_SLOT = Statement(
    insert(slots).values(
        event_id=bindparam("event"),
        starts_at=bindparam("starts"),
        ends_at=bindparam("ends"),
        capacity=bindparam("capacity"),
    )
)
_EVENT = Query(
    text("""
    SELECT id, programme_id, commune_id, hall_id, day, state, note, counters, kind, run_by, bring, bring_en, bookable,
      school_id
    FROM events
    WHERE id = :event
    """),
    Event,
)
_DESCRIBE = Statement(
    text("""
    UPDATE events SET kind = :kind, run_by = :run_by, bring = :bring, bring_en = :bring_en,
      school_id = CAST(:school_id AS BIGINT)
    WHERE id = :event
    """)
)
_SERVICES = Query(
    text("""
    SELECT service
    FROM event_services
    WHERE event_id = :event
    ORDER BY service
    """),
    Offered,
)
_NO_SERVICES = Statement(text("DELETE FROM event_services WHERE event_id = :event"))
_SERVICE = Statement(
    text("""
    INSERT INTO event_services (event_id, service)
    VALUES (:event, :service)
    """)
)
_SLOTS = Query(
    text("""
    SELECT id, starts_at, ends_at, capacity
    FROM slots
    WHERE event_id = :event
    ORDER BY id
    """),
    Slot,
)
_TOUCH = Scalar(
    update(slots)
    .where(slots.c.id == bindparam("slot"))
    .values(touched=slots.c.touched + 1)
    .returning(slots.c.id),
    int,
)
_STATE = Statement(
    update(events)
    .where(events.c.id == bindparam("event"), events.c.state == bindparam("was"))
    .values(state=bindparam("becomes"))
)


class HallTaken(Exception):
    """Another event stands at this hall in that time."""


class ThereAlready(Exception):
    """The very same sets out from there at that time."""


class TooLate(Exception):
    """The event has begun or is cancelled: its day, time and hall stay as they were."""


def create(
    tx: Tx,
    plan: Plan,
    *,
    commune_id: int,
    programme_id: int,
    now: int,
    numbered: bool = True,
) -> int:
    """A new open event, with a number of two digits if one is free and it is for
    residents to know: none where it was held before it was entered. Raises BadTimes,
    HallTaken, ThereAlready, Holiday, LeadsAway, AsksForSecret.
    """
    new_slots = [NewSlot(stretch, plan.capacity) for stretch in plan.times()]
    was_held = plan.was_held(now)
    if not was_held:
        _refuse_untimely(new_slots, now)
    return _make(
        tx,
        plan,
        new_slots,
        commune_id=commune_id,
        programme_id=programme_id,
        now=now,
        numbered=numbered and not was_held,
    )


def copy(tx: Tx, event_id: int, *, now: int) -> int:
    """The same a week later: what it is, hall, hours, seats of each slot, counters,
    note; open, and nobody booked. Its id.

    Raises TooLate (there is nothing to copy), BadTimes (that lies in the past too),
    HallTaken, ThereAlready, Holiday.
    """
    event = tx.one(_EVENT, event=event_id)
    lines = tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    day = date.fromisoformat(event.day) + _WEEK
    what = about(tx, event)
    plan = Plan(
        event.hall_id,
        day.isoformat(),
        first="",
        last="",
        minutes=0,
        places=0,
        note=event.note,
        counters=event.counters,
        about=what,
    )
    new_slots = []
    for line in lines:
        week_later = line.stretch.later(_WEEK_MS)
        new_slots.append(NewSlot(week_later, line.capacity))
    new_slots.sort()
    _refuse_untimely(new_slots, now)
    is_internal = tx.value(_INTERNAL, event=event_id) is not None
    made = _make(
        tx,
        plan,
        new_slots,
        commune_id=event.commune_id,
        programme_id=event.programme_id,
        now=now,
        numbered=not is_internal,
    )
    rounds.copy(tx, event_id, made)
    return made


def _refuse_untimely(new_slots: list[NewSlot], now: int) -> None:
    """What begins in the past, or too far ahead. Raises BadTimes."""
    if not is_ahead(new_slots[0].stretch.starts_at, now):
        raise BadTimes


def _make(
    tx: Tx,
    plan: Plan,
    new_slots: list[NewSlot],
    *,
    commune_id: int,
    programme_id: int,
    now: int,
    numbered: bool,
) -> int:
    """An event with these slots, which are in order. The plan's hours are not asked:
    the slots say them.
    """
    begins = new_slots[0].stretch.starts_at
    ends = new_slots[-1].stretch.ends_at
    if not is_here(tx, plan.hall_id, commune_id):
        raise BadTimes
    holidays.refuse(tx, commune_id, plan.day)
    if plan.about.kind in ELSEWHERE:
        _refuse_twin(tx, plan, begins)
    else:
        refuse_clash(tx, plan.hall_id, begins, ends)
    event_id = new(
        tx,
        plan.about,
        programme_id=programme_id,
        commune_id=commune_id,
        hall_id=plan.hall_id,
        day=plan.day,
        now=now,
        note=plan.note[:200],
        counters=plan.counters,
        numbered=numbered,
    )
    rows = []
    for (starts, ends), capacity in new_slots:
        rows.append(
            {"event": event_id, "starts": starts, "ends": ends, "capacity": capacity}
        )
    tx.many(_NEW_SLOT, rows)
    return event_id


def new(
    tx: Tx,
    what: About,
    *,
    programme_id: int,
    commune_id: int,
    hall_id: int,
    day: str,
    now: int,
    note: str,
    counters: int,
    numbered: bool = True,
) -> int:
    """The only writer of an event: its row, what one can get there, its number. Its
    slots are the caller's to add.
    """
    described = _described(what)
    event_id = tx.value(
        _NEW_EVENT,
        programme=programme_id,
        commune=commune_id,
        hall=hall_id,
        day=day,
        note=note,
        counters=counters,
        bookable=what.bookable,
        **described,
    )
    assert event_id is not None  # nothing stands in the way of a new one
    _offer(tx, event_id, what)
    this_day = iso_day_at(now)
    if numbered and day >= this_day:
        numbers.give(tx, event_id, commune_id=commune_id, today=this_day)
    return event_id


def about(tx: Tx, event: Event) -> About:
    """What it is, what one can get there, who runs it and what to bring."""
    offered = tx.all(_SERVICES, event=event.id)
    services = tuple([row.service for row in offered])
    bookable = bool(event.bookable)
    return About(
        event.kind,
        services,
        event.run_by,
        event.bring,
        event.bring_en,
        bookable,
        event.school_id,
    )


def describe(tx: Tx, event_id: int, what: About) -> None:
    """It is this from now on; whether times can be booked stays as it was made."""
    tx.run(_DESCRIBE, event=event_id, **_described(what))
    _offer(tx, event_id, what)


def _refuse_barred(what: About) -> None:
    """Raises LeadsAway, AsksForSecret."""
    why = barred(f"{what.bring}; {what.bring_en}")
    if why == "link":
        raise LeadsAway
    if why == "secret":
        raise AsksForSecret


def _described(what: About) -> dict[str, str | int | None]:
    """Its columns. A school is at the gate of no event but those for a school. Raises
    LeadsAway, AsksForSecret.
    """
    _refuse_barred(what)
    school_id = what.school_id
    if what.kind != EventKind.SCHOOL:
        school_id = None
    return {
        "kind": what.kind,
        "run_by": what.run_by[:RUN_BY_MOST],
        "bring": what.bring[:BRING_MOST],
        "bring_en": what.bring_en[:BRING_MOST],
        "school_id": school_id,
    }


def _offer(tx: Tx, event_id: int, what: About) -> None:
    """Its services from now on, with the one that it is for, and no others."""
    tx.run(_NO_SERVICES, event=event_id)
    services: set[str] = set(what.services)
    is_for = IS_FOR.get(what.kind)
    if is_for:
        services.add(is_for)
    in_order = sorted(services)
    rows = [{"event": event_id, "service": service} for service in in_order]
    tx.many(_SERVICE, rows)


def is_here(tx: Tx, hall_id: int, commune_id: int) -> bool:
    """Is the hall one of this commune?"""
    return tx.value(_HALL, hall=hall_id, commune=commune_id) is not None


def announce(tx: Tx, event_id: int, *, now: int) -> bool:
    """A round that only staff knew of gets a number: residents hear of it from now on.
    False where they did, or no number is free. `now` is UTC ms.
    """
    event = tx.one(_EVENT, event=event_id)
    if event is None or tx.value(_INTERNAL, event=event_id) is None:
        return False
    this_day = iso_day_at(now)
    given = numbers.give(tx, event_id, commune_id=event.commune_id, today=this_day)
    return given is not None


def set_state(tx: Tx, event_id: int, *, was: str, becomes: str) -> bool:
    """False when it was in another state."""
    return tx.run(_STATE, event=event_id, was=was, becomes=becomes) == 1


def close(tx: Tx, event_id: int) -> bool:
    """No new bookings; those made stand."""
    return set_state(tx, event_id, was="open", becomes="closed")


def reopen(tx: Tx, event_id: int) -> bool:
    return set_state(tx, event_id, was="closed", becomes="open")


def event(tx: Tx, event_id: int) -> Event | None:
    return tx.one(_EVENT, event=event_id)


def locked(
    tx: Tx, event_id: int, others: Collection[int] = ()
) -> tuple[Event, list[Slot]]:
    """The event and its slots, each slot locked (the others too) in the order of ids as
    every writer of seats does.
    """
    slot_ids = {line.id for line in tx.all(_SLOTS, event=event_id)}
    slot_ids.update(others)
    for slot_id in sorted(slot_ids):
        tx.value(_TOUCH, slot=slot_id)
    event = tx.one(_EVENT, event=event_id)
    lines = tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    return event, lines


def refuse_clash(tx: Tx, hall_id: int, starts: int, ends: int, but: int = 0) -> None:
    """Raises HallTaken where an event other than `but` stands there in that time (UTC
    ms).
    """
    other = tx.value(_CLASH, hall=hall_id, starts=starts, ends=ends, but=but)
    if other is not None:
        raise HallTaken


def _refuse_twin(tx: Tx, plan: Plan, begins: int) -> None:
    """Several may set out at once, to one place each. Raises ThereAlready."""
    twin = tx.value(
        _TWIN,
        hall=plan.hall_id,
        kind=plan.about.kind,
        run_by=plan.about.run_by,
        note=plan.note[:200],
        begins=begins,
    )
    if twin is not None:
        raise ThereAlready
