"""What reads like an act and is none: a question, a doubt, talk beside a code. Nothing
is done, and it is asked.
"""

from __future__ import annotations

import pytest

from menus.hearing.reader import Last
from menus.listening import Text, hear

NOW = "2026-12-03T09:00+07:00"


def did(text: str, last: Last) -> tuple[str, ...]:
    return hear(Text(text, NOW, last)).did


@pytest.mark.parametrize(
    "said",
    [
        "huy 48315 nham roi",
        "huy 48315 thoi khong huy nua",
        "ma huy 48315 cua toi bi mat",
        "giu 48315 huy cai kia",
    ],
)
def test_a_code_beside_talk_cancels_nothing(said: str) -> None:
    assert did(said, "reminder") == ()


@pytest.mark.parametrize(
    "said",
    ["huy 48315", "HUY 48315 nhé", "huy 48315 khong di duoc", "hủy 48315 bận rồi"],
)
def test_a_code_with_a_reason_does(said: str) -> None:
    assert did(said, "reminder") == ("cancel 48315",)


@pytest.mark.parametrize("last", ["confirm", "consent", "offer", "held"])
@pytest.mark.parametrize(
    "said",
    [
        "được à",
        "có à",
        "có thể",
        "co the",
        "đồng ý không",
        "dong y khong",
        "khong co gi",
        "thôi nhé",
    ],
)
def test_half_a_yes_and_half_a_no_bind_nobody(said: str, last: Last) -> None:
    assert did(said, last) == ()


@pytest.mark.parametrize(
    "said",
    [
        "mai ba di dam cuoi",
        "mai toi di cho",
        "mai đi à",
        "mai toi den bac si",
        "mai di hop phu huynh",
        "chắc đi được",
    ],
)
def test_who_goes_somewhere_else_tomorrow_is_not_noted_as_coming(said: str) -> None:
    assert did(said, "reminder") == ()


def test_one_is_a_yes_to_a_text_that_asks() -> None:
    assert did("1", "reminder") == ("coming 48315",)
    assert did("1", "offer") == did("1", "held") == ("take 48315",)
    assert did("2", "offer") == did("2", "held") == did("2", "reminder") == ()


def test_a_booking_moves_to_another_hall_only_when_that_was_read() -> None:
    assert did("doi 48315 t5 9h duoc khong", "reminder") == ()
    assert did("doi 48315 CN 8h", "reminder") == ()


@pytest.mark.parametrize(
    "said",
    [
        "qc thui, nhac lich van can nha",
        "nhac lich thi van nhan, quang cao thi khong",
        "ngung het tru nhac lich",
    ],
)
def test_who_still_wants_some_texts_is_asked_which(said: str) -> None:
    assert did(said, "stop") == ()
