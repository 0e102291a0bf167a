"""Planning reminders for far more bookings than a commune has, while somebody else
keeps dialling.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench.databases import Engine
from bench.load import phone
from db import sessions
from db.store.engine import Database, Tx, connect, to_ms
from db.store.statements import Statement
from menus import days
from scheduler import reminders

FEW, MILLION = 20_000, 1_000_000
DAY_MS = 86_400_000
A_SLOT = 50  # bookings
PAUSE = 0.002  # seconds between two turns of the one who dials

# Rows are made by the engine itself: a million of them one by one would take longer
# than all that is measured.
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)"
# one of its own: those that are there have times of theirs, at eight in the morning too
_EVENT = Statement(
    text("""
    INSERT INTO events (programme_id, commune_id, hall_id, day)
    SELECT programme_id, commune_id, hall_id, day
    FROM events
    ORDER BY id LIMIT 1
    RETURNING id
    """)
)
_SLOTS = Statement(
    text(f"""
    INSERT INTO slots (event_id, starts_at, ends_at, capacity)
    {_NUMBERS}
    SELECT CAST(:event AS BIGINT), :starts + i, :starts + i + 1, {A_SLOT}
    FROM n
    ORDER BY i
    """)
)
_PEOPLE = Statement(
    text(f"""
    INSERT INTO people (commune_id, phone, origin, made_at, marks)
    {_NUMBERS}
    SELECT 1, '+84' || CAST(990000000 + i AS VARCHAR), 'self', 0, false
    FROM n
    ORDER BY i
    """)
)
_BOOKINGS = Statement(
    text(f"""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, origin, made_at, changed_at)
    {_NUMBERS}
    SELECT 1, :slot + i / {A_SLOT}, :person + i, :person + i, CAST(10000 + i % 90000 AS VARCHAR), 'booked', 'ussd',
      CAST(:made AS BIGINT), CAST(:made AS BIGINT)
    FROM n
    ORDER BY i
    """)
)
# The same rows, as plainly as the engine can be told to write them.
_BARE = Statement(
    text("""
    INSERT INTO messages (commune_id, direction, phone, booking_id, revision, kind, class, priority, status, once,
      made_at, not_before, not_after)
    SELECT 1, 'out', p.phone, b.id, b.revision, 'reminder_1d', 'reminder', 4, 'QUEUED',
      'reminder:1d:' || b.id || '\\:r' || b.revision, CAST(:now AS BIGINT), CAST(:now AS BIGINT), CAST(:now AS BIGINT)
    FROM bookings b JOIN people p ON p.id = b.booker_id
    WHERE b.status = 'booked'
    """)
)


@dataclass(frozen=True, slots=True)
class Planned:
    """Seconds in all, microseconds a booking, and the longest a turn took meanwhile, in
    milliseconds.
    """

    bookings: int
    seconds: float
    each: float
    longest_turn: float


def plan(engine: Engine, many: int) -> Planned:
    """One sweep at half past six in the evening before; every booking is due its
    reminder.
    """
    url = _filled(engine, many)
    return _sweep(url, many)


def beside_bare(engine: Engine, many: int) -> tuple[Planned, float]:
    """The same, and the seconds that one bare `INSERT ... SELECT` of those rows takes
    on a copy of that database.
    """
    url = _filled(engine, many)
    db = connect(engine.copy(url))
    now = to_ms(datetime.now(UTC))
    began = time.perf_counter()
    with db.transaction() as tx:
        made = tx.run(_BARE, now=now)
    bare = time.perf_counter() - began
    assert made == many, made
    db.close()
    planned = _sweep(url, many)
    return planned, bare


def _sweep(url: str, many: int) -> Planned:
    db = connect(url)
    today = days.today(datetime.now(UTC))
    now = days.at_local(today, "18:30")
    dialling = _Dialling(db, now)
    dialling.start()
    began = time.perf_counter()
    said = reminders.sweep(db, now)
    seconds = time.perf_counter() - began
    dialling.stop()
    assert said.startswith(f"{many} for the day before"), said
    db.close()
    each = 1e6 * seconds / many
    return Planned(many, seconds, each, 1000 * dialling.longest)


def _filled(engine: Engine, many: int) -> str:
    """The URL of a database with so many bookings for tomorrow."""
    url = engine.fresh()
    db = connect(url)
    today = days.today(datetime.now(UTC))
    tomorrow = today + timedelta(days=1)
    starts = to_ms(days.at_local(tomorrow, "08:00"))
    made = starts - 5 * DAY_MS
    with db.transaction() as tx:
        event = tx.value(_EVENT)
        slot = _next_id(tx, "slots")
        person = _next_id(tx, "people")
        # an event has one slot a moment
        tx.run(_SLOTS, event=event, starts=starts, many=many // A_SLOT)
        tx.run(_PEOPLE, many=many)
        tx.run(_BOOKINGS, slot=slot, person=person, made=made, many=many)
    with db.connection() as tx:
        tx.sql("ANALYZE")
    db.close()
    return url


def _next_id(tx: Tx, table: str) -> int:
    next_id = text(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}")
    return int(tx.value(next_id))


class _Dialling(threading.Thread):
    """Somebody on the phone all the while: reads and saves a session again and again."""

    def __init__(self, db: Database, now: datetime) -> None:
        super().__init__(daemon=True)
        self._db = db
        self._now = now
        self._over = threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        number = 0
        self._turn(number)  # opens the connection
        while not self._over.wait(PAUSE):
            number = (number + 1) % 500
            began = time.perf_counter()
            self._turn(number)
            took = time.perf_counter() - began
            self.longest = max(self.longest, took)

    def _turn(self, number: int) -> None:
        with self._db.connection() as tx:
            read = sessions.read(tx, phone(number), "ussd")
            kept = sessions.Kept(read.session, read.version)
            sessions.save(tx, kept, self._now)

    def stop(self) -> None:
        self._over.set()
        self.join()
