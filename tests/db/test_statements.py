"""Every statement of the product: what it says it yields is what both engines give
back.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

import db as product
from db.models.states import BookingState, MessageState
from db.store.engine import Database
from db.store.statements import Query, Scalar, Statement

# each says itself what it is
LEFT_ALONE = (
    "db.migrations.versions",
    "db.migrations.env",
    "db.__main__",
)


def statements() -> dict[str, Statement]:
    """Every statement that stands in a module of db/, by where it stands:
    `db.seats.bookings._TAKE`.
    """
    return {name: one for name, one in _all() if isinstance(one, Statement)}


@cache
def _all() -> tuple[tuple[str, Any], ...]:
    return tuple(
        pair
        for found in pkgutil.walk_packages(product.__path__, "db.")
        if not found.name.startswith(LEFT_ALONE)
        for name, value in vars(importlib.import_module(found.name)).items()
        for pair in _within(f"{found.name}.{name}", value)
    )


def _within(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A statement, or those of a table of statements."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _within(f"{name}[{key!r}]", one)
    elif isinstance(value, tuple | list):
        for number, one in enumerate(value):
            yield from _within(f"{name}[{number}]", one)
    else:
        yield name, value


def test_there_are_statements_to_look_at() -> None:
    assert len(statements()) > 300


def test_each_row_has_the_columns_of_its_statement(db: Database) -> None:
    """On SQLite it is run, in a transaction that is undone; PostgreSQL describes it
    without running it.
    """
    columns, elsewhere = (
        (_on_sqlite, "['postgresql']")
        if db.is_sqlite
        else (_on_postgresql, "['sqlite']")
    )
    wrong = [
        f"{name}: {found}, the row says {said}"
        for name, one in statements().items()
        if isinstance(one, Query | Scalar)
        and not name.endswith(elsewhere)  # what each engine writes in its own way
        and (found := columns(db, one)) != (said := _said(one, found))
    ]
    assert not wrong, "\n".join(wrong)


def _said(one: Query[Any] | Scalar[Any], found: tuple[str, ...]) -> tuple[str, ...]:
    return one.row._fields if isinstance(one, Query) else found[:1]


def _on_sqlite(db: Database, statement: Statement) -> tuple[str, ...]:
    prepared = statement.on(db.dialect)
    with db.connection() as tx:
        tx.sql("PRAGMA foreign_keys=OFF")
        # no class of a broadcast is called 1
        tx.sql("PRAGMA ignore_check_constraints=ON")
        tx.begin()
        cursor = tx.execute(prepared, _Ones())
        found = tuple(column[0] for column in cursor.description)
        tx.rollback()
        tx.sql("PRAGMA ignore_check_constraints=OFF")
        tx.sql("PRAGMA foreign_keys=ON")
    return found


class _Ones(dict[str, Any]):
    """Every value is 1, but for a JSON list of rows, which is empty."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> int | str:
        return "[]" if name == "rows" else 1


def _on_postgresql(db: Database, statement: Statement) -> tuple[str, ...]:
    with db.pool.connect() as connection:
        driver: Any = connection.driver_connection
        query = PostgresQuery(Transformer(driver))
        query.convert(statement.on(db.dialect).sql, _Nones())
        driver.pgconn.prepare(b"", query.query)
        described = driver.pgconn.describe_prepared(b"")
        return tuple(
            described.fname(number).decode() for number in range(described.nfields)
        )


class _Nones(dict[str, Any]):
    """Every value is none."""

    def __missing__(self, name: str) -> None:
        return None


def test_every_state_that_a_statement_names_is_one_of_the_drawn() -> None:
    states = {*BookingState, *MessageState}
    named = {
        (name, state)
        for name, one in statements().items()
        for said in re.findall(
            r"\bstatus (?:=|<>|IN|NOT IN) \(?('[^)\s]+'(?:, '\w+')*)", str(one.element)
        )
        for state in re.findall(r"'(\w+)'", said)
    }
    assert len(named) > 100
    assert sorted(pair for pair in named if pair[1] not in states) == []


def test_whatever_yields_something_says_what() -> None:
    silent = [
        name
        for name, one in statements().items()
        if not isinstance(one, Query | Scalar)
        and re.match(r"\s*(SELECT|WITH)|[\s\S]*\bRETURNING\b", str(one.element))
    ]
    assert silent == []
