"""A commune many years on: what a resident's turns and each page of the desk take, as
ratios to a small one's.

In one process, through the test client: what is compared is what the database does;
Flask and the menus are in both. The two take turns, and each page is read often enough
for a median. It runs at any hour: nothing here is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median

from flask import Flask

from bench.databases import Engine
from db.models.states import PeriodKind
from db.reporting import annex, decree30, heads
from db.reporting import report as reports
from db.reporting.periods import Period
from db.store.engine import Database, connect, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from scheduler import upkeep
from settings import Settings
from tests.db import grown
from tests.gateway.carriers import Ussd
from tests.gateway.staff.conftest import Clerk

FEW, MANY = 400, 1_000_000  # people, and texts; log rows of each kind
ROUNDS, CALLS_A_ROUND = 15, 4
REPORTS = 3


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
        """Seconds of one call that books, of somebody whose hamlet is known; each of
        another resident.
        """
        line = self._next_line()
        began = time.perf_counter()
        said = line.dial("2")
        for _ in range(4):
            if said.startswith("END"):
                break
            said = line.press("1")
        took = time.perf_counter() - began
        assert said.startswith("END"), said
        return took

    def asks(self) -> float:
        """Seconds of one call that asks what there is for them: the first key of the
        menu.
        """
        line = self._next_line()
        began = time.perf_counter()
        line.dial("1")
        return time.perf_counter() - began

    def _next_line(self) -> Ussd:
        """Of another resident each time."""
        self.calls += 1
        number = grown.phone(self.calls)
        return Ussd(self.app.test_client(), phone=number)

    def page(self, name: str) -> float:
        """Seconds of one page."""
        path = _paths(self)[name]
        began = time.perf_counter()
        answer = self.clerk.client.get(path)
        took = time.perf_counter() - began
        assert answer.status_code == 200, (path, answer.status_code)
        return took

    def report(self) -> float:
        """Seconds that the report of half a year takes, with both its files."""
        last = date.fromisoformat(self.commune.day)
        period = Period(PeriodKind.DAYS, last - timedelta(days=182), last)
        db: Database = self.app.extensions[EXTENSION].db
        now = to_ms(datetime.now(UTC))
        began = time.perf_counter()
        with db.connection() as tx:
            made = reports.gather(tx, commune_id=1, period=period, now=now)
            head = heads.on(tx, 1, self.commune.day)
        decree30.docx(made, head, "bench")
        annex.xlsx(made)
        return time.perf_counter() - began


def compare(
    engine: Engine, *, few: int = FEW, many: int = MANY, rounds: int = ROUNDS
) -> Mapping[str, Compared]:
    """By what was asked: a call that books, then the pages."""
    with _side(engine, few) as small, _side(engine, many) as grown_up:
        found = {
            "a call that books": _both(
                small, grown_up, Side.turns, CALLS_A_ROUND * rounds
            )
        }
        found["a call that asks for help"] = _both(
            small, grown_up, Side.asks, CALLS_A_ROUND * rounds
        )
        found["a report, both files"] = _both(small, grown_up, Side.report, REPORTS)
        for name in _paths(small):
            found[name] = _both(small, grown_up, partial(Side.page, name=name), rounds)
    return found


def _both(few: Side, many: Side, act: Callable[[Side], float], rounds: int) -> Compared:
    act(few)
    act(many)
    took_few = []
    took_many = []
    for _ in range(rounds):
        took_few.append(1_000 * act(few))
        took_many.append(1_000 * act(many))
    return Compared(median(took_few), median(took_many))


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
        "my work": "/staff/mine/",
        "requests": "/staff/requests/",
        "opinions": "/staff/opinions/",
        "unreached": "/staff/unreached/",
        "verifications": "/staff/verifications/",
        "events": "/staff/events/",
        "past events": "/staff/events/?past=1",
        "an event": f"/staff/events/{commune.event}",
        "progress": "/staff/progress/",
        "progress, sessions": "/staff/progress/sessions",
        "progress, demand": "/staff/progress/demand",
        "reports": "/staff/reports/",
        "conversions": "/staff/conversions/",
        "conversions, from an entry on": "/staff/conversions/?since=&before=200",
        "businesses": "/staff/businesses/",
        "schools": "/staff/schools/",
        "information": "/staff/information/",
        "a work list": "/staff/lists/",
        "messages": "/staff/messages/",
        "messages, skipped ones": "/staff/messages/?status=SKIPPED",
        "messages, from one on": "/staff/messages/?before=300",
        "not understood": "/staff/messages/not-understood",
        "the trail": "/staff/audit/",
        "the trail, from an entry on": "/staff/audit/?before=200",
        "setup": "/staff/setup/",
        "broadcasts": "/staff/broadcasts/",
        "a broadcast": f"/staff/broadcasts/{commune.broadcast}",
    }


@contextmanager
def _side(engine: Engine, many: int) -> Iterator[Side]:
    url = engine.fresh()
    db = connect(url)
    now = datetime.now(UTC)
    commune = grown.fill(db, people=many, logs=many, texts=many, now=now)
    upkeep.count_long_figures(db, now)  # as the clock does, beside the pages
    settings = Settings(
        url, "a secret key of the bench", "a privacy key of the bench", simulator=True
    )
    app = create_app(settings)
    clerk = Clerk(app, db)
    answer = clerk.sign_in(grown.STAFF, grown.PASSWORD)
    assert answer.status_code == 303
    yield Side(app, commune, clerk)
    app.extensions[EXTENSION].db.close()
    db.close()
