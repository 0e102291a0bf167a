"""Whoever complains or proposes something in their own words is kept word for word, and
told the number.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from db.store.engine import Database
from menus.fitting import cost
from settings import Settings
from tests.gateway.carriers import halls, serving
from tests.gateway.test_by_text import Texter

SAID = (
    "Y KIEN duong vao nha van hoa lay loi qua",
    "de nghi xa mo them buoi doi may o thon toi",
    "phan anh can bo thai do khong tot",
    "toi thay doi may cham qua",
    "buc xuc qua, cho tu sang den trua khong ai lam",
    "i want to complain about the staff",
)


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as app:
        yield app


def kept(db: Database) -> list[tuple[int, str]]:
    with db.connection() as tx:
        rows = tx.all(text("SELECT number, words FROM opinions ORDER BY number"))
        return [(row.number, row.words) for row in rows]


def test_a_stranger_complains_in_their_own_words(app: Flask, db: Database) -> None:
    stranger = Texter(app.test_client())
    for number, said in enumerate(SAID, 1):
        answer = stranger.say(said)
        assert f"so {number}." in answer, answer
        assert cost(answer).parts == 1
    assert kept(db) == list(enumerate(SAID, 1))


@pytest.mark.parametrize("led_by", [("DL",), ("DL", "1"), ("DL", "1", "1")])
def test_a_complaint_leaves_the_booking_where_it_was(
    app: Flask, db: Database, led_by: tuple[str, ...]
) -> None:
    resident = Texter(app.test_client())
    for said in led_by:
        asked = resident.say(said)
    answer = resident.say("phan anh: loa be qua nghe khong ro")
    assert "Cau hoi truoc" in answer
    assert cost(answer).parts == 1
    assert kept(db) == [(1, "phan anh: loa be qua nghe khong ro")]
    onward = resident.say("1")
    assert onward != asked
    assert "Chua ro" not in onward
    with db.connection() as tx:
        booked = tx.value(text("SELECT COUNT(*) FROM bookings WHERE status = 'booked'"))
    assert booked == (1 if len(led_by) == 3 else 0)


@pytest.mark.parametrize(
    "said",
    [
        "de nghi xa goi lai cho toi",
        "u thi de nghi them",
        "de nghi xa xoa so cua toi",
        "cham diem 5",
    ],
)
def test_a_wish_of_ones_own_is_no_opinion(app: Flask, db: Database, said: str) -> None:
    Texter(app.test_client()).say(said)
    assert kept(db) == []
