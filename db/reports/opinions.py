"""Opinions as staff see them, newest first, and how many there were of each topic: what
a report says of them.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models import TAKEN_BACK
from db.reports import paging
from db.reports.paging import Page, Place, beyond, order
from db.store.engine import Tx
from db.store.statements import Query, Scalar

EVENTS_SHOWN = 30
OF_PERSON_SHOWN = 30


class Line(NamedTuple):
    """One opinion; nobody's where it was said at a meeting, or its person was let go
    of.
    """

    id: int
    number: int
    channel: str
    words: str
    made_at: int  # UTC ms
    topic: str
    holder_id: int | None
    holder: str | None
    answer: str
    answered_at: int | None  # UTC ms
    verdict: str
    why: str
    reported_at: int | None  # UTC ms
    let_go_at: int | None  # UTC ms
    person_id: int | None
    name: str | None
    phone: str | None  # E.164
    language: str | None
    marks: bool | None  # 0 or 1 on SQLite
    hamlet: str | None
    hall: str | None  # of the meeting
    day: str | None  # local ISO
    for_report: str  # empty while nobody changed what is proposed

    @property
    def is_of_somebody_erased(self) -> bool:
        """It came from a phone whose holder was forgotten before it was answered."""
        was_somebodys = self.channel in ("ussd", "sms")
        return was_somebodys and self.person_id is None and self.let_go_at is None


class Topic(NamedTuple):
    """How many were said, answered, chosen, not chosen."""

    topic: str
    said: int
    answered: int
    chosen: int
    not_chosen: int


class NotReady(NamedTuple):
    """How many cannot stand in a report yet, each under the first thing that is
    missing.
    """

    unsorted: int
    undecided: int
    unanswered: int


class Held(NamedTuple):
    id: int
    day: str  # local ISO
    hall: str
    kind: str
    starts_at: int | None  # UTC ms


_LINE = """
    SELECT o.id, o.number, o.channel, o.words, o.made_at, o.topic, o.holder_id,
      COALESCE(NULLIF(s.name, ''), s.username) AS holder, o.answer, o.answered_at, o.verdict, o.why, o.reported_at,
      o.let_go_at, o.person_id, p.name, p.phone, p.language, p.marks, h.name AS hamlet, l.name AS hall, e.day,
      o.for_report
    FROM opinions o
    LEFT JOIN people p ON p.id = o.person_id
    LEFT JOIN hamlets h ON h.id = COALESCE(o.hamlet_id, p.hamlet_id)
    LEFT JOIN staff s ON s.id = o.holder_id
    LEFT JOIN events e ON e.id = o.event_id
    LEFT JOIN halls l ON l.id = e.hall_id
"""
# by whether only those that wait are asked for
_WHICH = {
    False: "",
    True: "AND o.answered_at IS NULL AND o.let_go_at IS NULL",
}
_PAGE = {
    (waits, way): Query(
        text(f"""
        {_LINE}
        WHERE o.commune_id = :commune_id AND (CAST(:topic AS VARCHAR) = '' OR o.topic = :topic)
          {which} {beyond(way, "o.number", ":beside")}
        {order(way, "o.number")} LIMIT :most
        """),
        Line,
    )
    for waits, which in _WHICH.items()
    for way in paging.WAYS
}
_ONE = Query(text(f"{_LINE} WHERE o.id = :id AND o.commune_id = :commune_id"), Line)
_OF_PERSON = Query(
    text(f"""
    {_LINE}
    WHERE o.commune_id = :commune_id AND o.person_id = :person_id
    ORDER BY o.number DESC LIMIT :most
    """),
    Line,
)
_NUMBER = Scalar(text("SELECT number FROM opinions WHERE id = :id"), int)
_BY_TOPIC = Query(
    text(f"""
    SELECT topic, COUNT(*) AS said, COUNT(answered_at) AS answered,
      SUM(CASE WHEN verdict = 'chosen' THEN 1 ELSE 0 END) AS chosen,
      SUM(CASE WHEN verdict = 'not_chosen' THEN 1 ELSE 0 END) AS not_chosen
    FROM opinions
    WHERE commune_id = :commune_id AND made_at >= :since AND made_at < :before
      AND words <> '{TAKEN_BACK}'
    GROUP BY topic ORDER BY COUNT(*) DESC, topic
    """),
    Topic,
)
_SAID_THEN = "o.commune_id = :commune_id AND o.reported_at IS NULL AND o.made_at >= :since AND o.made_at < :before"
_READY = Query(
    text(f"""
    {_LINE}
    WHERE {_SAID_THEN} AND o.answered_at IS NOT NULL AND o.topic <> 'unsorted' AND o.verdict <> 'open'
    ORDER BY o.topic, o.number
    """),
    Line,
)
_NOT_READY = Query(
    text(f"""
    SELECT
      COALESCE(SUM(CASE WHEN o.topic = 'unsorted' THEN 1 ELSE 0 END), 0) AS unsorted,
      COALESCE(SUM(CASE WHEN o.topic <> 'unsorted' AND o.verdict = 'open' THEN 1 ELSE 0 END), 0) AS undecided,
      COALESCE(SUM(CASE WHEN o.topic <> 'unsorted' AND o.verdict <> 'open' AND o.answered_at IS NULL
        THEN 1 ELSE 0 END), 0) AS unanswered
    FROM opinions o
    WHERE {_SAID_THEN} AND o.let_go_at IS NULL
    """),
    NotReady,
)
_WAITING = Scalar(
    text(
        "SELECT COUNT(*) FROM opinions WHERE commune_id = :commune_id AND answered_at IS NULL AND let_go_at IS NULL"
    ),
    int,
)
_EVENTS = Query(
    text("""
    SELECT e.id, e.day, h.name AS hall, e.kind,
      (SELECT MIN(s.starts_at) FROM slots s WHERE s.event_id = e.id) AS starts_at
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.day <= :today AND e.state <> 'cancelled'
    ORDER BY e.day DESC, e.id DESC LIMIT :most
    """),
    Held,
)


def page(
    tx: Tx, *, commune_id: int, topic: str, unanswered: bool, place: Place, size: int
) -> Page[Line]:
    """Of one topic, where one is named; those nobody answered alone, where that is
    asked.
    """

    def read(at: Place, most: int) -> list[Line]:
        beside = tx.value(_NUMBER, id=at.beside) if at.way else None
        if beside is None:
            at = paging.TOP
        return tx.all(
            _PAGE[unanswered, at.way],
            commune_id=commune_id,
            topic=topic,
            beside=beside,
            most=most,
        )

    return paging.page(read, place, size)


def one(tx: Tx, opinion_id: int, *, commune_id: int) -> Line | None:
    return tx.one(_ONE, id=opinion_id, commune_id=commune_id)


def of_person(tx: Tx, person_id: int, *, commune_id: int) -> list[Line]:
    """What somebody said, the newest first, until they are let go of."""
    return tx.all(
        _OF_PERSON, person_id=person_id, commune_id=commune_id, most=OF_PERSON_SHOWN
    )


def by_topic(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Topic]:
    """Those said from `since` until `before` (UTC ms), most first. It stays true when
    their people are let go of.
    """
    return tx.all(_BY_TOPIC, commune_id=commune_id, since=since, before=before)


def ready(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Line]:
    """Said in these weeks (UTC ms), sorted, decided, answered and in no report yet; by
    topic and number.
    """
    return tx.all(_READY, commune_id=commune_id, since=since, before=before)


def not_ready(tx: Tx, *, commune_id: int, since: int, before: int) -> NotReady:
    """Of the same weeks, what is still to be done."""
    found = tx.one(_NOT_READY, commune_id=commune_id, since=since, before=before)
    return found or NotReady(0, 0, 0)


def waiting(tx: Tx, commune_id: int) -> int:
    """How many nobody has answered."""
    return tx.value(_WAITING, commune_id=commune_id) or 0


def events_lately(tx: Tx, commune_id: int, today: str) -> list[Held]:
    """The last that were held, newest first, until `today` (ISO): at one of them
    something may have been said.
    """
    return tx.all(_EVENTS, commune_id=commune_id, today=today, most=EVENTS_SHOWN)
