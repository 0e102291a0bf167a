"""Finding a person, and all that is known of one: facts with source, bookings, what
counts, messages.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models import TURNED
from db.store.engine import Tx
from db.store.statements import Query

MOST = 50  # people that one search shows
# of a number's end that its index holds: a whole mobile number without the country
DIGITS = 9


class Person(NamedTuple):
    id: int
    commune_id: int
    phone: str | None  # E.164
    name: str
    folded: str
    hamlet_id: int | None
    household_id: int | None
    hamlet: str | None
    household: str | None  # its code
    household_poor: str | None


class Fact(NamedTuple):
    kind: str
    source: str
    value: str
    at: int  # UTC ms
    staff: str | None


class Seat(NamedTuple):
    """A booking of somebody's, or from their phone."""

    id: int
    code: str
    status: str
    reason: str
    origin: str
    person_id: int
    booker_id: int
    until: int | None  # UTC ms
    comes: str
    comes_from: int | None
    books: str
    books_from: int | None
    starts_at: int  # UTC ms
    day: str
    event_id: int
    hall: str


class Counted(NamedTuple):
    indicator_id: int
    day: str


class Said(NamedTuple):
    """A text from or to somebody."""

    id: int
    direction: str
    kind: str
    status: str
    reason: str
    made_at: int  # UTC ms
    text: str
    broadcast_id: int | None  # none: of no broadcast
    broadcast: str | None  # what the broadcast is called


class Consent(NamedTuple):
    purpose: str
    channel: str
    at: int  # UTC ms
    withdrawn_at: int | None  # UTC ms


_FACTS = Query(
    text("""
    SELECT f.kind, f.source, f.value, f.at, s.username AS staff
    FROM facts f LEFT JOIN staff s ON s.id = f.staff_id
    WHERE f.person_id = :person_id
    ORDER BY f.kind, f.at DESC
    """),
    Fact,
)
# A hold or an offer that became a booking is that booking.
_BOOKINGS = Query(
    text("""
    SELECT b.id, b.code, b.status, b.reason, b.origin, b.person_id, b.booker_id, b.until, c.name AS comes,
      c.hamlet_id AS comes_from, k.name AS books, k.hamlet_id AS books_from, s.starts_at, e.day, e.id AS event_id,
      h.name AS hall
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    JOIN people c ON c.id = b.person_id
    JOIN people k ON k.id = b.booker_id
    WHERE (b.person_id = :person_id OR b.booker_id = :person_id)
      AND b.status <> 'taken' AND (b.status <> 'held' OR b.until > :now)
    ORDER BY s.starts_at DESC, b.id LIMIT 50
    """),
    Seat,
)
# CROSS: for each of the few indicators one look, on SQLite too.
_COUNTED = Query(
    text("""
    SELECT c.indicator_id, c.day
    FROM indicators i CROSS JOIN counted c
    WHERE i.subject = :subject AND c.indicator_id = i.id AND c.subject_id = :subject_id
    """),
    Counted,
)
_MESSAGES = Query(
    text("""
    SELECT m.id, m.direction, m.kind, m.status, m.reason, m.made_at, m.text, g.broadcast_id, b.name AS broadcast
    FROM messages m
    LEFT JOIN firings g ON g.id = m.firing_id
    LEFT JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE m.phone = :phone
    ORDER BY m.made_at DESC, m.id DESC LIMIT 20
    """),
    Said,
)
_CONSENTS = Query(
    text(
        "SELECT purpose, channel, at, withdrawn_at FROM consents WHERE person_id = :person_id ORDER BY at DESC"
    ),
    Consent,
)
_PEOPLE = """
    SELECT p.id, p.commune_id, p.phone, p.name, p.folded, p.hamlet_id, p.household_id, h.name AS hamlet,
      o.code AS household, o.poor AS household_poor
    FROM {among}people p{met}
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    LEFT JOIN households o ON o.id = p.household_id
    WHERE p.commune_id = :commune_id AND p.erased_at IS NULL
"""
_PERSON = Query(
    text(f"{_PEOPLE.format(among='', met='')} AND p.id = :person_id"), Person
)
# By a way to look, the ids of who may be meant. Each is a stretch of an index that ends
# by itself: of a name, or of three digits, that thousands have, twice as many as are
# shown are looked at (one may be met at two words of a name).
_WAYS = {
    "phone": "SELECT id FROM people WHERE phone = :phone",
    "code": "SELECT DISTINCT person_id AS id FROM bookings WHERE code = :code",
    "end": f"""
      SELECT id FROM people
      WHERE commune_id = :commune_id {{scope}} AND {TURNED} >= :first AND {TURNED} <= :last AND phone LIKE :ending
      ORDER BY {TURNED} LIMIT {2 * MOST}
    """,
    "name": f"""
      SELECT person_id AS id FROM name_ends
      WHERE {{whose}} AND words >= :first AND words < :last
      ORDER BY words LIMIT {2 * MOST}
    """,
}
_SCOPES = {
    False: ("", "commune_id = :commune_id"),
    True: ("AND hamlet_id = :hamlet_id", "hamlet_id = :hamlet_id"),
}
_FOUND = {
    (way, in_hamlet): Query(
        text(f"""
        {_PEOPLE.format(among=f"({ids.format(scope=scope, whose=whose)}) met JOIN ", met=" ON p.id = met.id")}
          {scope and "AND p.hamlet_id = :hamlet_id"}
        ORDER BY p.folded, p.id LIMIT {2 * MOST}
        """),
        Person,
    )
    for way, ids in _WAYS.items()
    for in_hamlet, (scope, whose) in _SCOPES.items()
}
_BEYOND = "\U0010ffff"  # comes after every letter, on both engines


def find(
    tx: Tx,
    *,
    commune_id: int,
    hamlet_id: int | None,
    folded: str,
    digits: str,
    phone: str,
) -> list[Person]:
    """At most fifty people by name (folded, from the beginning of any word of it),
    whole number, end of a number, or booking code.
    """
    ways: dict[str, dict[str, str]] = {}
    if phone:
        ways["phone"] = {"phone": phone}
    elif len(digits) >= 3:
        turned = digits[::-1][:DIGITS]
        ways["end"] = {
            "first": turned,
            "last": turned + "9" * DIGITS,
            "ending": f"%{digits}",
        }
    if len(digits) == 5:
        ways["code"] = {"code": digits}
    if folded and not digits:
        ways["name"] = {"first": folded, "last": folded + _BEYOND}
    in_hamlet = hamlet_id is not None
    found = {}
    for way, values in ways.items():
        for person in tx.all(
            _FOUND[way, in_hamlet], commune_id=commune_id, hamlet_id=hamlet_id, **values
        ):
            found[person.id] = person
    by_name = sorted(found.values(), key=lambda person: (person.folded, person.id))
    return by_name[:MOST]


def person(tx: Tx, person_id: int, commune_id: int) -> Person | None:
    return tx.one(_PERSON, person_id=person_id, commune_id=commune_id)


def facts_of(tx: Tx, person_id: int) -> list[Fact]:
    return tx.all(_FACTS, person_id=person_id)


def bookings_of(tx: Tx, person_id: int, now: int) -> list[Seat]:
    """Made for the person, or from the person's phone; latest first. `comes` and
    `books` are names.
    """
    return tx.all(_BOOKINGS, person_id=person_id, now=now)


def counted_for(tx: Tx, subject: str, subject_id: int) -> dict[int, str]:
    """Indicators that count now for this person, household or business, with the day."""
    return {
        row.indicator_id: row.day
        for row in tx.all(_COUNTED, subject=subject, subject_id=subject_id)
    }


def messages_of(tx: Tx, phone: str) -> list[Said]:
    return tx.all(_MESSAGES, phone=phone)


def consents_of(tx: Tx, person_id: int) -> list[Consent]:
    return tx.all(_CONSENTS, person_id=person_id)
