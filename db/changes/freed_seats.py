"""Where those who lose a seat can go: free seats of the events to come, in the order in
which they are given.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text

from db.calendar.events import Event
from db.changes.telling import Party
from db.seats.bookings import FREE
from db.store.engine import Tx
from db.store.statements import Query, Scalar

AHEAD_MS = 60 * 24 * 3_600_000


class Free(NamedTuple):
    """A slot with seats to give."""

    id: int
    starts_at: int  # UTC ms
    event_id: int
    day: str  # local ISO day
    hall: str
    hamlet_id: int | None  # of the hall; none: the commune's own
    seats: int


_FREE = Query(
    text(f"""
    SELECT id, starts_at, event_id, day, hall, hamlet_id, seats
    FROM (
      SELECT s.id, s.starts_at, e.id AS event_id, e.day, h.name AS hall, h.hamlet_id, {FREE} AS seats
      FROM slots s
      JOIN events e ON e.id = s.event_id
      JOIN halls h ON h.id = e.hall_id
      WHERE e.commune_id = :commune_id AND e.programme_id = :programme_id AND e.state = 'open'
        AND e.kind = :kind AND e.bookable
        AND s.starts_at > :now AND s.starts_at < :until) free
    WHERE seats > 0
    ORDER BY starts_at, id
    """),
    Free,
)
_HAMLET = Scalar(text("SELECT hamlet_id FROM halls WHERE id = :hall_id"), int)
_CODE_USED = Scalar(
    text("""
    SELECT 1
    FROM bookings
    WHERE code = :code AND id <> :but
      AND (slot_id = :slot_id
        OR (booker_id = :booker_id AND status IN ('booked', 'waiting', 'offered', 'held')))
    LIMIT 1
    """),
    int,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a preview and the act that follows it share, so that both say the same: the
    moment offers count from (`at`, UTC ms), and the seed of new codes.
    """

    at: int
    seed: str

    @classmethod
    def anew(cls, now: int) -> Draft:
        return cls(now, secrets.token_urlsafe(9))


@dataclass
class FreedSeats:
    """In slots that the caller has `locked`: what is given away is counted off here,
    nobody else takes it meanwhile.
    """

    tx: Tx
    event: Event
    now: int
    draft: Draft
    locked: frozenset[int]
    hamlet_id: int | None = field(default=None, init=False)
    _rows: list[Free] = field(default_factory=list, init=False)
    _left: dict[int, int] = field(default_factory=dict, init=False)
    _drawn: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.hamlet_id = self.tx.value(_HAMLET, hall_id=self.event.hall_id)
        for row in free(self.tx, self.event, self.now):
            if row.id in self.locked:
                self._rows.append(row)
                self._left[row.id] = row.seats

    def later(self, party: Party) -> Iterator[Free]:
        """Slots after the party's own time in which all of it fits: of the same event,
        of the same hamlet's next events by day, of the commune's.
        """
        theirs = party.first.starts_at
        after = [row for row in self._fitting(party) if row.starts_at > theirs]
        after.sort(key=self._order)
        return iter(after)

    def any_time(self, party: Party) -> Iterator[Free]:
        """As `later`; who is asked may also come earlier on the same day, the nearest
        time first.
        """
        theirs = party.first.starts_at

        def nearest(row: Free) -> tuple[int, bool]:
            is_earlier = row.starts_at < theirs
            return abs(row.starts_at - theirs), is_earlier

        same_event = [row for row in self._fitting(party) if self._is_same_event(row)]
        yield from sorted(same_event, key=nearest)
        for row in self.later(party):
            if not self._is_same_event(row):
                yield row

    def take(self, slot: Free, places: int) -> None:
        self._left[slot.id] -= places

    def gone(self, slot: Free) -> None:
        """The writer of seats refused: nobody else of ours need try."""
        self._left[slot.id] = 0

    def code(self, slot_id: int, booker_id: int, but: int = 0) -> str:
        """Five digits, free at the slot and on the phone."""
        while True:
            code = self._draw()
            if not self.code_used(code, slot_id, booker_id, but):
                return code

    def _draw(self) -> str:
        """The next five digits; from the same draft the same ones again."""
        self._drawn += 1
        seed = f"{self.draft.seed}:{self._drawn}"
        digest = hashlib.sha256(seed.encode()).digest()
        number = int.from_bytes(digest[:6])
        return str(10_000 + number % 90_000)

    def code_used(self, code: str, slot_id: int, booker_id: int, but: int) -> bool:
        return (
            self.tx.value(
                _CODE_USED, code=code, slot_id=slot_id, booker_id=booker_id, but=but
            )
            is not None
        )

    def _fitting(self, party: Party) -> list[Free]:
        """Other slots than their own, with room for all of them."""
        own = party.first.slot_id
        places = party.places
        return [
            row for row in self._rows if row.id != own and self._has_room(row, places)
        ]

    def _has_room(self, row: Free, places: int) -> bool:
        return self._left[row.id] >= places

    def _order(self, row: Free) -> tuple[object, ...]:
        is_elsewhere = not self._is_same_event(row)
        is_of_others = row.hamlet_id != self.hamlet_id
        return is_elsewhere, is_of_others, row.day, row.starts_at, row.id

    def _is_same_event(self, row: Free) -> bool:
        return row.event_id == self.event.id


def free(tx: Tx, event: Event, now: int) -> list[Free]:
    """Slots of open events of the same kind that have a seat and are still to begin
    within sixty days.
    """
    until = now + AHEAD_MS
    return tx.all(
        _FREE,
        commune_id=event.commune_id,
        programme_id=event.programme_id,
        kind=event.kind,
        now=now,
        until=until,
    )
