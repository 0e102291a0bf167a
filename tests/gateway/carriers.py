"""Carriers as they knock on the door: the forms they post, and the phones behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from db.models import bookings, consents, messages, people, requests, sessions, slots
from db.store.engine import Database, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from menus.days import at_local, today
from settings import Settings
from tests import factories as make

TOKEN = "a token of the tests"
ACCOUNT, AUTH = "AC" + "0" * 32, "an auth token of the tests"
PUBLIC = "https://xa.example.vn"
PHONE = "+84990000001"


def in_seconds(seconds: int) -> int:
    """The moment that many seconds from now, UTC ms."""
    return to_ms(datetime.now(UTC)) + seconds * 1_000


def public(settings: Settings) -> Settings:
    """As an installation with real carriers has them."""
    return replace(
        settings,
        simulator=False,
        public_url=PUBLIC,
        ussd_carriers=("africastalking",),
        sms_carriers=("twilio",),
        sms_senders=("twilio",),
        given={
            "AFRICASTALKING_TOKEN": f"{TOKEN}, the token before",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": AUTH,
            "TWILIO_FROM": "+15005550006",
        },
    )


def saying(settings: Settings, **given: str) -> Settings:
    """The same with these settings of a carrier."""
    return replace(settings, given={**settings.given, **given})


@contextmanager
def serving(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions[EXTENSION].db.close()


def halls(db: Database, *, capacity: int = 5, days: int = 3) -> tuple[int, ...]:
    """A hamlet, its hall and an event some days from now with three times: the slots'
    ids.
    """
    day: date = today(datetime.now(UTC)) + timedelta(days=days)
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        hall = make.hall(tx, hamlet)
        make.person(
            tx,
            number=1,
            name="Nông Văn An",
            hamlet_id=hamlet,
            handset="2g",
            now=to_ms(datetime.now(UTC)),
        )
        return make.event_with_slots(
            tx, hall_id=hall, starts=at_local(day, "08:00"), slots_=3, capacity=capacity
        ).slots


class Kept:
    """What stands in the database, counted."""

    TABLES = (sessions, messages, people, bookings, consents, requests)

    def __init__(self, db: Database) -> None:
        self.db = db

    def count(self, table: Any) -> int:
        """Rows of a table; of bookings those that stand, not the holds that led to
        them.
        """
        rows = select(func.count()).select_from(table)
        if table is bookings:
            rows = rows.where(text("status NOT IN ('held', 'taken')"))
        with self.db.connection() as tx:
            return int(tx.value(rows))

    def all(self) -> dict[str, int]:
        """Rows by table, and how often a slot was touched."""
        with self.db.connection() as tx:
            touched = int(tx.value(select(func.coalesce(func.sum(slots.c.touched), 0))))
        return {table.name: self.count(table) for table in self.TABLES} | {
            "touched": touched
        }


class Ussd:
    """One phone on the simulator's or Africa's Talking's USSD; the text is cumulative."""

    def __init__(
        self, client: FlaskClient, phone: str = PHONE, path: str = "/ussd/simulator"
    ) -> None:
        self.client, self.phone, self.path = client, phone, path
        self.calls, self.typed = 0, ""
        self.service = "*2404#"  # what the carrier says was dialled

    def send(self, **form: str) -> TestResponse:
        return self.client.post(self.path, data=form)

    def hop(self, text: str, call: str = "") -> str:
        """One request with this cumulative text; the body, `CON …` or `END …`."""
        answer = self.send(
            sessionId=call or self.call,
            phoneNumber=self.phone,
            serviceCode=self.service,
            text=text,
            networkCode="45204",
        )
        assert answer.status_code == 200, answer.text
        return answer.text

    @property
    def call(self) -> str:
        return f"call-{self.phone[-3:]}-{self.calls}"

    def dial(self, *keys: str) -> str:
        """A new call, then key by key."""
        self.calls, self.typed = self.calls + 1, ""
        said = self.hop("")
        for key in keys:
            said = self.press(key)
        return said

    def press(self, key: str) -> str:
        self.typed = f"{self.typed}*{key}" if self.typed else key
        return self.hop(self.typed)


def signed(
    path: str, form: dict[str, str], token: str = AUTH, base: str = PUBLIC
) -> dict[str, str]:
    """The header Twilio would send, made by its own library."""
    return {
        "X-Twilio-Signature": RequestValidator(token).compute_signature(
            base + path, form
        )
    }


def sms_form(body: str, sid: str = "SM1", phone: str = PHONE) -> dict[str, str]:
    return {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": phone,
        "To": "2404",
        "Body": body,
        "NumSegments": "1",
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
