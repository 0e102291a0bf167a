"""How many of each class pay the fees through Viettel Money, as counted on a day; the
school's indicator follows, from the day that was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.progress import conversions, counting
from db.store.engine import Tx, to_ms
from db.store.statements import Query, Scalar, Statement
from menus.days import at_local

INDICATOR = "tuition_school"
TAKEN_BACK = "tuition: 0"  # why the log took the school back


class Counted(NamedTuple):
    """Of a class: who pay, of so many."""

    paying: int
    pupils: int


class Logged(NamedTuple):
    id: int
    day: str  # ISO


class Kept(NamedTuple):
    """A count that stands."""

    class_id: int
    day: str  # ISO
    paying: int


# unless the newest count of that day is the same
_COUNT = Statement(
    text("""
    INSERT INTO class_counts (class_id, day, paying, pupils, at, staff_id, form_key)
    SELECT :class_id, CAST(:day AS VARCHAR), :paying, :pupils, :now, :staff_id, :form_key
    WHERE NOT EXISTS (
      SELECT 1 FROM class_counts c
      WHERE c.class_id = :class_id AND c.day = CAST(:day AS VARCHAR) AND c.taken_back_at IS NULL
        AND c.paying = :paying AND c.pupils = :pupils
        AND NOT EXISTS (
          SELECT 1 FROM class_counts n
          WHERE n.class_id = c.class_id AND n.day = c.day AND n.taken_back_at IS NULL AND n.id > c.id))
    ON CONFLICT (form_key) DO NOTHING
    """)
)
_TAKE_BACK = Statement(
    text("""
    UPDATE class_counts SET taken_back_at = :now, taken_back_by = :staff_id
    WHERE day = :day AND taken_back_at IS NULL AND class_id IN (SELECT id FROM classes WHERE school_id = :school_id)
    """)
)
_KEPT = Query(
    text("""
    SELECT n.class_id, n.day, n.paying
    FROM classes c JOIN class_counts n ON n.class_id = c.id
    WHERE c.school_id = :school_id AND n.taken_back_at IS NULL
    ORDER BY n.day, n.id
    """),
    Kept,
)
# What the counts themselves had logged; what somebody tapped is theirs to take back.
_LOGGED = Query(
    text("""
    SELECT c.id, c.day FROM conversions c JOIN indicators i ON i.id = c.indicator_id
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
    tx: Tx,
    school_id: int,
    counts: Mapping[int, Counted],
    *,
    day: str,
    programme_id: int,
    staff_id: int,
    now: int,
    form_key: str,
) -> None:
    """Keep what was counted on that local day (ISO) by class id. One form sent twice
    counts once. `now` is UTC ms.
    """
    counting.lock(tx, "business", school_id)
    for class_id, counted in counts.items():
        tx.run(
            _COUNT,
            class_id=class_id,
            day=day,
            paying=counted.paying,
            pupils=counted.pupils,
            now=now,
            staff_id=staff_id,
            form_key=f"{form_key}:{class_id}",
        )
    _follow(tx, school_id, programme_id, staff_id, now, form_key)


def take_back(
    tx: Tx,
    school_id: int,
    *,
    day: str,
    programme_id: int,
    staff_id: int,
    now: int,
    form_key: str,
) -> bool:
    """What was counted on that local day (ISO) was counted on none: a slip. False where
    nothing of it stands. `now` is UTC ms.
    """
    counting.lock(tx, "business", school_id)
    taken = tx.run(_TAKE_BACK, school_id=school_id, day=day, now=now, staff_id=staff_id)
    _follow(tx, school_id, programme_id, staff_id, now, form_key)
    return bool(taken)


def _follow(
    tx: Tx, school_id: int, programme_id: int, staff_id: int, now: int, form_key: str
) -> None:
    """The school takes fees through Viettel Money while its newest counts name anybody
    who pays so, since the day that was counted first without a break.
    """
    since = paid_since(tx.all(_KEPT, school_id=school_id))
    stands = False
    for logged in tx.all(_LOGGED, programme_id=programme_id, school_id=school_id):
        if logged.day == since:
            stands = True
            continue
        conversions.undo(
            tx, conversion_id=logged.id, at=now, staff_id=staff_id, reason=TAKEN_BACK
        )
    if since is None or stands:
        return
    counts_already = tx.value(_COUNTS, programme_id=programme_id, school_id=school_id)
    if counts_already is None:
        noon = at_local(date.fromisoformat(since), "12:00")
        conversions.log(
            tx,
            programme_id=programme_id,
            indicator=INDICATOR,
            subject_id=school_id,
            at=min(now, to_ms(noon)),
            staff_id=staff_id,
            form_key=f"tuition:{form_key}",
        )


def paid_since(kept: Iterable[Kept]) -> str | None:
    """From which ISO day on somebody pays so; none while nobody does. The counts are in
    order; of a class the newest holds until it is counted again.
    """
    paying: dict[int, int] = {}
    by_day: dict[str, int] = {}
    for one in kept:
        paying[one.class_id] = one.paying
        by_day[one.day] = sum(paying.values())
    since = None
    for day, together in by_day.items():
        if not together:
            since = None
        elif since is None:
            since = day
    return since
