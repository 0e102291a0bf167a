"""The list of a day: who is booked where and when, and what already counts for them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models import SEATED
from db.store.engine import Tx
from db.store.statements import Query


class Line(NamedTuple):
    """One booking as the lists show it."""

    id: int
    code: str
    status: str
    origin: str
    places: int
    to_move: bool
    coming_at: int | None  # UTC ms
    ended_at: int | None  # UTC ms
    may_move: bool
    reason: str
    party_id: int | None
    person_id: int
    slot_id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    event_id: int
    day: str
    state: str
    hall_id: int
    hall: str
    name: str
    folded: str
    phone: str | None
    hamlet_id: int | None
    hamlet: str | None
    hall_hamlet_id: int | None


class Done(NamedTuple):
    """What counts for somebody."""

    subject_id: int
    indicator_id: int


class Hall(NamedTuple):
    id: int
    name: str
    hamlet_id: int | None


class ToTell(NamedTuple):
    """The phone that booked, if any, and the booking's revision as it stands."""

    phone: str | None
    revision: int


class Day(NamedTuple):
    day: str  # ISO


class Unanswered(NamedTuple):
    """A booking whose reminder went out, and nobody has said yet whether they come."""

    id: int


_DONE = Query(
    text("""
    SELECT DISTINCT c.subject_id, c.indicator_id
    FROM events e
    JOIN slots s ON s.event_id = e.id
    JOIN bookings b ON b.slot_id = s.id
    JOIN indicators i ON i.subject = 'person'
    JOIN counted c ON c.indicator_id = i.id AND c.subject_id = b.person_id
    WHERE e.commune_id = :commune_id AND e.day = :day
    """),
    Done,
)
_DAYS = Query(
    text("""
    SELECT day FROM events
    WHERE commune_id = :commune_id AND day >= :since AND state <> 'cancelled'
    GROUP BY day
    ORDER BY day LIMIT 7
    """),
    Day,
)
# To those who come together one reminder went, about one of them.
_REMINDED = "m.kind = 'reminder_1d' AND m.status IN ('SENT', 'DELIVERED') AND m.made_at >= b.changed_at"
_UNANSWERED = Query(
    text(f"""
    SELECT b.id
    FROM events e
    JOIN slots s ON s.event_id = e.id
    JOIN bookings b ON b.slot_id = s.id
    WHERE e.commune_id = :commune_id AND e.day = :day AND b.status = 'booked' AND b.coming_at IS NULL
      AND (EXISTS (SELECT 1 FROM messages m WHERE m.booking_id = b.id AND {_REMINDED})
        OR EXISTS (
          SELECT 1 FROM bookings o JOIN messages m ON m.booking_id = o.id
          WHERE o.party_id = b.party_id AND {_REMINDED}))
    """),
    Unanswered,
)
_HALLS = Query(
    text("""
    SELECT h.id, h.name, h.hamlet_id
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE e.commune_id = :commune_id AND e.day = :day AND e.state <> 'cancelled' AND e.bookable
    GROUP BY h.id, h.name, h.hamlet_id
    ORDER BY MIN(ABS(s.starts_at - :now)), h.name
    """),
    Hall,
)
_TO_TELL = Query(
    text("""
    SELECT p.phone, b.revision FROM bookings b JOIN people p ON p.id = b.booker_id
    WHERE b.id = :booking_id
    """),
    ToTell,
)
_LINES = """
    SELECT b.id, b.code, b.status, b.origin, b.places, b.to_move, b.coming_at, b.ended_at, b.may_move, b.reason,
      b.party_id, b.person_id, b.slot_id, s.starts_at, s.ends_at, e.id AS event_id, e.day, e.state, l.id AS hall_id,
      l.name AS hall, p.name, p.folded, p.phone, p.hamlet_id, h.name AS hamlet,
      l.hamlet_id AS hall_hamlet_id
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls l ON l.id = e.hall_id
    JOIN people p ON p.id = b.person_id
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
"""
_IN_HAMLET = {False: "", True: "AND p.hamlet_id = :hamlet_id"}
# Of a day also whoever comes from elsewhere to the hamlet's own hall: its head runs it.
_IN_HAMLET_OR_HALL = {
    False: "",
    True: "AND (p.hamlet_id = :hamlet_id OR l.hamlet_id = :hamlet_id)",
}
_AT_HALL = {False: "", True: "AND e.hall_id = :hall_id"}
_BOOKED = {
    (at_hall, in_hamlet): Query(
        text(f"""
        {_LINES}
        WHERE e.commune_id = :commune_id AND e.day = :day {there} {here}
          AND (b.{SEATED}
            OR (b.status = 'cancelled' AND b.reason = '' AND b.places > 0 AND b.ended_at >= :gone_since
              {_IN_HAMLET[in_hamlet]}))
        ORDER BY l.name, e.id, s.starts_at, p.folded, b.id
        """),
        Line,
    )
    for at_hall, there in _AT_HALL.items()
    for in_hamlet, here in _IN_HAMLET_OR_HALL.items()
}
_OF_EVENT = {
    in_hamlet: Query(
        text(f"""
        {_LINES}
        WHERE e.id = :event_id AND (b.{SEATED} OR b.status = 'cancelled') {here}
        ORDER BY s.starts_at, p.folded, b.id
        """),
        Line,
    )
    for in_hamlet, here in _IN_HAMLET.items()
}
_BOOKING = Query(
    text(f"{_LINES} WHERE b.id = :booking_id AND e.commune_id = :commune_id"), Line
)


def booked(
    tx: Tx,
    *,
    commune_id: int,
    day: str,
    hall_id: int | None,
    hamlet_id: int | None,
    gone_since: int,
) -> list[Line]:
    """Seats taken on that day, by hall, time and name; of one hall, or of one hamlet's
    people and hall, where given.

    Those cancelled since then (UTC ms) stand among them.
    """
    values = {
        "commune_id": commune_id,
        "day": day,
        "hall_id": hall_id,
        "hamlet_id": hamlet_id,
    }
    return tx.all(
        _BOOKED[hall_id is not None, hamlet_id is not None],
        gone_since=gone_since,
        **values,
    )


def of_event(tx: Tx, *, event_id: int, hamlet_id: int | None) -> list[Line]:
    """Bookings of one event, by time and name, those cancelled too."""
    return tx.all(
        _OF_EVENT[hamlet_id is not None], event_id=event_id, hamlet_id=hamlet_id
    )


def unanswered(tx: Tx, *, commune_id: int, day: str) -> set[int]:
    """Bookings of that day whose reminder of the day before went out, and nobody has
    said yet whether they come.
    """
    return {row.id for row in tx.all(_UNANSWERED, commune_id=commune_id, day=day)}


def booking(tx: Tx, booking_id: int, commune_id: int) -> Line | None:
    """One booking as the list shows it, whatever became of it."""
    return tx.one(_BOOKING, booking_id=booking_id, commune_id=commune_id)


def done(tx: Tx, *, commune_id: int, day: str) -> dict[int, set[int]]:
    """For each person booked that day, the indicators that count for them now."""
    found: dict[int, set[int]] = {}
    for row in tx.all(_DONE, commune_id=commune_id, day=day):
        found.setdefault(row.subject_id, set()).add(row.indicator_id)
    return found


def next_days(tx: Tx, commune_id: int, since: str) -> list[str]:
    """The next seven days with an event, that day included."""
    return [row.day for row in tx.all(_DAYS, commune_id=commune_id, since=since)]


def halls_on(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Hall]:
    """Where something is held that day; what begins nearest to `now` (UTC ms) first."""
    return tx.all(_HALLS, commune_id=commune_id, day=day, now=now)


def to_tell(tx: Tx, booking_id: int) -> ToTell | None:
    return tx.one(_TO_TELL, booking_id=booking_id)
