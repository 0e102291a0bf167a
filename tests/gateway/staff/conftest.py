"""A desk with people in front of it: two hamlets, two halls, an event today, a clerk of
each role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from db.models import staff
from db.office import accounts
from db.store.engine import Database, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from gateway.staff import language
from settings import Settings
from tests import factories

PASSWORD = "mot mat khau dai"


@dataclass
class Clock:
    """What time it is at the desk; the tests move it."""

    now: datetime

    @property
    def ms(self) -> int:
        return to_ms(self.now)


def as_read(answer: TestResponse) -> str:
    """The page with its letters and tags; how its lines break and are indented is
    nobody's business.
    """
    return re.sub(r"[ \n]+", " ", unescape(answer.text))


@dataclass
class Clerk:
    """A browser of somebody at the desk: keeps cookies, sends the token of the page
    last read.
    """

    app: Flask
    db: Database
    client: Any = field(init=False)
    page: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        answer: TestResponse = self.client.get(path)
        if answer.mimetype == "text/html":
            self.page = as_read(answer)
        if answer.status_code == 200:
            self._has_its_menu()
        return answer

    def _has_its_menu(self) -> None:
        """A page of the desk has the menu of the desk; without it stands only the form
        to sign in.
        """
        if 'class="alone"' in self.page:
            assert 'name="password"' in self.page

    def token(self) -> str:
        for path in ("/staff/progress/", "/staff/sign-in"):
            if 'name="csrf_token"' not in self.page:
                self.get(path)
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found
        return found[1]

    def post(self, path: str, **values: object) -> TestResponse:
        """Send a form; follow the answer to the next page."""
        answer = self.send(path, **values)
        self.page = as_read(answer)
        if "Location" in answer.headers:
            self.get(answer.headers["Location"])
        return answer

    def confirm(self, path: str, **values: object) -> TestResponse:
        """Send a form, look at what it would do, and press the button there."""
        self.post(path, **values)
        return self.press(path, **values)

    def press(self, path: str, **values: object) -> TestResponse:
        """The button of the preview that is shown."""
        carried = {name: self._hidden(name) for name in ("at", "seed", "seen")}
        return self.post(path, **values, **carried)

    def _hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]+)"', self.page)
        assert found, f"no preview is shown: {name}"
        return found[1]

    def send(self, path: str, **values: object) -> TestResponse:
        """To its end, as a server sends its answer."""
        answer: TestResponse = self.client.post(
            path, data={"csrf_token": self.token(), **values}
        )
        answer.get_data()
        answer.close()
        return answer

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        self.get("/staff/sign-in")
        answer = self.send("/staff/sign-in", username=username, password=password)
        self.page = ""
        return answer

    def ask(self, sql: str, **values: object) -> Any:
        with self.db.connection() as tx:
            return tx.value(text(sql), **values)


@dataclass(frozen=True)
class Village:
    """Who and what is there; ids."""

    trung: int
    lien: int
    hall: int
    other_hall: int
    event: factories.Event
    hoa: int
    hoa_booking: int
    hoa_code: str
    son: int
    son_booking: int


@pytest.fixture
def clock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(now)
    monkeypatch.setattr(language, "now_ms", lambda: clock.ms)
    return clock


@pytest.fixture
def village(db: Database, clock: Clock) -> Village:
    """Hoa of Quảng Trung I and Sơn of Quảng Liên I are booked for this afternoon at
    14:00, two seats a slot.
    """
    at = clock.ms
    with db.transaction() as tx:
        trung = factories.hamlet(tx)
        lien = factories.hamlet(tx, "Quảng Liên I", 2)
        hall = factories.hall(tx, trung)
        other = factories.hall(tx, lien, "NVH Quảng Liên I")
        event = factories.event_with_slots(
            tx,
            hall_id=hall,
            starts=clock.now + timedelta(hours=5),
            slots_=3,
            minutes=30,
            capacity=2,
        )
        hoa = factories.person(
            tx, number=1, name="Nông Thị Hoa", hamlet_id=trung, handset="2g", now=at
        )
        son = factories.person(
            tx, number=2, name="Hoàng Văn Sơn", hamlet_id=lien, handset="2g", now=at
        )
        first = factories.booking(tx, slot_id=event.slots[0], person_id=hoa, now=at)
        second = factories.booking(tx, slot_id=event.slots[0], person_id=son, now=at)
        hashed = accounts._hasher().hash(PASSWORD)
        for username, role in (
            ("quantri", "admin"),
            ("xa", "commune"),
            ("thon", "hamlet"),
            ("xem", "reader"),
        ):
            member = {
                "commune_id": factories.COMMUNE,
                "username": username,
                "name": username,
                "role": role,
            }
            bound_to = trung if role == "hamlet" else None
            factories.insert_row(
                tx, staff, **member, password=hashed, hamlet_id=bound_to, made_at=at
            )
    return Village(
        trung, lien, hall, other, event, hoa, first.id, first.code, son, second.id
    )


@pytest.fixture
def app(settings: Settings, village: Village) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions[EXTENSION].db.close()


@pytest.fixture
def visitor(app: Flask, db: Database) -> Clerk:
    """Somebody who has not signed in."""
    return Clerk(app, db)


@pytest.fixture
def signed_in(app: Flask, db: Database) -> Callable[[str], Clerk]:
    def make(username: str) -> Clerk:
        clerk = Clerk(app, db)
        assert clerk.sign_in(username).status_code == 303
        return clerk

    return make


@pytest.fixture
def xa(signed_in: Callable[[str], Clerk]) -> Clerk:
    """The commune's clerk."""
    return signed_in("xa")


@pytest.fixture
def thon(signed_in: Callable[[str], Clerk]) -> Clerk:
    """The head of Quảng Trung I."""
    return signed_in("thon")
