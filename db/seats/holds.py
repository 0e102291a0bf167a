"""Holds: choosing a time keeps its seat for some minutes, for one phone, through a
dropped call.

One hold for each phone: another choice moves it. It is made longer once, so nobody
keeps a seat by dialling again and again. A hold that has run out is simply not live;
its row serves the next hold of that phone.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.seats.bookings import LIVE_NOW, WAITED_FOR, draw_code, lock
from db.store.engine import Tx
from db.store.statements import Query, Statement
from db.texts import outbox
from menus.port import SlotTaken

HOLD_MINUTES = 15
TOLD_AFTER_MS = 3 * 60_000  # of silence: then the call has surely dropped


class Mine(NamedTuple):
    """The live hold of a phone, wherever it is."""

    id: int
    slot_id: int
    places: int
    until: int  # UTC ms
    renewed: bool  # made longer once already; 0 or 1 on SQLite


class Held(NamedTuple):
    """Seats that are kept by now."""

    id: int
    code: str
    until: int  # UTC ms
    revision: int  # rises with every other choice, not when the same one is made longer


_MINE = Query(
    text("""
    SELECT id, slot_id, places, until, renewed
    FROM bookings
    WHERE booker_id = :booker_id AND status = 'held' AND until > :now
    """),
    Mine,
)
_OTHERS = f"""
    COALESCE((
      SELECT SUM(places)
      FROM bookings
      WHERE slot_id = s.id AND {LIVE_NOW} AND NOT (status = 'held' AND booker_id = :booker_id)), 0)
"""
# `mine`: so many this phone keeps there already. More of a slot that others wait for
# are not to be had.
_HOLD = Query(
    text(f"""
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, until, places, origin,
      made_at, changed_at, kind)
    SELECT e.programme_id, s.id, :booker_id, :booker_id, :code, 'held', :until, CAST(:places AS INTEGER), :origin,
      :now, :now, e.kind
    FROM slots s
    JOIN events e ON e.id = s.event_id
    WHERE s.id = :slot_id AND :places <= s.capacity - {_OTHERS} AND (:places <= :mine OR NOT {WAITED_FOR})
    ON CONFLICT (booker_id) WHERE status = 'held'
    DO UPDATE SET slot_id = excluded.slot_id, programme_id = excluded.programme_id, code = excluded.code,
      until = excluded.until, places = excluded.places, origin = excluded.origin, made_at = excluded.made_at,
      changed_at = excluded.changed_at, kind = excluded.kind, renewed = CAST(:renewed AS BOOLEAN),
      revision = bookings.revision + 1
    RETURNING id, code, until, revision
    """),
    Held,
)
_RENEW = Query(
    text(f"""
    UPDATE bookings SET until = :until, renewed = :renewed
    WHERE id = :id AND status = 'held'
      AND places <= (SELECT s.capacity - {_OTHERS} FROM slots s WHERE s.id = :slot_id)
    RETURNING id, code, until, revision
    """),
    Held,
)
_RELEASE = Statement(
    text("""
    UPDATE bookings SET until = :now
    WHERE booker_id = (SELECT id FROM people WHERE phone = :phone) AND status = 'held' AND until > :now
    """)
)

# One text for each choice that a call left open; by SMS the question is still there to
# be read.
_TELL = Statement(
    text(
        outbox.for_each(
            f"""
            FROM bookings b
            JOIN people p ON p.id = b.booker_id
            JOIN slots s ON s.id = b.slot_id
            JOIN events e ON e.id = s.event_id
            WHERE b.status = 'held' AND b.until > :now AND b.changed_at <= :now - {TOLD_AFTER_MS}
              AND b.origin = 'ussd' AND e.state = 'open' AND p.phone IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM bookings o
                WHERE o.person_id = b.person_id AND o.status = 'booked' AND o.programme_id = b.programme_id
                  AND o.kind = b.kind)
            """,
            once="'held:' || b.id || '\\:r' || b.revision",
            not_after="b.until",
        )
    )
)


def hold(
    tx: Tx,
    *,
    slot_id: int,
    booker_id: int,
    places: int,
    now: int,
    origin: str,
    minutes: int = HOLD_MINUTES,
) -> Held:
    """Keep so many seats of a slot for this phone. Raises SlotTaken.

    They are kept for so many `minutes`, and once more for as long when the same is
    chosen again in the second half.
    """
    mine = tx.one(_MINE, booker_id=booker_id, now=now)
    slots = {slot_id}
    if mine is not None:
        slots.add(mine.slot_id)
    lock(tx, slots, into=slot_id, now=now)
    length = minutes * 60_000
    until = now + length
    if mine is not None and mine.renewed:
        until = mine.until
    kept_here = 0
    if mine is not None and mine.slot_id == slot_id:
        kept_here = mine.places
    if mine is not None and kept_here == places:
        held = _chosen_again(tx, mine, booker_id, until, length, now)
    else:
        held = tx.one(
            _HOLD,
            slot_id=slot_id,
            booker_id=booker_id,
            code=draw_code(),
            until=until,
            places=places,
            origin=origin,
            now=now,
            renewed=mine is not None,
            mine=kept_here,
        )
    if held is None:  # taken between two clocks' moments, or there never were as many
        raise SlotTaken
    return held


def _chosen_again(
    tx: Tx, mine: Mine, booker_id: int, until: int, length: int, now: int
) -> Held | None:
    """The same time for as many: it is made longer in its second half alone, so that a
    redial right after the drop does not use that up.
    """
    is_second_half = mine.until - now < length // 2
    if not is_second_half:
        until = mine.until
    renewed = True if is_second_half else mine.renewed
    return tx.one(
        _RENEW,
        id=mine.id,
        until=until,
        renewed=renewed,
        slot_id=mine.slot_id,
        booker_id=booker_id,
        now=now,
    )


def release(tx: Tx, *, phone: str, now: int) -> None:
    """Not wanted after all: the seat is free at once."""
    tx.run(_RELEASE, phone=phone, now=now)


def tell_dropped(tx: Tx, now: int) -> int:
    """Tell whoever chose a time three minutes ago, and has not confirmed it, until when
    it is kept; how many.
    """
    return tx.run(_TELL, now=now, **outbox.of_kind("held"))
