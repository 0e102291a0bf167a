"""The name of somebody in what was written: `bà Lý Thị Mẫu ở Quảng Trung I`, `me toi
ten la nong thi hoa`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from menus.hearing.folding import fold
from menus.port import Guest

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

    A name is a family name with `Thị` or `Văn` behind it, or one that is written with
    capitals after `bà`, `ông`, …
    """
    spoken = re.findall(r"[^\W\d_]+|[^\w\s]|\d+", written)
    folded = [fold(word) for word in spoken]
    for at, word in enumerate(folded):
        if word not in FAMILIES:
            continue
        if _is_own(folded[:at]):
            continue
        length = _length(spoken, folded, at)
        if length > 1:
            return " ".join(spoken[at : at + length])
    return ""


def _is_own(before: list[str]) -> bool:
    """Does whoever writes name themselves: `toi ten la`?"""
    said = " ".join(before)
    return _OWN.search(f"{said} ") is not None


def _length(spoken: list[str], folded: list[str], at: int) -> int:
    """How many words the name has that begins there: a family name alone is none."""
    end = at + NAME_MOST
    capitals = _capitals(spoken[at:end])
    name = folded[at:end]
    if len(name) > 1 and name[1] in MIDDLE:
        family_middle_given = min(len(name), 3)
        return max(capitals, family_middle_given)
    before = folded[at - 1] if at else ""
    return capitals if before in _BEFORE else 0


def _capitals(words: list[str]) -> int:
    """With how many capitalised words it begins."""
    many = 0
    for word in words:
        if not word[:1].isupper():
            break
        many += 1
    return many


# For whom somebody else is booked, and how they stand on the list; two go together.
_KIN: Mapping[str, tuple[str, ...]] = {
    "bo me": ("Bố", "Mẹ"),
    "cha me": ("Cha", "Mẹ"),
    "ong ba": ("Ông", "Bà"),
    "me": ("Mẹ",),
    "bo": ("Bố",),
    "cha": ("Cha",),
    "vo": ("Vợ",),
    "chong": ("Chồng",),
    "con": ("Con",),
    "ong": ("Ông",),
    "ba": ("Bà",),
    "anh": ("Anh",),
    "chi": ("Chị",),
    "em": ("Em",),
    "bac": ("Bác",),
}
_EACH = "|".join(_KIN)
# `bà tôi` is somebody else; `bà` alone may be who writes. Nobody calls themselves mẹ,
# bố, vợ, chồng to the commune.
_FOR_KIN = re.compile(
    rf"\b(?:ho|giup|cho) (?P<whose>{_EACH}) (?:toi|em|chau|minh|tui|t|nha toi|de)\b"
    r"|\bdat ho (?P<only>bo me|cha me|me|bo|vo|chong)\b"
)
# `vợ chồng tôi`, `cho cả vợ tôi`: whoever writes comes along.
_ALONG = re.compile(
    rf"\bvo chong\b|\b(?:va|voi|ca|cung)(?: ca)? (?:toi|minh|{_EACH})\b"
)
# A child is no name on a list: `cho cháu Lý Văn A` comes as `Cháu`.
_CHILD = re.compile(
    r"\b(?:cho|ho|giup) (?P<child>con|chau|be)(?: (?:trai|gai|toi|em|minh|ten|la|nho))* (?P<name>.+)"
)
_ON_BEHALF = re.compile(r"\b(?:cho|ho)\b")


def guests_in(written: str) -> tuple[Guest, ...]:
    """For whom else a text books a seat: by the name that it gives, else `Mẹ` of `đặt hộ
    mẹ tôi`. None where whoever writes comes too, or nobody is named.
    """
    said = fold(written)
    if _ALONG.search(said) or not _ON_BEHALF.search(said):
        return ()
    name = name_in(written)
    child = _CHILD.search(said)
    if name and child and child["name"].startswith(fold(name)):
        return (Guest(child["child"].replace("chau", "cháu").capitalize()),)
    if name:
        return (Guest(name),)
    found = _FOR_KIN.search(said)
    if found is None:
        return ()
    kin = _KIN[found["whose"] or found["only"]]
    return tuple(Guest(one) for one in kin)
