"""What all phones share while the port is in memory: the days, who has what, who waits, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from menus.port import Booking, Commune, Event, Hamlet, Handset, Hold, Scheme, Slot, Wait


@dataclass
class World:
    """Bookings and waits by id, each with the phone it is of."""

    commune: Commune
    hamlets: list[Hamlet]
    scheme: Scheme | None
    slots: dict[int, tuple[Slot, Event]]
    bookings: dict[int, tuple[str, Booking]] = field(default_factory=dict)
    waits: dict[int, tuple[str, Wait]] = field(default_factory=dict)  # in the order they came
    holds: dict[str, Hold] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)  # by TAC
    given_up: dict[str, tuple[Booking, datetime]] = field(default_factory=dict)  # by phone: the last, and when
    made: int = 0

    def copy(self) -> World:
        """Another world that can go its own way."""
        return replace(
            self,
            bookings=dict(self.bookings),
            waits=dict(self.waits),
            holds=dict(self.holds),
            given_up=dict(self.given_up),
        )
