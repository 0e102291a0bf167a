"""Events with how full they are, their slots, and the free seats a clerk can give."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, literal_column, or_, select, text

from db.models import LIVE, OFFERS_STOP_MS, bookings, events, halls, slots
from db.store.engine import Tx
from db.store.statements import Row, Statement

# Seats taken in a slot, now: places of live bookings.
_TAKEN = (
    select(func.coalesce(func.sum(bookings.c.places), 0))
    .where(bookings.c.slot_id == slots.c.id, text(LIVE.format(now=":now")).bindparams(bindparam("now")))
    .correlate(slots)
    .scalar_subquery()
    .label("taken")
)
_SLOTS = Statement(
    select(slots.c.id, slots.c.starts_at, slots.c.ends_at, slots.c.capacity, _TAKEN)
    .where(slots.c.event_id == bindparam("event"))
    .order_by(slots.c.starts_at)
)
# What comes free while somebody waits is theirs, and no clerk's to give.
_WAITING = bookings.alias("waiting")
_WAITED_FOR = (
    select(_WAITING.c.id)
    .where(_WAITING.c.slot_id == slots.c.id, _WAITING.c.status == "waiting")
    .correlate(slots)
    .exists()
)
_FREE = Statement(
    select(
        slots.c.id,
        slots.c.starts_at,
        slots.c.ends_at,
        slots.c.capacity,
        _TAKEN,
        events.c.id.label("event_id"),
        events.c.day,
        halls.c.name.label("hall"),
        halls.c.hamlet_id,
    )
    .join(events, events.c.id == slots.c.event_id)
    .join(halls, halls.c.id == events.c.hall_id)
    .where(
        events.c.commune_id == bindparam("commune"),
        events.c.state == "open",
        slots.c.starts_at > bindparam("now"),
        slots.c.starts_at < bindparam("until"),
        or_(slots.c.starts_at <= bindparam("now") + OFFERS_STOP_MS, ~_WAITED_FOR),
    )
    .order_by(events.c.day, halls.c.name, events.c.id, slots.c.starts_at)
)

# The text about the booking as it stands; or, where it was moved away, the one about where it went: of that moment.
# Whoever was moved away left a row behind: they were told of the booking that moved, as it was once it had.
_ABOUT = "COALESCE(b.moved_id, b.id)"
_AS_TOLD = "b.revision + CASE WHEN b.moved_id IS NULL THEN 0 ELSE 1 END"
_TEXTS = Statement(
    text(f"""
    SELECT b.id, m.status
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN messages m ON m.booking_id = {_ABOUT} AND m.revision = {_AS_TOLD}
    WHERE s.event_id = :event AND m.kind IN ('event_moved', 'event_cancelled', 'event_choice', 'slot_choice')
    ORDER BY m.id
    """)
)
_PARTIES = Statement(
    select(bookings.c.id, bookings.c.party_id, bookings.c.slot_id)
    .join(slots, slots.c.id == bookings.c.slot_id)
    .where(slots.c.event_id == bindparam("event"), bookings.c.party_id.is_not(None))
)
_TASKS = Statement(
    text(f"""
    SELECT b.id, t.done_at
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN tasks t ON t.booking_id = {_ABOUT} AND t.revision = {_AS_TOLD}
    WHERE s.event_id = :event AND t.kind = 'tell'
    ORDER BY t.id
    """)
)
# As seats are offered: those who have an offer, then those who wait, in their order.
_QUEUE = Statement(
    text(
        "SELECT b.slot_id, b.status, b.until, b.priority, b.places, b.code, b.person_id, p.name, p.hamlet_id"
        " FROM slots s JOIN bookings b ON b.slot_id = s.id JOIN people p ON p.id = b.person_id"
        " WHERE s.event_id = :event AND (b.status = 'waiting' OR"
        "  (b.status IN ('held', 'offered') AND b.until > :now))"
        " ORDER BY CASE b.status WHEN 'held' THEN 0 WHEN 'offered' THEN 1 ELSE 2 END, b.priority, b.made_at, b.id"
    )
)
_TOLD = {"SENT": "told", "DELIVERED": "told", "QUEUED": "telling", "CLAIMED": "telling", "SENDING": "telling"}


def _lines() -> Select[Any]:
    each = select(slots.c.event_id, slots.c.starts_at, slots.c.ends_at, slots.c.capacity, _TAKEN).subquery("each")
    return (
        select(
            events.c.id,
            events.c.day,
            events.c.state,
            events.c.note,
            events.c.hall_id,
            events.c.counters,
            halls.c.name.label("hall"),
            halls.c.hamlet_id,
            func.min(each.c.starts_at).label("starts_at"),
            func.max(each.c.ends_at).label("ends_at"),
            func.count(each.c.starts_at).label("slots"),
            func.min(each.c.capacity).label("places"),
            func.coalesce(func.sum(each.c.capacity), 0).label("capacity"),
            func.coalesce(func.sum(each.c.taken), 0).label("taken"),
            func.coalesce(func.sum(func.abs(each.c.taken - each.c.capacity) + each.c.taken - each.c.capacity), 0).label(
                "twice_over"
            ),
        )
        .join(halls, halls.c.id == events.c.hall_id)
        .outerjoin(each, each.c.event_id == events.c.id)
        .group_by(
            events.c.id,
            events.c.day,
            events.c.state,
            events.c.note,
            events.c.hall_id,
            events.c.counters,
            halls.c.name,
            halls.c.hamlet_id,
        )
    )


def coming(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Row]:
    """Events from that day on, nearest first; `now` in UTC ms decides which holds still count as taken."""
    lines = _lines().where(events.c.commune_id == commune_id, events.c.day >= day)
    return tx.all(lines.order_by(events.c.day, literal_column("starts_at"), halls.c.name).limit(200), now=now)


def past(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Row]:
    """The last hundred events before that day, latest first."""
    lines = _lines().where(events.c.commune_id == commune_id, events.c.day < day)
    return tx.all(lines.order_by(events.c.day.desc(), halls.c.name).limit(100), now=now)


def event(tx: Tx, event_id: int, *, commune_id: int, now: int) -> Row | None:
    return tx.one(_lines().where(events.c.id == event_id, events.c.commune_id == commune_id), now=now)


def slots_of(tx: Tx, event_id: int, *, now: int) -> list[Row]:
    """The slots in order of time, with capacity and seats taken; over by `taken - capacity` where positive."""
    return tx.all(_SLOTS, event=event_id, now=now)


def queue(tx: Tx, event_id: int, *, now: int) -> dict[int, list[Row]]:
    """By slot, whose seat is kept, who was offered one and who waits for one, in the order in which they are served."""
    found: dict[int, list[Row]] = {}
    for row in tx.all(_QUEUE, event=event_id, now=now):
        found.setdefault(row.slot_id, []).append(row)
    return found


def free(tx: Tx, *, commune_id: int, now: int, until: int) -> list[Row]:
    """Slots of open events that have not begun and still have a seat, by day, hall and time."""
    return [slot for slot in tx.all(_FREE, commune=commune_id, now=now, until=until) if slot.taken < slot.capacity]


def told(tx: Tx, event_id: int) -> dict[int, str]:
    """By booking, of those whom a change of the event concerns: told, telling (a text is on its way), not_told.

    A party is told by one text.
    """
    fates = {row.id: _TOLD.get(row.status, "not_told") for row in tx.all(_TEXTS, event=event_id)}
    fates |= {row.id: "told" if row.done_at else "not_told" for row in tx.all(_TASKS, event=event_id)}
    parties = tx.all(_PARTIES, event=event_id)
    of_party = {(row.party_id, row.slot_id): fates[row.id] for row in parties if row.id in fates}
    for row in parties:
        if row.id not in fates and (row.party_id, row.slot_id) in of_party:
            fates[row.id] = of_party[row.party_id, row.slot_id]
    return fates
