"""A commune many years on: what a resident's turns and each page of the desk take, as ratios to a small one's.

In one process, through the test client: what is compared is what the database does; Flask and the menus are in both.
The two take turns, and each page is read often enough for a median. It runs at any hour: nothing here is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median

from flask import Flask

from bench.databases import Engine
from db.store.engine import connect
from gateway.app import create_app
from gateway.context import EXTENSION
from settings import Settings
from tests.db import grown
from tests.gateway.carriers import Ussd
from tests.gateway.staff.conftest import Clerk

FEW, MANY = 400, 1_000_000  # people, and texts; log rows of each kind
ROUNDS, CALLS = 15, 60


@dataclass(frozen=True, slots=True)
class Compared:
    """Milliseconds among few and among many: medians of interleaved runs."""

    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


@dataclass(slots=True)
class Side:
    """One commune, its residents and its clerk."""

    app: Flask
    commune: grown.Commune
    clerk: Clerk
    calls: int = 0

    def turns(self) -> float:
        """Seconds of one call that books, of somebody whose hamlet is known; each of another resident."""
        self.calls += 1
        line = Ussd(self.app.test_client(), phone=grown.phone(self.calls))
        began = time.perf_counter()
        said = line.dial("2")
        for _ in range(4):
            said = said if said.startswith("END") else line.press("1")
        took = time.perf_counter() - began
        assert said.startswith("END"), said
        return took

    def asks(self) -> float:
        """Seconds of one call that asks what there is for them: the first key of the menu."""
        self.calls += 1
        line = Ussd(self.app.test_client(), phone=grown.phone(self.calls))
        began = time.perf_counter()
        line.dial("1")
        return time.perf_counter() - began

    def page(self, name: str) -> float:
        """Seconds of one page."""
        path = _paths(self)[name]
        began = time.perf_counter()
        answer = self.clerk.client.get(path)
        took = time.perf_counter() - began
        assert answer.status_code == 200, (path, answer.status_code)
        return took


def compare(engine: Engine) -> Mapping[str, Compared]:
    """By what was asked: a call that books, then the pages."""
    with _side(engine, FEW) as few, _side(engine, MANY) as many:
        found = {"a call that books": _both(few, many, Side.turns, CALLS)}
        found["a call that asks for help"] = _both(few, many, Side.asks, CALLS)
        for name in _paths(few):
            found[name] = _both(few, many, partial(Side.page, name=name), ROUNDS)
    return found


def _both(few: Side, many: Side, act: Callable[[Side], float], rounds: int) -> Compared:
    act(few)
    act(many)
    pairs = [(act(few), act(many)) for _ in range(rounds)]
    return Compared(
        1_000 * median(pair[0] for pair in pairs),
        1_000 * median(pair[1] for pair in pairs),
    )


def _paths(side: Side) -> dict[str, str]:
    """Pages by name: the ids in their addresses are each commune's own."""
    commune = side.commune
    return {
        "today": f"/staff/?day={commune.day}",
        "booking": "/staff/book",
        "people, by name": "/staff/people/?q=hoa",
        "people, by two names": "/staff/people/?q=nong+thi",
        "people, by the end of a number": "/staff/people/?q=000123.",
        "a person": f"/staff/people/{commune.person + 100}",
        "calls": "/staff/calls/",
        "unreached": "/staff/unreached/",
        "verifications": "/staff/verifications/",
        "events": "/staff/events/",
        "past events": "/staff/events/?past=1",
        "an event": f"/staff/events/{commune.event}",
        "progress": "/staff/progress/",
        "conversions": "/staff/conversions/",
        "conversions, from an entry on": "/staff/conversions/?since=&before=200",
        "businesses": "/staff/businesses/",
        "a work list": "/staff/lists/",
        "messages": "/staff/messages/",
        "messages, skipped ones": "/staff/messages/?status=SKIPPED",
        "messages, from one on": "/staff/messages/?before=300",
        "not understood": "/staff/messages/not-understood",
        "the trail": "/staff/audit/",
        "the trail, from an entry on": "/staff/audit/?before=200",
        "setup": "/staff/setup/",
        "broadcasts": "/staff/broadcasts/",
    }


@contextmanager
def _side(engine: Engine, many: int) -> Iterator[Side]:
    url = engine.fresh()
    db = connect(url)
    commune = grown.fill(db, people=many, logs=many, texts=many, now=datetime.now(UTC))
    app = create_app(
        Settings(
            url,
            "a secret key of the bench",
            "a privacy key of the bench",
            simulator=True,
        )
    )
    clerk = Clerk(app, db)
    assert clerk.sign_in(grown.STAFF, grown.PASSWORD).status_code == 303
    yield Side(app, commune, clerk)
    app.extensions[EXTENSION].db.close()
    db.close()
