"""Broadcasts under `kill -9`, a real clock and web: nobody is lost or told twice, what is unknown is few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from db.engine import Database
from tests.journeys import broadcasting
from tests.journeys.broadcasting import AT_ONCE, Books, Station, in_the_morning, station
from tests.journeys.carrier_that_remembers import Manners, carrier
from tests.journeys.servers import free_port, web

pytestmark = [pytest.mark.race, pytest.mark.timeout(180)]

KILLS, PEOPLE = 5, 300
# As carriers are: now and then too busy, slow, an answer lost, a receipt brought twice or before the answer.
REAL = Manners(
    refuses=0.01, slow=0.02, twice=0.02, drops=0.01, pause=0.03, receipts=0.4, failures=0.05, receipts_twice=0.2,
    receipts_early=0.3,
)  # fmt: skip


@contextmanager
def commune(
    db: Database, url: str, folder: Path, manners: Manners = REAL, *, receipts: bool = True, **more: str
) -> Iterator[Station]:
    """An installation at nine in the morning, its carrier, and its web process where receipts come back."""
    port, zone = free_port(), in_the_morning(folder)
    with ExitStack() as up:
        sent_by = up.enter_context(carrier(folder / "memory.jsonl", manners))
        given = {**sent_by.settings(f"http://127.0.0.1:{port}"), **zone, **more}
        if receipts:
            up.enter_context(web(url, workers=1, port=port, **given))
        yield up.enter_context(station(db, url, folder, sent_by, **given))


def until_over(one: Station, number: int, clocks: int = 1) -> None:
    """Clocks run until it is over; every few seconds they are down for a minute, so that what was put off falls due."""
    for _ in range(30):
        for _ in range(clocks):
            one.clock()
        over = one.waits_for(lambda: one.is_over(number), 4.0)
        one.kill()
        one.a_minute_goes_by()
        if over:
            return
    raise AssertionError(one.said() + str(one.show(number)))


def all_told(one: Station, people: int, unknown: int) -> Books:
    """Nobody twice, nobody missing, and no more in doubt than there may be."""
    found = broadcasting.books(one)
    assert found.twice == [] and found.faults == [], str(found)
    assert found.chosen == people and found.outcomes["waiting"] == 0, str(found)
    assert found.outcomes["unknown"] <= unknown, str(found)
    one.agrees()
    return found


def test_whoever_kills_the_clock_at_any_moment_of_sending_loses_nobody_and_tells_nobody_twice(
    db: Database, url: str, tmp_path: Path, engine: str
) -> None:
    broadcasting.people(db, PEOPLE)
    rng, in_hand = Random(engine), 0
    with commune(db, url, tmp_path) as one:
        number = one.start("Ngay mai hoan vi mua.")
        for _ in range(KILLS):
            one.clock()
            aim = len(one.carrier.taken()) + rng.randint(1, PEOPLE // KILLS)
            assert one.waits_for(lambda aim=aim: one.took(aim) or one.is_over(number))  # type: ignore[misc]
            held = one.kill()
            assert held <= AT_ONCE
            in_hand += held
            one.agrees_within()
            one.a_minute_goes_by()
        one.agrees()
        until_over(one, number)
        found = all_told(one, PEOPLE, in_hand + one.carrier.counts()["taken"] // 20)
    print(f"{engine}: {KILLS} kills with {in_hand} in hand; {found}; {dict(one.carrier.counts())}")
    assert in_hand > 0


def test_whoever_kills_while_the_list_is_frozen_finds_everybody_on_it_once(
    db: Database, url: str, tmp_path: Path, engine: str
) -> None:
    """Killed are the command that starts it, and the clocks that go on where it stopped."""
    people = 20_000
    planned_to = text("SELECT MAX(planned_to) FROM firings")
    broadcasting.people(db, people)
    rng, marks = Random(engine), list[int]()

    def got_to(mark: int) -> bool:
        with db.connection() as tx:
            return int(tx.value(planned_to) or 0) > mark

    def frozen() -> bool:
        with db.connection() as tx:
            return tx.value(text("SELECT planned_at FROM firings")) is not None

    with commune(db, url, tmp_path, receipts=False, SENDING="off") as one:
        number = one.draft("Moi ba con den NVH.")
        command = one.begins("broadcast", "start", str(number))
        for turn in range(4):
            aim = (marks[-1] if marks else 0) + rng.randint(0, 3_000)
            assert one.waits_for(lambda aim=aim: got_to(aim) or frozen())  # type: ignore[misc]
            command.kill()
            command.wait()
            one.kill()
            with db.connection() as tx:
                marks.append(int(tx.value(planned_to)))
            one.agrees_within()
            if turn < 3:
                one.clock()
        one.clock()
        assert one.waits_for(frozen)
        one.kill()
        one.agrees()
        assert one.show(number)["chosen"] == one.show(number)["waiting"] == people
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(DISTINCT person_id) FROM recipients")) == people
    print(f"{engine}: killed at {marks} of {people}")
    assert marks == sorted(set(marks)) and marks[0] < people
