"""Events from a list: one row a hall, a day and a stretch of hours, cut into slots where it says how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import events, holidays
from db.calendar.plans import AHEAD_MOST, SWAP_DAY, About
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.work import NEW, SAME, Change, Outcome, Work
from db.models.states import EventKind, Service
from db.places.naming import same
from db.store.engine import from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from menus import days
from menus.hearing import fold


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    hall: str
    opens: time
    closes: time
    minutes: int  # 0: no times to book
    places: int
    about: About = SWAP_DAY


# As a clerk writes them, folded; besides our own words.
KINDS = {
    **{kind.value: kind.value for kind in EventKind},
    "doi may": "swap", "doi may 4g": "swap", "mo tai khoan": "account", "tai khoan": "account",
    "viettel money": "account", "cong truong": "school", "truong": "school", "hoc phi": "school",
    "tap huan": "training", "lop hoc": "training", "nong dan": "farmers", "tap huan nong dan": "farmers",
    "hoi thao": "workshop", "hop": "meeting", "hop thon": "meeting", "ra quan": "street", "luu dong": "street",
    "den tung nha": "visits", "tham ho": "visits",
}  # fmt: skip
SERVICES = {
    **{service.value: service.value for service in Service},
    "doi may": "swap", "tai khoan": "account", "ma qr": "qr", "hoc phi": "tuition", "dien": "electricity",
    "tien dien": "electricity", "ung dung": "app", "cong dan so": "app", "dich vu cong": "online",
}  # fmt: skip


class Hall(NamedTuple):
    id: int
    name: str


_HALLS = Query(text("SELECT id, name FROM halls WHERE commune_id = :commune_id"), Hall)
_EVENT = Scalar(
    text("""
    SELECT id FROM events
    WHERE programme_id = :programme_id AND hall_id = :hall_id AND day = :day AND state <> 'cancelled'
      AND kind = :kind AND bookable = :bookable
    ORDER BY id LIMIT 1
    """),
    int,
)
_OVERLAPS = Scalar(
    text("""
    SELECT 1 FROM slots s JOIN events e ON e.id = s.event_id
    WHERE e.hall_id = :hall_id AND e.state <> 'cancelled' AND e.kind NOT IN ('street', 'visits')
      AND s.starts_at < :ends_at AND s.ends_at > :starts_at
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
    bookable = bool(cells.text("minutes", 20) or cells.text("places", 20))
    kind = cells.choice("kind", KINDS) or EventKind.SWAP
    services = _services(cells.text("services", 200))
    if not services and kind == EventKind.SWAP:
        services = (Service.SWAP,)
    about = About(
        kind, services, cells.text("run_by", events.RUN_BY_MOST), cells.text("bring", events.BRING_MOST),
        cells.text("bring_en", events.BRING_MOST), bookable,
    )  # fmt: skip
    day = cells.day("date")
    hall = cells.text("hall", 80, needed=True)
    opens = cells.clock("from")
    closes = cells.clock("to")
    minutes = cells.whole("minutes", 5, 480) if bookable else 0
    places = cells.whole("places", 1, 500) if bookable else 0
    row = Day(day, hall, opens, closes, minutes, places, about)
    if not _slots(row):
        raise Fault(
            "từ giờ đến giờ không đủ một lượt / no slot fits between from and to"
        )
    return row


def _services(written: str) -> tuple[str, ...]:
    """Several with commas between them."""
    found: dict[str, None] = {}  # each once, in the order in which they are named
    for part in written.split(","):
        said = fold(part).strip()
        if not part.strip():
            continue
        if said not in SERVICES:
            raise Fault(
                f"services '{said}' không có / services must be of {', '.join(Service)}"
            )
        found[SERVICES[said]] = None
    return tuple(found)


def keep(work: Work, row: Day) -> Outcome:
    hall_id = _hall(work, row.hall)
    _refuse_day(work, row.day)
    slots = _slots(row)
    if row.about.kind not in events.ELSEWHERE:
        for starts, ends in slots:
            if work.tx.value(
                _OVERLAPS, hall_id=hall_id, starts_at=starts, ends_at=ends
            ):
                raise Fault(
                    "trùng giờ với lượt đã có / overlaps a slot that is there already"
                )
    day = row.day.isoformat()
    about = row.about
    event_id = work.tx.value(
        _EVENT,
        programme_id=work.programme_id,
        hall_id=hall_id,
        day=day,
        kind=about.kind,
        bookable=about.bookable,
    )
    is_new = event_id is None
    if event_id is None:
        event_id = events.new(
            work.tx, about, programme_id=work.programme_id, commune_id=work.commune_id, hall_id=hall_id, day=day,
            now=work.now, note="", counters=1,
        )  # fmt: skip
    added = 0
    for starts, ends in slots:
        added += work.tx.run(
            _NEW_SLOT,
            event_id=event_id,
            starts_at=starts,
            ends_at=ends,
            capacity=row.places,
        )
    if is_new:
        return NEW
    return Outcome("changed", (Change("slots", "", f"+{added}"),)) if added else SAME


def _hall(work: Work, name: str) -> int:
    """Its id. Raises Fault."""
    halls = {
        same(hall.name): hall.id
        for hall in work.tx.all(_HALLS, commune_id=work.commune_id)
    }
    hall_id = halls.get(same(name))
    if hall_id is None:
        raise Fault(f"không có nơi '{name}' / there is no hall '{name}'")
    return hall_id


def _refuse_day(work: Work, day: date) -> None:
    """A day that is over, too far ahead, or a holiday. Raises Fault."""
    today = days.today(from_ms(work.now))
    if day < today:
        raise Fault("ngày đã qua / the day has passed")
    if day > today + AHEAD_MOST:
        raise Fault("ngày còn hơn một năm nữa / the day is more than a year ahead")
    try:
        holidays.refuse(work.tx, work.commune_id, day.isoformat())
    except holidays.Holiday as problem:
        raise Fault(f"ngày nghỉ: {problem.name} / a holiday: {problem.name}") from None


def _slots(row: Day) -> list[tuple[int, int]]:
    """Start and end of each slot in UTC ms; what is left over at the end is cut off. Without times to book, one."""
    begins = datetime.combine(row.day, row.opens, days.TIMEZONE)
    ends = datetime.combine(row.day, row.closes, days.TIMEZONE)
    if not row.about.bookable:
        return [(to_ms(begins), to_ms(ends))] if begins < ends else []
    length = timedelta(minutes=row.minutes)
    slots = []
    while begins + length <= ends:
        slots.append((to_ms(begins), to_ms(begins + length)))
        begins += length
    return slots
