"""The same text whatever the marks, case and clothes: folding, and letters typed for digits."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\ufe0f\u20e3\x00"))

SPELT = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
    "muoi mot": 11, "muoi hai": 12, "muoi ba": 13, "muoi bon": 14,
}  # fmt: skip
_SPELT_FIRST = "|".join(sorted(SPELT, key=len, reverse=True))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, no tone marks, nothing invisible, single spaces: HUỶ, hủy and huỷ are all `huy`."""
    plain = (
        unicodedata.normalize("NFKD", text.translate(_INVISIBLE))
        .replace("đ", "d")
        .replace("Đ", "d")
    )
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.lower().split())


@lru_cache(maxsize=4096)
def words_of(text: str) -> str:
    """Folded, digits mended (`483l5`, `9h3O`), signs gone but for those of times and dates; spaces around all."""
    said = fold(text)
    said = re.sub(r"(?<=\d)o|\bo(?=\d)", "0", said)
    said = re.sub(r"(?<=\d)[li](?=\d|\b)|\b[li](?=\d)", "1", said)
    said = re.sub(r"(?<=\d)o", "0", said)
    said = re.sub(r"\bs0\b", "so", said)
    said = re.sub(r"(?<=[a-z])(?=\d{5}\b)|(?<=\bdl)(?=t?\d)|(?<=\bkt)(?=\d)", " ", said)
    said = re.sub(
        r"(?<![a-z0-9])(?:[a-z] ){1,2}[b-df-z](?![a-z0-9])",
        lambda spelt: spelt[0].replace(" ", ""),
        said,
    )
    said = re.sub(r"\b(?:\d ){4}\d\b", lambda code: code[0].replace(" ", ""), said)
    said = re.sub(r"(?<!\d)[:/.-]|[:/.-](?!\d)", " ", said)
    said = re.sub(r"(?<=\d)\.(?=\d)", "/", said)
    said = re.sub(r"\bt (?=[2-7]\b)", "t", said)
    return " ".join(re.sub(r"[^a-z0-9:/ -]", " ", said).split())


# `Soạn TC DV gửi 2404` is our own instruction, copied as it stands; a phone's signature is not what somebody says.
_INSTRUCTION = re.compile(
    r"^\s*(?:soan|soạn)\s+(?:tin\s+)?(?=\S)|[\s,.]+(?:gui|gửi)\s+(?:den\s+|đến\s+|toi\s+|tới\s+|so\s+|số\s+)*\d{3,6}[\s.!]*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\n\s*(?:--|sent from|(?:được\s+|duoc\s+)?(?:gửi|gui)\s+(?:từ|tu)\b)[^\n]*\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def said_alone(text: str) -> str:
    """The text without our instruction's frame (`Soạn … gửi 2404`) and without a phone's signature below it."""
    plain = unicodedata.normalize("NFC", text)
    return _INSTRUCTION.sub("", _SIGNATURE.sub("", plain)).strip() or text


_AROUND_A_NUMBER = re.compile(
    r"(?:(?:e|em|toi|chau|con|bac|co)? ?(?:chon|bam|soan|gui|phim|muc|lay|chot)? ?(?:so|phim|muc)? ?)"
    rf"(?P<number>[0-9ol]{{1,3}}|{_SPELT_FIRST})"
    r"(?: ?(?:nhe|nha|a|ah|oi|thoi|di|voi|roi|cho ba|cho toi|cho em|chau|co|chu|bac|anh|chi|em))*[ .,;!)]*"
)


_GRANDMOTHER = re.compile(
    r"ba (?:oi|chau|a|co|bac|ong)\b"
)  # who is called, and no three


@lru_cache(maxsize=4096)
def number(text: str) -> str:
    """The key that was meant: `1.`, `so 1`, `chon so 2 nhe`, `l` for 1, `O` for 0. Else the text, folded."""
    if text.isascii() and text.isdigit():
        return text
    said = re.sub(r"\bs0\b", "so", fold(text))
    found = _AROUND_A_NUMBER.fullmatch(said)
    if not found or _GRANDMOTHER.match(said):
        return said
    meant = found["number"]
    return (
        str(SPELT[meant])
        if meant in SPELT
        else meant.replace("o", "0").replace("l", "1")
    )
