"""A broadcast that goes wrong stops itself: when many texts fail, or when many people
refuse after reading it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import control
from db.store.engine import Tx
from db.store.statements import Query

LAST = 50  # texts looked at
FAILED_MOST = 20  # of these, failed or in doubt
REFUSED_LEAST, REFUSED_SHARE = 10, 0.05  # people, and their share of those texted


class Running(NamedTuple):
    """A firing that is under way."""

    id: int
    broadcast_id: int
    commune_id: int
    changed_at: int  # UTC ms; of its broadcast


class Lately(NamedTuple):
    texts: int
    failed: int


class Refusals(NamedTuple):
    refused: int  # people who want no more texts
    texted: int


_RUNNING = Query(
    text("""
    SELECT g.id, g.broadcast_id, b.commune_id, b.changed_at FROM firings g JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE g.ended_at IS NULL AND g.planned_at IS NOT NULL AND b.state = 'running'
    """),
    Running,
)
_LATELY = Query(
    text("""
    SELECT COUNT(*) AS texts, COALESCE(SUM(CASE WHEN status IN ('FAILED', 'LOST') THEN 1 ELSE 0 END), 0) AS failed
    FROM (
      SELECT status FROM messages
      WHERE firing_id = :id AND direction = 'out' AND firing_id IS NOT NULL AND made_at >= :since
        AND status IN ('SENT', 'DELIVERED', 'FAILED', 'LOST')
      ORDER BY person_id DESC LIMIT :last) AS lately
    """),
    Lately,
)
_REFUSED = Query(
    text("""
    SELECT COUNT(DISTINCT phone) AS refused, (
        SELECT COUNT(*) FROM messages s WHERE s.firing_id = :id AND s.direction = 'out' AND s.firing_id IS NOT NULL
          AND s.status IN ('SENT', 'DELIVERED')) AS texted
    FROM messages
    WHERE firing_id = :id AND direction = 'in' AND firing_id IS NOT NULL AND answer = 'stop' AND made_at >= :since
    """),
    Refusals,
)


def pause_what_fails(tx: Tx, now: int) -> int:
    """Pause every firing above a line, with the reason for staff; how many. What
    happened before staff let it go on again is not counted against it twice.
    """
    paused = 0
    for row in tx.all(_RUNNING):
        why = _trouble(tx, row)
        if why:
            control.pause(
                tx,
                row.broadcast_id,
                commune_id=row.commune_id,
                staff_id=None,
                now=now,
                why=why,
            )
            paused += 1
    return paused


def _trouble(tx: Tx, row: Running) -> str:
    """What stands against going on; empty when nothing does."""
    lately = tx.one(_LATELY, id=row.id, since=row.changed_at, last=LAST)
    if lately is not None and lately.failed >= FAILED_MOST:
        return f"failed: {lately.failed} of the last {lately.texts} texts"
    refused = tx.one(_REFUSED, id=row.id, since=row.changed_at)
    if refused is None:
        return ""
    too_many = max(REFUSED_LEAST, refused.texted * REFUSED_SHARE)
    if refused.refused < too_many:
        return ""
    return f"refused: {refused.refused} people asked for no more texts"
