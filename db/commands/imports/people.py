"""Registers: residents and households. What a register says is kept as its word, beside
what was said or seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports.cells import HANDSETS, POOR, SIMS, Cells, Fault
from db.commands.imports.work import NEW, Outcome, Work, changed
from db.register import facts
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


def read_household(cells: Cells) -> Household:
    code = cells.text("code", 32, needed=True)
    hamlet = cells.text("hamlet", 60, needed=True)
    poor = cells.choice("poor", POOR)
    return Household(code, hamlet, poor)


def keep_household(work: Work, row: Household) -> Outcome:
    hamlet_id = work.hamlet(row.hamlet)
    before = work.tx.one(_HOUSEHOLD, commune_id=work.commune_id, code=row.code)
    _household(work, row.code, hamlet_id, row.poor, moves=True)
    if before is None:
        return NEW
    hamlets = work.hamlets.names_of(before.hamlet_id, hamlet_id)
    poor = row.poor or before.poor
    return changed(hamlet=hamlets, poor=(before.poor, poor))


def read_resident(cells: Cells) -> Resident:
    phone = cells.phone("phone", or_fixed=True)
    name = cells.text("name", 80)
    hamlet = cells.text("hamlet", 60, needed=True)
    household = cells.text("household", 32)
    handset = cells.choice("handset", HANDSETS)
    sim = cells.choice("sim", SIMS)
    poor = cells.choice("poor", POOR)
    if not phone and not name:
        raise Fault("cần số điện thoại hoặc họ tên / a phone or a name is needed")
    return Resident(phone, name, hamlet, household, handset, sim, poor)


def keep_resident(work: Work, row: Resident) -> Outcome:
    hamlet_id = work.hamlet(row.hamlet)
    if row.phone:
        _refuse_number(work, row)
    household_id = None
    if row.household:
        household_id = _household(work, row.household, hamlet_id, row.poor, moves=False)
    person_id, before = _person(work, row, hamlet_id, household_id)
    new_facts = _note_facts(work, row, person_id)
    if household_id:
        work.changed.add(household_id)
    if before is None:
        return NEW
    if before.household_id:
        work.changed.add(before.household_id)
    name = row.name or before.name
    hamlets = work.hamlets.names_of(before.hamlet_id, hamlet_id)
    home_before: str | None = row.household
    if household_id:
        home_before = work.tx.value(_CODE, id=before.household_id)
    return changed(
        name=(before.name, name),
        hamlet=hamlets,
        household=(home_before, row.household),
        **new_facts,
    )


def _note_facts(
    work: Work, row: Resident, person_id: int
) -> dict[str, tuple[str | None, str]]:
    """Keep what the row says of handset, SIM and poverty; each kind with what the
    register said before, and now.
    """
    registered = work.tx.all(_REGISTERED, person_id=person_id)
    known = {fact.kind: fact.value for fact in registered}
    said = {"handset": row.handset, "sim": row.sim, "poor": row.poor}
    noted = {}
    for kind, value in said.items():
        if value:
            facts.note(work.tx, person_id, kind, "register", value, work.now)
            noted[kind] = known.get(kind), value
    return noted


def _refuse_number(work: Work, row: Resident) -> None:
    """One that was erased, is another commune's, or bears another name further up.
    Raises Fault.
    """
    elsewhere = work.tx.value(_ELSEWHERE, commune_id=work.commune_id, phone=row.phone)
    if elsewhere is not None:
        raise Fault(
            "số này ghi ở xã khác / this number is in another commune's register"
        )
    work.refuse_erased(row.phone)
    folded = fold_name(row.name)
    first_name = work.numbers.setdefault(row.phone, folded)
    if first_name != folded:
        raise Fault(
            "số này đã có ở dòng trên với tên khác / another name holds this number further up"
        )


def _household(work: Work, code: str, hamlet_id: int, poor: str, *, moves: bool) -> int:
    """Its id; made when new. The list of households may move one to another hamlet, a
    list of residents may not.
    """
    found = work.tx.one(_HOUSEHOLD, commune_id=work.commune_id, code=code)
    if found is None:
        poor = poor or "no"
        made = work.tx.value(
            _NEW_HOUSEHOLD,
            commune_id=work.commune_id,
            hamlet_id=hamlet_id,
            code=code,
            poor=poor,
        )
        assert made is not None  # an insert returns its row
        return made
    is_here = found.hamlet_id == hamlet_id
    if not moves:
        if not is_here:
            raise Fault(
                f"hộ {code} thuộc thôn khác / household {code} stands in another hamlet"
            )
        return found.id
    poor = poor or found.poor
    if not is_here or poor != found.poor:
        work.tx.run(_SET_HOUSEHOLD, id=found.id, hamlet_id=hamlet_id, poor=poor)
    return found.id


def _person(
    work: Work, row: Resident, hamlet_id: int, household_id: int | None
) -> tuple[int, Person | None]:
    """The person's id, and the person before. Known by number; without one, by name
    within hamlet and household.
    """
    folded = fold_name(row.name)
    known: Person | None
    if row.phone:
        known = by_phone(work.tx, row.phone)
    else:
        home = household_id or 0
        known = work.tx.one(
            _SAME,
            commune_id=work.commune_id,
            hamlet_id=hamlet_id,
            folded=folded,
            household_id=home,
        )
    if known is None:
        made = work.tx.value(
            _NEW,
            commune_id=work.commune_id,
            phone=row.phone or None,
            name=row.name,
            folded=folded,
            hamlet_id=hamlet_id,
            household_id=household_id,
            now=work.now,
        )
        assert made is not None  # an insert returns its row
        return made, None
    name = row.name or known.name
    folded = folded or known.folded
    household_id = household_id or known.household_id
    work.tx.run(
        _SET,
        id=known.id,
        name=name,
        folded=folded,
        hamlet_id=hamlet_id,
        household_id=household_id,
    )
    return known.id, known
