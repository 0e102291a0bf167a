"""A registration day as a clerk fills it in: hours, a break, counters; cut into slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.models.states import EventKind, Service
from db.store.engine import to_ms
from menus import days

COUNTERS_MOST, CAPACITY_MOST, SLOTS_MOST = 20, 500, 100
AHEAD_MOST = timedelta(days=366)
_MINUTE = 60_000


class BadTimes(Exception):
    """The times make no slot, too many, or lie in the past or more than a year ahead: a slip in the year."""


@dataclass(frozen=True, slots=True)
class About:
    """What is held. `run_by` is a line of words; `bring` is what to bring, empty where the scheme's list holds, and
    `bring_en` empty where it is the same in English. Without bookable times it runs from beginning to end. `school_id`:
    at whose gate.
    """

    kind: str = EventKind.SWAP
    services: tuple[str, ...] = (Service.SWAP,)
    run_by: str = ""
    bring: str = ""
    bring_en: str = ""
    bookable: bool = True
    school_id: int | None = None


SWAP_DAY = About()


@dataclass(frozen=True, slots=True)
class Plan:
    """`first`, `last` and the break's two ends are local times as 08:00; a slot must end by `last`.

    `places` are those of one counter; as many counters serve at once. Without a break its ends are empty.
    """

    hall_id: int
    day: str
    first: str
    last: str
    minutes: int
    places: int
    note: str = ""
    counters: int = 1
    pause_from: str = ""
    pause_to: str = ""
    about: About = SWAP_DAY

    @property
    def capacity(self) -> int:
        """Seats of each slot, over all counters; none where nothing can be booked."""
        return self.places * self.counters if self.about.bookable else 0

    def times(self) -> list[tuple[int, int]]:
        """Start and end of every slot, UTC ms; after the break they begin anew. Without bookable times it is one from
        beginning to end. Raises BadTimes.
        """
        if not self.about.bookable:
            return [self._whole()]
        if not 5 <= self.minutes <= 480 or not seats_make_sense(
            self.counters, self.places
        ):
            raise BadTimes
        step = self.minutes * _MINUTE
        starts: list[int] = []
        for begins, ends in self._stretches():
            starts += range(begins, ends - step + 1, step)
        if not 0 < len(starts) <= SLOTS_MOST:
            raise BadTimes
        return [(start, start + step) for start in starts]

    def problems(self, now: int) -> list[str]:
        """The fields that are wrong, each by a word for it, as a clerk reads down the form. `now` is UTC ms."""
        wrong = self._wrong_hours(now)
        if not self.about.bookable:
            return wrong
        if not 5 <= self.minutes <= 480:
            wrong.append("minutes")
        if not 1 <= self.counters <= COUNTERS_MOST:
            wrong.append("counters")
        elif not seats_make_sense(self.counters, self.places):
            wrong.append("places")
        if wrong:
            return wrong
        return self._wrong_times()

    def _wrong_hours(self, now: int) -> list[str]:
        if not is_day(self.day):
            return ["day"]
        named = (("first", self.first), ("last", self.last))
        wrong = [name for name, clock in named if not is_clock(self.day, clock)]
        if wrong:
            return wrong
        begins = instant(self.day, self.first)
        if begins <= now:
            wrong.append("past")
        elif not is_ahead(begins, now):
            wrong.append("far")
        if instant(self.day, self.last) <= begins:
            wrong.append("order")
        return wrong

    def _wrong_times(self) -> list[str]:
        """Of a form whose fields are each right by themselves."""
        try:
            self._stretches()
        except BadTimes:
            return ["pause"]
        try:
            self.times()
        except BadTimes:
            return ["slots"]
        return []

    def _whole(self) -> tuple[int, int]:
        begins = instant(self.day, self.first)
        ends = instant(self.day, self.last)
        if not begins < ends:
            raise BadTimes
        return begins, ends

    def _stretches(self) -> list[tuple[int, int]]:
        begins = instant(self.day, self.first)
        ends = instant(self.day, self.last)
        if not self.pause_from and not self.pause_to:
            return [(begins, ends)]
        pauses = instant(self.day, self.pause_from)
        resumes = instant(self.day, self.pause_to)
        if not begins < pauses < resumes < ends:
            raise BadTimes
        return [(begins, pauses), (resumes, ends)]


def is_ahead(begins: int, now: int) -> bool:
    """Still to come, and within a year (UTC ms): a day further off was mistyped, and residents read no year."""
    return now < begins <= now + AHEAD_MOST // timedelta(milliseconds=1)


def seats_make_sense(counters: int, places: int) -> bool:
    """So many counters with so many places each."""
    return (
        1 <= counters <= COUNTERS_MOST
        and places >= 1
        and counters * places <= CAPACITY_MOST
    )


def instant(day: str, clock: str) -> int:
    """`08:00` on an ISO day in the commune as UTC ms. Raises BadTimes."""
    try:
        return to_ms(days.at_local(date.fromisoformat(day), clock))
    except ValueError as problem:
        raise BadTimes from problem


def is_day(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def is_clock(day: str, clock: str) -> bool:
    """Whether it is a time of that ISO day, as 08:00."""
    try:
        instant(day, clock)
    except BadTimes:
        return False
    return True
