"""Whom no text reached: no phone, not delivered, or wanting none; to be told by
somebody who walks over.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query

DAY_MS = 24 * 3_600_000
WEEK_MS = 7 * DAY_MS


class Untold(NamedTuple):
    """A booking whose news nobody heard; `phone` is the one that booked, `text_status`
    of the newest text about it.
    """

    id: int
    code: str
    status: str
    until: int | None  # UTC ms
    person_id: int
    name: str
    hamlet_id: int | None
    hamlet: str | None
    phone: str | None
    starts_at: int  # UTC ms
    hall: str
    text_status: str | None
    news: str


# The newest text about the booking, or about those it came with; what was overtaken and
# not sent says nothing. A seat that was offered in place of another is told of in a
# text about that other one.
_NEWEST = """
    SELECT MAX(n.id) FROM (
      SELECT b.id AS about, '' AS only_kind
      UNION SELECT o.id, '' FROM bookings o WHERE o.party_id = b.party_id
      UNION SELECT b.instead_of, 'choice' WHERE b.status = 'offered') concerned
    JOIN messages n ON n.booking_id = concerned.about
    WHERE n.direction = 'out' AND (concerned.only_kind = '' OR n.kind IN ('event_choice', 'slot_choice'))
      AND (n.status <> 'SKIPPED' OR n.reason = 'opted out')
"""
_TASK = "SELECT 1 FROM tasks t WHERE t.booking_id = b.id AND t.revision = b.revision AND t.kind = 'tell'"
_FELL_OUT = f"""
    b.status = 'cancelled' AND b.reason <> 'moved' AND e.state = 'cancelled' AND b.ended_at >= :since
    AND (b.reason = 'event' OR m.kind = 'event_cancelled' OR EXISTS ({_TASK}))
    AND NOT EXISTS (
      SELECT 1 FROM bookings a
      WHERE a.person_id = b.person_id AND a.id > b.id
        AND (a.status IN ('booked', 'attended') OR (a.status = 'offered' AND a.until > :now)))
"""
# All three kinds of news are of times that begin after `from_ms`: an event is cancelled
# before it is over.
_LINES = Query(
    text(f"""
    SELECT b.id, b.code, b.status, b.until, b.person_id, p.name, p.hamlet_id, h.name AS hamlet, k.phone,
      s.starts_at, hall.name AS hall, m.status AS text_status,
      CASE
        WHEN b.status = 'booked' AND (m.kind = 'event_moved' OR EXISTS ({_TASK})) THEN 'moved'
        WHEN b.status = 'cancelled' THEN 'fell_out'
        ELSE b.status END AS news
    FROM slots s
    JOIN events e ON e.id = s.event_id
    JOIN bookings b ON b.slot_id = s.id
    JOIN halls hall ON hall.id = e.hall_id
    JOIN people p ON p.id = b.person_id
    JOIN people k ON k.id = b.booker_id
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    LEFT JOIN messages m ON m.id = ({_NEWEST})
    WHERE s.starts_at > :from_ms AND e.commune_id = :commune_id AND p.erased_at IS NULL
      AND ((b.status = 'booked' AND s.starts_at > :now) OR (b.status = 'offered' AND b.until > :now)
        OR ({_FELL_OUT}))
      AND (k.phone IS NULL OR m.status IN ('FAILED', 'LOST', 'SKIPPED'))
      AND NOT EXISTS ({_TASK} AND t.done_at IS NOT NULL)
    ORDER BY CASE WHEN h.id IS NULL THEN 1 ELSE 0 END, h.position, h.id, s.starts_at, p.folded, b.id
    """),
    Untold,
)


def lines(tx: Tx, *, commune_id: int, hamlet_id: int | None, now: int) -> list[Untold]:
    """By hamlet and time. `news` is what to tell: booked, moved, offered (until
    `until`), fell_out. `now` is UTC ms.
    """
    since = now - WEEK_MS
    found = tx.all(
        _LINES, commune_id=commune_id, now=now, since=since, from_ms=since - DAY_MS
    )
    return [line for line in found if hamlet_id in (None, line.hamlet_id)]
