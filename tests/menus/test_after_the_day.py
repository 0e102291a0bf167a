"""After the swap: how the new phone is used, and how it went."""

from __future__ import annotations

import pytest

from menus import words
from menus.fitting import SMS, cost, on_wire
from menus.notices import HOWTO
from tests.menus.resident import REGISTERED, Resident, visited, world


def test_in_a_call_the_advice_comes_as_a_text() -> None:
    for place, kind in enumerate(HOWTO, 1):
        someone = Resident(REGISTERED)
        assert "2. Cach dung may 4G" in someone.dial("5")
        assert "99. " not in someone.screen.text, "one screen, hotline and all"
        someone.press("2", str(place))
        assert (
            someone.screen.text
            == "Da ghi. Huong dan se den bang tin nhan trong it phut."
        )
        assert someone.screen.ends
        assert someone.port.done == [f"tell {kind}"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1", "VoLTE"),
        ("2", "Du lieu di dong"),
        ("3", "sac bang day"),
        ("4", "Khong doc mat khau"),
    ],
)
def test_by_text_the_answer_is_the_advice(line: str, says: str) -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS)
    asked = someone.text("CACH")
    assert asked.startswith("Xem cach dung gi?\n1. Goi nghe ro (HD)")
    said = someone.text(line)
    assert says in said
    assert said.startswith("Phuong Luong Van Tri: ")
    assert cost(said).parts == 1
    assert someone.port.done == [], "no second text"


def test_the_help_by_text_names_the_word() -> None:
    assert "Dung may: CACH" in Resident(REGISTERED, channel="sms", budget=SMS).text(
        "TG"
    )


def test_a_score_is_thanked_for() -> None:
    someone = Resident(REGISTERED, in_world=visited(world()), channel="sms", budget=SMS)
    assert someone.text("DG 4 nhe") == "Da ghi diem 4. Cam on da gop y."
    assert someone.port.done == ["rate 4"]


def test_without_its_number_it_is_asked_for_once_and_a_five_is_a_five() -> None:
    someone = Resident(REGISTERED, in_world=visited(world()), channel="sms", budget=SMS)
    asked = someone.text("DG")
    assert "1. Kem" in asked
    assert "5. Rat tot" in asked
    assert someone.text("5") == "Da ghi diem 5. Cam on da gop y."
    assert someone.port.done == ["rate 5"]


def test_a_score_is_heard_while_another_list_is_open() -> None:
    someone = Resident(REGISTERED, in_world=visited(world()), channel="sms", budget=SMS)
    assert "1. " in someone.text("DL")
    assert someone.text("dg5") == "Da ghi diem 5. Cam on da gop y."


def test_where_there_was_no_visit_there_is_nothing_to_rate() -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS)
    assert someone.text("DG 4") == on_wire(
        words.SENTENCES["vi"]["rated_nothing"], False
    )
    assert someone.port.done == []
