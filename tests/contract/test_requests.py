"""What a phone asks for and says, alike behind both ports: a number each, the same one
when it is asked again.
"""

from __future__ import annotations

import pytest

from menus.port import Asking, NoSuchRequest
from tests.contract.commune import YES, Commune

DAUGHTER, NEIGHBOUR = 1, 2  # phones


def numbers(commune: Commune, phone: int) -> list[tuple[int, str, str]]:
    return [(it.number, it.kind, it.name) for it in commune.phone(phone).requests()]


def test_each_request_has_the_next_number_and_asked_again_its_own(
    commune: Commune,
) -> None:
    port = commune.phone(DAUGHTER)
    assert (
        port.ask(Asking("qr", words="xin ma qr", told=True), commune.hamlets[0], YES)
        == 1
    )
    assert commune.phone(NEIGHBOUR).ask(Asking("qr"), None, YES) == 2
    assert commune.phone(DAUGHTER).ask(Asking("qr"), None, YES) == 1
    assert commune.phone(DAUGHTER).ask(Asking("visit"), None, YES) == 3, (
        "a number asked again is not used up"
    )
    assert numbers(commune, DAUGHTER) == [(1, "qr", ""), (3, "visit", "")]
    assert numbers(commune, NEIGHBOUR) == [(2, "qr", "")]
    assert commune.phone(DAUGHTER).requests()[0].asked == commune.now


def test_for_two_people_without_a_phone_it_is_two_requests(commune: Commune) -> None:
    for name, number in (("Lý Thị Mẫu", 1), ("Vi Văn Tư", 2), ("ly thi mau", 1)):
        asking = Asking("no_phone", name=name, ground="relative")
        assert commune.phone(DAUGHTER).ask(asking, None, YES) == number
    assert [name for _, _, name in numbers(commune, DAUGHTER)] == [
        "Lý Thị Mẫu",
        "Vi Văn Tư",
    ]


def test_in_two_places_it_is_two_requests_and_a_call_is_one_wherever_one_lives(
    commune: Commune,
) -> None:
    """A shop here and a shop there; a visit to one grandmother and to another of the
    same name.
    """
    here, there = commune.hamlets
    for place, number in ((here, 1), (there, 2), (here, 1), (None, 1)):
        assert (
            commune.phone(DAUGHTER).ask(Asking("qr", place=place), None, YES) == number
        )
    for place, number in ((here, 3), (there, 4), (here, 3)):
        asking = Asking("no_phone", name="Lý Thị Mẫu", ground="relative", place=place)
        assert commune.phone(DAUGHTER).ask(asking, None, YES) == number
    for place in (here, there, None):
        assert (
            commune.phone(DAUGHTER).ask(Asking("call_me", place=place), None, YES) == 5
        )


def test_a_place_that_was_not_known_is_filled_in_and_makes_no_other_request(
    commune: Commune,
) -> None:
    here, there = commune.hamlets
    for place, number in ((None, 1), (here, 1), (there, 2)):
        assert (
            commune.phone(NEIGHBOUR).ask(Asking("visit", place=place), None, YES)
            == number
        )
    assert [it.place for it in commune.phone(NEIGHBOUR).requests()] == [here, there]


def test_a_school_is_named_and_of_two_schools_it_is_two_requests(
    commune: Commune,
) -> None:
    first = commune.school("Trường Tiểu học", DAUGHTER)
    second = commune.school("Trường Trung học cơ sở")
    offered = [(it.id, it.own) for it in commune.phone(DAUGHTER).schools()]
    assert offered == [(first, True), (second, False)]
    for school, told, number in (
        (None, False, 1),
        (second, True, 1),
        (first, True, 2),
        (second, True, 1),
    ):
        asking = Asking("school", told=told, school=school)
        assert commune.phone(NEIGHBOUR).ask(asking, None, YES) == number
    assert commune.asked_of(1) == (second, True)
    assert commune.asked_of(2) == (first, True)


def test_what_is_withdrawn_is_asked_for_anew_under_another_number(
    commune: Commune,
) -> None:
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 1
    with pytest.raises(NoSuchRequest):
        commune.phone(NEIGHBOUR).withdraw(1)
    commune.phone(DAUGHTER).withdraw(1)
    with pytest.raises(NoSuchRequest):
        commune.phone(DAUGHTER).withdraw(1)
    assert numbers(commune, DAUGHTER) == []
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 2


def test_an_opinion_has_a_number_of_the_same_row_and_the_same_words_are_the_same_opinion(
    commune: Commune,
) -> None:
    assert commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES) == 1
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 2
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 2
    assert commune.phone(NEIGHBOUR).opine("gop y: nha van hoa nong") == 3
    assert commune.phone(DAUGHTER).opine("gop y: them ghe") == 4


def test_whoever_wants_to_be_forgotten_stays_refused(commune: Commune) -> None:
    """An erasure is no wish for texts: their full stop stands, and GOI LAI takes it
    back.
    """
    commune.phone(DAUGHTER).stop("all")
    commune.phone(DAUGHTER).ask(Asking("erase"), None, YES)
    assert not commune.phone(DAUGHTER).stop("all")
    commune.phone(DAUGHTER).ask(Asking("call_me"), None, YES)
    assert commune.phone(DAUGHTER).stop("all")


def test_which_details_are_kept_of_somebody_is_told_alike(commune: Commune) -> None:
    assert list(commune.phone(DAUGHTER).kept_of_them()) == []
    assert list(commune.phone(DAUGHTER).logged()) == []
    commune.phone(DAUGHTER).opine("gop y: them ghe")
    assert list(commune.phone(DAUGHTER).kept_of_them()) == ["opinions"]
    commune.phone(DAUGHTER).ask(Asking("call_me"), commune.hamlets[0], YES)
    commune.books(DAUGHTER, commune.sunday[0])
    kept = ["hamlet", "bookings", "requests", "opinions"]
    assert list(commune.phone(DAUGHTER).kept_of_them()) == kept


def test_others_call_no_more_and_the_request_stays_for_the_commune(
    commune: Commune,
) -> None:
    daughter = commune.phone(DAUGHTER)
    school = commune.school("Trường Tiểu học")
    daughter.ask(Asking("qr", told=True), commune.hamlets[0], YES)
    daughter.ask(Asking("account"), None, YES)
    daughter.ask(Asking("school", told=True, school=school), None, YES)
    assert list(commune.phone(NEIGHBOUR).for_commune_alone("operator", YES)) == []
    daughter.stop("all")
    assert list(daughter.for_commune_alone("operator", YES)) == [1]
    told = [(it.number, it.told) for it in commune.phone(DAUGHTER).requests()]
    assert told == [(1, False), (2, False), (3, True)]
    assert list(commune.phone(DAUGHTER).for_commune_alone("operator", YES)) == []
    assert not commune.phone(DAUGHTER).stop("all"), "a refusal of texts stands"
    assert list(commune.phone(DAUGHTER).for_commune_alone("school", YES)) == [3]
    assert commune.asked_of(3) == (school, False)
    commune.phone(DAUGHTER).ask(Asking("qr", told=True), None, YES)
    assert commune.phone(DAUGHTER).requests()[0].told, "agreed to anew"


def test_an_opinion_is_taken_back_by_whoever_said_it(commune: Commune) -> None:
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 1
    with pytest.raises(NoSuchRequest):
        commune.phone(NEIGHBOUR).take_back_opinion(1)
    commune.phone(DAUGHTER).take_back_opinion(1)
    assert list(commune.phone(DAUGHTER).opinions()) == []
    with pytest.raises(NoSuchRequest):
        commune.phone(DAUGHTER).take_back_opinion(1)
    assert commune.phone(DAUGHTER).opine("gop y: nha van hoa nong") == 2
