"""The list of days that a resident is shown: open ones, own hamlet first, with the
seats that are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db.seats import free_slots
from db.store.engine import Database, Tx, to_ms
from menus.days import today
from menus.port import Event
from tests import factories


def _shown(tx: Tx, now: datetime, hamlet: int | None = None) -> Sequence[Event]:
    day = today(now).isoformat()
    return free_slots.events(
        tx, commune_id=factories.COMMUNE, hamlet_id=hamlet, today=day, now=to_ms(now)
    )


def test_a_day_is_shown_with_the_seats_left_over_all_its_times(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx, factories.hamlet(tx))
        event = factories.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=2), slots_=3, capacity=4
        )
        for number, slot in enumerate((event.slots[0], event.slots[0], event.slots[2])):
            factories.booking(
                tx,
                slot_id=slot,
                person_id=factories.person(tx, number=number),
                now=to_ms(now),
            )
        assert [(day.id, day.seats) for day in _shown(tx, now)] == [(event.id, 9)]


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_day_that_takes_no_bookings_is_not_shown(
    db: Database, now: datetime, state: str
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx, factories.hamlet(tx))
        event = factories.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=2)
        )
        assert [day.id for day in _shown(tx, now)] == [event.id]
        tx.run(
            text("UPDATE events SET state = :state WHERE id = :id"),
            state=state,
            id=event.id,
        )
        assert _shown(tx, now) == []


def test_a_full_day_is_shown_only_while_it_can_be_waited_for(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        hall = factories.hall(tx, factories.hamlet(tx))
        event = factories.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=2)
        )
        factories.booking(
            tx,
            slot_id=event.slots[0],
            person_id=factories.person(tx, number=1),
            now=to_ms(now),
        )
        assert [(day.id, day.seats) for day in _shown(tx, now)] == [(event.id, 0)]
        assert _shown(tx, now + timedelta(days=1, hours=13)) == []


def test_the_own_hamlet_comes_first_then_the_nearer_day(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        hamlets = [
            factories.hamlet(tx, f"Quảng Trung {place}", place) for place in (1, 2)
        ]
        halls = [factories.hall(tx, hamlet, f"NVH {hamlet}") for hamlet in hamlets]
        later, sooner = (
            factories.event_with_slots(
                tx, hall_id=hall, starts=now + timedelta(days=days)
            ).id
            for hall, days in zip(halls, (5, 2), strict=True)
        )
        assert [day.id for day in _shown(tx, now, hamlets[0])] == [later, sooner]
        assert [day.id for day in _shown(tx, now)] == [sooner, later]
