"""Who came without a booking: on the day's list as attended, without a seat of the plan; or found to have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import text

from db.office import audit
from db.seats import attendance, bookings, seating
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.port import NoSuchBooking


class Running(NamedTuple):
    """The slot whose list somebody is put on."""

    id: int
    event_id: int
    programme_id: int


class Known(NamedTuple):
    """The booking that somebody has already."""

    id: int
    status: str
    day: str  # local ISO day


# The slot that runs now, else the nearest one before or after.
_SLOT = Query(
    text("""
    SELECT s.id, s.event_id, e.programme_id
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE e.commune_id = :commune_id AND e.hall_id = :hall_id AND e.day = :day AND e.state <> 'cancelled' AND e.bookable
    ORDER BY CASE WHEN s.starts_at > :now THEN s.starts_at - :now
      WHEN s.ends_at <= :now THEN :now - s.ends_at ELSE 0 END, s.starts_at LIMIT 1
    """),
    Running,
)
# Two taps, or two clerks, meet at the event's first slot: the second finds what the first did.
_ONE_AT_A_TIME = Statement(
    text("""
    UPDATE slots SET touched = touched + 1
    WHERE id = (SELECT MIN(id) FROM slots WHERE event_id = :event_id)
    """)
)
_KNOWN = Query(
    text("""
    SELECT b.id, b.status, e.day
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    WHERE b.person_id = :person_id AND b.programme_id = :programme_id
      AND (b.status = 'booked' OR (b.status = 'attended' AND b.ended_at >= :midnight)
        OR (b.status = 'missed' AND e.day = :day))
    ORDER BY CASE b.status WHEN 'attended' THEN 0 WHEN 'booked' THEN 1 ELSE 2 END, b.id LIMIT 1
    """),
    Known,
)
_ADD = Scalar(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, places, origin, staff_id,
      made_at, changed_at, ended_at)
    VALUES (:programme_id, :slot_id, :person_id, :booker_id, :code, 'attended', 0, 'desk', :staff_id,
      :now, :now, :now)
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
# Whoever is served needs no seat kept for them, nor a place on a list.
_WAITS_NO_MORE = Statement(
    text("""
    UPDATE bookings SET status = 'left', ended_at = :now
    WHERE person_id = :person_id AND status IN ('held', 'waiting', 'offered', 'along')
    """)
)
# Served today instead of on a day to come: that seat is for those who wait.
_GIVE_BACK = Statement(
    text("""
    UPDATE bookings SET status = 'cancelled', reason = 'early', ended_at = :now, staff_id = :staff_id
    WHERE id = :booking_id AND status = 'booked'
    """)
)
_TAKE_OFF = Scalar(
    text("""
    UPDATE bookings SET status = 'cancelled', ended_at = :now
    WHERE id = :booking_id AND status = 'attended' AND places = 0
    RETURNING id
    """),
    int,
)


class NoEvent(Exception):
    """Nothing is held at that hall on that day."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The line of the list it came to: a new one (`early`: instead of a booking of a day to come), a booking now
    checked in, or one there before.
    """

    booking_id: int
    how: Literal["new", "early", "booked", "listed"]


def arrive(tx: Tx, guest: seating.Guest, *, hall_id: int, day: str, midnight: int, actor: seating.Actor,
           now: int) -> Arrival:  # fmt: skip
    """Somebody stands at the desk of that hall. `midnight` is the beginning of `day`, UTC ms as `now`.

    Whoever came today already is not put down twice, so that a double tap makes one.
    Raises NoEvent, seating.OtherName, seating.OutOfReach.
    """
    slot = tx.one(_SLOT, commune_id=actor.commune_id, hall_id=hall_id, day=day, now=now)
    if slot is None:
        raise NoEvent
    tx.run(_ONE_AT_A_TIME, event_id=slot.event_id)
    who, booker = seating.whose(tx, guest, actor, now)
    tx.run(_WAITS_NO_MORE, person_id=who, now=now)
    known = tx.one(
        _KNOWN,
        person_id=who,
        programme_id=slot.programme_id,
        midnight=midnight,
        day=day,
    )
    how: Literal["new", "early"] = "new"
    if known is not None:
        if known.status == "attended":
            return Arrival(known.id, "listed")
        if known.day <= day:
            _check_in(tx, known, who, actor, now)
            return Arrival(known.id, "booked")
        tx.run(_GIVE_BACK, booking_id=known.id, now=now, staff_id=actor.staff_id)
        how = "early"
    seating.note_agreed(tx, who, actor, now)
    made = _add(tx, slot, who, booker, actor.staff_id, now)
    audit.note(
        tx,
        at=now,
        staff_id=actor.staff_id,
        action="walk_in",
        person_id=who,
        detail=f"booking {made}",
    )
    return Arrival(made, how)


def _check_in(tx: Tx, known: Known, who: int, actor: seating.Actor, now: int) -> None:
    come = attendance.came_late if known.status == "missed" else attendance.attend
    come(tx, booking_id=known.id, now=now, staff_id=actor.staff_id)
    audit.note(tx, at=now, staff_id=actor.staff_id, action="check_in", person_id=who)


def _add(
    tx: Tx, slot: Running, person_id: int, booker_id: int, staff_id: int, now: int
) -> int:
    for _ in range(bookings.CODE_TRIES):
        made = tx.value(
            _ADD, programme_id=slot.programme_id, slot_id=slot.id, person_id=person_id, booker_id=booker_id,
            code=bookings.draw_code(), staff_id=staff_id, now=now,
        )  # fmt: skip
        if made is not None:
            return made
    raise RuntimeError("no free code was drawn")


def take_off(tx: Tx, *, booking_id: int, now: int) -> None:
    """A slip at the desk: off the list again; there is no booking to go back to. Raises NoSuchBooking."""
    if tx.value(_TAKE_OFF, booking_id=booking_id, now=now) is None:
        raise NoSuchBooking
