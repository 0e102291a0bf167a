"""The day it is in the commune at an instant, as the tables keep instants and days."""

from __future__ import annotations

from datetime import date, timedelta

from db.store.engine import from_ms
from menus import days


def day_at(ms: int) -> date:
    """The local day of an instant in UTC ms."""
    return days.today(from_ms(ms))


def iso_day_at(ms: int) -> str:
    """The same as its ISO string: `2026-11-30`."""
    return day_at(ms).isoformat()


def days_from(day: str, number: int) -> str:
    """The ISO day so many days after this one; before it, where there are fewer than
    none.
    """
    then = date.fromisoformat(day) + timedelta(days=number)
    return then.isoformat()
