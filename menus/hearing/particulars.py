"""What a few texts say beyond their request: heard before the rules and the reader, for they say it plainly.

A rule here wins over the reader. So it stands for what we tell residents to text (`HOP` and a hamlet, `GOP Y` and
words), and for what must not be lost: a cheat, a phone that rings for nobody, somebody who has no phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from menus import words
from menus.hearing.answers import Line
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.places import named
from menus.port import NUMBER_FIRST, NUMBER_LAST
from menus.topics import Topic

CALLS_UNHEARD, HARMED = "howto_calls", "harmed"  # kinds of HOWTO and of FACT
MOST_WORDS = 14  # who writes more has more in mind

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(rf"\b(?:{'|'.join(phrases)})\b")
    for name, phrases in words.PARTICULARS.items()
}
_HOP = re.compile(r"hop (?:o |tai |thon |so )*(?P<rest>\w+(?: \w+){0,3})")
_ASKS_WHETHER = re.compile(r" (?:khong|ko|k)$")
_OPINION_NUMBER = re.compile(r"\b\d{1,5}\b")


def plainly_said(said: str, now: Situation) -> Meaning | None:
    """What folded words say so plainly that neither rules nor reader are asked; none for all other texts."""
    if now.typed:
        return None
    return _sessions(said, now) or _short(said, now)


def opinion_asked_about(written: str) -> int | None:
    """The number of the opinion whose state is asked for; 0 where no number was said, none where that is not asked."""
    said = words_of(written)
    if not _PATTERNS["opinion_stands"].fullmatch(said):
        return None
    number = _OPINION_NUMBER.search(said)
    return int(number[0]) if number else 0


def hamlet_in(written: str, hamlets: tuple[Line, ...]) -> str:
    """The value of the one hamlet that is named; empty where none is, or several may be meant."""
    places = [(line.value, (line.label, *line.names)) for line in hamlets]
    found = named(words_of(written), places)
    return found[0] if len(found) == 1 else ""


def _sessions(said: str, now: Situation) -> Meaning | None:
    """HOP with a hamlet by its name or by its number in our list, or with the number of a session."""
    asked = _HOP.fullmatch(said)
    if asked is None:
        return None
    rest = asked["rest"]
    if not rest.isdigit():
        hamlet = hamlet_in(rest, now.hamlets)
        return Meaning("SESSIONS", hamlet=hamlet) if hamlet else None
    number = int(rest)
    if NUMBER_FIRST <= number <= NUMBER_LAST:
        return Meaning("SESSIONS", number=number)
    if 1 <= number <= len(now.hamlets):
        return Meaning("SESSIONS", hamlet=now.hamlets[number - 1].value)
    return None


def _short(said: str, now: Situation) -> Meaning | None:
    """What a short text says plainly, while no rating is asked for."""
    if now.rating or len(said.split()) > MOST_WORDS:
        return None
    if _PATTERNS["opinion_stands"].fullmatch(said):
        return Meaning("OPINION", kind="said")
    if _PATTERNS["account"].fullmatch(said):
        return Meaning("FACT", topic=Topic.MONEY)
    if _PATTERNS["harmed"].search(said) and not _ASKS_WHETHER.search(said):
        return Meaning("FACT", topic=Topic.WHO, kind=HARMED)
    if _PATTERNS["calls_unheard"].search(said) and not _PATTERNS[
        "calls_otherwise"
    ].search(said):
        return Meaning("HOWTO", kind=CALLS_UNHEARD)
    return None
