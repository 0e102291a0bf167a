"""The same text whatever the marks, case and clothes: folding, and letters typed for
digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\ufe0f\u20e3\x00"))

SPELT = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
    "muoi mot": 11, "muoi hai": 12, "muoi ba": 13, "muoi bon": 14,
}  # fmt: skip
# for a pattern: `muoi hai` before `muoi`
SPELT_FIRST = "|".join(sorted(SPELT, key=len, reverse=True))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, no tone marks, nothing invisible, single spaces: HUỶ, hủy and huỷ are
    all `huy`.
    """
    visible = text.translate(_INVISIBLE)
    apart = unicodedata.normalize("NFKD", visible)  # each mark behind its letter
    plain = apart.replace("đ", "d").replace("Đ", "d")
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    words = "".join(letters).lower().split()
    return " ".join(words)


_SO = re.compile(r"\bs0\b")  # `s0 1`


def _glued(found: re.Match[str]) -> str:
    return found[0].replace(" ", "")


# What is mended in a folded text, in this order: by what, where.
_MENDED: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=\d)o|\bo(?=\d)"), "0"),  # `9h3o`
    (re.compile(r"\bc0\b"), "co"),  # `C0 48315`
    (re.compile(r"(?<=\d)[li](?=\d|\b)|\b[li](?=\d)"), "1"),  # `483l5`
    (re.compile(r"(?<=\d)o"), "0"),  # behind a digit that was just mended: `1lo`
    (_SO, "so"),
    (
        re.compile(r"(?<=[a-z])(?=\d{5}\b)|(?<=\bdl)(?=t?\d)|(?<=\bkt)(?=\d)"),
        " ",
    ),  # `huy48315`, `dlt7`
    (
        re.compile(r"(?<![a-z0-9])(?:[a-z] ){1,2}[b-df-z](?![a-z0-9])"),
        _glued,
    ),  # `h u y`
    (re.compile(r"\b(?:\d ){4}\d\b"), _glued),  # `4 8 3 1 5`
    (re.compile(r"(?<!\d)[:/.-]|[:/.-](?!\d)"), " "),
    (re.compile(r"(?<=\d)\.(?=\d)"), "/"),  # `5.12`
    (re.compile(r"\bt (?=[2-7]\b)"), "t"),  # `t 7`
    (re.compile(r"[^a-z0-9:/ -]"), " "),
)


@lru_cache(maxsize=4096)
def words_of(text: str) -> str:
    """Folded, digits mended (`483l5`, `9h3O`), signs gone but for those of times and
    dates, single spaces.
    """
    said = fold(text)
    for pattern, by in _MENDED:
        said = pattern.sub(by, said)
    return " ".join(said.split())


# `Soạn TC DV gửi 2404` is our own instruction, copied as it stands; a phone's signature
# is not what somebody says.
_INSTRUCTION = re.compile(
    r"^\s*(?:soan|soạn)\s+(?:tin\s+)?(?=\S)|[\s,.]+(?:gui|gửi)\s+(?:den\s+|đến\s+|toi\s+|tới\s+|so\s+|số\s+)*\d{3,6}[\s.!]*$",
    re.IGNORECASE,
)
# `Nhắn HUY 48315`, copied the same way: only before a whole command of ours, for
# without marks it is `nhận` as well.
_TOLD_TO_TEXT = re.compile(
    r"^\s*(?:nhan|nhắn)\s+(?:tin\s+)?(?=(?:dl(?: .*)?|kt|tg|lich|cach|doi|start|tc(?: dv)?|dy qc|goi lai|nhan lai"
    r"|(?:huy|co|nhan|doi|lich) \d{5}|huy yeu cau \d{1,5})\W*$)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\n\s*(?:--|sent from|(?:được\s+|duoc\s+)?(?:gửi|gui)\s+(?:từ|tu)\b)[^\n]*\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def said_alone(text: str) -> str:
    """The text without our instruction's frame (`Soạn … gửi 2404`, `nhắn …`) and without a
    phone's signature below it.
    """
    plain = unicodedata.normalize("NFC", text)
    unsigned = _SIGNATURE.sub("", plain)
    framed = _INSTRUCTION.sub("", unsigned)
    alone = _TOLD_TO_TEXT.sub("", framed)
    return alone.strip() or text


_CLAUSE = re.compile(r"[,;!?\n]|\.(?=\s|$)|(?<=[a-z])\.(?=[a-z]{3})(?<!\bq\.)")


def clauses_of(written: str) -> list[str]:
    """The text line by line and clause by clause, folded: a name below `STOP` is not
    part of it.
    """
    pieces: list[str] = []
    for line in written.splitlines():
        pieces += _CLAUSE.split(fold(line))
    clauses = map(words_of, pieces)
    return [clause for clause in clauses if clause]


_AROUND_A_NUMBER = re.compile(
    r"(?:(?:e|em|toi|chau|con|bac|co)? ?(?:chon|bam|soan|gui|phim|muc|lay|chot)? ?(?:so|phim|muc)? ?)"
    rf"(?P<number>[0-9ol]{{1,3}}|{SPELT_FIRST})"
    r"(?: ?(?:nhe|nha|a|ah|oi|thoi|di|voi|roi|cho ba|cho toi|cho em|chau|co|chu|bac|anh|chi|em))*[ .,;!)]*"
)


# who is called, and no three
_GRANDMOTHER = re.compile(r"ba (?:oi|chau|a|co|bac|ong)\b")


@lru_cache(maxsize=4096)
def number(text: str) -> str:
    """The key that was meant: `1.`, `so 1`, `chon so 2 nhe`, `l` for 1, `O` for 0. Else
    the text, folded.
    """
    if text.isascii() and text.isdigit():
        return text
    said = _SO.sub("so", fold(text))
    found = _AROUND_A_NUMBER.fullmatch(said)
    if not found or _GRANDMOTHER.match(said):
        return said
    meant = found["number"]
    if meant in SPELT:
        return str(SPELT[meant])
    return meant.replace("o", "0").replace("l", "1")


def numeral(word: str) -> int:
    """The number in a word or in digits: `ba` or `3`."""
    return SPELT.get(word) or int(word)
