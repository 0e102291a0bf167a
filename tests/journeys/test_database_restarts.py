"""The database server stops and comes back, at night or during a call: nobody has to
start the service anew.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from threading import Event

import psycopg
import pytest
from sqlalchemy.engine import make_url

from db.progress.recount import recount
from db.store.engine import Database, connect, to_ms
from db.texts import outbox
from tests import factories
from tests.journeys import crowd
from tests.journeys.crowd import Resident
from tests.journeys.servers import clock, end, web
from tests.journeys.test_races import APOLOGY, BOOKED, count, rows

# how the service's connections are told from the test's own
OURS = "lensong-under-test"


@pytest.fixture
def url(fresh_url: Callable[[str, bool], str]) -> str:
    """PostgreSQL alone: SQLite has no server that could stop."""
    return fresh_url("postgresql", True)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = connect(url)
    yield database
    database.close()


@contextmanager
def cutting(url: str) -> Iterator[Callable[[], int]]:
    """Ends the service's connections as a server does that is told to stop, and says
    how many there were.
    """
    where = make_url(url)
    with psycopg.connect(
        host=str(where.query["host"]),
        user="postgres",
        dbname=str(where.database),
        autocommit=True,
    ) as connection:

        def cut() -> int:
            return connection.execute(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = %s",
                [OURS],
            ).rowcount

        yield cut


def test_a_call_goes_on_after_the_database_was_restarted(
    db: Database, url: str
) -> None:
    crowd.few_seats(db, 1, 10)
    with web(url, PGAPPNAME=OURS) as server, cutting(url) as cut:
        first, second = Resident(server.port, 1), Resident(server.port, 2)
        times = first.to_the_times()
        assert cut() > 0
        assert "1. Dong y" in first.choose(times, "8h")
        assert cut() > 0
        assert first.press("1").startswith(f"END {BOOKED}")
        assert "Chon gio" in second.to_the_times()
        log = server.said()
        first.hang_up()
        second.hang_up()
    assert "ERROR" not in log


def test_the_clock_goes_on_after_the_database_was_restarted(
    db: Database, url: str
) -> None:
    (slot,) = crowd.few_seats(db, 1, 10)
    process = clock(url, PGAPPNAME=OURS)
    try:
        with cutting(url) as cut:
            _until(lambda: cut() > 0)
            with db.transaction() as tx:
                who, now = factories.person(tx, number=7), to_ms(datetime.now(UTC))
                booking = factories.booking(tx, slot_id=slot, person_id=who, now=now)
                outbox.post(
                    tx,
                    kind="booked",
                    commune_id=factories.COMMUNE,
                    phone=factories.phone(7),
                    now=now,
                    booking_id=booking.id,
                    revision=1,
                    once=f"booked:{booking.id}:r1",
                )
            _until(
                lambda: (
                    count(db, "SELECT count(*) FROM messages WHERE status = 'SENT'")
                    == 1
                )
            )
    finally:
        end(process)  # type: ignore[arg-type]


def test_a_database_that_does_not_answer_is_not_waited_for_longer_than_a_call_lasts() -> (
    None
):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        nowhere = (
            f"postgresql+psycopg://somebody@127.0.0.1:{deaf.getsockname()[1]}/nothing"
        )
        with web(nowhere) as server:
            phone = Resident(server.port, 1)
            began = time.monotonic()
            assert APOLOGY in phone.call()
            assert time.monotonic() - began < 8
            phone.hang_up()


@pytest.mark.race
def test_residents_who_book_while_connections_break_are_booked_once_or_asked_to_call_again(
    db: Database, url: str
) -> None:
    residents = 60
    crowd.few_seats(db, 4, residents)
    done = Event()

    def breaks(cut: Callable[[], int]) -> int:
        broken = 0
        while not done.wait(0.1):
            broken += cut()
        return broken

    def books(number: int) -> str:
        one = Resident(server.port, number)
        rng = Random(number)
        for _ in range(20):
            said = one.to_the_times()
            if "Chon gio" in said:
                said = one.choose(said, *rng.sample(["8h", "8h30", "9h", "9h30"], 4))
            if "1. Dong y" in said:
                said = one.choose(said, "Dong y")
            if rows(
                db,
                "SELECT b.id FROM bookings b JOIN people p ON p.id = b.person_id WHERE p.phone = :phone"
                " AND b.status = 'booked'",
                phone=one.number,
            ):
                one.hang_up()
                return said
        raise AssertionError(one.heard)

    with (
        web(url, workers=2, PGAPPNAME=OURS) as server,
        cutting(url) as cut,
        ThreadPoolExecutor(9) as pool,
    ):
        breaking = pool.submit(breaks, cut)
        try:
            last = list(pool.map(books, range(residents)))
        finally:
            done.set()
        assert breaking.result() > 5
    uncertain = [said for said in last if not said.startswith(f"END {BOOKED}")]
    assert all(APOLOGY in said for said in uncertain), uncertain
    assert (
        count(db, "SELECT count(*) FROM bookings WHERE status = 'booked'") == residents
    )
    assert count(db, "SELECT count(*) FROM messages WHERE kind = 'booked'") == residents
    assert count(db, "SELECT count(*) FROM consents") == residents
    with db.connection() as tx:
        assert recount(tx) == []


def _until(reached: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)
