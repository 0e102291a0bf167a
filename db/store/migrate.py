"""Brings the schema to its newest form, and says whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from db.store import links
from db.store.engine import Database, connect
from db.store.statements import Scalar

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parents[1] / "migrations"
# two upgrades started at once run one after the other (PostgreSQL; SQLite has one
# writer anyway)
_LOCK = 2404
_IS_THERE = {  # by whether it is SQLite; neither engine knows the other's
    True: "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'",
    False: "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL",
}
_VERSION = Scalar(text("SELECT version_num FROM alembic_version"), str)


def upgrade(url: str, to: str = "head") -> None:
    """The schema to its newest form; again is harmless. All or nothing, on both
    engines.
    """
    from alembic import command

    with _alembic(url) as config:
        command.upgrade(config, to)


def downgrade(url: str, to: str = "base") -> None:
    """Back to an older form; data of what is dropped is lost."""
    from alembic import command

    with _alembic(url) as config:
        command.downgrade(config, to)


@cache
def head() -> str:
    """The newest revision, read off the file names, so that a web process need not load
    alembic.
    """
    files = (FOLDER / "versions").glob("[0-9]*_*.py")
    numbers = [file.name.partition("_")[0] for file in files]
    return max(numbers)


def current_is_head(where: str | Database) -> bool:
    """Whether the schema is the newest: one small read. A database out of reach raises
    the driver's error.
    """
    if isinstance(where, str):
        database = connect(where)
        try:
            return current_is_head(database)
        finally:
            database.close()
    is_there = Scalar(text(_IS_THERE[where.is_sqlite]), int)
    with where.connection() as tx:
        if not tx.value(is_there):
            return False
        return tx.value(_VERSION) == head()


@contextmanager
def _alembic(url: str) -> Iterator[Config]:
    """Alembic's configuration with a connection of its own, in one transaction."""
    from alembic.config import Config

    where = make_url(url)
    _make_file(where)
    engine = create_engine(where, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_immediate)
    config = Config()
    folder = str(FOLDER).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK}
                )
            config.attributes["connection"] = connection
            yield config
    finally:
        engine.dispose()


def _make_file(where: URL) -> None:
    """On SQLite. The residents are in it: it is the owner's alone, as are its -wal and
    -shm.
    """
    file = links.file_of(where)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    """The sqlite3 module commits before it changes a table; left alone, a migration
    that fails stays half done.
    """
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
