"""After the day: who was missed hears of the next event, who came is asked how it went;
once each, never in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from db.notices import follow_ups
from db.register import identity, people
from db.seats import attendance
from db.store.engine import Database, Tx, to_ms
from db.store.statements import Row
from scheduler import follow_ups as sweeps
from scheduler import upkeep
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, Town, at

LONG_AGO = at(12, "09:00")


@pytest.fixture
def send(
    db: Database, town: Town, settings: Settings
) -> Callable[[datetime], list[Row]]:
    """What goes out at that moment, and every text so far."""
    town.is_now("demo")

    def go(now: datetime) -> list[Row]:
        Sending(db, settings, Clock(now)).until_empty()
        return town.texts()

    return go


def together(db: Database, *bookings_: Any) -> None:
    """Those who come together: the first one's number stands on every row, and its
    phone gets the texts.
    """
    with db.transaction() as tx:
        for one in bookings_:
            tx.run(
                text(
                    "UPDATE bookings SET party_id = :party, booker_id = :booker WHERE id = :id"
                ),
                party=bookings_[0].id,
                booker=bookings_[0].person,
                id=one.id,
            )


def came(db: Database, town: Town, when: datetime, *bookings_: Any) -> None:
    with db.transaction() as tx:
        staff = tx.value(text("SELECT id FROM staff")) or make.staff(tx)
        for one in bookings_:
            attendance.attend(tx, booking_id=one.id, now=to_ms(when), staff_id=staff)


def kinds(town: Town) -> list[str]:
    return [row.kind for row in town.texts()]


def test_who_was_missed_hears_of_the_next_event_of_the_own_hamlet(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    town.books(at(21, "08:00"), LONG_AGO)
    with db.transaction() as tx:
        elsewhere = make.hall(
            tx, make.hamlet(tx, "Quảng Liên I", 2), "NVH Quảng Liên I"
        )
        make.event_with_slots(tx, hall_id=elsewhere, starts=at(23, "08:00"))
    town.slot(at(28, "08:00"))
    assert upkeep.tidy(db, at(21, "10:31")) == "1 missed"
    (row,) = send(at(21, "10:31"))
    assert (row.kind, row.status, row.parts) == ("missed", "SENT", 1)
    assert row.text == (
        "Xa Quang Lac: Chua thay den buoi hen 8 gio sang Chu nhat 21/4. Buoi toi con cho: CN 28/4, NVH Quang Trung I."
        " Dat lai: nhan DL gui 2404."
    )
    upkeep.tidy(db, at(21, "11:00"))
    assert kinds(town) == ["missed"], "once"


def test_where_nothing_is_to_come_a_person_is_offered(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    town.books(at(21, "08:00"), LONG_AGO)
    full = town.slot(at(28, "08:00"), capacity=1)
    with db.transaction() as tx:
        make.booking(
            tx, slot_id=full, person_id=make.person(tx, number=99), now=to_ms(LONG_AGO)
        )
    upkeep.tidy(db, at(21, "10:31"))
    (row,) = send(at(21, "10:31"))
    assert "Hien chua co buoi moi. Nho can bo goi: nhan GOI LAI gui 2404." in row.text


def test_an_evening_slot_is_told_of_in_the_morning(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    town.books(at(21, "19:00"), LONG_AGO)
    upkeep.tidy(db, at(21, "21:31"))
    assert [row.status for row in send(at(21, "21:31"))] == ["QUEUED"]
    assert [row.status for row in send(at(22, "07:00"))] == ["SENT"]


def test_who_came_after_all_or_booked_anew_is_not_told(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    late, anew = (
        town.books(at(21, "08:00"), LONG_AGO),
        town.books(at(21, "08:00"), LONG_AGO),
    )
    upkeep.tidy(db, at(21, "10:31"))
    with db.transaction() as tx:
        attendance.came_late(
            tx, booking_id=late.id, now=to_ms(at(21, "10:40")), staff_id=make.staff(tx)
        )
    slot = town.slot(at(28, "08:00"))
    with db.transaction() as tx:
        make.booking(
            tx, slot_id=slot, person_id=anew.person, now=to_ms(at(21, "10:45"))
        )
    reasons = {
        row.booking_id: (row.status, row.reason) for row in send(at(21, "11:00"))
    }
    assert reasons == {
        late.id: ("SKIPPED", "already came"),
        anew.id: ("SKIPPED", "booked anew"),
    }


def test_of_those_who_were_to_come_together_one_text_tells(
    db: Database, town: Town
) -> None:
    party = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(3)]
    together(db, *party)
    town.books(at(21, "08:00"), LONG_AGO, phone=False)
    came(db, town, at(21, "08:10"), party[0])
    assert upkeep.tidy(db, at(21, "10:31")) == "3 missed"
    assert [(row.kind, row.booking_id, row.phone) for row in town.texts()] == [
        ("missed", party[1].id, party[0].phone)
    ]


def test_many_are_marked_and_told_in_chunks(db: Database, town: Town) -> None:
    """2,000 at a time: one statement marks them, one posts for all of them."""
    slot = town.slot(at(21, "08:00"), capacity=3_000)
    made = to_ms(LONG_AGO)
    with db.transaction() as tx:
        for number in range(2_100):
            tx.run(
                text(
                    "INSERT INTO people (id, commune_id, phone, origin, made_at) VALUES (:id, 1, :phone, 'self', :at)"
                ),
                id=10_000 + number,
                phone=f"+8499{number:07}",
                at=made,
            )
            tx.run(
                text(
                    "INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, origin, made_at,"
                    " changed_at) VALUES (1, :slot, :id, :id, :code, 'booked', 'sms', :at, :at)"
                ),
                slot=slot,
                id=10_000 + number,
                code=f"{10_000 + number}",
                at=made,
            )
    now = to_ms(at(21, "10:31"))
    with db.transaction() as tx:
        assert follow_ups.mark_missed(tx, now=now, ended_before=now) == 2_000
        assert tx.value(text("SELECT COUNT(*) FROM messages")) == 2_000
    assert upkeep.tidy(db, at(21, "10:31")) == "100 missed"
    assert len(town.texts()) == 2_100


def test_what_was_missed_while_the_clock_was_down_for_days_is_marked_and_not_told(
    db: Database, town: Town
) -> None:
    town.books(at(15, "08:00"), LONG_AGO)
    assert upkeep.tidy(db, at(21, "10:31")) == "1 missed"
    assert kinds(town) == []


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        (at(22, "08:59"), 0),
        (at(22, "09:00"), 1),
        (at(25, "08:00"), 1),
        (at(25, "23:00"), 1),
        (at(26, "09:00"), 0),
    ],
)
def test_the_day_after_at_nine_it_is_asked_how_it_went(
    db: Database, town: Town, now: datetime, asked: int
) -> None:
    visit = town.books(at(21, "08:00"), LONG_AGO)
    town.books(at(21, "08:00"), LONG_AGO)  # did not come
    came(db, town, at(21, "08:10"), visit)
    assert sweeps.sweep(db, now) == f"{asked} asked how it went, 0 about their face"
    sweeps.sweep(db, now)
    assert kinds(town) == ["rate"] * asked


def test_a_session_that_was_no_swap_is_reminded_of_asked_about_and_followed_by_its_own_kind(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    """What it asks to bring is said; who misses it hears of the next of its kind, not
    of the swap day before it.
    """
    visit, other = (
        town.books(at(21, "08:00"), LONG_AGO),
        town.books(at(21, "08:00"), LONG_AGO),
    )
    town.slot(at(23, "08:00"))
    again = town.slot(at(24, "08:00"))
    with db.transaction() as tx:
        tx.run(
            text("""
            UPDATE events SET kind = 'account', bring = 'căn cước'
            WHERE id IN (SELECT event_id FROM slots WHERE id = :again OR starts_at = :starts)
            """),
            again=again,
            starts=to_ms(at(21, "08:00")),
        )
    town.posts(other, "reminder_0d", at(21, "07:00"), revision=1)
    assert "Mang can cuoc." in send(at(21, "07:00"))[-1].text
    came(db, town, at(21, "08:10"), visit)
    upkeep.tidy(db, at(21, "19:00"))
    assert "T4 24/4" in next(
        row.text for row in send(at(21, "19:00")) if row.kind == "missed"
    )
    sweeps.sweep(db, at(22, "09:00"))
    asked = next(row.text for row in send(at(22, "09:00")) if row.kind == "rate")
    assert asked.startswith("Xa Quang Lac: Buoi vua roi ra sao?")


def test_the_question_names_the_commune_and_every_score(
    db: Database, town: Town, send: Callable[[datetime], list[Row]]
) -> None:
    early = town.books(at(28, "08:00"), LONG_AGO)  # served a week before the booked day
    came(db, town, at(21, "23:30"), early)  # typed in late at night
    sweeps.sweep(db, at(22, "09:00"))
    (row,) = send(at(22, "09:00"))
    assert (row.status, row.parts) == ("SENT", 1)
    assert row.text == (
        "Xa Quang Lac: Buoi doi may vua roi ra sao? Xin nhan mot so tu 1 (kem) den 5 (rat tot)"
        " gui 2404."
    )


def test_a_party_is_asked_once_and_who_has_no_phone_never(
    db: Database, town: Town
) -> None:
    party = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(2)]
    together(db, *party)
    alone = town.books(at(21, "08:00"), LONG_AGO, phone=False)
    came(db, town, at(21, "08:10"), *party, alone)
    sweeps.sweep(db, at(22, "09:00"))
    assert [row.booking_id for row in town.texts()] == [party[0].id]


def test_who_wants_no_texts_is_not_asked(
    db: Database, town: Town, settings: Settings, send: Callable[[datetime], list[Row]]
) -> None:
    visit = town.books(at(21, "08:00"), LONG_AGO)
    came(db, town, at(21, "08:10"), visit)
    with db.transaction() as tx:
        tx.run(
            text("INSERT INTO stops (who, what, at) VALUES (:who, 'all', 1)"),
            who=identity.who(settings.privacy_key, visit.phone),
        )
    sweeps.sweep(db, at(22, "09:00"))
    assert [(row.status, row.reason) for row in send(at(22, "09:00"))] == [
        ("SKIPPED", "opted out")
    ]


def test_advice_goes_to_whoever_asked_also_one_whom_nobody_knows(
    db: Database, town: Town, settings: Settings, send: Callable[[datetime], list[Row]]
) -> None:
    from db.port import DbPort

    def asks(tx: Tx, phone: str, now: datetime) -> None:
        port = DbPort(
            tx,
            commune_id=1,
            phone=phone,
            channel="ussd",
            now=now,
            privacy_key="k",
            acting=tx.savepoint,
        )
        port.tell("howto_battery")

    with db.transaction() as tx:
        make.person(tx, number=1)
        people.prefer(tx, make.phone(1), "en", False)
        for phone in (make.phone(1), make.phone(2)):
            asks(tx, phone, at(21, "22:00"))
            asks(tx, phone, at(21, "22:10"))
    known, stranger = send(at(21, "22:10"))
    assert known.text.startswith("Xa Quang Lac: Battery")
    assert stranger.text.startswith("Xa Quang Lac: Giu pin")
    assert (stranger.status, stranger.parts) == ("SENT", 1), "asked for, so at any hour"
