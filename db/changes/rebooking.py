"""When an event fails, moves or has fewer seats: who is moved, who is asked, who is told.

Beside db/seats/bookings.py the writer of seats; the callers hold the locks (see db/calendar/events.py).
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
    text(
        f"{_ROWS} AND b.status = 'waiting' ORDER BY s.starts_at, b.priority, b.made_at, b.id"
    ),
    Concerned,
)
_NAMED = Query(
    text(
        f"{_ROWS} AND b.status = 'booked' AND s.starts_at > :now ORDER BY s.starts_at, b.made_at DESC, b.id DESC"
    ),
    Concerned,
)
_STILL_NAMED = Query(
    text(
        "SELECT id FROM bookings WHERE slot_id = :slot_id AND status = 'booked' AND to_move"
    ),
    Named,
)
_IN_EVENT = "slot_id IN (SELECT id FROM slots WHERE event_id = :event_id)"
_END_HOLDS = Statement(
    text(
        f"UPDATE bookings SET until = :now WHERE status = 'held' AND until > :now AND {_IN_EVENT}"
    )
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
# What stays behind where somebody was moved away: the event's page still says who was there and who was told.
_TRACE = Statement(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, party_id, code, status, reason, places,
      origin, staff_id, revision, made_at, changed_at, ended_at, moved_id)
    SELECT programme_id, slot_id, person_id, booker_id, party_id, code, 'cancelled', 'moved', places,
      origin, staff_id, revision, made_at, changed_at, :now, id
    FROM bookings WHERE id = :booking_id
    """)
)
_SLOT_OF = Scalar(text("SELECT slot_id FROM bookings WHERE id = :booking_id"), int)
_RECODE = Statement(text("UPDATE bookings SET code = :code WHERE id = :booking_id"))
_REVISION = Scalar(text("SELECT revision FROM bookings WHERE id = :booking_id"), int)
# One row keeps the seats of all who come together; it bears their party, by which who accepts finds the others.
_OFFER = Scalar(
    text("""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, until, places, origin,
      staff_id, may_move, priority, party_id, made_at, changed_at, instead_of)
    SELECT programme_id, :slot_id, person_id, booker_id, :code, 'offered', CAST(:until AS BIGINT),
      CAST(:places AS INTEGER), origin, staff_id, may_move, 0, party_id, CAST(:now AS BIGINT),
      CAST(:now AS BIGINT), id
    FROM bookings WHERE id = :booking_id
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
    text(
        "SELECT 1 FROM bookings WHERE person_id = :person_id AND status IN ('waiting', 'offered') LIMIT 1"
    ),
    int,
)


def cancelled_with_event(seats: FreedSeats) -> list[Outcome]:
    """The event does not take place: everyone is moved, asked or told, those first who would come soonest."""
    tx = seats.tx
    here = {"event_id": seats.event.id, "now": seats.now}
    concerned = parties(tx.all(_CONCERNED, **here))
    tx.run(_END_HOLDS, **here)
    tx.run(_END_WAITS, **here)
    booked: set[int] = set()
    for party in concerned:
        booked.update(row.person_id for row in party.rows if row.status == "booked")
    outcomes = []
    for party in concerned:
        if party.first.status == "booked":
            outcomes.append(_rehoused(seats, party))
        elif booked.isdisjoint(
            party.people
        ):  # who waited for a better time is told of their own
            outcomes.append(_told_off(seats, party, "waited"))
    return outcomes


def moved_with_event(
    tx: Tx, event: Event, *, now: int, shift: int, hall: str
) -> list[Outcome]:
    """The event went to another day, hour or hall (`hall` is where it was): who is booked or waits goes along and is
    told; whoever is booked there and waits there for a better time, once."""
    booked = parties(tx.all(_BOOKED, event_id=event.id))
    waits = parties(tx.all(_WAITING, event_id=event.id))
    revised = {
        row.id: row.revision
        for row in bookings.moved_with_event(tx, event_id=event.id, now=now)
    }
    with_seat: set[int] = set()
    for party in booked:
        with_seat.update(party.people)
    only_waiting = [party for party in waits if party.first.person_id not in with_seat]
    outcomes = []
    for party in (*booked, *only_waiting):
        first = party.first
        what: What = "shifted"
        kind: Kind = "event_moved"
        if first.status == "waiting":
            what = "waits"
            kind = "wait_moved"
        began_at = first.starts_at - shift
        was = in_short(began_at, hall)
        becomes = in_short(first.starts_at, first.hall)
        outcome = tell(
            tx, what, kind, party, commune_id=event.commune_id, now=now, revision=revised[first.id],
            note=f"{was} → {becomes}",
        )  # fmt: skip
        outcomes.append(outcome._replace(starts_at=began_at))
    return outcomes


def offers_gone(tx: Tx, event: Event, offers: set[int], now: int) -> list[Outcome]:
    """A time was shrunk, and these offers of it wait again, first on the list: they had been told of a seat."""
    outcomes = []
    for party in parties(tx.all(_WAITING, event_id=event.id)):
        first = party.first
        if first.id not in offers:
            continue
        about = in_short(first.starts_at, first.hall)
        outcome = tell(
            tx, "waits", "wait_again", party, commune_id=event.commune_id, now=now, revision=first.revision,
            note=f"{about}: không còn chỗ đã mời, vẫn chờ",
        )  # fmt: skip
        outcomes.append(outcome)
    return outcomes


def move_named(seats: FreedSeats) -> list[Outcome]:
    """Those named since their slot was shrunk, the latest first: moved, or asked while they keep the old seat."""
    tx = seats.tx
    outcomes = []
    for party in parties(tx.all(_NAMED, event_id=seats.event.id, now=seats.now)):
        slot_id = party.first.slot_id
        still_named = {row.id for row in tx.all(_STILL_NAMED, slot_id=slot_id)}
        if still_named.isdisjoint(row.id for row in party.rows):
            continue  # a party moves as a whole: that may have made room for others
        outcomes.append(_moved(seats, party) or _asked(seats, party))
        bookings.name_who_moves(tx, slot_id=slot_id)
    return outcomes


def _rehoused(seats: FreedSeats, party: Party) -> Outcome:
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
    """Keeps the seat it has until it is taken up on the other; who has no phone is for staff to speak to."""
    if not party.first.phone:
        return silent("stays", party)
    if _waits(seats, party):
        return silent("asked", party)
    offer = _offer(seats, party, seats.any_time(party))
    if not offer:
        return silent("stays", party)
    return _choice(seats, party, offer)


def _moved(seats: FreedSeats, party: Party) -> Outcome | None:
    """To the next time with room for the whole party, if they agreed to that beforehand; never to an earlier one."""
    if not any(row.may_move for row in party.rows):
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
        note = f"{in_short(party.first.starts_at, party.first.hall)} → {in_short(slot.starts_at, slot.hall)}"
        revision = seats.tx.value(_REVISION, booking_id=party.first.id)
        assert revision is not None  # it was moved a statement ago
        return tell(
            seats.tx, "moved", "event_moved", party, commune_id=seats.event.commune_id, now=seats.now, note=note,
            revision=revision,
        )  # fmt: skip
    return None


def _move(seats: FreedSeats, row: Concerned, slot: Free) -> None:
    tx = seats.tx
    if tx.value(_SLOT_OF, booking_id=row.id) == slot.id:
        return
    tx.run(_TRACE, booking_id=row.id, now=seats.now)
    if seats.code_used(row.code, slot.id, row.booker_id, row.id):
        code = seats.code(slot.id, row.booker_id, row.id)
        tx.run(_RECODE, booking_id=row.id, code=code)
    # As if it were kept for them: what their phone keeps elsewhere meanwhile is left alone.
    bookings.move(tx, booking_id=row.id, slot_id=slot.id, now=seats.now, kept=row.code)


def _offer(seats: FreedSeats, party: Party, slots: Iterator[Free]) -> int | None:
    """Seats for the party, kept for an answer: the id of the offer. None when there is nowhere to go, or when one of
    them waits for a seat already."""
    slot = next(slots, None)
    if slot is None or _waits(seats, party):
        return None
    first = party.first
    answer_by = to_ms(days.waking(from_ms(seats.draft.at), OFFER_HOURS))
    until = min(answer_by, slot.starts_at)
    code = seats.code(slot.id, first.booker_id)
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


def _waits(seats: FreedSeats, party: Party) -> bool:
    """Somebody of the party has a place on a waiting list or an offer; one that was not answered is put aside."""
    for row in party.rows:
        seats.tx.run(_PASS, person_id=row.person_id, now=seats.now)
    return any(
        [
            seats.tx.value(_WAITS, person_id=row.person_id) is not None
            for row in party.rows
        ]
    )


def _choice(seats: FreedSeats, party: Party, offer: int) -> Outcome:
    """The text is about what they had; what they are offered is looked up when it goes (see phrasing)."""
    kind: Kind = "event_choice" if seats.event.state == "cancelled" else "slot_choice"
    return tell(
        seats.tx, "choice", kind, party, commune_id=seats.event.commune_id, now=seats.now, note="",
        revision=party.first.revision, once=f"{kind}:{party.first.id}:o{offer}",
    )  # fmt: skip


def _told_off(seats: FreedSeats, party: Party, what: What) -> Outcome:
    return tell(
        seats.tx, what, "event_cancelled", party, commune_id=seats.event.commune_id, now=seats.now,
        revision=party.first.revision, note=in_short(party.first.starts_at, party.first.hall),
    )  # fmt: skip
