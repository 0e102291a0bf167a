"""Bookings a second when many phones want seats at once: all of one time, or spread
over many.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from bench.databases import Engine
from bench.load import phone
from db.port import DbPort
from db.store.engine import Database, Tx, connect
from menus.port import Consent, Said

PHONES_AT_ONCE = 8
BOOKINGS = 800  # in each run
YES = Consent("confirm:bench", "1")
FIRST = 700_000  # of the phones
_SEATS = text("UPDATE slots SET capacity = 100000")
_SLOTS = text("SELECT id FROM slots ORDER BY id")


@dataclass(frozen=True, slots=True)
class Contended:
    """Bookings a second, each a hold and its confirmation in two durable commits; the
    slowest of a hundred, ms.
    """

    rate: float
    p99: float


def contended(engine: Engine, times: int = 0) -> Contended:
    """Eight phones at once, without HTTP and menus: only the waiting for seats. `times`
    0: all there are.
    """
    db = connect(engine.fresh())
    with db.transaction() as tx:
        tx.run(_SEATS)
        rows = tx.all(_SLOTS)
    slots = [row.id for row in rows]
    if times:
        slots = slots[:times]
    took = _all_book(db, slots)
    db.close()
    return took


def _all_book(db: Database, slots: Sequence[int]) -> Contended:
    numbers = iter(range(BOOKINGS))  # all threads take theirs from it
    took: list[float] = []

    def keep_coming() -> None:
        for number in numbers:
            slot = slots[number % len(slots)]
            began = time.perf_counter()
            _book(db, phone(FIRST + number), slot)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=keep_coming) for _ in range(PHONES_AT_ONCE)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert len(took) == BOOKINGS, "somebody was refused"
    took.sort()
    slow = took[BOOKINGS * 99 // 100]
    return Contended(BOOKINGS / seconds, 1000 * slow)


def _book(db: Database, number: str, slot: int) -> None:
    with db.transaction() as tx:
        port = _port(tx, number)
        port.keep(slot)
    with db.transaction() as tx:
        port = _port(tx, number)
        port.book(slot, Said(), YES)


def _port(tx: Tx, number: str) -> DbPort:
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
