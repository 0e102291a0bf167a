"""Two clerks put the same person on the list at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import text

from db.seats import seating, walk_ins
from db.store.engine import Database, to_ms
from menus.days import at_local, today
from tests import factories as make


def test_two_taps_at_once_make_one(db: Database, now: datetime) -> None:
    moment, day = to_ms(now), today(now)
    with db.transaction() as tx:
        home = make.hamlet(tx)
        hall = make.hall(tx, home)
        make.event_with_slots(
            tx, hall_id=hall, starts=now - timedelta(hours=1), slots_=4
        )
        staff = make.staff(tx)
    actor = seating.Actor(make.COMMUNE, staff, None, "ticked", "k")

    def tap(_: int) -> str:
        return db.again(
            lambda tx: walk_ins.arrive(
                tx, seating.Guest("Lương Văn Tài", "", home), hall_id=hall, day=day.isoformat(),
                midnight=to_ms(at_local(day, "00:00")), actor=actor, now=moment,
            )
        ).how  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tap, range(4))) == ["listed", "listed", "listed", "new"]
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM bookings")) == 1


def test_one_name_in_two_hamlets_is_two_people_and_in_one_hamlet_one(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        first, second = make.hamlet(tx), make.hamlet(tx, "Quảng Tiến II")
        event = make.event_with_slots(
            tx, hall_id=make.hall(tx, first), starts=now + timedelta(days=2), slots_=4
        )
        staff = make.staff(tx)
    actor = seating.Actor(make.COMMUNE, staff, None, "ticked", "k")
    lines = [
        seating.Line("", seating.Guest("Lương Văn Tài", "", home))
        for home in (first, second, None, first)
    ]
    outcomes = seating.seat_list(
        db, lines, event_id=event.id, actor=actor, now=to_ms(now)
    )
    assert [one.problem for one in outcomes] == ["", "", "", "already_booked"]
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM people")) == 3
