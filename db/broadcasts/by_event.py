"""Reminders that staff make: a text so long before or after every event, to its people or to the staff who run it.

A broadcast that repeats by `event` is such a rule: its offset in minutes from an event's start (below zero: before it),
the kinds of events it is about, its words, and whom it is for. Each event makes it go out once. Its people are those
who have a seat there or came; before an event without times to book, all of the hamlet where it is held.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import drafts, rules
from db.broadcasts.drafts import Broadcast
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar, Statement
from menus.days import today
from menus.notices import KINDS
from menus.port import BY_INVITATION

MINUTE_MS, DAY_MS = 60_000, 24 * 3_600_000
LATE_MS = 6 * 3_600_000  # a clock that was down for longer lets this one be


class Due(NamedTuple):
    """A broadcast that should go out now for this event, and has not."""

    id: int
    commune_id: int
    event_to: str  # residents | staff
    event_id: int
    starts_at: int  # UTC ms; of the event
    at: int  # UTC ms; when it is to go out


class Reach(NamedTuple):
    earliest: int | None  # minutes after an event's start; none: no such broadcast runs
    latest: int | None


class Held(NamedTuple):
    kind: str
    bookable: bool  # 0 or 1 on SQLite
    hamlet: str | None  # of its hall; none: the commune's own


class Endless(NamedTuple):
    """A broadcast by event with a last day, and with nothing of it open."""

    id: int
    event_offset: int | None  # minutes after an event's start
    repeat_until: str  # ISO day


_DUE = Query(
    text("""
    SELECT b.id, b.commune_id, b.event_to, e.id AS event_id, MIN(s.starts_at) AS starts_at,
      MIN(s.starts_at) + CAST(b.event_offset AS BIGINT) * 60000 AS at
    FROM broadcasts b
    JOIN events e ON e.commune_id = b.commune_id AND e.state = 'open'
    JOIN slots s ON s.event_id = e.id
    WHERE b.state = 'running' AND b.repeats = 'event' AND b.event_offset IS NOT NULL
      AND ',' || b.event_kinds || ',' LIKE '%,' || e.kind || ',%'
      AND e.day >= :first AND e.day <= :last AND (b.repeat_until IS NULL OR e.day <= b.repeat_until)
      AND NOT EXISTS (SELECT 1 FROM firings g WHERE g.broadcast_id = b.id AND g.event_id = e.id)
    GROUP BY b.id, b.commune_id, b.event_to, b.event_offset, b.changed_at, e.id
    HAVING MIN(s.starts_at) + CAST(b.event_offset AS BIGINT) * 60000 <= :now
      AND MIN(s.starts_at) + CAST(b.event_offset AS BIGINT) * 60000 > :since
      AND MIN(s.starts_at) + CAST(b.event_offset AS BIGINT) * 60000 >= b.changed_at
    ORDER BY b.id, e.id
    """),
    Due,
)
_REACH = Query(
    text("""
    SELECT MIN(event_offset) AS earliest, MAX(event_offset) AS latest FROM broadcasts
    WHERE state = 'running' AND repeats = 'event'
    """),
    Reach,
)
_ENDLESS = Query(
    text("""
    SELECT id, event_offset, repeat_until FROM broadcasts b
    WHERE state IN ('running', 'paused') AND repeats = 'event' AND repeat_until IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM firings g WHERE g.broadcast_id = b.id AND g.ended_at IS NULL)
    """),
    Endless,
)
_FIRE = Scalar(
    text("""
    INSERT INTO firings (broadcast_id, number, words_id, rule, event_id, started_at, not_before, not_after, planned_at,
      ended_at, ended_why)
    SELECT CAST(:id AS BIGINT), COALESCE(MAX(number), 0) + 1, :words_id, :rule, CAST(:event_id AS BIGINT), :now, :now,
      CAST(:not_after AS BIGINT), CAST(:planned_at AS BIGINT), CAST(:ended_at AS BIGINT), :ended_why
    FROM firings WHERE broadcast_id = :id
    RETURNING id
    """),
    int,
)
_WHERE = Query(
    text("""
    SELECT e.kind, e.bookable, m.name AS hamlet
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    LEFT JOIN hamlets m ON m.id = h.hamlet_id
    WHERE e.id = :event_id
    """),
    Held,
)
_LOCK = Statement(text("UPDATE broadcasts SET state = state WHERE id = :id AND state = 'running'"))
_FIRED = Scalar(text("SELECT 1 FROM firings WHERE broadcast_id = :id AND event_id = :event_id"), int)
# Who runs a day: the commune's staff, and the head of the hamlet whose hall it is.
_TELL_STAFF = Statement(
    text("""
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, once, firing_id, made_at,
      not_before, not_after, words)
    SELECT t.commune_id, 'out', t.phone, 'broadcast_staff', :class, CAST(:priority AS INTEGER), 'QUEUED',
      'staff:' || CAST(:firing_id AS VARCHAR) || '-' || CAST(t.id AS VARCHAR), CAST(:firing_id AS BIGINT),
      CAST(:now AS BIGINT), CAST(:now AS BIGINT), CAST(:not_after AS BIGINT), :words
    FROM staff t
    JOIN events e ON e.id = :event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE t.commune_id = e.commune_id AND t.disabled_at IS NULL AND t.phone <> ''
      AND (t.role = 'commune' OR (t.role = 'hamlet' AND t.hamlet_id = h.hamlet_id))
    ON CONFLICT (once) DO NOTHING
    """)
)


def due(tx: Tx, now: int) -> list[Due]:
    """Events for which such a broadcast should go out now and has not."""
    reach = tx.one(_REACH)
    if reach is None or reach.earliest is None or reach.latest is None:
        return []
    since = now - LATE_MS
    first = since - reach.latest * MINUTE_MS - DAY_MS
    last = now - reach.earliest * MINUTE_MS + DAY_MS
    return tx.all(_DUE, now=now, since=since, first=_day(first), last=_day(last))


def past_their_last_day(tx: Tx, now: int) -> list[int]:
    """Broadcasts for which no event can fall due any more, and of which nothing is open. `now` is UTC ms."""
    found = []
    for row in tx.all(_ENDLESS):
        after_event = max(row.event_offset or 0, 0) * MINUTE_MS
        last_due = _day(now - after_event - LATE_MS)
        if row.repeat_until < last_due:
            found.append(row.id)
    return found


def _day(ms: int) -> str:
    return today(from_ms(ms)).isoformat()


def fire(tx: Tx, one: Due, *, now: int) -> int | None:
    """Let it go out for this event, once: the firing whose list is to be frozen, or None where nothing is."""
    if not tx.run(_LOCK, id=one.id) or tx.value(_FIRED, id=one.id, event_id=one.event_id) is not None:
        return None
    row = drafts.get(tx, one.id, one.commune_id)
    not_after = _deadline(row, one, now)
    to_staff = row.event_to == "staff"
    rule = rules.parse(row.rule)
    if not to_staff:
        rule = _of_its_people(tx, rule, one, before=(row.event_offset or 0) < 0)
    ended = {"planned_at": now, "ended_at": now, "ended_why": "done"} if to_staff else {}
    made = tx.value(
        _FIRE,
        id=one.id,
        words_id=row.words_id,
        rule=json.dumps(rule, ensure_ascii=False),
        event_id=one.event_id,
        now=now,
        not_after=not_after,
        **{"planned_at": None, "ended_at": None, "ended_why": "", **ended},
    )
    assert made is not None  # nothing stands in the way of a new one
    if not to_staff:
        return made
    text_class, priority = KINDS["broadcast_staff"]
    tx.run(
        _TELL_STAFF,
        firing_id=made,
        event_id=one.event_id,
        now=now,
        not_after=not_after,
        priority=priority,
        words=f"b{row.words_id}",
        **{"class": text_class},
    )
    return None


def _of_its_people(tx: Tx, rule: dict[str, Any], one: Due, *, before: bool) -> dict[str, Any]:
    """The rule, and of the event. To what is by invitation no hamlet is asked."""
    held = tx.one(_WHERE, event_id=one.event_id)
    open_to_all = held is not None and not held.bookable and held.kind != BY_INVITATION
    if held is None or not before or not open_to_all:
        return {**rule, "event": [one.event_id]}
    if not held.hamlet:
        return rule
    return {"any": [rule], "hamlet": [held.hamlet]}


def _deadline(row: Broadcast, one: Due, now: int) -> int:
    """Too late for a text before an event once it begins; for one after it, after a day, unless staff said how long."""
    if row.good_for:
        return one.at + row.good_for * MINUTE_MS
    assert row.event_offset is not None  # of what repeats by event
    return one.starts_at if row.event_offset < 0 else now + DAY_MS
