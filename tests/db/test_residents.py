"""What is known of whoever holds the phone, and a day that has passed without anybody
marking it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from db.register import facts, people, residents
from db.seats import bookings
from db.store.engine import Database, to_ms
from menus.port import AlreadyBooked, Known
from tests import factories as make


def test_what_staff_saw_beats_the_register_and_the_register_what_was_said_on_a_keypad(
    db: Database, now: datetime
) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        person = make.person(tx, number=1, hamlet_id=hamlet, now=at)
        for kind, source, value in (
            ("handset", "self", "4g_volte"),
            ("handset", "register", "2g"),
            ("sim", "seen", "4g"),
            ("sim", "register", "2g"),
            ("imei", "self", "490154203237518"),
        ):
            facts.note(tx, person, kind, source, value, at)
        assert residents.known(tx, make.phone(1)) == Known(
            hamlet=hamlet,
            handset="2g",
            sim="4g",
            imei="490154203237518",
            sources={
                "handset": "register",
                "sim": "seen",
                "imei": "self",
                "hamlet": "register",
            },
        )
        assert residents.known(tx, make.phone(2)) == Known()


def test_somebody_met_again_keeps_what_is_known_and_gains_what_was_missing(
    db: Database,
) -> None:
    with db.transaction() as tx:
        first, second = (
            make.hamlet(tx, "Quảng Trung I", 1),
            make.hamlet(tx, "Quảng Trung II", 2),
        )
        meet = partial(
            people.ensure,
            tx,
            commune_id=make.COMMUNE,
            phone=make.phone(1),
            now=1,
            origin="self",
        )
        one = meet()
        meet(name="Hoàng Văn La", hamlet_id=first)
        again = meet(name="Ai khác", hamlet_id=second, locale=("en", True))
        person = people.by_phone(tx, make.phone(1))
        assert person is not None
        assert again.id == one.id == person.id
        assert (person.name, person.folded, person.hamlet_id) == (
            "Hoàng Văn La",
            "hoang van la",
            first,
        )
        assert (person.language, bool(person.marks), again.hamlet_id) == (
            "vi",
            False,
            first,
        )


def test_a_day_missed_and_not_yet_marked_stands_in_nobodys_way(
    db: Database, now: datetime
) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        hall, person = make.hall(tx), make.person(tx, number=1)
        gone, next_, other = (
            make.event_with_slots(
                tx, hall_id=hall, starts=now + timedelta(days=days)
            ).slots[0]
            for days in (-1, 2, 3)
        )
        tx.run(
            text("UPDATE slots SET starts_at = starts_at + 999999999 WHERE id = :id"),
            id=gone,
        )
        missed = make.booking(tx, slot_id=gone, person_id=person, now=at)
        tx.run(
            text("UPDATE slots SET starts_at = starts_at - 999999999 WHERE id = :id"),
            id=gone,
        )
        again = partial(
            bookings.book,
            tx,
            person_id=person,
            booker_id=person,
            now=at,
            origin="ussd",
            past_goes=True,
        )
        again(slot_id=next_)
        status = text("SELECT status FROM bookings WHERE id = :id")
        assert tx.value(status, id=missed.id) == "missed"
        with pytest.raises(AlreadyBooked):
            again(slot_id=other)


def test_whoever_still_waits_in_the_hall_after_their_time_is_not_marked_missed_by_a_list_for_next_week(
    db: Database, now: datetime
) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        hall, person = make.hall(tx), make.person(tx, number=1)
        today, next_week = (
            make.event_with_slots(
                tx, hall_id=hall, starts=now + timedelta(days=days)
            ).slots[0]
            for days in (1, 8)
        )
        make.booking(tx, slot_id=today, person_id=person, now=at)
        over = to_ms(now + timedelta(days=1, hours=1))
        with pytest.raises(AlreadyBooked):
            bookings.book(
                tx,
                slot_id=next_week,
                person_id=person,
                booker_id=person,
                now=over,
                origin="desk",
            )


def test_meeting_somebody_of_whom_nothing_is_missing_locks_nobody(db: Database) -> None:
    """Two phones that book for each other would wait for each other, until the database
    ends one of them.
    """
    with db.transaction() as tx:
        make.person(tx, number=1, name="Hoàng Văn La", hamlet_id=make.hamlet(tx))
    meet = partial(
        people.ensure,
        commune_id=make.COMMUNE,
        phone=make.phone(1),
        now=1,
        origin="self",
        name="La",
    )
    with db.connection() as one, db.connection() as other:
        if not db.is_sqlite:
            other.sql("SET lock_timeout = '1s'")
        one.begin()
        assert meet(one).id == meet(other).id
        if not db.is_sqlite:
            other.sql("RESET lock_timeout")
