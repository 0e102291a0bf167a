"""A commune that is watched: after every act all of it is looked at, and what must
always be true is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from hypothesis.stateful import RuleBasedStateMachine

from db.port import DbPort
from db.progress.recount import recount
from db.store.engine import Database, Tx
from db.store.statements import Row
from menus.port import Consent, Guest
from tests.db import seats
from tests.db.seats import OFFERS_STOP_MS, SAID, Answer, Look, World

YES = Consent("confirm:test", "1")


class Watched(RuleBasedStateMachine):
    """What the rules of a story need: acts of phones and of staff, somebody to whom it
    happens, and the watch.
    """

    def __init__(self, db: Database, staff: int) -> None:
        super().__init__()
        self.world = World(db, staff)
        self.seen = self.world.look()
        self.steps = 0

    @property
    def next(self) -> int:
        """The moment of the act to come, UTC ms."""
        return self.world.ms + 1_000

    def acts(self, who: int, do: Callable[[DbPort], object]) -> Answer:
        answer = self.world.act(who, do)
        self.look()
        return answer

    def works(
        self, do: Callable[[Tx], object], *, minutes: int = 0, elsewhere: bool = False
    ) -> Answer:
        self.world.now += timedelta(minutes=minutes)
        answer = self.world.work(do)
        self.look(elsewhere)
        return answer

    def books(
        self, who: int, slot: int, party: tuple[Guest, ...], known: tuple[int, ...]
    ) -> None:
        me, at, now, before = (
            self.world.people[who],
            self.world.slots[slot],
            self.next,
            self.seen,
        )
        free = seats.seats_for(before, now, me, at, len(party)) and len(
            set(known)
        ) == len(known)
        want = free and not any(before.stands(person, after=now) for person in known)
        answer = self.acts(who, lambda port: port.book(at, SAID, YES, party))
        assert (answer == "done") == want, answer
        stood = {row.id for row in before.rows if row.status == "booked"}
        made = [
            row
            for row in self.seen.rows
            if row.status == "booked" and row.id not in stood
        ]
        assert len(made) == (len(party) if want else 0) and {
            row.slot_id for row in made
        } <= {at}

    def joins(self, who: int, at: int) -> None:
        me = self.world.people[who]
        want = seats.joining(self.seen, self.next, me, at)
        place = {row.id for row in self.seen.waiting(at)}
        assert self.acts(who, lambda port: port.wait_for(at, SAID, YES)) == want
        now = self.seen.waiting(at)
        if want == "done":
            assert place <= {row.id for row in now} and any(
                row.person_id == me for row in now
            )

    def standing(self) -> list[Row]:
        return [row for row in self.seen.rows if row.status == "booked"]

    def one(self, status: str, which: int) -> Row:
        found = [row for row in self.seen.rows if row.status == status]
        return found[which % len(found)] if found else None

    def full(self) -> list[int]:
        return [
            slot for slot in self.seen.slots if self.seen.room(slot, self.next) <= 0
        ]

    def phone_of(self, person: int) -> int | None:
        return self.world.people.index(person) if person in self.world.people else None

    def a_lot(self, which: int, hers: bool) -> tuple[int, list[Row]]:
        """Somebody's phone, and what it may change or cancel: the whole party it
        booked, or its holder's own seat.
        """
        row = self.one("booked", which)
        me = row.person_id if hers else row.booker_id
        if (who := self.phone_of(me)) is None or row.ends_at <= self.next:
            return 0, []
        party = [
            r
            for r in self.seen.rows
            if r.status == "booked" and r.party_id == row.party_id
        ]
        return who, party if row.party_id and row.booker_id == me else [row]

    def look(self, elsewhere: bool = False) -> None:
        """Look at everything; `elsewhere`: seats may have been given by the clock or
        the staff, to who is next.
        """
        self.steps += 1
        before, self.seen = self.seen, self.world.look()
        self.no_seat_is_given_twice()
        if not elsewhere:
            self.freed_seats_wait_for_those_who_wait(before)

    def teardown(self) -> None:
        with self.world.db.connection() as tx:
            assert recount(tx) == []

    def no_seat_is_given_twice(self) -> None:
        seen, now = self.seen, self.seen.now
        for slot, line in seen.slots.items():
            here = [
                row for row in seen.rows if row.slot_id == slot and seen.live(row, now)
            ]
            named = [row for row in here if row.to_move]
            came = sum(
                row.places
                for row in here
                if row.status in ("attended", "missed") and not row.to_move
            )
            most = max(line.capacity, came) + sum(row.places for row in named)
            assert sum(row.places for row in here) <= most, slot
        booked = Counter(row.person_id for row in seen.rows if row.status == "booked")
        held = Counter(
            row.booker_id
            for row in seen.rows
            if row.status == "held" and row.until > now
        )
        waits = Counter(
            row.person_id for row in seen.rows if row.status in ("waiting", "offered")
        )
        assert all(
            many == 1 for counted in (booked, held, waits) for many in counted.values()
        )
        for together in seats.parties(seen.rows).values():
            assert len({row.slot_id for row in together}) == 1
        # Whoever refused the seat that was kept for them may be asked again, about
        # another.
        said = [text for text in seen.texts if text.kind != "slot_choice"]
        told = Counter(
            (text.kind, text.booking_id, text.revision, text.phone) for text in said
        )
        assert all(many == 1 for many in told.values())

    def freed_seats_wait_for_those_who_wait(self, before: Look) -> None:
        now = self.seen.now
        for slot in before.slots:
            if before.waited_for(slot, now):
                assert self.seen.taken(slot, now) <= before.taken(slot, now)

    def nobody_is_forgotten(self, before: Look, now: int, offered: list[Row]) -> None:
        """After the clock's look: who still waits does so for a time to come, and who
        was served or not was told.
        """
        seen = self.seen
        assert not [
            row for row in seen.rows if row.status == "offered" and row.until <= now
        ]
        for row in (row for row in seen.rows if row.status == "waiting"):
            assert (
                seen.slots[row.slot_id].state != "cancelled"
                and row.starts_at > now + OFFERS_STOP_MS
            )
            assert not (
                seen.takes_bookings(row.slot_id, now)
                and row.places <= seen.room(row.slot_id, now)
            )
        waited = {row.id for row in before.rows if row.status == "waiting"}
        unserved = [
            row for row in seen.rows if row.id in waited and row.status == "unserved"
        ]
        asked = {row.id for row in before.rows if row.status == "offered"}
        lapsed = [
            row for row in seen.rows if row.id in asked and row.status == "passed"
        ]
        self.told_once(
            before,
            [
                *offered,
                *unserved,
                *[row for row in lapsed if not seen.stands(row.person_id)],
            ],
        )

    def told_once(self, before: Look, concerned: list[Row]) -> None:
        """One text for each who is concerned, or for their whole party; a task for
        staff where there is no phone.
        """
        # others who agreed are told beside
        booker = {row.id: row.phone for row in self.seen.rows}
        said = [
            said
            for said in self.seen.texts[len(before.texts) :]
            if said.phone == booker[said.booking_id]
        ]
        texts = Counter(one.booking_id for one in said if one.kind != "held")
        tasks = Counter(
            task.person_id for task in self.seen.to_tell[len(before.to_tell) :]
        )
        booked = {row.person_id for row in concerned if row.status == "booked"}
        lots: dict[object, list[Row]] = {}
        for row in concerned:
            if (
                row.status == "booked" or row.person_id not in booked
            ):  # who has a seat here is told of that
                lots.setdefault(
                    (row.party_id, row.slot_id) if row.party_id else row.id, []
                ).append(row)
        for lot in lots.values():
            if lot[0].phone:
                assert sum(texts[row.id] for row in lot) == 1, lot
            else:
                assert [tasks[row.person_id] for row in lot] == [1] * len(lot), lot
        assert texts.total() + tasks.total() == sum(
            1 if lot[0].phone else len(lot) for lot in lots.values()
        )
