"""Several who come together, or somebody else: seated and waiting all or none, each of
them named; on both engines.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db.notices import phrasing
from db.port import DbPort
from db.progress import conversions
from db.progress.recount import recount
from db.seats import waiting
from db.store.engine import Database, Tx, to_ms
from db.store.statements import Row
from db.texts import outbox
from menus.port import HOLDER, AlreadyBooked, Booking, Consent, Guest, Said, SlotTaken
from tests import factories

SAID, YES = Said(), Consent("ask_wait:test", "1")
MOTHER = Guest("Lý Thị Mẫu")
HER_NUMBER = 7
NAMES = text(
    "SELECT COALESCE(p.name, '') AS name, b.code, b.party_id FROM bookings b JOIN people p ON p.id = b.person_id"
    " WHERE b.slot_id = :slot AND b.status = 'booked' AND b.booker_id <> :other ORDER BY b.id"
)


def port(tx: Tx, now: datetime, phone: int = HER_NUMBER) -> DbPort:
    return DbPort(
        tx,
        commune_id=factories.COMMUNE,
        phone=factories.phone(phone),
        channel="ussd",
        now=now,
        privacy_key="a privacy key of the tests",
        acting=tx.savepoint,
    )


def books(tx: Tx, now: datetime, slot: int, party: tuple[Guest, ...]) -> Booking:
    """As it then stands for her phone."""
    booked = port(tx, now).booking(port(tx, now).book(slot, SAID, YES, party))
    assert booked is not None
    return booked


@pytest.fixture
def full(db: Database, now: datetime) -> tuple[int, list[int], int]:
    """A time in three days with three seats, all taken: slot, the bookings, who took
    them.
    """
    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx, hall_id=factories.hall(tx), starts=now + timedelta(days=3), capacity=3
        )
        head = factories.person(tx, number=1, now=to_ms(now))
        others = [
            factories.person(tx, name=f"Người {number}", now=to_ms(now))
            for number in range(3)
        ]
        taken = [
            factories.booking(tx, slot_id=event.slots[0], person_id=who, now=to_ms(now))
            for who in others
        ]
        tx.run(text("UPDATE bookings SET booker_id = :head"), head=head)
    return event.slots[0], [row.id for row in taken], head


def freed(db: Database, taken: list[int], now: datetime) -> list[str]:
    """The bookings are given back, the clock looks: the texts that go out, in words."""
    with db.transaction() as tx:
        tx.run(
            text(
                f"UPDATE bookings SET status = 'cancelled' WHERE id IN ({','.join(map(str, taken))})"
            )
        )
        for slot in waiting.freed_slots(tx, to_ms(now)):
            waiting.offer_freed(tx, slot, to_ms(now))
        return [
            phrasing.text(
                tx,
                row,
                outbox.subject(tx, row.booking_id or 0, row.phone),
                "vi",
                to_ms(now),
            )
            for row in outbox.claim(tx, now=to_ms(now), most=50)
            if row.kind == "offer"
        ]


def there(db: Database, slot: int, head: int) -> list[Row]:
    with db.connection() as tx:
        return tx.all(NAMES, slot=slot, other=head)


def test_a_family_that_waits_is_offered_and_takes_all_its_seats_at_once(
    db: Database, now: datetime, full: tuple[int, list[int], int]
) -> None:
    slot, taken, head = full
    with db.transaction() as tx:
        waits = port(tx, now).wait_for(
            slot, SAID, YES, (HOLDER, Guest("Hà"), Guest("Lan"))
        )
        assert (waits.places, waits.name) == (3, "")
    assert freed(db, taken[:2], now) == [], "two seats are no use to three"
    said = freed(db, taken, now)
    assert len(said) == 1
    assert said[0].startswith("Xã Quảng Lạc: Có chỗ cho 3 người ")
    with db.transaction() as tx:
        booked = port(tx, now).booking(port(tx, now).accept(waits.id))
        assert booked is not None
        assert (booked.places, booked.code) == (3, waits.code)
    rows = there(db, slot, head)
    assert [row.name for row in rows] == ["", "Hà", "Lan"]
    assert len({row.party_id for row in rows}) == 1


def test_a_daughter_waits_for_her_mother_and_keeps_her_own_time(
    db: Database, now: datetime, full: tuple[int, list[int], int]
) -> None:
    slot, taken, head = full
    with db.transaction() as tx:
        hall = factories.hall(tx, name="NVH khác")
        hers = factories.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=5)
        ).slots[0]
        own = port(tx, now).book(hers, SAID, YES)
    with db.transaction() as tx:
        waits = port(tx, now).wait_for(slot, SAID, YES, (MOTHER,))
        assert (waits.places, waits.name) == (1, "Lý Thị Mẫu")
    (said,) = freed(db, taken[:1], now)
    assert "Có chỗ cho Lý Thị Mẫu " in said
    with db.transaction() as tx:
        booked = port(tx, now).booking(port(tx, now).accept(waits.id))
        assert booked is not None
        assert (booked.own, booked.name) == (False, "Lý Thị Mẫu")
        assert port(tx, now).booking(own) is not None
    assert [row.name for row in there(db, slot, head)] == ["Lý Thị Mẫu"]


def test_who_was_seated_elsewhere_meanwhile_is_not_seated_twice(
    db: Database, now: datetime, full: tuple[int, list[int], int]
) -> None:
    slot, taken, _ = full
    with db.transaction() as tx:
        hall = factories.hall(tx, name="NVH khác")
        later = factories.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=5)
        ).slots[0]
        waits = port(tx, now).wait_for(slot, SAID, YES, (HOLDER, Guest("Hà")))
        port(tx, now).book(later, SAID, YES)
    freed(db, taken, now)
    with db.transaction() as tx, pytest.raises(AlreadyBooked):
        port(tx, now).accept(waits.id)


def test_more_than_the_time_ever_has_is_not_waited_for(
    db: Database, now: datetime, full: tuple[int, list[int], int]
) -> None:
    slot, _, _ = full
    with db.transaction() as tx, pytest.raises(SlotTaken):
        port(tx, now).wait_for(
            slot, SAID, YES, (HOLDER, *[Guest(number=n) for n in range(2, 5)])
        )


def test_two_of_one_name_are_two_people_and_the_same_list_again_makes_nobody_new(
    db: Database, now: datetime
) -> None:
    party = (HOLDER, Guest("Lan"), Guest("Lan"))
    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx,
            hall_id=factories.hall(tx),
            starts=now + timedelta(days=3),
            slots_=2,
            capacity=3,
        )
        first = books(tx, now, event.slots[0], party)
        people = tx.value(text("SELECT COUNT(*) FROM people"))
        assert (first.places, people) == (3, 3)
        port(tx, now).cancel(first.id)
        port(tx, now).book(event.slots[1], SAID, YES, party)
        assert tx.value(text("SELECT COUNT(*) FROM people")) == 3


def test_a_number_that_is_somebody_elses_seats_nobody_else_and_tells_no_name(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx, hall_id=factories.hall(tx), starts=now + timedelta(days=3), capacity=3
        )
        other = factories.person(tx, number=40, name="Bế Quang An", now=to_ms(now))
        booked = books(
            tx, now, event.slots[0], (Guest("Hoàng Văn La", factories.phone(40)),)
        )
        assert booked.name == "Hoàng Văn La"
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM bookings WHERE person_id = :other"),
                other=other,
            )
            == 0
        )


def test_whoever_agreed_from_their_own_phone_hears_of_changes_and_the_booker_of_theirs(
    db: Database, now: datetime
) -> None:
    told = text(
        "SELECT kind, class FROM messages WHERE phone = :phone AND kind IN ('moved', 'cancelled') ORDER BY id"
    )
    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx,
            hall_id=factories.hall(tx),
            starts=now + timedelta(days=3),
            slots_=3,
            capacity=3,
        )
        booked = books(
            tx, now, event.slots[0], (MOTHER.replace(phone=factories.phone(41)),)
        )
        port(tx, now).move(booked.id, event.slots[1])
        assert tx.all(told, phone=factories.phone(41)) == [], (
            "she has not agreed to any text yet"
        )
        port(tx, now, 41).coming(booked.id, YES)
        port(tx, now).move(booked.id, event.slots[2])
        assert [tuple(row) for row in tx.all(told, phone=factories.phone(41))] == [
            ("moved", "notice")
        ]
        port(tx, now, 41).cancel(booked.id)
        assert [tuple(row) for row in tx.all(told, phone=factories.phone(HER_NUMBER))][
            -1
        ] == ("cancelled", "notice")
        kept = tx.value(text("SELECT COUNT(*) FROM messages WHERE once LIKE '%84990%'"))
        assert kept == 0, (
            "an erasure blanks the number of a text, not the name by which it is said once"
        )


def test_whoever_agreed_hears_that_a_seat_is_taken_back_and_that_the_family_took_another(
    db: Database, now: datetime
) -> None:
    told = text(
        "SELECT kind FROM messages WHERE phone = :phone AND kind <> 'cancelled' ORDER BY id"
    )
    hers = factories.phone(41)

    def heard(tx: Tx) -> list[str]:
        return [row.kind for row in tx.all(told, phone=hers)]

    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx,
            hall_id=factories.hall(tx),
            starts=now + timedelta(days=3),
            slots_=2,
            capacity=2,
        )
        booked = books(tx, now, event.slots[0], (HOLDER, MOTHER.replace(phone=hers)))
        assert heard(tx) == [], "she has not agreed to any text yet"
        port(tx, now, 41).coming(booked.id + 1, YES)
        daughter = port(tx, now)
        daughter.cancel(booked.id)
        again = daughter.booking(daughter.take_back())
        assert again is not None
        assert heard(tx) == ["booked"]
        others = [
            factories.person(tx, name=f"Người {number}", now=to_ms(now))
            for number in range(2)
        ]
        taken = [
            factories.booking(tx, slot_id=event.slots[1], person_id=who, now=to_ms(now))
            for who in others
        ]
        wait = daughter.wait_for(event.slots[1], SAID, YES)
    freed(db, [row.id for row in taken], now)
    with db.transaction() as tx:
        port(tx, now).accept(wait.id)
        assert heard(tx) == ["booked", "moved"]
        port(tx, now).cancel(again.id)
        books(tx, now, event.slots[0], (MOTHER.replace(phone=hers),))
        assert heard(tx) == ["booked", "moved", "booked"]


def test_two_whose_names_nobody_typed_are_two_people(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        event = factories.event_with_slots(
            tx, hall_id=factories.hall(tx), starts=now + timedelta(days=3), capacity=3
        )
        first, second = (
            books(tx, now, event.slots[0], (Guest(number=1),)) for _ in range(2)
        )
        assert first.code != second.code


def test_a_2g_phone_told_on_the_keypad_takes_the_household_out_of_the_figures(
    db: Database, now: datetime
) -> None:
    with db.transaction() as tx:
        hamlet = factories.hamlet(tx)
        home = factories.household(tx, hamlet)
        swapped = factories.person(tx, number=1, hamlet_id=hamlet, household_id=home)
        factories.person(tx, number=HER_NUMBER, hamlet_id=hamlet, household_id=home)
        slot = factories.event_with_slots(
            tx, hall_id=factories.hall(tx), starts=now + timedelta(days=3)
        ).slots[0]
        for indicator in ("sim_4g", "handset_volte"):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=swapped,
                at=to_ms(now),
                staff_id=None,
            )
        counts = text("""
        SELECT COUNT(*) FROM counted c JOIN indicators i ON i.id = c.indicator_id WHERE i.key = 'converted_household'
        """)
        assert tx.value(counts) == 1
        port(tx, now).book(slot, Said(handset="2g"), YES)
        assert tx.value(counts) == 0
        assert recount(tx, to_ms(now)) == []
