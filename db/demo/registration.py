"""The demo's registration days: which hall, which day, what hours, how many seats; the
same plan every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import events, holidays
from db.calendar.plans import SWAP_DAY, Stretch, cut
from db.demo.places import COMMUNE, COMMUNE_HALL, PROGRAMME
from db.store.engine import Tx, to_ms
from db.store.statements import Query, Statement
from menus import days

AHEAD = 14  # days, today among them
BACK = 3  # days before today on which somebody came
MORNING, AFTERNOON = ("08:00", "11:00"), ("14:00", "16:30")
Hours = tuple[str, str]  # opens, closes
WEDNESDAY, SATURDAY = 2, 5
OF_THE_COMMUNE: dict[int, tuple[Hours, ...]] = {
    WEDNESDAY: (AFTERNOON,),
    SATURDAY: (MORNING, AFTERNOON),
}
HOUR_MS = 3_600_000


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
    """Add what the plan has and the calendar lacks, from so many days before today on;
    how many events.

    Nothing is put on a holiday.
    """
    halls = all_halls(tx)
    since = today - timedelta(days=back)
    there = tx.all(_THERE, commune_id=COMMUNE, since=since.isoformat())
    added = 0
    for day in days_from(tx, since, back + AHEAD):
        for hall_id, hours in _plan(day, halls):
            event = There(hall_id, day.isoformat())
            if event not in there:
                _event(tx, day, hall_id, hours, now)
                added += 1
    return added


def all_halls(tx: Tx) -> list[Hall]:
    return tx.all(_HALLS, commune_id=COMMUNE)


def days_from(tx: Tx, since: date, number: int) -> Iterator[date]:
    """So many days, but for the holidays."""
    listed = holidays.listed(tx, COMMUNE)
    off = {holiday.day for holiday in listed}
    for ahead in range(number):
        day = since + timedelta(days=ahead)
        if day.isoformat() not in off:
            yield day


def _plan(day: date, halls: list[Hall]) -> Iterator[tuple[int, tuple[Hours, ...]]]:
    """Two hamlets a day, one in the morning and one in the afternoon; the commune's
    hall twice a week.
    """
    hamlet_halls = [hall.id for hall in halls if hall.hamlet_id is not None]
    number = len(hamlet_halls)
    turn = day.toordinal() % number
    opposite = (turn + number // 2) % number
    yield hamlet_halls[turn], (MORNING,)
    yield hamlet_halls[opposite], (AFTERNOON,)
    hours = OF_THE_COMMUNE.get(day.weekday())
    if hours is not None:
        commune_hall = next(hall for hall in halls if hall.name == COMMUNE_HALL)
        yield commune_hall.id, hours


def _event(tx: Tx, day: date, hall_id: int, hours: tuple[Hours, ...], now: int) -> None:
    event_id = events.new(
        tx,
        SWAP_DAY,
        programme_id=PROGRAMME,
        commune_id=COMMUNE,
        hall_id=hall_id,
        day=day.isoformat(),
        now=now,
        note="",
        counters=1,
    )
    if hall_id % 2:
        minutes = 30
        capacity = 3 + hall_id % 3
    else:
        minutes = 60
        capacity = 5 + hall_id % 4
    for clock_opens, clock_closes in hours:
        opening = Stretch(_moment(day, clock_opens), _moment(day, clock_closes))
        for starts_at, ends_at in cut(opening, minutes):
            tx.run(
                _SLOT,
                event_id=event_id,
                starts_at=starts_at,
                ends_at=ends_at,
                capacity=capacity,
            )


def _moment(day: date, clock: str) -> int:
    """UTC ms."""
    local = days.at_local(day, clock)
    return to_ms(local)
