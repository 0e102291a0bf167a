"""When an event fails: who is moved, who is asked, who is told and in which order; on
both engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text

from db.changes import days
from db.seats import appointments
from db.store.engine import Database, from_ms, to_ms
from db.texts import outbox
from tests import factories
from tests.db.failing import HOUR, Commune

HER_OWN = factories.phone(41)


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


@pytest.fixture
def commune(db: Database, at: int) -> Iterator[Commune]:
    with db.transaction() as tx:
        yield Commune.founded(tx, at)


def test_who_agreed_beforehand_is_moved_to_the_next_day_of_the_own_hamlet_and_told(
    commune: Commune,
) -> None:
    booked = commune.books(commune.saturday.slots[0], agreed=True)
    code = commune.row(booked).code
    commune.event(commune.there, 21)
    commune.event(commune.here, 19)
    next_here = commune.event(commune.here, 27)
    (outcome,) = commune.cancel(commune.saturday.id)
    moved = commune.row(booked)
    assert (outcome.what, moved.slot_id, moved.status, moved.revision, moved.code) == (
        "moved",
        next_here.slots[0],
        "booked",
        2,
        code,
    )
    assert commune.texts() == [
        f"Xã Quảng Lạc: Lịch hẹn mã {code} chuyển sang 8 giờ sáng Thứ bảy 27/4, NVH Quảng Trung I."
        " Đến được: nhắn 1. Không: nhắn 2. Gửi 2404."
    ]
    left = commune.ask(
        "SELECT COUNT(*) FROM bookings WHERE status = 'cancelled' AND reason = 'moved' AND slot_id = :s",
        s=commune.saturday.slots[0],
    )
    assert left == 1, "the cancelled day still says who was there"


def test_another_hamlets_day_serves_where_the_own_has_none_and_nobody_is_moved_to_an_earlier_one(
    commune: Commune,
) -> None:
    booked, other = (
        commune.books(slot, agreed=True) for slot in commune.saturday.slots
    )
    commune.event(commune.there, 19)
    full = commune.event(commune.here, 27, capacity=1)
    commune.books(full.slots[0])
    next_there = commune.event(commune.there, 24, slots=2, capacity=1)
    commune.cancel(commune.saturday.id)
    assert [commune.row(one).slot_id for one in (booked, other)] == list(
        next_there.slots
    ), "the earliest time first"


def test_the_others_are_offered_a_seat_that_is_kept_for_four_waking_hours(
    commune: Commune, at: int
) -> None:
    booked = commune.books(commune.saturday.slots[0])
    following = commune.event(commune.here, 27)
    old_start = commune.ask(
        "SELECT starts_at FROM slots WHERE id = :id", id=commune.saturday.slots[0]
    )
    (outcome,) = commune.cancel(commune.saturday.id)
    old, (offer,) = commune.row(booked), commune.offers()
    assert (outcome.what, old.status, old.reason, old.ended_at) == (
        "choice",
        "cancelled",
        "event",
        at,
    )
    assert (
        offer.slot_id,
        offer.person_id,
        offer.booker_id,
        offer.until,
        offer.places,
        offer.priority,
    ) == (following.slots[0], old.person_id, old.booker_id, at + 4 * HOUR, 1, 0)
    assert len(offer.code) == 5
    waits = appointments.wait(commune.tx, factories.phone(1), at)
    assert waits is not None and waits.lost == from_ms(old_start), (
        "whoever dials first reads there what became of it"
    )
    assert commune.texts() == [
        "Xã Quảng Lạc: Buổi 8h00 20/4 hoãn, xin lỗi. Giữ chỗ 8 giờ sáng Thứ bảy 27/4, NVH Quảng Trung I đến 13h00."
        f" Lấy: nhắn NHAN {offer.code} gửi 2404."
    ]


def test_an_offer_of_the_evening_lasts_into_the_morning_and_never_past_the_seats_own_time(
    commune: Commune, at: int
) -> None:
    commune.now = at + 10 * HOUR  # 19:00: two waking hours are left
    commune.books(commune.saturday.slots[0])
    commune.books(commune.saturday.slots[1])
    commune.event(commune.here, 27)
    commune.cancel(commune.saturday.id)
    assert {offer.until for offer in commune.offers()} == {at + 24 * HOUR}, (
        "9:00 the next morning"
    )
    tonight = commune.event(commune.there, 13, clock=1)
    morning = commune.event(commune.there, 13, clock=0)
    commune.books(morning.slots[0])
    commune.cancel(morning.id)
    offer = commune.offers()[-1]
    assert (offer.slot_id, offer.until) == (tonight.slots[0], at + 23 * HOUR), (
        "8:00, when it begins"
    )


def test_with_no_seat_anywhere_it_is_simply_said_that_the_day_is_off(
    commune: Commune,
) -> None:
    booked = commune.books(commune.saturday.slots[0], agreed=True)
    (outcome,) = commune.cancel(commune.saturday.id)
    assert (outcome.what, commune.row(booked).status, commune.row(booked).reason) == (
        "cancelled",
        "cancelled",
        "event",
    )
    assert commune.texts() == [
        "Xã Quảng Lạc: Buổi 8 giờ sáng Thứ bảy 20/4, NVH Quảng Trung I không tổ chức được, xin lỗi."
        " Đặt lại: nhắn DL gửi 2404."
    ]


def test_who_has_no_phone_is_a_task_and_keeps_no_seat_waiting_for_an_answer(
    commune: Commune, at: int
) -> None:
    commune.event(commune.here, 27)
    commune.books(commune.saturday.slots[0], phone=False)
    commune.books(commune.saturday.slots[1], phone=False, agreed=True)
    assert [outcome.what for outcome in commune.cancel(commune.saturday.id)] == [
        "cancelled",
        "moved",
    ]
    assert commune.offers() == []
    assert commune.texts() == []
    tasks = commune.tx.all(
        text("SELECT note, made_at FROM tasks WHERE kind = 'tell' ORDER BY id")
    )
    assert [tuple(task) for task in tasks] == [
        ("8h00 T7 20/4, NVH Quảng Trung I", at),
        ("8h30 T7 20/4, NVH Quảng Trung I → 8h00 T7 27/4, NVH Quảng Trung I", at),
    ]


def test_who_waits_is_told_holds_end_and_a_wait_beside_a_booking_is_told_once(
    commune: Commune, at: int
) -> None:
    early, late = commune.saturday.slots
    booked = commune.books(late)
    waits = commune.promised(late, "waiting")
    offered = commune.promised(early, "offered", at + HOUR)
    lapsed = commune.promised(early, "offered", at - HOUR)
    held = commune.promised(early, "held", at + HOUR)
    again = commune.promised(early, "waiting")
    commune.tx.run(
        text(
            "UPDATE bookings SET person_id = o.person_id FROM bookings o WHERE o.id = :o AND bookings.id = :id"
        ),
        o=booked,
        id=again,
    )
    outcomes = commune.cancel(commune.saturday.id)
    assert [
        (outcome.what, outcome.booking_id)
        for outcome in outcomes
        if outcome.booking_id not in (again,)
    ] == [("waited", offered), ("cancelled", booked), ("waited", waits)]
    assert {commune.row(one).status for one in (waits, offered, lapsed, again)} == {
        "cancelled"
    }
    assert (commune.row(held).status, commune.row(held).until) == ("held", at)
    assert commune.ask(
        "SELECT COUNT(*) FROM messages WHERE kind = 'event_cancelled'"
    ) == len(outcomes)


def test_who_comes_soonest_is_told_first(commune: Commune) -> None:
    late = [commune.books(commune.saturday.slots[1]) for _ in range(2)]
    early = [
        commune.books(commune.saturday.slots[0], agreed=number == 0)
        for number in range(2)
    ]
    commune.event(commune.here, 27, capacity=2)
    outcomes = commune.cancel(commune.saturday.id)
    assert [outcome.booking_id for outcome in outcomes] == [*early, *late]
    assert [outcome.what for outcome in outcomes] == [
        "moved",
        "choice",
        "cancelled",
        "cancelled",
    ]
    claimed = outbox.claim(commune.tx, now=commune.now, most=50)
    assert [row.booking_id for row in claimed] == [*early, *late]


def test_a_party_goes_together_or_not_at_all(commune: Commune) -> None:
    three = commune.party(commune.saturday.slots[0], 3, agreed=True)
    two = commune.party(commune.saturday.slots[1], 2)
    commune.event(commune.here, 27, slots=2, capacity=2)
    wide = commune.event(commune.there, 28, capacity=3)
    outcomes = commune.cancel(commune.saturday.id)
    assert [(outcome.what, len(outcome.people)) for outcome in outcomes] == [
        ("moved", 3),
        ("choice", 2),
    ]
    assert {commune.row(one).slot_id for one in three} == {wide.slots[0]}
    (offer,) = commune.offers()
    assert (offer.places, offer.party_id, offer.person_id) == (
        2,
        two[0],
        commune.row(two[0]).person_id,
    ), "one offer for all, and who accepts finds the others by their party"
    moved, asked = commune.texts()
    assert "Giữ chỗ cho 2 người 8 giờ sáng Thứ bảy 27/4" in asked
    assert commune.row(three[0]).code in moved


def test_a_party_that_fits_nowhere_is_not_torn_apart(commune: Commune) -> None:
    three = commune.party(commune.saturday.slots[0], 3, agreed=True)
    commune.event(commune.here, 27, slots=3, capacity=2)
    (outcome,) = commune.cancel(commune.saturday.id)
    assert outcome.what == "cancelled"
    assert {commune.row(one).status for one in three} == {"cancelled"}
    assert commune.offers() == []


def test_where_somebody_waits_no_seat_is_given_past_them(commune: Commune) -> None:
    booked = commune.books(commune.saturday.slots[0], agreed=True)
    waited_for = commune.event(commune.here, 27)
    commune.promised(waited_for.slots[0], "waiting")
    following = commune.event(commune.here, 28)
    commune.cancel(commune.saturday.id)
    assert commune.row(booked).slot_id == following.slots[0]


def test_who_waits_elsewhere_keeps_that_place_and_is_told_that_the_day_is_off(
    commune: Commune,
) -> None:
    booked = commune.books(commune.saturday.slots[0])
    commune.event(commune.here, 27)
    elsewhere = commune.event(commune.there, 28, capacity=1)
    commune.books(elsewhere.slots[0])
    wait = commune.promised(commune.event(commune.there, 29).slots[0], "waiting")
    commune.tx.run(
        text(
            "UPDATE bookings SET person_id = o.person_id FROM bookings o WHERE o.id = :o AND bookings.id = :id"
        ),
        o=booked,
        id=wait,
    )
    (outcome,) = commune.cancel(commune.saturday.id)
    assert outcome.what == "cancelled"
    assert commune.row(wait).status == "waiting"


def test_a_code_in_use_at_the_new_time_is_drawn_anew(commune: Commune) -> None:
    booked = commune.books(commune.saturday.slots[0], agreed=True)
    following = commune.event(commune.here, 27)
    other = commune.books(following.slots[0])
    commune.tx.run(text("UPDATE bookings SET code = '48315'"))
    commune.cancel(commune.saturday.id)
    assert commune.row(booked).slot_id == following.slots[0]
    assert commune.row(booked).code != commune.row(other).code


def test_who_answers_too_late_still_hears_that_the_day_is_off(
    commune: Commune, at: int
) -> None:
    commune.books(commune.saturday.slots[0])
    commune.event(commune.here, 27)
    commune.cancel(commune.saturday.id)
    commune.now = at + 5 * HOUR  # the clock was down
    (said,) = commune.texts()
    assert "không tổ chức được, xin lỗi. Đặt lại" in said


def _too_many(commune: Commune) -> tuple[int, int]:
    """A daughter and, booked by her, her mother, who agreed to texts on a phone of her
    own; their time has shrunk.
    """
    daughter, mother = commune.party(commune.saturday.slots[0], 2)
    hers = commune.row(mother).person_id
    commune.tx.run(
        text("UPDATE people SET phone = :phone WHERE id = :id"), phone=HER_OWN, id=hers
    )
    factories.agreed(commune.tx, "k", hers, number=77, now=commune.now, answer="CO")
    commune.books(commune.saturday.slots[1])
    commune.shrink(commune.saturday.id, 1)
    return daughter, mother


def test_who_keeps_a_seat_until_a_better_one_is_chosen_is_not_told_that_the_day_is_off(
    commune: Commune,
) -> None:
    """The daughter booked and is to choose; her mother, who takes texts on her own
    phone, comes as before.
    """
    daughter, mother = _too_many(commune)
    commune.event(commune.here, 27)
    (outcome,) = days.move_named(commune.tx, commune.saturday.id, now=commune.now)
    assert (outcome.what, commune.row(mother).status, commune.row(daughter).status) == (
        "choice",
        "booked",
        "booked",
    )
    assert (
        commune.ask("SELECT COUNT(*) FROM messages WHERE phone = :phone", phone=HER_OWN)
        == 0
    )
    commune.cancel(commune.saturday.id)
    assert (
        commune.ask("SELECT kind FROM messages WHERE phone = :phone", phone=HER_OWN)
        == "event_cancelled"
    )


def test_nobody_hears_that_a_day_is_off_which_was_never_theirs(
    commune: Commune,
) -> None:
    """The daughter was offered another day for a time that shrank; that day fails; her
    mother comes as before.
    """
    daughter, _ = _too_many(commune)
    other = commune.event(commune.here, 27)
    days.move_named(commune.tx, commune.saturday.id, now=commune.now)
    assert commune.offers()
    commune.cancel(other.id)
    assert commune.row(daughter).status == "booked"
    assert (
        commune.ask("SELECT COUNT(*) FROM messages WHERE phone = :phone", phone=HER_OWN)
        == 0
    )


def test_what_was_lost_is_the_time_that_was_booked_not_a_better_one_that_was_waited_for(
    commune: Commune, at: int
) -> None:
    booked = commune.row(commune.books(commune.saturday.slots[1]))
    factories.promised(
        commune.tx,
        slot_id=commune.saturday.slots[0],
        person_id=booked.person_id,
        status="waiting",
        now=at - HOUR,
        until=None,
        code="10099",
    )
    commune.event(commune.here, 27)
    commune.cancel(commune.saturday.id)
    waits = appointments.wait(commune.tx, factories.phone(1), at)
    lost = commune.ask(
        "SELECT starts_at FROM slots WHERE id = :id", id=commune.saturday.slots[1]
    )
    assert waits is not None and waits.lost == from_ms(lost)
