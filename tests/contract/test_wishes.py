"""What a phone wishes at the port: texts or none, adverts, a call, a language, a score;
alike behind every menu.
"""

from __future__ import annotations

import pytest

from menus.notices import Kind
from menus.port import HOLDER, Asking, Consent, Guest, Stop
from tests import factories
from tests.contract.commune import MOTHER, SAID, YES, Commune

DAUGHTER, MOTHERS, NEIGHBOUR = 1, 2, 3  # phones
ADVERTS = Consent("offers:test", "DONG Y")
REMINDERS: tuple[Kind, ...] = ("reminder_1d", "rate", "howto_data")
WHATS: tuple[Stop, ...] = ("advert", "remind", "all")


# Texts


@pytest.mark.parametrize("what", WHATS)
def test_a_refusal_is_confirmed_once(commune: Commune, what: Stop) -> None:
    assert commune.phone(DAUGHTER).stop(what)
    assert not commune.phone(DAUGHTER).stop(what)
    assert commune.phone(NEIGHBOUR).stop(what), "theirs is another phone"
    commune.phone(DAUGHTER).resume_texts()
    assert commune.phone(DAUGHTER).stop(what)


def test_who_refused_everything_has_refused_the_parts(commune: Commune) -> None:
    assert commune.phone(DAUGHTER).stop("all")
    assert [commune.phone(DAUGHTER).stop(what) for what in WHATS] == [
        False,
        False,
        False,
    ]
    assert commune.phone(NEIGHBOUR).stop("advert")
    assert commune.phone(NEIGHBOUR).stop("remind"), "adverts are not reminders"
    assert commune.phone(NEIGHBOUR).stop("all"), "and neither is everything"


@pytest.mark.parametrize(
    "how", ["books", "waits", "asks for a call", "says they come with others"]
)
def test_whoever_agrees_to_be_told_is_told_again_but_of_no_adverts(
    commune: Commune, how: str
) -> None:
    commune.fills(commune.sunday[0])
    her = MOTHER.replace(phone=factories.phone(MOTHERS))
    commune.books(DAUGHTER, commune.sunday[1], HOLDER, her)
    who = MOTHERS if "others" in how else NEIGHBOUR
    assert commune.phone(who).stop("all")
    if how == "books":
        commune.books(NEIGHBOUR, commune.tuesday[0])
    elif how == "waits":
        commune.phone(NEIGHBOUR).wait_for(commune.sunday[0], SAID, YES)
    elif how == "asks for a call":
        commune.phone(NEIGHBOUR).ask(Asking("call_me"), None, YES)
    else:
        commune.phone(MOTHERS).coming(commune.phone(MOTHERS).bookings()[0].id, YES)
    assert not commune.phone(who).stop("advert"), "refused with all the rest"
    assert commune.phone(who).stop("remind")
    assert commune.phone(who).stop("all")


def test_whoever_comes_themselves_agrees_to_nothing_by_saying_so(
    commune: Commune,
) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).stop("all")
    commune.phone(DAUGHTER).coming(booked.id, YES)
    assert not commune.phone(DAUGHTER).stop("all")


# Adverts


def test_adverts_are_agreed_to_once(commune: Commune) -> None:
    port = commune.phone(DAUGHTER)
    assert [port.agree_to_adverts(ADVERTS) for _ in range(2)] == ["agreed", "before"]
    assert commune.phone(NEIGHBOUR).agree_to_adverts(ADVERTS) == "agreed"


def test_a_refusal_ends_the_yes_and_a_new_yes_lifts_it(commune: Commune) -> None:
    commune.phone(DAUGHTER).agree_to_adverts(ADVERTS)
    assert commune.phone(DAUGHTER).stop("advert")
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "agreed"
    assert commune.phone(DAUGHTER).stop("advert"), "it was lifted"
    commune.phone(DAUGHTER).stop("remind")
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "agreed"
    assert not commune.phone(DAUGHTER).stop("remind"), "nothing else comes back with it"


def test_after_a_full_stop_start_comes_first_and_says_whether_adverts_need_a_new_yes(
    commune: Commune,
) -> None:
    assert not commune.phone(DAUGHTER).resume_texts(), "nothing was ever agreed to"
    commune.phone(DAUGHTER).agree_to_adverts(ADVERTS)
    assert not commune.phone(DAUGHTER).resume_texts(), "they come already"
    commune.phone(DAUGHTER).stop("all")
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "stopped"
    assert commune.phone(DAUGHTER).resume_texts()
    assert commune.phone(DAUGHTER).resume_texts(), "still without a new yes"
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "agreed"
    commune.phone(DAUGHTER).stop("remind")
    assert not commune.phone(DAUGHTER).resume_texts()


def test_a_yes_to_a_booking_is_none_to_adverts(commune: Commune) -> None:
    commune.phone(DAUGHTER).stop("all")
    commune.books(DAUGHTER, commune.sunday[0])
    assert not commune.phone(DAUGHTER).resume_texts()
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "agreed"


# A call, a text, a score


def test_whoever_asks_to_be_called_is_called_once(commune: Commune) -> None:
    commune.phone(DAUGHTER).ask(Asking("call_me"), commune.hamlets[0], YES)
    commune.phone(DAUGHTER).ask(Asking("call_me"), commune.hamlets[0], YES)
    assert commune.calls() == 1
    commune.phone(NEIGHBOUR).ask(Asking("call_me"), None, YES)
    assert commune.calls() == 2


def test_what_was_asked_for_goes_once_within_the_hour(commune: Commune) -> None:
    for minutes, sent in ((0, 1), (59, 1), (1, 2)):
        commune.goes_by(minutes=minutes)
        commune.phone(DAUGHTER).tell("howto_data")
        assert commune.texts(DAUGHTER, "howto_data") == sent
    commune.phone(DAUGHTER).tell("howto_calls")
    assert commune.texts(DAUGHTER, "howto_calls") == 1
    assert commune.texts(NEIGHBOUR, "howto_data") == 0


def test_without_a_visit_there_is_nothing_to_rate(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    assert not commune.phone(DAUGHTER).rate(5)


def test_a_visit_is_rated_within_a_month_and_rated_anew_within_a_week(
    commune: Commune,
) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    commune.comes(DAUGHTER)
    commune.goes_by(days=20)
    assert commune.phone(DAUGHTER).rate(4)
    commune.goes_by(days=7)
    assert commune.phone(DAUGHTER).rate(5)
    commune.goes_by(seconds=1)
    assert not commune.phone(DAUGHTER).rate(5)


def test_after_a_month_nobody_rates(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    commune.comes(DAUGHTER)
    commune.goes_by(days=30)
    assert commune.phone(DAUGHTER).rate(4)
    commune.goes_by(seconds=1)
    assert not commune.phone(DAUGHTER).rate(4)


def test_whoever_booked_says_how_it_went_for_all(commune: Commune) -> None:
    commune.books(
        DAUGHTER,
        commune.sunday[0],
        MOTHER.replace(phone=factories.phone(MOTHERS)),
        Guest("Hà"),
    )
    commune.comes(DAUGHTER)
    assert commune.phone(DAUGHTER).rate(4)
    assert not commune.phone(MOTHERS).rate(4)


# What was sent


def test_a_language_is_wished_once_for_all_texts(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).prefer("en", True)
    assert commune.spoken(DAUGHTER) == ("en", True)


def test_a_bare_word_is_about_the_last_text(commune: Commune) -> None:
    def last(number: int) -> str | None:
        sent = commune.phone(number).last_text()
        return sent.kind if sent else None

    assert last(DAUGHTER) is None
    for kind in REMINDERS:
        commune.sent(DAUGHTER, kind)
        assert last(DAUGHTER) == kind
    assert last(NEIGHBOUR) is None


def test_the_question_about_adverts_is_open_for_three_days_until_answered_or_another_text(
    commune: Commune,
) -> None:
    def is_open(number: int) -> bool | None:
        asked = commune.phone(number).asked_for_adverts()
        return asked.open if asked else None

    assert commune.phone(DAUGHTER).asked_for_adverts() is None
    for number in (DAUGHTER, MOTHERS, NEIGHBOUR):
        commune.registered(number)
        commune.asked_for_adverts(number)
        assert is_open(number)
    asked = commune.phone(DAUGHTER).asked_for_adverts()
    assert asked is not None
    assert (asked.prompt.split(":")[0], asked.at) == (
        "notice_consent_advert",
        commune.now,
    )
    commune.goes_by(minutes=1)
    commune.sent(MOTHERS, "rate")
    commune.phone(NEIGHBOUR).stop("advert")
    assert (is_open(DAUGHTER), is_open(MOTHERS), is_open(NEIGHBOUR)) == (
        True,
        False,
        False,
    )
    commune.goes_by(days=3)
    assert is_open(DAUGHTER) is False


def test_a_number_on_a_do_not_call_list_gets_no_adverts_whatever_it_says(
    commune: Commune,
) -> None:
    commune.on_do_not_call_list(DAUGHTER)
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "listed"
    commune.phone(DAUGHTER).resume_texts()
    assert commune.phone(DAUGHTER).agree_to_adverts(ADVERTS) == "listed"
