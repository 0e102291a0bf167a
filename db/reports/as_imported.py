"""What is there now, in the columns of the lists that are taken in
(db/commands/imports/kinds.py): it can be taken away, mended and taken in again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import text

from db.store.engine import Tx, from_ms
from db.store.statements import Query
from menus import days

MINUTE_MS = 60_000


class Resident(NamedTuple):
    phone: str | None  # E.164
    name: str
    hamlet: str
    household: str | None  # its code
    handset: str | None  # as the register has it
    sim: str | None
    poor: str | None


class Household(NamedTuple):
    code: str
    hamlet: str
    poor: str


class Target(NamedTuple):
    indicator: str
    hamlet: str | None  # none: the whole commune
    denominator: int
    target: int | None  # none: the plan asks for no number
    as_of: str  # ISO
    source: str


class Business(NamedTuple):
    name: str
    hamlet: str | None
    kind: str
    owner: str | None
    phone: str | None  # E.164, of the owner


class Parent(NamedTuple):
    school: str
    of_class: str
    phone: str  # E.164
    agreed_on: str  # ISO
    asked: str  # how; a HowAsked
    adverts_on: str | None  # ISO; none where no staff wrote a consent to adverts down


class Slot(NamedTuple):
    """One time of an event to come."""

    event_id: int
    date: str  # ISO
    hall: str
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    capacity: int
    kind: str
    run_by: str
    bring: str
    bring_en: str
    bookable: bool  # 0 or 1 on SQLite


class Stretch(NamedTuple):
    """Times of an event that follow each other, as one row of a list."""

    date: str  # ISO
    hall: str
    opens: str  # 08:00
    closes: str  # 11:00
    minutes: int | None
    places: int | None
    kind: str
    services: Sequence[str]
    run_by: str
    bring: str
    bring_en: str


class Offered(NamedTuple):
    event_id: int
    service: str


_FACT = """
    (SELECT f.value FROM facts f WHERE f.person_id = p.id AND f.kind = '{kind}' AND f.source = 'register') AS {kind}
"""
_RESIDENTS = Query(
    text(f"""
    SELECT p.phone, p.name, h.name AS hamlet, o.code AS household, {_FACT.format(kind="handset")},
      {_FACT.format(kind="sim")}, {_FACT.format(kind="poor")}
    FROM people p
    JOIN hamlets h ON h.id = p.hamlet_id
    LEFT JOIN households o ON o.id = p.household_id
    WHERE p.commune_id = :commune_id AND p.erased_at IS NULL AND (p.phone IS NOT NULL OR p.name <> '')
    ORDER BY h.position, o.code, p.id
    """),
    Resident,
)
_HOUSEHOLDS = Query(
    text("""
    SELECT o.code, h.name AS hamlet, o.poor
    FROM households o
    JOIN hamlets h ON h.id = o.hamlet_id
    WHERE o.commune_id = :commune_id
    ORDER BY h.position, o.code
    """),
    Household,
)
_TARGETS = Query(
    text("""
    SELECT i.name AS indicator, h.name AS hamlet, t.denominator, t.target, t.as_of, t.source
    FROM targets t
    JOIN indicators i ON i.id = t.indicator_id
    JOIN programmes g ON g.id = i.programme_id
    LEFT JOIN hamlets h ON h.id = t.hamlet_id
    WHERE g.commune_id = :commune_id
    ORDER BY i.position, h.position, t.as_of
    """),
    Target,
)
_BUSINESSES = Query(
    text("""
    SELECT b.name, h.name AS hamlet, b.kind, p.name AS owner, p.phone
    FROM businesses b
    LEFT JOIN hamlets h ON h.id = b.hamlet_id
    LEFT JOIN people p ON p.id = b.owner_id
    WHERE b.commune_id = :commune_id AND b.closed_at IS NULL
    ORDER BY b.kind, h.position, b.name, b.id
    """),
    Business,
)
_PARENTS = Query(
    text("""
    SELECT b.name AS school, c.name AS of_class, p.phone, a.agreed_on, a.asked,
      (SELECT MAX(k.answer) FROM consents k
        WHERE k.person_id = p.id AND k.purpose = 'advert' AND k.withdrawn_at IS NULL
          AND SUBSTR(k.prompt, 1, 8) = 'parents:') AS adverts_on
    FROM parents a
    JOIN classes c ON c.id = a.class_id
    JOIN businesses b ON b.id = c.school_id
    JOIN people p ON p.id = a.person_id
    WHERE b.commune_id = :commune_id AND a.withdrawn_at IS NULL AND p.phone IS NOT NULL
    ORDER BY b.name, c.name, a.id
    """),
    Parent,
)
_SLOTS = Query(
    text("""
    SELECT e.id AS event_id, e.day AS date, l.name AS hall, s.starts_at, s.ends_at, s.capacity, e.kind, e.run_by,
      e.bring, e.bring_en, e.bookable
    FROM events e
    JOIN halls l ON l.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE e.commune_id = :commune_id AND e.day >= :today AND e.state <> 'cancelled'
    ORDER BY e.day, e.id, s.starts_at
    """),
    Slot,
)
_SERVICES = Query(
    text("""
    SELECT v.event_id, v.service
    FROM event_services v
    JOIN events e ON e.id = v.event_id
    WHERE e.commune_id = :commune_id AND e.day >= :today
    ORDER BY v.event_id, v.service
    """),
    Offered,
)
Rows = Sequence[tuple[object, ...]]


def _of(query: Query[Any]) -> Callable[[Tx, int, str], Rows]:
    def read(tx: Tx, commune_id: int, today: str) -> Rows:
        return tx.all(query, commune_id=commune_id)

    return read


def _events(tx: Tx, commune_id: int, today: str) -> Rows:
    """Those from today on; a row for each stretch of times of one length."""
    offered: dict[int, list[str]] = {}
    for row in tx.all(_SERVICES, commune_id=commune_id, today=today):
        services = offered.setdefault(row.event_id, [])
        services.append(row.service)
    slots = tx.all(_SLOTS, commune_id=commune_id, today=today)
    rows = []
    for event_id, of_event in groupby(slots, key=lambda slot: slot.event_id):
        services = offered.get(event_id, [])
        for stretch in _stretches(of_event):
            rows.append(_row(stretch, services))  # noqa: PERF401  # a loop in a loop
    return rows


def _stretches(slots: Iterator[Slot]) -> list[list[Slot]]:
    """Slots of one length and size that follow each other."""
    found: list[list[Slot]] = []
    for slot in slots:
        if found and _follows(slot, found[-1][-1]):
            found[-1].append(slot)
        else:
            found.append([slot])
    return found


def _follows(slot: Slot, before: Slot) -> bool:
    is_as_long = slot.ends_at - slot.starts_at == before.ends_at - before.starts_at
    is_next = slot.starts_at == before.ends_at
    return is_as_long and is_next and slot.capacity == before.capacity


def _row(stretch: list[Slot], services: Sequence[str]) -> Stretch:
    first = stretch[0]
    minutes = places = None
    if first.bookable:
        minutes = (first.ends_at - first.starts_at) // MINUTE_MS
        places = first.capacity
    return Stretch(
        first.date,
        first.hall,
        _clock(first.starts_at),
        _clock(stretch[-1].ends_at),
        minutes,
        places,
        first.kind,
        services,
        first.run_by,
        first.bring,
        first.bring_en,
    )


def _clock(ms: int) -> str:
    return days.local(from_ms(ms)).strftime("%H:%M")


# By kind, in the order of its columns. Numbers that take no adverts are kept as a code
# that nobody can read back.
READ: Mapping[str, Callable[[Tx, int, str], Rows]] = {
    "residents": _of(_RESIDENTS),
    "households": _of(_HOUSEHOLDS),
    "events": _events,
    "targets": _of(_TARGETS),
    "businesses": _of(_BUSINESSES),
    "parents": _of(_PARENTS),
}
