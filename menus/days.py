"""Days and hours as residents read them, always in Asia/Ho_Chi_Minh whatever the
server's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_BEGINS, DAY_ENDS = (
    7,
    21,
    # waking hours: texts that nobody just asked for keep them, and an offer waits for them
)

_LONG = {
    "vi": ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"),
    "en": (
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ),
}
_SHORT = {
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_SPOKEN = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def local(moment: datetime) -> datetime:
    """An aware datetime on the clock of the commune."""
    return moment.astimezone(TIMEZONE)


def today(now: datetime) -> date:
    """The day it is in the commune."""
    return local(now).date()


def at_local(day: date, clock: str) -> datetime:
    """`08:00` on a local day, as aware UTC."""
    here = datetime.combine(day, time.fromisoformat(clock), TIMEZONE)
    return here.astimezone(UTC)


def tomorrow(now: datetime) -> date:
    return today(now) + timedelta(days=1)


def short_day(day: date, language: str) -> str:
    """`CN 12/5`."""
    weekday = _SHORT[language][day.weekday()]
    return f"{weekday} {day.day}/{day.month}"


def short_day_of(moment: datetime, language: str) -> str:
    """`CN 12/5`, the day it is in the commune at that moment."""
    return short_day(today(moment), language)


def hour(moment: datetime) -> str:
    """`8h00`, on the commune's clock."""
    here = local(moment)
    return f"{here.hour}h{here.minute:02}"


def date_and_hour(moment: datetime) -> str:
    """`8h00 12/5`, where every letter counts."""
    here = local(moment)
    clock = hour(moment)
    return f"{clock} {here.day}/{here.month}"


def until(moment: datetime, now: datetime) -> str:
    """`9h15` today, else with its date: a seat may be kept over a night."""
    if today(moment) == today(now):
        return hour(moment)
    return date_and_hour(moment)


def short_time(moment: datetime, language: str) -> str:
    """`8h00 CN 12/5`."""
    day = short_day_of(moment, language)
    return f"{hour(moment)} {day}"


def elder_time(moment: datetime, language: str) -> str:
    """`8 giờ sáng Chủ nhật 12/5`: as elders say it, never "mai"."""
    here = local(moment)
    weekday = _LONG[language][here.weekday()]
    clock = spoken_hour(moment)
    if language == "en":
        clock = _english_hour(here)
    return f"{clock} {weekday} {here.day}/{here.month}"


def _english_hour(here: datetime) -> str:
    """`8 am`, `8:30 pm`, of a time on the commune's clock."""
    hour_ = _of_twelve(here)
    minutes = f":{here.minute:02}" if here.minute else ""
    half = "am" if here.hour < 12 else "pm"
    return f"{hour_}{minutes} {half}"


def spoken_hour(moment: datetime) -> str:
    """`8 giờ 30 sáng`, on the commune's clock."""
    here = local(moment)
    hour_ = _of_twelve(here)
    minutes = f" {here.minute}" if here.minute else ""
    part = _part_of_day(here.hour)
    return f"{hour_} giờ{minutes} {part}"


def _of_twelve(here: datetime) -> int:
    """The hour on a clock face: 12 at noon and at midnight."""
    return here.hour % 12 or 12


def spoken_day(day: date) -> str:
    """`thứ Sáu, ngày 27 tháng 11`: as a loudspeaker says it."""
    weekday = _SPOKEN[day.weekday()]
    return f"{weekday}, ngày {day.day} tháng {day.month}"


def _part_of_day(hour_: int) -> str:
    if hour_ < 11:
        return "sáng"
    if hour_ < 13:
        return "trưa"
    if hour_ < 18:
        return "chiều"
    return "tối"


def waking(moment: datetime, hours: float) -> datetime:
    """So many waking hours (07:00 to 21:00 on the commune's clock) after `moment`, as
    aware UTC.
    """
    left = timedelta(hours=hours)
    here = local(moment)
    while True:
        day = here.date()
        begins = datetime.combine(day, time(DAY_BEGINS), TIMEZONE)
        ends = datetime.combine(day, time(DAY_ENDS), TIMEZONE)
        here = max(here, begins)
        done = here + left
        if done <= ends:
            return done.astimezone(UTC)
        if here < ends:
            left -= ends - here
        here = begins + timedelta(days=1)
