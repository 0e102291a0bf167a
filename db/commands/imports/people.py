"""Registers: residents and households. What a register says is kept as its word, beside what was said or seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports.cells import HANDSETS, POOR, SIMS, Cells, Fault
from db.commands.imports.work import NEW, Outcome, Work, changed
from db.register import facts, identity
from db.register.people import Person, by_phone, fold_name
from db.store.statements import Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class Household:
    code: str
    hamlet: str
    poor: str


@dataclass(frozen=True, slots=True)
class Resident:
    phone: str
    name: str
    hamlet: str
    household: str
    handset: str
    sim: str
    poor: str


class Registered(NamedTuple):
    """A fact that an earlier list says."""

    kind: str
    value: str


class Home(NamedTuple):
    """A household as the register has it."""

    id: int
    hamlet_id: int
    poor: str  # yes | near | no


_HOUSEHOLD = Query(
    text(
        "SELECT id, hamlet_id, poor FROM households WHERE commune_id = :commune_id AND code = :code"
    ),
    Home,
)
_NEW_HOUSEHOLD = Scalar(
    text("""
    INSERT INTO households (commune_id, hamlet_id, code, poor) VALUES (:commune_id, :hamlet_id, :code, :poor)
    RETURNING id
    """),
    int,
)
_SET_HOUSEHOLD = Statement(
    text("UPDATE households SET hamlet_id = :hamlet_id, poor = :poor WHERE id = :id")
)
_SAME = Query(
    text("""
    SELECT id, name, folded, hamlet_id, household_id, language, marks, origin
    FROM people
    WHERE commune_id = :commune_id AND hamlet_id = :hamlet_id AND folded = :folded AND phone IS NULL
      AND erased_at IS NULL AND COALESCE(household_id, 0) = :household_id
    ORDER BY id LIMIT 1
    """),
    Person,
)
_NEW = Scalar(
    text("""
    INSERT INTO people (commune_id, phone, name, folded, hamlet_id, household_id, origin, made_at)
    VALUES (:commune_id, :phone, :name, :folded, :hamlet_id, :household_id, 'register', :now) RETURNING id
    """),
    int,
)
_SET = Statement(
    text("""
    UPDATE people SET name = :name, folded = :folded, hamlet_id = :hamlet_id, household_id = :household_id,
      origin = 'register'
    WHERE id = :id
    """)
)
_REGISTERED = Query(
    text(
        "SELECT kind, value FROM facts WHERE person_id = :person_id AND source = 'register'"
    ),
    Registered,
)
_CODE = Scalar(text("SELECT code FROM households WHERE id = :id"), str)
_ELSEWHERE = Scalar(
    text("SELECT 1 FROM people WHERE phone = :phone AND commune_id <> :commune_id"), int
)
_ERASED = Scalar(text("SELECT 1 FROM stops WHERE who = :who AND what = 'erased'"), int)


def read_household(cells: Cells) -> Household:
    code = cells.text("code", 32, needed=True)
    hamlet = cells.text("hamlet", 60, needed=True)
    return Household(code, hamlet, cells.choice("poor", POOR))


def keep_household(work: Work, row: Household) -> Outcome:
    hamlet_id = work.hamlet(row.hamlet)
    before = work.tx.one(_HOUSEHOLD, commune_id=work.commune_id, code=row.code)
    _household(work, row.code, hamlet_id, row.poor, moves=True)
    if before is None:
        return NEW
    names = work.hamlets.name_of
    return changed(
        hamlet=(names(before.hamlet_id), names(hamlet_id)),
        poor=(before.poor, row.poor or before.poor),
    )


def read_resident(cells: Cells) -> Resident:
    row = Resident(
        cells.phone("phone", or_fixed=True), cells.text("name", 80),
        cells.text("hamlet", 60, needed=True), cells.text("household", 32),
        cells.choice("handset", HANDSETS), cells.choice("sim", SIMS), cells.choice("poor", POOR),
    )  # fmt: skip
    if not row.phone and not row.name:
        raise Fault("cần số điện thoại hoặc họ tên / a phone or a name is needed")
    return row


def keep_resident(work: Work, row: Resident) -> Outcome:
    hamlet_id = work.hamlet(row.hamlet)
    if row.phone:
        _refuse_number(work, row)
    household_id = None
    if row.household:
        household_id = _household(work, row.household, hamlet_id, row.poor, moves=False)
    person_id, before = _person(work, row, hamlet_id, household_id)
    said = {
        kind: value
        for kind, value in (
            ("handset", row.handset),
            ("sim", row.sim),
            ("poor", row.poor),
        )
        if value
    }
    known = {
        fact.kind: fact.value for fact in work.tx.all(_REGISTERED, person_id=person_id)
    }
    for kind, value in said.items():
        facts.note(work.tx, person_id, kind, "register", value, work.now)
    homes = (before.household_id if before else None, household_id)
    work.changed.update(home for home in homes if home)
    if before is None:
        return NEW
    home_before = (
        work.tx.value(_CODE, id=before.household_id) if household_id else row.household
    )
    return changed(
        name=(before.name, row.name or before.name),
        hamlet=(
            work.hamlets.name_of(before.hamlet_id),
            work.hamlets.name_of(hamlet_id),
        ),
        household=(home_before, row.household),
        **{kind: (known.get(kind), value) for kind, value in said.items()},
    )


def _refuse_number(work: Work, row: Resident) -> None:
    """One that was erased, is another commune's, or bears another name further up. Raises Fault."""
    if (
        work.tx.value(_ELSEWHERE, commune_id=work.commune_id, phone=row.phone)
        is not None
    ):
        raise Fault(
            "số này ghi ở xã khác / this number is in another commune's register"
        )
    who = identity.who(work.privacy_key, row.phone)
    if work.tx.value(_ERASED, who=who) is not None:
        raise Fault(
            "số đã được xóa theo yêu cầu / this number was erased at its owner's request"
        )
    folded = fold_name(row.name)
    if work.numbers.setdefault(row.phone, folded) != folded:
        raise Fault(
            "số này đã có ở dòng trên với tên khác / another name holds this number further up"
        )


def _household(work: Work, code: str, hamlet_id: int, poor: str, *, moves: bool) -> int:
    """Its id; made when new. The list of households may move one to another hamlet, a list of residents may not."""
    found = work.tx.one(_HOUSEHOLD, commune_id=work.commune_id, code=code)
    if found is None:
        made = work.tx.value(
            _NEW_HOUSEHOLD,
            commune_id=work.commune_id,
            hamlet_id=hamlet_id,
            code=code,
            poor=poor or "no",
        )
        assert made is not None  # an insert returns its row
        return made
    if not moves:
        if found.hamlet_id != hamlet_id:
            raise Fault(
                f"hộ {code} thuộc thôn khác / household {code} stands in another hamlet"
            )
        return found.id
    poor = poor or found.poor
    if hamlet_id != found.hamlet_id or poor != found.poor:
        work.tx.run(_SET_HOUSEHOLD, id=found.id, hamlet_id=hamlet_id, poor=poor)
    return found.id


def _person(
    work: Work, row: Resident, hamlet_id: int, household_id: int | None
) -> tuple[int, Person | None]:
    """The person's id, and the person before. Known by number; without one, by name within hamlet and household."""
    folded = fold_name(row.name)
    known: Person | None
    if row.phone:
        known = by_phone(work.tx, row.phone)
    else:
        known = work.tx.one(
            _SAME, commune_id=work.commune_id, hamlet_id=hamlet_id, folded=folded, household_id=household_id or 0
        )  # fmt: skip
    if known is None:
        made = work.tx.value(
            _NEW, commune_id=work.commune_id, phone=row.phone or None, name=row.name, folded=folded,
            hamlet_id=hamlet_id, household_id=household_id, now=work.now,
        )  # fmt: skip
        assert made is not None  # an insert returns its row
        return made, None
    home = household_id or known.household_id
    work.tx.run(
        _SET, id=known.id, name=row.name or known.name, folded=folded or known.folded, hamlet_id=hamlet_id,
        household_id=home,
    )  # fmt: skip
    return known.id, known
