"""The number on the poster leads to its session, with an hour or without, also of
whoever has a seat already.
"""

from __future__ import annotations

import pytest

from menus.days import at_local
from menus.port import Slot
from tests.menus.resident import Resident
from tests.menus.test_two_seats import NUMBER, kinds, someone, with_an_account

SWAP = "DL CN 21/4 8h quang trung 2"
ANOTHER, EVENT = 75, 92_000


def with_another_evening() -> Resident:
    """Who has the account seat of Thursday; on Friday there is such a session too."""
    resident = with_an_account()
    here = resident.world
    _, thursday = here.slots[710_001]
    friday = thursday.day.replace(day=26)
    event = thursday.replace(id=EVENT, day=friday)
    for number, clock in enumerate(("17:00", "17:30"), 1):
        key = 720_000 + number
        here.slots[key] = Slot(key, at_local(friday, clock), 6), event
    here.numbers[EVENT] = ANOTHER
    return resident


def slots(resident: Resident) -> list[int]:
    return [booked.slot for booked in resident.port.bookings()]


@pytest.mark.parametrize(
    "said", ["74 17h30", "DL 74 17h30", "buoi 74 luc 17h30", "17h30 74"]
)
def test_number_and_hour_book_at_once_beside_a_seat_of_another_kind(said: str) -> None:
    resident = someone()
    resident.text(SWAP, "1", said)
    assert resident.state == "Confirm", resident.screen.text
    resident.text("1")
    assert kinds(resident) == ["swap", "account"]
    assert slots(resident) == [700_001, 710_002]


def test_number_and_hour_move_the_seat_at_that_very_session() -> None:
    resident = with_an_account()
    resident.text("74 17h30")
    assert resident.state == "ConfirmMove", resident.screen.text
    resident.text("1")
    assert slots(resident) == [710_002]


@pytest.mark.parametrize("said", [str(NUMBER), "74 17h"])
def test_the_number_of_the_seat_one_has_shows_that_seat(said: str) -> None:
    resident = with_an_account()
    assert "Da co lich 17h00 T5 25/4" in resident.text(said)


def test_another_number_of_that_kind_leads_there_and_asks_before_it_moves() -> None:
    resident = with_another_evening()
    times = resident.text(str(ANOTHER))
    assert "T6 26/4" in times, times
    asked = resident.text("17h30")
    assert "Doi lich sang 17h30 T6 26/4" in asked, asked
    assert slots(resident) == [710_001]
    resident.text("1")
    assert slots(resident) == [720_002]


def test_another_number_with_the_hour_asks_at_once() -> None:
    resident = with_another_evening()
    assert "Doi lich sang 17h00 T6 26/4" in resident.text("75 17h")


def test_an_hour_that_this_session_has_not_is_said_so() -> None:
    resident = with_another_evening()
    said = resident.text("75 9h")
    assert "Khong co gio do" in said
    assert "T6 26/4" in said
