"""Planning reminders for far more bookings than a commune has, while somebody else keeps dialling."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench.databases import Engine
from bench.load import phone
from db import sessions
from db.engine import Database, Statement, Tx, connect, to_ms
from menus import days
from scheduler import reminders

FEW, MANY = 20_000, 100_000
A_SLOT = 50  # bookings
PAUSE = 0.002  # seconds between two turns of the one who dials

_PEOPLE = Statement(
    text("INSERT INTO people (commune_id, phone, origin, made_at, marks) VALUES (1, :phone, 'self', 0, :marks)")
)
_SLOTS = Statement(
    text("INSERT INTO slots (event_id, starts_at, ends_at, capacity) VALUES (:event_id, :starts_at, :ends_at, :places)")
)
_BOOKINGS = Statement(
    text(
        "INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, origin, made_at, changed_at)"
        " VALUES (1, :slot_id, :person_id, :person_id, :code, 'booked', 'ussd', :made, :made)"
    )
)


@dataclass(frozen=True, slots=True)
class Planned:
    """Seconds in all, microseconds a booking, and the longest a turn took meanwhile, in milliseconds."""

    bookings: int
    seconds: float
    each: float
    longest_turn: float


def plan(engine: Engine, many: int) -> Planned:
    """One sweep at half past six in the evening before; every booking is due its reminder."""
    db = connect(engine.fresh())
    today = days.today(datetime.now(UTC))
    now = days.at_local(today, "18:30")
    _fill(db, many, days.at_local(today + timedelta(days=1), "08:00"))
    dialling = _Dialling(db, now)
    dialling.start()
    began = time.perf_counter()
    said = reminders.sweep(db, now)
    seconds = time.perf_counter() - began
    dialling.stop()
    assert said.startswith(f"{many} for the day before"), said
    db.close()
    return Planned(many, seconds, 1e6 * seconds / many, 1000 * dialling.longest)


def _fill(db: Database, many: int, starts: datetime) -> None:
    moment = to_ms(starts)
    with db.transaction() as tx:
        event = tx.value(text("SELECT MIN(id) FROM events"))
        slot, person = _next_id(tx, "slots"), _next_id(tx, "people")
        times = [moment + place for place in range(many // A_SLOT)]  # an event has one slot a moment
        tx.many(_SLOTS, [{"event_id": event, "starts_at": at, "ends_at": at + 1, "places": A_SLOT} for at in times])
        tx.many(_PEOPLE, [{"phone": phone(number), "marks": False} for number in range(many)])
        made = moment - 5 * 86_400_000
        booked = [
            {
                "slot_id": slot + number // A_SLOT,
                "person_id": person + number,
                "code": f"{number:05}"[-5:],
                "made": made,
            }
            for number in range(many)
        ]
        tx.many(_BOOKINGS, booked)
    with db.connection() as tx:
        tx.sql("ANALYZE")


def _next_id(tx: Tx, table: str) -> int:
    return int(tx.value(text(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}")))


class _Dialling(threading.Thread):
    """Somebody on the phone all the while: reads and saves a session again and again."""

    def __init__(self, db: Database, now: datetime) -> None:
        super().__init__(daemon=True)
        self._db, self._now = db, now
        self._over = threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        number = 0
        self._turn(number)  # opens the connection
        while not self._over.wait(PAUSE):
            number = (number + 1) % 500
            began = time.perf_counter()
            self._turn(number)
            self.longest = max(self.longest, time.perf_counter() - began)

    def _turn(self, number: int) -> None:
        with self._db.connection() as tx:
            kept = sessions.read(tx, phone(number), "ussd")
            sessions.save(tx, sessions.Kept(kept.session, kept.version), self._now)

    def stop(self) -> None:
        self._over.set()
        self.join()
