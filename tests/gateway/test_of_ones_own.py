"""What residents ask about themselves: what was logged of them, what is kept of them,
and a request that they want no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from db.progress import conversions
from db.register import people
from db.store.engine import Database, to_ms
from menus import words
from menus.days import short_day, today
from menus.fitting import cost, fold
from settings import Settings
from tests import factories
from tests.gateway.carriers import PHONE, Ussd, halls, serving
from tests.gateway.test_by_text import Texter


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as app:
        yield app


def log(db: Database, *indicators: str) -> list[int]:
    """What staff tick for whoever holds the phone of these stories, at this moment."""
    now = to_ms(datetime.now(UTC))
    with db.transaction() as tx:
        person = people.ensure(
            tx, commune_id=factories.COMMUNE, phone=PHONE, now=now, origin="staff"
        )
        programme = tx.value(text("SELECT id FROM programmes"))
        logged = [
            conversions.log(
                tx,
                programme_id=int(programme),
                indicator=indicator,
                subject_id=person.id,
                at=now,
                staff_id=None,
            )
            for indicator in indicators
        ]
    return [it for it in logged if it is not None]


def requests(db: Database) -> list[tuple[int, str, str, str]]:
    with db.connection() as tx:
        rows = tx.all(
            text("SELECT number, kind, state, words FROM requests ORDER BY number")
        )
        return [(row.number, row.kind, row.state, row.words) for row in rows]


def test_after_the_swap_lich_says_what_was_logged_and_how_to_say_it_is_wrong(
    app: Flask, db: Database
) -> None:
    log(db, "sim_4g", "handset_volte", "money_person", "app_citizen")
    resident = Texter(app.test_client())
    day = short_day(today(datetime.now(UTC)), "vi")
    for asked in ("LICH", "toi da doi may chua", "may cua toi the nao roi"):
        told = resident.say(asked)
        assert f"Da ghi {day}: SIM 4G, may 4G, Viettel Money, Cong dan so." in told
        assert cost(told).parts == 1
    resident.say("1")
    resident.say("1")
    said = words.say("vi", "logged_wrong_said")
    assert requests(db) == [(1, "call_me", "open", said)]


def test_what_was_undone_is_not_told(app: Flask, db: Database) -> None:
    for entry in log(db, "sim_4g"):
        with db.transaction() as tx:
            conversions.undo(
                tx, conversion_id=entry, at=1, staff_id=None, reason="nhầm"
            )
    told = Texter(app.test_client()).say("toi da doi sim chua")
    assert told.startswith(fold(words.say("vi", "logged_none")))


def test_on_a_keypad_the_swap_stands_behind_lich(app: Flask, db: Database) -> None:
    log(db, "sim_4g")
    assert "SIM 4G" in Ussd(app.test_client()).dial("3")


def asked_for(resident: Texter, *said: str) -> None:
    for one in said:
        resident.say(one)
        while "Nha o thon nao" in resident.got[-1]:
            resident.say("2")
        resident.say("1")


def test_a_request_is_withdrawn_by_its_number(app: Flask, db: Database) -> None:
    resident = Texter(app.test_client())
    asked_for(resident, "goi lai cho toi", "xin ma qr cho cua hang")
    stranger = Texter(app.test_client(), factories.phone(77))
    assert "so 1" in stranger.say("huy yeu cau 1")
    assert [state for _, _, state, _ in requests(db)] == ["open", "open"]
    assert "so 2" in resident.say("huy yeu cau 2")
    assert "so 1" in resident.say("huy yeu cau")
    states = {state for _, _, state, _ in requests(db)}
    assert "open" not in states


def test_of_several_requests_it_is_asked_which(app: Flask, db: Database) -> None:
    resident = Texter(app.test_client())
    asked_for(resident, "goi lai cho toi", "xin ma qr cho cua hang")
    asked = resident.say("huy yeu cau")
    assert fold(words.say("vi", "request_which")) in asked
    assert "so 2" in resident.say("2")
    assert requests(db)[0][2] == "open"
    assert "so 1" in resident.say("khong can goi lai nua")


@pytest.mark.parametrize(
    "said", ["du lieu cua toi", "xem thong tin cua toi", "what do you know about me"]
)
def test_what_is_kept_is_told_and_a_copy_asked_for(
    app: Flask, db: Database, said: str
) -> None:
    resident = Texter(app.test_client(), factories.phone(77))
    assert resident.say(said) == fold(words.say("vi", "request_data_none"))
    resident.say("phan anh loa be qua nghe khong ro")
    told = resident.say(said)
    assert "gop y, tin nhan" in told
    assert "ten" not in told.split("\n")[0]
    assert cost(told).parts == 1
    resident.say("1")
    assert cost(resident.say("1")).parts == 1
    assert [kind for _, kind, _, _ in requests(db)] == ["copy"]
