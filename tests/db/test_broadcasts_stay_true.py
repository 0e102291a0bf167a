"""Whatever is done in whatever order, on either engine: a ledger that agrees, nobody
told twice, nobody forgotten.

A machine of Hypothesis draws the stories; casting.py holds the commune, its two clocks
and the carrier. Thousands of stories with SOAK=1, which also makes a story that fails
as short as it can.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as drawn
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from db.broadcasts import control, ledger
from db.store.engine import Database
from menus.days import local
from settings import Settings
from tests import factories
from tests.db.casting import NUMBERS, RULES, Away, World

SOAK = os.environ.get("SOAK") == "1"
EXAMPLES, STEPS = (
    ({"sqlite": 2_000, "postgresql": 500}, 50)
    if SOAK
    else ({"sqlite": 30, "postgresql": 8}, 25)
)
PHASES = (Phase.generate, Phase.shrink) if SOAK else (Phase.generate,)
HOUR_MS = 3_600_000
ANY = st.integers(0, 50)
NUMBER = st.integers(0, NUMBERS - 1)
CLOCK = st.integers(0, 1)
MINUTES = st.sampled_from([1, 2, 5, 16, 61, 240, 600, 1_440])
WILL = st.lists(
    st.sampled_from(
        ["takes", "takes", "refuses", "refuses", "is away", "knows no such number", "is silent", "reports first",
         "dies before", "dies after"]
    ),
    max_size=6,
)  # fmt: skip
_ROWS = text(
    "SELECT id, status, reason FROM messages WHERE kind = 'broadcast' AND direction = 'out'"
)
_FIRINGS = text("SELECT id, ended_at, ended_why FROM firings ORDER BY id")
_AT_WORK = text(
    "SELECT COUNT(*) FROM messages WHERE status IN ('QUEUED', 'CLAIMED', 'SENDING')"
)


class Stories(RuleBasedStateMachine):
    """Each rule is something that somebody does, or that happens; after each everything
    is looked at.
    """

    def __init__(self, db: Database, given: Settings) -> None:
        super().__init__()
        self.db, self.given = db, given

    @initialize(minutes=st.sampled_from([0, 0, 3, -3, 30]))
    def a_commune(self, minutes: int) -> None:
        self.world = World(self.db, self.given, minutes)

    # What staff do.

    @rule(
        which=st.integers(0, len(RULES) - 1),
        advert=st.booleans(),
        hours=st.sampled_from([None, None, 1, 13]),
        pace=st.sampled_from([None, None, 2]),
        repeats=st.sampled_from(["", "", "", "daily"]),
        late=st.booleans(),
    )
    def start(
        self,
        which: int,
        advert: bool,
        hours: int | None,
        pace: int | None,
        repeats: str,
        late: bool,
    ) -> None:
        until = None if hours is None else self.world.ms + hours * HOUR_MS
        more: dict[str, Any] = {
            "pace_many": pace,
            "repeats": repeats,
            "late_joiners": late,
        }
        if repeats:
            more |= {
                "good_for": 60 * (hours or 30),
                "repeat_until": f"{self.world.now + timedelta(days=1):%Y-%m-%d}",
            }
        else:
            more["not_after"] = until
        self.world.start(
            RULES[which], text_class="advert" if advert else "notice", **more
        )

    @rule(which=ANY)
    def pause(self, which: int) -> None:
        self.on_one(which, control.pause)

    @rule(which=ANY)
    def resume(self, which: int) -> None:
        self.on_one(which, control.resume)

    @rule(which=ANY)
    def stop(self, which: int) -> None:
        self.on_one(which, control.stop)

    def on_one(self, which: int, act: Any) -> None:
        there = self.world.broadcasts()
        if there:
            self.world.changes(act, there[which % len(there)].id)

    @rule(who=ANY, number=NUMBER)
    def move_number(self, who: int, number: int) -> None:
        self.world.moves(
            self.world.people[who % len(self.world.people)], factories.phone(number)
        )

    @rule(number=NUMBER)
    def erase(self, number: int) -> None:
        self.world.erases(factories.phone(number))

    @rule(number=NUMBER)
    def somebody_joins(self, number: int) -> None:
        self.world.joins(number)

    # What residents do.

    @rule(number=NUMBER, what=st.sampled_from(["all", "advert"]))
    def opt_out(self, number: int, what: Any) -> None:
        self.world.refuses(factories.phone(number), what)

    @rule(number=NUMBER)
    def agree_again(self, number: int) -> None:
        self.world.agrees_again(factories.phone(number))

    @rule(who=ANY)
    def book(self, who: int) -> None:
        self.world.books(self.world.people[who % len(self.world.people)])

    # What clocks and carriers do.

    @rule(
        which=CLOCK, will=WILL, lives=st.none() | st.integers(0, 20), done=st.booleans()
    )
    def a_clock_works(
        self, which: int, will: list[str], lives: int | None, done: bool
    ) -> None:
        """All its jobs; it may be killed at a transaction, or during a call."""
        self.world.carrier.will.extend(will)
        self.world.clocks[which].runs("expire", "tend", "send", lives=lives, done=done)
        self.world.carrier.will.clear()

    @rule(
        rule_=st.integers(0, len(RULES) - 1),
        which=CLOCK,
        will=WILL,
        lives=st.integers(2, 20),
        done=st.booleans(),
    )
    def a_broadcast_gets_half_way(
        self, rule_: int, which: int, will: list[str], lives: int, done: bool
    ) -> None:
        """Started, and the clock is killed while it goes out."""
        self.world.start(RULES[rule_], text_class="notice")
        self.a_clock_works(which, will, lives, done)

    @rule(which=CLOCK, will=WILL, whose=ANY, to=ANY, then=st.booleans())
    def a_number_goes_from_hand_to_hand(
        self, which: int, will: list[str], whose: int, to: int, then: bool
    ) -> None:
        """Somebody whose turn came, well or in vain, has another number, and somebody
        whose turn comes gets theirs.
        """
        self.world.start({}, text_class="notice", pace_many=12)
        self.a_clock_works(which, [*will, "refuses"], None, False)
        released, waiting = self.world.turns()
        if not released or not waiting:
            return
        one, other = released[whose % len(released)], waiting[to % len(waiting)]
        number, spare = self.world.number_of(one), self.world.spare_number()
        self.world.moves(one, spare)
        self.world.moves(other, number)
        self.world.now += timedelta(minutes=2)
        if then:  # and goes on to a third
            self.a_clock_works(which, [], None, False)
            self.world.moves(one, self.world.spare_number())
            self.world.moves(waiting[-1], spare)
        self.world.now += timedelta(minutes=2)
        self.a_clock_works(which, [], None, False)

    @rule(which=CLOCK, will=WILL, lives=st.integers(0, 20), done=st.booleans())
    def the_database_goes_away(
        self, which: int, will: list[str], lives: int, done: bool
    ) -> None:
        """In the middle of a broadcast; the clock lives on, and remembers what it heard
        of carriers.
        """
        self.world.start({}, text_class="notice")
        self.world.carrier.will.extend(will)
        self.world.clocks[which].runs(
            "expire", "tend", "send", lives=lives, done=done, outcome=Away
        )
        self.world.carrier.will.clear()

    @rule(which=CLOCK, will=WILL)
    def a_clock_sends(self, which: int, will: list[str]) -> None:
        self.world.carrier.will.extend(will)
        self.world.clocks[which].runs("send")
        self.world.carrier.will.clear()

    @rule(will=WILL)
    def two_clocks_work(self, will: list[str]) -> None:
        self.world.carrier.will.extend(will)
        self.world.both_at_once("tend", "send")
        self.world.carrier.will.clear()

    @rule(
        which=ANY, status=st.sampled_from(["DELIVERED", "DELIVERED", "FAILED", "SENT"])
    )
    def a_receipt(self, which: int, status: Any) -> None:
        taken = self.world.carrier.taken
        if taken:
            self.world.reports(taken[-1 - which % len(taken)].message, status)

    @rule(minutes=MINUTES)
    def time_goes_by(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from([1, 10, 90]))
    def the_clocks_are_set_back(self, minutes: int) -> None:
        self.world.now -= timedelta(minutes=minutes)

    # What must be true.

    @invariant()
    def the_ledger_agrees(self) -> None:
        with self.db.connection() as tx:
            assert ledger.check(tx) == []
            for firing in tx.all(_FIRINGS):
                counted = ledger.counts(tx, firing.id)
                assert sum(counted.outcomes.values()) == counted.chosen
                if firing.ended_why in ("done", "too late"):
                    assert counted.outcomes["waiting"] == 0, counted

    @invariant()
    def nobody_was_told_twice_or_wrongly(self) -> None:
        assert self.world.twice() == []
        assert self.world.carrier.wrong == []

    @invariant()
    def what_is_sent_was_taken(self) -> None:
        taken = {one.message for one in self.world.carrier.taken}
        with self.db.connection() as tx:
            for row in tx.all(_ROWS):
                if row.status in ("SENT", "DELIVERED"):
                    assert row.id in taken, row
                elif row.status in ("QUEUED", "CLAIMED", "SKIPPED"):
                    assert row.id not in taken, row

    def teardown(self) -> None:
        """Two waking days more, all carriers well, staff letting go on what was paused:
        everybody has an outcome.
        """
        if not hasattr(self, "world"):
            return
        world, clock = self.world, self.world.clocks[0]
        for _ in range(2 * 60):
            for row in world.broadcasts():
                if row.state == "paused":
                    world.changes(control.resume, row.id)
            clock.runs("expire", "tend", "send")
            with self.db.connection() as tx:
                open_ = [row for row in tx.all(_FIRINGS) if row.ended_at is None]
                at_work = tx.value(_AT_WORK)
            if (
                not open_
                and not at_work
                and "running" not in {row.state for row in world.broadcasts()}
            ):
                break
            world.now += timedelta(
                minutes=200 if 7 <= local(world.now).hour < 19 else 300
            )
        self.the_ledger_agrees()
        self.nobody_was_told_twice_or_wrongly()
        self.what_is_sent_was_taken()
        assert not open_, [(row.id, row.state) for row in world.broadcasts()]
        assert {row.state for row in world.broadcasts()} <= {"done", "stopped", "draft"}


@pytest.mark.race
@pytest.mark.timeout(7_200 if SOAK else 180)
def test_whatever_is_done_in_whatever_order_nobody_is_told_twice_and_nobody_is_forgotten(
    db: Database, settings: Settings, engine: str
) -> None:
    run_state_machine_as_test(
        lambda: Stories(db, settings),  # type: ignore[arg-type]  # it takes whatever makes one
        settings=drawn(
            max_examples=EXAMPLES[engine],
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
