"""Registration days from a list: one row a hall, a day and a stretch of hours, cut into slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import holidays
from db.calendar.plans import AHEAD_MOST
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.work import Work
from db.places.naming import same
from db.store.engine import from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from menus import days


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    hall: str
    opens: time
    closes: time
    minutes: int
    places: int


class Hall(NamedTuple):
    id: int
    name: str


_HALLS = Query(text("SELECT id, name FROM halls WHERE commune_id = :commune_id"), Hall)
_EVENT = Scalar(
    text("""
    SELECT id FROM events
    WHERE programme_id = :programme_id AND hall_id = :hall_id AND day = :day AND state <> 'cancelled'
    ORDER BY id LIMIT 1
    """),
    int,
)
_NEW_EVENT = Scalar(
    text("""
    INSERT INTO events (programme_id, commune_id, hall_id, day) VALUES (:programme_id, :commune_id, :hall_id, :day)
    RETURNING id
    """),
    int,
)
_OVERLAPS = Scalar(
    text("""
    SELECT 1 FROM slots s JOIN events e ON e.id = s.event_id
    WHERE e.hall_id = :hall_id AND e.state <> 'cancelled' AND s.starts_at < :ends_at AND s.ends_at > :starts_at
      AND NOT (s.starts_at = :starts_at AND s.ends_at = :ends_at) LIMIT 1
    """),
    int,
)
_NEW_SLOT = Statement(
    text("""
    INSERT INTO slots (event_id, starts_at, ends_at, capacity) VALUES (:event_id, :starts_at, :ends_at, :capacity)
    ON CONFLICT (event_id, starts_at) DO NOTHING
    """)
)


def read(cells: Cells) -> Day:
    row = Day(
        cells.day("date"), cells.text("hall", 80, needed=True), cells.clock("from"), cells.clock("to"),
        cells.whole("minutes", 5, 480), cells.whole("places", 1, 500),
    )  # fmt: skip
    if not _slots(row):
        raise Fault("từ giờ đến giờ không đủ một lượt / no slot fits between from and to")
    return row


def keep(work: Work, row: Day) -> None:
    halls = {same(hall.name): hall.id for hall in work.tx.all(_HALLS, commune_id=work.commune_id)}
    hall_id = halls.get(same(row.hall))
    if hall_id is None:
        raise Fault(f"không có nơi '{row.hall}' / there is no hall '{row.hall}'")
    if row.day < days.today(from_ms(work.now)):
        raise Fault("ngày đã qua / the day has passed")
    if row.day > days.today(from_ms(work.now)) + AHEAD_MOST:
        raise Fault("ngày còn hơn một năm nữa / the day is more than a year ahead")
    try:
        holidays.refuse(work.tx, work.commune_id, row.day.isoformat())
    except holidays.Holiday as problem:
        raise Fault(f"ngày nghỉ: {problem.name} / a holiday: {problem.name}") from None
    slots = _slots(row)
    for starts, ends in slots:
        if work.tx.value(_OVERLAPS, hall_id=hall_id, starts_at=starts, ends_at=ends):
            raise Fault("trùng giờ với lượt đã có / overlaps a slot that is there already")
    where = {"programme_id": work.programme_id, "hall_id": hall_id, "day": row.day.isoformat()}
    event_id = work.tx.value(_EVENT, **where) or work.tx.value(_NEW_EVENT, commune_id=work.commune_id, **where)
    for starts, ends in slots:
        work.tx.run(_NEW_SLOT, event_id=event_id, starts_at=starts, ends_at=ends, capacity=row.places)


def _slots(row: Day) -> list[tuple[int, int]]:
    """Start and end of each slot in UTC ms; what is left over at the end is cut off."""
    begin, end = (datetime.combine(row.day, clock, days.TIMEZONE) for clock in (row.opens, row.closes))
    length, made = timedelta(minutes=row.minutes), []
    while begin + length <= end:
        made.append((to_ms(begin), to_ms(begin + length)))
        begin += length
    return made
