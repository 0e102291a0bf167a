"""Whoever has a seat at one kind of session books another kind beside it; both are
named wherever one of them might be meant.
"""

from __future__ import annotations

import pytest

from menus import words
from menus.days import at_local
from menus.fitting import cost, on_wire
from menus.port import Consent, Event, Said, Service, Slot
from menus.world import World
from tests.menus.resident import REGISTERED, Resident, world

ACCOUNT, NUMBER = 91_000, 74


def both(*at_the_swap: Service) -> World:
    """Swap days in Quảng Trung II, III and I on three Sundays, and an account session at
    the second's hall on a Thursday between them.
    """
    here = world(hamlets=3)
    swaps = {event.id: event for _, event in here.slots.values()}
    first = next(iter(swaps.values()))
    thursday = first.day.replace(day=25)
    account = first.replace(id=ACCOUNT, day=thursday, kind="account")
    for number, clock in enumerate(("17:00", "17:30"), 1):
        key = 710_000 + number
        here.slots[key] = Slot(key, at_local(thursday, clock), 6), account
    here.numbers[ACCOUNT] = NUMBER
    here.services[ACCOUNT] = ("account", "app")
    for event in swaps:
        here.services[event] = ("swap", *at_the_swap)
    return here


def someone(*at_the_swap: Service) -> Resident:
    return Resident(REGISTERED, channel="sms", in_world=both(*at_the_swap))


def kinds(resident: Resident) -> list[str]:
    return [booked.kind for booked in resident.port.bookings()]


def with_an_account() -> Resident:
    resident = someone()
    resident.text(str(NUMBER), "17h", "1")
    assert kinds(resident) == ["account"]
    return resident


def test_one_text_books_the_swap_beside_the_account() -> None:
    resident = with_an_account()
    asked = resident.text("DL CN 21/4 8h quang trung 2")
    assert "Dat 8h00 CN 21/4" in asked, asked
    resident.text("1")
    assert kinds(resident) == ["swap", "account"]


def test_an_hour_that_is_not_held_leads_to_the_times_of_that_session() -> None:
    resident = with_an_account()
    said = resident.text("DL CN 21/4 10h quang trung 2")
    assert "Khong co gio do" in said
    assert "8h00" in said, said


def test_the_posters_number_books_the_account_beside_the_swap() -> None:
    resident = someone()
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    times = resident.text(str(NUMBER))
    assert "mo tai khoan" in times
    assert "Chon gio" in times
    resident.text("17h30", "1")
    assert kinds(resident) == ["swap", "account"]


def test_whoever_books_again_is_shown_the_one_and_asked_for_the_other() -> None:
    resident = with_an_account()
    said = resident.text("DL")
    assert "Da co lich 17h00" in said
    assert "1. Dat them buoi khac" in said
    assert cost(said).parts == 1, said
    days = resident.text("1")
    assert "21/4" in days
    assert "mo tai khoan" not in days, "of that kind there is a seat already"
    resident.text("1", "1", "1")
    assert kinds(resident) == ["swap", "account"]
    assert "Dat them" not in resident.text("DL"), "there is no third kind"


def test_where_the_swap_day_opens_accounts_too_no_second_seat_is_needed() -> None:
    resident = someone("account", "app")
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    for asked in (str(NUMBER), "DL T5 25/4 17h quang trung 2", "DL 25/4"):
        said = resident.text(asked)
        assert "Khong can dat them: lich 8h00 CN 21/4" in said, said
        assert "cung mo tai khoan" in said
        assert cost(said).parts == 1, said
    assert kinds(resident) == ["swap"]


def test_lich_names_both_and_says_which_is_which() -> None:
    resident = with_an_account()
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    said = resident.text("LICH")
    assert "8h00 CN 21/4, doi may 4G" in said
    assert "17h00 T5 25/4, mo tai khoan" in said


def test_huy_asks_which_of_both() -> None:
    resident = with_an_account()
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    said = resident.text("HUY")
    assert "8h00 CN 21/4, doi may 4G" in said
    assert "17h00 T5 25/4, mo tai khoan" in said
    resident.text("2")
    assert kinds(resident) == ["swap"]


def test_doi_takes_the_one_of_the_kind_that_is_held_there() -> None:
    resident = with_an_account()
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    assert "Chon lich" in resident.text("doi lich"), "nothing says which"
    said = resident.text("doi lich sang CN 21/4 14h")
    assert "Doi lich sang 14h00 CN 21/4" in said, said
    resident.text("1")
    said = resident.text("doi lich sang 17h30 T5 25/4")
    assert "mo tai khoan?" in said, said


def test_what_is_not_held_is_named_by_its_kind() -> None:
    resident = with_an_account()
    said = resident.text("doi lich sang CN 21/4 8h quang trung 2")
    assert (
        "CN 21/4 khong co buoi mo tai khoan o Quang Trung II. Gan nhat: T5 25/4" in said
    ), said
    assert cost(said).parts == 1


def test_cancelling_both_names_what_each_was_for() -> None:
    resident = with_an_account()
    resident.text("DL CN 21/4 8h quang trung 2", "1")
    said = resident.text("huy ca hai")
    assert "doi may 4G" in said
    assert "mo tai khoan" in said


def test_a_second_waiting_list_says_which_first_one_ends() -> None:
    resident = someone()
    here = resident.world
    for slot in (700_001, 710_001):
        found, event = here.slots[slot]
        here.slots[slot] = found.replace(seats=1), event
        neighbour = Resident(REGISTERED, in_world=here, phone=f"+8499000{slot}")
        neighbour.port.book(slot, Said(), Consent("confirm:test", "1"))
    said = resident.text("DL CN 21/4 8h quang trung 2")
    assert "thoi cho" not in said
    resident.text("1")
    said = resident.text(str(NUMBER), "17h")
    assert "thoi cho 8h00 CN 21/4?" in said, said
    assert cost(said).parts == 1
    resident.text("1")
    assert resident.consents[-1].prompt.startswith("ask_wait_instead:")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_kind_word_stands_in_each_sentence_about_it(language: str) -> None:
    for key in ("nearest_day_there_kind", "nearest_day_kind", "nearest_there_kind"):
        said = words.say(
            language,
            key,
            day="Cuối tuần này",
            kind=words.say(language, "kind_account"),
            hamlet="Quảng Trung III",
            near=f"CN 21/4 NVH Quảng Trung III, {words.say(language, 'kind_account')}",
        )
        assert cost(on_wire(said, False)).parts == 1


def test_the_event_is_of_one_kind() -> None:
    assert {event.kind for _, event in both().slots.values()} == {"swap", "account"}
    assert isinstance(next(iter(both().slots.values()))[1], Event)
