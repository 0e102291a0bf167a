"""What we tell people to text works wherever we say it: a booking that is being moved
is still moved, and one for the mother is still hers.
"""

from __future__ import annotations

import pytest

from menus.fitting import SMS
from menus.port import Known
from menus.sample import sample_world
from tests.menus.resident import NOW, Resident

# Sunday 14 (Quảng Trung I), Monday 15 (Quảng Tiến I), Wednesday 17 (Quảng Hồng I)


def texting(hamlet: int | None = 3) -> Resident:
    known = Known(hamlet=hamlet)
    return Resident(known, channel="sms", budget=SMS, in_world=sample_world(NOW))


def booked() -> Resident:
    resident = texting()
    resident.text("DL cn 8h", "1")
    assert resident.booking
    return resident


@pytest.mark.parametrize("said", ["DL T2 8H", "t2 8h quang tien 1", "T2 8h"])
def test_the_hint_above_the_days_moves_a_booking_that_is_being_moved(said: str) -> None:
    resident = booked()
    resident.text("LICH", "1")
    assert resident.text(said).startswith(
        "Doi lich sang 8h00 T2 15/4, NVH Quang Tien I"
    )
    resident.text("1")
    assert "15/4" in resident.text("LICH")
    assert len(resident.port.bookings()) == 1


def test_the_hint_books_for_the_mother_who_was_named() -> None:
    resident = booked()
    resident.text("LICH", "4", "Ly Thi Mau", "không có")
    assert "cho Ly Thi Mau" in resident.text("DL T2 8H")
    resident.text("1")
    names = [each.name for each in resident.port.bookings()]
    assert names == ["", "Ly Thi Mau"]


def test_who_has_a_time_and_names_another_is_asked_whether_to_move() -> None:
    resident = booked()
    asked = resident.text("DL t2 15/4 8h o quang tien 1")
    assert asked.startswith("Doi lich sang 8h00 T2 15/4")
    assert resident.text("2").startswith("Van giu lich")


def test_who_names_the_time_they_have_is_told_so() -> None:
    assert booked().text("DL cn 8h quang trung 1").startswith("Da co lich 8h00 CN 14/4")


def test_another_time_begins_with_the_hall_of_the_booking() -> None:
    resident = texting(None)
    resident.text("DL t4 8h quang hong 1", "1")
    assert resident.booking
    assert "1. T4 17/4 NVH Quang Hong I" in resident.text("doi lich")


def test_day_hour_and_number_in_answer_to_the_list_of_days_are_all_heard() -> None:
    resident = texting()
    resident.text("DL")
    asked = resident.text("t2 8h 3 me con o quang tien 1")
    assert asked.startswith("Dat 8h00 T2 15/4, NVH Quang Tien I cho 3 nguoi?")


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("dang ky cho 2 ong ba cn 8h", "cho 2 nguoi"),
        ("DL cn 8h cho hai ông bà", "cho 2 nguoi"),
        ("dat lich cho vo chong toi cn 8h", "cho 2 nguoi"),
        ("DL cn 8h cho ca vo toi nua", "cho 2 nguoi"),
        ("DL cn 8h 3 suất", "cho 3 nguoi"),
        ("DL cn 8h ca nha 4 nguoi", "cho 4 nguoi"),
        ("dl cn 8h 2 nguoi lon 1 tre em", "cho 3 nguoi"),
        ("dat ho me toi cn 8h", "cho Me?"),
        ("đặt lịch cn 8h cho bố mẹ tôi", "cho 2 nguoi"),
        ("DL cn 8h cho bà Lý Thị Mẫu", "cho Ly Thi Mau?"),
    ],
)
def test_whoever_was_said_to_come_is_on_the_booking(said: str, whom: str) -> None:
    resident = texting()
    assert f"8h00 CN 14/4, NVH Quang Trung I {whom}" in resident.text(said)
    resident.text("1")
    assert resident.booking
    is_for_others = whom.endswith("?") or "bố mẹ" in said
    assert resident.booking.own is not is_for_others


@pytest.mark.parametrize(
    "said", ["DL cn 8h dat ho ba voi", "DL cn 8h quang trung 1 nhe ba bang long"]
)
def test_who_speaks_of_themselves_books_for_themselves(said: str) -> None:
    assert "NVH Quang Trung I? Chon 1" in texting().text(said)


def test_who_brings_somebody_along_is_asked_how_many_come() -> None:
    resident = texting()
    resident.text("DL cn 8h")
    assert resident.text("vang, cho ca ong nha toi nua").startswith("Di may nguoi")


def test_the_hint_is_heard_while_another_time_is_up_for_confirmation() -> None:
    resident = texting()
    resident.text("DL cn 8h")
    assert resident.text("DL T2 9H").startswith("Dat 9h00 T2 15/4, NVH Quang Tien I?")


def test_the_hint_keeps_a_family_whose_names_are_being_asked_for() -> None:
    resident = texting()
    resident.text("DL cn 8h", "2", "3", "Ly Thi Mau")
    assert "cho 3 nguoi" in resident.text("DL T2 9H")


def test_a_day_in_answer_to_the_nearest_one_is_heard() -> None:
    resident = texting()
    resident.text("DL mai 8h")
    assert resident.text("t2 9h").startswith("Dat 9h00 T2 15/4")


def test_the_whole_family_is_asked_how_many_they_are() -> None:
    resident = texting()
    assert resident.text("DL cn 8h cho ca nha").startswith("Di may nguoi")
    assert "cho 4 nguoi" in resident.text("4", "1", "1", "1")
