"""The longest that residents are told of themselves is one part, by text and in a call."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from menus import notices, words
from menus.core import Channel
from menus.fitting import SMS, USSD, cost, fits, on_wire
from menus.port import KeptDetail, LastText, Logged, LoggedWork
from menus.requesting import OwnData
from tests.menus.resident import REGISTERED, Resident, world

PHONE = "+84990000001"
LONGEST = "NVH Quảng Trung III"
LONGEST_NAMES: dict[str, Any] = {
    "commune": "Phường Lương Văn Tri",
    "number": "2404",
    "day": "CN 27/12",
}


@pytest.mark.parametrize("language", [words.VIETNAMESE, words.ENGLISH])
@pytest.mark.parametrize("channel", ["sms", "ussd"])
def test_all_that_was_logged_on_a_day_is_one_part(
    channel: Channel, language: str
) -> None:
    here = world()
    everything = get_args(LoggedWork)
    here.logged[PHONE] = (
        Logged(date(2024, 4, 12), LONGEST, everything),
        Logged(date(2024, 3, 30), LONGEST, everything),
    )
    budget = SMS if channel == "sms" else USSD
    someone = Resident(REGISTERED, channel=channel, budget=budget, in_world=here)
    someone.speaking(language)
    someone.port.opine("gop y: them ghe")
    told = someone.text("LICH") if channel == "sms" else someone.dial("3")
    assert someone.state == "WhatWasLogged"
    assert "12/4" in told
    assert cost(told).parts == 1
    assert fits(told, budget)


@pytest.mark.parametrize("language", [words.VIETNAMESE, words.ENGLISH])
def test_the_text_that_asks_whether_it_is_right_is_one_part(language: str) -> None:
    done = [words.say(language, f"logged_{work}") for work in get_args(LoggedWork)]
    asked = notices.text("logged", language, what=", ".join(done), **LONGEST_NAMES)
    assert cost(on_wire(asked, False)).parts == 1, asked


@pytest.mark.parametrize("language", [words.VIETNAMESE, words.ENGLISH])
def test_what_is_asked_again_and_answered_is_one_part(language: str) -> None:
    someone = asked_about(*get_args(LoggedWork)).speaking(language)
    for said in ("chang hieu ghi cai gi", "2"):
        told = someone.text(said)
        assert cost(told).parts == 1, told


def asked_about(*done: LoggedWork) -> Resident:
    """Whoever was just asked, in a text of ours."""
    here = world()
    here.logged_asked[PHONE] = Logged(date(2024, 12, 15), LONGEST, done)
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    last = LastText("logged", someone.port.now)
    someone.port.last_text = lambda **_: last  # type: ignore[method-assign]  # it sends none
    return someone


RIGHT = (
    "1", "so 1", "bam 1", "1 dung roi", "đúng", "dung", "Đúng rồi cháu ạ", "dung, toi nhan may roi", "vang dung roi",
    "chuan", "phai roi", "da toi doi roi", "ok", "that's right", "yes", "co", "uk e lay may r",
)  # fmt: skip
WRONG = (
    "2", "so 2", "2. toi da doi dau", "sai", "sai roi", "ghi sai roi", "2 ghi nham cho nguoi khac", "toi chua doi",
    "khong dung", "lam gi co", "chua nhan may", "toi da doi dau", "wrong", "I did not change it", "2 vo toi doi",
)  # fmt: skip
NEITHER = (
    "vo toi doi chu khong phai toi", "đúng à", "dung khong?", "doi cho me toi roi", "1 hay 2", "2 cai", "1 cai thoi",
    "hinh nhu dung", "chac la dung", "khong", "khong phai toi", "de hoi lai con da", "dung nhan tin nua", "dừng", "TC",
    "dung doi nua", "ai doi", "nham so roi", "con toi doi roi", "1 nhung may hong", "doi roi ma khong goi duoc",
    "cam on", "toi doi may khi nao", "1 2 deu khong",
)  # fmt: skip


@pytest.mark.parametrize("said", RIGHT)
def test_a_plain_yes_confirms(said: str) -> None:
    someone = asked_about("sim_4g")
    someone.text(said)
    assert someone.port.done == ["confirm"]


@pytest.mark.parametrize("said", WRONG)
def test_a_plain_no_denies_and_asks_to_be_called_with_its_words(said: str) -> None:
    someone = asked_about("sim_4g")
    someone.text(said)
    assert someone.port.done == ["deny", "ask call_me"]


@pytest.mark.parametrize("said", NEITHER)
def test_what_is_not_plain_is_neither(said: str) -> None:
    someone = asked_about("sim_4g")
    someone.text(said)
    assert not {"confirm", "deny"} & {*someone.port.done}


def test_an_answer_twice_is_kept_once() -> None:
    someone = asked_about("sim_4g")
    someone.text("1")
    someone.text("2")
    assert someone.port.done == ["confirm"]
    assert someone.state != "LoggedDenied"


def test_asked_again_it_is_answered_in_the_same_words() -> None:
    someone = asked_about("sim_4g")
    for said in ("con toi doi roi", "khong phai toi"):
        someone.text(said)
    assert someone.port.done == []
    someone.text("sai, toi chua doi")
    assert someone.port.done == ["deny", "ask call_me"]


@pytest.mark.parametrize("language", [words.VIETNAMESE, words.ENGLISH])
def test_all_that_may_be_kept_is_told_in_one_part(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS).speaking(language)
    kept = get_args(KeptDetail)
    monkeypatch.setattr(someone.port, "kept_of_them", lambda: kept)
    told = someone.text("du lieu cua toi")
    assert someone.state == OwnData.__name__
    assert cost(told).parts == 1
    last = on_wire(words.say(language, "kept_texts"), False)
    assert f"{last}.\n1." in told
