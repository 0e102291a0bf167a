"""The name of somebody in what was written: `bà Lý Thị Mẫu ở Quảng Trung I`, `me toi ten la nong thi hoa`."""

from __future__ import annotations

import re

from menus.hearing.folding import fold

NAME_MOST = 4  # words
# Family names of the province; one of them begins a name.
_FAMILIES = (
    "be bui cam chu dam dang dao dinh do doan duong ha hoang hua lam lang le lieu linh lo loc luong luu ly ma mac mong"
    " ngo nguyen nong pham phan phung quach sam tang to ton tran trieu trinh truong tu vi vu vuong"
)
FAMILIES: frozenset[str] = frozenset(_FAMILIES.split())
MIDDLE: frozenset[str] = frozenset({"thi", "van"})
# A word before it that says that a name follows.
_BEFORE: frozenset[str] = frozenset(
    {"ba", "ong", "cu", "chi", "anh", "co", "chu", "bac", "ten", "la", "cho", "nha"}
)
_OWN = re.compile(
    r"\b(?:toi|em|chau|minh) (?:la|ten)(?: la)? $|\bten (?:toi|em|chau|minh)(?: la)? $"
)


def name_in(written: str) -> str:
    """The first name of somebody else, as it was typed; empty where there is none.

    A name is a family name with `Thị` or `Văn` behind it, or one that is written with capitals after `bà`, `ông`, …
    """
    spoken = re.findall(r"[^\W\d_]+|[^\w\s]|\d+", written)
    folded = [fold(word) for word in spoken]
    for at, word in enumerate(folded):
        if word not in FAMILIES or _is_own(folded[:at]):
            continue
        length = _length(spoken, folded, at)
        if length > 1:
            return " ".join(spoken[at : at + length])
    return ""


def _is_own(before: list[str]) -> bool:
    return _OWN.search(" ".join(before) + " ") is not None


def _length(spoken: list[str], folded: list[str], at: int) -> int:
    """How many words the name has that begins there; 0 where none does."""
    rest = folded[at + 1 : at + NAME_MOST]
    capitals = 0
    for word in spoken[at : at + NAME_MOST]:
        if not word[:1].isupper():
            break
        capitals += 1
    if rest and rest[0] in MIDDLE:
        return max(capitals, min(len(rest) + 1, 3))
    introduced = at > 0 and folded[at - 1] in _BEFORE
    return capitals if introduced and capitals > 1 else 0
