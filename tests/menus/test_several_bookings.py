"""HUY of whoever has several bookings, or only waits: it is said which, and asked once."""

from __future__ import annotations

import pytest

from menus.fitting import ONE_PART, SMS, fits
from menus.port import Known, Wait
from menus.sample import sample_world
from menus.world import Seat, Waiting
from tests.menus.resident import NOW, Resident

OWN, HERS, WAITED = "24892", "57518", "29123"


def texting() -> Resident:
    return Resident(
        Known(hamlet=3), channel="sms", budget=SMS, in_world=sample_world(NOW)
    )


def with_two() -> Resident:
    """A time of one's own on Sunday, and one for the mother on Monday."""
    resident = texting()
    phone = resident.port.phone
    mother = f"{phone} mother"
    here = resident.world
    here.names[mother] = "Lý Thị Mẫu"
    here.seats[1] = Seat(1, OWN, 1, phone, phone)
    here.seats[2] = Seat(2, HERS, 6, mother, phone)
    here.made = 10
    return resident


def waiting(resident: Resident) -> Resident:
    slot, event = resident.world.slots[2]
    for number in range(20, 20 + slot.seats):
        somebody = f"+849900090{number}"
        resident.world.seats[number] = Seat(
            number, f"{60_000 + number}", slot.id, somebody, somebody
        )
    wait = Wait(9, WAITED, slot.starts, event.hall, slot.id)
    resident.world.waits[9] = Waiting(resident.port.phone, wait)
    resident.world.made = 40
    return resident


def codes(resident: Resident) -> list[str]:
    return [booked.code for booked in resident.port.bookings()]


@pytest.mark.parametrize("said", ["HUY", "hủy lịch", "huy lich giup toi"])
def test_a_bare_huy_names_both_and_asks_which(said: str) -> None:
    resident = with_two()
    assert resident.text(said).split("\n") == [
        "Huy lich nao?",
        "1. 8h00 CN 14/4",
        "2. 8h30 T2 15/4 cho Ly Thi Mau",
        "3. Huy ca 2 lich",
        "4. Khong huy",
    ]
    assert fits(resident.screen.text, ONE_PART)
    assert codes(resident) == [OWN, HERS]
    resident.text("2")
    assert codes(resident) == [OWN]


def test_no_of_both_cancels_none() -> None:
    resident = with_two()
    resident.text("HUY", "4")
    assert codes(resident) == [OWN, HERS]


@pytest.mark.parametrize(
    "said", ["huy ca hai", "hủy cả 2 lịch", f"huy {OWN} {HERS}", f"huy {OWN} va {HERS}"]
)
def test_both_are_cancelled_after_one_question(said: str) -> None:
    resident = with_two()
    asked = resident.text(said)
    assert asked.startswith("Huy ca 2 lich: 8h00 CN 14/4, 8h30 T2 15/4 cho Ly Thi Mau?")
    assert codes(resident) == [OWN, HERS]
    assert resident.text("1").startswith("Da huy lich 8h00 CN 14/4, 8h30 T2 15/4")
    assert codes(resident) == []


def test_both_are_kept_by_a_no() -> None:
    resident = with_two()
    resident.text("huy ca hai", "không")
    assert codes(resident) == [OWN, HERS]


@pytest.mark.parametrize(
    "said", [f"giữ {OWN} hủy {HERS}", f"khong huy {OWN}, huy {HERS}"]
)
def test_a_code_belongs_to_its_verb(said: str) -> None:
    resident = with_two()
    resident.text(said)
    assert codes(resident) == [OWN]


def test_whoever_is_named_is_the_one_asked_about() -> None:
    resident = with_two()
    assert resident.text("huy lich cua ba Mau").startswith("Huy lich cho Ly Thi Mau")


@pytest.mark.parametrize(
    "said",
    [
        "HUY",
        "huy lich",
        "thoi khong cho nua",
        "thôi chờ",
        "bo ten toi khoi danh sach cho di",
        "xoa ten toi di",
        "take me off the waiting list",
    ],
)
def test_whoever_only_waits_leaves_the_list_by_huy_and_by_words(said: str) -> None:
    resident = waiting(texting())
    assert resident.text(said).startswith("Da thoi cho 8h30 CN 14/4")
    assert resident.port.wait() is None


@pytest.mark.parametrize("said", ["hủy chỗ", "HUY"])
def test_whoever_also_has_a_booking_is_asked_which(said: str) -> None:
    resident = waiting(with_two())
    resident.text(said)
    assert resident.port.wait()
    assert codes(resident) == [OWN, HERS]


@pytest.mark.parametrize("said", [OWN, f"ma {OWN}"])
def test_a_code_alone_shows_its_booking(said: str) -> None:
    assert with_two().text(said).startswith("Lich hen: 8h00 CN 14/4")


def test_co_with_a_nought_is_co() -> None:
    resident = with_two()
    assert resident.text(f"C0 {OWN}").startswith("Da ghi se den")


def test_who_does_not_book_hears_that_the_seat_is_given_back() -> None:
    resident = texting()
    resident.text("DL cn 8h")
    assert resident.text("khong dat").startswith("Da tra cho, khong dat.")
    assert resident.port.hold() is None
    assert resident.text("1").startswith("Nhan so dong")
