"""Of seats of two kinds, or of a seat and a place on a list, the text that says which is
meant is about that one, and leaves the other as it is.
"""

from __future__ import annotations

import pytest

from menus.port import Asking, Consent, Event, Said, Slot
from tests.menus.resident import REGISTERED, Resident
from tests.menus.test_two_seats import NUMBER, kinds, someone, with_an_account

SWAP = "DL CN 21/4 8h quang trung 2"
FIRST_HOUR, SECOND_HOUR = 710_001, 710_002


def with_both() -> Resident:
    resident = with_an_account()
    resident.text(SWAP, "1")
    assert kinds(resident) == ["swap", "account"]
    return resident


def full(resident: Resident, slot: int) -> None:
    """A neighbour takes the only seat of this time."""
    here = resident.world
    found, event = here.slots[slot]
    here.slots[slot] = found.replace(seats=1), event
    neighbour = Resident(REGISTERED, in_world=here, phone=f"+8499000{slot}")
    neighbour.port.book(slot, Said(), Consent("confirm:test", "1"))


def who_waits_for_an_account() -> Resident:
    resident = someone()
    full(resident, FIRST_HOUR)
    resident.text(str(NUMBER), "17h", "1")
    assert resident.port.wait() is not None
    return resident


def slots(resident: Resident) -> list[int]:
    return [booked.slot for booked in resident.port.bookings()]


def test_what_is_of_another_kind_is_booked_beside_the_seat_that_is_being_moved() -> (
    None
):
    resident = someone()
    resident.text(SWAP, "1", "DOI")
    resident.text("DL mo tai khoan quang trung 2 t5 25/4 17h30")
    assert resident.state == "Confirm", resident.screen.text
    resident.text("1")
    assert kinds(resident) == ["swap", "account"]


def test_the_swap_is_named_too_while_an_account_seat_is_being_moved() -> None:
    resident = with_an_account()
    resident.text("DOI", "DL doi may CN 21/4 8h quang trung 2", "1")
    assert kinds(resident) == ["swap", "account"]


def test_of_its_own_kind_it_is_still_moved() -> None:
    resident = with_an_account()
    resident.text("DOI", "DL mo tai khoan t5 25/4 17h30")
    assert resident.state == "ConfirmMove", resident.screen.text


def test_whoever_has_a_swap_seat_is_led_to_the_sessions_for_accounts() -> None:
    resident = someone()
    resident.text(SWAP, "1", "DL mo tai khoan")
    assert resident.state == "PickEvent", resident.screen.text
    assert "25/4" in resident.screen.text


@pytest.mark.parametrize("open_list", ["", "LICH"])
@pytest.mark.parametrize(
    ("said", "given_up"),
    [
        ("HUY mo tai khoan", "account"),
        ("huy buoi mo tai khoan ngay 25/4", "account"),
        ("thoi khong mo tai khoan nua", "account"),
        ("huy yeu cau mo tai khoan", "account"),  # no request waits
        ("huy lich doi may", "swap"),
        ("HUY doi may", "swap"),
    ],
)
def test_huy_with_a_kind_is_of_the_seat_of_that_kind(
    open_list: str, said: str, given_up: str
) -> None:
    resident = with_both()
    if open_list and "khong" not in said:
        resident.text(open_list)
    resident.text(said)
    assert resident.state == "ConfirmCancel", resident.screen.text
    resident.text("1")
    assert kinds(resident) == [kind for kind in ("swap", "account") if kind != given_up]


def test_huy_of_the_only_seat_by_its_kind_asks_about_it() -> None:
    resident = with_an_account()
    resident.text("HUY mo tai khoan")
    assert resident.state == "ConfirmCancel", resident.screen.text


def test_a_kind_of_which_there_is_nothing_shows_what_there_is() -> None:
    resident = with_an_account()
    resident.text("huy lich doi may")
    assert resident.state == "MyBooking", resident.screen.text


def test_without_such_a_seat_the_request_is_withdrawn() -> None:
    resident = someone()
    resident.text(SWAP, "1")
    resident.port.ask(Asking("account"), 1, Consent("ask_operator:test", "1"))
    resident.text("HUY mo tai khoan")
    assert [one for one in resident.port.requests() if one.ended is None] == []
    assert kinds(resident) == ["swap"]


def test_huy_with_both_kinds_asks_which() -> None:
    resident = with_both()
    resident.text("huy hen doi may va mo tai khoan")
    assert resident.state == "WhichToCancel", resident.screen.text


def test_who_has_both_is_shown_the_one_that_is_booked_once_more() -> None:
    resident = with_both()
    assert "Da co lich 17h00 T5 25/4" in resident.text("DL mo tai khoan")


def test_a_hall_of_the_whole_commune_goes_by_its_own_name() -> None:
    resident = someone()
    here = resident.world
    slot, event = here.slots[700_001]
    common = event.replace(id=92_000, hamlet=None, hall="Hội trường xã")
    here.slots[720_001] = slot.replace(id=720_001), common
    assert "Hoi truong xa" in resident.text("DL CN 21/4 8h hoi truong xa")
    assert resident.state == "Confirm", resident.screen.text
    resident.text("1", "DL CN 21/4 8h quang trung 2", "1")
    assert slots(resident) == [700_001]
    resident.text("doi lich sang CN 21/4 8h hoi truong xa", "1")
    assert slots(resident) == [720_001]


@pytest.mark.parametrize(
    "said",
    [
        "huy lich mo tai khoan chua?",
        "khong huy mo tai khoan",
        "huy nhac lich mo tai khoan",
    ],
)
def test_a_question_or_a_denial_asks_for_no_cancelling(said: str) -> None:
    resident = with_both()
    resident.text(said)
    assert resident.state != "ConfirmCancel", resident.screen.text


def test_doi_names_both_while_their_list_is_open() -> None:
    resident = with_both()
    resident.text("LICH")
    named = resident.text("DOI")
    assert "doi may 4G" in named
    assert "mo tai khoan" in named


def test_doi_with_a_kind_moves_the_seat_of_that_kind() -> None:
    resident = with_both()
    resident.text("doi gio mo tai khoan sang 17h30", "1")
    assert slots(resident) == [700_001, SECOND_HOUR]


def test_who_waits_for_a_kind_chooses_another_time_of_it_and_keeps_the_seat() -> None:
    resident = someone()
    full(resident, FIRST_HOUR)
    resident.text(SWAP, "1", str(NUMBER), "17h", "1")
    resident.text("doi gio mo tai khoan sang 17h30")
    assert resident.state == "Confirm", resident.screen.text
    resident.text("1")
    assert slots(resident) == [700_001, SECOND_HOUR]


def test_who_waits_for_a_kind_may_name_the_day_too() -> None:
    resident = someone()
    full(resident, FIRST_HOUR)
    resident.text(SWAP, "1", str(NUMBER), "17h", "1")
    resident.text("doi lich mo tai khoan sang t5 25/4 17h30")
    assert resident.state == "Confirm", resident.screen.text


def test_huy_of_whoever_only_waits_offers_to_wait_no_more() -> None:
    resident = who_waits_for_an_account()
    resident.text("TRO GIUP")
    offered = resident.text("huy di")
    assert "1. Thoi cho" in offered, offered
    resident.text("1")
    assert resident.port.wait() is None


def test_huy_with_the_kind_that_is_waited_for_shows_the_place_on_the_list() -> None:
    resident = who_waits_for_an_account()
    assert "1. Thoi cho" in resident.text("HUY mo tai khoan")
    resident.text("1")
    assert resident.port.wait() is None


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("doi lich 21/4 sang cn 28/4 8h quang trung 3", 700_004),
        ("doi lich cn 21/4 8h sang 28/4 8h", 700_004),
    ],
)
def test_the_day_before_sang_is_the_one_that_is_given_up(
    said: str, target: int
) -> None:
    resident = with_both()
    resident.text(said)
    assert resident.state == "ConfirmMove", resident.screen.text
    resident.text("1")
    assert sorted(slots(resident)) == [target, FIRST_HOUR]


def test_the_old_hour_before_sang_is_no_target() -> None:
    resident = with_both()
    resident.text("doi lich 25/4 17h sang 17h30", "1")
    assert slots(resident) == [700_001, SECOND_HOUR]


def test_the_hall_that_is_said_with_doi_is_the_one() -> None:
    resident = someone()
    resident.world.slots.update(_another_hall_on_the_28th(resident))
    resident.text(SWAP, "1")
    resident.text("doi lich sang cn 28/4 14h quang trung 1")
    assert resident.state == "ConfirmMove", resident.screen.text
    resident.text("1")
    assert slots(resident) == [720_001]


def _another_hall_on_the_28th(resident: Resident) -> dict[int, tuple[Slot, Event]]:
    """At the same hour as in the hall of the third hamlet."""
    slot, event = resident.world.slots[700_006]
    elsewhere = event.replace(id=92_000, hamlet=3, hall="NVH Quảng Trung I")
    return {720_001: (slot.replace(id=720_001), elsewhere)}
