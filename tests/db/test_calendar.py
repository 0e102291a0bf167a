"""Counters, breaks, holidays, and the same day again next week; on both engines."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import text

from db.calendar import events, holidays
from db.changes import days
from db.commands.imports import events as imported
from db.commands.imports.cells import Fault
from db.commands.imports.work import Work
from db.places.naming import Hamlets
from db.reports import events as shown
from db.store.engine import Database, Tx, from_ms, to_ms
from menus.days import hour
from tests import factories

PLAN = {
    "day": "2024-04-20",
    "first": "08:00",
    "last": "11:00",
    "minutes": 30,
    "places": 2,
}


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _create(tx: Tx, at: int, hall: int, **changes: object) -> int:
    plan = events.Plan(**{"hall_id": hall, **PLAN, **changes})  # type: ignore[arg-type]  # checked by the dataclass
    return events.create(
        tx, plan, commune_id=factories.COMMUNE, programme_id=factories.PROGRAMME, now=at
    )


def _edit(tx: Tx, event: int, at: int, hall: int, **changes: object) -> None:
    values = {
        "day": "2024-04-20",
        "first": "08:00",
        "places": None,
        "note": "",
        "hall_id": hall,
        **changes,
    }
    days.edit(tx, event, now=at, **values)  # type: ignore[arg-type]  # as above


def _times(tx: Tx, event: int, at: int) -> list[str]:
    return [hour(from_ms(slot.starts_at)) for slot in shown.slots_of(tx, event, now=at)]


def _seats(tx: Tx, event: int, at: int) -> set[int]:
    return {slot.capacity for slot in shown.slots_of(tx, event, now=at)}


def test_no_time_lies_in_the_break_and_after_it_they_begin_anew(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        made = _create(tx, at, factories.hall(tx), pause_from="09:15", pause_to="09:40")
        assert _times(tx, made, at) == ["8h00", "8h30", "9h40", "10h10"]


@pytest.mark.parametrize(
    ("out", "back"),
    [
        ("09:30", ""),
        ("", "09:30"),
        ("10:00", "09:30"),
        ("07:30", "08:30"),
        ("10:30", "11:30"),
        ("x", "y"),
    ],
)
def test_a_break_that_is_none_makes_no_day(
    db: Database, at: int, out: str, back: str
) -> None:
    with db.transaction() as tx, pytest.raises(events.BadTimes):
        _create(tx, at, factories.hall(tx), pause_from=out, pause_to=back)


def test_every_counter_has_its_places_and_editing_keeps_them_in_step(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, at, hall, counters=3)
        assert _seats(tx, made, at) == {6}
        _edit(tx, made, at, hall, places=4)
        assert _seats(tx, made, at) == {12}
        _edit(tx, made, at, hall, counters=2)
        assert _seats(tx, made, at) == {8}
        _edit(tx, made, at, hall, counters=1, places=5)
        assert _seats(tx, made, at) == {5}
        assert tx.value(text("SELECT counters FROM events")) == 1
        for wrong in (
            {"counters": 21},
            {"counters": 20, "places": 30},
            {"counters": 0, "places": 0},
        ):
            with pytest.raises(events.BadTimes):
                _edit(tx, made, at, hall, **wrong)
        for wrong in ({"counters": 0}, {"counters": 20, "places": 30}):
            with pytest.raises(events.BadTimes):
                _create(tx, at, hall, day="2024-04-21", **wrong)


def test_nothing_is_held_on_a_holiday_new_moved_or_copied(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, at, hall)
        assert (
            holidays.save(tx, factories.COMMUNE, day="2024-04-27", name="Ngày hội") == 0
        )
        for act in (
            lambda: _create(tx, at, hall, day="2024-04-27"),
            lambda: _edit(tx, made, at, hall, day="2024-04-27"),
            lambda: events.copy(tx, made, now=at),
        ):
            with pytest.raises(events.Holiday) as refused:
                act()
            assert (refused.value.name, refused.value.day) == ("Ngày hội", "2024-04-27")
        assert (
            holidays.save(tx, factories.COMMUNE, day="2024-04-20", name="Giỗ Tổ") == 1
        ), "one stands there already"
        _edit(tx, made, at, hall, places=5, note="vẫn mở")
        assert holidays.remove(tx, factories.COMMUNE, "2024-04-27")
        assert not holidays.remove(tx, factories.COMMUNE, "2024-04-27")
        assert events.copy(tx, made, now=at)
        assert [row.name for row in holidays.listed(tx, factories.COMMUNE)] == [
            "Giỗ Tổ"
        ]


def test_a_list_brings_no_day_that_is_a_holiday(db: Database, at: int) -> None:
    with db.transaction() as tx:
        factories.hall(tx)
        holidays.save(tx, factories.COMMUNE, day="2024-04-20", name="Giỗ Tổ")
        row = imported.Day(
            date(2024, 4, 20), "NVH Quảng Trung I", time(8), time(11), 30, 2
        )
        with pytest.raises(Fault, match="Giỗ Tổ"):
            imported.keep(
                Work(
                    tx,
                    factories.COMMUNE,
                    factories.PROGRAMME,
                    at,
                    "",
                    Hamlets(tx, factories.COMMUNE),
                ),
                row,
            )


def test_the_same_day_again_next_week_has_everything_but_the_people(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(
            tx,
            at,
            hall,
            counters=2,
            note="Mang CCCD",
            pause_from="09:00",
            pause_to="09:30",
        )
        slots = shown.slots_of(tx, made, now=at)
        tx.run(text("UPDATE slots SET capacity = 9 WHERE id = :id"), id=slots[0].id)
        factories.booking(
            tx,
            slot_id=slots[0].id,
            person_id=factories.person(tx, number=1, now=at),
            now=at,
        )
        again = events.copy(tx, made, now=at)
        event = shown.event(tx, again, commune_id=factories.COMMUNE, now=at)
        assert event is not None
        assert (
            event.day,
            event.hall_id,
            event.note,
            event.counters,
            event.state,
            event.taken,
        ) == ("2024-04-27", hall, "Mang CCCD", 2, "open", 0)
        assert _times(tx, again, at) == _times(tx, made, at)
        assert [slot.capacity for slot in shown.slots_of(tx, again, now=at)] == [
            9,
            4,
            4,
            4,
            4,
        ]
        with pytest.raises(events.HallTaken):
            events.copy(tx, made, now=at)
        with pytest.raises(events.BadTimes):
            events.copy(tx, made, now=at + 30 * 24 * 3_600_000)
