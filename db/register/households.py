"""Households of the register, by the code that stands in its list."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from db.models import households
from db.store.engine import Tx
from db.store.statements import Statement

_HOUSEHOLD = Statement(
    select(households.c.id, households.c.hamlet_id).where(
        households.c.commune_id == bindparam("commune"), households.c.code == bindparam("code")
    )
)
_NEW_HOUSEHOLD = Statement(
    insert(households)
    .values(commune_id=bindparam("commune"), hamlet_id=bindparam("hamlet"), code=bindparam("code"))
    .returning(households.c.id)
)


class OtherHamlet(Exception):
    """The household stands in another hamlet."""


def ensure(tx: Tx, *, commune_id: int, hamlet_id: int, code: str) -> int:
    """The household of that code, made when new. Raises OtherHamlet."""
    found = tx.one(_HOUSEHOLD, commune=commune_id, code=code)
    if found is None:
        return int(tx.value(_NEW_HOUSEHOLD, commune=commune_id, hamlet=hamlet_id, code=code))
    if found.hamlet_id != hamlet_id:
        raise OtherHamlet
    return int(found.id)
