"""How the service is doing, in numbers: the clock's hands, the queue, texts and bookings by status."""

from __future__ import annotations

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Row, Statement

_CLOCKS = Statement(text("SELECT job, at FROM clocks"))
_TICK = Statement(
    text("INSERT INTO clocks (job, at) VALUES (:job, :now) ON CONFLICT (job) DO UPDATE SET at = excluded.at")
)
_QUEUE = Statement(
    text(
        "SELECT COUNT(*) AS waiting, MIN(not_before) AS oldest FROM messages"
        " WHERE status = 'QUEUED' AND not_before <= :now"
    )
)
_TEXTS = Statement(text("SELECT direction, status, COUNT(*) AS texts FROM messages GROUP BY direction, status"))
_BOOKINGS = Statement(text("SELECT status, COUNT(*) AS bookings FROM bookings GROUP BY status"))


def tick(tx: Tx, job: str, now: int) -> None:
    """This job of the clock ended well, now (UTC ms)."""
    tx.run(_TICK, job=job, now=now)


def clocks(tx: Tx) -> dict[str, int]:
    """When each job last ended well, UTC ms."""
    return {row.job: row.at for row in tx.all(_CLOCKS)}


def queue(tx: Tx, now: int) -> Row:
    """Texts due and not yet taken: `waiting`, and since when the `oldest` is due (UTC ms, None if none waits)."""
    return tx.one(_QUEUE, now=now)


def texts(tx: Tx) -> list[Row]:
    """Rows direction, status, texts."""
    return tx.all(_TEXTS)


def bookings(tx: Tx) -> list[Row]:
    """Rows status, bookings."""
    return tx.all(_BOOKINGS)
