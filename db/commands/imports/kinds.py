"""The kinds of file: their columns with every name a header may have, how a row is
read, how it is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from db.commands.imports import events, lists, people, registers
from db.commands.imports.cells import Cells
from db.commands.imports.work import Outcome, Work
from menus.hearing import fold


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` looks at cells alone; `keep` knows the database and says what it did. Both
    raise Fault before anything is written.
    """

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    read: Callable[[Cells], object]
    keep: Callable[[Work, Any], Outcome]  # takes what its `read` gave


KINDS = {
    "residents": Kind(
        ("phone", "name", "hamlet", "household", "handset", "sim", "poor"),
        ("hamlet",), people.read_resident, people.keep_resident,
    ),
    "households": Kind(("code", "hamlet", "poor"), ("code", "hamlet"), people.read_household, people.keep_household),
    "events": Kind(
        ("date", "hall", "from", "to", "minutes", "places", "kind", "services", "run_by", "bring", "bring_en"),
        ("date", "hall", "from", "to"), events.read, events.keep,
    ),
    "targets": Kind(
        ("indicator", "hamlet", "denominator", "target", "as_of", "source"),
        ("indicator", "denominator", "as_of"), lists.read_target, lists.keep_target,
    ),
    "dnc": Kind(("phone",), ("phone",), lists.read_dnc, lists.keep_dnc),
    "tac": Kind(("tac", "handset"), ("tac", "handset"), lists.read_tac, lists.keep_tac),
    "businesses": Kind(
        ("name", "hamlet", "kind", "owner", "phone"), ("name", "kind"), registers.read_business,
        registers.keep_business,
    ),
    "parents": Kind(
        ("school", "class", "phone", "agreed_on", "asked", "adverts_on"), ("school", "class", "phone", "agreed_on"),
        registers.read_parent, registers.keep_parent,
    ),
}  # fmt: skip

# Folded; besides the English name itself.
HEADERS = {
    "phone": (
        "so dien thoai",
        "dien thoai",
        "sdt",
        "so dt",
        "dt",
        "so may",
        "phone number",
        "mobile",
    ),
    "name": ("ho ten", "ho va ten", "ten", "full name", "ten co so", "co so"),
    "hamlet": ("thon", "ten thon", "ban", "thon ban"),
    "household": ("ho", "ma ho", "ho gia dinh", "so ho", "household code"),
    "handset": ("may", "loai may", "may dang dung", "dien thoai dang dung"),
    "sim": ("loai sim",),
    "poor": ("ngheo", "ho ngheo", "dien ngheo", "can ngheo"),
    "code": ("ma ho", "ma", "ho", "so ho", "household"),
    "date": ("ngay", "ngay to chuc"),
    "hall": ("nha van hoa", "nvh", "dia diem", "noi", "hoi truong"),
    "from": ("tu", "tu gio", "bat dau", "gio bat dau"),
    "to": ("den", "den gio", "ket thuc", "gio ket thuc"),
    "minutes": ("phut", "so phut", "so phut moi luot"),
    "places": ("cho", "so cho", "so nguoi", "so luot"),
    "kind": ("loai", "loai buoi", "loai hinh", "loai co so"),
    "services": ("viec", "lam duoc gi", "dich vu", "noi dung"),
    "run_by": ("run by", "nguoi phu trach", "phu trach", "do ai"),
    "bring": ("mang theo", "mang"),
    "bring_en": ("bring in english", "mang theo (tieng anh)"),
    "indicator": ("chi tieu", "chi so", "ma chi tieu"),
    "denominator": ("mau so", "tong so", "tong"),
    "target": ("muc tieu", "can dat", "ke hoach"),
    "as_of": ("tinh den", "tinh den ngay", "ngay chot", "as of"),
    "source": ("nguon", "nguon so lieu"),
    "tac": ("ma tac",),
    "owner": ("chu", "chu co so", "chu ho", "ho ten chu"),
    "school": ("truong", "ten truong"),
    "class": ("lop", "ten lop"),
    "asked": ("cach hoi", "hinh thuc hoi", "hoi bang cach nao", "how they were asked"),
    "adverts_on": (
        "ngay dong y quang cao",
        "dong y quang cao",
        "dong y quang cao ngay",
        "agreed to adverts on",
    ),
    "agreed_on": ("ngay dong y", "dong y ngay", "agreed on"),
}


def place_of(kind: Kind, headers: tuple[str, ...]) -> dict[str, int]:
    """Where each column of this kind stands."""
    found: dict[str, int] = {}
    for place, header in enumerate(headers):
        missing = [column for column in kind.columns if column not in found]
        column = _column_called(header, missing)
        if column is not None:
            found[column] = place
    return found


def _column_called(header: str, columns: list[str]) -> str | None:
    """The first of these columns that goes by this header."""
    said = fold(header)
    for column in columns:
        if said == column or said in HEADERS[column]:
            return column
    return None
