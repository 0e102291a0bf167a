"""A school as its page shows it: classes, the parents who agreed, how many pay through
Viettel Money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.reports.by_id import by_id
from db.reports.sessions_held import CAME_TO_IT
from db.store.engine import Tx
from db.store.statements import Query

GATE_DAYS_SHOWN = 24
NOTICES_SHOWN = 24


class School(NamedTuple):
    """With how many parents agree, how many pay by the newest counts, and since when it
    counts.
    """

    id: int
    name: str
    hamlet_id: int | None
    parents: int
    paying: int | None  # none: nothing was counted yet
    pupils: int | None
    counted_on: str | None
    accounts: int  # that can sign in for it


class Class(NamedTuple):
    """With the newest count, where there is one."""

    id: int
    name: str
    parents: int
    day: str | None
    paying: int | None
    pupils: int | None


class Named(NamedTuple):
    """A class as somebody speaks of it who sees several schools."""

    id: int
    name: str
    school: str


class Parent(NamedTuple):
    """Whose consent stands."""

    id: int
    class_id: int
    class_name: str
    phone: str | None  # E.164
    agreed_on: str
    asked: str  # how; a HowAsked
    adverts: str | None  # the prompt of the consent to adverts, where one stands
    adverts_said: str  # what was answered: the day, where staff wrote it down
    adverts_at: int | None  # UTC ms

    @property
    def adverts_on(self) -> str:
        """The ISO day on which they agreed to adverts, as staff wrote it down; empty
        where they texted it.
        """
        return self.adverts_said if self._by_staff else ""

    @property
    def adverts_asked(self) -> str:
        _, _, asked = (self.adverts or "").partition(":")
        return asked if self._by_staff else ""

    @property
    def _by_staff(self) -> bool:
        return (self.adverts or "").startswith("parents:")


class Paying(NamedTuple):
    """How many pupils of a school pay through Viettel Money, of how many."""

    school: str
    paying: int
    pupils: int
    day: str  # ISO, of the newest count in it


class Sum(NamedTuple):
    """What was counted on one day, of the classes that were counted then."""

    day: str
    classes: int
    paying: int
    pupils: int


class Heads(NamedTuple):
    """Of one class, as counted at a session at the gate."""

    event_id: int
    name: str
    number: int


class GateDay(NamedTuple):
    """A session at its gate, and how many came."""

    id: int
    day: str
    state: str
    hall: str
    starts_at: int | None  # UTC ms
    ends_at: int | None  # UTC ms
    run_by: str
    people: int


class Notice(NamedTuple):
    """What the school wrote for its parents, and what became of it."""

    id: int
    name: str  # for whom, and the beginning of the words
    made_at: int  # UTC ms
    state: str  # draft | running | paused | stopped | done
    discarded: bool  # 0 or 1 on SQLite
    not_before: int | None  # UTC ms
    chosen: int | None  # none: not counted out yet
    sent: int


_NEWEST = """
    SELECT n.id FROM class_counts n
    WHERE n.class_id = c.id AND n.taken_back_at IS NULL ORDER BY n.day DESC, n.id DESC LIMIT 1
"""
_SCHOOLS = f"""
    SELECT b.id, b.name, b.hamlet_id,
      (SELECT COUNT(DISTINCT a.person_id) FROM classes c JOIN parents a ON a.class_id = c.id
        WHERE c.school_id = b.id AND a.withdrawn_at IS NULL) AS parents,
      (SELECT SUM(k.paying) FROM classes c JOIN class_counts k ON k.id = ({_NEWEST}) WHERE c.school_id = b.id)
        AS paying,
      (SELECT SUM(k.pupils) FROM classes c JOIN class_counts k ON k.id = ({_NEWEST}) WHERE c.school_id = b.id)
        AS pupils,
      (SELECT MIN(t.day) FROM counted t JOIN indicators i ON i.id = t.indicator_id
        WHERE i.key = 'tuition_school' AND t.subject_id = b.id) AS counted_on,
      (SELECT COUNT(*) FROM staff s WHERE s.school_id = b.id AND s.disabled_at IS NULL) AS accounts
    FROM businesses b
    WHERE b.commune_id = :commune_id AND b.kind = 'school'
"""
_ALL = Query(
    text(f"{_SCHOOLS} AND b.closed_at IS NULL ORDER BY b.folded, b.id"), School
)
_ONE = Query(text(f"{_SCHOOLS} AND b.id = :id"), School)
_CLASSES = Query(
    text(f"""
    SELECT c.id, c.name,
      (SELECT COUNT(*) FROM parents a WHERE a.class_id = c.id AND a.withdrawn_at IS NULL) AS parents,
      k.day, k.paying, k.pupils
    FROM classes c LEFT JOIN class_counts k ON k.id = ({_NEWEST})
    WHERE c.school_id = :school_id
    """),
    Class,
)
# Of classes that were counted by that day, each as it was counted last.
_PAYING = Query(
    text("""
    SELECT b.name AS school, CAST(SUM(k.paying) AS BIGINT) AS paying, CAST(SUM(k.pupils) AS BIGINT) AS pupils,
      MAX(k.day) AS day
    FROM businesses b
    JOIN classes c ON c.school_id = b.id
    JOIN class_counts k ON k.id = (
      SELECT n.id FROM class_counts n
      WHERE n.class_id = c.id AND n.taken_back_at IS NULL AND n.day <= :day
      ORDER BY n.day DESC, n.id DESC LIMIT 1)
    WHERE b.commune_id = :commune_id AND b.kind = 'school' AND b.closed_at IS NULL
    GROUP BY b.id, b.name, b.folded
    ORDER BY b.folded, b.id
    """),
    Paying,
)
_NAMES = """
    SELECT c.id, c.name, b.name AS school
    FROM classes c JOIN businesses b ON b.id = c.school_id
    WHERE c.id IN ({ids})
"""
_PARENTS = Query(
    text("""
    SELECT a.id, a.class_id, c.name AS class_name, p.phone, a.agreed_on, a.asked, k.prompt AS adverts,
      COALESCE(k.answer, '') AS adverts_said, k.at AS adverts_at
    FROM classes c
    JOIN parents a ON a.class_id = c.id
    JOIN people p ON p.id = a.person_id
    LEFT JOIN consents k ON k.id = (
      SELECT MAX(n.id) FROM consents n
      WHERE n.person_id = p.id AND n.purpose = 'advert' AND n.withdrawn_at IS NULL)
    WHERE c.id = :class_id AND a.withdrawn_at IS NULL
    ORDER BY a.id
    """),
    Parent,
)
_GATE_DAYS = Query(
    text(f"""
    SELECT e.id, e.day, e.state, h.name AS hall,
      (SELECT MIN(s.starts_at) FROM slots s WHERE s.event_id = e.id) AS starts_at,
      (SELECT MAX(s.ends_at) FROM slots s WHERE s.event_id = e.id) AS ends_at, e.run_by,
      CAST({CAME_TO_IT} AS BIGINT) AS people
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    WHERE e.school_id = :school_id
    ORDER BY e.day DESC, e.id DESC LIMIT {GATE_DAYS_SHOWN}
    """),
    GateDay,
)
_GATE_CLASSES = Query(
    text("""
    SELECT h.event_id, c.name, CAST(SUM(h.number) AS BIGINT) AS number
    FROM events e
    JOIN head_counts h ON h.event_id = e.id
    JOIN classes c ON c.id = h.class_id
    WHERE e.school_id = :school_id AND NOT EXISTS (SELECT 1 FROM head_counts r WHERE r.replaces = h.id)
    GROUP BY h.event_id, c.name
    HAVING SUM(h.number) > 0
    """),
    Heads,
)
_NOTICES = Query(
    text(f"""
    SELECT b.id, b.name, b.made_at, b.state,
      EXISTS (SELECT 1 FROM broadcast_acts a WHERE a.broadcast_id = b.id AND a.act = 'discarded') AS discarded,
      b.not_before, g.chosen,
      (SELECT COUNT(*) FROM messages m
        WHERE m.firing_id = g.id AND m.firing_id IS NOT NULL AND m.direction = 'out'
          AND m.status IN ('SENT', 'DELIVERED')) AS sent
    FROM school_notices n
    JOIN broadcasts b ON b.id = n.broadcast_id
    LEFT JOIN firings g ON g.id = (
      SELECT MAX(f.id) FROM firings f WHERE f.broadcast_id = b.id AND f.ended_why <> 'blocked')
    WHERE n.school_id = :school_id
    ORDER BY b.id DESC LIMIT {NOTICES_SHOWN}
    """),
    Notice,
)
# A class that was counted twice on one day counts as it was counted last.
_DAYS = Query(
    text("""
    SELECT k.day, COUNT(*) AS classes, SUM(k.paying) AS paying, SUM(k.pupils) AS pupils
    FROM classes c JOIN class_counts k ON k.class_id = c.id
    WHERE c.school_id = :school_id AND k.taken_back_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM class_counts n
      WHERE n.class_id = k.class_id AND n.day = k.day AND n.id > k.id AND n.taken_back_at IS NULL)
    GROUP BY k.day
    ORDER BY k.day DESC LIMIT 12
    """),
    Sum,
)


def paying(tx: Tx, *, commune_id: int, day: str) -> list[Paying]:
    """Of each school that was counted by that day (ISO), by name."""
    return tx.all(_PAYING, commune_id=commune_id, day=day)


def all_of(tx: Tx, commune_id: int) -> list[School]:
    """In order of name."""
    return tx.all(_ALL, commune_id=commune_id)


def one(tx: Tx, school_id: int, commune_id: int) -> School | None:
    return tx.one(_ONE, id=school_id, commune_id=commune_id)


def classes_of(tx: Tx, school_id: int) -> list[Class]:
    """In no order: a school's own is not the alphabet's."""
    return tx.all(_CLASSES, school_id=school_id)


def names(tx: Tx, ids: Sequence[int]) -> dict[int, Named]:
    """By id, of those that there are."""
    return by_id(tx, _NAMES, ids, Named)


def parents_of(tx: Tx, class_id: int) -> list[Parent]:
    """Whose consent stands, in the order in which they were entered."""
    return tx.all(_PARENTS, class_id=class_id)


def gate_days_of(tx: Tx, school_id: int) -> list[GateDay]:
    """The last and next sessions at its gate, the latest first."""
    return tx.all(_GATE_DAYS, school_id=school_id)


def notices_of(tx: Tx, school_id: int) -> list[Notice]:
    """What it wrote for its parents, the newest first."""
    return tx.all(_NOTICES, school_id=school_id)


def gate_classes_of(tx: Tx, school_id: int) -> list[Heads]:
    """Who came to its gate by class, where that was said; in no order."""
    return tx.all(_GATE_CLASSES, school_id=school_id)


def days_of(tx: Tx, school_id: int) -> list[Sum]:
    """The last twelve days on which something was counted, newest first."""
    return tx.all(_DAYS, school_id=school_id)
