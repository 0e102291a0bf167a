"""Finding a person, and all that is known of one: facts with source, bookings, what counts, messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select

from db.models import (
    bookings,
    businesses,
    consents,
    counted,
    events,
    facts,
    halls,
    hamlets,
    households,
    indicators,
    messages,
    people,
    slots,
    staff,
)
from db.store.engine import Tx
from db.store.statements import Row, Statement

_FACTS = Statement(
    select(facts.c.kind, facts.c.source, facts.c.value, facts.c.at, staff.c.username.label("staff"))
    .outerjoin(staff, staff.c.id == facts.c.staff_id)
    .where(facts.c.person_id == bindparam("person"))
    .order_by(facts.c.kind, facts.c.at.desc())
)
_COMES, _BOOKS = people.alias("comes"), people.alias("books")
# A hold or an offer that became a booking is that booking.
_BOOKINGS = Statement(
    select(bookings.c.id, bookings.c.code, bookings.c.status, bookings.c.reason, bookings.c.origin,
           bookings.c.person_id, bookings.c.booker_id, bookings.c.until,
           _COMES.c.name.label("comes"), _COMES.c.hamlet_id.label("comes_from"),
           _BOOKS.c.name.label("books"), _BOOKS.c.hamlet_id.label("books_from"),
           slots.c.starts_at, events.c.day, events.c.id.label("event_id"), halls.c.name.label("hall"))
    .join(slots, slots.c.id == bookings.c.slot_id)
    .join(events, events.c.id == slots.c.event_id)
    .join(halls, halls.c.id == events.c.hall_id)
    .join(_COMES, _COMES.c.id == bookings.c.person_id)
    .join(_BOOKS, _BOOKS.c.id == bookings.c.booker_id)
    .where(or_(bookings.c.person_id == bindparam("person"), bookings.c.booker_id == bindparam("person")),
           bookings.c.status != "taken", or_(bookings.c.status != "held", bookings.c.until > bindparam("now")))
    .order_by(slots.c.starts_at.desc(), bookings.c.id)
    .limit(50)
)  # fmt: skip
_COUNTED = Statement(
    select(counted.c.indicator_id, counted.c.day)
    .join(indicators, indicators.c.id == counted.c.indicator_id)
    .where(indicators.c.subject == bindparam("kind"), counted.c.subject_id == bindparam("subject"))
)
_MESSAGES = Statement(
    select(messages.c.id, messages.c.direction, messages.c.kind, messages.c.status, messages.c.reason,
           messages.c.made_at, messages.c.text)
    .where(messages.c.phone == bindparam("phone"))
    .order_by(messages.c.made_at.desc(), messages.c.id.desc())
    .limit(20)
)  # fmt: skip
_CONSENTS = Statement(
    select(consents.c.purpose, consents.c.channel, consents.c.at, consents.c.withdrawn_at)
    .where(consents.c.person_id == bindparam("person"))
    .order_by(consents.c.at.desc())
)
_BUSINESSES = (
    select(
        businesses.c.id,
        businesses.c.kind,
        businesses.c.name,
        businesses.c.hamlet_id,
        hamlets.c.name.label("hamlet"),
        indicators.c.id.label("indicator_id"),
        indicators.c.key.label("indicator"),
        counted.c.day.label("counted_on"),
    )
    .outerjoin(hamlets, hamlets.c.id == businesses.c.hamlet_id)
    .outerjoin(indicators, and_(indicators.c.subject == "business", indicators.c.kind == businesses.c.kind))
    .outerjoin(counted, and_(counted.c.indicator_id == indicators.c.id, counted.c.subject_id == businesses.c.id))
    .order_by(businesses.c.kind, businesses.c.name, businesses.c.id)
)


def _lines() -> Select[Any]:
    return (
        select(
            people,
            hamlets.c.name.label("hamlet"),
            households.c.code.label("household"),
            households.c.poor.label("household_poor"),
        )
        .outerjoin(hamlets, hamlets.c.id == people.c.hamlet_id)
        .outerjoin(households, households.c.id == people.c.household_id)
        .where(people.c.erased_at.is_(None))
    )


def find(tx: Tx, *, commune_id: int, hamlet_id: int | None, folded: str, digits: str, phone: str) -> list[Row]:
    """At most fifty people by name (folded, any part of it), whole number, end of a number, or booking code."""
    ways: list[Any] = []
    if phone:
        ways.append(people.c.phone == phone)
    elif len(digits) >= 3:
        ways.append(people.c.phone.like(f"%{digits}"))
    if len(digits) == 5:
        ways.append(people.c.id.in_(select(bookings.c.person_id).where(bookings.c.code == digits)))
    if folded and not digits:
        ways.append(people.c.folded.contains(folded, autoescape=True))
    if not ways:
        return []
    lines = _lines().where(people.c.commune_id == commune_id, or_(*ways))
    if hamlet_id is not None:
        lines = lines.where(people.c.hamlet_id == hamlet_id)
    return tx.all(lines.order_by(people.c.folded, people.c.id).limit(50))


def person(tx: Tx, person_id: int, commune_id: int) -> Row | None:
    return tx.one(_lines().where(people.c.id == person_id, people.c.commune_id == commune_id))


def facts_of(tx: Tx, person_id: int) -> list[Row]:
    return tx.all(_FACTS, person=person_id)


def bookings_of(tx: Tx, person_id: int, now: int) -> list[Row]:
    """Made for the person, or from the person's phone; latest first. `comes` and `books` are names."""
    return tx.all(_BOOKINGS, person=person_id, now=now)


def counted_for(tx: Tx, subject: str, subject_id: int) -> dict[int, str]:
    """Indicators that count now for this person, household or business, with the day."""
    return {row.indicator_id: row.day for row in tx.all(_COUNTED, kind=subject, subject=subject_id)}


def messages_of(tx: Tx, phone: str) -> list[Row]:
    return tx.all(_MESSAGES, phone=phone)


def consents_of(tx: Tx, person_id: int) -> list[Row]:
    return tx.all(_CONSENTS, person=person_id)


def businesses_of(tx: Tx, *, commune_id: int, hamlet_id: int | None) -> list[Row]:
    """Shops, schools, service points, with the indicator each can earn and the day it did."""
    lines = _BUSINESSES.where(businesses.c.commune_id == commune_id)
    return tx.all(lines if hamlet_id is None else lines.where(businesses.c.hamlet_id == hamlet_id))
