"""What all phones share while the port is in memory: the days, who has a seat, who
waits, what is kept; and a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from menus.days import waking
from menus.port import (
    IS_FOR,
    OFFERS_STOP,
    AlreadyBooked,
    Commune,
    Event,
    EventKind,
    Hamlet,
    Handset,
    Hold,
    Known,
    Logged,
    Occasion,
    Request,
    Scheme,
    School,
    Service,
    Slot,
    SlotTaken,
    Wait,
)
from menus.topics import Topic
from menus.values import Value

LASTS = timedelta(minutes=30)  # a slot
OFFER_HOURS = 2  # waking ones


class Seat(Value, frozen=True):
    """Of one person, `who`, booked by the phone `booker`. `party` is the id of the
    first of those who come together.
    """

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

    def is_of(self, phone: str) -> bool:
        """Was it booked from this phone, or for its holder?"""
        return phone in (self.booker, self.who)

    def comes_with(self, other: Seat) -> bool:
        """Is it the same seat, or one of the same party?"""
        if self.party:
            return self.party == other.party
        return self.id == other.id

    def bears_code_of(self, other: Seat) -> bool:
        """Is it another seat with that code, at the same time or of the same phone?"""
        if self.id == other.id:
            return False
        if self.code != other.code:
            return False
        if self.slot == other.slot:
            return self.ended != "cancelled"
        return self.booker == other.booker and not self.ended


class Party(Value, frozen=True):
    """Those who are seated together, by the phone `booker`. The `codes` are what they
    bore before, or under which the seats were `promised`: kept, or offered.
    """

    people: tuple[str, ...]
    booker: str
    codes: tuple[str, ...] = ()
    promised: bool = False

    @classmethod
    def again(cls, seats: Sequence[Seat]) -> Party:
        """Those who gave up these seats, with the codes they bore."""
        people = [seat.who for seat in seats]
        codes = [seat.code for seat in seats]
        booker = seats[0].booker
        return cls(tuple(people), booker, tuple(codes))

    def with_promise(self, code: str) -> Party:
        """Seated under this code; as before where nothing was promised."""
        if not code:
            return self
        return self.replace(codes=(code,), promised=True)

    def code_of(self, place: int) -> str:
        """Of the first one at 0; empty where they get a new one."""
        if place >= len(self.codes):
            return ""
        return self.codes[place]


class Waiting(Value, frozen=True):
    """A phone's place on a list; `people` are those to come, where that is not its
    holder alone.
    """

    phone: str
    wait: Wait
    people: tuple[str, ...] = ()
    poor: bool = False

    def is_offered(self, now: datetime) -> bool:
        """Is a seat kept for them now, for which they have yet to say yes?"""
        until = self.wait.until
        return until is not None and until > now


class CommuneFact(Value, frozen=True):
    """What staff say about a topic, by language, from a day to a day (both included; no
    last one: for good).
    """

    topic: Topic
    said: Mapping[str, str]
    since: date
    until: date | None = None

    def is_valid(self, day: date) -> bool:
        if self.until is not None and self.until < day:
            return False
        return self.since <= day


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
    # by phone; whether it was made longer
    holds: dict[str, tuple[Hold, bool]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)  # by phone
    names: dict[str, str] = field(default_factory=dict)  # of who was booked for
    # seats whose holder said how it went, and when first
    rated: dict[int, datetime] = field(default_factory=dict)
    # as staff wrote them, the last one last
    facts: list[CommuneFact] = field(default_factory=list)
    # what was asked about, once for each time
    asked: list[tuple[Topic, date]] = field(default_factory=list)
    made: int = 0
    # held, with nothing to book
    without_times: list[Occasion] = field(default_factory=list)
    # were to be held, and are off
    cancelled: list[Occasion] = field(default_factory=list)
    # of events with times, by event
    numbers: dict[int, int] = field(default_factory=dict)
    # what one can get at them, by event
    services: dict[int, tuple[Service, ...]] = field(default_factory=dict)
    # open ones, with the phone that asked
    requests: list[tuple[str, Request]] = field(default_factory=list)
    schools: list[School] = field(default_factory=list)
    # by phone: at which schools it is on the list of parents
    parents: dict[str, tuple[int, ...]] = field(default_factory=dict)
    # by number of the request: which school, and whether it sees it
    schools_asked: dict[int, tuple[int, bool]] = field(default_factory=dict)
    # by number: the phone, and its words
    opinions: dict[int, tuple[str, str]] = field(default_factory=dict)
    # when, by number of the opinion
    said: dict[int, datetime] = field(default_factory=dict)
    numbered: int = 0  # requests and opinions
    # what staff logged, by phone, the last day first
    logged: dict[str, tuple[Logged, ...]] = field(default_factory=dict)
    # by phone: what of it a text asked about that nobody answered yet
    logged_asked: dict[str, Logged] = field(default_factory=dict)

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
            schools_asked=dict(self.schools_asked),
            logged_asked=dict(self.logged_asked),
        )

    def clock(self, now: datetime) -> None:
        """What the real clock does every minute: offers nobody answered pass on, lists
        too near their time are closed, and what is free is offered to those who wait.
        """
        for place in list(self.waits.values()):
            wait = place.wait
            if not self._stands(wait, now):
                del self.waits[wait.id]
        for place in self._in_turn():
            self._offer(place, now)

    def _stands(self, wait: Wait, now: datetime) -> bool:
        """Is the offer still to be answered, or is there time enough yet to be offered
        a seat?
        """
        if wait.until:
            return wait.until > now
        time = self.time(wait.slot, now)
        return time.is_early()

    def _in_turn(self) -> list[Waiting]:
        """Those who wait: poor households first, then as they came."""
        return sorted(self.waits.values(), key=lambda place: not place.poor)

    def _offer(self, place: Waiting, now: datetime) -> None:
        """As many seats as are waited for, where they are free."""
        wait = place.wait
        if wait.until:
            return
        time = self.time(wait.slot, now)
        if time.room() < wait.places:
            return
        until = waking(now, OFFER_HOURS)
        offered = wait.replace(until=until)
        self.waits[wait.id] = place.replace(wait=offered)

    def held(self) -> list[Occasion]:
        """All events there are, with times and without, the soonest first."""
        occasions = list(self.without_times)
        for event in self._with_times():
            occasion = self._occasion(event)
            occasions.append(occasion)
        return sorted(occasions, key=lambda it: (it.starts, it.id))

    def _with_times(self) -> Iterable[Event]:
        events: dict[int, Event] = {}
        for _, event in self.slots.values():
            events[event.id] = event
        return events.values()

    def _occasion(self, event: Event) -> Occasion:
        """From its first time to the end of its last."""
        starts = [slot.starts for slot in self.slots_of(event.id)]
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
            services=self.services.get(event.id, ()),
        )

    def serves(self, event: Event, other: Event) -> bool:
        """Does a seat at `event` make one at `other` needless?"""
        if event.kind == other.kind:
            return True
        here = self.services.get(event.id, ())
        there = self.services.get(other.id, ())
        return IS_FOR.get(other.kind) in here and set(there) <= set(here)

    def slots_of(self, number: int) -> Iterator[Slot]:
        """The times of an event."""
        for slot, event in self.slots.values():
            if event.id == number:
                yield slot

    def time(self, slot: int, now: datetime) -> Time:
        """Raises KeyError where there is no such slot."""
        found, event = self.slots[slot]
        return Time(self, found, event, now)

    # Seats

    def standing(self) -> list[Seat]:
        """Seats that nobody gave up, and of which staff have not said whether somebody
        came.
        """
        return [seat for seat in self.seats.values() if not seat.ended]

    def ended(self, how: Literal["cancelled", "came"]) -> Iterator[Seat]:
        """Everybody's seats that ended so."""
        for seat in self.seats.values():
            if seat.ended == how:
                yield seat

    def seat_of(self, who: str, kind: EventKind) -> Seat | None:
        """The one that somebody has at an event of this kind."""
        for seat in self.standing():
            if seat.who == who and self._event_of(seat).kind == kind:
                return seat
        return None

    def _is_served(self, who: str, event: Event) -> bool:
        """Have they a seat that makes one at this event needless?"""
        theirs = [seat for seat in self.standing() if seat.who == who]
        return any(self.serves(self._event_of(seat), event) for seat in theirs)

    def _event_of(self, seat: Seat) -> Event:
        _, event = self.slots[seat.slot]
        return event

    def coming_with(self, seat: Seat) -> list[Seat]:
        """All who come together, with the seat itself."""
        return [other for other in self.standing() if other.comes_with(seat)]

    def seat(self, party: Party, time: Time) -> str:
        """The code of the first. Raises AlreadyBooked, SlotTaken."""
        first = self.number()
        together = first if len(party.people) > 1 else 0
        for place, who in enumerate(party.people):
            if self._is_served(who, time.event):
                raise AlreadyBooked
            if not time.left(party.promised):
                raise SlotTaken
            number = self.number() if place else first
            code = party.code_of(place) or code_of(number)
            seat = Seat(number, code, time.slot.id, who, party.booker, together)
            self._put(seat)
        return self.seats[first].code

    def move(self, rows: Sequence[Seat], time: Time, promised: bool) -> str:
        """The code of the first. A part of a party leaves it. Raises SlotTaken."""
        first = rows[0]
        is_part = len(rows) < len(self.coming_with(first))
        for seat in rows:
            if seat.slot == time.slot.id:
                raise SlotTaken
            if not time.left(promised):
                raise SlotTaken
            party = 0 if is_part else seat.party
            revision = seat.revision + 1
            moved = seat.replace(slot=time.slot.id, revision=revision, party=party)
            self._put(moved)
        return self.seats[first.id].code

    def _put(self, seat: Seat) -> None:
        """With another code, where somebody bears its own at that time, or this phone
        for another booking.
        """
        if self._is_code_borne(seat):
            number = self.number()
            seat = seat.replace(code=code_of(number))
        self.seats[seat.id] = seat

    def _is_code_borne(self, seat: Seat) -> bool:
        others = self.seats.values()
        return any(other.bears_code_of(seat) for other in others)

    def held_by(self, phone: str, now: datetime) -> Hold | None:
        """What this phone keeps."""
        held, _ = self.holds.get(phone, (None, False))
        if held is None or held.until <= now:
            return None
        return held

    def number(self) -> int:
        """The next, of a seat, a hold or a wait."""
        self.made += 1
        return self.made


def code_of(number: int) -> str:
    """Five digits."""
    return f"{48_314 + number}"


@dataclass(frozen=True, slots=True)
class Time:
    """A slot and its day, as they stand at a moment; `now` is aware UTC."""

    world: World
    slot: Slot
    event: Event
    now: datetime

    def has_begun(self) -> bool:
        return self.slot.starts <= self.now

    def is_over(self) -> bool:
        ends = self.slot.starts + LASTS
        return ends <= self.now

    def is_early(self) -> bool:
        """Is it so long before the start that a seat can be waited for?"""
        return self.slot.starts - self.now > OFFERS_STOP

    def room(self) -> int:
        """Seats that nobody has, was offered or keeps."""
        left = self.slot.seats
        for seat in self.world.seats.values():
            if seat.slot == self.slot.id and seat.ended != "cancelled":
                left -= 1
        for hold, _ in self.world.holds.values():
            if hold.slot == self.slot.id and hold.until > self.now:
                left -= hold.places
        for place in self._waiting():
            if place.is_offered(self.now):
                left -= place.wait.places
        return left

    def free(self) -> int:
        """Seats for whoever comes first: none while somebody waits who can still be
        offered one.
        """
        if self.is_early() and self._is_waited_for():
            return 0
        left = self.room()
        return max(0, left)

    def left(self, promised: bool) -> int:
        """While somebody waits there, only for whoever was promised a seat before."""
        if not promised:
            return self.free()
        left = self.room()
        return max(0, left)

    def _is_waited_for(self) -> bool:
        """Does anybody wait there who has no offer?"""
        return any(place.wait.until is None for place in self._waiting())

    def _waiting(self) -> Iterator[Waiting]:
        for place in self.world.waits.values():
            if place.wait.slot == self.slot.id:
                yield place
