"""The first page of whoever works with people: today's halls, the stock, the open lists, and the own log with undo."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from db.broadcasts import approvals
from db.broadcasts.drafts import Broadcast
from db.places import schemes
from db.reports import broadcasts, homes
from db.reports import conversions as logs
from db.reports import today as lists
from db.reports.broadcasts import Paused
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, work_lists
from gateway.staff.broadcasts.common import said_by_the_clock
from gateway.staff.gate import bp
from gateway.staff.today import gone_since

ENTRIES = 15
DAYS_BACK = 30


class Hall(NamedTuple):
    """Where something is held today, and how many are booked and have come."""

    id: int
    name: str
    booked: int
    came: int


@bp.get("/mine/")
@layout.needs("log")
def mine() -> layout.Page:
    who = layout.staff()
    day = lang.current_day()
    since = date.fromisoformat(day) - timedelta(days=DAYS_BACK)
    wanted = logs.Wanted(who.commune_id, since=since.isoformat(), staff_id=who.id)
    with here().db.connection() as tx:
        coming = lists.next_days(tx, who.commune_id, day)
        values = {
            "halls": _halls(tx, day),
            "days": [one for one in coming if one > day],
            "scheme": schemes.told(tx, who.commune_id, day),
            "lists": _lists(tx),
            "paused": _paused(tx),
            "to_approve": _to_approve(tx),
            "entries": logs.page(tx, wanted, place=layout.a_place(), size=ENTRIES),
        }
    return layout.page("mine", day=day, said_by_the_clock=said_by_the_clock, **values)


def _paused(tx: Tx) -> list[Paused]:
    """Texts to many that paused by themselves, for whoever may let them go on."""
    if not layout.may("broadcasts"):
        return []
    return broadcasts.paused_by_itself(tx, layout.staff().commune_id)


def _to_approve(tx: Tx) -> list[Broadcast]:
    """Texts to many that wait for the own approval."""
    if not layout.may("approve"):
        return []
    who = layout.staff()
    return approvals.for_eyes_of(tx, who.commune_id, who.id)


def _halls(tx: Tx, day: str) -> list[Hall]:
    """Of whom one sees on the day's list."""
    lines = lists.booked(
        tx,
        commune_id=layout.staff().commune_id,
        day=day,
        hall_id=None,
        hamlet_id=layout.scope(),
        gone_since=gone_since(),
    )
    halls: dict[int, Hall] = {}
    for line in lines:
        if line.status == "cancelled":
            continue
        hall = halls.get(line.hall_id, Hall(line.hall_id, line.hall, 0, 0))
        came = hall.came + (line.status == "attended")
        halls[line.hall_id] = hall._replace(booked=hall.booked + 1, came=came)
    return list(halls.values())


def _lists(tx: Tx) -> list[tuple[str, homes.Tally]]:
    """Each list of the own hamlet with how long it is; none where no hamlet is the own."""
    commune_id = layout.staff().commune_id
    hamlet_id = layout.scope()
    if not hamlet_id or not layout.may("lists"):
        return []
    counted = []
    for kind in work_lists.kinds():
        if kind != homes.ALL:
            wanted = homes.Wanted(commune_id, hamlet_id, kind)
            counted.append((kind, homes.how_many(tx, wanted)))
    return counted
