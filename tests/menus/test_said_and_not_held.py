"""What was heard is said first: a day, a hall or an hour that there is not is never
exchanged for another without a word.
"""

from __future__ import annotations

from datetime import date

import pytest

from menus.fitting import ONE_PART, SMS, fits
from menus.hearing.when import days
from menus.port import Known
from menus.sample import sample_world
from tests.menus.resident import NOW, Resident
from tests.menus.test_two_seats import both

# Friday 12 April; sessions on Sunday 14 (Quảng Trung I), Monday 15 (Quảng Tiến I) and
# Wednesday 17 (Quảng Hồng I).
HERE = date(2024, 4, 12)


def texting(hamlet: int | None = 3) -> Resident:
    known = Known(hamlet=hamlet)
    return Resident(known, channel="sms", budget=SMS, in_world=sample_world(NOW))


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (
            "DL hom nay 14h quang tien 2",
            "Hom nay khong co buoi o Quang Tien II. Gan nhat: CN 14/4 NVH Quang Trung I."
            " Lay khong?",
        ),
        (
            "chiều nay ở Quảng Hồng 1 tôi đến đổi máy",
            "Hom nay khong co buoi o Quang Hong I. Gan nhat: T4 17/4 NVH Quang Hong I."
            " Lay khong?",
        ),
        (
            "DL t2 8h quang trung 1",
            "T2 15/4 khong co buoi o Quang Trung I. Gan nhat: CN 14/4 NVH Quang Trung I."
            " Lay khong?",
        ),
        (
            "DL tuan sau quang trung 1",
            "Tuan sau khong co buoi o Quang Trung I. Gan nhat: CN 14/4 NVH Quang Trung"
            " I. Lay khong?",
        ),
        (
            "DL tháng sau",
            "Thang sau khong co buoi. Gan nhat: T4 17/4 NVH Quang Hong I. Lay khong?",
        ),
        (
            "DL ngay 15 thang sau",
            "T4 15/5 khong co buoi. Gan nhat: T4 17/4 NVH Quang Hong I. Lay khong?",
        ),
        (
            "DL quang tien 2",
            "Chua co buoi nao o Quang Tien II. Gan nhat: CN 14/4 NVH Quang Trung I."
            " Lay khong?",
        ),
        (
            "DL 14/4/2025",
            "T2 14/4/2025 khong co buoi. Gan nhat: T4 17/4 NVH Quang Hong I. Lay khong?",
        ),
    ],
)
def test_what_is_not_held_is_said_and_the_nearest_asked_about(
    said: str, answered: str
) -> None:
    resident = texting()
    first_line, _, _ = resident.text(said).partition("\n")
    assert first_line == answered
    assert fits(resident.screen.text, ONE_PART)


def test_the_nearest_is_taken_with_the_hour_that_was_said_and_still_confirmed() -> None:
    resident = texting()
    resident.text("DL hom nay 14h quang tien 2")
    assert resident.text("có").startswith("Dat 14h00 CN 14/4, NVH Quang Trung I?")
    assert resident.port.hold()
    assert resident.booking is None


def test_who_does_not_want_the_nearest_sees_the_others() -> None:
    resident = texting()
    resident.text("DL hom nay quang tien 2")
    assert "3. T4 17/4" in resident.text("2")


def test_the_nearest_to_a_swap_is_a_swap() -> None:
    """An account session in that hall is a day nearer than its swap day."""
    resident = Resident(Known(), channel="sms", budget=SMS, in_world=both())
    said = resident.text("dang ky doi may thu 4 ngay 24 quang trung 2")
    assert "Gan nhat: CN 21/4 NVH Quang Trung II" in said


@pytest.mark.parametrize(
    "said",
    ["DL mung 5", "DL mồng 5 8h", "DL rằm tháng này", "DL ngay 15 am quang trung 1"],
)
def test_a_day_that_may_be_by_the_moon_is_asked_back(said: str) -> None:
    resident = texting()
    assert resident.text(said).startswith("Ngay am hay duong? Xin chon ngay duong lich")
    assert "T4 17/4" in resident.text("3")


def test_in_a_list_the_fifteenth_is_the_line_of_that_day() -> None:
    resident = texting()
    resident.text("DL")
    assert resident.text("mùng 15").startswith("T2 15/4")


@pytest.mark.parametrize("said", ["hôm nay", "ngay 20", "thu 3 tuan sau", "mai"])
def test_a_day_that_a_list_has_not_is_said_too(said: str) -> None:
    resident = texting()
    resident.text("DL")
    assert "khong co buoi. Gan nhat:" in resident.text(said)


def test_from_the_hours_another_day_is_one_text_away() -> None:
    resident = texting()
    resident.text("toi muon doi may 4g o quang hong 1")
    assert resident.state == "PickSlot"
    assert "T7 13/4 khong co buoi o Quang Hong I" in resident.text("mai")
    resident.text("DL quang hong 1")
    assert "3. T2 15/4" in resident.text("toi muon hom khac")


def test_an_hour_that_there_is_not_is_said_above_those_there_are() -> None:
    resident = texting()
    asked = resident.text("DL cn 11h quang trung 1")
    assert asked.startswith("Khong co gio do, hoac da het cho.\nCN 14/4, NVH")


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ("thang sau", [date(2024, 5, 1), date(2024, 5, 31)]),
        ("ngay 15 thang sau", [date(2024, 5, 15)]),
        ("mung 5", [date(2024, 5, 5)]),
        ("ngay 15 am", []),
        ("ram", []),
    ],
)
def test_months_and_moons(said: str, on: list[date]) -> None:
    (day,) = days(said)
    may = [date(2024, 5, number) for number in range(1, 32)]
    fit = [each for each in may if day.is_on(each, HERE)]
    assert set(on) <= set(fit)
    assert bool(fit) is bool(on)
