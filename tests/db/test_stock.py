"""What is left of a scheme's phones: those handed out and those kept for bookings are
gone; on both engines.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from db.places import schemes
from db.progress import conversions
from db.progress.recount import recount
from db.seats import bookings
from db.store.engine import Database, Tx, to_ms
from tests import factories

PLAN = schemes.Plan(
    "Đợt xuân",
    "2024-04-10",
    "2024-04-30",
    ("2g",),
    (),
    (),
    "any",
    False,
    3,
    "CCCD, máy cũ",
    "ID card, old phone",
)


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _left(tx: Tx, asking: str = schemes.NOBODY) -> int | None:
    found = schemes.current(tx, factories.COMMUNE, "2024-04-12", asking)
    assert found is not None
    return found.left


def _books(tx: Tx, at: int, number: int | None, day: int) -> int:
    hall = factories.hall(tx, name=f"NVH {number} {day}")
    starts = datetime(2024, 4, day, 1, tzinfo=UTC)
    slot = factories.event_with_slots(tx, hall_id=hall, starts=starts).slots[0]
    person = factories.person(tx, number=number, now=at)
    return int(factories.booking(tx, slot_id=slot, person_id=person, now=at).id)


def test_who_is_booked_has_one_kept_but_not_against_oneself(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        schemes.save(tx, factories.COMMUNE, PLAN)
        first = _books(tx, at, 1, 20)
        _books(tx, at, None, 30)
        assert (
            _left(tx),
            _left(tx, factories.phone(1)),
            _left(tx, factories.phone(9)),
        ) == (1, 2, 1)
        bookings.cancel(tx, booking_id=first, now=at)
        assert _left(tx) == 2


def test_a_booking_after_the_scheme_closed_keeps_nothing(db: Database, at: int) -> None:
    with db.transaction() as tx:
        schemes.save(tx, factories.COMMUNE, replace(PLAN, closes="2024-04-20"))
        _books(tx, at, 1, 20)
        _books(tx, at, 2, 21)
        assert _left(tx) == 2


def test_what_was_handed_over_is_not_kept_a_second_time(db: Database, at: int) -> None:
    with db.transaction() as tx:
        schemes.save(tx, factories.COMMUNE, PLAN)
        staff = factories.staff(tx)
        booked = _books(tx, at, 1, 20)
        person = tx.value(
            text("SELECT person_id FROM bookings WHERE id = :id"), id=booked
        )
        conversions.log(
            tx,
            programme_id=factories.PROGRAMME,
            indicator="handset_volte",
            subject_id=person,
            at=at,
            staff_id=staff,
        )
        row = schemes.listed(tx, factories.COMMUNE)[0]
        assert (row.handed_out, row.reserved, _left(tx)) == (1, 0, 2)
        assert recount(tx, at) == []


def test_what_is_not_counted_is_never_short(db: Database, at: int) -> None:
    with db.transaction() as tx:
        schemes.save(tx, factories.COMMUNE, replace(PLAN, stock=None))
        _books(tx, at, 1, 20)
        assert _left(tx) is None
        assert schemes.listed(tx, factories.COMMUNE)[0].reserved == 0
