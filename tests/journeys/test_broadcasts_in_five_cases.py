"""What breaks queues elsewhere, tried on broadcasts of some hundred: a benchmark of
PostgreSQL queues names the five.

A worker killed in the middle of a batch, a database restarted, a connection cut after
its commit was sent, two workers whose clocks differ, and a long transaction that holds
the queue back. And what happens at every deploy: SIGTERM.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from db.store.engine import Database, connect
from tests.journeys import broadcasting
from tests.journeys.broadcasting import AT_ONCE
from tests.journeys.carrier_that_remembers import Manners
from tests.journeys.cutting_proxy import proxy
from tests.journeys.test_broadcasts_survive import SOAK, all_told, commune, until_over

pytestmark = [pytest.mark.race, pytest.mark.timeout(180)]

PEOPLE = 300
PATIENT = Manners(pause=0.15)  # so that many calls are open at any moment
BUSY = Manners(pause=0.05, refuses=0.05)


@pytest.fixture
def postgres_url(fresh_url: Callable[[str, bool], str]) -> str:
    return fresh_url("postgresql", True)


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Database]:
    with closing(connect(postgres_url)) as database:
        yield database


def test_a_clock_killed_in_the_middle_of_a_batch_leaves_in_doubt_what_it_held_and_no_more(
    db: Database, url: str, tmp_path: Path
) -> None:
    broadcasting.people(db, PEOPLE)
    with commune(db, url, tmp_path, PATIENT, receipts=False) as one:
        number = one.start("Buoi doi may con 12 cho.")
        one.clock()
        assert one.waits_for(lambda: one.sending() > AT_ONCE // 2)
        held = one.kill()
        assert 0 < held <= AT_ONCE
        one.a_minute_goes_by()
        until_over(one, number)
        found = all_told(one, PEOPLE, held)
    assert found.outcomes["unknown"] == held


def test_a_clock_told_to_end_finishes_its_calls_and_leaves_nothing_in_doubt(
    db: Database, url: str, tmp_path: Path
) -> None:
    """As at every deploy: within seconds, in the middle of a broadcast."""
    broadcasting.people(db, PEOPLE)
    with commune(db, url, tmp_path, PATIENT, receipts=False) as one:
        number = one.start("Buoi doi may con 12 cho.")
        clock = one.clock()
        assert one.waits_for(lambda: one.took(60))
        clock.terminate()
        assert clock.wait(8) == 0
        assert one.sending() == 0 and not one.took(PEOPLE)
        one.kill()
        until_over(one, number)
        found = all_told(one, PEOPLE, 0)
    assert found.outcomes["sent"] == PEOPLE


def test_a_database_that_restarts_again_and_again_costs_no_text(
    on_postgres: Database, postgres_url: str, tmp_path: Path
) -> None:
    """Three times, each time away for longer than anybody tries again. What the carrier
    said meanwhile is kept.
    """
    broadcasting.people(on_postgres, PEOPLE)
    with (
        proxy(postgres_url, tmp_path) as between,
        commune(on_postgres, between.url, tmp_path, PATIENT, receipts=False) as one,
    ):
        number = one.start("Buoi doi may con 12 cho.")
        one.clock()
        for part in range(1, 4):
            assert one.waits_for(lambda part=part: one.took(part * 60))  # type: ignore[misc]  # mypy cannot see the default
            between.goes_away(1.0)
        until_over_without_a_kill(one, number)
        found = all_told(one, PEOPLE, 0)
    assert found.outcomes["sent"] == PEOPLE


def test_a_line_cut_after_the_commit_was_sent_neither_loses_nor_repeats(
    on_postgres: Database, postgres_url: str, tmp_path: Path
) -> None:
    """The clock cannot know whether what it took is kept. It finds out, and hands it
    over if so.
    """
    broadcasting.people(on_postgres, PEOPLE)
    with (
        proxy(postgres_url, tmp_path) as between,
        commune(on_postgres, between.url, tmp_path, PATIENT, receipts=False) as one,
    ):
        number = one.start("Buoi doi may con 12 cho.")
        between.every = 8
        one.clock()
        assert one.waits_for(lambda: between.cuts >= 4)
        between.every = 0
        until_over_without_a_kill(one, number)
        found = all_told(one, PEOPLE, AT_ONCE * between.cuts)
    print(f"{between.cuts} cuts: {found}")
    assert found.outcomes["sent"] == PEOPLE


@pytest.mark.parametrize("minutes", [10, -10])
def test_two_clocks_that_differ_by_minutes_tell_everybody_once(
    db: Database, url: str, tmp_path: Path, engine: str, minutes: int
) -> None:
    """To each of them the other's texts look long lapsed. Before or behind is the same
    story, told of each once.
    """
    if not SOAK and (engine == "sqlite") != (minutes > 0):
        pytest.skip("the other way round on this engine with SOAK=1 (make soak)")
    broadcasting.people(db, PEOPLE)
    with commune(db, url, tmp_path, BUSY, receipts=False) as one:
        number = one.start("Buoi doi may con 12 cho.")
        one.clock()
        one.clock_that_differs(minutes * 60)
        one.waits_for(lambda: one.is_over(number) or one.took(PEOPLE * 9 // 10), 20)
        one.quietly()
        one.kill()
        one.a_minute_goes_by()
        until_over(one, number, minutes=12)
        found = all_told(one, PEOPLE, 0)
    # failed: refused, and taken for lapsed
    assert found.outcomes["sent"] + found.outcomes["failed"] == PEOPLE


def test_a_long_transaction_holds_nothing_back_for_good(
    db: Database, url: str, tmp_path: Path, engine: str
) -> None:
    """Somebody reads for as long as the broadcast goes; somebody writes for longer than
    the clock waits.
    """
    broadcasting.people(db, PEOPLE)
    with commune(db, url, tmp_path, PATIENT, receipts=False) as one:
        number = one.start("Buoi doi may con 12 cho.")
        reads, writes = long_ones(url, engine)
        with closing(reads), closing(writes):
            reads.execute("SELECT COUNT(*) FROM messages")
            one.clock()
            assert one.waits_for(lambda: one.took(50))
            writes.execute("UPDATE broadcasts SET name = 'another name'")
            time.sleep(6)
            writes.execute("ROLLBACK")
            until_over_without_a_kill(one, number)
            reads.execute("ROLLBACK")
        found = all_told(one, PEOPLE, 0)
    assert found.outcomes["sent"] == PEOPLE


def long_ones(
    url: str, engine: str
) -> tuple[sqlite3.Connection | psycopg.Connection, ...]:
    """Two connections, each with a transaction begun."""
    where = make_url(url)
    if engine == "sqlite":
        both = [
            sqlite3.connect(str(where.database), isolation_level=None) for _ in range(2)
        ]
        both[0].execute("BEGIN")
        both[1].execute("BEGIN")
        return tuple(both)
    given = {
        "host": str(where.query["host"]),
        "user": "postgres",
        "dbname": str(where.database),
    }
    links = [psycopg.connect(**given, autocommit=True) for _ in range(2)]  # type: ignore[arg-type]  # all of them texts
    links[0].execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    links[1].execute("BEGIN")
    return tuple(links)


def until_over_without_a_kill(one: broadcasting.Station, number: int) -> None:
    """The clock that runs brings it to an end by itself, which may take a lease and a
    look of the clock.
    """
    assert one.waits_for(lambda: one.is_over(number), 100), one.said() + str(
        one.show(number)
    )
    one.kill()
