"""Is the app still there? Asked at later visits of whoever installed it; the newest answer counts, apart."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.progress import conversions, counting
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar
from menus import days

INSTALLED, KEPT = "app_citizen", "app_kept"
GONE = "app: 0"  # why the log took it back


class Logged(NamedTuple):
    id: int


_MAY_ASK = Scalar(
    text("""
    SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.programme_id = :programme_id AND i.key = 'app_citizen' AND c.subject_id = :person_id AND c.day < :day
    """),
    int,
)
_ANSWER = Scalar(
    text("""
    INSERT INTO app_answers (person_id, kept, day, at, staff_id, form_key)
    VALUES (:person_id, :kept, :day, :now, :staff_id, :form_key)
    ON CONFLICT (form_key) DO NOTHING
    RETURNING id
    """),
    int,
)
_LOGGED = Query(
    text("""
    SELECT c.id FROM conversions c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.programme_id = :programme_id AND i.key = 'app_kept' AND c.subject_id = :person_id AND c.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    """),
    Logged,
)


class NotInstalled(ValueError):
    """The app was not noted as installed on an earlier day: there is nothing to ask."""


def answer(
    tx: Tx, person_id: int, kept: bool, *, programme_id: int, staff_id: int, now: int, form_key: str,
    booking_id: int | None = None,
) -> bool:  # fmt: skip
    """The app is still there, or it is gone; False when this form said so before. Raises NotInstalled. UTC ms."""
    counting.lock(tx, "person", person_id)
    day = days.today(from_ms(now)).isoformat()
    whose = {"programme_id": programme_id, "person_id": person_id}
    if tx.value(_MAY_ASK, day=day, **whose) is None:
        raise NotInstalled
    answered = {
        "person_id": person_id,
        "kept": kept,
        "day": day,
        "now": now,
        "staff_id": staff_id,
    }
    if tx.value(_ANSWER, form_key=form_key, **answered) is None:
        return False
    logged = tx.all(_LOGGED, **whose)
    if not kept:
        for row in logged:
            conversions.undo(
                tx, conversion_id=row.id, at=now, staff_id=staff_id, reason=GONE
            )
    elif not logged:
        conversions.log(
            tx, programme_id=programme_id, indicator=KEPT, subject_id=person_id, at=now, staff_id=staff_id,
            form_key=f"kept:{form_key}", booking_id=booking_id,
        )  # fmt: skip
    return True
