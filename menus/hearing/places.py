"""Hamlets as people call them: `Q.Trung I`, `quag trung 1`, `ql2`, `na quang`; by name, alias, initials, with slips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from menus.hearing.folding import fold

_NUMERAL = {
    "i": "1",
    "l": "1",
    "ii": "2",
    "ll": "2",
    "iii": "3",
    "lll": "3",
    "mot": "1",
    "hai": "2",
    "ba": "3",
}
_FILLER = {"thon", "xom", "ban", "so", "o", "xa"}
CLOSE = 1  # slips allowed in one word of four letters or more


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that can be named: its value, and every way it is called, in words."""

    value: str
    called: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=256)
def _place(value: str, names: tuple[str, ...]) -> Place:
    called = {tuple(_spoken(fold(name))) for name in names}
    for name in list(called):
        if len(name) > 1 and name[-1].isdigit():
            called |= {name[-2:], ("".join(word[0] for word in name[:-1]) + name[-1],)}
            called |= {
                ("".join(word[0] for word in name[:-1]), name[-1]),
                ("".join(name[:-1]), name[-1]),
            }
    return Place(value, tuple(sorted(called, key=len, reverse=True)))


def named(said: str, places: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """The values of the places named in folded words; several when a name fits several (`quang trung`), none if none.

    `places` are (value, names). The longest name with the fewest slips wins; `khong phai X` is not meant.
    """
    words = _spoken(re.sub(r"\bkhong phai (?:la )?[a-z]+ [a-z]+ [0-9i]+", " ", said))
    known = [_place(value, tuple(names)) for value, names in places]
    longest = max((len(name) for place in known for name in place.called), default=0)
    for size in range(longest, 0, -1):
        likely = _likely(words, known, size)
        for slips in range(size):
            for at in likely:
                if fit := _fitting(words[at : at + size], known, slips):
                    return sorted(
                        {
                            *fit,
                            *_or_another(
                                words[at + size :], words[at : at + size], known
                            ),
                        }
                    )
    return _stems(words, known)


def _likely(words: list[str], known: list[Place], size: int) -> list[int]:
    """Where so many words in a row share one with a name of that length: a long letter has few such places."""
    parts = {
        part
        for place in known
        for name in place.called
        if len(name) == size
        for part in name
    }
    return [
        at
        for at in range(len(words) - size + 1)
        if not parts.isdisjoint(words[at : at + size])
    ]


def _fitting(window: list[str], known: list[Place], slips: int) -> list[str]:
    return [
        place.value
        for place in known
        if any(_slips(window, name) == slips for name in place.called)
    ]


def _or_another(rest: list[str], window: list[str], known: list[Place]) -> list[str]:
    """`quang trung 1 hay 2`: another number for the same name."""
    if len(rest) > 1 and rest[0] in ("hay", "hoac", "voi") and rest[1].isdigit():
        return _fitting([*window[:-1], rest[1]], known, 0)
    return []


def _stems(words: list[str], known: list[Place]) -> list[str]:
    """A name without its number fits every place that shares it."""
    fit = []
    for place in known:
        stems = [
            name[:-1] for name in place.called if len(name) > 2 and name[-1].isdigit()
        ]
        if any(_stands(words, stem) for stem in stems):
            fit.append(place.value)
    return fit


def _stands(words: list[str], stem: Sequence[str]) -> bool:
    """The words of the stem, with no number after them (that would be another place)."""
    size = len(stem)
    return any(
        _slips(words[at : at + size], stem) == 0
        and not "".join(words[at + size : at + size + 1]).isdigit()
        for at in range(len(words) - size + 1)
    )


def _spoken(said: str) -> list[str]:
    """Words with numerals as digits and `q` spelt out; a number glued to a word stands alone (`trung1`)."""
    parts = re.findall(r"[a-z]+|\d+", re.sub(r"\bq[. ]+(?=[a-z]{3})", "quang ", said))
    words = [
        _NUMERAL.get(word, word) if place else word for place, word in enumerate(parts)
    ]
    return [word for word in words if word not in _FILLER]


def _slips(said: Sequence[str], name: Sequence[str]) -> int:
    """How many words were slipped in; -1 when it is another name. Numbers must be exact, and one word right."""
    if len(said) != len(name):
        return -1
    slips = 0
    for heard, word in zip(said, name, strict=True):
        if heard == word:
            continue
        if (
            word.isdigit()
            or heard.isdigit()
            or min(len(word), len(heard)) < 3
            or _far(heard, word)
        ):
            return -1
        slips += 1
    return slips if slips < len(name) else -1


def _far(heard: str, word: str) -> bool:
    """More than one slip apart, where tr and ch, s and x sound the same."""
    return OSA.distance(_sound(heard), _sound(word)) > CLOSE


def _sound(word: str) -> str:
    return word.replace("tr", "ch").replace("x", "s")
