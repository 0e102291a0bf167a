"""Whose app is asked after again: installed on an earlier day, with the newest answer."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query


class Question(NamedTuple):
    person_id: int
    since: str  # the day of its installation, ISO
    kept: bool | None  # none: nobody asked yet; 0 or 1 on SQLite
    answered_on: str | None  # ISO


_WHAT = "c.subject_id AS person_id, c.day AS since, a.kept, a.day AS answered_on"
_NEWEST = (
    "a.id = (SELECT MAX(n.id) FROM app_answers n WHERE n.person_id = c.subject_id)"
)
_OF_DAY = Query(
    text(f"""
    SELECT DISTINCT {_WHAT}
    FROM events e
    JOIN slots s ON s.event_id = e.id
    JOIN bookings b ON b.slot_id = s.id
    JOIN indicators i ON i.programme_id = e.programme_id AND i.key = 'app_citizen'
    JOIN counted c ON c.indicator_id = i.id AND c.subject_id = b.person_id
    LEFT JOIN app_answers a ON {_NEWEST}
    WHERE e.commune_id = :commune_id AND e.day = :day AND c.day < :today
    """),
    Question,
)
_OF_PERSON = Query(
    text(f"""
    SELECT {_WHAT}
    FROM indicators i
    JOIN counted c ON c.indicator_id = i.id AND c.subject_id = :person_id
    LEFT JOIN app_answers a ON {_NEWEST}
    WHERE i.key = 'app_citizen' AND c.day < :today
    """),
    Question,
)


def of_day(tx: Tx, *, commune_id: int, day: str, today: str) -> dict[int, Question]:
    """Of whoever is booked that day, by person; days are local ISO."""
    return {
        row.person_id: row
        for row in tx.all(_OF_DAY, commune_id=commune_id, day=day, today=today)
    }


def of_person(tx: Tx, person_id: int, today: str) -> Question | None:
    return tx.one(_OF_PERSON, person_id=person_id, today=today)
