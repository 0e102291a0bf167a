"""Will a 2G handset show it whole, and what does it cost: folding, counting, pages,
parts.

GSM 03.38: 160 septets in one part, 153 in each of several; one character outside the
alphabet makes the whole text UCS-2: 70 units, or 67. USSD shows 182 septets at most,
160 on carriers not known better, 80 UCS-2 units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
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
_ALL_GSM = re.compile(
    f"[{re.escape(''.join(sorted(BASIC | EXTENDED)))}]*"
).fullmatch  # a quarter of a set's time
_ESCAPED = re.compile(f"[{re.escape(''.join(sorted(EXTENDED)))}]").findall
_PLAIN = "".join(
    re.escape(character)
    for character in map(chr, range(128))
    if character in BASIC | EXTENDED
)
# tone marks once they stand apart, and what has no reading
_UNREAD = re.compile(f"[^{_PLAIN}€]+")

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
# with tone marks two: one takes seventy letters, which is no more than a line
ONE_PART = Budget(160, 134)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a text takes on the wire. `length` is septets for GSM-7, units for UCS-2."""

    encoding: Encoding
    length: int
    parts: int


class Page(Value, frozen=True):
    """One screenful; options `first` to `last` (excluded) of the whole list stand on
    it.
    """

    text: str
    first: int = 0
    last: int = 0


class TooLong(ValueError):
    """A single option line cannot fit a screen beside the way back and on; shorten the
    name.
    """


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text in GSM-7 without tone marks, the normal style of texts in Vietnam. What
    has no reading is dropped.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii():
        plain = composed.replace("`", "'")
        if is_gsm(plain):
            return plain
    signs_read = composed.translate(_SIGNS)
    apart = unicodedata.normalize("NFD", signs_read)
    return _UNREAD.sub("", apart)


@lru_cache(maxsize=4096)
def on_wire(text: str, marks: bool) -> str:
    """Exactly what is sent: NFC with marks where the resident asked for them, folded
    where not.
    """
    if not marks:
        return fold(text)
    return unicodedata.normalize("NFC", text)


def is_gsm(text: str) -> bool:
    return _ALL_GSM(text) is not None


def septets(text: str) -> int:
    """Length in GSM-7 septets; only for texts for which `is_gsm` holds."""
    escaped = _ESCAPED(text)
    return len(text) + len(escaped)


def units(text: str) -> int:
    """Length in UCS-2 units: characters beyond the first plane take two."""
    beyond = sum(character > "\uffff" for character in text)
    return len(text) + beyond


def fits(text: str, budget: Budget) -> bool:
    if (
        len(text) > budget.septets
    ):  # no character takes less than one; spares the counting while pages are cut
        return False
    if is_gsm(text):
        return septets(text) <= budget.septets
    return units(text) <= budget.ucs2


@lru_cache(maxsize=1024)
def cost(text: str) -> Cost:
    """Encoding, length and parts of a text as it is sent. No part splits an escape pair
    or a surrogate pair.
    """
    if is_gsm(text):
        sizes = [1 + (character in EXTENDED) for character in text]
        return _cost("GSM-7", sizes, single=160, many=153)
    sizes = [1 + (character > "\uffff") for character in text]
    return _cost("UCS-2", sizes, single=70, many=67)


def _cost(encoding: Encoding, sizes: list[int], single: int, many: int) -> Cost:
    """Of a text whose characters have these sizes: `single` fit one part, `many` each
    of several.
    """
    length = sum(sizes)
    if length <= single:
        return Cost(encoding, length, 1)
    parts = 1
    room = many
    for size in sizes:
        if size > room:
            parts += 1
            room = many
        room -= size
    return Cost(encoding, length, parts)


@lru_cache(maxsize=2048)
def pages(
    text: str,
    lines: tuple[str, ...],
    back: str,
    more: str,
    budget: Budget,
    marks: bool = False,
) -> tuple[Page, ...]:
    """A screen as pages that each fit the budget, options numbered on across them.

    `back` stands last on every page (empty: none), `more` on every page but the last. A
    long text runs on over pages before the options start; nothing is ever cut off.
    Raises TooLong.
    """
    text = on_wire(text, marks)
    back = on_wire(back, marks)
    more = on_wire(more, marks)
    numbered = _numbered([on_wire(line, marks) for line in lines])
    whole = _join(text, *numbered, back)
    if fits(whole, budget):
        return (Page(whole, 0, len(numbered)),)
    tail = _join(more, back)
    made: list[Page] = []
    words_left = text
    first = 0
    while True:
        here, words_left = _cut(words_left, tail, budget)
        last = first
        if not words_left:
            lines_left = numbered[first:]
            rest = _join(here, *lines_left, back)
            if fits(rest, budget):
                made.append(Page(rest, first, len(numbered)))
                return tuple(made)
            last += _many_that_fit(here, lines_left, tail, budget)
            if last == first and not here:
                raise TooLong(numbered[first])
        on_page = numbered[first:last]
        page = _join(here, *on_page, tail)
        made.append(Page(page, first, last))
        first = last


def one_page(text: str, lines: Sequence[str], back: str = "") -> str:
    """A screen with its lines numbered, however long that is."""
    numbered = _numbered(lines)
    return _join(text, *numbered, back)


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _join(*parts: str) -> str:
    return "\n".join([part for part in parts if part])


def _many_that_fit(text: str, lines: Sequence[str], tail: str, budget: Budget) -> int:
    """How many of the lines fit between the text and the tail."""
    many = 0
    while many < len(lines):
        page = _join(text, *lines[: many + 1], tail)
        if not fits(page, budget):
            break
        many += 1
    return many


def _cut(text: str, tail: str, budget: Budget) -> tuple[str, str]:
    """As many whole words of `text` as fit above `tail`, and the rest."""
    whole = _join(text, tail)
    if fits(whole, budget):
        return text, ""
    at = len(text)
    while at > 0:
        here = text[:at].rstrip()
        page = _join(here, tail)
        if fits(page, budget):
            rest = text[at:].lstrip()
            return here, rest
        space = text.rfind(" ", 0, at)
        line_end = text.rfind("\n", 0, at)
        at = max(space, line_end)
    raise TooLong(text)


def price(prices: Mapping[str, int], network: str, text_class: str, parts: int) -> int:
    """Đồng for all parts, by the most exact entry: `viettel:notice`, `viettel:*`,
    `*:notice`, `*:*`.
    """
    exact = f"{network}:{text_class}"
    of_network = f"{network}:*"
    of_class = f"*:{text_class}"
    for name in (exact, of_network, of_class, "*:*"):
        if name in prices:
            return parts * prices[name]
    return 0
