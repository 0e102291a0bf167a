"""How long a chosen time and an offered seat are kept: what may be set, what it is
unset, and that it is so.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from db.seats import bookings, waiting
from db.store.engine import Database, to_ms
from scheduler.__main__ import jobs
from settings import Settings, SettingsError, read
from tests import factories as make
from tests.gateway.carriers import Ussd, halls, serving
from tests.scheduler.conftest import Clock, at

KEYS = {
    "SECRET_KEY": "a secret of the tests",
    "PRIVACY_KEY": "another secret of the tests",
}
UNTIL = text("SELECT until FROM bookings WHERE status = :status")


def test_unset_a_time_is_kept_a_quarter_of_an_hour_and_an_offer_for_two_waking_hours() -> (
    None
):
    found = read({**KEYS, "HOLD_MINUTES": ""})
    assert (found.hold_minutes, found.offer_hours) == (15, 2)


@pytest.mark.parametrize(("minutes", "hours"), [("1", "1"), ("60", "12")])
def test_the_ends_of_what_may_be_set(minutes: str, hours: str) -> None:
    found = read({**KEYS, "HOLD_MINUTES": minutes, "OFFER_HOURS": hours})
    assert (found.hold_minutes, found.offer_hours) == (int(minutes), int(hours))


@pytest.mark.parametrize(
    ("name", "value", "must"),
    [("HOLD_MINUTES", "0", "from 1 to 60"), ("HOLD_MINUTES", "61", "from 1 to 60"),
     ("OFFER_HOURS", "0", "from 1 to 12"), ("OFFER_HOURS", "13", "from 1 to 12"),
     ("HOLD_MINUTES", "1.5", "a whole number"), ("OFFER_HOURS", "-2", "a whole number")],
)  # fmt: skip
def test_what_cannot_be_meant_stops_the_start_by_its_name(
    name: str, value: str, must: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'; it must be {must}"):
        read({**KEYS, name: value})


def test_a_time_chosen_by_phone_is_kept_as_long_as_is_set(
    db: Database, settings: Settings
) -> None:
    halls(db)
    with serving(replace(settings, hold_minutes=40)) as app:
        before = time.time()
        assert Ussd(app.test_client()).dial("2", "1", "1").startswith("CON Dat 8h00 ")
        after = time.time()
    with db.connection() as tx:
        kept = tx.value(UNTIL, status="held") / 1000 - 40 * 60
    assert before - 1 <= kept <= after + 1


def test_a_freed_seat_is_offered_for_as_many_waking_hours_as_are_set(
    db: Database, settings: Settings
) -> None:
    now = to_ms(at(12, "19:00"))
    with db.transaction() as tx:
        hall = make.hall(tx, make.hamlet(tx))
        (slot,) = make.event_with_slots(tx, hall_id=hall, starts=at(21, "08:00")).slots
        sits, waits = make.person(tx, number=1), make.person(tx, number=2)
        seat = make.booking(tx, slot_id=slot, person_id=sits, now=now)
        waiting.wait(
            tx, slot_id=slot, person_id=waits, booker_id=waits, now=now, origin="ussd"
        )
        bookings.cancel(tx, booking_id=seat.id, now=now)
    expire = jobs(db, replace(settings, offer_hours=5), Clock(at(12, "19:00")))[0][2]
    assert "1 seats offered" in expire()
    with db.connection() as tx:
        assert tx.value(UNTIL, status="offered") == to_ms(at(13, "10:00")), (
            "two hours this evening, three tomorrow"
        )
