"""Whoever was invited to a session by text, and did not say no, is told that it is off
or when it is now.

The invitation is a broadcast about the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import control
from db.calendar.events import Event
from db.changes.telling import Outcome
from db.models import LAST_WORD
from db.store.engine import Tx
from db.store.statements import Query, Scalar
from db.texts import outbox
from menus.notices import Kind


class Guest(NamedTuple):
    """Somebody whom an invitation reached, or may have reached."""

    id: int
    phone: str  # E.164


class Letter(NamedTuple):
    """An invitation that is not over."""

    id: int
    state: str  # running | paused


_LETTERS = Query(
    text("""
    SELECT id, state
    FROM broadcasts
    WHERE event_id = :event_id AND repeats <> 'event' AND state IN ('running', 'paused')
    ORDER BY id
    """),
    Letter,
)
_GUESTS = Query(
    text(f"""
    SELECT p.id, p.phone
    FROM people p
    WHERE p.phone IS NOT NULL
      AND p.id IN (
        SELECT m.person_id
        FROM firings g
        JOIN broadcasts b ON b.id = g.broadcast_id AND b.repeats <> 'event'
        JOIN messages m ON m.firing_id = g.id AND m.direction = 'out' AND m.kind = 'broadcast'
        WHERE g.event_id = :event_id AND m.status IN ('SENDING', 'SENT', 'DELIVERED', 'LOST'))
      AND COALESCE(({LAST_WORD}), '') <> 'no'
    ORDER BY p.folded, p.id
    """),
    Guest,
)
_ENDS = Scalar(
    text("SELECT MAX(ends_at) FROM slots WHERE event_id = :event_id"),
    int,
)


def told_of_move(
    tx: Tx, event: Event, *, began_at: int, but: Sequence[Outcome], now: int
) -> list[Outcome]:
    """By name; `but` are told already, of a seat of their own. An invitation that is
    still going out says the old time: it pauses. `began_at` and `now` are UTC ms.
    """
    for letter in tx.all(_LETTERS, event_id=event.id):
        if letter.state == "running":
            control.pause(
                tx, letter.id, commune_id=event.commune_id, staff_id=None, now=now
            )
    return _told(tx, event, "invited_moved", began_at, but, now)


def told_off(
    tx: Tx, event: Event, *, began_at: int, but: Sequence[Outcome], now: int
) -> list[Outcome]:
    """The same of a session that is off: whom no invitation has reached gets none."""
    for letter in tx.all(_LETTERS, event_id=event.id):
        control.stop(tx, letter.id, commune_id=event.commune_id, staff_id=None, now=now)
    return _told(tx, event, "invited_cancelled", began_at, but, now)


def _told(
    tx: Tx,
    event: Event,
    kind: Kind,
    began_at: int,
    but: Sequence[Outcome],
    now: int,
) -> list[Outcome]:
    """What an earlier change still had to say is not said any more."""
    outbox.drop_event(tx, event.id, reason="moved", now=now)
    told = {person_id for outcome in but for person_id in outcome.people}
    not_after = tx.value(_ENDS, event_id=event.id)
    outcomes = []
    for guest in tx.all(_GUESTS, event_id=event.id):
        if guest.id in told:
            continue
        posted = outbox.post(
            tx,
            kind=kind,
            commune_id=event.commune_id,
            phone=guest.phone,
            now=now,
            event_id=event.id,
            person_id=guest.id,
            once=f"{kind}:e{event.id}:{now}:p{guest.id}",
            not_after=not_after,
        )
        outcome = Outcome("invited", None, (guest.id,), began_at, posted)
        outcomes.append(outcome)
    return outcomes
