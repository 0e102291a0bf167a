"""How many parents of a class a notice of the school would reach, and how many an
advert; why the others not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import audience
from db.broadcasts.audience import Asked, Exclusions
from db.broadcasts.rules import Rule
from db.store.engine import Tx
from db.store.statements import Query
from menus.broadcast import TextClass

EVERYBODY = Rule(())


class Parent(NamedTuple):
    class_id: int
    person_id: int


class Reach(NamedTuple):
    """Of one class, by one class of text: how many it would reach, and the others by
    reason (db/broadcasts/reasons.py).
    """

    told: int
    left_out: Mapping[str, int]


class Both(NamedTuple):
    notice: Reach
    advert: Reach


_PARENTS = Query(
    text("""
    SELECT c.id AS class_id, a.person_id
    FROM classes c
    JOIN parents a ON a.class_id = c.id
    WHERE c.school_id = :school_id AND a.withdrawn_at IS NULL
    ORDER BY c.id, a.id
    """),
    Parent,
)


def by_class(
    tx: Tx, school_id: int, *, commune_id: int, now: int, cap: int
) -> dict[int, Both]:
    """By id of the class, of classes with parents. `now` is UTC ms, `cap` how many texts
    somebody may get in 24 hours.
    """
    parents = tx.all(_PARENTS, school_id=school_id)
    people = sorted({parent.person_id for parent in parents})
    judged = {}
    for text_class in ("notice", "advert"):
        judged[text_class] = _judged(tx, text_class, people, commune_id, now, cap)
    members: dict[int, list[int]] = {}
    for parent in parents:
        members.setdefault(parent.class_id, []).append(parent.person_id)
    return {
        class_id: Both(_of(ids, judged["notice"]), _of(ids, judged["advert"]))
        for class_id, ids in members.items()
    }


def _judged(
    tx: Tx,
    text_class: TextClass,
    people: list[int],
    commune_id: int,
    now: int,
    cap: int,
) -> dict[int, str]:
    asked = Asked(
        commune_id=commune_id,
        rule=EVERYBODY,
        text_class=text_class,
        now=now,
        cap=cap,
    )
    exclusions = Exclusions.read(tx, asked)
    return audience.judged(tx, asked, exclusions, people)


def _of(people: list[int], judged: Mapping[int, str]) -> Reach:
    whys = Counter(judged[person_id] for person_id in people)
    told = whys.pop("", 0)
    return Reach(told, whys)
