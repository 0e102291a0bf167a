"""What a resident meant by a text, heard against what is open on that phone. Nothing here acts; a guess never does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from menus.hearing.answers import Line, pick, refuses
from menus.hearing.folding import SPELT, fold, number, words_of
from menus.hearing.places import named
from menus.hearing.requests import Heard, Intent, is_quoted, near_miss, requests
from menus.hearing.when import Clock, Day, clocks, days, suits

__all__ = ["Clock", "Day", "Intent", "Line", "Meaning", "Situation", "fold", "hear", "number", "refusal", "thanks"]

REFUSALS: tuple[Intent, ...] = ("STOP_ADVERTS", "STOP_REMINDERS", "STOP_ALL")

_Said = TypeVar("_Said", Day, Clock)
_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_COMING = re.compile(
    r"\bse\b.*\b(?:den|di|ra|toi|xuong|len)\b|\b(?:van|mai|chac chan)\b.*\b(?:den|di|ra|toi|co mat)\b"
    r"|\bco (?:di|den)\b|di duoc$"
    r"|^(?:da |vang |e |em )*co(?: (?:a|nhe|nha|em|chau|day|di))*$|^chac chan|toi (?:di|den)$"
)
_THANKS = re.compile(
    r"^(?:da |vang |ok |e )*(?:em |ba |toi |xin )?(?:cam on|tks|thanks|thank)|^(?:ok|oke|da|vang)(?: a)?$"
)
_SCORE = re.compile(r"(?:dg|gia|cham|diem) ?(?:la |diem |so |cho |muc )?(?P<n>[1-5](?!\d)|(?:mot|hai|ba|bon|nam)\b)")
# `3 nguoi`, `hai me con`: how many come. `thu 3` is a day, and `7h 3 nguoi` no time of its own.
_MANY = re.compile(
    r"(?<!thu )(?<!ngay )(?<!\d[/:])\b(?P<n>\d|hai|ba|bon|nam|sau) ?(?:nguoi(?! ta)|ng\b|(?:me|bo|ba|ong|chu|bac) con\b"
    r"|(?:ba|ong|co|chu) chau\b|vo chong\b|(?:anh|chi) em\b)"
)
# What a number, a time, a day or an "okay" alone may be: something, but nobody can tell what.
_HANGS = re.compile(r"^(?:\d+|d[kc]|k|ko|khong|duoc|ok)$")


@dataclass(frozen=True, slots=True)
class Situation:
    """What the text is heard against: the lines open on that phone, the hamlets, the day (local) and the booking."""

    today: date
    lines: tuple[Line, ...] = ()
    hamlets: tuple[Line, ...] = ()
    booking: str = ""  # its code, if there is one
    reminded: bool = False  # the last text was a reminder of it
    commands: tuple[tuple[Intent, str], ...] = ()  # lines of the open list that are requests themselves
    rating: bool = False  # the last text asked how it went, and nothing else is open


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing to do (`word`), a line that was picked (PICK), something to ask about (ASK), or NOTHING to do."""

    word: Intent | Literal["PICK", "ASK", "NOTHING"]
    picked: str = ""
    code: str = ""
    hamlet: str = ""
    day: Day | None = None
    time: Clock | None = None
    score: int = 0  # of RATE: 1 to 5
    many: int = 0  # of BOOK: who come together, where it was said
    perhaps: tuple[str, ...] = ()  # values of lines, or requests, between which to ask


def hear(written: str, now: Situation) -> Meaning:
    """The meaning of one text. Destructive requests come back only when they were plainly asked for."""
    said = words_of(written)
    if is_quoted(written):
        return Meaning("ASK" if re.match(r"^soan huy \d{5}", said) else "NOTHING")
    if now.rating and (key := number(written)) in ("1", "2", "3", "4", "5"):
        return Meaning("RATE", score=int(key))
    heard, details = requests(written), _details(said, now)
    if _comes_by_code(said, heard, details):
        return Meaning("COMING", code=details.code)
    if now.lines and (answer := _answer(written, heard, details, now)):
        return answer
    if heard.unsure:
        stops: tuple[Intent, ...] = ("CANCEL", "STOP_ALL") if "CANCEL" in heard.asked else ()
        return Meaning("ASK", perhaps=stops or heard.asked)
    asked = _strongest(heard.asked)
    if asked == ("CHECK",) and len(details.hamlets) == 1 and (details.day or details.time):
        asked = ("BOOK",)  # place and time in one text: somebody wants a seat
    if len(asked) > 1:
        return Meaning("ASK", perhaps=asked)
    return _request(asked[0], said, details, now) if asked else _no_request(said, heard, details, now)


def refusal(written: str) -> Intent | None:
    """Which refusal of texts is plainly asked for, and that alone: `TC`, `STOP`, `TC NHAC`, `TC DV`."""
    heard = requests(written)
    if heard.unsure or is_quoted(written) or len(heard.asked) != 1:
        return None
    return heard.asked[0] if heard.asked[0] in REFUSALS else None


def thanks(written: str) -> bool:
    """Does the text thank, or say that all is well, and no more?"""
    return _THANKS.match(words_of(written)) is not None


@dataclass(frozen=True, slots=True)
class _Details:
    """What else was said: a code, places, a day, a time; `loose` when there is any of these but a code."""

    code: str
    hamlets: tuple[str, ...]
    day: Day | None
    time: Clock | None
    many: int
    loose: bool


def _details(said: str, now: Situation) -> _Details:
    code = next(iter(_CODE.findall(said)), "")
    rest = _CODE.sub(" ", said)
    together = _MANY.search(rest)
    rest = _MANY.sub(" ", rest)
    target = re.split(r"\bsang (?=t[2-7]\b|thu |cn|chu |ngay|mai|chieu|\d|luc)", rest)[-1]  # `doi tu … sang …`
    hamlets = named(rest, [(line.value, (line.label, *line.names)) for line in now.hamlets])
    when = [day for day in days(target) if suits(target, day)]
    at = [clock for clock in clocks(target) if suits(target, clock)]
    many = 0 if together is None else SPELT.get(together["n"]) or int(together["n"])
    return _Details(code, tuple(hamlets), _one(when), _one(at), many, bool(hamlets or when or at))


def _one(said: Sequence[_Said]) -> _Said | None:
    """What was said once, or the same twice; two different ones cancel out."""
    return said[0] if said and all(str(other) == str(said[0]) for other in said) else None


def _comes_by_code(said: str, heard: Heard, details: _Details) -> bool:
    """`CO 48315`, as the reminder asks for it: heard whatever list is open."""
    if not details.code or heard.asked or heard.denied or heard.unsure:
        return False
    comes = re.search(r"^(?:co|ok|vang|xac nhan|dong y)\b|\bco \d{5}\b|\bse (?:den|di|ra)\b", said)
    return comes is not None and _can_come(said)


def _can_come(said: str) -> bool:
    return re.search(r"\b(?:khong|ko|k) (?:di|den)\b", said) is None


def _strongest(asked: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """Of two requests in one text the one that says what is wanted now: `dang ky di doi may` is a booking."""
    for strong, weak in (
        ("UNDO", None),
        ("CALL", ("HELP",)),
        ("BOOK", ("CHECK", "HELP")),
        ("MINE", ("HELP",)),
        ("HOWTO", ("HELP",)),
    ):
        if strong in asked:
            asked = tuple(word for word in asked if word == strong or (weak is not None and word not in weak))
    return asked


def _answer(written: str, heard: Heard, details: _Details, now: Situation) -> Meaning | None:
    """The open question first, unless the text plainly asks for something else."""
    spelt_out = [line.value for line in now.lines if words_of(line.label) == words_of(written)]
    if len(spelt_out) == 1:
        return Meaning("PICK", picked=spelt_out[0])  # `dat ho`, as it stands there
    asked = _strongest(heard.asked)
    if asked and details.code:  # about the booking of that code, whichever is open
        torn = dict(now.commands).get(asked[0]) == "yes" and refuses(words_of(written))
        return Meaning("ASK") if torn else None
    if len(asked) == 1 and not heard.unsure and not details.loose and (line := dict(now.commands).get(asked[0])):
        torn = line == "yes" and refuses(words_of(written))  # `khong, huy di`: no to the question, or yes to the act?
        return Meaning("ASK") if torn else Meaning("PICK", picked=line)
    questions = [word for word, value in now.commands if value == "yes"]
    if questions and asked == ("CANCEL",) and not (details.code or heard.unsure or "CANCEL" in questions):
        return Meaning("PICK", picked="no")
    if any(word not in questions for word in asked):
        return None
    values = pick(written, now.lines, now.today)
    if len(values) == 1:
        return Meaning("PICK", picked=values[0])
    if not values and thanks(written):
        return Meaning("NOTHING")
    return Meaning("ASK", perhaps=values)


def _request(word: Intent, said: str, details: _Details, now: Situation) -> Meaning:
    match word:
        case "BOOK" if len(details.hamlets) > 1:
            return Meaning("ASK", perhaps=("BOOK",))
        case "BOOK":
            hamlet = "".join(details.hamlets)
            return Meaning(word, hamlet=hamlet, day=details.day, time=details.time, many=details.many)
        case "CHANGE":
            return Meaning(word, code=details.code, day=details.day, time=details.time)
        case "CANCEL":
            return _cancel(said, details.code, now)
        case "MINE" | "TAKE":
            return Meaning(word, code=details.code)
        case "RATE":
            return Meaning(word, score=_score(said))
        case _:
            return Meaning(word)


def _score(said: str) -> int:
    """1 to 5, in a digit or a word; 0 when none was said."""
    found = _SCORE.search(said)
    return 0 if found is None else SPELT.get(found["n"]) or int(found["n"])


def _cancel(said: str, code: str, now: Situation) -> Meaning:
    """A bare HUY with nothing booked, or after a reminder, can mean three things."""
    if code:
        return Meaning("CANCEL", code=code)
    plain = re.search(r"\b(?:lich|hen)\b", said) is not None
    if re.search(r"\d{3,}", said) or not (plain or (now.booking and not now.reminded)):
        return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))
    return Meaning("CANCEL")


def _no_request(said: str, heard: Heard, details: _Details, now: Situation) -> Meaning:
    """No request in it: that one will come, a request half said, or just talk."""
    if now.reminded and _can_come(said) and _COMING.search(said):
        return Meaning("COMING", code=now.booking)
    if heard.denied:
        return Meaning("ASK" if said.endswith("chua") and not said.startswith("chua") else "NOTHING")
    name_said = re.search(r"\bhuy\b", said) is not None
    if len(details.hamlets) == 1 and (details.day or details.time):
        hamlet = details.hamlets[0]
        return Meaning("BOOK", hamlet=hamlet, day=details.day, time=details.time, many=details.many)
    if near_miss(said):
        return Meaning("ASK")
    if _THANKS.match(said):
        return Meaning("NOTHING")
    short = len(said.split()) <= 5
    cannot = now.booking and re.search(r"\bban\b|(?:khong|k|ko) (?:di|den)\b", said)
    half_said = (
        details.code or said.startswith("doi ") or _HANGS.match(said) or (short and details.loose and not name_said)
    )
    return Meaning("ASK" if half_said or cannot else "NOTHING")
