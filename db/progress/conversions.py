"""The log of what was achieved: appended, never edited; an undo is a row that reverses
another, once.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.progress import counting
from db.progress.recount import recount
from db.register import facts
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar, Statement

__all__ = [
    "NotLogged",
    "log",
    "recount",
    "stands",
    "ticked_at",
    "undo",
    "undo_beside",
    "undo_business",
    "undo_form",
]

# What staff see when they log these: kind of fact, value.
SEEN = {"sim_4g": ("sim", "4g"), "handset_volte": ("handset", "4g_volte")}
REASON_MOST = 200  # letters


class Indicator(NamedTuple):
    """What is counted, and of whom."""

    id: int
    subject: str  # person | household | business
    kind: str | None  # of business, where the subject is one
    derived: bool  # counted from others, never logged; 0 or 1 on SQLite


class Subject(NamedTuple):
    """Where a person, a household or a business is; of which kind a business is."""

    hamlet_id: int | None
    kind: str


class Logged(NamedTuple):
    """A row of the log, with its indicator."""

    programme_id: int
    key: str
    subject: str  # person | household | business
    indicator_id: int
    subject_id: int
    reverses: int | None  # the row that this one undoes


class Standing(NamedTuple):
    """A row of the log that nobody took back."""

    id: int


class AtEvent(NamedTuple):
    """A row that nobody took back, ticked beside a name on the list of an event."""

    id: int
    key: str  # of the indicator
    person_id: int  # whose name it was


_INDICATOR = Query(
    text(
        "SELECT id, subject, kind, derived FROM indicators WHERE programme_id = :programme_id AND key = :key"
    ),
    Indicator,
)
_HAMLET = {
    "person": Query(
        text("""
        SELECT COALESCE(p.hamlet_id, h.hamlet_id) AS hamlet_id, '' AS kind
        FROM people p LEFT JOIN households h ON h.id = p.household_id WHERE p.id = :id
        """),
        Subject,
    ),
    "household": Query(
        text("SELECT hamlet_id, '' AS kind FROM households WHERE id = :id"), Subject
    ),
    "business": Query(
        text("SELECT hamlet_id, kind FROM businesses WHERE id = :id"), Subject
    ),
}
_APPEND = Scalar(
    text("""
    INSERT INTO conversions (indicator_id, subject_id, hamlet_id, day, at, staff_id, booking_id, event_id,
      form_key)
    VALUES (:indicator_id, :subject_id, :hamlet_id, :day, :at, :staff_id, :booking_id,
      CAST(:event_id AS BIGINT), :form_key)
    ON CONFLICT (form_key) DO NOTHING RETURNING id
    """),
    int,
)
_FIND = Query(
    text("""
    SELECT i.programme_id, i.key, i.subject, c.indicator_id, c.subject_id, c.reverses
    FROM conversions c JOIN indicators i ON i.id = c.indicator_id WHERE c.id = :id
    """),
    Logged,
)
_REVERSE = Scalar(
    text("""
    INSERT INTO conversions (indicator_id, subject_id, hamlet_id, day, at, staff_id, booking_id, reverses, reason)
    SELECT indicator_id, subject_id, hamlet_id, :day, :at, :staff_id, booking_id, id, :reason
    FROM conversions WHERE id = :id AND reverses IS NULL
    ON CONFLICT (reverses) DO NOTHING RETURNING id
    """),
    int,
)
_STILL_LOGGED = Scalar(
    text("""
    SELECT 1 FROM conversions c
    WHERE indicator_id = :indicator_id AND subject_id = :subject_id AND reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id) LIMIT 1
    """),
    int,
)
_STANDING = "c.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)"
_OF_FORM = Query(
    text(
        f"SELECT c.id FROM conversions c WHERE c.form_key = :form_key AND {_STANDING}"
    ),
    Standing,
)
_OF_BUSINESS = Query(
    text(f"""
    SELECT c.id FROM conversions c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.subject = 'business' AND c.subject_id = :business_id AND {_STANDING}
    ORDER BY c.id
    """),
    Standing,
)
# Beside each name on an event's list, found by the event: SQLite would else go by
# `reverses IS NULL`. What was ticked for a household is nobody's alone while another of
# its people is on the list.
_AT_EVENT = Query(
    text("""
    SELECT c.id, i.key, p.id AS person_id
    FROM conversions c
    JOIN indicators i ON i.id = c.indicator_id
    JOIN attendances a ON a.event_id = c.event_id
    JOIN people p ON p.id = a.person_id
    WHERE c.event_id = :event_id AND COALESCE(c.reverses, 0) = 0
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
      AND CASE i.subject
        WHEN 'person' THEN c.subject_id = p.id
        WHEN 'household' THEN c.subject_id = p.household_id AND NOT EXISTS (
          SELECT 1 FROM attendances o JOIN people q ON q.id = o.person_id
          WHERE o.event_id = a.event_id AND q.id <> p.id AND q.household_id = p.household_id)
        ELSE EXISTS (SELECT 1 FROM businesses b WHERE b.id = c.subject_id AND b.owner_id = p.id)
      END
    ORDER BY c.id
    """),
    AtEvent,
)
_UNSEE = Statement(
    text(
        "DELETE FROM facts WHERE person_id = :person_id AND kind = :kind AND source = 'seen' AND value = :value"
    )
)


class NotLogged(ValueError):
    """This cannot be logged: no such indicator or subject, or the indicator is counted
    from others.
    """


def log(
    tx: Tx,
    *,
    programme_id: int,
    indicator: str,
    subject_id: int,
    at: int,
    staff_id: int | None,
    form_key: str | None = None,
    booking_id: int | None = None,
    event_id: int | None = None,
) -> int | None:
    """Append one conversion (`at` in UTC ms) and count it. None when this form was
    logged before. Raises NotLogged.
    """
    found = tx.one(_INDICATOR, programme_id=programme_id, key=indicator)
    if found is None or found.derived:
        raise NotLogged(f"'{indicator}' is not an indicator that staff log.")
    counting.lock(tx, found.subject, subject_id)
    subject = tx.one(_HAMLET[found.subject], id=subject_id)
    if subject is None or not _is_of(subject, found):
        of_what = found.kind or found.subject
        raise NotLogged(
            f"'{indicator}' is not logged for {of_what} {subject_id}: there is none."
        )
    appended = tx.value(
        _APPEND,
        indicator_id=found.id,
        subject_id=subject_id,
        hamlet_id=subject.hamlet_id,
        day=iso_day_at(at),
        at=at,
        staff_id=staff_id,
        booking_id=booking_id,
        event_id=event_id,
        form_key=form_key,
    )
    if appended is None:
        return None
    if indicator in SEEN:
        kind, value = SEEN[indicator]
        facts.note(tx, subject_id, kind, "seen", value, at, staff_id)
    counting.settle(tx, programme_id, indicator, subject_id)
    return appended


def _is_of(subject: Subject, indicator: Indicator) -> bool:
    """Is it of the kind that the indicator counts? Only a business is of one."""
    return not indicator.kind or subject.kind == indicator.kind


def undo(
    tx: Tx, *, conversion_id: int, at: int, staff_id: int | None, reason: str
) -> bool:
    """Reverse a logged conversion, once. False if it was reversed before, is itself an
    undo, or does not exist.
    """
    found = tx.one(_FIND, id=conversion_id)
    if found is None or found.reverses is not None:
        return False
    counting.lock(tx, found.subject, found.subject_id)
    day = iso_day_at(at)
    why = reason[:REASON_MOST]
    undone = tx.value(
        _REVERSE, id=conversion_id, at=at, day=day, staff_id=staff_id, reason=why
    )
    if undone is None:
        return False
    still_logged = tx.value(
        _STILL_LOGGED, indicator_id=found.indicator_id, subject_id=found.subject_id
    )
    if found.key in SEEN and still_logged is None:
        kind, value = SEEN[found.key]
        tx.run(_UNSEE, person_id=found.subject_id, kind=kind, value=value)
    counting.settle(tx, found.programme_id, found.key, found.subject_id)
    return True


def stands(tx: Tx, form_key: str) -> bool:
    """Was something logged with this form that nobody took back?"""
    return bool(tx.all(_OF_FORM, form_key=form_key))


def undo_form(
    tx: Tx, form_key: str, *, at: int, staff_id: int | None, reason: str
) -> int:
    """Reverse what was logged with this form, and stands: how many rows."""
    rows = tx.all(_OF_FORM, form_key=form_key)
    return _undo_all(tx, rows, at, staff_id, reason)


def ticked_at(tx: Tx, event_id: int) -> list[AtEvent]:
    """All that stands of what was ticked beside the names on its list."""
    return tx.all(_AT_EVENT, event_id=event_id)


def undo_beside(
    tx: Tx, event_id: int, person_id: int, *, at: int, staff_id: int | None, reason: str
) -> list[str]:
    """Reverse what was ticked there beside this name, and stands: its indicators' keys.
    Asked for while the name is still on the list.
    """
    taken_back = []
    for row in ticked_at(tx, event_id):
        if row.person_id != person_id:
            continue
        if undo(tx, conversion_id=row.id, at=at, staff_id=staff_id, reason=reason):
            taken_back.append(row.key)
    return taken_back


def undo_business(
    tx: Tx, business_id: int, *, at: int, staff_id: int | None, reason: str
) -> int:
    """Reverse all that stands of a shop or a school that never was: how many rows."""
    rows = tx.all(_OF_BUSINESS, business_id=business_id)
    return _undo_all(tx, rows, at, staff_id, reason)


def _undo_all(
    tx: Tx, rows: list[Standing], at: int, staff_id: int | None, reason: str
) -> int:
    undone = [
        undo(tx, conversion_id=row.id, at=at, staff_id=staff_id, reason=reason)
        for row in rows
    ]
    return sum(undone)
