"""The database: one pool, and transactions in which statements run on the driver's own
cursor.

Values are plain: instants are integers (UTC ms), days ISO strings, lists JSON text, so
both engines and both drivers agree without converters.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, overload

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine import Dialect, Engine, make_url
from sqlalchemy.pool import Pool
from sqlalchemy.sql import ClauseElement

from db.store import links
from db.store.statements import Prepared, Query, R, Row, Scalar, Statement, V

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Overtaken(Exception):
    """Somebody else changed the row first, or the engine asks to run the transaction
    again, or it stopped meanwhile.
    """


def to_ms(moment: datetime) -> int:
    """An aware datetime as UTC milliseconds."""
    return (moment - EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """UTC milliseconds as an aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=ms)


class Tx:
    """One connection and, between `begin` and `commit`, one transaction.

    Before `begin` every statement stands for itself (autocommit), and a power cut may
    undo those of the last second: good for what promises nothing, such as a key pressed
    in a menu. A statement the engine refuses for the sake of another transaction
    (SQLite busy, PostgreSQL 40001 and 40P01), or that a server which stopped could not
    do, raises Overtaken: it is safe to begin again.
    """

    __slots__ = ("_connection", "_cursor", "dialect", "open")

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self.dialect = dialect
        self.open = False

    def execute(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        return self.sql(prepared.sql, prepared.bind(values))

    def sql(self, text: str, bound: Any = ()) -> Any:
        """Run SQL as the driver takes it; for the statements both engines write alike."""
        try:
            return self._cursor.execute(text, bound)
        except sqlite3.OperationalError as problem:
            if not _is_busy(problem):
                raise
            return self._wait_to(text, bound)
        except psycopg.OperationalError as problem:
            # The server went away: nothing is kept of the transaction, unless just then
            # it was asked to keep all. A single statement may have been; the version of
            # a session tells whoever begins its turn again.
            nothing_is_kept = self._connection.closed and text != "COMMIT"
            if nothing_is_kept or _is_in_the_way(problem):
                raise Overtaken from problem
            raise

    def _wait_to(self, text: str, bound: Any) -> Any:
        """Ask SQLite again every millisecond, while another writes. Nothing was done
        yet: a busy file refuses whole.
        """
        until = time.monotonic() + links.BUSY_S
        while not self.open and time.monotonic() < until:
            time.sleep(links.BUSY_POLL_S)
            try:
                return self._cursor.execute(text, bound)
            except sqlite3.OperationalError as problem:
                if not _is_busy(problem):
                    raise
        raise Overtaken

    def fetch(
        self, statement: Statement | ClauseElement, values: Mapping[str, Any]
    ) -> list[Any]:
        """Every row: nothing stays open."""
        prepared = self._prepared(statement)
        cursor = self.execute(prepared, values)
        found = cursor.fetchall()
        return prepared.rows(found, cursor)

    @overload
    def all(self, statement: Query[R], **values: Any) -> list[R]: ...
    @overload
    def all(self, statement: Statement | ClauseElement, **values: Any) -> list[Row]: ...
    def all(self, statement: Statement | ClauseElement, **values: Any) -> list[Any]:
        return self.fetch(statement, values)

    @overload
    def one(self, statement: Query[R], **values: Any) -> R | None: ...
    @overload
    def one(
        self, statement: Statement | ClauseElement, **values: Any
    ) -> Row | None: ...
    def one(self, statement: Statement | ClauseElement, **values: Any) -> Any:
        """The first row, or none."""
        rows = self.fetch(statement, values)
        return rows[0] if rows else None

    @overload
    def value(self, statement: Scalar[V], **values: Any) -> V | None: ...
    @overload
    def value(self, statement: Statement | ClauseElement, **values: Any) -> Any: ...
    def value(self, statement: Statement | ClauseElement, **values: Any) -> Any:
        """The first column of the first row, or none."""
        rows = self.fetch(statement, values)
        return rows[0][0] if rows else None

    def run(self, statement: Statement | ClauseElement, **values: Any) -> int:
        """How many rows it touched."""
        prepared = self._prepared(statement)
        cursor = self.execute(prepared, values)
        return int(cursor.rowcount)

    def many(
        self, statement: Statement | ClauseElement, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """The same write for each of many rows."""
        if not rows:
            return
        prepared = self._prepared(statement)
        bound = [prepared.bind(row) for row in rows]
        try:
            self._cursor.executemany(prepared.sql, bound)
        except psycopg.OperationalError as problem:
            if _is_in_the_way(problem) or self._connection.closed:
                raise Overtaken from problem
            raise

    def _prepared(self, statement: Statement | ClauseElement) -> Prepared:
        if isinstance(statement, Statement):
            return statement.on(self.dialect)
        return Prepared(statement, self.dialect)

    def begin(self, durable: bool = True) -> None:
        """Open the transaction, with what it promises flushed to disk; on SQLite as the
        one writer.

        Not `durable`: whole or not at all as ever, but a power cut may undo it. For
        what is simply done again.
        """
        if self.dialect.name == "sqlite":
            flushed = "FULL" if durable else "NORMAL"
            self.sql(f"PRAGMA synchronous={flushed}")
            self.sql("BEGIN IMMEDIATE")
        elif not durable:
            self.sql("BEGIN")
        else:
            # what the operator's server does by itself
            self.sql("BEGIN; SET LOCAL synchronous_commit TO DEFAULT")
        self.open = True

    def commit(self) -> None:
        if self.open:
            self._end("COMMIT")

    def rollback(self) -> None:
        if self.open:
            self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        if how == "COMMIT":
            self.sql(how)
        else:
            self._undo(how)
        self.open = False
        if self.dialect.name == "sqlite":
            self.sql("PRAGMA synchronous=NORMAL")

    def _undo(self, how: str) -> None:
        """Past psycopg, which at a ROLLBACK forgets every prepared statement of the
        connection, in case a table was undone with it: each would be planned anew, five
        times, on a day when many are told that a time is full.
        """
        if isinstance(self._connection, sqlite3.Connection):
            self.sql(how)
            return
        try:
            done = self._connection.pgconn.exec_(how.encode())
        except psycopg.OperationalError as problem:
            # the server went away, and the transaction with it
            raise Overtaken from problem
        if done.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(done.get_error_message())

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """One act: whole, or as if it had not been tried; the transaction lives on."""
        self.sql("SAVEPOINT act")
        try:
            yield
        except BaseException:
            self._undo("ROLLBACK TO SAVEPOINT act")
            self.sql("RELEASE SAVEPOINT act")
            raise
        self.sql("RELEASE SAVEPOINT act")


_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_IN_THE_WAY = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


def _is_busy(problem: sqlite3.OperationalError) -> bool:
    """Another connection writes to the file."""
    # an extended code has it in its last byte
    primary = problem.sqlite_errorcode & 0xFF
    return primary in _BUSY


def _is_in_the_way(problem: psycopg.OperationalError) -> bool:
    """Another transaction: this one was undone for its sake."""
    return isinstance(problem, _IN_THE_WAY)


class Connection:
    """A connection of the pool for the length of a `with`; a class, since a generator
    costs a turn 1 us more.
    """

    __slots__ = ("_engine", "_held", "_tx")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Tx:
        engine = self._engine
        self._held = engine.pool.connect()
        self._tx = Tx(self._held.dbapi_connection, engine.dialect)
        return self._tx

    def __exit__(self, *problem: object) -> None:
        try:
            self._tx.rollback()
        except Exception:
            self._held.invalidate()  # a dead link: the error on its way already says so
        finally:
            self._held.close()


class Database:
    """A pool of driver connections to one database."""

    def __init__(self, url: str, pool_size: int = 16) -> None:
        self.url = make_url(url)
        file = links.file_of(self.url)
        if file is not None:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        patient = links.patient(self.url)
        # Every transaction here ends itself, so the pool need not roll back (a round
        # trip saved).
        self._engine = create_engine(
            patient, pool_size=pool_size, max_overflow=16, pool_reset_on_return=None
        )
        links.watch(self._engine)

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @property
    def is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    @property
    def pool(self) -> Pool:
        return self._engine.pool

    def connection(self) -> Connection:
        """A connection in autocommit; an open transaction is rolled back at the end,
        never committed.
        """
        return Connection(self._engine)

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[Tx]:
        """Begin; commit when the block ends well, roll back when it raises."""
        with self.connection() as tx:
            tx.begin(durable)
            yield tx
            tx.commit()

    def again(self, work: Callable[[Tx], T], tries: int = 5, durable: bool = True) -> T:
        """`work` in a transaction of its own, run again when overtaken, or when somebody
        else just made the one thing that it makes: then it meets that. Raises Overtaken
        or UniqueViolation after `tries`.
        """
        for left in range(tries - 1, -1, -1):
            try:
                with self.transaction(durable) as tx:
                    return work(tx)
            except (Overtaken, psycopg.errors.UniqueViolation):
                if not left:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._engine.dispose()


def connect(url: str) -> Database:
    """The database at a SQLAlchemy URL. Nothing is opened before the first use."""
    return Database(url)
