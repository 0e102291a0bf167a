"""The demo's owners of shops, classes and parents, visits, and phones whose app was asked after again."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.changes import owners, parents
from db.demo.homes import Homes
from db.demo.places import COMMUNE, PROGRAMME
from db.demo.residents import Home
from db.demo.stage import Stage
from db.models.states import VisitResult
from db.progress import conversions, kept, tuition
from db.progress.tuition import Counted
from db.register import businesses, schools, visits
from db.register.visits import To
from db.store.engine import from_ms, to_ms
from db.store.statements import Query
from menus import days

CLASSES = {"Tiểu học": ("1A", "2A", "3A", "3B", "4A", "5A"), "Trung học": ("6A", "7A", "8A", "9A")}
WITH_PARENTS = 12  # parents of the first school, and of the second
VISITED = 9  # homes of the head's hamlet
RESULTS = (VisitResult.DONE, VisitResult.HOME, VisitResult.NOBODY, VisitResult.DONE, VisitResult.REFUSED)


class Shop(NamedTuple):
    id: int
    hamlet_id: int | None


class Installed(NamedTuple):
    person_id: int


_SHOPS = Query(text("SELECT id, hamlet_id FROM businesses WHERE kind = 'household_business' ORDER BY id"), Shop)
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
        listed = businesses.get(stage.tx, shop.id, COMMUNE)
        assert listed is not None  # a statement ago
        near = [home.holder for home in homes if home.hamlet_id == shop.hamlet_id and home.holder.phone]
        if number % 3 and near:
            holder = near[number % len(near)]
            owners.give(
                stage.tx, listed, name=holder.name, phone=holder.phone, commune_id=COMMUNE, now=stage.now,
                privacy_key=stage.privacy_key, origin="demo",
            )  # fmt: skip
        if number % 2:
            at = stage.at(-random.randint(2, 9), "15:30")
            visits.note(
                stage.tx, To(business_id=shop.id), RESULTS[number % len(RESULTS)], at=at,
                staff_id=stage.staff["agent"], form_key=f"demo-shop-{shop.id}",
            )  # fmt: skip


def _schools(stage: Stage, random: Random, homes: list[Home]) -> None:
    """One takes fees through Viettel Money, as counted twice; the other has classes and parents, and no count yet."""
    there = schools.all_of(stage.tx, COMMUNE)
    of_parents = iter(homes)
    for school in there:
        names = next((names for kind, names in CLASSES.items() if kind in school.name), ())
        classes = [schools.ensure_class(stage.tx, school.id, name) for name in names]
        for number in range(WITH_PARENTS if classes else 0):
            parents.agree(
                stage.tx, class_id=classes[number % len(classes)].id, phone=next(of_parents).holder.phone,
                agreed_on=_agreed_on(stage.today), commune_id=COMMUNE, staff_id=None, now=stage.now,
                privacy_key=stage.privacy_key,
            )  # fmt: skip
        if classes and school is there[0]:
            pupils = {one.id: random.randint(18, 31) for one in classes}
            _count(stage, school.id, {key: Counted(many // 4, many) for key, many in pupils.items()}, -8)
            _count(stage, school.id, {key: Counted(many // 2, many) for key, many in pupils.items()}, -1)


def _agreed_on(today: date) -> date:
    return today - timedelta(days=20)


def _count(stage: Stage, school_id: int, counts: dict[int, Counted], ahead: int) -> None:
    tuition.count(
        stage.tx, school_id, counts, day=stage.day(ahead).isoformat(), programme_id=PROGRAMME,
        staff_id=stage.staff["commune"], now=stage.at(ahead, "10:15"), form_key=f"demo{ahead}-{school_id}",
    )  # fmt: skip


def _visits(stage: Stage, homes: list[Home]) -> None:
    """The hamlet's team went to some of its homes."""
    for number, home in enumerate(homes[:VISITED]):
        visits.note(
            stage.tx, To(household_id=home.id), RESULTS[number % len(RESULTS)],
            at=stage.at(-1 - number % 5, "17:40"), staff_id=stage.staff["team"], form_key=f"demo-home-{home.id}",
        )  # fmt: skip


def _apps(stage: Stage) -> None:
    """Asked yesterday of some: still there with two of three. Three come today who are to be asked."""
    for row in stage.tx.all(_BOOKED_TODAY, today=stage.today.isoformat()):
        conversions.log(
            stage.tx, programme_id=PROGRAMME, indicator=kept.INSTALLED, subject_id=row.person_id,
            at=stage.at(-25, "09:40"), staff_id=stage.staff["commune"],
        )  # fmt: skip
    at = to_ms(days.at_local(stage.day(-1), "16:20"))
    yesterday = days.today(from_ms(at)).isoformat()
    for number, row in enumerate(stage.tx.all(_INSTALLED, today=yesterday)):
        kept.answer(
            stage.tx, row.person_id, number % 3 != 0, programme_id=PROGRAMME, staff_id=stage.staff["commune"], now=at,
            form_key=f"demo-app-{row.person_id}",
        )  # fmt: skip
