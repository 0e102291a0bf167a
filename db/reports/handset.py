"""Behind the browser handset: which demo residents to try, what the commune is called, and a phone's texts."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, func, or_, select, text

from db.models import bookings, commune_names, communes, facts, hamlets, households, messages, people
from db.store.engine import Tx
from db.store.statements import Row, Statement

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
# What a phone's bookings have come to, as keys of the handset page's words; a number may have several.
_STORIES = Statement(
    text(
        "SELECT phone, story FROM (SELECT p.phone, b.id, CASE"
        " WHEN b.status = 'waiting' THEN 'waits'"
        " WHEN b.status = 'offered' AND b.until > :now THEN CASE WHEN EXISTS (SELECT 1 FROM bookings c"
        "  WHERE c.person_id = b.person_id AND c.status = 'cancelled' AND c.reason = 'event') THEN 'choice'"
        "  ELSE 'offered' END"
        " WHEN b.status = 'booked' AND s.starts_at > :now THEN CASE WHEN b.party_id IS NOT NULL THEN 'party'"
        "  WHEN b.person_id <> b.booker_id THEN 'for_other'"
        "  WHEN e.day = :tomorrow AND b.coming_at IS NULL AND NOT b.may_move THEN 'tomorrow' END"
        " WHEN b.status = 'attended' AND e.day = :yesterday AND b.places > 0 THEN 'came'"
        " WHEN b.status = 'missed' AND e.day = :yesterday THEN 'missed' END AS story"
        " FROM bookings b JOIN people p ON p.id = b.booker_id JOIN slots s ON s.id = b.slot_id"
        " JOIN events e ON e.id = s.event_id WHERE p.phone LIKE :block) told WHERE story IS NOT NULL ORDER BY phone, id"
    )
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


def stories(tx: Tx, *, yesterday: str, tomorrow: str, now: int) -> list[tuple[str, str]]:
    """Phones of the demo and what their bookings have come to, in order of phone; ISO days, `now` in UTC ms."""
    values = {"yesterday": yesterday, "tomorrow": tomorrow, "now": now, "block": DEMO_BLOCK}
    return [(row.phone, row.story) for row in tx.all(_STORIES, **values)]


def texts(tx: Tx, phone: str) -> list[Row]:
    """The last texts from and to this phone, newest last; those still queued are not on the phone yet."""
    return tx.all(_TEXTS, phone=phone)[::-1]
