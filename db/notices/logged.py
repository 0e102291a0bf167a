"""Whoever had something logged for them is asked at their phone whether it is right:
once a day, in the words of what still counts when the text goes. The only writer of
`log_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, get_args

from sqlalchemy import text as sql

from db.models.states import LogAnswer
from db.notices.phrasing import Settled
from db.places import communes
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Statement
from db.texts import outbox
from db.texts.outbox import Message
from menus import notices, words
from menus.days import short_day
from menus.notices import Kind
from menus.port import Logged, LoggedWork

KIND: Kind = "logged"
MINUTE_MS = 60_000
# so long nobody has ticked or undone anything for them: the visit is over
WAITS_MS = 30 * MINUTE_MS
KEPT_MS = 3 * 24 * 60 * MINUTE_MS  # later nobody remembers
_WORKS = ", ".join(f"'{work}'" for work in get_args(LoggedWork))


class Whose(NamedTuple):
    """For whom something was logged, and on which day."""

    person_id: int
    phone: str  # E.164
    commune_id: int
    day: str  # ISO, local


class Question(NamedTuple):
    """The text that asks, and what was logged on which day (ISO, local) it asks about."""

    id: int
    day: str


class Row(NamedTuple):
    """One of those that a text asks about, and nobody undid."""

    day: str  # ISO, local
    work: LoggedWork


_WHOSE = Query(
    sql(f"""
    SELECT p.id AS person_id, p.phone, p.commune_id, c.day
    FROM conversions c
    JOIN indicators i ON i.id = c.indicator_id
    JOIN people p ON p.id = c.subject_id
    WHERE c.id = :conversion_id AND i.subject = 'person' AND i.key IN ({_WORKS}) AND p.phone IS NOT NULL
    """),
    Whose,
)
_CHECK = Statement(
    sql("""
    INSERT INTO log_checks (conversion_id, message_id)
    VALUES (:conversion_id, :message_id)
    """)
)
# What was undone before the text went was never asked about.
_FORGET_UNDONE = Statement(
    sql("""
    DELETE FROM log_checks
    WHERE message_id = :message_id AND answer = 'none'
      AND EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = log_checks.conversion_id)
    """)
)
_STANDING = Query(
    sql("""
    SELECT c.day, i.key AS work
    FROM log_checks k
    JOIN conversions c ON c.id = k.conversion_id
    JOIN indicators i ON i.id = c.indicator_id
    JOIN people p ON p.id = c.subject_id
    WHERE k.message_id = :message_id AND p.phone = :phone
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    ORDER BY i.position, c.id
    """),
    Row,
)
# The last one, while it has no answer: an older one is asked no more.
_ASKED = Query(
    sql("""
    SELECT m.id, c.day
    FROM (
      SELECT id
      FROM messages
      WHERE phone = :phone AND direction = 'out' AND kind = 'logged' AND status IN ('SENT', 'DELIVERED')
      ORDER BY made_at DESC, id DESC
      LIMIT 1) m
    JOIN log_checks k ON k.message_id = m.id
    JOIN conversions c ON c.id = k.conversion_id
    WHERE NOT EXISTS (SELECT 1 FROM log_checks a WHERE a.message_id = m.id AND a.answer <> 'none')
    LIMIT 1
    """),
    Question,
)
_ANSWER = Statement(
    sql("""
    UPDATE log_checks SET answer = :answer, answered_at = :now, said_id = :said_id
    WHERE message_id = :message_id AND answer = 'none'
    """)
)
_ANSWER_OF_ONE = Statement(
    sql("""
    UPDATE log_checks SET answer = :answer, answered_at = :now, said_id = :said_id
    WHERE message_id = :message_id AND answer = 'none'
      AND EXISTS (
        SELECT 1 FROM conversions c JOIN indicators i ON i.id = c.indicator_id
        WHERE c.id = log_checks.conversion_id AND i.key = :work)
    """)
)


def ask(tx: Tx, conversion_id: int, *, now: int) -> None:
    """Somebody with a phone is asked about this entry, with what else was logged for
    them that day; what is logged after the text went is not asked about. `now` is UTC
    ms.
    """
    whose = tx.one(_WHOSE, conversion_id=conversion_id)
    if whose is None:
        return
    message_id = _text_of_the_day(tx, whose, now)
    if message_id is not None:
        tx.run(_CHECK, conversion_id=conversion_id, message_id=message_id)


def _text_of_the_day(tx: Tx, whose: Whose, now: int) -> int | None:
    """The one that waits, which now waits anew; else a new one. None where it went."""
    once = f"{KIND}:{whose.person_id}:{whose.day}"
    due = now + WAITS_MS
    waiting = outbox.put_off(tx, once, not_before=due)
    if waiting is not None:
        return waiting
    return outbox.post(
        tx,
        kind=KIND,
        commune_id=whose.commune_id,
        phone=whose.phone,
        now=now,
        once=once,
        not_before=due,
        not_after=now + KEPT_MS,
    )


def text(tx: Tx, message: Message, language: str, now: int) -> str:
    """With tone marks; `now` is UTC ms. Raises Settled where nothing of it counts any
    more.
    """
    tx.run(_FORGET_UNDONE, message_id=message.id)
    standing = tx.all(_STANDING, message_id=message.id, phone=message.phone)
    if not standing:
        raise Settled("undone")
    about = _together(standing[0].day, standing)
    commune = communes.named(tx, message.commune_id, iso_day_at(now))
    done = [words.say(language, f"logged_{work}") for work in about.done]
    return notices.text(
        KIND,
        language,
        commune=commune.name,
        number=commune.sms_number,
        day=short_day(about.day, language),
        what=", ".join(done),
    )


def asked(tx: Tx, phone: str) -> Logged | None:
    """What the last such text to this phone (E.164) asks about, as far as it still
    counts; None where none was sent, or it is answered.
    """
    question = tx.one(_ASKED, phone=phone)
    if question is None:
        return None
    standing = tx.all(_STANDING, message_id=question.id, phone=phone)
    return _together(question.day, standing)


def answer(
    tx: Tx,
    phone: str,
    said: LogAnswer,
    *,
    now: int,
    said_id: int | None,
    works: Sequence[LoggedWork] = (),
) -> bool:
    """Keep what was said to the last text, once: of these works, of all where none is
    named; the others stay without an answer. `said_id` is the text that says so, `now`
    UTC ms. False where none waits for an answer.
    """
    question = tx.one(_ASKED, phone=phone)
    if question is None:
        return False
    kept = {
        "message_id": question.id,
        "answer": said,
        "now": now,
        "said_id": said_id,
    }
    if not works:
        return tx.run(_ANSWER, **kept) > 0
    answered = [tx.run(_ANSWER_OF_ONE, **kept, work=work) for work in works]
    return sum(answered) > 0


def _together(day: str, rows: Sequence[Row]) -> Logged:
    """What was ticked twice that day is told once."""
    done = dict.fromkeys(row.work for row in rows)
    return Logged(date.fromisoformat(day), "", tuple(done))
