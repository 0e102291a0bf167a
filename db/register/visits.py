"""Who went to which house or shop, and what came of it: appended, never edited; an undo
reverses a row, once.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models.states import VisitResult
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar

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


_DAY_MS = 24 * 3_600_000
# unless the same came of it that day, on the same round
_NOTE = Scalar(
    text(f"""
    INSERT INTO visits (household_id, person_id, business_id, result, day, at, staff_id, form_key, event_id)
    SELECT CAST(:household_id AS BIGINT), CAST(:person_id AS BIGINT), CAST(:business_id AS BIGINT),
      CAST(:result AS VARCHAR), CAST(:day AS VARCHAR), CAST(:at AS BIGINT), :staff_id, :form_key,
      CAST(:event_id AS BIGINT)
    WHERE NOT EXISTS (
      SELECT 1 FROM visits v
      WHERE v.at > CAST(:at AS BIGINT) - {_DAY_MS} AND v.day = CAST(:day AS VARCHAR)
        AND v.result = CAST(:result AS VARCHAR) AND v.reverses IS NULL
        AND COALESCE(v.household_id, 0) = COALESCE(CAST(:household_id AS BIGINT), 0)
        AND COALESCE(v.person_id, 0) = COALESCE(CAST(:person_id AS BIGINT), 0)
        AND COALESCE(v.business_id, 0) = COALESCE(CAST(:business_id AS BIGINT), 0)
        AND COALESCE(v.event_id, 0) = COALESCE(CAST(:event_id AS BIGINT), 0)
        AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id))
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
    FROM visits
    WHERE id = :id AND reverses IS NULL
    ON CONFLICT (reverses) DO NOTHING
    RETURNING id
    """),
    int,
)


def note(
    tx: Tx,
    to: To,
    result: str,
    *,
    at: int,
    staff_id: int,
    form_key: str,
    event_id: int | None = None,
) -> int | None:
    """A visit today (`at` is UTC ms), on the round of that event where one is named; its
    id. None when that was noted before.
    """
    where = to._asdict()
    return tx.value(
        _NOTE,
        **where,
        result=result,
        day=iso_day_at(at),
        at=at,
        staff_id=staff_id,
        form_key=form_key,
        event_id=event_id,
    )


def get(tx: Tx, visit_id: int, commune_id: int) -> Visit | None:
    """One visit of this commune; an undo is none."""
    return tx.one(_STANDING, id=visit_id, commune_id=commune_id)


def take_back(tx: Tx, visit_id: int, *, at: int, staff_id: int) -> bool:
    """False when it was taken back before."""
    undo = tx.value(
        _TAKE_BACK, id=visit_id, at=at, day=iso_day_at(at), staff_id=staff_id
    )
    return undo is not None
