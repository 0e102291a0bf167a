"""Schools and their classes. Of a child nothing is kept: a class is the least that
anything is said of.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

CLASS_MOST = 20  # letters of a class as it is typed: `Lớp 10A12`
SIGNS_MOST = 8  # of its name as it is kept: 10A12


class School(NamedTuple):
    id: int
    name: str


class Offered(NamedTuple):
    """A school that can be asked; `own`: whoever asks is on a list of its parents."""

    id: int
    name: str
    own: bool  # 0 or 1 on SQLite


class Class(NamedTuple):
    id: int
    name: str


class NoClass(ValueError):
    """A name that is no class's: longer than a few signs, or without the number of a
    year.
    """


class NameTaken(Exception):
    """The school has a class of that name."""


class InUse(Exception):
    """Parents or counts hang on the class."""


_SCHOOLS = Query(
    text("""
    SELECT id, name
    FROM businesses
    WHERE commune_id = :commune_id AND kind = 'school'
    ORDER BY folded, id
    """),
    School,
)
_OPEN = Query(
    text("""
    SELECT b.id, b.name, EXISTS (
      SELECT 1
      FROM classes c
      JOIN parents a ON a.class_id = c.id
      JOIN people p ON p.id = a.person_id
      WHERE c.school_id = b.id AND a.withdrawn_at IS NULL AND p.phone = :phone) AS own
    FROM businesses b
    WHERE b.commune_id = :commune_id AND b.kind = 'school' AND b.closed_at IS NULL
    ORDER BY b.folded, b.id
    """),
    Offered,
)
_NEW_CLASS = Scalar(
    text("""
    INSERT INTO classes (school_id, name)
    VALUES (:school_id, :name)
    ON CONFLICT (school_id, name) DO NOTHING
    RETURNING id
    """),
    int,
)
_RENAME = Statement(
    text("""
    UPDATE classes SET name = :name
    WHERE id = :id AND school_id = :school_id
    """)
)
_HANGS_ON = Scalar(
    text("""
    SELECT 1
    WHERE EXISTS (SELECT 1 FROM parents WHERE class_id = :id)
      OR EXISTS (SELECT 1 FROM class_counts WHERE class_id = :id)
      OR EXISTS (SELECT 1 FROM head_counts WHERE class_id = :id)
    """),
    int,
)
_REMOVE = Statement(
    text("DELETE FROM classes WHERE id = :id AND school_id = :school_id")
)
_CLASSES = Query(
    text("SELECT id, name FROM classes WHERE school_id = :school_id"), Class
)


def all_of(tx: Tx, commune_id: int) -> list[School]:
    """Every school of the commune in order of name."""
    return tx.all(_SCHOOLS, commune_id=commune_id)


def offered(tx: Tx, commune_id: int, phone: str) -> list[Offered]:
    """Those that are open, in order of name, to the holder of this E.164 number."""
    return tx.all(_OPEN, commune_id=commune_id, phone=phone)


def named(tx: Tx, commune_id: int, name: str) -> School | None:
    """The school of this name, whatever its marks and capitals."""
    wanted = fold_name(name)
    for school in all_of(tx, commune_id):
        if fold_name(school.name) == wanted:
            return school
    return None


def classes_of(tx: Tx, school_id: int) -> list[Class]:
    """In the order of a school: 2A before 10A."""
    found = tx.all(_CLASSES, school_id=school_id)
    return sorted(found, key=lambda one: in_order(one.name))


def in_order(name: str) -> tuple[int, str]:
    """The number of the year, then the rest: `10A` comes after `2B`."""
    year = "".join(sign for sign in name if sign.isdigit())
    return int(year or 0), name


def class_named(tx: Tx, school_id: int, name: str) -> Class | None:
    wanted = as_kept(name)
    for one in classes_of(tx, school_id):
        if one.name == wanted:
            return one
    return None


def ensure_class(tx: Tx, school_id: int, name: str) -> Class:
    """The class of this name (`3a` and `3 A` are 3A), made when new. Raises NoClass."""
    written = checked(name)
    tx.value(_NEW_CLASS, school_id=school_id, name=written)
    found = class_named(tx, school_id, written)
    assert found is not None  # made, or there before
    return found


def rename_class(tx: Tx, school_id: int, class_id: int, name: str) -> None:
    """It bears this name from now on. Raises NoClass, NameTaken."""
    written = checked(name)
    bearer = class_named(tx, school_id, written)
    is_taken = bearer is not None and bearer.id != class_id
    if is_taken:
        raise NameTaken
    tx.run(_RENAME, id=class_id, school_id=school_id, name=written)


def remove_class(tx: Tx, school_id: int, class_id: int) -> None:
    """A slip: no parent was ever entered there, and nothing counted. Raises InUse."""
    if tx.value(_HANGS_ON, id=class_id) is not None:
        raise InUse
    tx.run(_REMOVE, id=class_id, school_id=school_id)


def checked(name: str) -> str:
    """The name as it is kept. Raises NoClass."""
    written = as_kept(name)
    has_year = any(sign in "0123456789" for sign in written)
    if not has_year or len(written) > SIGNS_MOST:
        raise NoClass(name)
    return written


def as_kept(name: str) -> str:
    """`lớp 3 a` as 3A: without spaces and without the word for class, in capitals. It
    may be no name of a class.
    """
    joined = "".join(name.split()).upper()
    return joined.removeprefix("LỚP")
