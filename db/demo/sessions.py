"""The demo's sessions of every kind beside the swap days: a week's plan that returns,
and who came to the last ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import text

from db.calendar import events
from db.calendar.plans import About, Plan
from db.demo.homes import Homes
from db.demo.places import COMMUNE, COMMUNE_HALL, PROGRAMME, SCHOOL_GATE, add
from db.demo.registration import AHEAD, Hall, all_halls, days_from
from db.demo.residents import Home
from db.demo.stage import SAID, Stage
from db.models import slots
from db.models.states import EventKind as Kind
from db.models.states import Service
from db.register import schools
from db.seats import who_came
from db.store.engine import Tx
from db.store.statements import Query

BACK = 14  # days before today of which there is something to look back on
AGENTS, YOUTH, OFFICE = (
    "Nhân viên Viettel Lạng Sơn",
    "Đoàn Thanh niên xã",
    "Cán bộ văn hóa xã",
)


class There(NamedTuple):
    """A session, or a swap day, that is there already."""

    hall_id: int
    day: str  # ISO
    kind: str


class Planned(NamedTuple):
    """What is held on a weekday (0 Monday): where, from when to when, and what. Without
    `minutes` nothing is booked.
    """

    weekday: int
    where: str  # a hall by name; empty: the hamlets' in turn
    first: str
    last: str
    minutes: int
    about: About


def _what(
    kind: Kind,
    services: tuple[Service, ...],
    run_by: str,
    bring: str = "",
    timed: bool = False,
) -> About:
    return About(
        kind, services, f"{run_by} {SAID}", bring, "ID card" if bring else "", timed
    )


_ALL = (Service.ACCOUNT, Service.APP, Service.QR)
PLAN = (
    Planned(0, "", "19:00", "20:30", 0, _what(Kind.MEETING, (), "Trưởng thôn")),
    Planned(
        1,
        "",
        "19:00",
        "20:30",
        0,
        _what(Kind.TRAINING, (Service.APP, Service.ONLINE), YOUTH, "máy đang dùng"),
    ),
    Planned(
        2,
        SCHOOL_GATE,
        "06:45",
        "07:45",
        0,
        _what(Kind.SCHOOL, (Service.TUITION, Service.ACCOUNT), AGENTS),
    ),
    Planned(
        3,
        "",
        "17:00",
        "18:30",
        15,
        _what(Kind.ACCOUNT, _ALL, AGENTS, "căn cước", timed=True),
    ),
    Planned(
        4,
        "",
        "19:00",
        "20:30",
        0,
        _what(Kind.FARMERS, (Service.ONLINE,), "Hội Nông dân xã"),
    ),
    Planned(
        4,
        COMMUNE_HALL,
        "14:00",
        "16:00",
        0,
        _what(Kind.WORKSHOP, (Service.QR,), OFFICE),
    ),
    Planned(
        5,
        "",
        "15:00",
        "17:00",
        0,
        _what(Kind.STREET, (Service.QR, Service.TV360), YOUTH),
    ),
    Planned(
        6,
        "",
        "14:00",
        "17:00",
        0,
        _what(Kind.VISITS, (Service.ELECTRICITY, Service.APP), "Tổ công nghệ số"),
    ),
)


_THERE = Query(
    text(
        "SELECT hall_id, day, kind FROM events WHERE commune_id = :commune_id AND day >= :since"
    ),
    There,
)


def fill(tx: Tx, today: date, now: int, back: int = 0) -> int:
    """Add what the plan has and the calendar lacks, from so many days before today on;
    how many sessions.
    """
    since = today - timedelta(days=back)
    there = tx.all(_THERE, commune_id=COMMUNE, since=since.isoformat())
    held = {(row.day, row.kind) for row in there}
    taken = {(row.hall_id, row.day) for row in there}
    halls = all_halls(tx)
    added = 0
    for day in days_from(tx, since, back + AHEAD):
        iso = day.isoformat()
        for planned in _of_weekday(day.weekday()):
            if (iso, planned.about.kind) in held:
                continue
            in_turn = _in_turn(halls, planned, day)
            hall = next(hall for hall in in_turn if (hall.id, iso) not in taken)
            _hold(tx, planned, hall, day, now)
            taken.add((hall.id, iso))
            added += 1
    return added


def _of_weekday(weekday: int) -> list[Planned]:
    return [planned for planned in PLAN if planned.weekday == weekday]


def _in_turn(halls: list[Hall], planned: Planned, day: date) -> list[Hall]:
    """The hall that is named, or those of the hamlets, each week another first."""
    named = [hall for hall in halls if hall.name == planned.where]
    if named:
        return named
    of_hamlets = [hall for hall in halls if hall.hamlet_id is not None]
    week = day.toordinal() // 7
    turn = week * len(PLAN) + PLAN.index(planned)
    first = turn % len(of_hamlets)
    return of_hamlets[first:] + of_hamlets[:first]


def _hold(tx: Tx, planned: Planned, hall: Hall, day: date, now: int) -> int:
    """Its id. Of the past, too: the calendar itself makes no event that is over."""
    about = planned.about
    if about.kind == Kind.SCHOOL:
        school_id = _at_the_gate(tx)
        about = replace(about, school_id=school_id)
    plan = Plan(
        hall.id,
        day.isoformat(),
        planned.first,
        planned.last,
        planned.minutes,
        2,
        about=about,
    )
    event_id = events.new(
        tx,
        plan.about,
        programme_id=PROGRAMME,
        commune_id=COMMUNE,
        hall_id=hall.id,
        day=plan.day,
        now=now,
        note="",
        counters=1,
    )
    for starts, ends in plan.times():
        add(
            tx,
            slots,
            event_id=event_id,
            starts_at=starts,
            ends_at=ends,
            capacity=plan.capacity,
        )
    return event_id


def _at_the_gate(tx: Tx) -> int | None:
    """The school whose gate SCHOOL_GATE is."""
    all_schools = schools.all_of(tx, COMMUNE)
    if not all_schools:
        return None
    return all_schools[0].id


class Past(NamedTuple):
    id: int
    kind: str
    day: str  # ISO
    ends_at: int  # UTC ms


_PAST = Query(
    text("""
    SELECT e.id, e.kind, e.day, MAX(s.ends_at) AS ends_at FROM events e JOIN slots s ON s.event_id = e.id
    WHERE e.commune_id = :commune_id AND e.kind <> 'swap' AND e.day < :today
    GROUP BY e.id, e.kind, e.day
    ORDER BY e.day, e.id
    """),
    Past,
)
HEADS = {
    Kind.MEETING: 41, Kind.TRAINING: 17, Kind.SCHOOL: 26, Kind.ACCOUNT: 6, Kind.FARMERS: 22, Kind.WORKSHOP: 14,
    Kind.STREET: 33, Kind.VISITS: 9,
}  # fmt: skip
NAMED = 3  # of each, besides the heads


def look_back(stage: Stage, dealt: Homes) -> None:
    """To each that is over some came who are known, and others were counted; once a
    count was put right.
    """
    sessions = stage.tx.all(_PAST, commune_id=COMMUNE, today=stage.iso(0))
    homes = iter(dealt.visited)
    for number, past in enumerate(sessions):
        for home in islice(homes, NAMED):
            _came(stage, past, home)
        kind = Kind(past.kind)
        heads = HEADS[kind] + number
        if number == 0:
            _count(stage, past, heads + 10)
            _correct(stage, past, heads)
        else:
            _count(stage, past, heads)


def _came(stage: Stage, past: Past, home: Home) -> None:
    who_came.came(
        stage.tx,
        past.id,
        home.holder.id,
        staff_id=stage.clerk_id,
        today=past.day,
        now=past.ends_at,
    )


def _count(stage: Stage, past: Past, heads: int) -> None:
    form_key = f"demo heads {past.id}"
    who_came.count(
        stage.tx,
        past.id,
        heads,
        staff_id=stage.clerk_id,
        form_key=form_key,
        today=past.day,
        now=past.ends_at,
    )


def _correct(stage: Stage, past: Past, heads: int) -> None:
    count_id = _counted(stage.tx, past.id)
    form_key = f"demo again {past.id}"
    who_came.correct(
        stage.tx,
        count_id,
        heads,
        event_id=past.id,
        staff_id=stage.clerk_id,
        form_key=form_key,
        now=past.ends_at,
    )


class Count(NamedTuple):
    id: int


_COUNT = Query(text("SELECT id FROM head_counts WHERE event_id = :event_id"), Count)


def _counted(tx: Tx, event_id: int) -> int:
    (line,) = tx.all(_COUNT, event_id=event_id)
    return line.id
