"""The map of the menus in the documents is the map of the menus as they are; leaflets
keep their meaning.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from menus import MENU, PUBLIC_NUMBERS
from menus.atlas import drawn, edges

NOW = datetime(2026, 4, 20, 3, 0, tzinfo=UTC)


def test_the_map_in_the_documents_is_the_one_that_is_walked() -> None:
    """`make menu-map` draws it anew."""
    assert Path("docs/menu-map.md").read_text("utf-8") == drawn(NOW)


def test_every_state_that_shows_a_screen_in_a_call_is_on_the_map() -> None:
    on_map = {state for _, _, state in edges(NOW)}
    by_text_or_drop_only = {
        "WelcomeBack",
        "Unclear",
        "Eligibility",
        "AskScore",
        "Rated",
        "OpinionKept",
    }
    by_text_or_drop_only |= {"NameHamlet", "MyOpinion", "ToBring"}
    # of what was logged or asked for before: tests/gateway/test_of_ones_own.py
    by_text_or_drop_only |= {"WhatWasLogged", "WhichRequest", "NoSuchOpenRequest"}
    by_text_or_drop_only |= {"AskLogged", "LoggedDenied", "Nearest", "NotBooked"}
    by_text_or_drop_only |= {"WhichToCancel", "ConfirmCancelAll"}
    # what is taken back: test_taken_back.py
    by_text_or_drop_only |= {"ForCommuneAlone", "WhichOpinion"}
    by_text_or_drop_only |= {"OpinionTakenBack", "OpinionNotTakenBack"}
    # of a call that waits, and of a language that we lack: test_wishes.py
    by_text_or_drop_only |= {"CallWaits", "NotOurLanguage"}
    # see test_waits.py
    of_full_times = {
        "AskWait",
        "Joined",
        "Waiting",
        "Offered",
        "OfferGone",
        "Left",
        "Coming",
    }
    # the sample has no such session: see test_occasions.py
    without_times = {"OccasionTold"}
    # only a typed number leads there: see test_booking.py
    who_has_one = {"GuestBooked"}
    assert (
        on_map
        == MENU.states.keys()
        - by_text_or_drop_only
        - of_full_times
        - without_times
        - who_has_one
    )


def test_the_numbers_printed_on_leaflets_are_never_given_to_another_thing() -> None:
    """Numbers may be added here; those that stand are on paper in people's houses."""
    printed = {
        "1": "CHECK",
        "2": "BOOK",
        "3": "MINE",
        "4": "CALL",
        "5": "HELP",
        "6": "LANGUAGE",
        "7": "FACT",
    }
    assert printed.items() <= PUBLIC_NUMBERS.items()
