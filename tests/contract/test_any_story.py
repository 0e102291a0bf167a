"""Whatever residents do in whatever order: the port in memory and the one over the
database answer alike, and after each step every phone sees the same.

Hypothesis draws the stories. A longer look, and a failing story made as short as it
can, with SOAK=1.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db.seats import bookings, holds, waiting
from db.store.engine import Database
from menus.port import (
    HOLDER,
    AlreadyBooked,
    Asking,
    Booking,
    Consent,
    Guest,
    Handset,
    Hold,
    Known,
    NoSuchBooking,
    Port,
    Said,
    SlotTaken,
    Stop,
    Wait,
)
from tests import factories
from tests.conftest import ENGINES
from tests.contract.commune import SUNDAY, TUESDAY, YES, Commune, InMemory
from tests.contract.conftest import untold

SOAK = os.environ.get("SOAK") == "1"
EXAMPLES, STEPS = (
    ({"sqlite": 2_000, "postgresql": 500}, 40)
    if SOAK
    else ({"sqlite": 200, "postgresql": 60}, 30)
)
PHASES = (Phase.generate, Phase.shrink) if SOAK else (Phase.generate,)
PHONES = 4  # the first is of a poor household, the second is registered under a name
NAMED = "Lý Thị Mẫu"
Told = tuple[object, ...]

PHONE, SLOT, WHICH = (
    st.integers(0, PHONES - 1),
    st.sampled_from([0, 1, 2, 2, 3, 3, 4, 4]),
    st.integers(0, 5),
)
MINUTES = st.sampled_from([*[1, 8, 16] * 4, 125, 125, 7 * 60, 24 * 60])
GUEST = st.sampled_from(
    [
        Guest(NAMED), Guest("ly thi mau"), Guest("Hà"), Guest(number=2), Guest(number=3),
        *[Guest(NAMED, factories.phone(number)) for number in range(PHONES)],
        Guest(number=1, phone=factories.phone(3)),
    ]
)  # fmt: skip
PARTY = st.one_of(
    st.just((HOLDER,)),
    st.just((HOLDER,)),
    st.lists(GUEST, min_size=1, max_size=2).map(lambda others: (HOLDER, *others)),
    st.lists(GUEST, min_size=1, max_size=2).map(tuple),
)
FAR = st.integers(2, 4)  # of the slots: to be waited for
HANDSETS: list[Handset] = ["unknown", "2g", "4g_no_volte"]
WISHES: list[Stop] = ["advert", "remind", "all"]


def booked(port: Port) -> bool:
    return bool(port.bookings())


def keeps(port: Port) -> bool:
    return port.hold() is not None


def waits(port: Port) -> bool:
    return port.wait() is not None


def offered(port: Port) -> bool:
    return (wait := port.wait()) is not None and wait.until is not None


class Teller:
    """One commune, and what its ids and codes are called in the story: the first code
    that was seen is code 1.
    """

    def __init__(self, commune: Commune) -> None:
        self.commune = commune
        self.bookings: dict[int, str] = {}
        self.waits: dict[int, str] = {}
        self._codes: dict[str, str] = {}
        self._slots = dict(
            zip(
                (*commune.today, *commune.sunday, *commune.tuesday),
                "ABCDE",
                strict=True,
            )
        )
        self.slots = tuple(self._slots)
        commune.registered(0, hamlet=0, poor="yes")
        commune.registered(1, name=NAMED, hamlet=1, handset="3g")
        commune.scheme(opens=SUNDAY, closes=TUESDAY, stock=5)

    def tells(self, act: Callable[[Port], object], phone: int) -> object:
        """What became of it."""
        try:
            return self.said(act(self.commune.phone(phone)))
        except (SlotTaken, AlreadyBooked, NoSuchBooking) as refused:
            return type(refused).__name__

    def said(self, answer: object) -> object:
        if isinstance(answer, Booking):
            booking = self.bookings.setdefault(
                answer.id, f"booking {len(self.bookings) + 1}"
            )
            return (
                booking,
                answer.replace(id=0, code=self.code(answer.code), slot=0),
                self._slots[answer.slot],
            )
        if isinstance(answer, Wait):
            wait = self.waits.setdefault(answer.id, f"wait {len(self.waits) + 1}")
            return (
                wait,
                answer.replace(id=0, code=self.code(answer.code), slot=0),
                self._slots[answer.slot],
            )
        if isinstance(answer, Hold):
            return answer.replace(code=self.code(answer.code), slot=0), self._slots[
                answer.slot
            ]
        if isinstance(answer, Known):
            return answer.replace(hamlet=self._home(answer.hamlet))
        if isinstance(answer, str) and answer.isdigit():
            return self.code(answer)
        return answer

    def code(self, code: str) -> str:
        return self._codes.setdefault(code, f"code {len(self._codes) + 1}")

    def sees(self, phone: int) -> Told:
        port = self.commune.phone(phone)
        days = port.events(self.commune.hamlets[phone % 2])
        times = [
            (self._slots[time.id], time.seats)
            for day in days
            for time in port.slots(day.id)
        ]
        known = [port.slot(slot) for slot in self.slots[:3]]
        scheme = port.scheme()
        return (
            [self.said(it) for it in port.bookings()],
            self.said(port.wait()),
            self.said(port.hold()),
            self.said(port.known()),
            [(it.day, it.hall, self._home(it.hamlet), it.seats) for it in days],
            times,
            [it and (it.starts, it.seats, it.hall) for it in known],
            scheme and scheme.left,
        )

    def _home(self, hamlet: int | None) -> int | None:
        return None if hamlet is None else self.commune.hamlets.index(hamlet)

    def booking(self, phone: int, which: int) -> int:
        own = self.commune.phone(phone).bookings()
        return own[which % len(own)].id

    def wait(self, phone: int) -> int:
        own = self.commune.phone(phone).wait()
        return own.id if own else 0

    def ever(self, ids: dict[int, str], which: int) -> int:
        """Whosever, and whatever became of it."""
        return list(ids)[which % len(ids)] if ids else 0


class AnyStory(RuleBasedStateMachine):
    """Each rule is something that somebody does, in both communes."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.steps = 0
        self._stack = ExitStack()
        self.both = (
            Teller(InMemory()),
            Teller(self._stack.enter_context(untold(database))),
        )

    def teardown(self) -> None:
        self._stack.close()

    def does(
        self, phone: int, act: Callable[[Teller], Callable[[Port], object]]
    ) -> None:
        """A second after what was before; then all look."""
        self.time(seconds=1)
        in_memory, over_it = (teller.tells(act(teller), phone) for teller in self.both)
        assert in_memory == over_it
        self.look(phone)

    def time(self, **how_long: float) -> None:
        for teller in self.both:
            teller.commune.goes_by(**how_long)

    def look(self, *who: int) -> None:
        """Who acted, and another."""
        self.steps += 1
        for phone in {*who, self.steps % PHONES} if who else range(PHONES):
            in_memory, over_it = (teller.sees(phone) for teller in self.both)
            assert in_memory == over_it, f"as phone {phone} sees it"

    def phones(self, has: Callable[[Port], object]) -> list[int]:
        return [
            phone for phone in range(PHONES) if has(self.both[0].commune.phone(phone))
        ]

    def of_those(self, which: int, has: Callable[[Port], object]) -> int:
        """One of the phones that have it, or any."""
        found = self.phones(has) or range(PHONES)
        return found[which % len(found)]

    # The clock, and the hall

    @rule(minutes=MINUTES)
    def time_goes_by(self, minutes: int) -> None:
        self.time(minutes=minutes)
        self.look()

    @rule()
    def the_clock_looks(self) -> None:
        for teller in self.both:
            teller.commune.clock()
        self.look()

    @rule(slot=SLOT, but=st.integers(0, 1))
    def a_time_fills(self, slot: int, but: int) -> None:
        """But for so many, from phones that say nothing else."""
        for teller in self.both:
            teller.commune.fills(teller.slots[slot], but)
        self.look()

    @precondition(lambda self: self.both[0].commune.strangers())
    @rule(which=WHICH, many=st.integers(1, 2))
    def others_give_up(self, which: int, many: int) -> None:
        others = self.both[0].commune.strangers()
        for teller in self.both:
            for phone in others[which % len(others) :][:many]:
                teller.commune.phone(phone).cancel(
                    teller.commune.phone(phone).bookings()[0].id
                )
        self.look()

    @precondition(lambda self: self.phones(booked))
    @rule(which=WHICH)
    def comes(self, which: int) -> None:
        who = self.of_those(which, booked)
        for teller in self.both:
            teller.commune.comes(who)
        self.look()
        self.does(who, lambda told: lambda port: port.rate(5))

    # Residents

    @rule(who=PHONE, slot=SLOT, places=st.sampled_from([1, 1, 1, 2, 3]))
    def choose(self, who: int, slot: int, places: int) -> None:
        self.does(who, lambda told: lambda port: port.keep(told.slots[slot], places))

    @precondition(lambda self: self.phones(keeps))
    @rule(
        which=WHICH,
        minutes=st.sampled_from([1, 8, 12]),
        then=st.sampled_from(["again", "book", "let go"]),
    )
    def come_back_to_what_is_kept(self, which: int, minutes: int, then: str) -> None:
        who = self.of_those(which, keeps)
        held = self.both[0].commune.phone(who).hold()
        assert held is not None
        slot = self.both[0].slots.index(held.slot)
        party = (HOLDER, Guest("Hà"), Guest(number=2))[: held.places]
        self.time(minutes=minutes)
        if then == "let go":
            self.does(who, lambda told: lambda port: port.let_go())
        elif then == "book":
            self.does(
                who,
                lambda told: (
                    lambda port: port.book(told.slots[slot], Said(), YES, party)
                ),
            )
        else:
            self.does(
                who, lambda told: lambda port: port.keep(told.slots[slot], held.places)
            )

    @rule(
        which=WHICH,
        slot=SLOT,
        party=PARTY,
        hamlet=st.sampled_from([None, 0, 1]),
        handset=st.sampled_from(HANDSETS),
    )
    def book(
        self,
        which: int,
        slot: int,
        party: tuple[Guest, ...],
        hamlet: int | None,
        handset: Handset,
    ) -> None:
        def act(told: Teller) -> Callable[[Port], object]:
            said = Said(
                None if hamlet is None else told.commune.hamlets[hamlet], handset
            )
            return lambda port: port.book(told.slots[slot], said, YES, party)

        self.does(self.of_those(which, lambda port: not booked(port)), act)

    @rule(who=PHONE, slot=FAR, party=PARTY)
    def wait_for(self, who: int, slot: int, party: tuple[Guest, ...]) -> None:
        self.a_time_fills(slot, 0)
        self.does(
            who,
            lambda told: (
                lambda port: port.wait_for(
                    told.slots[slot], Said(handset="2g"), YES, party
                )
            ),
        )

    @precondition(lambda self: self.phones(waits))
    @rule(
        which=WHICH,
        then=st.sampled_from(["accept", "accept", "accept", "leave"]),
        offer=st.booleans(),
    )
    def answer(self, which: int, then: str, offer: bool) -> None:
        """To an offer, where there is one."""
        if offer:
            self.others_give_up_all()
        who = self.of_those(which, offered if self.phones(offered) else waits)
        accepts = then == "accept"
        self.does(
            who,
            lambda told: (
                lambda port: (port.accept if accepts else port.leave)(told.wait(who))
            ),
        )

    def others_give_up_all(self) -> None:
        others = self.both[0].commune.strangers()
        for teller in self.both:
            for phone in others:
                teller.commune.phone(phone).cancel(
                    teller.commune.phone(phone).bookings()[0].id
                )
        self.the_clock_looks()

    @precondition(lambda self: self.phones(booked))
    @rule(which=WHICH, one=WHICH, slot=SLOT)
    def move(self, which: int, one: int, slot: int) -> None:
        who = self.of_those(which, booked)
        self.does(
            who,
            lambda told: (
                lambda port: port.move(told.booking(who, one), told.slots[slot])
            ),
        )

    @precondition(lambda self: self.phones(booked))
    @rule(which=WHICH, one=WHICH, back=st.sampled_from([None, 0, 0, 1, 2, 3]))
    def cancel(self, which: int, one: int, back: int | None) -> None:
        """And have it back, or another of the phones has."""
        who = self.of_those(which, booked)
        self.does(who, lambda told: lambda port: port.cancel(told.booking(who, one)))
        if back is not None:
            self.does((who + back) % PHONES, lambda told: lambda port: port.take_back())

    @precondition(lambda self: self.phones(booked))
    @rule(which=WHICH, one=WHICH, what=st.sampled_from(["coming", "moves", "stays"]))
    def say_what_is_to_be(self, which: int, one: int, what: str) -> None:
        who = self.of_those(which, booked)
        if what == "coming":
            self.does(
                who, lambda told: lambda port: port.coming(told.booking(who, one), YES)
            )
        else:
            self.does(
                who,
                lambda told: (
                    lambda port: port.may_move(told.booking(who, one), what == "moves")
                ),
            )

    @rule(
        who=PHONE,
        which=st.integers(0, 20),
        what=st.sampled_from(["move", "cancel", "may_move", "accept", "leave"]),
    )
    def touch_anything(self, who: int, which: int, what: str) -> None:
        def act(told: Teller) -> Callable[[Port], object]:
            booking, wait = (
                told.ever(told.bookings, which),
                told.ever(told.waits, which),
            )
            acts: dict[str, Callable[[Port], object]] = {
                "move": lambda port: port.move(booking, told.slots[4]),
                "cancel": lambda port: port.cancel(booking),
                "may_move": lambda port: port.may_move(booking, True),
                "accept": lambda port: port.accept(wait),
                "leave": lambda port: port.leave(wait),
            }
            return acts[what]

        self.does(who, act)

    @rule(
        who=PHONE,
        what=st.sampled_from([*WISHES, "start", "yes", "call", "rate", "back"]),
        hamlet=st.integers(0, 1),
    )
    def wish(self, who: int, what: Stop, hamlet: int) -> None:
        def act(told: Teller) -> Callable[[Port], object]:
            wishes: dict[str, Callable[[Port], object]] = {
                "start": lambda port: port.resume_texts(),
                "yes": lambda port: port.agree_to_adverts(
                    Consent("offers:test", "DONG Y")
                ),
                "call": lambda port: port.ask(
                    Asking("call_me"), told.commune.hamlets[hamlet], YES
                ),
                "rate": lambda port: port.rate(5),
                "back": lambda port: port.take_back(),
            }
            return wishes.get(what, lambda port: port.stop(what))

        self.does(who, act)
        assert self.both[0].commune.calls() == self.both[1].commune.calls()


@pytest.mark.race
@pytest.mark.timeout(3_600 if SOAK else 300)
@pytest.mark.parametrize("engine", ENGINES)
def test_any_story_ends_alike(
    engine: str, database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = count(10_000)  # no two alike, as in memory
    for room in (bookings, holds, waiting):
        monkeypatch.setattr(room, "draw_code", lambda: str(next(drawn)))
    made = database(engine)
    run_state_machine_as_test(
        lambda: AnyStory(made),  # type: ignore[arg-type]  # it takes whatever makes one
        settings=settings(
            max_examples=EXAMPLES[engine],
            stateful_step_count=STEPS,
            phases=PHASES,
            deadline=None,
            database=None,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
        ),
    )
