"""Broadcasts at size: the ledger of a million, the preview of ten thousand, and what a
resident's turn waits for.
"""

from __future__ import annotations

import http.server
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text

from bench.databases import Engine
from db.broadcasts import control, drafts, planning, preview
from db.store.engine import Database, Tx, connect, to_ms
from db.store.statements import Scalar, Statement
from menus.days import at_local, today
from scheduler.sending import Sending
from settings import Settings, read
from tests.journeys.servers import Phone, environment, web

MILLION, PREVIEWED, SENT = 1_000_000, 10_000, 100_000
TURNS, PAUSE = 300, 0.02  # of the one who dials, and seconds between two
SAID = "Xã mời bà con {hamlet} tới họp ở nhà văn hóa lúc 8 giờ sáng thứ Bảy này. Hỏi {number}."
DRAFT = drafts.Draft("bench", "notice", SAID, rule={})

_PEOPLE = Statement(
    text("""
    INSERT INTO people (commune_id, phone, hamlet_id, origin, made_at, marks, who)
    WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)
    SELECT 1, '+84' || CAST(970000000 + i AS VARCHAR), (SELECT MIN(id) FROM hamlets), 'register', 0, false,
      CAST(i AS VARCHAR)
    FROM n
    ORDER BY i
    """)
)
# One in a hundred refuses. Their numbers stand for themselves here: an HMAC of each
# would take a minute.
_STOPS = Statement(
    text(
        "INSERT INTO stops (who, what, at) SELECT who, 'all', 1 FROM people WHERE who IS NOT NULL AND id % 100 = 0"
    )
)
# The same rows as one statement writes them, with what is asked of each, and without.
_ROWS = "INSERT INTO recipients (firing_id, person_id, hamlet_id, left_out) SELECT CAST(:firing AS BIGINT), p.id"
_SAME_ROWS = Statement(
    text(f"""
    {_ROWS}, p.hamlet_id, CASE WHEN p.phone IS NULL THEN 'no number' WHEN s.who IS NOT NULL THEN 'opted out' END
    FROM people p LEFT JOIN stops s ON s.who = p.who
    WHERE p.commune_id = 1
    """)
)
_NO_REASONS = Statement(
    text(f"{_ROWS}, p.hamlet_id, NULL FROM people p WHERE p.commune_id = 1")
)
_LEFT_OUT = Scalar(text("SELECT COUNT(left_out) FROM recipients"), int)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Seconds to write a million ledger rows: planned as the service does, in one
    statement, in one without reasons.
    """

    planned: float
    same_rows: float
    no_reasons: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds of a resident's turn: median, 99 of 100, and the longest."""

    median: float
    p99: float
    longest: float


def ledger(engine: Engine) -> Ledger:
    """The list of everybody frozen, but for the reading of the texts; the same people
    in one statement, on copies.
    """
    url = _filled(engine, MILLION)
    refuse = MILLION // 100
    same_rows = _in_one_statement(engine.copy(url), _SAME_ROWS, left_out=refuse)
    no_reasons = _in_one_statement(engine.copy(url), _NO_REASONS, left_out=0)
    settings = _settings(url)
    db = connect(url)
    firing = started(db, settings)
    began = time.perf_counter()
    planning.fill_ledger(db, firing, settings=settings)
    planned = time.perf_counter() - began
    _check_left_out(db, refuse)
    db.close()
    return Ledger(planned, same_rows, no_reasons)


def _in_one_statement(url: str, statement: Statement, left_out: int) -> float:
    """Seconds it takes on the database there, during which nobody else could write."""
    db = connect(url)
    firing = started(db, _settings(url))
    began = time.perf_counter()
    with db.transaction() as tx:
        written = tx.run(statement, firing=firing)
    took = time.perf_counter() - began
    assert written == MILLION, written
    _check_left_out(db, left_out)
    db.close()
    return took


def _check_left_out(db: Database, many: int) -> None:
    with db.connection() as tx:
        assert tx.value(_LEFT_OUT) == many


def previewed(engine: Engine) -> float:
    """Seconds until everybody is judged and every text read, of ten thousand."""
    url = _filled(engine, PREVIEWED)
    settings = _settings(url)
    db = connect(url)
    now = to_ms(datetime.now(UTC))
    with db.transaction() as tx:
        made = drafts.create(tx, DRAFT, commune_id=1, staff_id=None, now=now)
        row = drafts.get(tx, made, 1)
    began = time.perf_counter()
    seen = preview.of(db, row, settings=settings, now=now)
    took = time.perf_counter() - began
    assert seen.registered == PREVIEWED, seen
    db.close()
    return took


def turns(engine: Engine, rate: int) -> tuple[Waits, Waits]:
    """A resident's turns while nothing goes, and while a broadcast goes at so many
    texts a second.
    """
    url = _filled(engine, SENT)
    settings = _settings(url)
    db = connect(url)
    with db.transaction() as tx:
        tx.run(text("DELETE FROM installation"))
        tx.run(text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 1)"))
    firing = started(db, settings)
    freeze(db, settings, firing)
    with web(
        url,
        workers=None,
        SIMULATOR="off",
        USSD_CARRIERS="africastalking",
        AFRICASTALKING_TOKEN="t",
    ) as served:
        idle = _dials(served.port)
        with _sends(url, rate):
            busy = _dials(served.port)
    db.close()
    return idle, busy


def _dials(port: int) -> Waits:
    """One resident who dials, looks and hangs up, again and again."""
    took = []
    for number in range(TURNS // 3):
        session = f"s-{time.time_ns()}"
        line = Phone(
            port, f"+84990{number:06}", session, path="/ussd/africastalking?token=t"
        )
        for act in (line.dial, partial(line.press, "2"), partial(line.press, "1")):
            began = time.perf_counter()
            act()
            seconds = time.perf_counter() - began
            took.append(1_000 * seconds)
            assert line.status == 200, line.status
            time.sleep(PAUSE)
        line.hang_up()
    took.sort()
    slow = int(len(took) * 0.99) - 1
    middle = statistics.median(took)
    return Waits(middle, took[slow], took[-1])


@contextmanager
def _sends(url: str, rate: int) -> Iterator[None]:
    """A clock process that sends through a carrier which takes everything; under way
    when the block begins.
    """
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Takes)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    command = [
        sys.executable,
        "-m",
        "bench.broadcasts",
        url,
        str(rate),
        str(server.server_port),
    ]
    clock = subprocess.Popen(command)
    try:
        while not _Takes.taken:
            time.sleep(0.05)
        yield
        assert clock.poll() is None, "the broadcast was over before the turns were"
    finally:
        clock.terminate()
        clock.wait()
        server.shutdown()
        _Takes.taken = 0


class _Takes(http.server.BaseHTTPRequestHandler):
    """sendsms as Kannel answers it."""

    protocol_version = "HTTP/1.1"
    taken = 0

    def do_GET(self) -> None:
        _Takes.taken += 1
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _filled(engine: Engine, many: int) -> str:
    """The URL of a database with so many people to be told, and nobody else."""
    url = engine.fresh()
    db = connect(url)
    with db.transaction() as tx:
        for table in ("consents", "facts", "bookings", "tasks", "audit", "people"):
            tx.run(text(f"DELETE FROM {table}"))
        tx.run(_PEOPLE, many=many)
        tx.run(_STOPS)
    with db.connection() as tx:
        tx.sql("ANALYZE")
    db.close()
    return url


def _settings(url: str, **given: str) -> Settings:
    return read(environment(url, **given))


def started(db: Database, settings: Settings) -> int:
    """A broadcast to everybody; the id of its firing."""
    now = to_ms(datetime.now(UTC))

    def work(tx: Tx) -> int:
        made = drafts.create(tx, DRAFT, commune_id=1, staff_id=None, now=now)
        return control.start(
            tx, made, commune_id=1, staff_id=None, settings=settings, now=now
        )

    return db.again(work)


def freeze(db: Database, settings: Settings, firing: int) -> None:
    """Make its list."""
    now = to_ms(datetime.now(UTC))
    problem = planning.plan(db, firing, settings=settings, now=now)
    assert not problem, problem


def nine_tomorrow() -> datetime:
    """In the morning, whatever the hour: texts may go."""
    tomorrow = today(datetime.now(UTC)) + timedelta(days=1)
    return at_local(tomorrow, "09:00")


def _clock(url: str, rate: int, port: int) -> None:
    """What the clock process of `turns` does."""
    settings = _settings(
        url,
        SIMULATOR="off",
        SENDING="on",
        SMS_CARRIERS="kannel",
        PUBLIC_URL="http://127.0.0.1:1",
        KANNEL_FROM="2404",
        KANNEL_SEND_URL=f"http://127.0.0.1:{port}/cgi-bin/sendsms",
        KANNEL_USER="u",
        KANNEL_PASSWORD="p",
        KANNEL_TOKEN="t",
    )
    settings = replace(settings, sms_rate=rate)
    nine = nine_tomorrow()
    sending = Sending(connect(url), settings, lambda: nine)
    sending.until_empty()


def main() -> None:
    url, rate, port = sys.argv[1:]
    _clock(url, int(rate), int(port))


if __name__ == "__main__":
    main()
