"""When a time has fewer seats: what stays promised, who is named, moved or asked; on
both engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text

from db.changes import days, freed_seats
from db.changes.telling import Outcome
from db.progress.recount import recount
from db.seats import bookings
from db.store.engine import Database, to_ms
from tests.db.failing import DRAFT, HOUR, Commune

LIVE = "status IN ('booked', 'attended', 'missed') OR (status IN ('held', 'offered') AND until > :now)"


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


@pytest.fixture
def commune(db: Database, at: int) -> Iterator[Commune]:
    with db.transaction() as tx:
        yield Commune.founded(tx, at)


def live(commune: Commune, slot: int) -> int:
    taken = commune.ask(
        f"SELECT COALESCE(SUM(places), 0) FROM bookings WHERE slot_id = :s AND ({LIVE})",
        s=slot,
        now=commune.now,
    )
    return int(taken)


def room(commune: Commune, slot: int) -> int:
    """Capacity, and beyond it those who are named to be moved."""
    return int(
        commune.ask(
            "SELECT s.capacity + COALESCE((SELECT SUM(places) FROM bookings b WHERE b.slot_id = s.id AND b.to_move), 0)"
            " FROM slots s WHERE s.id = :s",
            s=slot,
        )
    )


@pytest.mark.parametrize(
    ("places", "kept"),
    [
        (6, ["offered", "late", "held"]),
        (5, ["offered", "late"]),
        (4, ["offered"]),
        (3, []),
        (1, []),
    ],
)
def test_a_shrunk_time_promises_no_more_than_it_has(
    commune: Commune, at: int, places: int, kept: list[str]
) -> None:
    full = commune.event(commune.there, 20, capacity=6)
    (slot,) = full.slots
    for later in range(3):
        commune.books(slot, later=later)
    rows = {
        name: commune.promised(slot, status, at + HOUR)
        for name, status in (
            ("offered", "offered"),
            ("held", "held"),
            ("late", "offered"),
        )
    }
    commune.shrink(full.id, places)
    assert live(commune, slot) <= room(commune, slot)
    assert {
        name for name, row in rows.items() if (commune.row(row).until or 0) > at
    } == set(kept), "offers were told"
    for name in {"offered", "late"} - set(kept):
        assert (commune.row(rows[name]).status, commune.row(rows[name]).priority) == (
            "waiting",
            0,
        )
    gone = [
        said
        for said in commune.texts()
        if "Xin lỗi, hết chỗ 8 giờ sáng Thứ bảy 20/4, NVH Quảng Liên I." in said
    ]
    assert len(gone) == len({"offered", "late"} - set(kept)), (
        "they had been told of a seat"
    )
    assert recount(commune.tx, commune.now) == []


def test_a_time_that_moves_takes_its_promises_back(commune: Commune, at: int) -> None:
    slot = commune.saturday.slots[0]
    booked = commune.books(slot)
    held, offered = (
        commune.promised(slot, "held", at + HOUR),
        commune.promised(slot, "offered", at + HOUR),
    )
    outcomes = days.edit(
        commune.tx,
        commune.saturday.id,
        hall_id=commune.here,
        day="2024-04-21",
        first="08:00",
        places=None,
        note="",
        now=at,
    )
    assert [(outcome.what, outcome.booking_id) for outcome in outcomes] == [
        ("shifted", booked),
        ("waits", offered),
    ]
    assert commune.texts()[1].startswith(
        "Xã Quảng Lạc: Giờ đang chờ nay là 8 giờ sáng Chủ nhật 21/4, NVH Quảng Trung I. Có chỗ sẽ nhắn."
    )
    assert (commune.row(held).until, commune.row(offered).status) == (at, "waiting")


def named(commune: Commune, event: int) -> list[Outcome]:
    return days.move_named(
        commune.tx, event, now=commune.now, draft=freed_seats.Draft(commune.now, DRAFT)
    )


def test_those_named_are_moved_or_asked_the_latest_first(commune: Commune) -> None:
    early, late = commune.saturday.slots
    stays, asks, goes = (
        commune.books(early, later=later, agreed=later == 2) for later in range(3)
    )
    commune.books(late)
    commune.shrink(commune.saturday.id, 1)
    following = commune.event(commune.here, 27, slots=2, capacity=1)
    outcomes = named(commune, commune.saturday.id)
    assert [(outcome.what, outcome.booking_id) for outcome in outcomes] == [
        ("moved", goes),
        ("choice", asks),
    ]
    assert commune.row(goes).slot_id == following.slots[0]
    assert (
        commune.row(stays).to_move,
        commune.row(asks).to_move,
        commune.row(asks).status,
    ) == (False, True, "booked")
    (offer,) = commune.offers()
    assert (offer.slot_id, offer.person_id) == (
        following.slots[1],
        commune.row(asks).person_id,
    )
    assert commune.texts()[1] == (
        "Xã Quảng Lạc: Bớt chỗ 8h00 20/4, xin lỗi. Giữ chỗ 8 giờ 30 sáng Thứ bảy 27/4, NVH Quảng Trung I đến 13h00."
        f" Lấy: nhắn NHAN {offer.code} gửi 2404."
    )
    assert live(commune, early) <= room(commune, early)
    again = named(commune, commune.saturday.id)
    assert [(outcome.what, outcome.message_id) for outcome in again] == [
        ("asked", None)
    ], "asked once is enough"
    assert recount(commune.tx, commune.now) == []


def test_another_time_of_the_same_day_is_offered_first_an_earlier_one_only_as_a_choice(
    commune: Commune,
) -> None:
    early, late = commune.saturday.slots
    asks = commune.books(late)
    goes = commune.books(late, later=1, agreed=True)
    commune.tx.run(text("UPDATE bookings SET to_move = true"))
    commune.tx.run(text("UPDATE slots SET capacity = 1 WHERE id = :id"), id=late)
    bookings.name_who_moves(commune.tx, slot_id=late)
    following = commune.event(commune.here, 27)
    assert [outcome.what for outcome in named(commune, commune.saturday.id)] == [
        "moved"
    ]
    assert commune.row(goes).slot_id == following.slots[0], (
        "agreed to a later one, not to an earlier one"
    )
    commune.tx.run(text("UPDATE slots SET capacity = 0 WHERE id = :id"), id=late)
    bookings.name_who_moves(commune.tx, slot_id=late)
    assert [outcome.what for outcome in named(commune, commune.saturday.id)] == [
        "choice"
    ]
    assert commune.offers()[0].slot_id == early
    assert commune.row(asks).status == "booked"


def test_a_party_of_which_one_is_named_moves_whole_and_makes_room(
    commune: Commune,
) -> None:
    slot = commune.saturday.slots[0]
    party = commune.party(slot, 2, agreed=True)
    commune.books(slot, later=5)
    commune.shrink(commune.saturday.id, 1)
    commune.event(commune.here, 27, capacity=2)
    outcomes = named(commune, commune.saturday.id)
    assert [outcome.what for outcome in outcomes][-1] == "moved"
    assert len({commune.row(one).slot_id for one in party}) == 1
    assert live(commune, slot) <= room(commune, slot)


def test_named_without_a_phone_or_with_nowhere_to_go_stays_until_staff_have_spoken(
    commune: Commune,
) -> None:
    slot = commune.saturday.slots[0]
    commune.books(slot)
    nowhere = commune.books(slot, later=1)
    alone = commune.books(slot, later=2, phone=False)
    for _ in range(3):
        commune.books(commune.saturday.slots[1])
    commune.shrink(commune.saturday.id, 1)
    outcomes = [
        outcome
        for outcome in named(commune, commune.saturday.id)
        if outcome.booking_id in (nowhere, alone)
    ]
    assert [(outcome.what, outcome.booking_id) for outcome in outcomes] == [
        ("stays", alone),
        ("stays", nowhere),
    ]
    assert commune.texts() == []
