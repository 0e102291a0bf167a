"""What must be tidied without anyone pressing a key: lapsed leases, bookings nobody came to, what need not be kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from db.broadcasts import control
from db.notices import follow_ups
from db.privacy import retention
from db.seats import holds, waiting
from db.store import health
from db.store.engine import Database, Tx, to_ms
from db.texts import outbox

GRACE_MS = (
    2 * 3_600_000
)  # after the slot's end: the clerk may still be typing in the list


def expire(db: Database, now: datetime, offer_hours: int = waiting.OFFER_HOURS) -> str:
    """What ran out: texts whose sender died go back in the queue or are LOST; who dropped a call over a choice is told
    that it is kept; unanswered offers pass on, lists too near their time are closed, freed seats are offered, a slot
    at a time, for so many waking hours. A hold that ran out is simply not live.
    """
    moment = to_ms(now)
    freed = db.again(lambda tx: outbox.free_lapsed(tx, now=moment))
    told = db.again(lambda tx: holds.tell_dropped(tx, moment))
    passed = db.again(lambda tx: waiting.pass_on(tx, moment))
    closed = _all(db, lambda tx: waiting.close_lists(tx, moment))
    offered = _offer_freed(db, moment, offer_hours)
    return (
        f"{freed} lapsed leases, {told} told of a kept seat, {passed} offers passed on, "
        f"{offered} seats offered, {closed} waits closed"
    )


def _all(db: Database, some: Callable[[Tx], int]) -> int:
    """Some at a time, until none is left; how many."""
    number = 0
    while done := db.again(some):
        number += done
    return number


def _offer_freed(db: Database, now: int, hours: int) -> int:
    with db.connection() as tx:
        slots = waiting.freed_slots(tx, now)
    offered = 0
    for slot_id in slots:
        offered += db.again(
            partial(waiting.offer_freed, slot_id=slot_id, now=now, hours=hours)
        )
    return offered


def tidy(db: Database, now: datetime) -> str:
    """Mark the missed, with a text about the next event, and let go of what need not be kept."""
    moment = to_ms(now)
    ended_before = moment - GRACE_MS
    missed = _all(
        db, lambda tx: follow_ups.mark_missed(tx, now=moment, ended_before=ended_before)
    )
    db.again(lambda tx: retention.let_go(tx, moment))
    db.again(lambda tx: control.end_what_is_over(tx, moment))
    return f"{missed} missed"


def tick(db: Database, job: str, now: datetime) -> None:
    """This job ended well, now."""
    moment = to_ms(now)
    db.again(lambda tx: health.tick(tx, job, moment))
