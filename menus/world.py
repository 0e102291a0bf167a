"""What all phones share while the port is in memory: the days, who has a seat, who waits, what is kept; and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from menus.days import waking
from menus.port import (
    OFFERS_STOP,
    Commune,
    Event,
    Hamlet,
    Handset,
    Hold,
    Known,
    Occasion,
    Request,
    Scheme,
    Slot,
    Wait,
)
from menus.topics import Topic
from menus.values import Value

LASTS = timedelta(minutes=30)  # a slot
OFFER_HOURS = 2  # waking ones


class Seat(Value, frozen=True):
    """Of one person, `who`, booked by the phone `booker`. `party` is the id of the first of those who come together."""

    id: int
    code: str
    slot: int
    who: str  # a phone, or where there is none a key of their own
    booker: str
    party: int = 0
    revision: int = 1
    may_move: bool = False
    ended: Literal["", "cancelled", "came", "missed"] = ""
    at: datetime = datetime.max.replace(tzinfo=UTC)  # when it ended
    ended_with: int = 0  # the first of those given up in one act


class Waiting(Value, frozen=True):
    """A phone's place on a list; `people` are those to come, where that is not its holder alone."""

    phone: str
    wait: Wait
    people: tuple[str, ...] = ()
    poor: bool = False


class CommuneFact(Value, frozen=True):
    """What staff say about a topic, by language, from a day to a day (both included; no last one: for good)."""

    topic: Topic
    said: Mapping[str, str]
    since: date
    until: date | None = None


@dataclass
class World:
    """Seats and waits by id, in the order they were made."""

    commune: Commune
    hamlets: list[Hamlet]
    scheme: Scheme | None  # `left` is what there was to begin with
    slots: dict[int, tuple[Slot, Event]]
    handsets: dict[str, Handset] = field(default_factory=dict)  # by TAC
    seats: dict[int, Seat] = field(default_factory=dict)
    waits: dict[int, Waiting] = field(default_factory=dict)
    holds: dict[str, tuple[Hold, bool]] = field(default_factory=dict)  # by phone; whether it was made longer
    known: dict[str, Known] = field(default_factory=dict)  # by phone
    names: dict[str, str] = field(default_factory=dict)  # of who was booked for
    rated: dict[int, datetime] = field(default_factory=dict)  # seats whose holder said how it went, and when first
    facts: list[CommuneFact] = field(default_factory=list)  # as staff wrote them, the last one last
    asked: list[tuple[Topic, date]] = field(default_factory=list)  # what was asked about, once for each time
    made: int = 0
    without_times: list[Occasion] = field(default_factory=list)  # held, with nothing to book
    numbers: dict[int, int] = field(default_factory=dict)  # of events with times, by event
    requests: list[tuple[str, Request]] = field(default_factory=list)  # open ones, with the phone that asked
    opinions: dict[int, tuple[str, str]] = field(default_factory=dict)  # by number: the phone, and its words
    numbered: int = 0  # requests and opinions

    def copy(self) -> World:
        """Another world that can go its own way."""
        return replace(
            self,
            seats=dict(self.seats),
            waits=dict(self.waits),
            holds=dict(self.holds),
            known=dict(self.known),
            names=dict(self.names),
            rated=dict(self.rated),
            facts=list(self.facts),
            asked=list(self.asked),
            requests=list(self.requests),
            opinions=dict(self.opinions),
        )

    def clock(self, now: datetime) -> None:
        """What the real clock does every minute: offers nobody answered pass on, lists too near their time are closed,
        and what is free is offered to those who wait.
        """
        for key, it in list(self.waits.items()):
            stands = it.wait.until > now if it.wait.until else self.early(it.wait.slot, now)
            if not stands:
                del self.waits[key]
        for key, it in sorted(self.waits.items(), key=lambda item: not item[1].poor):
            if it.wait.until is None and self.room(it.wait.slot, now) >= it.wait.places:
                self.waits[key] = it.replace(wait=it.wait.replace(until=waking(now, OFFER_HOURS)))

    def held(self) -> list[Occasion]:
        """All events there are, with times and without, the soonest first."""
        by_event: dict[int, list[Slot]] = {}
        events = {event.id: event for _, event in self.slots.values()}
        for slot, event in self.slots.values():
            by_event.setdefault(event.id, []).append(slot)
        with_times = [self._with_times(events[key], slots) for key, slots in by_event.items()]
        return sorted([*with_times, *self.without_times], key=lambda it: (it.starts, it.id))

    def _with_times(self, event: Event, slots: list[Slot]) -> Occasion:
        starts = sorted(slot.starts for slot in slots)
        number = self.numbers.get(event.id, 0)
        return Occasion(
            event.id, event.kind, starts[0], starts[-1] + LASTS, event.hall, event.hamlet, number, bookable=True
        )  # fmt: skip

    def early(self, slot: int, now: datetime) -> bool:
        return self.slots[slot][0].starts - now > OFFERS_STOP

    def room(self, slot: int, now: datetime) -> int:
        """Seats that nobody has, was offered or keeps."""
        seated = sum(it.slot == slot and it.ended != "cancelled" for it in self.seats.values())
        kept = [(hold.slot, hold.until, hold.places) for hold, _ in self.holds.values()]
        offered = [(it.wait.slot, it.wait.until, it.wait.places) for it in self.waits.values() if it.wait.until]
        promised = sum(places for at, until, places in (*kept, *offered) if at == slot and until > now)
        return self.slots[slot][0].seats - seated - promised

    def free(self, slot: int, now: datetime) -> int:
        """Seats for whoever comes first: none while somebody waits who can still be offered one."""
        waited_for = any(it.wait.slot == slot and it.wait.until is None for it in self.waits.values())
        return 0 if waited_for and self.early(slot, now) else self.room(slot, now)
