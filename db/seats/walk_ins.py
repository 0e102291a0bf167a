"""Who came without a booking: on the day's list as attended, without a seat of the
plan; or found to have one.
"""

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
    kind: str


class Known(NamedTuple):
    """The booking that somebody has already."""

    id: int
    status: str
    day: str  # local ISO day


# The slot that runs now, else the nearest one before or after.
_SLOT = Query(
    text("""
    SELECT s.id, s.event_id, e.programme_id, e.kind
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE e.commune_id = :commune_id AND e.hall_id = :hall_id AND e.day = :day AND e.state <> 'cancelled' AND e.bookable
    ORDER BY CASE WHEN s.starts_at > :now THEN s.starts_at - :now
      WHEN s.ends_at <= :now THEN :now - s.ends_at ELSE 0 END, s.starts_at LIMIT 1
    """),
    Running,
)
# Two taps, or two clerks, meet at the event's first slot: the second finds what the
# first did.
_ONE_AT_A_TIME = Statement(
    text("""
    UPDATE slots SET touched = touched + 1
    WHERE id = (SELECT MIN(id) FROM slots WHERE event_id = :event_id)
    """)
)
# What the other session `e` is for, and all else that one can get there, one can get here.
_SERVED_HERE = """
    EXISTS (
      SELECT 1 FROM event_services w WHERE w.event_id = :event_id
        AND w.service = CASE e.kind WHEN 'school' THEN 'tuition' ELSE e.kind END)
    AND NOT EXISTS (
      SELECT 1 FROM event_services v WHERE v.event_id = e.id AND NOT EXISTS (
        SELECT 1 FROM event_services w WHERE w.event_id = :event_id AND w.service = v.service))
"""
# Of the same kind, or one that is needless for whoever is served here.
_KNOWN = Query(
    text(f"""
    SELECT b.id, b.status, e.day
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    WHERE b.person_id = :person_id AND b.programme_id = :programme_id
      AND (b.kind = :kind OR (b.status = 'booked' AND e.day > :day AND {_SERVED_HERE}))
      AND (b.status = 'booked' OR (b.status = 'attended' AND b.ended_at >= :midnight)
        OR (b.status = 'missed' AND e.day = :day))
    ORDER BY CASE b.status WHEN 'attended' THEN 0 WHEN 'booked' THEN 1 ELSE 2 END,
      CASE b.kind WHEN :kind THEN 0 ELSE 1 END, b.id
    LIMIT 1
    """),
    Known,
)
_ADD = Scalar(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, places, origin, staff_id,
      made_at, changed_at, ended_at, kind)
    VALUES (:programme_id, :slot_id, :person_id, :booker_id, :code, 'attended', 0, 'desk', :staff_id,
      :now, :now, :now, :kind)
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
# Whoever is served needs no seat of that kind kept for them, nor a place on its list.
_WAITS_NO_MORE = Statement(
    text("""
    UPDATE bookings SET status = 'left', ended_at = :now
    WHERE person_id = :person_id AND status IN ('held', 'waiting', 'offered', 'along') AND kind = :kind
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
    """The line of the list it came to: a new one (`early`: instead of a booking of a
    day to come), a booking now checked in, or one there before.
    """

    booking_id: int
    how: Literal["new", "early", "booked", "listed"]


def arrive(
    tx: Tx,
    guest: seating.Guest,
    *,
    hall_id: int,
    day: str,
    midnight: int,
    actor: seating.Actor,
    now: int,
    person_id: int | None = None,
) -> Arrival:
    """Somebody stands at the desk of that hall. `midnight` is the beginning of `day`,
    UTC ms as `now`. `person_id`: the known person who it is, where staff said so.

    Whoever came today already is not put down twice, so that a double tap makes one.
    Raises NoEvent, seating.OtherName, seating.OutOfReach.
    """
    slot = tx.one(_SLOT, commune_id=actor.commune_id, hall_id=hall_id, day=day, now=now)
    if slot is None:
        raise NoEvent
    tx.run(_ONE_AT_A_TIME, event_id=slot.event_id)
    who, booker = seating.whose(tx, guest, actor, now, person_id)
    tx.run(_WAITS_NO_MORE, person_id=who, kind=slot.kind, now=now)
    known = tx.one(
        _KNOWN,
        person_id=who,
        programme_id=slot.programme_id,
        kind=slot.kind,
        event_id=slot.event_id,
        midnight=midnight,
        day=day,
    )
    if known is None:
        made = _put_down(tx, slot, who, booker, actor, now)
        return Arrival(made, "new")
    if known.status == "attended":
        return Arrival(known.id, "listed")
    staff_id = actor.staff_id
    if known.day <= day:
        attendance.check_in(
            tx, known.id, known.status, person_id=who, now=now, staff_id=staff_id
        )
        return Arrival(known.id, "booked")
    tx.run(_GIVE_BACK, booking_id=known.id, now=now, staff_id=staff_id)
    made = _put_down(tx, slot, who, booker, actor, now)
    return Arrival(made, "early")


def _put_down(
    tx: Tx, slot: Running, who: int, booker: int, actor: seating.Actor, now: int
) -> int:
    """A new line of the list; the id of its booking."""
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
    return made


def _add(
    tx: Tx, slot: Running, person_id: int, booker_id: int, staff_id: int, now: int
) -> int:
    for _ in range(bookings.CODE_TRIES):
        made = tx.value(
            _ADD,
            programme_id=slot.programme_id,
            kind=slot.kind,
            slot_id=slot.id,
            person_id=person_id,
            booker_id=booker_id,
            code=bookings.draw_code(),
            staff_id=staff_id,
            now=now,
        )
        if made is not None:
            return made
    raise RuntimeError("no free code was drawn")


def take_off(tx: Tx, *, booking_id: int, now: int) -> None:
    """A slip at the desk: off the list again; there is no booking to go back to. Raises
    NoSuchBooking.
    """
    if tx.value(_TAKE_OFF, booking_id=booking_id, now=now) is None:
        raise NoSuchBooking
