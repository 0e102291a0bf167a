"""How far each indicator has come, in the whole commune and in each hamlet; denominators are never blended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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
    """What the plan asks for in one place; `percent` of the denominator in the whole commune."""

    indicator_id: int
    hamlet_id: int | None
    denominator: int
    target: int
    as_of: str
    percent: int | None


_COUNTS = Query(
    text("""
    SELECT t.indicator_id, t.hamlet_id, SUM(t.count) AS number
    FROM indicators i JOIN tallies t ON t.indicator_id = i.id
    WHERE i.programme_id = :programme_id AND t.day <= :day
    GROUP BY t.indicator_id, t.hamlet_id
    """),
    Count,
)
_TARGETS = Query(
    text("""
    SELECT t.indicator_id, t.hamlet_id, t.denominator, t.target, t.as_of, i.percent
    FROM targets t JOIN indicators i ON i.id = t.indicator_id
    WHERE i.programme_id = :programme_id AND t.as_of <= :day
    ORDER BY t.as_of
    """),
    Goal,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator in one place. `denominator`, `target` and `as_of` are None where the plan gives none."""

    indicator_id: int
    hamlet_id: int | None
    count: int
    denominator: int | None = None
    target: int | None = None
    as_of: str | None = None

    @property
    def share(self) -> float | None:
        """Of the denominator, 0 to 1; more counted than there should be is still shown full."""
        return None if not self.denominator else min(1.0, self.count / self.denominator)

    @property
    def goal(self) -> float | None:
        return (
            None
            if not self.denominator or self.target is None
            else min(1.0, self.target / self.denominator)
        )


def figures(tx: Tx, *, programme_id: int, day: str) -> dict[Cell, Figure]:
    """Every indicator with a count or a target up to that day, by (indicator, hamlet or WHOLE)."""
    counts: Counter[Cell] = Counter()
    for row in tx.all(_COUNTS, programme_id=programme_id, day=day):
        number = int(row.number)
        counts[row.indicator_id, row.hamlet_id] = number
        counts[row.indicator_id, WHOLE] += number
    goals = {}
    for goal in tx.all(_TARGETS, programme_id=programme_id, day=day):
        goals[goal.indicator_id, goal.hamlet_id] = goal
    made = {}
    for cell in {*counts, *goals}:
        made[cell] = _figure(cell, counts[cell], goals.get(cell))
    with_goals = {indicator_id for indicator_id, _ in goals}
    for indicator_id in with_goals:
        whole = (indicator_id, WHOLE)
        if whole not in goals:
            made[whole] = _summed(indicator_id, counts[whole], goals.values())
    return made


def _figure(cell: Cell, count: int, goal: Goal | None) -> Figure:
    if goal is None:
        return Figure(*cell, count)
    return Figure(*cell, count, goal.denominator, goal.target, goal.as_of)


def _summed(indicator_id: int, count: int, goals: Iterable[Goal]) -> Figure:
    """The commune from its hamlets, where no figure of its own was given: same denominator, oldest date.

    The target is the plan's share of the whole; the sum of what each hamlet rounded up would ask for more.
    """
    here = [goal for goal in goals if goal.indicator_id == indicator_id]
    denominator = sum(goal.denominator for goal in here)
    percent = here[0].percent
    target = sum(goal.target for goal in here)
    if percent is not None:
        target = -(-denominator * percent // 100)  # rounded up
    as_of = min(goal.as_of for goal in here)
    return Figure(indicator_id, WHOLE, count, denominator, target, as_of)
