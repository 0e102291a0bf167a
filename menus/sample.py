"""A small invented commune for the handset in the terminal, and for the tests of the menus."""

from __future__ import annotations

from datetime import datetime, timedelta

from menus import words
from menus.days import at_local, today
from menus.port import Commune, Event, Hamlet, Scheme, Slot
from menus.world import World

HAMLETS = tuple(
    f"Quảng {name} {number}"
    for name, many in (("Tiến", 2), ("Trung", 3), ("Hồng", 3), ("Liên", 3))
    for number in ("I", "II", "III")[:many]
)

EVENTS = ((2, 3), (3, 1), (5, 6))  # so many days ahead, in the hall of this hamlet


def sample_world(now: datetime) -> World:
    """A small invented commune with three events in the days to come."""
    hamlets = [Hamlet(number, name) for number, name in enumerate(HAMLETS, 1)]
    day = today(now)
    scheme = Scheme(
        name="Đợt minh họa",
        opens=day - timedelta(days=10),
        closes=day + timedelta(days=60),
        hamlets=None,
        handsets=frozenset({"2g", "3g"}),
        sims=None,
        poor="any",
        one_per_household=True,
        left=50,
        bring={words.VIETNAMESE: "CCCD, máy cũ", words.ENGLISH: "ID card, old phone"},
    )
    slots: dict[int, tuple[Slot, Event]] = {}
    for number, (ahead, hamlet) in enumerate(EVENTS, 1):
        hall = f"NVH {hamlets[hamlet - 1].name}"
        event = Event(number, day + timedelta(days=ahead), hall, hamlet, 0)
        for clock in ("08:00", "08:30", "09:00", "14:00"):
            slot = Slot(len(slots) + 1, at_local(event.day, clock), 6)
            slots[slot.id] = (slot, event)
    commune = Commune(1, "Xã Quảng Lạc", "2404")
    return World(commune, hamlets, scheme, slots)
