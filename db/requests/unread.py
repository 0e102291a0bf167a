"""Texts that no menu could read: a person of the commune answers them, or notes them as
an opinion or a request. What they chose is a lesson for the next training, kept without
number and name. With erasure and retention, which
take their words, the only writer of lessons.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models.states import Lesson, RequestKind
from db.places import communes
from db.register import people
from db.requests import asked, opinions
from db.store.engine import Tx, from_ms, to_ms
from db.store.local_days import iso_day_at
from db.store.statements import Query, Statement
from db.texts import inbox, outbox
from db.texts.masking import nameless
from menus import notices, words

WORDS_MOST = 400  # letters kept of what was said
ANSWER_MOST = 200  # letters of an answer
KIND: notices.Kind = "text_answered"


class Choice(NamedTuple):
    """What staff made of a text; `words` of an answer, `kind` of a request."""

    did: Lesson
    words: str = ""
    kind: RequestKind | None = None


class Unread(NamedTuple):
    """A text that waits, and whose it is, where somebody known has the number."""

    phone: str  # E.164; empty where it was let go of
    text: str
    name: str
    language: str


class Outcome(NamedTuple):
    """The number of the opinion or request that was made (0: none), and whether a text
    goes to whoever wrote.
    """

    number: int
    texted: bool


class Line(NamedTuple):
    """A lesson as it is exported."""

    at: int  # UTC ms
    words: str
    did: str
    kind: str


_UNREAD = Query(
    text("""
    SELECT m.phone, m.text, COALESCE(p.name, '') AS name, COALESCE(p.language, 'vi') AS language
    FROM messages m
    LEFT JOIN people p ON p.phone = m.phone AND m.phone <> ''
    WHERE m.id = :message_id AND m.commune_id = :commune_id AND m.direction = 'in'
    """),
    Unread,
)
_LEARN = Statement(
    text("""
    INSERT INTO lessons (commune_id, message_id, staff_id, at, words, did, kind, answer, text_id)
    VALUES (:commune_id, :message_id, :staff_id, :now, :words, :did, :kind, :answer, :text_id)
    """)
)
_LESSONS = Query(
    text("""
    SELECT at, words, did, kind
    FROM lessons
    WHERE commune_id = :commune_id AND words <> ''
    ORDER BY id
    """),
    Line,
)


def get(tx: Tx, message_id: int, *, commune_id: int) -> Unread | None:
    return tx.one(_UNREAD, message_id=message_id, commune_id=commune_id)


def deal_with(
    tx: Tx, message_id: int, choice: Choice, *, commune_id: int, staff_id: int, now: int
) -> Outcome | None:
    """Do what was chosen, once, and tell whoever wrote. None where somebody dealt with
    the text before. `now` is UTC ms.
    """
    unread = get(tx, message_id, commune_id=commune_id)
    is_open = inbox.deal_with(tx, message_id, commune_id=commune_id, at=now)
    if unread is None or not is_open:
        return None
    number = _noted(tx, unread, choice, commune_id=commune_id, now=now)
    said = _said(tx, unread, choice, number, commune_id=commune_id, now=now)
    text_id = None
    if said and unread.phone:
        text_id = _post(tx, message_id, unread.phone, commune_id=commune_id, now=now)
    tx.run(
        _LEARN,
        commune_id=commune_id,
        message_id=message_id,
        staff_id=staff_id,
        now=now,
        words=nameless(unread.text, [unread.name])[:WORDS_MOST],
        did=choice.did,
        kind=choice.kind or "",
        answer=said,
        text_id=text_id,
    )
    return Outcome(number, text_id is not None)


def _noted(tx: Tx, unread: Unread, choice: Choice, *, commune_id: int, now: int) -> int:
    """The number of the opinion or request; 0 where neither is made."""
    if choice.did not in (Lesson.OPINION, Lesson.REQUEST) or not unread.phone:
        return 0
    who = people.ensure(
        tx, commune_id=commune_id, phone=unread.phone, now=now, origin="self"
    )
    if choice.did is Lesson.OPINION:
        opinion = opinions.Said(unread.text, who.id, who.hamlet_id, channel="sms")
        return opinions.keep(tx, opinion, commune_id=commune_id, now=now)
    wanted = asked.Wanted(
        choice.kind or RequestKind.OTHER,
        who.id,
        who.hamlet_id,
        words=unread.text,
        channel="sms",
    )
    return asked.ask(tx, wanted, commune_id=commune_id, now=now).number


def _said(
    tx: Tx, unread: Unread, choice: Choice, number: int, *, commune_id: int, now: int
) -> str:
    """What whoever wrote is told, in their language; empty where nothing is."""
    if choice.did is Lesson.ANSWER:
        return choice.words[:ANSWER_MOST]
    if not number:
        return ""
    if choice.did is Lesson.OPINION:
        return words.say(unread.language, "opinion_kept", request=number)
    day = iso_day_at(now)
    commune = communes.named(tx, commune_id, day)
    what = words.say(unread.language, f"request_what_{choice.kind}")
    return words.say(
        unread.language,
        "request_asked",
        request=number,
        what=what,
        number=commune.sms_number,
    )


def _post(
    tx: Tx, message_id: int, phone: str, *, commune_id: int, now: int
) -> int | None:
    """An answer goes to whoever wrote, known or not, in the hours of a notice."""
    moment = from_ms(now)
    goes = notices.goes_at(KIND, "notice", moment, moment)
    return outbox.post(
        tx,
        kind=KIND,
        commune_id=commune_id,
        phone=phone,
        now=now,
        not_before=to_ms(goes),
        once=f"text:{message_id}",
    )


def lessons(tx: Tx, commune_id: int) -> list[Line]:
    """All that staff chose, oldest first."""
    return tx.all(_LESSONS, commune_id=commune_id)
