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
    holds: dict[str, tuple[Hold, bool]] = field(
        default_factory=dict
    )  # by phone; whether it was made longer
    known: dict[str, Known] = field(default_factory=dict)  # by phone
    names: dict[str, str] = field(default_factory=dict)  # of who was booked for
    rated: dict[int, datetime] = field(
        default_factory=dict
    )  # seats whose holder said how it went, and when first
    facts: list[CommuneFact] = field(
        default_factory=list
    )  # as staff wrote them, the last one last
    asked: list[tuple[Topic, date]] = field(
        default_factory=list
    )  # what was asked about, once for each time
    made: int = 0
    without_times: list[Occasion] = field(
        default_factory=list
    )  # held, with nothing to book
    numbers: dict[int, int] = field(
        default_factory=dict
    )  # of events with times, by event
    requests: list[tuple[str, Request]] = field(
        default_factory=list
    )  # open ones, with the phone that asked
    opinions: dict[int, tuple[str, str]] = field(
        default_factory=dict
    )  # by number: the phone, and its words
    said: dict[int, datetime] = field(
        default_factory=dict
    )  # when, by number of the opinion
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
            said=dict(self.said),
        )

    def clock(self, now: datetime) -> None:
        """What the real clock does every minute: offers nobody answered pass on, lists too near their time are closed,
        and what is free is offered to those who wait.
        """
        for key, it in list(self.waits.items()):
            if not self._stands(it.wait, now):
                del self.waits[key]
        in_turn = sorted(self.waits.items(), key=lambda item: not item[1].poor)
        for key, it in in_turn:
            if it.wait.until is None and self.room(it.wait.slot, now) >= it.wait.places:
                until = waking(now, OFFER_HOURS)
                self.waits[key] = it.replace(wait=it.wait.replace(until=until))

    def _stands(self, wait: Wait, now: datetime) -> bool:
        """Is the offer still to be answered, or is there time enough yet to be offered a seat?"""
        if wait.until:
            return wait.until > now
        return self.early(wait.slot, now)

    def held(self) -> list[Occasion]:
        """All events there are, with times and without, the soonest first."""
        events: dict[int, Event] = {}
        by_event: dict[int, list[Slot]] = {}
        for slot, event in self.slots.values():
            events[event.id] = event
            by_event.setdefault(event.id, []).append(slot)
        occasions = list(self.without_times)
        for key, slots in by_event.items():
            occasions.append(self._with_times(events[key], slots))
        return sorted(occasions, key=lambda it: (it.starts, it.id))

    def _with_times(self, event: Event, slots: list[Slot]) -> Occasion:
        starts = [slot.starts for slot in slots]
        begins = min(starts)
        ends = max(starts) + LASTS
        number = self.numbers.get(event.id, 0)
        return Occasion(
            event.id,
            event.kind,
            begins,
            ends,
            event.hall,
            event.hamlet,
            number,
            bookable=True,
        )

    def early(self, slot: int, now: datetime) -> bool:
        found, _ = self.slots[slot]
        return found.starts - now > OFFERS_STOP

    def room(self, slot: int, now: datetime) -> int:
        """Seats that nobody has, was offered or keeps."""
        found, _ = self.slots[slot]
        left = found.seats
        for seat in self.seats.values():
            if seat.slot == slot and seat.ended != "cancelled":
                left -= 1
        for hold, _ in self.holds.values():
            if hold.slot == slot and hold.until > now:
                left -= hold.places
        for it in self.waits.values():
            offered = it.wait.until is not None and it.wait.until > now
            if it.wait.slot == slot and offered:
                left -= it.wait.places
        return left

    def free(self, slot: int, now: datetime) -> int:
        """Seats for whoever comes first: none while somebody waits who can still be offered one."""
        if self._is_waited_for(slot) and self.early(slot, now):
            return 0
        return self.room(slot, now)

    def _is_waited_for(self, slot: int) -> bool:
        return any(
            it.wait.slot == slot and it.wait.until is None for it in self.waits.values()
        )
