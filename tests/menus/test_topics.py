"""What residents ask about that is no booking: heard by word and by question, answered
in one text, or by a person.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from menus import words
from menus.days import at_local, today
from menus.fitting import cost, fold
from menus.hearing import hear
from menus.hearing.particulars import is_english
from menus.port import Occasion
from menus.topics import Topic
from menus.world import CommuneFact, World
from tests.menus.resident import NOW, REGISTERED, Resident, world
from tests.menus.test_heard import situation

TEXTS = Path(__file__).parent / "heard_topics.tsv"
MOST_TO_SAY = {"vi": "Điểm " + "a" * 155, "en": "Point " + "b" * 154}  # 160 septets


def texts() -> list[tuple[str, str, str]]:
    with TEXTS.open(encoding="utf-8", newline="") as file:
        return [
            (row["context"], row["message"], row["topic"])
            for row in csv.DictReader(file, delimiter="\t")
        ]


def knowing(*topics: Topic, channel: str = "sms") -> Resident:
    """A resident of a commune that says so about these."""
    here = world()
    here.facts = [CommuneFact(topic, MOST_TO_SAY, today(NOW)) for topic in topics]
    return Resident(
        REGISTERED, channel="sms" if channel == "sms" else "ussd", in_world=here
    )


@pytest.mark.parametrize(("context", "message", "topic"), texts())
def test_a_question_is_heard_for_its_topic_and_nothing_else_is(
    context: str, message: str, topic: str
) -> None:
    meaning = hear(message, situation(context))
    heard = meaning.topic if meaning.word == "FACT" else "-"
    assert heard == topic, meaning


def test_every_topic_has_words_a_line_and_texts_of_its_own() -> None:
    assert words.TOPICS.keys() == {*Topic, ""}
    asked = Counter(topic for _, _, topic in texts())
    assert min(asked[topic] for topic in Topic) >= 6
    assert sum(asked[topic] for topic in Topic) >= 120
    assert asked["-"] >= 30
    for sentences in words.SENTENCES.values():
        assert {f"topic_{topic}" for topic in Topic} <= sentences.keys()


def test_the_words_that_are_named_are_heard_each_for_its_topic() -> None:
    named = (
        fold(words.say("vi", "questions_sms"))
        .split("Nhan: ")[1]
        .split(", hoac")[0]
        .split(", ")
    )
    heard = [hear(word, situation("none")) for word in named]
    assert {meaning.word for meaning in heard} == {"FACT"}
    assert {meaning.topic for meaning in heard} == set(Topic)


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_a_fact_is_one_text_and_one_page_by_word_and_by_key(
    topic: Topic, spoken: str
) -> None:
    word = next(message for _, message, its in texts() if its == topic)
    by_text = knowing(topic).speaking(spoken)
    assert by_text.text(word) == fold(MOST_TO_SAY[spoken])
    assert cost(by_text.screen.text).parts == 1
    by_key = knowing(topic, channel="ussd").speaking(spoken)
    by_key.dial("7", str(list(Topic).index(topic) + 1))
    assert by_key.screen.text == fold(MOST_TO_SAY[spoken])
    assert by_key.screen.ends
    assert by_text.world.asked == by_key.world.asked == [(topic, today(NOW))]


@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_where_there_is_no_fact_a_person_is_a_word_or_a_key_away(spoken: str) -> None:
    someone = knowing().speaking(spoken)
    assert someone.text("nop tien hoc cho chau the nao") == fold(
        words.say(spoken, "fact_none_sms")
    )
    someone.text("GOI LAI")
    assert someone.state == "CallMe"
    caller = knowing(channel="ussd").speaking(spoken)
    caller.dial("7", "4", "1")
    assert caller.state == "CallMe"


def test_a_fact_that_ran_out_or_is_still_to_come_is_not_told() -> None:
    someone = knowing()
    day = today(NOW)
    said = {"vi": "Cũ.", "en": "Old."}
    someone.world.facts = [
        CommuneFact(
            Topic.POWER, said, day - timedelta(days=9), day - timedelta(days=1)
        ),
        CommuneFact(Topic.POWER, said, day + timedelta(days=1)),
    ]
    assert someone.text("DIEN") == fold(words.say("vi", "fact_none_sms"))
    someone.world.facts.append(
        CommuneFact(Topic.POWER, {"vi": "Nay.", "en": "Now."}, day, day)
    )
    assert someone.text("DIEN") == "Nay."


@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_who_we_are_is_told_from_any_state_though_nobody_wrote_it(spoken: str) -> None:
    told = fold(words.say(spoken, "who", commune="Phường Lương Văn Tri"))
    for way in (
        (),
        ("DL",),
        ("DL", "1"),
        ("DL", "1", "1"),
        ("GOI LAI",),
        ("LICH",),
        ("KT",),
        ("TG",),
        ("NN",),
    ):
        someone = knowing().speaking(spoken)
        someone.text(*way, "co phai lua dao khong")
        assert someone.screen.text == told, way
        assert cost(told).parts == 1


def test_what_is_asked_in_between_leaves_the_open_list_open_but_no_promise() -> None:
    someone = knowing(Topic.SWITCH_OFF)
    someone.text("DL", "bao gio khoa may 2g")
    someone.text("1")
    assert someone.state == "PickSlot"
    someone.text("1")
    assert someone.state == "Confirm"
    someone.text("bao gio khoa may 2g", "ok")
    assert someone.booking is None, (
        "said of the answer, perhaps: the booking is asked again"
    )


def test_a_name_that_is_also_a_keyword_stays_a_name() -> None:
    someone = knowing(Topic.POWER)
    someone.text("DL", "1", "1", "dat ho")
    assert someone.state == "OtherName"
    someone.text("chi Dien")
    assert someone.state == "OtherPhone"


def test_home_leads_to_the_topics_and_hoi_dap_names_their_words() -> None:
    caller = knowing(channel="ussd")
    caller.dial("7")
    assert caller.state == "Questions"
    assert "99. Xem tiep" in caller.screen.text
    assert knowing().text("hoi dap") == fold(words.say("vi", "questions_sms"))
    assert cost(fold(words.say("vi", "questions_sms"))).parts == 1


@pytest.mark.parametrize(
    ("topic", "question"),
    [
        ("money", "what is viettel money"),
        ("money", "how do i open a viettel money account"),
        ("money", "does viettel money cost anything"),
        ("qr", "what is a qr code"),
        ("qr", "how do customers pay by qr"),
        ("qr", "is the qr for my shop free"),
        ("tuition", "how do i pay tuition"),
        ("tuition", "can i pay school fees by phone"),
        ("tuition", "where to pay the school fee"),
        ("power", "how to pay the electricity bill"),
        ("power", "can i pay for electricity by phone"),
        ("power", "where do i pay for power"),
        ("water", "how do i pay the water bill"),
        ("water", "can water be paid by phone"),
        ("water", "where to pay for water"),
        ("app", "what is the app for"),
        ("app", "how do i install the app"),
        ("app", "is there an app of the province"),
        ("services", "how do i use public services online"),
        ("services", "can i apply for papers online"),
        ("services", "what are online public services"),
        ("tv360", "what is tv360"),
        ("tv360", "how much is tv360"),
        ("tv360", "can i watch tv on my phone"),
        ("point", "where is the service point"),
        ("point", "where is the viettel shop"),
        ("point", "when is the service point open"),
        ("offers", "are there any offers"),
        ("offers", "is there a discount"),
        ("offers", "any promotions now"),
        ("switch_off", "when will 2g be switched off"),
        ("switch_off", "when does 2g end"),
        ("switch_off", "will my old phone stop working"),
        ("text_price", "how much does a text cost"),
        ("text_price", "is it free to text this number"),
        ("text_price", "what does one sms cost"),
        ("who", "who are you"),
        ("who", "is this a scam"),
        ("who", "is this really the commune"),
        ("shop", "how can i sell online"),
    ],
)
def test_a_question_in_english_is_answered_in_english(
    topic: str, question: str
) -> None:
    someone = knowing(Topic(topic))
    assert someone.text(question).startswith("Point ")
    assert someone.session.language == words.VIETNAMESE, "the phone keeps its own"


@pytest.mark.parametrize(
    "said", ["do la so cua ai", "to cho ba con hoi", "the a", "toi can di cho"]
)
def test_vietnamese_without_marks_is_not_taken_for_english(said: str) -> None:
    assert not is_english(said)


def with_a_gate_desk(here: World) -> World:
    """A desk at the school gate on Saturday, and a fact that names no day."""
    starts, ends = (
        at_local(date(2024, 4, 13), "06:45"),
        at_local(date(2024, 4, 13), "07:45"),
    )
    here.without_times = [Occasion(7, "school", starts, ends, "Cổng trường", None, 73)]
    said = {"vi": "Học phí: trả qua Viettel Money.", "en": "Tuition: in Viettel Money."}
    here.facts = [CommuneFact(Topic.TUITION, said, today(NOW))]
    return here


@pytest.mark.parametrize(
    ("question", "fact", "day"),
    [
        ("hoc phi", "Hoc phi: tra qua", "T7 13/4, 6h45-7h45, Cong truong"),
        ("how do i pay tuition", "Tuition: in", "Sat 13/4, 6h45-7h45, Cong truong"),
    ],
)
def test_tuition_is_answered_with_the_next_day_at_the_gate(
    question: str, fact: str, day: str
) -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_a_gate_desk(world()))
    answer = someone.text(question)
    assert fact in answer
    assert day in answer
    assert cost(answer).parts == 1


def test_a_long_fact_stands_behind_the_day_at_the_gate() -> None:
    here = with_a_gate_desk(world())
    here.facts = [CommuneFact(Topic.TUITION, MOST_TO_SAY, today(NOW))]
    someone = Resident(REGISTERED, channel="sms", in_world=here)
    assert "T7 13/4" in someone.text("hoc phi")
    assert someone.text("1").startswith("Diem ")
