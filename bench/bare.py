"""What the service is measured against: bare Flask, with nothing behind it or with the same SQL as a turn behind it."""

from __future__ import annotations

import os
import time

from flask import Flask, Response, request

from bench import record
from bench.journey import TURNS
from db.models import slots
from db.store.engine import connect


def echo() -> Flask:
    """The least that Flask can do with such a request."""
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/ussd/simulator")
    def ussd() -> Response:
        text = request.form["text"]
        ends = text.count("*") == TURNS - 2
        return Response(
            f"{'END' if ends else 'CON'} {text}",
            content_type="text/plain; charset=utf-8",
        )

    return app


def same_sql() -> Flask:
    """The statements of a turn as recorded, on the same pool and the driver's own cursor; the answer as recorded."""
    app = Flask(__name__)
    db = connect(os.environ["DATABASE_URL"])
    turns = record.journey(os.environ["RECORD_URL"])
    _, asks = record.as_code(turns)
    answers = [turn.answer for turn in turns]
    with db.connection() as tx:
        times = [(row.id, row.event_id) for row in tx.all(slots.select())]
    pool = db.pool

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/ussd/simulator")
    def ussd() -> Response:
        form = request.form
        phone, text = form["phoneNumber"], form["text"]
        place = 1 + text.count("*") if text else 0
        number = int(phone[-6:])
        slot, event = times[number % len(times)]
        held = pool.connect()
        try:
            cursor = held.dbapi_connection.cursor()  # type: ignore[union-attr]  # just connected
            asks[place](
                cursor,
                phone,
                time.time_ns() // 1_000_000,
                slot,
                event,
                str(10_000 + number % 90_000),
            )
        finally:
            held.close()
        return Response(answers[place], content_type="text/plain; charset=utf-8")

    return app
