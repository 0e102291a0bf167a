"""The day itself: who came, who did not, and the slips at the desk that are put right."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.office import audit
from db.seats.bookings import end, name_who_moves
from db.store.engine import Tx
from db.store.statements import Query, Scalar
from menus.port import AlreadyBooked, NoSuchBooking


class Missed(NamedTuple):
    id: int


_ANOTHER = Scalar(
    text("""
    SELECT o.id
    FROM bookings b
    JOIN bookings o ON o.person_id = b.person_id AND o.programme_id = b.programme_id AND o.status = 'booked'
      AND o.kind = b.kind
    WHERE b.id = :booking_id
    """),
    int,
)
# Where the others of a party went elsewhere meanwhile, they went without.
_BACK = Scalar(
    text("""
    UPDATE bookings
    SET status = 'booked', ended_at = NULL,
      party_id = CASE WHEN EXISTS (SELECT 1 FROM bookings o
        WHERE o.party_id = bookings.party_id AND o.status = 'booked' AND o.slot_id <> bookings.slot_id)
        THEN NULL ELSE party_id END
    WHERE id = :booking_id AND status = 'attended'
    RETURNING slot_id
    """),
    int,
)
_MISSED = Query(
    text("""
    UPDATE bookings SET status = 'missed', ended_at = :now
    WHERE id IN (
      SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
      WHERE b.status = 'booked' AND s.ends_at < :before
      ORDER BY b.id LIMIT 2000)
    RETURNING id
    """),
    Missed,
)


def attend(tx: Tx, *, booking_id: int, now: int, staff_id: int) -> None:
    """Checked in at the hall. Raises NoSuchBooking when it was cancelled meanwhile or
    is checked in already.
    """
    end(tx, booking_id, "booked", "attended", now, staff_id)


def check_in(
    tx: Tx, booking_id: int, status: str, *, person_id: int, now: int, staff_id: int
) -> None:
    """Whoever has this booking, booked or marked as missed, stands at the desk. Raises
    NoSuchBooking.
    """
    if status == "missed":
        came_late(tx, booking_id=booking_id, now=now, staff_id=staff_id)
    else:
        attend(tx, booking_id=booking_id, now=now, staff_id=staff_id)
    audit.note(tx, at=now, staff_id=staff_id, action="check_in", person_id=person_id)


def unattend(tx: Tx, *, booking_id: int) -> None:
    """A slip at the desk: not checked in after all. Raises NoSuchBooking, AlreadyBooked
    (another one was made).
    """
    if tx.value(_ANOTHER, booking_id=booking_id) is not None:
        raise AlreadyBooked
    slot_id = tx.value(_BACK, booking_id=booking_id)
    if slot_id is None:
        raise NoSuchBooking
    name_who_moves(tx, slot_id=slot_id)  # the slot may have been shrunk meanwhile


def came_late(tx: Tx, *, booking_id: int, now: int, staff_id: int) -> None:
    """Marked as missed, and here after all. Raises NoSuchBooking."""
    end(tx, booking_id, "missed", "attended", now, staff_id)


def mark_missed(tx: Tx, *, now: int, ended_before: int) -> list[int]:
    """Bookings of slots that ended before then and nobody checked in: missed. Their
    ids, at most 2,000 at a time.
    """
    return [row.id for row in tx.all(_MISSED, now=now, before=ended_before)]
