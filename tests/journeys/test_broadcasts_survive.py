"""Broadcasts under `kill -9`, with a real clock and web: nobody lost, nobody told
twice, few in doubt.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from db.broadcasts import reasons
from db.store.engine import Database, connect
from tests.journeys import broadcasting
from tests.journeys.broadcasting import AT_ONCE, Books, Station, in_the_morning, station
from tests.journeys.carrier_that_remembers import Manners, carrier
from tests.journeys.servers import free_port, web

pytestmark = [
    pytest.mark.race,
    pytest.mark.timeout(7_200 if os.environ.get("SOAK") == "1" else 180),
]

SOAK = os.environ.get("SOAK") == "1"
KILLS, PEOPLE = 5, 300
# Of the long run, on each engine: so many kills, or as many as fit into the time
# (SOAK_MINUTES), told by a seed (SOAK_SEED). Another seed goes on where this one ended.
LONG_KILLS, LONG_PEOPLE, KILLS_EACH = 150, 5_000, 15
MINUTES = float(os.environ.get("SOAK_MINUTES", "90"))
SEED = os.environ.get("SOAK_SEED", "1")
# As carriers are: now and then too busy, slow, an answer lost, a receipt brought twice
# or before the answer.
REAL = Manners(
    refuses=0.01, slow=0.02, twice=0.02, drops=0.01, pause=0.03, receipts=0.4, failures=0.05, receipts_twice=0.2,
    receipts_early=0.3,
)  # fmt: skip


@contextmanager
def commune(
    db: Database,
    url: str,
    folder: Path,
    manners: Manners = REAL,
    *,
    receipts: bool = True,
    **more: str,
) -> Iterator[Station]:
    """An installation at nine in the morning, its carrier, and its web process where
    receipts come back.
    """
    port, zone = free_port(), in_the_morning(folder)
    with ExitStack() as up:
        sent_by = up.enter_context(carrier(folder / "memory.jsonl", manners))
        given = {**sent_by.settings(f"http://127.0.0.1:{port}"), **zone, **more}
        if receipts:
            up.enter_context(web(url, workers=1, port=port, **given))
        yield up.enter_context(station(db, url, folder, sent_by, **given))


def until_over(one: Station, number: int, clocks: int = 1, minutes: int = 1) -> None:
    """Clocks run until it is over; whenever they have nothing to do they are down for
    so many minutes, so that what was put off falls due. None goes down with a text in
    its hands, however slow it is where others run beside it: that text would be in
    doubt, and no kill of the story's is to blame.
    """
    for _ in range(30):
        for _ in range(clocks):
            one.clock()
        over = one.waits_for(
            lambda: one.is_over(number) or one.is_still(), 10.0
        ) and one.is_over(number)
        one.waits_for(lambda: one.sending() == 0)
        one.kill()
        one.a_minute_goes_by(minutes)
        if over:
            return
    raise AssertionError(one.said() + str(one.show(number)))


def all_told(one: Station, people: int, unknown: int) -> Books:
    """Nobody twice, nobody missing, and no more in doubt than there may be.

    Where one story sends several broadcasts, somebody's number may have failed three
    times in a row by then.
    """
    found = broadcasting.books(one)
    assert found.twice == [] and found.faults == [], str(found)
    assert set(found.left_out) <= {reasons.DEAD_NUMBER}, found.left_out
    assert (
        found.chosen + found.left_out.total() == people
        and found.outcomes["waiting"] == 0
    ), str(found)
    assert found.outcomes["unknown"] <= unknown, str(found)
    one.agrees_within()
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
            assert one.waits_for(lambda aim=aim: one.took(aim) or one.is_over(number))  # type: ignore[misc]  # mypy cannot see the default
            held = one.kill()
            assert held <= AT_ONCE
            in_hand += held
            one.agrees_within()
            one.a_minute_goes_by()
        one.agrees()
        until_over(one, number)
        found = all_told(one, PEOPLE, in_hand + one.carrier.counts()["silent"])
    print(
        f"{engine}: {KILLS} kills with {in_hand} in hand; {found}; {dict(one.carrier.counts())}"
    )
    assert in_hand > 0


def test_whoever_kills_while_the_list_is_frozen_finds_everybody_on_it_once(
    db: Database, url: str, tmp_path: Path, engine: str
) -> None:
    """Killed are the command that starts it, and the clocks that go on where it
    stopped.
    """
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
            assert one.waits_for(lambda aim=aim: got_to(aim) or frozen())  # type: ignore[misc]  # mypy cannot see the default
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
        assert (
            tx.value(text("SELECT COUNT(DISTINCT person_id) FROM recipients")) == people
        )
    print(f"{engine}: killed at {marks} of {people}")
    assert marks == sorted(set(marks)) and marks[0] < people


def test_two_clocks_killed_one_after_the_other_tell_everybody_once(
    fresh_url: Callable[[str, bool], str], tmp_path: Path
) -> None:
    """One of two is killed at random points and begins again; the other goes on
    meanwhile.
    """
    url = fresh_url("postgresql", True)
    rng, held = Random(2), 0
    with closing(connect(url)) as db, commune(db, url, tmp_path) as one:
        broadcasting.people(db, PEOPLE)
        number = one.start("Hai dong ho cung chay.")
        one.clock()
        for _ in range(KILLS):
            one.clock()
            aim = len(one.carrier.taken()) + rng.randint(1, PEOPLE // KILLS)
            one.waits_for(lambda aim=aim: one.took(aim) or one.is_over(number))  # type: ignore[misc]  # mypy cannot see the default
            one.kill_one(rng.randrange(2))
            held = max(held, one.sending())
            one.agrees_within()
        in_hand = one.kill()
        one.a_minute_goes_by()
        until_over(one, number, clocks=2)
        found = all_told(
            one, PEOPLE, AT_ONCE * (KILLS + 2) + one.carrier.counts()["silent"]
        )
    print(
        f"two clocks: {KILLS + 2} kills, at most {held} in hand, {in_hand} at last; {found}"
    )
    assert held <= 2 * AT_ONCE * KILLS


def test_a_pause_holds_at_once_and_what_goes_on_goes_on_with_the_same_list(
    db: Database, url: str, tmp_path: Path
) -> None:
    """Within two seconds or fifty texts of the moment at which the command says that it
    is paused.
    """
    people = 600
    broadcasting.people(db, people)
    with commune(
        db, url, tmp_path, Manners(pause=0.02), receipts=False, SMS_RATE="100"
    ) as one:
        number = one.start("Nha van hoa mo cua luc 8h.")
        one.clock()
        assert one.waits_for(lambda: one.took(60))
        said = one.does("pause", number)
        with db.connection() as tx:
            paused_at = int(tx.value(text("SELECT changed_at FROM broadcasts"))) / 1_000
        one.waits_for(lambda: False, 2.5)
        late = [
            taken.at - paused_at
            for taken in one.carrier.taken()
            if taken.at > paused_at
        ]
        assert len(late) <= 50 and max(late, default=0.0) < 2.0
        shown = one.show(number)
        assert (
            shown["sent"] == len(one.carrier.taken())
            and shown["waiting"] == people - shown["sent"]
        )
        assert "had left" in said and not one.took(people)
        one.does("resume", number)
        assert one.waits_for(lambda: one.is_over(number), 40)
        one.kill()
        found = all_told(one, people, 0)
    print(
        f"{len(late)} texts left after the pause, the last {max(late, default=0.0):.2f} s after"
    )
    assert found.outcomes["sent"] == people


@pytest.mark.skipif(not SOAK, reason="with SOAK=1 (make soak)")
def test_hundreds_of_kills_at_random_points_of_broadcasts_of_thousands(
    db: Database, url: str, tmp_path: Path, engine: str
) -> None:
    """Real time throughout: a lease lapses after its minute, a text that was refused
    waits for its own.
    """
    broadcasting.people(db, LONG_PEOPLE)
    rng, ends = Random(f"{SEED}:{engine}"), time.monotonic() + MINUTES * 60
    kills = in_hand = told = 0
    with commune(
        db, url, tmp_path, replace(REAL, seed=int(SEED), hangs=0.001, pause=0.01)
    ) as one:
        while kills < LONG_KILLS and time.monotonic() < ends:
            told += 1
            number = started_in_spite_of_kills(one, f"Thong bao so {told}.", rng)
            clocks = rng.choice([1, 2]) if engine == "postgresql" else 1
            for _ in range(KILLS_EACH):
                for _ in range(clocks):
                    one.clock()
                aim = len(one.carrier.taken()) + rng.randint(
                    1, LONG_PEOPLE // KILLS_EACH
                )
                until_it_took(one, number, aim)
                held = one.kill()
                assert held <= AT_ONCE * clocks
                in_hand += held
                kills += clocks
                one.agrees_within()
            one.agrees()
            one.clock()
            until_it_took(one, number, LONG_PEOPLE * told * 2)
            assert one.is_over(number), one.show(number)
            one.kill()
            found = all_told(
                one, told * LONG_PEOPLE, in_hand + one.carrier.counts()["silent"]
            )
            print(
                f"{engine}: {kills} kills, {told} broadcasts, {in_hand} in hand; {found}",
                flush=True,
            )
    assert kills


def until_it_took(one: Station, number: int, aim: int) -> None:
    """Until the carrier took so many texts, or the broadcast is over."""
    one.waits_for(lambda: one.took(aim) or one.is_over(number), 900)


def started_in_spite_of_kills(one: Station, words: str, rng: Random) -> int:
    """The command that starts it is killed somewhere between its first line and its
    last.
    """
    number = one.draft(words)
    while one.state(number) == "draft":
        command = one.begins("broadcast", "start", str(number))
        with suppress(subprocess.TimeoutExpired):
            command.wait(rng.uniform(0.3, 3.0))
        command.kill()
        command.wait()
    return number
