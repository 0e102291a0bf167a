"""A seat at a session of one kind is in the way of none at another, but where one visit
serves both.
"""

from __future__ import annotations

import pytest

from menus.port import HOLDER, AlreadyBooked, Guest, SlotTaken
from tests.contract.commune import SAID, YES, Commune


def _kinds(commune: Commune, number: int) -> list[str]:
    return [booked.kind for booked in commune.phone(number).bookings()]


@pytest.fixture
def two(commune: Commune) -> Commune:
    """Sunday is a swap day, Tuesday an account session in the other hamlet."""
    commune.gives(commune.sunday[0], "swap")
    commune.calls_it(commune.tuesday[0], "account")
    commune.gives(commune.tuesday[0], "account", "app", "qr")
    return commune


def test_whoever_opens_an_account_can_swap_the_phone_too(two: Commune) -> None:
    two.books(1, two.tuesday[0])
    two.books(1, two.sunday[0])
    assert _kinds(two, 1) == ["swap", "account"], "the soonest first"


def test_whoever_swaps_the_phone_can_open_an_account_too(two: Commune) -> None:
    two.books(1, two.sunday[0])
    two.books(1, two.tuesday[0])
    assert _kinds(two, 1) == ["swap", "account"]


def test_two_seats_of_one_kind_are_one_too_many(two: Commune) -> None:
    two.books(1, two.sunday[0])
    two.books(1, two.tuesday[0])
    for slot in (two.today[0], two.sunday[1]):
        with pytest.raises(AlreadyBooked):
            two.phone(1).book(slot, SAID, YES)


def test_a_visit_that_serves_both_is_one_seat(two: Commune) -> None:
    two.gives(two.sunday[0], "account", "app", "qr")
    two.books(1, two.sunday[0])
    with pytest.raises(AlreadyBooked):
        two.phone(1).book(two.tuesday[0], SAID, YES)


def test_who_can_get_less_there_than_at_the_other_may_have_both(two: Commune) -> None:
    two.gives(two.sunday[0], "account", "app")
    two.books(1, two.sunday[0])
    two.books(1, two.tuesday[0])
    assert _kinds(two, 1) == ["swap", "account"], "the QR is to be had on Tuesday alone"


def test_what_one_goes_to_for_itself_no_other_visit_replaces(two: Commune) -> None:
    two.calls_it(two.tuesday[0], "training")
    two.gives(two.sunday[0], "account", "app", "qr")
    two.books(1, two.sunday[0])
    two.books(1, two.tuesday[0])
    assert _kinds(two, 1) == ["swap", "training"]


def test_each_is_moved_and_cancelled_by_itself(two: Commune) -> None:
    account = two.books(1, two.tuesday[0])
    swap = two.books(1, two.sunday[0])
    port = two.phone(1)
    port.move(swap.id, two.sunday[1])
    port.cancel(account.id)
    assert _kinds(two, 1) == ["swap"]
    port.take_back()
    assert _kinds(two, 1) == ["swap", "account"]


def test_a_family_is_asked_about_the_kind_alone(two: Commune) -> None:
    two.books(1, two.tuesday[0])
    mother = Guest("Lý Thị Mẫu")
    two.books(1, two.sunday[0], HOLDER, mother)
    assert _kinds(two, 1) == ["swap", "account"]
    with pytest.raises(AlreadyBooked):
        two.phone(1).book(two.sunday[1], SAID, YES, (mother,))


def test_a_seat_that_comes_free_is_taken_beside_the_other_kind(two: Commune) -> None:
    others = two.fills(two.tuesday[0])
    two.books(1, two.sunday[0])
    port = two.phone(1)
    assert port.wait_for(two.tuesday[0], SAID, YES).places == 1
    freed = two.phone(others[0])
    freed.cancel(freed.bookings()[0].id)
    two.clock()
    offered = two.phone(1).wait()
    assert offered is not None
    assert offered.until
    two.phone(1).accept(offered.id)
    assert _kinds(two, 1) == ["swap", "account"], "the swap stays where it is"


def test_who_came_with_a_family_to_the_one_waits_alone_for_the_other(
    two: Commune,
) -> None:
    two.fills(two.tuesday[0])
    two.books(1, two.sunday[0], HOLDER, Guest("Lý Thị Mẫu"))
    assert two.phone(1).wait_for(two.tuesday[0], SAID, YES).places == 1
    two.books(2, two.sunday[1], HOLDER)
    two.fills(two.sunday[1])
    with pytest.raises(SlotTaken):
        two.phone(2).wait_for(two.sunday[1], SAID, YES)
