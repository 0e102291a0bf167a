"""How it went, 1 to 5: one answer for each visit; a later one replaces it for a week."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar

DAY_MS = 24 * 3_600_000
FIRST_WITHIN_MS = 30 * DAY_MS  # after the visit
AGAIN_WITHIN_MS = 7 * DAY_MS  # after the first answer


class OfHamlet(NamedTuple):
    """How many answered, and the sum of their scores; no hamlet: nobody knows which."""

    hamlet_id: int | None
    answers: int
    total: int


# The visit that was asked about: of a day (UTC+7) the phone's own first. Of those who came together the first stands
# for all.
_VISIT = Scalar(
    text("""
    SELECT COALESCE(
      (SELECT MIN(o.id) FROM bookings o WHERE o.party_id = b.party_id AND o.status = 'attended'), b.id) AS id
    FROM bookings b JOIN people p ON p.id = b.booker_id
    WHERE p.phone = :phone AND b.status = 'attended' AND b.ended_at >= :since
    ORDER BY (b.ended_at + 25200000) / 86400000 DESC,
      CASE WHEN b.person_id = b.booker_id THEN 0 ELSE 1 END, b.ended_at DESC, b.id
    LIMIT 1
    """),
    int,
)
_KEEP = Scalar(
    text("""
    INSERT INTO ratings (booking_id, score, at) VALUES (:booking_id, :score, :now)
    ON CONFLICT (booking_id) DO UPDATE SET score = excluded.score WHERE ratings.at >= :since
    RETURNING booking_id
    """),
    int,
)
_BY_HAMLET = Query(
    text("""
    SELECT p.hamlet_id, COUNT(*) AS answers, SUM(r.score) AS total
    FROM ratings r JOIN bookings b ON b.id = r.booking_id JOIN people p ON p.id = b.person_id
    WHERE b.programme_id = :programme_id
    GROUP BY p.hamlet_id
    """),
    OfHamlet,
)


def keep(tx: Tx, *, phone: str, score: int, now: int) -> bool:
    """For the last visit that this E.164 number booked. False when there was none, or it was rated a week ago."""
    visit = tx.value(_VISIT, phone=phone, since=now - FIRST_WITHIN_MS)
    if visit is None:
        return False
    return tx.value(_KEEP, booking_id=visit, score=score, now=now, since=now - AGAIN_WITHIN_MS) is not None


def by_hamlet(tx: Tx, programme_id: int) -> list[OfHamlet]:
    """How residents rated their visits, hamlet by hamlet."""
    return tx.all(_BY_HAMLET, programme_id=programme_id)
