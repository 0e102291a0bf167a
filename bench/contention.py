"""Bookings a second when many phones want seats at once: all of one time, or spread over many."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import text

from bench.databases import Engine
from bench.load import phone
from db.port import DbPort
from db.store.engine import Database, Tx, connect
from menus.port import Consent, Said

PHONES_AT_ONCE = 8
BOOKINGS = 800  # in each run
YES = Consent("confirm:bench", "1")
_SEATS = text("UPDATE slots SET capacity = 100000")


@dataclass(frozen=True, slots=True)
class Contended:
    """Bookings a second, each a hold and its confirmation in two durable commits; the slowest of a hundred, ms."""

    rate: float
    p99: float


def contended(engine: Engine, times: int = 0) -> Contended:
    """Eight phones at once, without HTTP and menus: only the waiting for seats. `times` 0: all there are."""
    db = connect(engine.fresh())
    with db.transaction() as tx:
        tx.run(_SEATS)
        slots = [row.id for row in tx.all(text("SELECT id FROM slots ORDER BY id"))]
    took = _all_book(db, slots[: times or None])
    db.close()
    return took


def _all_book(db: Database, slots: Sequence[int]) -> Contended:
    numbers, took = count(), list[float]()

    def keep_coming() -> None:
        while (number := next(numbers)) < BOOKINGS:
            began = time.perf_counter()
            _book(db, phone(700_000 + number), slots[number % len(slots)])
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=keep_coming) for _ in range(PHONES_AT_ONCE)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert len(took) == BOOKINGS, "somebody was refused"
    return Contended(BOOKINGS / seconds, 1000 * sorted(took)[BOOKINGS * 99 // 100])


def _book(db: Database, number: str, slot: int) -> None:
    with db.transaction() as tx:
        _desk(tx, number).keep(slot)
    with db.transaction() as tx:
        _desk(tx, number).book(slot, Said(), YES)


def _desk(tx: Tx, number: str) -> DbPort:
    now = datetime.now(UTC)
    return DbPort(
        tx,
        commune_id=1,
        phone=number,
        channel="ussd",
        now=now,
        privacy_key="bench",
        acting=tx.savepoint,
    )
