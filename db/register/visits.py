"""Who went to which house or shop, and what came of it: appended, never edited; an undo reverses a row, once."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models.states import VisitResult
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar
from menus import days

RESULTS = tuple(VisitResult)


class To(NamedTuple):
    """Where somebody went: exactly one of the three."""

    household_id: int | None = None
    person_id: int | None = None  # who belongs to no household
    business_id: int | None = None


class Visit(NamedTuple):
    """A visit that stands, and whose hamlet it was in."""

    id: int
    household_id: int | None
    person_id: int | None
    business_id: int | None
    staff_id: int
    hamlet_id: int | None


_NOTE = Scalar(
    text("""
    INSERT INTO visits (household_id, person_id, business_id, result, day, at, staff_id, form_key)
    VALUES (:household_id, :person_id, :business_id, :result, :day, :at, :staff_id, :form_key)
    ON CONFLICT (form_key) DO NOTHING
    RETURNING id
    """),
    int,
)
_STANDING = Query(
    text("""
    SELECT v.id, v.household_id, v.person_id, v.business_id, v.staff_id,
      COALESCE(o.hamlet_id, p.hamlet_id, b.hamlet_id) AS hamlet_id
    FROM visits v
    LEFT JOIN households o ON o.id = v.household_id
    LEFT JOIN people p ON p.id = v.person_id
    LEFT JOIN businesses b ON b.id = v.business_id
    WHERE v.id = :id AND v.reverses IS NULL
      AND COALESCE(o.commune_id, p.commune_id, b.commune_id) = :commune_id
    """),
    Visit,
)
_TAKE_BACK = Scalar(
    text("""
    INSERT INTO visits (household_id, person_id, business_id, result, day, at, staff_id, reverses)
    SELECT household_id, person_id, business_id, result, :day, :at, :staff_id, id
    FROM visits WHERE id = :id AND reverses IS NULL
    ON CONFLICT (reverses) DO NOTHING
    RETURNING id
    """),
    int,
)


def note(
    tx: Tx, to: To, result: str, *, at: int, staff_id: int, form_key: str
) -> int | None:
    """A visit today (`at` is UTC ms); its id. None when this form was noted before."""
    values = {
        "result": result,
        "day": _day(at),
        "at": at,
        "staff_id": staff_id,
        "form_key": form_key,
    }
    return tx.value(_NOTE, **to._asdict(), **values)


def get(tx: Tx, visit_id: int, commune_id: int) -> Visit | None:
    """One visit of this commune; an undo is none."""
    return tx.one(_STANDING, id=visit_id, commune_id=commune_id)


def take_back(tx: Tx, visit_id: int, *, at: int, staff_id: int) -> bool:
    """False when it was taken back before."""
    return (
        tx.value(_TAKE_BACK, id=visit_id, at=at, day=_day(at), staff_id=staff_id)
        is not None
    )


def _day(at: int) -> str:
    return days.today(from_ms(at)).isoformat()
