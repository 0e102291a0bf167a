"""How one text goes: claimed, looked at again in the light of the moment, sent,
recorded.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from db.privacy import erasure
from db.register import identity
from db.seats import bookings
from db.store.engine import Database, to_ms
from db.texts import paces
from gateway.transports.base import Outbound
from settings import Settings
from tests.scheduler.conftest import Clock, Town, at
from tests.scheduler.stand_in import NOON, Carrier, go


def stop(db: Database, settings: Settings, phone: str, what: str) -> None:
    with db.transaction() as tx:
        tx.run(
            text("INSERT INTO stops (who, what, at) VALUES (:who, :what, 1)"),
            who=identity.who(settings.privacy_key, phone),
            what=what,
        )


def test_a_text_is_sent_once_with_the_proof_of_what_was_said(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    booked = town.books(at(21, "08:00"), NOON)
    town.posts(booked)
    assert go(db, live, clock) == "1 sent"
    assert go(db, live, clock) == "nothing due"
    (row,) = town.texts()
    assert (row.status, row.carrier, row.carrier_id) == (
        "SENT",
        "stand-in",
        f"id-{row.id}",
    )
    assert row.sent_at == to_ms(NOON)
    assert row.text == (
        f"Xa Quang Lac: Da dat lich 8 gio sang Chu nhat 21/4, NVH Quang Trung I. Ma {booked.code}."
        f" Mang CCCD, may cu. Huy: nhan HUY {booked.code} gui 2404."
    )
    assert (row.encoding, row.length, row.parts) == ("GSM-7", len(row.text), 1)
    assert len(row.words) == 12
    assert [(one.to, one.text, one.unicode) for one in carrier.taken] == [
        (booked.phone, row.text, False)
    ]
    assert town.attempts() == ["sent"]


def test_who_chose_tone_marks_gets_them_and_the_price_says_so(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    booked = town.books(at(21, "08:00"), NOON)
    with db.transaction() as tx:
        tx.run(
            text("UPDATE people SET marks = :yes WHERE id = :id"),
            yes=True,
            id=booked.person,
        )
    town.posts(booked)
    go(db, replace(live, sms_prices={"*:*": 500}), clock)
    (row,) = town.texts()
    assert row.text.startswith("Xã Quảng Lạc: Đã đặt lịch 8 giờ sáng")
    assert (row.encoding, row.parts, row.price) == ("UCS-2", 2, 1000)
    assert carrier.taken[0].unicode


def test_the_most_urgent_goes_first(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    booked = town.books(at(13, "12:00"), at(1, "12:00"))
    order = [
        town.posts(booked, kind) for kind in ("reminder_1d", "event_moved", "booked")
    ]
    go(db, live, clock)
    assert [one.id for one in carrier.taken] == list(reversed(order))


@pytest.mark.parametrize("now", ["06:59", "21:00", "23:30", "00:10"])
def test_a_notice_keeps_quiet_hours_and_goes_at_seven(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    now: str,
) -> None:
    town.posts(town.books(at(21, "14:00"), NOON), "event_moved")
    clock.now = at(13, now)
    assert go(db, live, clock) == "1 put off"
    assert carrier.taken == []
    (row,) = town.texts()
    seven = at(14, "07:00") if now in ("21:00", "23:30") else at(13, "07:00")
    assert (row.status, row.not_before) == ("QUEUED", to_ms(seven))
    clock.now = seven
    assert go(db, live, clock) == "1 sent"


@pytest.mark.parametrize("now", ["07:00", "20:59"])
def test_within_the_hours_it_goes_at_once(
    db: Database, town: Town, live: Settings, clock: Clock, now: str
) -> None:
    town.posts(town.books(at(21, "14:00"), NOON), "event_moved")
    clock.now = at(13, now)
    assert go(db, live, clock) == "1 sent"


@pytest.mark.parametrize("now", ["00:10", "05:00", "23:59"])
def test_a_reply_goes_at_any_hour(
    db: Database, town: Town, live: Settings, clock: Clock, now: str
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    clock.now = at(13, now)
    assert go(db, live, clock) == "1 sent"


@pytest.mark.parametrize(
    ("now", "goes"), [("05:29", False), ("05:30", True), ("06:59", True), ("04:00", False)]
)  # fmt: skip
def test_an_event_that_fails_within_three_hours_is_told_from_half_past_five(
    db: Database, town: Town, live: Settings, clock: Clock, now: str, goes: bool
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON), "event_moved")
    clock.now = at(21, now)
    assert go(db, live, clock) == ("1 sent" if goes else "1 put off")


def test_an_event_that_fails_in_the_afternoon_waits_until_seven(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    town.posts(town.books(at(21, "14:00"), NOON), "event_moved")
    clock.now = at(21, "06:00")
    assert go(db, live, clock) == "1 put off"


@pytest.mark.parametrize(
    ("kind", "stopped", "goes"),
    [
        ("booked", "all", True),  # the answer to what the resident just did
        ("reminder_1d", "all", False),
        (
            "event_moved",
            "all",
            True,
        ),  # their own day moved: the confirmation of the stop said so
        ("desk_moved", "all", True),
        ("desk_cancelled", "all", True),
        ("desk_cancelled", "erased", False),
        ("reminder_1d", "advert", True),
        ("reminder_1d", "remind", False),
        ("event_moved", "remind", True),
        ("booked", "remind", True),
        ("event_moved", "erased", False),
        ("reminder_1d", "dnc", True),  # the Do-Not-Call list is about advertising
    ],
)
def test_a_wish_for_no_more_texts_is_looked_up_just_before_sending(
    db: Database,
    town: Town,
    live: Settings,
    clock: Clock,
    kind: str,
    stopped: str,
    goes: bool,
) -> None:
    booked = town.books(at(21, "08:00"), NOON)
    town.posts(booked, kind)
    stop(db, live, booked.phone, stopped)
    go(db, live, clock)
    (row,) = town.texts()
    assert (row.status, row.reason) == (
        ("SENT", "") if goes else ("SKIPPED", "opted out")
    )


def test_on_trial_only_the_trial_numbers_are_texted(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    clerk, stranger = (
        town.books(at(21, "08:00"), NOON),
        town.books(at(21, "08:30"), NOON),
    )
    town.posts(clerk)
    town.posts(stranger)
    go(
        db,
        replace(live, sending="trial", trial_numbers=frozenset({clerk.phone})),
        clock,
    )
    assert [one.to for one in carrier.taken] == [clerk.phone]
    assert [(row.status, row.reason) for row in town.texts()] == [
        ("SENT", ""),
        ("SKIPPED", "trial: not a trial number"),
    ]


def test_a_live_installation_with_sending_off_sends_nothing_and_keeps_the_queue(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, replace(live, sending="off"), clock) == "sending is off"
    assert carrier.taken == []
    assert [row.status for row in town.texts()] == ["QUEUED"]


def test_a_live_installation_never_sends_through_the_simulator(
    db: Database, town: Town, live: Settings, clock: Clock
) -> None:
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, replace(live, sms_senders=("simulator",)), clock) == "sending is off"


@pytest.mark.parametrize("sending", ["off", "trial", "on"])
def test_a_demo_sends_through_the_simulator_only_whatever_is_set(
    db: Database,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    sending: str,
) -> None:
    town.is_now("demo")
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, replace(live, sending=sending), clock) == "1 sent"  # type: ignore[arg-type]
    assert carrier.taken == []
    assert town.texts()[0].carrier == "simulator"


def test_an_empty_installation_sends_nothing(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    town.is_now("empty")
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, live, clock) == "sending is off"
    assert carrier.taken == []


def test_no_transaction_is_open_while_the_carrier_is_called(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    """Another writer gets through at once; on SQLite an open transaction would hold it
    up.
    """
    seen = []

    def does(outbound: Outbound) -> str | None:
        with db.transaction() as tx:
            seen.append(
                tx.value(
                    text("SELECT status FROM messages WHERE id = :id"), id=outbound.id
                )
            )
            tx.run(text("UPDATE slots SET touched = touched + 1"))
        return "ok"

    carrier.does = staticmethod(does)
    town.posts(town.books(at(21, "08:00"), NOON))
    assert go(db, live, clock) == "1 sent"
    assert seen == ["SENDING"]


def test_two_clocks_never_send_the_same_text(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    for _ in range(20):
        town.posts(town.books(at(21, "08:00"), NOON))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: go(db, live, clock), range(3)))
    assert sorted(one.id for one in carrier.taken) == [row.id for row in town.texts()]
    assert {row.status for row in town.texts()} == {"SENT"}


def test_a_cancelled_booking_is_not_confirmed_but_its_cancelling_is(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    booked = town.books(at(21, "08:00"), NOON)
    town.posts(booked)
    with db.transaction() as tx:
        bookings.cancel(tx, booking_id=booked.id, now=to_ms(NOON))
    town.posts(booked, "cancelled")
    assert go(db, live, clock) == "1 sent, 1 skipped"
    assert carrier.taken[0].text.startswith(
        "Xa Quang Lac: Da huy lich 8 gio sang Chu nhat 21/4"
    )


def test_an_erased_person_is_not_texted(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    booked = town.books(at(21, "08:00"), NOON)
    town.posts(booked)
    with db.transaction() as tx:
        erasure.erase(tx, live.privacy_key, booked.phone, to_ms(NOON))
    go(db, live, clock)
    assert carrier.taken == []
    assert [(row.status, row.phone, row.text) for row in town.texts()] == [
        ("SKIPPED", "", "")
    ]


def test_the_name_of_the_commune_is_that_of_the_day(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    starts = at(21, "08:00").replace(year=2025, month=7)
    town.posts(town.books(starts, NOON))
    clock.now = starts - timedelta(days=2)
    go(db, live, clock)
    assert carrier.taken[0].text.startswith("Phuong Luong Van Tri: ")


def test_a_sender_is_not_driven_faster_than_its_rate_by_two_clocks_together(
    db: Database, town: Town, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    """Forty texts at fifty a second: a burst of a quarter of a second, the rest one by
    one.
    """
    slow = replace(live, sms_rate=50)
    for _ in range(40):
        town.posts(town.books(at(21, "08:00"), NOON))
    before = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: go(db, slow, clock), range(2)))
    assert len(carrier.taken) == 40
    assert time.monotonic() - before >= (40 - 14) / 50


def test_a_clock_set_back_does_not_hold_the_sender_up(db: Database) -> None:
    with db.transaction() as tx:
        paces.used(tx, "stand-in", 20, now=10**15, texts=5)
        assert (
            paces.ready(tx, "stand-in", 20, now=10**15 - 3_600 * paces.SECOND_US)[0] > 0
        )
