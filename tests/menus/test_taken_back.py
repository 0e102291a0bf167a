"""What was said or agreed to and is wanted no more: an opinion, a call by Viettel, a
request; told from an erasure and from a refusal of texts.
"""

from __future__ import annotations

import pytest

from menus import words
from menus.fitting import cost, fold
from menus.port import OF_OTHERS, Asking, Consent
from tests.menus.resident import REGISTERED, Resident, world

AGREED = Consent("ask_operator:1", "1")
OPINIONS_TAKEN_BACK = [
    "rut lai gop y", "rút lại góp ý (số 1)", "toi muon rut lai gop y hom qua vi viet nham", "gop y so 1 toi rut lai",
    "xoa gop y 1 giup toi", "thoi khong gop y nua", "huy y kien cua toi", "bo cai gop y do di", "take back my opinion",
]  # fmt: skip
NOT_BY_VIETTEL = [
    "khong muon viettel goi nua", "dung dua so toi cho viettel", "rut dong y viettel", "rút lại đồng ý cho Viettel gọi",
    "viettel dung goi nua nhe", "toi doi y, khong cho viettel goi nua", "khong dong y cho viettel giu so",
    "thoi khong can ben viettel lien he dau", "đừng để Viettel gọi tôi", "do not let viettel call me",
]  # fmt: skip
NOT_THAT = [
    "sao viettel khong goi cho toi", "viettel money la gi", "khong nhan tin viettel nua", "sao khong cho viettel goi",
    "GOP Y xa nen bo y kien nay di", "viettel o xa goi so nao", "nha van hoa thieu ghe, xa nen mua them",
]  # fmt: skip


def with_a_request(kind: str = "qr") -> Resident:
    someone = Resident(REGISTERED, channel="sms", in_world=world())
    school = someone.world.schools[0].id if kind == "school" else None
    someone.port.ask(Asking(kind, told=True, school=school), 1, AGREED)  # type: ignore[arg-type]
    return someone


@pytest.mark.parametrize("said", OPINIONS_TAKEN_BACK)
def test_an_opinion_is_taken_back_in_plain_words_and_nothing_else_is(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOP Y hoi truong nong qua", said)
    assert someone.world.opinions == {}
    assert someone.screen.text == fold(words.say("vi", "opinion_taken_back", request=1))
    assert "ask erase" not in someone.port.done


def test_which_of_several_opinions_is_asked_and_what_is_in_a_report_stays() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOP Y hoi truong nong qua", "GOP Y thieu ghe ngoi", "rut lai gop y")
    assert someone.state == "WhichOpinion"
    someone.text("2")
    assert list(someone.world.opinions) == [1]
    someone.text("rut lai gop y so 7")
    assert "7" in someone.screen.text
    assert list(someone.world.opinions) == [1]


def test_where_nothing_was_said_nothing_is_erased() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("rut lai gop y")
    assert someone.state == "MyRequests"


@pytest.mark.parametrize("said", NOT_BY_VIETTEL)
@pytest.mark.parametrize("kind", OF_OTHERS["operator"])
def test_viettel_calls_no_more_and_the_request_is_the_communes(
    said: str, kind: str
) -> None:
    someone = with_a_request(kind)
    someone.text(said)
    (asked,) = someone.port.requests()
    assert (asked.told, asked.ended) == (False, None)
    told = words.say("vi", "for_commune_alone_operator", request=1)
    assert someone.screen.text == fold(told)


@pytest.mark.parametrize("said", NOT_BY_VIETTEL)
def test_without_a_request_it_is_heard_too(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(said)
    assert someone.screen.text == fold(words.say("vi", "not_asked_of_operator"))
    assert someone.port.done == []


@pytest.mark.parametrize("said", ["dung dua so toi cho truong", "khong muon nha truong goi nua"])  # fmt: skip
def test_the_school_calls_no_more_either(said: str) -> None:
    someone = with_a_request("school")
    someone.text(said)
    assert not someone.port.requests()[0].told


@pytest.mark.parametrize("said", NOT_THAT)
def test_what_only_speaks_of_viettel_takes_nothing_back(said: str) -> None:
    someone = with_a_request()
    someone.text(said)
    assert someone.port.requests()[0].told


def test_it_is_heard_while_a_list_is_open() -> None:
    someone = with_a_request()
    someone.text("DL", "khong muon viettel goi nua")
    assert not someone.port.requests()[0].told


@pytest.mark.parametrize(
    "said",
    ["khong muon viettel goi", "chi de xa goi thoi", "can bo xa goi thoi", "2"],
)  # fmt: skip
def test_to_the_question_itself_it_is_the_line_that_says_so(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("toi muon xin ma qr cho cua hang", said)
    (asked,) = someone.port.requests()
    assert not asked.told


@pytest.mark.parametrize("spoken", ["vi", "en"])
@pytest.mark.parametrize(
    "sentence",
    ["request_asked", "request_asked_told", "request_asked_school", "request_asked_erase"],
)  # fmt: skip
def test_every_confirmation_says_how_to_withdraw_in_one_part(
    sentence: str, spoken: str
) -> None:
    for kind in ("qr", "no_phone", "account", "erase", "copy", "visit"):
        what = words.say(spoken, f"request_what_{kind}")
        told = words.say(spoken, sentence, request=12345, what=what, number="2404")
        assert "HUY YEU CAU 12345" in told
        assert cost(fold(told)).parts == 1


def test_the_words_of_a_confirmation_withdraw_the_request() -> None:
    someone = with_a_request()
    someone.text("HUY YEU CAU 1 gui 2404")
    assert list(someone.port.requests()) == []


def test_huy_beside_a_request_offers_to_withdraw_it() -> None:
    someone = with_a_request()
    text = someone.text("HUY")
    line = next(
        place
        for place, option in enumerate(someone.session.offered, 1)
        if option.value == "WITHDRAW"
    )
    assert cost(text).parts == 1
    someone.text(str(line))
    assert list(someone.port.requests()) == []


def test_only_a_plain_wish_to_be_forgotten_is_asked_to_erase_at_once() -> None:
    for said in ("xoa het thong tin cua toi", "xóa dữ liệu của tôi đi"):
        someone = with_a_request()
        someone.text(said)
        assert someone.state == "AskRequest"
