"""A plain yes or no: every word of the text must be on a short list, or it is neither
and is asked back.

`dạ vâng đặt đi cháu` is a yes, `thôi không đặt nữa` a no. `có lẽ`, `được không?`, `đặt
cho cả vợ tôi` and `không hiểu` are neither: what binds somebody, or gives a seat away,
is never read out of a part of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from menus.hearing.folding import fold
from menus.words import ASSENT

MOST_WORDS = 9
FEW_WORDS = 3
_THUMB = "\N{THUMBS UP SIGN}"
# Where tone marks were typed they count: đúng is right and dừng is stop, dạ is yes and
# đã is already.
_MARKED = {
    "đúng": "right",
    "đã": "already",
    "đừng": "khong",
    "dừng": "khong",
    "à": "ha",
    "hả": "ha",
}
_RIGHT = re.compile(r"^(?:(?:a|e|em|vang|da|u|uh|ok) )*dung (?:roi|vay|the|y)\b")
# of whom?
_KIN = r"(?:me|bo|vo|chong|ba|ong|con|chau|anh|chi|co|chu|bac|em)"
_FOR_ANOTHER = re.compile(
    rf"\b(?:dat|cho|ho|ten) {_KIN} (?:toi|em|chau|minh|t|nha|ngoai|noi|ho)\b"
    rf"|\b(?:dat|nhan|lay|giu|ghi) (?:ho|gium)(?: ten)?(?: cho)? {_KIN}\b"
    rf"|\b(?:dat|nhan|lay) cho (?:con|vo|chong|me|bo)\b|\bfor (?:mrs?|ms|my|him|her|them)\b"
    rf"|\b(?:ghi )?(?:ten )?la cho {_KIN}\b"
)
# Without its marks `da` may be "I have" or "yes"; `hủy rồi mà` says that it was done.
_DONE_OR_YES = re.compile(
    r"da (?:huy|dat|nhan|lay|giu|ghi|bo)(?: roi)?|(?:da )?(?:huy|dat|nhan|bo) roi(?: ma)?|huy viec .*"
)
_SAID_OF_THE_KEY = re.compile(r"\b(?:chon|bam|nhan) \d la\b")
_WRONG_NUMBER = re.compile(r"\bnham (?:so|may|nguoi)\b")
_GOODBYE = re.compile(
    r"khong co (?:gi|chi)(?: (?:dau|a|nhe))*|thoi (?:nhe|nha)(?: (?:a|em|chau))*"
)
_MAYBE = re.compile(r"\bco the\b(?! (?:chu|ma))")
_AGREED = re.compile(r"\b(?:dong y|nhat tri|tham gia)\b")

_IS_THAT_SO = re.compile(r"\b(?:à|hả)\b")
_WORD = re.compile(r"[^\W_]+")
_YES = ASSENT["yes"] | {"right"}
_BESIDE_YES = ASSENT["beside_yes"] | ASSENT["filling"]
_BESIDE_NO = ASSENT["beside_no"] | ASSENT["filling"]
_OTHER_NO = (ASSENT["no"] | ASSENT["keeps"]) - {"thoi"}
_TAKES = frozenset({"duoc", "dc", "dat", "lay", "nhan"})

Assent = Literal["yes", "no", ""]


def plainly(written: str, *, cancelling: bool = False) -> Assent:
    """What the whole text says to a question that can be answered by yes or no; empty
    when it is neither.

    `cancelling`: the question is whether to cancel, so that `hủy đi` is a yes and `giữ
    lại` a no.
    """
    if written.strip() == _THUMB:
        return "yes"
    words = _words(written)
    if not words or len(words) > MOST_WORDS:
        return ""
    said = " ".join(words)
    if _FOR_ANOTHER.search(said) or _MAYBE.search(said) or asks_by_its_marks(written):
        return ""
    if says_only_da(written) or _DONE_OR_YES.fullmatch(said):
        return ""
    if _is_no(words, cancelling):
        return "no"
    if _is_yes(words, cancelling):
        return "yes"
    return ""


def doubts(written: str) -> bool:
    """Does it refuse, doubt, ask or put off somewhere?"""
    if "?" in written:
        return True
    return not ASSENT["doubts"].isdisjoint(_words(written))


def holds_back(
    written: str, *, cancelling: bool = False, waiting: bool = False
) -> bool:
    """Is there anything that keeps a yes from being done, though a reader is sure of
    it? `waiting`: to be called when a seat comes free is what the question offers.
    """
    words = _words(written)
    said = " ".join(words)
    if asks_by_its_marks(written) or _SAID_OF_THE_KEY.search(said):
        return True
    if _FOR_ANOTHER.search(said) or _DONE_OR_YES.fullmatch(said):
        return True
    agreeing = _YES | ASSENT["gives_up"] if cancelling else _YES
    if len(words) < FEW_WORDS and not _agrees(words, agreeing):
        return True  # a slip: `dng y`
    against = ASSENT["holds_back"]
    if cancelling:
        against = (against | ASSENT["keeps"]) - ASSENT["gives_up"]
    elif waiting:
        against -= {"doi", "ai", "bo"}
    return not against.isdisjoint(words)


def takes_back(written: str) -> bool:
    """`ai đồng ý`, `rút lại đồng ý`, `có lẽ`, `đã nhận`: the word of a yes, and none."""
    return not ASSENT["takes_back"].isdisjoint(_words(written))


def says_only_da(written: str) -> bool:
    """`dạ`, `dạ cháu`: heard, perhaps, and not yet agreed."""
    return set(_words(written)) - ASSENT["filling"] == {"da"}


def asks_by_its_marks(written: str) -> bool:
    """`đi à`, `được hả`: questions where the marks were typed; without them `a` may be
    a polite word.
    """
    if "?" in written:
        return True
    lowered = unicodedata.normalize("NFC", written.lower())
    return _IS_THAT_SO.search(lowered) is not None


def _words(written: str) -> list[str]:
    """Folded, but for the words whose marks make another word of them; `dung roi`
    without marks is right.
    """
    lowered = unicodedata.normalize("NFC", written.lower())
    words = [_MARKED.get(word) or fold(word) for word in _WORD.findall(lowered)]
    if not _RIGHT.match(" ".join(words)):
        return words
    return ["right" if word == "dung" else word for word in words]


def _is_no(words: list[str], cancelling: bool) -> bool:
    refusing = ASSENT["no"]
    if cancelling:
        refusing |= ASSENT["keeps"]
    if refusing.isdisjoint(words) or not (refusing | _BESIDE_NO).issuperset(words):
        return False
    said = " ".join(words)
    if _asks(words) or _WRONG_NUMBER.search(said) or _GOODBYE.fullmatch(said):
        return False
    return not _only_says_enough(words)


def _asks(words: list[str]) -> bool:
    """`có giữ không cháu`: a yes with a `không` behind it, whatever form of address
    stands last.
    """
    while words and words[-1] in ASSENT["filling"]:
        words = words[:-1]
    if not words or words[-1] not in ASSENT["asks"]:
        return False
    return _agrees(words[:-1], ASSENT["yes"])


def _only_says_enough(words: list[str]) -> bool:
    """`thôi được`, `thôi đặt đi`: "all right then", where no other word refuses."""
    return _OTHER_NO.isdisjoint(words) and not _TAKES.isdisjoint(words)


def _is_yes(words: list[str], cancelling: bool) -> bool:
    agreeing = _YES
    if cancelling:
        agreeing |= ASSENT["gives_up"]
        if not ASSENT["keeps"].isdisjoint(words):
            return False
    if words[-1] in ASSENT["asks"] or not (agreeing | _BESIDE_YES).issuperset(words):
        return False
    return _agrees(words, agreeing)


def _agrees(words: list[str], agreeing: frozenset[str]) -> bool:
    """Is one of these words there, or an agreement of two words?"""
    if not agreeing.isdisjoint(words):
        return True
    return _AGREED.search(" ".join(words)) is not None
