"""Which line of the open list was meant: by number, ordinal, yes or no, time, day, place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from menus.hearing.assent import plainly
from menus.hearing.folding import SPELT, fold, number, words_of
from menus.hearing.places import named
from menus.hearing.when import clocks, days, suits

_SMALL = r"(?:da|a|ah|e|em|chau|chu|bac|co chu|ba|ong|toi|con|nhe|nha|oi|day|huy day|roi|thi|the)"
_NO = re.compile(
    r"(?:^| )(?:khong|ko|kg|k|hok|thoi|no|dung|chua|de sau|giu|de nguyen|khoi|bam nham|nham)(?: |$)"
)
_HESITATES = re.compile(
    r"(?:^| )(?:de (?:toi|xem|hoi|ba|em|ong|suy)|nhung|hoi da"
    r"|khoan|tu tu|(?:hom|gio|ngay|cho) khac|lat nua|xem da|neu)(?: |$)"
)
_COMES = re.compile(
    r"(?:^| )(?:co|van|se|chac) (?:\w+ )?(?:di|den|ra|toi|co mat)(?: |$)"
)
_EITHER = re.compile(r"(?:^| )(?:hay|hoac|deu|nao cung|sao cung)(?: |$)")
_ORDINAL = re.compile(
    rf"(?:cai|muc|dong|khung gio|gio|so)? ?(?:dau tien|thu (?P<n>\d{{1,2}}|nhat|{'|'.join(SPELT)}))$"
)
_PART = re.compile(r"(?:^|buoi )(sang|chieu)\b")
_FIRST, _LAST = (
    re.compile(r"som nhat|dau tien|gan nhat"),
    re.compile(r"muon nhat|cuoi cung"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line offered: what comes back, what was read, and other names of the same thing."""

    value: str
    label: str
    names: tuple[str, ...] = ()


def pick(written: str, lines: Sequence[Line], today: date) -> tuple[str, ...]:
    """The values that fit what was written: one is an answer, several a question to ask, none not understood."""
    key = number(written)
    if key.isascii() and key.isdigit() and len(key) <= 3:
        return (lines[int(key) - 1].value,) if 1 <= int(key) <= len(lines) else ()
    said = words_of(written)
    if named := _by_number_and_words(said, lines):
        return (named,)
    if _EITHER.search(f" {said} "):
        return tuple(line.value for line in lines[:2])
    values = [line.value for line in lines]
    if {"yes", "no"} <= set(values):
        to_the_letter = [line.value for line in lines if words_of(line.label) == said]
        cancelling = fold(lines[0].label).startswith(("huy", "cancel"))
        return tuple(to_the_letter) or _yes_or_no(said, written, cancelling=cancelling)
    return _by_order(said, values) or _by_what_it_says(said, lines, today)


_NUMBER_FIRST = re.compile(
    r"^(?:(?:e|em|toi|chau|con|da|ok|chon|bam|lay|chot|so|muc|cai) )*(?P<place>\d{1,2})(?: (?P<words>.+))?$"
)
_BESIDE_A_LINE = frozenset(
    {
        "nhe",
        "nha",
        "a",
        "ah",
        "thoi",
        "di",
        "oi",
        "em",
        "e",
        "chau",
        "con",
        "toi",
        "cho",
        "ho",
        "giup",
        "roi",
        "luon",
    }
    | {"do", "ay", "day", "nua", "voi", "la", "cua"}
)


def _by_number_and_words(said: str, lines: Sequence[Line]) -> str:
    """The value of the line of which both the number and words of its own were said: `2 giu lich`, `so 1 dat lich nhe`.

    Empty where any word is neither the line's nor one that changes nothing: `1 nhe khoi nhac nua`.
    """
    found = _NUMBER_FIRST.match(said)
    if not found or not found["words"] or not 1 <= int(found["place"]) <= len(lines):
        return ""
    line = lines[int(found["place"]) - 1]
    own = set(words_of(line.label).split())
    words = set(found["words"].split())
    is_its_own = bool(words & own - _BESIDE_A_LINE) and words <= own | _BESIDE_A_LINE
    return line.value if is_its_own else ""


_MORE_DIGITS = re.compile(r"\d{3,}|\d ?[h:/]|\d+g\d")
_COUNTS = r"(?! ?(?:gio|nguoi|ng|ngay|thang|tieng|phut|lan|tuan|nam)\b)"  # what a number that is none of a line counts
_OF_THE_LIST = re.compile(
    rf"\b(?:so|muc|dong|phim|cai thu|chon|bam|cai so) (\d{{1,2}}|{'|'.join(SPELT)})\b{_COUNTS}"
)
_A_NUMBER = re.compile(rf"\b(\d{{1,2}})\b{_COUNTS}")


def picked_loosely(written: str, lines: Sequence[Line], *, said_so: bool) -> str:
    """The value of the line whose number stands in a longer text: `số hai đặt lịch`, `cái thứ ba`, `1 thôi, kém lắm`.

    Empty where a digit may be a day, an hour or a code, or where two numbers were said. With `said_so` only what is
    plainly a number of the list counts: `số 3`, `chọn hai`.
    """
    said = words_of(written)
    if _MORE_DIGITS.search(said):
        return ""
    found = _OF_THE_LIST.findall(said)
    if not found and not said_so:
        found = _A_NUMBER.findall(said)
    numbers = {SPELT.get(word, word) for word in found}
    if len(numbers) != 1:
        return ""
    place = int(numbers.pop())
    return lines[place - 1].value if 1 <= place <= len(lines) else ""


def _yes_or_no(said: str, written: str, *, cancelling: bool) -> tuple[str, ...]:
    """A plain yes or no to the whole question; "I will come" is a no to cancelling. All else is asked back."""
    if (
        cancelling
        and _COMES.search(said)
        and not (_HESITATES.search(said) or "?" in written)
    ):
        return ("no",)
    if cancelling and said == "thoi":
        return ()  # "enough": of the visit, or of the question?
    answer = plainly(written, cancelling=cancelling)
    return (answer,) if answer else ()


def refuses(said: str) -> bool:
    """Is there a `khong` or the like anywhere in folded words?"""
    return _NO.search(f" {said} ") is not None


def _by_order(said: str, values: Sequence[str]) -> tuple[str, ...]:
    if _FIRST.search(said):
        return (values[0],)
    if _LAST.search(said):
        return (values[-1],)
    return ()


def _by_what_it_says(said: str, lines: Sequence[Line], today: date) -> tuple[str, ...]:
    """Lines whose time, day and place all agree with those that were said."""
    if found := _by_time(said, lines):
        return found
    by_day, by_place = _by_day(said, lines, today), _by_place(said, lines)
    if by_day is None or by_place is None:
        return (
            by_day if by_day is not None else by_place if by_place is not None else ()
        )
    return tuple(value for value in by_day if value in by_place)


def _by_time(said: str, lines: Sequence[Line]) -> tuple[str, ...]:
    times = {
        line.value: clocks(words_of(line.label.partition("(")[0])) for line in lines
    }
    if not all(len(found) == 1 for found in times.values()):
        return ()
    if (ordinal := _ORDINAL.search(said)) and ordinal["n"]:
        place = (
            1
            if ordinal["n"] == "nhat"
            else SPELT.get(ordinal["n"]) or int(ordinal["n"])
        )
        return (lines[place - 1].value,) if 1 <= place <= len(lines) else ()
    meant = {str(clock) for clock in clocks(said) if suits(said, clock)}
    if not meant and (parts := _PART.findall(said)):
        return tuple(
            value
            for value, (at,) in times.items()
            if (at.hour >= 12) == (parts[-1] == "chieu")
        )
    return tuple(value for value, (at,) in times.items() if str(at) in meant)


def _by_day(said: str, lines: Sequence[Line], today: date) -> tuple[str, ...] | None:
    """None when no day was said. A day that does not suit (`t7 khong duoc`) is not meant."""
    wanted = [day for day in days(said) if suits(said, day)]
    offered = {line.value: _day_of(line, today) for line in lines}
    if not wanted or not any(offered.values()):
        return None
    return tuple(
        value
        for value, on in offered.items()
        if on and any(day.is_on(on, today) for day in wanted)
    )


def _day_of(line: Line, today: date) -> date | None:
    """The date in a label such as `T7 25/4 NVH …`: this year's, or the next when it has gone by."""
    found = next((day for day in days(words_of(line.label)) if day.month), None)
    dated = found or next(
        (day for day in days(words_of(line.label)[3:]) if day.month), None
    )
    if dated is None:
        return None
    this_year = date(today.year, dated.month, dated.day)
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)


def _by_place(said: str, lines: Sequence[Line]) -> tuple[str, ...] | None:
    """None when no place was said."""
    places = [(line.value, (_bare(line.label), *line.names)) for line in lines]
    if all(len(names) == 1 and not names[0] for _, names in places):
        return None
    return tuple(named(said, places)) or None


def _bare(label: str) -> str:
    """The place in a label: without day, seats and the word for the hall."""
    plain = re.sub(r"\([^)]*\)", " ", fold(label))
    plain = re.sub(r"^(?:t[2-7]|cn|mon|tue|wed|thu|fri|sat|sun) \d+/\d+ ", "", plain)
    return re.sub(r"^nvh ", "", plain).strip()
