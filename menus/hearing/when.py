"""Times and days as they are said: `8g30`, `tam gio`, `2h chieu`; `t7`, `chu nhat`, `mai`, `29-4`, `ngay 26`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from menus.hearing.folding import SPELT

_HOUR_WORDS = "|".join(sorted(SPELT, key=len, reverse=True))
_TIME = re.compile(
    rf"\b(?![2-5]g\b(?! ?\d))(?P<hour>\d{{1,2}}|{_HOUR_WORDS}) ?"  # 4g is no hour
    r"(?:(?:h|g|gio|:)(?: ?(?P<minute>[0-5]\d|ruoi))?|(?P<half>ruoi))(?: ?(?:p|phut))?(?![a-z])"
    r"(?: (?P<part>sang|trua|chieu|toi)\b)?"
)
_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "bon": 2, "nam": 3, "sau": 4, "bay": 5, **{str(n): n - 2 for n in range(2, 8)}}
_WEEKDAY = re.compile(r"\b(?:thu (?P<name>[2-7]|hai|ba|tu|nam|sau|bay)|t(?P<short>[2-7])|(?P<sunday>cn|chua? nhat))\b")
_DATE = re.compile(r"\b(?:ngay )?(?P<day>\d{1,2})(?:[/-]| thang )(?P<month>\d{1,2})(?:[/-]\d{2,4})?\b")
_DAY_OF_MONTH = re.compile(r"\bngay (?P<day>\d{1,2})\b(?! ?(?:h|g|gio|/|-|thang))")
_RELATIVE = re.compile(r"\b(?P<after>(?:ngay|hom) kia|kia)\b|\b(?P<tomorrow>(?:ngay )?mai)\b")

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
    """A weekday (0 Monday), a day of a month (month 0: of whichever), or so many days from today."""

    at: int
    to: int
    weekday: int = -1
    day: int = 0
    month: int = 0
    ahead: int = -1

    def __str__(self) -> str:
        return f"{self.weekday}/{self.day}/{self.month}/{self.ahead}"

    def is_on(self, day: date, today: date) -> bool:
        if self.weekday >= 0:
            return day.weekday() == self.weekday
        if self.day:
            return day.day == self.day and self.month in (0, day.month)
        return day == today + timedelta(days=self.ahead)


def clocks(said: str) -> list[Clock]:
    """Every time of day in folded words. Before six without `sang` is the afternoon: no hall opens at night."""
    found = []
    for match in _TIME.finditer(said):
        hour = int(match["hour"]) if match["hour"].isdigit() else SPELT[match["hour"]]
        minute = 30 if match["half"] or match["minute"] == "ruoi" else int(match["minute"] or 0)
        afternoon = match["part"] in ("chieu", "toi") or (match["part"] != "sang" and hour < 6)
        hour = hour + 12 if afternoon and hour < 12 else hour
        if hour < 24:
            found.append(Clock(hour, minute, *match.span()))
    return found


def days(said: str) -> list[Day]:
    """Every day in folded words, in the order they were said; one that stands inside another is passed over."""
    found = [Day(*m.span(), day=int(m["day"]), month=int(m["month"])) for m in _DATE.finditer(said)]
    found += [Day(*m.span(), day=int(m["day"])) for m in _DAY_OF_MONTH.finditer(said)]
    for match in _WEEKDAY.finditer(said):
        name = match["name"] or match["short"]
        found.append(Day(*match.span(), weekday=_WEEKDAYS[name] if name else 6))
    found += [Day(*m.span(), ahead=2 if m["after"] else 1) for m in _RELATIVE.finditer(said)]
    found.sort(key=lambda day: (day.at, -day.to))
    apart = [day for place, day in enumerate(found) if not any(o.at <= day.at < o.to for o in found[:place])]
    # `thu bay 25/4` is one day, and the date is the surer half of it.
    return [day for day in apart if not any(other.day and other.at == day.to + 1 for other in apart)]


def suits(said: str, when: Day | Clock) -> bool:
    """Not waved away: `k phai t7`, `t7 khong duoc`, `8h k dc`, `t7 con phai di lam`."""
    return not (_BUSY.match(said[when.to :]) or _NOT_THIS.search(said[: when.at].rstrip()))
