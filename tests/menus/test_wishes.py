"""What a person is to do: within reach by key and from a fact, told while it waits, and
what is said beside it is heard.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from menus import words
from menus.days import at_local, today
from menus.fitting import SMS, cost, fold
from menus.port import Event, Occasion, Request, Slot
from menus.topics import Topic
from menus.world import CommuneFact
from tests.menus.resident import NOW, REGISTERED, Resident, world

KINDS = ("qr", "account", "visit", "school", "tv360", "app", "no_phone")
LONGEST = "Hoang Thi Phuong Thao Nguyen Thi Thuong Huyen Trang"


@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_every_request_is_three_keys_away_and_the_list_one_page(spoken: str) -> None:
    caller = Resident(REGISTERED).speaking(spoken)
    caller.dial("4")
    assert "99. " not in caller.screen.text
    offered = [line.value for line in caller.session.offered]
    assert offered == ["call", *KINDS, "opinion", "data"]
    for key, kind in enumerate(KINDS[:6], 2):
        caller = Resident(REGISTERED).speaking(spoken)
        caller.dial("4", str(key))
        if kind == "school":
            continue
        assert caller.session.answers["kind"] == kind


def test_the_keys_on_leaflets_still_ask_for_a_call() -> None:
    caller = Resident(REGISTERED)
    assert caller.session.channel == "ussd"
    texting = Resident(REGISTERED, channel="sms")
    texting.text("chao xa", "4")
    assert texting.state == "CallMe"


@pytest.mark.parametrize("channel", ["ussd", "sms"])
@pytest.mark.parametrize(
    ("topic", "word", "kind"), [("qr", "QR", "qr"), ("tv360", "TV360", "tv360")]
)
def test_a_fact_offers_the_key_to_ask_for_it(
    channel: str, topic: str, word: str, kind: str
) -> None:
    here = world()
    said = {"vi": "Mã QR cho cửa hàng, không mất tiền.", "en": "A QR, free."}
    here.facts = [CommuneFact(Topic(topic), said, today(NOW))]
    someone = Resident(REGISTERED, channel=channel, in_world=here)  # type: ignore[arg-type]
    if channel == "sms":
        someone.text(word, "1")
    else:
        someone.dial("7", str(list(Topic).index(Topic(topic)) + 1), "1")
    assert someone.state == "AskRequest"
    assert someone.session.answers["kind"] == kind


def test_a_call_that_waits_is_told_of_and_the_first_key_keeps_it() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOI LAI", "1")
    assert someone.text("GOI LAI").startswith(
        "So 1: nho goi lai, ghi T6 12/4, chua goi"
    )
    assert cost(someone.screen.text).parts == 1
    assert "So 1" in someone.text("sao chua thay ai goi")
    someone.text("GOI LAI", "1")
    assert [one.number for one in someone.port.requests()] == [1]
    someone.text("GOI LAI", "3")
    assert someone.port.requests() == []


@pytest.mark.parametrize("said", ["toi muon xin ma qr", "GOI LAI"])
def test_a_no_is_told_that_nothing_was_noted(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    assert someone.text(said, "thoi") == fold(words.say("vi", "not_asked"))
    assert someone.port.requests() == []


def test_a_name_is_kept_in_whole_words_and_heard_in_the_question() -> None:
    for channel in ("sms", "ussd"):
        someone = Resident(REGISTERED, channel=channel)
        if channel == "sms":
            someone.text("me toi khong co dien thoai", LONGEST, "1")
        else:
            someone.dial("4", "8", LONGEST, "1")
        assert "Trang)" in someone.screen.text, "by the last word at least"
        someone.press("1") if channel == "ussd" else someone.text("1")
        (asked,) = someone.port.requests()
        assert asked.name == LONGEST


def test_lich_says_how_the_only_request_stands_and_of_several_how_many() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL CN 8h", "1")
    assert someone.booking
    someone.text("GOI LAI", "1")
    assert "So 1: nho goi lai, chua goi" in someone.text("LICH")
    assert cost(someone.screen.text).parts == 1
    someone.text("toi muon xin ma qr", "1")
    assert "Viec da nho: 2, chua xong 2" in someone.text("LICH")
    assert cost(someone.screen.text).parts == 1


def test_one_that_was_opened_again_does_not_say_that_nobody_called() -> None:
    someone = Resident(REGISTERED, channel="sms")
    request = Request(7, "visit", NOW, reopened=True)
    someone.world.requests.append((someone.session.phone, request))
    assert "mo lai" in someone.text("viec toi nho den dau roi")
    assert "chua goi" not in someone.screen.text


def test_many_of_them_are_one_text_and_the_others_behind_a_line() -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS)
    for number, kind in enumerate(KINDS, 1):
        made = Request(number, kind, NOW - timedelta(days=1))  # type: ignore[arg-type]
        someone.world.requests.append((someone.session.phone, made))
    text = someone.text("LICH")
    assert cost(text).parts == 1
    seen = {line.value for line in someone.session.offered}
    while "more" in {line.value for line in someone.session.offered}:
        someone.text(str(len(someone.session.offered)))
        assert cost(someone.screen.text).parts == 1
        seen |= {line.value for line in someone.session.offered}
    assert seen == {*map(str, range(1, 8)), "more"}
    someone.text("LICH")
    assert someone.session.offered[0].value == "1", "from the beginning again"


@pytest.mark.parametrize("said", ["tieng tay", "toi chi biet tieng nung", "noi tieng tày duoc khong"])  # fmt: skip
def test_there_is_no_tay_and_that_is_said_with_a_call_offered(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    told = someone.text(said)
    assert "chua nhan duoc bang tieng Tay" in told
    assert cost(told).parts == 1
    someone.text("1")
    assert someone.state == "CallMe"


def test_the_wests_language_is_english() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("tiếng tây")
    assert someone.state == "Language"


def test_doi_of_whoever_has_a_booking_is_about_its_time() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("DL CN 8h", "1", "DOI")
    assert someone.state == "PickEvent"
    assert someone.session.answers["moving"]
    stranger = Resident(REGISTERED, channel="sms")
    stranger.text("DOI")
    assert stranger.state == "Result"


def test_a_workshop_is_told_as_by_invitation() -> None:
    here = world()
    starts = at_local(date(2024, 4, 16), "14:00")
    here.without_times = [
        Occasion(
            7,
            "workshop",
            starts,
            starts + timedelta(hours=2),
            "Hội trường xã",
            None,
            76,
        )
    ]
    someone = Resident(REGISTERED, channel="sms", in_world=here)
    told = someone.text("76")
    assert "Theo giay moi" in told
    assert cost(told).parts == 1


def test_bare_hop_asks_no_second_time_for_the_hamlet() -> None:
    here = world(hamlets=3)
    starts = at_local(date(2024, 4, 16), "19:00")
    here.without_times = [
        Occasion(
            7,
            "meeting",
            starts,
            starts + timedelta(hours=2),
            "NVH Quảng Trung III",
            2,
            62,
        )
    ]
    stranger = Resident(channel="sms", in_world=here)
    stranger.text("HOP quang trung 3")
    assert stranger.state == "Occasions"
    stranger.text("HOP")
    assert stranger.state == "Occasions"


@pytest.mark.parametrize("said", ["offers", "tuition", "school fees of my child"])
def test_one_english_word_is_answered_in_english(said: str) -> None:
    here = world()
    fact = {"vi": "Trả lời.", "en": "An answer."}
    here.facts = [CommuneFact(topic, fact, today(NOW)) for topic in Topic]
    someone = Resident(REGISTERED, channel="sms", in_world=here)
    assert "An answer." in someone.text(said)


def test_with_tone_marks_the_fact_stands_beside_the_day_at_the_gate() -> None:
    here = world()
    starts = at_local(date(2024, 4, 13), "06:45")
    here.without_times = [
        Occasion(
            7, "school", starts, starts + timedelta(hours=1), "Cổng trường", None, 73
        )
    ]
    said = "Học phí: trả qua Viettel Money, mục Học phí, hoặc tại bàn ở cổng trường."
    fact = {"vi": said, "en": "Tuition: in Viettel Money."}
    here.facts = [CommuneFact(Topic.TUITION, fact, today(NOW))]
    someone = Resident(REGISTERED, channel="sms", in_world=here)
    someone.speaking("vi", marks=True)
    told = someone.text("HOC PHI")
    assert "Viettel Money" in told
    assert "13/4" in told


@pytest.mark.parametrize("full", range(6))
@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_the_hours_of_a_session_are_one_text_however_many_are_full(
    spoken: str, full: int
) -> None:
    clocks = ("17:00", "17:15", "17:30", "17:45", "18:00", "18:15")
    here = world(events=1, clocks=clocks, hamlets=3)
    accounts: dict[int, tuple[Slot, Event]] = {}
    for key, (slot, event) in here.slots.items():
        seats = 0 if len(accounts) < full else slot.seats
        accounts[key] = slot.replace(seats=seats), event.replace(kind="account")
    here.slots = accounts
    here.numbers = {90_001: 74}
    someone = Resident(REGISTERED, channel="sms", in_world=here, budget=SMS)
    told = someone.speaking(spoken).text("74")
    assert someone.state == "PickSlot"
    assert "18h15" in told
    assert cost(told).parts == 1, told
