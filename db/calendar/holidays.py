"""Days on which no registration day is put: Tết and the like, entered by staff."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

NAME_MOST = 80


class Listed(NamedTuple):
    day: str  # local ISO day
    name: str


_LISTED = Query(
    text("""
    SELECT day, name
    FROM holidays
    WHERE commune_id = :commune_id
    ORDER BY day
    """),
    Listed,
)
_NAME = Scalar(
    text("""
    SELECT name
    FROM holidays
    WHERE commune_id = :commune_id AND day = :day
    """),
    str,
)
_SAVE = Statement(
    text("""
    INSERT INTO holidays (commune_id, day, name)
    VALUES (:commune_id, :day, :name)
    ON CONFLICT (commune_id, day) DO UPDATE SET name = excluded.name
    """)
)
_REMOVE = Statement(
    text("DELETE FROM holidays WHERE commune_id = :commune_id AND day = :day")
)
_EVENTS = Scalar(
    text("""
    SELECT COUNT(*)
    FROM events
    WHERE commune_id = :commune_id AND day = :day AND state <> 'cancelled'
    """),
    int,
)


class Holiday(Exception):
    """Nothing is held on this day: `name` says why."""

    def __init__(self, name: str, day: str) -> None:
        super().__init__(name)
        self.name = name
        self.day = day


def listed(tx: Tx, commune_id: int) -> list[Listed]:
    """All of them in order of day."""
    return tx.all(_LISTED, commune_id=commune_id)


def refuse(tx: Tx, commune_id: int, day: str) -> None:
    """Raises Holiday when that ISO day is one."""
    name = tx.value(_NAME, commune_id=commune_id, day=day)
    if name is not None:
        raise Holiday(name, day)


def save(tx: Tx, commune_id: int, *, day: str, name: str) -> int:
    """Add the ISO day or rename it; how many events stand on it, which staff must move
    or cancel themselves.
    """
    tx.run(_SAVE, commune_id=commune_id, day=day, name=name)
    return tx.value(_EVENTS, commune_id=commune_id, day=day) or 0


def remove(tx: Tx, commune_id: int, day: str) -> bool:
    """Events may stand on that day again."""
    return tx.run(_REMOVE, commune_id=commune_id, day=day) == 1
