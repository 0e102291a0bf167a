"""The places of a new installation: its first register names the hamlets, its first
list of events the halls.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from db.commands.imports.events import Day
from db.commands.imports.people import Household, Resident
from db.places.naming import Hamlets, same
from db.store.engine import Tx
from db.store.statements import Scalar, Statement

_HAMLETS = Scalar(
    text("SELECT COUNT(*) FROM hamlets WHERE commune_id = :commune_id"), int
)
_HALLS = Scalar(text("SELECT COUNT(*) FROM halls WHERE commune_id = :commune_id"), int)
_NEW_HAMLET = Statement(
    text("""
    INSERT INTO hamlets (commune_id, name, position) VALUES (:commune_id, :name, :position) ON CONFLICT DO NOTHING
    """)
)
_NEW_HALL = Statement(
    text("""
    INSERT INTO halls (commune_id, hamlet_id, name) VALUES (:commune_id, :hamlet_id, :name) ON CONFLICT DO NOTHING
    """)
)
_HALL_WORDS = ("nvh ", "nha van hoa ")


def wanted(
    tx: Tx, commune_id: int, kind: str, rows: Iterable[object]
) -> tuple[str, ...]:
    """Names to add before the rows are kept; none once there are any, so that a slip of
    the pen adds no hamlet.
    """
    if kind in ("residents", "households"):
        has_places = tx.value(_HAMLETS, commune_id=commune_id)
    elif kind == "events":
        has_places = tx.value(_HALLS, commune_id=commune_id)
    else:
        return ()
    if has_places:
        return ()
    once: dict[str, str] = {}
    for row in rows:
        name = _place(row)
        once.setdefault(same(name), name)
    return tuple(once.values())  # in the order of the file


def _place(row: object) -> str:
    """The hamlet or the hall that a row names."""
    if isinstance(row, Day):
        return row.hall
    # no other list is the first to name places
    assert isinstance(row, Resident | Household)
    return row.hamlet


def add(tx: Tx, commune_id: int, kind: str, names: Iterable[str]) -> None:
    hamlets = Hamlets(tx, commune_id)
    for position, name in enumerate(names, 1):
        if kind == "events":
            hamlet_id = _home_of(name, hamlets)
            tx.run(_NEW_HALL, commune_id=commune_id, hamlet_id=hamlet_id, name=name)
        else:
            tx.run(_NEW_HAMLET, commune_id=commune_id, name=name, position=position)


def _home_of(hall: str, hamlets: Hamlets) -> int | None:
    """`NVH Quảng Trung I` stands in Quảng Trung I; a hall without a hamlet's name is
    the commune's.
    """
    said = same(hall)
    for words in _HALL_WORDS:
        said = said.removeprefix(words)
    return hamlets.find(said)
