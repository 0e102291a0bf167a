"""Behind the browser handset: which demo residents to try, what the commune is called,
and a phone's texts.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query

LAST = 50  # texts shown
DEMO_BLOCK = "+84990000%"


class Commune(NamedTuple):
    service_code: str
    sms_number: str
    name: str


class Resident(NamedTuple):
    """Of the demo, to be tried; `handset` by one source."""

    phone: str
    name: str
    origin: str
    hamlet: str | None
    poor: str | None
    handset: str | None
    booked: bool


class Story(NamedTuple):
    """What a phone's booking has come to, a key of the handset page's words."""

    phone: str
    story: str


class Text(NamedTuple):
    """On the phone's screen; `at` is when it arrived, UTC ms."""

    id: int
    direction: str
    text: str
    encoding: str
    length: int
    parts: int
    price: int
    at: int
    status: str
    kind: str


_COMMUNE = Query(
    text("""
    SELECT c.service_code, c.sms_number, n.name
    FROM communes c JOIN commune_names n ON n.commune_id = c.id
    WHERE n.since <= :today
    ORDER BY c.id, n.since DESC LIMIT 1
    """),
    Commune,
)
# One row for each source that speaks of the handset, the best source last.
_RESIDENTS = Query(
    text("""
    SELECT p.phone, p.name, p.origin, h.name AS hamlet, o.poor, f.value AS handset,
      EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id AND b.status = 'booked') AS booked
    FROM people p
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    LEFT JOIN households o ON o.id = p.household_id
    LEFT JOIN facts f ON f.person_id = p.id AND f.kind = 'handset'
    WHERE p.phone LIKE :block AND p.phone <> :but AND p.name <> ''
    ORDER BY p.phone, f.source = 'seen', f.source = 'register'
    """),
    Resident,
)
# What a phone's bookings have come to, as keys of the handset page's words; a number
# may have several.
_STORIES = Query(
    text("""
    SELECT phone, story FROM (
      SELECT p.phone, b.id, CASE
        WHEN b.status = 'waiting' THEN 'waits'
        WHEN b.status = 'offered' AND b.until > :now THEN CASE
          WHEN EXISTS (
            SELECT 1 FROM bookings c
            WHERE c.person_id = b.person_id AND c.status = 'cancelled' AND c.reason = 'event') THEN 'choice'
          ELSE 'offered' END
        WHEN b.status = 'booked' AND s.starts_at > :now THEN CASE
          WHEN b.party_id IS NOT NULL THEN 'party'
          WHEN b.person_id <> b.booker_id THEN 'for_other'
          WHEN e.day = :tomorrow AND b.coming_at IS NULL AND NOT b.may_move THEN 'tomorrow' END
        WHEN b.status = 'attended' AND e.day = :yesterday AND b.places > 0 THEN 'came'
        WHEN b.status = 'missed' AND e.day = :yesterday THEN 'missed' END AS story
      FROM people p
      JOIN bookings b ON b.booker_id = p.id
      JOIN slots s ON s.id = b.slot_id
      JOIN events e ON e.id = s.event_id
      WHERE p.phone LIKE :block) told
    WHERE story IS NOT NULL
    ORDER BY phone, id
    """),
    Story,
)
# By when they went out: a reminder posted last week is newer than the reply of
# yesterday.
_TEXTS = Query(
    text(f"""
    SELECT id, direction, text, encoding, length, parts, price, COALESCE(sent_at, made_at) AS at, status, kind
    FROM messages
    WHERE phone = :phone AND (direction = 'in' OR kind = 'reply' OR status IN ('SENT', 'DELIVERED'))
    ORDER BY COALESCE(sent_at, made_at) DESC, id DESC LIMIT {LAST}
    """),
    Text,
)


def commune(tx: Tx, day: str) -> Commune | None:
    """Service code, number for texts and name on a local day."""
    return tx.one(_COMMUNE, today=day)


def residents(tx: Tx, *, but: str) -> list[Resident]:
    """Demo residents with a phone, one row each, with the best that is known of their
    handset; not the number `but`.
    """
    return list(
        {
            person.phone: person
            for person in tx.all(_RESIDENTS, block=DEMO_BLOCK, but=but)
        }.values()
    )


def stories(
    tx: Tx, *, yesterday: str, tomorrow: str, now: int
) -> list[tuple[str, str]]:
    """Phones of the demo and what their bookings have come to, in order of phone; ISO
    days, `now` in UTC ms.
    """
    values = {
        "yesterday": yesterday,
        "tomorrow": tomorrow,
        "now": now,
        "block": DEMO_BLOCK,
    }
    return [(row.phone, row.story) for row in tx.all(_STORIES, **values)]


def texts(tx: Tx, phone: str) -> list[Text]:
    """The last texts from and to this phone, newest last; those still queued are not on
    the phone yet.
    """
    return tx.all(_TEXTS, phone=phone)[::-1]
