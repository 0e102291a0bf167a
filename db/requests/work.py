"""Requests as staff work on them: who has it, what was tried, how it ended; and the
text that says so.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import text

from db.models.states import RequestAct, RequestState
from db.office import tasks
from db.places import communes
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar, Statement
from db.texts import outbox
from menus import notices
from menus.notices import Kind
from menus.numbers import is_fixed_line
from menus.words import VIETNAMESE

ANSWER_MOST = 200  # letters of what the resident is told
DAY_MS = 24 * 3_600_000
NEWS_KEPT_MS = 3 * DAY_MS  # what could not be said by then is told by voice

Ending = Literal[RequestState.DONE, RequestState.DECLINED]
NOTICES: dict[Ending, Kind] = {
    RequestState.DONE: "request_done",
    RequestState.DECLINED: "request_declined",
}


class Ended(NamedTuple):
    """Whom to tell that it ended, and of what."""

    id: int
    commune_id: int
    person_id: int
    hamlet_id: int | None
    number: int
    kind: str
    for_name: str


_ACT = Statement(
    text("""
    INSERT INTO request_acts (request_id, at, staff_id, act, to_id, words, form_key)
    SELECT id, CAST(:now AS BIGINT), CAST(:staff_id AS BIGINT), CAST(:act AS VARCHAR), CAST(:to_id AS BIGINT),
      CAST(:words AS VARCHAR), CAST(:form_key AS VARCHAR)
    FROM requests
    WHERE id = :id AND state = 'open'
    ON CONFLICT (form_key) DO NOTHING
    """)
)
_ENDED = Statement(
    text("""
    INSERT INTO request_acts (request_id, at, staff_id, act, words)
    VALUES (:id, :now, :staff_id, :act, :words)
    """)
)
_HOLD = Statement(
    text("""
    UPDATE requests SET holder_id = :holder_id
    WHERE id = :id AND state = 'open' AND (holder_id IS NULL OR holder_id <> :holder_id)
    """)
)
_TO_SCHOOL = Statement(
    text("""
    UPDATE requests SET school_id = :school_id, told_at = COALESCE(told_at, :now), holder_id = NULL
    WHERE id = :id AND state = 'open' AND kind = 'school'
      AND (told_at IS NULL OR school_id IS NULL OR school_id <> :school_id)
    """)
)
_TRIED = Statement(
    text("UPDATE requests SET tried_at = :now WHERE id = :id AND state = 'open'")
)
_END = Query(
    text("""
    UPDATE requests SET state = :state, ended_at = :now, answer = :answer
    WHERE id = :id AND state = 'open'
    RETURNING id, commune_id, person_id, hamlet_id, number, kind, for_name
    """),
    Ended,
)
# Where the same was asked for again meanwhile, that one stands; who was forgotten asks
# for nothing.
_REOPEN = Statement(
    text("""
    UPDATE requests SET state = 'open', ended_at = NULL, answer = ''
    WHERE id = :id AND state IN ('done', 'declined') AND NOT (kind = 'erase' AND state = 'done')
      AND EXISTS (SELECT 1 FROM people p WHERE p.id = requests.person_id AND p.erased_at IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM requests o
        WHERE o.person_id = requests.person_id AND o.kind = requests.kind AND o.for_folded = requests.for_folded
          AND o.state = 'open')
    """)
)
_SHOP = Statement(
    text("""
    UPDATE requests SET business_id = :business_id
    WHERE id = :id AND (business_id IS NULL OR business_id <> :business_id)
    """)
)
_ENDINGS = Scalar(
    text("""
    SELECT COUNT(*)
    FROM request_acts
    WHERE request_id = :id AND act IN ('done', 'declined')
    """),
    int,
)
_PHONE = Scalar(text("SELECT COALESCE(phone, '') FROM people WHERE id = :id"), str)


def take(tx: Tx, request_id: int, *, staff_id: int, now: int) -> bool:
    """This member of staff has it from now on. False when they had it, or it ended."""
    return _hand(
        tx, request_id, RequestAct.TAKEN, holder_id=staff_id, staff_id=staff_id, now=now
    )


def hand_over(tx: Tx, request_id: int, *, to_id: int, staff_id: int, now: int) -> bool:
    """Another member of staff has it from now on. False when they had it, or it ended."""
    return _hand(
        tx, request_id, RequestAct.HANDED, holder_id=to_id, staff_id=staff_id, now=now
    )


def _hand(
    tx: Tx, request_id: int, act: RequestAct, *, holder_id: int, staff_id: int, now: int
) -> bool:
    if not tx.run(_HOLD, id=request_id, holder_id=holder_id):
        return False
    _note(tx, request_id, act, staff_id=staff_id, now=now, to_id=holder_id)
    return True


def give_to_school(
    tx: Tx, request_id: int, *, school_id: int, name: str, staff_id: int, now: int
) -> bool:
    """The school sees it from now on, and calls: the resident agreed. False when it had
    it, or it ended. Whoever held it lets go of it.
    """
    if not tx.run(_TO_SCHOOL, id=request_id, school_id=school_id, now=now):
        return False
    _note(tx, request_id, RequestAct.HANDED, staff_id=staff_id, now=now, words=name)
    return True


def tried(
    tx: Tx,
    request_id: int,
    *,
    staff_id: int,
    words: str,
    now: int,
    form_key: str | None,
) -> bool:
    """Nobody was reached. False when this very form was noted before, or it ended."""
    is_new = _note(
        tx,
        request_id,
        RequestAct.TRIED,
        staff_id=staff_id,
        now=now,
        words=words,
        form_key=form_key,
    )
    if is_new:
        tx.run(_TRIED, id=request_id, now=now)
    return is_new


def note(
    tx: Tx,
    request_id: int,
    *,
    staff_id: int,
    words: str,
    now: int,
    form_key: str | None,
) -> bool:
    """Something to know about it. False when this very form was noted before, or it
    ended.
    """
    return _note(
        tx,
        request_id,
        RequestAct.NOTED,
        staff_id=staff_id,
        now=now,
        words=words,
        form_key=form_key,
    )


def _note(
    tx: Tx,
    request_id: int,
    act: RequestAct,
    *,
    staff_id: int,
    now: int,
    words: str = "",
    to_id: int | None = None,
    form_key: str | None = None,
) -> bool:
    values = {
        "staff_id": staff_id,
        "to_id": to_id,
        "words": words[:400],
        "form_key": form_key,
    }
    return tx.run(_ACT, id=request_id, now=now, act=act, **values) == 1


def end(
    tx: Tx,
    request_id: int,
    how: Ending,
    *,
    answer: str,
    staff_id: int,
    now: int,
    texts: bool = True,
    by_voice: bool = False,
) -> bool:
    """Done, or declined; whoever asked is told in a text with these words, or by staff
    where no text reaches them, or `by_voice` says that they refused texts. Without
    `texts` the caller tells them.

    False when it had ended before: then nothing is sent.
    """
    answer = answer[:ANSWER_MOST]
    ended = tx.one(_END, id=request_id, state=how, answer=answer, now=now)
    if ended is None:
        return False
    tx.run(
        _ENDED,
        id=request_id,
        now=now,
        staff_id=staff_id,
        act=RequestAct(how),
        words=answer,
    )
    if texts:
        _tell(tx, ended, how, answer, now, by_voice=by_voice)
    return True


def _tell(
    tx: Tx, ended: Ended, how: Ending, answer: str, now: int, *, by_voice: bool
) -> None:
    phone = tx.value(_PHONE, id=ended.person_id)
    if phone and not by_voice and not is_fixed_line(phone):
        outbox.post(
            tx,
            kind=NOTICES[how],
            commune_id=ended.commune_id,
            phone=phone,
            now=now,
            request_id=ended.id,
            once=ending_key(tx, ended.id),
            not_after=now + NEWS_KEPT_MS,
        )
        return
    day = iso_day_at(now)
    commune = communes.named(tx, ended.commune_id, day)
    about = notices.Answered(ended.number, answer, ended.kind, ended.for_name)
    said = notices.answer(NOTICES[how], VIETNAMESE, about, commune=commune.name)
    tasks.answer(
        tx,
        ended.person_id,
        commune_id=ended.commune_id,
        hamlet_id=ended.hamlet_id,
        note=said,
        now=now,
    )


def ending_key(tx: Tx, request_id: int) -> str:
    """Names its newest ending: it is told once, and what was logged with it is found by
    it. One that was reopened ends again, and is told again.
    """
    once = f"request:{request_id}"
    endings = tx.value(_ENDINGS, id=request_id) or 1
    if endings > 1:
        once = f"{once}:{endings}"
    return once


def set_shop(tx: Tx, request_id: int, business_id: int) -> bool:
    """The request is about this shop. False where it was so before."""
    return tx.run(_SHOP, id=request_id, business_id=business_id) == 1


def reopen(tx: Tx, request_id: int, *, words: str, staff_id: int, now: int) -> bool:
    """It was ended by mistake, for the reason in these words: open again, with its
    number, holder and due time.

    The text that says it ended does not go out where it still waits. False where it is
    open, was withdrawn or forgotten, or the same was asked for again meanwhile.
    """
    is_open = tx.run(_REOPEN, id=request_id)
    if not is_open:
        return False
    _note(tx, request_id, RequestAct.NOTED, staff_id=staff_id, now=now, words=words)
    outbox.drop_request(tx, request_id, reason="reopened", now=now)
    return True
