"""What a text says that answers a request or an opinion: its number, and the words
staff wrote.
"""

from __future__ import annotations

from sqlalchemy import text as sql

from db.notices.phrasing import Settled
from db.places import communes
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query
from db.texts.outbox import Message
from menus import notices
from menus.notices import Answered

_OF_REQUEST = Query(
    sql("""
    SELECT r.number, r.answer AS words, r.kind AS what, r.for_name AS whose, COALESCE(b.name, '') AS shop
    FROM requests r
    LEFT JOIN businesses b ON b.id = r.business_id
    WHERE r.id = :id
    """),
    Answered,
)
_OF_OPINION = Query(
    sql("""
    SELECT number, answer AS words, '' AS what, '' AS whose, '' AS shop
    FROM opinions
    WHERE id = :id
    """),
    Answered,
)


# Of a text that no menu could read: it has no number.
_OF_TEXT = Query(
    sql("""
    SELECT 0 AS number, answer AS words, '' AS what, '' AS whose, '' AS shop
    FROM lessons
    WHERE text_id = :id AND answer <> ''
    """),
    Answered,
)


def text(tx: Tx, message: Message, language: str, now: int) -> str:
    """With tone marks; `now` is UTC ms. Raises Settled when it was forgotten meanwhile."""
    answer = _answer(tx, message)
    if answer is None:
        raise Settled("forgotten")
    day = iso_day_at(now)
    commune = communes.named(tx, message.commune_id, day)
    return notices.answer(message.kind, language, answer, commune=commune.name)


def _answer(tx: Tx, message: Message) -> Answered | None:
    if message.kind == "text_answered":
        return tx.one(_OF_TEXT, id=message.id)
    if message.opinion_id is not None:
        return tx.one(_OF_OPINION, id=message.opinion_id)
    return tx.one(_OF_REQUEST, id=message.request_id)
