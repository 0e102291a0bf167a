"""What the service is measured against writes the very rows that the service writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bench import bare as bare_handlers
from bench import databases, grown, journey, load, record
from db.models import slots
from db.store.engine import Database, Tx, connect
from gateway.app import create_app
from gateway.context import EXTENSION
from settings import Settings

RESIDENTS = range(3)
WRITTEN = ("people", "bookings", "consents", "messages", "sessions")


def _written(tx: Tx) -> dict[str, int]:
    """Rows of each table, and how many of the bookings are what they should be by now."""
    found = {
        table: int(tx.value(text(f"SELECT count(*) FROM {table}"))) for table in WRITTEN
    }
    states = tx.all(
        text("SELECT status, count(*) AS many FROM bookings GROUP BY status")
    )
    return found | {row.status: row.many for row in states}


def test_the_bare_handler_writes_what_a_resident_does(
    engine: str, fresh_url: Callable[[str, bool], str]
) -> None:
    ours, bare, recorded = (fresh_url(engine, True) for _ in range(3))
    for url in (ours, bare, recorded):
        journey.furnish(url)
    app = create_app(
        Settings(
            ours,
            "a secret key of the tests",
            "a privacy key of the tests",
            simulator=True,
        )
    )
    for number in RESIDENTS:
        for keys in load.texts(number):
            form = {
                "sessionId": f"b{number}",
                "phoneNumber": load.phone(number),
                "serviceCode": "*2404#",
                "text": keys,
            }
            answer = (
                app.test_client()
                .post("/ussd/simulator", data=form)
                .get_data(as_text=True)
            )
        assert answer.startswith("END")
    _, turns = record.as_code(record.journey(recorded))
    database = connect(bare)
    with database.connection() as tx:
        times = tx.all(slots.select())
        for number in RESIDENTS:
            at, code, now = (
                times[number],
                str(10_000 + number),
                time.time_ns() // 1_000_000,
            )
            for turn in turns:
                turn(tx._cursor, load.phone(number), now, at.id, at.event_id, code)
        written = _written(tx)
    database.close()
    service: Database = app.extensions[EXTENSION].db
    with service.connection() as tx:
        assert _written(tx) == written
    service.close()
    assert written["booked"] == written["taken"] == len(RESIDENTS)


def test_the_bare_handler_books_for_many_who_press_at_once(
    engine: str,
    fresh_url: Callable[[str, bool], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, recorded = (fresh_url(engine, True) for _ in range(2))
    for one in (url, recorded):
        journey.furnish(one)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("RECORD_URL", recorded)
    app = bare_handlers.same_sql()
    many = range(40)
    with ThreadPoolExecutor(8) as phones:
        last_screens = list(phones.map(lambda number: _dialled(app, number), many))
    assert all(screen.startswith("END") for screen in last_screens)
    database: Database = app.extensions[bare_handlers.DATABASE]
    with database.connection() as tx:
        assert _written(tx)["booked"] == len(many)
    database.close()


def _dialled(app: Flask, number: int) -> str:
    """The last screen of one resident's journey; raises what goes wrong in it."""
    client = app.test_client()
    for keys in load.texts(number):
        form = {"phoneNumber": load.phone(number), "text": keys}
        screen = client.post("/ussd/simulator", data=form).get_data(as_text=True)
    return screen


def test_every_turn_and_page_that_is_compared_answers(tmp_path: Path) -> None:
    compared = grown.compare(databases.SQLite(tmp_path), few=120, many=150, rounds=1)
    assert len(compared) > len(("a call that books", "a call that asks for help"))
