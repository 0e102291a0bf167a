"""The plan's own dates, and what was decided on its way: adjustments with their day,
which only this writes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import text

from db.places import communes
from db.places.commune_setup import Refused, a_day
from db.store.engine import Tx
from db.store.statements import Query, Statement

WORDS_MOST = 400
SHOWN = 50
# of a phone or a paper: no resident belongs in here
_A_NUMBER = re.compile(r"(?:\d[ .-]?){9,}")


class Period(NamedTuple):
    """ISO days, both included; None where nobody has entered it."""

    starts: str | None
    ends: str | None


class Note(NamedTuple):
    """An adjustment or a decision; of the plan as a whole where no indicator is named."""

    id: int
    day: str  # ISO
    words: str
    made_at: int  # UTC ms
    by: str
    indicator: str | None  # its key
    name: str | None
    name_en: str | None


_PERIOD = Query(
    text("SELECT starts, ends FROM programmes WHERE id = :programme_id"), Period
)
_SET = Statement(
    text(
        "UPDATE programmes SET starts = :starts, ends = :ends WHERE id = :programme_id"
    )
)
_NOTES = Query(
    text("""
    SELECT n.id, n.day, n.words, n.made_at, COALESCE(NULLIF(s.name, ''), s.username) AS by, i.key AS indicator,
      i.name, i.name_en
    FROM plan_notes n JOIN staff s ON s.id = n.staff_id LEFT JOIN indicators i ON i.id = n.indicator_id
    WHERE n.programme_id = :programme_id
    ORDER BY n.day DESC, n.id DESC LIMIT :most
    """),
    Note,
)
_NOTE = Statement(
    text("""
    INSERT INTO plan_notes (programme_id, indicator_id, day, words, staff_id, made_at, form_key)
    SELECT :programme_id, (SELECT id FROM indicators WHERE programme_id = :programme_id AND key = :indicator),
      :day, :words, :staff_id, :now, :form_key
    ON CONFLICT (form_key) DO NOTHING
    """)
)


def period(tx: Tx, commune_id: int) -> Period:
    """From when to when the plan runs."""
    programme_id = communes.programme(tx, commune_id)
    found = tx.one(_PERIOD, programme_id=programme_id)
    assert found is not None  # the first migration brings it
    return found


def run_from(tx: Tx, commune_id: int, starts: str, ends: str) -> None:
    """The plan runs on these ISO days, both included. Raises Refused."""
    first = a_day(starts)
    last = a_day(ends)
    if first >= last:
        raise Refused("plan_ends_first")
    programme_id = communes.programme(tx, commune_id)
    tx.run(_SET, programme_id=programme_id, starts=first, ends=last)


def notes(tx: Tx, commune_id: int) -> list[Note]:
    """The last fifty, the newest day first."""
    programme_id = communes.programme(tx, commune_id)
    return tx.all(_NOTES, programme_id=programme_id, most=SHOWN)


def note(
    tx: Tx,
    commune_id: int,
    *,
    words: str,
    day: str,
    today: str,
    indicator: str,
    staff_id: int,
    form_key: str,
    now: int,
) -> bool:
    """Keep an adjustment; `indicator` is a key, empty for the plan as a whole. False
    where this very form was kept before. `now` is UTC ms. Raises Refused.
    """
    if not words:
        raise Refused("plan_note_empty")
    if len(words) > WORDS_MOST:
        raise Refused("plan_note_long", most=WORDS_MOST)
    if _A_NUMBER.search(words):
        raise Refused("plan_note_number")
    if a_day(day) > today:
        raise Refused("plan_note_to_come")
    made = tx.run(
        _NOTE,
        programme_id=communes.programme(tx, commune_id),
        indicator=indicator,
        day=day,
        words=words,
        staff_id=staff_id,
        now=now,
        form_key=form_key,
    )
    return made == 1
