"""Forgetting a resident: what goes, what stays as a bare number, and what goes by
itself with time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text

from db.changes import numbers
from db.models import messages, metadata, sessions, staff
from db.models.states import RequestKind, RequestState
from db.office import audit, sent_forms
from db.office.sent_forms import Sent
from db.places import plan
from db.privacy import erasure, retention
from db.progress import conversions
from db.register import identity
from db.register.people import ensure
from db.requests import asked, opinions, work
from db.seats import bookings, holds
from db.store.engine import Database, Tx, from_ms, to_ms
from db.texts import wishes
from tests import factories as make

KEY = "a key of the tests"
DAY = 24 * 3_600_000


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def post(tx: Tx, at: int, **more: object) -> int:
    row = {
        "commune_id": 1,
        "direction": "out",
        "phone": make.phone(1),
        "kind": "booked",
        "class": "notice",
        "priority": 1,
        "status": "QUEUED",
        "made_at": at,
        "not_before": at,
        "text": "Da dat lich",
        **more,
    }
    return int(tx.value(insert(messages).values(row).returning(messages.c.id)))


def everything(tx: Tx) -> str:
    """Every row of every table, so that none is forgotten here; but the register of
    wishes, which keeps what was agreed to as proof, under an HMAC and with names masked
    (tests/db/test_wishes.py).
    """
    tables = [table for table in metadata.tables if table != "wishes"]
    return "\n".join(
        str(row) for table in tables for row in tx.all(text(f"SELECT * FROM {table}"))
    )


def test_an_erased_resident_leaves_counts_and_nothing_that_names_them(
    db: Database, now: datetime, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        person = make.person(
            tx,
            number=1,
            name="Lý Thị Mẫu",
            hamlet_id=hamlet,
            household_id=home,
            handset="2g",
        )
        hall = make.hall(tx, hamlet)
        past = make.event_with_slots(
            tx, hall_id=hall, starts=now - timedelta(days=3)
        ).slots[0]
        attended = make.booking(tx, slot_id=past, person_id=person, now=at - 4 * DAY)
        tx.run(text("UPDATE bookings SET status = 'attended'"))
        future = make.event_with_slots(
            tx, hall_id=hall, starts=now + timedelta(days=3)
        ).slots[0]
        booking = make.booking(tx, slot_id=future, person_id=person, now=at)
        waiting = post(tx, at, booking_id=booking.id, revision=1)
        said = post(
            tx,
            at,
            direction="in",
            status="RECEIVED",
            text="KT toi la Ly Thi Mau",
            kind="said",
        )
        make.agreed(tx, KEY, person, number=1, answer="DONG Y", now=at)
        tx.run(
            insert(sessions).values(
                phone=make.phone(1), channel="ussd", version=1, data="{}", at=at
            )
        )
        for indicator in ("sim_4g", "handset_volte"):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=person,
                at=at,
                staff_id=None,
            )
        for indicator, subject in (("app_citizen", person), ("tv360", home)):
            made = conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=subject,
                at=at,
                staff_id=None,
            )
            assert made is not None
            conversions.undo(
                tx,
                conversion_id=made,
                at=at,
                staff_id=None,
                reason="nhầm với bà Lý Thị Mẫu",
            )
        before = tx.all(text("SELECT * FROM tallies ORDER BY indicator_id"))
        plan.note(
            tx,
            1,
            words="Đến nhà bà Lý Thị Mẫu trước.",
            day="2024-04-12",
            today="2024-04-12",
            indicator="",
            staff_id=make.staff(tx),
            form_key="a-form-key",
            now=at,
        )

        done = erasure.erase(tx, KEY, make.phone(1), at)

        assert done == erasure.Erased(1, 1, 2, 1, 3, 1, 4)
        for trace in ("990000001", "Mẫu", "ly thi mau", "DONG Y", "Ly Thi Mau"):
            assert trace not in everything(tx)
        assert tx.all(text("SELECT * FROM tallies ORDER BY indicator_id")) == before
        assert conversions.recount(tx) == []
        statuses = dict(tx.all(text("SELECT id, status FROM bookings")))
        assert statuses == {attended.id: "attended", booking.id: "cancelled"}
        reasons = {
            row.id: (row.status, row.reason)
            for row in tx.all(text("SELECT id, status, reason FROM messages"))
        }
        assert reasons == {waiting: ("SKIPPED", "erased"), said: ("RECEIVED", "")}
        assert tx.value(text("SELECT count(*) FROM stops WHERE what = 'erased'")) == 1
        assert tx.value(text("SELECT action FROM audit")) == "erased"


def test_what_an_erased_resident_asked_for_and_said_names_nobody(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person, child = (
            make.person(tx, number=1, name="Lý Thị Mẫu"),
            make.person(tx, number=2),
        )
        clerk = make.staff(tx)
        own = asked.Wanted(
            RequestKind.VISIT, person, words="nha Ly Thi Mau", for_name="Vi Văn Tư"
        )
        made = asked.ask(tx, own, commune_id=1, now=at)
        asked.ask(tx, own, commune_id=1, now=at)
        work.note(
            tx, made.id, staff_id=clerk, words="bà Mẫu đi vắng", now=at, form_key=None
        )
        ended = asked.ask(
            tx,
            asked.Wanted(RequestKind.QR, person, words="Mẫu xin"),
            commune_id=1,
            now=at,
        )
        work.end(
            tx,
            ended.id,
            RequestState.DONE,
            answer="đưa cho Mẫu",
            staff_id=clerk,
            now=at,
        )
        for_them = asked.Wanted(
            RequestKind.NO_PHONE,
            child,
            words="cho Mẫu",
            for_name="Lý Thị Mẫu",
            for_phone=make.phone(1),
        )
        asked.ask(tx, for_them, commune_id=1, now=at)
        number = opinions.keep(
            tx, opinions.Said("Mẫu góp ý", person), commune_id=1, now=at
        )
        opinions.answer(
            tx,
            opinions.numbered(tx, number, commune_id=1),
            words="chào Mẫu",
            staff_id=clerk,
            now=at,
        )

        erasure.erase(tx, KEY, make.phone(1), at)

        for trace in ("990000001", "Mẫu", "Ly Thi Mau", "ly thi mau", "Vi Văn Tư"):
            assert trace not in everything(tx)
        states = [
            row.state
            for row in tx.all(text("SELECT state FROM requests ORDER BY number"))
        ]
        assert states == ["withdrawn", "done", "open"], (
            "what their child asked for is still to be done"
        )
        assert (
            tx.value(
                text(
                    "SELECT COUNT(*) FROM opinions WHERE person_id IS NULL AND answered_at IS NOT NULL"
                )
            )
            == 1
        )


def test_a_booking_whose_day_has_passed_is_history_and_not_cancelled(
    db: Database, now: datetime, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        slot = make.event_with_slots(
            tx, hall_id=make.hall(tx), starts=now - timedelta(hours=2)
        ).slots[0]
        make.booking(tx, slot_id=slot, person_id=person, now=at - DAY)
        assert erasure.erase(tx, KEY, make.phone(1), at).bookings_cancelled == 0
        assert tx.value(text("SELECT status FROM bookings")) == "booked"


def test_a_household_held_back_by_an_erased_2g_phone_counts_from_then_on(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        moved = make.person(tx, number=1, hamlet_id=hamlet, household_id=home)
        make.person(tx, number=2, hamlet_id=hamlet, household_id=home, handset="2g")
        for indicator in ("sim_4g", "handset_volte"):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=moved,
                at=at,
                staff_id=None,
            )
        erasure.erase(tx, KEY, make.phone(2), at)
        assert conversions.recount(tx) == []
        counted = text("SELECT count(*) FROM counted WHERE indicator_id = :indicator")
        assert (
            tx.value(counted, indicator=make.indicator(tx, "converted_household")) == 1
        )


def test_erasing_again_or_a_stranger_only_keeps_the_wish(db: Database, at: int) -> None:
    with db.transaction() as tx:
        assert erasure.erase(tx, KEY, make.phone(9), at) == erasure.Erased()
        assert erasure.erase(tx, KEY, make.phone(9), at) == erasure.Erased()
        assert tx.value(text("SELECT who FROM stops")) == identity.who(
            KEY, make.phone(9)
        )


def test_a_suppressed_number_cannot_be_told_without_the_key() -> None:
    assert identity.who(KEY, make.phone(1)) != identity.who(
        "another key", make.phone(1)
    )
    assert identity.who(KEY, make.phone(1)) != identity.who(KEY, make.phone(2))
    assert len(identity.who(KEY, make.phone(1))) == 64


def test_what_is_old_enough_is_let_go_and_the_rest_stays(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        for number, age in ((1, DAY - 1), (2, DAY + 1)):
            tx.run(
                insert(sessions).values(
                    phone=make.phone(number),
                    channel="sms",
                    version=1,
                    data="{}",
                    at=at - age,
                )
            )
            tx.run(
                text("INSERT INTO sign_ins (who, at) VALUES ('x', :at)"), at=at - age
            )
        member = make.insert_row(
            tx,
            staff,
            commune_id=make.COMMUNE,
            username="xa",
            password="",
            role="commune",
            made_at=at,
        )
        for digest, age in (("new", 7 * DAY - 1), ("old", 7 * DAY + 1)):
            sent = Sent(digest, make.COMMUNE, member, "staff.book")
            assert sent_forms.claim(tx, sent, at - age)
        fresh_in = post(
            tx, at - 30 * DAY + 1, direction="in", status="RECEIVED", kind="said"
        )
        old_in = post(
            tx, at - 30 * DAY - 1, direction="in", status="RECEIVED", kind="said"
        )
        proof = post(tx, at - 365 * DAY, status="DELIVERED")
        past_proof = post(tx, at - 367 * DAY, status="DELIVERED")
        for age in (365, 367):
            make.agreed(tx, KEY, person, number=1, now=at - 800 * DAY, answer="OK")
            wishes.withdraw(
                tx, identity.who(KEY, make.phone(1)), person, "booking", at - age * DAY
            )

        expected = {
            "sessions": 1,
            "held_texts": 0,
            "holds": 0,
            "never_agreed": 0,
            "strangers": 0,
            "texts_in": 1,
            "lessons": 0,
            "messages": 1,
            "consents": 1,
            "only_parents": 0,
            "parents": 0,
            "visits": 0,
            "round_homes": 0,
            "wishes": 1,
            "sign_ins": 1,
            "sent_forms": 1,
            "requests": 0,
            "opinions": 0,
        }
        assert retention.let_go(tx, at) == expected

        kept = {
            row.id: (row.phone, row.text)
            for row in tx.all(text("SELECT id, phone, text FROM messages"))
        }
        assert kept[fresh_in] == kept[proof] == (make.phone(1), "Da dat lich")
        assert kept[old_in] == (make.phone(1), "")
        assert kept[past_proof] == ("", "")
        assert retention.let_go(tx, at) == dict.fromkeys(retention.let_go(tx, at), 0)


def test_what_a_stranger_texted_is_dropped_after_a_day_and_a_known_persons_is_not(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        make.person(tx, number=1)
        known = post(tx, at - 2 * DAY, direction="in", status="RECEIVED", kind="said")
        stranger = post(
            tx,
            at - 2 * DAY,
            direction="in",
            status="RECEIVED",
            kind="said",
            phone=make.phone(2),
        )
        today = post(
            tx,
            at - DAY // 2,
            direction="in",
            status="RECEIVED",
            kind="said",
            phone=make.phone(2),
        )
        assert retention.let_go(tx, at)["strangers"] == 1
        kept = {
            row.id: row.phone for row in tx.all(text("SELECT id, phone FROM messages"))
        }
    assert kept == {known: make.phone(1), stranger: "", today: make.phone(2)}


def test_who_kept_a_seat_and_never_agreed_is_forgotten_after_a_day_and_who_agreed_is_not(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        slot = make.event_with_slots(
            tx, hall_id=make.hall(tx, hamlet), starts=from_ms(at + DAY), capacity=2
        ).slots[0]
        caller, agreeing = (
            ensure(
                tx,
                commune_id=1,
                phone=make.phone(number),
                now=at - 2 * DAY,
                origin="self",
            ).id
            for number in (1, 2)
        )
        make.agreed(
            tx, KEY, agreeing, number=2, channel="ussd", answer="1", now=at - 2 * DAY
        )
        for person in (caller, agreeing):
            held = holds.hold(
                tx,
                slot_id=slot,
                booker_id=person,
                places=1,
                now=at - 2 * DAY,
                origin="ussd",
            )
            post(tx, at - 2 * DAY, status="SENT", kind="held", booking_id=held.id)
        done = retention.let_go(tx, at)
        assert (done["holds"], done["held_texts"], done["never_agreed"]) == (2, 2, 1)
        assert [row.id for row in tx.all(text("SELECT id FROM people"))] == [agreeing]
        assert tx.value(text("SELECT count(*) FROM bookings")) == 0


def test_who_changed_the_number_is_erased_from_the_old_one_too_and_a_guests_own_text_stays(
    db: Database, now: datetime, at: int
) -> None:
    with db.transaction() as tx:
        person, guest = (
            make.person(tx, number=1, name="Lý Thị Mẫu"),
            make.person(tx, number=2, name="Vi Văn Tư"),
        )
        slot = make.event_with_slots(
            tx, hall_id=make.hall(tx), starts=now + timedelta(days=3), capacity=2
        ).slots[0]
        own = make.booking(tx, slot_id=slot, person_id=person, now=at)
        for_guest = bookings.book(
            tx, slot_id=slot, person_id=guest, booker_id=person, now=at, origin="ussd"
        )
        post(tx, at, booking_id=own.id, status="SENT")
        to_guest = post(
            tx, at, booking_id=for_guest.id, status="SENT", phone=make.phone(2)
        )
        numbers.change(tx, person, make.phone(3), now=at, privacy_key=KEY)
        audit.note(
            tx,
            at=at,
            staff_id=None,
            action="number",
            person_id=person,
            detail="+84990***001 → +84990***003",
        )
        erasure.erase(tx, KEY, make.phone(3), at)
        for trace in ("990000001", "990000003", "***"):
            assert trace not in everything(tx)
        assert tx.value(
            text("SELECT phone FROM messages WHERE id = :id"), id=to_guest
        ) == make.phone(2)


def test_what_was_sent_to_a_number_that_changed_stays_as_a_sending_record(
    db: Database, now: datetime, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1, name="Lý Thị Mẫu")
        slot = make.event_with_slots(
            tx, hall_id=make.hall(tx), starts=now + timedelta(days=3)
        ).slots[0]
        booking = make.booking(tx, slot_id=slot, person_id=person, now=at)
        sent = post(tx, at - 2 * DAY, booking_id=booking.id, status="SENT")
        typed = post(tx, at - 2 * DAY, direction="in", status="RECEIVED", kind="said")
        numbers.change(tx, person, make.phone(3), now=at, privacy_key=KEY)
        retention.let_go(tx, at)
        kept = {
            row.id: row.phone for row in tx.all(text("SELECT id, phone FROM messages"))
        }
    assert (kept[sent], kept[typed]) == (make.phone(1), "")
