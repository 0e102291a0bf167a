"""Times and days as they are said: `8g30`, `tam gio`, `2h chieu`; `t7`, `chu nhat`,
`mai`, `29-4`, `ngay 26`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from menus.hearing.folding import SPELT_FIRST, numeral

_TIME = re.compile(
    rf"\b(?![2-5]g\b(?! ?\d))(?P<hour>\d{{1,2}}|{SPELT_FIRST}) ?"  # 4g is no hour
    r"(?:(?:h|g|gio|:)(?: ?(?P<minute>[0-5]\d|ruoi))?|(?P<half>ruoi)|(?P<english>[ap]m\b))(?: ?(?:p|phut))?(?![a-z])"
    r"(?: kem (?P<less>5|10|15|20|25)(?: ?(?:p|phut))?\b)?"
    r"(?: (?P<part>sang|trua|chieu|toi)\b)?"
)
_WEEKDAYS = {
    "hai": 0,
    "ba": 1,
    "tu": 2,
    "bon": 2,
    "nam": 3,
    "sau": 4,
    "bay": 5,
    **{str(n): n - 2 for n in range(2, 8)},
}
# The week that is said beside a day: `thu 7 tuan sau`, `t7 nay`.
_OF_WEEK = r"(?: (?:cua )?(?:tuan )?(?P<week>toi|sau|nay)(?! khi| do)\b)?"
_WEEKDAY = re.compile(
    r"\b(?:thu (?P<name>[2-7]|hai|ba|tu|nam|sau|bay)|t(?P<short>[2-7])|(?P<sunday>cn|chua? nhat))\b"
    + _OF_WEEK
)
_DATE = re.compile(
    r"\b(?:ngay )?(?P<day>\d{1,2})(?:[/-]| thang )(?P<month>\d{1,2})(?:(?:[/-]| nam )(?P<year>\d{4}|\d{2}))?\b"
)
_DAY_OF_MONTH = re.compile(r"\bngay (?P<day>\d{1,2})\b(?! ?(?:h|g|gio|/|-|thang))")
_OF_A_MONTH = re.compile(
    r"\b(?:(?:ngay )?(?P<day>\d{1,2}) thang (?P<its>nay|sau|toi)|thang (?P<month>sau|toi))\b"
)
# By the moon, or by the sun? Whoever says so may mean either: it is asked.
_LUNAR = re.compile(
    rf"\b(?:ngay )?(?:(?:(?:mung|mong) (?P<day>\d{{1,2}})|mung (?P<spelt>{SPELT_FIRST}))\b(?! am\b)"
    r"|mung \d{1,2}\b|ram\b)"
    r"(?:(?:[/-]| thang )\w+)?(?: am(?: lich)?\b)?"
    r"|\bngay \d{1,2}(?:[/-]\d{1,2})? (?:am(?: lich)?|ta)\b|\b\d{1,2}[/-]\d{1,2} am(?: lich)?\b|\bam lich\b"
)
_RELATIVE = re.compile(
    r"\b(?:(?P<after>(?:ngay|hom) kia|kia|ngay mot)|(?P<tomorrow>(?:ngay |sang |chieu )?mai)"
    r"|(?P<today>(?:hom|bua|sang|trua|chieu|toi) nay))\b"
)
_WEEK = re.compile(
    r"\b(?:(?P<weekend>cuoi tuan)(?: (?P<which>sau|toi|nay))?|tuan (?P<week>sau|toi|nay))\b"
)
_WEEKS_ON = {"nay": 0, "sau": 1, "toi": 1}

_BUSY = re.compile(
    r"^ (?:(?:thi |nha )?(?:toi |em |ba )?(?:khong|ko|k) (?:duoc|dc|di)|(?:thi )?ban|con phai|phai"
    r"|(?:nha toi )?co (?:viec|gio))"
)
SATURDAY, SUNDAY = 5, 6
FIRST_HOUR = 6  # no hall opens before
_NOT_THIS = re.compile(r"(?:^| )(?:khong|ko|k) phai$")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day on the commune's clock; `at` and `to` are where it stood in the
    text.
    """

    hour: int
    minute: int
    at: int
    to: int

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday (0 Monday), a day of a month (month 0: of whichever), so many days from
    today, or any day of a week or a month.

    `week` is how many weeks from this one (Monday to Sunday), `months` how many months,
    -1 where none was said. A `lunar` day may be by the moon: `mùng 5` is also said of
    the fifth of a month, `ngày 15 âm` is on no day that we know.
    """

    at: int
    to: int
    weekday: int = -1
    day: int = 0
    month: int = 0
    year: int = 0
    ahead: int = -1
    week: int = -1
    weekend: bool = False
    months: int = -1
    lunar: bool = False

    def __str__(self) -> str:
        said = (
            self.weekday,
            self.day,
            self.month,
            self.year,
            self.ahead,
            self.week,
            self.weekend,
            self.months,
            self.lunar,
        )
        return "/".join(map(str, said))

    @property
    def is_span(self) -> bool:
        """Any day of a week or a month, not one of them."""
        if self.day or self.weekday >= 0:
            return False
        return self.week >= 0 or self.months >= 0

    def is_on(self, day: date, today: date) -> bool:
        if self.lunar and not self.day:
            return False
        if self.months >= 0:
            return self.day in (0, day.day) and self.months == _months_on(day, today)
        if self.day:
            return (
                day.day == self.day
                and self.month in (0, day.month)
                and self.year in (0, day.year)
            )
        if self.ahead >= 0:
            return day == today + timedelta(days=self.ahead)
        if self.week >= 0 and self.week != _weeks_on(day, today):
            return False
        if self.weekend:
            return day.weekday() >= SATURDAY
        return self.weekday in (-1, day.weekday())


def _weeks_on(day: date, today: date) -> int:
    """How many weeks from the one of today, Monday to Sunday."""
    monday = today - timedelta(days=today.weekday())
    return (day - monday).days // 7


def _months_on(day: date, today: date) -> int:
    """How many months from the one of today."""
    return 12 * (day.year - today.year) + day.month - today.month


def clocks(said: str) -> list[Clock]:
    """Every time of day in folded words."""
    found = []
    for match in _TIME.finditer(said):
        hour = _hour(match)
        less = int(match["less"] or 0)
        minutes = 60 * hour + _minute(match) - less
        most = 12 if match["english"] else 23  # `ngay 15 am` is a day by the moon
        if numeral(match["hour"]) <= most and hour < 24 and minutes >= 0:
            found.append(Clock(*divmod(minutes, 60), *match.span()))
    return found


def _hour(match: re.Match[str]) -> int:
    """`8h`, `tam gio`, `2h chieu`; above 23 for what is no time."""
    hour = numeral(match["hour"])
    if hour < 12 and _is_afternoon(match, hour):
        return hour + 12
    return hour


def _minute(match: re.Match[str]) -> int:
    """`8h30`, `8 rưỡi`."""
    if match["half"] or match["minute"] == "ruoi":
        return 30
    return int(match["minute"] or 0)


def _is_afternoon(match: re.Match[str], hour: int) -> bool:
    """Before six without `sang` it is: no hall opens at night."""
    if match["part"] in ("chieu", "toi") or match["english"] == "pm":
        return True
    if match["part"] == "sang" or match["english"] == "am":
        return False
    return hour < FIRST_HOUR


def days(said: str) -> list[Day]:
    """Every day in folded words, in the order they were said; one that stands inside
    another is passed over.
    """
    found = []
    for pattern, read in _DAYS:
        found += [read(match) for match in pattern.finditer(said)]
    if len(found) < 2:
        return found
    found.sort(key=lambda day: (day.at, -day.to))
    return _without_weekdays_of_dates(_apart(found))


def _dated(match: re.Match[str]) -> Day:
    """`5/12`, `5/12/27`, `5 thang 12 nam 2027`."""
    at, to = match.span()
    day = int(match["day"])
    month = int(match["month"])
    year = int(match["year"] or 0)
    if 0 < year < 100:
        year += 2000
    return Day(at, to, day=day, month=month, year=year)


def _of_the_month(match: re.Match[str]) -> Day:
    """`ngay 26`."""
    at, to = match.span()
    return Day(at, to, day=int(match["day"]))


def _weekday(match: re.Match[str]) -> Day:
    """`thu bay`, `t7 tuan sau`, `cn`."""
    at, to = match.span()
    name = match["name"] or match["short"]
    weekday = _WEEKDAYS[name] if name else SUNDAY
    week = _WEEKS_ON[match["week"]] if match["week"] else -1
    return Day(at, to, weekday=weekday, week=week)


def _relative(match: re.Match[str]) -> Day:
    """`hom nay`, `mai`, `ngay kia`."""
    at, to = match.span()
    ahead = 1
    if match["today"]:
        ahead = 0
    elif match["after"]:
        ahead = 2
    return Day(at, to, ahead=ahead)


def _week(match: re.Match[str]) -> Day:
    """`tuan sau`, `cuoi tuan`."""
    at, to = match.span()
    which = match["week"] or match["which"] or "nay"
    is_weekend = match["weekend"] is not None
    return Day(at, to, week=_WEEKS_ON[which], weekend=is_weekend)


def _of_a_month(match: re.Match[str]) -> Day:
    """`thang sau`, `ngay 15 thang sau`."""
    at, to = match.span()
    which = match["its"] or match["month"]
    return Day(at, to, day=int(match["day"] or 0), months=_WEEKS_ON[which])


def _lunar(match: re.Match[str]) -> Day:
    """`mung 5`, `ram`, `ngay 15 am`."""
    at, to = match.span()
    day = match["day"] or match["spelt"]
    return Day(at, to, day=numeral(day) if day else 0, lunar=True)


# Of two that begin at one letter and are as long the first here counts.
_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Day]], ...] = (
    (_LUNAR, _lunar),
    (_OF_A_MONTH, _of_a_month),
    (_DATE, _dated),
    (_DAY_OF_MONTH, _of_the_month),
    (_WEEKDAY, _weekday),
    (_RELATIVE, _relative),
    (_WEEK, _week),
)


def _apart(found: Sequence[Day]) -> list[Day]:
    """Without those that begin inside one before them."""
    apart = []
    end = 0
    for day in found:
        if day.at >= end:
            apart.append(day)
        end = max(end, day.to)
    return apart


def _without_weekdays_of_dates(found: Sequence[Day]) -> list[Day]:
    """`thu bay 25/4` is one day, and the date is the surer half of it."""
    dates_at = {day.at for day in found if day.day}
    return [day for day in found if day.to + 1 not in dates_at]


def days_meant(said: str) -> list[Day]:
    """The days in folded words but for those that are waved away."""
    return [day for day in days(said) if suits(said, day)]


def clocks_meant(said: str) -> list[Clock]:
    """The times in folded words but for those that are waved away."""
    return [clock for clock in clocks(said) if suits(said, clock)]


def hour_in(said: str) -> str:
    """The one hour in folded words, as `08:00`; empty where there is none, or several."""
    meant = {str(clock) for clock in clocks_meant(said)}
    return meant.pop() if len(meant) == 1 else ""


def suits(said: str, when: Day | Clock) -> bool:
    """Not waved away: `k phai t7`, `t7 khong duoc`, `8h k dc`, `t7 con phai di lam`."""
    before, after = said[: when.at], said[when.to :]
    return not _BUSY.match(after) and not _NOT_THIS.search(before.rstrip())
