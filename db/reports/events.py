"""Events with how full they are, their slots, and the free seats a clerk can give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.models import INTERNAL, LIVE, OFFERS_STOP_MS
from db.reports import paging
from db.reports.by_id import by_id
from db.reports.paging import TOP, Page, Place, beyond, order
from db.store.engine import Tx
from db.store.statements import Query, list_of_ids

COMING_MOST = 200


class Listing(NamedTuple):
    """Which events are asked for on that local day (ISO): those to come or those that
    are over; of a kind, of a hamlet's halls, where these are named.
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
    internal: bool  # a round that residents are not told of; 0 or 1 on SQLite


class Listed(NamedTuple):
    id: int


class Offered(NamedTuple):
    service: str


class Named(NamedTuple):
    """What an event is called: its kind, where and when."""

    id: int
    kind: str
    hall: str
    day: str  # local ISO


class Booked(NamedTuple):
    """What a booking was made for, and its time."""

    id: int  # of the booking
    kind: str
    hall: str
    day: str  # local ISO
    starts_at: int  # UTC ms


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
# Whoever was moved away left a row behind: they were told of the booking that moved, as
# it was once it had.
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
      e.kind, e.run_by, e.bring, e.bring_en, e.bookable, e.number, e.school_id,
      {INTERNAL.format(e="e")} AS internal
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
# by whether they are over
_WHEN = {
    False: f"(o.day > :day OR (o.day = :day AND NOT {_OVER}))",
    True: f"(o.day < :day OR (o.day = :day AND {_OVER}))",
}
# Which they are is asked first: else the seats of all that ever was would be added up
# for the few that are shown.
_PLACES = """
    SELECT o.id
    FROM events o
    JOIN halls l ON l.id = o.hall_id
    WHERE o.commune_id = :commune_id AND {when}
      AND (CAST(:kind AS VARCHAR) = '' OR o.kind = :kind)
      AND (CAST(:hamlet_id AS BIGINT) IS NULL OR l.hamlet_id = :hamlet_id)
      {beyond}
    {order}
    LIMIT :most
"""
_BESIDE = "((SELECT d.day FROM events d WHERE d.id = :beside), CAST(:beside AS BIGINT))"
# What lies further on is older where they are over, later where they are to come.
_LATER = {"": "newer", "older": "newer", "newer": "older"}


def _placed(past: bool, way: str) -> Query[Listed]:
    to = way
    onward = ""
    if not past:
        to = _LATER[way]
    if way:
        onward = beyond(to, "(o.day, o.id)", _BESIDE)
    in_order = order(to, "o.day", "o.id")
    sql = _PLACES.format(when=_WHEN[past], beyond=onward, order=in_order)
    return Query(text(sql), Listed)


_LISTED = {(past, way): _placed(past, way) for past in _WHEN for way in paging.WAYS}
_IN_ORDER = {
    False: "ORDER BY e.day, starts_at, h.name, e.id",
    True: "ORDER BY e.day DESC, starts_at, h.name, e.id",
}
_EVENT = Query(text(_LINES.format(of="= :event_id")), Event)
_NAMES = """
    SELECT e.id, e.kind, h.name AS hall, e.day
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    WHERE e.id IN ({ids})
"""
_OF_BOOKINGS = """
    SELECT b.id, e.kind, h.name AS hall, e.day, s.starts_at
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE b.id IN ({ids})
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


def page(tx: Tx, wanted: Listing, *, place: Place, size: int, now: int) -> Page[Event]:
    """Coming ones nearest first, those that are over latest first; `now` (UTC ms)
    decides which holds still count as taken.
    """

    def read(at: Place, most: int) -> list[Listed]:
        return tx.all(
            _LISTED[wanted.past, at.way],
            commune_id=wanted.commune_id,
            day=wanted.day,
            kind=wanted.kind,
            hamlet_id=wanted.hamlet_id,
            now=now,
            beside=at.beside,
            most=most,
        )

    found = paging.page(read, place, size)
    ids = [row.id for row in found.rows]
    events = _of_ids(tx, wanted, ids, now)
    return Page(events, found.newer, found.older)


def _of_ids(tx: Tx, wanted: Listing, ids: Sequence[int], now: int) -> list[Event]:
    if not ids:
        return []
    among = f"IN ({list_of_ids(ids)})"
    sql = _LINES.format(of=among) + _IN_ORDER[wanted.past]
    return tx.all(Query(text(sql), Event), commune_id=wanted.commune_id, now=now)


def coming(tx: Tx, *, commune_id: int, day: str, now: int) -> list[Event]:
    """Events from that day on which are not over, nearest first. `now` is UTC ms."""
    wanted = Listing(commune_id, day)
    return page(tx, wanted, place=TOP, size=COMING_MOST, now=now).rows


def event(tx: Tx, event_id: int, *, commune_id: int, now: int) -> Event | None:
    return tx.one(_EVENT, event_id=event_id, commune_id=commune_id, now=now)


def names(tx: Tx, ids: Sequence[int]) -> dict[int, Named]:
    """By id, of those that there are."""
    return by_id(tx, _NAMES, ids, Named)


def of_bookings(tx: Tx, ids: Sequence[int]) -> dict[int, Booked]:
    """By the booking's id, of those that there are."""
    return by_id(tx, _OF_BOOKINGS, ids, Booked)


def services_of(tx: Tx, event_id: int) -> list[str]:
    """What one can get there."""
    return [row.service for row in tx.all(_SERVICES, event_id=event_id)]


def slots_of(tx: Tx, event_id: int, *, now: int) -> list[Slot]:
    """The slots in order of time, with capacity and seats taken; over by `taken -
    capacity` where positive.
    """
    return tx.all(_SLOTS, event_id=event_id, now=now)


def queue(tx: Tx, event_id: int, *, now: int) -> dict[int, list[Queued]]:
    """By slot, whose seat is kept, who was offered one and who waits for one, in the
    order in which they are served.
    """
    found: dict[int, list[Queued]] = {}
    for row in tx.all(_QUEUE, event_id=event_id, now=now):
        in_slot = found.setdefault(row.slot_id, [])
        in_slot.append(row)
    return found


def free(tx: Tx, *, commune_id: int, now: int, until: int) -> list[Free]:
    """Slots of open events that have not begun and still have a seat, by day, hall and
    time.
    """
    slots = tx.all(_FREE, commune_id=commune_id, now=now, until=until)
    return [slot for slot in slots if slot.taken < slot.capacity]


def told(tx: Tx, event_id: int) -> dict[int, str]:
    """By booking, of those whom a change of the event concerns: told, telling (a text
    is on its way), not_told.

    A party is told by one text.
    """
    fates = {}
    for text_row in tx.all(_TEXTS, event_id=event_id):
        fates[text_row.id] = _TOLD.get(text_row.status, "not_told")
    for task in tx.all(_TASKS, event_id=event_id):
        fates[task.id] = "told" if task.done_at else "not_told"
    _share(fates, tx.all(_PARTIES, event_id=event_id))
    return fates


def _share(fates: dict[int, str], booked: Sequence[Together]) -> None:
    """Whoever comes with somebody is told by that one's text."""
    of_party = {}
    for row in booked:
        if row.party_id and row.id in fates:
            of_party[row.party_id, row.slot_id] = fates[row.id]
    for row in booked:
        party = (row.party_id, row.slot_id)
        if party in of_party:
            fates.setdefault(row.id, of_party[party])
