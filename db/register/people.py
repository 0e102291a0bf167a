"""People and what is known of them; each fact with the source that says so."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select, text, update

from db.models import people
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.hearing import fold
from menus.words import VIETNAMESE

# the language of texts, and whether they keep their tone marks
Locale = tuple[str, bool]
UNASKED: Locale = (VIETNAMESE, False)


class Person(NamedTuple):
    """Who holds a number. The name is empty where nobody said it."""

    id: int
    name: str
    folded: str  # the name without marks, to search
    hamlet_id: int | None
    household_id: int | None
    language: str
    marks: bool  # keeps tone marks in texts; 0 or 1 on SQLite
    origin: str  # register | self | staff | demo


class Met(NamedTuple):
    """Somebody met again, or just made."""

    id: int
    hamlet_id: int | None


_BY_PHONE = Query(
    text("""
    SELECT id, name, folded, hamlet_id, household_id, language, marks, origin
    FROM people
    WHERE phone = :phone AND erased_at IS NULL
    """),
    Person,
)
_PHONE = Scalar(
    select(people.c.phone).where(
        people.c.id == bindparam("person"),
        people.c.commune_id == bindparam("commune"),
        people.c.erased_at.is_(None),
    ),
    str,
)
_WITHOUT_PHONE = Scalar(
    text("""
    SELECT id
    FROM people
    WHERE commune_id = :commune_id AND folded = :folded AND phone IS NULL AND erased_at IS NULL
      AND COALESCE(hamlet_id, 0) = :home
    ORDER BY id
    LIMIT 1
    """),
    int,
)
_ADD = Query(
    text("""
    INSERT INTO people (commune_id, phone, name, folded, hamlet_id, origin, made_at, language, marks)
    VALUES (:commune_id, :phone, :name, :folded, :hamlet_id, :origin, :now, :language, :marks)
    ON CONFLICT (phone) DO UPDATE SET
      hamlet_id = COALESCE(people.hamlet_id, excluded.hamlet_id),
      folded = CASE WHEN people.name = '' THEN excluded.folded ELSE people.folded END,
      name = CASE WHEN people.name = '' THEN excluded.name ELSE people.name END
    RETURNING id, hamlet_id
    """),
    Met,
)
_PREFER = Statement(
    update(people)
    .where(people.c.phone == bindparam("whose"))
    .values(language=bindparam("language"), marks=bindparam("marks"))
)
_EDIT = Statement(
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(
        name=bindparam("to_name"),
        folded=bindparam("to_folded"),
        hamlet_id=bindparam("to_hamlet"),
        household_id=bindparam("to_household"),
    )
)


def fold_name(name: str) -> str:
    """A name as it is searched for: without tone marks, lower case, single spaces."""
    return fold(name)[:80]


def by_phone(tx: Tx, phone: str) -> Person | None:
    """The person who holds this E.164 number."""
    return tx.one(_BY_PHONE, phone=phone)


def phone_of(tx: Tx, person_id: int, commune_id: int) -> str:
    """The person's own number (E.164); empty where they have none."""
    return tx.value(_PHONE, person=person_id, commune=commune_id) or ""


def without_phone(
    tx: Tx, *, commune_id: int, hamlet_id: int | None, folded: str
) -> int | None:
    """Somebody without a phone of that very name in that hamlet: probably the same one,
    met before.
    """
    return tx.value(
        _WITHOUT_PHONE, commune_id=commune_id, home=hamlet_id or 0, folded=folded
    )


def ensure(
    tx: Tx,
    *,
    commune_id: int,
    phone: str | None,
    now: int,
    origin: str,
    name: str = "",
    hamlet_id: int | None = None,
    locale: Locale = UNASKED,
) -> Met:
    """The person with this number, made if there is none; without a number always a new
    person.

    A known person's name and hamlet are only filled in where they were missing, their
    locale stays. `now` is UTC ms. Looked up first: a row that is written is locked, and
    whoever writes two people must not meet another who does.
    """
    name = name.strip()
    known = by_phone(tx, phone) if phone else None
    if known:
        fills_hamlet = hamlet_id and not known.hamlet_id
        fills_name = name and not known.name
        if not fills_hamlet and not fills_name:
            return Met(known.id, known.hamlet_id)
    language, marks = locale
    person = tx.one(
        _ADD,
        commune_id=commune_id,
        phone=phone,
        name=name[:80],
        folded=fold_name(name),
        hamlet_id=hamlet_id,
        origin=origin,
        now=now,
        language=language,
        marks=marks,
    )
    assert person is not None  # made, or met
    return person


def prefer(tx: Tx, phone: str, language: str, marks: bool) -> None:
    """The language of texts to this number, if the person is known."""
    tx.run(_PREFER, whose=phone, language=language, marks=marks)


def edit(
    tx: Tx,
    person_id: int,
    *,
    name: str,
    folded: str,
    hamlet_id: int | None,
    household_id: int | None,
) -> None:
    tx.run(
        _EDIT,
        person=person_id,
        to_name=name,
        to_folded=folded,
        to_hamlet=hamlet_id,
        to_household=household_id,
    )
