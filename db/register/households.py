"""Households of the register, by the code that stands in its list."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, insert, select

from db.models import households
from db.store.engine import Tx
from db.store.statements import Query, Scalar


class Home(NamedTuple):
    """A household and the hamlet it stands in."""

    id: int
    hamlet_id: int


_HOUSEHOLD = Query(
    select(households.c.id, households.c.hamlet_id).where(
        households.c.commune_id == bindparam("commune"),
        households.c.code == bindparam("code"),
    ),
    Home,
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
