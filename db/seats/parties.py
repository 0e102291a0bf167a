"""Those who come together: a row in `bookings` for each person, one phone that booked,
one time, all or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.seats import bookings
from db.seats.bookings import Revised, Taken
from db.store.engine import Tx
from db.store.statements import Query, Statement
from menus.port import NoSuchBooking


class GivenUp(NamedTuple):
    """A seat that its phone gave back."""

    slot_id: int
    person_id: int
    booker_id: int
    code: str
    ended_with: int | None  # the first of those given back in one act


_TOGETHER = Statement(
    text("UPDATE bookings SET party_id = :party_id WHERE id = :booking_id")
)
_STANDING = Query(
    text("""
    SELECT id, revision
    FROM bookings
    WHERE status = 'booked'
      AND (id = :booking_id OR party_id = (SELECT party_id FROM bookings WHERE id = :booking_id))
    ORDER BY id
    """),
    Revised,
)
_ME = "(SELECT id FROM people WHERE phone = :phone)"
_GIVEN_UP = Query(
    text(f"""
    SELECT slot_id, person_id, booker_id, code, ended_with
    FROM bookings
    WHERE (booker_id = {_ME} OR person_id = {_ME}) AND status = 'cancelled' AND reason = '' AND ended_at >= :since
    ORDER BY ended_at DESC, id
    """),
    GivenUp,
)


def book(
    tx: Tx,
    *,
    slot_id: int,
    people: Sequence[int],
    booker_id: int,
    now: int,
    origin: str,
    staff_id: int | None = None,
    kept: str = "",
    codes: Sequence[str] = (),
    past_goes: bool = False,
) -> Taken:
    """A seat for each of them at the same time, all or none: the first one's. One alone
    makes no party.

    `codes` are those that they bore before, as many as they are.

    Run it inside a savepoint: whoever was seated before another was refused is let go
    with it. Raises SlotTaken, AlreadyBooked.
    """
    if len(people) > 1 and not kept:
        bookings.lock_open(tx, slot_id, now)
        kept = bookings.use_hold(tx, booker_id, slot_id, len(people), now)
    if not codes:
        codes = [""] * len(people)
    seats = []
    for person_id, code in zip(people, codes, strict=True):
        seat = bookings.book(
            tx,
            slot_id=slot_id,
            person_id=person_id,
            booker_id=booker_id,
            now=now,
            origin=origin,
            staff_id=staff_id,
            kept=kept,
            code=code,
            past_goes=past_goes,
        )
        seats.append(seat)
    first = seats[0]
    if len(seats) > 1:
        together = [{"booking_id": seat.id, "party_id": first.id} for seat in seats]
        tx.many(_TOGETHER, together)
    return first


def standing(tx: Tx, booking_id: int) -> list[Revised]:
    """The standing bookings that go together with this one, itself among them, the
    first made first.
    """
    return tx.all(_STANDING, booking_id=booking_id)


def move(
    tx: Tx,
    *,
    booking_id: int,
    slot_id: int,
    now: int,
    staff_id: int | None = None,
    kept: str = "",
) -> Taken:
    """All who come together, or none: the first one's seat. In a savepoint. Raises
    SlotTaken, NoSuchBooking.
    """
    own = tx.one(bookings.OWN, booking_id=booking_id)
    together = standing(tx, booking_id)
    if own is None:
        raise NoSuchBooking
    bookings.lock(tx, (own.slot_id, slot_id), into=slot_id, now=now)
    if not kept:
        kept = bookings.use_hold(tx, own.booker_id, slot_id, len(together), now)
    moved = []
    for row in together:
        seat = bookings.move(
            tx,
            booking_id=row.id,
            slot_id=slot_id,
            now=now,
            staff_id=staff_id,
            kept=kept,
        )
        moved.append(seat)
    return moved[0]


def take_back(tx: Tx, *, phone: str, since: int, now: int, origin: str) -> Taken:
    """The seats booked from this phone, or for its holder, that were given up last, if
    that was after `since` (UTC ms): the first of them, taken anew. The codes are those
    that were told before, unless somebody bears one of them by now.

    Raises NoSuchBooking, SlotTaken, AlreadyBooked.
    """
    given_up = tx.all(_GIVEN_UP, phone=phone, since=since)
    if not given_up:
        raise NoSuchBooking
    last = given_up[0]
    people = []
    codes = []
    for row in given_up:
        if row.ended_with == last.ended_with:
            people.append(row.person_id)
            codes.append(row.code)
    return book(
        tx,
        slot_id=last.slot_id,
        people=people,
        booker_id=last.booker_id,
        now=now,
        origin=origin,
        codes=codes,
    )
