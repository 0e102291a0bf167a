"""What people answer to a broadcast: tied to the last one at that number, counted, and
a question made a task.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Statement

ASKS = ("broadcast", "invited_moved")
HOUR_MS = 3_600_000
NOTE_MOST = 200  # letters


class Last(NamedTuple):
    """The last text that we started to a number."""

    kind: str
    firing_id: int | None
    person_id: int | None
    sent_at: int | None  # UTC ms
    window_hours: int | None  # of its broadcast: how long an answer belongs to it
    over_at: int | None  # UTC ms; of the session that it is about
    name: str | None  # of its broadcast


class Answered(NamedTuple):
    """The broadcast that a text answers."""

    firing_id: int
    person_id: int | None
    sent_at: int  # UTC ms
    name: str


# The last text that we started; if it is a broadcast, and lately, what this phone says
# now belongs to it. To the new time of a session they were invited to they answer as to
# the invitation.
_LAST = Query(
    text("""
    SELECT m.kind, g.id AS firing_id, m.person_id, m.sent_at, b.window_hours,
      (SELECT MAX(s.ends_at) FROM slots s WHERE s.event_id = b.event_id) AS over_at, b.name
    FROM messages m
    LEFT JOIN firings g ON g.id = COALESCE(m.firing_id, (
      SELECT MAX(f.id)
      FROM firings f
      JOIN broadcasts n ON n.id = f.broadcast_id
      WHERE f.event_id = m.event_id AND n.repeats <> 'event' AND EXISTS (
        SELECT 1 FROM messages i
        WHERE i.firing_id = f.id AND i.person_id = m.person_id AND i.direction = 'out')))
    LEFT JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE m.phone = :phone AND m.direction = 'out' AND m.kind <> 'reply' AND m.status IN ('SENT', 'DELIVERED', 'LOST')
    ORDER BY m.sent_at DESC, m.id DESC LIMIT 1
    """),
    Last,
)
_KEEP = Statement(
    text("UPDATE messages SET firing_id = :firing_id, answer = :answer WHERE id = :id")
)
_ASKS = Statement(
    text("""
    INSERT INTO tasks (commune_id, person_id, hamlet_id, kind, made_at, note)
    SELECT p.commune_id, p.id, p.hamlet_id, 'question', CAST(:now AS BIGINT), :note FROM people p
    WHERE p.id = :person_id AND p.erased_at IS NULL
    """)
)


def tied(tx: Tx, phone: str, now: int) -> Answered | None:
    """The broadcast that a text from this number (E.164) answers, if any: for some hours,
    and where it is about a session, until that is over. `now` is UTC ms.
    """
    last = tx.one(_LAST, phone=phone)
    if last is None or last.kind not in ASKS or last.sent_at is None:
        return None
    # of a broadcast
    assert (
        last.firing_id is not None
        and last.window_hours is not None
        and last.name is not None
    )
    # whoever is invited may answer until it is over
    until = max(last.sent_at + last.window_hours * HOUR_MS, last.over_at or 0)
    if now > until:
        return None
    return Answered(last.firing_id, last.person_id, last.sent_at, last.name)


def keep(tx: Tx, message_id: int, to: Answered, answer: str) -> None:
    """Count a text in as an answer: yes, no, stop, question or other."""
    tx.run(_KEEP, id=message_id, firing_id=to.firing_id, answer=answer)


def ask(tx: Tx, to: Answered, said: str, now: int) -> bool:
    """Somebody has to answer this: a task for the hamlet, with the words as they were
    sent. False where nobody is known any more whom it could be about.
    """
    one_line = " ".join(said.split())
    note = f"{to.name}: {one_line}"
    made = tx.run(_ASKS, person_id=to.person_id, note=note[:NOTE_MOST], now=now)
    return made == 1
