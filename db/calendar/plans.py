"""A registration day as a clerk fills it in: hours, a break, counters; cut into slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from db.models.states import EventKind, Service
from db.store.engine import to_ms
from db.store.local_days import iso_day_at
from menus import days

COUNTERS_MOST, CAPACITY_MOST, SLOTS_MOST = 20, 500, 100
MINUTES_LEAST, MINUTES_MOST = 5, 480  # of a slot
AHEAD_MOST = timedelta(days=366)
BACK_MOST = timedelta(days=31)  # so long after it what was held may be entered
_MINUTE = 60_000


class BadTimes(Exception):
    """The times make no slot, too many, or lie in the past or more than a year ahead: a
    slip in the year.
    """


class LeadsAway(Exception):
    """What residents are told of it holds a link, and no text of ours ever has one."""


class AsksForSecret(Exception):
    """What residents are told of it asks them for a password, and no text of ours does."""


class Stretch(NamedTuple):
    """From one moment to another, in UTC ms: the hours of a day, what a break leaves of
    them, or one slot.
    """

    starts_at: int
    ends_at: int

    def later(self, shift: int) -> Stretch:
        """By so many ms; earlier when that is negative."""
        return Stretch(self.starts_at + shift, self.ends_at + shift)


@dataclass(frozen=True, slots=True)
class About:
    """What is held. `run_by` is a line of words; `bring` is what to bring, empty where
    the scheme's list holds, and `bring_en` empty where it is the same in English.
    Without bookable times it runs from beginning to end. `school_id`: at whose gate.
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
    """`first`, `last` and the break's two ends are local times as 08:00; a slot must
    end by `last`.

    `places` are those of one counter; as many counters serve at once. Without a break
    its ends are empty.
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

    def times(self) -> list[Stretch]:
        """Every slot; after the break they begin anew. Without bookable times it is one
        from beginning to end. Raises BadTimes.
        """
        if not self.about.bookable:
            return [self._hours()]
        if not self._has_sensible_slots():
            raise BadTimes
        slots: list[Stretch] = []
        for stretch in self._stretches():
            slots += cut(stretch, self.minutes)
        if not 0 < len(slots) <= SLOTS_MOST:
            raise BadTimes
        return slots

    def problems(self, now: int) -> list[str]:
        """The fields that are wrong, each by a word for it, as a clerk reads down the
        form. `now` is UTC ms.
        """
        wrong = self._wrong_hours(now)
        if not self.about.bookable:
            return wrong
        if not self._has_sensible_length():
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
        wrong = []
        if not is_clock(self.day, self.first):
            wrong.append("first")
        if not is_clock(self.day, self.last):
            wrong.append("last")
        if wrong:
            return wrong
        begins = instant(self.day, self.first)
        ends = instant(self.day, self.last)
        if begins > now and not is_ahead(begins, now):
            wrong.append("far")
        elif begins <= now and not self.was_held(now):
            wrong.append("past")
        if ends <= begins:
            wrong.append("order")
        return wrong

    def was_held(self, now: int) -> bool:
        """Whether it is over, without times that could have been booked, and entered
        afterwards: a meeting of last week. A day of swaps has seats, so it is planned.
        Its clocks are right; `now` is UTC ms.
        """
        if self.about.bookable or self.about.kind == EventKind.SWAP:
            return False
        ends = instant(self.day, self.last)
        return ends <= now and self.day >= first_day_back(now)

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

    def _has_sensible_slots(self) -> bool:
        return self._has_sensible_length() and seats_make_sense(
            self.counters, self.places
        )

    def _has_sensible_length(self) -> bool:
        return MINUTES_LEAST <= self.minutes <= MINUTES_MOST

    def _hours(self) -> Stretch:
        """From the beginning of the day to its end. Raises BadTimes."""
        begins = instant(self.day, self.first)
        ends = instant(self.day, self.last)
        if not begins < ends:
            raise BadTimes
        return Stretch(begins, ends)

    def _stretches(self) -> list[Stretch]:
        """The hours without the break. Raises BadTimes."""
        hours = self._hours()
        has_pause = self.pause_from or self.pause_to
        if not has_pause:
            return [hours]
        begins, ends = hours
        pauses = instant(self.day, self.pause_from)
        resumes = instant(self.day, self.pause_to)
        if not begins < pauses < resumes < ends:
            raise BadTimes
        return [Stretch(begins, pauses), Stretch(resumes, ends)]


def cut(stretch: Stretch, minutes: int) -> list[Stretch]:
    """How a day is cut: slots of so many minutes, one after the other; what is left
    over at the end is none.
    """
    length = minutes * _MINUTE
    slot = Stretch(stretch.starts_at, stretch.starts_at + length)
    slots = []
    while slot.ends_at <= stretch.ends_at:
        slots.append(slot)
        slot = slot.later(length)
    return slots


def is_ahead(begins: int, now: int) -> bool:
    """Still to come, and within a year (UTC ms): a day further off was mistyped, and
    residents read no year.
    """
    return now < begins <= now + AHEAD_MOST // timedelta(milliseconds=1)


def first_day_back(now: int) -> str:
    """The earliest ISO day of which what was held may be entered. `now` is UTC ms."""
    today = date.fromisoformat(iso_day_at(now))
    return (today - BACK_MOST).isoformat()


def seats_make_sense(counters: int, places: int) -> bool:
    """So many counters with so many places each."""
    if not 1 <= counters <= COUNTERS_MOST:
        return False
    return places >= 1 and counters * places <= CAPACITY_MOST


def instant(day: str, clock: str) -> int:
    """`08:00` on an ISO day in the commune as UTC ms. Raises BadTimes."""
    try:
        local_day = date.fromisoformat(day)
        moment = days.at_local(local_day, clock)
    except ValueError as problem:
        raise BadTimes from problem
    return to_ms(moment)


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
