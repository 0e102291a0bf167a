"""What was logged for whoever holds a phone, as they are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query
from menus.port import Logged, LoggedWork


class Entry(NamedTuple):
    """One thing that was done for them, and still counts."""

    day: str  # ISO, local
    hall: str  # empty where it was done at none
    work: LoggedWork


_LOGGED = Query(
    text("""
    SELECT c.day, COALESCE(h.name, '') AS hall, i.key AS work
    FROM conversions c
    JOIN indicators i ON i.id = c.indicator_id
    JOIN people p ON p.id = c.subject_id
    LEFT JOIN bookings b ON b.id = c.booking_id
    LEFT JOIN slots s ON s.id = b.slot_id
    LEFT JOIN events e ON e.id = s.event_id
    LEFT JOIN halls h ON h.id = e.hall_id
    WHERE p.phone = :phone AND i.subject = 'person' AND c.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    ORDER BY c.day DESC, i.position, c.id
    """),
    Entry,
)


def logged(tx: Tx, phone: str) -> Sequence[Logged]:
    """By day and hall, the last day first; what was logged twice that day is told
    once. `phone` is E.164.
    """
    by_day: dict[tuple[str, str], dict[LoggedWork, None]] = {}
    for entry in tx.all(_LOGGED, phone=phone):
        there = by_day.setdefault((entry.day, entry.hall), {})
        there[entry.work] = None
    return [
        Logged(date.fromisoformat(day), hall, tuple(works))
        for (day, hall), works in by_day.items()
    ]
