"""A broadcast's words to somebody who is not its audience: a trial to whoever wrote it,
a copy for the authority.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text as sql

from db.broadcasts import drafts
from db.broadcasts.errors import CannotDo
from db.broadcasts.planning import Firing
from db.broadcasts.rendering import Event, Renderer, words_of
from db.register import identity, people
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts import stops, wishes
from db.texts.outbox import Message
from menus.broadcast import EmptyField, Wire
from menus.notices import KINDS
from menus.numbers import masked
from settings import Settings

MOST_A_DAY = 10  # trials to one number in 24 hours
DAY_MS = 86_400_000
MARK = "(Thu) "  # in front of a trial, so that nobody who gets one takes it for news


class Person(NamedTuple):
    id: int
    name: str
    hamlet_id: int | None
    language: str
    marks: bool


_PERSON = Query(
    sql(
        "SELECT id, name, hamlet_id, language, marks FROM people WHERE id = :id AND commune_id = :commune_id"
    ),
    Person,
)
_POST = Scalar(
    sql("""
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, person_id, made_at, not_before,
      words)
    VALUES (:commune_id, 'out', :phone, 'broadcast_test', :class, :priority, 'QUEUED', :person_id, :now, :now, :words)
    RETURNING id
    """),
    int,
)
_TRIALS = Scalar(
    sql("""
    SELECT COUNT(*) FROM messages WHERE phone = :phone AND kind = 'broadcast_test' AND made_at > :since
    """),
    int,
)
_EVENT = Query(
    sql("""
    SELECT h.name AS hall, MIN(s.starts_at) AS starts_at FROM firings g
    JOIN events e ON e.id = g.event_id
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE g.id = :firing_id GROUP BY h.name
    """),
    Event,
)
_COPY = Statement(
    sql("""
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, once, made_at, not_before, words)
    VALUES (:commune_id, 'out', :phone, 'broadcast_copy', :class, :priority, 'QUEUED', :once, :now, :now, :words)
    ON CONFLICT (once) DO NOTHING
    """)
)


def post(
    tx: Tx,
    broadcast_id: int,
    *,
    commune_id: int,
    person_id: int,
    phone: str,
    staff_id: int,
    settings: Settings,
    now: int,
) -> int:
    """Queue the text of this person for another number (E.164): the message's id.
    Raises CannotDo.
    """
    row = drafts.get(tx, broadcast_id, commune_id)
    if not phone:
        raise CannotDo("phone")
    _refuse_whom_it_must_not_reach(tx, row, phone, settings, now)
    if tx.one(_PERSON, id=person_id, commune_id=commune_id) is None:
        raise CannotDo("nobody")
    text_class, priority = KINDS["broadcast_test"]
    made = tx.value(
        _POST,
        commune_id=commune_id,
        phone=phone,
        priority=priority,
        person_id=person_id,
        now=now,
        words=f"b{row.words_id}",
        **{"class": text_class},
    )
    assert made is not None  # nothing stands in the way of a new one
    drafts.note(
        tx, broadcast_id, "tried", staff_id=staff_id, now=now, detail=masked(phone)
    )
    return made


def _refuse_whom_it_must_not_reach(
    tx: Tx, row: drafts.Broadcast, phone: str, settings: Settings, now: int
) -> None:
    """A trial is a text like others: not to who refused them, an advert to no resident
    who did not agree, not for ever.

    Raises CannotDo.
    """
    who = identity.who(settings.privacy_key, phone)
    if stops.bar(tx, who, row.text_class):
        raise CannotDo("test_refused")
    resident = people.by_phone(tx, phone)
    if (
        resident
        and row.text_class == "advert"
        and not wishes.agrees(tx, resident.id, wishes.ADVERT)
    ):
        raise CannotDo("test_advert")
    trials = tx.value(_TRIALS, phone=phone, since=now - DAY_MS) or 0
    if trials >= MOST_A_DAY:
        raise CannotDo("test_enough", MOST_A_DAY)


def post_copy(tx: Tx, firing: Firing, *, to: str, now: int) -> None:
    """Queue the copy of an advert that the law wants (5656 in Vietnam): the words with
    their fields, once a firing.
    """
    text_class, priority = KINDS["broadcast_copy"]
    tx.run(
        _COPY,
        commune_id=firing.commune_id,
        phone=to,
        priority=priority,
        now=now,
        words=f"b{firing.words_id}",
        once=f"copy:{firing.id}",
        **{"class": text_class},
    )


def text(tx: Tx, message: Message, now: int) -> str:
    """What that person would read, as it would go out; the words with their fields
    standing where it is nobody.
    """
    words_id = int(message.words.removeprefix("b"))
    words = words_of(tx, words_id)
    renderer = Renderer(tx, words, now)
    if message.kind == "broadcast_staff":
        event = tx.one(_EVENT, firing_id=message.firing_id)
        wire = renderer.about(event) if event else renderer.unfilled()
        return wire.text
    person = tx.one(_PERSON, id=message.person_id, commune_id=message.commune_id)
    if person is None:
        wire = renderer.unfilled()
        return _marked(message, wire)
    seat = renderer.seat(person.id)
    try:
        wire = renderer.text(person, seat)
    except EmptyField as lack:
        return f"{{{lack}}}?"
    return _marked(message, wire)


def _marked(message: Message, wire: Wire) -> str:
    if message.kind == "broadcast_test":
        return f"{MARK}{wire.text}"
    return wire.text
