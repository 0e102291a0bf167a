"""When reminders go: the evening before and two hours before, by the timing table;
never twice, never in vain.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from db.notices import also_told
from db.seats import bookings
from db.store.engine import Database, from_ms, to_ms
from menus.days import at_local
from scheduler import reminders
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, Town, at

LONG_AGO = at(12, "09:00")


def posted(town: Town) -> list[str]:
    return [row.kind for row in town.texts()]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(20, "17:59"), False),
        (at(20, "18:00"), True),
        (at(20, "20:59"), True),
        (at(19, "18:30"), False),
    ],
)
def test_the_evening_before_a_reminder_is_posted_from_six(
    db: Database, town: Town, now: datetime, due: bool
) -> None:
    town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, now)
    assert posted(town) == (["reminder_1d"] if due else [])
    if due:
        (row,) = town.texts()
        assert from_ms(row.not_after) == at(20, "21:00")
        assert (row.status, row.phone, row.revision, row.text) == (
            "QUEUED",
            "+84990000001",
            1,
            "",
        )
        assert row.priority == 4


@pytest.mark.parametrize(
    ("starts", "now", "due"),
    [
        ("08:00", "06:59", False),  # two hours before would be six: not before seven
        ("08:00", "07:00", True),
        ("08:00", "07:15", True),
        ("09:00", "07:00", True),
        ("09:30", "07:29", False),
        ("09:30", "07:30", True),
        ("14:00", "11:59", False),
        ("14:00", "12:00", True),
        ("14:00", "13:15", True),
        ("19:00", "17:00", True),
    ],
)
def test_on_the_day_a_reminder_is_posted_two_hours_before_but_not_before_seven(
    db: Database, town: Town, starts: str, now: str, due: bool
) -> None:
    town.books(at(21, starts), LONG_AGO)
    reminders.sweep(db, at(21, now))
    assert ("reminder_0d" in posted(town)) == due
    if due:
        row = next(row for row in town.texts() if row.kind == "reminder_0d")
        assert from_ms(row.not_after) == at(21, starts) - timedelta(minutes=45)


def sending(db: Database, settings: Settings, now: datetime) -> Sending:
    return Sending(db, settings, Clock(now))


def test_with_less_than_45_minutes_left_it_is_skipped_and_says_so(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, at(21, "07:16"))
    sending(db, settings, at(21, "07:16")).until_empty()
    assert {(row.kind, row.status, row.reason) for row in town.texts()} == {
        ("reminder_1d", "SKIPPED", "too late"),
        ("reminder_0d", "SKIPPED", "too late"),
    }


def test_with_just_45_minutes_left_it_goes(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, at(21, "07:15"))
    sending(db, settings, at(21, "07:15")).until_empty()
    assert (
        next(row.status for row in town.texts() if row.kind == "reminder_0d") == "SENT"
    )


def test_the_evening_reminder_names_the_day_and_hour_the_hall_and_the_code(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    booked = town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, at(20, "18:00"))
    sending(db, settings, at(20, "18:00")).until_empty()
    (row,) = town.texts()
    assert row.status == "SENT"
    assert row.text == (
        "Xa Quang Lac: Nhac hen 8 gio sang Chu nhat 21/4, NVH Quang Trung I. Mang CCCD, may cu."
        f" Den: nhan CO {booked.code}. Khong: HUY {booked.code} gui 2404."
    )
    assert (row.encoding, row.parts, row.carrier) == ("GSM-7", 1, "simulator")


def test_who_booked_after_the_moment_of_a_reminder_gets_none(
    db: Database, town: Town
) -> None:
    # after the evening's moment, before the morning's
    town.books(at(21, "08:00"), at(20, "18:01"))
    reminders.sweep(db, at(20, "19:00"))
    assert posted(town) == []
    reminders.sweep(db, at(21, "07:00"))
    assert posted(town) == ["reminder_0d"]
    town.books(at(21, "10:00"), at(21, "08:30"))  # two hours before was eight
    reminders.sweep(db, at(21, "09:00"))
    assert posted(town) == ["reminder_0d"]


def test_a_moved_booking_gets_a_new_reminder_and_the_old_one_is_not_sent(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    booked = town.books(at(21, "08:00"), LONG_AGO)
    later = town.slot(at(22, "09:00"))
    reminders.sweep(db, at(20, "18:00"))
    with db.transaction() as tx:
        bookings.move(
            tx, booking_id=booked.id, slot_id=later, now=to_ms(at(20, "18:05"))
        )
    sending(db, settings, at(20, "18:10")).until_empty()
    assert [(row.status, row.reason) for row in town.texts()] == [("SKIPPED", "moved")]
    reminders.sweep(db, at(21, "18:00"))
    sending(db, settings, at(21, "18:00")).until_empty()
    first, second = town.texts()
    assert (second.kind, second.status, second.revision) == ("reminder_1d", "SENT", 2)
    assert "9 gio sang Thu hai 22/4" in second.text
    assert first.once != second.once


def test_moved_within_the_same_day_it_is_reminded_of_the_new_hour_only(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    booked = town.books(at(21, "08:00"), LONG_AGO)
    later = town.slot(at(21, "14:00"))
    reminders.sweep(db, at(21, "07:00"))
    with db.transaction() as tx:
        bookings.move(
            tx, booking_id=booked.id, slot_id=later, now=to_ms(at(21, "07:01"))
        )
    sending(db, settings, at(21, "07:02")).until_empty()
    reminders.sweep(db, at(21, "12:00"))
    sending(db, settings, at(21, "12:00")).until_empty()
    sent = [row for row in town.texts() if row.status == "SENT"]
    assert [row.kind for row in sent] == ["reminder_0d"]
    assert "2 gio chieu Chu nhat 21/4" in sent[0].text


def test_a_cancelled_booking_is_not_reminded(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    booked = town.books(at(21, "08:00"), LONG_AGO)
    gone = town.books(at(21, "08:30"), LONG_AGO)
    with db.transaction() as tx:
        bookings.cancel(tx, booking_id=gone.id, now=to_ms(at(13, "08:00")))
    reminders.sweep(db, at(20, "18:00"))
    assert posted(town) == ["reminder_1d"]
    with db.transaction() as tx:
        bookings.cancel(tx, booking_id=booked.id, now=to_ms(at(20, "18:01")))
    sending(db, settings, at(20, "18:02")).until_empty()
    assert [(row.status, row.reason) for row in town.texts()] == [
        ("SKIPPED", "cancelled")
    ]


def test_who_has_no_phone_is_not_texted(db: Database, town: Town) -> None:
    town.books(at(21, "08:00"), LONG_AGO, phone=False)
    reminders.sweep(db, at(20, "18:00"))
    assert posted(town) == []


def test_a_clock_that_was_down_catches_up(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, at(20, "20:45"))
    sending(db, settings, at(20, "20:45")).until_empty()
    assert [row.status for row in town.texts()] == ["SENT"]


def test_down_all_evening_the_reminder_is_skipped_as_too_late_and_the_mornings_goes(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    town.books(at(21, "10:00"), LONG_AGO)
    reminders.sweep(db, at(21, "08:30"))
    sending(db, settings, at(21, "08:30")).until_empty()
    assert {row.kind: (row.status, row.reason) for row in town.texts()} == {
        "reminder_1d": ("SKIPPED", "too late"),
        "reminder_0d": ("SENT", ""),
    }


def test_down_past_the_hour_nothing_is_posted_about_it(
    db: Database, town: Town
) -> None:
    town.books(at(21, "08:00"), LONG_AGO)
    reminders.sweep(db, at(21, "08:01"))
    assert posted(town) == []


def test_two_sweeps_post_once(db: Database, town: Town) -> None:
    for _ in range(7):
        town.books(at(21, "08:00"), LONG_AGO)
    assert reminders.sweep(db, at(20, "18:00")) == "7 for the day before, 0 for the day"
    assert reminders.sweep(db, at(20, "18:01")) == "0 for the day before, 0 for the day"
    assert len(posted(town)) == 7


def test_two_clocks_at_once_post_once(
    db: Database, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "CHUNK", 5)  # many chunks, so that they truly meet
    for _ in range(12):
        town.books(at(21, "08:00"), LONG_AGO)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: reminders.sweep(db, at(20, "18:00")), range(2)))
    assert len(posted(town)) == 12


def test_many_slots_are_swept_in_chunks_and_none_is_left_out(
    db: Database, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "CHUNK", 7)
    for minute in range(11):
        town.books(at_local(date(2024, 4, 21), f"08:{minute:02}"), LONG_AGO)
    assert (
        reminders.sweep(db, at(20, "18:00")) == "11 for the day before, 0 for the day"
    )


def test_the_day_is_the_communes_also_when_the_server_has_yesterday(
    db: Database, town: Town
) -> None:
    town.books(at(21, "05:00"), LONG_AGO)  # still Saturday in UTC
    reminders.sweep(db, at(20, "18:00"))
    assert posted(town) == ["reminder_1d"]


def test_an_opted_out_resident_is_skipped_with_the_reason(
    db: Database, town: Town, settings: Settings
) -> None:
    from db.register import identity

    town.is_now("demo")
    booked = town.books(at(21, "08:00"), LONG_AGO)
    with db.transaction() as tx:
        tx.run(
            text("INSERT INTO stops (who, what, at) VALUES (:who, 'all', 1)"),
            who=identity.who(settings.privacy_key, booked.phone),
        )
    reminders.sweep(db, at(20, "18:00"))
    sending(db, replace(settings, sms_rate=1000), at(20, "18:00")).until_empty()
    assert [(row.status, row.reason) for row in town.texts()] == [
        ("SKIPPED", "opted out")
    ]


@pytest.mark.parametrize(("purpose", "heard"), [("advert", False), ("booking", True)])
def test_a_guests_consent_to_adverts_is_none_to_texts_about_the_booking(
    db: Database, town: Town, purpose: str, heard: bool
) -> None:
    slot = town.slot(at(21, "08:00"))
    with db.transaction() as tx:
        booker, guest = (
            make.person(tx, number=number, hamlet_id=town.hamlet) for number in (1, 2)
        )
        made = bookings.book(
            tx,
            slot_id=slot,
            person_id=guest,
            booker_id=booker,
            now=to_ms(LONG_AGO),
            origin="ussd",
        )
        make.agreed(tx, "k", guest, number=2, now=to_ms(LONG_AGO), purpose=purpose)
        also_told.tell(
            tx, "moved", [made.id], but=make.phone(1), commune_id=1, now=to_ms(LONG_AGO)
        )
    reminders.sweep(db, at(20, "18:00"))
    to_guest = [row.kind for row in town.texts() if row.phone == make.phone(2)]
    assert to_guest == (["moved", "reminder_1d"] if heard else [])


def test_an_account_session_is_reminded_of_as_one_and_asks_for_the_card_alone(
    db: Database, town: Town, settings: Settings
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    with db.transaction() as tx:
        tx.run(text("UPDATE events SET kind = 'account'"))
    for when in (at(20, "18:00"), at(21, "07:00")):
        reminders.sweep(db, when)
        sending(db, settings, when).until_empty()
    told = [row.text for row in town.texts()]
    assert len(told) == 2
    for said in told:
        assert "mo tai khoan" in said, said
        assert "Mang can cuoc." in said
