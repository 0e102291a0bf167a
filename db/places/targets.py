"""Of how many an indicator is, and how many of them the plan asks for: a figure of the
whole commune or of one hamlet, with its day and where it comes from. The only writer of
`targets`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Statement

SOURCE_MOST = 120
NUMBER_MOST = 1_000_000


class Goal(NamedTuple):
    """`target` is None where the plan asks for no number."""

    denominator: int
    target: int | None
    source: str


class Share(NamedTuple):
    percent: int | None


_PERCENT = Query(text("SELECT percent FROM indicators WHERE id = :indicator_id"), Share)
_GOAL = Query(
    text("""
    SELECT denominator, target, source FROM targets
    WHERE indicator_id = :indicator_id AND COALESCE(hamlet_id, 0) = :hamlet AND as_of = :as_of
    """),
    Goal,
)
_CHANGE = Statement(
    text("""
    UPDATE targets SET denominator = :denominator, target = CAST(:target AS INTEGER), source = :source
    WHERE indicator_id = :indicator_id AND COALESCE(hamlet_id, 0) = :hamlet AND as_of = :as_of
    """)
)
_ADD = Statement(
    text("""
    INSERT INTO targets (indicator_id, hamlet_id, denominator, target, as_of, source)
    VALUES (:indicator_id, CAST(:hamlet_id AS BIGINT), :denominator, CAST(:target AS INTEGER), :as_of, :source)
    """)
)


class Given(NamedTuple):
    """A figure as it was entered; of the whole commune without a hamlet."""

    hamlet_id: int | None
    hamlet: str | None
    denominator: int
    target: int | None
    as_of: str  # ISO
    source: str


_GIVEN = Query(
    text("""
    SELECT t.hamlet_id, h.name AS hamlet, t.denominator, t.target, t.as_of, t.source
    FROM targets t
    LEFT JOIN hamlets h ON h.id = t.hamlet_id
    WHERE t.indicator_id = :indicator_id
    ORDER BY t.as_of DESC, t.id DESC
    """),
    Given,
)
_WITHDRAW = Statement(
    text("""
    DELETE FROM targets
    WHERE indicator_id = :indicator_id AND COALESCE(hamlet_id, 0) = :hamlet AND as_of = :as_of
    """)
)


class HamletMore(ValueError):
    """A hamlet would have more than the whole commune."""

    def __init__(self, hamlet: int, whole: int) -> None:
        super().__init__(hamlet, whole)
        self.hamlet = hamlet
        self.whole = whole


class MoreThanAll(ValueError):
    """The target is more than the denominator."""


def give(
    tx: Tx, indicator_id: int, hamlet_id: int | None, goal: Goal, *, as_of: str
) -> tuple[Goal | None, Goal]:
    """The figure of that ISO day, before and now; of the whole commune where no hamlet
    is named. Without a target the plan's share of the denominator is one. Raises
    MoreThanAll, HamletMore.
    """
    goal = _with_target(tx, indicator_id, goal)
    if goal.target is not None and goal.target > goal.denominator:
        raise MoreThanAll
    _refuse_more_than_the_commune(tx, indicator_id, hamlet_id, goal.denominator)
    hamlet = hamlet_id or 0
    of = {"indicator_id": indicator_id, "as_of": as_of}
    # A unique constraint sees no two empty hamlets as the same, so it cannot settle
    # this.
    before = tx.one(_GOAL, hamlet=hamlet, **of)
    if before is None:
        tx.run(_ADD, hamlet_id=hamlet_id, **of, **goal._asdict())
        return None, goal
    now = goal._replace(source=goal.source or before.source)
    tx.run(_CHANGE, hamlet=hamlet, **of, **now._asdict())
    return before, now


def given(tx: Tx, indicator_id: int) -> list[Given]:
    """All that was entered, the newest day first."""
    return tx.all(_GIVEN, indicator_id=indicator_id)


def withdraw(tx: Tx, indicator_id: int, hamlet_id: int | None, *, as_of: str) -> bool:
    """The figure of that ISO day was wrong: the one before it stands again, if there is
    one. False where there is none.
    """
    hamlet = hamlet_id or 0
    gone = tx.run(_WITHDRAW, indicator_id=indicator_id, hamlet=hamlet, as_of=as_of)
    return gone > 0


def _refuse_more_than_the_commune(
    tx: Tx, indicator_id: int, hamlet_id: int | None, denominator: int
) -> None:
    """Raises HamletMore."""
    last: dict[int | None, int] = {}
    for row in given(tx, indicator_id):
        last.setdefault(row.hamlet_id, row.denominator)
    last[hamlet_id] = denominator
    whole = last.pop(None, None)
    largest = max(last.values(), default=0)
    if whole is not None and largest > whole:
        raise HamletMore(largest, whole)


def _with_target(tx: Tx, indicator_id: int, goal: Goal) -> Goal:
    share = tx.one(_PERCENT, indicator_id=indicator_id)
    if goal.target is not None or share is None or share.percent is None:
        return goal
    rounded_up = -(-goal.denominator * share.percent // 100)
    return goal._replace(target=rounded_up)
