"""After our own question for an opinion the next text is it, unless it commands
something; and what a stranger says first is answered truthfully.
"""

from __future__ import annotations

import re

import pytest

from menus import words
from menus.fitting import fold
from menus.hearing.commands import says_a_command
from tests.menus.resident import REGISTERED, Resident

OPINIONS = [
    "nen co lop toi cho ba con di lam", "hop thon toan vao gio di lam", "doi may lau qua, cho ca buoi",
    "nhan vien noi nang kho nghe", "lich doi may gap qua nen nhieu nguoi khong biet", "huy buoi trua di thi hay hon",
    "co nhieu nguoi gia khong biet nhan tin", "khong ai goi lai cho ba toi ca", "goi lai cham qua, ba toi cho ca tuan",
    "dat lich kho qua, nen de truong thon dat ho", "gia tin nhan dat", "can bo tot lam",
    "mo tai khoan viettel money phai cho lau qua", "yeu cau xa sua loa", "toi thay ma qr kho dung", "dien hay cat",
]  # fmt: skip
COMMANDS = {
    "DL": "PickEvent", "DL t7 8h": "Nearest", "LICH": "MyBooking", "HOP": "Occasions", "GOI LAI": "CallMe",
    "1": "AskRequest", "TC DV": "", "GOP Y": "Opinion", "QR": "Opinion", "98": "CallMe", "KT": "Result",
}  # fmt: skip


@pytest.mark.parametrize("said", OPINIONS)
def test_what_was_asked_for_is_the_opinion(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOP Y", said)
    assert [kept for _, kept in someone.world.opinions.values()] == [said]


def test_every_keyword_that_stands_alone_is_a_command() -> None:
    """Also one that was added to `heard.toml` only."""
    plain = re.compile(r"«([a-z ]+)»")
    phrases = [phrase for heard in words.HEARD.values() for phrase in heard]
    keywords = [found[1] for phrase in phrases if (found := plain.fullmatch(phrase))]
    assert len(keywords) > 15
    assert [word for word in keywords if not says_a_command(word)] == []


@pytest.mark.parametrize("said", COMMANDS)
def test_a_command_is_no_opinion(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOP Y", said)
    assert someone.world.opinions == {}
    assert someone.state == COMMANDS[said]


def test_a_no_is_no_opinion_either() -> None:
    someone = Resident(REGISTERED, channel="sms")
    assert someone.text("GOP Y", "thoi") == fold(words.say("vi", "left_alone"))
    assert someone.world.opinions == {}


@pytest.mark.parametrize(
    "said",
    ["vneid cai the nao", "lam the nao de duoc vay von ngan hang", "may toi sac khong vao dien lam sao"],
)  # fmt: skip
def test_a_question_that_begins_a_conversation_is_read_by_staff_and_told_so(
    said: str,
) -> None:
    stranger = Resident(channel="sms")
    assert stranger.text(said) == fold(words.say("vi", "nothing_to_do"))
    assert not stranger.session.understood


@pytest.mark.parametrize("said", ["chao xa", "alo", "xin chao"])
def test_a_greeting_is_answered_with_the_menu(said: str) -> None:
    stranger = Resident(channel="sms")
    stranger.text(said)
    assert stranger.state == "Home"
