"""What residents do to seats, each from their own phone, and what it must come to."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from menus.port import HOLDER, Guest
from tests import factories
from tests.db import seats
from tests.db.seats import SAID
from tests.db.watched import YES, Watched

PHONE = st.integers(0, seats.PHONES - 1)
SLOT, ANY = st.integers(0, 2), st.integers(0, 20)


def some(*statuses: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Only where there is somebody to whom it can happen."""
    return precondition(
        lambda self: any(row.status in statuses for row in self.seen.rows)
    )


class Residents(Watched):
    """Each rule is one act; the machine draws who does it, and when."""

    @rule(who=PHONE, slot=SLOT, places=st.sampled_from([1, 1, 1, 2, 3]))
    def choose(self, who: int, slot: int, places: int) -> None:
        at, me = self.world.slots[slot], self.world.people[who]
        want = seats.keeping(self.seen, self.next, me, at, places)
        assert self.acts(who, lambda port: port.keep(at, places)) == want
        if want == "done":
            held = self.seen.hold(me, self.seen.now)
            assert held is not None and (held.slot_id, held.places) == (at, places)

    @some("held")
    @rule(which=ANY)
    def choose_the_same_again(self, which: int) -> None:
        held = self.one("held", which)
        who = self.phone_of(held.booker_id)
        assert who is not None
        self.choose(who, self.world.slots.index(held.slot_id), held.places)

    @some("held")
    @rule(who=PHONE)
    def let_go(self, who: int) -> None:
        self.acts(who, lambda port: port.let_go())
        assert self.seen.hold(self.world.people[who], self.seen.now) is None

    @rule(who=PHONE, slot=SLOT, many=st.sampled_from([1, 1, 1, 2, 3, 5]))
    def confirm(self, who: int, slot: int, many: int) -> None:
        others = [Guest(self.world.name()) for _ in range(many - 1)]
        self.books(who, slot, (HOLDER, *others), (self.world.people[who],))

    @rule(who=PHONE, slot=SLOT)
    def confirm_what_was_kept(self, who: int, slot: int) -> None:
        self.choose(who, slot, 1)
        self.confirm(who, slot, 1)

    @rule(who=PHONE, slot=SLOT, mother=PHONE, along=st.booleans())
    def book_for_mother(self, who: int, slot: int, mother: int, along: bool) -> None:
        """She has a phone of her own; the daughter comes along, or does not."""
        her = Guest("Lý Thị Mẫu", factories.phone(mother))
        people = [
            self.world.people[mother],
            *([self.world.people[who]] if along else []),
        ]
        self.books(who, slot, (HOLDER, her) if along else (her,), tuple(people))

    @some("booked")
    @rule(which=ANY, hers=st.booleans(), slot=SLOT)
    def change(self, which: int, hers: bool, slot: int) -> None:
        who, lot = self.a_lot(which, hers)
        at = self.world.slots[slot]
        if not lot or lot[0].slot_id == at:
            return
        want = seats.seats_for(
            self.seen, self.next, self.world.people[who], at, len(lot)
        )
        assert (self.acts(who, lambda port: port.move(lot[0].id, at)) == "done") == want
        if want:
            now = [row for row in self.seen.rows if row.id in {row.id for row in lot}]
            assert {row.slot_id for row in now} == {at} and not any(
                row.to_move for row in now
            )

    @rule(who=PHONE, mother=PHONE, slot=SLOT, to=SLOT, kept=st.booleans())
    def mother_changes_from_her_own_phone(
        self, who: int, mother: int, slot: int, to: int, kept: bool
    ) -> None:
        self.book_for_mother(who, slot, mother, True)
        me = self.world.people[mother]
        if kept:
            self.choose(mother, to, 1)
        if hers := [n for n, row in enumerate(self.standing()) if row.person_id == me]:
            self.change(hers[0], True, to)

    @some("booked")
    @rule(which=ANY, hers=st.booleans())
    def cancel(self, which: int, hers: bool) -> None:
        who, lot = self.a_lot(which, hers)
        if lot:
            assert self.acts(who, lambda port: port.cancel(lot[0].id)) == "done"
            assert not {row.id for row in lot} & {
                row.id for row in self.seen.rows if row.status == "booked"
            }

    @some("cancelled")
    @rule(who=PHONE)
    def take_back(self, who: int) -> None:
        self.acts(who, lambda port: port.take_back())

    @precondition(lambda self: self.full())
    @rule(who=PHONE, slot=SLOT)
    def wait(self, who: int, slot: int) -> None:
        self.joins(who, (full := self.full())[slot % len(full)])

    @precondition(lambda self: self.full())
    @rule(who=PHONE, slot=SLOT, many=st.integers(1, 2), along=st.booleans())
    def a_family_waits(self, who: int, slot: int, many: int, along: bool) -> None:
        """With others nobody has heard of, or only for them."""
        party = (
            *((HOLDER,) if along else ()),
            *[Guest(self.world.name()) for _ in range(many)],
        )
        at, me = (full := self.full())[slot % len(full)], self.world.people[who]
        before, now = self.seen, self.next
        answer = self.acts(who, lambda port: port.wait_for(at, SAID, YES, party))
        assert answer == seats.joining(before, now, me, at, party)
        if answer == "done" and not any(
            r.person_id == me and r.places == len(party) for r in before.waiting(at)
        ):
            place = next(row for row in self.seen.waiting(at) if row.person_id == me)
            come = [
                row
                for row in self.seen.rows
                if row.status == "along" and row.party_id == place.id
            ]
            assert (place.places, len(come)) == (len(party), len(party))

    @some("offered")
    @rule(which=ANY)
    def accept(self, which: int) -> None:
        one, now = self.one("offered", which), self.next
        who, me = self.phone_of(one.booker_id), one.person_id
        if who is None:
            return
        offer, stands = self.seen.offer(me, now), self.seen.stands(me)
        party = (
            seats.parties(self.seen.rows).get(stands.party_id, [stands])
            if stands
            else []
        )
        there = stands is not None and stands.slot_id == one.slot_id
        kept = (
            self.seen.takes_bookings(one.slot_id, now)
            and self.seen.room(one.slot_id, now) >= 0
        )
        come = [
            row.person_id
            for row in self.seen.rows
            if row.status == "along" and row.party_id == one.id
        ]
        if come:
            there, stands = any(self.seen.stands(person) for person in come), None
        want = offer is not None and kept and not there
        assert (self.acts(who, lambda port: port.accept(one.id)) == "done") == want
        seated = [self.seen.stands(person) for person in come or [me]]
        assert not want or {row.slot_id if row else 0 for row in seated} == {
            one.slot_id
        }
        if (
            want and stands is not None
        ):  # the family comes along if there is a seat for each
            along = (
                {row.id for row in party} if len(party) <= one.places else {stands.id}
            )
            there = {row.id: row.slot_id for row in self.seen.rows}
            assert all(
                there[r.id] == (one.slot_id if r.id in along else r.slot_id)
                for r in party
            )

    @some("waiting", "offered")
    @rule(which=ANY)
    def leave(self, which: int) -> None:
        one = self.one("waiting", which) or self.one("offered", which)
        who = self.phone_of(one.booker_id)
        if who is not None and (one.status == "waiting" or one.until > self.next):
            assert self.acts(who, lambda port: port.leave(one.id)) == "done"

    @some("booked")
    @rule(which=ANY, hers=st.booleans(), agreed=st.sampled_from([True, True, False]))
    def may_be_moved(self, which: int, hers: bool, agreed: bool) -> None:
        who, lot = self.a_lot(which, hers)
        if lot:
            assert (
                self.acts(who, lambda port: port.may_move(lot[0].id, agreed)) == "done"
            )
            now = [row for row in self.seen.rows if row.id in {row.id for row in lot}]
            assert {bool(row.may_move) for row in now} == {agreed}

    @some("booked")
    @rule(which=ANY, hers=st.booleans())
    def will_come(self, which: int, hers: bool) -> None:
        who, lot = self.a_lot(which, hers)
        if lot:
            assert self.acts(who, lambda port: port.coming(lot[0].id, YES)) == "done"
