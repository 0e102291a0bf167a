"""What the forms offer to choose from: hamlets, halls, staff, households, and the
programme they serve.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar


class Named(NamedTuple):
    """A hamlet, a programme, or somebody."""

    id: int
    name: str


class Alias(NamedTuple):
    folded: str
    hamlet_id: int


class Hall(NamedTuple):
    id: int
    name: str
    hamlet_id: int | None  # none: the commune's own


class Member(NamedTuple):
    """One of the staff."""

    id: int
    username: str
    name: str


class Indicator(NamedTuple):
    id: int
    programme_id: int
    key: str
    subject: str
    kind: str | None
    derived: bool
    name: str
    name_en: str
    denominator: str
    denominator_en: str
    percent: int | None


class Household(NamedTuple):
    id: int
    code: str
    poor: str


_HAMLETS = Query(
    text(
        "SELECT id, name FROM hamlets WHERE commune_id = :commune_id ORDER BY position, id"
    ),
    Named,
)
_ALIASES = Query(
    text("""
    SELECT a.folded, a.hamlet_id FROM hamlet_aliases a JOIN hamlets h ON h.id = a.hamlet_id
    WHERE h.commune_id = :commune_id
    """),
    Alias,
)
_HALLS = Query(
    text("""
    SELECT l.id, l.name, l.hamlet_id FROM halls l LEFT JOIN hamlets h ON h.id = l.hamlet_id
    WHERE l.commune_id = :commune_id
    ORDER BY h.position IS NOT NULL, h.position, l.name
    """),
    Hall,
)
_STAFF = Query(
    text(
        "SELECT id, username, name FROM staff WHERE commune_id = :commune_id ORDER BY username"
    ),
    Member,
)
_PROGRAMME = Query(
    text(
        "SELECT id, name FROM programmes WHERE commune_id = :commune_id ORDER BY id LIMIT 1"
    ),
    Named,
)
_INDICATORS = Query(
    text("""
    SELECT i.id, i.programme_id, i.key, i.subject, i.kind, i.derived, i.name, i.name_en, i.denominator,
      i.denominator_en, i.percent
    FROM indicators i JOIN programmes g ON g.id = i.programme_id
    WHERE g.commune_id = :commune_id
    ORDER BY i.position, i.id
    """),
    Indicator,
)
_HOUSEHOLDS = Query(
    text(
        "SELECT id, code, poor FROM households WHERE hamlet_id = :hamlet_id ORDER BY code LIMIT 500"
    ),
    Household,
)
_PERSON = Query(
    text(
        "SELECT id, name FROM people WHERE commune_id = :commune_id AND id = :person_id"
    ),
    Named,
)
_NAME = Scalar(
    text(
        "SELECT name FROM commune_names WHERE commune_id = :commune_id AND since <= :day ORDER BY since DESC LIMIT 1"
    ),
    str,
)


def hamlets_of(tx: Tx, commune_id: int) -> list[Named]:
    return tx.all(_HAMLETS, commune_id=commune_id)


def name_among(hamlets: Iterable[Named], hamlet_id: int | None) -> str:
    """Empty where none of them is this one."""
    for hamlet in hamlets:
        if hamlet.id == hamlet_id:
            return hamlet.name
    return ""


def hamlet_names(tx: Tx, commune_id: int) -> dict[int, str]:
    """By id."""
    return {hamlet.id: hamlet.name for hamlet in hamlets_of(tx, commune_id)}


def aliases_of(tx: Tx, commune_id: int) -> dict[str, int]:
    """Folded other names of hamlets, as people write them, to the hamlet."""
    return {
        row.folded: row.hamlet_id for row in tx.all(_ALIASES, commune_id=commune_id)
    }


def halls_of(tx: Tx, commune_id: int) -> list[Hall]:
    """The commune's own hall first, then the hamlets' in their order."""
    return tx.all(_HALLS, commune_id=commune_id)


def staff_of(tx: Tx, commune_id: int) -> list[Member]:
    return tx.all(_STAFF, commune_id=commune_id)


def programme_of(tx: Tx, commune_id: int) -> Named | None:
    """The programme the desk works for: the commune's first."""
    return tx.one(_PROGRAMME, commune_id=commune_id)


def indicators_of(tx: Tx, commune_id: int) -> list[Indicator]:
    return tx.all(_INDICATORS, commune_id=commune_id)


def households_of(tx: Tx, hamlet_id: int) -> list[Household]:
    return tx.all(_HOUSEHOLDS, hamlet_id=hamlet_id)


def person_named(tx: Tx, commune_id: int, person_id: int) -> Named | None:
    """Somebody's `id` and `name`."""
    return tx.one(_PERSON, commune_id=commune_id, person_id=person_id)


def commune_name(tx: Tx, commune_id: int, day: str) -> str:
    """The commune as it is called on that day; empty when nobody named it yet."""
    return tx.value(_NAME, commune_id=commune_id, day=day) or ""
