"""The same commune three times: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.store.engine import Database, connect
from tests.conftest import ENGINES, Postgres
from tests.contract.commune import Commune, InMemory, OverADatabase


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, folder: Path
) -> Iterator[Callable[[str], Database]]:
    """By engine a migrated database, one for all stories: none of them is kept."""
    made: dict[str, Database] = {}

    def of(engine: str) -> Database:
        if engine not in made and engine == "sqlite":
            file = shutil.copy(
                request.getfixturevalue("migrated_file"), folder / "contract.db"
            )
            made[engine] = connect(f"sqlite:///{file}")
        elif engine not in made:
            server: Postgres = request.getfixturevalue("postgres")
            made[engine] = connect(server.fresh("contract"))
        return made[engine]

    yield of
    for database in made.values():
        database.close()


@pytest.fixture(params=("memory", *ENGINES))
def commune(request: pytest.FixtureRequest) -> Iterator[Commune]:
    """Every story that asks for it is told three times."""
    if request.param == "memory":
        yield InMemory()
        return
    database: Callable[[str], Database] = request.getfixturevalue("database")
    with untold(database(request.param)) as told:
        yield told


@contextmanager
def untold(database: Database) -> Iterator[OverADatabase]:
    """A commune of which nothing is left afterwards."""
    with database.connection() as tx, pytest.MonkeyPatch.context() as patch:
        tx.begin(durable=False)
        yield OverADatabase(tx, patch)
