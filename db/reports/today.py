"""The list of a day: who is booked where and when, and what already counts for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, text

from db.models import bookings, counted, events, halls, hamlets, indicators, people, slots
from db.store.engine import Tx
from db.store.statements import Row, Statement

SEATED = or_(*[bookings.c.status == status for status in ("booked", "attended", "missed")])

_DONE = Statement(
    select(counted.c.subject_id, counted.c.indicator_id)
    .join(indicators, indicators.c.id == counted.c.indicator_id)
    .join(bookings, bookings.c.person_id == counted.c.subject_id)
    .join(slots, slots.c.id == bookings.c.slot_id)
    .join(events, events.c.id == slots.c.event_id)
    .where(
        indicators.c.subject == "person",
        events.c.commune_id == bindparam("commune"),
        events.c.day == bindparam("day"),
    )
    .distinct()
)
_DAYS = Statement(
    select(events.c.day)
    .where(
        events.c.commune_id == bindparam("commune"),
        events.c.day >= bindparam("since"),
        events.c.state != "cancelled",
    )
    .group_by(events.c.day)
    .order_by(events.c.day)
    .limit(7)
)
# To those who come together one reminder went, about one of them.
_UNANSWERED = Statement(
    text(
        "SELECT b.id FROM events e JOIN slots s ON s.event_id = e.id JOIN bookings b ON b.slot_id = s.id"
        " WHERE e.commune_id = :commune_id AND e.day = :day AND b.status = 'booked' AND b.coming_at IS NULL"
        " AND EXISTS (SELECT 1 FROM messages m WHERE m.kind = 'reminder_1d' AND m.status IN ('SENT', 'DELIVERED')"
        "  AND m.made_at >= b.changed_at AND m.booking_id IN"
        "  (SELECT o.id FROM bookings o WHERE o.party_id = b.party_id UNION SELECT b.id))"
    )
)
_HALLS = Statement(
    select(halls.c.id, halls.c.name, halls.c.hamlet_id)
    .join(events, events.c.hall_id == halls.c.id)
    .join(slots, slots.c.event_id == events.c.id)
    .where(
        events.c.commune_id == bindparam("commune"),
        events.c.day == bindparam("day"),
        events.c.state != "cancelled",
    )
    .group_by(halls.c.id, halls.c.name, halls.c.hamlet_id)
    .order_by(func.min(func.abs(slots.c.starts_at - bindparam("now"))), halls.c.name)
)


def _lines() -> Select[Any]:
    return (
        select(
            bookings.c.id,
            bookings.c.code,
            bookings.c.status,
            bookings.c.origin,
            bookings.c.places,
            bookings.c.to_move,
            bookings.c.coming_at,
            bookings.c.ended_at,
            bookings.c.may_move,
            bookings.c.reason,
            bookings.c.party_id,
            bookings.c.person_id,
            bookings.c.slot_id,
            slots.c.starts_at,
            slots.c.ends_at,
            events.c.id.label("event_id"),
            events.c.day,
            events.c.state,
            halls.c.id.label("hall_id"),
            halls.c.name.label("hall"),
            people.c.name,
            people.c.folded,
            people.c.phone,
            people.c.hamlet_id,
            hamlets.c.name.label("hamlet"),
        )
        .join(slots, slots.c.id == bookings.c.slot_id)
        .join(events, events.c.id == slots.c.event_id)
        .join(halls, halls.c.id == events.c.hall_id)
        .join(people, people.c.id == bookings.c.person_id)
        .outerjoin(hamlets, hamlets.c.id == people.c.hamlet_id)
    )


def booked(
    tx: Tx, *, commune_id: int, day: str, hall_id: int | None, hamlet_id: int | None, gone_since: int
) -> list[Row]:
    """Seats taken on that day, by hall, time and name; of one hall, or of one hamlet's people, where given.

    Those cancelled since then (UTC ms) stand among them.
    """
    gone = and_(
        bookings.c.status == "cancelled",
        bookings.c.reason == "",
        bookings.c.places > 0,
        bookings.c.ended_at >= gone_since,
    )
    lines = _lines().where(events.c.commune_id == commune_id, events.c.day == day, or_(SEATED, gone))
    if hall_id is not None:
        lines = lines.where(events.c.hall_id == hall_id)
    if hamlet_id is not None:
        lines = lines.where(people.c.hamlet_id == hamlet_id)
    return tx.all(lines.order_by(halls.c.name, events.c.id, slots.c.starts_at, people.c.folded, bookings.c.id))


def of_event(tx: Tx, *, event_id: int, hamlet_id: int | None) -> list[Row]:
    """Bookings of one event, by time and name, those cancelled too."""
    lines = _lines().where(events.c.id == event_id, or_(SEATED, bookings.c.status == "cancelled"))
    if hamlet_id is not None:
        lines = lines.where(people.c.hamlet_id == hamlet_id)
    return tx.all(lines.order_by(slots.c.starts_at, people.c.folded, bookings.c.id))


def unanswered(tx: Tx, *, commune_id: int, day: str) -> set[int]:
    """Bookings of that day whose reminder of the day before went out, and nobody has said yet whether they come."""
    return {row.id for row in tx.all(_UNANSWERED, commune_id=commune_id, day=day)}


def booking(tx: Tx, booking_id: int, commune_id: int) -> Row | None:
    """One booking as the list shows it, whatever became of it."""
    return tx.one(_lines().where(bookings.c.id == booking_id, events.c.commune_id == commune_id))


def done(tx: Tx, *, commune_id: int, day: str) -> dict[int, set[int]]:
    """For each person booked that day, the indicators that count for them now."""
    found: dict[int, set[int]] = {}
    for row in tx.all(_DONE, commune=commune_id, day=day):
        found.setdefault(row.subject_id, set()).add(row.indicator_id)
    return found


def next_days(tx: Tx, commune_id: int, since: str) -> list[str]:
    """The next seven days with an event, that day included."""
    return [row.day for row in tx.all(_DAYS, commune=commune_id, since=since)]


def halls_on(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Row]:
    """Where something is held that day: id, name, hamlet_id; what begins nearest to `now` (UTC ms) first."""
    return tx.all(_HALLS, commune=commune_id, day=day, now=now)


_TO_TELL = Statement(
    select(people.c.phone, bookings.c.revision)
    .join(people, people.c.id == bookings.c.booker_id)
    .where(bookings.c.id == bindparam("booking"))
)


def to_tell(tx: Tx, booking_id: int) -> Row | None:
    """The phone that booked, which gets the texts, and the booking's revision as it stands."""
    return tx.one(_TO_TELL, booking=booking_id)
