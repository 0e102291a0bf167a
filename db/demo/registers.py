"""The demo's owners of shops, classes and parents, visits, and phones whose app was
asked after again.
"""

from __future__ import annotations

import contextlib
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.changes import owners, parents
from db.demo.homes import Homes
from db.demo.places import COMMUNE, PROGRAMME
from db.demo.residents import Home, Member
from db.demo.stage import Stage
from db.models.states import HowAsked, VisitResult
from db.progress import kept, tuition
from db.progress.tuition import Counted
from db.register import businesses, schools, visits
from db.register.visits import To
from db.store.statements import Query

CLASSES = {
    "Tiểu học": ("1A", "2A", "3A", "3B", "4A", "5A"),
    "Trung học": ("6A", "7A", "8A", "9A"),
}
TAKES_ADVERTS = 3  # one parent of so many
WITH_PARENTS = 12  # parents of the first school, and of the second
VISITED = 9  # homes of the head's hamlet
DAYS_AGO = (1, 2, 3, 4, 5)
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
    families = [*dealt.came, *dealt.callers]
    _schools(stage, random, families)
    of_hamlet = [home for home in homes if home.hamlet_id == hamlet_id]
    _visits(stage, of_hamlet[:VISITED])
    _apps(stage)


def _shops(stage: Stage, random: Random, homes: list[Home]) -> None:
    """Two of three belong to somebody of the hamlet; to every other somebody went."""
    with_phone = [home for home in homes if home.phone]
    shops = stage.tx.all(_SHOPS)
    for number, shop in enumerate(shops):
        neighbours = [home for home in with_phone if home.hamlet_id == shop.hamlet_id]
        if number % 3 and neighbours:
            owner = neighbours[number % len(neighbours)]
            _give_to(stage, shop, owner.holder)
        if number % 2:
            at = stage.at(-random.randint(2, 9), "15:30")
            result = _result_at(shop, number)
            _visit(
                stage,
                "agent",
                To(business_id=shop.id),
                result,
                at,
                f"demo-shop-{shop.id}",
            )


def _visit(
    stage: Stage, role: str, to: To, result: VisitResult, at: int, form_key: str
) -> None:
    visits.note(
        stage.tx, to, result, at=at, staff_id=stage.staff[role], form_key=form_key
    )


def _result_at(shop: Shop, number: int) -> VisitResult:
    """What was done left a QR behind; whoever refused has none."""
    if shop.has_qr:
        return VisitResult.DONE
    return NOT_DONE[number % len(NOT_DONE)]


def _give_to(stage: Stage, shop: Shop, owner: Member) -> None:
    listed = businesses.get(stage.tx, shop.id, COMMUNE)
    assert listed is not None  # a statement ago
    owners.give(
        stage.tx,
        listed,
        name=owner.name,
        phone=owner.phone,
        commune_id=COMMUNE,
        now=stage.now,
        privacy_key=stage.privacy_key,
        origin="demo",
    )


def _schools(stage: Stage, random: Random, homes: list[Home]) -> None:
    """One takes fees through Viettel Money, as counted twice; the other has classes and
    parents, and no count yet.
    """
    all_schools = schools.all_of(stage.tx, COMMUNE)
    families = iter(homes)
    for school in all_schools:
        names = _class_names(school.name)
        class_ids = [
            schools.ensure_class(stage.tx, school.id, name).id for name in names
        ]
        if not class_ids:
            continue
        some = islice(families, WITH_PARENTS)
        for home, class_id in zip(some, cycle(class_ids), strict=False):
            _agree(stage, home.phone, class_id)
            if home.id % TAKES_ADVERTS == 0:
                _agree_to_adverts(stage, home.phone)
        if school is all_schools[0]:
            pupils = {class_id: random.randint(18, 31) for class_id in class_ids}
            _count(stage, school.id, pupils, one_pays_of=4, ahead=-8)
            _count(stage, school.id, pupils, one_pays_of=2, ahead=-1)


def _agree(stage: Stage, phone: str, class_id: int) -> None:
    """A parent takes part, as a list of the school's says."""
    agreed_on = stage.day(-20)
    parents.agree(
        stage.tx,
        class_id=class_id,
        phone=phone,
        agreed_on=agreed_on,
        commune_id=COMMUNE,
        staff_id=None,
        now=stage.now,
        privacy_key=stage.privacy_key,
        asked=HowAsked.FORM,
    )


def _agree_to_adverts(stage: Stage, phone: str) -> None:
    """On the same form, asked apart; nothing where the number refused them."""
    agreed_on = stage.day(-20)
    with contextlib.suppress(parents.AdvertsRefused):
        parents.agree_to_adverts(
            stage.tx,
            phone,
            agreed_on=agreed_on,
            asked=HowAsked.FORM,
            now=stage.now,
            privacy_key=stage.privacy_key,
        )


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
    form_key = f"demo{ahead}-{school_id}"
    tuition.count(
        stage.tx,
        school_id,
        counts,
        day=stage.iso(ahead),
        programme_id=PROGRAMME,
        staff_id=stage.clerk_id,
        now=stage.at(ahead, "10:15"),
        form_key=form_key,
    )


def _visits(stage: Stage, homes: list[Home]) -> None:
    """The hamlet's team went to these of its homes, on five days in turn."""
    for home, days_ago, result in zip(
        homes, cycle(DAYS_AGO), cycle(RESULTS), strict=False
    ):
        at = stage.at(-days_ago, "17:40")
        _visit(
            stage, "team", To(household_id=home.id), result, at, f"demo-home-{home.id}"
        )


def _apps(stage: Stage) -> None:
    """Asked yesterday of some: still there with two of three. Three come today who are
    to be asked.
    """
    installed_at = stage.at(-25, "09:40")
    booked = stage.tx.all(_BOOKED_TODAY, today=stage.iso(0))
    for row in booked:
        stage.log(kept.INSTALLED, row.person_id, installed_at)
    installed = stage.tx.all(_INSTALLED, today=stage.iso(-1))
    for number, row in enumerate(installed):
        still_there = number % 3 != 0
        _answer(stage, row.person_id, still_there)


def _answer(stage: Stage, person_id: int, still_there: bool) -> None:
    """What somebody said of their app yesterday."""
    asked_at = stage.at(-1, "16:20")
    form_key = f"demo-app-{person_id}"
    kept.answer(
        stage.tx,
        person_id,
        still_there,
        programme_id=PROGRAMME,
        staff_id=stage.clerk_id,
        now=asked_at,
        form_key=form_key,
    )
