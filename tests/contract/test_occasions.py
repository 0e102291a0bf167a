"""What is held, of any kind, as a phone is told of it; alike behind every menu."""

from __future__ import annotations

from datetime import date, timedelta

from menus.days import at_local, today
from menus.port import Occasion
from tests.contract.commune import ID, SAID, SUNDAY, TUESDAY, YES, Commune

DAUGHTER = 1  # a phone
MONDAY = date(2024, 4, 15)
EVENING = at_local(MONDAY, "19:00")


def told(commune: Commune, hamlet: int) -> list[tuple[int, str, bool]]:
    """Day of the month, kind, whether there are times to book."""
    found = commune.phone(DAUGHTER).occasions(commune.hamlets[hamlet])
    return [(today(one.starts).day, one.kind, one.bookable) for one in found]


def test_what_is_held_at_home_and_for_all_of_any_kind_the_soonest_first(
    commune: Commune,
) -> None:
    commune.holds(EVENING, hamlet=0, kind="meeting")
    commune.holds(EVENING, hamlet=1, kind="training")
    commune.holds(EVENING + timedelta(days=2), hamlet=None, kind="street")
    swap = "swap"
    assert told(commune, 0) == [
        (12, swap, True),
        (14, swap, True),
        (15, "meeting", False),
        (17, "street", False),
    ]
    assert told(commune, 1) == [
        (12, swap, True),
        (15, "training", False),
        (16, swap, True),
        (17, "street", False),
    ]


def test_one_of_them_says_where_until_when_what_to_bring_and_what_one_can_get(
    commune: Commune,
) -> None:
    event = commune.holds(EVENING, hamlet=0, kind="account", number=47)
    port = commune.phone(DAUGHTER)
    expected = Occasion(
        event,
        "account",
        EVENING,
        EVENING + timedelta(hours=2),
        "NVH Quảng Trung I",
        commune.hamlets[0],
        47,
        False,
        ID,
        ("account",),
    )
    assert port.occasion(event) == expected
    assert port.numbered(47) == expected
    assert list(port.occasions(commune.hamlets[0]))[-1] == expected.replace(services=())
    assert port.numbered(48) is None
    assert port.occasion(987_654) is None


def test_from_house_to_house_it_is_the_hamlet_that_is_named(commune: Commune) -> None:
    found = commune.phone(DAUGHTER).occasion(
        commune.holds(EVENING, hamlet=0, kind="visits")
    )
    assert found is not None
    assert found.place == "Quảng Trung I"


def test_what_is_over_or_too_far_ahead_is_not_told(commune: Commune) -> None:
    early = commune.holds(
        at_local(SUNDAY, "06:00"), hamlet=0, kind="meeting", number=41
    )
    commune.holds(EVENING + timedelta(days=12), hamlet=0, kind="farmers")
    assert [day for day, _, _ in told(commune, 0)] == [12, 14, 14]
    commune.now = at_local(SUNDAY, "07:59")
    assert commune.phone(DAUGHTER).occasion(early) is not None, "it is still on"
    commune.now = at_local(SUNDAY, "08:00")
    assert commune.phone(DAUGHTER).occasion(early) is None
    assert commune.phone(DAUGHTER).numbered(41) is None
    assert told(commune, 0)[0] == (14, "swap", True)


def test_a_workshop_is_told_to_nobody_but_whoever_has_its_number(
    commune: Commune,
) -> None:
    commune.holds(EVENING, hamlet=0, kind="workshop", number=52)
    booked = commune.calls_it(commune.sunday[0], "workshop")
    port = commune.phone(DAUGHTER)
    assert [day for day, _, _ in told(commune, 0)] == [12]
    assert booked not in [
        event.id for event in port.events(commune.hamlets[0], every=True)
    ]
    invited = port.numbered(52)
    assert invited is not None
    assert invited.kind == "workshop"
    assert [slot.id for slot in port.slots(booked)] == list(commune.sunday)
    assert port.book(commune.sunday[0], SAID, YES)


def test_days_times_and_bookings_say_their_kind(commune: Commune) -> None:
    event = commune.calls_it(commune.tuesday[0], "account")
    port = commune.phone(DAUGHTER)
    listed = {one.id: one.kind for one in port.events(commune.hamlets[1])}
    assert listed[event] == "account"
    assert {kind for key, kind in listed.items() if key != event} == {"swap"}
    slot = port.slot(commune.tuesday[0])
    assert slot is not None
    assert (slot.kind, slot.starts) == ("account", at_local(TUESDAY, "08:00"))
    assert commune.books(DAUGHTER, commune.tuesday[0]).kind == "account"


def test_the_soonest_of_a_kind_is_told_wherever_it_is_held(commune: Commune) -> None:
    port = commune.phone(DAUGHTER)
    assert port.next_held("school") is None
    commune.holds(EVENING + timedelta(days=3), hamlet=1, kind="school")
    sooner = commune.holds(EVENING, hamlet=0, kind="school")
    found = port.next_held("school")
    assert found is not None
    assert (found.id, found.starts) == (sooner, EVENING)


def test_the_number_of_a_cancelled_session_names_it_until_its_day_is_over(
    commune: Commune,
) -> None:
    event = commune.holds(EVENING, hamlet=0, kind="account", number=76)
    commune.calls_off(event)
    port = commune.phone(DAUGHTER)
    assert port.numbered(76) is None
    off = port.called_off(76)
    assert off is not None
    assert (off.kind, off.starts, off.place) == (
        "account",
        EVENING,
        "NVH Quảng Trung I",
    )
    assert port.called_off(77) is None
    commune.now = EVENING + timedelta(hours=4)
    assert commune.phone(DAUGHTER).called_off(76) is not None, "it is still that day"
    commune.now = EVENING + timedelta(hours=8)
    assert commune.phone(DAUGHTER).called_off(76) is None
