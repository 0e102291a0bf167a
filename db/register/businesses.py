"""Shops, schools, agencies and the points that serve: what takes payment without cash."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select

from db.models import businesses
from db.store.engine import Tx
from db.store.statements import Scalar

_SAME_BUSINESS = Scalar(
    select(businesses.c.id).where(
        businesses.c.commune_id == bindparam("commune"),
        businesses.c.kind == bindparam("kind"),
        func.lower(businesses.c.name) == func.lower(bindparam("name", type_=businesses.c.name.type)),
    ),
    int,
)
_NEW_BUSINESS = Scalar(
    insert(businesses)
    .values(
        commune_id=bindparam("commune"), hamlet_id=bindparam("hamlet"), kind=bindparam("kind"), name=bindparam("name")
    )
    .returning(businesses.c.id),
    int,
)


def add(tx: Tx, *, commune_id: int, hamlet_id: int | None, kind: str, name: str) -> int | None:
    """None when one of that kind and name is listed already."""
    if tx.value(_SAME_BUSINESS, commune=commune_id, kind=kind, name=name) is not None:
        return None
    return tx.value(_NEW_BUSINESS, commune=commune_id, hamlet=hamlet_id, kind=kind, name=name)
