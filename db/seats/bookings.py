"""Seats: taken, moved, given back. A seat is a row; what is live now is counted anew
each time it is asked.

With attendance.py, holds.py, waiting.py and parties.py the only writers of seats. Every
act first touches the slot's row: that is the lock on both engines (several slots in
order of id).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from db.models import LIVE, OFFERS_STOP_MS, SEATED
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.port import AlreadyBooked, NoSuchBooking, SlotTaken

# a code may be in use at this slot or on this phone: then another is drawn
CODE_TRIES = 8


class Taken(NamedTuple):
    """A seat that was just taken."""

    id: int
    code: str
    revision: int


class Seat(NamedTuple):
    """A booking that stands."""

    id: int
    slot_id: int
    person_id: int
    booker_id: int
    code: str
    places: int


class Revised(NamedTuple):
    """A booking as it stands now: texts name its revision."""

    id: int
    revision: int


class Kept(NamedTuple):
    """A hold that was used up."""

    slot_id: int
    places: int
    code: str


_TOUCH = Scalar(
    text("""
    UPDATE slots SET touched = touched + 1
    WHERE id = :slot_id AND starts_at > :now
      AND EXISTS (SELECT 1 FROM events e WHERE e.id = slots.event_id AND e.state = 'open' AND e.bookable)
    RETURNING id
    """),
    int,
)
LIVE_NOW = LIVE.format(now=":now")
TAKEN = f"COALESCE((SELECT SUM(places) FROM bookings WHERE slot_id = s.id AND {LIVE_NOW}), 0)"
# While anyone waits for a slot, what is freed goes to offers alone.
WAITED_FOR = f"""
    (s.starts_at > :now + {OFFERS_STOP_MS}
      AND EXISTS (SELECT 1 FROM bookings w WHERE w.slot_id = s.id AND w.status = 'waiting'))
"""
# Seats of slot `s` that anybody may take now; below zero where a slot was shrunk.
FREE = f"(CASE WHEN {WAITED_FOR} THEN 0 ELSE s.capacity - {TAKEN} END)"
# A seat that `:person_id` has, and that makes one at `e` needless: of the same kind, or
# where one can get what `e` is for (menus.port.IS_FOR) and all else that one can get there.
_SERVED = """
    SELECT o.id
    FROM bookings o
    JOIN slots os ON os.id = o.slot_id
    WHERE o.person_id = :person_id AND o.programme_id = e.programme_id AND o.status = 'booked'
      AND (o.kind = e.kind OR (
        EXISTS (
          SELECT 1 FROM event_services w WHERE w.event_id = os.event_id
            AND w.service = CASE e.kind WHEN 'school' THEN 'tuition' ELSE e.kind END)
        AND NOT EXISTS (
          SELECT 1 FROM event_services v WHERE v.event_id = e.id AND NOT EXISTS (
            SELECT 1 FROM event_services w WHERE w.event_id = os.event_id AND w.service = v.service))))
"""
# `reserved` is 1 for whoever gave up a hold or an offer on this very slot: the seat was
# theirs a statement ago.
_LEFT_FOR = f"""
    (SELECT CASE WHEN :reserved = 1 THEN s.capacity - {TAKEN} ELSE {FREE} END
    FROM slots s
    WHERE s.id = :slot_id)
"""
_TAKE = Query(
    text(f"""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, party_id, code, status, places, origin,
      staff_id, made_at, changed_at, kind)
    SELECT e.programme_id, s.id, :person_id, :booker_id, CAST(:party_id AS BIGINT), :code, 'booked',
      CAST(:places AS INTEGER), :origin, CAST(:staff_id AS BIGINT), :now, :now, e.kind
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE s.id = :slot_id AND {_LEFT_FOR} >= :places AND NOT EXISTS ({_SERVED})
    ON CONFLICT DO NOTHING
    RETURNING id, code, revision
    """),
    Taken,
)
_GIVE_UP = Query(
    text(f"""
    UPDATE bookings SET status = 'taken', ended_at = :now
    WHERE booker_id = :booker_id AND status = 'held' AND {LIVE_NOW}
    RETURNING slot_id, places, code
    """),
    Kept,
)
_SERVED_ALREADY = Scalar(
    text(f"""
    SELECT 1
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE s.id = :slot_id AND EXISTS ({_SERVED})
    """),
    int,
)
_PAST = Statement(
    text("""
    UPDATE bookings SET status = 'missed', ended_at = :now
    WHERE person_id = :person_id AND status = 'booked' AND slot_id IN (SELECT id FROM slots WHERE ends_at <= :now)
    """)
)
_LEFT = Scalar(text(f"SELECT {_LEFT_FOR}"), int)
OWN = Query(
    text("""
    SELECT id, slot_id, person_id, booker_id, code, places
    FROM bookings
    WHERE id = :booking_id AND status = 'booked'
    """),
    Seat,
)
_COMING = Statement(
    text("""
    UPDATE bookings SET coming_at = :now
    WHERE id = :booking_id AND status = 'booked'
    """)
)
_MAY_MOVE = Statement(
    text("""
    UPDATE bookings SET may_move = :agreed
    WHERE id = :booking_id AND status = 'booked'
    """)
)
_TOUCH_ANY = Statement(
    text("UPDATE slots SET touched = touched + 1 WHERE id = :slot_id")
)
# Another seat of theirs, of the kind to which this one is to be moved.
_OTHER_OF_KIND = """
    SELECT 1
    FROM bookings k
    JOIN slots ks ON ks.id = :slot_id
    JOIN events ke ON ke.id = ks.event_id
    WHERE k.person_id = bookings.person_id AND k.programme_id = bookings.programme_id
      AND k.status = 'booked' AND k.kind = ke.kind AND k.id <> bookings.id
"""
_IS_IN_THE_WAY = Scalar(
    text(
        f"SELECT 1 FROM bookings WHERE id = :booking_id AND EXISTS ({_OTHER_OF_KIND})"
    ),
    int,
)
_MOVE = Query(
    text(f"""
    UPDATE bookings
    SET slot_id = :slot_id, code = :code, to_move = false, revision = revision + 1, changed_at = :now,
      coming_at = NULL, staff_id = COALESCE(:staff_id, staff_id),
      kind = (SELECT e.kind FROM slots t JOIN events e ON e.id = t.event_id WHERE t.id = :slot_id),
      party_id = CASE WHEN :alone = 1 THEN NULL ELSE party_id END
    WHERE id = :booking_id AND status = 'booked' AND {_LEFT_FOR} >= places
      AND NOT EXISTS ({_OTHER_OF_KIND})
      AND NOT EXISTS (SELECT 1 FROM bookings o WHERE o.code = :code AND o.id <> :booking_id
        AND ((o.slot_id = :slot_id AND o.{SEATED}) OR (o.booker_id = bookings.booker_id AND o.status = 'booked')))
    RETURNING id, code, revision
    """),
    Taken,
)
_END = Scalar(
    text("""
    UPDATE bookings
    SET status = :to, ended_at = :now, staff_id = COALESCE(:staff_id, staff_id),
      ended_with = CAST(:ended_with AS BIGINT)
    WHERE id = :booking_id AND status = :from
    RETURNING id
    """),
    int,
)
_WOULD_HAVE_TWO = Scalar(
    text("""
    SELECT 1
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN bookings o ON o.person_id = b.person_id AND o.programme_id = b.programme_id
    WHERE s.event_id = :event_id AND b.status = 'booked' AND o.status = 'booked' AND o.id <> b.id
      AND o.kind = :kind
    LIMIT 1
    """),
    int,
)
_KIND_IS = Statement(
    text("""
    UPDATE bookings SET kind = :kind
    WHERE slot_id IN (SELECT id FROM slots WHERE event_id = :event_id) AND kind <> :kind
    """)
)
_MOVED_WITH_EVENT = Query(
    text("""
    UPDATE bookings SET revision = revision + 1, changed_at = :now
    WHERE status IN ('booked', 'waiting') AND slot_id IN (SELECT id FROM slots WHERE event_id = :event_id)
    RETURNING id, revision
    """),
    Revised,
)

# Who booked last is named first, and who came already never is. On both engines the
# comparison yields the column's own kind of boolean.
_NAME_WHO_MOVES = Statement(
    text("""
    UPDATE bookings SET to_move = (id IN (
      SELECT id FROM (
        SELECT id,
          SUM(places) OVER (ORDER BY CASE status WHEN 'booked' THEN 1 ELSE 0 END, made_at, id) AS upto
        FROM bookings
        WHERE slot_id = :slot_id AND status IN ('booked', 'attended', 'missed')) AS by_time
      WHERE upto > (SELECT capacity FROM slots WHERE id = :slot_id)))
    WHERE slot_id = :slot_id AND status = 'booked'
    """)
)


def draw_code() -> str:
    """Five digits, none of them leading zero: read aloud over a bad line, typed on a
    keypad.
    """
    return str(10_000 + secrets.randbelow(90_000))


def book(
    tx: Tx,
    *,
    slot_id: int,
    person_id: int,
    booker_id: int,
    now: int,
    origin: str,
    staff_id: int | None = None,
    places: int = 1,
    party_id: int | None = None,
    kept: str = "",
    code: str = "",
    past_goes: bool = False,
) -> Taken:
    """Take a seat. `now` is UTC ms. The booker's own hold is used up by it.

    `kept` is the code of a hold or an offer of this slot that was used up for it in
    this transaction: the booking bears it on; else `code`, if it is still free. With
    `past_goes` an unmarked day that has passed is missed. Raises SlotTaken,
    AlreadyBooked.
    """
    lock_open(tx, slot_id, now)
    if not kept:
        kept = use_hold(tx, booker_id, slot_id, places, now)
    reserved = 1 if kept else 0
    code = kept or code
    for _ in range(CODE_TRIES):
        taken = tx.one(
            _TAKE,
            slot_id=slot_id,
            person_id=person_id,
            booker_id=booker_id,
            party_id=party_id,
            code=code or draw_code(),
            places=places,
            origin=origin,
            staff_id=staff_id,
            now=now,
            reserved=reserved,
        )
        if taken is not None:
            return taken
        if past_goes and tx.run(_PAST, person_id=person_id, now=now):
            continue  # a day that has passed and that nobody has marked yet
        if tx.value(_SERVED_ALREADY, slot_id=slot_id, person_id=person_id) is not None:
            raise AlreadyBooked
        _refuse_full(tx, slot_id, places, reserved, now)
        code = ""
    raise RuntimeError("no free code was drawn")


def _refuse_full(tx: Tx, slot_id: int, places: int, reserved: int, now: int) -> None:
    """Raises SlotTaken where there are not so many seats, counting the reserved one."""
    left = tx.value(_LEFT, slot_id=slot_id, now=now, reserved=reserved) or 0
    if left < places:
        raise SlotTaken


def move(
    tx: Tx,
    *,
    booking_id: int,
    slot_id: int,
    now: int,
    staff_id: int | None = None,
    kept: str = "",
    alone: bool = False,
) -> Taken:
    """To another slot. Both slots are locked in order of id, so two who swap cannot
    deadlock; the old seat is freed by the same statement that takes the new.

    Whoever goes `alone` leaves their party, and uses what their own phone keeps, not
    the booker's. Raises SlotTaken, NoSuchBooking, AlreadyBooked (a seat of that kind).
    """
    own = tx.one(OWN, booking_id=booking_id)
    if own is None:
        raise NoSuchBooking
    if own.slot_id == slot_id:
        raise SlotTaken
    lock(tx, (own.slot_id, slot_id), into=slot_id, now=now)
    mover_id = own.person_id if alone else own.booker_id
    if not kept:
        kept = use_hold(tx, mover_id, slot_id, own.places, now)
    reserved = 1 if kept else 0
    code = own.code
    for _ in range(CODE_TRIES):
        moved = tx.one(
            _MOVE,
            booking_id=booking_id,
            slot_id=slot_id,
            code=code,
            now=now,
            staff_id=staff_id,
            reserved=reserved,
            alone=int(alone),
        )
        if moved is not None:
            return moved
        if tx.one(OWN, booking_id=booking_id) is None:
            raise NoSuchBooking
        if tx.value(_IS_IN_THE_WAY, booking_id=booking_id, slot_id=slot_id) is not None:
            raise AlreadyBooked
        _refuse_full(tx, slot_id, own.places, reserved, now)
        code = draw_code()
    raise RuntimeError("no free code was drawn")


def lock_open(tx: Tx, slot_id: int, now: int) -> None:
    """The slot's row, written: the lock on both engines. Raises SlotTaken when it takes
    no bookings any more.
    """
    if tx.value(_TOUCH, slot_id=slot_id, now=now) is None:
        raise SlotTaken


def lock(tx: Tx, slots: Iterable[int], *, into: int, now: int) -> None:
    """Several slots, in order of id as every writer does; `into` must be open. Raises
    SlotTaken.
    """
    for slot_id in sorted(set(slots)):
        if slot_id == into:
            lock_open(tx, slot_id, now)
        else:
            tx.run(_TOUCH_ANY, slot_id=slot_id)


def use_hold(tx: Tx, booker_id: int, slot_id: int, places: int, now: int) -> str:
    """The booker's live hold is used up, wherever it is; its code, if it was on this
    slot and for as many.
    """
    held = tx.one(_GIVE_UP, booker_id=booker_id, now=now)
    if held is None:
        return ""
    is_enough = held.slot_id == slot_id and held.places >= places
    return held.code if is_enough else ""


def cancel(
    tx: Tx,
    *,
    booking_id: int,
    now: int,
    staff_id: int | None = None,
    ended_with: int | None = None,
) -> None:
    """Give the seat back; in one act with that booking, where several are. Raises
    NoSuchBooking when it no longer stands.
    """
    end(tx, booking_id, "booked", "cancelled", now, staff_id, ended_with or booking_id)


def coming(tx: Tx, *, booking_id: int, now: int) -> None:
    """Whoever was reminded says that they will come."""
    tx.run(_COMING, booking_id=booking_id, now=now)


def kind_is(tx: Tx, *, event_id: int, kind: str) -> None:
    """The event is of that kind from now on, and so is every seat there. Raises
    AlreadyBooked where somebody would have two of that kind.
    """
    if tx.value(_WOULD_HAVE_TWO, event_id=event_id, kind=kind) is not None:
        raise AlreadyBooked
    tx.run(_KIND_IS, event_id=event_id, kind=kind)


def may_move(tx: Tx, *, booking_id: int, agreed: bool) -> None:
    """Agreed, or no longer, to be moved to the next event should this one fail."""
    tx.run(_MAY_MOVE, booking_id=booking_id, agreed=agreed)


def name_who_moves(tx: Tx, *, slot_id: int) -> None:
    """The slot's capacity changed: mark the bookings beyond it, the latest made first,
    and no others.
    """
    tx.run(_NAME_WHO_MOVES, slot_id=slot_id)


def moved_with_event(tx: Tx, *, event_id: int, now: int) -> list[Revised]:
    """The event changed its day, hour or hall: every standing booking gets a new
    revision.
    """
    return tx.all(_MOVED_WITH_EVENT, event_id=event_id, now=now)


def end(
    tx: Tx,
    booking_id: int,
    before: str,
    to: str,
    now: int,
    staff_id: int | None,
    ended_with: int | None = None,
) -> None:
    """From one status to another that ends it. Raises NoSuchBooking when it is in the
    first no more.
    """
    values = {
        "booking_id": booking_id,
        "from": before,
        "to": to,
        "now": now,
        "staff_id": staff_id,
    }
    ended = tx.value(_END, **values, ended_with=ended_with)
    if ended is None:
        raise NoSuchBooking
