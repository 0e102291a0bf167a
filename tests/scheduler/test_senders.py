"""Senders that fail: who is asked next, who is left alone and for how long, and that
all clocks know it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db.store.engine import Database, to_ms
from db.texts import breakers
from gateway.app import create_app
from gateway.context import EXTENSION
from gateway.staff import language as lang
from gateway.transports.base import (
    Outbound,
    Rejected,
    Throttled,
    Uncertain,
    Unreachable,
)
from scheduler.sending import Sending
from settings import Settings
from tests.scheduler.conftest import Clock, Town, at
from tests.scheduler.stand_in import NOON, Carrier, SafeCarrier, fails, go

Does = Callable[[Outbound], str | None]


@pytest.fixture
def both(live: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two senders, the second with a mind of its own: it takes everything until told
    otherwise.
    """
    monkeypatch.setattr(
        SafeCarrier,
        "does",
        staticmethod(lambda outbound: f"safe-{outbound.id}"),
        raising=False,
    )
    return replace(live, sms_senders=("stand-in", "safe"))


def queue(town: Town, many: int) -> None:
    for minute in range(many):
        town.posts(town.books(at(21, f"08:{minute:02}"), NOON))


def state(db: Database, sender: str = "stand-in") -> Any:
    with db.connection() as tx:
        return breakers.failing(tx).get(sender)


@pytest.mark.parametrize("problem", [Unreachable("down"), Throttled("slow")])
def test_after_five_failures_a_sender_is_left_alone(
    db: Database,
    town: Town,
    both: Settings,
    carrier: type[Carrier],
    clock: Clock,
    problem: Exception,
) -> None:
    fails(carrier, problem)
    queue(town, 8)
    assert go(db, both, clock) == "8 sent"
    assert {row.carrier for row in town.texts()} == {"safe"}
    assert len(carrier.taken) == 8 + breakers.OPENS_AFTER, (
        "the last three went straight to the other"
    )
    broken = state(db)
    assert (broken.failures, broken.since) == (5, to_ms(clock.now))
    assert broken.open_until == to_ms(clock.now) + 30_000


def test_uncertain_answers_stop_before_many_texts_are_lost(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Uncertain("no answer"))
    queue(town, 8)
    assert go(db, live, clock) == "5 lost, 3 waiting for a sender"
    assert go(db, live, clock) == "every sender is down"
    waiting = [row for row in town.texts() if row.status == "QUEUED"]
    assert [(row.tries, row.not_before) for row in waiting] == [
        (0, to_ms(clock.now) + 30_000)
    ] * 3


def test_a_text_that_is_refused_for_itself_says_nothing_of_the_sender(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Rejected("template"))
    queue(town, 8)
    assert go(db, live, clock) == "8 failed"
    assert state(db) is None


def test_one_good_answer_ends_the_count(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    with db.transaction() as tx:
        for _ in range(4):
            breakers.failed(tx, "stand-in", to_ms(clock.now))
    queue(town, 1)
    assert go(db, live, clock) == "1 sent"
    assert state(db) is None


def test_when_the_time_is_up_one_text_tries_and_if_it_fails_the_sender_rests_longer(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Unreachable("down"))
    queue(town, 8)
    go(db, live, clock)
    asked = len(carrier.taken)
    clock.now += timedelta(seconds=31)
    assert go(db, live, clock) == "1 to be tried again, 2 waiting for a sender"
    assert len(carrier.taken) == asked + 1
    assert state(db).open_until == to_ms(clock.now) + 60_000

    carrier.does = staticmethod(lambda outbound: f"id-{outbound.id}")
    clock.now += timedelta(minutes=10)
    assert go(db, live, clock) == "8 sent"
    assert state(db) is None


def test_the_trial_is_given_to_one_clock_only(db: Database) -> None:
    with db.transaction() as tx:
        for _ in range(5):
            breakers.failed(tx, "stand-in", 1_000)
    with db.transaction() as tx:
        assert breakers.closed_again_at(tx, "stand-in", 2_000) == 31_000
        assert breakers.closed_again_at(tx, "stand-in", 40_000) is None
        assert (
            breakers.closed_again_at(tx, "stand-in", 40_000)
            == 40_000 + breakers.TRIAL_MS
        )
        assert (
            breakers.closed_again_at(tx, "stand-in", 40_001 + breakers.TRIAL_MS) is None
        ), "its holder died"


def test_rest_grows_to_a_quarter_of_an_hour_and_no_further(db: Database) -> None:
    rests = []
    with db.transaction() as tx:
        for _ in range(12):
            breakers.failed(tx, "stand-in", 0)
            rests.append(breakers.failing(tx)["stand-in"].open_until)
    assert rests == [None] * 4 + [30_000, 60_000, 120_000, 300_000] + [900_000] * 4


def test_another_clock_knows_at_once(
    db: Database, town: Town, both: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Unreachable("down"))
    queue(town, 5)
    go(db, both, clock)
    carrier.taken.clear()
    queue(town, 1)
    assert Sending(db, both, clock).until_empty() == "1 sent"
    assert len(carrier.taken) == 1


def test_what_may_have_gone_by_one_that_knows_repeats_is_repeated_there_and_nowhere_else(
    db: Database,
    town: Town,
    both: Settings,
    carrier: type[Carrier],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even over a night of quiet hours, and although the other sender stands first by
    then.
    """

    def silent(outbound: Outbound) -> str | None:
        raise Uncertain("no answer")

    monkeypatch.setattr(SafeCarrier, "does", staticmethod(silent), raising=False)
    clock.now = at(12, "20:59")
    town.posts(town.books(at(21, "08:00"), NOON), "reminder_1d")
    assert go(db, replace(both, sms_senders=("safe",)), clock) == "1 to be tried again"
    clock.now = at(12, "21:30")
    assert go(db, both, clock) == "1 put off"
    clock.now = at(13, "07:00")
    monkeypatch.setattr(SafeCarrier, "does", staticmethod(lambda outbound: "ok"))
    assert go(db, both, clock) == "1 sent"
    assert town.texts()[0].carrier == "safe"


def test_when_that_one_was_switched_off_staff_are_told_and_nobody_guesses(
    db: Database,
    town: Town,
    both: Settings,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(outbound: Outbound) -> str | None:
        raise Uncertain("no answer")

    monkeypatch.setattr(SafeCarrier, "does", staticmethod(silent), raising=False)
    queue(town, 1)
    go(db, replace(both, sms_senders=("safe",)), clock)
    clock.now += timedelta(minutes=1)
    assert go(db, live, clock) == "1 lost"
    assert town.texts()[0].status == "LOST"


def test_operators_and_staff_see_which_sender_is_down(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    with db.transaction() as tx:
        for _ in range(5):
            breakers.failed(tx, "stand-in", to_ms(clock.now))
    app = create_app(replace(live, sms_carriers=()))
    try:
        with app.test_client() as client:
            senders = client.get("/readyz").get_json()["senders"]
            page = client.get("/staff/sign-in").get_data(as_text=True)
    finally:
        app.extensions[EXTENSION].db.close()
    assert (senders["stand-in"]["state"], senders["stand-in"]["failures"]) == (
        "down",
        5,
    )
    assert "stand-in" in page
    assert f"từ {lang.stamp(to_ms(clock.now), 'vi')}" in page
