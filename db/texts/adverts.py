"""Consent to adverts: given by a plain yes alone, asked for by one text ever, withdrawn
by any refusal of them.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.register import identity, people
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar
from db.texts import outbox, stops, wishes
from db.texts.wishes import ADVERT, Heard
from menus.notices import ASKS_FOR_ADVERTS
from menus.port import Adverts, AdvertsAsked

DAY_MS = 24 * 3_600_000
# a question that could not go by then is not sent; it counts as asked all the same
ASK_WITHIN_MS = 3 * DAY_MS
ANSWER_WITHIN_MS = 3 * DAY_MS  # a plain yes or no later than that may be about anything
PROMPT = f"notice_{ASKS_FOR_ADVERTS}"

_LEFT = "('SENT', 'DELIVERED', 'LOST')"


class Question(NamedTuple):
    """The text that asked whether adverts are agreed to."""

    id: int
    words: str  # the version of its words
    sent_at: int  # UTC ms


_QUESTION = Query(
    text(f"""
    SELECT m.id, m.words, m.sent_at
    FROM wishes w
    JOIN messages m ON m.id = w.message_id
    WHERE w.who = :who AND w.act = 'asked' AND m.sent_at IS NOT NULL AND m.status IN {_LEFT}
    """),
    Question,
)
_LAST_STARTED = Scalar(
    text(f"""
    SELECT id
    FROM messages
    WHERE phone = :phone AND direction = 'out' AND kind <> 'reply' AND status IN {_LEFT}
    ORDER BY COALESCE(sent_at, made_at) DESC, id DESC
    LIMIT 1
    """),
    int,
)


def hindered(tx: Tx, who: str) -> Adverts | None:
    """Why a yes to adverts would be no use: after a full stop START comes first, and a
    do-not-call list stands.
    """
    refused = stops.refused(tx, who)
    if "all" in refused or "erased" in refused:
        return "stopped"
    if "dnc" in refused:
        return "listed"
    return None


def agree(
    tx: Tx, who: str, *, person_id: int, prompt: str, heard: Heard, now: int
) -> int | None:
    """A plain yes: the id of its line in the register, None where it stood before.
    `now` is UTC ms.

    It lifts a refusal of adverts and nothing else.
    """
    if wishes.agrees(tx, person_id, ADVERT):
        return None
    stops.adverts_again(tx, who, now)
    return wishes.agreed(
        tx,
        who=who,
        person_id=person_id,
        purpose=ADVERT,
        prompt=prompt,
        channel=heard.channel,
        answer=heard.words,
        now=now,
        message_id=heard.message_id,
    )


def ask(tx: Tx, *, privacy_key: str, phone: str, commune_id: int, now: int) -> bool:
    """Queue the one question to this E.164 number. False where nobody is known, where a
    refusal or a do-not-call list stands, and where adverts were ever asked about,
    agreed to or refused, whatever became of it since.

    Silence and a refusal are a no for good: neither START nor an erasure makes it
    askable again. Two keys hold the one question, `once` of the text and the register's
    unique `asked`.
    """
    who = identity.who(privacy_key, phone)
    person = people.by_phone(tx, phone)
    if person is None or wishes.spoke_of_adverts(tx, who, person.id):
        return False
    if stops.bar(tx, who, "notice", ASKS_FOR_ADVERTS):
        return False
    posted = outbox.post(
        tx,
        kind=ASKS_FOR_ADVERTS,
        commune_id=commune_id,
        phone=phone,
        now=now,
        once=f"dkqc:{who}",
        not_after=now + ASK_WITHIN_MS,
    )
    if posted is None:
        return False
    heard = Heard("sms", "", person.id, posted)
    wishes.note(tx, who, "asked", ADVERT, now, heard)
    return True


def question(tx: Tx, who: str, phone: str, now: int) -> AdvertsAsked | None:
    """The question that left for this number, if ever. It is open for three days, until
    it is answered or we write of something else.
    """
    asked = tx.one(_QUESTION, who=who)
    if asked is None:
        return None
    prompt = f"{PROMPT}:{asked.words}"
    is_open = _is_open(tx, who, phone, asked, now)
    return AdvertsAsked(prompt, from_ms(asked.sent_at), is_open)


def _is_open(tx: Tx, who: str, phone: str, asked: Question, now: int) -> bool:
    if now - asked.sent_at > ANSWER_WITHIN_MS:
        return False
    last_started = tx.value(_LAST_STARTED, phone=phone)
    if last_started != asked.id:
        return False
    return not wishes.decided_on_adverts(tx, who, since=asked.sent_at)
