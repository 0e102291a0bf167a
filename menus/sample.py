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
