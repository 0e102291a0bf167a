"""A full time is waited for, a freed seat is offered, a kept seat is taken by a word;
over the port in memory.
"""

from __future__ import annotations

from datetime import date

import pytest

from menus.core import Channel
from menus.days import at_local
from menus.fitting import USSD, fits
from tests.menus.resident import REGISTERED, Resident, world


def full(channel: Channel = "ussd") -> tuple[Resident, Resident]:
    """Who has the only seat, and who comes too late."""
    here = world(events=1, clocks=("08:00",), seats=1)
    first = Resident(REGISTERED, in_world=here)
    first.dial("2", "1", "1", "1")
    return first, Resident(
        REGISTERED, in_world=here, phone="+84990000002", channel=channel
    )


def test_a_full_time_is_waited_for_and_the_freed_seat_taken_with_one_key() -> None:
    first, second = full()
    assert "(het)" in second.dial("2", "1")
    assert "het cho. Ghi ten cho khong?" in second.press("1")
    assert fits(second.screen.text, USSD)
    assert second.press("1").startswith("Da ghi ten cho 8h00")
    first.dial("3", "2", "1")
    assert second.dial().startswith("Co cho 8h00 CN 21/4")
    assert second.press("1").startswith("Da dat 8h00")
    assert second.booking


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_no_stands_on_the_page_that_asks_to_wait(language: str) -> None:
    _, second = full()
    second.speaking(language).dial("2", "1", "1")
    assert [option.value for option in second.screen.options] == [
        "yes",
        "with",
        "other",
        "no",
    ]
    assert fits(second.screen.text, USSD)


def test_while_somebody_waits_a_freed_seat_is_nobody_elses() -> None:
    first, second = full()
    second.dial("2", "1", "1", "1")
    first.dial("3", "2", "1")
    third = Resident(REGISTERED, in_world=first.world, phone="+84990000003")
    assert "(het cho)" in third.dial("2")
    assert "Ghi ten cho khong?" in third.press("1", "1")


def test_an_offer_not_wanted_goes_to_the_next_who_waits() -> None:
    first, second = full()
    third = Resident(REGISTERED, in_world=first.world, phone="+84990000003")
    second.dial("2", "1", "1", "1")
    third.dial("2", "1", "1", "1")
    first.dial("3", "2", "1")
    second.dial()
    assert second.press("2").startswith("Da tra lai cho 8h00")
    assert third.dial().startswith("Co cho 8h00")


def test_an_offer_answered_too_late_says_so_and_leads_on() -> None:
    first, second = full()
    second.dial("2", "1", "1", "1")
    first.dial("3", "2", "1")
    second.dial()
    second.wait(hours=30)
    assert "khong con giu nua" in second.press("1")


def test_a_place_on_the_list_is_given_up_by_its_code() -> None:
    _, second = full("sms")
    second.text("DL", "1", "1")
    waiting = second.text("1")
    assert waiting.startswith("Da ghi ten cho 8h00")
    wait = second.port.wait()
    assert wait and second.text(f"HUY {wait.code}").startswith("Da thoi cho")


def test_by_text_an_offered_seat_is_taken_with_nhan_and_its_code() -> None:
    first, second = full("sms")
    second.text("DL", "1", "1", "1")
    first.dial("3", "2", "1")
    wait = second.port.wait()
    assert wait and "Da dat lich 8h00" in second.text(f"NHAN {wait.code}")


def test_a_seat_kept_when_the_call_dropped_is_taken_by_text() -> None:
    caller = Resident(REGISTERED)
    caller.dial("2", "1", "1")
    hold = caller.port.hold()
    texter = Resident(REGISTERED, in_world=caller.world, channel="sms")
    assert hold and "Da dat lich 8h00" in texter.text(f"Nhan {hold.code}")


def test_who_says_co_is_noted_as_coming() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1", "1")
    assert someone.booking
    assert someone.text(f"CO {someone.booking.code}").startswith("Da ghi se den: 8h00")
    assert someone.port.done[-1] == "coming"


def test_a_family_keeps_three_places_or_none_and_each_is_named() -> None:
    someone = Resident(REGISTERED, in_world=world(events=1, clocks=("08:00",), seats=3))
    assert "Di may nguoi" in someone.dial("2", "1", "1", "2")
    assert "chi con 3 cho" in someone.press("4")
    assert "nguoi thu 2 trong 3" in someone.press("3")
    assert "nguoi thu 3 trong 3" in someone.press("Ly Thi Mau")
    assert "cho 3 nguoi" in someone.press("1")
    assert someone.press("1").startswith("Da dat cho 3 nguoi 8h00")
    assert someone.booking and someone.booking.places == 3


def test_a_neighbour_is_booked_for_with_name_and_number_and_the_caller_may_still_book() -> (
    None
):
    someone = Resident(REGISTERED)
    assert "Dat ho ai?" in someone.dial("2", "1", "1", "3")
    assert "neu co" in someone.press("Nong Van Mau")
    assert "chua dung" in someone.press("123")
    assert "cho Nong Van Mau" in someone.press("0990000009")
    assert someone.press("1").startswith("Da dat cho Nong Van Mau 8h00")
    assert someone.dial("2", "1", "1", "1").startswith("Da dat 8h00")
    assert "Chon lich:" in someone.dial("3")


def test_a_family_waits_for_a_full_time_together() -> None:
    here = world(events=1, clocks=("08:00",), seats=3)
    first = Resident(REGISTERED, in_world=here)
    first.dial("2", "1", "1", "2", "3", "1", "1")
    assert "Dat 8h00" in first.screen.text
    first.press("1")
    second = Resident(REGISTERED, in_world=here, phone="+84990000002")
    second.dial("2", "1", "1")
    assert "Di may nguoi" in second.press("2")
    second.press("3")
    second.press("1")
    assert "Ghi ten cho cho 3 nguoi khong?" in second.press("1")
    assert fits(second.screen.text, USSD)
    assert second.press("1").startswith("Da ghi ten cho cho 3 nguoi 8h00")
    first.dial("3", "2", "1")
    assert second.dial().startswith("Co cho cho 3 nguoi 8h00 CN 21/4")
    assert second.press("1").startswith("Da dat cho 3 nguoi 8h00")


def test_a_full_time_is_waited_for_on_a_mothers_behalf() -> None:
    _, second = full()
    second.dial("2", "1", "1")
    assert "Dat ho ai?" in second.press("3")
    second.press("Lý Thị Mẫu")
    assert "Ghi ten cho cho Ly Thi Mau khong?" in second.press("1")
    assert second.press("1").startswith("Da ghi ten cho cho Ly Thi Mau 8h00")
    assert second.dial().startswith("Da ghi ten cho cho Ly Thi Mau 8h00 CN 21/4. Ma ")
    assert fits(second.screen.text, USSD)


def test_whoever_lost_their_day_reads_so_with_the_seat_that_is_offered_instead() -> (
    None
):
    first, second = full()
    second.dial("2", "1", "1", "1")
    first.dial("3", "2", "1")
    ((key, place),) = second.world.waits.items()
    second.world.waits[key] = place.replace(
        wait=place.wait.replace(lost=at_local(date(2024, 4, 14), "14:00"))
    )
    assert second.dial().startswith(
        "Buoi 14h00 CN 14/4 hoan, xin loi. Co cho 8h00 CN 21/4"
    )
    assert second.press("2").startswith("Da tra lai cho 8h00 CN 21/4")
