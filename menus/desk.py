"""All a menu may ask of the world (Reads) or do to it (Desk), and the values between; those by the dozen are tuples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from menus.notices import Kind

Handset = Literal["2g", "3g", "4g_no_volte", "4g_volte", "unknown"]
Sim = Literal["2g", "3g", "4g", "unknown"]
Poor = Literal["yes", "near", "no", "unknown"]
Source = Literal["register", "self", "seen"]
Stop = Literal["advert", "all"]


TAKE_BACK_WITHIN = timedelta(minutes=15)  # LAI after a cancellation


class SlotTaken(Exception):
    """The last seat of this slot has gone, or the slot no longer takes bookings."""


class AlreadyBooked(Exception):
    """This person already has a booking; one at a time."""


class NoSuchBooking(Exception):
    """The booking was cancelled or used meanwhile, or does not belong to this phone."""


@dataclass(frozen=True, slots=True)
class Commune:
    """The commune as it is called on the day of the turn. `sms_number` is where residents text."""

    id: int
    name: str
    sms_number: str


class Hamlet(NamedTuple):
    """A hamlet and the other names people give it, folded."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the resident who holds this phone; each fact with its source, best source first.

    `in_register` says that a clerk or a register put the person there, so that nothing need be asked.
    `helped` says that a scheme already served the person or, where it counts, the household.
    """

    hamlet: int | None = None
    handset: Handset = "unknown"
    sim: Sim = "unknown"
    poor: Poor = "unknown"
    imei: str = ""
    helped: bool = False
    household_helped: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One support scheme: dated data. None for a list means no limit; `left` None means uncounted."""

    name: str
    opens: date
    closes: date
    hamlets: frozenset[int] | None
    handsets: frozenset[Handset]
    sims: frozenset[Sim] | None
    poor: Literal["any", "near", "yes"]
    one_per_household: bool
    left: int | None
    bring: Mapping[str, str]  # by language


class Event(NamedTuple):
    """A registration day at a hall, with seats left over all its slots that have not begun."""

    id: int
    day: date
    hall: str
    hamlet: int | None
    seats: int


class Slot(NamedTuple):
    """A bookable time of an event. `starts` is aware UTC."""

    id: int
    starts: datetime
    seats: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A seat that is taken, in `slot`. `starts` is aware UTC."""

    id: int
    code: str
    starts: datetime
    hall: str
    revision: int = 1
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """What the resident agreed to: the prompt's key and words version, and the answer as it was sent."""

    prompt: str
    answer: str


class Reads(Protocol):
    """What a screen may look at. Every read is of this phone and this commune."""

    def commune(self) -> Commune: ...
    def hamlets(self) -> Sequence[Hamlet]: ...
    def known(self) -> Known: ...
    def handset_of(self, tac: str) -> Handset: ...
    def scheme(self) -> Scheme | None: ...
    def events(self, hamlet: int | None) -> Sequence[Event]:
        """Open events with a slot still to begin: own hamlet first, then the commune's, nearest day first."""
        ...

    def slots(self, event: int) -> Sequence[Slot]:
        """Slots with seats left that have not begun, in order of time."""
        ...

    def slot(self, slot: int) -> tuple[Slot, Event] | None: ...
    def reminded(self) -> bool:
        """Was the last text to this phone a reminder? Then a bare "co" or "huy" is about that."""
        ...

    def asked_how_it_went(self) -> bool:
        """Was the last text to this phone that question? Then a bare "5" answers it."""
        ...

    def booking(self, code: str = "") -> Booking | None:
        """The booking made from this phone, or for its holder, that is still to come."""
        ...


class Desk(Reads, Protocol):
    """What an answer may do. Every act is whole or not at all."""

    def book(self, slot: int, known: Known, consent: Consent) -> Booking:
        """Raises SlotTaken, AlreadyBooked."""
        ...

    def move(self, booking: int, slot: int) -> Booking:
        """Raises SlotTaken, NoSuchBooking."""
        ...

    def cancel(self, booking: int) -> Booking:
        """Raises NoSuchBooking."""
        ...

    def take_back(self) -> Booking:
        """The seat given up within the last quarter of an hour. Raises NoSuchBooking, SlotTaken, AlreadyBooked."""
        ...

    def ask_call(self, hamlet: int | None, consent: Consent) -> None:
        """A task for the hamlet head or staff; asking again while one is open adds none."""
        ...

    def prefer(self, language: str, marks: bool) -> None: ...
    def stop(self, what: Stop) -> bool:
        """False when this phone had said so before: the law asks for one confirmation, not two."""
        ...

    def resume_texts(self) -> None: ...
    def rate(self, score: int) -> bool:
        """How the last visit went, 1 to 5. False when there is none, or it was rated more than a week ago."""
        ...

    def tell(self, kind: Kind) -> None:
        """Text this phone something of no booking that it asked for; asked again within the hour, it goes once."""
        ...
