"""A Desk in memory: the terminal handset's, and the tests' of the menus. It keeps the same promises as the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from menus import words
from menus.days import at_local, today
from menus.desk import (
    TAKE_BACK_WITHIN,
    AlreadyBooked,
    Booking,
    Commune,
    Consent,
    Event,
    Hamlet,
    Handset,
    Known,
    NoSuchBooking,
    Scheme,
    Slot,
    SlotTaken,
    Stop,
)
from menus.notices import Kind


@dataclass
class World:
    """What all phones share: events, seats, and who holds them (phone -> booking)."""

    commune: Commune
    hamlets: list[Hamlet]
    scheme: Scheme | None
    slots: dict[int, tuple[Slot, Event]]
    bookings: dict[str, Booking] = field(default_factory=dict)
    seats: dict[int, int] = field(default_factory=dict)  # booking id -> slot id
    handsets: dict[str, Handset] = field(default_factory=dict)  # by TAC
    given_up: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # by phone: slot and when
    made: int = 0


class MemoryDesk:
    """One phone's desk. What was done stands in `done`, a word each, for whoever watches."""

    def __init__(self, world: World, phone: str, now: datetime, known: Known | None = None) -> None:
        self.world, self.phone, self.now, self._known = world, phone, now, known or Known()
        self.done: list[str] = []
        self.consents: list[Consent] = []

    def commune(self) -> Commune:
        return self.world.commune

    def hamlets(self) -> Sequence[Hamlet]:
        return self.world.hamlets

    def known(self) -> Known:
        return self._known

    def handset_of(self, tac: str) -> Handset:
        return self.world.handsets.get(tac, "unknown")

    def scheme(self) -> Scheme | None:
        return self.world.scheme

    def events(self, hamlet: int | None) -> Sequence[Event]:
        seats: dict[int, tuple[Event, int]] = {}
        for slot, event in self.world.slots.values():
            if slot.starts > self.now:
                seats[event.id] = event, seats.get(event.id, (event, 0))[1] + self._left(slot)
        found = [event._replace(seats=left) for event, left in seats.values() if left > 0]
        return sorted(found, key=lambda event: (event.hamlet != hamlet, event.day, event.id))

    def slots(self, event: int) -> Sequence[Slot]:
        of_event = [slot for slot, its in self.world.slots.values() if its.id == event and slot.starts > self.now]
        free = [slot._replace(seats=self._left(slot)) for slot in of_event]
        return sorted((slot for slot in free if slot.seats > 0), key=lambda slot: slot.starts)

    def slot(self, slot: int) -> tuple[Slot, Event] | None:
        found = self.world.slots.get(slot)
        return found if found and found[0].starts > self.now else None

    def reminded(self) -> bool:
        return False

    def booking(self, code: str = "") -> Booking | None:
        booking = self.world.bookings.get(self.phone)
        return booking if booking and code in ("", booking.code) else None

    def book(self, slot: int, known: Known, consent: Consent) -> Booking:
        if self.booking():
            raise AlreadyBooked
        found, event = self._free(slot)
        self.world.made += 1
        booking = Booking(self.world.made, f"{48_314 + self.world.made}", found.starts, event.hall, 1, slot)
        self.world.bookings[self.phone], self.world.seats[booking.id] = booking, slot
        self._known = replace(known)
        self.consents.append(consent)
        self.done.append("book")
        return booking

    def move(self, booking: int, slot: int) -> Booking:
        old = self._own(booking)
        found, event = self._free(slot)
        moved = replace(old, starts=found.starts, hall=event.hall, revision=old.revision + 1, slot=slot)
        self.world.bookings[self.phone], self.world.seats[booking] = moved, slot
        self.done.append("move")
        return moved

    def cancel(self, booking: int) -> Booking:
        gone = self._own(booking)
        del self.world.bookings[self.phone], self.world.seats[booking]
        self.world.given_up[self.phone] = gone.slot, self.now
        self.done.append("cancel")
        return gone

    def take_back(self) -> Booking:
        slot, when = self.world.given_up.get(self.phone, (0, self.now))
        if not slot or self.now - when > TAKE_BACK_WITHIN:
            raise NoSuchBooking
        return self.book(slot, self._known, self.consents[-1])

    def ask_call(self, hamlet: int | None, consent: Consent) -> None:
        self.consents.append(consent)
        self.done.append("call")

    def prefer(self, language: str, marks: bool) -> None:
        self.done.append("prefer")

    def stop(self, what: Stop) -> bool:
        self.done.append(f"stop {what}")
        return self.done.count(f"stop {what}") == 1

    def resume_texts(self) -> None:
        self.done.append("start")

    def asked_how_it_went(self) -> bool:
        return False

    def rate(self, score: int) -> bool:
        self.done.append(f"rate {score}")
        return True

    def tell(self, kind: Kind) -> None:
        self.done.append(f"tell {kind}")

    def _left(self, slot: Slot) -> int:
        return slot.seats - sum(taken == slot.id for taken in self.world.seats.values())

    def _free(self, slot: int) -> tuple[Slot, Event]:
        found = self.slot(slot)
        if found is None or self._left(found[0]) < 1:
            raise SlotTaken
        return found

    def _own(self, booking: int) -> Booking:
        own = self.booking()
        if own is None or own.id != booking:
            raise NoSuchBooking
        return own


HAMLETS = tuple(
    f"Quảng {name} {number}"
    for name, many in (("Tiến", 2), ("Trung", 3), ("Hồng", 3), ("Liên", 3))
    for number in ("I", "II", "III")[:many]
)


def sample_world(now: datetime) -> World:
    """A small invented commune with three events in the days to come."""
    hamlets = [Hamlet(number, name) for number, name in enumerate(HAMLETS, 1)]
    day = today(now)
    scheme = Scheme(
        "Đợt minh họa",
        day - timedelta(days=10),
        day + timedelta(days=60),
        None,
        frozenset({"2g", "3g"}),
        None,
        "any",
        True,
        50,
        {words.VIETNAMESE: "CCCD, máy cũ", words.ENGLISH: "ID card, old phone"},
    )
    slots: dict[int, tuple[Slot, Event]] = {}
    for number, (ahead, hamlet) in enumerate(((2, 3), (3, 1), (5, 6)), 1):
        event = Event(number, day + timedelta(days=ahead), f"NVH {hamlets[hamlet - 1].name}", hamlet, 0)
        for clock in ("08:00", "08:30", "09:00", "14:00"):
            slots[len(slots) + 1] = Slot(len(slots) + 1, at_local(event.day, clock), 6), event
    return World(Commune(1, "Xã Quảng Lạc", "2404"), hamlets, scheme, slots)
