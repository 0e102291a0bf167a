"""Texts that residents send, and our answers to them: kept once each, however often the
carrier repeats itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, update
from sqlalchemy import text as sql

from db.models import messages
from db.store.engine import Tx, to_ms
from db.store.statements import Query, Scalar, Statement
from menus import words
from menus.fitting import cost, price
from menus.numbers import network


class Traffic(NamedTuple):
    """How many texts one phone sent."""

    a_day: int
    lately: int


_RECEIVED = Scalar(
    sql("""
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, understood, made_at,
      not_before, carrier, carrier_id, text, encoding, length, parts)
    VALUES (:commune_id, 'in', :phone, 'said', 'reply', 0, 'RECEIVED', :understood, :now, :now, :carrier,
      :carrier_id, :text, :encoding, :length, :parts)
    ON CONFLICT (carrier, carrier_id) WHERE direction = 'in' DO NOTHING
    RETURNING id
    """),
    int,
)
_NOT_UNDERSTOOD = Statement(
    sql("UPDATE messages SET understood = :understood WHERE id = :id")
)
_ANSWERED = Scalar(
    sql("""
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, made_at, not_before,
      sent_at, carrier, reply_to, text, encoding, length, parts, price, words)
    VALUES (:commune_id, 'out', :phone, 'reply', 'reply', 0, 'SENT', :now, :now, :now, :carrier, :reply_to,
      :text, :encoding, :length, :parts, :price, :words)
    RETURNING id
    """),
    int,
)
_ANSWER = Scalar(
    sql("""
    SELECT r.text
    FROM messages m
    JOIN messages r ON r.reply_to = m.id
    WHERE m.direction = 'in' AND m.carrier = :carrier AND m.carrier_id = :carrier_id
    """),
    str,
)
_LATELY = Query(
    sql("""
    SELECT COUNT(*) AS a_day, COALESCE(SUM(CASE WHEN made_at > :since THEN 1 ELSE 0 END), 0) AS lately
    FROM messages
    WHERE phone = :phone AND direction = 'in' AND made_at > :yesterday
    """),
    Traffic,
)
_SAME_ANSWERS = Scalar(
    sql("""
    SELECT COUNT(*)
    FROM messages
    WHERE phone = :phone AND direction = 'out' AND kind = 'reply' AND made_at > :since AND text = :text
    """),
    int,
)

# A hamlet head with forty names needs no more; a robot that answers our answers, or a
# phone gone wild, meets silence.
WINDOW_MS, DAY_MS = 10 * 60_000, 24 * 3_600_000
MOST_LATELY, MOST_A_DAY, MOST_ALIKE = 60, 300, 12
_DEALT_WITH = Statement(
    update(messages)
    .where(
        messages.c.id == bindparam("message"),
        messages.c.commune_id == bindparam("commune"),
        messages.c.direction == "in",
        messages.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("at"))
)


def beyond(tx: Tx, phone: str, now: datetime) -> int:
    """How many texts this phone has sent beyond what a person would, with the one to
    come: 60 in ten minutes, 300 in a day. 0 while it is within them.
    """
    moment = to_ms(now)
    since = moment - WINDOW_MS
    yesterday = moment - DAY_MS
    row = tx.one(_LATELY, phone=phone, since=since, yesterday=yesterday)
    if row is None:
        return 0
    beyond_lately = row.lately + 1 - MOST_LATELY
    beyond_a_day = row.a_day + 1 - MOST_A_DAY
    return max(0, beyond_lately, beyond_a_day)


def goes_round(tx: Tx, phone: str, answer: str, now: datetime) -> bool:
    """Was this very answer given twelve times in the last ten minutes? Then it is a
    machine that is talking to us.
    """
    since = to_ms(now) - WINDOW_MS
    alike = tx.value(_SAME_ANSWERS, phone=phone, since=since, text=answer)
    return alike is not None and alike >= MOST_ALIKE


def received(
    tx: Tx,
    *,
    commune_id: int,
    phone: str,
    carrier: str,
    carrier_id: str,
    text: str,
    now: datetime,
) -> int | None:
    """Keep one text; its id, or None when this very one came before. `phone` is E.164."""
    size = cost(text)
    return tx.value(
        _RECEIVED,
        commune_id=commune_id,
        phone=phone,
        carrier=carrier,
        carrier_id=carrier_id,
        text=text,
        understood=True,
        now=to_ms(now),
        encoding=size.encoding,
        length=size.length,
        parts=size.parts,
    )


def not_understood(tx: Tx, message_id: int) -> None:
    """Put it on the list that staff read: people write in ways no menu foresees."""
    tx.run(_NOT_UNDERSTOOD, id=message_id, understood=False)


def answered(
    tx: Tx,
    *,
    reply_to: int,
    commune_id: int,
    phone: str,
    carrier: str,
    text: str,
    prices: Mapping[str, int],
    now: datetime,
) -> int:
    """Keep the answer that goes back with the request; it is sent with it, so there is
    nothing to queue. Its id.
    """
    size = cost(text)
    made = tx.value(
        _ANSWERED,
        commune_id=commune_id,
        phone=phone,
        carrier=carrier,
        reply_to=reply_to,
        text=text,
        now=to_ms(now),
        encoding=size.encoding,
        length=size.length,
        parts=size.parts,
        price=price(prices, network(phone), "reply", size.parts),
        words=words.VERSION,
    )
    assert made is not None  # nothing stands in the way of an answer
    return made


def answer_to(tx: Tx, carrier: str, carrier_id: str) -> str:
    """What this text was answered the first time; empty if it got no answer."""
    return tx.value(_ANSWER, carrier=carrier, carrier_id=carrier_id) or ""


def deal_with(tx: Tx, message_id: int, *, commune_id: int, at: int) -> bool:
    """A text that no menu understood was read by a person."""
    return tx.run(_DEALT_WITH, message=message_id, commune=commune_id, at=at) == 1
