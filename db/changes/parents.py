"""Parents who agreed to be told by a school of something in a class: they agree, and take it back."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.register import identity, people
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar, Statement
from db.texts import wishes
from menus import days

PURPOSE = "school"  # of the consent
PROMPT = "parents"


class Standing(NamedTuple):
    """A parent of a class whose consent stands."""

    id: int
    person_id: int
    school_id: int
    phone: str | None  # E.164


_AGREE = Scalar(
    text("""
    INSERT INTO parents (class_id, person_id, agreed_on, at, staff_id)
    VALUES (:class_id, :person_id, :agreed_on, :now, :staff_id)
    ON CONFLICT (class_id, person_id) WHERE withdrawn_at IS NULL DO NOTHING
    RETURNING id
    """),
    int,
)
_WITHDRAWN = Scalar(
    text("""
    SELECT withdrawn_at FROM parents
    WHERE class_id = :class_id AND person_id = :person_id AND withdrawn_at IS NOT NULL
    ORDER BY withdrawn_at DESC LIMIT 1
    """),
    int,
)
_ONE = Query(
    text("""
    SELECT a.id, a.person_id, c.school_id, p.phone
    FROM parents a JOIN classes c ON c.id = a.class_id JOIN people p ON p.id = a.person_id
    WHERE a.id = :id AND a.withdrawn_at IS NULL
    """),
    Standing,
)
_WITHDRAW = Statement(
    text(
        "UPDATE parents SET withdrawn_at = :now, withdrawn_by = :staff_id WHERE id = :id AND withdrawn_at IS NULL"
    )
)
_ANOTHER = Scalar(
    text(
        "SELECT 1 FROM parents WHERE person_id = :person_id AND withdrawn_at IS NULL LIMIT 1"
    ),
    int,
)


class WithdrawnSince(Exception):
    """They took it back on or after the day on which they are said to have agreed."""


def agree(
    tx: Tx, *, class_id: int, phone: str, agreed_on: date, commune_id: int, staff_id: int | None, now: int,
    privacy_key: str,
) -> bool:  # fmt: skip
    """Whoever has this E.164 number agreed on that local day; False when that is known. Raises WithdrawnSince.

    `staff_id` none: a list says so. `now` is UTC ms.
    """
    known = people.by_phone(tx, phone)
    if known:
        withdrawn_at = tx.value(_WITHDRAWN, class_id=class_id, person_id=known.id)
        if withdrawn_at is not None and days.today(from_ms(withdrawn_at)) >= agreed_on:
            raise WithdrawnSince
    person_id = people.ensure(
        tx, commune_id=commune_id, phone=phone, now=now, origin="staff"
    ).id
    day = agreed_on.isoformat()
    made = tx.value(
        _AGREE,
        class_id=class_id,
        person_id=person_id,
        agreed_on=day,
        now=now,
        staff_id=staff_id,
    )
    if made is None:
        return False
    if not wishes.agrees(tx, person_id, PURPOSE):
        who = identity.who(privacy_key, phone)
        wishes.agreed(
            tx,
            who=who,
            person_id=person_id,
            purpose=PURPOSE,
            prompt=PROMPT,
            channel="desk",
            answer=day,
            now=now,
        )
    return True


def standing(tx: Tx, parent_id: int) -> Standing | None:
    """A parent whose consent stands."""
    return tx.one(_ONE, id=parent_id)


def withdraw(
    tx: Tx, parent: Standing, *, staff_id: int, now: int, privacy_key: str
) -> bool:
    """No more notices of this class; the consent ends with the last class. False when it was taken back before."""
    if not tx.run(_WITHDRAW, id=parent.id, staff_id=staff_id, now=now):
        return False
    if tx.value(_ANOTHER, person_id=parent.person_id) is None:
        who = identity.who_is(privacy_key, parent.person_id, parent.phone)
        wishes.withdraw(tx, who, parent.person_id, PURPOSE, now)
    return True
