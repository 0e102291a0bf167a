"""A number that changes during the swap keeps its booking: what follows the person,
what the old number sees.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import insert, text

from db.changes import numbers
from db.models import installation
from db.register import facts, identity, people
from db.store.engine import Database, to_ms
from db.store.statements import Row
from db.texts import outbox, stops
from menus.days import at_local, today
from scheduler import reminders
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.gateway.carriers import Ussd
from tests.gateway.staff.conftest import Clerk, Village
from tests.gateway.test_by_text import Texter

OLD, NEW, NEW_WRITTEN = make.phone(31), make.phone(41), "0990 000 041"
PHONE = "SELECT phone FROM people WHERE id = :id"
NOTED = "SELECT COUNT(*) FROM audit WHERE action = :action AND person_id = :id"


@pytest.fixture
def now() -> datetime:
    """This very day: carriers have no other clock."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class May:
    """A resident of Quảng Trung I, booked for eight o'clock in three days."""

    id: int
    booking: int
    code: str
    day: date
    page: str


@pytest.fixture
def may(db: Database, village: Village, now: datetime) -> May:
    day = today(now) + timedelta(days=3)
    with db.transaction() as tx:
        slot = make.event_with_slots(
            tx, hall_id=village.hall, starts=at_local(day, "08:00"), capacity=3
        ).slots[0]
        person = make.person(
            tx, number=31, name="Lý Thị Mẩy", hamlet_id=village.trung, now=to_ms(now)
        )
        booked = make.booking(tx, slot_id=slot, person_id=person, now=to_ms(now))
    return May(person, booked.id, booked.code, day, f"/staff/people/{person}")


def tomorrow_morning(now: datetime) -> datetime:
    """An hour at which a text may go, whenever the test runs."""
    return at_local(today(now) + timedelta(days=1), "09:00")


def texts(db: Database) -> list[Row]:
    with db.connection() as tx:
        return tx.all(
            text(
                "SELECT id, phone, kind, status, reason, booking_id, text FROM messages ORDER BY id"
            )
        )


def said(db: Database) -> list[tuple[str, str, str]]:
    return [(row.kind, row.phone, row.status) for row in texts(db)]


def queue(
    db: Database, may: May, status: str = "QUEUED", kind: str = "reminder_1d"
) -> None:
    with db.transaction() as tx:
        made = outbox.post(
            tx,
            kind=kind,  # type: ignore[arg-type]
            commune_id=1,
            phone=OLD,
            now=1,
            booking_id=may.booking,
            revision=1,
        )
        tx.run(
            text("UPDATE messages SET status = :status WHERE id = :id"),
            status=status,
            id=made,
        )


def send(db: Database, settings: Settings, moment: datetime) -> None:
    """Send all that waits, twice, so that a second text would show."""
    with db.transaction() as tx:
        tx.run(insert(installation).values(id=1, kind="demo", since=1))
    Sending(db, settings, lambda: moment).until_empty()


def test_a_new_number_keeps_person_booking_and_code_and_is_confirmed_once(
    xa: Clerk, may: May, db: Database, settings: Settings, now: datetime
) -> None:
    answer = xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    assert answer.status_code == 303
    assert "Tin xác nhận lịch đang gửi tới 0990 000 041" in xa.page
    assert may.code in xa.page
    assert xa.ask(PHONE, id=may.id) == NEW
    assert (
        xa.ask(
            "SELECT person_id FROM bookings WHERE id = :id AND status = 'booked'",
            id=may.booking,
        )
        == may.id
    )
    assert said(db) == [("booked", NEW, "QUEUED")]
    assert (
        xa.ask("SELECT detail FROM audit WHERE action = 'number'")
        == "+84990***031 → +84990***041"
    )

    send(db, settings, tomorrow_morning(now))
    (confirmed,) = texts(db)
    assert confirmed.status == "SENT"
    assert may.code in confirmed.text


def test_the_reminder_goes_to_the_new_number(
    xa: Clerk, may: May, db: Database, settings: Settings, now: datetime
) -> None:
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    eve = at_local(may.day - timedelta(days=1), "18:10")
    reminders.sweep(db, eve)
    send(db, settings, eve)
    reminded = [row for row in texts(db) if row.kind == "reminder_1d"]
    assert [
        (row.phone, row.status) for row in reminded if row.booking_id == may.booking
    ] == [(NEW, "SENT")]


def test_what_waits_for_the_old_number_goes_to_the_new_one_and_what_went_stays_as_proof(
    xa: Clerk, may: May, db: Database
) -> None:
    queue(db, may, "SENT", "booked")
    queue(db, may)
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    assert said(db) == [
        ("booked", OLD, "SENT"),
        ("reminder_1d", NEW, "QUEUED"),
        ("booked", NEW, "QUEUED"),
    ]


def test_a_confirmation_still_in_the_queue_is_not_said_twice(
    xa: Clerk, may: May, db: Database
) -> None:
    queue(db, may, kind="booked")
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    assert said(db) == [("booked", NEW, "QUEUED")]
    assert "Tin xác nhận lịch đang gửi" in xa.page


def test_a_text_that_a_sender_had_in_hand_meanwhile_is_not_sent_to_the_old_number_later(
    xa: Clerk, may: May, db: Database, settings: Settings, now: datetime
) -> None:
    queue(db, may, "SENDING")
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    with db.transaction() as tx:  # surely refused by the carrier, to be tried again
        tx.run(text("UPDATE messages SET status = 'QUEUED' WHERE status = 'SENDING'"))
    send(db, settings, tomorrow_morning(now))
    assert [(row.phone, row.status, row.reason) for row in texts(db)] == [
        (OLD, "SKIPPED", "number changed"),
        (NEW, "SENT", ""),
    ]


def test_whoever_dials_from_the_old_number_afterwards_sees_no_booking(
    app: Flask, xa: Clerk, may: May, db: Database
) -> None:
    old, new = Ussd(app.test_client(), OLD), Ussd(app.test_client(), NEW)
    assert may.code in old.dial()
    open_menu = old.press("3")
    assert may.code in open_menu or "8h00" in open_menu
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)

    for answer in (
        old.hop(old.typed),
        old.press("1"),
        old.press("1"),
        old.dial(),
        old.dial("1"),
        old.dial("3"),
    ):
        assert may.code not in answer
        assert "8h00" not in answer
    assert may.code not in Texter(app.test_client(), OLD).say("LICH")
    assert may.code not in Texter(app.test_client(), OLD).say(f"HUY {may.code}")
    assert may.code in new.dial()
    assert may.code in Texter(app.test_client(), NEW).say("LICH")
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=may.booking) == "booked"
    )


def test_a_number_that_is_somebody_elses_is_refused_and_says_whose(
    xa: Clerk, may: May, village: Village
) -> None:
    answer = xa.send(f"{may.page}/number", phone="0990000002")
    assert answer.status_code == 409
    assert f'<a href="/staff/people/{village.son}">Hoàng Văn Sơn</a>' in answer.text
    assert 'value="0990000002"' in answer.text  # what was typed is still there
    assert xa.ask(PHONE, id=may.id) == OLD
    assert xa.ask(PHONE, id=village.son) == make.phone(2)
    assert xa.ask(NOTED, action="number_refused", id=village.son) == 1
    assert xa.ask("SELECT COUNT(*) FROM messages") == 0


def test_a_number_somebody_once_dialled_from_passes_over(
    app: Flask, xa: Clerk, may: May, db: Database
) -> None:
    new = Ussd(app.test_client(), NEW)
    assert new.dial("4", "1", "1", "1").startswith("END Da ghi"), (
        "asked to be called, said where, and agreed"
    )
    with db.transaction() as tx:
        once = people.ensure(tx, commune_id=1, phone=NEW, now=1, origin="self").id
        facts.note(tx, once, "handset", "self", "2g", 1)
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    assert xa.ask(PHONE, id=may.id) == NEW
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM people WHERE id = :id AND phone IS NULL AND erased_at > 0",
            id=once,
        )
        == 1
    )
    assert xa.ask("SELECT COUNT(*) FROM facts WHERE person_id = :id", id=once) == 0
    assert xa.ask("SELECT answer FROM consents WHERE person_id = :id", id=once) == "1"
    assert xa.ask("SELECT person_id FROM requests WHERE state = 'open'") == may.id
    assert xa.get(f"/staff/people/{once}").status_code == 404
    assert may.code in new.dial()


@pytest.mark.parametrize("what", ["booked", "waiting", "counted", "household"])
def test_a_nameless_number_that_something_hangs_on_is_not_taken_away(
    xa: Clerk, may: May, village: Village, db: Database, now: datetime, what: str
) -> None:
    with db.transaction() as tx:
        home = make.household(tx, village.trung) if what == "household" else None
        other = make.person(tx, number=41, household_id=home)
        if what == "booked":
            make.booking(
                tx, slot_id=village.event.slots[1], person_id=other, now=to_ms(now)
            )
        if what == "waiting":
            make.promised(
                tx,
                slot_id=village.event.slots[0],
                person_id=other,
                status="waiting",
                now=to_ms(now),
            )
    if what == "counted":
        xa.post(
            f"/staff/people/{other}/log",
            indicator="sim_4g",
            form_key="a-form-key-of-numbers",
        )
    assert xa.send(f"{may.page}/number", phone=NEW_WRITTEN).status_code == 409
    assert xa.ask(PHONE, id=other) == NEW


@pytest.mark.parametrize("what", ["advert", "remind", "all"])
def test_whoever_wanted_no_texts_gets_none_at_the_new_number(
    xa: Clerk, may: May, db: Database, settings: Settings, what: stops.What
) -> None:
    who_old, who_new = (
        identity.who(settings.privacy_key, phone) for phone in (OLD, NEW)
    )
    with db.transaction() as tx:
        stops.refuse(tx, who_old, what, 7)
        stops.refuse(tx, who_old, "dnc", 7)  # a list of numbers, not of people
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    with db.connection() as tx:
        assert stops.refused(tx, who_new) == {what}
        assert stops.refused(tx, who_old) == {what, "dnc"}


def test_the_form_sent_twice_changes_and_says_it_once(
    xa: Clerk, may: May, db: Database
) -> None:
    for _ in range(2):
        assert xa.post(f"{may.page}/number", phone=NEW_WRITTEN).status_code == 303
    assert "Đã lưu." in xa.page
    assert said(db) == [("booked", NEW, "QUEUED")]
    assert xa.ask(NOTED, action="number", id=may.id) == 1


def test_the_form_sent_twice_at_once_changes_and_says_it_once(
    xa: Clerk, may: May, db: Database, settings: Settings
) -> None:
    xa.token()
    with ThreadPoolExecutor(1) as pool, db.connection() as tx:
        tx.begin()
        assert numbers.change(
            tx, may.id, NEW, now=1, privacy_key=settings.privacy_key
        ).done
        again = pool.submit(xa.send, f"{may.page}/number", phone=NEW_WRITTEN)
        sleep(0.5)  # the second has come, and waits for the first
        tx.commit()
        assert again.result().status_code == 303
    assert said(db) == [("booked", NEW, "QUEUED")]
    assert xa.ask(NOTED, action="number", id=may.id) == 0


def test_a_number_that_dials_for_the_first_time_at_that_very_moment_is_no_server_error(
    xa: Clerk, may: May, db: Database
) -> None:
    xa.token()
    with ThreadPoolExecutor(1) as pool, db.connection() as tx:
        tx.begin()
        people.ensure(tx, commune_id=1, phone=NEW, now=1, origin="self")
        sent = pool.submit(xa.send, f"{may.page}/number", phone=NEW_WRITTEN)
        sleep(0.5)  # the desk has looked, and waits for this transaction
        tx.commit()
        assert sent.result().status_code == 303
    assert xa.ask(PHONE, id=may.id) == NEW


def test_without_any_number_the_booking_stands_and_nothing_is_sent(
    xa: Clerk, may: May, db: Database
) -> None:
    queue(db, may)
    xa.post(f"{may.page}/number", phone="")
    assert "Đã bỏ số" in xa.page
    assert "không còn số điện thoại" in xa.get("/staff/messages/").text
    assert xa.ask(PHONE, id=may.id) is None
    assert [(row.status, row.reason) for row in texts(db)] == [
        ("SKIPPED", "no number any more")
    ]
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=may.booking) == "booked"
    )
    assert (
        xa.ask("SELECT detail FROM audit WHERE action = 'number'") == "+84990***031 → –"
    )
    xa.post(f"{may.page}/number", phone=NEW_WRITTEN)
    assert said(db)[1:] == [("booked", NEW, "QUEUED")]


def test_who_has_nothing_to_come_gets_no_text(
    xa: Clerk, village: Village, db: Database
) -> None:
    with db.transaction() as tx:
        idle = make.person(tx, number=32, name="Vi Văn Tư", hamlet_id=village.trung)
    xa.post(f"/staff/people/{idle}/number", phone=NEW_WRITTEN)
    assert "Đã đổi số. Từ nay" in xa.page
    assert texts(db) == []


def test_what_is_no_mobile_number_is_refused_and_stays_in_the_form(
    xa: Clerk, may: May
) -> None:
    answer = xa.send(f"{may.page}/number", phone="02053812345")
    assert answer.status_code == 400
    assert "không phải số di động" in answer.text
    assert 'value="02053812345"' in answer.text
    assert xa.ask(PHONE, id=may.id) == OLD


def test_a_hamlet_head_changes_numbers_of_their_own_hamlet_and_learns_of_no_other(
    thon: Clerk, may: May, village: Village
) -> None:
    assert (
        thon.send(f"/staff/people/{village.son}/number", phone=NEW_WRITTEN).status_code
        == 404
    )
    assert thon.ask(PHONE, id=village.son) == make.phone(2)
    answer = thon.send(f"{may.page}/number", phone="0990000002")
    assert answer.status_code == 409
    assert "Nhờ cán bộ xã xem giúp" in answer.text
    assert "Sơn" not in answer.text
    assert thon.ask(NOTED, action="number_refused", id=village.son) == 1
    assert thon.post(f"{may.page}/number", phone=NEW_WRITTEN).status_code == 303
    assert thon.ask(PHONE, id=may.id) == NEW


def test_who_only_reads_progress_may_not(
    signed_in: Callable[[str], Clerk], may: May
) -> None:
    reader = signed_in("xem")
    assert reader.send(f"{may.page}/number", phone=NEW_WRITTEN).status_code == 403
    assert reader.ask(PHONE, id=may.id) == OLD


def test_what_texts_somebody_refused_stands_on_their_page(xa: Clerk, may: May) -> None:
    assert "đã xin ngừng" not in xa.get(may.page).get_data(as_text=True)
    resident = Texter(xa.app.test_client(), phone=OLD)
    resident.say("TC NHAC")
    assert "Số này đã xin ngừng tin nhắc lịch." in xa.get(may.page).get_data(
        as_text=True
    )
    resident.say("TC DV")
    assert "Số này đã xin ngừng mọi tin." in xa.get(may.page).get_data(as_text=True)
