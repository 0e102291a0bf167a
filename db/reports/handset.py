"""Behind the browser handset: which demo residents to try, what the commune is called, and a phone's texts."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, func, or_, select

from db.engine import Row, Statement, Tx
from db.models import bookings, commune_names, communes, facts, hamlets, households, messages, people

LAST = 50  # texts shown
DEMO_BLOCK = "+84990000%"

_COMMUNE = Statement(
    select(communes.c.service_code, communes.c.sms_number, commune_names.c.name)
    .join_from(communes, commune_names, commune_names.c.commune_id == communes.c.id)
    .where(commune_names.c.since <= bindparam("today"))
    .order_by(communes.c.id, commune_names.c.since.desc())
    .limit(1)
)
# One row for each source that speaks of the handset, the best source last.
_RESIDENTS = Statement(
    select(
        people.c.phone,
        people.c.name,
        people.c.origin,
        hamlets.c.name.label("hamlet"),
        households.c.poor,
        facts.c.value.label("handset"),
        exists().where(bookings.c.person_id == people.c.id, bookings.c.status == "booked").label("booked"),
    )
    .outerjoin_from(people, hamlets, hamlets.c.id == people.c.hamlet_id)
    .outerjoin(households, households.c.id == people.c.household_id)
    .outerjoin(facts, (facts.c.person_id == people.c.id) & (facts.c.kind == "handset"))
    .where(people.c.phone.like(DEMO_BLOCK), people.c.phone != bindparam("but"), people.c.name != "")
    .order_by(people.c.phone, facts.c.source == "seen", facts.c.source == "register")
)
# By when they went out: a reminder posted last week is newer than the reply of yesterday.
_ARRIVED = func.coalesce(messages.c.sent_at, messages.c.made_at)
_TEXTS = Statement(
    select(
        messages.c.id,
        messages.c.direction,
        messages.c.text,
        messages.c.encoding,
        messages.c.length,
        messages.c.parts,
        messages.c.price,
        _ARRIVED.label("at"),
        messages.c.status,
        messages.c.kind,
    )
    .where(
        messages.c.phone == bindparam("phone"),
        or_(
            messages.c.direction == "in",
            messages.c.kind == "reply",
            messages.c.status == "SENT",
            messages.c.status == "DELIVERED",
        ),
    )
    .order_by(_ARRIVED.desc(), messages.c.id.desc())
    .limit(LAST)
)


def commune(tx: Tx, day: str) -> Row | None:
    """Service code, number for texts and name on a local day."""
    return tx.one(_COMMUNE, today=day)


def residents(tx: Tx, *, but: str) -> list[Row]:
    """Demo residents with a phone, one row each, with the best that is known of their handset; not the number `but`."""
    return list({person.phone: person for person in tx.all(_RESIDENTS, but=but)}.values())


def texts(tx: Tx, phone: str) -> list[Row]:
    """The last texts from and to this phone, newest last; those still queued are not on the phone yet."""
    return tx.all(_TEXTS, phone=phone)[::-1]
