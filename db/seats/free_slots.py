"""What can be booked, as one phone sees it: events with seats, the times of one event,
one time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.models import OFFERS_STOP_MS
from db.seats.bookings import FREE, TAKEN
from db.store.engine import Tx, from_ms
from db.store.statements import Query
from menus.port import BY_INVITATION, Event, EventKind, Slot

# more would be pages nobody turns; all, where a day or a place was named
EVENTS_SHOWN, EVENTS_MOST = (
    12,
    500,
)


class Day(NamedTuple):
    """An event that still has a time to take or to wait for."""

    id: int
    day: str  # local ISO day
    hall: str
    hamlet_id: int | None
    kind: EventKind
    seats: int  # a sum: a Decimal on PostgreSQL


class Time(NamedTuple):
    """One time of an event."""

    id: int
    starts_at: int  # UTC ms
    seats: int  # that anybody may take; below zero where it was shrunk
    mine: int  # that the phone itself keeps
    event_id: int
    hall: str
    kind: EventKind


class Open(NamedTuple):
    """A time with a seat for a clerk to give."""

    id: int
    starts_at: int  # UTC ms


# What this phone itself keeps is free to it.
_MINE = """
    COALESCE((
      SELECT m.places
      FROM bookings m
      WHERE m.slot_id = s.id AND m.status = 'held' AND m.until > :now
        AND m.booker_id = (SELECT id FROM people WHERE phone = :phone)), 0)
"""
# MATERIALIZED, because both engines otherwise count each time's seats anew wherever
# `seats` is named: thrice.
_EVENTS = Query(
    text(f"""
    WITH times AS MATERIALIZED (
      SELECT s.event_id, s.starts_at, {FREE} AS seats
      FROM slots s
      JOIN events o ON o.id = s.event_id AND o.commune_id = :commune_id AND o.state = 'open' AND o.day >= :today
        AND o.bookable AND o.kind <> '{BY_INVITATION}' AND (:kind = '' OR o.kind = :kind)
      WHERE s.starts_at > :now)
    SELECT e.id, e.day, h.name AS hall, h.hamlet_id, e.kind, SUM(CASE WHEN t.seats > 0 THEN t.seats ELSE 0 END) AS seats
    FROM times t
    JOIN events e ON e.id = t.event_id
    JOIN halls h ON h.id = e.hall_id
    GROUP BY e.id, e.day, h.name, h.hamlet_id, e.kind
    HAVING MAX(t.seats) > 0 OR MAX(t.starts_at) > :now + {OFFERS_STOP_MS}
    ORDER BY CASE WHEN h.hamlet_id = :hamlet THEN 0 ELSE 1 END, e.day, e.id
    LIMIT :most
    """),
    Day,
)
_TIMES = f"""
    SELECT s.id, s.starts_at, {FREE} AS seats, {_MINE} AS mine, s.event_id, h.name AS hall, e.kind
    FROM slots s
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE s.starts_at > :now AND e.state = 'open' AND e.bookable
"""
_SLOTS = Query(text(f"{_TIMES} AND s.event_id = :event_id ORDER BY s.starts_at"), Time)
_OF_EVENT = Query(
    text(f"""
    SELECT s.id, s.starts_at
    FROM slots s
    WHERE s.event_id = :event_id AND s.starts_at > :now AND {TAKEN} < s.capacity
    ORDER BY s.starts_at
    """),
    Open,
)
_SLOT = Query(text(f"{_TIMES} AND s.id = :slot_id"), Time)


def events(
    tx: Tx,
    *,
    commune_id: int,
    hamlet_id: int | None,
    today: str,
    now: int,
    most: int = EVENTS_SHOWN,
    kind: str = "",
) -> Sequence[Event]:
    """Open events with seats, or early enough to wait for one: the hamlet's own first,
    then by day. `now` UTC ms.

    Of one kind, where it is given; those by invitation never.
    """
    hamlet = hamlet_id or 0
    rows = tx.all(
        _EVENTS,
        commune_id=commune_id,
        now=now,
        today=today,
        hamlet=hamlet,
        most=most,
        kind=kind,
    )
    return [_event(row) for row in rows]


def _event(row: Day) -> Event:
    day = date.fromisoformat(row.day)
    return Event(row.id, day, row.hall, row.hamlet_id, int(row.seats), row.kind)


def slots(tx: Tx, *, event_id: int, phone: str, now: int) -> Sequence[Slot]:
    """Times to come, with the seats this phone may take; a full one only while it can
    be waited for.
    """
    offers_stop = now + OFFERS_STOP_MS
    found = []
    for row in tx.all(_SLOTS, event_id=event_id, phone=phone, now=now):
        time = _slot(row)
        if time.seats or row.starts_at > offers_stop:
            found.append(time)
    return found


def of_event(tx: Tx, event_id: int, now: int) -> list[Open]:
    """Times to come of one event in which a clerk may still seat somebody, soonest
    first. `now` is UTC ms.

    Whoever waits for one of them goes first all the same: the booking itself says so
    (SlotTaken).
    """
    return tx.all(_OF_EVENT, event_id=event_id, now=now)


def slot(tx: Tx, *, slot_id: int, phone: str, now: int) -> Slot | None:
    """One time to come, full or not."""
    row = tx.one(_SLOT, slot_id=slot_id, phone=phone, now=now)
    if row is None:
        return None
    return _slot(row)


def _slot(row: Time) -> Slot:
    seats = max(0, row.seats) + row.mine
    return Slot(row.id, from_ms(row.starts_at), seats, row.event_id, row.hall, row.kind)
