"""Who came to one event; and what was held with how many people, by kind, month and
hamlet.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.kept import Counted, LongFigure
from db.store.local_days import day_at
from db.store.statements import Query


class Came(NamedTuple):
    """Somebody known who came without a booking there."""

    person_id: int
    name: str
    hamlet_id: int | None
    hamlet: str | None
    at: int  # UTC ms
    staff: str
    staff_id: int
    household_id: int | None


class Done(NamedTuple):
    """What counts for somebody who came, or for their household."""

    person_id: int
    indicator_id: int


class Heads(NamedTuple):
    """A count of people nobody knows by name, as it stands."""

    id: int
    number: int
    staff: str
    at: int  # UTC ms
    was: int | None  # of the count whose place it took
    was_by: str | None
    of_class: str | None  # at a school's gate


class Total(NamedTuple):
    """Of one event: who is known, the heads beside them, and the homes where somebody
    was met on a round.
    """

    named: int
    heads: int
    met: int = 0

    @property
    def people(self) -> int:
        return self.named + self.heads + self.met


class Held(NamedTuple):
    """What was held in one month at the halls of one hamlet, and how many people came."""

    kind: str
    month: str  # 2026-04
    hamlet_id: int | None  # none: the commune's own halls
    sessions: int
    people: int
    uncounted: int = 0  # of the sessions: nobody noted who came


class Untimed(NamedTuple):
    """An event without times to book, and how many were there."""

    id: int
    kind: str
    day: str  # ISO
    hall: str
    hamlet_id: int | None  # none: the commune's own hall
    run_by: str
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    came: int
    homes: int  # that a round goes to


# Whoever has a seat there and was put on the list by name is one person all the same.
_SEATED = """
    SELECT {what} FROM slots s JOIN bookings b ON b.slot_id = s.id
    WHERE s.event_id = e.id AND b.status = 'attended'
"""
_NAMED = f"""
    (({_SEATED.format(what="COUNT(DISTINCT b.person_id)")}) + (
      SELECT COUNT(*) FROM attendances a
      WHERE a.event_id = e.id AND NOT EXISTS ({_SEATED.format(what="1")} AND b.person_id = a.person_id)))
"""
_HEADS = """
    (SELECT COALESCE(SUM(c.number), 0) FROM head_counts c
      WHERE c.event_id = e.id AND NOT EXISTS (SELECT 1 FROM head_counts r WHERE r.replaces = c.id))
"""
# Homes of a round where somebody was met, unless one of them is noted by name.
_MET = """
    (SELECT COUNT(DISTINCT COALESCE(v.household_id, -v.person_id)) FROM visits v
      WHERE v.event_id = e.id AND v.result IN ('done', 'home') AND v.reverses IS NULL
        AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id)
        AND NOT EXISTS (
          SELECT 1 FROM attendances a JOIN people p ON p.id = a.person_id
          WHERE a.event_id = e.id AND (p.household_id = v.household_id OR p.id = v.person_id)))
"""
CAME_TO_IT = f"({_NAMED} + {_HEADS} + {_MET})"  # of an event `e`
_TOTAL = Query(
    text(f"""
    SELECT CAST({_NAMED} AS BIGINT) AS named, CAST({_HEADS} AS BIGINT) AS heads,
      CAST({_MET} AS BIGINT) AS met
    FROM events e WHERE e.id = :event_id
    """),
    Total,
)
_CAME = Query(
    text("""
    SELECT a.person_id, p.name, p.hamlet_id, h.name AS hamlet, a.at, t.username AS staff, a.staff_id,
      p.household_id
    FROM attendances a
    JOIN people p ON p.id = a.person_id
    JOIN staff t ON t.id = a.staff_id
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE a.event_id = :event_id
    ORDER BY a.at DESC, a.person_id
    """),
    Came,
)
_DONE = Query(
    text("""
    SELECT a.person_id, c.indicator_id
    FROM attendances a
    JOIN people p ON p.id = a.person_id
    JOIN indicators i ON i.subject IN ('person', 'household')
    JOIN counted c ON c.indicator_id = i.id
      AND c.subject_id = CASE i.subject WHEN 'person' THEN p.id ELSE p.household_id END
    WHERE a.event_id = :event_id
    """),
    Done,
)
_COUNTS = Query(
    text("""
    SELECT c.id, c.number, t.username AS staff, c.at, o.number AS was, u.username AS was_by, k.name AS of_class
    FROM head_counts c
    JOIN staff t ON t.id = c.staff_id
    LEFT JOIN classes k ON k.id = c.class_id
    LEFT JOIN head_counts o ON o.id = c.replaces
    LEFT JOIN staff u ON u.id = o.staff_id
    WHERE c.event_id = :event_id AND NOT EXISTS (SELECT 1 FROM head_counts r WHERE r.replaces = c.id)
    ORDER BY c.id
    """),
    Heads,
)
_HELD = Query(
    text(f"""
    SELECT kind, month, hamlet_id, COUNT(*) AS sessions, CAST(SUM(people) AS BIGINT) AS people,
      SUM(CASE WHEN people = 0 AND NOT was_counted THEN 1 ELSE 0 END) AS uncounted
    FROM (
      SELECT e.kind, SUBSTR(e.day, 1, 7) AS month, h.hamlet_id, {CAME_TO_IT} AS people,
        EXISTS (SELECT 1 FROM head_counts n WHERE n.event_id = e.id) AS was_counted
      FROM events e JOIN halls h ON h.id = e.hall_id
      WHERE e.commune_id = :commune_id AND e.day >= :first AND e.day <= :last AND e.state <> 'cancelled'
        AND NOT EXISTS (SELECT 1 FROM slots o WHERE o.event_id = e.id AND o.ends_at > :now)) each_one
    GROUP BY kind, month, hamlet_id
    ORDER BY month DESC, kind, hamlet_id
    """),
    Held,
)
_UNTIMED = Query(
    text(f"""
    SELECT e.id, e.kind, e.day, h.name AS hall, h.hamlet_id, e.run_by, MIN(s.starts_at) AS starts_at,
      MAX(s.ends_at) AS ends_at, CAST({CAME_TO_IT} AS BIGINT) AS came,
      (SELECT COUNT(*) FROM round_homes r WHERE r.event_id = e.id) AS homes
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE e.commune_id = :commune_id AND e.day >= :first AND e.day <= :last AND e.state <> 'cancelled'
      AND NOT e.bookable
    GROUP BY e.id, e.kind, e.day, h.name, h.hamlet_id, e.run_by
    ORDER BY starts_at, e.id
    """),
    Untimed,
)


def total(tx: Tx, event_id: int) -> Total:
    """Everybody who came, once each."""
    found = tx.one(_TOTAL, event_id=event_id)
    return found if found is not None else Total(0, 0)


def came(tx: Tx, event_id: int) -> list[Came]:
    """Known people who came without a booking there, the last one first."""
    return tx.all(_CAME, event_id=event_id)


def done(tx: Tx, event_id: int) -> dict[int, set[int]]:
    """For each of them, the indicators that count for them or their household now."""
    found: dict[int, set[int]] = {}
    for row in tx.all(_DONE, event_id=event_id):
        found.setdefault(row.person_id, set()).add(row.indicator_id)
    return found


def heads(tx: Tx, event_id: int) -> list[Heads]:
    """The counts that stand, in the order in which they were made."""
    return tx.all(_COUNTS, event_id=event_id)


def held_lately(tx: Tx, *, commune_id: int, day: str, now: int) -> Counted[Held]:
    """What was held in the twelve months up to that ISO day and is over, the newest
    month first. `now` is UTC ms.
    """
    if date.fromisoformat(day) == day_at(now):
        return HELD.look(tx, commune_id, now)
    return Counted(_held_until(tx, commune_id, date.fromisoformat(day), now), None)


def held(tx: Tx, *, commune_id: int, first: str, last: str, now: int) -> list[Held]:
    """What was held on these ISO days, both included, and is over, the newest month
    first. `now` is UTC ms.
    """
    return tx.all(_HELD, commune_id=commune_id, first=first, last=last, now=now)


def _held_until(tx: Tx, commune_id: int, day: date, now: int) -> list[Held]:
    first = _year_before(day)
    last = day.isoformat()
    return held(tx, commune_id=commune_id, first=first, last=last, now=now)


def _year_before(day: date) -> str:
    """The first day of the month after this one, a year before: twelve months, this one
    among them.
    """
    if day.month == 12:
        return f"{day.year}-01-01"
    return f"{day.year - 1}-{day.month + 1:02}-01"


def _held_until_today(tx: Tx, commune_id: int, now: int) -> list[Held]:
    return _held_until(tx, commune_id, day_at(now), now)


HELD = LongFigure("held", Held, _held_until_today)


def untimed(tx: Tx, *, commune_id: int, first: str, last: str) -> list[Untimed]:
    """What is held on these ISO days, both included, without times to book."""
    return tx.all(_UNTIMED, commune_id=commune_id, first=first, last=last)
