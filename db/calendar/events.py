"""Events of every kind: made, copied to the next week, described, closed to new bookings and opened again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, text, update

from db.calendar import holidays, numbers
from db.calendar.holidays import Holiday
from db.calendar.plans import About, BadTimes, Plan, is_ahead
from db.models import events, halls, slots
from db.models.states import EventKind
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar, Statement
from menus.days import today

__all__ = [
    "About",
    "BadTimes",
    "Event",
    "HallTaken",
    "Holiday",
    "Plan",
    "Slot",
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


ELSEWHERE = (EventKind.STREET, EventKind.VISITS)  # the hall is where they set out from

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
    FROM events WHERE id = :event
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
    text("SELECT service FROM event_services WHERE event_id = :event ORDER BY service"),
    Offered,
)
_NO_SERVICES = Statement(text("DELETE FROM event_services WHERE event_id = :event"))
_SERVICE = Statement(
    text("INSERT INTO event_services (event_id, service) VALUES (:event, :service)")
)
_SLOTS = Query(
    text(
        "SELECT id, starts_at, ends_at, capacity FROM slots WHERE event_id = :event ORDER BY id"
    ),
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


class TooLate(Exception):
    """The event has begun or is cancelled: its day, time and hall stay as they were."""


def create(tx: Tx, plan: Plan, *, commune_id: int, programme_id: int, now: int) -> int:
    """A new open event, with a number of two digits if one is free. Raises BadTimes, HallTaken, Holiday."""
    made = [(starts, ends, plan.capacity) for starts, ends in plan.times()]
    return _make(
        tx, plan, made, commune_id=commune_id, programme_id=programme_id, now=now
    )


def copy(tx: Tx, event_id: int, *, now: int) -> int:
    """The same a week later: what it is, hall, hours, seats of each slot, counters, note; open, and nobody booked. Its
    id.

    Raises TooLate (there is nothing to copy), BadTimes (that lies in the past too), HallTaken, Holiday.
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
        "",
        "",
        0,
        0,
        event.note,
        event.counters,
        about=what,
    )
    made = [
        (line.starts_at + _WEEK_MS, line.ends_at + _WEEK_MS, line.capacity)
        for line in lines
    ]
    made.sort()
    return _make(
        tx,
        plan,
        made,
        commune_id=event.commune_id,
        programme_id=event.programme_id,
        now=now,
    )


def _make(
    tx: Tx,
    plan: Plan,
    made: list[tuple[int, int, int]],
    *,
    commune_id: int,
    programme_id: int,
    now: int,
) -> int:
    """`made`: start, end (UTC ms) and seats of each slot, in order."""
    begins, *_ = made[0]
    _, ends, _ = made[-1]
    if not is_ahead(begins, now) or not is_here(tx, plan.hall_id, commune_id):
        raise BadTimes
    holidays.refuse(tx, commune_id, plan.day)
    if plan.about.kind not in ELSEWHERE:
        refuse_clash(tx, plan.hall_id, begins, ends)
    event_id = new(
        tx, plan.about, programme_id=programme_id, commune_id=commune_id, hall_id=plan.hall_id, day=plan.day, now=now,
        note=plan.note[:200], counters=plan.counters,
    )  # fmt: skip
    rows = [
        {"event": event_id, "starts": starts_at, "ends": ends_at, "capacity": seats}
        for starts_at, ends_at, seats in made
    ]
    tx.many(_NEW_SLOT, rows)
    return event_id


def new(
    tx: Tx, what: About, *, programme_id: int, commune_id: int, hall_id: int, day: str, now: int, note: str,
    counters: int,
) -> int:  # fmt: skip
    """The only writer of an event: its row, what one can get there, its number. Its slots are the caller's to add."""
    event_id = tx.value(
        _NEW_EVENT, programme=programme_id, commune=commune_id, hall=hall_id, day=day, note=note, counters=counters,
        bookable=what.bookable, **_described(what),
    )  # fmt: skip
    assert event_id is not None  # nothing stands in the way of a new one
    _offer(tx, event_id, what.services)
    this_day = today(from_ms(now)).isoformat()
    if day >= this_day:
        numbers.give(tx, event_id, commune_id=commune_id, today=this_day)
    return event_id


def about(tx: Tx, event: Event) -> About:
    """What it is, what one can get there, who runs it and what to bring."""
    services = tuple([row.service for row in tx.all(_SERVICES, event=event.id)])
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
    _offer(tx, event_id, what.services)


def _described(what: About) -> dict[str, str | int | None]:
    return {
        "kind": what.kind,
        "run_by": what.run_by[:RUN_BY_MOST],
        "bring": what.bring[:BRING_MOST],
        "bring_en": what.bring_en[:BRING_MOST],
        "school_id": what.school_id if what.kind == EventKind.SCHOOL else None,
    }


def _offer(tx: Tx, event_id: int, services: Collection[str]) -> None:
    tx.run(_NO_SERVICES, event=event_id)
    tx.many(
        _SERVICE,
        [{"event": event_id, "service": service} for service in sorted(set(services))],
    )


def is_here(tx: Tx, hall_id: int, commune_id: int) -> bool:
    """Is the hall one of this commune?"""
    return tx.value(_HALL, hall=hall_id, commune=commune_id) is not None


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
    """The event and its slots, each slot locked (the others too) in the order of ids as every writer of seats does."""
    own = {line.id for line in tx.all(_SLOTS, event=event_id)}
    for slot_id in sorted(own.union(others)):
        tx.value(_TOUCH, slot=slot_id)
    event = tx.one(_EVENT, event=event_id)
    lines = tx.all(_SLOTS, event=event_id)
    if event is None or not lines:
        raise TooLate
    return event, lines


def refuse_clash(tx: Tx, hall_id: int, starts: int, ends: int, but: int = 0) -> None:
    if tx.value(_CLASH, hall=hall_id, starts=starts, ends=ends, but=but) is not None:
        raise HallTaken
