"""What becomes of a text when its clock dies, its carrier refuses it, or nobody knows
whether it went.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.store.engine import Database, to_ms
from db.texts import outbox
from gateway.transports.base import (
    BadNumber,
    Outbound,
    Rejected,
    Stopped,
    Throttled,
    Uncertain,
    Unreachable,
)
from scheduler import upkeep
from settings import Settings
from tests.scheduler.conftest import Clock, Town, at
from tests.scheduler.stand_in import NOON, Carrier, SafeCarrier, fails, go


def claim(db: Database, now: datetime) -> int:
    with db.transaction() as tx:
        (row,) = outbox.claim(tx, now=to_ms(now), most=10)
    return int(row.id)


def mark_sending(db: Database, message: int, now: datetime) -> bool:
    from menus.fitting import cost

    with db.transaction() as tx:
        return outbox.record_sending(
            tx,
            message,
            sender="stand-in",
            text="x",
            cost=cost("x"),
            price=1,
            words="w" * 12,
            now=to_ms(now),
        )


def lapse(db: Database, clock: Clock) -> None:
    clock.now += timedelta(milliseconds=outbox.LEASE_MS + 1)
    upkeep.expire(db, clock.now)


def test_a_claim_whose_clock_died_goes_back_to_the_queue(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    message = claim(db, clock.now)
    upkeep.expire(db, clock.now + timedelta(seconds=59))
    assert town.texts()[0].status == "CLAIMED"
    lapse(db, clock)
    assert town.texts()[0].status == "QUEUED"
    # the dead one awakes: it may not send
    assert not mark_sending(db, message, clock.now)
    assert go(db, live, clock) == "1 sent"


def test_a_text_that_was_on_its_way_when_the_clock_died_is_lost_and_never_sent_again(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    assert mark_sending(db, claim(db, clock.now), clock.now)
    lapse(db, clock)
    (row,) = town.texts()
    assert (row.status, row.reason) == ("LOST", "no word from the sender")
    for _ in range(3):
        lapse(db, clock)
        assert go(db, live, clock) == "nothing due"
    assert carrier.taken == []


@pytest.mark.parametrize("status", ["DELIVERED", "FAILED", "SENT"])
def test_a_receipt_that_comes_before_the_send_is_recorded_stands(
    db: Database, town: Town, live: Settings, clock: Clock, status: outbox.Receipt
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    message = claim(db, clock.now)
    mark_sending(db, message, clock.now)
    with db.transaction() as tx:
        assert outbox.record_receipt(
            tx, message, status=status, reason="", now=to_ms(clock.now)
        )
        outbox.record_sent(
            tx, message, sender="stand-in", provider_id="p-1", now=to_ms(clock.now) + 5
        )
    (row,) = town.texts()
    assert row.status == status
    assert row.sent_at is not None


def test_a_receipt_finds_a_lost_text_and_final_words_stay_final(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    message = claim(db, clock.now)
    mark_sending(db, message, clock.now)
    lapse(db, clock)
    with db.transaction() as tx:
        assert outbox.record_receipt(
            tx, message, status="DELIVERED", reason="", now=to_ms(clock.now)
        )
        assert not outbox.record_receipt(
            tx, message, status="FAILED", reason="late", now=to_ms(clock.now)
        )
        assert not outbox.record_receipt(
            tx, 10**15, status="DELIVERED", reason="", now=to_ms(clock.now)
        )
    assert [(row.status, row.reason) for row in town.texts()] == [("DELIVERED", "")]


def test_a_refused_text_is_tried_again_with_growing_delay_and_then_given_up(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Throttled("slow down"))
    town.posts(town.books(at(21, "08:00"), NOON))
    for minutes in (1, 5, 15, 60, 180):
        before = clock.now
        assert go(db, live, clock) == "1 to be tried again"
        (row,) = town.texts()
        assert (row.status, row.reason) == ("QUEUED", "Throttled")
        assert row.not_before == to_ms(before + timedelta(minutes=minutes))
        clock.now = before + timedelta(minutes=minutes)
    assert go(db, live, clock) == "1 to be tried again"
    assert [(row.status, row.reason) for row in town.texts()] == [
        ("FAILED", "Throttled")
    ]
    assert town.attempts() == ["Throttled"] * 6


def test_a_refused_text_goes_another_way_at_once(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second sender has its own mind here; both attempts stand on record."""
    fails(carrier, Unreachable("down"))
    monkeypatch.setattr(
        SafeCarrier, "does", staticmethod(lambda outbound: "ok"), raising=False
    )
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, replace(live, sms_senders=("stand-in", "safe")), clock) == "1 sent"
    assert town.texts()[0].carrier == "safe"
    assert town.attempts() == ["Unreachable", "sent"]


@pytest.mark.parametrize(
    "problem", [BadNumber("21211"), Stopped("21610"), Rejected("30007")]
)
def test_a_final_no_is_final(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    problem: Exception,
) -> None:
    fails(carrier, problem)
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, live, clock) == "1 failed"
    (row,) = town.texts()
    assert (row.status, row.reason) == ("FAILED", type(problem).__name__)
    clock.now += timedelta(days=1)
    assert go(db, live, clock) == "nothing due"


@pytest.mark.parametrize(
    "problem", [Uncertain("no answer"), RuntimeError("a fault in the library")]
)
def test_what_may_have_gone_is_lost_not_sent_twice(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    problem: Exception,
) -> None:
    fails(carrier, problem)
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, live, clock) == "1 lost"
    clock.now += timedelta(days=1)
    assert go(db, live, clock) == "nothing due"
    assert [row.status for row in town.texts()] == ["LOST"]
    assert len(carrier.taken) == 1


def test_unless_the_carrier_knows_a_repeat_by_our_id(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    fails(carrier, Uncertain("no answer"))
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, replace(live, sms_senders=("safe",)), clock) == "1 to be tried again"


def test_one_that_fails_does_not_hold_up_the_others(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    bad, good = town.books(at(21, "08:00"), NOON), town.books(at(21, "08:30"), NOON)

    def does(outbound: Outbound) -> str | None:
        if outbound.to == bad.phone:
            raise BadNumber("no such number")
        return "ok"

    carrier.does = staticmethod(does)
    town.posts(bad)
    town.posts(good)
    assert go(db, live, clock) == "1 failed, 1 sent"
