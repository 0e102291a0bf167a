"""A resident with a phone, over the port in memory: dials, presses, texts, waits, drops
the call.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from menus import MENU, words
from menus.core import Channel, Screen, Session
from menus.days import at_local
from menus.fitting import USSD, Budget
from menus.memory import MemoryPort
from menus.port import (
    Booking,
    Commune,
    Consent,
    Event,
    Hamlet,
    Known,
    Scheme,
    School,
    Slot,
)
from menus.world import Seat, World

NOW = datetime(2024, 4, 12, 2, 0, tzinfo=UTC)  # Friday 12 April 2024, 09:00
REGISTERED = Known(
    hamlet=1, handset="2g", sim="2g", poor="no", sources={"hamlet": "register", "handset": "register"}
)  # fmt: skip
SCHEME = Scheme(
    name="Đợt 1", opens=date(2024, 4, 1), closes=date(2024, 6, 30), hamlets=None, handsets=frozenset({"2g", "3g"}),
    sims=None, poor="any", one_per_household=True, left=50,
    bring={words.VIETNAMESE: "CCCD, máy cũ", words.ENGLISH: "ID card, old phone"},
)  # fmt: skip
SCHOOLS = (
    "Trường Mầm non Quảng Trung III",
    "Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Quảng Trung III",
    "Trường Trung học cơ sở Quảng Liên III",
)
CLOCKS = ("08:00", "08:30", "14:00")


def world(
    *,
    events: int = 3,
    clocks: tuple[str, ...] = CLOCKS,
    seats: int = 6,
    hamlets: int = 11,
) -> World:
    """The longest names of the plan's commune; event and slot numbers are not 1, 2, 3
    as on the screen.
    """
    homes = [
        Hamlet(number, f"Quảng Trung {'I' * (number % 3 + 1)}")
        for number in range(1, hamlets + 1)
    ]
    slots: dict[int, tuple[Slot, Event]] = {}
    for number in range(events):
        day = date(2024, 4, 21) + timedelta(days=7 * number)
        event = Event(90_001 + number, day, "NVH Quảng Trung III", number + 1, 0)
        for clock in clocks:
            key = 700_001 + len(slots)
            slots[key] = Slot(key, at_local(day, clock), seats), event
    schools = [School(number, name) for number, name in enumerate(SCHOOLS, 601)]
    commune = Commune(1, "Phường Lương Văn Tri", "2404")
    return World(commune, homes, SCHEME, slots, schools=schools)


def visited(here: World, phone: str = "+84990000001", days: int = 1) -> World:
    """Whoever holds this phone came so many days ago."""
    seat = Seat(
        -len(here.seats) - 1,
        "11111",
        next(iter(here.slots)),
        phone,
        phone,
        ended="came",
    )
    here.seats[seat.id] = seat.replace(at=NOW - timedelta(days=days))
    return here


class Resident:
    def __init__(
        self,
        known: Known | None = None,
        *,
        channel: Channel = "ussd",
        in_world: World | None = None,
        phone: str = "+84990000001",
        budget: Budget = USSD,
    ) -> None:
        self.now = NOW
        self.port = MemoryPort(in_world or world(), phone, NOW, known)
        self.session = Session(phone, channel, budget=budget)
        self.screen = Screen("")

    @property
    def world(self) -> World:
        return self.port.world

    @property
    def booking(self) -> Booking | None:
        return self.port.booking()

    @property
    def consents(self) -> list[Consent]:
        return self.port.consents

    @property
    def state(self) -> str:
        return self.session.state

    def hears(self, heard: str | None) -> str:
        """One turn; what the screen says now."""
        self.port.now = self.now
        self.world.clock(self.now)
        self.session, self.screen = MENU.turn(self.session, heard, self.port, self.now)
        return self.screen.text

    def dial(self, *keys: str) -> str:
        """Dial, then press keys one by one."""
        self.hears(None)
        return self.press(*keys)

    def press(self, *keys: str) -> str:
        for key in keys:
            assert not self.screen.ends, (
                f"the call ended before {key}: {self.screen.text}"
            )
            self.hears(key)
        return self.screen.text

    def text(self, *said: str) -> str:
        for one in said:
            self.hears(one)
        return self.screen.text

    def wait(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)

    def speaking(self, language: str, marks: bool = False) -> Resident:
        self.session = self.session.replace(language=language, marks=marks)
        return self
