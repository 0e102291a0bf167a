"""Events from a list: one row a hall, a day and a stretch of hours, cut into slots
where it says how.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import events, holidays
from db.calendar.plans import (
    AHEAD_MOST,
    MINUTES_LEAST,
    MINUTES_MOST,
    SWAP_DAY,
    About,
    Stretch,
    cut,
)
from db.commands.imports.cells import Cells, Fault, plain_words
from db.commands.imports.work import NEW, SAME, Change, Outcome, Work
from db.models.states import EventKind, Service
from db.places.naming import same
from db.store.engine import to_ms
from db.store.local_days import day_at
from db.store.statements import Query, Scalar, Statement
from menus import days
from menus.hearing import fold
from menus.links import Barred, barred


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    hall: str
    opens: time
    closes: time
    minutes: int  # 0: no times to book
    places: int
    about: About = SWAP_DAY


_BARRED: dict[Barred, str] = {
    "link": "có đường dẫn / there is a link in it",
    "secret": "bảo gửi mật khẩu, mã OTP / it asks for a password",
}

# As a clerk writes them, folded; besides our own words.
KINDS = {
    **{kind.value: kind.value for kind in EventKind},
    "doi may": "swap", "doi may 4g": "swap", "mo tai khoan": "account", "tai khoan": "account",
    "viettel money": "account", "cong truong": "school", "truong": "school", "hoc phi": "school",
    "tap huan": "training", "lop hoc": "training", "nong dan": "farmers", "tap huan nong dan": "farmers",
    "hoi thao": "workshop", "hop": "meeting", "hop thon": "meeting", "ra quan": "street", "luu dong": "street",
    "den tung nha": "visits", "tham ho": "visits", "mo tai khoan viettel money": "account",
    "ban o cong truong": "school", "lop ky nang so": "training", "lop cho nong dan": "farmers",
    "hoi thao theo loi moi": "workshop", "ra quan luu dong": "street", "4g swap day": "swap",
    "viettel money accounts": "account", "school gate desk": "school", "digital skills training": "training",
    "training for farmers": "farmers", "workshop by invitation": "workshop", "street drive": "street",
    "house visits": "visits",
}  # fmt: skip
SERVICES = {
    **{service.value: service.value for service in Service},
    "doi may": "swap", "tai khoan": "account", "ma qr": "qr", "hoc phi": "tuition", "dien": "electricity",
    "tien dien": "electricity", "ung dung": "app", "cong dan so": "app", "dich vu cong": "online",
    "doi may 4g": "swap", "tai khoan viettel money": "account", "ma qr cho cua hang": "qr",
    "cong dan so xu lang": "app", "dich vu cong truc tuyen": "online", "4g swap": "swap",
    "viettel money account": "account", "qr code for a shop": "qr", "electricity bill": "electricity",
    "public services online": "online",
}  # fmt: skip


_HALL_WORDS = re.compile(r"^(?:nha van hoa|nvh)(?: thon| ban)? +")


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
    minutes_said = cells.text("minutes", 20)
    bookable = bool(minutes_said or cells.text("places", 20))
    about = _about(cells, bookable)
    day = cells.day("date")
    hall = cells.text("hall", 80, needed=True)
    opens = cells.clock("from")
    closes = cells.clock("to")
    minutes = 0
    places = 0
    if bookable:
        minutes = cells.whole("minutes", MINUTES_LEAST, MINUTES_MOST)
        places = cells.whole("places", 1, 500)
    row = Day(day, hall, opens, closes, minutes, places, about)
    if not _slots(row):
        raise Fault(
            "từ giờ đến giờ không đủ một lượt / no slot fits between from and to"
        )
    return row


def _about(cells: Cells, bookable: bool) -> About:
    kind = cells.choice("kind", KINDS) or EventKind.SWAP
    written = cells.text("services", 200)
    services = _services(written)
    if not services and kind == EventKind.SWAP:
        services = (Service.SWAP,)
    run_by = cells.text("run_by", events.RUN_BY_MOST)
    bring = cells.text("bring", events.BRING_MOST)
    bring_en = cells.text("bring_en", events.BRING_MOST)
    why = barred(f"{bring}; {bring_en}")
    if why is not None:
        raise Fault(_BARRED[why])
    return About(kind, services, run_by, bring, bring_en, bookable)


def _services(written: str) -> tuple[str, ...]:
    """Several with commas between them."""
    found: dict[str, None] = {}  # each once, in the order in which they are named
    for part in written.split(","):
        if not part.strip():
            continue
        said = plain_words(part)
        if said not in SERVICES:
            known = ", ".join(Service)
            raise Fault(f"services '{said}' không có / services must be of {known}")
        service = SERVICES[said]
        found[service] = None
    return tuple(found)


def keep(work: Work, row: Day) -> Outcome:
    hall_id = _hall(work, row.hall)
    _refuse_day(work, row.day)
    slots = _slots(row)
    about = row.about
    if about.kind not in events.ELSEWHERE:
        _refuse_overlap(work, hall_id, slots)
    day = row.day.isoformat()
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
            work.tx,
            about,
            programme_id=work.programme_id,
            commune_id=work.commune_id,
            hall_id=hall_id,
            day=day,
            now=work.now,
            note="",
            counters=1,
        )
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
    if not added:
        return SAME
    change = Change("slots", "", f"+{added}")
    return Outcome("changed", (change,))


def _refuse_overlap(work: Work, hall_id: int, slots: list[Stretch]) -> None:
    """Raises Fault."""
    for starts, ends in slots:
        overlaps = work.tx.value(
            _OVERLAPS, hall_id=hall_id, starts_at=starts, ends_at=ends
        )
        if overlaps:
            raise Fault(
                "trùng giờ với lượt đã có / overlaps a slot that is there already"
            )


def _hall(work: Work, name: str) -> int:
    """Its id. Raises Fault."""
    halls = work.tx.all(_HALLS, commune_id=work.commune_id)
    ids = {_hall_said(hall.name): hall.id for hall in halls}
    hall_id = ids.get(_hall_said(name))
    if hall_id is None:
        raise Fault(f"không có nơi '{name}' / there is no hall '{name}'")
    return hall_id


def _hall_said(name: str) -> str:
    """A hall as it is compared: `Nhà văn hóa thôn Quảng Trung 1` as `NVH Quảng Trung
    I`.
    """
    folded = fold(name)
    short = _HALL_WORDS.sub("nvh ", folded)
    return same(short)


def _refuse_day(work: Work, day: date) -> None:
    """A day that is over, too far ahead, or a holiday. Raises Fault."""
    today = day_at(work.now)
    if day < today:
        raise Fault("ngày đã qua / the day has passed")
    last = today + AHEAD_MOST
    if day > last:
        raise Fault("ngày còn hơn một năm nữa / the day is more than a year ahead")
    try:
        holidays.refuse(work.tx, work.commune_id, day.isoformat())
    except holidays.Holiday as problem:
        name = problem.name
        raise Fault(f"ngày nghỉ: {name} / a holiday: {name}") from None


def _slots(row: Day) -> list[Stretch]:
    """What is left over at the end is cut off. Without times to book it is one from
    beginning to end.
    """
    opens = datetime.combine(row.day, row.opens, days.TIMEZONE)
    closes = datetime.combine(row.day, row.closes, days.TIMEZONE)
    if not opens < closes:
        return []
    hours = Stretch(to_ms(opens), to_ms(closes))
    if row.about.bookable:
        return cut(hours, row.minutes)
    return [hours]
