"""98 is a person: one key on every screen, and one text whatever is open."""

from __future__ import annotations

import pytest

from menus.fitting import SMS
from menus.port import Known
from menus.sample import sample_world
from tests.menus.resident import NOW, REGISTERED, Resident


def dialling() -> Resident:
    return Resident(REGISTERED, in_world=sample_world(NOW))


def texting(known: Known | None = REGISTERED) -> Resident:
    return Resident(known, channel="sms", budget=SMS, in_world=sample_world(NOW))


@pytest.mark.parametrize(
    "keys",
    [("1",), ("2",), ("2", "1"), ("2", "1", "1"), ("2", "1", "1", "3"), ("6",)],
)
def test_98_where_no_line_names_it_asks_for_the_consent_first(
    keys: tuple[str, ...],
) -> None:
    resident = dialling()
    resident.dial(*keys)
    assert "Can bo goi lai so nay" in resident.press("98")
    assert "Da ghi" in resident.press("1")


@pytest.mark.parametrize(
    "before",
    [(), ("DL",), ("DL", "1"), ("DL", "1", "1"), ("DL", "1", "1", "3"), ("dung nhan",)],
)
@pytest.mark.parametrize("said", ["98", "so 98", "98."])
def test_98_is_heard_whatever_list_is_open(before: tuple[str, ...], said: str) -> None:
    resident = texting()
    resident.text(*before)
    assert "Can bo goi lai so nay" in resident.text(said)
    assert "Da ghi" in resident.text("1")


def test_98_is_heard_from_a_stranger_who_was_asked_for_the_hamlet() -> None:
    stranger = texting(None)
    stranger.text("DL")
    assert "Can bo" in stranger.text("98", "quang trung 1")


@pytest.mark.parametrize("keys", [(), ("5",)])
def test_98_is_one_key_where_its_line_says_what_it_agrees_to(
    keys: tuple[str, ...],
) -> None:
    resident = dialling()
    assert "98: can bo goi, xa luu so" in resident.dial(*keys)
    assert "Da ghi" in resident.press("98")
    (one,) = resident.port.requests()
    assert one.kind == "call_me"
    (consent,) = resident.consents
    assert consent.prompt.startswith("person_line:") and consent.answer == "98"


def test_98_does_not_ask_a_stranger_for_the_hamlet() -> None:
    stranger = Resident(None, in_world=sample_world(NOW))
    stranger.dial()
    assert "Da ghi" in stranger.press("98")


def test_98_after_two_misses_by_text_is_one_text() -> None:
    resident = texting()
    resident.text("DL", "abc xyz kkk", "zzz qqq www")
    assert "98: can bo goi" in resident.screen.text
    assert "Da ghi" in resident.text("98")


def test_98_twice_is_one_call() -> None:
    resident = dialling()
    resident.dial()
    resident.press("98")
    resident.dial()
    assert "chua goi" in resident.press("98")
    assert len(resident.port.requests()) == 1


def test_the_line_to_a_person_takes_no_further_page() -> None:
    long = dialling()
    assert "98:" not in long.dial("2", "1", "1")
    assert "99." not in long.screen.text
