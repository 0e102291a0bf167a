"""How a conversation moves: back, home, more, a wrong key, a dropped call, a deploy in
the middle.
"""

from __future__ import annotations

import re

import pytest

from menus import MENU
from menus.core import Option, Screen
from tests.menus.resident import REGISTERED, Resident, world


def test_zero_goes_back_one_screen_and_two_zeros_go_home() -> None:
    someone = Resident()
    someone.dial("1", "2")
    assert "loai nao" in someone.screen.text
    assert "thon nao" in someone.press("0")
    assert someone.press("0").startswith("Phuong Luong Van Tri: ")
    someone.press("1", "2")
    assert someone.press("00").startswith("Phuong Luong Van Tri: ")


def test_back_at_home_stays_at_home() -> None:
    assert Resident().dial("0", "0").startswith("Phuong Luong Van Tri: ")


def test_back_from_a_question_asked_on_the_way_does_not_ask_it_again_for_ever() -> None:
    someone = Resident()
    someone.dial("2", "2")
    assert "Chon ngay" in someone.screen.text
    assert "thon nao" in someone.press("0")
    assert someone.press("0").startswith("Phuong")


def test_back_at_a_question_its_answer_goes_to_who_asked_it() -> None:
    someone = Resident(in_world=world(events=2, clocks=("08:00",), seats=1))
    someone.dial("1", "1", "1", "1")
    assert someone.state == "PickEvent"
    Resident(REGISTERED, in_world=someone.world, phone="+84990000002").dial(
        "2", "1", "1", "1"
    )
    someone.press("1")  # full meanwhile: the other days are shown
    while someone.state != "AskHandset":
        someone.press("0")
    someone.press("1")
    assert someone.state == "Result"


def test_every_screen_but_home_and_the_last_says_how_to_go_back() -> None:
    someone = Resident(REGISTERED)
    assert "0. Quay lai" not in someone.dial()
    assert someone.press("2").endswith("0. Quay lai")
    someone.press("1", "1")
    assert "Quay lai" not in someone.press("1")


def test_a_long_list_runs_on_over_pages_with_its_numbers() -> None:
    someone = Resident()
    first = someone.dial("1")
    assert "99. Xem tiep" in first
    shown = len(someone.screen.options)
    second = someone.press("99")
    assert f"\n{shown + 1}. " in f"\n{second}"
    assert "1. Quang" not in second.replace("11. Quang", "").replace("21. Quang", "")
    assert someone.press("0") == first


def test_a_number_of_another_page_is_good_on_every_page() -> None:
    someone = Resident()
    someone.dial("1")
    assert "loai nao" in someone.press("11")
    assert someone.session.answers["hamlet"] == "11"
    other = Resident()
    other.dial("1", "99", "1")
    assert other.session.answers["hamlet"] == "1"


def test_more_beyond_the_last_page_is_a_wrong_key() -> None:
    someone = Resident()
    someone.dial("1")
    while "99. Xem tiep" in someone.screen.text:
        someone.press("99")
    assert "Phim nay khong co" in someone.press("99")


def test_the_number_pressed_is_looked_up_in_what_was_shown_not_in_a_fresh_list() -> (
    None
):
    someone = Resident(REGISTERED, in_world=world(events=3))
    someone.dial("2")
    second = someone.session.offered[1].value
    first = int(someone.session.offered[0].value)
    here = someone.world
    here.slots = {
        key: (slot, event)
        for key, (slot, event) in here.slots.items()
        if event.id != first
    }
    someone.press("2")
    assert someone.session.answers["event"] == second


@pytest.mark.parametrize(
    "wrong", ["8", "9", "*", "#", "hello", "", "-1", "1000000000000", "１０", "\x00"]
)
def test_a_wrong_key_shows_the_screen_again_with_a_reason(wrong: str) -> None:
    someone = Resident()
    before = someone.dial()
    offered = someone.session.offered
    lines, _, _ = before.partition("\n98: ")  # no room for it beside the reason
    assert someone.press(wrong) == f"Phim nay khong co.\n{lines}"
    assert someone.session.offered == offered


def test_a_wrong_key_twice_does_not_pile_reasons_up() -> None:
    someone = Resident()
    someone.dial()
    assert someone.press("8", "8").count("Phim nay khong co") == 1
    assert "thon nao" in someone.press("1")


def test_a_state_that_a_deploy_took_away_leads_home() -> None:
    someone = Resident()
    someone.dial()
    someone.session = someone.session.replace(
        state="GoneSinceTuesday", shown=Screen("old", (Option("x", "y"),))
    )
    assert someone.press("1").startswith("Phuong Luong Van Tri: ")
    someone.session = someone.session.replace(trail=("GoneSinceTuesday",), state="Help")
    assert someone.press("0").startswith("Phuong Luong Van Tri: ")
    someone.session = someone.session.replace(
        left="GoneSinceTuesday", state="WelcomeBack", asker="GoneToo"
    )
    someone.session = someone.session.replace(
        shown=Screen("?", (Option("continue", "1"),))
    )
    assert someone.press("1").startswith("Phuong Luong Van Tri: ")


def test_an_option_that_a_deploy_took_away_leads_home() -> None:
    someone = Resident()
    someone.dial()
    someone.session = someone.session.replace(
        shown=Screen("old", (Option("lottery", "Win"),))
    )
    assert someone.press("1").startswith("Phuong Luong Van Tri: ")


def test_a_dropped_call_can_be_carried_on_within_half_an_hour() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1")
    shown = someone.screen.text
    someone.wait(minutes=30)
    assert "Muon lam tiep khong" in someone.dial()
    assert someone.press("1") == shown
    assert someone.press("1", "1").startswith("Da dat ")


def test_or_started_again() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1")
    someone.dial()
    assert someone.press("2").startswith("Phuong")
    assert someone.session.trail == ()


def test_half_an_hour_later_it_is_a_new_call() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1")
    someone.wait(minutes=30, seconds=1)
    assert someone.dial().startswith("Phuong")
    assert dict(someone.session.answers) == {}


def test_dropped_again_while_being_asked_still_leads_to_where_it_broke_off() -> None:
    someone = Resident(REGISTERED)
    shown = someone.dial("2", "1")
    someone.dial()
    someone.wait(minutes=5)
    assert "Muon lam tiep" in someone.dial()
    assert someone.press("1") == shown


def test_what_was_left_by_going_back_is_not_carried_on_a_call_later() -> None:
    someone = Resident(REGISTERED)
    someone.dial("2", "1", "1", "1")
    someone.dial("3", "2")
    someone.dial("0")
    assert someone.state == "MyBooking"
    shown = someone.press("1")
    someone.dial()
    assert someone.press("1") == shown


def test_who_dropped_at_home_or_finished_is_not_asked() -> None:
    someone = Resident(REGISTERED)
    someone.dial()
    assert someone.dial().startswith("Phuong")
    someone.press("2", "1", "1", "1")
    assert someone.screen.ends
    assert someone.dial().startswith("Da hen ")


def test_carrying_on_shows_the_world_as_it_is_now() -> None:
    someone = Resident(
        REGISTERED, in_world=world(events=1, clocks=("08:00", "09:00"), seats=1)
    )
    someone.dial("2", "1")
    other = Resident(REGISTERED, in_world=someone.world, phone="+84990000002")
    other.dial("2", "1", "1", "1")
    someone.dial()
    assert "8h00 (het)" in someone.press("1")


def test_free_text_is_heard_only_where_it_is_asked_for() -> None:
    someone = Resident()
    someone.dial("1", "2", "4")
    assert someone.state == "AskImei"
    assert "Can xem them" in someone.press("490154203237518")


def test_language_and_marks_hold_for_every_screen_from_there_on() -> None:
    someone = Resident()
    someone.dial("6", "2")
    assert "Phường Lương Văn Tri: đổi máy" in someone.screen.text
    someone.wait(days=2)
    assert "Có được đổi máy?" in someone.dial()
    assert "Can I swap?" in someone.press("6", "3")
    assert someone.port.done == ["prefer", "prefer"]


def test_going_in_circles_does_not_make_the_way_back_longer() -> None:
    someone = Resident(REGISTERED)
    someone.dial()
    for _ in range(30):
        someone.press("1", "1", "0", "0")
    assert len(someone.session.trail) <= 2


def test_every_state_the_map_names_can_be_found_by_its_name() -> None:
    assert all(name == type(state).__name__ for name, state in MENU.states.items())


def test_a_keyword_by_sms_works_from_anywhere_and_a_stray_word_shows_the_menu_again() -> (
    None
):
    someone = Resident(channel="sms")
    assert "1. Co duoc doi may?" in someone.text("xin chao")
    assert "Nha o thon nao" in someone.text("KT")
    assert "Chua co lich hen" in someone.text("LICH")
    assert "18008098" in someone.text("TG")
    assert someone.session.understood
    someone.text("abc xyz")
    assert not someone.session.understood, "it goes on the list that staff read"


def test_a_wrong_key_on_a_long_list_hides_no_line_of_it() -> None:
    clocks = tuple(
        f"{hour:02}:{minute}" for hour in range(8, 14) for minute in ("00", "30")
    )
    someone = Resident(REGISTERED, in_world=world(events=1, clocks=clocks))
    someone.dial("2", "1")
    seen = re.findall(r"^(\d+)\. ", someone.press("77"), re.M)
    while "99. " in someone.screen.text:
        seen += re.findall(r"^(\d+)\. ", someone.press("99"), re.M)
    assert [int(key) for key in seen if key not in ("0", "99")] == list(range(1, 13))


def test_who_only_looked_is_not_asked_to_carry_on() -> None:
    someone = Resident(REGISTERED)
    someone.dial("5")
    assert "Cuoc goi truoc bi ngat" not in someone.dial()
    someone.dial("2")
    assert "Cuoc goi truoc bi ngat" in someone.dial()
