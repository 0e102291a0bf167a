"""The demo's owners of shops, classes and parents, visits, and phones whose app was asked after again."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.changes import owners, parents
from db.demo.homes import Homes
from db.demo.places import COMMUNE, PROGRAMME
from db.demo.residents import Home, Member
from db.demo.stage import Stage
from db.models.states import VisitResult
from db.progress import conversions, kept, tuition
from db.progress.tuition import Counted
from db.register import businesses, schools, visits
from db.register.visits import To
from db.store.statements import Query

CLASSES = {
    "Tiểu học": ("1A", "2A", "3A", "3B", "4A", "5A"),
    "Trung học": ("6A", "7A", "8A", "9A"),
}
WITH_PARENTS = 12  # parents of the first school, and of the second
VISITED = 9  # homes of the head's hamlet
RESULTS = (
    VisitResult.DONE,
    VisitResult.HOME,
    VisitResult.NOBODY,
    VisitResult.DONE,
    VisitResult.REFUSED,
)
NOT_DONE = (VisitResult.HOME, VisitResult.NOBODY, VisitResult.REFUSED)


class Shop(NamedTuple):
    id: int
    hamlet_id: int | None
    has_qr: bool  # 0 or 1 on SQLite


class Installed(NamedTuple):
    person_id: int


_SHOPS = Query(
    text("""
    SELECT b.id, b.hamlet_id, EXISTS (
      SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
      WHERE i.key = 'business_qr' AND c.subject_id = b.id) AS has_qr
    FROM businesses b
    WHERE b.kind = 'household_business'
    ORDER BY b.id
    """),
    Shop,
)
_BOOKED_TODAY = Query(
    text("""
    SELECT DISTINCT b.person_id FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN events e ON e.id = s.event_id
    WHERE e.day = :today AND b.status IN ('booked', 'attended')
    ORDER BY b.person_id LIMIT 3
    """),
    Installed,
)
_INSTALLED = Query(
    text("""
    SELECT c.subject_id AS person_id FROM counted c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.key = 'app_citizen' AND c.day < :today
      AND c.subject_id NOT IN (SELECT b.person_id FROM bookings b)
    ORDER BY c.subject_id LIMIT 12
    """),
    Installed,
)


def fill(stage: Stage, dealt: Homes, homes: list[Home], hamlet_id: int) -> None:
    """With chances of its own, so that the other scenes stay what they were."""
    random = Random(4202)  # noqa: S311  # invents people, keeps no secret
    _shops(stage, random, homes)
    _schools(stage, random, [*dealt.came, *dealt.callers])
    _visits(stage, [home for home in homes if home.hamlet_id == hamlet_id])
    _apps(stage)


def _shops(stage: Stage, random: Random, homes: list[Home]) -> None:
    """Two of three belong to somebody of the hamlet; to every other somebody went."""
    for number, shop in enumerate(stage.tx.all(_SHOPS)):
        neighbours = [
            home.holder
            for home in homes
            if home.hamlet_id == shop.hamlet_id and home.holder.phone
        ]
        if number % 3 and neighbours:
            owner = neighbours[number % len(neighbours)]
            _give_to(stage, shop, owner)
        if number % 2:
            days_ago = random.randint(2, 9)
            visits.note(
                stage.tx, To(business_id=shop.id), _result_at(shop, number), at=stage.at(-days_ago, "15:30"),
                staff_id=stage.staff["agent"], form_key=f"demo-shop-{shop.id}",
            )  # fmt: skip


def _result_at(shop: Shop, number: int) -> VisitResult:
    """What was done left a QR behind; whoever refused has none."""
    if shop.has_qr:
        return VisitResult.DONE
    return NOT_DONE[number % len(NOT_DONE)]


def _give_to(stage: Stage, shop: Shop, owner: Member) -> None:
    listed = businesses.get(stage.tx, shop.id, COMMUNE)
    assert listed is not None  # a statement ago
    owners.give(
        stage.tx, listed, name=owner.name, phone=owner.phone, commune_id=COMMUNE, now=stage.now,
        privacy_key=stage.privacy_key, origin="demo",
    )  # fmt: skip


def _schools(stage: Stage, random: Random, homes: list[Home]) -> None:
    """One takes fees through Viettel Money, as counted twice; the other has classes and parents, and no count yet."""
    agreed_on = stage.day(-20)
    all_schools = schools.all_of(stage.tx, COMMUNE)
    families = iter(homes)
    for school in all_schools:
        classes = [
            schools.ensure_class(stage.tx, school.id, name)
            for name in _class_names(school.name)
        ]
        if not classes:
            continue
        for number, home in enumerate(islice(families, WITH_PARENTS)):
            school_class = classes[number % len(classes)]
            parents.agree(
                stage.tx, class_id=school_class.id, phone=home.holder.phone, agreed_on=agreed_on,
                commune_id=COMMUNE, staff_id=None, now=stage.now, privacy_key=stage.privacy_key,
            )  # fmt: skip
        if school is all_schools[0]:
            pupils = {
                school_class.id: random.randint(18, 31) for school_class in classes
            }
            _count(stage, school.id, pupils, one_pays_of=4, ahead=-8)
            _count(stage, school.id, pupils, one_pays_of=2, ahead=-1)


def _class_names(school: str) -> tuple[str, ...]:
    """The classes of a school by its name; none of one that is of no known kind."""
    for kind, names in CLASSES.items():
        if kind in school:
            return names
    return ()


def _count(
    stage: Stage,
    school_id: int,
    pupils: dict[int, int],
    *,
    one_pays_of: int,
    ahead: int,
) -> None:
    """One of so many pays through Viettel Money; `pupils` is class -> how many."""
    counts = {
        class_id: Counted(number // one_pays_of, number)
        for class_id, number in pupils.items()
    }
    tuition.count(
        stage.tx, school_id, counts, day=stage.day(ahead).isoformat(), programme_id=PROGRAMME,
        staff_id=stage.staff["commune"], now=stage.at(ahead, "10:15"), form_key=f"demo{ahead}-{school_id}",
    )  # fmt: skip


def _visits(stage: Stage, homes: list[Home]) -> None:
    """The hamlet's team went to some of its homes."""
    for number, home in enumerate(homes[:VISITED]):
        days_ago = 1 + number % 5
        visits.note(
            stage.tx, To(household_id=home.id), _result(number), at=stage.at(-days_ago, "17:40"),
            staff_id=stage.staff["team"], form_key=f"demo-home-{home.id}",
        )  # fmt: skip


def _result(number: int) -> VisitResult:
    return RESULTS[number % len(RESULTS)]


def _apps(stage: Stage) -> None:
    """Asked yesterday of some: still there with two of three. Three come today who are to be asked."""
    clerk_id = stage.staff["commune"]
    installed_at = stage.at(-25, "09:40")
    for row in stage.tx.all(_BOOKED_TODAY, today=stage.today.isoformat()):
        conversions.log(
            stage.tx, programme_id=PROGRAMME, indicator=kept.INSTALLED, subject_id=row.person_id, at=installed_at,
            staff_id=clerk_id,
        )  # fmt: skip
    asked_at = stage.at(-1, "16:20")
    yesterday = stage.day(-1).isoformat()
    for number, row in enumerate(stage.tx.all(_INSTALLED, today=yesterday)):
        still_there = number % 3 != 0
        kept.answer(
            stage.tx, row.person_id, still_there, programme_id=PROGRAMME, staff_id=clerk_id, now=asked_at,
            form_key=f"demo-app-{row.person_id}",
        )  # fmt: skip
