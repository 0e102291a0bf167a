"""What must be tidied without anyone pressing a key: lapsed leases, bookings nobody
came to, what need not be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from db.broadcasts import control
from db.notices import follow_ups
from db.places import communes
from db.privacy import retention
from db.reports import sessions_held, steering
from db.seats import holds, waiting
from db.store import health
from db.store.engine import Database, Tx, to_ms
from db.store.kept import LongFigure
from db.texts import outbox

LONG_FIGURES: tuple[LongFigure[Any], ...] = (steering.UNREACHED, sessions_held.HELD)
# after the slot's end: the clerk may still be typing in the list
GRACE_MS = 2 * 3_600_000


def expire(db: Database, now: datetime, offer_hours: int = waiting.OFFER_HOURS) -> str:
    """What ran out: texts whose sender died go back in the queue or are LOST; who
    dropped a call over a choice is told that it is kept; unanswered offers pass on,
    lists too near their time are closed, freed seats are offered, a slot at a time, for
    so many waking hours. A hold that ran out is simply not live.
    """
    moment = to_ms(now)
    freed = db.again(partial(outbox.free_lapsed, now=moment))
    told = db.again(partial(holds.tell_dropped, now=moment))
    passed = db.again(partial(waiting.pass_on, now=moment))
    closed = _all(db, partial(waiting.close_lists, now=moment))
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
        offer = partial(waiting.offer_freed, slot_id=slot_id, now=now, hours=hours)
        offered += db.again(offer)
    return offered


def tidy(db: Database, now: datetime) -> str:
    """Mark the missed, with a text about the next event, and let go of what need not be
    kept.
    """
    moment = to_ms(now)
    ended_before = moment - GRACE_MS
    mark_missed = partial(follow_ups.mark_missed, now=moment, ended_before=ended_before)
    missed = _all(db, mark_missed)
    db.again(partial(retention.let_go, now=moment))
    db.again(partial(control.end_what_is_over, now=moment))
    count_long_figures(db, now)
    return f"{missed} missed"


def count_long_figures(db: Database, now: datetime) -> None:
    """What takes pages too long to count, counted here and kept; the writing is a
    moment, after the counting.
    """
    moment = to_ms(now)
    with db.connection() as tx:
        commune_ids = communes.ids(tx)
    for commune_id in commune_ids:
        for figure in LONG_FIGURES:
            _count_anew(db, figure, commune_id, moment)


def _count_anew(
    db: Database, figure: LongFigure[Any], commune_id: int, now: int
) -> None:
    with db.connection() as tx:
        if not figure.is_due(tx, commune_id, now):
            return
        kept = figure.count_anew(tx, commune_id, now)
    db.again(lambda tx: figure.keep(tx, commune_id, kept))


def tick(db: Database, job: str, now: datetime) -> None:
    """This job ended well, now."""
    moment = to_ms(now)
    db.again(partial(health.tick, job=job, now=moment))
