"""Is the app still there? Asked at later visits of whoever installed it; the newest
answer counts, apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from db.progress import conversions, counting
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar

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
# unless the newest one says so already, of the same day
_ANSWER = Scalar(
    text("""
    INSERT INTO app_answers (person_id, kept, day, at, staff_id, form_key)
    SELECT :person_id, :kept, CAST(:day AS VARCHAR), :now, :staff_id, :form_key
    WHERE NOT EXISTS (
      SELECT 1 FROM app_answers a
      WHERE a.person_id = :person_id AND a.kept = :kept AND a.day = CAST(:day AS VARCHAR)
        AND NOT EXISTS (SELECT 1 FROM app_answers n WHERE n.person_id = a.person_id AND n.id > a.id))
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
    tx: Tx,
    person_id: int,
    kept: bool,
    *,
    programme_id: int,
    staff_id: int,
    now: int,
    form_key: str,
    booking_id: int | None = None,
) -> bool:
    """The app is still there, or it is gone; False when that was said today before.
    Raises NotInstalled. UTC ms.
    """
    counting.lock(tx, "person", person_id)
    day = iso_day_at(now)
    may_ask = tx.value(
        _MAY_ASK, programme_id=programme_id, person_id=person_id, day=day
    )
    if may_ask is None:
        raise NotInstalled
    answered = tx.value(
        _ANSWER,
        person_id=person_id,
        kept=kept,
        day=day,
        now=now,
        staff_id=staff_id,
        form_key=form_key,
    )
    if answered is None:
        return False
    logged = tx.all(_LOGGED, programme_id=programme_id, person_id=person_id)
    if not kept:
        _undo(tx, logged, staff_id, now)
    elif not logged:
        conversions.log(
            tx,
            programme_id=programme_id,
            indicator=KEPT,
            subject_id=person_id,
            at=now,
            staff_id=staff_id,
            form_key=f"kept:{form_key}",
            booking_id=booking_id,
        )
    return True


def _undo(tx: Tx, logged: Iterable[Logged], staff_id: int, now: int) -> None:
    for row in logged:
        conversions.undo(
            tx, conversion_id=row.id, at=now, staff_id=staff_id, reason=GONE
        )
