"""Broadcasts on the clock: what repeats begins anew, lists are frozen, what fails is paused, what is over ends."""

from __future__ import annotations

from datetime import datetime

from db.broadcasts import by_event, control, planning, watch
from db.engine import Database, to_ms
from settings import Settings


def tend(db: Database, settings: Settings, now: datetime) -> str:
    """One look at all of them. Says what was done. `now` is aware UTC; any number of clocks may do this at once."""
    moment = to_ms(now)
    fired = _fire(db, moment)
    planned = joined = 0
    with db.connection() as tx:
        unplanned, joinable = control.unplanned(tx), control.joinable(tx)
    for firing_id in unplanned:
        planned += not planning.plan(db, firing_id, settings=settings, now=moment)
    for firing_id in joinable:
        joined += planning.add_late_joiners(db, firing_id, settings=settings)
    paused = db.again(lambda tx: watch.pause_what_fails(tx, moment))
    ended = db.again(lambda tx: control.end_what_is_over(tx, moment))
    return f"{fired} begun again, {planned} lists frozen, {joined} joined, {paused} paused, {ended} ended"


def _fire(db: Database, now: int) -> int:
    """Begin each repeating broadcast whose moment has come, and each that belongs to an event at that moment."""
    with db.connection() as tx:
        due = control.due(tx, now)
    fired = 0
    for row in due:
        made = db.again(
            lambda tx, row=row: control.fire_again(tx, row.id, commune_id=row.commune_id, now=now)  # type: ignore[misc]  # mypy cannot see the default
        )
        fired += made is not None
    with db.connection() as tx:
        events = by_event.due(tx, now)
    for one in events:
        db.again(lambda tx, one=one: by_event.fire(tx, one, now=now))  # type: ignore[misc]  # mypy cannot see the default
        fired += 1
    return fired
