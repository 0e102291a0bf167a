"""Registration days made and changed by hand, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from db.calendar import events
from db.changes import days
from db.progress.recount import recount
from db.reports import events as shown
from db.store.engine import Database, Tx, to_ms
from menus.port import SlotTaken
from tests import factories

PLAN = {
    "day": "2024-04-20",
    "first": "08:00",
    "last": "10:00",
    "minutes": 30,
    "places": 2,
}


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _plan(hall_id: object, **changes: object) -> events.Plan:
    return events.Plan(**{"hall_id": hall_id, **PLAN, **changes})  # type: ignore[arg-type]  # checked by the dataclass


def _create(tx: Tx, plan: events.Plan, at: int) -> int:
    return events.create(
        tx, plan, commune_id=factories.COMMUNE, programme_id=factories.PROGRAMME, now=at
    )


def _starts(tx: Tx, event_id: int, at: int) -> list[int]:
    return [slot.starts_at for slot in shown.slots_of(tx, event_id, now=at)]


def test_a_day_has_a_slot_for_each_half_hour_that_fits(db: Database, at: int) -> None:
    with db.transaction() as tx:
        made = _create(tx, _plan(factories.hall(tx), last="10:15"), at)
        slots = shown.slots_of(tx, made, now=at)
    assert [slot.capacity for slot in slots] == [2, 2, 2, 2]
    assert slots[0].starts_at == to_ms(datetime(2024, 4, 20, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "wrong",
    [{"day": "2024-04-11"}, {"day": "20/4"}, {"last": "08:10"}, {"last": "07:00"}, {"first": "25:00"}, {"minutes": 0},
     {"places": 0}, {"minutes": 5, "last": "23:00"}, {"hall_id": 99}],
)  # fmt: skip
def test_times_that_make_no_sense_make_no_day(
    db: Database, at: int, wrong: dict[str, object]
) -> None:
    with db.transaction() as tx, pytest.raises(events.BadTimes):
        _create(tx, _plan(**{"hall_id": factories.hall(tx), **wrong}), at)


def test_two_days_cannot_stand_at_one_hall_at_one_time(db: Database, at: int) -> None:
    with db.transaction() as tx:
        hall, other = factories.hall(tx), factories.hall(tx, name="Hội trường xã")
        _create(tx, _plan(hall), at)
        with pytest.raises(events.HallTaken):
            _create(tx, _plan(hall, first="09:30", last="11:00"), at)
        assert _create(tx, _plan(hall, first="10:00", last="11:00"), at)
        moving = _create(tx, _plan(other), at)
        with pytest.raises(events.HallTaken):
            days.edit(
                tx,
                moving,
                hall_id=hall,
                day="2024-04-20",
                first="08:30",
                places=None,
                note="",
                now=at,
            )


@pytest.mark.parametrize("first", ["08:30", "07:30", "14:00"])
def test_a_day_begins_earlier_or_later_with_all_its_slots_and_tells_who_is_booked(
    db: Database, at: int, first: str
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, _plan(hall), at)
        slots = shown.slots_of(tx, made, now=at)
        person = factories.person(tx, number=1, name="Nông Thị Hoa", now=at)
        alone = factories.person(tx, name="Hoàng Văn Sơn", now=at)
        booked = factories.booking(tx, slot_id=slots[1].id, person_id=person, now=at)
        factories.booking(tx, slot_id=slots[1].id, person_id=alone, now=at)
        before = _starts(tx, made, at)
        moved = days.edit(
            tx,
            made,
            hall_id=hall,
            day="2024-04-21",
            first=first,
            places=None,
            note="",
            now=at + 1000,
        )
        after = _starts(tx, made, at)
        kept = tx.all(
            text("SELECT revision, changed_at FROM bookings WHERE id = :id"),
            id=booked.id,
        )
        told = tx.all(text("SELECT kind, phone, revision, booking_id FROM messages"))
        to_tell = tx.all(text("SELECT person_id, kind, made_at FROM tasks"))
    assert [(outcome.what, outcome.people) for outcome in moved] == [
        ("shifted", (person,)),
        ("shifted", (alone,)),
    ]
    assert len({late - early for early, late in zip(before, after, strict=True)}) == 1
    assert after[0] > before[0]
    assert [tuple(one) for one in kept] == [(2, at + 1000)]
    assert [tuple(one) for one in told] == [
        ("event_moved", "+84990000001", 2, booked.id)
    ]
    assert [tuple(one) for one in to_tell] == [(alone, "tell", at + 1000)], (
        "no phone, no text: somebody must go"
    )


def test_a_note_or_more_places_tell_nobody(db: Database, at: int) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, _plan(hall), at)
        person = factories.person(tx, number=1, now=at)
        factories.booking(
            tx, slot_id=shown.slots_of(tx, made, now=at)[0].id, person_id=person, now=at
        )
        days.edit(
            tx,
            made,
            hall_id=hall,
            day="2024-04-20",
            first="08:00",
            places=9,
            note="Mang CCCD",
            now=at,
        )
        assert {slot.capacity for slot in shown.slots_of(tx, made, now=at)} == {9}
        assert tx.value(text("SELECT COUNT(*) FROM messages")) == 0


def test_fewer_places_than_people_is_shown_as_over_and_nobody_loses_a_seat(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, _plan(hall), at)
        slot = shown.slots_of(tx, made, now=at)[0]
        for number in (1, 2):
            factories.booking(
                tx,
                slot_id=slot.id,
                person_id=factories.person(tx, number=number, now=at),
                now=at,
            )
        days.edit(
            tx,
            made,
            hall_id=hall,
            day="2024-04-20",
            first="08:00",
            places=1,
            note="",
            now=at,
        )
        event = shown.event(tx, made, commune_id=factories.COMMUNE, now=at)
        assert event is not None
        assert (event.taken, event.capacity, event.over_by) == (2, 4, 1)
        assert shown.slots_of(tx, made, now=at)[0].taken == 2
        named = tx.all(text("SELECT person_id FROM bookings WHERE to_move ORDER BY id"))
        assert [row.person_id for row in named] == [2], (
            "who booked last is named to be moved"
        )
        assert recount(tx) == [], (
            "over by those named is no fault; one seat more would be"
        )
        tx.run(text("UPDATE bookings SET to_move = false"))
        assert recount(tx) == [f"slot {slot.id}: 2 seats taken, capacity 1"]


def test_a_closed_day_takes_no_more_and_a_cancelled_one_tells_everybody(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        made = _create(tx, _plan(factories.hall(tx)), at)
        slot = shown.slots_of(tx, made, now=at)[0].id
        factories.booking(
            tx, slot_id=slot, person_id=factories.person(tx, number=1, now=at), now=at
        )
        assert events.close(tx, made)
        assert not events.close(tx, made)
        with pytest.raises(SlotTaken):
            factories.booking(
                tx,
                slot_id=slot,
                person_id=factories.person(tx, number=2, now=at),
                now=at,
            )
        assert events.reopen(tx, made)
        assert [outcome.what for outcome in days.cancel(tx, made, now=at)] == [
            "cancelled"
        ]
        assert tx.value(text("SELECT status FROM bookings")) == "cancelled"
        assert tx.value(text("SELECT kind FROM messages")) == "event_cancelled"
        with pytest.raises(events.TooLate):
            days.cancel(tx, made, now=at)
        with pytest.raises(events.TooLate):
            days.edit(
                tx,
                made,
                hall_id=1,
                day="2024-04-22",
                first="08:00",
                places=None,
                note="",
                now=at,
            )


def test_a_day_that_has_begun_stays_where_it_is(
    db: Database, at: int, now: datetime
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx)
        made = _create(tx, _plan(hall), at)
        later = to_ms(datetime(2024, 4, 20, 1, 5, tzinfo=UTC))
        with pytest.raises(events.TooLate):
            days.edit(
                tx,
                made,
                hall_id=hall,
                day="2024-04-21",
                first="08:00",
                places=None,
                note="",
                now=later,
            )
        days.edit(
            tx,
            made,
            hall_id=hall,
            day="2024-04-20",
            first="08:00",
            places=3,
            note="",
            now=later,
        )
        with pytest.raises(events.TooLate):
            days.cancel(
                tx, made, now=later + int(timedelta(hours=3).total_seconds() * 1000)
            )
