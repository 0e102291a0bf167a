"""The commune that is measured: enough hamlets, events and times for thousands of
residents who each get a seat.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.store.engine import connect
from tests import factories

HAMLETS, EVENTS, SLOTS = 10, 10, 6
CAPACITY = 60  # a slot: 3,600 seats in all
TURNS = 6  # dial, book, hamlet, event, time, confirm


def furnish(url: str) -> None:
    """Into an upgraded database: hamlets, their halls, one event in each in the coming
    days.
    """
    now = datetime.now(UTC)
    starts = now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=2)
    db = connect(url)
    with db.transaction() as tx:
        for number in range(1, HAMLETS + 1):
            name = f"Quảng Trung {number}"
            hamlet = factories.hamlet(tx, name, number)
            hall = factories.hall(tx, hamlet, f"NVH {name}")
            factories.event_with_slots(
                tx, hall_id=hall, starts=starts, slots_=SLOTS, capacity=CAPACITY
            )
            starts += timedelta(days=1)
    db.close()
