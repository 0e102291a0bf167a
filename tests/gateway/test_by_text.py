"""Residents who text: one line does it, the answer is the confirmation, and what was
meant is asked, not guessed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.store.engine import Database, to_ms
from db.texts import outbox
from menus import days
from menus.fitting import cost
from settings import Settings
from tests import factories
from tests.gateway.carriers import PHONE, halls, serving

_ids = itertools.count(1)


class Texter:
    def __init__(self, client: FlaskClient, phone: str = PHONE) -> None:
        self.client, self.phone = client, phone
        self.sent: list[str] = []
        self.got: list[str] = []

    def say(self, body: str) -> str:
        self.sent.append(body)
        form = {"from": self.phone, "text": body, "id": f"text-{next(_ids)}"}
        self.got.append(self.client.post("/sms/simulator", data=form).text)
        return self.got[-1]


@pytest.fixture
def texter(db: Database, settings: Settings) -> Iterator[Texter]:
    halls(db)
    with serving(settings) as app:
        yield Texter(app.test_client())


def event_day() -> str:
    """The day of the event that `halls` makes, as residents write it."""
    day = days.today(datetime.now(UTC)) + timedelta(days=3)
    return f"{day.day}/{day.month}"


def code_in(said: str) -> str:
    found = re.search(r"\b\d{5}\b", said)
    assert found, said
    return found[0]


def standing(db: Database) -> list[str]:
    with db.connection() as tx:
        return [
            row.code
            for row in tx.all(text("SELECT code FROM bookings WHERE status = 'booked'"))
        ]


def test_the_ordinary_booking_takes_two_texts_and_two_parts(
    texter: Texter, db: Database
) -> None:
    asked = texter.say(f"DL quang trung 1 {event_day()} 8h")
    assert asked.startswith("Dat 8h00 "), asked
    confirmed = texter.say("ok")
    assert (
        confirmed.startswith("Xa Quang Lac: Da dat lich 8h00 ")
        or "Da dat lich 8h00" in confirmed
    )
    assert standing(db) == [code_in(confirmed)]
    assert len(texter.sent) <= 2
    assert sum(cost(said).parts for said in texter.got) <= 2
    with db.connection() as tx:
        queued = tx.value(text("SELECT COUNT(*) FROM messages WHERE status = 'QUEUED'"))
    assert queued == 0, "the answer was the confirmation: no second text"


def test_another_hour_in_one_line_with_the_code(texter: Texter, db: Database) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("co"))
    moved = texter.say(f"DOI {code} 9h")
    assert moved.startswith("Da doi lich sang 9h00"), moved
    assert standing(db) == [code]


def test_without_the_code_the_change_is_asked_for(texter: Texter, db: Database) -> None:
    texter.say(f"DL {event_day()} 8h")
    texter.say("1")
    assert texter.say("doi lich sang 9h").startswith("Doi lich sang 9h00")
    assert texter.say("uh").startswith("Da doi lich")


def test_a_seat_cancelled_by_mistake_is_taken_back(
    texter: Texter, db: Database
) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("1"))
    assert texter.say(f"HUY {code}").startswith("Da huy lich")
    assert standing(db) == []
    assert "Da dat lich 8h00" in texter.say("LAI")
    assert standing(db) == [code], "the code that was written down is good again"


def test_a_bare_cancel_is_asked_once_and_no_means_no(
    texter: Texter, db: Database
) -> None:
    texter.say(f"DL {event_day()} 8h")
    texter.say("1")
    assert texter.say("huy").startswith("Huy lich 8h00")
    assert texter.say("k").startswith("Van giu lich")
    assert len(standing(db)) == 1


@pytest.mark.parametrize(
    "said",
    [
        "khong huy nhe",
        "toi la Huy",
        "huy roi ma",
        "Huy: soan HUY 48315 gui 2404.",
        "Huy: nhan HUY 48315 gui 2404.",
    ],
)
def test_what_only_sounds_like_a_cancellation_cancels_nothing(
    texter: Texter, db: Database, said: str
) -> None:
    texter.say(f"DL {event_day()} 8h")
    texter.say("1")
    texter.say(said)
    assert len(standing(db)) == 1


def test_cancel_with_nothing_booked_asks_what_is_to_stop(
    texter: Texter, db: Database
) -> None:
    texter.say("xin chao")
    asked = texter.say("huy het")
    assert "Ngung moi tin nhan" in asked, asked
    assert "giu nguyen" in asked
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM stops")) == 0


def test_stopping_is_confirmed_with_the_hour_and_can_be_undone(
    texter: Texter, db: Database
) -> None:
    told = texter.say("TC DV")
    assert re.match(r"Da nhan luc \d{1,2}h\d\d", told), told
    with db.connection() as tx:
        assert tx.value(text("SELECT what FROM stops")) == "all"
    assert not texter.say("TC DV").startswith("Da nhan luc"), (
        "confirmed once, and once only"
    )
    texter.say("START")
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM stops")) == 0


def test_dk_is_no_consent_where_nobody_asked(texter: Texter, db: Database) -> None:
    texter.say("xin chao")
    texter.say("dk")
    texter.say("dk")
    assert standing(db) == []


def test_what_nobody_understands_is_on_the_list_for_staff(
    texter: Texter, db: Database
) -> None:
    texter.say("xin chao")
    texter.say("licj")
    with db.connection() as tx:
        listed = [
            row.text
            for row in tx.all(
                text("SELECT text FROM messages WHERE understood = false")
            )
        ]
    assert "licj" in listed


def test_a_day_or_an_hour_that_is_not_to_be_had_is_said(texter: Texter) -> None:
    assert texter.say("DL 1/1 8h").startswith("T6 1/1 khong co buoi. Gan nhat: ")
    assert texter.say(f"DL {event_day()} 15h").startswith(
        "Khong co gio do, hoac da het cho."
    )


def test_stopping_adverts_after_stopping_everything_does_not_promise_texts(
    texter: Texter,
) -> None:
    texter.say("TC DV")
    assert "van gui" not in texter.say("STOP")


def test_whoever_books_again_after_stopping_agrees_to_be_reminded(
    texter: Texter, db: Database
) -> None:
    texter.say("TC DV")
    texter.say(f"DL {event_day()} 8h")
    texter.say("ok")
    with db.connection() as tx:
        assert [row.what for row in tx.all(text("SELECT what FROM stops"))] == [
            "advert"
        ]


def test_coming_is_heard_whatever_list_is_open(texter: Texter, db: Database) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("1"))
    texter.say("LICH")
    assert "Cam on" in texter.say(f"CO {code}")
    with db.connection() as tx:
        assert (
            tx.value(text("SELECT COUNT(*) FROM bookings WHERE coming_at IS NOT NULL"))
            == 1
        )


def reminded(db: Database) -> None:
    """The reminder of the one booking leaves, a minute from now."""
    later = to_ms(datetime.now(UTC) + timedelta(minutes=1))
    with db.transaction() as tx:
        booking = tx.value(text("SELECT id FROM bookings"))
        commune = tx.value(text("SELECT commune_id FROM events LIMIT 1"))
        made = outbox.post(
            tx,
            kind="reminder_1d",
            commune_id=commune,
            phone=PHONE,
            now=later,
            booking_id=booking,
            once="reminded",
        )
        tx.run(
            text("UPDATE messages SET status = 'SENT', sent_at = :at WHERE id = :id"),
            at=later,
            id=made,
        )


def test_a_reminder_closes_the_question_of_the_morning(
    texter: Texter, db: Database
) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("1"))
    assert "Huy lich" in texter.say("HUY")
    reminded(db)
    texter.say("co")
    assert standing(db) == [code], (
        "co says that they come, not that the booking is given up"
    )
    with db.connection() as tx:
        assert (
            tx.value(text("SELECT COUNT(*) FROM bookings WHERE coming_at IS NOT NULL"))
            == 1
        )


def test_a_first_text_that_could_mean_two_things_is_asked_about(texter: Texter) -> None:
    assert "huy" in texter.say("huy").lower().replace("hủy", "huy").partition("1.")[0]


def test_nhan_once_more_says_what_became_of_it(texter: Texter, db: Database) -> None:
    call = {
        "sessionId": "drop-1",
        "phoneNumber": PHONE,
        "serviceCode": "*2404#",
        "text": "",
    }
    for keys in ("", "2", "2*1", "2*1*1", "2*1*1*1"):
        said = texter.client.post("/ussd/simulator", data={**call, "text": keys}).text
        if "Chon 1 la dong y" in said:
            break
    with db.connection() as tx:
        kept = tx.value(text("SELECT code FROM bookings WHERE status = 'held'"))
    first, again = texter.say(f"NHAN {kept}"), texter.say(f"NHAN {kept}")
    assert standing(db) == [kept]
    assert f"Ma {kept}" in first and f"Ma {kept}" in again


def test_a_seat_that_was_kept_for_somebody_else_is_taken_for_them(
    texter: Texter, db: Database
) -> None:
    call = {"sessionId": "drop-2", "phoneNumber": PHONE, "serviceCode": "*2404#"}
    keys, said = (
        "",
        texter.client.post("/ussd/simulator", data={**call, "text": ""}).text,
    )
    for key in ("2", *"111"):
        if "Chon 1 la dong y" in said:
            break
        keys = f"{keys}*{key}".strip("*")
        said = texter.client.post("/ussd/simulator", data={**call, "text": keys}).text
    for key in ("3", "Ba Ngoai"):  # the call drops at the question for her number
        keys = f"{keys}*{key}"
        texter.client.post("/ussd/simulator", data={**call, "text": keys})
    with db.connection() as tx:
        kept = tx.value(text("SELECT code FROM bookings WHERE status = 'held'"))
    assert "cho Ba Ngoai" in texter.say(f"NHAN {kept}")


def test_a_day_beyond_those_a_screen_lists_is_found_by_text(
    texter: Texter, db: Database
) -> None:
    far = datetime.now(UTC) + timedelta(days=20)
    with db.transaction() as tx:
        hall = factories.hall(tx, name="NVH Quảng Liên III")
        for ahead in range(4, 21):
            starts = days.at_local(
                days.today(datetime.now(UTC) + timedelta(days=ahead)), "08:00"
            )
            factories.event_with_slots(tx, hall_id=hall, starts=starts)
    day = days.today(far)
    assert f"Dat 8h00 {days.short_day(day, 'vi')}" in texter.say(
        f"DL {day.day}/{day.month} 8h"
    )


def test_a_line_for_three_keeps_three_seats_before_it_is_confirmed(
    texter: Texter, db: Database
) -> None:
    assert "cho 3 nguoi" in texter.say(f"DL 3 nguoi Q.Trung I {event_day()} 8h")
    with db.connection() as tx:
        assert tx.value(text("SELECT places FROM bookings WHERE status = 'held'")) == 3


def test_a_code_names_its_booking_whatever_list_is_open_and_the_question_says_whose_it_is(
    texter: Texter, db: Database
) -> None:
    texter.say(f"DL {event_day()} 8h")
    mine = code_in(texter.say("1"))
    for said in ("LICH", "dat ho", "Lo Thi Mai", "khong co", "1", "2"):
        last = texter.say(said)
    hers = code_in(texter.say("1"))
    assert "cho Lo Thi Mai" in last and hers != mine
    assert mine in texter.say(f"LICH {mine}")
    assert "Nhan so dong" in texter.say(f"DOI {hers}")
    assert (
        texter.say("1").startswith("T")
        and "8h00" not in texter.got[-1].split("\n", 1)[0]
    )
    assert "Doi lich cho Lo Thi Mai sang" in texter.say("2")
    assert hers in texter.say("1")
    assert mine in texter.say("00") and hers in texter.say(f"LICH {hers}")


def test_a_wrong_code_leads_to_the_booking_there_is(texter: Texter) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("1"))
    said = texter.say("HUY 11111")
    assert said.startswith("Khong thay ma nay") and "1. Xem lich\n2. Dat lich" in said
    assert code in texter.say("1")


def test_a_slip_in_the_code_of_an_offer_asks_again_and_loses_nothing(
    texter: Texter, db: Database
) -> None:
    with db.transaction() as tx:
        now = to_ms(datetime.now(UTC))
        me = tx.value(text("SELECT id FROM people WHERE phone = :phone"), phone=PHONE)
        slot = tx.value(text("SELECT MIN(id) FROM slots"))
        factories.promised(
            tx,
            slot_id=slot,
            person_id=me,
            status="offered",
            now=now,
            until=now + 3_600_000,
            code="48315",
        )
    assert texter.say("xin chao").startswith("Co cho")
    assert texter.say("NHAN 48316").startswith("Co cho"), "it is still kept"
    assert "Ma 48315" in texter.say("NHAN 48315")
    assert standing(db) == ["48315"]


def test_a_torn_no_with_the_code_gives_nothing_up(texter: Texter, db: Database) -> None:
    texter.say(f"DL {event_day()} 8h")
    code = code_in(texter.say("1"))
    assert texter.say("HUY").startswith("Huy lich")
    texter.say(f"Khong. Huy {code}")
    assert standing(db) == [code]


def test_a_family_kept_when_the_call_dropped_is_named_anew_when_one_of_them_has_a_time(
    texter: Texter, db: Database
) -> None:
    texter.say(f"DL {event_day()} 8h")
    texter.say("dat ho")
    for said in ("Ba Ngoai", "khong co"):
        texter.say(said)
    code_in(texter.say("1"))
    call = {"sessionId": "drop-3", "phoneNumber": PHONE, "serviceCode": "*2404#"}
    for keys in ("", "2", "2*1", "2*1*1", "2*1*1*2", "2*1*1*2*3", "2*1*1*2*3*Ba Ngoai"):
        last = texter.client.post("/ussd/simulator", data={**call, "text": keys}).text
    assert "nguoi thu 3 trong 3 nguoi" in last
    with db.connection() as tx:
        kept = tx.value(text("SELECT code FROM bookings WHERE status = 'held'"))
    said = texter.say(f"NHAN {kept}")
    assert said.startswith("Trong so nguoi cung di"), said
    assert "nguoi thu 2 trong 3 nguoi" in texter.say("1")
    for name in ("Ba Noi", "Be Na"):
        last = texter.say(name)
    assert "cho 3 nguoi" in last
    assert "cho 3 nguoi" in texter.say("1")
