"""A small invented commune for the handset in the terminal, and for the tests of the
menus.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from menus import words
from menus.days import at_local, today
from menus.port import Commune, Event, Hamlet, Scheme, School, Slot
from menus.world import World

HAMLETS = tuple(
    f"Quảng {name} {number}"
    for name, many in (("Tiến", 2), ("Trung", 3), ("Hồng", 3), ("Liên", 3))
    for number in ("I", "II", "III")[:many]
)

SCHOOLS = ("Trường Tiểu học Quảng Lạc", "Trường Trung học cơ sở Quảng Lạc")
EVENTS = ((2, 3), (3, 1), (5, 6))  # so many days ahead, in the hall of this hamlet
CLOCKS = ("08:00", "08:30", "09:00", "14:00")  # when the slots of each begin
SEATS = 6  # in a slot


def sample_world(now: datetime) -> World:
    """A small invented commune with three events in the days to come."""
    commune = Commune(1, "Xã Quảng Lạc", "2404")
    hamlets = [Hamlet(number, name) for number, name in enumerate(HAMLETS, 1)]
    schools = [School(number, name) for number, name in enumerate(SCHOOLS, 1)]
    day = today(now)
    scheme = _scheme(day)
    slots = _slots(day)
    return World(commune, hamlets, scheme, slots, schools=schools)


def _scheme(day: date) -> Scheme:
    return Scheme(
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


def _slots(day: date) -> dict[int, tuple[Slot, Event]]:
    slots: dict[int, tuple[Slot, Event]] = {}
    for number, (ahead, hamlet) in enumerate(EVENTS, 1):
        name = HAMLETS[hamlet - 1]
        its_day = day + timedelta(days=ahead)
        event = Event(number, its_day, f"NVH {name}", hamlet, 0)
        for clock in CLOCKS:
            key = len(slots) + 1
            starts = at_local(its_day, clock)
            slots[key] = Slot(key, starts, SEATS), event
    return slots
