"""Telling those whom a change of an event concerns: a text to the phone that booked, or
a task for staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar

from db.notices import also_told
from db.office import tasks
from db.store.engine import Tx, from_ms
from db.texts import outbox
from menus import days
from menus.notices import Kind

# moved: to another time. choice: a seat elsewhere is kept for an answer. cancelled:
# there was none. waited: no longer waits here. waits: still does, for a time that moved
# or after an offer that is gone. shifted: goes along with the event. asked: was offered
# a seat before. stays: nothing could be done. invited: has no seat, and is told of the
# session itself.
What = Literal[
    "moved",
    "choice",
    "cancelled",
    "waited",
    "waits",
    "shifted",
    "asked",
    "stays",
    "invited",
]

# What those hear who were booked by another phone: the choice is the booker's, and
# while a seat that is to go is still theirs they hear nothing, nor of one that they
# never had.
_NEWS: dict[Kind, Kind] = {
    "event_moved": "event_moved",
    "event_cancelled": "event_cancelled",
    "event_choice": "event_cancelled",
}


class Concerned(NamedTuple):
    """A booking that a change of its event concerns."""

    id: int
    status: str
    code: str
    person_id: int
    booker_id: int
    party_id: int | None
    places: int
    revision: int
    may_move: bool  # agreed beforehand to the next event; 0 or 1 on SQLite
    slot_id: int
    made_at: int  # UTC ms
    starts_at: int  # UTC ms
    hall: str
    phone: str | None  # that booked, E.164


class Party(NamedTuple):
    """Who has one seat, or comes as a party: the first of them speaks for all."""

    rows: tuple[Concerned, ...]

    @property
    def first(self) -> Concerned:
        return self.rows[0]

    @property
    def places(self) -> int:
        return sum(row.places for row in self.rows)

    @property
    def people(self) -> tuple[int, ...]:
        """The ids of those who come."""
        return tuple(row.person_id for row in self.rows)


class Outcome(NamedTuple):
    """What became of a party or a guest; the text that is queued for it, or what staff are to
    tell.
    """

    what: What
    booking_id: int | None  # none: of a guest, who is the one of `people`
    people: tuple[int, ...]
    starts_at: int  # UTC ms, as it was
    message_id: int | None = None
    task: str = ""


class OfParty(Protocol):
    """What says which bookings go together."""

    @property
    def id(self) -> int: ...
    @property
    def party_id(self) -> int | None: ...
    @property
    def slot_id(self) -> int: ...
    @property
    def status(self) -> str: ...


B = TypeVar("B", bound=OfParty)


def together(rows: Sequence[B]) -> list[tuple[B, ...]]:
    """Rows as they come, those of one party in one slot and status together at the
    place of the first.
    """
    found: dict[object, list[B]] = {}
    for row in rows:
        key = _who_goes_together(row)
        of_party = found.setdefault(key, [])
        of_party.append(row)
    return [tuple(of_party) for of_party in found.values()]


def _who_goes_together(row: OfParty) -> object:
    """The same for all rows of one party in one slot and status; whoever comes alone
    has one of their own.
    """
    if row.party_id:
        return row.party_id, row.slot_id, row.status
    return row.id


def parties(rows: Sequence[Concerned]) -> list[Party]:
    return [Party(each) for each in together(rows)]


def tell(
    tx: Tx,
    what: What,
    kind: Kind,
    party: Party,
    *,
    commune_id: int,
    now: int,
    note: str,
    revision: int,
    once: str = "",
) -> Outcome:
    """One text for the party, about its first booking; without a phone a task with
    `note` for each.

    Either names its booking and the revision it is about: so the event's page finds it.
    `once` names what is said only once; by itself the booking in this `revision`.
    """
    first = party.first
    phone = first.phone
    news = _NEWS.get(kind)
    if news and what != "waited":
        booking_ids = [row.id for row in party.rows]
        also_told.tell(
            tx, news, booking_ids, but=phone or "", commune_id=commune_id, now=now
        )
    outcome = silent(what, party)
    if not phone:
        for row in party.rows:
            tasks.tell(tx, row.id, commune_id=commune_id, note=note, now=now)
        return outcome._replace(task=note[:200])
    if not once:
        once = f"{kind}:{first.id}:r{revision}"
    posted = outbox.post(
        tx,
        kind=kind,
        commune_id=commune_id,
        phone=phone,
        now=now,
        booking_id=first.id,
        revision=revision,
        once=once,
    )
    return outcome._replace(message_id=posted)


def silent(what: What, party: Party) -> Outcome:
    """Nobody is told anything."""
    first = party.first
    return Outcome(what, first.id, party.people, first.starts_at)


def in_short(starts_at: int, hall: str) -> str:
    """An appointment in a task, as `8h00 CN 12/5, NVH Quảng Trung I`."""
    time = days.short_time(from_ms(starts_at), "vi")
    return f"{time}, {hall}"
