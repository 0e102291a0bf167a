"""Texts that staff cause: nobody is woken by a clerk's late evening, and a full stop
holds, but for one's own day.
"""

from __future__ import annotations

from typing import Any

import pytest

from db.notices import also_told
from db.register import identity
from db.seats import bookings, seating
from db.store.engine import Database, to_ms
from db.texts import outbox, stops
from menus.notices import Kind
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, Town, at
from tests.scheduler.stand_in import Carrier, go

PHONE = make.phone(7)


def seat(db: Database, town: Town, clock: Clock, starts: str = "08:00") -> Any:
    """A line of a paper list, typed at the clock's hour for Sunday."""
    slot = town.slot(at(21, starts))
    with db.transaction() as tx:
        staff = make.staff(tx)
        actor = seating.Actor(make.COMMUNE, staff, None, "ticked", "k")
        guest = seating.Guest("Lương Văn Tài", PHONE, town.hamlet)
        return seating.seat(tx, guest, slot_id=slot, actor=actor, now=to_ms(clock.now))


def says(db: Database, kind: Kind, booking: Any, clock: Clock) -> None:
    """As the desk posts it."""
    with db.transaction() as tx:
        outbox.post(
            tx,
            kind=kind,
            commune_id=1,
            phone=PHONE,
            now=to_ms(clock.now),
            booking_id=booking.id,
            revision=1,
        )


def refuse_all(db: Database, settings: Settings) -> None:
    with db.transaction() as tx:
        stops.refuse(tx, identity.who(settings.privacy_key, PHONE), "all", 1)


def test_a_list_typed_at_half_past_ten_is_confirmed_at_seven(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    clock.now = at(20, "22:30")
    seat(db, town, clock)
    assert go(db, live, clock) == "1 put off"
    clock.now = at(21, "05:30")
    assert go(db, live, clock) == "nothing due"
    clock.now = at(21, "07:00")
    assert go(db, live, clock) == "1 sent"
    assert "Da dat lich" in carrier.taken[0].text


def test_whoever_is_booked_at_dawn_for_soon_after_is_told_in_time(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    clock.now = at(21, "05:40")
    seat(db, town, clock, "07:30")
    assert go(db, live, clock) == "1 sent"


def test_after_a_full_stop_a_clerks_booking_is_not_texted(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    refuse_all(db, live)
    seat(db, town, clock)
    assert go(db, live, clock) == "1 skipped"
    assert carrier.taken == []


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("desk_moved", "Xa Quang Lac: Can bo doi lich sang"),
        ("desk_cancelled", "Xa Quang Lac: Can bo da huy lich"),
    ],
)
def test_after_a_full_stop_the_news_that_ones_own_day_was_moved_or_cancelled_comes(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    kind: Kind,
    begins: str,
) -> None:
    booked = seat(db, town, clock)
    go(db, live, clock)
    refuse_all(db, live)
    says(db, kind, booked, clock)
    assert go(db, live, clock) == "1 sent"
    assert carrier.taken[-1].text.startswith(begins)


def test_at_night_a_clerks_move_waits_and_an_erased_number_hears_nothing(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    booked = seat(db, town, clock, "14:00")
    go(db, live, clock)
    clock.now = at(20, "23:00")
    says(db, "desk_moved", booked, clock)
    assert go(db, live, clock) == "1 put off"
    with db.transaction() as tx:
        stops.refuse(tx, identity.who(live.privacy_key, PHONE), "erased", 1)
    clock.now = at(21, "07:00")
    assert go(db, live, clock) == "1 skipped"


def test_what_a_resident_changed_by_their_own_keys_is_no_news_in_spite_of_a_stop(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    """The relative whose phone booked it wants no texts: a guest moved it, not the
    commune.
    """
    slot = town.slot(at(21, "08:00"))
    with db.transaction() as tx:
        booker = make.person(tx, number=7, hamlet_id=town.hamlet)
        guest = make.person(tx, number=8, hamlet_id=town.hamlet)
        made = bookings.book(
            tx, slot_id=slot, person_id=guest, booker_id=booker, now=1, origin="ussd"
        )
        also_told.tell(
            tx,
            "moved",
            [made.id],
            but=make.phone(8),
            commune_id=1,
            now=to_ms(clock.now),
        )
    refuse_all(db, live)
    assert go(db, live, clock) == "1 skipped"
