"""What the demo's scenes are played with: its moment, its staff, its residents' phones, the times of its events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.demo.carrier import carry
from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.notices import reminders
from db.port import DbPort
from db.seats import seating
from db.seats.bookings import FREE
from db.store.engine import Tx, from_ms, to_ms
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
    """Instants are UTC ms; `staff` is role -> id."""

    tx: Tx
    now: int
    staff: dict[str, int]
    privacy_key: str

    @property
    def today(self) -> date:
        return days.today(from_ms(self.now))

    @property
    def actor(self) -> seating.Actor:
        return seating.Actor(
            COMMUNE, self.staff["commune"], None, SAID, self.privacy_key
        )

    def day(self, ahead: int) -> date:
        return self.today + timedelta(days=ahead)

    def at(self, ahead: int, clock: str) -> int:
        """That hour so many days from today."""
        return to_ms(days.at_local(self.day(ahead), clock))

    def lately(self) -> int:
        """An hour ago; when that is in the night, the evening before: nobody is texted while they sleep."""
        ago = days.local(from_ms(self.now - HOUR_MS))
        if days.DAY_BEGINS <= ago.hour < NINE_AT_NIGHT:
            return self.now - HOUR_MS
        evening = self.at(0, AN_EVENING)
        return evening if evening < self.now else self.at(-1, AN_EVENING)

    def events(self, first: int, last: int, but: Collection[int] = ()) -> list[Times]:
        """Open swap days of these, counted from today, without those of the ids given."""
        first_day = self.day(first).isoformat()
        last_day = self.day(last).isoformat()
        found: dict[int, Times] = {}
        for row in self.tx.all(
            _SLOTS, commune_id=COMMUNE, first=first_day, last=last_day, now=self.now
        ):
            if row.event_id not in but:
                found.setdefault(row.event_id, []).append(row)
        return list(found.values())

    def phone(self, number: str, at: int) -> DbPort:
        """What the menus may do for that phone at that moment."""
        return DbPort(
            self.tx, commune_id=COMMUNE, phone=number, channel="ussd", now=from_ms(at), privacy_key=self.privacy_key,
            acting=self.tx.savepoint,
        )  # fmt: skip

    def book(
        self, home: Home, slot_id: int, at: int, party: Sequence[Guest] = (HOLDER,)
    ) -> int:
        """By the home's own phone, and told."""
        port = self.phone(home.holder.phone, at)
        made = port.booking(port.book(slot_id, Said(), CONSENT, party))
        assert made is not None  # a statement ago
        carry(self.tx, at)
        return made.id

    def seat(self, guest: seating.Guest, slot_id: int, at: int) -> int:
        """By a clerk, and told if there is a phone."""
        made = seating.seat(self.tx, guest, slot_id=slot_id, actor=self.actor, now=at)
        carry(self.tx, at)
        return int(made.id)

    def remind(self, ahead: int) -> None:
        """The evening before that day, as the clock does it."""
        due = self.at(ahead - 1, REMINDED_AT)
        until = self.at(ahead - 1, NOT_LATER)
        window = {
            "from_ms": self.at(ahead, "00:00"),
            "to_ms": self.at(ahead + 1, "00:00"),
        }
        slots = reminders.slots_between(self.tx, **window)
        if not slots:
            return
        reminders.post_at_one_hour(
            self.tx,
            due=due,
            until=until,
            first=slots[0].id,
            last=slots[-1].id,
            now=due,
            **window,
        )
        carry(self.tx, due)
