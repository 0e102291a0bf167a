"""A plain yes or no: every word of the text must be on a short list, or it is neither and is asked back.

`dạ vâng đặt đi cháu` is a yes, `thôi không đặt nữa` a no. `có lẽ`, `được không?`, `đặt cho cả vợ tôi` and `không hiểu`
are neither: what binds somebody, or gives a seat away, is never read out of a part of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from menus.hearing.folding import fold
from menus.words import ASSENT

MOST_WORDS = 9
LEANS_WORDS = 14
_THUMB = "\N{THUMBS UP SIGN}"
# Where tone marks were typed they count: đúng is right and dừng is stop, dạ is yes and đã is already.
_MARKED = {
    "đúng": "right",
    "đã": "already",
    "đừng": "khong",
    "dừng": "khong",
    "à": "ha",
    "hả": "ha",
}
_RIGHT = re.compile(r"^(?:(?:a|e|em|vang|da|u|uh|ok) )*dung (?:roi|vay|the|y)\b")
_FOR_ANOTHER = re.compile(
    r"\b(?:dat|cho|ho) (?:me|bo|vo|chong|ba|ong|con) (?:toi|em|chau|minh|t)\b"
)  # of whom?
_WRONG_NUMBER = re.compile(r"\bnham (?:so|may|nguoi)\b")
_GOODBYE = re.compile(
    r"khong co (?:gi|chi)(?: (?:dau|a|nhe))*|thoi (?:nhe|nha)(?: (?:a|em|chau))*"
)
_MAYBE = re.compile(r"\bco the\b(?! (?:chu|ma))")
_AGREED = re.compile(r"\b(?:dong y|nhat tri|tham gia)\b")

Assent = Literal["yes", "no", ""]


def plainly(written: str, *, cancelling: bool = False) -> Assent:
    """What the whole text says to a question that can be answered by yes or no; empty when it is neither.

    `cancelling`: the question is whether to cancel, so that `hủy đi` is a yes and `giữ lại` a no.
    """
    if written.strip() == _THUMB:
        return "yes"
    words = _words(written)
    if not words or len(words) > MOST_WORDS:
        return ""
    said = " ".join(words)
    if _FOR_ANOTHER.search(said) or _MAYBE.search(said) or asks_by_its_marks(written):
        return ""
    if _is_no(words, cancelling):
        return "no"
    return "yes" if _is_yes(words, cancelling) else ""


def leans_to_yes(written: str) -> bool:
    """Does it agree somewhere and nowhere refuse, doubt, ask or put off? Not enough to bind anybody by itself."""
    words = _words(written)
    if (
        asks_by_its_marks(written)
        or len(words) > LEANS_WORDS
        or _FOR_ANOTHER.search(" ".join(words))
    ):
        return False
    agrees = (
        bool({*ASSENT["yes"], "right"} & set(words))
        or _AGREED.search(" ".join(words)) is not None
    )
    return agrees and not ASSENT["doubts"] & set(words)


def doubts(written: str) -> bool:
    """Does it refuse, doubt, ask or put off somewhere?"""
    return "?" in written or bool(ASSENT["doubts"] & set(_words(written)))


def asks_by_its_marks(written: str) -> bool:
    """`đi à`, `được hả`: questions where the marks were typed; without them `a` may be a polite word."""
    return (
        "?" in written
        or re.search(r"\b(?:à|hả)\b", unicodedata.normalize("NFC", written.lower()))
        is not None
    )


def _words(written: str) -> list[str]:
    """Folded, but for the words whose marks make another word of them; `dung roi` without marks is right."""
    lowered = unicodedata.normalize("NFC", written.lower())
    words = [
        _MARKED.get(word) or fold(word) for word in re.findall(r"[^\W_]+", lowered)
    ]
    if _RIGHT.match(" ".join(words)):
        return ["right" if word == "dung" else word for word in words]
    return words


def _is_no(words: list[str], cancelling: bool) -> bool:
    refusing = ASSENT["no"] | (ASSENT["keeps"] if cancelling else frozenset())
    if (
        not refusing & set(words)
        or not set(words) <= refusing | ASSENT["beside_no"] | ASSENT["filling"]
    ):
        return False
    said = " ".join(words)
    if _asks(words) or _WRONG_NUMBER.search(said) or _GOODBYE.fullmatch(said):
        return False
    return not _only_says_enough(words)


def _asks(words: list[str]) -> bool:
    """`có giữ không cháu`: a yes with a `không` behind it, whatever form of address stands last."""
    while words and words[-1] in ASSENT["filling"]:
        words = words[:-1]
    if not words or words[-1] not in ASSENT["asks"]:
        return False
    agrees = ASSENT["yes"] & set(words[:-1]) or _AGREED.search(" ".join(words[:-1]))
    return bool(agrees)


def _only_says_enough(words: list[str]) -> bool:
    """`thôi được`, `thôi đặt đi`: "all right then", where no other word refuses."""
    others = (ASSENT["no"] | ASSENT["keeps"]) - {"thoi"}
    return not others & set(words) and bool(
        {"duoc", "dc", "dat", "lay", "nhan"} & set(words)
    )


def _is_yes(words: list[str], cancelling: bool) -> bool:
    agreeing = (
        {"right"} | ASSENT["yes"] | (ASSENT["gives_up"] if cancelling else frozenset())
    )
    said = " ".join(words)
    agrees = bool(agreeing & set(words)) or _AGREED.search(said) is not None
    known = agreeing | ASSENT["beside_yes"] | ASSENT["filling"]
    keeps = cancelling and bool(ASSENT["keeps"] & set(words))
    return (
        agrees and not keeps and set(words) <= known and words[-1] not in ASSENT["asks"]
    )
