"""Will a 2G handset show it whole, and what does it cost: folding, counting, pages, parts.

GSM 03.38: 160 septets in one part, 153 in each of several; one character outside the alphabet makes the
whole text UCS-2: 70 units, or 67. USSD shows 182 septets at most, 160 on carriers not known better, 80 UCS-2 units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from menus.values import Value

Encoding = Literal["GSM-7", "UCS-2"]

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}[]~\\|€\f")  # an escape and a character: two septets
_ALL_GSM = re.compile(f"[{re.escape(''.join(sorted(BASIC | EXTENDED)))}]*").fullmatch  # a quarter of a set's time
_ESCAPED = re.compile(f"[{re.escape(''.join(sorted(EXTENDED)))}]").findall
_PLAIN = "".join(re.escape(character) for character in map(chr, range(128)) if character in BASIC | EXTENDED)
_UNREAD = re.compile(f"[^{_PLAIN}€]+")  # tone marks once they stand apart, and what has no reading

_SIGNS = str.maketrans({
    "đ": "d", "Đ": "D", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "‘": "'",
    "’": "'", "…": "...", "•": "-", "·": "-", "×": "x", "\u00a0": " ", "\u202f": " ", "\t": " ", "₫": "d", "`": "'",
    "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
})  # fmt: skip


class Budget(Value, frozen=True):
    """How much one screen may hold, in septets and in UCS-2 units."""

    septets: int
    ucs2: int


USSD = Budget(160, 80)
USSD_182 = Budget(182, 80)
SMS = Budget(306, 134)  # two parts; screens are worded to stay in one wherever possible


@dataclass(frozen=True, slots=True)
class Cost:
    """What a text takes on the wire. `length` is septets for GSM-7, units for UCS-2."""

    encoding: Encoding
    length: int
    parts: int


class Page(Value, frozen=True):
    """One screenful; options `first` to `last` (excluded) of the whole list stand on it."""

    text: str
    first: int = 0
    last: int = 0


class TooLong(ValueError):
    """A single option line cannot fit a screen beside the way back and on; shorten the name."""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text in GSM-7 without tone marks, the normal style of texts in Vietnam. What has no reading is dropped."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and is_gsm(plain := composed.replace("`", "'")):
        return plain
    return _UNREAD.sub("", unicodedata.normalize("NFD", composed.translate(_SIGNS)))


@lru_cache(maxsize=4096)
def on_wire(text: str, marks: bool) -> str:
    """Exactly what is sent: NFC with marks where the resident asked for them, folded where not."""
    return unicodedata.normalize("NFC", text) if marks else fold(text)


def is_gsm(text: str) -> bool:
    return _ALL_GSM(text) is not None


def septets(text: str) -> int:
    """Length in GSM-7 septets; only for texts for which `is_gsm` holds."""
    return len(text) + len(_ESCAPED(text))


def units(text: str) -> int:
    """Length in UCS-2 units: characters beyond the first plane take two."""
    return len(text) + sum(character > "\uffff" for character in text)


def fits(text: str, budget: Budget) -> bool:
    if len(text) > budget.septets:  # no character takes less than one; spares the counting while pages are cut
        return False
    return septets(text) <= budget.septets if is_gsm(text) else units(text) <= budget.ucs2


@lru_cache(maxsize=1024)
def cost(text: str) -> Cost:
    """Encoding, length and parts of a text as it is sent. No part splits an escape pair or a surrogate pair."""
    if is_gsm(text):
        sizes, single, many = [1 + (character in EXTENDED) for character in text], 160, 153
    else:
        sizes, single, many = [1 + (character > "\uffff") for character in text], 70, 67
    length = sum(sizes)
    encoding: Encoding = "GSM-7" if single == 160 else "UCS-2"
    if length <= single:
        return Cost(encoding, length, 1)
    parts, room = 1, many
    for size in sizes:
        if size > room:
            parts, room = parts + 1, many
        room -= size
    return Cost(encoding, length, parts)


@lru_cache(maxsize=2048)
def pages(
    text: str, lines: tuple[str, ...], back: str, more: str, budget: Budget, marks: bool = False
) -> tuple[Page, ...]:
    """A screen as pages that each fit the budget, options numbered on across them.

    `back` stands last on every page (empty: none), `more` on every page but the last. A long text runs on
    over pages before the options start; nothing is ever cut off. Raises TooLong.
    """
    text, back, more = on_wire(text, marks), on_wire(back, marks), on_wire(more, marks)
    numbered = [f"{number}. {on_wire(line, marks)}" for number, line in enumerate(lines, 1)]
    whole = "\n".join([part for part in (text, *numbered, back) if part])
    if fits(whole, budget):
        return (Page(whole, 0, len(lines)),)
    made: list[Page] = []
    words_left, first, tail = text, 0, _join(more, back)
    while True:
        here, words_left = _cut(words_left, tail, budget)
        last = first
        if not words_left:
            while last < len(numbered) and fits(_join(here, *numbered[first : last + 1], tail), budget):
                last += 1
            if fits(_join(here, *numbered[first:], back), budget):
                made.append(Page(_join(here, *numbered[first:], back), first, len(lines)))
                return tuple(made)
            if last == first and not here:
                raise TooLong(numbered[first])
        made.append(Page(_join(here, *numbered[first:last], tail), first, last))
        first = last


def _join(*parts: str) -> str:
    return "\n".join([part for part in parts if part])


def _cut(text: str, tail: str, budget: Budget) -> tuple[str, str]:
    """As many whole words of `text` as fit above `tail`, and the rest."""
    if fits(_join(text, tail), budget):
        return text, ""
    at = len(text)
    while at > 0 and not fits(_join(text[:at].rstrip(), tail), budget):
        at = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
    if at <= 0:
        raise TooLong(text)
    return text[:at].rstrip(), text[at:].lstrip()


def price(prices: Mapping[str, int], network: str, text_class: str, parts: int) -> int:
    """Đồng for all parts, by the most exact entry: `viettel:notice`, `viettel:*`, `*:notice`, `*:*`."""
    names = (f"{network}:{text_class}", f"{network}:*", f"*:{text_class}", "*:*")
    return parts * next((prices[name] for name in names if name in prices), 0)
