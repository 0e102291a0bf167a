"""Whom no text reached: no phone, not delivered, or wanting none; to be told by somebody who walks over."""

from __future__ import annotations

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Row, Statement

WEEK_MS = 7 * 24 * 3_600_000

# The newest text about the booking, or about those it came with; what was overtaken and not sent says nothing. A seat
# that was offered in place of another is told of in a text about that other one.
_NEWEST = (
    "SELECT MAX(n.id) FROM messages n WHERE n.direction = 'out' AND (n.booking_id IN"
    " (SELECT o.id FROM bookings o WHERE o.party_id = b.party_id UNION SELECT b.id)"
    " OR (b.status = 'offered' AND n.kind IN ('event_choice', 'slot_choice') AND n.booking_id = b.instead_of))"
    " AND (n.status <> 'SKIPPED' OR n.reason = 'opted out')"
)
_TASK = "SELECT 1 FROM tasks t WHERE t.booking_id = b.id AND t.revision = b.revision AND t.kind = 'tell'"
_FELL_OUT = (
    "b.status = 'cancelled' AND b.reason <> 'moved' AND e.state = 'cancelled' AND b.ended_at >= :since"
    f" AND (b.reason = 'event' OR m.kind = 'event_cancelled' OR EXISTS ({_TASK})) AND NOT EXISTS"
    " (SELECT 1 FROM bookings a WHERE a.person_id = b.person_id AND a.id > b.id"
    "  AND (a.status IN ('booked', 'attended') OR (a.status = 'offered' AND a.until > :now)))"
)
_LINES = (
    "SELECT b.id, b.code, b.status, b.until, b.person_id, p.name, p.hamlet_id, h.name AS hamlet, k.phone, s.starts_at,"
    " hall.name AS hall, m.status AS text_status,"
    f" CASE WHEN b.status = 'booked' AND (m.kind = 'event_moved' OR EXISTS ({_TASK})) THEN 'moved'"
    "  WHEN b.status = 'cancelled' THEN 'fell_out' ELSE b.status END AS news"
    " FROM events e JOIN slots s ON s.event_id = e.id JOIN bookings b ON b.slot_id = s.id"
    " JOIN halls hall ON hall.id = e.hall_id JOIN people p ON p.id = b.person_id JOIN people k ON k.id = b.booker_id"
    f" LEFT JOIN hamlets h ON h.id = p.hamlet_id LEFT JOIN messages m ON m.id = ({_NEWEST})"
    " WHERE e.commune_id = :commune_id AND p.erased_at IS NULL{bound} AND ("
    "  (b.status = 'booked' AND s.starts_at > :now) OR (b.status = 'offered' AND b.until > :now)"
    f" OR ({_FELL_OUT})) AND (k.phone IS NULL OR m.status IN ('FAILED', 'LOST', 'SKIPPED'))"
    f" AND NOT EXISTS ({_TASK} AND t.done_at IS NOT NULL)"
    " ORDER BY CASE WHEN h.id IS NULL THEN 1 ELSE 0 END, h.position, h.id, s.starts_at, p.folded, b.id"
)
_EVERYWHERE, _IN_HAMLET = (Statement(text(_LINES.format(bound=b))) for b in ("", " AND p.hamlet_id = :hamlet_id"))


def lines(tx: Tx, *, commune_id: int, hamlet_id: int | None, now: int) -> list[Row]:
    """By hamlet and time. `news` is what to tell: booked, moved, offered (until `until`), fell_out.

    `phone` is the one that booked, if any; `text_status` what became of the newest text. `now` is UTC ms.
    """
    values = {"commune_id": commune_id, "now": now, "since": now - WEEK_MS}
    if hamlet_id is None:
        return tx.all(_EVERYWHERE, **values)
    return tx.all(_IN_HAMLET, hamlet_id=hamlet_id, **values)
