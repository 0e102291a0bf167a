"""What a report is of: days that somebody chose, a week, a month from the 15th to the
14th, or all since the plan began.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple, TypedDict

from db.models.states import PeriodKind
from db.store.engine import to_ms
from menus import days

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
FRIDAY = 4  # as date.weekday() counts
MONTH_BEGINS = 15  # day of the month


class Period(NamedTuple):
    """Local days, both included."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def eve(self) -> date:
        """The day before it."""
        return self.first - DAY


class Moments(TypedDict):
    """From a moment on, and before another. UTC ms."""

    since: int
    before: int


def moments(period: Period) -> Moments:
    """With which its first day begins, and the day after its last."""
    return Moments(since=_begins(period.first), before=_begins(period.last + DAY))


def _begins(day: date) -> int:
    midnight = days.at_local(day, "00:00")
    return to_ms(midnight)


def last_week(today: date) -> Period:
    """The last whole week, Friday to Thursday: on a Friday it ended yesterday."""
    since_friday = (today.weekday() - FRIDAY) % 7
    last = today - timedelta(days=since_friday) - DAY
    return Period(PeriodKind.WEEK, last - WEEK + DAY, last)


def last_month(today: date) -> Period:
    """The last whole month from the 15th to the 14th: on a 15th it ended yesterday."""
    begun = _month_begun(today)
    first = _month_begun(begun - DAY)
    return Period(PeriodKind.MONTH, first, begun - DAY)


def _month_begun(day: date) -> date:
    """The last 15th up to this day."""
    if day.day < MONTH_BEGINS:
        day = day.replace(day=1) - DAY
    return day.replace(day=MONTH_BEGINS)


def since_start(starts: str | None, today: date) -> Period | None:
    """All since the plan's first day (ISO), yesterday included; none without one, or
    on that day itself.
    """
    yesterday = today - DAY
    if not starts or date.fromisoformat(starts) > yesterday:
        return None
    return Period(PeriodKind.ALL, date.fromisoformat(starts), yesterday)


def before(period: Period) -> Period:
    """The week or the month before it."""
    of_kind = {PeriodKind.WEEK: last_week, PeriodKind.MONTH: last_month}
    return of_kind[period.kind](period.first)
