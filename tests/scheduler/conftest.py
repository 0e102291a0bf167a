"""A commune with a hall and a resident, and a clock that can be set."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from db.models import attempts, installation, messages, slots
from db.store.engine import Database, to_ms
from db.store.statements import Row
from menus.days import at_local
from settings import Settings
from tests import factories as make

DAY = date(2024, 4, 21)  # a Sunday


def at(day: int, clock: str) -> datetime:
    """An hour of April 2024 in the commune."""
    return at_local(date(2024, 4, day), clock)


class Town:
    """What the stories of the clock need: bookings at given hours, and a look at the
    texts.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self._people = 0
        with db.transaction() as tx:
            self.hamlet = make.hamlet(tx)
            self.hall = make.hall(tx, self.hamlet)

    def is_now(self, kind: str) -> None:
        """empty, demo or live."""
        with self.db.transaction() as tx:
            tx.run(delete(installation))
            if kind != "empty":
                tx.run(insert(installation).values(id=1, kind=kind, since=1))

    def slot(self, starts: datetime, capacity: int = 5) -> int:
        with self.db.transaction() as tx:
            return make.event_with_slots(
                tx, hall_id=self.hall, starts=starts, capacity=capacity
            ).slots[0]

    def books(self, starts: datetime, made: datetime, *, phone: bool = True) -> Row:
        """Somebody new takes a seat: `id`, `code`, `phone`, `person`."""
        self._people += 1
        slot = self.slot(starts)
        with self.db.transaction() as tx:
            number = self._people if phone else None
            person = make.person(
                tx, number=number, hamlet_id=self.hamlet, now=to_ms(made)
            )
            booking = make.booking(tx, slot_id=slot, person_id=person, now=to_ms(made))
        return _Booked(booking.id, booking.code, make.phone(self._people), person)

    def posts(
        self,
        booking: Any,
        kind: str = "booked",
        now: datetime | None = None,
        **more: Any,
    ) -> int:
        """Queue one text about a booking."""
        from db.texts import outbox

        moment = to_ms(now or datetime(2024, 4, 12, 2, tzinfo=UTC))
        given = {
            "commune_id": 1,
            "phone": booking.phone,
            "booking_id": booking.id,
            "revision": 1,
            **more,
        }
        with self.db.transaction() as tx:
            made = outbox.post(tx, kind=kind, now=moment, **given)  # type: ignore[arg-type]
        assert made is not None
        return made

    def texts(self) -> list[Row]:
        with self.db.connection() as tx:
            return tx.all(select(messages).order_by(messages.c.id))

    def attempts(self) -> list[str]:
        with self.db.connection() as tx:
            return [
                row.outcome for row in tx.all(select(attempts).order_by(attempts.c.id))
            ]

    def slot_starts(self, slot_id: int) -> int:
        with self.db.connection() as tx:
            return int(tx.value(select(slots.c.starts_at).where(slots.c.id == slot_id)))


class _Booked:
    def __init__(self, id_: int, code: str, phone: str, person: int) -> None:
        self.id, self.code, self.phone, self.person = id_, code, phone, person


class Clock:
    """Reads what it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def town(db: Database) -> Town:
    return Town(db)


@pytest.fixture
def moment() -> Callable[[int, str], datetime]:
    return at


@pytest.fixture
def clock() -> Clock:
    """Friday noon."""
    return Clock(at(12, "12:00"))


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    import gateway.transports as table
    from gateway.transports.simulator import Simulator
    from tests.scheduler.stand_in import Carrier, SafeCarrier

    Carrier.taken, Carrier.does = [], staticmethod(lambda outbound: f"id-{outbound.id}")
    for name in ("stand-in", "safe"):
        monkeypatch.setitem(table.CARRIERS, name, f"a carrier of the tests: {name}")
    for name, sends in (("stand-in", Carrier), ("safe", SafeCarrier)):
        module = ModuleType(table.CARRIERS[name])
        module.CARRIER = table.Carrier(Simulator, sends)  # type: ignore[attr-defined]  # as a carrier's file has it
        monkeypatch.setitem(sys.modules, table.CARRIERS[name], module)
    return Carrier


@pytest.fixture
def live(town: Town, settings: Settings, carrier: type[Any]) -> Settings:
    town.is_now("live")
    return replace(
        settings,
        simulator=False,
        sending="on",
        sms_senders=("stand-in",),
        sms_rate=1000,
    )
