"""Robots and phones gone wild: bounded, silent, and nobody else is the worse for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.store.engine import Database
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
    answer = client.post(
        "/sms/simulator",
        data={"from": phone, "text": body, "id": f"flood-{next(_ids)}"},
    )
    assert answer.status_code == 200
    return answer.text


def test_a_robot_that_answers_our_answers_soon_meets_silence(
    client: FlaskClient,
) -> None:
    """An answering machine says the same whatever it hears, and so do we, twelve times."""
    answers = [send(client, ROBOT, "Toi dang ban, se goi lai sau.") for _ in range(20)]
    assert sum(bool(answer) for answer in answers) <= inbox.MOST_ALIKE + 1
    assert not answers[-1]
    assert "Dat lich" in send(client, SOMEONE, "xin chao"), (
        "the others are heard as ever"
    )


def test_a_phone_gone_wild_is_told_once_to_wait_and_then_neither_heard_nor_kept(
    client: FlaskClient, db: Database
) -> None:
    answers = [send(client, ROBOT, f"{number} abc") for number in range(100)]
    assert (
        answers[inbox.MOST_LATELY]
        == "Da nhan nhieu tin tu so nay. Xin cho mot luc roi nhan lai."
    )
    assert not any(answers[inbox.MOST_LATELY + 1 :])
    with db.connection() as tx:
        kept = tx.all(
            text(
                "SELECT text, understood FROM messages WHERE direction = 'in' ORDER BY id"
            )
        )
    assert len(kept) == inbox.MOST_LATELY + 1, "what comes after is not kept either"
    last = kept[-1].text, bool(kept[-1].understood)
    assert last == (f"{inbox.MOST_LATELY} abc", False), (
        "staff find the one that was not heard"
    )
    assert "Dat lich" in send(client, SOMEONE, "xin chao")


def test_who_wants_no_more_texts_is_heard_in_any_flood_until_it_stands(
    client: FlaskClient, db: Database
) -> None:
    for number in range(inbox.MOST_LATELY + 5):
        send(client, SOMEONE, f"{number} abc")
    assert "chi tra loi tin nhan toi" in send(client, SOMEONE, "TC DV")
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM stops WHERE what = 'all'")) == 1
    assert [send(client, SOMEONE, "TC DV") for _ in range(5)] == [""] * 5
    for number in range(inbox.MOST_LATELY + 5):
        send(client, ROBOT, f"{number} abc")
    assert [bool(send(client, ROBOT, "TC")) for _ in range(3)] == [True, False, False]
    assert [bool(send(client, ROBOT, "TC NHAC")) for _ in range(3)] == [
        True,
        False,
        False,
    ]


def test_a_resident_who_walks_the_menus_by_text_is_never_taken_for_a_robot(
    client: FlaskClient,
) -> None:
    """One, one, one: the same text again and again, and another answer each time."""
    walk = [
        "DL",
        "1",
        "00",
        "DL",
        "1",
        "00",
        "KT",
        "1",
        "1",
        "00",
        "LICH",
        "TG",
        "00",
        "DL",
        "1",
    ]
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


def test_a_hamlet_head_who_books_seven_neighbours_by_text_is_never_taken_for_a_robot(
    client: FlaskClient,
) -> None:
    for number in range(7):
        home = () if number else ("1",)
        walk = (
            "DL",
            *home,
            "1",
            str(1 + number // 4),
            "3",
            f"Nguoi {'ABCDEFG'[number]}",
            "khong co",
            "1",
        )
        said = [send(client, SOMEONE, body) for body in walk]
        assert all(said), said
        assert "Da dat" in said[-1], said
