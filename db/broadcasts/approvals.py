"""A draft that waits for the second pair of eyes: who wrote it asks for them; an edit
takes the asking back.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import drafts
from db.broadcasts.drafts import Broadcast
from db.store.engine import Tx
from db.store.statements import Query

ASKED = "approval wanted"  # the act in the trail


class Waiting(NamedTuple):
    """A draft whose approval was asked for."""

    id: int
    asked_at: int  # UTC ms


# An edit of its name or its times leaves what is to be approved as it was
# (drafts.digest).
_WAITING = Query(
    text("""
    SELECT b.id, MAX(a.at) AS asked_at
    FROM broadcasts b
    JOIN broadcast_acts a ON a.broadcast_id = b.id
    WHERE b.commune_id = :commune_id AND b.state = 'draft' AND a.act = :asked
      AND NOT EXISTS (
        SELECT 1
        FROM broadcast_acts l
        WHERE l.broadcast_id = b.id AND l.id > a.id
          AND (
            l.act IN ('approved', 'started')
            OR (l.act = 'edited'
              AND (l.detail LIKE '%class%' OR l.detail LIKE '%words%' OR l.detail LIKE '%audience%'))))
    GROUP BY b.id
    ORDER BY asked_at, b.id
    """),
    Waiting,
)


def ask(tx: Tx, broadcast_id: int, *, commune_id: int, staff_id: int, now: int) -> None:
    """Whoever may approve it finds it in their work; asked twice, it is asked once.
    Raises CannotDo.
    """
    row = drafts.get(tx, broadcast_id, commune_id)
    if row.state != "draft":
        raise drafts.why_fixed(tx, broadcast_id, now)
    drafts.check_rule(tx, row)
    if drafts.is_approved(row):
        return
    waiting = asked_at(tx, commune_id)
    if broadcast_id not in waiting:
        drafts.note(tx, broadcast_id, ASKED, staff_id=staff_id, now=now)


def asked_at(tx: Tx, commune_id: int) -> dict[int, int]:
    """Drafts that wait for an approval, longest first: since when, UTC ms by broadcast
    id.
    """
    waiting = tx.all(_WAITING, commune_id=commune_id, asked=ASKED)
    return {row.id: row.asked_at for row in waiting}


def for_eyes_of(tx: Tx, commune_id: int, staff_id: int) -> list[Broadcast]:
    """Those of them that this person did not write, longest waiting first."""
    found = []
    for broadcast_id in asked_at(tx, commune_id):
        row = drafts.get(tx, broadcast_id, commune_id)
        authors = drafts.authors(tx, row)
        if staff_id not in authors:
            found.append(row)
    return found
