"""Schools and their classes. Of a child nothing is kept: a class is the least that anything is said of."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query, Scalar

CLASS_MOST = 20  # letters of a class's name


class School(NamedTuple):
    id: int
    name: str


class Class(NamedTuple):
    id: int
    name: str


_SCHOOLS = Query(
    text("SELECT id, name FROM businesses WHERE commune_id = :commune_id AND kind = 'school' ORDER BY folded, id"),
    School,
)
_NEW_CLASS = Scalar(
    text("""
    INSERT INTO classes (school_id, name) VALUES (:school_id, :name)
    ON CONFLICT (school_id, name) DO NOTHING
    RETURNING id
    """),
    int,
)
_CLASSES = Query(text("SELECT id, name FROM classes WHERE school_id = :school_id"), Class)


def all_of(tx: Tx, commune_id: int) -> list[School]:
    """Every school of the commune in order of name."""
    return tx.all(_SCHOOLS, commune_id=commune_id)


def named(tx: Tx, commune_id: int, name: str) -> School | None:
    """The school of this name, whatever its marks and capitals."""
    wanted = fold_name(name)
    return next((school for school in all_of(tx, commune_id) if fold_name(school.name) == wanted), None)


def classes_of(tx: Tx, school_id: int) -> list[Class]:
    """In the order of a school: 2A before 10A."""
    return sorted(tx.all(_CLASSES, school_id=school_id), key=lambda one: in_order(one.name))


def in_order(name: str) -> tuple[int, str]:
    """The number of the year, then the rest: `10A` comes after `2B`."""
    year = "".join(sign for sign in name if sign.isdigit())
    return int(year or 0), name


def class_named(tx: Tx, school_id: int, name: str) -> Class | None:
    wanted = _written(name)
    return next((one for one in classes_of(tx, school_id) if one.name == wanted), None)


def ensure_class(tx: Tx, school_id: int, name: str) -> Class:
    """The class of this name (`3a` and `3 A` are 3A), made when new."""
    written = _written(name)
    tx.value(_NEW_CLASS, school_id=school_id, name=written)
    found = class_named(tx, school_id, written)
    assert found is not None  # made, or there before
    return found


def _written(name: str) -> str:
    """As it is kept: without spaces and without the word for class, in capitals."""
    joined = "".join(name.split()).upper()
    return joined.removeprefix("LỚP")[:CLASS_MOST]
