"""Seats as a resident meets them at the port: kept, booked, changed, given up, taken
back; alike behind every menu.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from menus.port import (
    HOLDER,
    PARTY_MOST,
    AlreadyBooked,
    Guest,
    Hold,
    NoSuchBooking,
    SlotTaken,
)
from tests import factories
from tests.contract.commune import MOTHER, NOW, SAID, YES, Commune

DAUGHTER, MOTHERS, NEIGHBOUR, STRANGER = 1, 2, 3, 4  # phones


def minutes(held: Hold | None) -> float | None:
    """How long after nine o'clock it is kept."""
    return None if held is None else (held.until - NOW) / timedelta(minutes=1)


# Kept while one thinks


def test_a_seat_is_kept_a_quarter_of_an_hour_and_longer_once(commune: Commune) -> None:
    first = commune.phone(DAUGHTER).keep(commune.sunday[0])
    assert minutes(first) == 15
    commune.goes_by(minutes=10)
    again = commune.phone(DAUGHTER).keep(commune.sunday[0])
    assert minutes(again) == 25
    assert again.code == first.code
    commune.goes_by(minutes=10)
    assert minutes(commune.phone(DAUGHTER).keep(commune.sunday[0])) == 25, (
        "not kept by dialling again and again"
    )
    commune.goes_by(minutes=5)
    assert commune.phone(DAUGHTER).hold() is None
    assert minutes(commune.phone(DAUGHTER).keep(commune.sunday[0])) == 40, (
        "what ran out begins anew"
    )


def test_a_redial_right_after_the_drop_does_not_use_up_the_longer_time(
    commune: Commune,
) -> None:
    commune.phone(DAUGHTER).keep(commune.sunday[0])
    commune.goes_by(minutes=7)
    assert minutes(commune.phone(DAUGHTER).keep(commune.sunday[0])) == 15
    commune.goes_by(minutes=1)
    assert minutes(commune.phone(DAUGHTER).keep(commune.sunday[0])) == 23


def test_whoever_chooses_another_time_moves_what_is_kept_and_has_made_it_longer(
    commune: Commune,
) -> None:
    first = commune.phone(DAUGHTER).keep(commune.sunday[0])
    commune.goes_by(minutes=10)
    other = commune.phone(DAUGHTER).keep(commune.sunday[1])
    assert minutes(other) == 25
    assert other.code != first.code
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 2, (
        "what she chose first is free at once"
    )
    commune.goes_by(minutes=10)
    assert minutes(commune.phone(DAUGHTER).keep(commune.sunday[0])) == 25


def test_more_places_of_the_same_time_are_another_choice(commune: Commune) -> None:
    one = commune.phone(DAUGHTER).keep(commune.sunday[0])
    two = commune.phone(DAUGHTER).keep(commune.sunday[0], 2)
    assert (two.places, commune.seats(NEIGHBOUR, commune.sunday[0])) == (2, 0)
    assert two.code != one.code
    assert commune.phone(DAUGHTER).hold() == two


def test_what_is_kept_is_free_to_whoever_keeps_it_and_to_nobody_else(
    commune: Commune,
) -> None:
    slot = commune.today[0]
    commune.phone(DAUGHTER).keep(slot)
    assert (commune.seats(DAUGHTER, slot), commune.seats(NEIGHBOUR, slot)) == (1, 0)
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).keep(slot)
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).book(slot, SAID, YES)


def test_a_choice_that_is_not_to_be_had_leaves_what_was_kept(commune: Commune) -> None:
    kept = commune.phone(DAUGHTER).keep(commune.sunday[0])
    commune.books(NEIGHBOUR, commune.today[0])
    for slot, places in ((commune.today[0], 1), (commune.sunday[0], 3)):
        with pytest.raises(SlotTaken):
            commune.phone(DAUGHTER).keep(slot, places)
        assert commune.phone(DAUGHTER).hold() == kept


def test_what_is_not_wanted_is_free_at_once(commune: Commune) -> None:
    commune.phone(DAUGHTER).keep(commune.today[0])
    commune.phone(DAUGHTER).let_go()
    assert commune.phone(DAUGHTER).hold() is None
    assert commune.seats(NEIGHBOUR, commune.today[0]) == 1
    commune.phone(DAUGHTER).let_go()


def test_what_has_run_out_is_anybodys(commune: Commune) -> None:
    commune.phone(DAUGHTER).keep(commune.today[0])
    commune.goes_by(minutes=15)
    assert commune.seats(NEIGHBOUR, commune.today[0]) == 1
    commune.books(NEIGHBOUR, commune.today[0])
    with pytest.raises(SlotTaken):
        commune.phone(DAUGHTER).book(commune.today[0], SAID, YES)


def test_a_time_that_has_begun_keeps_and_books_nobody(commune: Commune) -> None:
    mine = commune.books(NEIGHBOUR, commune.sunday[0]).id
    commune.goes_by(hours=5)
    for act in (
        lambda: commune.phone(DAUGHTER).keep(commune.today[0]),
        lambda: commune.phone(DAUGHTER).book(commune.today[0], SAID, YES),
        lambda: commune.phone(NEIGHBOUR).move(mine, commune.today[0]),
        lambda: commune.phone(DAUGHTER).wait_for(commune.today[0], SAID, YES),
    ):
        with pytest.raises(SlotTaken):
            act()


# Booked


def test_a_seat_is_booked_and_seen(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[1])
    (seen,) = commune.phone(DAUGHTER).bookings()
    assert seen == booked
    slot = commune.phone(DAUGHTER).slot(commune.sunday[1])
    assert slot is not None
    assert (seen.starts, seen.hall, seen.slot) == (
        slot.starts,
        "NVH Quảng Trung I",
        commune.sunday[1],
    )
    assert (seen.revision, seen.places, seen.own, seen.name, seen.may_move) == (
        1,
        1,
        True,
        "",
        False,
    )
    assert len(seen.code) == 5 and seen.code.isdigit()
    assert commune.seats(NEIGHBOUR, commune.sunday[1]) == 1
    assert list(commune.phone(NEIGHBOUR).bookings()) == []


def test_a_booking_bears_the_code_under_which_it_was_kept(commune: Commune) -> None:
    kept = commune.phone(DAUGHTER).keep(commune.sunday[0])
    assert commune.phone(DAUGHTER).book(commune.sunday[0], SAID, YES) == kept.code
    assert commune.phone(DAUGHTER).hold() is None
    elsewhere = commune.phone(NEIGHBOUR).keep(commune.sunday[0])
    assert commune.phone(NEIGHBOUR).book(commune.sunday[1], SAID, YES) != elsewhere.code
    assert commune.phone(NEIGHBOUR).hold() is None, (
        "whoever has booked keeps nothing else"
    )


def test_one_person_one_booking(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    kept = commune.phone(DAUGHTER).keep(commune.tuesday[0])
    for slot in (commune.sunday[0], commune.tuesday[0]):
        with pytest.raises(AlreadyBooked):
            commune.phone(DAUGHTER).book(slot, SAID, YES)
    assert commune.phone(DAUGHTER).hold() == kept
    assert len(commune.phone(DAUGHTER).bookings()) == 1


def test_the_last_seat_goes_once(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.today[0])
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).book(commune.today[0], SAID, YES)
    assert list(commune.phone(NEIGHBOUR).bookings()) == []


def test_a_booking_is_over_with_its_time_and_another_day_may_be_booked(
    commune: Commune,
) -> None:
    old = commune.books(DAUGHTER, commune.today[0])
    commune.goes_by(hours=5, minutes=29)
    assert commune.phone(DAUGHTER).booking() == old
    commune.goes_by(minutes=1)
    assert commune.phone(DAUGHTER).booking() is None
    assert commune.phone(DAUGHTER).booking(old.code) is None
    assert commune.books(DAUGHTER, commune.sunday[0]).id != old.id


def test_bookings_stand_in_order_of_their_time(commune: Commune) -> None:
    later = commune.books(DAUGHTER, commune.tuesday[0], MOTHER)
    sooner = commune.books(DAUGHTER, commune.sunday[0])
    assert list(commune.phone(DAUGHTER).bookings()) == [sooner, later]
    assert commune.phone(DAUGHTER).booking() == sooner
    assert commune.phone(DAUGHTER).booking(later.code) == later
    assert commune.phone(DAUGHTER).booking("00000") is None


# Together


def test_a_family_is_seated_whole_or_not_at_all(commune: Commune) -> None:
    party = (HOLDER, MOTHER, Guest("Hà"))
    with pytest.raises(SlotTaken):
        commune.phone(DAUGHTER).book(commune.sunday[0], SAID, YES, party)
    assert (
        commune.seats(NEIGHBOUR, commune.sunday[0]),
        list(commune.phone(DAUGHTER).bookings()),
    ) == (2, [])
    booked = commune.books(DAUGHTER, commune.tuesday[0], *party)
    assert (booked.places, booked.own, booked.name) == (3, True, "")
    assert commune.seats(NEIGHBOUR, commune.tuesday[0]) == 0


def test_a_family_takes_the_seats_it_kept(commune: Commune) -> None:
    kept = commune.phone(DAUGHTER).keep(commune.sunday[0], 2)
    assert (
        commune.phone(DAUGHTER).book(commune.sunday[0], SAID, YES, (HOLDER, MOTHER))
        == kept.code
    )
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 0


def test_five_go_together(commune: Commune) -> None:
    (slot,) = commune.opens(
        NOW + timedelta(days=3), slots=1, seats=PARTY_MOST, hamlet=0
    )
    named = [Guest(name) for name in ("An", "Bình", "Chi", "Dung")]
    assert commune.books(DAUGHTER, slot, HOLDER, *named).places == 5


def test_somebody_else_is_booked_for_and_the_caller_may_still_book(
    commune: Commune,
) -> None:
    hers = commune.books(DAUGHTER, commune.sunday[0], MOTHER)
    assert (hers.own, hers.name, hers.places) == (False, "Lý Thị Mẫu", 1)
    own = commune.books(DAUGHTER, commune.sunday[0])
    assert own.own and own.code != hers.code


def test_two_neighbours_who_go_without_the_caller_are_called_by_the_first(
    commune: Commune,
) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0], MOTHER, Guest("Hà"))
    assert (booked.own, booked.name, booked.places) == (False, "Lý Thị Mẫu", 2)


def test_the_same_name_from_the_same_phone_is_the_same_person(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0], MOTHER)
    with pytest.raises(AlreadyBooked):
        commune.phone(DAUGHTER).book(
            commune.tuesday[0], SAID, YES, (Guest("ly thi mau"),)
        )
    commune.books(NEIGHBOUR, commune.tuesday[0], MOTHER)  # theirs is another
    assert (
        commune.books(STRANGER, commune.tuesday[0], Guest("Lan"), Guest("Lan")).places
        == 2
    )


def test_two_whose_names_nobody_typed_are_two_people(commune: Commune) -> None:
    first, second = (
        commune.books(DAUGHTER, commune.tuesday[0], Guest(number=1)) for _ in range(2)
    )
    assert first.code != second.code
    assert first.name == second.name == "Người nhà 1"


def test_a_mother_with_a_phone_sees_her_own_seat_of_the_family(
    commune: Commune,
) -> None:
    family = commune.books(
        DAUGHTER,
        commune.sunday[0],
        HOLDER,
        MOTHER.replace(phone=factories.phone(MOTHERS)),
    )
    (hers,) = commune.phone(MOTHERS).bookings()
    assert (hers.places, hers.own, hers.name, hers.slot) == (1, True, "", family.slot)
    assert hers.code != family.code
    assert commune.phone(DAUGHTER).booking(hers.code) == family, (
        "any of their codes is the family's to whoever booked"
    )
    with pytest.raises(AlreadyBooked):
        commune.phone(MOTHERS).book(commune.tuesday[0], SAID, YES)


def test_a_mother_who_has_booked_herself_cannot_be_seated_again(
    commune: Commune,
) -> None:
    commune.books(MOTHERS, commune.sunday[0])
    her = MOTHER.replace(phone=factories.phone(MOTHERS))
    for party in ((her,), (HOLDER, her)):
        with pytest.raises(AlreadyBooked):
            commune.phone(DAUGHTER).book(commune.tuesday[0], SAID, YES, party)
    assert commune.seats(NEIGHBOUR, commune.tuesday[0]) == 3
    assert list(commune.phone(DAUGHTER).bookings()) == []


def test_a_number_that_is_registered_under_another_name_seats_nobody_else(
    commune: Commune,
) -> None:
    commune.registered(NEIGHBOUR, name="Bế Quang An")
    booked = commune.books(
        DAUGHTER, commune.sunday[0], MOTHER.replace(phone=factories.phone(NEIGHBOUR))
    )
    assert booked.name == "Lý Thị Mẫu"
    assert list(commune.phone(NEIGHBOUR).bookings()) == []
    named = commune.books(
        DAUGHTER, commune.tuesday[0], Guest("be quang an", factories.phone(NEIGHBOUR))
    )
    assert named.name == "Bế Quang An"
    assert [it.own for it in commune.phone(NEIGHBOUR).bookings()] == [True]


# Changed


def test_another_time_is_taken_before_the_old_is_given_up(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).may_move(booked.id, True)
    assert commune.phone(DAUGHTER).move(booked.id, commune.tuesday[0]) == booked.code
    moved = commune.phone(DAUGHTER).booking()
    assert moved is not None
    assert (moved.id, moved.slot, moved.hall) == (
        booked.id,
        commune.tuesday[0],
        "NVH Quảng Trung II",
    )
    assert (moved.revision, moved.may_move) == (2, True)
    assert (
        commune.seats(NEIGHBOUR, commune.sunday[0]),
        commune.seats(NEIGHBOUR, commune.tuesday[0]),
    ) == (2, 2)


def test_no_change_to_the_same_time_nor_to_a_full_one(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.fills(commune.today[0])
    for slot in (commune.sunday[0], commune.today[0]):
        with pytest.raises(SlotTaken):
            commune.phone(DAUGHTER).move(booked.id, slot)
        assert commune.phone(DAUGHTER).booking() == booked


def test_a_family_moves_whole_into_what_it_kept(commune: Commune) -> None:
    family = commune.books(DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    commune.phone(DAUGHTER).keep(commune.sunday[1], 2)
    assert commune.phone(DAUGHTER).move(family.id, commune.sunday[1]) == family.code
    moved = commune.phone(DAUGHTER).booking()
    assert moved is not None
    assert (moved.slot, moved.places, moved.revision) == (commune.sunday[1], 2, 2)
    assert commune.phone(DAUGHTER).hold() is None


def test_a_family_does_not_move_in_parts(commune: Commune) -> None:
    family = commune.books(DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    commune.books(NEIGHBOUR, commune.sunday[1])
    with pytest.raises(SlotTaken):
        commune.phone(DAUGHTER).move(family.id, commune.sunday[1])
    assert commune.phone(DAUGHTER).booking() == family


def test_a_mother_who_changes_her_time_goes_alone_and_the_family_still_sees_her(
    commune: Commune,
) -> None:
    family = commune.books(
        DAUGHTER,
        commune.sunday[0],
        HOLDER,
        MOTHER.replace(phone=factories.phone(MOTHERS)),
    )
    hers = commune.phone(MOTHERS).booking()
    assert hers is not None
    commune.phone(MOTHERS).keep(commune.tuesday[0])
    assert commune.phone(MOTHERS).move(hers.id, commune.tuesday[0]) == hers.code
    assert commune.phone(MOTHERS).hold() is None, "she uses what she keeps herself"
    own, other = commune.phone(DAUGHTER).bookings()
    assert (own.id, own.places, own.slot) == (family.id, 1, commune.sunday[0])
    assert (other.id, other.places, other.own, other.name) == (
        hers.id,
        1,
        False,
        "Lý Thị Mẫu",
    )
    commune.phone(DAUGHTER).cancel(family.id)
    assert commune.phone(MOTHERS).booking() is not None, (
        "who went alone does not go with the others"
    )


def test_a_moved_booking_gets_a_new_code_where_its_own_is_in_use(
    commune: Commune,
) -> None:
    commune.draws("20001", "20001", "20002")
    commune.books(NEIGHBOUR, commune.sunday[0])
    booked = commune.books(DAUGHTER, commune.tuesday[0])
    assert booked.code == "20001"
    assert commune.phone(DAUGHTER).move(booked.id, commune.sunday[0]) == "20002"


def test_a_seat_taken_back_gets_a_new_code_where_its_own_is_in_use(
    commune: Commune,
) -> None:
    commune.draws("20001", "20001", "20002")
    commune.phone(DAUGHTER).cancel(commune.books(DAUGHTER, commune.sunday[0]).id)
    commune.books(NEIGHBOUR, commune.sunday[0])
    assert commune.phone(DAUGHTER).take_back() == "20002"


@pytest.mark.parametrize("what", ["move", "cancel", "coming", "may_move"])
def test_nobody_touches_what_is_not_theirs_or_no_more(
    commune: Commune, what: str
) -> None:
    def act(number: int, booking: int) -> None:
        port = commune.phone(number)
        acts: dict[str, Callable[[], object]] = {
            "move": lambda: port.move(booking, commune.sunday[1]),
            "cancel": lambda: port.cancel(booking),
            "coming": lambda: port.coming(booking, YES),
            "may_move": lambda: port.may_move(booking, True),
        }
        acts[what]()

    booked = commune.books(DAUGHTER, commune.sunday[0])
    with pytest.raises(NoSuchBooking):
        act(NEIGHBOUR, booked.id)
    with pytest.raises(NoSuchBooking):
        act(DAUGHTER, 987_654)
    assert commune.phone(DAUGHTER).booking() == booked
    commune.phone(DAUGHTER).cancel(booked.id)
    with pytest.raises(NoSuchBooking):
        act(DAUGHTER, booked.id)
    used = commune.books(DAUGHTER, commune.sunday[0])
    commune.comes(DAUGHTER)
    with pytest.raises(NoSuchBooking):
        act(DAUGHTER, used.id)


# Given up, and taken back


def test_what_is_given_up_is_free_and_is_named_once_more(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    assert commune.phone(DAUGHTER).cancel(booked.id) == booked
    assert list(commune.phone(DAUGHTER).bookings()) == []
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 2


def test_a_seat_given_up_is_taken_back_within_a_quarter_of_an_hour_and_bears_its_code(
    commune: Commune,
) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).move(booked.id, commune.sunday[1])
    commune.phone(DAUGHTER).may_move(booked.id, True)
    commune.phone(DAUGHTER).cancel(booked.id)
    commune.goes_by(minutes=15)
    assert commune.phone(DAUGHTER).take_back() == booked.code
    again = commune.phone(DAUGHTER).booking()
    assert again is not None
    assert (again.slot, again.revision, again.may_move) == (commune.sunday[1], 1, False)
    assert again.id != booked.id


def test_a_code_that_is_in_use_is_not_borne_twice(commune: Commune) -> None:
    """Taken back and checked in at once, and by a slip taken back again."""
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).cancel(booked.id)
    assert commune.phone(DAUGHTER).take_back() == booked.code
    commune.comes(DAUGHTER)
    assert commune.phone(DAUGHTER).take_back() != booked.code


def test_too_late_to_take_it_back(commune: Commune) -> None:
    commune.phone(DAUGHTER).cancel(commune.books(DAUGHTER, commune.sunday[0]).id)
    commune.goes_by(minutes=15, seconds=1)
    with pytest.raises(NoSuchBooking):
        commune.phone(DAUGHTER).take_back()


def test_nothing_to_take_back(commune: Commune) -> None:
    commune.books(DAUGHTER, commune.sunday[0])
    for phone in (DAUGHTER, NEIGHBOUR):
        with pytest.raises(NoSuchBooking):
            commune.phone(phone).take_back()


def test_what_another_has_meanwhile_is_not_taken_back(commune: Commune) -> None:
    commune.phone(DAUGHTER).cancel(commune.books(DAUGHTER, commune.today[0]).id)
    commune.books(NEIGHBOUR, commune.today[0])
    with pytest.raises(SlotTaken):
        commune.phone(DAUGHTER).take_back()


def test_whoever_has_booked_again_takes_nothing_back(commune: Commune) -> None:
    commune.phone(DAUGHTER).cancel(commune.books(DAUGHTER, commune.sunday[0]).id)
    commune.goes_by(minutes=1)
    commune.books(DAUGHTER, commune.tuesday[0])
    with pytest.raises(AlreadyBooked):
        commune.phone(DAUGHTER).take_back()


def test_what_was_taken_back_is_not_taken_back_twice(commune: Commune) -> None:
    commune.phone(DAUGHTER).cancel(
        commune.books(DAUGHTER, commune.sunday[0], MOTHER).id
    )
    commune.phone(DAUGHTER).take_back()
    with pytest.raises(AlreadyBooked):
        commune.phone(DAUGHTER).take_back()
    assert commune.seats(NEIGHBOUR, commune.sunday[0]) == 1


def test_the_last_that_was_given_up_comes_back_and_all_of_a_family(
    commune: Commune,
) -> None:
    hers = commune.books(DAUGHTER, commune.tuesday[0], Guest("Hà"))
    family = commune.books(DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    commune.phone(DAUGHTER).cancel(hers.id)
    commune.goes_by(minutes=1)
    commune.phone(DAUGHTER).cancel(family.id)
    commune.goes_by(minutes=1)
    assert commune.phone(DAUGHTER).take_back() == family.code
    back = commune.phone(DAUGHTER).booking()
    assert back is not None
    assert (back.places, back.own, back.slot) == (2, True, commune.sunday[0])


def test_a_mother_gives_up_her_own_seat_alone_and_takes_it_back_herself(
    commune: Commune,
) -> None:
    commune.books(
        DAUGHTER,
        commune.sunday[0],
        HOLDER,
        MOTHER.replace(phone=factories.phone(MOTHERS)),
    )
    hers = commune.phone(MOTHERS).booking()
    assert hers is not None
    assert commune.phone(MOTHERS).cancel(hers.id) == hers
    assert [it.places for it in commune.phone(DAUGHTER).bookings()] == [1]
    assert commune.phone(MOTHERS).take_back() == hers.code
    again = commune.phone(MOTHERS).booking()
    assert again is not None and again.own
    assert sorted((it.own, it.places) for it in commune.phone(DAUGHTER).bookings()) == [
        (False, 1),
        (True, 1),
    ]


# Said about it


def test_what_is_to_happen_if_the_event_fails(commune: Commune) -> None:
    booked = commune.books(
        DAUGHTER,
        commune.sunday[0],
        HOLDER,
        MOTHER.replace(phone=factories.phone(MOTHERS)),
    )
    hers = commune.phone(MOTHERS).booking()
    assert hers is not None
    for agreed in (True, False):
        commune.phone(DAUGHTER).may_move(booked.id, agreed)
        seen = [commune.phone(number).booking() for number in (DAUGHTER, MOTHERS)]
        assert [it.may_move for it in seen if it] == [agreed, agreed]
    commune.phone(MOTHERS).may_move(hers.id, True)
    seen = [commune.phone(number).booking() for number in (DAUGHTER, MOTHERS)]
    assert [it.may_move for it in seen if it] == [False, True], (
        "she speaks for herself alone"
    )


def test_whoever_says_that_they_come_keeps_the_seat_as_it_is(commune: Commune) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    commune.phone(DAUGHTER).coming(booked.id, YES)
    assert commune.phone(DAUGHTER).booking() == booked


def test_who_was_named_before_the_call_dropped_is_named_with_what_is_kept(
    commune: Commune,
) -> None:
    held = commune.phone(DAUGHTER).keep(commune.sunday[0], 2)
    assert held.party == ()
    commune.dropped(DAUGHTER, commune.sunday[0], HOLDER, MOTHER)
    assert commune.phone(DAUGHTER).hold() == held.replace(party=(HOLDER, MOTHER))
    other = commune.phone(DAUGHTER).keep(commune.sunday[1])
    assert commune.phone(DAUGHTER).hold() == other, "of that time the call said nothing"
