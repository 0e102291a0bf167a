"""What the service is measured against writes the very rows that the service writes."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text

from bench import journey, load, record
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
