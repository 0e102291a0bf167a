"""Statements in SQLAlchemy Core or text, compiled once for each engine and run on the
driver's own cursor.

Core through the engine costs a turn twice the time of the same SQL on the driver's
cursor. What a statement yields is said where it stands:

    class Free(NamedTuple):
        id: int
        starts_at: int  # UTC ms

    _FREE = Query(text("SELECT id, starts_at FROM slots WHERE ..."), Free)   # tx.all, tx.one
    _HALL = Scalar(text("SELECT hall_id FROM events WHERE id = :id"), int)   # tx.value
    _CLOSE = Statement(text("UPDATE events SET state = 'closed' WHERE ..."))  # tx.run, tx.many

tests/db/test_statements.py runs each on both engines and compares the names of its
columns with those of its row.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

Bind = Callable[[Mapping[str, Any]], Any]
Row = Any  # a named tuple with the statement's column names

# a row's names were counted once; its own `_make` counts again, at twice the time
_new = tuple.__new__


R = TypeVar("R", bound=tuple[Any, ...])  # the NamedTuple of a row
V = TypeVar("V")


def list_of_ids(ids: Iterable[int]) -> str:
    """`1, 2, 3`, as it stands in a list of SQL; empty where there are none."""
    return ", ".join(str(int(one)) for one in ids)


def list_of_words(words: Iterable[str]) -> str:
    """`'a', 'b'`, as it stands in a list of SQL. Nothing is escaped: for words of our
    own, never for what was typed.
    """
    return ", ".join(f"'{word}'" for word in words)


class Statement:
    """One statement, compiled at its first use on each engine. Keep it at module level."""

    __slots__ = ("_prepared", "element", "row")

    def __init__(self, element: ClauseElement, row: Any = None) -> None:
        self.element = element
        self.row = row
        self._prepared: dict[str, Prepared] = {}

    def on(self, dialect: Dialect) -> Prepared:
        found = self._prepared.get(dialect.name)
        if found is None:
            found = Prepared(self.element, dialect, self.row)
            self._prepared[dialect.name] = found
        return found


class Query(Statement, Generic[R]):
    """A statement that yields rows, each a NamedTuple whose fields are its columns in
    their order.
    """

    __slots__ = ()

    def __init__(self, element: ClauseElement, row: type[R]) -> None:
        super().__init__(element, row)


class Scalar(Statement, Generic[V]):
    """A statement whose first row has one column, of this type."""

    __slots__ = ()

    def __init__(self, element: ClauseElement, kind: type[V]) -> None:
        super().__init__(element)


class Prepared:
    """A statement for one engine: its SQL, its values in the form the driver wants, and
    the rows it yields.
    """

    __slots__ = ("_row", "bind", "sql")

    def __init__(
        self, element: ClauseElement, dialect: Dialect, row: Any = None
    ) -> None:
        compiled: Any = element.compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        fixed = _fixed(compiled)
        self.sql: str = compiled.string
        self.bind = _by_name(fixed)
        if compiled.positional:
            self.bind = _in_order(compiled.positiontup, fixed)
        self._row = row

    def rows(self, found: Sequence[Sequence[Any]], cursor: Any) -> list[Row]:
        """What was fetched, as named tuples. The cursor is asked for their names once."""
        if not found:
            return []
        kind = self._row
        if kind is None or len(kind._fields) != len(found[0]):
            # `SELECT *` after a migration
            names = [column[0] for column in cursor.description]
            kind = _row_type(tuple(names))
            self._row = kind
        return [_new(kind, row) for row in found]


def _fixed(compiled: Any) -> dict[str, Any]:
    """The values that stand in the statement itself; no caller gives them."""
    binds = compiled.binds
    return {
        name: value
        for name, value in compiled.params.items()
        if not binds[name].required
    }


def _in_order(names: Sequence[str], fixed: Mapping[str, Any]) -> Bind:
    if fixed or len(names) < 2:  # itemgetter makes a tuple of two and more
        return lambda values: [
            values[name] if name in values else fixed[name] for name in names
        ]
    return itemgetter(*names)


def _by_name(fixed: Mapping[str, Any]) -> Bind:
    if fixed:
        return lambda values: {**fixed, **values}
    return lambda values: values


@lru_cache(maxsize=1024)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
