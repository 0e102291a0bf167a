"""How it went, 1 to 5: one answer for each visit, for a week replaced by a later one.
The only writer of `ratings`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

DAY_MS = 24 * 3_600_000
FIRST_WITHIN_MS = 30 * DAY_MS  # after the visit
AGAIN_WITHIN_MS = 7 * DAY_MS  # after the first answer


class OfHamlet(NamedTuple):
    """How many answered, and the sum of their scores."""

    hamlet_id: int  # 0: nobody knows which
    answers: int
    total: int


# The visit that was asked about: of a day (UTC+7) the phone's own first. Of those who
# came together the first stands for all.
_VISIT = Scalar(
    text("""
    SELECT COALESCE(
      (SELECT MIN(o.id) FROM bookings o WHERE o.party_id = b.party_id AND o.status = 'attended'), b.id) AS id
    FROM bookings b
    JOIN people p ON p.id = b.booker_id
    WHERE p.phone = :phone AND b.status = 'attended' AND b.ended_at >= :since
    ORDER BY (b.ended_at + 25200000) / 86400000 DESC,
      CASE WHEN b.person_id = b.booker_id THEN 0 ELSE 1 END, b.ended_at DESC, b.id
    LIMIT 1
    """),
    int,
)
_FIRST = Statement(
    text("""
    INSERT INTO ratings (booking_id, score, at, hamlet_id)
    SELECT b.id, CAST(:score AS INTEGER), CAST(:now AS BIGINT), COALESCE(p.hamlet_id, 0)
    FROM bookings b
    JOIN people p ON p.id = b.person_id
    WHERE b.id = :booking_id
    ON CONFLICT (booking_id) DO NOTHING
    """)
)
_SCORE = Scalar(text("SELECT score FROM ratings WHERE booking_id = :booking_id"), int)
_AGAIN = Statement(
    text("""
    UPDATE ratings SET score = :score
    WHERE booking_id = :booking_id AND score = :was AND at >= :since
    """)
)
_COUNT = Statement(
    text("""
    INSERT INTO rating_tallies (programme_id, hamlet_id, answers, total)
    SELECT b.programme_id, r.hamlet_id, CAST(:answers AS INTEGER), CAST(:total AS INTEGER)
    FROM ratings r
    JOIN bookings b ON b.id = r.booking_id
    WHERE r.booking_id = :booking_id
    ON CONFLICT (programme_id, hamlet_id)
    DO UPDATE SET answers = rating_tallies.answers + excluded.answers, total = rating_tallies.total + excluded.total
    """)
)
_BY_HAMLET = Query(
    text("""
    SELECT hamlet_id, answers, total
    FROM rating_tallies
    WHERE programme_id = :programme_id
    """),
    OfHamlet,
)


def keep(tx: Tx, *, phone: str, score: int, now: int) -> bool:
    """For the last visit that this E.164 number booked. False when there was none, or
    it was rated a week ago.
    """
    since = now - FIRST_WITHIN_MS
    visit = tx.value(_VISIT, phone=phone, since=since)
    if visit is None:
        return False
    return rate(tx, visit, score=score, now=now)


def rate(tx: Tx, booking_id: int, *, score: int, now: int) -> bool:
    """What somebody says of this visit. False when it was rated a week ago, or the same
    moment. `now` is UTC ms.
    """
    is_first = tx.run(_FIRST, booking_id=booking_id, score=score, now=now)
    if is_first:
        tx.run(_COUNT, booking_id=booking_id, answers=1, total=score)
        return True
    was = tx.value(_SCORE, booking_id=booking_id)
    assert was is not None  # a rating is never taken away
    since = now - AGAIN_WITHIN_MS
    is_replaced = tx.run(
        _AGAIN, booking_id=booking_id, score=score, was=was, since=since
    )
    if not is_replaced:
        return False
    tx.run(_COUNT, booking_id=booking_id, answers=0, total=score - was)
    return True


def by_hamlet(tx: Tx, programme_id: int) -> list[OfHamlet]:
    """How residents rated their visits, hamlet by hamlet: where they lived when they
    answered.
    """
    return tx.all(_BY_HAMLET, programme_id=programme_id)
