"""Whose face the operator has yet to verify, lest a number on its new handset be cut
off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers moved to another handset from `since` on: `cut_off_days` after the swap
    both ways are blocked.
    """

    since: date
    cut_off_days: int


# Dated data, the newest last: a new rule is a new line, and swaps before it keep the
# old one.
RULES = (Rule(date(2026, 6, 15), 30),)

# logged by staff: the number stands on another SIM or handset
SWAPPED = (
    "sim_4g",
    "handset_volte",
)


class Verification(NamedTuple):
    """When somebody's swap was, and when their face was verified."""

    since: str  # ISO day
    done_at: int | None  # UTC ms


class OfDay(NamedTuple):
    """Of somebody on the list of a day, one verification; the newest comes last."""

    person_id: int
    done_at: int | None  # UTC ms
    id: int


class Waiting(NamedTuple):
    """Whose face is still to be verified."""

    person_id: int
    since: str  # ISO day of the swap
    name: str
    phone: str | None  # E.164
    hamlet_id: int | None
    hamlet: str | None


_WAIT = Statement(
    text(f"""
    INSERT INTO verifications (person_id, since, made_at, staff_id)
    SELECT CAST(:person_id AS BIGINT),
      COALESCE((SELECT MAX(c.day) FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE c.subject_id = :person_id AND i.subject = 'person' AND i.key IN {SWAPPED!r}), CAST(:today AS VARCHAR)),
      CAST(:now AS BIGINT), CAST(:staff_id AS BIGINT)
    WHERE NOT EXISTS (SELECT 1 FROM verifications WHERE person_id = :person_id AND done_at IS NULL)
    ON CONFLICT DO NOTHING
    """)
)
_DONE = Statement(
    text("""
    UPDATE verifications SET done_at = :now
    WHERE person_id = :person_id AND done_at IS NULL
    """)
)
_LAST = Query(
    text("""
    SELECT since, done_at
    FROM verifications
    WHERE person_id = :person_id
    ORDER BY id DESC
    LIMIT 1
    """),
    Verification,
)
_OF_DAY = Query(
    text("""
    SELECT DISTINCT v.person_id, v.done_at, v.id
    FROM events e
    JOIN slots s ON s.event_id = e.id
      JOIN bookings b ON b.slot_id = s.id JOIN verifications v ON v.person_id = b.person_id
    WHERE e.commune_id = :commune_id AND e.day = :day
    ORDER BY v.id
    """),
    OfDay,
)
_OPEN = """
    SELECT v.person_id, v.since, p.name, p.phone, p.hamlet_id, h.name AS hamlet
    FROM verifications v JOIN people p ON p.id = v.person_id LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE v.done_at IS NULL AND p.erased_at IS NULL AND p.commune_id = :commune_id{bound}
    ORDER BY CASE WHEN h.id IS NULL THEN 1 ELSE 0 END, h.position, h.id, v.since, v.id
"""
_OPEN_ALL = Query(text(_OPEN.format(bound="")), Waiting)
_OPEN_IN = Query(text(_OPEN.format(bound=" AND p.hamlet_id = :hamlet_id")), Waiting)
_OPEN_BY_PHONE = Scalar(
    text("""
    SELECT v.since
    FROM verifications v
    JOIN people p ON p.id = v.person_id
    WHERE p.phone = :phone AND v.done_at IS NULL
    """),
    str,
)


def rule_on(day: date) -> Rule | None:
    """The rule for a swap of that day; none before there was one."""
    for rule in reversed(RULES):
        if rule.since <= day:
            return rule
    return None


def cut_off(since: str) -> date | None:
    """The day on which a number swapped on `since` (ISO) is blocked both ways."""
    swapped = date.fromisoformat(since)
    rule = rule_on(swapped)
    if rule is None:
        return None
    return swapped + timedelta(days=rule.cut_off_days)


def wait_for(tx: Tx, person_id: int, *, today: str, now: int, staff_id: int) -> bool:
    """The face is still to be verified, since the day of the swap that was logged.
    False when it was noted before.
    """
    return (
        tx.run(_WAIT, person_id=person_id, today=today, now=now, staff_id=staff_id) == 1
    )


def done(tx: Tx, person_id: int, *, now: int) -> bool:
    """Verified. False when nothing was waiting."""
    return tx.run(_DONE, person_id=person_id, now=now) == 1


def last_of(tx: Tx, person_id: int) -> Verification | None:
    """The latest of one person."""
    return tx.one(_LAST, person_id=person_id)


def of_day(tx: Tx, *, commune_id: int, day: str) -> dict[int, bool]:
    """For each person on the list of that day of whom anything was noted: verified or
    not.
    """
    verified = {}
    for row in tx.all(_OF_DAY, commune_id=commune_id, day=day):
        verified[row.person_id] = row.done_at is not None
    return verified


def waiting(tx: Tx, *, commune_id: int, hamlet_id: int | None) -> list[Waiting]:
    """Who still waits, by hamlet in its order, the oldest first."""
    if hamlet_id is None:
        return tx.all(_OPEN_ALL, commune_id=commune_id)
    return tx.all(_OPEN_IN, commune_id=commune_id, hamlet_id=hamlet_id)


def waiting_since(tx: Tx, phone: str) -> str | None:
    """The ISO day since when the holder of this E.164 number waits; none once verified."""
    return tx.value(_OPEN_BY_PHONE, phone=phone)
