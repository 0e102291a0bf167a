"""A resident asks the commune something, by text and by phone, and is answered with
what its staff wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text

from db.places import information
from db.places.information import Written
from db.store.engine import Database, to_ms
from menus import words
from menus.days import today
from menus.fitting import cost, fold
from menus.topics import Topic
from settings import Settings
from tests import factories
from tests.gateway.carriers import Ussd, halls, serving
from tests.gateway.test_by_text import Texter

TUITION = "Học phí trường TH Quảng Lạc: nộp ở bàn Viettel trước cổng trường, sáng T2 đầu tháng, hoặc qua Viettel Money."
ASKED = "SELECT COALESCE(SUM(count), 0) FROM fact_tallies WHERE topic = :topic"


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as app:
        yield app


def written(db: Database, topic: Topic, said: str, days: int = 30) -> None:
    """Written yesterday and valid from then on, for so many days."""
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    first = today(yesterday)
    last = today(now) + timedelta(days=days)
    with db.transaction() as tx:
        fact = Written(said, said, first.isoformat(), last.isoformat())
        information.write(
            tx,
            factories.COMMUNE,
            topic,
            fact,
            staff_id=None,
            form_key=None,
            now=to_ms(yesterday),
        )


def asked(db: Database, topic: Topic) -> int:
    with db.connection() as tx:
        return int(tx.value(text(ASKED), topic=topic))


def test_a_grandmother_asks_about_tuition_by_text_and_by_phone(
    app: Flask, db: Database
) -> None:
    written(db, Topic.TUITION, TUITION)
    grandmother = Texter(app.test_client())
    answer = grandmother.say("nop tien hoc cho chau noi the nao")
    assert answer == f"{fold(TUITION)}\n1. Nho can bo giup"
    assert cost(answer).parts == 1
    assert (
        Ussd(app.test_client()).dial("7", str(list(Topic).index(Topic.TUITION) + 1))
        == f"CON {answer}\n0. Quay lai"
    )
    assert asked(db, Topic.TUITION) == 2
    with db.connection() as tx:
        assert tx.value(
            text("SELECT COUNT(*) FROM messages WHERE understood = false")
        ) in (0, False)
        assert tx.value(text("SELECT COUNT(*) FROM people")) == 1, (
            "a question makes nobody a person of ours"
        )


def test_a_fact_that_ran_out_leads_to_a_person(app: Flask, db: Database) -> None:
    written(db, Topic.POWER, "Cũ rồi.", days=-1)
    resident = Texter(app.test_client())
    assert resident.say("DIEN") == fold(words.say("vi", "fact_none_sms"))
    assert "goi lai" in resident.say("GOI LAI").lower()
    resident.say("1")
    with db.connection() as tx:
        assert tx.value(text("SELECT kind FROM requests")) == "call_me"


def test_the_same_text_twice_is_one_question(app: Flask, db: Database) -> None:
    form = {"from": "+84990000001", "text": "QR", "id": "one-and-the-same"}
    said = {app.test_client().post("/sms/simulator", data=form).text for _ in range(3)}
    assert len(said) == 1
    assert asked(db, Topic.QR) == 1


def test_many_who_ask_at_the_same_moment_are_each_counted_once(
    app: Flask, db: Database
) -> None:
    def ask(number: int) -> None:
        Texter(app.test_client(), factories.phone(100 + number)).say("TV360")

    threads = [Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(db, Topic.TV360) == 12


def test_who_doubts_in_the_middle_of_a_booking_is_told_who_we_are(app: Flask) -> None:
    resident = Texter(app.test_client())
    resident.say("DL")
    answer = resident.say("co phai lua dao khong")
    assert answer.startswith("Day la so cua")
    assert "18008098" in answer
    assert cost(answer).parts == 1
    assert resident.say("1") != answer, "the open list still is"


def test_to_open_an_account_is_no_booking_of_a_swap(app: Flask, db: Database) -> None:
    money = "Mở tài khoản Viettel Money ở buổi đăng ký của thôn, mang căn cước. Xem buổi gần nhất: nhắn DL."
    written(db, Topic.MONEY, money)
    resident = Texter(app.test_client())
    for question in (
        "cho toi dang ky tai khoan viettel money",
        "dang ky viettel money o dau",
    ):
        assert resident.say(question) == f"{fold(money)}\n1. Nho can bo giup"
    assert "(con 15)" in resident.say("DL")


def test_a_trouble_that_nothing_is_written_of_is_found_by_staff(
    app: Flask, db: Database
) -> None:
    trouble = "ung dung xu lang dang nhap khong duoc"
    user = Texter(app.test_client())
    assert user.say(trouble).startswith("Da nhan tin, can bo xa se doc.")
    with db.connection() as tx:
        found = tx.all(text("SELECT text FROM messages WHERE understood = false"))
    assert [row.text for row in found] == [trouble]
    written(db, Topic.APP, "Công dân số: quên mật khẩu thì gọi 18008098.")
    assert user.say(trouble).startswith("Cong dan so: quen mat khau")


def test_who_is_being_cheated_is_warned_in_the_middle_of_booking(
    app: Flask, db: Database
) -> None:
    someone = Texter(app.test_client())
    someone.say("DL")
    warned = someone.say("co thang goi dien bao toi no tien dien chuyen khoan ngay")
    assert "Ngo lua dao" in warned
    assert asked(db, Topic.WHO) == 1
