"""Parents who agreed to be told by a school of something in a class, and apart from
that to adverts: they agree, and take it back.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import HowAsked
from db.register import identity, people
from db.store.engine import Tx
from db.store.local_days import day_at
from db.store.statements import Query, Scalar, Statement
from db.texts import adverts, stops, wishes
from db.texts.wishes import ADVERT, Heard

PURPOSE = "school"  # of the consent
PROMPT = "parents"
YEARS_AT_SCHOOL = timedelta(days=5 * 366)


class Standing(NamedTuple):
    """A parent of a class whose consent stands."""

    id: int
    person_id: int
    school_id: int
    phone: str | None  # E.164


_AGREE = Scalar(
    text("""
    INSERT INTO parents (class_id, person_id, agreed_on, at, staff_id, asked)
    VALUES (:class_id, :person_id, :agreed_on, :now, :staff_id, :asked)
    ON CONFLICT (class_id, person_id) WHERE withdrawn_at IS NULL DO NOTHING
    RETURNING id
    """),
    int,
)
_WITHDRAWN = Scalar(
    text("""
    SELECT withdrawn_at
    FROM parents
    WHERE class_id = :class_id AND person_id = :person_id AND withdrawn_at IS NOT NULL
    ORDER BY withdrawn_at DESC
    LIMIT 1
    """),
    int,
)
_ONE = Query(
    text("""
    SELECT a.id, a.person_id, c.school_id, p.phone
    FROM parents a
    JOIN classes c ON c.id = a.class_id
    JOIN people p ON p.id = a.person_id
    WHERE a.id = :id AND a.withdrawn_at IS NULL
    """),
    Standing,
)
_WITHDRAW = Statement(
    text("""
    UPDATE parents SET withdrawn_at = :now, withdrawn_by = :staff_id
    WHERE id = :id AND withdrawn_at IS NULL
    """)
)
_ANOTHER = Scalar(
    text("""
    SELECT 1
    FROM parents
    WHERE person_id = :person_id AND withdrawn_at IS NULL
    LIMIT 1
    """),
    int,
)


_ADVERTS_WITHDRAWN = Scalar(
    text("""
    SELECT MAX(withdrawn_at)
    FROM consents
    WHERE person_id = :person_id AND purpose = 'advert'
    """),
    int,
)
_ADVERTS_OF_LIST = Scalar(
    text("""
    SELECT 1
    FROM consents
    WHERE person_id = :person_id AND purpose = 'advert' AND withdrawn_at IS NULL AND prompt LIKE 'parents:%'
    LIMIT 1
    """),
    int,
)
# What keeps every advert back until they themselves write to us (db/texts/stops.py).
_REFUSALS = frozenset({"advert", "all", "erased", "dnc"})


class AdvertsRefused(Exception):
    """From this number adverts were refused: only they themselves take that back."""


class TooLongAgo(Exception):
    """The day lies before any child of today can have been in a class."""


class WithdrawnSince(Exception):
    """They took it back on or after the day on which they are said to have agreed."""


def agree(
    tx: Tx,
    *,
    class_id: int,
    phone: str,
    agreed_on: date,
    commune_id: int,
    staff_id: int | None,
    now: int,
    privacy_key: str,
    asked: HowAsked = HowAsked.UNKNOWN,
) -> bool:
    """Whoever has this E.164 number agreed on that local day; False when that is known.
    Raises WithdrawnSince, TooLongAgo.

    `staff_id` none: a list says so. `now` is UTC ms.
    """
    if agreed_on < earliest(now):
        raise TooLongAgo
    known = people.by_phone(tx, phone)
    if known:
        _refuse_withdrawn_since(tx, class_id, known.id, agreed_on)
    person = people.ensure(
        tx, commune_id=commune_id, phone=phone, now=now, origin="staff"
    )
    day = agreed_on.isoformat()
    made = tx.value(
        _AGREE,
        class_id=class_id,
        person_id=person.id,
        agreed_on=day,
        now=now,
        staff_id=staff_id,
        asked=asked,
    )
    if made is None:
        return False
    if not wishes.agrees(tx, person.id, PURPOSE):
        who = identity.who(privacy_key, phone)
        wishes.agreed(
            tx,
            who=who,
            person_id=person.id,
            purpose=PURPOSE,
            prompt=_prompt(asked),
            channel="desk",
            answer=day,
            now=now,
        )
    return True


def _prompt(asked: HowAsked) -> str:
    """How they were asked, as the register of wishes has it: `parents:form`."""
    return f"{PROMPT}:{asked}" if asked else PROMPT


def earliest(now: int) -> date:
    """The first day on which a parent of today can have agreed (`now` is UTC ms): a
    child is at most five years at one school.
    """
    return day_at(now) - YEARS_AT_SCHOOL


def may_take_adverts(tx: Tx, phone: str, *, agreed_on: date, privacy_key: str) -> None:
    """Raises AdvertsRefused, WithdrawnSince where they said no on or after that local
    day.
    """
    who = identity.who(privacy_key, phone)
    if stops.refused(tx, who) & _REFUSALS:
        raise AdvertsRefused
    known = people.by_phone(tx, phone)
    if known is None:
        return
    withdrawn_at = tx.value(_ADVERTS_WITHDRAWN, person_id=known.id)
    _refuse_before(withdrawn_at, agreed_on)


def agree_to_adverts(
    tx: Tx,
    phone: str,
    *,
    agreed_on: date,
    asked: HowAsked,
    now: int,
    privacy_key: str,
) -> bool:
    """Whoever has this E.164 number, a parent, agreed to adverts on that local day,
    asked in that way; False where they had. Raises AdvertsRefused, WithdrawnSince,
    TooLongAgo.
    """
    if agreed_on < earliest(now):
        raise TooLongAgo
    may_take_adverts(tx, phone, agreed_on=agreed_on, privacy_key=privacy_key)
    person = people.by_phone(tx, phone)
    if person is None:
        return False
    who = identity.who(privacy_key, phone)
    day = agreed_on.isoformat()
    heard = Heard("desk", day, person.id)
    line = adverts.agree(
        tx, who, person_id=person.id, prompt=_prompt(asked), heard=heard, now=now
    )
    return line is not None


def withdraw_adverts(tx: Tx, parent: Standing, *, now: int, privacy_key: str) -> bool:
    """No more adverts; the school's notices still come. False where they agreed to
    none.
    """
    if not wishes.agrees(tx, parent.person_id, ADVERT):
        return False
    who = identity.who_is(privacy_key, parent.person_id, parent.phone)
    wishes.withdraw(tx, who, parent.person_id, ADVERT, now)
    return True


def _refuse_withdrawn_since(
    tx: Tx, class_id: int, person_id: int, agreed_on: date
) -> None:
    withdrawn_at = tx.value(_WITHDRAWN, class_id=class_id, person_id=person_id)
    _refuse_before(withdrawn_at, agreed_on)


def _refuse_before(withdrawn_at: int | None, agreed_on: date) -> None:
    """Raises WithdrawnSince where they took it back on or after that local day."""
    if withdrawn_at is None:
        return
    withdrawn_on = day_at(withdrawn_at)
    if withdrawn_on >= agreed_on:
        raise WithdrawnSince


def standing(tx: Tx, parent_id: int) -> Standing | None:
    """A parent whose consent stands."""
    return tx.one(_ONE, id=parent_id)


def withdraw(
    tx: Tx, parent: Standing, *, staff_id: int, now: int, privacy_key: str
) -> bool:
    """No more notices of this class; with the last class the consent ends, and that to
    adverts which the school's list brought. False when it was taken back before.
    """
    if not tx.run(_WITHDRAW, id=parent.id, staff_id=staff_id, now=now):
        return False
    another = tx.value(_ANOTHER, person_id=parent.person_id)
    if another is None:
        who = identity.who_is(privacy_key, parent.person_id, parent.phone)
        wishes.withdraw(tx, who, parent.person_id, PURPOSE, now)
        if tx.value(_ADVERTS_OF_LIST, person_id=parent.person_id) is not None:
            wishes.withdraw(tx, who, parent.person_id, ADVERT, now)
    return True
