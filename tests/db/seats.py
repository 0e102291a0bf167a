"""A small commune for random stories about seats, a look at all of it, and in plain
Python what each act must answer.

Liveness is judged from the rows alone, without the statements that are tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Literal

import pytest
from sqlalchemy import text

from db.calendar.events import BadTimes, HallTaken, TooLate
from db.models import (
    attempts,
    audit,
    consents,
    events,
    facts,
    halls,
    hamlets,
    messages,
    slots,
    tasks,
    wishes,
)
from db.models import bookings as booked
from db.models import people as residents
from db.port import DbPort
from db.register import facts as known
from db.seats import bookings, holds, waiting
from db.seats.seating import Actor
from db.store.engine import Database, Tx, to_ms
from db.store.statements import Row
from menus.days import at_local
from menus.port import HOLDER, AlreadyBooked, Guest, NoSuchBooking, Said, SlotTaken
from tests import factories

PHONES = 7
POOR = (1, 4)  # of the phones: theirs is the next freed seat
LIVE_FOR_EVER = ("booked", "attended", "missed")
OFFERS_STOP_MS = 12 * 3_600_000
SAID = Said()
REFUSED = (SlotTaken, AlreadyBooked, NoSuchBooking, BadTimes, HallTaken, TooLate)
Answer = Literal[
    "done",
    "SlotTaken",
    "AlreadyBooked",
    "NoSuchBooking",
    "BadTimes",
    "HallTaken",
    "TooLate",
]

_EMPTIED = (
    attempts,
    wishes,
    messages,
    tasks,
    audit,
    consents,
    facts,
    booked,
    slots,
    events,
    halls,
    residents,
    hamlets,
)
_ROWS = text(
    "SELECT b.*, s.event_id, s.starts_at, s.ends_at, p.phone FROM bookings b JOIN slots s ON s.id = b.slot_id"
    " JOIN people p ON p.id = b.booker_id ORDER BY b.id"
)
_SLOTS = text(
    "SELECT s.id, s.event_id, s.starts_at, s.ends_at, s.capacity, e.state FROM slots s JOIN events e"
    " ON e.id = s.event_id ORDER BY s.id"
)
_SAID = text(
    "SELECT id, kind, booking_id, revision, phone FROM messages WHERE direction = 'out' ORDER BY id"
)
_TO_TELL = text("SELECT id, person_id FROM tasks WHERE kind = 'tell' ORDER BY id")


@dataclass(frozen=True)
class Look:
    """Everything about seats at one moment (UTC ms)."""

    now: int
    rows: list[Row]
    slots: dict[int, Row]
    texts: list[Row]
    to_tell: list[Row]

    def live(self, row: Row, now: int) -> bool:
        held: bool = row.status in ("held", "offered") and row.until > now
        return held or row.status in LIVE_FOR_EVER

    def taken(self, slot: int, now: int, but: int = 0) -> int:
        """Places that are not to be had; `but` leaves out the hold of one booker."""
        return sum(
            row.places
            for row in self.rows
            if row.slot_id == slot
            and self.live(row, now)
            and not (row.status == "held" and row.booker_id == but)
        )

    def room(self, slot: int, now: int, but: int = 0) -> int:
        return int(self.slots[slot].capacity) - self.taken(slot, now, but)

    def waiting(self, slot: int, but: int = 0) -> list[Row]:
        """Who waits, in the order in which they are served."""
        found = [
            r
            for r in self.rows
            if r.slot_id == slot and r.status == "waiting" and r.person_id != but
        ]
        return sorted(found, key=lambda r: (r.priority, r.made_at, r.id))

    def waited_for(self, slot: int, now: int, but: int = 0) -> bool:
        return self.slots[slot].starts_at > now + OFFERS_STOP_MS and bool(
            self.waiting(slot, but)
        )

    def takes_bookings(self, slot: int, now: int) -> bool:
        return bool(
            self.slots[slot].state == "open" and self.slots[slot].starts_at > now
        )

    def hold(self, booker: int, now: int) -> Row | None:
        """The live one of this phone."""
        return next(
            (
                r
                for r in self.rows
                if r.booker_id == booker and r.status == "held" and r.until > now
            ),
            None,
        )

    def stands(self, person: int, after: int = 0) -> Row | None:
        """What this person has booked; not what ended before `after`."""
        mine = (
            r
            for r in self.rows
            if r.person_id == person and r.status == "booked" and r.ends_at > after
        )
        return next(mine, None)

    def offer(self, person: int, now: int) -> Row | None:
        mine = (
            r
            for r in self.rows
            if r.person_id == person and r.status == "offered" and r.until > now
        )
        return next(mine, None)


class World:
    """Two events with three times in all, seven phones, a clerk, and a clock that only
    this test moves.
    """

    def __init__(self, db: Database, staff: int) -> None:
        self.db, self.now, self._named = (
            db,
            at_local(date(2024, 4, 12), "09:00"),
            count(1),
        )
        with db.transaction() as tx:
            # only then it is deleted
            tx.run(
                wishes.update().where(wishes.c.ended_at.is_(None)).values(ended_at=0)
            )
            for table in _EMPTIED:
                tx.run(table.delete())
            self.hamlet = factories.hamlet(tx)
            self.hall = factories.hall(tx, self.hamlet)
            begins = (
                self.now + timedelta(days=1, hours=5),
                self.now + timedelta(days=2, hours=-1),
            )
            first = factories.event_with_slots(
                tx, hall_id=self.hall, starts=begins[0], slots_=2, capacity=2
            )
            second = factories.event_with_slots(
                tx, hall_id=self.hall, starts=begins[1], capacity=1
            )
            self.events, self.slots = (
                (first.id, second.id),
                (*first.slots, *second.slots),
            )
            self.people = tuple(
                [factories.person(tx, number=number) for number in range(PHONES)]
            )
            for number in POOR:
                known.note(tx, self.people[number], "poor", "register", "yes", 0)
        self.actor = Actor(factories.COMMUNE, staff, None, "yes", "k")

    @property
    def ms(self) -> int:
        return to_ms(self.now)

    def name(self) -> str:
        """Of somebody nobody has heard of yet."""
        return f"Khách {next(self._named)}"

    def look(self) -> Look:
        with self.db.connection() as tx:
            found = {row.id: row for row in tx.all(_SLOTS)}
            return Look(self.ms, tx.all(_ROWS), found, tx.all(_SAID), tx.all(_TO_TELL))

    def act(self, phone: int, do: Callable[[DbPort], object]) -> Answer:
        """One act of one phone, a second after what was before. As in a turn, what
        surrounds a refusal is committed.
        """
        return self._try(lambda tx: do(self._desk(tx, phone)))

    def work(self, do: Callable[[Tx], object]) -> Answer:
        """What staff or the clock do: a refusal undoes all of it."""

        def whole(tx: Tx) -> None:
            with tx.savepoint():
                do(tx)

        return self._try(whole)

    def _try(self, do: Callable[[Tx], object]) -> Answer:
        self.now += timedelta(seconds=1)
        with self.db.transaction() as tx:
            try:
                do(tx)
            except REFUSED as refused:
                answer: Answer = type(refused).__name__  # type: ignore[assignment]
                return answer
        return "done"

    def _desk(self, tx: Tx, phone: int) -> DbPort:
        return DbPort(
            tx,
            commune_id=factories.COMMUNE,
            phone=factories.phone(phone),
            channel="ussd",
            now=self.now,
            privacy_key="a privacy key of the tests",
            acting=tx.savepoint,
        )


def few_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few that they meet all the time, as five digits do once in a lifetime."""
    drawn = count(1)
    for room in (bookings, holds, waiting):
        monkeypatch.setattr(
            room, "draw_code", lambda: f"{10_000 + 11 * next(drawn) % 40}"
        )


def keeping(seen: Look, now: int, booker: int, slot: int, places: int) -> Answer:
    """What choosing a time answers: a hold is no way past those who wait, but whoever
    has one keeps it.
    """
    if not seen.takes_bookings(slot, now):
        return "SlotTaken"
    mine = seen.hold(booker, now)
    own = mine.places if mine is not None and mine.slot_id == slot else 0
    room = seen.room(slot, now, but=booker)
    return (
        "done"
        if places <= (min(own, room) if seen.waited_for(slot, now) else room)
        else "SlotTaken"
    )


def seats_for(seen: Look, now: int, booker: int, slot: int, many: int) -> bool:
    """Whether so many may be seated now by this phone: those it keeps, or what nobody
    waits for.
    """
    mine = seen.hold(booker, now)
    kept = mine is not None and mine.slot_id == slot and mine.places >= many
    room = (
        0
        if seen.waited_for(slot, now) and not kept
        else seen.room(slot, now, but=booker)
    )
    return seen.takes_bookings(slot, now) and many <= room


def joining(
    seen: Look, now: int, person: int, slot: int, party: tuple[Guest, ...] = (HOLDER,)
) -> Answer:
    """What asking to wait answers; for a party, or for those who come with the booking
    there is.
    """
    if not seen.takes_bookings(slot, now):
        return "SlotTaken"
    if seen.offer(person, now):
        return "AlreadyBooked"
    there = seen.stands(person)
    many = family(seen, there) if party == (HOLDER,) else len(party)
    if any(
        row.person_id == person and (party == (HOLDER,) or row.places == many)
        for row in seen.waiting(slot)
    ):
        return "done"  # waits already, and keeps the place
    hold = seen.hold(person, now)
    if (HOLDER in party and there is not None and there.slot_id == slot) or (
        hold is not None and hold.slot_id == slot
    ):
        return "SlotTaken"
    early = seen.slots[slot].starts_at > now + OFFERS_STOP_MS
    full = seen.waited_for(slot, now, but=person) or seen.room(slot, now) <= 0
    return (
        "done" if early and full and many <= seen.slots[slot].capacity else "SlotTaken"
    )


def family(seen: Look, booking: Row | None) -> int:
    """For how many somebody waits: all of the party that they booked, and would bring
    along.
    """
    if (
        booking is None
        or not booking.party_id
        or booking.booker_id != booking.person_id
    ):
        return 1
    return len(parties(seen.rows)[booking.party_id])


def to_be_offered(seen: Look, now: int) -> set[int]:
    """The waits that the clock's next look must turn into offers: in their order, as
    far as the seats go.
    """
    served = set[int]()
    for slot in seen.slots:
        room = seen.room(slot, now)
        if not seen.takes_bookings(slot, now) or not seen.waited_for(slot, now):
            continue
        for row in seen.waiting(slot):
            if row.places <= room:
                room -= row.places
                served.add(row.id)
    return served


def parties(rows: list[Row]) -> dict[int, list[Row]]:
    """Standing bookings of those who come together."""
    found = defaultdict[int, list[Row]](list)
    for row in rows:
        if row.party_id and row.status == "booked":
            found[row.party_id].append(row)
    return found
