"""What was found when broadcasts were broken off at every point, each told as it
happened.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from db.broadcasts import control, ledger
from db.store.engine import Database, Tx
from db.texts import outbox
from scheduler import upkeep
from settings import Settings
from tests import factories
from tests.db.casting import CARRIER, PEOPLE, Away, Mortal, World


@pytest.fixture
def world(db: Database, settings: Settings) -> World:
    return World(db, settings, 0)


def agrees(world: World) -> bool:
    with world.db.connection() as tx:
        return ledger.check(tx) == []


def firings(world: World) -> list[tuple[int, str]]:
    """How many are chosen and why it ended, firing by firing."""
    with world.db.connection() as tx:
        return [
            (row.chosen, row.ended_why)
            for row in tx.all(text("SELECT chosen, ended_why FROM firings ORDER BY id"))
        ]


def after(world: World, statement: str, happens: Callable[[], object]) -> Mortal:
    """A clock's database in which something else happens right after the transaction
    with this statement in it.
    """

    class Interrupted(Mortal):
        def again(  # type: ignore[override]
            self, work: Callable[[Tx], object], tries: int = 5, durable: bool = True
        ) -> object:
            done = self.db.again(work, tries, durable)
            with self.db.connection() as tx:
                if tx.value(text(statement)):
                    happens()
            return done

    return Interrupted(world.db)


LEDGER_BEGINS = (
    "SELECT COUNT(*) FROM firings WHERE planned_to = 0 AND planned_at IS NULL"
)
LEDGER_STANDS = (
    "SELECT COUNT(*) FROM firings WHERE planned_to > 0 AND planned_at IS NULL"
)


def interrupts_the_planning(
    world: World, happens: Callable[[], object], when: str = LEDGER_STANDS
) -> None:
    """Once the ledger is written and nothing is frozen yet; or else when it begins."""
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            happens()

    clock = world.clocks[0]
    clock.mortal = after(world, when, once)
    clock.runs("tend")
    assert done
    clock.begin()


def test_somebody_erased_between_the_list_and_its_texts_blocks_nobody(
    world: World,
) -> None:
    world.start({}, text_class="notice")
    interrupts_the_planning(world, lambda: world.erases(factories.phone(3)))
    world.clocks[0].runs("tend", "send", "tend")
    assert agrees(world)
    assert firings(world) == [(PEOPLE, "done")]
    assert len(world.carrier.taken) == PEOPLE - 1


@pytest.mark.parametrize("when", [LEDGER_BEGINS, LEDGER_STANDS])
def test_somebody_who_registers_while_two_clocks_plan_is_not_on_the_list(
    world: World, when: str
) -> None:
    """The slower of the two finds it frozen."""
    world.start({}, text_class="notice")

    def another_is_faster() -> None:
        world.clocks[1].runs("tend")
        world.joins(PEOPLE + 1)

    interrupts_the_planning(world, another_is_faster, when)
    world.clocks[0].runs("tend", "send", "tend")
    assert agrees(world)
    assert firings(world) == [(PEOPLE, "done")]


@pytest.mark.parametrize("lives", range(8))
def test_a_clock_killed_while_late_joiners_join_leaves_a_ledger_that_agrees(
    world: World, lives: int
) -> None:
    world.start(
        {}, text_class="notice", late_joiners=True, not_after=world.ms + 3_600_000
    )
    world.clocks[0].runs("tend")
    world.joins(PEOPLE + 1)
    world.clocks[0].runs("tend", lives=lives, done=True)
    assert agrees(world)
    world.clocks[0].runs("tend", "send")
    assert agrees(world)
    assert firings(world) == [(PEOPLE + 1, "")]


def test_who_stops_it_while_the_list_is_written_finds_a_ledger_that_agrees(
    world: World,
) -> None:
    world.start({}, text_class="notice")
    (cast,) = world.broadcasts()
    interrupts_the_planning(world, lambda: world.changes(control.stop, cast.id))
    assert agrees(world)
    assert firings(world) == [(PEOPLE, "stopped")]
    assert [row.state for row in world.broadcasts()] == ["stopped"]


def test_the_last_firing_goes_out_though_an_earlier_one_ends_first(
    world: World,
) -> None:
    day = "2024-04-13"
    world.start(
        {}, text_class="notice", repeats="daily", repeat_until=day, good_for=30 * 60
    )
    world.clocks[0].runs("tend")
    world.changes(control.pause, world.broadcasts()[0].id)
    world.now = world.now.replace(day=13)  # the next day, at the same hour
    world.changes(control.resume, world.broadcasts()[0].id)
    world.clocks[0].runs("tend")  # the second is open, the first not over yet
    world.now = world.now.replace(hour=9)  # and now it is too late for the first
    world.clocks[0].runs("tend", "send", "tend")
    assert agrees(world)
    assert [why for _, why in firings(world)] == ["too late", "done"]
    assert len(world.carrier.taken) == PEOPLE


def test_a_refusal_that_comes_after_the_lease_is_no_doubt(world: World) -> None:
    """A clock whose time is ahead took it for lapsed meanwhile."""
    world.start({}, text_class="notice")
    world.clocks[0].runs("tend")
    world.carrier.will.extend(["dies before"] * PEOPLE)
    world.clocks[0].runs("send")
    world.now = world.now.replace(minute=10)
    upkeep.expire(world.db, world.now)
    with world.db.transaction() as tx:
        lost = [
            row.id
            for row in tx.all(
                text("SELECT id FROM messages WHERE status = 'LOST' ORDER BY id")
            )
        ]
        said = {"sender": CARRIER, "now": world.ms, "detail": ""}
        outbox.record_refused(tx, lost[0], tries=1, outcome="Throttled", **said)  # type: ignore[arg-type]  # as named
        outbox.record_failed(tx, lost[1], outcome="BadNumber", **said)  # type: ignore[arg-type]  # as named
        outbox.record_refused(tx, lost[2], tries=1, outcome="Uncertain", **said)  # type: ignore[arg-type]  # as named
        now = {
            row.id: (row.status, row.reason)
            for row in tx.all(text("SELECT id, status, reason FROM messages"))
        }
    assert [now[one] for one in lost[:3]] == [
        ("FAILED", "Throttled"),
        ("FAILED", "BadNumber"),
        ("LOST", outbox.NO_WORD),
    ]


def test_the_check_beside_a_clock_that_goes_on_finds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock takes a turn between any two things that the check reads."""
    world.start({}, text_class="notice", pace_many=60)
    clock = world.clocks[0]
    clock.runs("tend")
    read = Tx.fetch

    def a_turn_meanwhile(tx: Tx, *given: object) -> object:
        with monkeypatch.context() as quietly:
            quietly.setattr(Tx, "fetch", read)
            world.now = world.now.replace(second=min(world.now.second + 3, 59))
            clock.runs("send")
        return read(tx, *given)  # type: ignore[arg-type]  # as it was asked

    with world.db.connection() as tx:
        monkeypatch.setattr(Tx, "fetch", a_turn_meanwhile)
        found = ledger.check(tx)
        monkeypatch.undo()
    assert found == []
    assert world.carrier.taken


def test_nothing_goes_after_the_deadline_though_nobody_has_ended_it_yet(
    world: World,
) -> None:
    world.start({}, text_class="notice", not_after=world.ms + 3_600_000)
    world.clocks[0].runs("tend")
    world.now = world.now.replace(hour=3, minute=1)
    world.clocks[0].runs("send")
    assert world.carrier.taken == []
    world.clocks[0].runs("tend")
    assert firings(world) == [(PEOPLE, "too late")]


@pytest.mark.parametrize("lives", range(8))
@pytest.mark.parametrize("done", [False, True])
def test_a_database_that_goes_away_at_any_turn_costs_no_text_and_repeats_none(
    world: World, lives: int, done: bool
) -> None:
    clock = world.clocks[0]
    world.start({}, text_class="notice")
    clock.runs("tend")
    clock.runs("send", lives=lives, done=done, outcome=Away)
    world.now = world.now.replace(minute=1)
    clock.runs("send", "tend")
    assert world.twice() == []
    with world.db.connection() as tx:
        assert (
            tx.value(text("SELECT COUNT(*) FROM messages WHERE status = 'SENT'"))
            == PEOPLE
        )
