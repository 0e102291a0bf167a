"""What a phone sees at the port: days, times, the scheme, what is known of its holder;
alike behind every menu.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from menus.days import at_local
from menus.port import HOLDER, Asking, Consent, Guest, Handset, Known, Said, SlotTaken
from tests import factories
from tests.contract.commune import (
    HAMLETS,
    MOTHER,
    NOW,
    SAID,
    SUNDAY,
    TUESDAY,
    YES,
    Commune,
)

DAUGHTER, MOTHERS, NEIGHBOUR = 1, 2, 3  # phones
ID_CARD = {"vi": "CCCD", "en": "ID card"}


def days(
    commune: Commune, hamlet: int | None = None, number: int = DAUGHTER
) -> list[tuple[int, int | None, int]]:
    """Day of the month, hamlet, seats."""
    found = commune.phone(number).events(
        None if hamlet is None else commune.hamlets[hamlet]
    )
    homes = {None: None, commune.hamlets[0]: 0, commune.hamlets[1]: 1}
    return [(event.day.day, homes[event.hamlet], event.seats) for event in found]


def test_the_commune_and_its_hamlets_in_their_order(commune: Commune) -> None:
    said = commune.phone(DAUGHTER).commune()
    assert (said.name, said.sms_number) == ("Xã Quảng Lạc", "2404")
    hamlets = commune.phone(DAUGHTER).hamlets()
    assert [(hamlet.id, hamlet.name) for hamlet in hamlets] == list(
        zip(commune.hamlets, HAMLETS, strict=True)
    )
    assert [tuple(hamlet.aliases) for hamlet in hamlets] == [("q trung 1",), ()]


# Days


def test_the_own_hamlet_first_then_the_nearest_day(commune: Commune) -> None:
    today, sunday, tuesday = (12, None, 2), (14, 0, 4), (16, 1, 3)
    assert days(commune, 0) == [sunday, today, tuesday]
    assert days(commune, 1) == [tuesday, today, sunday]


def test_without_a_hamlet_of_their_own_the_nearest_day_first(commune: Commune) -> None:
    commune.opens(at_local(date(2024, 4, 20), "08:00"), slots=1, seats=1, hamlet=None)
    assert [day for day, _, _ in days(commune)] == [12, 14, 16, 20], (
        "a hall of the commune is nobody's own"
    )


def test_a_day_says_its_hall_and_the_seats_anybody_may_still_take(
    commune: Commune,
) -> None:
    commune.books(NEIGHBOUR, commune.sunday[0])
    commune.phone(DAUGHTER).keep(commune.sunday[1])
    for number in (DAUGHTER, NEIGHBOUR):
        assert days(commune, 0, number)[0] == (14, 0, 2), (
            "what a phone keeps is among the seats of the time alone"
        )
    event = commune.phone(DAUGHTER).events(commune.hamlets[0])[0]
    assert (event.day, event.hall) == (SUNDAY, "NVH Quảng Trung I")


def test_a_full_day_is_shown_as_long_as_it_can_be_waited_for(commune: Commune) -> None:
    for slot in (*commune.today, *commune.tuesday):
        commune.fills(slot)
    assert days(commune) == [(14, 0, 4), (16, 1, 0)], "today is too near"
    commune.now = at_local(TUESDAY, "08:00") - timedelta(hours=12)
    assert days(commune) == []


def test_what_somebody_waits_for_is_no_seat_of_the_day(commune: Commune) -> None:
    taken = commune.fills(commune.tuesday[0])
    commune.phone(DAUGHTER).wait_for(commune.tuesday[0], SAID, YES)
    commune.phone(taken[0]).cancel(commune.phone(taken[0]).bookings()[0].id)
    assert days(commune, 1)[0] == (16, 1, 0)


def test_a_day_counts_only_the_times_that_have_not_begun(commune: Commune) -> None:
    commune.goes_by(hours=5)
    assert days(commune)[0] == (12, None, 1)
    commune.goes_by(minutes=30)
    assert [day for day, _, _ in days(commune)] == [14, 16]


def test_twelve_days_are_shown_or_all_there_are(commune: Commune) -> None:
    for ahead in range(20, 32):
        commune.opens(NOW + timedelta(days=ahead), slots=1, seats=1, hamlet=None)
    port = commune.phone(DAUGHTER)
    assert (
        len(port.events(commune.hamlets[1])),
        len(port.events(commune.hamlets[1], every=True)),
    ) == (12, 15)
    first, *others = port.events(commune.hamlets[1])
    assert first.day == TUESDAY
    assert [event.day for event in others] == sorted(event.day for event in others)


def test_a_day_that_staff_closed_is_not_shown_and_takes_nobody_but_keeps_who_is_booked(
    commune: Commune,
) -> None:
    booked = commune.books(DAUGHTER, commune.sunday[0])
    slot = commune.phone(DAUGHTER).slot(commune.sunday[0])
    assert slot is not None
    commune.closes(commune.sunday[0])
    assert [day for day, _, _ in days(commune, 0)] == [12, 16]
    assert list(commune.phone(NEIGHBOUR).slots(slot.event)) == []
    assert commune.phone(NEIGHBOUR).slot(commune.sunday[0]) is None
    with pytest.raises(SlotTaken):
        commune.phone(NEIGHBOUR).book(commune.sunday[0], SAID, YES)
    assert commune.phone(DAUGHTER).booking() == booked


# Times


def test_the_times_of_a_day_in_their_order(commune: Commune) -> None:
    commune.books(NEIGHBOUR, commune.sunday[1])
    event = commune.phone(DAUGHTER).events(commune.hamlets[0])[0]
    times = commune.phone(DAUGHTER).slots(event.id)
    assert [(time.id, time.seats) for time in times] == [
        (commune.sunday[0], 2),
        (commune.sunday[1], 1),
    ]
    assert [time.starts for time in times] == [
        at_local(SUNDAY, "08:00"),
        at_local(SUNDAY, "08:30"),
    ]
    assert {(time.event, time.hall) for time in times} == {
        (event.id, "NVH Quảng Trung I")
    }
    assert [commune.phone(DAUGHTER).slot(time.id) for time in times] == list(times)
    assert list(commune.phone(DAUGHTER).slots(987_654)) == []


def test_a_full_time_is_listed_as_long_as_it_can_be_waited_for_and_known_until_it_begins(
    commune: Commune,
) -> None:
    today, sunday = (
        commune.phone(DAUGHTER).slot(slot)
        for slot in (commune.today[0], commune.sunday[0])
    )
    assert today and sunday
    commune.fills(commune.today[0])
    commune.fills(commune.sunday[0])
    listed = [
        time.id
        for event in (today.event, sunday.event)
        for time in commune.phone(DAUGHTER).slots(event)
    ]
    assert listed == [commune.today[1], *commune.sunday]
    assert commune.phone(DAUGHTER).slot(commune.today[0]) == today.replace(seats=0)
    commune.goes_by(hours=5)
    assert commune.phone(DAUGHTER).slot(commune.today[0]) is None
    assert [time.id for time in commune.phone(DAUGHTER).slots(today.event)] == [
        commune.today[1]
    ]


def test_the_last_seat_that_this_phone_keeps_is_listed_for_it_alone(
    commune: Commune,
) -> None:
    commune.phone(DAUGHTER).keep(commune.today[0])
    slot = commune.phone(DAUGHTER).slot(commune.today[0])
    assert slot
    seen = [
        [time.seats for time in commune.phone(who).slots(slot.event)]
        for who in (DAUGHTER, NEIGHBOUR)
    ]
    assert seen == [[1, 1], [1]]


# The scheme


def test_no_scheme(commune: Commune) -> None:
    assert commune.phone(DAUGHTER).scheme() is None
    assert commune.phone(DAUGHTER).bring() is None


def test_what_to_bring_is_asked_until_the_scheme_has_closed(commune: Commune) -> None:
    commune.scheme(opens=SUNDAY, closes=TUESDAY)
    scheme = commune.phone(DAUGHTER).scheme()
    assert scheme is not None
    assert (scheme.opens, scheme.closes, scheme.left, dict(scheme.bring)) == (
        SUNDAY,
        TUESDAY,
        None,
        ID_CARD,
    )
    for commune.now in (NOW, at_local(TUESDAY, "23:59")):
        assert commune.phone(DAUGHTER).bring() == ID_CARD
    commune.goes_by(minutes=1)
    assert commune.phone(DAUGHTER).bring() is None
    assert commune.phone(DAUGHTER).scheme() == scheme


def test_whoever_is_booked_while_the_scheme_runs_has_one_kept(commune: Commune) -> None:
    commune.scheme(opens=SUNDAY, closes=SUNDAY, stock=5)

    def left(number: int) -> int | None:
        scheme = commune.phone(number).scheme()
        return scheme.left if scheme else None

    commune.books(
        DAUGHTER,
        commune.sunday[0],
        HOLDER,
        MOTHER.replace(phone=factories.phone(MOTHERS)),
    )
    commune.books(NEIGHBOUR, commune.tuesday[0])
    assert (left(DAUGHTER), left(MOTHERS), left(NEIGHBOUR)) == (4, 4, 3), (
        "to its holder the own is left"
    )
    commune.phone(DAUGHTER).cancel(commune.phone(DAUGHTER).bookings()[0].id)
    assert left(NEIGHBOUR) == 5


# What is known


def test_a_strangers_phone_is_unknown(commune: Commune) -> None:
    commune.phone(DAUGHTER).keep(commune.sunday[0])
    assert commune.phone(DAUGHTER).known() == Known()


def test_the_model_of_a_handset_is_looked_up(commune: Commune) -> None:
    commune.model("49015420", "2g")
    assert commune.phone(DAUGHTER).handset_of("49015420") == "2g"
    assert commune.phone(DAUGHTER).handset_of("49015421") == "unknown"


@pytest.mark.parametrize("waits", [False, True])
def test_what_was_said_with_a_yes_is_known_from_then_on(
    commune: Commune, waits: bool
) -> None:
    said = Said(hamlet=commune.hamlets[1], handset="2g", imei="490154203237518")
    commune.fills(commune.sunday[0])
    port = commune.phone(DAUGHTER)
    if waits:
        port.wait_for(commune.sunday[0], said, YES)
    else:
        port.book(commune.sunday[1], said, YES)
    assert commune.phone(DAUGHTER).known() == Known(
        commune.hamlets[1],
        "2g",
        imei="490154203237518",
        sources=dict.fromkeys(("hamlet", "handset", "imei"), "self"),
    )


def test_what_was_said_with_a_refused_booking_is_not_kept(commune: Commune) -> None:
    commune.fills(commune.today[0])
    with pytest.raises(Exception):  # noqa: B017
        commune.phone(DAUGHTER).book(
            commune.today[0], Said(hamlet=commune.hamlets[1], handset="2g"), YES
        )
    assert commune.phone(DAUGHTER).known() == Known()


def test_the_last_word_on_the_phone_goes_and_the_register_stands(
    commune: Commune,
) -> None:
    commune.registered(NEIGHBOUR, hamlet=0, handset="3g")
    known = commune.phone(NEIGHBOUR).known()
    assert known == Known(
        commune.hamlets[0], "3g", sources={"hamlet": "register", "handset": "register"}
    )
    handsets: tuple[Handset, ...] = ("2g", "4g_no_volte")
    for number in (DAUGHTER, NEIGHBOUR):
        for handset in handsets:
            port = commune.phone(number)
            port.book(
                commune.sunday[0], Said(hamlet=commune.hamlets[1], handset=handset), YES
            )
            port.cancel(port.bookings()[0].id)
    assert commune.phone(NEIGHBOUR).known() == known
    told = commune.phone(DAUGHTER).known()
    assert (told.hamlet, told.handset) == (commune.hamlets[1], "4g_no_volte")


def test_whoever_asks_for_a_call_has_said_where_they_live(commune: Commune) -> None:
    commune.phone(DAUGHTER).ask(
        Asking("call_me"), commune.hamlets[1], Consent("call_me:test", "1")
    )
    assert commune.phone(DAUGHTER).known() == Known(
        commune.hamlets[1], sources={"hamlet": "self"}
    )
    commune.phone(DAUGHTER).ask(
        Asking("call_me"), commune.hamlets[0], Consent("call_me:test", "1")
    )
    assert commune.phone(DAUGHTER).known().hamlet == commune.hamlets[1]


def test_a_guest_with_a_phone_lives_where_the_booker_does_until_they_say_otherwise(
    commune: Commune,
) -> None:
    party = (MOTHER.replace(phone=factories.phone(MOTHERS)), Guest("Hà"))
    commune.phone(DAUGHTER).book(
        commune.sunday[0], Said(hamlet=commune.hamlets[1]), YES, party
    )
    assert commune.phone(MOTHERS).known() == Known(
        commune.hamlets[1], sources={"hamlet": "self"}
    )
