"""Reminders that staff make: a text so long before or after every event, to its people
or to the staff who run it.

A broadcast that repeats by `event` is such a rule: its offset in minutes before an
event's start (below zero) or after its end, the kinds of events it is about, its words,
and whom it is for. Each event makes it go out once. Its people are those who have a
seat there, and after it those who came; before an event without times to book, all of
the hamlet where it is held.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import drafts, rules
from db.broadcasts.drafts import Broadcast
from db.store.engine import Tx, from_ms, to_ms
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar, Statement
from menus import notices
from menus.days import DAY_BEGINS, DAY_ENDS, at_local, local
from menus.notices import KINDS
from menus.port import BY_INVITATION

MINUTE_MS, DAY_MS = 60_000, 24 * 3_600_000
NO_LAST_DAY = "9999-12-31"
LATE_MS = 6 * 3_600_000  # a clock that was down for longer lets this one be


class Due(NamedTuple):
    """A broadcast that goes out for this event, and has not."""

    id: int
    commune_id: int
    event_to: str  # residents | staff
    # minutes: below zero before the event's start, else after its end
    event_offset: int
    good_for: int | None  # minutes after it goes out until it is too late
    changed_at: int  # UTC ms; of the broadcast
    event_id: int
    day: str  # ISO day
    hall: str
    starts_at: int  # UTC ms; of the event
    ends_at: int  # UTC ms

    @property
    def goes_before(self) -> bool:
        """Before the event, or after it?"""
        return self.event_offset < 0

    @property
    def wanted_at(self) -> int:
        """When it should go out by its offset, UTC ms."""
        event_at = self.starts_at if self.goes_before else self.ends_at
        return event_at + self.event_offset * MINUTE_MS


class Reach(NamedTuple):
    earliest: int | None  # minutes from an event; none: no such broadcast runs
    latest: int | None


class Held(NamedTuple):
    kind: str
    bookable: bool  # 0 or 1 on SQLite
    hamlet: str | None  # of its hall; none: the commune's own

    @property
    def is_open_to_all(self) -> bool:
        """Anybody may come, without a booking and without an invitation?"""
        return not self.bookable and self.kind != BY_INVITATION


class ToTell(NamedTuple):
    """A member of staff who may run a session; without a number no text comes."""

    name: str
    username: str
    role: str
    hamlet: str | None
    phone: str  # E.164


class Endless(NamedTuple):
    """A broadcast by event with a last day, and with nothing of it open."""

    id: int
    # minutes; below zero before an event's start, else after its end
    event_offset: int | None
    repeat_until: str  # ISO day


_TO_COME = """
    SELECT b.id, b.commune_id, b.event_to, b.event_offset, b.good_for, b.changed_at, e.id AS event_id, e.day,
      h.name AS hall, MIN(s.starts_at) AS starts_at, MAX(s.ends_at) AS ends_at
    FROM broadcasts b
    JOIN events e ON e.commune_id = b.commune_id AND e.state = 'open'
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE {which} AND b.repeats = 'event' AND b.event_offset IS NOT NULL
      AND ',' || b.event_kinds || ',' LIKE '%,' || e.kind || ',%'
      AND e.day >= :first AND e.day <= :last AND (b.repeat_until IS NULL OR e.day <= b.repeat_until)
      AND NOT EXISTS (SELECT 1 FROM firings g WHERE g.broadcast_id = b.id AND g.event_id = e.id)
    GROUP BY b.id, b.commune_id, b.event_to, b.event_offset, b.good_for, b.changed_at, e.id, e.day, h.name
    ORDER BY b.id, starts_at, e.id
"""
_RUNNING = Query(text(_TO_COME.format(which="b.state = 'running'")), Due)
_OF_ONE = Query(text(_TO_COME.format(which="b.id = :id")), Due)
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
_LOCK = Statement(
    text("UPDATE broadcasts SET state = state WHERE id = :id AND state = 'running'")
)
_FIRED = Scalar(
    text("SELECT 1 FROM firings WHERE broadcast_id = :id AND event_id = :event_id"), int
)
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


_STAFF = Query(
    text("""
    SELECT t.name, t.username, t.role, m.name AS hamlet, t.phone
    FROM staff t
    LEFT JOIN hamlets m ON m.id = t.hamlet_id
    WHERE t.commune_id = :commune_id AND t.disabled_at IS NULL AND t.role IN ('commune', 'hamlet')
    ORDER BY t.role, m.position, t.username
    """),
    ToTell,
)


def goes_at(one: Due) -> int:
    """When it goes out for this event, UTC ms.

    At a moment in the night it is due then, and its texts wait for the morning. Where
    the morning would be too late, it goes at the nearest hour at which texts may leave:
    in the evening before, else in the morning after all.
    """
    wanted = one.wanted_at
    morning = _within_hours(wanted)
    if one.goes_before and morning >= one.starts_at:
        return _evening_before(wanted)
    if one.good_for is None:
        return wanted
    good_until = wanted + one.good_for * MINUTE_MS
    return morning if morning > good_until else wanted


def _within_hours(moment: int) -> int:
    """When a text of that moment leaves: then, or in the morning after. UTC ms."""
    wanted = from_ms(moment)
    leaves = notices.goes_at("broadcast", "notice", wanted, wanted)
    return to_ms(leaves)


def _evening_before(moment: int) -> int:
    """An hour before texts stop for the night in which this moment lies. UTC ms."""
    here = local(from_ms(moment))
    day = here.date()
    if here.hour < DAY_BEGINS:
        day -= timedelta(days=1)
    evening = at_local(day, f"{DAY_ENDS - 1:02}:00")
    return to_ms(evening)


def staff_told(tx: Tx, commune_id: int) -> list[ToTell]:
    """Who may run a session of this commune: its staff, and the heads of hamlets, each
    for the halls of their own.
    """
    return tx.all(_STAFF, commune_id=commune_id)


def due(tx: Tx, now: int) -> list[Due]:
    """Events for which such a broadcast should go out now and has not. `now` is UTC ms."""
    reach = tx.one(_REACH)
    if reach is None or reach.earliest is None or reach.latest is None:
        return []
    since = now - LATE_MS
    earliest_end = since - _after_event(reach.latest)
    latest_start = now + _before_event(reach.earliest)
    first = iso_day_at(earliest_end - DAY_MS)
    last = iso_day_at(latest_start + 2 * DAY_MS)
    found = tx.all(_RUNNING, first=first, last=last)
    return [one for one in found if _falls_due(one, since, now)]


def _falls_due(one: Due, first: int, last: int) -> bool:
    """Between these moments (UTC ms), and since the broadcast became what it is?"""
    since = max(first, one.changed_at)
    return since <= goes_at(one) <= last


def missed(tx: Tx, row: Broadcast, now: int) -> list[Due]:
    """What fell due while it was paused: for these events it goes out no more. `now` is
    UTC ms.
    """
    if row.repeats != "event":
        return []
    events = _of_one(tx, row, row.changed_at)
    return [one for one in events if _falls_due(one, row.changed_at, now)]


def following(tx: Tx, row: Broadcast, now: int) -> Due | None:
    """The next event for which it goes out, as it stands now; none where no such event
    is planned. `now` is UTC ms.
    """
    if row.repeats != "event":
        return None
    events = _of_one(tx, row, now)
    ahead = [one for one in events if goes_at(one) >= now]
    return min(ahead, key=goes_at, default=None)


def _of_one(tx: Tx, row: Broadcast, since: int) -> list[Due]:
    """Events of this broadcast for which it goes out after that moment (UTC ms), and
    some of before.
    """
    earliest_end = since - _after_event(row.event_offset)
    first = iso_day_at(earliest_end - DAY_MS)
    return tx.all(_OF_ONE, id=row.id, first=first, last=NO_LAST_DAY)


def _after_event(offset: int | None) -> int:
    """How long after its end a text of this offset (minutes) goes out, in ms; 0 where
    it goes before.
    """
    minutes = max(offset or 0, 0)
    return minutes * MINUTE_MS


def _before_event(offset: int) -> int:
    """How long before its start a text of this offset (minutes) goes out, in ms; 0
    where it goes after.
    """
    return _after_event(-offset)


def past_their_last_day(tx: Tx, now: int) -> list[int]:
    """Broadcasts for which no event can fall due any more, and of which nothing is
    open. `now` is UTC ms.
    """
    found = []
    for row in tx.all(_ENDLESS):
        last_due = now - _after_event(row.event_offset) - LATE_MS
        if row.repeat_until < iso_day_at(last_due):
            found.append(row.id)
    return found


def fire(tx: Tx, one: Due, *, now: int) -> int | None:
    """Let it go out for this event, once: the firing whose list is to be frozen, or
    None where nothing is.
    """
    if not tx.run(_LOCK, id=one.id):
        return None
    fired_before = tx.value(_FIRED, id=one.id, event_id=one.event_id)
    if fired_before is not None:
        return None
    row = drafts.get(tx, one.id, one.commune_id)
    not_after = _deadline(row, one, now)
    to_staff = drafts.to_staff(row)
    rule: dict[str, Any] = {}
    if not to_staff:
        rule = _of_its_people(tx, rules.parse(row.rule), one)
    ended_at = now if to_staff else None  # to staff it has no list, and is over at once
    made = tx.value(
        _FIRE,
        id=one.id,
        words_id=row.words_id,
        rule=json.dumps(rule, ensure_ascii=False),
        event_id=one.event_id,
        now=now,
        not_after=not_after,
        planned_at=ended_at,
        ended_at=ended_at,
        ended_why="done" if to_staff else "",
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


def _of_its_people(tx: Tx, rule: dict[str, Any], one: Due) -> dict[str, Any]:
    """The rule, and of the event: before it who has a seat, after it who came. To what
    is by invitation no hamlet is asked.
    """
    if not one.goes_before:
        return {**rule, "came": [one.event_id]}
    held = tx.one(_WHERE, event_id=one.event_id)
    if held is None or not held.is_open_to_all:
        return {**rule, "event": [one.event_id]}
    if not held.hamlet:
        return rule
    return {"any": [rule], "hamlet": [held.hamlet]}


def _deadline(row: Broadcast, one: Due, now: int) -> int:
    """Too late for a text before an event once it begins; for one after it, after a
    day. Staff may say how long.
    """
    closes = one.starts_at if one.goes_before else now + DAY_MS
    if not row.good_for:
        return closes
    good_until = goes_at(one) + row.good_for * MINUTE_MS
    if one.goes_before:
        return min(good_until, closes)
    return good_until
