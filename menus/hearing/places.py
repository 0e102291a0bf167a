"""Hamlets as people call them: `Q.Trung I`, `quag trung 1`, `ql2`, `na quang`; by name,
alias, initials, with slips.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

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
_OR = ("hay", "hoac", "voi")
_NOT_THIS_ONE = re.compile(r"\bkhong phai (?:la )?[a-z]+ [a-z]+ [0-9i]+")
_Q_FOR_QUANG = re.compile(r"\bq[. ]+(?=[a-z]{3})")
_LETTERS_OR_DIGITS = re.compile(r"[a-z]+|\d+")
CLOSE = 1  # slips allowed in one word of four letters or more


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that can be named: its value, and every way it is called, in words."""

    value: str
    called: tuple[tuple[str, ...], ...]  # the longest first

    @property
    def longest(self) -> int:
        return len(self.called[0]) if self.called else 0


class _Name(NamedTuple):
    """One way in which a place is called, in words."""

    value: str
    called: tuple[str, ...]


@lru_cache(maxsize=256)
def _place(value: str, names: tuple[str, ...]) -> Place:
    called = {tuple(_spoken(fold(name))) for name in names}
    for name in list(called):
        if len(name) > 1 and name[-1].isdigit():
            called.update(_with_number(name[:-1], name[-1]))
    longest_first = sorted(called, key=len, reverse=True)
    return Place(value, tuple(longest_first))


def _with_number(stem: tuple[str, ...], digit: str) -> list[tuple[str, ...]]:
    """`quang trung 1` is also `trung 1`, `qt1`, `qt 1` and `quangtrung 1`."""
    initials = "".join(word[0] for word in stem)
    return [
        (stem[-1], digit),
        (initials + digit,),
        (initials, digit),
        ("".join(stem), digit),
    ]


def named(said: str, places: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """The values of the places named in folded words; several when a name fits several
    (`quang trung`), none if none.

    `places` are (value, names). The longest name with the fewest slips wins; `khong
    phai X` is not meant.
    """
    meant = _NOT_THIS_ONE.sub(" ", said)
    words = _spoken(meant)
    known = [_place(value, tuple(names)) for value, names in places]
    longest = max((place.longest for place in known), default=0)
    for size in range(longest, 0, -1):
        found = _of_size(words, known, size)
        if found:
            return sorted(found)
    return _stems(words, known)


def _of_size(words: list[str], known: list[Place], size: int) -> set[str]:
    """The values of the places whose name of so many words stands first, with the
    fewest slips.
    """
    likely = _likely(words, known, size)
    for slips in range(size):
        for at, names in likely:
            window = words[at : at + size]
            fit = _fitting(window, names, slips)
            if fit:
                behind = words[at + size :]
                return {*fit, *_or_another(behind, window, known)}
    return set()


def _likely(
    words: list[str], known: list[Place], size: int
) -> list[tuple[int, list[_Name]]]:
    """Where so many words in a row share one with names of that length, and which: a
    long letter has few such places.
    """
    by_word = _names_by_word(tuple(known), size)
    likely = []
    for at in range(len(words) - size + 1):
        names: dict[_Name, None] = {}
        for place, word in enumerate(words[at : at + size]):
            names.update(by_word.get((place, word), {}))
        if names:
            likely.append((at, list(names)))
    return likely


@lru_cache(maxsize=256)
def _names_by_word(
    known: tuple[Place, ...], size: int
) -> dict[tuple[int, str], dict[_Name, None]]:
    """The names of so many words by each word of theirs and where it stands: a name is
    never heard in a window that has none of its words.
    """
    found: dict[tuple[int, str], dict[_Name, None]] = {}
    for place in known:
        for called in place.called:
            if len(called) == size:
                name = _Name(place.value, called)
                for at, word in enumerate(called):
                    found.setdefault((at, word), {})[name] = None
    return found


def _fitting(window: list[str], names: Iterable[_Name], slips: int) -> list[str]:
    fit = [name.value for name in names if _slips(window, name.called) == slips]
    return list(dict.fromkeys(fit))


def _or_another(behind: list[str], window: list[str], known: list[Place]) -> list[str]:
    """`quang trung 1 hay 2`: another number for the same name."""
    if len(behind) < 2 or behind[0] not in _OR:
        return []
    digit = behind[1]
    if not digit.isdigit():
        return []
    other = (*window[:-1], digit)
    return [place.value for place in known if other in place.called]


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
    wanted = list(stem)
    for at in range(len(words) - size + 1):
        to = at + size
        if words[at:to] == wanted and not _is_number(words, to):
            return True
    return False


def _is_number(words: list[str], at: int) -> bool:
    return at < len(words) and words[at].isdigit()


def _spoken(said: str) -> list[str]:
    """Words with numerals as digits and `q` spelt out; a number glued to a word stands
    alone (`trung1`).
    """
    spelt_out = _Q_FOR_QUANG.sub("quang ", said)
    parts = _LETTERS_OR_DIGITS.findall(spelt_out)
    words = parts[:1] + [_NUMERAL.get(word, word) for word in parts[1:]]
    return [word for word in words if word not in _FILLER]


def _slips(said: Sequence[str], name: Sequence[str]) -> int:
    """How many words were slipped in; -1 when it is another name. Numbers must be
    exact, and one word right.
    """
    if len(said) != len(name):
        return -1
    slips = 0
    for heard, word in zip(said, name, strict=True):
        if heard == word:
            continue
        if not _may_be_slip(heard, word):
            return -1
        slips += 1
    return slips if slips < len(name) else -1


def _may_be_slip(heard: str, word: str) -> bool:
    if word.isdigit() or heard.isdigit():
        return False
    return min(len(word), len(heard)) >= 3 and not _far(heard, word)


def _far(heard: str, word: str) -> bool:
    """More than one slip apart, where tr and ch, s and x sound the same."""
    return OSA.distance(_sound(heard), _sound(word)) > CLOSE


def _sound(word: str) -> str:
    return word.replace("tr", "ch").replace("x", "s")
