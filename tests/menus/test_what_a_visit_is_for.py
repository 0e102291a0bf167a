"""Somebody who books a session where no phone is swapped hears at every step what it is
and what to bring there.
"""

from __future__ import annotations

from typing import get_args

import pytest

from menus import notices, words
from menus.appointments.about import BRING_TO_OTHERS
from menus.fitting import cost, on_wire
from menus.port import EventKind
from menus.world import World
from tests.menus.resident import REGISTERED, Resident, world
from tests.menus.test_words import LONGEST, longest_time

OTHERS = [kind for kind in get_args(EventKind) if kind != "swap"]


def held(kind: EventKind) -> World:
    """One day of this kind, with two times."""
    here = world(events=1, clocks=("08:00", "08:30"))
    here.slots = {
        key: (slot, event.replace(kind=kind))
        for key, (slot, event) in here.slots.items()
    }
    return here


def test_an_account_session_is_called_so_until_the_day_and_asks_for_the_card_alone() -> (
    None
):
    someone = Resident(REGISTERED, channel="sms", in_world=held("account"))
    someone.text("DL", "1")
    confirm = someone.text("1")
    booked = someone.text("1")
    mine = someone.text("LICH")
    for said in (confirm, booked, mine, someone.text("CO 48315")):
        assert "mo tai khoan" in said, said
    assert "Mang can cuoc." in booked
    assert "may cu" not in booked


def test_it_can_be_moved_and_is_still_called_so() -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=held("training"))
    someone.text("DL", "1", "1", "1")
    assert "lop dung may?" in someone.text("doi lich 8h30")
    assert "lop dung may" in someone.text("1")


def test_a_swap_is_spoken_of_as_before() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL", "1", "1")
    booked = someone.text("1")
    assert "Mang CCCD, may cu" in booked
    assert "doi may" not in booked


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", OTHERS)
def test_each_of_its_texts_is_one_part(kind: str, language: str) -> None:
    for notice in sorted(notices.NAMES_WHAT_IS_HELD):
        bring = BRING_TO_OTHERS[language]
        when = longest_time(language)
        said = notices.text(
            notice, language, starts=when, held=kind, bring=bring, words="", **LONGEST
        )
        named = words.say(language, f"kind_{kind}")
        assert on_wire(named, False) in on_wire(said, False)
        assert cost(on_wire(said, False)).parts == 1, on_wire(said, False)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", OTHERS)
def test_each_answer_about_it_is_one_part(kind: EventKind, language: str) -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=held(kind)).speaking(
        language
    )
    if kind == "workshop":  # by invitation: no list shows it
        return
    for said in (someone.text("DL", "1", "1"), someone.text("1"), someone.text("LICH")):
        assert cost(said).parts == 1, said
