"""What a plan is steered by: how fast it goes beside how fast it should, and where
people still wait for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import EventKind, RequestKind, Service
from db.reports.homes import HANDSET
from db.reports.progress import Cell, Figure, counts_until
from db.store.engine import Tx
from db.store.kept import LongFigure
from db.store.local_days import days_from
from db.store.statements import Query
from menus.port import BY_INVITATION

WEEK = 7  # days
_NextDays = dict[tuple[int, str], str]  # by hamlet and kind, an ISO day
LEAST_SHOWN = 0.1  # a week
# What is to be held for whoever asked for this; all else is done by a call, not at a
# session.
HELD_FOR: Mapping[str, EventKind] = {
    RequestKind.ACCOUNT: EventKind.ACCOUNT,
    RequestKind.QR: EventKind.ACCOUNT,
    RequestKind.SCHOOL: EventKind.SCHOOL,
    RequestKind.VISIT: EventKind.VISITS,
}
# A session of another kind at which one can get this serves as well.
AS_GOOD_AS: Mapping[str, EventKind] = {
    Service.SWAP: EventKind.SWAP,
    Service.ACCOUNT: EventKind.ACCOUNT,
    Service.TUITION: EventKind.SCHOOL,
}


class Many(NamedTuple):
    """So many of a hamlet; none where nobody knows which."""

    hamlet_id: int | None
    number: int


class ManyOfKind(NamedTuple):
    """So many of a hamlet who wait at sessions of a kind, or requests of a kind."""

    hamlet_id: int | None
    kind: str
    number: int


class NextDay(NamedTuple):
    """The first day to come on which a kind of session offers this."""

    hamlet_id: int | None  # none: the commune's own hall
    kind: str
    service: str | None
    day: str  # ISO


_WAITING = Query(
    text("""
    SELECT p.hamlet_id, e.kind, SUM(b.places) AS number
    FROM slots s
    JOIN events e ON e.id = s.event_id
    JOIN bookings b ON b.slot_id = s.id
    JOIN people p ON p.id = b.person_id
    WHERE s.starts_at > :now AND e.commune_id = :commune_id AND b.status = 'waiting'
    GROUP BY p.hamlet_id, e.kind
    """),
    ManyOfKind,
)
_REQUESTS = Query(
    text("""
    SELECT hamlet_id, kind, COUNT(*) AS number FROM requests
    WHERE commune_id = :commune_id AND state = 'open'
    GROUP BY hamlet_id, kind
    """),
    ManyOfKind,
)
# Who has no phone can be told by no text, and who has a 4G phone needs none of ours.
_UNREACHED = Query(
    text(f"""
    SELECT p.hamlet_id, COUNT(*) AS number
    FROM people p
    WHERE p.commune_id = :commune_id AND p.erased_at IS NULL AND p.phone IS NOT NULL
      AND {HANDSET} NOT IN ('4g_no_volte', '4g_volte')
      AND NOT EXISTS (
        SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'handset_volte' AND c.subject_id = p.id)
      AND NOT EXISTS (
        SELECT 1 FROM messages m
        WHERE m.phone = p.phone AND m.direction = 'out' AND m.status IN ('SENT', 'DELIVERED'))
    GROUP BY p.hamlet_id
    """),
    Many,
)
_NEXT_DAYS = Query(
    text(f"""
    SELECT l.hamlet_id, e.kind, v.service, MIN(e.day) AS day
    FROM events e
    JOIN halls l ON l.id = e.hall_id
    LEFT JOIN event_services v ON v.event_id = e.id
    WHERE e.kind <> '{BY_INVITATION}' AND e.commune_id = :commune_id AND e.day >= :today AND e.state = 'open'
      AND EXISTS (SELECT 1 FROM slots s WHERE s.event_id = e.id AND s.ends_at > :now)
    GROUP BY l.hamlet_id, e.kind, v.service
    """),
    NextDay,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many a week. `needed` is None where the plan gives no target or its end is
    over; 0 once it is reached.
    """

    so_far: float | None
    needed: float | None

    @property
    def shown_so_far(self) -> float | None:
        """As a page writes it, to one decimal."""
        return None if self.so_far is None else round(self.so_far, 1)

    @property
    def shown_needed(self) -> float | None:
        """As a page writes it, rounded as the pace so far is; what is missing is never
        written as nothing.
        """
        if not self.needed:
            return self.needed
        return max(LEAST_SHOWN, round(self.needed, 1))

    @property
    def is_slow(self) -> bool:
        """At this pace the target is missed, by the two figures that stand side by
        side.
        """
        so_far, needed = self.shown_so_far, self.shown_needed
        if so_far is None or not needed:
            return False
        return so_far < needed

    @property
    def is_on_pace(self) -> bool:
        """At this pace the target is met; nothing is said of one that is reached."""
        so_far, needed = self.shown_so_far, self.shown_needed
        if so_far is None or not needed:
            return False
        return so_far >= needed


class Need(NamedTuple):
    """So many of a hamlet whom a session of this kind would serve."""

    kind: str
    number: int
    next_day: str | None  # ISO day of the next one at their hall that does


@dataclass(frozen=True, slots=True)
class Demand:
    """Whom the plan has not served yet, of one hamlet (0: nobody knows which)."""

    hamlet_id: int
    waiting: int  # people on the list of a full time
    requests: int  # what was asked for, and is not done
    # people with a phone that is no 4G one, whom no text of ours ever reached
    unreached: int
    needs: tuple[Need, ...]  # what is most wanted first

    @property
    def number(self) -> int:
        return self.waiting + self.requests + self.unreached


def before(tx: Tx, *, programme_id: int, starts: str) -> Mapping[Cell, int]:
    """What counted before the plan's first day (ISO), by (indicator, hamlet or WHOLE):
    no part of its pace.
    """
    eve = days_from(starts, -1)
    return counts_until(tx, programme_id=programme_id, day=eve)


def pace(
    figure: Figure, earlier: Mapping[Cell, int], *, starts: str, ends: str, today: str
) -> Pace:
    """How fast one figure went since the plan's start, and must go until its end; all
    ISO days, both ends included.
    """
    so_far = None
    needed = None
    days_gone = _days(starts, today)
    if days_gone > 0:
        since = figure.count - earlier.get(figure.cell, 0)
        so_far = since * WEEK / days_gone
    days_left = _days(today, ends)
    if figure.target is not None and days_left > 0:
        missing = max(0, figure.target - figure.count)
        days_to_go = min(days_left, _days(starts, ends))  # the plan may not have begun
        needed = missing * WEEK / days_to_go
    return Pace(so_far, needed)


def _days(first: str, last: str) -> int:
    """From one ISO day to another, both included; none or less where the other is
    earlier.
    """
    between = date.fromisoformat(last) - date.fromisoformat(first)
    return between.days + 1


def _count_unreached(tx: Tx, commune_id: int, now: int) -> list[Many]:
    return tx.all(_UNREACHED, commune_id=commune_id)


UNREACHED = LongFigure("unreached", Many, _count_unreached)


def demand(
    tx: Tx,
    *,
    commune_id: int,
    hamlets: list[int],
    unreached_rows: Iterable[Many],
    today: str,
    now: int,
) -> list[Demand]:
    """Of these hamlets, and of 0 where anybody's is unknown: the one with most unmet
    demand first.

    `unreached_rows` is what UNREACHED says; `now` is UTC ms.
    """
    counted = _Counted()
    for row in tx.all(_WAITING, commune_id=commune_id, now=now):
        counted.add(counted.waiting, row, row.kind)
    for row in tx.all(_REQUESTS, commune_id=commune_id):
        held_for = HELD_FOR.get(row.kind)
        counted.add(counted.requests, row, held_for)
    for unreached in unreached_rows:
        counted.add(counted.unreached, unreached, EventKind.SWAP)
    days = tx.all(_NEXT_DAYS, commune_id=commune_id, today=today, now=now)
    next_days = _next_days(days)
    found = []
    for hamlet_id in (*hamlets, 0):
        line = counted.of(hamlet_id, next_days)
        if hamlet_id or line.number:
            found.append(line)
    return sorted(found, key=_most_demand_first)


@dataclass(slots=True)
class _Counted:
    """Who waits, asked or was never reached, by hamlet (0: nobody knows which)."""

    waiting: Counter[int] = field(default_factory=Counter)
    requests: Counter[int] = field(default_factory=Counter)
    unreached: Counter[int] = field(default_factory=Counter)
    # by hamlet, and the kind of session that would serve them
    wanted: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, to: Counter[int], row: Many | ManyOfKind, kind: str | None) -> None:
        """`kind` is of the session that would serve them, where one would."""
        hamlet_id = row.hamlet_id or 0
        number = int(row.number)
        to[hamlet_id] += number
        if kind is not None:
            self.wanted[hamlet_id, kind] += number

    def of(self, hamlet_id: int, next_days: _NextDays) -> Demand:
        needs = []
        for kind in EventKind:
            number = self.wanted[hamlet_id, kind]
            if number:
                day = _next_day(next_days, hamlet_id, kind)
                needs.append(Need(kind, number, day))
        needs.sort(key=lambda need: -need.number)
        return Demand(
            hamlet_id,
            self.waiting[hamlet_id],
            self.requests[hamlet_id],
            self.unreached[hamlet_id],
            tuple(needs),
        )


def _next_day(next_days: _NextDays, hamlet_id: int, kind: EventKind) -> str | None:
    """In the hamlet; a desk at a school's gate stands in none, and is for all."""
    halls = {hamlet_id}
    if kind == EventKind.SCHOOL:
        halls.add(0)
    days = [next_days[hall, kind] for hall in halls if (hall, kind) in next_days]
    return min(days, default=None)


def _next_days(rows: Iterable[NextDay]) -> _NextDays:
    """When a kind of session, or one as good as it, is held next in a hamlet."""
    found: _NextDays = {}
    for row in rows:
        kinds = {row.kind}
        same = AS_GOOD_AS.get(row.service or "")
        if same is not None:
            kinds.add(same)
        for kind in kinds:
            cell = (row.hamlet_id or 0, kind)
            found[cell] = min(row.day, found.get(cell, row.day))
    return found


def _most_demand_first(line: Demand) -> tuple[bool, int]:
    is_unknown = not line.hamlet_id
    return is_unknown, -line.number
