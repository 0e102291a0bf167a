"""The first page of whoever works with people: today's halls, the sessions to run, the
stock, what waits for them, and the own log with undo.

Each section finds what stands in it and has a template of its own in
`gateway/templates/staff/mine/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from db.broadcasts import approvals
from db.broadcasts.drafts import Broadcast
from db.models.states import EventState
from db.places import schemes
from db.reports import broadcasts, businesses, events, homes, requests, sessions_held
from db.reports import conversions as logs
from db.reports import today as lists
from db.reports.broadcasts import Paused
from db.reports.businesses import Business
from db.reports.events import Event
from db.reports.paging import Page
from db.reports.requests import Line
from db.reports.sessions_held import Untimed
from db.store.engine import Tx
from db.store.local_days import days_from
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles, work_lists
from gateway.staff.broadcasts.common import said_by_the_clock
from gateway.staff.gate import bp
from gateway.staff.today import booked

ENTRIES = 15
DAYS_BACK = 30
SHOWN = 6  # of each list; the page behind it has the rest
SESSIONS_AHEAD = 7  # days
# who came may still be noted of a session that was over so many days ago
SESSIONS_BACK = 3


class Section(NamedTuple):
    """`_name.html` shows what `find` returns for that ISO day; nothing found is not
    shown, nor is what one has no permission for.
    """

    name: str
    needs: roles.Permission
    find: Callable[[Tx, str], object]


class Hall(NamedTuple):
    """Where something is held today, and how many are booked and have come."""

    id: int
    name: str
    booked: int
    came: int


class Today(NamedTuple):
    halls: list[Hall]
    days: list[str]  # of the next events, ISO
    scheme: schemes.Stored | None


class Open(NamedTuple):
    """Texts to many that paused by themselves or wait for approval, and how long each
    list of homes is.
    """

    paused: list[Paused]
    to_approve: list[Broadcast]
    tallies: list[tuple[str, homes.Tally]]


@bp.get("/mine/")
@layout.needs("log")
def mine() -> layout.Page:
    day = lang.current_day()
    found = {}
    with here().db.connection() as tx:
        for section in SECTIONS:
            if layout.may(section.needs):
                found[section.name] = section.find(tx, day)
    shown = {name: what for name, what in found.items() if what}
    return layout.page(
        "mine",
        day=day,
        now=lang.now_ms(),
        said_by_the_clock=said_by_the_clock,
        sections=shown,
    )


def _today(tx: Tx, day: str) -> Today:
    commune_id = layout.commune_id()
    coming = lists.next_days(tx, commune_id, day)
    days_after = [one for one in coming if one > day]
    scheme = schemes.told(tx, commune_id, day)
    return Today(_halls(tx, day), days_after, scheme)


def _halls(tx: Tx, day: str) -> list[Hall]:
    """Of whom one sees on the day's list."""
    lines = [line for line in booked(tx, day) if line.status != "cancelled"]
    names = {line.hall_id: line.hall for line in lines}
    seated = Counter(line.hall_id for line in lines)
    came = Counter(line.hall_id for line in lines if line.status == "attended")
    return [Hall(id_, name, seated[id_], came[id_]) for id_, name in names.items()]


def _sessions(tx: Tx, day: str) -> list[Event]:
    """Those to come with times to book that say that one's own people run them, and
    those at the halls of the own hamlet.
    """
    now = lang.now_ms()
    coming = events.coming(tx, commune_id=layout.commune_id(), day=day, now=now)
    own = [event for event in coming if _is_bookable(event) and _is_own(event)]
    return own[:SHOWN]


def _is_bookable(event: Event) -> bool:
    return event.bookable and event.state != EventState.CANCELLED


def _is_own(event: Event) -> bool:
    hamlet_id = layout.scope()
    if hamlet_id is not None and event.hamlet_id == hamlet_id:
        return True
    return roles.runs(layout.staff().role, event.run_by)


def _untimed(tx: Tx, day: str) -> list[Untimed]:
    """Without times to book: those of the next seven days, and those just over of which
    nobody has said yet who came. Of a hamlet its own and the commune's.
    """
    held = sessions_held.untimed(
        tx,
        commune_id=layout.commune_id(),
        first=days_from(day, -SESSIONS_BACK),
        last=days_from(day, SESSIONS_AHEAD),
    )
    hamlet_id = layout.scope()
    own = [one for one in held if hamlet_id in (None, one.hamlet_id)]
    commune_wide = [one for one in held if one.hamlet_id is None and one not in own]
    shown = [one for one in own + commune_wide if one.day >= day or not one.came]
    return sorted(shown, key=lambda one: one.starts_at)


def _asked(tx: Tx, _day: str) -> list[Line]:
    """Open requests in reach, the ones due first."""
    viewer = layout.viewer()
    found = requests.open_ones(tx, viewer, hamlet_id=layout.scope())
    return found[:SHOWN]


def _shops(tx: Tx, _day: str) -> list[Business]:
    """Shops that have no QR yet, of the own hamlet where one is bound to one."""
    wanted = businesses.Wanted(
        layout.commune_id(),
        kind="household_business",
        hamlet_id=layout.scope(),
        without=True,
    )
    return businesses.page(tx, wanted, after=None, most=SHOWN)


def _open(tx: Tx, _day: str) -> Open | None:
    found = Open(_paused(tx), _to_approve(tx), _tallies(tx))
    return found if any(found) else None


def _paused(tx: Tx) -> list[Paused]:
    """For whoever may let them go on."""
    if not layout.may("broadcasts"):
        return []
    return broadcasts.paused_by_itself(tx, layout.commune_id())


def _to_approve(tx: Tx) -> list[Broadcast]:
    """Those that wait for the own approval."""
    if not layout.may("approve"):
        return []
    who = layout.staff()
    return approvals.for_eyes_of(tx, who.commune_id, who.id)


def _tallies(tx: Tx) -> list[tuple[str, homes.Tally]]:
    """Each list of the own hamlet with how long it is; none where no hamlet is the own."""
    hamlet_id = layout.scope()
    if not hamlet_id or not layout.may("lists"):
        return []
    commune_id = layout.commune_id()
    counted = []
    for kind in work_lists.kinds():
        if kind != homes.ALL:
            wanted = homes.Wanted(commune_id, hamlet_id, kind)
            tally = homes.how_many(tx, wanted)
            counted.append((kind, tally))
    return counted


def _log(tx: Tx, day: str) -> Page[logs.Entry]:
    """What one ticked off oneself in the last thirty days."""
    who = layout.staff()
    place = layout.a_place()
    since = days_from(day, -DAYS_BACK)
    wanted = logs.Wanted(who.commune_id, since=since, staff_id=who.id)
    return logs.page(tx, wanted, place=place, size=ENTRIES)


SECTIONS = (
    Section("today", "desk", _today),
    Section("sessions", "log", _sessions),
    Section("untimed", "log", _untimed),
    Section("asked", "requests", _asked),
    Section("shops", "businesses", _shops),
    Section("open", "log", _open),
    Section("log", "log", _log),
)
