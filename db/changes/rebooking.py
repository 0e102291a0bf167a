"""When an event fails, moves or has fewer seats: who is moved, who is asked, who is
told.

Beside db/seats/bookings.py the writer of seats; the callers hold the locks (see
db/calendar/events.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import text

from db.calendar.events import Event
from db.changes.freed_seats import Free, FreedSeats
from db.changes.telling import (
    Concerned,
    Outcome,
    Party,
    What,
    in_short,
    parties,
    silent,
    tell,
)
from db.seats import bookings
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from menus import days
from menus.notices import Kind
from menus.port import NoSuchBooking, SlotTaken

OFFER_HOURS = 4  # waking hours to answer in


class Named(NamedTuple):
    id: int


_ROWS = """
    SELECT b.id, b.status, b.code, b.person_id, b.booker_id, b.party_id, b.places, b.revision, b.may_move,
      b.slot_id, b.made_at, s.starts_at, h.name AS hall, p.phone
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    JOIN people p ON p.id = b.booker_id
    WHERE s.event_id = :event_id
"""
# Who comes soonest is told first; in one slot those with a seat before those who wait.
_CONCERNED = Query(
    text(f"""{_ROWS}
      AND (b.status IN ('booked', 'waiting') OR (b.status = 'offered' AND b.until > :now))
    ORDER BY s.starts_at, CASE b.status WHEN 'booked' THEN 0 ELSE 1 END, b.made_at, b.id
    """),
    Concerned,
)
_BOOKED = Query(
    text(f"{_ROWS} AND b.status = 'booked' ORDER BY s.starts_at, b.made_at, b.id"),
    Concerned,
)
_WAITING = Query(
    text(f"""
    {_ROWS} AND b.status = 'waiting'
    ORDER BY s.starts_at, b.priority, b.made_at, b.id
    """),
    Concerned,
)
_NAMED = Query(
    text(f"""
    {_ROWS} AND b.status = 'booked' AND s.starts_at > :now
    ORDER BY s.starts_at, b.made_at DESC, b.id DESC
    """),
    Concerned,
)
_STILL_NAMED = Query(
    text("""
    SELECT id
    FROM bookings
    WHERE slot_id = :slot_id AND status = 'booked' AND to_move
    """),
    Named,
)
_IN_EVENT = "slot_id IN (SELECT id FROM slots WHERE event_id = :event_id)"
_END_HOLDS = Statement(
    text(f"""
    UPDATE bookings SET until = :now
    WHERE status = 'held' AND until > :now AND {_IN_EVENT}
    """)
)
_END_WAITS = Statement(
    text(f"""
    UPDATE bookings SET status = 'cancelled', reason = 'event', ended_at = :now
    WHERE status IN ('waiting', 'offered') AND {_IN_EVENT}
    """)
)
_END = Statement(
    text("""
    UPDATE bookings SET status = 'cancelled', reason = 'event', ended_at = :now, to_move = false
    WHERE id = :booking_id AND status = 'booked'
    """)
)
# What stays behind where somebody was moved away: the event's page still says who was
# there and who was told.
_TRACE = Statement(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, party_id, code, status, reason, places,
      origin, staff_id, revision, made_at, changed_at, ended_at, moved_id, kind)
    SELECT programme_id, slot_id, person_id, booker_id, party_id, code, 'cancelled', 'moved', places,
      origin, staff_id, revision, made_at, changed_at, :now, id, kind
    FROM bookings
    WHERE id = :booking_id
    """)
)
_SLOT_OF = Scalar(text("SELECT slot_id FROM bookings WHERE id = :booking_id"), int)
_RECODE = Statement(text("UPDATE bookings SET code = :code WHERE id = :booking_id"))
_REVISION = Scalar(text("SELECT revision FROM bookings WHERE id = :booking_id"), int)
# One row keeps the seats of all who come together; it bears their party, by which who
# accepts finds the others.
_OFFER = Scalar(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, until, places, origin,
      staff_id, may_move, priority, party_id, made_at, changed_at, instead_of, kind)
    SELECT programme_id, :slot_id, person_id, booker_id, :code, 'offered', CAST(:until AS BIGINT),
      CAST(:places AS INTEGER), origin, staff_id, may_move, 0, party_id, CAST(:now AS BIGINT),
      CAST(:now AS BIGINT), id, kind
    FROM bookings
    WHERE id = :booking_id
    RETURNING id
    """),
    int,
)
_PASS = Statement(
    text("""
    UPDATE bookings SET status = 'passed', ended_at = :now
    WHERE person_id = :person_id AND status = 'offered' AND until <= :now
    """)
)
_WAITS = Scalar(
    text("""
    SELECT 1
    FROM bookings
    WHERE person_id = :person_id AND status IN ('waiting', 'offered')
    LIMIT 1
    """),
    int,
)


def cancelled_with_event(seats: FreedSeats) -> list[Outcome]:
    """The event does not take place: everyone is moved, asked or told, those first who
    would come soonest.
    """
    tx = seats.tx
    here = {"event_id": seats.event.id, "now": seats.now}
    concerned = parties(tx.all(_CONCERNED, **here))
    tx.run(_END_HOLDS, **here)
    tx.run(_END_WAITS, **here)
    booked: set[int] = set()
    for party in concerned:
        if _has_seat(party):
            booked.update(party.people)
    outcomes = []
    for party in concerned:
        if _has_seat(party):
            outcomes.append(_rehoused(seats, party))
        elif booked.isdisjoint(party.people):
            # who waited for a better time is told of their own
            outcomes.append(_told_off(seats, party, "waited"))
    return outcomes


def _has_seat(party: Party) -> bool:
    """Together are only those of one status (see telling.together)."""
    return party.first.status == "booked"


def moved_with_event(
    tx: Tx, event: Event, *, now: int, shift: int, hall: str
) -> list[Outcome]:
    """The event went to another day, hour or hall (`hall` is where it was): who is
    booked or waits goes along and is told; whoever is booked there and waits there for
    a better time, once.
    """
    booked = parties(tx.all(_BOOKED, event_id=event.id))
    waits = parties(tx.all(_WAITING, event_id=event.id))
    moved = bookings.moved_with_event(tx, event_id=event.id, now=now)
    revised = {row.id: row.revision for row in moved}
    with_seat: set[int] = set()
    for party in booked:
        with_seat.update(party.people)
    only_waiting = [party for party in waits if party.first.person_id not in with_seat]
    outcomes = []
    for party in (*booked, *only_waiting):
        revision = revised[party.first.id]
        outcome = _told_of_move(
            tx, event, party, revision=revision, shift=shift, hall=hall, now=now
        )
        outcomes.append(outcome)
    return outcomes


def _told_of_move(
    tx: Tx,
    event: Event,
    party: Party,
    *,
    revision: int,
    shift: int,
    hall: str,
    now: int,
) -> Outcome:
    """They went along with the event; the outcome bears the time that they had."""
    first = party.first
    what: What = "waits"
    kind: Kind = "wait_moved"
    if _has_seat(party):
        what = "shifted"
        kind = "event_moved"
    began_at = first.starts_at - shift
    was = in_short(began_at, hall)
    becomes = in_short(first.starts_at, first.hall)
    note = f"{was} → {becomes}"
    outcome = tell(
        tx,
        what,
        kind,
        party,
        commune_id=event.commune_id,
        now=now,
        note=note,
        revision=revision,
    )
    return outcome._replace(starts_at=began_at)


def offers_gone(tx: Tx, event: Event, offers: set[int], now: int) -> list[Outcome]:
    """A time was shrunk, and these offers of it wait again, first on the list: they had
    been told of a seat.
    """
    outcomes = []
    for party in parties(tx.all(_WAITING, event_id=event.id)):
        first = party.first
        if first.id not in offers:
            continue
        about = in_short(first.starts_at, first.hall)
        note = f"{about}: không còn chỗ đã mời, vẫn chờ"
        outcome = tell(
            tx,
            "waits",
            "wait_again",
            party,
            commune_id=event.commune_id,
            now=now,
            note=note,
            revision=first.revision,
        )
        outcomes.append(outcome)
    return outcomes


def move_named(seats: FreedSeats) -> list[Outcome]:
    """Those named since their slot was shrunk, the latest first: moved, or asked while
    they keep the old seat.
    """
    tx = seats.tx
    outcomes = []
    for party in parties(tx.all(_NAMED, event_id=seats.event.id, now=seats.now)):
        slot_id = party.first.slot_id
        if not _is_still_named(tx, party):
            continue  # a party moves as a whole: that may have made room for others
        moved = _moved(seats, party)
        outcomes.append(moved or _asked(seats, party))
        bookings.name_who_moves(tx, slot_id=slot_id)
    return outcomes


def _is_still_named(tx: Tx, party: Party) -> bool:
    """Somebody of the party."""
    rows = tx.all(_STILL_NAMED, slot_id=party.first.slot_id)
    named = {row.id for row in rows}
    return any(row.id in named for row in party.rows)


def _rehoused(seats: FreedSeats, party: Party) -> Outcome:
    """Their event is off: moved, asked, or told that nothing is left."""
    moved = _moved(seats, party)
    if moved:
        return moved
    for row in party.rows:
        seats.tx.run(_END, booking_id=row.id, now=seats.now)
    if not party.first.phone:
        return _told_off(seats, party, "cancelled")
    offer = _offer(seats, party, seats.later(party))
    if not offer:
        return _told_off(seats, party, "cancelled")
    return _choice(seats, party, offer)


def _asked(seats: FreedSeats, party: Party) -> Outcome:
    """Keeps the seat it has until it is taken up on the other; who has no phone is for
    staff to speak to.
    """
    if not party.first.phone:
        return silent("stays", party)
    if _waits(seats, party):
        return silent("asked", party)
    offer = _offer(seats, party, seats.any_time(party))
    if not offer:
        return silent("stays", party)
    return _choice(seats, party, offer)


def _moved(seats: FreedSeats, party: Party) -> Outcome | None:
    """To the next time with room for the whole party, if they agreed to that
    beforehand; never to an earlier one.
    """
    agreed = any(row.may_move for row in party.rows)
    if not agreed:
        return None
    for slot in seats.later(party):
        try:
            with seats.tx.savepoint():
                for row in party.rows:
                    _move(seats, row, slot)
        except (SlotTaken, NoSuchBooking):
            seats.gone(slot)
            continue
        seats.take(slot, party.places)
        return _told_of_other_time(seats, party, slot)
    return None


def _told_of_other_time(seats: FreedSeats, party: Party, slot: Free) -> Outcome:
    first = party.first
    was = in_short(first.starts_at, first.hall)
    becomes = in_short(slot.starts_at, slot.hall)
    revision = seats.tx.value(_REVISION, booking_id=first.id)
    assert revision is not None  # it was moved a statement ago
    return _tell(
        seats,
        "moved",
        "event_moved",
        party,
        revision=revision,
        note=f"{was} → {becomes}",
    )


def _tell(
    seats: FreedSeats,
    what: What,
    kind: Kind,
    party: Party,
    *,
    revision: int,
    note: str,
    once: str = "",
) -> Outcome:
    commune_id = seats.event.commune_id
    return tell(
        seats.tx,
        what,
        kind,
        party,
        commune_id=commune_id,
        now=seats.now,
        note=note,
        revision=revision,
        once=once,
    )


def _move(seats: FreedSeats, row: Concerned, slot: Free) -> None:
    tx = seats.tx
    now_at = tx.value(_SLOT_OF, booking_id=row.id)
    if now_at == slot.id:
        return
    tx.run(_TRACE, booking_id=row.id, now=seats.now)
    _keep_code_apart(seats, row, slot.id)
    # As if it were kept for them: what their phone keeps elsewhere meanwhile is left
    # alone.
    bookings.move(tx, booking_id=row.id, slot_id=slot.id, now=seats.now, kept=row.code)


def _keep_code_apart(seats: FreedSeats, row: Concerned, slot_id: int) -> None:
    """A code that another bears there is changed for a new one."""
    if not seats.code_used(row.code, slot_id, row.booker_id, row.id):
        return
    code = seats.code(slot_id, row.booker_id, row.id)
    seats.tx.run(_RECODE, booking_id=row.id, code=code)


def _offer(seats: FreedSeats, party: Party, slots: Iterator[Free]) -> int | None:
    """Seats for the party, kept for an answer: the id of the offer. None when there is
    nowhere to go, or when one of them waits for a seat already.
    """
    slot = next(slots, None)
    if slot is None or _waits(seats, party):
        return None
    first = party.first
    code = seats.code(slot.id, first.booker_id)
    until = _answer_by(seats, slot)
    offer = seats.tx.value(
        _OFFER,
        booking_id=first.id,
        slot_id=slot.id,
        until=until,
        now=seats.now,
        places=party.places,
        code=code,
    )
    seats.take(slot, party.places)
    return offer


def _answer_by(seats: FreedSeats, slot: Free) -> int:
    """UTC ms; never after the time that is offered."""
    offered_at = from_ms(seats.draft.at)
    hours_later = days.waking(offered_at, OFFER_HOURS)
    return min(to_ms(hours_later), slot.starts_at)


def _waits(seats: FreedSeats, party: Party) -> bool:
    """Somebody of the party has a place on a waiting list or an offer; one that was not
    answered is put aside.
    """
    for person_id in party.people:
        seats.tx.run(_PASS, person_id=person_id, now=seats.now)
    waiting = [
        seats.tx.value(_WAITS, person_id=person_id) for person_id in party.people
    ]
    return any(waiting)


def _choice(seats: FreedSeats, party: Party, offer: int) -> Outcome:
    """The text is about what they had; what they are offered is looked up when it goes
    (see phrasing).
    """
    first = party.first
    kind: Kind = "slot_choice"
    if seats.event.state == "cancelled":
        kind = "event_choice"
    once = f"{kind}:{first.id}:o{offer}"
    return _tell(
        seats, "choice", kind, party, revision=first.revision, note="", once=once
    )


def _told_off(seats: FreedSeats, party: Party, what: What) -> Outcome:
    first = party.first
    note = in_short(first.starts_at, first.hall)
    return _tell(
        seats, what, "event_cancelled", party, revision=first.revision, note=note
    )
