"""How far each indicator has come, in the whole commune and in each hamlet; denominators are never blended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query

WHOLE = None  # in place of a hamlet: the commune as a whole


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
        return None if not self.denominator or self.target is None else min(1.0, self.target / self.denominator)


def figures(tx: Tx, *, programme_id: int, day: str) -> dict[tuple[int, int | None], Figure]:
    """Every indicator with a count or a target up to that day, by (indicator, hamlet or WHOLE)."""
    counts: dict[tuple[int, int | None], int] = {}
    for row in tx.all(_COUNTS, programme_id=programme_id, day=day):
        counts[row.indicator_id, row.hamlet_id] = int(row.number)
        counts[row.indicator_id, WHOLE] = counts.get((row.indicator_id, WHOLE), 0) + int(row.number)
    goals = {(row.indicator_id, row.hamlet_id): row for row in tx.all(_TARGETS, programme_id=programme_id, day=day)}
    made = {place: _figure(place, counts, goals.get(place)) for place in {*counts, *goals}}
    for indicator_id in {indicator for indicator, _ in goals}:
        if (indicator_id, WHOLE) not in goals:
            made[indicator_id, WHOLE] = _summed(indicator_id, counts, goals.values())
    return made


def _figure(place: tuple[int, int | None], counts: dict[tuple[int, int | None], int], goal: Goal | None) -> Figure:
    if goal is None:
        return Figure(*place, counts.get(place, 0))
    return Figure(*place, counts.get(place, 0), goal.denominator, goal.target, goal.as_of)


def _summed(indicator_id: int, counts: dict[tuple[int, int | None], int], goals: Iterable[Goal]) -> Figure:
    """The commune from its hamlets, where no figure of its own was given: same denominator, oldest date.

    The target is the plan's share of the whole; the sum of what each hamlet rounded up would ask for more.
    """
    here = [goal for goal in goals if goal.indicator_id == indicator_id]
    denominator, percent = sum(goal.denominator for goal in here), here[0].percent
    return Figure(
        indicator_id,
        WHOLE,
        counts.get((indicator_id, WHOLE), 0),
        denominator,
        sum(goal.target for goal in here) if percent is None else -(-denominator * percent // 100),
        min(goal.as_of for goal in here),
    )
