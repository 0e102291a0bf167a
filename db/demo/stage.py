"""What the demo's scenes are played with: its moment, its staff, its residents' phones,
the times of its events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.demo.carrier import carry
from db.demo.places import COMMUNE, PROGRAMME
from db.demo.residents import Home, Member
from db.notices import reminders
from db.port import DbPort
from db.progress import conversions
from db.register import identity
from db.seats import attendance, seating
from db.seats.bookings import FREE
from db.store.engine import Tx, from_ms, to_ms
from db.store.local_days import day_at
from db.store.statements import Query
from menus import days
from menus.port import HOLDER, Consent, Guest, Said

SAID = "(dữ liệu mẫu)"
CONSENT = Consent("demo", SAID)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
REMINDED_AT, NOT_LATER = "18:00", "21:00"
NINE_AT_NIGHT, AN_EVENING = days.DAY_ENDS, "20:00"


class Slot(NamedTuple):
    """A time of an event, with the seats that are left."""

    id: int
    event_id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    capacity: int
    day: str  # ISO
    hall_id: int
    hamlet_id: int | None  # none: the commune's own hall
    note: str
    free: int


_SLOTS = Query(
    text(f"""
    SELECT s.id, s.event_id, s.starts_at, s.ends_at, s.capacity, e.day, e.hall_id, h.hamlet_id, e.note, {FREE} AS free
    FROM slots s JOIN events e ON e.id = s.event_id JOIN halls h ON h.id = e.hall_id
    WHERE e.commune_id = :commune_id AND e.state = 'open' AND e.kind = 'swap' AND e.day BETWEEN :first AND :last
    ORDER BY e.day, e.id, s.starts_at
    """),
    Slot,
)
Times = list[Slot]  # of one event, in order


@dataclass(frozen=True, slots=True)
class Stage:
    """Instants are UTC ms; `staff` is role -> id, `used` the ids of events that a scene
    has for itself.
    """

    tx: Tx
    now: int
    staff: dict[str, int]
    privacy_key: str
    used: set[int] = field(default_factory=set)

    @property
    def today(self) -> date:
        return day_at(self.now)

    @property
    def clerk_id(self) -> int:
        """Of the commune: who does at its desk what nobody else does."""
        return self.staff["commune"]

    @property
    def actor(self) -> seating.Actor:
        return seating.Actor(COMMUNE, self.clerk_id, None, SAID, self.privacy_key)

    def day(self, ahead: int) -> date:
        return self.today + timedelta(days=ahead)

    def iso(self, ahead: int) -> str:
        """That day as it is stored."""
        return self.day(ahead).isoformat()

    def at(self, ahead: int, clock: str) -> int:
        """That hour so many days from today."""
        moment = days.at_local(self.day(ahead), clock)
        return to_ms(moment)

    def lately(self) -> int:
        """An hour ago; when that is in the night, the evening before: nobody is texted
        while they sleep.
        """
        hour_ago = self.now - HOUR_MS
        local = days.local(from_ms(hour_ago))
        if days.DAY_BEGINS <= local.hour < NINE_AT_NIGHT:
            return hour_ago
        evening = self.at(0, AN_EVENING)
        if evening < self.now:
            return evening
        return self.at(-1, AN_EVENING)

    def events(self, first: int, last: int) -> list[Times]:
        """Open swap days of these, counted from today, but for the used ones."""
        first_day = self.iso(first)
        last_day = self.iso(last)
        slots = self.tx.all(
            _SLOTS, commune_id=COMMUNE, first=first_day, last=last_day, now=self.now
        )
        found: dict[int, Times] = {}
        for slot in slots:
            if slot.event_id not in self.used:
                times = found.setdefault(slot.event_id, [])
                times.append(slot)
        return list(found.values())

    def who(self, member: Member) -> str:
        """As the register of wishes knows them."""
        return identity.who_is(self.privacy_key, member.id, member.phone)

    def phone(self, number: str, at: int) -> DbPort:
        """What the menus may do for that phone at that moment."""
        return DbPort(
            self.tx,
            commune_id=COMMUNE,
            phone=number,
            channel="ussd",
            now=from_ms(at),
            privacy_key=self.privacy_key,
            acting=self.tx.savepoint,
        )

    def book(
        self, home: Home, slot_id: int, at: int, party: Sequence[Guest] = (HOLDER,)
    ) -> int:
        """By the home's own phone, and told."""
        port = self.phone(home.phone, at)
        booked = port.book(slot_id, Said(), CONSENT, party)
        made = port.booking(booked)
        assert made is not None  # a statement ago
        carry(self.tx, at)
        return made.id

    def wait(self, home: Home, slot_id: int, at: int) -> None:
        """By the home's own phone, for a time that is full."""
        port = self.phone(home.phone, at)
        port.wait_for(slot_id, Said(), CONSENT)

    def seat(self, guest: seating.Guest, slot_id: int, at: int) -> None:
        """By a clerk, and told if there is a phone."""
        seating.seat(self.tx, guest, slot_id=slot_id, actor=self.actor, now=at)
        carry(self.tx, at)

    def attend(self, booking_id: int, at: int) -> None:
        """A clerk ticks that they came."""
        attendance.attend(
            self.tx, booking_id=booking_id, now=at, staff_id=self.clerk_id
        )

    def log(
        self,
        indicator: str,
        subject_id: int,
        at: int,
        booking_id: int | None = None,
        form_key: str | None = None,
    ) -> int | None:
        """A clerk logs a conversion; its id, none where it was logged before."""
        return conversions.log(
            self.tx,
            programme_id=PROGRAMME,
            indicator=indicator,
            subject_id=subject_id,
            at=at,
            staff_id=self.clerk_id,
            booking_id=booking_id,
            form_key=form_key,
        )

    def remind(self, ahead: int) -> None:
        """The evening before that day, as the clock does it."""
        due = self.at(ahead - 1, REMINDED_AT)
        until = self.at(ahead - 1, NOT_LATER)
        begins = self.at(ahead, "00:00")
        ends = self.at(ahead + 1, "00:00")
        slots = reminders.slots_between(self.tx, begins, ends)
        if not slots:
            return
        first = slots[0].id
        last = slots[-1].id
        reminders.post_at_one_hour(
            self.tx,
            due=due,
            until=until,
            first=first,
            last=last,
            now=due,
            from_ms=begins,
            to_ms=ends,
        )
        carry(self.tx, due)
