"""Posting reminders: one row for each booking that is due one and has none; which hours
are due, the clock says.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Statement
from db.texts import outbox


class Slot(NamedTuple):
    id: int
    capacity: int


_SLOTS = Query(
    text("""
    SELECT id, capacity
    FROM slots
    WHERE starts_at >= :from_ms AND starts_at < :to_ms
    ORDER BY id
    """),
    Slot,
)
# `once` names booking and revision: a moved booking gets a new reminder, and two sweeps
# cannot post the same one. Nothing else keeps a later sweep from posting again: to look
# first would make the first one a quarter dearer.
_SOURCE = """
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    JOIN events e ON e.id = s.event_id
    JOIN people p ON p.id = b.{phone_of}
    WHERE s.id BETWEEN :first AND :last AND s.starts_at >= :from_ms AND s.starts_at < :to_ms
      AND b.status = 'booked' AND p.phone IS NOT NULL AND b.changed_at <= {due} AND {due} <= :now AND {whom}
"""


def _key(name: str, whose: str = "") -> str:
    return f"'reminder:{name}:' || b.id || '\\:r' || b.revision || '{whose}'"


# A party is one phone's: it is reminded once, by the first of those who still come.
_FIRST = """
      (b.party_id IS NULL OR NOT EXISTS (
        SELECT 1
        FROM bookings f
        WHERE f.party_id = b.party_id AND f.status = 'booked' AND f.id < b.id))
"""
# Somebody who was booked by another, and has agreed from a phone of their own, is
# reminded there too.
_GUEST = """
      b.person_id <> b.booker_id AND EXISTS (
        SELECT 1
        FROM consents c
        WHERE c.person_id = b.person_id AND c.purpose <> 'advert' AND c.withdrawn_at IS NULL)
"""
_TOLD = (("booker_id", _FIRST, ""), ("person_id", _GUEST, "\\:g"))
_BEFORE_START = "s.starts_at - CAST(:before AS BIGINT)"
_NOT_BEFORE_DUE = (
    f"(CASE WHEN {_BEFORE_START} > :due THEN {_BEFORE_START} ELSE :due END)"
)


def _at_one_hour(phone_of: str, whom: str, mark: str) -> Statement:
    source = _SOURCE.format(phone_of=phone_of, due=":due", whom=whom)
    once = _key("1d", mark)
    sql = outbox.for_each(source, once=once, not_after="CAST(:until AS BIGINT)")
    return Statement(text(sql))


def _before_each(phone_of: str, whom: str, mark: str) -> Statement:
    """Whoever said that they come has been heard."""
    not_heard = f"b.coming_at IS NULL AND {whom}"
    source = _SOURCE.format(phone_of=phone_of, due=_NOT_BEFORE_DUE, whom=not_heard)
    once = _key("0d", mark)
    not_after = "s.starts_at - CAST(:least_left AS BIGINT)"
    sql = outbox.for_each(source, once=once, not_after=not_after)
    return Statement(text(sql))


_AT_ONE_HOUR = [_at_one_hour(*told) for told in _TOLD]
_BEFORE_EACH = [_before_each(*told) for told in _TOLD]


def slots_between(tx: Tx, from_ms: int, to_ms: int) -> list[Slot]:
    """The slots that start from `from_ms` and before `to_ms` (UTC ms), in order of id."""
    return tx.all(_SLOTS, from_ms=from_ms, to_ms=to_ms)


def post_at_one_hour(tx: Tx, *, due: int, until: int, **window: int) -> int:
    """`reminder_1d` for the bookings of a window, all due at the same moment and good
    until another. How many.
    """
    said = outbox.of_kind("reminder_1d")
    posted = 0
    for statement in _AT_ONE_HOUR:
        posted += tx.run(statement, due=due, until=until, **said, **window)
    return posted


def post_before_each(
    tx: Tx, *, before: int, due: int, least_left: int, **window: int
) -> int:
    """`reminder_0d` for the bookings of a window: `before` ms ahead of each start,
    never before `due`, good while `least_left` ms are left. How many.

    A window is `first` to `last` slot id, starts `from_ms` to `to_ms` (excluded), and
    `now`; all UTC ms.
    """
    said = outbox.of_kind("reminder_0d")
    posted = 0
    for statement in _BEFORE_EACH:
        posted += tx.run(
            statement, before=before, due=due, least_left=least_left, **said, **window
        )
    return posted
