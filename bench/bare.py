"""What the service is measured against: bare Flask, with nothing behind it or with the
same SQL as a turn behind it.
"""

from __future__ import annotations

import os
import time

from flask import Flask, Response, request

from bench import record
from bench.journey import TURNS
from db.models import slots
from db.store.engine import connect
from gateway.conversation import one_at_a_time

DATABASE = "bench_database"  # where the app keeps it, for whoever closes it
PLAIN = "text/plain; charset=utf-8"


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
        begins = "END" if ends else "CON"
        return Response(f"{begins} {text}", content_type=PLAIN)

    return app


def same_sql() -> Flask:
    """The statements of a turn as recorded, on the same pool and the driver's own
    cursor, and on SQLite one turn at a time, as the service does; the answer as
    recorded.
    """
    app = Flask(__name__)
    db = connect(os.environ["DATABASE_URL"])
    app.extensions[DATABASE] = db
    turns = record.journey(os.environ["RECORD_URL"])
    _, asks = record.as_code(turns)
    answers = [turn.answer for turn in turns]
    with db.connection() as tx:
        rows = tx.all(slots.select())
    times = [(row.id, row.event_id) for row in rows]
    pool = db.pool
    alone = one_at_a_time(db)

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
        code = 10_000 + number % 90_000
        with alone:
            held = pool.connect()
            try:
                cursor = held.dbapi_connection.cursor()  # type: ignore[union-attr]  # just connected
                now = time.time_ns() // 1_000_000
                asks[place](cursor, phone, now, slot, event, str(code))
            except Exception:
                held.invalidate()  # its transaction must not go on in the next turn
                raise
            finally:
                held.close()
        return Response(answers[place], content_type=PLAIN)

    return app
