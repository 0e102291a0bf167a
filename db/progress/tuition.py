"""How many of each class pay the fees through Viettel Money, as counted on a day; the school's indicator follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text

from db.progress import conversions, counting
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

INDICATOR = "tuition_school"
TAKEN_BACK = "tuition: 0"  # why the log took the school back


class Counted(NamedTuple):
    """Of a class: who pay, of so many."""

    paying: int
    pupils: int


class Logged(NamedTuple):
    id: int


_COUNT = Statement(
    text("""
    INSERT INTO class_counts (class_id, day, paying, pupils, at, staff_id, form_key)
    VALUES (:class_id, :day, :paying, :pupils, :now, :staff_id, :form_key)
    ON CONFLICT (form_key) DO NOTHING
    """)
)
_PAYING = Scalar(
    text("""
    SELECT SUM(n.paying) FROM classes c JOIN class_counts n ON n.class_id = c.id
    WHERE c.school_id = :school_id AND n.id = (
      SELECT m.id FROM class_counts m WHERE m.class_id = c.id ORDER BY m.day DESC, m.id DESC LIMIT 1)
    """),
    int,
)
# What the counts themselves had logged; what somebody tapped is theirs to take back.
_LOGGED = Query(
    text("""
    SELECT c.id FROM conversions c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.programme_id = :programme_id AND i.key = 'tuition_school' AND c.subject_id = :school_id
      AND c.form_key LIKE 'tuition:%' AND c.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    """),
    Logged,
)
_COUNTS = Scalar(
    text("""
    SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.programme_id = :programme_id AND i.key = 'tuition_school' AND c.subject_id = :school_id
    """),
    int,
)


def count(
    tx: Tx, school_id: int, counts: Mapping[int, Counted], *, day: str, programme_id: int, staff_id: int, now: int,
    form_key: str,
) -> None:  # fmt: skip
    """Keep what was counted on that local day (ISO) by class id. One form sent twice counts once.

    The school takes fees through Viettel Money while its newest counts name anybody who pays so. `now` is UTC ms.
    """
    counting.lock(tx, "business", school_id)
    for class_id, counted in counts.items():
        tx.run(
            _COUNT, class_id=class_id, day=day, paying=counted.paying, pupils=counted.pupils, now=now,
            staff_id=staff_id, form_key=f"{form_key}:{class_id}",
        )  # fmt: skip
    whose = {"programme_id": programme_id, "school_id": school_id}
    if tx.value(_PAYING, school_id=school_id):
        if tx.value(_COUNTS, **whose) is None:
            conversions.log(
                tx, programme_id=programme_id, indicator=INDICATOR, subject_id=school_id, at=now, staff_id=staff_id,
                form_key=f"tuition:{form_key}",
            )  # fmt: skip
        return
    for logged in tx.all(_LOGGED, **whose):
        conversions.undo(
            tx, conversion_id=logged.id, at=now, staff_id=staff_id, reason=TAKEN_BACK
        )
