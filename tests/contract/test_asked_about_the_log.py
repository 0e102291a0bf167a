"""What a text asked about that staff logged, and the answer to it, alike behind both
ports.
"""

from __future__ import annotations

import pytest

from menus.days import today
from menus.port import Logged, NothingAsked
from tests.contract.commune import YES, Commune

HOA, OTHER = 1, 2  # phones
SAID = "SIM 4G: toi da doi dau"


def test_what_is_asked_about_is_asked_until_it_is_answered(commune: Commune) -> None:
    assert commune.phone(HOA).logged_asked() is None
    commune.asked_about_the_log(HOA, "sim_4g", "handset_volte")
    about = Logged(today(commune.now), "", ("sim_4g", "handset_volte"))
    assert commune.phone(HOA).logged_asked() == about
    assert commune.phone(OTHER).logged_asked() is None
    commune.phone(HOA).confirm_logged()
    assert commune.phone(HOA).logged_asked() is None
    assert commune.phone(HOA).requests() == []


def test_who_says_that_it_is_wrong_is_called(commune: Commune) -> None:
    commune.asked_about_the_log(HOA, "sim_4g")
    number = commune.phone(HOA).deny_logged(SAID, YES)
    asked = commune.phone(HOA).requests()
    assert [(it.number, it.kind) for it in asked] == [(number, "call_me")]
    assert commune.phone(HOA).logged_asked() is None


def test_who_waits_to_be_called_already_keeps_that_number(commune: Commune) -> None:
    for work in ("sim_4g", "handset_volte"):
        commune.goes_by(days=1)
        commune.asked_about_the_log(HOA, work)
        assert commune.phone(HOA).deny_logged(SAID, YES) == 1


@pytest.mark.parametrize("is_right", [True, False])
def test_nobody_answers_what_was_not_asked_or_is_answered(
    commune: Commune, is_right: bool
) -> None:
    def answer() -> None:
        port = commune.phone(HOA)
        port.confirm_logged() if is_right else port.deny_logged(SAID, YES)

    with pytest.raises(NothingAsked):
        answer()
    commune.asked_about_the_log(HOA, "sim_4g")
    answer()
    with pytest.raises(NothingAsked):
        answer()
    assert len(commune.phone(HOA).requests()) == (0 if is_right else 1)


def test_where_all_was_undone_nobody_has_to_call(commune: Commune) -> None:
    commune.asked_about_the_log(HOA, "sim_4g")
    commune.undone(HOA)
    about = commune.phone(HOA).logged_asked()
    assert about == Logged(today(commune.now), "", ())
    assert commune.phone(HOA).deny_logged(SAID, YES) == 0
    assert commune.phone(HOA).requests() == []
    assert commune.phone(HOA).logged_asked() is None
