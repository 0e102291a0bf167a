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
    here, asked, faces = today(now), 0, 0
    for due in (here - timedelta(days=back) for back in range(LATE.days, -1, -1)):
        if at_local(due, AT) <= now:
            asked += db.again(partial(_ask, due=due, now=now))
            faces += db.again(partial(_faces, due=due, now=now))
    return f"{asked} asked how it went, {faces} about their face"


def _ask(tx: Tx, due: date, now: datetime) -> int:
    from_ms, until = (to_ms(at_local(day, "00:00")) for day in (due - timedelta(days=1), due))
    return follow_ups.ask_how_it_went(tx, from_ms=from_ms, to_ms=until, now=to_ms(now), not_after=_last_moment(due))


def _faces(tx: Tx, due: date, now: datetime) -> int:
    return sum(
        follow_ups.ask_for_faces(
            tx, kind, since=due - timedelta(days=after), now=to_ms(now), not_after=_last_moment(due)
        )
        for kind, after in FACE_ON.items()
    )  # fmt: skip


def _last_moment(due: date) -> int:
    return to_ms(at_local(due, AT) + LATE)
