"""Two clerks put the same person on the list at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db.models import event_services
from db.seats import bookings, seating, walk_ins
from db.store.engine import Database, Tx, to_ms
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
                tx,
                seating.Guest("Lương Văn Tài", "", home),
                hall_id=hall,
                day=day.isoformat(),
                midnight=to_ms(at_local(day, "00:00")),
                actor=actor,
                now=moment,
            )
        ).how

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


def _arrives(db: Database, who: seating.Guest, hall: int, now: datetime) -> str:
    with db.transaction() as tx:
        staff = make.staff(tx)
    actor = seating.Actor(make.COMMUNE, staff, None, "ticked", "k")
    day = today(now)
    return db.again(
        lambda tx: walk_ins.arrive(
            tx,
            who,
            hall_id=hall,
            day=day.isoformat(),
            midnight=to_ms(at_local(day, "00:00")),
            actor=actor,
            now=to_ms(now),
        )
    ).how


def _of_kind(tx: Tx, event: int, kind: str, *services: str) -> None:
    tx.run(text("UPDATE events SET kind = :kind WHERE id = :id"), kind=kind, id=event)
    for service in services:
        tx.run(event_services.insert().values(event_id=event, service=service))


@pytest.mark.parametrize(
    ("here", "how", "left"),
    [(("account",), "new", "booked"), (("account", "swap"), "early", "cancelled")],
)
def test_a_seat_of_another_kind_goes_only_where_this_visit_serves_it(
    db: Database, now: datetime, here: tuple[str, ...], how: str, left: str
) -> None:
    with db.transaction() as tx:
        home = make.hamlet(tx)
        hall, far = make.hall(tx, home), make.hall(tx, home, "Hội trường")
        session = make.event_with_slots(
            tx, hall_id=hall, starts=now - timedelta(hours=1), slots_=4
        )
        swap = make.event_with_slots(
            tx, hall_id=far, starts=now + timedelta(days=2), slots_=1
        )
        _of_kind(tx, session.id, "account", *here)
        _of_kind(tx, swap.id, "swap", "swap")
        who = make.person(tx, number=1, name="Lương Văn Tài", hamlet_id=home)
        bookings.book(
            tx,
            slot_id=swap.slots[0],
            person_id=who,
            booker_id=who,
            now=to_ms(now),
            origin="sms",
        )
    guest = seating.Guest("Lương Văn Tài", make.phone(1), home)
    assert _arrives(db, guest, hall, now) == how
    with db.connection() as tx:
        assert (
            tx.value(
                text("SELECT status FROM bookings WHERE slot_id = :id"),
                id=swap.slots[0],
            )
            == left
        )
