"""Events with how full they are, their slots, and the free seats a clerk can give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.models import LIVE, OFFERS_STOP_MS
from db.store.engine import Tx
from db.store.statements import Query, list_of_ids

COMING_MOST = 200


class Listing(NamedTuple):
    """Which events are asked for on that local day (ISO): those to come or those that are over; of a kind, of a
    hamlet's halls, where these are named.
    """

    commune_id: int
    day: str
    past: bool = False
    kind: str = ""
    hamlet_id: int | None = None


class Event(NamedTuple):
    """An event with what its slots have; no times while it has none."""

    id: int
    day: str
    state: str
    note: str
    hall_id: int
    counters: int
    hall: str
    hamlet_id: int | None
    starts_at: int | None  # UTC ms
    ends_at: int | None  # UTC ms
    slots: int
    places: int | None
    capacity: int
    taken: int
    over_by: int  # seats given beyond what its times have
    kind: str
    run_by: str
    bring: str
    bring_en: str
    bookable: bool  # 0 or 1 on SQLite
    number: int | None  # of two digits; an event that is over may still bear one
    school_id: int | None  # at whose gate


class Offered(NamedTuple):
    service: str


class Named(NamedTuple):
    """What an event is called: its kind, where and when."""

    id: int
    kind: str
    hall: str
    day: str  # local ISO


class Slot(NamedTuple):
    id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    capacity: int
    taken: int


class Free(NamedTuple):
    """A slot of an open event, and where it is."""

    id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    capacity: int
    taken: int
    event_id: int
    day: str
    hall: str
    hamlet_id: int | None


class Said(NamedTuple):
    """A text about a booking as it stands, or about what it was moved to."""

    id: int
    status: str


class Together(NamedTuple):
    id: int
    party_id: int | None
    slot_id: int


class ToTell(NamedTuple):
    id: int
    done_at: int | None  # UTC ms


class Queued(NamedTuple):
    """Whose seat is kept, who was offered one, or waits."""

    slot_id: int
    status: str
    until: int | None  # UTC ms
    priority: int
    places: int
    code: str
    person_id: int
    name: str
    hamlet_id: int | None


# Seats taken in a slot, now: places of live bookings.
_TAKEN = f"""
    (SELECT CAST(COALESCE(SUM(places), 0) AS INTEGER) FROM bookings
     WHERE slot_id = s.id AND {LIVE.format(now=":now")})
"""
_SLOTS = Query(
    text(f"""
    SELECT s.id, s.starts_at, s.ends_at, s.capacity, {_TAKEN} AS taken FROM slots s
    WHERE s.event_id = :event_id
    ORDER BY s.starts_at
    """),
    Slot,
)
# What comes free while somebody waits is theirs, and no clerk's to give.
_FREE = Query(
    text(f"""
    SELECT s.id, s.starts_at, s.ends_at, s.capacity, {_TAKEN} AS taken, e.id AS event_id, e.day, h.name AS hall,
      h.hamlet_id
    FROM slots s
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.state = 'open' AND e.bookable
      AND s.starts_at > :now AND s.starts_at < :until
      AND (s.starts_at <= :now + {OFFERS_STOP_MS} OR NOT EXISTS (
        SELECT 1 FROM bookings w WHERE w.slot_id = s.id AND w.status = 'waiting'))
    ORDER BY e.day, h.name, e.id, s.starts_at
    """),
    Free,
)
# Whoever was moved away left a row behind: they were told of the booking that moved, as it was once it had.
_ABOUT = "COALESCE(b.moved_id, b.id)"
_AS_TOLD = "b.revision + CASE WHEN b.moved_id IS NULL THEN 0 ELSE 1 END"
_TEXTS = Query(
    text(f"""
    SELECT b.id, m.status
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN messages m ON m.booking_id = {_ABOUT} AND m.revision = {_AS_TOLD}
    WHERE s.event_id = :event_id AND m.kind IN ('event_moved', 'event_cancelled', 'event_choice', 'slot_choice')
    ORDER BY m.id
    """),
    Said,
)
_PARTIES = Query(
    text("""
    SELECT b.id, b.party_id, b.slot_id FROM slots s JOIN bookings b ON b.slot_id = s.id
    WHERE s.event_id = :event_id
    """),
    Together,
)
_TASKS = Query(
    text(f"""
    SELECT b.id, t.done_at
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN tasks t ON t.booking_id = {_ABOUT} AND t.revision = {_AS_TOLD}
    WHERE s.event_id = :event_id AND t.kind = 'tell'
    ORDER BY t.id
    """),
    ToTell,
)
# As seats are offered: those who have an offer, then those who wait, in their order.
_QUEUE = Query(
    text("""
    SELECT b.slot_id, b.status, b.until, b.priority, b.places, b.code, b.person_id, p.name, p.hamlet_id
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN people p ON p.id = b.person_id
    WHERE s.event_id = :event_id
      AND (b.status = 'waiting' OR (b.status IN ('held', 'offered') AND b.until > :now))
    ORDER BY CASE b.status WHEN 'held' THEN 0 WHEN 'offered' THEN 1 ELSE 2 END, b.priority, b.made_at, b.id
    """),
    Queued,
)
_LINES = f"""
    SELECT e.id, e.day, e.state, e.note, e.hall_id, e.counters, h.name AS hall, h.hamlet_id,
      MIN(t.starts_at) AS starts_at, MAX(t.ends_at) AS ends_at, COUNT(t.starts_at) AS slots,
      MIN(t.capacity) AS places, COALESCE(SUM(t.capacity), 0) AS capacity, COALESCE(SUM(t.taken), 0) AS taken,
      COALESCE(SUM(CASE WHEN t.taken > t.capacity THEN t.taken - t.capacity ELSE 0 END), 0) AS over_by,
      e.kind, e.run_by, e.bring, e.bring_en, e.bookable, e.number, e.school_id
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    LEFT JOIN (
      SELECT s.event_id, s.starts_at, s.ends_at, s.capacity, {_TAKEN} AS taken FROM slots s
      WHERE s.event_id {{of}}) t ON t.event_id = e.id
    WHERE e.commune_id = :commune_id AND e.id {{of}}
    GROUP BY e.id, e.day, e.state, e.note, e.hall_id, e.counters, h.name, h.hamlet_id, e.kind, e.run_by, e.bring,
      e.bring_en, e.bookable, e.number, e.school_id
"""
_OVER = """
    (EXISTS (SELECT 1 FROM slots t WHERE t.event_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM slots t WHERE t.event_id = o.id AND t.ends_at > :now))
"""
_WHEN = {
    False: f"(o.day > :day OR (o.day = :day AND NOT {_OVER}))",
    True: f"(o.day < :day OR (o.day = :day AND {_OVER}))",
}  # by whether they are over
_DIRECTION = {False: "ASC", True: "DESC"}
# Which they are is asked first: else the seats of all that ever was would be added up for the few that are shown.
_LISTED = {
    past: Query(
        text(
            _LINES.format(
                of=f"""
                IN (
                  SELECT o.id FROM events o JOIN halls l ON l.id = o.hall_id
                  WHERE o.commune_id = :commune_id AND {when}
                    AND (CAST(:kind AS VARCHAR) = '' OR o.kind = :kind)
                    AND (CAST(:hamlet_id AS BIGINT) IS NULL OR l.hamlet_id = :hamlet_id)
                  ORDER BY o.day {_DIRECTION[past]}, o.id LIMIT :most OFFSET :skip)
                """
            )
            + f"ORDER BY e.day {_DIRECTION[past]}, starts_at, h.name"
        ),
        Event,
    )
    for past, when in _WHEN.items()
}
_EVENT = Query(text(_LINES.format(of="= :event_id")), Event)
_NAMES = """
    SELECT e.id, e.kind, h.name AS hall, e.day
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    WHERE e.id IN ({ids})
"""
_SERVICES = Query(
    text(
        "SELECT service FROM event_services WHERE event_id = :event_id ORDER BY service"
    ),
    Offered,
)
_TOLD = {
    "SENT": "told",
    "DELIVERED": "told",
    "QUEUED": "telling",
    "CLAIMED": "telling",
    "SENDING": "telling",
}


def listed(
    tx: Tx, wanted: Listing, *, now: int, skip: int = 0, most: int
) -> list[Event]:
    """Coming ones nearest first, those that are over latest first; `now` (UTC ms) decides which holds still count as
    taken.
    """
    return tx.all(
        _LISTED[wanted.past], commune_id=wanted.commune_id, day=wanted.day, kind=wanted.kind,
        hamlet_id=wanted.hamlet_id, now=now, skip=skip, most=most,
    )  # fmt: skip


def coming(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Event]:
    """Events from that day on which are not over, nearest first. `now` is UTC ms."""
    return listed(tx, Listing(commune_id, day), now=now, most=COMING_MOST)


def event(tx: Tx, event_id: int, *, commune_id: int, now: int) -> Event | None:
    return tx.one(_EVENT, event_id=event_id, commune_id=commune_id, now=now)


def names(tx: Tx, ids: Sequence[int]) -> dict[int, Named]:
    """By id, of those that there are."""
    if not ids:
        return {}
    rows = tx.all(Query(text(_NAMES.format(ids=list_of_ids(ids))), Named))
    return {row.id: row for row in rows}


def services_of(tx: Tx, event_id: int) -> list[str]:
    """What one can get there."""
    return [row.service for row in tx.all(_SERVICES, event_id=event_id)]


def slots_of(tx: Tx, event_id: int, *, now: int) -> list[Slot]:
    """The slots in order of time, with capacity and seats taken; over by `taken - capacity` where positive."""
    return tx.all(_SLOTS, event_id=event_id, now=now)


def queue(tx: Tx, event_id: int, *, now: int) -> dict[int, list[Queued]]:
    """By slot, whose seat is kept, who was offered one and who waits for one, in the order in which they are served."""
    found: dict[int, list[Queued]] = {}
    for row in tx.all(_QUEUE, event_id=event_id, now=now):
        found.setdefault(row.slot_id, []).append(row)
    return found


def free(tx: Tx, *, commune_id: int, now: int, until: int) -> list[Free]:
    """Slots of open events that have not begun and still have a seat, by day, hall and time."""
    return [
        slot
        for slot in tx.all(_FREE, commune_id=commune_id, now=now, until=until)
        if slot.taken < slot.capacity
    ]


def told(tx: Tx, event_id: int) -> dict[int, str]:
    """By booking, of those whom a change of the event concerns: told, telling (a text is on its way), not_told.

    A party is told by one text.
    """
    fates = {}
    for text_row in tx.all(_TEXTS, event_id=event_id):
        fates[text_row.id] = _TOLD.get(text_row.status, "not_told")
    for task in tx.all(_TASKS, event_id=event_id):
        fates[task.id] = "told" if task.done_at else "not_told"
    parties = [row for row in tx.all(_PARTIES, event_id=event_id) if row.party_id]
    of_party = {
        (row.party_id, row.slot_id): fates[row.id] for row in parties if row.id in fates
    }
    for row in parties:
        fate = of_party.get((row.party_id, row.slot_id))
        if fate is not None:
            fates.setdefault(row.id, fate)
    return fates
