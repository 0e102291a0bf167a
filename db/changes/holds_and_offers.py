"""Seats that are only promised, holds and offers, when their slot changes under them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.changes.telling import together
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement


class Promised(NamedTuple):
    """A live hold or offer."""

    id: int
    status: str
    slot_id: int
    party_id: int | None
    places: int


# Those named to be moved are no longer counted against the slot; what then is left can
# stay promised.
_ROOM = Scalar(
    text("""
    SELECT s.capacity - COALESCE((SELECT SUM(b.places) FROM bookings b
      WHERE b.slot_id = s.id AND b.status IN ('booked', 'attended', 'missed') AND NOT b.to_move), 0)
    FROM slots s
    WHERE s.id = :slot_id
    """),
    int,
)
# An offer was told to somebody, a hold is of one who is still typing: offers stay
# first, the earlier before the later.
_PROMISED = Query(
    text("""
    SELECT id, status, slot_id, party_id, places
    FROM bookings
    WHERE slot_id = :slot_id AND status IN ('held', 'offered') AND until > :now
    ORDER BY CASE status WHEN 'offered' THEN 0 ELSE 1 END, made_at, id
    """),
    Promised,
)
_END_HOLD = Statement(
    text("""
    UPDATE bookings SET until = :now
    WHERE id = :booking_id AND status = 'held'
    """)
)
# First in line from now on: they had been told of a seat.
_WAIT_AGAIN = Statement(
    text("""
    UPDATE bookings SET status = 'waiting', until = NULL, priority = 0, revision = revision + 1
    WHERE id = :booking_id AND status = 'offered'
    """)
)


def keep_what_fits(tx: Tx, slot_id: int, now: int) -> set[int]:
    """The slot has fewer seats (those who move are named): holds end, offers wait
    again, where there is no room.

    The ids of those offers: they had been told of a seat.
    """
    room = tx.value(_ROOM, slot_id=slot_id) or 0
    promised = tx.all(_PROMISED, slot_id=slot_id, now=now)
    wait_again = set[int]()
    for party in together(promised):
        places = sum(row.places for row in party)
        if places <= room:
            room -= places
            continue
        for row in party:
            _take_back(tx, row, now)
            if row.status == "offered":
                wait_again.add(row.id)
    return wait_again


def _take_back(tx: Tx, row: Promised, now: int) -> None:
    if row.status == "held":
        tx.run(_END_HOLD, booking_id=row.id, now=now)
    else:
        tx.run(_WAIT_AGAIN, booking_id=row.id)


def withdraw(tx: Tx, slot_id: int, now: int) -> None:
    """The slot is at another time or place: holds end, and offers wait to be made anew,
    with the new time.
    """
    for row in tx.all(_PROMISED, slot_id=slot_id, now=now):
        _take_back(tx, row, now)
