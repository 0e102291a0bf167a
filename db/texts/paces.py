"""How fast each sender may go: a token bucket in the database, shared by all clocks.

What is kept is the moment at which the sender's next text may leave. A text moves it on
by the time between two texts; while it lies in the past, what was not used is
forgotten, but for a short burst. Real time, whatever hour a demo plays.
"""

from __future__ import annotations

import time

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Scalar, Statement

SECOND_US = 1_000_000
# what may leave at once after a pause: the texts of a quarter of a second
BURST_US = SECOND_US // 4
# a moment further ahead was kept before the server's clock was set back
JUMPED_US = 5 * SECOND_US

_READ = {
    "sqlite": Scalar(text("SELECT next_us FROM paces WHERE sender = :sender"), int),
    "postgresql": Scalar(
        text("SELECT next_us FROM paces WHERE sender = :sender FOR UPDATE"), int
    ),
}
_KEEP = Statement(
    text("""
    INSERT INTO paces (sender, next_us)
    VALUES (:sender, :next_us)
    ON CONFLICT (sender) DO UPDATE SET next_us = excluded.next_us
    """)
)


def now_us() -> int:
    """The server's own clock, microseconds UTC."""
    return time.time_ns() // 1_000


def ready(tx: Tx, sender: str, rate: int, now: int) -> tuple[int, float]:
    """How many texts may leave through it at this moment (`now_us`), and after how many
    seconds the next one may.

    On PostgreSQL the sender is ours until the transaction ends; `used` belongs into the
    same.
    """
    due = _due(tx, sender, now)
    if due > now:
        return 0, (due - now) / SECOND_US
    overdue = now - due
    texts = 1 + overdue // _between(rate)
    return texts, 0.0


def used(tx: Tx, sender: str, rate: int, now: int, texts: int) -> None:
    """So many left."""
    if not texts:
        return
    due = _due(tx, sender, now)
    next_us = due + texts * _between(rate)
    tx.run(_KEEP, sender=sender, next_us=next_us)


def _between(rate: int) -> int:
    """Microseconds from one text to the next, at so many texts a second."""
    return SECOND_US // rate


def _due(tx: Tx, sender: str, now: int) -> int:
    """When the next may leave, never so long ago that more than a burst would be made
    up for.
    """
    earliest = now - BURST_US
    kept = tx.value(_READ[tx.dialect.name], sender=sender)
    if kept is None or kept > now + JUMPED_US:
        return earliest
    return max(kept, earliest)
