"""Registers beside the people's: shops and schools with their owners; parents by phone,
with the day they agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db.changes import owners, parents
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.work import NEW, SAME, Outcome, Work, changed
from db.models.states import HowAsked
from db.register import businesses, schools
from db.register.businesses import Listed, Sought
from db.register.schools import CLASS_MOST
from db.store.local_days import day_at

KINDS = {
    "household_business": "household_business", "ho kinh doanh": "household_business", "cua hang": "household_business",
    "shop": "household_business", "school": "school", "truong": "school", "truong hoc": "school",
    "service_point": "service_point", "diem dich vu": "service_point", "diem giao dich": "service_point",
    "one_stop": "one_stop", "mot cua": "one_stop", "bo phan mot cua": "one_stop",
    "household business": "household_business", "diem dich vu viettel money": "service_point",
    "viettel money service point": "service_point", "one stop office": "one_stop",
}  # fmt: skip
# How parents were asked, folded.
WAYS = {
    "form": "form", "phieu": "form", "phieu ky": "form", "phieu ky ten": "form", "ky ten": "form",
    "a signed form": "form", "asked in person": "aloud", "asked by phone": "phone",
    "aloud": "aloud", "truc tiep": "aloud", "hoi truc tiep": "aloud", "hoi mieng": "aloud", "hop phu huynh": "aloud",
    "phone": "phone", "goi dien": "phone", "dien thoai": "phone", "qua dien thoai": "phone",
}  # fmt: skip


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
    asked: HowAsked
    adverts_on: date | None


def read_business(cells: Cells) -> Business:
    name = cells.text("name", 120, needed=True)
    hamlet = cells.text("hamlet", 60)
    kind = cells.choice("kind", KINDS, needed=True)
    owner = cells.text("owner", 80)
    phone = cells.phone("phone", or_fixed=True)
    if phone and not owner:
        raise Fault("có số mà thiếu tên chủ / there is a phone and no owner")
    return Business(name, hamlet, kind, owner, phone)


def keep_business(work: Work, row: Business) -> Outcome:
    """Known by kind, name, hamlet and owner; what the row leaves empty stays as it is."""
    hamlet_id = work.hamlet_or_none(row.hamlet)
    work.refuse_erased(row.phone)
    try:
        owners.refuse_other_name(work.tx, row.owner, row.phone)
    except owners.OtherName:
        raise Fault(
            "số này đang ghi tên người khác / this number is under another name"
        ) from None
    sought = Sought(row.kind, row.name, hamlet_id, row.owner, row.phone)
    before = _known(work, sought)
    known = _move(work, before, sought) if before else _add(work, sought)
    if row.owner:
        owners.give(
            work.tx,
            known,
            name=row.owner,
            phone=row.phone,
            commune_id=work.commune_id,
            now=work.now,
            privacy_key=work.privacy_key,
            origin="register",
        )
    if before is None:
        return NEW
    now = _listed(work, known.id)
    hamlets = work.hamlets.names_of(before.hamlet_id, now.hamlet_id)
    return changed(
        hamlet=hamlets,
        owner=(before.owner, now.owner),
        phone=(before.phone, now.phone),
    )


def _known(work: Work, sought: Sought) -> Listed | None:
    """The same one; else the only one of which the list, or the row, does not say where
    it is. Raises Fault where several may be meant.
    """
    found = businesses.same(work.tx, work.commune_id, sought)
    if found is not None:
        return found
    may_be = [one for one in _named(work, sought) if _may_be(one, sought)]
    if len(may_be) > 1:
        raise Fault(
            "có nhiều cơ sở cùng tên: ghi rõ thôn và chủ / several bear this name: say hamlet and owner"
        )
    return may_be[0] if may_be else None


def _named(work: Work, sought: Sought) -> list[Listed]:
    return businesses.named(work.tx, work.commune_id, sought.kind, sought.name)


def _may_be(listed: Listed, sought: Sought) -> bool:
    if businesses.is_anothers(listed, sought):
        return False
    return listed.hamlet_id is None or sought.hamlet_id is None


def _add(work: Work, sought: Sought) -> Listed:
    """Raises Fault."""
    try:
        made = businesses.add(work.tx, work.commune_id, sought)
    except businesses.SecondOneStop:
        raise Fault(
            "xã đã có bộ phận một cửa / the commune has its one-stop office"
        ) from None
    assert made is not None  # nothing was known a statement ago
    return _listed(work, made)


def _listed(work: Work, business_id: int) -> Listed:
    found = businesses.get(work.tx, business_id, work.commune_id)
    assert found is not None  # a statement ago
    return found


def _move(work: Work, known: Listed, sought: Sought) -> Listed:
    """To the hamlet that the row names; where it names none, or the same, it stays."""
    if sought.hamlet_id is None or sought.hamlet_id == known.hamlet_id:
        return known
    moved = sought._replace(name=known.name)
    businesses.edit(work.tx, known, work.commune_id, moved)
    return known._replace(hamlet_id=sought.hamlet_id)


def read_parent(cells: Cells) -> Parent:
    school = cells.text("school", 120, needed=True)
    of_class = cells.text("class", CLASS_MOST, needed=True)
    phone = cells.phone("phone", needed=True)
    agreed_on = cells.day("agreed_on")
    asked = HowAsked(cells.choice("asked", WAYS))
    adverts_on = None
    if cells.has("adverts_on"):
        adverts_on = cells.day("adverts_on")
    if adverts_on is not None and not asked:
        raise Fault(
            "đồng ý quảng cáo mà thiếu cách hỏi / adverts were agreed to, but it is not said how they were asked"
        )
    return Parent(school, of_class, phone, agreed_on, asked, adverts_on)


def keep_parent(work: Work, row: Parent) -> Outcome:
    today = day_at(work.now)
    if row.agreed_on > today:
        raise Fault("ngày đồng ý ở tương lai / agreed_on is still to come")
    for agreed_on in (row.agreed_on, row.adverts_on):
        if agreed_on is not None and agreed_on < parents.earliest(work.now):
            raise Fault("ngày đồng ý quá lâu / agreed_on is too long ago")
    if row.adverts_on is not None and row.adverts_on > today:
        raise Fault("ngày đồng ý quảng cáo ở tương lai / adverts_on is still to come")
    school = schools.named(work.tx, work.commune_id, row.school)
    if school is None:
        raise Fault(
            f"không có trường '{row.school}' / there is no school '{row.school}'"
        )
    work.refuse_erased(row.phone)
    if row.adverts_on is not None:
        _refuse_adverts(work, row.phone, row.adverts_on)
    try:
        of_class = schools.ensure_class(work.tx, school.id, row.of_class)
    except schools.NoClass:
        raise Fault(
            f"'{row.of_class}' không phải tên lớp / is no name of a class"
        ) from None
    try:
        agreed = parents.agree(
            work.tx,
            class_id=of_class.id,
            phone=row.phone,
            agreed_on=row.agreed_on,
            commune_id=work.commune_id,
            staff_id=None,
            now=work.now,
            privacy_key=work.privacy_key,
            asked=row.asked,
        )
    except parents.WithdrawnSince:
        raise Fault(
            "phụ huynh đã rút đồng ý sau ngày đó / the consent was taken back after that day"
        ) from None
    takes_adverts = _agree_to_adverts(work, row)
    if agreed:
        return NEW
    return changed(adverts_on=("", row.adverts_on)) if takes_adverts else SAME


def _refuse_adverts(work: Work, phone: str, agreed_on: date) -> None:
    """Raises Fault where this number said no to adverts, or took a yes back since."""
    try:
        parents.may_take_adverts(
            work.tx, phone, agreed_on=agreed_on, privacy_key=work.privacy_key
        )
    except parents.AdvertsRefused:
        raise Fault(
            "số này đã từ chối quảng cáo, bỏ trống ô đó / this number refused adverts, leave that cell empty"
        ) from None
    except parents.WithdrawnSince:
        raise Fault(
            "đã thôi nhận quảng cáo sau ngày đó / the consent to adverts was taken back after that day"
        ) from None


def _agree_to_adverts(work: Work, row: Parent) -> bool:
    """False where the row says nothing of adverts, or they had agreed."""
    if row.adverts_on is None:
        return False
    return parents.agree_to_adverts(
        work.tx,
        row.phone,
        agreed_on=row.adverts_on,
        asked=row.asked,
        now=work.now,
        privacy_key=work.privacy_key,
    )
