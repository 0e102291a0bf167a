"""The demo's registration days: which hall, which day, what hours, how many seats; the same plan every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import events, holidays
from db.calendar.plans import SWAP_DAY
from db.demo.places import COMMUNE, COMMUNE_HALL, PROGRAMME
from db.store.engine import Tx, to_ms
from db.store.statements import Query, Statement
from menus import days

AHEAD = 14  # days, today among them
BACK = 3  # days before today on which somebody came
MORNING, AFTERNOON = ("08:00", "11:00"), ("14:00", "16:30")
Hours = tuple[str, str]  # opens, closes
WEDNESDAY, SATURDAY = 2, 5


class Hall(NamedTuple):
    id: int
    name: str
    hamlet_id: int | None


class There(NamedTuple):
    """An event that is there already."""

    hall_id: int
    day: str  # ISO


_HALLS = Query(
    text(
        "SELECT id, name, hamlet_id FROM halls WHERE commune_id = :commune_id ORDER BY id"
    ),
    Hall,
)
_THERE = Query(
    text(
        "SELECT hall_id, day FROM events WHERE commune_id = :commune_id AND day >= :since AND kind = 'swap'"
    ),
    There,
)
_SLOT = Statement(
    text("""
    INSERT INTO slots (event_id, starts_at, ends_at, capacity) VALUES (:event_id, :starts_at, :ends_at, :capacity)
    """)
)


def fill(tx: Tx, today: date, now: int, back: int = 0) -> int:
    """Add what the plan has and the calendar lacks, from so many days before today on; how many events.

    Nothing is put on a holiday.
    """
    halls = tx.all(_HALLS, commune_id=COMMUNE)
    hamlet_halls = [hall.id for hall in halls if hall.hamlet_id is not None]
    commune_hall = next(hall.id for hall in halls if hall.name == COMMUNE_HALL)
    first = today - timedelta(days=back)
    there = set(tx.all(_THERE, commune_id=COMMUNE, since=first.isoformat()))
    off = {row.day for row in holidays.listed(tx, COMMUNE)}
    added = 0
    for ahead in range(-back, AHEAD):
        day = today + timedelta(days=ahead)
        iso = day.isoformat()
        if iso in off:
            continue
        for hall_id, hours in _plan(day, hamlet_halls, commune_hall):
            if There(hall_id, iso) not in there:
                _event(tx, day, hall_id, hours, now)
                added += 1
    return added


def _plan(
    day: date, hamlet_halls: list[int], commune_hall: int
) -> Iterator[tuple[int, tuple[Hours, ...]]]:
    """Two hamlets a day, one in the morning and one in the afternoon; the commune's hall twice a week."""
    number = len(hamlet_halls)
    turn = day.toordinal()
    opposite = turn + number // 2
    yield hamlet_halls[turn % number], (MORNING,)
    yield hamlet_halls[opposite % number], (AFTERNOON,)
    if day.weekday() == SATURDAY:
        yield commune_hall, (MORNING, AFTERNOON)
    if day.weekday() == WEDNESDAY:
        yield commune_hall, (AFTERNOON,)


def _event(tx: Tx, day: date, hall_id: int, hours: tuple[Hours, ...], now: int) -> None:
    event_id = events.new(
        tx, SWAP_DAY, programme_id=PROGRAMME, commune_id=COMMUNE, hall_id=hall_id, day=day.isoformat(), now=now,
        note="", counters=1,
    )  # fmt: skip
    if hall_id % 2:
        minutes = 30
        capacity = 3 + hall_id % 3
    else:
        minutes = 60
        capacity = 5 + hall_id % 4
    for clock_opens, clock_closes in hours:
        opens = days.at_local(day, clock_opens)
        closes = days.at_local(day, clock_closes)
        for starts, ends in _cut(opens, closes, timedelta(minutes=minutes)):
            tx.run(
                _SLOT,
                event_id=event_id,
                starts_at=to_ms(starts),
                ends_at=to_ms(ends),
                capacity=capacity,
            )


def _cut(
    opens: datetime, closes: datetime, length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    while opens + length <= closes:
        yield opens, opens + length
        opens += length
