"""Texts some days after the visit, at nine: how did it go, and is the face verified.
Each day's are posted once.

A clock that was down catches up; a text whose day lies more than three days back is not
sent any more.
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
    """Post what fell due at nine of the last days and has no row yet. Says how many.
    `now` is aware UTC.
    """
    local_day = today(now)
    asked = faces = 0
    moment = to_ms(now)
    for back in range(LATE.days, -1, -1):
        due = local_day - timedelta(days=back)
        if at_local(due, AT) > now:
            continue
        asked += db.again(partial(_ask, due=due, now=moment))
        faces += db.again(partial(_faces, due=due, now=moment))
    return f"{asked} asked how it went, {faces} about their face"


def _ask(tx: Tx, due: date, now: int) -> int:
    """Whoever came the day before."""
    day_before = due - timedelta(days=1)
    came_from = _midnight(day_before)
    came_until = _midnight(due)
    last = _last_moment(due)
    return follow_ups.ask_how_it_went(
        tx, from_ms=came_from, to_ms=came_until, now=now, not_after=last
    )


def _faces(tx: Tx, due: date, now: int) -> int:
    last = _last_moment(due)
    asked = 0
    for kind, days_after in FACE_ON.items():
        swapped_on = due - timedelta(days=days_after)
        asked += follow_ups.ask_for_faces(
            tx, kind, since=swapped_on, now=now, not_after=last
        )
    return asked


def _midnight(day: date) -> int:
    """With which the day begins, UTC ms."""
    begins = at_local(day, "00:00")
    return to_ms(begins)


def _last_moment(due: date) -> int:
    """Until which a text that fell due on this day may go, UTC ms."""
    last = at_local(due, AT) + LATE
    return to_ms(last)
