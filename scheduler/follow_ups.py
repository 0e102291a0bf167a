"""Texts some days after the visit, at nine: how did it go, and is the face verified. Each day's are posted once.

A clock that was down catches up; a text whose day lies more than three days back is not sent any more.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from db.notices import follow_ups
from db.store.engine import Database, Tx, to_ms
from menus.days import at_local, today
from menus.notices import Kind

AT = "09:00"
LATE = timedelta(days=3)
FACE_ON: dict[Kind, int] = {"face_1d": 1, "face_25d": 25}  # days after the swap


def sweep(db: Database, now: datetime) -> str:
    """Post what fell due at nine of the last days and has no row yet. Says how many. `now` is aware UTC."""
    local_day = today(now)
    asked = faces = 0
    for back in range(LATE.days, -1, -1):
        due = local_day - timedelta(days=back)
        if at_local(due, AT) <= now:
            asked += db.again(partial(_ask, due=due, now=now))
            faces += db.again(partial(_faces, due=due, now=now))
    return f"{asked} asked how it went, {faces} about their face"


def _ask(tx: Tx, due: date, now: datetime) -> int:
    """Whoever came the day before."""
    came_from = to_ms(at_local(due - timedelta(days=1), "00:00"))
    came_until = to_ms(at_local(due, "00:00"))
    last = _last_moment(due)
    return follow_ups.ask_how_it_went(
        tx, from_ms=came_from, to_ms=came_until, now=to_ms(now), not_after=last
    )


def _faces(tx: Tx, due: date, now: datetime) -> int:
    last = _last_moment(due)
    asked = 0
    for kind, days_after in FACE_ON.items():
        swapped_on = due - timedelta(days=days_after)
        asked += follow_ups.ask_for_faces(
            tx, kind, since=swapped_on, now=to_ms(now), not_after=last
        )
    return asked


def _last_moment(due: date) -> int:
    return to_ms(at_local(due, AT) + LATE)
