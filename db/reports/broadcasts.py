"""What the desk asks about broadcasts: the list of them, which events one may be about,
and what people answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.reports.by_id import by_id
from db.store.engine import Tx
from db.store.statements import Query, Scalar
from menus.broadcast import TextClass

ANSWERS = ("yes", "no", "stop", "question", "other")


class Listed(NamedTuple):
    """A broadcast with its last going-out (none while it is a draft). A draft that was
    discarded is not listed.
    """

    id: int
    name: str
    text_class: TextClass
    state: str  # draft | running | paused | stopped | done
    repeats: str
    not_before: int | None  # UTC ms
    not_after: int | None  # UTC ms
    next_at: int | None  # UTC ms
    paused_why: str
    made_at: int  # UTC ms
    changed_at: int  # UTC ms
    firing_id: int | None
    chosen: int | None
    planned_at: int | None  # UTC ms
    started_at: int | None  # UTC ms
    ended_at: int | None  # UTC ms
    ended_why: str | None
    firing_from: int | None  # UTC ms
    released_to: int | None  # the chosen up to this person have a text
    sent: int


class Paused(NamedTuple):
    """A broadcast that paused by itself."""

    id: int
    name: str
    paused_why: str


class Named(NamedTuple):
    id: int
    name: str


class Event(NamedTuple):
    id: int
    day: str  # ISO day
    hall: str


class ToldStaff(NamedTuple):
    texts: int
    sent: int  # of them


class Answers(NamedTuple):
    answer: str  # one of ANSWERS
    people: int


class Answer(NamedTuple):
    """A text that came back, and who sent it."""

    id: int
    phone: str  # E.164; empty once the person was erased
    text: str
    made_at: int  # UTC ms
    ended_at: int | None  # UTC ms; when a person dealt with it
    answer: str  # one of ANSWERS
    replaced: bool  # a yes or no after which the same number said another
    person_id: int | None
    name: str | None
    hamlet: str | None


_LISTED = Query(
    text("""
    SELECT b.id, b.name, b.class AS text_class, b.state, b.repeats, b.not_before, b.not_after, b.next_at, b.paused_why,
      b.made_at, b.changed_at, g.id AS firing_id, g.chosen, g.planned_at, g.started_at, g.ended_at, g.ended_why,
      g.not_before AS firing_from, g.released_to,
      (SELECT COUNT(*) FROM messages m WHERE m.firing_id = g.id AND m.direction = 'out' AND m.firing_id IS NOT NULL
        AND m.status IN ('SENT', 'DELIVERED')) AS sent
    FROM broadcasts b
    LEFT JOIN firings g ON g.id = (
      SELECT MAX(f.id) FROM firings f WHERE f.broadcast_id = b.id AND f.ended_why <> 'blocked')
    WHERE b.commune_id = :commune_id AND b.id < :before
      AND NOT EXISTS (SELECT 1 FROM broadcast_acts a WHERE a.broadcast_id = b.id AND a.act = 'discarded')
    ORDER BY b.id DESC LIMIT :most
    """),
    Listed,
)
_PAUSED_BY_ITSELF = Query(
    text("""
    SELECT id, name, paused_why
    FROM broadcasts
    WHERE commune_id = :commune_id AND state = 'paused' AND paused_why <> ''
    ORDER BY changed_at, id
    """),
    Paused,
)
_EVENTS = Query(
    text("""
    SELECT e.id, e.day, h.name AS hall FROM events e JOIN halls h ON h.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.day >= :day ORDER BY e.day, h.name LIMIT 60
    """),
    Event,
)
_EVENT = Query(
    text("""
    SELECT e.id, e.day, h.name AS hall FROM events e JOIN halls h ON h.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.id = :id
    """),
    Event,
)
_NAMES = "SELECT id, name FROM broadcasts WHERE id IN ({ids})"
_TOLD_STAFF = Query(
    text("""
    SELECT COUNT(*) AS texts,
      COALESCE(SUM(CASE WHEN status IN ('SENT', 'DELIVERED') THEN 1 ELSE 0 END), 0) AS sent
    FROM messages WHERE firing_id = :firing_id AND direction = 'out' AND kind = 'broadcast_staff'
    """),
    ToldStaff,
)
_OF = "FROM messages m JOIN firings g ON g.id = m.firing_id WHERE g.broadcast_id = :id AND m.direction = 'in'"
# Of somebody's yes and no the last one counts, once. Whoever was erased has no number
# left.
_REPLACED = """
    m.answer IN ('yes', 'no') AND m.phone <> '' AND EXISTS (
      SELECT 1 FROM messages l JOIN firings k ON k.id = l.firing_id
      WHERE k.broadcast_id = :id AND l.direction = 'in' AND l.phone = m.phone AND l.answer IN ('yes', 'no')
        AND l.id > m.id)
"""
# empty: not any more
_COUNTS_AS = f"CASE WHEN {_REPLACED} THEN '' ELSE COALESCE(m.answer, 'other') END"
_PEOPLE = "COUNT(DISTINCT COALESCE(NULLIF(m.phone, ''), CAST(m.id AS VARCHAR)))"
_COUNTS = Query(
    text(f"""
    SELECT {_COUNTS_AS} AS answer, {_PEOPLE} AS people
    {_OF}
    GROUP BY 1
    """),  # our own constants
    Answers,
)
_ANSWERED = Scalar(text(f"SELECT {_PEOPLE} {_OF}"), int)
_ANSWERS = Query(
    text(f"""
    SELECT m.id, m.phone, m.text, m.made_at, m.ended_at, COALESCE(m.answer, 'other') AS answer,
      CASE WHEN {_REPLACED} THEN 1 ELSE 0 END AS replaced, p.id AS person_id, p.name, h.name AS hamlet
    FROM messages m
    JOIN firings g ON g.id = m.firing_id
    LEFT JOIN people p ON p.phone = m.phone
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE g.broadcast_id = :id AND m.direction = 'in' AND m.id < :before
      AND (:answer = '' OR {_COUNTS_AS} = :answer)
    ORDER BY m.id DESC LIMIT :most
    """),  # our own constants
    Answer,
)
NEWEST = 1 << 62  # before this id: from the newest on


def paused_by_itself(tx: Tx, commune_id: int) -> list[Paused]:
    """Those that wait for somebody to look at them, longest first; none that staff
    paused.
    """
    return tx.all(_PAUSED_BY_ITSELF, commune_id=commune_id)


def listed(
    tx: Tx, commune_id: int, *, before: int = NEWEST, most: int = 50
) -> list[Listed]:
    """Newest first, each with its last going-out."""
    return tx.all(_LISTED, commune_id=commune_id, before=before, most=most)


def events(tx: Tx, commune_id: int, day: str) -> list[Event]:
    """Events from this local day (ISO) on that a broadcast may be about."""
    return tx.all(_EVENTS, commune_id=commune_id, day=day)


def event(tx: Tx, commune_id: int, event_id: int) -> Event | None:
    return tx.one(_EVENT, commune_id=commune_id, id=event_id)


def names(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    """By id, of those that there are, discarded ones too."""
    found = by_id(tx, _NAMES, ids, Named)
    return {id_: row.name for id_, row in found.items()}


def told_staff(tx: Tx, firing_id: int) -> ToldStaff | None:
    """Of a going-out to those who run a session."""
    return tx.one(_TOLD_STAFF, firing_id=firing_id)


def answer_counts(tx: Tx, broadcast_id: int) -> dict[str, int]:
    """How many people said each of ANSWERS; yes or no by their last word. One person
    may have said several.
    """
    found = {row.answer: row.people for row in tx.all(_COUNTS, id=broadcast_id)}
    return {answer: found[answer] for answer in ANSWERS if answer in found}


def answered(tx: Tx, broadcast_id: int) -> int:
    """How many people sent something back, each once, whatever they said."""
    return tx.value(_ANSWERED, id=broadcast_id) or 0


def answers(
    tx: Tx, broadcast_id: int, *, answer: str = "", before: int = NEWEST, most: int = 50
) -> list[Answer]:
    """What came back, newest first: all, or what counts as this one thing."""
    return tx.all(_ANSWERS, id=broadcast_id, answer=answer, before=before, most=most)
