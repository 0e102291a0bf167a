"""A full time at the port: waited for, offered by the clock, taken, refused, let pass;
alike behind every menu.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from menus.days import at_local, waking
from menus.port import (
    HOLDER,
    AlreadyBooked,
    Consent,
    Guest,
    NoSuchBooking,
    SlotTaken,
    Wait,
)
from tests import factories
from tests.contract.commune import MOTHER, SAID, SUNDAY, YES, Commune

DAUGHTER, MOTHERS, NEIGHBOUR, STRANGER = 1, 2, 3, 4  # phones
ASKED = Consent("ask_wait:test", "1")


def joins(commune: Commune, number: int, slot: int, *party: Guest) -> Wait:
    port = commune.phone(number)
    return (
        port.wait_for(slot, SAID, ASKED, party)
        if party
        else port.wait_for(slot, SAID, ASKED)
    )


def gives_up(commune: Commune, *numbers: int) -> None:
    """What they have first, and the clock looks."""
    for number in numbers:
        booked = commune.phone(number).booking()
        assert booked is not None
        commune.phone(number).cancel(booked.id)
    commune.clock()


def offered(commune: Commune, number: int) -> datetime | None:
    """Until when a seat is kept for whoever waits there."""
    wait = commune.phone(number).wait()
    return wait.until if wait else None


# Joining


def test_a_full_time_is_waited_for(commune: Commune) -> None:
    commune.fills(slot := commune.sunday[0])
    wait = joins(commune, DAUGHTER, slot)
    assert (
        commune.phone(DAUGHTER).wait()
        == wait
        == commune.phone(DAUGHTER).wait(wait.code)
    )
    assert (wait.slot, wait.hall, wait.starts) == (
        slot,
        "NVH Quảng Trung I",
        at_local(SUNDAY, "08:00"),
    )
    assert (wait.until, wait.places, wait.name, wait.lost) == (None, 1, "", None)
    assert len(wait.code) == 5
    assert commune.phone(DAUGHTER).wait("00000") is None
    assert commune.phone(NEIGHBOUR).wait() is None


def test_where_a_seat_is_free_nobody_waits(commune: Commune) -> None:
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.sunday[0])
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.sunday[0], HOLDER, MOTHER, Guest("Hà"))
    assert commune.phone(DAUGHTER).wait() is None


def test_what_is_all_kept_by_others_is_full(commune: Commune) -> None:
    commune.phone(NEIGHBOUR).keep(commune.sunday[0], 2)
    assert joins(commune, DAUGHTER, commune.sunday[0]).until is None


def test_twelve_hours_before_nobody_waits_any_more(commune: Commune) -> None:
    commune.fills(commune.today[0])
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.today[0])
    commune.fills(commune.sunday[0])
    commune.now = at_local(SUNDAY, "08:00") - timedelta(hours=12)
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.sunday[0])
    commune.goes_by(seconds=-1)
    joins(commune, DAUGHTER, commune.sunday[0])


def test_whoever_sits_there_or_keeps_a_seat_there_does_not_wait(
    commune: Commune,
) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(NEIGHBOUR).keep(commune.sunday[0])
    for number in (DAUGHTER, NEIGHBOUR):
        with pytest.raises(SlotTaken):
            joins(commune, number, commune.sunday[0])


def test_whoever_sits_there_may_wait_for_somebody_else(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0], MOTHER)
    assert (wait.places, wait.name) == (1, "Lý Thị Mẫu")


def test_more_than_the_time_ever_has_is_not_waited_for(commune: Commune) -> None:
    commune.fills(commune.sunday[0])
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.sunday[0], HOLDER, MOTHER, Guest("Hà"))


def test_who_waits_already_keeps_the_place(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    assert joins(commune, DAUGHTER, commune.sunday[0]) == wait
    gives_up(commune, taken[0])
    assert offered(commune, DAUGHTER) and not offered(commune, NEIGHBOUR)


def test_another_number_of_people_or_another_time_is_another_place(
    commune: Commune,
) -> None:
    commune.fills(commune.sunday[0])
    commune.fills(commune.sunday[1])
    alone = joins(commune, DAUGHTER, commune.sunday[0])
    family = joins(commune, DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    assert (family.places, family.name) == (2, "")
    assert family.id != alone.id
    assert joins(commune, DAUGHTER, commune.sunday[0]) == family, (
        "one key keeps the place of all"
    )
    later = joins(commune, DAUGHTER, commune.sunday[1])
    assert commune.phone(DAUGHTER).wait() == later
    assert commune.phone(DAUGHTER).wait(family.code) is None


def test_who_waits_for_as_many_others_keeps_the_place_for_those_named_last(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    own = joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    hers = joins(commune, DAUGHTER, commune.sunday[0], MOTHER)
    assert hers == own.replace(name="Lý Thị Mẫu")
    gives_up(commune, taken[0])
    commune.phone(DAUGHTER).accept(hers.id)
    assert [(it.own, it.name) for it in commune.phone(DAUGHTER).bookings()] == [
        (False, "Lý Thị Mẫu")
    ]


def test_a_wait_that_is_refused_leaves_the_place_there_was(commune: Commune) -> None:
    commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    with pytest.raises(SlotTaken):
        joins(commune, DAUGHTER, commune.sunday[1])
    assert commune.phone(DAUGHTER).wait() == wait


# Offered


def test_what_is_given_up_is_offered_to_the_first_who_waits_and_to_nobody_else(
    commune: Commune,
) -> None:
    taken = commune.fills(slot := commune.sunday[0])
    wait = joins(commune, DAUGHTER, slot)
    joins(commune, NEIGHBOUR, slot)
    commune.phone(taken[0]).cancel(commune.phone(taken[0]).bookings()[0].id)
    assert commune.seats(STRANGER, slot) == 0, "before the clock looks it is nobody's"
    for act in (commune.phone(STRANGER).keep, lambda at: commune.books(STRANGER, at)):
        with pytest.raises(SlotTaken):
            act(slot)
    assert commune.phone(DAUGHTER).wait() == wait
    commune.clock()
    assert commune.phone(DAUGHTER).wait() == wait.replace(until=waking(commune.now, 2))
    assert offered(commune, NEIGHBOUR) is None


def test_an_offer_made_in_the_evening_waits_for_the_morning(commune: Commune) -> None:
    taken = commune.fills(commune.tuesday[0])
    joins(commune, DAUGHTER, commune.tuesday[0])
    commune.goes_by(hours=11, minutes=30)  # 20:30
    gives_up(commune, taken[0])
    assert offered(commune, DAUGHTER) == at_local(SUNDAY - timedelta(days=1), "08:30")


def test_an_offered_seat_is_taken_and_bears_the_code_of_the_wait(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    gives_up(commune, taken[0])
    assert commune.phone(DAUGHTER).accept(wait.id) == wait.code
    booked = commune.phone(DAUGHTER).booking()
    assert booked is not None
    assert (booked.code, booked.slot, booked.places, booked.own, booked.revision) == (
        wait.code,
        commune.sunday[0],
        1,
        True,
        1,
    )
    assert commune.phone(DAUGHTER).wait() is None


def test_whoever_has_another_time_is_moved_and_keeps_the_code(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.tuesday[0])
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    kept = commune.phone(DAUGHTER).keep(commune.sunday[1])
    gives_up(commune, taken[0])
    assert commune.phone(DAUGHTER).accept(wait.id) == booked.code
    assert [
        (it.id, it.slot, it.revision) for it in commune.phone(DAUGHTER).bookings()
    ] == [(booked.id, commune.sunday[0], 2)]
    assert commune.phone(DAUGHTER).hold() == kept, (
        "an offer is no use of what is kept elsewhere"
    )


def test_whoever_comes_with_a_family_waits_for_all_of_it(commune: Commune) -> None:
    family = commune.books(DAUGHTER, commune.tuesday[0], HOLDER, MOTHER)
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    assert wait.places == 2
    gives_up(commune, taken[0])
    assert offered(commune, DAUGHTER) is None, "one seat is no use to two"
    gives_up(commune, taken[1])
    assert offered(commune, DAUGHTER)
    commune.phone(DAUGHTER).accept(wait.id)
    assert [
        (it.id, it.places, it.slot) for it in commune.phone(DAUGHTER).bookings()
    ] == [(family.id, 2, commune.sunday[0])]


def test_whoever_waited_alone_and_booked_for_a_family_meanwhile_goes_alone(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    family = commune.books(DAUGHTER, commune.tuesday[0], HOLDER, MOTHER)
    gives_up(commune, taken[0])
    commune.phone(DAUGHTER).accept(wait.id)
    own, others = commune.phone(DAUGHTER).bookings()
    assert (own.id, own.slot, own.places) == (family.id, commune.sunday[0], 1)
    assert (others.slot, others.places, others.name) == (
        commune.tuesday[0],
        1,
        "Lý Thị Mẫu",
    )


def test_a_family_waits_and_is_seated_together(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    her = MOTHER.replace(phone=factories.phone(MOTHERS))
    wait = joins(commune, DAUGHTER, commune.sunday[0], HOLDER, her)
    joins(commune, NEIGHBOUR, commune.sunday[0])
    gives_up(commune, taken[0])
    assert offered(commune, NEIGHBOUR), "whoever needs more than is free is passed over"
    assert not offered(commune, DAUGHTER)
    gives_up(commune, taken[1])
    assert not offered(commune, DAUGHTER)
    commune.phone(NEIGHBOUR).leave(_id(commune, NEIGHBOUR))
    commune.clock()
    assert commune.phone(DAUGHTER).accept(wait.id) == wait.code
    assert [(it.places, it.own) for it in commune.phone(DAUGHTER).bookings()] == [
        (2, True)
    ]
    assert [(it.places, it.own) for it in commune.phone(MOTHERS).bookings()] == [
        (1, True)
    ]


def test_a_daughter_waits_for_her_mother_and_keeps_her_own_time(
    commune: Commune,
) -> None:
    own = commune.books(DAUGHTER, commune.tuesday[0])
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0], MOTHER)
    gives_up(commune, taken[0])
    commune.phone(DAUGHTER).accept(wait.id)
    hers, still = commune.phone(DAUGHTER).bookings()
    assert still == own
    assert (hers.name, hers.own, hers.code) == ("Lý Thị Mẫu", False, wait.code)


def test_two_others_are_waited_for_by_number_and_not_by_name(commune: Commune) -> None:
    commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0], MOTHER, Guest("Hà"))
    assert (wait.places, wait.name) == (2, "")


def test_one_of_those_who_wait_was_seated_meanwhile_so_none_is_seated_twice(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    commune.books(DAUGHTER, commune.tuesday[0])
    gives_up(commune, *taken)
    with pytest.raises(AlreadyBooked):
        commune.phone(DAUGHTER).accept(wait.id)
    assert offered(commune, DAUGHTER), "the offer stands"


def test_poor_households_are_offered_first(commune: Commune) -> None:
    commune.registered(NEIGHBOUR, poor="near")
    taken = commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    gives_up(commune, taken[0])
    assert offered(commune, NEIGHBOUR) and not offered(commune, DAUGHTER)


def test_while_a_seat_is_offered_nothing_else_is_waited_for(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    commune.fills(commune.sunday[1])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    gives_up(commune, taken[0])
    for slot in commune.sunday[:2]:
        with pytest.raises(AlreadyBooked):
            joins(commune, DAUGHTER, slot)
    assert _id(commune, DAUGHTER) == wait.id


# Passed


def test_an_offer_not_answered_is_gone_and_the_next_is_asked(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    gives_up(commune, taken[0])
    commune.goes_by(hours=2)
    assert commune.phone(DAUGHTER).wait() is None
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).accept(wait.id)
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).leave(wait.id)
    commune.clock()
    assert offered(commune, NEIGHBOUR)
    joins(commune, DAUGHTER, commune.sunday[0])


def test_whoever_let_an_offer_pass_may_wait_again_before_the_clock_looks(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    first = joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    gives_up(commune, taken[0])
    commune.goes_by(hours=2)
    assert joins(commune, DAUGHTER, commune.sunday[0]).id != first.id
    commune.clock()
    assert offered(commune, NEIGHBOUR) and not offered(commune, DAUGHTER)


def test_an_offer_refused_goes_to_the_next(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    joins(commune, NEIGHBOUR, commune.sunday[0])
    gives_up(commune, taken[0])
    commune.phone(DAUGHTER).leave(wait.id)
    assert commune.phone(DAUGHTER).wait() is None
    assert commune.seats(STRANGER, commune.sunday[0]) == 0
    commune.clock()
    assert offered(commune, NEIGHBOUR)


def test_a_place_given_up_is_no_more_and_the_time_is_free_for_all(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    with pytest.raises(NoSuchBooking):
        commune.phone(NEIGHBOUR).leave(wait.id)
    commune.phone(DAUGHTER).leave(wait.id)
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).leave(wait.id)
    gives_up(commune, taken[0])
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 1


def test_only_an_offer_of_this_phone_is_accepted(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).accept(wait.id)  # nothing is offered yet
    gives_up(commune, taken[0])
    with pytest.raises(NoSuchBooking):
        commune.phone(NEIGHBOUR).accept(wait.id)
    commune.phone(DAUGHTER).accept(wait.id)
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).accept(wait.id)


def test_twelve_hours_before_offers_stop_and_what_is_free_is_anybodys(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    commune.phone(taken[0]).cancel(commune.phone(taken[0]).bookings()[0].id)
    commune.now = at_local(SUNDAY, "08:00") - timedelta(hours=12)
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 1
    commune.clock()
    assert commune.phone(DAUGHTER).wait() is None
    commune.books(NEIGHBOUR, commune.sunday[0])


def test_an_offer_made_before_offers_stop_stands(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    wait = joins(commune, DAUGHTER, commune.sunday[0])
    commune.now = at_local(SUNDAY, "08:00") - timedelta(hours=12, seconds=1)
    gives_up(commune, taken[0])
    commune.now = at_local(SUNDAY, "07:30")
    commune.clock()
    assert commune.phone(DAUGHTER).accept(wait.id) == wait.code


def test_who_keeps_a_seat_has_it_whoever_waits(commune: Commune) -> None:
    commune.phone(NEIGHBOUR).keep(commune.sunday[0])
    commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 1
    commune.goes_by(minutes=10)
    commune.phone(NEIGHBOUR).keep(commune.sunday[0])
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).keep(commune.sunday[0], 2)
    commune.books(NEIGHBOUR, commune.sunday[0])


def test_what_is_kept_for_too_few_is_no_way_past_those_who_wait(
    commune: Commune,
) -> None:
    commune.phone(NEIGHBOUR).keep(commune.sunday[0])
    taken = commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    commune.phone(taken[0]).cancel(commune.phone(taken[0]).bookings()[0].id)
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).book(
            commune.sunday[0], SAID, YES, (HOLDER, Guest("Hà"))
        )
    assert commune.phone(NEIGHBOUR).hold() is not None
    commune.books(NEIGHBOUR, commune.sunday[0])


def test_a_seat_given_up_that_somebody_waits_for_is_not_taken_back(
    commune: Commune,
) -> None:
    taken = commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    commune.phone(taken[0]).cancel(commune.phone(taken[0]).bookings()[0].id)
    with pytest.raises(SlotTaken):
        commune.phone(taken[0]).take_back()


def test_a_change_away_from_a_full_time_is_offered_too(commune: Commune) -> None:
    taken = commune.fills(commune.sunday[0])
    joins(commune, DAUGHTER, commune.sunday[0])
    commune.phone(taken[0]).move(
        commune.phone(taken[0]).bookings()[0].id, commune.tuesday[0]
    )
    commune.clock()
    assert offered(commune, DAUGHTER)


def test_a_kept_seat_that_runs_out_is_offered_too(commune: Commune) -> None:
    commune.phone(NEIGHBOUR).keep(commune.sunday[0], 2)
    joins(commune, DAUGHTER, commune.sunday[0])
    commune.clock()
    assert not offered(commune, DAUGHTER)
    commune.goes_by(minutes=15)
    commune.clock()
    assert offered(commune, DAUGHTER)


def _id(commune: Commune, number: int) -> int:
    wait = commune.phone(number).wait()
    assert wait is not None
    return wait.id
