"""Whatever is done in whatever order, on either engine: no seat twice, nobody
forgotten, every promise kept.

A machine of Hypothesis draws the stories; seats.py holds the commune and says what each
act must answer, watched.py what must be true after it. Thousands of stories with
SOAK=1, which also makes a story that fails as short as it can.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from db.calendar import events
from db.changes import days
from db.seats import attendance, bookings, seating, waiting
from db.store.engine import Database, Tx, from_ms
from menus.days import local
from scheduler import upkeep
from tests import factories
from tests.db import seats
from tests.db.residents import ANY, PHONE, SLOT, Residents, some
from tests.db.seats import Look

SOAK = os.environ.get("SOAK") == "1"
EXAMPLES, STEPS = (3_000, 50) if SOAK else (120, 40)
PHASES = (Phase.generate, Phase.shrink) if SOAK else (Phase.generate,)
HOUR_MS = 3_600_000
EVENT = st.integers(0, 1)
MINUTES = st.sampled_from([1, 1, 1, 4, 4, 16, 16, 125, 125, 7 * 60, 24 * 60])


class Stories(Residents):
    """Each rule is something that somebody does; after each the whole commune is looked
    at.
    """

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
        at, actor, now = self.world.slots[slot], self.world.actor, self.next
        self.works(
            lambda tx: seating.seat(
                tx, guest, slot_id=at, actor=actor, now=now, person_id=person
            )
        )

    @some("booked")
    @rule(which=ANY)
    def cancel_at_the_desk(self, which: int) -> None:
        one, now = self.one("booked", which).id, self.next
        self.works(lambda tx: bookings.cancel(tx, booking_id=one, now=now))

    @rule(who=PHONE, slot=SLOT, many=st.integers(1, 3))
    def seats_come_free_for_who_waits(self, who: int, slot: int, many: int) -> None:
        self.the_paper_list_fills_a_time(slot)
        self.joins(who, at := self.world.slots[slot])
        for _ in range(many):
            if there := [
                n for n, row in enumerate(self.standing()) if row.slot_id == at
            ]:
                self.cancel_at_the_desk(there[0])
        self.the_clock_looks(0)

    @rule(
        who=PHONE,
        slot=SLOT,
        to=SLOT,
        many=st.integers(1, 3),
        which=ANY,
        alone=st.booleans(),
    )
    def a_family_waits_for_a_better_time(
        self, who: int, slot: int, to: int, many: int, which: int, alone: bool
    ) -> None:
        """Or only she waits, and books for the family elsewhere meanwhile."""
        if alone:
            self.the_paper_list_fills_a_time(to)
            self.joins(who, self.world.slots[to])
        self.confirm(who, slot, 2)
        self.seats_come_free_for_who_waits(who, to, many)
        if self.one("offered", which):
            self.accept(which)

    @rule(who=PHONE, slot=SLOT, which=ANY)
    def an_offer_is_answered_too_late(self, who: int, slot: int, which: int) -> None:
        self.seats_come_free_for_who_waits(who, slot, 1)
        self.time_goes_by(125)
        if self.one("offered", which):
            self.accept(which)

    @rule(who=PHONE, slot=SLOT, to=SLOT)
    def one_of_two_was_checked_in_by_mistake(
        self, who: int, slot: int, to: int
    ) -> None:
        self.confirm(who, slot, 2)
        me = self.world.people[who]
        mine = [
            n
            for n, row in enumerate(self.standing())
            if row.booker_id == me and row.party_id
        ]
        if len(mine) == 2:
            self.check_in(mine[0])
            self.change(mine[0], False, to)
            self.it_was_a_slip(-1)

    @rule(who=PHONE, slot=SLOT)
    def a_time_is_shrunk_under_a_hold(self, who: int, slot: int) -> None:
        self.choose(who, slot, 1)
        self.the_paper_list_fills_a_time(slot)
        self.edit_places(
            self.world.events.index(self.seen.slots[self.world.slots[slot]].event_id), 1
        )
        self.choose(who, slot, 1)

    @rule(slot=SLOT, places=st.integers(1, 2))
    def a_time_is_shrunk_after_the_last_came(self, slot: int, places: int) -> None:
        at = self.world.slots[slot]
        self.the_paper_list_fills_a_time(slot)
        if there := [n for n, row in enumerate(self.standing()) if row.slot_id == at]:
            self.check_in(there[-1])
        self.edit_places(self.world.events.index(self.seen.slots[at].event_id), places)

    @precondition(lambda self: self.full())
    @rule(slot=SLOT)
    def wait_without_a_phone(self, slot: int) -> None:
        def ask(tx: Tx) -> None:
            who = factories.person(tx, name=self.world.name())
            waiting.wait(
                tx, slot_id=at, person_id=who, booker_id=who, now=now, origin="desk"
            )

        at, now = (full := self.full())[slot % len(full)], self.next
        self.works(ask)

    @some("booked")
    @rule(which=ANY)
    def check_in(self, which: int) -> None:
        one, actor, now = self.one("booked", which).id, self.world.actor, self.next
        self.works(
            lambda tx: attendance.attend(
                tx, booking_id=one, now=now, staff_id=actor.staff_id
            )
        )

    @some("attended")
    @rule(which=ANY)
    def it_was_a_slip(self, which: int) -> None:
        one = self.one("attended", which).id
        self.works(lambda tx: attendance.unattend(tx, booking_id=one))

    @rule(event=EVENT, places=st.integers(1, 5))
    def edit_places(self, event: int, places: int) -> None:
        of = [
            slot
            for slot in self.seen.slots.values()
            if slot.event_id == self.world.events[event]
        ]
        if of[0].state == "cancelled":
            return
        starts, now = local(from_ms(min(slot.starts_at for slot in of))), self.next
        before = self.seen
        self.works(
            lambda tx: days.edit(
                tx,
                of[0].event_id,
                hall_id=self.world.hall,
                day=starts.date().isoformat(),
                first=f"{starts:%H:%M}",
                places=places,
                note="",
                now=now,
            )
        )
        waits = {row.id for row in self.seen.rows if row.status == "waiting"}
        self.told_once(
            before,
            [row for row in before.rows if row.status == "offered" and row.id in waits],
        )

    @precondition(lambda self: self.steps % 4 == 0)
    @rule(event=EVENT)
    def close_or_reopen(self, event: int) -> None:
        at = self.world.events[event]
        self.works(lambda tx: events.close(tx, at) or events.reopen(tx, at))

    @precondition(lambda self: self.steps > STEPS // 2)
    @rule(event=EVENT)
    def cancel_the_event(self, event: int) -> None:
        """Who agreed to it is moved, others are asked or told: with one text, about the
        booking they had here.
        """
        at, now, before = self.world.events[event], self.next, self.seen
        of = [slot for slot in before.slots.values() if slot.event_id == at]
        if of[0].state == "cancelled" or max(slot.ends_at for slot in of) <= now:
            return
        self.works(lambda tx: days.cancel(tx, at, now=now))
        here = [
            row for row in before.rows if row.event_id == at and row.status != "held"
        ]
        concerned = [
            r
            for r in here
            if r.status in ("booked", "waiting")
            or (r.status == "offered" and r.until > now)
        ]
        left = [
            r
            for r in self.seen.rows
            if r.event_id == at and r.status in ("booked", "waiting", "offered", "held")
        ]
        assert not [row for row in left if row.until is None or row.until > now]
        self.told_once(before, concerned)
        self.moved_where_they_agreed(before)

    @some("booked")
    @rule(event=EVENT, hours=st.sampled_from([-1, 1, 24]))
    def move_the_event(self, event: int, hours: int) -> None:
        """To another hour or day: who is booked goes along, with one text; what was
        only promised ends.
        """
        at, now, before = self.world.events[event], self.next, self.seen
        of = [slot for slot in before.slots.values() if slot.event_id == at]
        to = local(from_ms(min(slot.starts_at for slot in of) + hours * HOUR_MS))
        done = self.works(
            lambda tx: days.edit(
                tx,
                at,
                hall_id=self.world.hall,
                day=to.date().isoformat(),
                first=f"{to:%H:%M}",
                places=None,
                note="",
                now=now,
            )
        )
        if done == "done":
            here = [row for row in before.rows if row.event_id == at]
            live = [
                row
                for row in here
                if row.status in ("booked", "waiting") or before.live(row, now)
            ]
            self.told_once(
                before,
                [row for row in live if row.status in ("booked", "waiting", "offered")],
            )
            promised = {row.id for row in here if row.status in ("held", "offered")}
            assert not [
                row
                for row in self.seen.rows
                if row.id in promised and self.seen.live(row, self.seen.now)
            ]

    @rule(slot=SLOT, places=st.integers(1, 2))
    def a_time_is_shrunk_and_who_is_too_many_finds_another(
        self, slot: int, places: int
    ) -> None:
        self.the_paper_list_fills_a_time(slot)
        event = self.seen.slots[self.world.slots[slot]].event_id
        self.edit_places(self.world.events.index(event), places)
        self.move_the_named(self.world.events.index(event))

    @precondition(
        lambda self: any(
            row.to_move and row.status == "booked" for row in self.seen.rows
        )
    )
    @rule(event=EVENT)
    def move_the_named(self, event: int) -> None:
        """At most one text each, others who agreed told beside; and none keeps fewer
        seats than before.
        """
        at, now, before = self.world.events[event], self.next, self.seen
        named = [
            row
            for row in before.rows
            if row.event_id == at and row.status == "booked" and row.to_move
        ]
        self.works(lambda tx: days.move_named(tx, at, now=now))
        booker = {row.id: row.phone for row in self.seen.rows}
        every = self.seen.texts[len(before.texts) :]
        said = [text for text in every if text.phone == booker[text.booking_id]]
        assert {text.kind for text in said} <= {"event_moved", "slot_choice"}
        assert {text.kind for text in every if text not in said} <= {"event_moved"}
        lots = {row.party_id or row.id for row in named}
        assert len(said) + len(self.seen.to_tell) - len(before.to_tell) <= len(
            named
        ) and len(said) <= len(lots)
        booked = {row.person_id for row in self.seen.rows if row.status == "booked"}
        assert {row.person_id for row in named} <= booked
        self.moved_where_they_agreed(before)

    def moved_where_they_agreed(self, before: Look) -> None:
        """Nobody else's time is changed over their head."""
        was = {row.id: row for row in before.rows if row.status == "booked"}
        moved = [
            row
            for row in self.seen.rows
            if row.id in was and row.slot_id != was[row.id].slot_id
        ]
        parties = {
            row.party_id for row in was.values() if row.may_move and row.party_id
        }
        for row in moved:
            assert row.may_move or row.party_id in parties
            assert row.starts_at > was[row.id].starts_at and row.status == "booked"

    # What the clock does.

    @precondition(lambda self: self.steps > STEPS // 2)
    @rule(who=PHONE, slot=SLOT)
    def wait_in_vain(self, who: int, slot: int) -> None:
        at = self.world.slots[slot]
        self.the_paper_list_fills_a_time(slot)
        self.joins(who, at)
        closes = self.seen.slots[at].starts_at - seats.OFFERS_STOP_MS
        self.the_clock_looks(max(closes - self.world.ms, 0) // 60_000 + 1)

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

    @precondition(
        lambda self: any(
            row.status == "booked" and row.ends_at < self.next for row in self.seen.rows
        )
    )
    @rule()
    def nobody_came(self) -> None:
        now = self.next
        self.works(
            lambda tx: attendance.mark_missed(
                tx, now=now, ended_before=now - upkeep.GRACE_MS
            )
        )


@pytest.mark.race
@pytest.mark.timeout(7_200 if SOAK else 300)
def test_whatever_is_done_in_whatever_order_seats_stay_true(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats.few_codes(monkeypatch)
    with db.transaction() as tx:
        staff = factories.staff(tx)
    run_state_machine_as_test(
        lambda: Stories(db, staff),  # type: ignore[arg-type]  # it takes whatever makes one
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )


def test_a_code_drawn_anew_is_none_that_this_phone_bears_already(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["10001", "10002", "10002", "10001", "10003"])
    monkeypatch.setattr(bookings, "draw_code", lambda: next(drawn))
    with db.transaction() as tx:
        starts = datetime(2024, 4, 21, 1, tzinfo=UTC)
        first, second = factories.event_with_slots(
            tx, hall_id=factories.hall(tx), starts=starts, slots_=2, capacity=3
        ).slots
        daughter, mother, other = [
            factories.person(tx, number=number) for number in range(3)
        ]
        factories.booking(tx, slot_id=first, person_id=daughter, now=0)
        hers = bookings.book(
            tx,
            slot_id=first,
            person_id=mother,
            booker_id=daughter,
            now=0,
            origin="ussd",
        )
        # bears the mother's code at another time
        factories.booking(tx, slot_id=second, person_id=other, now=0)
        assert (
            bookings.move(tx, booking_id=hers.id, slot_id=second, now=0).code == "10003"
        )
