"""A commune whose registration days fail and shrink: two hamlets with a hall each, and
people who are booked there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from db.changes import days, freed_seats
from db.changes.telling import Outcome
from db.notices import phrasing
from db.store.engine import Tx, from_ms
from db.store.statements import Row
from db.texts import outbox
from tests import factories

HOUR = 3_600_000
DRAFT = "a seed of the tests"


@dataclass
class Commune:
    """Two hamlets with a hall each; Saturday 20 April at 08:00 in the first hall, two
    times of three seats.
    """

    tx: Tx
    now: int
    people: int = 0
    here: int = 0
    there: int = 0
    saturday: factories.Event = field(default_factory=lambda: factories.Event(0, ()))

    def event(
        self, hall: int, day: int, clock: int = 1, slots: int = 1, capacity: int = 3
    ) -> factories.Event:
        """`clock` is the UTC hour."""
        starts = from_ms(self.now).replace(day=day, hour=clock, minute=0)
        return factories.event_with_slots(
            self.tx, hall_id=hall, starts=starts, slots_=slots, capacity=capacity
        )

    def books(
        self, slot: int, *, phone: bool = True, agreed: bool = False, later: int = 0
    ) -> int:
        """Somebody new takes a seat; the booking's id."""
        self.people += 1
        number = self.people if phone else None
        person = factories.person(
            self.tx, number=number, name=f"Người {self.people}", now=self.now
        )
        made = factories.booking(
            self.tx, slot_id=slot, person_id=person, now=self.now - HOUR + later
        )
        if agreed:
            self.tx.run(
                text("UPDATE bookings SET may_move = true WHERE id = :id"), id=made.id
            )
        return int(made.id)

    def promised(self, slot: int, status: str, until: int | None = None) -> int:
        """A hold, an offer or somebody who waits; the row's id."""
        self.people += 1
        person = factories.person(
            self.tx, number=self.people, name=f"Người {self.people}", now=self.now
        )
        return factories.promised(
            self.tx,
            slot_id=slot,
            person_id=person,
            status=status,
            now=self.now - HOUR,
            until=until,
            code=str(10_000 + self.people),
        )

    def party(self, slot: int, size: int, *, agreed: bool = False) -> list[int]:
        """Come together, booked from the phone of the first."""
        made = [
            self.books(slot, phone=number == 0, agreed=agreed) for number in range(size)
        ]
        self.tx.run(
            text(
                "UPDATE bookings SET party_id = :first, booker_id = (SELECT booker_id FROM bookings WHERE id = :first)"
                f" WHERE id IN ({', '.join(map(str, made))})"
            ),
            first=made[0],
        )
        return made

    def cancel(self, event: int) -> list[Outcome]:
        return days.cancel(
            self.tx, event, now=self.now, draft=freed_seats.Draft(self.now, DRAFT)
        )

    def shrink(self, event: int, places: int) -> None:
        row = self.tx.one(
            text(
                "SELECT e.*, MIN(s.starts_at) AS first FROM events e JOIN slots s ON s.event_id = e.id"
                " WHERE e.id = :id GROUP BY e.id"
            ),
            id=event,
        )
        assert row is not None
        first = (from_ms(row.first) + timedelta(hours=7)).strftime("%H:%M")
        days.edit(
            self.tx,
            event,
            hall_id=row.hall_id,
            day=row.day,
            first=first,
            places=places,
            note="",
            now=self.now,
        )

    def row(self, booking: int) -> Row:
        row = self.tx.one(text("SELECT * FROM bookings WHERE id = :id"), id=booking)
        assert row is not None
        return row

    def offers(self) -> list[Row]:
        return self.tx.all(
            text("SELECT * FROM bookings WHERE status = 'offered' ORDER BY id")
        )

    def texts(self) -> list[str]:
        """In the order in which the clock takes them, in the words they would go out
        in.
        """
        said = []
        for row in outbox.claim(self.tx, now=self.now, most=50):
            booking = outbox.subject(self.tx, row.booking_id or 0, row.phone)
            try:
                said.append(phrasing.text(self.tx, row, booking, "vi", self.now))
            except phrasing.Settled:
                said.append("")
        return said

    def ask(self, sql: str, **values: Any) -> Any:
        return self.tx.value(text(sql), **values)

    @classmethod
    def founded(cls, tx: Tx, now: int) -> Commune:
        made = cls(tx, now)
        trung, lien = factories.hamlet(tx), factories.hamlet(tx, "Quảng Liên I", 2)
        made.here, made.there = (
            factories.hall(tx, trung),
            factories.hall(tx, lien, "NVH Quảng Liên I"),
        )
        made.saturday = made.event(made.here, 20, slots=2)
        return made
