"""Who came to an event of any kind: those who booked, people who are known, and a
number of heads for all others.

The only writer of `attendances` and `head_counts`; a booking is checked in by
attendance.py. Each act first locks the event at its first slot, so that two clerks at
once do one after the other.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import text

from db.office import audit
from db.seats import attendance
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

HEADS_MOST = 2_000  # at one event; more is a slip of the finger
DOORS_MS = 30 * 60_000  # so long before it begins the first are at the door

# noted now; a booking that is now checked in; was on the list already
How = Literal["new", "booked", "listed"]


class Seat(NamedTuple):
    """The booking of somebody at this event."""

    id: int
    status: str


class Held(NamedTuple):
    day: str  # local ISO day
    state: str


class Counted(NamedTuple):
    """A head count, whose it is, and what took its place."""

    event_id: int
    number: int
    staff_id: int
    by: str
    replaced_by: int | None
    class_id: int | None


class NotHeld(Exception):
    """The event is cancelled, or its day is still to come."""


class NotBegun(Exception):
    """The doors open at `opens_at` (UTC ms): before it nobody can have come."""

    def __init__(self, opens_at: int) -> None:
        super().__init__(opens_at)
        self.opens_at = opens_at


class Corrected(Exception):
    """Somebody has corrected this count meanwhile: theirs stands."""


class AnothersCount(Exception):
    """Somebody else counted `number` heads there: who changes that is asked first."""

    def __init__(self, number: int, by: str) -> None:
        super().__init__(number, by)
        self.number = number
        self.by = by


_ONE_AT_A_TIME = Statement(
    text("""
    UPDATE slots SET touched = touched + 1
    WHERE id = (SELECT MIN(id) FROM slots WHERE event_id = :event_id)
    """)
)
_HELD = Query(text("SELECT day, state FROM events WHERE id = :event_id"), Held)
_BEGINS = Scalar(
    text("SELECT MIN(starts_at) FROM slots WHERE event_id = :event_id"), int
)
_SEAT = Query(
    text("""
    SELECT b.id, b.status
    FROM slots s
    JOIN bookings b ON b.slot_id = s.id
    WHERE s.event_id = :event_id AND b.person_id = :person_id AND b.status IN ('booked', 'attended', 'missed')
    ORDER BY CASE b.status WHEN 'attended' THEN 0 ELSE 1 END, b.id
    LIMIT 1
    """),
    Seat,
)
_NOTE = Scalar(
    text("""
    INSERT INTO attendances (event_id, person_id, staff_id, at)
    VALUES (:event_id, :person_id, :staff_id, :now)
    ON CONFLICT (event_id, person_id) DO NOTHING
    RETURNING person_id
    """),
    int,
)
_TAKE_OFF = Statement(
    text("""
    DELETE FROM attendances
    WHERE event_id = :event_id AND person_id = :person_id
    """)
)
_COUNT = Scalar(
    text("""
    INSERT INTO head_counts (event_id, number, staff_id, at, form_key, replaces, class_id)
    VALUES (:event_id, :number, :staff_id, :now, :form_key, CAST(:replaces AS BIGINT), CAST(:class_id AS BIGINT))
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
_SAME_FORM = Scalar(text("SELECT id FROM head_counts WHERE form_key = :form_key"), int)
_COUNTED = Query(
    text("""
    SELECT c.event_id, c.number, c.staff_id, s.username AS by, r.id AS replaced_by, c.class_id
    FROM head_counts c
    JOIN staff s ON s.id = c.staff_id
    LEFT JOIN head_counts r ON r.replaces = c.id
    WHERE c.id = :count_id
    """),
    Counted,
)


def came(
    tx: Tx, event_id: int, person_id: int, *, staff_id: int, today: str, now: int
) -> How:
    """Somebody known stands there; however often it is tapped, they came once. Raises
    NotHeld, NotBegun.
    """
    lock(tx, event_id, today=today, now=now)
    seat = tx.one(_SEAT, event_id=event_id, person_id=person_id)
    if seat is not None:
        if seat.status == "attended":
            return "listed"
        attendance.check_in(
            tx, seat.id, seat.status, person_id=person_id, now=now, staff_id=staff_id
        )
        return "booked"
    if (
        tx.value(
            _NOTE, event_id=event_id, person_id=person_id, staff_id=staff_id, now=now
        )
        is None
    ):
        return "listed"
    audit.note(
        tx,
        at=now,
        staff_id=staff_id,
        action="came",
        person_id=person_id,
        detail=f"event {event_id}",
    )
    return "new"


def take_off(tx: Tx, event_id: int, person_id: int, *, staff_id: int, now: int) -> bool:
    """A slip: they did not come. False where they were not on the list."""
    if not tx.run(_TAKE_OFF, event_id=event_id, person_id=person_id):
        return False
    audit.note(
        tx,
        at=now,
        staff_id=staff_id,
        action="came_off",
        person_id=person_id,
        detail=f"event {event_id}",
    )
    return True


def count(
    tx: Tx,
    event_id: int,
    number: int,
    *,
    staff_id: int,
    form_key: str,
    today: str,
    now: int,
    class_id: int | None = None,
) -> None:
    """So many more came whom nobody knows by name, of one class at a school's gate
    where that was said. The same form again adds nothing. Raises NotHeld, NotBegun,
    ValueError.
    """
    lock(tx, event_id, today=today, now=now)
    if not 1 <= number <= HEADS_MOST:
        raise ValueError(number)
    detail = f"event {event_id}: {number}"
    _append(
        tx,
        event_id,
        number,
        staff_id=staff_id,
        form_key=form_key,
        now=now,
        replaces=None,
        class_id=class_id,
        detail=detail,
    )


def correct(
    tx: Tx,
    count_id: int,
    number: int,
    *,
    event_id: int,
    staff_id: int,
    form_key: str,
    now: int,
    sure: bool = False,
) -> None:
    """That count was another number; none takes it back. `sure`: they were asked, where
    it is somebody else's count.

    Raises Corrected, AnothersCount, ValueError; LookupError where the event has no such
    count.
    """
    tx.run(_ONE_AT_A_TIME, event_id=event_id)
    row = tx.one(_COUNTED, count_id=count_id)
    if row is None or row.event_id != event_id:
        raise LookupError(count_id)
    if tx.value(_SAME_FORM, form_key=form_key) is not None:
        return
    if row.replaced_by is not None:
        raise Corrected
    if not 0 <= number <= HEADS_MOST:
        raise ValueError(number)
    if number == row.number:
        return
    if row.staff_id != staff_id and not sure:
        raise AnothersCount(row.number, row.by)
    detail = f"event {event_id}: {row.number} → {number} ({row.by})"
    _append(
        tx,
        event_id,
        number,
        staff_id=staff_id,
        form_key=form_key,
        now=now,
        replaces=count_id,
        class_id=row.class_id,
        detail=detail,
    )


def _append(
    tx: Tx,
    event_id: int,
    number: int,
    *,
    staff_id: int,
    form_key: str,
    now: int,
    replaces: int | None,
    class_id: int | None,
    detail: str,
) -> None:
    made = tx.value(
        _COUNT,
        event_id=event_id,
        number=number,
        staff_id=staff_id,
        now=now,
        form_key=form_key,
        replaces=replaces,
        class_id=class_id,
    )
    if made is not None:
        audit.note(tx, at=now, staff_id=staff_id, action="heads", detail=detail)


def opens_at(begins: int) -> int:
    """When the doors of what begins then open; both UTC ms."""
    return begins - DOORS_MS


def lock(tx: Tx, event_id: int, *, today: str, now: int) -> None:
    """Until the transaction ends no other clerk notes anything of this event.

    Whoever notes that somebody came, was counted or was visited comes through here:
    nothing is done before it can have happened. `today` is ISO, `now` UTC ms. Raises
    NotHeld, NotBegun.
    """
    tx.run(_ONE_AT_A_TIME, event_id=event_id)
    event = tx.one(_HELD, event_id=event_id)
    if event is None or event.state == "cancelled" or event.day > today:
        raise NotHeld
    begins = tx.value(_BEGINS, event_id=event_id)
    if begins is not None and opens_at(begins) > now:
        raise NotBegun(opens_at(begins))
