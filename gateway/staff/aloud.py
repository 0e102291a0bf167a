"""What is written short, as it is said: for the loudspeaker, and for whoever reads to
others.
"""

from __future__ import annotations

import re

_SIGNS = {
    "*": "sao",
    "#": "thăng",
    "0": "không",
    "1": "một",
    "2": "hai",
    "3": "ba",
    "4": "bốn",
    "5": "năm",
    "6": "sáu",
    "7": "bảy",
    "8": "tám",
    "9": "chín",
}
# As the scheme's list is short for a text, so it is long for the ear.
_SHORT_FOR = (
    (r"^NVH\b", "Nhà văn hóa"),
    (r"\bCCCD\b", "căn cước công dân"),
)
# ... and as a fact is short for a text.
_FACT_SHORT_FOR = (
    (r"\bT2\b", "thứ Hai"),
    (r"\bT3\b", "thứ Ba"),
    (r"\bT4\b", "thứ Tư"),
    (r"\bT5\b", "thứ Năm"),
    (r"\bT6\b", "thứ Sáu"),
    (r"\bT7\b", "thứ Bảy"),
    (r"\bCN\b", "Chủ nhật"),
    (r"\bNVH\b", "Nhà văn hóa"),
    (r"\b(\d{1,2})h(\d\d)\b", r"\1 giờ \2"),
    (r"\b(\d{1,2})h\b", r"\1 giờ"),
    (r"(?<=\w)-(?=\d|thứ|Chủ)", " đến "),
)
_CODE_OR_NUMBER = re.compile(r"\*[\d*]+#|\b\d{6,}\b")  # *2404*7#, 18008098


def aloud(code: str) -> str:
    """`*2404#` sign by sign: sao, hai, bốn, không, bốn, thăng."""
    signs = [_SIGNS[sign] for sign in code if sign in _SIGNS]
    return ", ".join(signs)


def in_full(written: str) -> str:
    """A hall's name, or what is to be brought."""
    for short, full in _SHORT_FOR:
        written = re.sub(short, full, written)
    return written


def fact_aloud(written: str) -> str:
    """Hours and days in full, codes and telephone numbers sign by sign."""
    said = in_full(written)
    for short, full in _FACT_SHORT_FOR:
        said = re.sub(short, full, said)
    return _CODE_OR_NUMBER.sub(lambda found: aloud(found[0]), said)
