"""Which line of the open list was meant: by number, ordinal, yes or no, time, day,
place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from menus.hearing.assent import plainly
from menus.hearing.folding import SPELT, fold, number, numeral, words_of
from menus.hearing.places import named
from menus.hearing.when import Clock, Day, clocks, clocks_meant, days, days_meant
from menus.words import ASSENT

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
_EITHER = re.compile(r"(?:^| )(?:hay|hoac)(?: |$)")
# `ngày nào cũng được`: the soonest; with a condition beside it the list is asked again.
_ANY = re.compile(
    rf"(?:{_SMALL} )*(?:(?:hom|ngay|bua|buoi|gio|luc|h) ?)?nao (?:cung|cx) (?:duoc|dc|ok|the)(?: {_SMALL})*"
)
_ANY_BUT = re.compile(r"(?:^| )(?:deu|nao cung|nao cx|sao cung)(?: |$)")
_ORDINAL = re.compile(
    rf"(?:cai|muc|dong|khung gio|gio|so)? ?(?:dau tien|thu (?P<n>\d{{1,2}}|nhat|{'|'.join(SPELT)}))$"
)
_PART = re.compile(r"(?:^|buoi )(sang|chieu)\b")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_DAY_IN_FRONT = re.compile(r"^(?:t[2-7]|cn|mon|tue|wed|thu|fri|sat|sun) \d+/\d+ ")
_FIRST, _LAST = (
    re.compile(r"som nhat|dau tien|gan nhat"),
    re.compile(r"muon nhat|cuoi cung"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line offered: what comes back, what was read, and other names of the same
    thing.
    """

    value: str
    label: str
    names: tuple[str, ...] = ()


def places_of(lines: Iterable[Line]) -> list[tuple[str, tuple[str, ...]]]:
    """The lines as places: the value of each, and all that it is called."""
    return [(line.value, (line.label, *line.names)) for line in lines]


def pick(written: str, lines: Sequence[Line], today: date) -> tuple[str, ...]:
    """The values that fit what was written: one is an answer, several a question to
    ask, none not understood.
    """
    key = number(written)
    if len(key) <= 3 and key.isascii() and key.isdigit():
        return _at_place(int(key), lines)
    said = words_of(written)
    numbered = _by_number_and_words(said, lines)
    if numbered:
        return (numbered,)
    values = [line.value for line in lines]
    if _EITHER.search(f" {said} "):
        return tuple(values[:2])
    is_a_question = "yes" in values and "no" in values
    if not is_a_question and _ANY_BUT.search(f" {said} "):
        return (values[0],) if _ANY.fullmatch(said) else ()
    if is_a_question:
        return _to_the_letter(said, lines) or _yes_or_no(said, written, lines)
    return _by_order(said, values) or _by_what_it_says(said, lines, today)


def _at_place(place: int, lines: Sequence[Line]) -> tuple[str, ...]:
    """The value of the line with this number; none where so many lines are not there."""
    if not 1 <= place <= len(lines):
        return ()
    return (lines[place - 1].value,)


def _to_the_letter(said: str, lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(line.value for line in lines if words_of(line.label) == said)


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
    """The value of the line of which both the number and words of its own were said: `2
    giu lich`, `so 1 dat lich nhe`.

    Empty where any word is neither the line's nor one that changes nothing: `1 nhe khoi
    nhac nua`.
    """
    found = _NUMBER_FIRST.match(said)
    if not found or not found["words"]:
        return ""
    place = int(found["place"])
    if not 1 <= place <= len(lines):
        return ""
    line = lines[place - 1]
    own = set(words_of(line.label).split())
    telling = set(found["words"].split()) - _BESIDE_A_LINE
    return line.value if telling and telling <= own else ""


# Beside a number these change nothing: `so 1 nhe`, `dong y chon 1 a`.
_SMALL_WORDS = (
    ASSENT["filling"]
    | ASSENT["yes"]
    | ASSENT["beside_yes"]
    | {"so", "chon", "bam", "phim", "muc", "dong", "soan", "gui", "lay", "chot"}
)
_KEY = re.compile(rf"\d{{1,2}}(?P<glued>[a-z]*)|{'|'.join(set(SPELT) - {'ba'})}")
# `2 cháu` are two children, and `1A` is a class.
_COUNTS_SOMEBODY = re.compile(
    r"\da$|(?:\d|\bmot|\bhai) (?:chau|con|em|be|vo|chong|me|bo)(?: (?:toi|minh|nho|trai|gai))*$"
)


def is_numbered(written: str) -> bool:
    """Does it begin with a number, but for small words: `1 chau lop 1a`, `chon 2 nhe`?"""
    for word in words_of(written).split():
        if _KEY.fullmatch(word):
            return True
        if word not in _SMALL_WORDS:
            return False
    return False


def is_bare(written: str, label: str) -> bool:
    """Is nothing said but a number, the words of the line with this label, and small
    words: `so 1 nhe`, `1 dong y a`? `1 chau lop 1a` says more.
    """
    said = words_of(written)
    if _COUNTS_SOMEBODY.search(said):
        return False
    own = {*_SMALL_WORDS, *words_of(label).split()}
    return all(_is_number_or(word, own) for word in said.split())


def _is_number_or(word: str, own: set[str]) -> bool:
    """Is it a number, `1nhe` among them, or one of these words?"""
    key = _KEY.fullmatch(word)
    if key is None:
        return word in own
    return not key["glued"] or key["glued"] in own


_MORE_DIGITS = re.compile(r"\d{3,}|\d ?[h:/]|\d+g\d")
# what a number that is none of a line counts
_COUNTS = r"(?! ?(?:gio|nguoi|ng|ngay|thang|tieng|phut|lan|tuan|nam)\b)"
_OF_THE_LIST = re.compile(
    rf"\b(?:so|muc|dong|phim|cai thu|chon|bam|cai so) (\d{{1,2}}|{'|'.join(SPELT)})\b{_COUNTS}"
)
_A_NUMBER = re.compile(rf"\b(\d{{1,2}})\b{_COUNTS}")


def picked_loosely(written: str, lines: Sequence[Line], *, said_so: bool) -> str:
    """The value of the line whose number stands in a longer text: `số hai đặt lịch`,
    `cái thứ ba`, `1 thôi, kém lắm`.

    Empty where a digit may be a day, an hour or a code, or where two numbers were said.
    With `said_so` only what is plainly a number of the list counts: `số 3`, `chọn hai`.
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
    picked = _at_place(int(numbers.pop()), lines)
    return picked[0] if picked else ""


def _yes_or_no(said: str, written: str, lines: Sequence[Line]) -> tuple[str, ...]:
    """A plain yes or no to the whole question; "I will come" is a no to cancelling. All
    else is asked back.
    """
    cancelling = fold(lines[0].label).startswith(("huy", "cancel"))
    if cancelling and _comes(said, written):
        return ("no",)
    if cancelling and said == "thoi":
        return ()  # "enough": of the visit, or of the question?
    answer = plainly(written, cancelling=cancelling)
    return (answer,) if answer else ()


def _comes(said: str, written: str) -> bool:
    """`tôi vẫn đến`, without a doubt beside it."""
    if "?" in written or _HESITATES.search(said):
        return False
    return _COMES.search(said) is not None


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
    by_time = _by_time(said, lines)
    if by_time:
        return by_time
    by_day = _by_day(said, lines, today)
    by_place = _by_place(said, lines)
    if by_day is None:
        return by_place or ()
    if by_place is None:
        return by_day
    return tuple(value for value in by_day if value in by_place)


def _by_time(said: str, lines: Sequence[Line]) -> tuple[str, ...]:
    """The lines of a list of times that begin then; none of any other list."""
    times = _times(lines)
    if not times:
        return ()
    place = _place_said(said)
    if place is not None:
        return _at_place(place, lines)
    meant = {str(clock) for clock in clocks_meant(said)}
    parts = _PART.findall(said)
    if parts and not meant:
        in_the_afternoon = parts[-1] == "chieu"
        return tuple(
            value for value, at in times.items() if (at.hour >= 12) == in_the_afternoon
        )
    return tuple(value for value, at in times.items() if str(at) in meant)


def _times(lines: Sequence[Line]) -> dict[str, Clock]:
    """The time of each line by its value; empty where any line has none, or two."""
    times = {}
    for line in lines:
        label, _, _ = line.label.partition("(")
        found = clocks(words_of(label))
        if len(found) != 1:
            return {}
        times[line.value] = found[0]
    return times


def _place_said(said: str) -> int | None:
    """`cái thứ hai`: 2; none where no ordinal was said."""
    ordinal = _ORDINAL.search(said)
    if not ordinal or not ordinal["n"]:
        return None
    return 1 if ordinal["n"] == "nhat" else numeral(ordinal["n"])


def _by_day(said: str, lines: Sequence[Line], today: date) -> tuple[str, ...] | None:
    """None when no day was said. A day that does not suit (`t7 khong duoc`) is not
    meant.
    """
    wanted = days_meant(said)
    offered = {line.value: _day_of(line, today) for line in lines}
    if not wanted or not any(offered.values()):
        return None
    return tuple(
        value for value, on in offered.items() if on and _suits_any(on, wanted, today)
    )


def _suits_any(on: date, wanted: Sequence[Day], today: date) -> bool:
    return any(day.is_on(on, today) for day in wanted)


def _day_of(line: Line, today: date) -> date | None:
    """The date in a label such as `T7 25/4 NVH …`: this year's, or the next when it has
    gone by.
    """
    label = words_of(line.label)
    dated = _first_date(label) or _first_date(label[3:])
    if dated is None:
        return None
    this_year = date(today.year, dated.month, dated.day)
    if this_year >= today:
        return this_year
    return this_year.replace(year=today.year + 1)


def _first_date(said: str) -> Day | None:
    dated = (day for day in days(said) if day.month)
    return next(dated, None)


def _by_place(said: str, lines: Sequence[Line]) -> tuple[str, ...] | None:
    """None when no place was said."""
    places = [(line.value, (_bare(line.label), *line.names)) for line in lines]
    if not any(any(names) for _, names in places):
        return None
    return tuple(named(said, places)) or None


def _bare(label: str) -> str:
    """The place in a label: without day, seats and the word for the hall."""
    plain = _IN_BRACKETS.sub(" ", fold(label))
    undated = _DAY_IN_FRONT.sub("", plain)
    return undated.removeprefix("nvh ").strip()
