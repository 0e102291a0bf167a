"""How far each indicator has come, in the whole commune and in each hamlet;
denominators are never blended.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query

WHOLE = None  # in place of a hamlet: the commune as a whole
Cell = tuple[int, int | None]  # indicator, and hamlet or WHOLE


class Count(NamedTuple):
    indicator_id: int
    hamlet_id: int  # 0: nobody knows which
    number: int


class Goal(NamedTuple):
    """What the plan asks for in one place; `percent` of the denominator in the whole
    commune.
    """

    indicator_id: int
    hamlet_id: int | None
    denominator: int
    target: int | None  # none: the plan asks for no number
    as_of: str
    percent: int | None
    source: str

    @property
    def cell(self) -> Cell:
        return self.indicator_id, self.hamlet_id


# What counted until a day, that day included: whole months, and the days of the month
# that the day is in.
_COUNTS = Query(
    text("""
    SELECT moved.indicator_id, moved.hamlet_id, SUM(moved.count) AS number
    FROM (
      SELECT m.indicator_id, m.hamlet_id, m.count
      FROM indicators i JOIN month_tallies m ON m.indicator_id = i.id
      WHERE i.programme_id = :programme_id AND m.month < SUBSTR(:day, 1, 7)
      UNION ALL
      SELECT d.indicator_id, d.hamlet_id, d.count
      FROM indicators i JOIN tallies d ON d.indicator_id = i.id
      WHERE i.programme_id = :programme_id AND d.day > SUBSTR(:day, 1, 7) AND d.day <= :day
    ) moved
    GROUP BY moved.indicator_id, moved.hamlet_id
    """),
    Count,
)
_TARGETS = Query(
    text("""
    SELECT t.indicator_id, t.hamlet_id, t.denominator, t.target, t.as_of, i.percent, t.source
    FROM targets t JOIN indicators i ON i.id = t.indicator_id
    WHERE i.programme_id = :programme_id AND t.as_of <= :day
    ORDER BY t.as_of
    """),
    Goal,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator in one place. `denominator` and `as_of` are None where nobody gave
    one, `target` where the plan asks for no number.
    """

    indicator_id: int
    hamlet_id: int | None
    count: int
    denominator: int | None = None
    target: int | None = None
    as_of: str | None = None
    source: str = ""

    @property
    def cell(self) -> Cell:
        return self.indicator_id, self.hamlet_id

    @property
    def share(self) -> float | None:
        """Of the denominator, 0 to 1; more counted than there should be is still shown
        full.
        """
        return self._part(self.count)

    @property
    def goal(self) -> float | None:
        """The target's share of the denominator, 0 to 1."""
        if self.target is None:
            return None
        return self._part(self.target)

    def _part(self, number: int) -> float | None:
        if not self.denominator:
            return None
        return min(1.0, number / self.denominator)


def figures(tx: Tx, *, programme_id: int, day: str) -> dict[Cell, Figure]:
    """Every indicator with a count or a target up to that day, by (indicator, hamlet or
    WHOLE).
    """
    counts = counts_until(tx, programme_id=programme_id, day=day)
    rows = tx.all(_TARGETS, programme_id=programme_id, day=day)
    goals = {goal.cell: goal for goal in rows}
    made = {}
    for cell in counts.keys() | goals.keys():
        goal = goals.get(cell)
        made[cell] = _figure(cell, counts[cell], goal)
    in_hamlets = defaultdict(list)
    for goal in goals.values():
        in_hamlets[goal.indicator_id].append(goal)
    for indicator_id, of_it in in_hamlets.items():
        whole = (indicator_id, WHOLE)
        if whole not in goals:
            made[whole] = _summed(whole, counts[whole], of_it)
    return made


def counts_until(tx: Tx, *, programme_id: int, day: str) -> Counter[Cell]:
    """What counted until that day (ISO), the day included, by (indicator, hamlet or
    WHOLE).
    """
    counts: Counter[Cell] = Counter()
    for row in tx.all(_COUNTS, programme_id=programme_id, day=day):
        number = int(row.number)
        counts[row.indicator_id, row.hamlet_id] = number
        counts[row.indicator_id, WHOLE] += number
    return counts


def _figure(cell: Cell, count: int, goal: Goal | None) -> Figure:
    if goal is None:
        return Figure(*cell, count)
    return Figure(*cell, count, goal.denominator, goal.target, goal.as_of, goal.source)


def _summed(whole: Cell, count: int, goals: Sequence[Goal]) -> Figure:
    """The commune from its hamlets, where no figure of its own was given: same
    denominator, oldest date.

    The target is the plan's share of the whole; the sum of what each hamlet rounded up
    would ask for more.
    """
    denominator = sum(goal.denominator for goal in goals)
    target = _asked_for(denominator, goals)
    as_of = min(goal.as_of for goal in goals)
    said = [goal.source for goal in goals if goal.source]
    each_once = dict.fromkeys(said)
    source = ", ".join(each_once)
    return Figure(*whole, count, denominator, target, as_of, source)


def _asked_for(denominator: int, goals: Sequence[Goal]) -> int | None:
    """In the whole commune; none where a hamlet has no number and the plan no share."""
    percent = goals[0].percent
    if percent is not None:
        return -(-denominator * percent // 100)  # rounded up
    targets = [goal.target for goal in goals if goal.target is not None]
    if len(targets) < len(goals):
        return None
    return sum(targets)
