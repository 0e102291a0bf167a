"""A round of visits: its homes, who went to which on it, and how many are left."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.reports.homes import Home
from db.store.engine import Tx
from db.store.statements import Query

# The newest visit of this round to a home that was not taken back.
_VISIT = """
    (SELECT MAX(w.id) FROM visits w
      WHERE w.event_id = r.event_id AND w.reverses IS NULL
        AND (w.household_id = r.household_id OR w.person_id = r.person_id)
        AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = w.id))
"""
_HEAD = """
    COALESCE((SELECT h.name FROM people h WHERE h.household_id = o.id AND h.erased_at IS NULL
      ORDER BY h.id LIMIT 1), '')
"""
_HOMES = Query(
    text(f"""
    SELECT COALESCE(r.household_id, 0) AS home, COALESCE(r.person_id, 0) AS person, COALESCE(o.code, '') AS code,
      CASE WHEN r.household_id IS NULL THEN p.name ELSE {_HEAD} END AS head, COALESCE(o.code, p.folded) AS sorted_by,
      COALESCE(o.poor, 'no') AS poor, v.id AS visit_id, v.day AS visited_on, v.result, v.staff_id AS visited_by,
      n.name AS hamlet
    FROM round_homes r
    LEFT JOIN households o ON o.id = r.household_id
    LEFT JOIN people p ON p.id = r.person_id
    LEFT JOIN hamlets n ON n.id = COALESCE(o.hamlet_id, p.hamlet_id)
    LEFT JOIN visits v ON v.id = {_VISIT}
    WHERE r.event_id = :event_id AND (r.person_id IS NULL OR p.erased_at IS NULL)
    ORDER BY r.household_id IS NULL, sorted_by, r.id
    """),
    Home,
)


class Tally(NamedTuple):
    """How many homes it goes to, and to how many somebody went."""

    homes: int
    visited: int


_TALLY = Query(
    text(f"""
    SELECT COUNT(*) AS homes, COUNT({_VISIT}) AS visited
    FROM round_homes r
    LEFT JOIN people p ON p.id = r.person_id
    WHERE r.event_id = :event_id AND (r.person_id IS NULL OR p.erased_at IS NULL)
    """),
    Tally,
)


def homes(tx: Tx, event_id: int) -> list[Home]:
    """Households by their code, then people who belong to none; each with what came of
    the visit on this round.
    """
    return tx.all(_HOMES, event_id=event_id)


def tally(tx: Tx, event_id: int) -> Tally:
    """None of either where the event is no round of a list."""
    found = tx.one(_TALLY, event_id=event_id)
    return found or Tally(0, 0)
