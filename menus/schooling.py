"""Schools as residents name them: by their name, short (`THCS Quang Lac`), or by the
level alone where one school has it (`cap 1`).
"""

from __future__ import annotations

from collections.abc import Sequence

from menus.hearing.folding import words_of
from menus.port import School

NO_SCHOOL = "none"  # in place of an id: none of these
PREFIX = "Trường "
# A level in full, as it is written short, and what else it is called; both folded.
LEVELS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Tiểu học", "TH", ("tieu hoc", "cap 1", "cap mot", "th")),
    (
        "Trung học cơ sở",
        "THCS",
        ("trung hoc co so", "cap 2", "cap hai", "thcs"),
    ),
    (
        "Trung học phổ thông",
        "THPT",
        ("trung hoc pho thong", "cap 3", "cap ba", "thpt"),
    ),
    ("Mầm non", "MN", ("mam non", "mau giao", "nha tre", "mn")),
)


# What stands before the level of some schools, as it is written short.
BOARDING: tuple[tuple[str, str], ...] = (
    ("Phổ thông dân tộc bán trú", "PTDTBT"),
    ("Phổ thông dân tộc nội trú", "PTDTNT"),
)


def short_name(school: School) -> str:
    return shortened(school.name)


def shortened(name: str) -> str:
    """`Trường Trung học cơ sở Quảng Lạc` as `THCS Quảng Lạc`."""
    said = name.removeprefix(PREFIX)
    for full, short in BOARDING:
        said = said.replace(full, short)
    for full, short, _ in LEVELS:
        said = said.replace(full, short)
    return said


def signed(words: str, name: str) -> str:
    """Words of the school with this name, beginning with who writes: `TH Quảng Lạc: Mai
    nghỉ học.` Where its name begins them already, they stay.
    """
    short = shortened(name)
    begins = words_of(words)
    for own in (name, name.removeprefix(PREFIX), short):
        if begins.startswith(words_of(own)):
            return words
    return f"{short}: {words}"


def school_said(said: str, schools: Sequence[School]) -> School | None:
    """The one school that these words name; none where they name none, or may mean
    several.
    """
    words = words_of(said)
    by_name = [school for school in schools if _is_named(words, school)]
    of_level = [school for school in schools if _is_of_level(words, school)]
    return only(by_name) or only(of_level)


def only(schools: Sequence[School]) -> School | None:
    """The one there is; none where there are several."""
    return schools[0] if len(schools) == 1 else None


def _is_named(words: str, school: School) -> bool:
    full = school.name.removeprefix(PREFIX)
    short = short_name(school)
    return _says_one_of(words, (words_of(full), words_of(short)))


def _is_of_level(words: str, school: School) -> bool:
    name = words_of(school.name)
    for full, _, called in LEVELS:
        if words_of(full) not in name:
            continue
        if _says_one_of(words, called):
            return True
    return False


def _says_one_of(words: str, names: Sequence[str]) -> bool:
    """Whole words; all folded."""
    said = f" {words} "
    return any(f" {name} " in said for name in names)
