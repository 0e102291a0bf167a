"""Shops, schools, agencies and the points that serve: what takes payment without cash.
Their one writer.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

KINDS = ("household_business", "school", "service_point", "one_stop")
ONE_STOP = "one_stop"  # of which a commune has one
SCHOOL = "school"
# Of each name one in the commune: the lists of parents know a school by it.
KNOWN_BY_NAME = (SCHOOL, ONE_STOP)


class Sought(NamedTuple):
    """A business as a form, or the row of a list, names it."""

    kind: str  # one of KINDS
    name: str
    hamlet_id: int | None = None
    owner: str = ""  # empty where it is not said
    phone: str = ""  # E.164, of the owner; empty where it is not said


class Listed(NamedTuple):
    """A business as it is kept."""

    id: int
    kind: str  # one of KINDS
    name: str
    hamlet_id: int | None
    owner_id: int | None
    closed_at: int | None  # UTC ms
    owner: str  # the owner's name; empty where nobody knows it
    phone: str  # E.164, of the owner; empty where nobody knows it


_LISTED = """
    SELECT b.id, b.kind, b.name, b.hamlet_id, b.owner_id, b.closed_at, COALESCE(p.name, '') AS owner,
      COALESCE(p.phone, '') AS phone
    FROM businesses b
    LEFT JOIN people p ON p.id = b.owner_id
    WHERE b.commune_id = :commune_id
"""
_ONE = Query(text(f"{_LISTED} AND b.id = :id"), Listed)
_NAMED = Query(
    text(f"{_LISTED} AND b.kind = :kind AND b.folded = :folded ORDER BY b.id"), Listed
)
_ONE_STOPS = Query(
    text(f"{_LISTED} AND b.kind = '{ONE_STOP}' AND b.closed_at IS NULL ORDER BY b.id"),
    Listed,
)
# Of two who add or rename one at once the second sees what the first did.
_ONE_AT_A_TIME = Statement(
    text("UPDATE communes SET service_code = service_code WHERE id = :commune_id")
)
_NEW = Scalar(
    text("""
    INSERT INTO businesses (commune_id, hamlet_id, kind, name, folded)
    VALUES (:commune_id, :hamlet_id, :kind, :name, :folded)
    RETURNING id
    """),
    int,
)
_EDIT = Statement(
    text("""
    UPDATE businesses SET kind = :kind, name = :name, folded = :folded, hamlet_id = :hamlet_id
    WHERE id = :id
    """)
)
_CLOSE = Statement(
    text("""
    UPDATE businesses SET closed_at = :now
    WHERE id = :id AND closed_at IS NULL
    """)
)
_OPEN_AGAIN = Statement(
    text("""
    UPDATE businesses SET closed_at = NULL
    WHERE id = :id AND closed_at IS NOT NULL
    """)
)
_OWNER = Statement(text("UPDATE businesses SET owner_id = :owner_id WHERE id = :id"))


class NameTaken(Exception):
    """The same one is listed already."""


class SecondOneStop(Exception):
    """The commune has its one-stop office already, under another name."""


def get(tx: Tx, business_id: int, commune_id: int) -> Listed | None:
    return tx.one(_ONE, id=business_id, commune_id=commune_id)


def named(tx: Tx, commune_id: int, kind: str, name: str) -> list[Listed]:
    """All of this kind and name, whatever its marks and capitals; closed ones too."""
    return tx.all(_NAMED, commune_id=commune_id, kind=kind, folded=fold_name(name))


def same(tx: Tx, commune_id: int, sought: Sought) -> Listed | None:
    """The one that is meant, if it is listed: of this kind and name, in the same hamlet
    (or of both nobody said which), and nobody else's.

    "Tạp hóa Bình" is in every village. A school and the one-stop office are known by
    their name alone.
    """
    for listed in named(tx, commune_id, sought.kind, sought.name):
        if _is_same(listed, sought):
            return listed
    return None


def perhaps_same(tx: Tx, commune_id: int, sought: Sought) -> list[Listed]:
    """Open ones of this kind and name that are listed elsewhere, or nobody said where,
    and nobody else's: perhaps another village's, perhaps the same once more.
    """
    return [
        listed
        for listed in named(tx, commune_id, sought.kind, sought.name)
        if listed.closed_at is None and not is_anothers(listed, sought)
    ]


def _is_same(listed: Listed, sought: Sought) -> bool:
    if sought.kind in KNOWN_BY_NAME:
        return True
    lies_there = listed.hamlet_id == sought.hamlet_id
    return lies_there and not is_anothers(listed, sought)


def is_anothers(listed: Listed, sought: Sought) -> bool:
    """Whether both say whose it is, and it is not the same owner: by name, else by
    number.
    """
    if listed.owner and sought.owner:
        return fold_name(listed.owner) != fold_name(sought.owner)
    if listed.phone and sought.phone:
        return listed.phone != sought.phone
    return False


def add(tx: Tx, commune_id: int, new: Sought) -> int | None:
    """None when the same one is listed already. Its owner is given by
    db/changes/owners.py. Raises SecondOneStop.
    """
    tx.run(_ONE_AT_A_TIME, commune_id=commune_id)
    if same(tx, commune_id, new) is not None:
        return None
    if new.kind == ONE_STOP:
        _refuse_second(tx, commune_id)
    folded = fold_name(new.name)
    return tx.value(
        _NEW,
        commune_id=commune_id,
        hamlet_id=new.hamlet_id,
        kind=new.kind,
        name=new.name,
        folded=folded,
    )


def edit(tx: Tx, business: Listed, commune_id: int, new: Sought) -> None:
    """What counts already keeps the hamlet that it was logged with. Raises NameTaken,
    SecondOneStop.
    """
    tx.run(_ONE_AT_A_TIME, commune_id=commune_id)
    if new.kind == ONE_STOP and business.kind != ONE_STOP:
        _refuse_second(tx, commune_id)
    others = named(tx, commune_id, new.kind, new.name)
    if any(one.id != business.id and _is_same(one, new) for one in others):
        raise NameTaken
    folded = fold_name(new.name)
    tx.run(
        _EDIT,
        id=business.id,
        kind=new.kind,
        name=new.name,
        folded=folded,
        hamlet_id=new.hamlet_id,
    )


def give_to(tx: Tx, business_id: int, owner_id: int | None) -> None:
    """The business is this person's, or nobody's."""
    tx.run(_OWNER, id=business_id, owner_id=owner_id)


def close(tx: Tx, business_id: int, *, now: int) -> bool:
    """It leaves the lists; what it counted for stays. False where it was closed before.
    `now` is UTC ms.
    """
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
