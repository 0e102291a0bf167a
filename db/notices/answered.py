"""What a text says that answers a request or an opinion: its number, and the words staff wrote."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text as sql

from db.notices.phrasing import Settled
from db.places import communes
from db.store.engine import Tx, from_ms
from db.store.statements import Query
from db.texts.outbox import Message
from menus import notices
from menus.days import today


class Answer(NamedTuple):
    number: int
    kind: str  # of a request; empty for an opinion
    words: str


_OF_REQUEST = Query(
    sql("SELECT number, kind, answer AS words FROM requests WHERE id = :id"), Answer
)
_OF_OPINION = Query(
    sql("SELECT number, '' AS kind, answer AS words FROM opinions WHERE id = :id"),
    Answer,
)


def text(tx: Tx, message: Message, language: str, now: int) -> str:
    """With tone marks; `now` is UTC ms. Raises Settled when it was forgotten meanwhile."""
    if message.opinion_id is not None:
        answer = tx.one(_OF_OPINION, id=message.opinion_id)
    else:
        answer = tx.one(_OF_REQUEST, id=message.request_id)
    if answer is None:
        raise Settled("forgotten")
    commune = communes.named(tx, message.commune_id, today(from_ms(now)).isoformat())
    return notices.answer(
        message.kind,
        language,
        commune=commune.name,
        number=answer.number,
        what=answer.kind,
        words=answer.words,
    )
