"""People and what is known of them; each fact with the source that says so."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text, update

from db import counting
from db.engine import Tx
from db.models import people
from db.statements import Row, Statement
from menus.hearing import fold
from menus.words import VIETNAMESE

# The best source first: what staff saw beats the register, the register beats what was said on a keypad.
SOURCES = ("seen", "register", "self")

Tongue = tuple[str, bool]  # the language of texts, and whether they keep their tone marks
UNASKED: Tongue = (VIETNAMESE, False)

_BY_PHONE = Statement(select(people).where(people.c.phone == bindparam("phone"), people.c.erased_at.is_(None)))
_ADD = Statement(
    text(
        "INSERT INTO people (commune_id, phone, name, folded, hamlet_id, origin, made_at, language, marks)"
        " VALUES (:commune_id, :phone, :name, :folded, :hamlet_id, :origin, :now, :language, :marks)"
        " ON CONFLICT (phone) DO UPDATE SET hamlet_id = COALESCE(people.hamlet_id, excluded.hamlet_id),"
        " folded = CASE WHEN people.name = '' THEN excluded.folded ELSE people.folded END,"
        " name = CASE WHEN people.name = '' THEN excluded.name ELSE people.name END RETURNING id, hamlet_id"
    )
)
_NOTE = Statement(
    text(
        "INSERT INTO facts (person_id, kind, source, value, at, staff_id)"
        " VALUES (:person_id, :kind, :source, :value, :now, :staff_id)"
        " ON CONFLICT (person_id, kind, source) DO UPDATE SET value = excluded.value, at = excluded.at,"
        " staff_id = excluded.staff_id"
    )
)
_PREFER = Statement(
    update(people)
    .where(people.c.phone == bindparam("whose"))
    .values(language=bindparam("language"), marks=bindparam("marks"))
)


def fold_name(name: str) -> str:
    """A name as it is searched for: without tone marks, lower case, single spaces."""
    return fold(name)[:80]


def by_phone(tx: Tx, phone: str) -> Row | None:
    """The person who holds this E.164 number."""
    return tx.one(_BY_PHONE, phone=phone)


def ensure(
    tx: Tx,
    *,
    commune_id: int,
    phone: str | None,
    now: int,
    origin: str,
    name: str = "",
    hamlet_id: int | None = None,
    tongue: Tongue = UNASKED,
) -> Row:
    """The person with this number (`id`, `hamlet_id`), made if there is none; without a number always a new person.

    A known person's name and hamlet are only filled in where they were missing, their tongue stays. `now` is UTC ms.
    Looked up first: a row that is written is locked, and whoever writes two people must not meet another who does.
    """
    known = by_phone(tx, phone) if phone else None
    if known and (known.hamlet_id or not hamlet_id) and (known.name or not name.strip()):
        return known
    person = tx.one(
        _ADD,
        commune_id=commune_id,
        phone=phone,
        name=name.strip()[:80],
        folded=fold_name(name),
        hamlet_id=hamlet_id,
        origin=origin,
        now=now,
        language=tongue[0],
        marks=tongue[1],
    )
    assert person is not None  # made, or met
    return person


def note_fact(
    tx: Tx, person_id: int, kind: str, source: str, value: str, now: int, staff_id: int | None = None
) -> None:
    """Remember what one source says; an older word of the same source is replaced."""
    tx.run(_NOTE, person_id=person_id, kind=kind, source=source, value=value, now=now, staff_id=staff_id)
    if kind == "handset":  # a household with a 2G-only handset does not count as converted
        counting.handset_known(tx, person_id)


def prefer(tx: Tx, phone: str, language: str, marks: bool) -> None:
    """The language of texts to this number, if the person is known."""
    tx.run(_PREFER, whose=phone, language=language, marks=marks)
