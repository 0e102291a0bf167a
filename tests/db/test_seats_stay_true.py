"""Whatever is done in whatever order, on either engine: no seat twice, nobody forgotten, every promise kept.

A machine of Hypothesis draws the stories; seats.py holds the commune and says what each act must answer, watched.py
what must be true after it. Thousands of stories with SOAK=1.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from db import bookings, events, seating, waiting
from db.engine import Database, Tx, from_ms
from menus.days import local
from menus.desk import HOLDER, Guest
from scheduler import upkeep
from tests import factories
from tests.db import seats
from tests.db.seats import KNOWN
from tests.db.watched import YES, Watched

SOAK = os.environ.get("SOAK") == "1"
EXAMPLES, STEPS = (3_000, 50) if SOAK else (120, 40)
PHONE = st.integers(0, seats.PHONES - 1)
SLOT, ANY = st.integers(0, 2), st.integers(0, 20)
EVENT = st.integers(0, 1)
MINUTES = st.sampled_from([1, 1, 1, 4, 4, 16, 16, 125, 125, 7 * 60, 24 * 60])


def some(*statuses: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Only where there is somebody to whom it can happen."""
    return precondition(lambda self: any(row.status in statuses for row in self.seen.rows))


class Stories(Watched):
    """Each rule is something that somebody does; after each the whole commune is looked at."""

    # What residents do.

    @rule(who=PHONE, slot=SLOT, places=st.sampled_from([1, 1, 1, 2, 3]))
    def choose(self, who: int, slot: int, places: int) -> None:
        at, me = self.world.slots[slot], self.world.people[who]
        want = seats.keeping(self.seen, self.next, me, at, places)
        assert self.acts(who, lambda desk: desk.keep(at, places)) == want
        if want == "done":
            held = self.seen.hold(me, self.seen.now)
            assert held is not None and (held.slot_id, held.places) == (at, places)

    @some("held")
    @rule(who=PHONE)
    def let_go(self, who: int) -> None:
        self.acts(who, lambda desk: desk.let_go())
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
        people = [self.world.people[mother], *([self.world.people[who]] if along else [])]
        self.books(who, slot, (HOLDER, her) if along else (her,), tuple(people))

    @some("booked")
    @rule(which=ANY, hers=st.booleans(), slot=SLOT)
    def change(self, which: int, hers: bool, slot: int) -> None:
        who, lot = self.a_lot(which, hers)
        at = self.world.slots[slot]
        if not lot or lot[0].slot_id == at:
            return
        want = seats.seats_for(self.seen, self.next, self.world.people[who], at, len(lot))
        assert (self.acts(who, lambda desk: desk.move(lot[0].id, at)) == "done") == want
        if want:
            now = [row for row in self.seen.rows if row.id in {row.id for row in lot}]
            assert {row.slot_id for row in now} == {at} and not any(row.to_move for row in now)

    @some("booked")
    @rule(which=ANY, hers=st.booleans())
    def cancel(self, which: int, hers: bool) -> None:
        who, lot = self.a_lot(which, hers)
        if lot:
            assert self.acts(who, lambda desk: desk.cancel(lot[0].id)) == "done"
            assert not {row.id for row in lot} & {row.id for row in self.seen.rows if row.status == "booked"}

    @some("cancelled")
    @rule(who=PHONE)
    def take_back(self, who: int) -> None:
        self.acts(who, lambda desk: desk.take_back())

    @precondition(lambda self: self.full())
    @rule(who=PHONE, slot=SLOT)
    def wait(self, who: int, slot: int) -> None:
        at, me = (full := self.full())[slot % len(full)], self.world.people[who]
        want = seats.joining(self.seen, self.next, me, at)
        place = [row.id for row in self.seen.waiting(at)]
        assert self.acts(who, lambda desk: desk.wait_for(at, KNOWN, YES)) == want
        if want == "done":
            now = [row.id for row in self.seen.waiting(at)]
            assert set(place) <= set(now) and any(row.person_id == me for row in self.seen.waiting(at))

    @some("offered")
    @rule(which=ANY)
    def accept(self, which: int) -> None:
        one, now = self.one("offered", which), self.next
        who, me = self.phone_of(one.booker_id), one.booker_id
        if who is None:
            return
        offer, stands = self.seen.offer(me, now), self.seen.stands(me)
        there = stands is not None and stands.slot_id == one.slot_id
        kept = self.seen.takes_bookings(one.slot_id, now) and self.seen.room(one.slot_id, now) >= 0
        want = offer is not None and kept and not there
        assert (self.acts(who, lambda desk: desk.accept(one.id)) == "done") == want
        seated = self.seen.stands(me)
        assert not want or (seated is not None and seated.slot_id == one.slot_id)

    @some("waiting", "offered")
    @rule(which=ANY)
    def leave(self, which: int) -> None:
        one = self.one("waiting", which) or self.one("offered", which)
        who = self.phone_of(one.booker_id)
        if who is not None and (one.status == "waiting" or one.until > self.next):
            assert self.acts(who, lambda desk: desk.leave(one.id)) == "done"

    @some("booked")
    @rule(which=ANY, hers=st.booleans())
    def will_come(self, which: int, hers: bool) -> None:
        who, lot = self.a_lot(which, hers)
        if lot:
            assert self.acts(who, lambda desk: desk.coming(lot[0].id, YES)) == "done"

    # What staff do.

    @rule(slot=SLOT)
    def the_paper_list_fills_a_time(self, slot: int) -> None:
        for _ in range(self.seen.room(self.world.slots[slot], self.next)):
            self.seat_at_the_desk(slot, None)

    @rule(slot=SLOT, who=st.none() | PHONE)
    def seat_at_the_desk(self, slot: int, who: int | None) -> None:
        """With a phone, or without one."""
        guest = seating.Guest(self.world.name(), hamlet_id=self.world.hamlet)
        person = None if who is None else self.world.people[who]
        at, hand, now = self.world.slots[slot], self.world.hand, self.next
        self.works(lambda tx: seating.seat(tx, guest, slot_id=at, hand=hand, now=now, person_id=person))

    @some("booked")
    @rule(which=ANY)
    def cancel_at_the_desk(self, which: int) -> None:
        one, now = self.one("booked", which).id, self.next
        self.works(lambda tx: bookings.cancel(tx, booking_id=one, now=now))

    @precondition(lambda self: self.full())
    @rule(who=PHONE, slot=SLOT)
    def a_seat_comes_free_for_who_waits(self, who: int, slot: int) -> None:
        at = (full := self.full())[slot % len(full)]
        self.wait(who, slot)
        if there := [row.id for row in self.seen.rows if row.status == "booked" and row.slot_id == at]:
            self.cancel_at_the_desk([row.id for row in self.seen.rows if row.status == "booked"].index(there[0]))
        self.the_clock_looks(0)

    @precondition(lambda self: self.full())
    @rule(slot=SLOT)
    def wait_without_a_phone(self, slot: int) -> None:
        def ask(tx: Tx) -> None:
            who = factories.person(tx, name=self.world.name())
            waiting.wait(tx, slot_id=at, person_id=who, booker_id=who, now=now, origin="desk")

        at, now = (full := self.full())[slot % len(full)], self.next
        self.works(ask)

    @some("booked")
    @rule(which=ANY)
    def check_in(self, which: int) -> None:
        one, hand, now = self.one("booked", which).id, self.world.hand, self.next
        self.works(lambda tx: bookings.attend(tx, booking_id=one, now=now, staff_id=hand.staff_id))

    @some("attended")
    @rule(which=ANY)
    def it_was_a_slip(self, which: int) -> None:
        one = self.one("attended", which).id
        self.works(lambda tx: bookings.unattend(tx, booking_id=one))

    @rule(event=EVENT, places=st.integers(1, 5))
    def edit_places(self, event: int, places: int) -> None:
        of = [slot for slot in self.seen.slots.values() if slot.event_id == self.world.events[event]]
        if of[0].state == "cancelled":
            return
        starts, now = local(from_ms(min(slot.starts_at for slot in of))), self.next
        self.shrunk |= {slot.id: now for slot in of if places < slot.capacity}
        self.works(
            lambda tx: events.edit(
                tx, of[0].event_id, hall_id=self.world.hall, day=starts.date().isoformat(),
                first=f"{starts:%H:%M}", places=places, note="", now=now,
            )
        )  # fmt: skip

    @precondition(lambda self: self.steps % 4 == 0)
    @rule(event=EVENT)
    def close_or_reopen(self, event: int) -> None:
        at = self.world.events[event]
        self.works(lambda tx: events.close(tx, at) or events.reopen(tx, at))

    @precondition(lambda self: self.steps > STEPS // 2)
    @rule(event=EVENT)
    def cancel_the_event(self, event: int) -> None:
        """Where others are moved to the next event, or asked, that is one text too: about a booking they had here."""
        at, now, before = self.world.events[event], self.next, self.seen
        of = [slot for slot in before.slots.values() if slot.event_id == at]
        if of[0].state == "cancelled" or max(slot.ends_at for slot in of) <= now:
            return
        self.works(lambda tx: events.cancel(tx, at, now=now), elsewhere=True)
        here = [row for row in before.rows if row.event_id == at and row.status != "held"]
        concerned = [r for r in here if r.status in ("booked", "waiting") or (r.status == "offered" and r.until > now)]
        left = [r for r in self.seen.rows if r.event_id == at and r.status in ("booked", "waiting", "offered", "held")]
        assert not [row for row in left if row.until is None or row.until > now]
        self.told_once(before, concerned)

    # What the clock does.

    @rule(minutes=MINUTES)
    def time_goes_by(self, minutes: int) -> None:
        self.works(lambda tx: None, minutes=minutes)

    @rule(minutes=st.sampled_from([0, 0, 1, 16, 125]))
    def the_clock_looks(self, minutes: int) -> None:
        self.works(lambda tx: None, minutes=minutes)
        before, now = self.seen, self.next
        want = seats.to_be_offered(before, now)
        self.works(lambda tx: None)
        upkeep.expire(self.world.db, from_ms(now))
        self.look(elsewhere=True)
        offered = {r.id: r for r in self.seen.rows if r.status == "offered"}
        was = {r.id for r in before.rows if r.status == "offered"}
        assert offered.keys() - was == want
        self.nobody_is_forgotten(before, now, [offered[one] for one in want])

    @precondition(lambda self: any(row.status == "booked" and row.ends_at < self.next for row in self.seen.rows))
    @rule()
    def nobody_came(self) -> None:
        now = self.next
        self.works(lambda tx: bookings.mark_missed(tx, now=now, ended_before=now - upkeep.GRACE_MS))


@pytest.mark.timeout(7_200 if SOAK else 120)
def test_whatever_is_done_in_whatever_order_seats_stay_true(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seats.few_codes(monkeypatch)
    with db.transaction() as tx:
        staff = factories.staff(tx)
    run_state_machine_as_test(
        lambda: Stories(db, staff),  # type: ignore[arg-type]  # it takes whatever makes one
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, derandomize=not SOAK,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
        ),
    )  # fmt: skip
