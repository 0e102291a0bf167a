"""Whom a session by invitation was told to by text, what each answered, and who came.

An invitation is a broadcast about that one session (db/broadcasts/): whoever its ledger
chose is invited.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models import LAST_WORD
from db.store.engine import Tx
from db.store.statements import Query


class Invited(NamedTuple):
    person_id: int
    name: str
    hamlet: str | None
    answer: str | None  # yes | no, by their last word; none while they said neither
    came: bool  # 0 or 1 on SQLite


class Letter(NamedTuple):
    """A broadcast about the session, whatever became of it."""

    id: int
    name: str
    state: str


class Tally(NamedTuple):
    """Of those invited."""

    invited: int
    said_yes: int
    said_no: int
    came: int


_INVITED = Query(
    text(f"""
    SELECT r.person_id, p.name, h.name AS hamlet,
      ({LAST_WORD}) AS answer,
      CASE WHEN EXISTS (SELECT 1 FROM attendances a WHERE a.event_id = :event_id AND a.person_id = p.id)
        OR EXISTS (
          SELECT 1 FROM slots s JOIN bookings b ON b.slot_id = s.id
          WHERE s.event_id = :event_id AND b.person_id = p.id AND b.status = 'attended')
      THEN 1 ELSE 0 END AS came
    FROM (
      SELECT DISTINCT c.person_id
      FROM firings g
      JOIN broadcasts b ON b.id = g.broadcast_id AND b.repeats <> 'event'
      JOIN recipients c ON c.firing_id = g.id AND c.left_out IS NULL
      WHERE g.event_id = :event_id) r
    JOIN people p ON p.id = r.person_id
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    ORDER BY p.folded, p.id
    """),
    Invited,
)
_LETTERS = Query(
    text("""
    SELECT id, name, state FROM broadcasts
    WHERE event_id = :event_id AND repeats <> 'event'
    ORDER BY id
    """),
    Letter,
)


def invited(tx: Tx, event_id: int) -> list[Invited]:
    """By name."""
    return tx.all(_INVITED, event_id=event_id)


def letters(tx: Tx, event_id: int) -> list[Letter]:
    """In the order in which they were written."""
    return tx.all(_LETTERS, event_id=event_id)


def tally(found: list[Invited]) -> Tally:
    said_yes = [one for one in found if one.answer == "yes"]
    said_no = [one for one in found if one.answer == "no"]
    came = [one for one in found if one.came]
    return Tally(len(found), len(said_yes), len(said_no), len(came))
