"""Residents who refuse texts, take it back, agree to adverts: what is said to them,
what stands, what is kept of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.privacy import erasure
from db.register import identity
from db.store.engine import Database, to_ms
from db.store.statements import Row
from db.texts import adverts, outbox, stops
from menus import fitting, notices, words
from menus.fitting import Cost, cost
from settings import Settings
from tests import factories as make
from tests.gateway.carriers import PHONE, Ussd, halls, serving
from tests.gateway.test_by_text import Texter

COMMANDS = {
    "TC": ("advert", "Tu luc do khong gui tin quang cao"),
    "TC NHAC": ("remind", "Tu luc do khong nhac lich hen"),
    "TC DV": ("all", "bao khi huy, doi lich da hen"),
}
AGAIN = "Nhan lai: "


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    halls(db)
    with serving(settings) as app:
        yield app.test_client()


@pytest.fixture
def texter(client: FlaskClient) -> Texter:
    return Texter(client)


def standing(db: Database) -> set[str]:
    with db.connection() as tx:
        return {row.what for row in tx.all(text("SELECT what FROM stops"))}


def lines(db: Database) -> list[Row]:
    with db.connection() as tx:
        return tx.all(text("SELECT * FROM wishes ORDER BY id"))


def told(db: Database) -> list[tuple[str, str, bool]]:
    """Act, what, and whether it still stands."""
    return [(row.act, row.what, row.ended_at is None) for row in lines(db)]


def erase(db: Database, settings: Settings) -> None:
    with db.transaction() as tx:
        erasure.erase(tx, settings.privacy_key, PHONE, to_ms(datetime.now(UTC)))


def asks(db: Database, settings: Settings) -> bool:
    with db.transaction() as tx:
        return adverts.ask(
            tx,
            privacy_key=settings.privacy_key,
            phone=PHONE,
            commune_id=1,
            now=to_ms(datetime.now(UTC)),
        )


def advert_consents(db: Database) -> list[bool]:
    """Which of them stand."""
    with db.connection() as tx:
        found = tx.all(
            text(
                "SELECT withdrawn_at FROM consents WHERE purpose = 'advert' ORDER BY id"
            )
        )
    return [row.withdrawn_at is None for row in found]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_refusal_is_confirmed_once_in_one_part_and_kept(
    texter: Texter, db: Database, command: str
) -> None:
    what, says = COMMANDS[command]
    first = texter.say(command)
    assert first.startswith("Da nhan luc ") and says in first and AGAIN in first
    assert cost(first).parts == 1
    assert texter.say(command).startswith("So nay da ngung nhan tin tu truoc")
    assert standing(db) == {what}
    assert told(db) == [("refused", what, True), ("confirmed", what, True)], (
        "said twice, it is one refusal"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_refusal_taken_back_and_said_again_is_a_new_one_and_the_old_line_stays(
    texter: Texter, db: Database, command: str
) -> None:
    what, says = COMMANDS[command]
    texter.say(command)
    texter.say("START")
    assert standing(db) == set()
    assert says in texter.say(command), "it is confirmed anew"
    assert told(db) == [
        ("refused", what, False),
        ("confirmed", what, False),
        ("took_back", what, False),
        ("confirmed", what, False),
        ("refused", what, True),
        ("confirmed", what, True),
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_refusal_after_an_erasure_is_heard_and_the_line_before_it_stays(
    texter: Texter, db: Database, settings: Settings, command: str
) -> None:
    what, _ = COMMANDS[command]
    texter.say(command)
    erase(db, settings)
    assert standing(db) == {what, "erased"}
    texter.say(command)
    assert told(db)[:3] == [
        ("refused", what, True),
        ("confirmed", what, True),
        ("refused", "erased", True),
    ]


def test_start_takes_back_all_that_a_resident_refused_but_no_do_not_call_list(
    texter: Texter, db: Database, settings: Settings
) -> None:
    with db.transaction() as tx:
        stops.do_not_call(tx, identity.who(settings.privacy_key, PHONE), 1)
    for command in COMMANDS:
        texter.say(command)
    texter.say("START")
    assert standing(db) == {"dnc"}


def test_the_line_knows_the_text_that_came_and_the_answer_that_confirms(
    texter: Texter, db: Database
) -> None:
    texter.say("TC NHAC")
    refusal, confirmation = lines(db)
    with db.connection() as tx:
        texts = {
            row.id: row
            for row in tx.all(text("SELECT id, direction, text FROM messages"))
        }
    assert texts[refusal.message_id].direction == "in"
    assert "khong nhac lich hen" in texts[confirmation.message_id].text
    assert confirmation.confirms == refusal.id
    assert (refusal.words, refusal.channel) == ("TC NHAC", "sms")


def test_what_stops_is_asked_with_four_lines_and_each_does_what_it_says(
    texter: Texter, db: Database
) -> None:
    texter.say("xin chao")
    asked = texter.say("huy het")
    assert "Thoi nhac lich" in asked and cost(asked).parts == 1
    texter.say(next(line[0] for line in asked.splitlines() if "Thoi nhac lich" in line))
    assert standing(db) == {"remind"}


def test_a_booking_made_after_a_full_stop_brings_its_news_back_and_no_adverts(
    texter: Texter, db: Database
) -> None:
    texter.say("TC NHAC")
    texter.say("TC DV")
    texter.say("DL")
    for key in ("1", "1", "1"):
        last = texter.say(key)
    assert "Da dat lich" in last, texter.got
    assert standing(db) == {"remind", "advert"}
    open_ = {
        (row.act, row.what)
        for row in lines(db)
        if row.ended_at is None and row.act != "confirmed"
    }
    assert open_ == {
        ("refused", "remind"),
        ("took_back", "all"),
        ("refused", "advert"),
        ("agreed", "booking"),
    }


@pytest.mark.parametrize("said", ["DY QC", "dy qc nhe", "Đồng ý nhận quảng cáo"])
def test_a_plain_yes_by_text_is_a_consent_confirmed_once(
    texter: Texter, db: Database, said: str
) -> None:
    answer = texter.say(said)
    assert "dong y nhan tin quang cao" in answer and cost(answer).parts == 1
    assert "da dong y" in texter.say("DY QC")
    assert advert_consents(db) == [True]
    agreed, confirmation = lines(db)
    assert (agreed.act, agreed.what, agreed.prompt) == (
        "agreed",
        "advert",
        "self:DY QC",
    ), "nobody had asked"
    assert confirmation.confirms == agreed.id


@pytest.mark.parametrize(
    "said", ["co", "1", "ok", "dk", "khong dong y qc", "dy qc gi day?"]
)
def test_nothing_but_a_plain_yes_is_one(
    texter: Texter, db: Database, said: str
) -> None:
    texter.say("xin chao")
    texter.say(said)
    assert advert_consents(db) == []


def test_the_question_by_text_takes_a_plain_yes_and_asks_again_for_half_a_one(
    texter: Texter, db: Database
) -> None:
    assert "1. Dong y nhan" in texter.say("DK QC")
    texter.say("co gi thi nhan cung duoc")
    assert advert_consents(db) == []
    assert "dong y nhan tin quang cao" in texter.say("1")
    assert advert_consents(db) == [True]


def test_a_no_to_the_question_is_a_refusal(texter: Texter, db: Database) -> None:
    texter.say("QC")
    assert "khong gui tin quang cao" in texter.say("khong")
    assert standing(db) == {"advert"}


@pytest.mark.parametrize("command", ["TC", "TC DV"])
def test_a_refusal_withdraws_the_consent_and_a_later_yes_is_a_new_one(
    texter: Texter, db: Database, command: str
) -> None:
    texter.say("DY QC")
    texter.say(command)
    assert advert_consents(db) == [False]
    if command == "TC DV":
        assert "START" in texter.say("DY QC"), (
            "after a full stop a yes to adverts brings nothing back"
        )
        assert standing(db) == {"all"}
        texter.say("START")
    texter.say("DY QC")
    assert advert_consents(db) == [False, True]
    assert standing(db) == set()


def test_start_alone_brings_no_adverts_back(texter: Texter, db: Database) -> None:
    for said in ("DY QC", "TC", "START"):
        texter.say(said)
    assert advert_consents(db) == [False]


def test_who_stands_on_a_do_not_call_list_is_told_so(
    texter: Texter, db: Database, settings: Settings
) -> None:
    with db.transaction() as tx:
        stops.do_not_call(tx, identity.who(settings.privacy_key, PHONE), 1)
    assert "danh sach khong nhan quang cao" in texter.say("DY QC")
    assert advert_consents(db) == []


def test_in_a_call_the_question_stands_under_language_and_a_text_confirms_the_yes(
    client: FlaskClient, db: Database
) -> None:
    phone = Ussd(client)
    assert "4. Tin quang cao" in phone.dial("6")
    assert "Chon 1 la dong y" in phone.press("4")
    assert "dong y nhan tin quang cao" in phone.press("1")
    assert advert_consents(db) == [True]
    with db.connection() as tx:
        queued = tx.value(text("SELECT id FROM messages WHERE kind = 'advert_agreed'"))
    agreed, confirmation = lines(db)
    assert (agreed.channel, agreed.words, confirmation.message_id) == (
        "ussd",
        "1",
        queued,
    )
    phone.dial("6", "4")
    assert "khong gui tin quang cao" in phone.press("2")
    assert advert_consents(db) == [False]
    assert [row.act for row in lines(db)][-2:] == ["refused", "confirmed"], (
        "the screen confirmed it"
    )


def test_the_one_question_is_asked_once_ever(
    texter: Texter, db: Database, settings: Settings
) -> None:
    assert asks(db, settings)
    assert not asks(db, settings)
    texter.say("TC")
    texter.say("START")
    assert not asks(db, settings)
    erase(db, settings)
    texter.say("START")
    texter.say("DL")
    for key in ("1", "1", "1", "1"):
        texter.say(key)
    with db.connection() as tx:
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM people WHERE phone = :phone"), phone=PHONE
            )
            == 1
        )
    assert not asks(db, settings), (
        "not even the new life of an erased number is asked again"
    )
    with db.connection() as tx:
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM messages WHERE kind = 'consent_advert'")
            )
            == 1
        )


@pytest.mark.parametrize("before", ["TC", "TC DV", "DY QC"])
def test_who_refused_or_agreed_is_never_asked(
    texter: Texter, db: Database, settings: Settings, before: str
) -> None:
    texter.say(before)
    assert not asks(db, settings)


def test_start_says_that_adverts_need_a_new_yes_to_whoever_took_them(
    texter: Texter,
) -> None:
    assert "DY QC" not in texter.say("START")
    texter.say("DY QC")
    assert "DY QC" not in texter.say("START"), "they come still"
    texter.say("TC DV")
    said = texter.say("START")
    assert "tru quang cao" in said and "nhan DY QC" in said and cost(said).parts == 1


def test_the_question_and_the_screen_say_adverts_in_one_part(texter: Texter) -> None:
    assert "quang cao" in (screen := texter.say("QC")) and cost(screen).parts == 1
    for language in (words.VIETNAMESE, words.ENGLISH):
        said = notices.text(
            "consent_advert", language, commune="Phương Lương Văn Tri", number="2404"
        )
        assert cost(fitting.fold(said)).parts == 1, said
        assert ("quảng cáo" if language == words.VIETNAMESE else "adverts") in said


def test_start_makes_nobody_askable_again(
    texter: Texter, db: Database, settings: Settings
) -> None:
    for said in ("DY QC", "TC", "START"):
        texter.say(said)
    assert standing(db) == set()
    assert not asks(db, settings)


def test_a_refused_text_that_names_somebody_is_kept_without_the_name(
    texter: Texter, db: Database
) -> None:
    texter.say("TC\nNông Văn An 0990000001")
    for row in lines(db):
        assert (
            "Nông" not in row.words and "An" not in row.words and "099" not in row.words
        )


# --- what is said to the one question

WHICH = "Nhan DY QC la dong y, TC la tu choi"


def send_question(
    texter: Texter, db: Database, settings: Settings, ago: timedelta = timedelta()
) -> None:
    """A resident whom we know is asked, and the text leaves."""
    with db.transaction() as tx:
        make.person(tx, number=1)
    assert asks(db, settings)
    at = to_ms(datetime.now(UTC) - ago)
    with db.transaction() as tx:
        (taken,) = outbox.claim(tx, now=to_ms(datetime.now(UTC)), most=9)
        assert outbox.record_sending(
            tx,
            taken.id,
            sender="simulator",
            text="?",
            cost=Cost("GSM-7", 1, 1),
            price=0,
            words="w0rds",
            now=at,
        )
        outbox.record_sent(tx, taken.id, sender="simulator", provider_id=None, now=at)


@pytest.mark.parametrize(
    "said",
    ["có", "Đồng ý", "ok", "vâng", "được", "1", "dạ có ạ", "DY", "DY QC", "dyqc"],
)
def test_a_plain_yes_to_the_question_is_a_consent_with_its_proof(
    texter: Texter, db: Database, settings: Settings, said: str
) -> None:
    send_question(texter, db, settings)
    answer = texter.say(said)
    assert ": Da nhan luc " in answer and cost(answer).parts == 1
    asked, agreed, confirmation = lines(db)
    assert (asked.act, agreed.act, agreed.what, confirmation.confirms) == (
        "asked",
        "agreed",
        "advert",
        agreed.id,
    )
    assert agreed.prompt == "notice_consent_advert:w0rds", (
        "in the words that they were sent"
    )
    assert advert_consents(db) == [True]
    with db.connection() as tx:
        assert (
            tx.value(text("SELECT answer FROM consents WHERE purpose = 'advert'"))
            == said
        )


@pytest.mark.parametrize("said", ["không", "ko", "2", "dạ không ạ", "TC"])
def test_a_plain_no_to_the_question_is_a_refusal_confirmed_once(
    texter: Texter, db: Database, settings: Settings, said: str
) -> None:
    send_question(texter, db, settings)
    answer = texter.say(said)
    assert answer.startswith("Da nhan luc ") and cost(answer).parts == 1
    (when,) = re.findall(r"\d{1,2}h\d\d", answer)
    assert answer.count(when) == 1, "the time is said once"
    assert standing(db) == {"advert"}
    assert [(row.act, row.what) for row in lines(db)] == [
        ("asked", "advert"),
        ("refused", "advert"),
        ("confirmed", "advert"),
    ]
    texter.say("không")
    texter.say("có")
    assert len(lines(db)) == 3, "what is said after the answer is about something else"


@pytest.mark.parametrize(
    "said",
    ["Tin gì vậy?", "có mất tiền không", "co gi thi nhan cung duoc", "DY QC là gì?"],
)
def test_whatever_else_is_said_to_the_question_is_asked_once(
    texter: Texter, db: Database, settings: Settings, said: str
) -> None:
    send_question(texter, db, settings)
    asked = texter.say(said)
    assert WHICH in asked and cost(asked).parts == 1
    assert WHICH not in texter.say("tháng sau tính")
    assert advert_consents(db) == [] and standing(db) == set()
    texter.say("có")
    assert advert_consents(db) == [True], "a plain yes after that is one"


def test_a_command_after_the_question_is_done_and_its_list_is_what_a_number_answers(
    texter: Texter, db: Database, settings: Settings
) -> None:
    send_question(texter, db, settings)
    assert WHICH not in texter.say("DL")
    texter.say("1")
    texter.say("có")
    assert advert_consents(db) == []


def test_a_number_belongs_to_the_list_that_was_open_before_the_question(
    texter: Texter, db: Database, settings: Settings
) -> None:
    texter.say("DL")
    send_question(texter, db, settings)
    texter.say("1")
    assert advert_consents(db) == [], "the question has no numbers, the list has"


def test_a_yes_to_the_question_closes_an_older_list(
    texter: Texter, db: Database, settings: Settings
) -> None:
    texter.say("xin chao")
    send_question(texter, db, settings)
    texter.say("có")
    assert advert_consents(db) == [True]


@pytest.mark.parametrize("said", ["có", "không"])
def test_a_word_long_after_the_question_answers_nothing(
    texter: Texter, db: Database, settings: Settings, said: str
) -> None:
    send_question(texter, db, settings, ago=timedelta(days=4))
    texter.say(said)
    assert advert_consents(db) == [] and standing(db) == set()


def test_a_yes_on_the_screen_is_proven_by_the_screen_though_it_is_texted(
    texter: Texter, db: Database
) -> None:
    texter.say("QC")
    texter.say("DY QC")
    (agreed, _) = lines(db)
    assert agreed.prompt.startswith("offers:")
