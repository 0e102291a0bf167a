"""What must be tidied without anyone pressing a key: lapsed leases, bookings nobody came to, what need not be kept."""

from __future__ import annotations

from datetime import datetime

from db import follow_ups, health, outbox, privacy
from db.engine import Database, to_ms

GRACE_MS = 2 * 3_600_000  # after the slot's end: the clerk may still be typing in the list


def expire(db: Database, now: datetime) -> str:
    """Texts whose sender died: back in the queue, or LOST. Expired holds need nothing: they are simply not live."""
    freed = db.again(lambda tx: outbox.free_lapsed(tx, now=to_ms(now)))
    return f"{freed} lapsed leases"


def tidy(db: Database, now: datetime) -> str:
    """Mark the missed, with a text about the next event, and let go of what need not be kept."""
    moment, missed = to_ms(now), 0
    while found := db.again(lambda tx: follow_ups.mark_missed(tx, now=moment, ended_before=moment - GRACE_MS)):
        missed += found
    db.again(lambda tx: privacy.retention(tx, moment))
    return f"{missed} missed"


def tick(db: Database, job: str, now: datetime) -> None:
    """This job ended well, now."""
    db.again(lambda tx: health.tick(tx, job, to_ms(now)))
