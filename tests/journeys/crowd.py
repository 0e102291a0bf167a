"""Residents by the hundred who find their way by what the lines say, and a commune
short of seats for them.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event, Thread
from urllib.parse import urlencode

from sqlalchemy import text

from db.models import installation
from db.store.engine import Database, to_ms
from db.store.statements import Row
from menus import days
from tests import factories
from tests.journeys.servers import Phone

LINE = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)
TOWARDS_THE_TIMES = ("Lam lai tu dau", "De sau", "Dat lich", "NVH", "Quang Trung")
# More seats than there are, with every hold and offer that lasts.
_OVERSOLD = text(
    "SELECT s.id FROM slots s WHERE s.capacity < (SELECT COALESCE(SUM(b.places), 0) FROM bookings b"
    " WHERE b.slot_id = s.id AND (b.status IN ('booked', 'attended', 'missed')"
    "  OR (b.status IN ('held', 'offered') AND b.until > :now)))"
)


class Resident(Phone):
    """A phone whose carrier repeats what broke off."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(port, factories.phone(number), "")
        self.port, self.calls, self.heard = port, 0, list[str]()

    def call(self) -> str:
        self.calls += 1
        self.session = f"{self.number}-{self.calls}"
        return self.dial()

    def send(self, text: str) -> str:
        return self._kept(lambda: super(Resident, self).send(text))

    def text(self, words: str) -> str:
        """One SMS."""
        self.calls += 1
        form = urlencode(
            {"from": self.number, "text": words, "id": f"{self.number}-{self.calls}"}
        )
        return self._kept(lambda: self._post(form))

    def choose(self, said: str, *lines: str) -> str:
        """Press the number of the first of these lines that stands there; the same
        screen when none does.
        """
        for wanted in lines:
            for key, line in LINE.findall(said):
                if wanted in line and key not in ("0", "99"):
                    return self.press(key)
        return said

    def to_the_times(self) -> str:
        said = self.call()
        for _ in range(6):
            if "Chon gio" in said or not said.startswith("CON"):
                break
            said = self.choose(said, *TOWARDS_THE_TIMES)
        return said

    def _post(self, form: str) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._line.request("POST", "/sms/simulator", form, headers)
        answer = self._line.getresponse()
        self.status = answer.status
        return answer.read().decode()

    def _kept(self, ask: Callable[[], str]) -> str:
        for _ in range(60):
            with suppress(OSError, http.client.HTTPException):
                said = ask()
                self.heard.append(said)
                assert self.status == 200, said
                return said
            self.hang_up()
            time.sleep(0.1)
        raise AssertionError("no answer after sixty tries")


def comes(one: Resident, rng: Random) -> None:
    """Somebody who wants a seat: takes it, thinks better of it, waits, drops the call,
    or gives it back later.
    """
    said = one.to_the_times()
    for _ in range(3):
        times = [key for key, line in LINE.findall(said) if re.match(r"\d+h", line)]
        if not times:
            break
        said = one.press(rng.choice(times))
        if "1. Dong y" in said:
            will = rng.random()
            if will < 0.1:
                return  # the call drops; the hold runs out
            said = one.choose(said, "Khong dat" if will < 0.2 else "Dong y")
            break
        if "Ghi ten cho khong" in said:
            said = one.choose(said, "Ghi ten cho" if rng.random() < 0.9 else "Gio khac")
    if "Da dat" in said and rng.random() < 0.3:
        gives_back(one)


def gives_back(one: Resident) -> None:
    said = one.call()
    for _ in range(4):
        said = one.choose(said, "De sau", "Xem lich", "Huy lich")


def answers_an_offer(one: Resident, code: str, rng: Random) -> None:
    """By call, by text, no thank you, or not at all."""
    will = rng.random()
    if will < 0.4:
        one.choose(one.call(), "Nhan cho")
    elif will < 0.8:
        one.text(f"NHAN {code}")
    elif will < 0.9:
        one.text(f"HUY {code}")


def few_seats(db: Database, slots: int, capacity: int) -> tuple[int, ...]:
    """A demo hamlet, its hall and an event in three days; the ids of its times."""
    starts = days.at_local(days.today(datetime.now(UTC)) + timedelta(days=3), "08:00")
    with db.transaction() as tx:
        factories.insert_row(tx, installation, id=1, kind="demo", since=0)
        hall = factories.hall(tx, factories.hamlet(tx))
        return factories.event_with_slots(
            tx, hall_id=hall, starts=starts, slots_=slots, capacity=capacity
        ).slots


class Watch(Thread):
    """Looks all the while whether any time has more people than seats."""

    def __init__(self, db: Database) -> None:
        super().__init__(daemon=True)
        self._db, self._over, self.oversold = db, Event(), list[Row]()

    def run(self) -> None:
        while not self._over.wait(0.05):
            with self._db.connection() as tx:
                self.oversold += tx.all(_OVERSOLD, now=to_ms(datetime.now(UTC)))

    def stop(self) -> list[Row]:
        self._over.set()
        self.join()
        return self.oversold
