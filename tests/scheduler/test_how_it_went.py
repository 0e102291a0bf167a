"""How it went: who is asked when one phone brought several, and for which visit an
answer counts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from sqlalchemy import text

from db.progress.recount import recount
from db.register import ratings
from db.store.engine import Database, to_ms
from scheduler import follow_ups as sweeps
from tests.scheduler.conftest import Town, at
from tests.scheduler.test_follow_ups import LONG_AGO, came, together


def scores(db: Database) -> list[tuple[int, int]]:
    with db.connection() as tx:
        return [
            (row.booking_id, row.score)
            for row in tx.all(
                text("SELECT booking_id, score FROM ratings ORDER BY booking_id")
            )
        ]


def tallied(db: Database) -> list[tuple[int, int]]:
    """How many answered, and the sum of their scores, as the page of progress reads it."""
    with db.connection() as tx:
        assert recount(tx) == []
        return [(row.answers, row.total) for row in ratings.by_hamlet(tx, 1)]


def keep(db: Database, phone: str, score: int, now: datetime) -> bool:
    with db.transaction() as tx:
        return ratings.keep(tx, phone=phone, score=score, now=to_ms(now))


def test_a_later_answer_replaces_the_first_for_a_week(db: Database, town: Town) -> None:
    visit = town.books(at(21, "08:00"), LONG_AGO)
    assert not keep(db, visit.phone, 5, at(21, "08:00")), "not there yet"
    came(db, town, at(21, "08:10"), visit)
    assert keep(db, visit.phone, 5, at(22, "09:30"))
    assert keep(db, visit.phone, 2, at(29, "09:30"))
    assert scores(db) == [(visit.id, 2)]
    assert not keep(db, visit.phone, 4, at(29, "09:31"))
    assert scores(db) == [(visit.id, 2)]
    assert tallied(db) == [(1, 2)]


def test_two_answers_at_once_count_as_one_visit(db: Database, town: Town) -> None:
    visit = town.books(at(21, "08:00"), LONG_AGO)
    came(db, town, at(21, "08:10"), visit)
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda score: keep(db, visit.phone, score, at(22, "09:30")),
                (1, 2, 3, 4),
            )
        )
    (said,) = scores(db)
    assert tallied(db) == [(1, said[1])]


def test_one_answer_stands_for_those_who_came_together(
    db: Database, town: Town
) -> None:
    party = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(2)]
    together(db, *party)
    came(db, town, at(21, "08:10"), party[0])
    came(db, town, at(21, "08:20"), party[1])
    assert keep(db, party[0].phone, 4, at(22, "10:00"))
    assert scores(db) == [(party[0].id, 4)]


def brought_by(db: Database, phone: Any, *bookings_: Any) -> None:
    """Booked by that phone for others, or entered under its number at the desk; each
    for themselves, no party.
    """
    with db.transaction() as tx:
        for one in bookings_:
            tx.run(
                text("UPDATE bookings SET booker_id = :b WHERE id = :id"),
                b=phone.person,
                id=one.id,
            )


def test_a_phone_that_brought_others_is_asked_once_about_its_own_visit(
    db: Database, town: Town
) -> None:
    mother, own, father = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(3)]
    brought_by(db, own, mother, father)
    came(db, town, at(21, "08:10"), mother, own)
    came(db, town, at(21, "15:00"), father)
    assert (
        sweeps.sweep(db, at(22, "09:00")) == "1 asked how it went, 0 about their face"
    )
    assert [(row.booking_id, row.phone) for row in town.texts()] == [
        (own.id, own.phone)
    ]
    assert keep(db, own.phone, 5, at(22, "10:00"))
    assert scores(db) == [(own.id, 5)], (
        "the answer is for the visit that was asked about"
    )


def test_who_stayed_at_home_is_asked_once_about_those_who_came(
    db: Database, town: Town
) -> None:
    own, mother, father = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(3)]
    brought_by(db, own, mother, father)
    came(db, town, at(21, "08:10"), father, mother)
    sweeps.sweep(db, at(22, "09:00"))
    assert [(row.booking_id, row.phone) for row in town.texts()] == [
        (mother.id, own.phone)
    ]


def test_who_booked_for_a_party_and_comes_with_it_is_asked_though_not_its_first(
    db: Database, town: Town
) -> None:
    mother, own = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(2)]
    together(db, mother, own)
    brought_by(db, own, mother, own)
    came(db, town, at(21, "08:10"), mother, own)
    sweeps.sweep(db, at(22, "09:00"))
    assert [(row.booking_id, row.phone) for row in town.texts()] == [
        (own.id, own.phone)
    ]


def test_a_visit_put_down_after_the_question_does_not_ask_again_but_another_day_does(
    db: Database, town: Town
) -> None:
    own, mother, father = [town.books(at(21, "08:00"), LONG_AGO) for _ in range(3)]
    brought_by(db, own, mother, father)
    came(db, town, at(21, "08:10"), mother)
    sweeps.sweep(db, at(22, "09:00"))
    came(db, town, at(21, "08:30"), own)
    came(db, town, at(22, "10:00"), father)
    sweeps.sweep(db, at(22, "11:00"))
    assert [row.booking_id for row in town.texts()] == [mother.id]
    sweeps.sweep(db, at(23, "09:00"))
    assert [row.booking_id for row in town.texts()] == [mother.id, father.id]
