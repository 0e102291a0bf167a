"""Which bookings are due a reminder: a sweep in small chunks that posts one row for each, and never two.

The day before at 18:00, never after 21:00; on the day two hours before, not before 07:00, not with less than 45
minutes left; none whose moment lies before the booking or its last move. All on the commune's clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text

from db.engine import Database, Row, Statement, Tx, to_ms
from menus.days import at_local, today
from menus.notices import KINDS, Kind

CHUNK = 2_000  # bookings a transaction: a turn waiting for SQLite's one writer waits tens of milliseconds
HOUR_MS = 3_600_000
BEFORE_MS = 2 * HOUR_MS
LEAST_LEFT_MS = 45 * 60_000

_SLOTS = Statement(
    text("SELECT id, capacity FROM slots WHERE starts_at >= :from_ms AND starts_at < :to_ms ORDER BY id")
)
_POST = (
    "INSERT INTO messages (commune_id, direction, phone, booking_id, revision, kind, class, priority, status, once,"
    " made_at, not_before, not_after)"
    " SELECT e.commune_id, 'out', p.phone, b.id, b.revision, :kind, :class, CAST(:priority AS INTEGER), 'QUEUED',"
    " {once}, CAST(:now AS BIGINT), CAST(:now AS BIGINT), {not_after}"
    " FROM slots s JOIN bookings b ON b.slot_id = s.id JOIN events e ON e.id = s.event_id"
    " JOIN people p ON p.id = b.booker_id"
    " WHERE s.id BETWEEN :first AND :last AND s.starts_at >= :from_ms AND s.starts_at < :to_ms"
    " AND b.status = 'booked' AND p.phone IS NOT NULL AND b.changed_at <= {due} AND {due} <= :now"
    " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.once = {once}) ON CONFLICT (once) DO NOTHING"
)


def _key(name: str) -> str:
    return f"'reminder:{name}:' || b.id || '\\:r' || b.revision"


_DAY_BEFORE = Statement(text(_POST.format(once=_key("1d"), not_after="CAST(:until AS BIGINT)", due=":due")))
_SAME_DAY = Statement(
    text(
        _POST.format(
            once=_key("0d"),
            not_after=f"s.starts_at - {LEAST_LEFT_MS}",
            due=f"(CASE WHEN s.starts_at - {BEFORE_MS} > :due THEN s.starts_at - {BEFORE_MS} ELSE :due END)",
        )
    )
)


def sweep(db: Database, now: datetime) -> str:
    """Post every reminder that is due and has no row yet. Says how many. `now` is aware UTC."""
    here, moment = today(now), to_ms(now)
    day_before = same_day = 0
    for day in (here, here + timedelta(days=1)):  # today's too: a clock that was down says what it missed
        eve = day - timedelta(days=1)
        due, until = to_ms(at_local(eve, "18:00")), to_ms(at_local(eve, "21:00"))
        if due <= moment:
            day_before += _post(db, _DAY_BEFORE, "reminder_1d", day, moment, due=due, until=until)
    if to_ms(at_local(here, "07:00")) <= moment:
        same_day = _post(db, _SAME_DAY, "reminder_0d", here, moment, due=to_ms(at_local(here, "07:00")))
    return f"{day_before} for the day before, {same_day} for the day"


def _post(db: Database, statement: Statement, kind: Kind, day: date, now: int, **moments: int) -> int:
    """One kind of reminder for the slots of one local day that have not begun."""
    text_class, priority = KINDS[kind]
    window = {
        "from_ms": max(to_ms(at_local(day, "00:00")), now + 1),
        "to_ms": to_ms(at_local(day + timedelta(days=1), "00:00")),
    }
    with db.connection() as tx:
        slots = tx.all(_SLOTS, **window)
    values = {"kind": kind, "class": text_class, "priority": priority, "now": now, **window, **moments}
    posted = 0
    for first, last in _chunks(slots):

        def post(tx: Tx, first: int = first, last: int = last) -> int:
            return tx.run(statement, first=first, last=last, **values)

        posted += db.again(post)
    return posted


def _chunks(slots: list[Row]) -> Iterator[tuple[int, int]]:
    """First and last slot id of runs that hold about CHUNK seats."""
    first, seats = None, 0
    for slot in slots:
        first = slot.id if first is None else first
        seats += slot.capacity
        if seats >= CHUNK:
            yield first, slot.id
            first, seats = None, 0
    if first is not None:
        yield first, slots[-1].id
