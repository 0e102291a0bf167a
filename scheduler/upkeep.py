"""What must be tidied without anyone pressing a key: lapsed leases, bookings nobody came to, what need not be kept."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from db.broadcasts import control
from db.notices import follow_ups
from db.privacy import retention
from db.seats import holds, waiting
from db.store import health
from db.store.engine import Database, to_ms
from db.texts import outbox

GRACE_MS = 2 * 3_600_000  # after the slot's end: the clerk may still be typing in the list


def expire(db: Database, now: datetime, offer_hours: int = waiting.OFFER_HOURS) -> str:
    """What ran out: texts whose sender died go back in the queue or are LOST; who dropped a call over a choice is told
    that it is kept; unanswered offers pass on, lists too near their time are closed, freed seats are offered, a slot
    at a time, for so many waking hours. A hold that ran out is simply not live.
    """
    moment, closed = to_ms(now), 0
    freed = db.again(lambda tx: outbox.free_lapsed(tx, now=moment))
    told = db.again(lambda tx: holds.tell_dropped(tx, moment))
    passed = db.again(lambda tx: waiting.pass_on(tx, moment))
    while found := db.again(lambda tx: waiting.close_lists(tx, moment)):
        closed += found
    with db.connection() as tx:
        slots = waiting.freed_slots(tx, moment)
    offer = partial(waiting.offer_freed, now=moment, hours=offer_hours)
    offered = sum(db.again(partial(offer, slot_id=slot_id)) for slot_id in slots)
    did = {"lapsed leases": freed, "told of a kept seat": told, "offers passed on": passed, "seats offered": offered}
    return ", ".join(f"{many} {what}" for what, many in {**did, "waits closed": closed}.items())


def tidy(db: Database, now: datetime) -> str:
    """Mark the missed, with a text about the next event, and let go of what need not be kept."""
    moment, missed = to_ms(now), 0
    while found := db.again(lambda tx: follow_ups.mark_missed(tx, now=moment, ended_before=moment - GRACE_MS)):
        missed += found
    db.again(lambda tx: retention.let_go(tx, moment))
    db.again(lambda tx: control.end_what_is_over(tx, moment))
    return f"{missed} missed"


def tick(db: Database, job: str, now: datetime) -> None:
    """This job ended well, now."""
    db.again(lambda tx: health.tick(tx, job, to_ms(now)))
