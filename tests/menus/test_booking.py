"""Residents book, see, change and cancel a time, over the port in memory."""

from __future__ import annotations

import re

import pytest

from menus import words
from menus.fitting import fold
from tests.menus.resident import NOW, REGISTERED, Resident, world


def later(*those: Resident, **how_long: float) -> None:
    for one in those:
        one.wait(**how_long)


def test_a_registered_resident_has_a_booking_four_keypresses_after_dialling() -> None:
    someone = Resident(REGISTERED)
    someone.dial()
    said = someone.press("2", "1", "1", "1")
    assert someone.screen.ends
    assert said.startswith("Da dat 8h00 CN 21/4, NVH Quang Trung III. Ma 48315.")
    assert someone.booking


def test_what_is_agreed_to_is_on_the_screen_and_kept_with_the_answer() -> None:
    someone = Resident(REGISTERED)
    assert "dong y cho xa luu so nay" in someone.dial("2", "1", "1")
    someone.press("1")
    (consent,) = someone.consents
    assert consent.prompt == f"confirm:{words.VERSION}"
    assert consent.answer == "1"


def test_nothing_is_booked_before_the_last_key() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1")
    assert someone.port.done == ["keep"]
    someone.press("4")
    assert someone.port.done == ["keep", "let go"] and someone.port.hold() is None
    assert someone.screen.text.startswith("Phuong")


def test_a_stranger_is_asked_the_hamlet_once_and_sees_its_hall_first() -> None:
    someone = Resident()
    assert "thon nao" in someone.dial("2")
    first = someone.press("3").split("\n")[1]
    assert "5/5" in first
    assert "thon nao" not in someone.press("00", "2")


def test_the_nearest_event_comes_first_after_the_own_hamlets() -> None:
    someone = Resident(REGISTERED)
    days = re.findall(r"\d+\. \w+ (\d+/\d)", someone.dial("2"))
    assert days == ["21/4", "28/4", "5/5"]


def test_the_last_seat_goes_once_and_the_other_is_told_politely() -> None:
    here = world(events=1, clocks=("08:00", "09:00"), seats=1)
    quick, slow = (
        Resident(REGISTERED, in_world=here),
        Resident(REGISTERED, in_world=here, phone="+84990000002"),
    )
    slow.dial("2", "1", "1")
    later(quick, slow, minutes=16)  # what was kept for the slow one is free again
    quick.dial("2", "1", "1")
    assert quick.press("1").startswith("Da dat 8h00")
    told = slow.press("1")
    assert told.startswith("Gio nay vua het cho. Xin chon gio khac.")
    assert "1. 8h00 (het)" in told
    assert slow.press("2", "1").startswith("Da dat 9h00")


def test_when_everything_is_full_and_too_near_to_wait_a_person_can_be_asked_to_call() -> (
    None
):
    here = world(events=1, clocks=("08:00",), seats=1)
    Resident(REGISTERED, in_world=here).dial("2", "1", "1", "1")
    late = Resident(REGISTERED, in_world=here, phone="+84990000002")
    later(late, days=8, hours=15)
    assert late.dial("2").startswith("Hien chua co buoi nao con cho")
    assert "dong y" in late.press("1")
    assert "Da ghi" in late.press("1")
    assert late.port.done == ["ask call_me"]


def test_the_whole_event_filled_up_while_the_resident_was_choosing() -> None:
    here = world(events=1, clocks=("08:00",), seats=1)
    slow = Resident(REGISTERED, in_world=here, phone="+84990000002")
    slow.dial("2", "1", "1")
    quick = Resident(REGISTERED, in_world=here)
    later(slow, quick, minutes=16)
    quick.dial("2", "1", "1", "1")
    assert "1. 8h00 (het)" in slow.press("1")
    assert slow.booking is None


def test_when_the_last_time_of_a_hall_goes_the_other_halls_are_offered_with_the_reason() -> (
    None
):
    here = world(events=2, clocks=("08:00",), seats=1)
    slow = Resident(REGISTERED, in_world=here, phone="+84990000002")
    later(slow, days=8, hours=15)  # too near to wait for
    slow.dial("2", "1", "1")
    quick = Resident(REGISTERED, in_world=here)
    later(quick, days=8, hours=15, minutes=16)
    slow.wait(minutes=16)
    quick.dial("2", "1", "1", "1")
    told = slow.press("1")
    assert told.startswith("Gio nay vua het cho. Xin chon gio khac.\nChon ngay va noi:")
    assert "21/4" not in told
    assert not slow.press("1").startswith("Gio nay")


def test_a_time_that_began_meanwhile_is_not_booked() -> None:
    someone = Resident(REGISTERED, in_world=world(events=1, clocks=("08:00",)))
    someone.dial("2", "1", "1")
    someone.wait(days=30)
    someone.press("1")
    assert someone.booking is None
    assert not someone.screen.ends


def test_who_has_a_booking_sees_it_at_home_and_is_not_given_a_second_one() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1", "1")
    assert someone.dial().startswith(
        "Da hen 8h00 CN 21/4, NVH Quang Trung III. Ma 48315"
    )
    assert someone.press("2").startswith("Da co lich 8h00")


def test_a_booking_is_changed_to_another_time_with_the_same_code() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1", "1")
    assert someone.dial("3").startswith("Lich hen: 8h00")
    someone.press("1", "2", "1")
    assert someone.screen.text.startswith("Doi lich sang 8h00 CN 28/4")
    assert someone.press("1").startswith(
        "Da doi lich sang 8h00 CN 28/4, NVH Quang Trung III. Ma 48315"
    )
    assert someone.port.done == ["keep", "book", "keep", "move"]
    assert someone.booking and someone.booking.revision == 2


def test_the_old_time_is_kept_when_the_new_one_is_gone_or_not_wanted() -> None:
    here = world(events=2, clocks=("08:00",), seats=1)
    someone = Resident(REGISTERED, in_world=here)
    someone.dial("2", "1", "1", "1")
    other = Resident(REGISTERED, in_world=here, phone="+84990000002")
    someone.dial("3", "1", "2", "1")
    assert someone.screen.text.startswith("Doi lich sang 8h00 CN 28/4")
    later(someone, other, minutes=16)
    other.dial("2", "2", "1", "1")
    assert "Doi lich sang" not in someone.press("1")
    assert someone.booking and someone.booking.starts.day == 21
    third = Resident(REGISTERED)
    third.dial("2", "1", "1", "1")
    third.dial("3", "1", "2", "1")
    assert third.press("2").startswith("Van giu lich: 8h00 CN 21/4")
    assert third.port.done == ["keep", "book", "keep", "let go"]


def test_cancelling_asks_once() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1", "1")
    assert someone.dial("3", "2").startswith("Huy lich 8h00 CN 21/4")
    assert someone.press("2").startswith("Van giu lich")
    someone.dial("3", "2")
    assert someone.press("1").startswith("Da huy lich 8h00 CN 21/4")
    assert someone.booking is None
    assert someone.dial("2", "1", "1", "1").startswith("Da dat ")


def test_a_booking_cancelled_by_staff_meanwhile_is_not_cancelled_twice() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1", "1")
    someone.dial("3", "2")
    staff = Resident(in_world=someone.world, phone=someone.port.phone)
    booking = staff.booking
    assert booking
    staff.port.cancel(booking.id)
    assert someone.press("1").startswith("Chua co lich hen nao")
    assert "Dat lich" in someone.screen.text


def test_by_sms_the_answer_is_the_confirmation_with_all_that_is_needed() -> None:
    someone = Resident(REGISTERED, channel="sms")
    said = someone.text("DL", "1", "1", "1")
    assert said == (
        "Phuong Luong Van Tri: Da dat lich 8h00 CN 21/4, NVH Quang Trung III. Ma 48315."
        " Mang CCCD, may cu. Huy: nhan HUY 48315."
    )


@pytest.mark.parametrize("word", ["HUY 48315", "huỷ 48315", "Huy:48315"])
def test_one_text_with_the_code_cancels(word: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1", "1")
    assert someone.text(word).startswith("Da huy lich 8h00 CN 21/4")


def test_without_the_code_it_asks_once_and_a_wrong_code_cancels_nothing() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1", "1")
    assert someone.text("HUY 11111").startswith("Khong thay ma nay")
    assert someone.text("HUY").startswith("Huy lich 8h00")
    assert someone.booking
    assert someone.text("1").startswith("Da huy lich")


def test_one_text_with_the_code_changes_the_time() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1", "1")
    assert someone.text("DOI 48315").startswith("Nhan so dong")
    assert someone.text("1", "1", "1").startswith("Da doi lich sang ")


def test_a_code_is_good_only_from_the_phone_it_belongs_to() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1", "1")
    thief = Resident(in_world=someone.world, channel="sms", phone="+84990000666")
    assert thief.text("HUY 48315").startswith("Khong thay")
    assert thief.text("LICH 48315").startswith("Khong thay")
    assert someone.booking


def test_stopping_and_starting_is_told_with_the_hour() -> None:
    someone = Resident(channel="sms")
    assert someone.text("TC").startswith(
        "Da nhan luc 9h00. Tu luc do khong gui tin quang cao"
    )
    assert someone.text("TC DV").startswith(
        "Da nhan luc 9h00. Tu luc do chi tra loi tin nhan toi"
    )
    assert someone.text("START").startswith("Tu nay so nay nhan lai")
    assert someone.port.done == ["stop advert", "stop all", "start"]


def test_asking_to_be_called_states_what_the_number_is_kept_for() -> None:
    someone = Resident()
    assert "dong y, xa luu so nay de goi" in someone.dial("4", "1", "1"), (
        "a stranger says where first"
    )
    assert "Da ghi" in someone.press("1")
    assert someone.consents[0].prompt == f"call_me:{words.VERSION}"
    other = Resident()
    assert other.dial("4", "1", "1", "2") == fold(words.say("vi", "not_asked"))
    assert other.port.done == []


def test_dialling_the_day_before_it_is_still_the_same_day_for_the_desk() -> None:
    someone = Resident(REGISTERED)
    assert someone.now == NOW
    assert "21/4" in someone.dial("2")


@pytest.mark.parametrize(
    "said", ["DL CN 8H 3 NGUOI", "dat lich cho 3 nguoi cn 8h", "dl 8h cn ba me con nha"]
)
def test_one_text_keeps_places_for_a_family(said: str) -> None:
    someone = Resident(REGISTERED, in_world=world(events=1), channel="sms")
    asked = someone.text(said)
    assert "Dat 8h00 CN 21/4, NVH Quang Trung III cho 3 nguoi" in asked
    assert "cho 3 nguoi" in someone.text("1")
    assert someone.booking
    assert someone.booking.places == 3


def test_more_than_fit_on_one_booking_is_said() -> None:
    someone = Resident(REGISTERED, in_world=world(events=1), channel="sms")
    assert someone.text("DL CN 8H 7 NGUOI").startswith(
        "Moi lan dat nhieu nhat 5 nguoi."
    )
    assert someone.booking is None


def test_a_third_day_of_the_week_is_no_three_people() -> None:
    someone = Resident(REGISTERED, in_world=world(events=1), channel="sms")
    assert (
        "3 nguoi"
        not in someone.text("DL thu 3 nguoi ta co lam khong").partition("Chon")[0]
    )


def test_the_times_of_an_early_morning_are_headed_by_the_communes_own_day() -> None:
    someone = Resident(REGISTERED, in_world=world(clocks=("06:30", "08:00")))
    assert someone.dial("2", "1").startswith("CN 21/4, NVH")


def test_when_the_mother_has_a_time_already_the_kept_seat_is_for_somebody_else() -> (
    None
):
    commune = world()
    mother = Resident(REGISTERED, in_world=commune, phone="+84990000002")
    mother.dial("2", "1", "1", "1")
    daughter = Resident(REGISTERED, in_world=commune)
    daughter.dial("2", "1", "2", "3", "Ly Thi Mau", "0990000002")
    said = daughter.press("1").split("\n")
    assert said == [
        "Nguoi duoc dat ho da co lich hen roi.",
        "1. Dat cho nguoi khac",
        "2. Khong dat",
        "0. Quay lai",
    ]
    assert daughter.port.hold()
    assert "Dat ho ai?" in daughter.press("1")
    assert "cho Hoang Van La" in daughter.press("Hoang Van La", "1")
    assert (
        "Da dat" in daughter.press("1") and "cho Hoang Van La" in daughter.screen.text
    )


def test_who_books_for_nobody_after_all_lets_the_seat_go() -> None:
    commune = world()
    Resident(REGISTERED, in_world=commune, phone="+84990000002").dial(
        "2", "1", "1", "1"
    )
    daughter = Resident(REGISTERED, in_world=commune)
    daughter.dial("2", "1", "2", "3", "Ly Thi Mau", "0990000002", "1")
    assert (
        daughter.press("2").startswith("Phuong")
        and daughter.port.hold() is None
        and not daughter.booking
    )


def test_who_books_anew_books_for_themselves_whoever_it_was_for_before() -> None:
    daughter = Resident(REGISTERED)
    daughter.dial("2", "1", "1", "3", "Ly Thi Mau", "1")
    assert "cho Ly Thi Mau" in daughter.screen.text
    daughter.press("2")  # after all not
    assert "cho Ly Thi Mau" not in daughter.press("2", "1", "1")
    daughter.press("1")
    assert daughter.booking and daughter.booking.own and daughter.booking.places == 1


def test_back_from_the_names_of_a_family_leads_to_the_family_again() -> None:
    commune = world()
    Resident(REGISTERED, in_world=commune, phone="+84990000002").dial(
        "2", "1", "1", "1"
    )
    daughter = Resident(REGISTERED, in_world=commune)
    daughter.dial("2", "1", "2", "3", "Ly Thi Mau", "0990000002", "1")
    daughter.press("1")
    assert daughter.press("0").startswith("Nguoi duoc dat ho"), (
        "back, and still about her"
    )
    assert "cho Ly Thi Mau" in daughter.press("0")
