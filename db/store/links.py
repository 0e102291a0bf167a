"""Connections: how a new one is set up, and whether one that lay idle still reaches its
server.
"""

from __future__ import annotations

import select
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import InvalidatePoolError

# SQLite's own waiting asks after 1, 3, 8, 18, 33, 53, 78 ms and then ever more seldom,
# so that a bulk writer must rest a third of its time to be met. Here a writer asks
# every millisecond instead (engine.py): a rest of three is met.
BUSY_S, BUSY_POLL_S = 5.0, 0.001
# how long a server may take to answer a new connection: a call is lost after some ten
CONNECT_S = 5


def file_of(url: URL) -> Path | None:
    """Where SQLite keeps it; none where it is on a server or in memory alone."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database)
    return None


def patient(url: URL) -> URL:
    """The address, with the time that a server may take for a new connection where it
    does not say so itself.
    """
    if url.get_backend_name() == "sqlite":
        return url
    query = {"connect_timeout": str(CONNECT_S), **url.query}
    return url.set(query=query)


def watch(engine: Engine) -> None:
    """Set up every connection of this engine's pool, and hand out none that is dead."""
    event.listen(engine, "connect", _set_up)
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkout", _ask_whether_it_lives)


def _set_up(connection: Any, _record: Any) -> None:
    """Autocommit on both drivers: transactions are begun and ended by Tx, in words;
    only those wait for the disk.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        busy_ms = int(BUSY_S * 1000)
        # two that open a new file at once
        connection.execute(f"PRAGMA busy_timeout={busy_ms}")
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=0",
            "synchronous=NORMAL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
    else:
        connection.autocommit = True
        connection.execute("SET synchronous_commit = off")


def _ask_whether_it_lives(connection: Any, _record: Any, _fairy: Any) -> None:
    """A server that stopped has hung up, which can be read though nothing was asked: 3
    us, where a ping takes 70.

    The pool then drops every connection of that time and opens a new one.
    """
    if not connection.closed:
        line = select.poll()
        line.register(connection.fileno(), select.POLLIN)
        if not line.poll(0):
            return
    raise InvalidatePoolError
