"""Circuit breakers: a sender that fails again and again is left alone for a growing
time, by every clock at once.

closed -> (OPENS_AFTER failures in a row) -> open -> (time is up: one trial) -> closed,
or open for longer
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

OPENS_AFTER = 5  # failures in a row
SECOND_MS = 1_000
# the last one stays
OPEN_FOR_MS = tuple(seconds * SECOND_MS for seconds in (30, 60, 120, 300, 900))
TRIAL_MS = 60 * SECOND_MS  # whoever holds the trial and dies gives it back after this


class Breaker(NamedTuple):
    """A sender whose last call failed."""

    sender: str
    failures: int  # in a row
    since: int  # UTC ms
    open_until: int | None  # UTC ms; none: still closed


_ALL = Query(
    text("""
    SELECT sender, failures, since, open_until
    FROM breakers
    WHERE failures > 0
    ORDER BY sender
    """),
    Breaker,
)
_FAILED = Scalar(
    text("""
    INSERT INTO breakers (sender, failures, since)
    VALUES (:sender, 1, :now)
    ON CONFLICT (sender) DO UPDATE SET failures = breakers.failures + 1,
      since = CASE WHEN breakers.failures = 0 THEN excluded.since ELSE breakers.since END
    RETURNING failures
    """),
    int,
)
_OPEN = Statement(
    text("UPDATE breakers SET open_until = :until WHERE sender = :sender")
)
_TRIAL = Statement(
    text("""
    UPDATE breakers SET open_until = :until
    WHERE sender = :sender AND open_until = :seen
    """)
)
_WORKED = Statement(
    text("""
    UPDATE breakers SET failures = 0, open_until = NULL
    WHERE sender = :sender AND failures > 0
    """)
)


def failing(tx: Tx) -> dict[str, Breaker]:
    """Senders whose last call failed, by name."""
    return {row.sender: row for row in tx.all(_ALL)}


def closed_again_at(tx: Tx, sender: str, now: int) -> int | None:
    """None: this sender may be used now. Else when it may be tried again (UTC ms).

    The first to ask once the time is up gets the trial; to all others the breaker stays
    open meanwhile.
    """
    breaker = failing(tx).get(sender)
    if breaker is None or breaker.open_until is None:
        return None
    if breaker.open_until > now:
        return breaker.open_until
    trial_until = now + TRIAL_MS
    is_ours = tx.run(_TRIAL, sender=sender, seen=breaker.open_until, until=trial_until)
    return None if is_ours else trial_until


def failed(tx: Tx, sender: str, now: int) -> None:
    """One more failure that says something of the sender, not of the text."""
    failures = tx.value(_FAILED, sender=sender, now=now)
    assert failures is not None  # written just now
    too_many = failures - OPENS_AFTER
    if too_many < 0:
        return
    step = min(too_many, len(OPEN_FOR_MS) - 1)
    until = now + OPEN_FOR_MS[step]
    tx.run(_OPEN, sender=sender, until=until)


def worked(tx: Tx, sender: str) -> None:
    """It answered like a carrier that is well: whatever was counted is over."""
    tx.run(_WORKED, sender=sender)
