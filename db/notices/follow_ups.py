"""What is said after the day: to whoever was missed, how it went, is the face verified;
and who need not be told.
"""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import text

from db.seats import attendance
from db.store.engine import Tx
from db.store.statements import Scalar, Statement
from db.texts import outbox
from menus.notices import Kind

DAY_MS = 24 * 3_600_000
LATE_MS = 3 * DAY_MS  # a text whose day lies further back is no use to anybody
# served so long before the booked time, or checked in so long after
EARLY_MS, AFTER_MS = (
    60 * DAY_MS,
    7 * DAY_MS,
)

_SOURCE = """
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN people p ON p.id = b.booker_id
    WHERE p.phone IS NOT NULL AND b.status = :status AND {which}
      AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.booking_id = b.id AND m.kind = CAST(:kind AS VARCHAR))
"""


def _to_each(which: str) -> Statement:
    source = _SOURCE.format(which=which)
    once = "CAST(:kind AS VARCHAR) || '\\:' || b.id"
    sql = outbox.for_each(source, once=once, not_after="CAST(:not_after AS BIGINT)")
    return Statement(text(sql))


# Those who were to come together get one text, about the first of them that it
# concerns.
_FIRST_OF_PARTY = """
      NOT EXISTS (
        SELECT 1
        FROM bookings o
        WHERE o.party_id = b.party_id AND o.id < b.id AND o.status = :status)
"""
# The ids that were marked just now, as one JSON list: 2,000 of them are one statement
# on both engines.
_MARKED = {
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(:ids AS JSON))",
}
_TELL_MISSED = {
    engine: _to_each(f"b.id IN ({ids}) AND s.ends_at >= :since AND {_FIRST_OF_PARTY}")
    for engine, ids in _MARKED.items()
}
# One phone may have brought several that day, together or each alone: it is asked once,
# about its own visit if it had one. A party of which somebody came on an earlier day
# was asked then.
_OWN_FIRST = """
      NOT EXISTS (SELECT 1 FROM bookings o
        WHERE o.booker_id = b.booker_id AND o.id <> b.id AND o.status = :status
          AND o.ended_at >= :from_ms AND o.ended_at < :to_ms
          AND CASE WHEN (o.person_id = o.booker_id) = (b.person_id = b.booker_id) THEN o.id < b.id
            ELSE o.person_id = o.booker_id END)
      AND NOT EXISTS (SELECT 1 FROM bookings o
        WHERE o.party_id = b.party_id AND o.status = :status AND o.ended_at < :from_ms)
"""
# Who is put on the list of that day later comes after the question.
_NOT_ASKED = """
      NOT EXISTS (SELECT 1 FROM messages m JOIN bookings o ON o.id = m.booking_id
        WHERE m.phone = p.phone AND m.kind = :kind AND o.ended_at >= :from_ms AND o.ended_at < :to_ms)
"""
# By the slots' own index: bookings have none on the moment they ended, and an early or
# late check-in is rare.
_ASK = _to_each(
    "s.starts_at > :after AND s.starts_at < :before AND b.ended_at >= :from_ms AND b.ended_at < :to_ms"
    f" AND {_OWN_FIRST} AND {_NOT_ASKED}"
)
_FACE_ONCE = "CAST(:kind AS VARCHAR) || '\\:' || v.id"
_FACE = Statement(
    text(
        outbox.for_each(
            f"""
            FROM verifications v JOIN people p ON p.id = v.person_id
            WHERE v.done_at IS NULL AND v.since = :since AND p.phone IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.once = {_FACE_ONCE})
            """,
            commune="p.commune_id",
            booking="NULL, NULL",
            once=_FACE_ONCE,
            not_after="CAST(:not_after AS BIGINT)",
        )
    )
)
_BACK = Scalar(
    text("""
    SELECT 1
    FROM bookings b
    JOIN bookings o ON o.person_id = b.person_id AND o.programme_id = b.programme_id AND o.kind = b.kind
    WHERE b.id = :booking_id AND o.id <> b.id
      AND (o.status IN ('booked', 'held', 'waiting', 'offered')
        OR (o.status = 'attended' AND o.ended_at >= b.ended_at))
    LIMIT 1
    """),
    int,
)
_HOME = Scalar(
    text("""
    SELECT p.hamlet_id
    FROM bookings b
    JOIN people p ON p.id = b.person_id
    WHERE b.id = :booking_id
    """),
    int,
)


def mark_missed(tx: Tx, *, now: int, ended_before: int) -> int:
    """Mark whom nobody checked in, at most 2,000 at a time, and post `missed` to the
    phones that booked. How many.

    A booking that ended days ago (the clock was down) is marked and not told. Instants
    are UTC ms.
    """
    ids = attendance.mark_missed(tx, now=now, ended_before=ended_before)
    if not ids:
        return 0
    statement = _TELL_MISSED[tx.dialect.name]
    marked = json.dumps(ids)
    since = now - LATE_MS
    not_after = now + LATE_MS
    said = outbox.of_kind("missed")
    tx.run(
        statement,
        ids=marked,
        status="missed",
        since=since,
        now=now,
        not_after=not_after,
        **said,
    )
    return len(ids)


def ask_how_it_went(
    tx: Tx, *, from_ms: int, to_ms: int, now: int, not_after: int
) -> int:
    """`rate` to the phones behind those checked in from `from_ms` and before `to_ms`
    (UTC ms), once to each.

    How many were asked. The span is a local day.
    """
    after = from_ms - AFTER_MS
    before = to_ms + EARLY_MS
    said = outbox.of_kind("rate")
    return tx.run(
        _ASK,
        status="attended",
        from_ms=from_ms,
        to_ms=to_ms,
        after=after,
        before=before,
        now=now,
        not_after=not_after,
        **said,
    )


def ask_for_faces(tx: Tx, kind: Kind, *, since: date, now: int, not_after: int) -> int:
    """One text to each phone whose owner waits for verification since that day and had
    none of the kind. How many.
    """
    said = outbox.of_kind(kind)
    return tx.run(_FACE, since=since.isoformat(), now=now, not_after=not_after, **said)


def is_back(tx: Tx, booking_id: int) -> bool:
    """Has whoever missed this booking come since, or asked for another time?"""
    return tx.value(_BACK, booking_id=booking_id) is not None


def home_of(tx: Tx, booking_id: int) -> int | None:
    """The hamlet of the person who was to come."""
    return tx.value(_HOME, booking_id=booking_id)
