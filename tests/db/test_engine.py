"""What is promised waits for the disk, a key pressed does not; a server that stops
loses nothing, repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import psycopg
import pytest
from sqlalchemy import text

from db.store.engine import Database, Tx, connect
from menus.port import SlotTaken
from tests import factories

ASKED = {
    "sqlite": text("PRAGMA synchronous"),
    "postgresql": text("SHOW synchronous_commit"),
}
# of SQLite's numbers, 1 is NORMAL and 2 FULL
WAITS = {
    1: False,
    2: True,
    "off": False,
    "on": True,
}


def _waits(tx: Tx) -> bool:
    return WAITS[tx.value(ASKED[tx.dialect.name])]


def test_a_booking_waits_for_the_disk_and_a_key_pressed_does_not(db: Database) -> None:
    with db.connection() as tx:
        assert not _waits(tx)
        for end in (tx.commit, tx.rollback):
            tx.begin()
            assert _waits(tx)
            end()
            assert not _waits(tx)


@pytest.mark.parametrize("in_an_act", [False, True])
def test_work_whose_server_stops_is_begun_again_on_a_new_connection(
    fresh_url: Callable[[str, bool], str], in_an_act: bool
) -> None:
    """Also when it stops in the middle of an act: undoing that on a dead link hides
    nothing.
    """
    with _connected(fresh_url("postgresql", True)) as db:
        tried = []

        def work(tx: Tx) -> int:
            tried.append(_backend(tx))
            with tx.savepoint() if in_an_act else nullcontext():
                factories.hamlet(tx)
                if len(tried) == 1:
                    tx.sql("SELECT pg_terminate_backend(pg_backend_pid())")
            return int(tx.value(text("SELECT count(*) FROM hamlets")))

        assert db.again(work) == 1
        assert len(set(tried)) == 2


def test_work_whose_server_stops_while_it_commits_is_not_done_twice(
    fresh_url: Callable[[str, bool], str],
) -> None:
    """It may have been kept: nobody can tell, so whoever asked is told, and looks."""
    with _connected(fresh_url("postgresql", True)) as db:
        tried = []

        def work(tx: Tx) -> None:
            tried.append(_backend(tx))
            with db.connection() as other:
                other.sql("SELECT pg_terminate_backend(%s, 1000)", [tried[-1]])

        with pytest.raises(psycopg.OperationalError):
            db.again(work)
        assert len(tried) == 1


def _backend(tx: Tx) -> int:
    return int(tx.value(text("SELECT pg_backend_pid()")))


@contextmanager
def _connected(url: str) -> Iterator[Database]:
    database = connect(url)
    try:
        yield database
    finally:
        database.close()


def test_whoever_is_refused_does_not_make_the_next_turns_plan_everything_anew(
    fresh_url: Callable[[str, bool], str],
) -> None:
    known = text(
        "SELECT name FROM pg_prepared_statements ORDER BY prepare_time LIMIT 1"
    )
    with _connected(fresh_url("postgresql", True)) as db, db.connection() as tx:
        for _ in range(10):
            tx.all(known)
        first = tx.value(known)
        assert first
        tx.begin()
        with suppress(SlotTaken), tx.savepoint():
            raise SlotTaken
        assert tx.value(known) == first
        tx.rollback()
        assert tx.value(known) == first
