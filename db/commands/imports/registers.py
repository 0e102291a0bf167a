"""Registers beside the people's: shops and schools with their owners; parents by phone, with the day they agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.changes import owners, parents
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.work import NEW, SAME, Outcome, Work, changed
from db.register import businesses, identity, schools
from db.register.people import fold_name
from db.register.schools import CLASS_MOST
from db.store.engine import from_ms
from db.store.statements import Query, Scalar
from menus import days


class Owner(NamedTuple):
    name: str
    phone: str  # E.164, or empty


KINDS = {
    "household_business": "household_business", "ho kinh doanh": "household_business", "cua hang": "household_business",
    "shop": "household_business", "school": "school", "truong": "school", "truong hoc": "school",
    "service_point": "service_point", "diem dich vu": "service_point", "diem giao dich": "service_point",
    "one_stop": "one_stop", "mot cua": "one_stop", "bo phan mot cua": "one_stop",
}  # fmt: skip
_OWNER = Query(
    text("""
    SELECT p.name, COALESCE(p.phone, '') AS phone
    FROM businesses b JOIN people p ON p.id = b.owner_id
    WHERE b.commune_id = :commune_id AND b.kind = :kind AND b.folded = :folded
    ORDER BY b.id LIMIT 1
    """),
    Owner,
)
_ERASED = Scalar(text("SELECT 1 FROM stops WHERE who = :who AND what = 'erased'"), int)


@dataclass(frozen=True, slots=True)
class Business:
    name: str
    hamlet: str
    kind: str
    owner: str
    phone: str  # E.164, of the owner


@dataclass(frozen=True, slots=True)
class Parent:
    school: str
    of_class: str
    phone: str  # E.164
    agreed_on: date


def read_business(cells: Cells) -> Business:
    row = Business(
        cells.text("name", 120, needed=True), cells.text("hamlet", 60), cells.choice("kind", KINDS, needed=True),
        cells.text("owner", 80), cells.phone("phone", or_fixed=True),
    )  # fmt: skip
    if row.phone and not row.owner:
        raise Fault("có số mà thiếu tên chủ / there is a phone and no owner")
    return row


def keep_business(work: Work, row: Business) -> Outcome:
    """Known by kind and name; what the row leaves empty stays as it is."""
    hamlet_id = work.hamlet(row.hamlet) if row.hamlet else None
    _refuse_erased(work, row.phone)
    try:
        owners.refuse_other_name(work.tx, row.owner, row.phone)
    except owners.OtherName:
        raise Fault(
            "số này đang ghi tên người khác / this number is under another name"
        ) from None
    before = known = businesses.named(work.tx, work.commune_id, row.kind, row.name)
    owner_before = _owner(work, row)
    if known is None:
        _add_business(work, row, hamlet_id)
        known = businesses.named(work.tx, work.commune_id, row.kind, row.name)
        assert known is not None  # a statement ago
    elif hamlet_id is not None and hamlet_id != known.hamlet_id:
        businesses.edit(
            work.tx, known, commune_id=work.commune_id, hamlet_id=hamlet_id, kind=known.kind, name=known.name
        )  # fmt: skip
        known = known._replace(hamlet_id=hamlet_id)
    if row.owner:
        owners.give(
            work.tx, known, name=row.owner, phone=row.phone, commune_id=work.commune_id, now=work.now,
            privacy_key=work.privacy_key, origin="register",
        )  # fmt: skip
    if before is None:
        return NEW
    names = work.hamlets.name_of
    return changed(
        hamlet=(names(before.hamlet_id), names(known.hamlet_id)),
        owner=(owner_before.name, _owner(work, row).name),
        phone=(owner_before.phone, _owner(work, row).phone),
    )


def _owner(work: Work, row: Business) -> Owner:
    """Whose it is now; of a business that nobody owns or that is new, nobody."""
    found = work.tx.one(
        _OWNER, commune_id=work.commune_id, kind=row.kind, folded=fold_name(row.name)
    )
    return found or Owner("", "")


def _add_business(work: Work, row: Business, hamlet_id: int | None) -> None:
    try:
        businesses.add(
            work.tx,
            commune_id=work.commune_id,
            hamlet_id=hamlet_id,
            kind=row.kind,
            name=row.name,
        )
    except businesses.SecondOneStop:
        raise Fault(
            "xã đã có bộ phận một cửa / the commune has its one-stop office"
        ) from None


def read_parent(cells: Cells) -> Parent:
    return Parent(
        cells.text("school", 120, needed=True), cells.text("class", CLASS_MOST, needed=True),
        cells.phone("phone", needed=True), cells.day("agreed_on"),
    )  # fmt: skip


def keep_parent(work: Work, row: Parent) -> Outcome:
    if row.agreed_on > days.today(from_ms(work.now)):
        raise Fault("ngày đồng ý ở tương lai / agreed_on is still to come")
    school = schools.named(work.tx, work.commune_id, row.school)
    if school is None:
        raise Fault(
            f"không có trường '{row.school}' / there is no school '{row.school}'"
        )
    _refuse_erased(work, row.phone)
    try:
        of_class = schools.ensure_class(work.tx, school.id, row.of_class)
    except schools.NoClass:
        raise Fault(
            f"'{row.of_class}' không phải tên lớp / is no name of a class"
        ) from None
    try:
        agreed = parents.agree(
            work.tx, class_id=of_class.id, phone=row.phone, agreed_on=row.agreed_on, commune_id=work.commune_id,
            staff_id=None, now=work.now, privacy_key=work.privacy_key,
        )  # fmt: skip
    except parents.WithdrawnSince:
        raise Fault(
            "phụ huynh đã rút đồng ý sau ngày đó / the consent was taken back after that day"
        ) from None
    return NEW if agreed else SAME


def _refuse_erased(work: Work, phone: str) -> None:
    if (
        phone
        and work.tx.value(_ERASED, who=identity.who(work.privacy_key, phone))
        is not None
    ):
        raise Fault(
            "số đã được xóa theo yêu cầu / this number was erased at its owner's request"
        )
