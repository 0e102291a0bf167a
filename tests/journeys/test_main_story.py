"""The main job over real HTTP, with real processes, on both engines: book, be reminded,
come, be counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from db import demo
from db.store.engine import Database, connect, from_ms, to_ms
from db.store.statements import Row
from menus import days
from tests.journeys.desk import Clerk
from tests.journeys.servers import Phone, Web, clock, environment, web

TWILIO: dict[str, Any] = {
    "SMS_CARRIERS": "twilio",
    "PUBLIC_URL": "http://localhost:8443",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "a made-up token",
    "TWILIO_FROM": "+84990000999",
}
SERVED = text(
    "SELECT p.id, p.phone, p.hamlet_id FROM people p JOIN facts f ON f.person_id = p.id AND f.kind = 'handset'"
    " WHERE f.value = '2g' AND p.phone IS NOT NULL AND p.household_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
    "  WHERE c.subject_id = p.id AND i.subject = 'person')"
    " AND NOT EXISTS (SELECT 1 FROM people o WHERE o.household_id = p.household_id AND o.id <> p.id)"
    " ORDER BY p.id LIMIT 1"
)
BOOKING = text(
    "SELECT b.id, b.code, b.status, b.person_id, s.starts_at, e.day FROM bookings b JOIN slots s ON s.id = b.slot_id"
    " JOIN events e ON e.id = s.event_id WHERE b.person_id = :person AND b.status NOT IN ('held', 'taken')"
)
HAMLETS_NUMBER = text(
    "SELECT COALESCE(SUM(t.count), 0) FROM tallies t JOIN indicators i ON i.id = t.indicator_id"
    " WHERE i.key = :indicator AND t.hamlet_id = :hamlet"
)
TEXTS = text(
    "SELECT kind, status, text, parts, reason FROM messages WHERE phone = :phone AND direction = 'out' ORDER BY id"
)


@dataclass
class Commune:
    """A demo commune with its service running, a resident of its register, and a
    clerk's sign-in.
    """

    url: str
    db: Database
    served: Web
    resident: Row
    clerk: tuple[str, str]

    def booking(self) -> Row:
        with self.db.connection() as tx:
            found = tx.one(BOOKING, person=self.resident.id)
        assert found is not None
        return found

    def number(self, indicator: str) -> int:
        with self.db.connection() as tx:
            return int(
                tx.value(
                    HAMLETS_NUMBER, indicator=indicator, hamlet=self.resident.hamlet_id
                )
            )

    def texts(self) -> list[Row]:
        with self.db.connection() as tx:
            return tx.all(TEXTS, phone=self.resident.phone)

    def tick(self, moment: datetime | None = None) -> str:
        """One run of the clock, at a moment of the commune's time if one is given."""
        at = ("--now", days.local(moment).isoformat()) if moment else ()
        said, _ = clock(self.url, "--once", *at).communicate(timeout=60)
        return said


@pytest.fixture
def commune(url: str) -> Iterator[Commune]:
    db = connect(url)
    signs = demo.load(db, environment(url)["PRIVACY_KEY"], to_ms(datetime.now(UTC)))
    with db.connection() as tx:
        resident = tx.one(SERVED)
    assert resident is not None
    clerk = next(
        (user, password) for role, user, password in signs if role == "commune"
    )
    with web(url, **TWILIO) as served:
        yield Commune(url, db, served, resident, clerk)
    db.close()


def test_a_resident_dials_books_is_reminded_comes_and_the_hamlets_number_moves(
    commune: Commune,
) -> None:
    phone = Phone(commune.served.port, commune.resident.phone, "call-1")
    assert phone.dial().startswith("CON Xa Quang Lac")
    screens = [phone.press(key) for key in ("2", "1", "1", "1")]
    phone.hang_up()
    assert screens[-1].startswith("END Da dat"), screens
    booking = commune.booking()
    assert booking.code in screens[-1]

    commune.tick()
    (confirmation,) = commune.texts()
    assert (confirmation.kind, confirmation.status, confirmation.parts) == (
        "booked",
        "SENT",
        1,
    )
    assert booking.code in confirmation.text

    _reminded_if_it_is_days_ahead(commune, booking)
    _comes_and_is_served(commune, booking)


def test_a_resident_books_by_text_through_twilio_and_the_answer_is_the_confirmation(
    commune: Commune,
) -> None:
    first = _text(commune, "DL", "SM1")
    assert "Nhan so dong" in first
    _text(commune, "1", "SM2")
    asked = _text(commune, "1", "SM3")
    assert "dong y cho xa luu so nay" in asked
    confirmed = _text(commune, "1", "SM4")
    booking = commune.booking()
    assert booking.code in confirmed
    assert _text(commune, "1", "SM4") == confirmed, (
        "Twilio repeats itself: the same answer, and no second effect"
    )

    commune.tick()
    assert {row.kind for row in commune.texts()} <= {"reply", "reminder_0d"}, (
        "the answer was the confirmation"
    )
    _comes_and_is_served(commune, booking)


def test_a_text_with_a_forged_signature_is_turned_away_and_leaves_no_trace(
    commune: Commune,
) -> None:
    answer = requests.post(
        f"http://127.0.0.1:{commune.served.port}/sms/twilio",
        {
            "MessageSid": "SM9",
            "From": commune.resident.phone,
            "To": "2404",
            "Body": "DL",
        },
        headers={"X-Twilio-Signature": "forged"},
        timeout=20,
    )
    assert answer.status_code == 403
    assert commune.texts() == []


def _text(commune: Commune, body: str, sid: str) -> str:
    form = {
        "MessageSid": sid,
        "From": commune.resident.phone,
        "To": TWILIO["TWILIO_FROM"],
        "Body": body,
    }
    signed = RequestValidator(TWILIO["TWILIO_AUTH_TOKEN"]).compute_signature(
        TWILIO["PUBLIC_URL"] + "/sms/twilio", form
    )
    answer = requests.post(
        f"http://127.0.0.1:{commune.served.port}/sms/twilio",
        urlencode(form),
        headers={
            "X-Twilio-Signature": signed,
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    found = re.search(r"<Message>(.*)</Message>", answer.text, re.DOTALL)
    assert found, answer.text
    return found[1]


def _reminded_if_it_is_days_ahead(commune: Commune, booking: Row) -> None:
    """The evening before and two hours before; each once, however often the clock runs."""
    starts = from_ms(booking.starts_at)
    eve = days.at_local(days.today(starts) - timedelta(days=1), "18:00")
    if eve <= datetime.now(
        UTC
    ):  # booked too late for the reminder of the evening before
        return
    for moment in (
        eve,
        eve + timedelta(hours=1),
        starts - timedelta(hours=1),
        starts - timedelta(minutes=50),
    ):
        commune.tick(moment)
    assert [row.kind for row in commune.texts()] == [
        "booked",
        "reminder_1d",
        "reminder_0d",
    ]
    assert all(
        row.status == "SENT" and booking.code in row.text for row in commune.texts()
    )


def _comes_and_is_served(commune: Commune, booking: Row) -> None:
    """The clerk checks the resident in and taps what was done; a double tap is one log;
    the hamlet's number moves.
    """
    people, households = (
        commune.number("converted_person"),
        commune.number("converted_household"),
    )
    clerk = Clerk(commune.served.port, *commune.clerk)
    day = f"/staff/?day={booking.day}"
    assert booking.code in clerk.open(day)
    clerk.send(clerk.form(f"/bookings/{booking.id}/check-in"))
    assert commune.booking().status == "attended"
    for indicator in ("sim_4g", "handset_volte"):
        clerk.open(day)
        tap = clerk.form(f"/bookings/{booking.id}/log")
        clerk.send(tap, indicator=indicator)
        clerk.send(tap, indicator=indicator)
    assert commune.number("converted_person") == people + 1
    assert commune.number("converted_household") == households + 1
    assert "Tiến độ" in clerk.open("/staff/progress/converted_household")
