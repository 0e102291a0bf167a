"""Broadcasts on the clock: what repeats begins anew, lists are frozen, what fails is
paused, what is over ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from db.broadcasts import by_event, control, planning, watch
from db.broadcasts.control import Due
from db.store.engine import Database, Tx, to_ms
from settings import Settings


def tend(db: Database, settings: Settings, now: datetime) -> str:
    """One look at all of them. Says what was done. `now` is aware UTC; any number of
    clocks may do this at once.

    A list that cannot be made keeps back no other broadcast; what went wrong is raised
    at the end, as one group.
    """
    moment = to_ms(now)
    fired = _fire(db, moment)
    with db.connection() as tx:
        unplanned = control.unplanned(tx)
        joinable = control.joinable(tx)
    freeze = partial(_freeze, db, settings=settings, now=moment)
    join = partial(planning.add_late_joiners, db, settings=settings)
    faults: list[Exception] = []
    planned = _each(unplanned, freeze, faults)
    joined = _each(joinable, join, faults)
    paused = db.again(partial(watch.pause_what_fails, now=moment))
    ended = db.again(partial(_end, now=moment))
    if faults:
        raise ExceptionGroup("lists of broadcasts could not be made", faults)
    return f"{fired} begun again, {planned} lists frozen, {joined} joined, {paused} paused, {ended} ended"


def _freeze(db: Database, firing_id: int, *, settings: Settings, now: int) -> int:
    """1 where the list is made; 0 where it cannot go out."""
    problem = planning.plan(db, firing_id, settings=settings, now=now)
    return 0 if problem else 1


def _each(
    firings: Iterable[int], work: Callable[[int], int], faults: list[Exception]
) -> int:
    """The sum of what the work did for each firing; where it fails, the fault is kept
    and the next one has its turn.
    """
    done = 0
    for firing_id in firings:
        try:
            done += work(firing_id)
        except Exception as fault:
            fault.add_note(f"firing {firing_id}")
            faults.append(fault)
    return done


def _end(tx: Tx, now: int) -> int:
    """What has nothing left to send, and what no event can set off any more; how many."""
    ended = control.end_what_is_over(tx, now)
    past = by_event.past_their_last_day(tx, now)
    for broadcast_id in past:
        ended += control.finish(tx, broadcast_id, now)
    return ended


def _fire(db: Database, now: int) -> int:
    """Begin each repeating broadcast whose moment has come, and each that belongs to an
    event at that moment.
    """
    with db.connection() as tx:
        due = control.due(tx, now)
    fired = 0
    for row in due:
        fire_again = partial(_fire_again, row=row, now=now)
        fired += db.again(fire_again)
    with db.connection() as tx:
        events = by_event.due(tx, now)
    for one in events:
        fire = partial(by_event.fire, one=one, now=now)
        db.again(fire)
    return fired + len(events)


def _fire_again(tx: Tx, row: Due, now: int) -> int:
    """1 where it went out again; 0 where another clock was first."""
    firing_id = control.fire_again(tx, row.id, commune_id=row.commune_id, now=now)
    return 0 if firing_id is None else 1
