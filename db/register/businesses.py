"""Shops, schools, agencies and the points that serve: what takes payment without cash. Their one writer."""

from __future__ import annotations

from typing import NamedTuple

import psycopg
from sqlalchemy import text

from db.register.people import fold_name
from db.store.engine import Overtaken, Tx
from db.store.statements import Query, Scalar, Statement

KINDS = ("household_business", "school", "service_point", "one_stop")
ONE_STOP = "one_stop"  # of which a commune has one


class Listed(NamedTuple):
    """A business as it is kept."""

    id: int
    kind: str  # one of KINDS
    name: str
    hamlet_id: int | None
    owner_id: int | None
    closed_at: int | None  # UTC ms


_LISTED = "SELECT id, kind, name, hamlet_id, owner_id, closed_at FROM businesses WHERE commune_id = :commune_id"
_ONE = Query(text(f"{_LISTED} AND id = :id"), Listed)
_NAMED = Query(
    text(f"{_LISTED} AND kind = :kind AND folded = :folded ORDER BY id LIMIT 1"), Listed
)
_ONE_STOPS = Query(
    text(f"{_LISTED} AND kind = '{ONE_STOP}' AND closed_at IS NULL ORDER BY id"), Listed
)
_NEW = Scalar(
    text("""
    INSERT INTO businesses (commune_id, hamlet_id, kind, name, folded)
    VALUES (:commune_id, :hamlet_id, :kind, :name, :folded)
    ON CONFLICT (commune_id, kind, name) DO NOTHING
    RETURNING id
    """),
    int,
)
_EDIT = Statement(
    text("""
    UPDATE businesses SET kind = :kind, name = :name, folded = :folded, hamlet_id = :hamlet_id WHERE id = :id
    """)
)
_CLOSE = Statement(
    text("UPDATE businesses SET closed_at = :now WHERE id = :id AND closed_at IS NULL")
)
_OPEN_AGAIN = Statement(
    text(
        "UPDATE businesses SET closed_at = NULL WHERE id = :id AND closed_at IS NOT NULL"
    )
)
_OWNER = Statement(text("UPDATE businesses SET owner_id = :owner_id WHERE id = :id"))


class NameTaken(Exception):
    """One of that kind and name is listed already."""


class SecondOneStop(Exception):
    """The commune has its one-stop office already, under another name."""


def get(tx: Tx, business_id: int, commune_id: int) -> Listed | None:
    return tx.one(_ONE, id=business_id, commune_id=commune_id)


def named(tx: Tx, commune_id: int, kind: str, name: str) -> Listed | None:
    """The one of this kind and name, whatever its marks and capitals."""
    return tx.one(_NAMED, commune_id=commune_id, kind=kind, folded=fold_name(name))


def add(
    tx: Tx, *, commune_id: int, hamlet_id: int | None, kind: str, name: str
) -> int | None:
    """None when one of that kind and name is listed already. Raises SecondOneStop."""
    if named(tx, commune_id, kind, name) is not None:
        return None
    if kind == ONE_STOP:
        _refuse_second(tx, commune_id)
    return tx.value(
        _NEW, commune_id=commune_id, hamlet_id=hamlet_id, kind=kind, name=name, folded=fold_name(name)
    )  # fmt: skip


def edit(
    tx: Tx,
    business: Listed,
    *,
    commune_id: int,
    hamlet_id: int | None,
    kind: str,
    name: str,
) -> None:
    """What counts already keeps the hamlet that it was logged with. Raises NameTaken, SecondOneStop; Overtaken where
    the name was given to another at this moment (`Database.again` looks anew).
    """
    if kind == ONE_STOP and business.kind != ONE_STOP:
        _refuse_second(tx, commune_id)
    other = named(tx, commune_id, kind, name)
    if other is not None and other.id != business.id:
        raise NameTaken
    try:
        tx.run(
            _EDIT,
            id=business.id,
            kind=kind,
            name=name,
            folded=fold_name(name),
            hamlet_id=hamlet_id,
        )
    except psycopg.errors.UniqueViolation as problem:  # SQLite has one writer
        raise Overtaken from problem


def give_to(tx: Tx, business_id: int, owner_id: int | None) -> None:
    """The business is this person's, or nobody's."""
    tx.run(_OWNER, id=business_id, owner_id=owner_id)


def close(tx: Tx, business_id: int, *, now: int) -> bool:
    """It leaves the lists; what it counted for stays. False where it was closed before. `now` is UTC ms."""
    return tx.run(_CLOSE, id=business_id, now=now) == 1


def open_again(tx: Tx, business: Listed, *, commune_id: int) -> bool:
    """It was closed by mistake. False where it is open. Raises SecondOneStop."""
    if business.closed_at is None:
        return False
    if business.kind == ONE_STOP:
        _refuse_second(tx, commune_id)
    return tx.run(_OPEN_AGAIN, id=business.id) == 1


def _refuse_second(tx: Tx, commune_id: int) -> None:
    """Raises SecondOneStop."""
    if tx.all(_ONE_STOPS, commune_id=commune_id):
        raise SecondOneStop
