"""Opinions: kept word for word under a number, sorted, answered, chosen or not. Their
only writer, but for `forgetting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.models import TAKEN_BACK
from db.models.states import OpinionTopic, Verdict
from db.office import tasks
from db.requests import numbers
from db.requests.work import NEWS_KEPT_MS
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts import masking, outbox

WORDS_MOST = 2_000  # letters: more than ten texts in a row


@dataclass(frozen=True, slots=True)
class Said:
    """An opinion as it was said; nobody's, where it was said at a meeting."""

    words: str
    person_id: int | None = None
    hamlet_id: int | None = None
    event_id: int | None = None
    channel: str = "desk"  # ussd | sms | desk | meeting
    form_key: str | None = None


class Shown(NamedTuple):
    """One that whoever holds a phone said, as they are shown it."""

    number: int
    made_at: int  # UTC ms
    answered_at: int | None  # UTC ms
    answer: str


class Answered(NamedTuple):
    """Whom to tell."""

    commune_id: int
    person_id: int | None
    hamlet_id: int | None


_INSERT = Scalar(
    text("""
    INSERT INTO opinions (commune_id, number, person_id, hamlet_id, event_id, channel, words, made_at, form_key)
    VALUES (:commune_id, :number, :person_id, :hamlet_id, :event_id, :channel, :words, :now, :form_key)
    ON CONFLICT (form_key) DO NOTHING
    RETURNING id
    """),
    int,
)
# The same words again from the same phone, before anybody answered: sent twice, not
# said twice.
_SAME = Scalar(
    text("""
    SELECT number
    FROM opinions
    WHERE person_id = :person_id AND words = :words AND answered_at IS NULL
    ORDER BY number
    LIMIT 1
    """),
    int,
)
_SAME_FORM = Scalar(text("SELECT number FROM opinions WHERE form_key = :form_key"), int)
_NUMBERED = Scalar(
    text("""
    SELECT id
    FROM opinions
    WHERE commune_id = :commune_id AND number = :number
    """),
    int,
)
_SORT = Statement(
    text("""
    UPDATE opinions SET topic = :topic, holder_id = CAST(:holder_id AS BIGINT)
    WHERE id = :id
    """)
)
_JUDGE = Statement(
    text("UPDATE opinions SET verdict = :verdict, why = :why WHERE id = :id")
)
_ANSWER = Query(
    text("""
    UPDATE opinions SET answer = :answer, answered_at = :now, answered_by = :staff_id
    WHERE id = :id AND answered_at IS NULL
    RETURNING commune_id, person_id, hamlet_id
    """),
    Answered,
)
_PHONE = Scalar(text("SELECT COALESCE(phone, '') FROM people WHERE id = :id"), str)
_SHOWN = Query(
    text("""
    SELECT o.number, o.made_at, o.answered_at, o.answer
    FROM opinions o
    JOIN people p ON p.id = o.person_id
    WHERE p.phone = :phone AND (o.answered_at IS NULL OR o.answered_at >= :since)
    ORDER BY o.number
    """),
    Shown,
)
_FOR_REPORT = Statement(
    text("""
    UPDATE opinions SET for_report = :words
    WHERE id = :id AND reported_at IS NULL AND let_go_at IS NULL
    """)
)
# As good as never said; that it was is known, and no report speaks of it.
_TAKE_BACK = Statement(
    text("""
    UPDATE opinions SET words = :words, for_report = '', answer = '', why = '', verdict = 'open',
      person_id = NULL, let_go_at = :now
    WHERE number = :number AND reported_at IS NULL AND let_go_at IS NULL
      AND person_id IN (SELECT id FROM people WHERE phone = :phone)
    """)
)
# What was said word for word ends here: the words are those of the report.
_REPORT = Statement(
    text("""
    UPDATE opinions SET reported_at = :now, words = :words, for_report = :words
    WHERE id = :id AND commune_id = :commune_id AND reported_at IS NULL
      AND answered_at IS NOT NULL AND topic <> 'unsorted' AND verdict <> 'open'
    """)
)


def keep(tx: Tx, said: Said, *, commune_id: int, now: int) -> int:
    """Its number; the number it had, where the same was said and not answered yet, or
    the same form sent again.
    """
    words = said.words[:WORDS_MOST]
    # who says the same at the same moment waits here
    number = numbers.take(tx, commune_id)
    before = None
    if said.form_key:
        before = tx.value(_SAME_FORM, form_key=said.form_key)
    elif said.person_id is not None:
        before = tx.value(_SAME, person_id=said.person_id, words=words)
    if before is not None:
        numbers.give_back(tx, commune_id)
        return before
    tx.value(
        _INSERT,
        commune_id=commune_id,
        number=number,
        person_id=said.person_id,
        hamlet_id=said.hamlet_id,
        event_id=said.event_id,
        channel=said.channel,
        words=words,
        now=now,
        form_key=said.form_key,
    )
    return number


def shown(tx: Tx, phone: str, since: int) -> list[Shown]:
    """What the holder of this number (E.164) said, by number: what waits, and what was
    answered since then (UTC ms).
    """
    return tx.all(_SHOWN, phone=phone, since=since)


def take_back(tx: Tx, number: int, *, phone: str, now: int) -> bool:
    """The holder of this number (E.164) takes it back: its words are gone. False where
    they said none with this number, or it stands in a report.
    """
    return tx.run(_TAKE_BACK, number=number, phone=phone, now=now, words=TAKEN_BACK) > 0


def numbered(tx: Tx, number: int, *, commune_id: int) -> int:
    """The id of the opinion with this number. Raises LookupError."""
    found = tx.value(_NUMBERED, commune_id=commune_id, number=number)
    if found is None:
        raise LookupError(number)
    return found


def sort(
    tx: Tx, opinion_id: int, *, topic: OpinionTopic, holder_id: int | None
) -> None:
    """What it is about, and who is to answer it."""
    tx.run(_SORT, id=opinion_id, topic=topic, holder_id=holder_id)


def judge(tx: Tx, opinion_id: int, *, verdict: Verdict, why: str) -> None:
    """Whether the idea is chosen, and the reason."""
    tx.run(_JUDGE, id=opinion_id, verdict=verdict, why=why[:200])


def answer(
    tx: Tx,
    opinion_id: int,
    *,
    words: str,
    staff_id: int,
    now: int,
    by_voice: bool = False,
) -> bool:
    """Answered, by text where there is a number that takes them; `by_voice`, it is for
    staff to say. False when it had been answered before: then nothing is sent.
    """
    answered = tx.one(
        _ANSWER, id=opinion_id, answer=words[:200], staff_id=staff_id, now=now
    )
    if answered is None:
        return False
    phone = _phone_of(tx, answered)
    if by_voice and answered.person_id:
        tasks.answer(
            tx,
            answered.person_id,
            commune_id=answered.commune_id,
            hamlet_id=answered.hamlet_id,
            note=words,
            now=now,
        )
    elif phone:
        outbox.post(
            tx,
            kind="opinion_answered",
            commune_id=answered.commune_id,
            phone=phone,
            now=now,
            opinion_id=opinion_id,
            once=f"opinion:{opinion_id}",
            not_after=now + NEWS_KEPT_MS,
        )
    return True


def _phone_of(tx: Tx, answered: Answered) -> str | None:
    if not answered.person_id:
        return None
    return tx.value(_PHONE, id=answered.person_id)


def for_report(tx: Tx, opinion_id: int, words: str) -> None:
    """As it is to stand in a report, which nobody has seen yet; what was said stays
    beside it. Numbers of phones and papers are masked.
    """
    masked = masking.numberless(words[:WORDS_MOST])
    tx.run(_FOR_REPORT, id=opinion_id, words=masked)


def reported(tx: Tx, versions: Mapping[int, str], *, commune_id: int, now: int) -> int:
    """These stand in a report, by id in these words, which replace what was said; how
    many: one that is not sorted, decided and answered does not, nor one reported
    before. Who said them is let go of in the night after. `now` is UTC ms.
    """
    number = 0
    for opinion_id, words in versions.items():
        masked = masking.numberless(words[:WORDS_MOST])
        number += tx.run(
            _REPORT, id=opinion_id, commune_id=commune_id, now=now, words=masked
        )
    return number
