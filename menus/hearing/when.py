"""Times and days as they are said: `8g30`, `tam gio`, `2h chieu`; `t7`, `chu nhat`, `mai`, `29-4`, `ngay 26`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from menus.hearing.folding import SPELT

_HOUR_WORDS = "|".join(sorted(SPELT, key=len, reverse=True))
_TIME = re.compile(
    rf"\b(?![2-5]g\b(?! ?\d))(?P<hour>\d{{1,2}}|{_HOUR_WORDS}) ?"  # 4g is no hour
    r"(?:(?:h|g|gio|:)(?: ?(?P<minute>[0-5]\d|ruoi))?|(?P<half>ruoi)|(?P<english>[ap]m))(?: ?(?:p|phut))?(?![a-z])"
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
_NOT_THIS = re.compile(r"(?:^| )(?:khong|ko|k) phai$")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day on the commune's clock; `at` and `to` are where it stood in the text."""

    hour: int
    minute: int
    at: int
    to: int

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday (0 Monday), a day of a month (month 0: of whichever), so many days from today, or any day of a week.

    `week` is how many weeks from this one (Monday to Sunday), -1 where none was said.
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

    def __str__(self) -> str:
        said = (
            self.weekday,
            self.day,
            self.month,
            self.year,
            self.ahead,
            self.week,
            self.weekend,
        )
        return "/".join(map(str, said))

    def is_on(self, day: date, today: date) -> bool:
        if self.day:
            return (
                day.day == self.day
                and self.month in (0, day.month)
                and self.year in (0, day.year)
            )
        if self.ahead >= 0:
            return day == today + timedelta(days=self.ahead)
        monday = today - timedelta(days=today.weekday())
        if self.week >= 0 and (day - monday).days // 7 != self.week:
            return False
        if self.weekend:
            return day.weekday() >= 5
        return self.weekday in (-1, day.weekday())


def clocks(said: str) -> list[Clock]:
    """Every time of day in folded words. Before six without `sang` is the afternoon: no hall opens at night."""
    found = []
    for match in _TIME.finditer(said):
        hour = int(match["hour"]) if match["hour"].isdigit() else SPELT[match["hour"]]
        minute = (
            30
            if match["half"] or match["minute"] == "ruoi"
            else int(match["minute"] or 0)
        )
        morning = match["part"] == "sang" or match["english"] == "am"
        afternoon = (
            match["part"] in ("chieu", "toi")
            or match["english"] == "pm"
            or (not morning and hour < 6)
        )
        hour = hour + 12 if afternoon and hour < 12 else hour
        minutes = 60 * hour + minute - int(match["less"] or 0)
        if hour < 24 and minutes >= 0:
            found.append(Clock(*divmod(minutes, 60), *match.span()))
    return found


def days(said: str) -> list[Day]:
    """Every day in folded words, in the order they were said; one that stands inside another is passed over."""
    found = [_dated(match) for match in _DATE.finditer(said)]
    found += [Day(*m.span(), day=int(m["day"])) for m in _DAY_OF_MONTH.finditer(said)]
    for match in _WEEKDAY.finditer(said):
        name = match["name"] or match["short"]
        week = _WEEKS_ON.get(match["week"] or "", -1)
        found.append(
            Day(*match.span(), weekday=_WEEKDAYS[name] if name else 6, week=week)
        )
    for match in _RELATIVE.finditer(said):
        found.append(
            Day(
                *match.span(), ahead=2 if match["after"] else 0 if match["today"] else 1
            )
        )
    for match in _WEEK.finditer(said):
        week = _WEEKS_ON[match["week"] or match["which"] or "nay"]
        found.append(
            Day(*match.span(), week=week, weekend=match["weekend"] is not None)
        )
    found.sort(key=lambda day: (day.at, -day.to))
    apart = [
        day
        for place, day in enumerate(found)
        if not any(o.at <= day.at < o.to for o in found[:place])
    ]
    # `thu bay 25/4` is one day, and the date is the surer half of it.
    return [
        day
        for day in apart
        if not any(other.day and other.at == day.to + 1 for other in apart)
    ]


def _dated(match: re.Match[str]) -> Day:
    """`5/12`, `5/12/27`, `5 thang 12 nam 2027`."""
    year = int(match["year"] or 0)
    return Day(
        *match.span(),
        day=int(match["day"]),
        month=int(match["month"]),
        year=year + 2000 if 0 < year < 100 else year,
    )


def suits(said: str, when: Day | Clock) -> bool:
    """Not waved away: `k phai t7`, `t7 khong duoc`, `8h k dc`, `t7 con phai di lam`."""
    return not (
        _BUSY.match(said[when.to :]) or _NOT_THIS.search(said[: when.at].rstrip())
    )
