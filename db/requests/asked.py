"""Requests as residents make them: asked, asked again, withdrawn; and what of theirs is
open. With `work` the only writer of requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import Ground, RequestAct, RequestKind
from db.register import people
from db.requests import due, numbers
from db.store.engine import Overtaken, Tx
from db.store.statements import Query, Scalar, Statement
from menus.port import OF_NO_PLACE
from menus.port import RequestKind as Kind

WORDS_MOST = 400  # letters kept of what was said


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for; `told`: they agreed that Viettel will call."""

    kind: RequestKind
    person_id: int
    hamlet_id: int | None = None
    words: str = ""
    for_name: str = ""
    for_phone: str = ""  # E.164
    ground: Ground = Ground.SELF
    told: bool = False
    channel: str = "desk"  # ussd | sms | desk
    staff_id: int | None = None  # who typed it in
    form_key: str | None = None
    school_id: int | None = None  # which one is asked


class Asked(NamedTuple):
    """A request that stands."""

    id: int
    number: int


class Shown(NamedTuple):
    """One that whoever holds a phone asked for, as they are shown it."""

    number: int
    kind: Kind
    made_at: int  # UTC ms
    taken: bool  # somebody has it; 0 or 1 on SQLite
    tried: bool  # nobody was reached; 0 or 1 on SQLite
    for_name: str
    hamlet_id: int | None
    state: str
    ended_at: int | None  # UTC ms
    answer: str
    told: bool  # that others will call; 0 or 1 on SQLite
    reopened: bool  # it was ended before, by mistake; 0 or 1 on SQLite


# What is kept of it when only the commune is to call from now on.
FOR_COMMUNE_ALONE = "Người dân rút đồng ý: chỉ để xã gọi"

_INSERT = Scalar(
    text("""
    INSERT INTO requests (commune_id, number, kind, person_id, hamlet_id, for_name, for_folded, for_phone, ground,
      words, channel, made_at, due_at, told_at, form_key, school_id)
    VALUES (:commune_id, :number, :kind, :person_id, :hamlet_id, :for_name, :for_folded, :for_phone, :ground,
      :words, :channel, :now, :due_at, :told_at, :form_key, :school_id)
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
_SAME_FORM = Query(
    text("SELECT id, number FROM requests WHERE form_key = :form_key"), Asked
)
# For the same person, at the same place; what is not known of one of them tells them
# not apart. 0: nowhere, or no school.
_SAME = Query(
    text("""
    SELECT id, number
    FROM requests
    WHERE person_id = :person_id AND kind = :kind AND for_folded = :for_folded AND state = 'open'
      AND (for_phone = :for_phone OR for_phone = '' OR :for_phone = '')
      AND (hamlet_id = :place OR hamlet_id IS NULL OR :place = 0)
      AND (school_id = :school OR school_id IS NULL OR :school = 0)
    ORDER BY CASE WHEN hamlet_id = :place THEN 0 ELSE 1 END, CASE WHEN school_id = :school THEN 0 ELSE 1 END, number
    LIMIT 1
    """),
    Asked,
)
_MORE_SAID = Statement(
    text("""
    UPDATE requests SET told_at = COALESCE(told_at, :told_at), hamlet_id = COALESCE(hamlet_id, :hamlet_id),
      school_id = COALESCE(school_id, CAST(:school_id AS BIGINT)),
      for_phone = CASE WHEN for_phone = '' THEN :for_phone ELSE for_phone END
    WHERE id = :id AND state = 'open'
    """)
)
_ACT = Statement(
    text("""
    INSERT INTO request_acts (request_id, at, staff_id, act, words)
    VALUES (:id, :now, :staff_id, :act, :words)
    """)
)
_SHOWN = Query(
    text("""
    SELECT r.number, r.kind, r.made_at, r.holder_id IS NOT NULL AS taken, r.tried_at IS NOT NULL AS tried,
      r.for_name, r.hamlet_id, r.state, r.ended_at, r.answer, r.told_at IS NOT NULL AS told,
      r.state = 'open' AND EXISTS (
        SELECT 1 FROM request_acts a WHERE a.request_id = r.id AND a.act IN ('done', 'declined')) AS reopened
    FROM requests r
    JOIN people p ON p.id = r.person_id
    WHERE p.phone = :phone
      AND (r.state = 'open' OR (r.state IN ('done', 'declined') AND r.ended_at >= :since))
    ORDER BY r.number
    """),
    Shown,
)
_WITHDRAW = Scalar(
    text("""
    UPDATE requests SET state = 'withdrawn', ended_at = :now
    WHERE number = :number AND state = 'open' AND person_id IN (SELECT id FROM people WHERE phone = :phone)
    RETURNING id
    """),
    int,
)
_OPEN_TO_OTHERS = Query(
    text("""
    SELECT r.id, r.number
    FROM requests r
    JOIN people p ON p.id = r.person_id
    WHERE p.phone = :phone AND r.state = 'open' AND r.told_at IS NOT NULL AND r.kind = :kind
    ORDER BY r.number
    """),
    Asked,
)
# Whoever has it and is of the commune keeps it.
_CLOSE_TO_OTHERS = Statement(
    text("""
    UPDATE requests SET told_at = NULL, holder_id = CASE
      WHEN holder_id IN (SELECT id FROM staff WHERE role IN ('agent', 'school')) THEN NULL ELSE holder_id END
    WHERE id = :id AND state = 'open'
    """)
)


def ask(tx: Tx, wanted: Wanted, *, commune_id: int, now: int) -> Asked:
    """A new request, or the open one of that kind, for that person and place, that they
    asked for before: it keeps its number, and what was said now is kept with it. `now`
    is UTC ms. Raises Overtaken when that one was ended at this moment.
    """
    # who asks for the same at the same moment waits here
    number = numbers.take(tx, commune_id)
    before = _sent_before(tx, wanted) or _same(tx, wanted, now)
    if before:
        numbers.give_back(tx, commune_id)
        return before
    told_at = now if wanted.told else None
    made = tx.value(
        _INSERT,
        commune_id=commune_id,
        number=number,
        kind=wanted.kind,
        person_id=wanted.person_id,
        hamlet_id=wanted.hamlet_id,
        for_name=wanted.for_name.strip()[:80],
        for_folded=people.fold_name(wanted.for_name),
        for_phone=wanted.for_phone,
        ground=wanted.ground,
        words=wanted.words[:WORDS_MOST],
        channel=wanted.channel,
        now=now,
        due_at=due.at(tx, wanted.kind, commune_id=commune_id, now=now),
        told_at=told_at,
        form_key=wanted.form_key,
        school_id=wanted.school_id,
    )
    if made is None:
        # handed on to this person a statement ago, with a number that changed hands
        raise Overtaken
    tx.run(
        _ACT, id=made, now=now, staff_id=wanted.staff_id, act=RequestAct.ASKED, words=""
    )
    return Asked(made, number)


def _sent_before(tx: Tx, wanted: Wanted) -> Asked | None:
    """What the same form made when it was sent the first time."""
    if not wanted.form_key:
        return None
    return tx.one(_SAME_FORM, form_key=wanted.form_key)


def _same(tx: Tx, wanted: Wanted, now: int) -> Asked | None:
    """The open one that is meant again, with what was said now. Raises Overtaken when
    it was just ended.
    """
    same = tx.one(
        _SAME,
        person_id=wanted.person_id,
        kind=wanted.kind,
        for_folded=people.fold_name(wanted.for_name),
        for_phone=wanted.for_phone,
        place=_place(wanted),
        school=wanted.school_id or 0,
    )
    if same is None:
        return None
    told_at = now if wanted.told else None
    is_open = tx.run(
        _MORE_SAID,
        id=same.id,
        told_at=told_at,
        hamlet_id=wanted.hamlet_id,
        for_phone=wanted.for_phone,
        school_id=wanted.school_id,
    )
    if not is_open:
        raise Overtaken
    words = wanted.words[:WORDS_MOST]
    tx.run(
        _ACT,
        id=same.id,
        now=now,
        staff_id=wanted.staff_id,
        act=RequestAct.AGAIN,
        words=words,
    )
    return same


def _place(wanted: Wanted) -> int:
    """The hamlet; 0: nowhere."""
    if wanted.kind in OF_NO_PLACE or wanted.hamlet_id is None:
        return 0
    return wanted.hamlet_id


def shown(tx: Tx, phone: str, since: int) -> list[Shown]:
    """What the holder of this number (E.164) asked for, by number: what waits, and what
    ended since then (UTC ms).
    """
    return tx.all(_SHOWN, phone=phone, since=since)


def withdraw(tx: Tx, number: int, *, phone: str, now: int) -> bool:
    """The holder of this number (E.164) wants it no more. False when nothing of theirs
    with this number is open.
    """
    request_id = tx.value(_WITHDRAW, number=number, phone=phone, now=now)
    if request_id is None:
        return False
    tx.run(
        _ACT, id=request_id, now=now, staff_id=None, act=RequestAct.WITHDRAWN, words=""
    )
    return True


def for_commune_alone(
    tx: Tx, kinds: Iterable[Kind], *, phone: str, now: int
) -> list[int]:
    """Of these kinds only the commune is to call the holder of this number (E.164) from
    now on: the numbers of the open requests of which others were to.
    """
    numbers: list[int] = []
    for kind in kinds:
        for request in tx.all(_OPEN_TO_OTHERS, phone=phone, kind=kind):
            tx.run(_CLOSE_TO_OTHERS, id=request.id)
            tx.run(
                _ACT,
                id=request.id,
                now=now,
                staff_id=None,
                act=RequestAct.NOTED,
                words=FOR_COMMUNE_ALONE,
            )
            numbers.append(request.number)
    return sorted(numbers)
