"""Robots and phones gone wild: bounded, silent, and nobody else is the worse for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.engine import Database
from db.texts import inbox
from settings import Settings
from tests.gateway.carriers import halls, serving

ROBOT, SOMEONE = "0990000003", "0990000004"
_ids = itertools.count(1)


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    halls(db)
    with serving(settings) as app:
        yield app.test_client()


def send(client: FlaskClient, phone: str, body: str) -> str:
    answer = client.post("/sms/simulator", data={"from": phone, "text": body, "id": f"flood-{next(_ids)}"})
    assert answer.status_code == 200
    return answer.text


def test_a_robot_that_answers_our_answers_soon_meets_silence(client: FlaskClient) -> None:
    """An answering machine says the same whatever it hears, and so do we, five times."""
    answers = [send(client, ROBOT, "Toi dang ban, se goi lai sau.") for _ in range(12)]
    assert sum(bool(answer) for answer in answers) <= inbox.MOST_ALIKE + 1
    assert not answers[-1]
    assert "Kiem tra" in send(client, SOMEONE, "xin chao"), "the others are heard as ever"


def test_a_phone_that_sends_a_hundred_texts_a_minute_is_heard_thirty_times(client: FlaskClient, db: Database) -> None:
    answers = [send(client, ROBOT, f"{number} abc") for number in range(100)]
    assert sum(bool(answer) for answer in answers) <= inbox.MOST_LATELY
    with db.connection() as tx:
        kept = tx.value(text("SELECT COUNT(*) FROM messages WHERE direction = 'in'"))
    assert kept == inbox.MOST_LATELY, "what comes after is not kept either"
    assert "Kiem tra" in send(client, SOMEONE, "xin chao")


def test_a_resident_who_walks_the_menus_by_text_is_never_taken_for_a_robot(client: FlaskClient) -> None:
    """One, one, one: the same text again and again, and another answer each time."""
    walk = ["DL", "1", "00", "DL", "1", "00", "KT", "1", "1", "00", "LICH", "TG", "00", "DL", "1"]
    assert all(send(client, SOMEONE, body) for body in walk)


def test_a_text_whose_turn_failed_is_found_among_those_not_understood(
    client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the menus are broken today")

    monkeypatch.setattr("gateway.conversation.MENU.turn", broken)
    assert send(client, SOMEONE, "dat lich giup toi").startswith("Xin loi")
    with db.connection() as tx:
        (kept,) = tx.all(text("SELECT text, understood FROM messages"))
    assert kept.text == "dat lich giup toi"
    assert not kept.understood
