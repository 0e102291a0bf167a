"""An event that does not take place: every booking, hold, wait and offer of it ends, and whom to tell of it."""

from __future__ import annotations

from sqlalchemy import text

from db.engine import Row, Statement, Tx

_OF_EVENT = "slot_id IN (SELECT id FROM slots WHERE event_id = :event_id)"
_HOLDS = Statement(text(f"UPDATE bookings SET until = :now WHERE status = 'held' AND until > :now AND {_OF_EVENT}"))
_END = "UPDATE bookings SET status = 'cancelled', reason = 'event', ended_at = :now WHERE"
_RETURNING = "RETURNING id, booker_id, revision, person_id, party_id"
_BOOKED = Statement(text(f"{_END} status = 'booked' AND {_OF_EVENT} {_RETURNING}"))
_WAITS = Statement(
    text(f"{_END} (status = 'waiting' OR (status = 'offered' AND until > :now)) AND {_OF_EVENT} {_RETURNING}")
)


def with_event(tx: Tx, *, event_id: int, now: int) -> list[Row]:
    """Rows id, booker_id, revision of whom to tell: a party once, and once whoever waited there for a better time."""
    here = {"event_id": event_id, "now": now}
    tx.run(_HOLDS, **here)
    parties: dict[int, Row] = {}
    people = set[int]()
    for row in sorted(tx.all(_BOOKED, **here), key=lambda row: row.id):
        parties.setdefault(row.party_id or -row.id, row)
        people.add(row.person_id)
    return [*parties.values(), *[row for row in tx.all(_WAITS, **here) if row.person_id not in people]]
