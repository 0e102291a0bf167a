"""What a resident meant: folding, numbers and keywords. Near misses, dates and names are heard here too, in time."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Word = Literal[
    "CHECK", "BOOK", "MINE", "CANCEL", "CHANGE", "CALL", "HELP", "LANGUAGE", "STOP_ADVERTS", "STOP_ALL", "START"
]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\ufe0f\u20e3\x00"))


@dataclass(frozen=True, slots=True)
class Said:
    """A keyword and the five-digit code that came with it, if one did."""

    word: Word
    code: str = ""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, no tone marks, nothing invisible, single spaces: HUỶ, hủy and huỷ are all `huy`."""
    plain = unicodedata.normalize("NFKD", text.translate(_INVISIBLE)).replace("đ", "d").replace("Đ", "d")
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.lower().split())


_SPELT = {"mot": "1", "hai": "2", "ba": "3", "bon": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9"}
_AROUND_A_NUMBER = re.compile(
    r"(?:(?:e|em|toi|chau|con|bac|co)? ?(?:chon|bam|soan|gui|phim|muc)? ?(?:so|phim|muc)? ?)"
    r"(?P<number>[0-9ol]{1,3}|" + "|".join(_SPELT) + r")"
    r"(?: ?(?:nhe|nha|a|ah|oi|thoi|di|voi|roi))*[ .,;!)]*"
)


@lru_cache(maxsize=4096)
def number(text: str) -> str:
    """The key that was meant: `1.`, `so 1`, `chon so 2 nhe`, `l` for 1, `O` for 0. Else the text, folded."""
    if text.isascii() and text.isdigit():
        return text
    said = fold(text)
    found = _AROUND_A_NUMBER.fullmatch(said)
    if not found:
        return said
    meant = found["number"]
    return _SPELT.get(meant) or meant.replace("o", "0").replace("l", "1")


# `dk` is "register" or "okay": it opens the booking, whose own question asks for consent. LH and "cho" are left out
# on purpose: each reads two ways (domain facts). A bare DOI is the swap; with a code it is a change of time.
_COMMANDS: tuple[tuple[Word, str], ...] = (
    ("STOP_ALL", r"tc ?dv|tu choi dich vu|stop all|stopall"),
    ("STOP_ADVERTS", r"tc(?: ?qc)?|tu choi(?: quang cao)?|stop"),
    ("START", r"start|unstop|nhan lai"),
    ("CHANGE", r"(?:doi|doi lich|doi gio)[ :.]*(?P<code>\d{5})|doi lich|doi gio"),
    ("CANCEL", r"huy(?: lich)?(?: hen)?(?:[ :.]*(?P<code>\d{5}))?"),
    ("MINE", r"(?:lich|lich hen|xem lich)(?:[ :.]*(?P<code>\d{5}))?|(?P<bare>\d{5})|co[ :.]*(?P<co>\d{5})"),
    ("CHECK", r"kt|kiem tra|doi|doi may|doi 4g|4g"),
    ("BOOK", r"dl|dat lich|dk|dang ky|dat"),
    ("CALL", r"goi lai|goi lai cho toi|nho goi lai"),
    ("HELP", r"tg|hd|ht|tro giup|huong dan|ho tro|help"),
    ("LANGUAGE", r"nn|ngon ngu|language|english|tieng anh|tieng viet"),
)
_PATTERNS = tuple((word, re.compile(rf"(?:{pattern})[ .,;!?]*")) for word, pattern in _COMMANDS)


@lru_cache(maxsize=4096)
def command(text: str) -> Said | None:
    """The keyword a text message is, if it is one and nothing else."""
    said = fold(text)
    for word, pattern in _PATTERNS:
        if found := pattern.fullmatch(said):
            return Said(word, next((code for code in found.groupdict().values() if code), ""))
    return None
