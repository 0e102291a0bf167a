"""Nobody who came is lost, nobody is counted twice: in whatever order it is tapped, by
several clerks at once.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.reports import sessions_held
from db.seats import attendance, who_came
from db.store.engine import Database, to_ms
from menus.days import today
from menus.port import AlreadyBooked, NoSuchBooking
from tests import factories

PEOPLE = 5  # the first two have a seat there
_forms = count(1)

# What clerks do: who came, who did not after all, so many heads, a count put right; by
# the number of what was made.
ACT = st.one_of(
    st.tuples(st.just("came"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("off"), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("checked in"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("not here"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("heads"), st.integers(0, 3), st.integers(1, 60)),
    st.tuples(st.just("correct"), st.integers(0, 3), st.integers(0, 60)),
)


@dataclass
class Hall:
    """An event this morning with two seats that are booked, and who is known."""

    db: Database
    now: datetime
    people: list[int] = field(default_factory=list)
    seats: list[int] = field(default_factory=list)
    event: int = 0
    home: int = 0
    staff: int = 0
    form: str = ""

    def opens(self) -> None:
        """Another event, with nobody there yet."""
        at, self.form = to_ms(self.now), f"form-{next(_forms)}"
        with self.db.transaction() as tx:
            self.staff = self.staff or factories.staff(tx)
            self.home = home = factories.hamlet(tx, f"Thôn {self.form}")
            hall = factories.hall(tx, home, f"NVH {self.form}")
            made = factories.event_with_slots(
                tx, hall_id=hall, starts=self.now + timedelta(hours=1), capacity=5
            )
            self.event = made.id
            self.people = [
                factories.person(tx, name=f"Người {n}", hamlet_id=home)
                for n in range(PEOPLE)
            ]
            self.seats = [
                factories.booking(
                    tx, slot_id=made.slots[0], person_id=person, now=at
                ).id
                for person in self.people[:2]
            ]

    @property
    def day(self) -> str:
        return today(self.now).isoformat()

    def total(self) -> tuple[int, int]:
        with self.db.connection() as tx:
            total = sessions_held.total(tx, self.event)
            return total.named, total.heads

    def figure(self) -> int:
        """What the plan's page says once the event is over."""
        later = to_ms(self.now + timedelta(hours=9))
        with self.db.connection() as tx:
            held = sessions_held.held_lately(
                tx, commune_id=factories.COMMUNE, day=self.day, now=later
            )
        return sum(row.people for row in held.rows if row.hamlet_id == self.home)

    def came(self, who: int) -> str:
        at = to_ms(self.now + timedelta(hours=1))
        return self.db.again(
            lambda tx: who_came.came(
                tx,
                self.event,
                self.people[who],
                staff_id=self.staff,
                today=self.day,
                now=at,
            )
        )

    def off(self, who: int) -> bool:
        at = to_ms(self.now)
        return self.db.again(
            lambda tx: who_came.take_off(
                tx, self.event, self.people[who], staff_id=self.staff, now=at
            )
        )

    def checked_in(self, seat: int) -> None:
        at = to_ms(self.now)
        with contextlib.suppress(NoSuchBooking):  # is checked in already
            self.db.again(
                lambda tx: attendance.attend(
                    tx, booking_id=self.seats[seat], now=at, staff_id=self.staff
                )
            )

    def not_here(self, seat: int) -> None:
        with contextlib.suppress(NoSuchBooking, AlreadyBooked):  # is not checked in
            self.db.again(
                lambda tx: attendance.unattend(tx, booking_id=self.seats[seat])
            )

    def heads(self, form: int, number: int) -> None:
        begun = self.now + timedelta(hours=1)
        at, key = to_ms(begun), f"{self.form}:{form}"
        self.db.again(
            lambda tx: who_came.count(
                tx,
                self.event,
                number,
                staff_id=self.staff,
                form_key=key,
                today=self.day,
                now=at,
            )
        )

    def correct(self, count_id: int, number: int, key: str) -> bool:
        at = to_ms(self.now)
        try:
            self.db.again(
                lambda tx: who_came.correct(
                    tx,
                    count_id,
                    number,
                    event_id=self.event,
                    staff_id=self.staff,
                    form_key=key,
                    now=at,
                )
            )
        except who_came.Corrected:
            return False
        return True

    def counts(self) -> list[sessions_held.Heads]:
        with self.db.connection() as tx:
            return sessions_held.heads(tx, self.event)


@pytest.fixture
def hall(db: Database, now: datetime) -> Hall:
    return Hall(db, now)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACT, max_size=14))
def test_in_whatever_order_each_who_came_is_one(
    hall: Hall, acts: list[tuple[str, int, int]]
) -> None:
    hall.opens()
    seated, named, sent, standing = set[int](), set[int](), set[int](), list[int]()
    for act, which, number in acts:
        match act:
            case "came":
                hall.came(which)
                (seated if which < 2 else named).add(which)
            case "off":
                hall.off(which)
                named.discard(which)
            case "checked in":
                hall.checked_in(which)
                seated.add(which)
            case "not here":
                hall.not_here(which)
                seated.discard(which)
            case "heads":
                hall.heads(which, number)
                if which not in sent:
                    sent.add(which)
                    standing.append(number)
            case "correct" if standing:
                place = which % len(standing)
                count_id = sorted(hall.counts(), key=lambda row: row.id)[place].id
                assert hall.correct(count_id, number, f"{hall.form}:c{next(_forms)}")
                if (
                    number != standing[place]
                ):  # the same number leaves the count as it is, in its place
                    standing.append(number)
                    del standing[place]
        assert hall.total() == (len(seated | named), sum(standing)), act
    assert hall.figure() == len(seated | named) + sum(standing)


def test_clerks_at_once_lose_nobody_and_count_nobody_twice(hall: Hall) -> None:
    """Eight hands: each person tapped three times, each form sent three times."""
    hall.opens()
    taps = (
        [("came", n) for n in range(PEOPLE)]
        + [("seat", n) for n in range(2)]
        + [("heads", n) for n in range(6)]
    )
    work = taps * 3
    Random(7).shuffle(work)  # any order

    def tap(one: tuple[str, int]) -> None:
        what, which = one
        if what == "came":
            hall.came(which)
        elif what == "seat":
            hall.checked_in(which)
        else:
            hall.heads(which, 10 + which)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tap, work))
    assert hall.total() == (PEOPLE, sum(10 + n for n in range(6)))


def test_of_two_who_correct_one_count_at_once_one_is_heard_and_the_other_told(
    hall: Hall,
) -> None:
    hall.opens()
    hall.heads(0, 50)
    (line,) = hall.counts()
    with ThreadPoolExecutor(4) as pool:
        done = list(
            pool.map(
                lambda n: hall.correct(line.id, n, f"{hall.form}:of{n}"), (1, 2, 3, 4)
            )
        )
    assert sorted(done) == [False, False, False, True]
    (now,) = hall.counts()
    assert now.number == done.index(True) + 1
    assert hall.correct(line.id, 99, f"{hall.form}:of{now.number}"), (
        "the same form again is no other correction"
    )
    assert hall.total() == (0, now.number)
