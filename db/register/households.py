"""Households of the register, by the code that stands in its list."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, text

from db.models import households
from db.store.engine import Tx
from db.store.statements import Query, Scalar


class Home(NamedTuple):
    """A household and the hamlet it stands in."""

    id: int
    hamlet_id: int


class Living(NamedTuple):
    """How many belong to a household, and the name of its head; empty where none does."""

    people: int
    head: str


_HOUSEHOLD = Query(
    select(households.c.id, households.c.hamlet_id).where(
        households.c.commune_id == bindparam("commune"),
        households.c.code == bindparam("code"),
    ),
    Home,
)
# Whoever stands first in the register is the head.
_LIVING = Query(
    text("""
    SELECT COUNT(*) AS people, COALESCE((
        SELECT p.name FROM people p
        WHERE p.household_id = :home_id AND p.erased_at IS NULL
        ORDER BY p.id LIMIT 1), '') AS head
    FROM people
    WHERE household_id = :home_id AND erased_at IS NULL
    """),
    Living,
)
_NEW_HOUSEHOLD = Scalar(
    insert(households)
    .values(
        commune_id=bindparam("commune"),
        hamlet_id=bindparam("hamlet"),
        code=bindparam("code"),
    )
    .returning(households.c.id),
    int,
)


class OtherHamlet(Exception):
    """The household stands in another hamlet."""


def ensure(tx: Tx, *, commune_id: int, hamlet_id: int, code: str) -> int:
    """The household of that code, made when new. Raises OtherHamlet."""
    found = tx.one(_HOUSEHOLD, commune=commune_id, code=code)
    if found is None:
        made = tx.value(_NEW_HOUSEHOLD, commune=commune_id, hamlet=hamlet_id, code=code)
        assert made is not None  # an insert returns its row
        return made
    if found.hamlet_id != hamlet_id:
        raise OtherHamlet
    return found.id


def living(tx: Tx, home_id: int) -> Living:
    """Who belongs to it now."""
    found = tx.one(_LIVING, home_id=home_id)
    assert found is not None  # a count returns its row
    return found
