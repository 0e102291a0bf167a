"""What a plan is steered by: how fast it goes beside how fast it should, and where people still wait for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.reports.homes import HANDSET
from db.reports.progress import WHOLE, Figure
from db.store.engine import Tx
from db.store.statements import Query

WEEK = 7  # days
LEAST_SHOWN = 0.1  # a week


class Before(NamedTuple):
    indicator_id: int
    hamlet_id: int  # 0: nobody knows which
    number: int


class Many(NamedTuple):
    """So many of a hamlet; none where nobody knows which."""

    hamlet_id: int | None
    number: int


class NextDay(NamedTuple):
    hamlet_id: int | None  # none: the commune's own hall
    day: str  # ISO


_BEFORE = Query(
    text("""
    SELECT t.indicator_id, t.hamlet_id, SUM(t.count) AS number
    FROM indicators i JOIN tallies t ON t.indicator_id = i.id
    WHERE i.programme_id = :programme_id AND t.day < :starts
    GROUP BY t.indicator_id, t.hamlet_id
    """),
    Before,
)
_WAITING = Query(
    text("""
    SELECT p.hamlet_id, SUM(b.places) AS number
    FROM slots s
    JOIN events e ON e.id = s.event_id
    JOIN bookings b ON b.slot_id = s.id
    JOIN people p ON p.id = b.person_id
    WHERE s.starts_at > :now AND e.commune_id = :commune_id AND b.status = 'waiting'
    GROUP BY p.hamlet_id
    """),
    Many,
)
_REQUESTS = Query(
    text("""
    SELECT hamlet_id, COUNT(*) AS number FROM requests
    WHERE commune_id = :commune_id AND state = 'open'
    GROUP BY hamlet_id
    """),
    Many,
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
    text("""
    SELECT l.hamlet_id, MIN(e.day) AS day
    FROM events e
    JOIN halls l ON l.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.day >= :today AND e.state = 'open'
      AND EXISTS (SELECT 1 FROM slots s WHERE s.event_id = e.id AND s.ends_at > :now)
    GROUP BY l.hamlet_id
    """),
    NextDay,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many a week. `needed` is None where the plan gives no target or its end is over; 0 once it is reached."""

    so_far: float | None
    needed: float | None

    @property
    def shown_so_far(self) -> float | None:
        """As a page writes it, to one decimal."""
        return None if self.so_far is None else round(self.so_far, 1)

    @property
    def shown_needed(self) -> float | None:
        """As a page writes it, rounded as the pace so far is; what is missing is never written as nothing."""
        if not self.needed:
            return self.needed
        return max(LEAST_SHOWN, round(self.needed, 1))

    @property
    def is_slow(self) -> bool:
        """At this pace the target is missed, by the two figures that stand side by side."""
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


@dataclass(frozen=True, slots=True)
class Demand:
    """Whom the plan has not served yet, of one hamlet (0: nobody knows which)."""

    hamlet_id: int
    waiting: int  # people on the list of a full time
    requests: int  # what was asked for, and is not done
    unreached: (
        int  # people with a phone that is no 4G one, whom no text of ours ever reached
    )
    next_day: str | None  # ISO day of the next session at their hall

    @property
    def number(self) -> int:
        return self.waiting + self.requests + self.unreached


def before(
    tx: Tx, *, programme_id: int, starts: str
) -> dict[tuple[int, int | None], int]:
    """What counted before the plan's first day (ISO), by (indicator, hamlet or WHOLE): no part of its pace."""
    found: Counter[tuple[int, int | None]] = Counter()
    for row in tx.all(_BEFORE, programme_id=programme_id, starts=starts):
        number = int(row.number)
        found[row.indicator_id, row.hamlet_id] = number
        found[row.indicator_id, WHOLE] += number
    return found


def pace(
    figure: Figure, earlier: Mapping[tuple[int, int | None], int], *, starts: str, ends: str, today: str
) -> Pace:  # fmt: skip
    """How fast one figure went since the plan's start, and must go until its end; all ISO days, both ends included."""
    days_gone = _days(starts, today)
    days_left = _days(today, ends)
    since = figure.count - earlier.get((figure.indicator_id, figure.hamlet_id), 0)
    so_far = None
    if days_gone > 0:
        so_far = since * WEEK / days_gone
    if figure.target is None or days_left <= 0:
        return Pace(so_far, None)
    missing = max(0, figure.target - figure.count)
    days_to_go = min(days_left, _days(starts, ends))  # the plan may not have begun
    return Pace(so_far, missing * WEEK / days_to_go)


def _days(first: str, last: str) -> int:
    """From one ISO day to another, both included; none or less where the other is earlier."""
    between = date.fromisoformat(last) - date.fromisoformat(first)
    return between.days + 1


def demand(
    tx: Tx, *, commune_id: int, hamlets: list[int], today: str, now: int
) -> list[Demand]:
    """Of these hamlets, and of 0 where anybody's is unknown: the one with most unmet demand first. `now` is UTC ms."""
    waiting = _by_hamlet(tx.all(_WAITING, commune_id=commune_id, now=now))
    requests = _by_hamlet(tx.all(_REQUESTS, commune_id=commune_id))
    unreached = _by_hamlet(tx.all(_UNREACHED, commune_id=commune_id))
    days = {
        row.hamlet_id: row.day
        for row in tx.all(_NEXT_DAYS, commune_id=commune_id, today=today, now=now)
    }
    found = []
    for hamlet_id in (*hamlets, 0):
        line = Demand(
            hamlet_id, waiting.get(hamlet_id, 0), requests.get(hamlet_id, 0), unreached.get(hamlet_id, 0),
            days.get(hamlet_id),
        )  # fmt: skip
        if hamlet_id or line.number:
            found.append(line)
    return sorted(found, key=_most_demand_first)


def _most_demand_first(line: Demand) -> tuple[bool, int]:
    is_unknown = not line.hamlet_id
    return is_unknown, -line.number


def _by_hamlet(rows: list[Many]) -> dict[int, int]:
    return {row.hamlet_id or 0: int(row.number) for row in rows}
