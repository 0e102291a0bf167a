"""The log of what was achieved: appended, never edited; an undo is a row that reverses another, once."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.progress import counting
from db.progress.recount import recount
from db.register import facts
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar, Statement
from menus import days

__all__ = ["NotLogged", "log", "recount", "undo"]

# What staff see when they log these: kind of fact, value.
SEEN = {"sim_4g": ("sim", "4g"), "handset_volte": ("handset", "4g_volte")}


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
    INSERT INTO conversions (indicator_id, subject_id, hamlet_id, day, at, staff_id, booking_id, form_key)
    VALUES (:indicator_id, :subject_id, :hamlet_id, :day, :at, :staff_id, :booking_id, :form_key)
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
_UNSEE = Statement(
    text(
        "DELETE FROM facts WHERE person_id = :person_id AND kind = :kind AND source = 'seen' AND value = :value"
    )
)


class NotLogged(ValueError):
    """This cannot be logged: no such indicator or subject, or the indicator is counted from others."""


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
) -> int | None:
    """Append one conversion (`at` in UTC ms) and count it. None when this form was logged before. Raises NotLogged."""
    found = tx.one(_INDICATOR, programme_id=programme_id, key=indicator)
    if found is None or found.derived:
        raise NotLogged(f"'{indicator}' is not an indicator that staff log.")
    counting.lock(tx, found.subject, subject_id)
    subject = tx.one(_HAMLET[found.subject], id=subject_id)
    if subject is None or (found.kind and subject.kind != found.kind):
        raise NotLogged(
            f"'{indicator}' is not logged for {found.kind or found.subject} {subject_id}: there is none."
        )
    appended = tx.value(
        _APPEND, indicator_id=found.id, subject_id=subject_id, hamlet_id=subject.hamlet_id, day=_day(at), at=at,
        staff_id=staff_id, booking_id=booking_id, form_key=form_key,
    )  # fmt: skip
    if appended is not None:
        if indicator in SEEN:
            kind, value = SEEN[indicator]
            facts.note(tx, subject_id, kind, "seen", value, at, staff_id)
        counting.settle(tx, programme_id, indicator, subject_id)
    return appended


def undo(
    tx: Tx, *, conversion_id: int, at: int, staff_id: int | None, reason: str
) -> bool:
    """Reverse a logged conversion, once. False if it was reversed before, is itself an undo, or does not exist."""
    found = tx.one(_FIND, id=conversion_id)
    if found is None or found.reverses is not None:
        return False
    counting.lock(tx, found.subject, found.subject_id)
    values = {"at": at, "day": _day(at), "staff_id": staff_id, "reason": reason[:200]}
    if tx.value(_REVERSE, id=conversion_id, **values) is None:
        return False
    logged = tx.value(
        _STILL_LOGGED, indicator_id=found.indicator_id, subject_id=found.subject_id
    )
    if found.key in SEEN and not logged:
        kind, value = SEEN[found.key]
        tx.run(_UNSEE, person_id=found.subject_id, kind=kind, value=value)
    counting.settle(tx, found.programme_id, found.key, found.subject_id)
    return True


def _day(at: int) -> str:
    return days.today(from_ms(at)).isoformat()
