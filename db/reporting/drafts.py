"""Drafts that the clock makes: every Friday the week that ended the day before, on the
15th the month that did; each once, and those that were missed while it stood still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from db.models.states import PeriodKind
from db.reporting import kept, periods
from db.reporting.periods import Period
from db.store.engine import Tx

MISSED_MOST = (
    6  # of a kind: nobody reads the drafts of a year that the clock stood still
)
_LAST: dict[PeriodKind, Callable[[date], Period]] = {
    PeriodKind.WEEK: periods.last_week,
    PeriodKind.MONTH: periods.last_month,
}


def due(tx: Tx, commune_id: int, today: date) -> list[Period]:
    """Those that the clock is to make by now, the earliest first."""
    found: list[Period] = []
    for last in _LAST.values():
        found += _missing(tx, commune_id, last(today))
    return found


def _missing(tx: Tx, commune_id: int, newest: Period) -> Iterable[Period]:
    """Back to the last that it made; the newest alone where it never made one."""
    # asked first: another clock may make the newest at this moment
    if not kept.clock_made(tx, commune_id, newest.kind):
        return [newest]
    missing: list[Period] = []
    period = newest
    while len(missing) < MISSED_MOST and not _is_there(tx, commune_id, period):
        missing.append(period)
        period = periods.before(period)
    return reversed(missing)


def _is_there(tx: Tx, commune_id: int, period: Period) -> bool:
    return kept.by_key(tx, key(commune_id, period)) is not None


def key(commune_id: int, period: Period) -> str:
    """What two clocks have in common: they make one draft."""
    return f"clock {commune_id} {period.kind} {period.first}"
