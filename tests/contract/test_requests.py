"""What a phone asks for and says, alike behind both ports: a number each, the same one when it is asked again."""

from __future__ import annotations

import pytest

from menus.port import Asking, NoSuchRequest
from tests.contract.commune import YES, Commune

DAUGHTER, NEIGHBOUR = 1, 2  # phones


def numbers(commune: Commune, phone: int) -> list[tuple[int, str, str]]:
    return [(it.number, it.kind, it.name) for it in commune.phone(phone).requests()]


def test_each_request_has_the_next_number_and_asked_again_its_own(commune: Commune) -> None:
    port = commune.phone(DAUGHTER)
    assert port.ask(Asking("qr", words="xin ma qr", told=True), commune.hamlets[0], YES) == 1
    assert commune.phone(NEIGHBOUR).ask(Asking("qr"), None, YES) == 2
    assert commune.phone(DAUGHTER).ask(Asking("qr"), None, YES) == 1
    assert commune.phone(DAUGHTER).ask(Asking("visit"), None, YES) == 3, "a number asked again is not used up"
    assert numbers(commune, DAUGHTER) == [(1, "qr", ""), (3, "visit", "")]
    assert numbers(commune, NEIGHBOUR) == [(2, "qr", "")]
    assert commune.phone(DAUGHTER).requests()[0].asked == commune.now


def test_for_two_people_without_a_phone_it_is_two_requests(commune: Commune) -> None:
    for name, number in (("Lý Thị Mẫu", 1), ("Vi Văn Tư", 2), ("ly thi mau", 1)):
        asking = Asking("no_phone", name=name, ground="relative")
        assert commune.phone(DAUGHTER).ask(asking, None, YES) == number
    assert [name for _, _, name in numbers(commune, DAUGHTER)] == ["Lý Thị Mẫu", "Vi Văn Tư"]


def test_what_is_withdrawn_is_asked_for_anew_under_another_number(commune: Commune) -> None:
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 1
    with pytest.raises(NoSuchRequest):
        commune.phone(NEIGHBOUR).withdraw(1)
    commune.phone(DAUGHTER).withdraw(1)
    with pytest.raises(NoSuchRequest):
        commune.phone(DAUGHTER).withdraw(1)
    assert numbers(commune, DAUGHTER) == []
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 2


def test_an_opinion_has_a_number_of_the_same_row_and_the_same_words_are_the_same_opinion(commune: Commune) -> None:
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 1
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 2
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 2
    assert commune.phone(NEIGHBOUR).opine("gop y: nha van hoa nong") == 3
    assert commune.phone(DAUGHTER).opine("gop y: them ghe") == 4


def test_whoever_wants_to_be_forgotten_stays_refused(commune: Commune) -> None:
    """An erasure is no wish for texts: their full stop stands, and GOI LAI takes it back."""
    commune.phone(DAUGHTER).stop("all")
    commune.phone(DAUGHTER).ask(Asking("erase"), None, YES)
    assert not commune.phone(DAUGHTER).stop("all")
    commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES)
    assert commune.phone(DAUGHTER).stop("all")
