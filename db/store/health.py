"""How the service is doing, in numbers: the clock's hands, the queue, texts and
bookings by status.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Statement


class Clock(NamedTuple):
    """A job of the clock, and when it last ended well."""

    job: str
    at: int  # UTC ms


class Queue(NamedTuple):
    """Texts that are due and not yet taken."""

    waiting: int
    oldest: int | None  # UTC ms since when it is due; none where none waits


class Texts(NamedTuple):
    direction: str  # in | out
    status: str
    texts: int


class Bookings(NamedTuple):
    status: str
    bookings: int


_CLOCKS = Query(text("SELECT job, at FROM clocks"), Clock)
_TICK = Statement(
    text(
        "INSERT INTO clocks (job, at) VALUES (:job, :now) ON CONFLICT (job) DO UPDATE SET at = excluded.at"
    )
)
_QUEUE = Query(
    text("""
    SELECT COUNT(*) AS waiting, MIN(not_before) AS oldest
    FROM messages
    WHERE status = 'QUEUED' AND not_before <= :now
    """),
    Queue,
)
_TEXTS = Query(
    text(
        "SELECT direction, status, COUNT(*) AS texts FROM messages GROUP BY direction, status"
    ),
    Texts,
)
_BOOKINGS = Query(
    text("SELECT status, COUNT(*) AS bookings FROM bookings GROUP BY status"), Bookings
)


def tick(tx: Tx, job: str, now: int) -> None:
    """This job of the clock ended well, now (UTC ms)."""
    tx.run(_TICK, job=job, now=now)


def clocks(tx: Tx) -> dict[str, int]:
    """When each job last ended well, UTC ms."""
    hands = tx.all(_CLOCKS)
    return {hand.job: hand.at for hand in hands}


def queue(tx: Tx, now: int) -> Queue:
    """How many texts are due (`now` is UTC ms), and since when."""
    found = tx.one(_QUEUE, now=now)
    assert found is not None  # a count is always one row
    return found


def texts(tx: Tx) -> list[Texts]:
    """How many there are, by direction and status."""
    return tx.all(_TEXTS)


def bookings(tx: Tx) -> list[Bookings]:
    """How many there are, by status."""
    return tx.all(_BOOKINGS)
