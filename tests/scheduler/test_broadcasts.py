"""Broadcasts on the clock: who is let go, judged anew or put off, what stops itself,
what belongs to a day.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.broadcasts import asking, control, drafts, ledger, planning, preview, watch
from db.broadcasts.errors import CannotDo
from db.changes import numbers
from db.privacy import erasure
from db.register import identity
from db.store.engine import Database, Tx, to_ms
from db.texts import stops
from gateway.transports.base import BadNumber, Outbound, Throttled
from scheduler import broadcasts
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, Town, at
from tests.scheduler.stand_in import NOON, Carrier, fails, go

SAID = "Xã mời họp ở nhà văn hóa."


class Commune:
    """People to be told, and a broadcast that tells them."""

    def __init__(self, db: Database, town: Town, settings: Settings) -> None:
        self.db, self.town, self.settings = db, town, settings

    def people(self, many: int, **more: Any) -> list[int]:
        with self.db.transaction() as tx:
            return [
                make.person(
                    tx,
                    number=number,
                    name=f"Lý Thị {number}",
                    hamlet_id=self.town.hamlet,
                    **more,
                )
                for number in range(1, many + 1)
            ]

    def starts(self, now: datetime = NOON, **draft: Any) -> int:
        """A broadcast that was written and started, its list frozen; its number."""
        given = {
            "name": "Họp thôn",
            "text_class": "notice",
            "vi": SAID,
            "rule": {},
            **draft,
        }
        moment, settings = to_ms(now), self.settings

        def work(tx: Tx) -> tuple[int, int]:
            made = drafts.create(
                tx, drafts.Draft(**given), commune_id=1, staff_id=None, now=moment
            )
            if given["text_class"] == "advert":
                row = drafts.get(tx, made, 1)
                eyes = make.staff(tx, username=f"duyet-{made}")
                drafts.approve(
                    tx,
                    made,
                    commune_id=1,
                    staff_id=eyes,
                    seen=drafts.digest(row),
                    now=moment,
                )
            firing = control.start(
                tx, made, commune_id=1, staff_id=None, settings=settings, now=moment
            )
            return made, firing

        made, firing = self.db.again(work)
        if firing:
            assert planning.plan(self.db, firing, settings=settings, now=moment) == ""
        return made

    def counts(self, number: int) -> ledger.Counts:
        with self.db.connection() as tx:
            firing = control.shown_firing(tx, number)
            assert firing is not None
            assert ledger.check(tx) == []
            return ledger.counts(tx, firing)

    def state(self, number: int) -> tuple[str, str]:
        with self.db.connection() as tx:
            row = drafts.get(tx, number, 1)
            return row.state, row.paused_why

    def does(self, act: Callable[..., int], number: int, now: datetime = NOON) -> int:
        return self.db.again(
            lambda tx: act(tx, number, commune_id=1, staff_id=None, now=to_ms(now))
        )

    def came(self, *booked: Any) -> None:
        """They were checked in."""
        with self.db.transaction() as tx:
            for one in booked:
                tx.run(
                    text("UPDATE bookings SET status = 'attended' WHERE id = :id"),
                    id=one.id,
                )

    def tend(self, now: datetime) -> str:
        return broadcasts.tend(self.db, self.settings, now)


@pytest.fixture
def commune(db: Database, town: Town, live: Settings) -> Commune:
    return Commune(db, town, live)


def test_everybody_chosen_gets_one_text_in_the_words_of_the_start(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(5)
    number = commune.starts()
    assert go(db, live, clock) == "5 sent"
    assert {one.text for one in carrier.taken} == {"Xa moi hop o nha van hoa."}
    assert sorted(one.to for one in carrier.taken) == [
        make.phone(each) for each in range(1, 6)
    ]
    assert go(db, live, clock) == "nothing due"
    commune.tend(clock.now)
    assert commune.state(number) == ("done", "")
    assert commune.counts(number).outcomes["sent"] == 5


def test_many_calls_are_open_at_once_and_nobody_is_texted_twice(
    db: Database,
    commune: Commune,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Carrier, "at_once", 16)
    commune.people(90)
    number = commune.starts()
    assert go(db, live, clock) == "90 sent"
    assert len({one.to for one in carrier.taken}) == len(carrier.taken) == 90
    assert commune.counts(number).outcomes["sent"] == 90


def test_who_changed_since_the_start_is_judged_again(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    refuses, books, erased, moves, stays = commune.people(5)
    number = commune.starts(rule={"booked": False})
    slot = town.slot(at(21, "08:00"))
    with db.transaction() as tx:
        stops.refuse(
            tx, identity.who(live.privacy_key, make.phone(1)), "all", to_ms(NOON)
        )
        make.booking(tx, slot_id=slot, person_id=books, now=to_ms(NOON))
        erasure.erase(tx, live.privacy_key, make.phone(3), to_ms(NOON))
        numbers.change(
            tx, moves, make.phone(77), now=to_ms(NOON), privacy_key=live.privacy_key
        )
    go(db, live, clock)
    assert [one.to for one in carrier.taken if "hop" in one.text] == [
        make.phone(77),
        make.phone(5),
    ]
    counted = commune.counts(number)
    assert counted.reasons == {"opted out": 1, "not in the rule": 1, "erased": 1}
    assert counted.outcomes["sent"] == 2
    assert refuses and erased and stays


def test_a_number_that_passed_to_somebody_else_is_not_texted_twice(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    first, second = commune.people(2)
    number = commune.starts(pace_many=1)
    go(db, live, clock)  # the first has it
    with db.transaction() as tx:
        numbers.change(
            tx,
            first,
            make.phone(50),
            now=to_ms(clock.now),
            privacy_key=live.privacy_key,
        )
        numbers.change(
            tx,
            second,
            make.phone(1),
            now=to_ms(clock.now),
            privacy_key=live.privacy_key,
        )
    clock.now += timedelta(minutes=5)
    go(db, live, clock)
    assert [one.to for one in carrier.taken] == [make.phone(1)]
    assert commune.counts(number).reasons == {"same number": 1}


def test_whoever_gets_the_number_of_somebody_who_was_skipped_is_told_after_all(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    first, second = commune.people(2)
    slot = commune.town.slot(at(21, "08:00"))
    number = commune.starts(rule={"booked": False}, pace_many=1, pace_minutes=60)
    fails(carrier, Throttled("busy"))
    go(db, live, clock)  # the text of the first waits for its second try
    with db.transaction() as tx:
        make.booking(tx, slot_id=slot, person_id=first, now=to_ms(NOON))
    carrier.does = staticmethod(lambda outbound: None)
    clock.now += timedelta(minutes=30)
    go(db, live, clock)
    assert commune.counts(number).reasons == {"not in the rule": 1}
    carrier.taken = []
    with db.transaction() as tx:
        numbers.change(
            tx,
            first,
            make.phone(50),
            now=to_ms(clock.now),
            privacy_key=live.privacy_key,
        )
        numbers.change(
            tx,
            second,
            make.phone(1),
            now=to_ms(clock.now),
            privacy_key=live.privacy_key,
        )
    clock.now += timedelta(minutes=60)
    go(db, live, clock)
    assert [one.to for one in carrier.taken if "hop" in one.text] == [make.phone(1)]
    assert commune.counts(number).outcomes["sent"] == 1


@pytest.mark.parametrize("moment", ["06:59", "21:00", "23:30", "05:45"])
def test_nobody_is_let_go_outside_the_hours(
    db: Database,
    commune: Commune,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    moment: str,
) -> None:
    commune.people(3)
    number = commune.starts()
    clock.now = at(13, moment)
    assert go(db, live, clock) == "nothing due"
    assert commune.counts(number).outcomes["waiting"] == 3
    clock.now = at(14, "07:00")
    assert go(db, live, clock) == "3 sent"


def test_a_call_that_would_be_made_after_nine_is_not_made(
    db: Database,
    commune: Commune,
    live: Settings,
    carrier: type[Carrier],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken at one second to nine, handed over a second later: the clock is read again
    before the carrier is called.
    """
    commune.people(1)
    number = commune.starts()
    moments = itertools.chain([at(12, "20:59")] * 2, itertools.repeat(at(12, "21:00")))
    sending = Sending(db, live, lambda: next(moments))
    # once by the call, once by the queue that takes it up again
    assert sending.until_empty() == "2 put off"
    assert carrier.taken == []
    assert commune.counts(number).outcomes["waiting"] == 1


def test_what_has_passed_its_deadline_is_too_late(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(3)
    number = commune.starts(
        not_after=to_ms(NOON + timedelta(hours=1)), pace_many=1, pace_minutes=30
    )
    go(db, live, clock)
    clock.now = NOON + timedelta(hours=2)
    assert go(db, live, clock) == "nothing due"
    commune.tend(clock.now)
    counted = commune.counts(number)
    assert (counted.outcomes["sent"], counted.reasons) == (1, {"too late": 2})
    assert commune.state(number)[0] == "done"


def test_the_deadline_goes_to_the_carrier(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(1)
    commune.starts(not_after=to_ms(NOON + timedelta(hours=3)))
    before = datetime.now(clock.now.tzinfo)
    go(db, live, clock)
    (sent,) = carrier.taken
    assert sent.valid_until is not None
    assert abs(sent.valid_until - to_ms(before + timedelta(hours=3))) < 60_000


def test_so_many_go_in_so_many_minutes_and_what_was_missed_is_not_made_up_for_at_once(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    """Forty invited in half an hour: what the hall can take."""
    commune.people(60)
    commune.starts(pace_many=40, pace_minutes=30)
    sent = []
    for minute in range(30):
        clock.now = NOON + timedelta(minutes=minute)
        go(db, live, clock)
        sent.append(len(carrier.taken))
    assert sent[0] == 1
    assert 36 <= sent[-1] <= 41
    clock.now = NOON + timedelta(hours=5)
    go(db, live, clock)
    assert len(carrier.taken) - sent[-1] <= 10


def test_paused_nothing_leaves_and_it_goes_on_with_the_same_list(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(10)
    number = commune.starts(pace_many=3)
    go(db, live, clock)
    assert commune.does(control.pause, number) == len(carrier.taken) == 1
    clock.now += timedelta(minutes=10)
    assert go(db, live, clock) == "nothing due"
    commune.people(12)  # two more register meanwhile
    assert commune.does(control.resume, number) == 1
    for _ in range(30):
        clock.now += timedelta(minutes=1)
        go(db, live, clock)
    assert commune.counts(number).outcomes["sent"] == 10


def test_stopped_nobody_else_is_told(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(10)
    number = commune.starts(pace_many=1)
    go(db, live, clock)
    assert commune.does(control.stop, number) == 1
    clock.now += timedelta(hours=1)
    assert go(db, live, clock) == "nothing due"
    assert commune.counts(number).reasons == {"stopped": 9}


def test_who_registers_later_joins_where_that_was_said(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(2)
    open_, shut = (
        commune.starts(
            vi=f"{SAID} {late}",
            late_joiners=late,
            not_after=to_ms(NOON + timedelta(hours=5)),
        )
        for late in (True, False)
    )
    with db.transaction() as tx:
        make.person(tx, number=9, hamlet_id=commune.town.hamlet)
    assert "1 joined" in commune.tend(clock.now)
    go(db, live, clock)
    assert commune.counts(open_).outcomes["sent"] == 3
    assert commune.counts(shut).outcomes["sent"] == 2


def test_a_list_that_cannot_be_made_keeps_back_no_other(
    db: Database, commune: Commune
) -> None:
    commune.people(2)
    broken, sound = (
        commune.starts(vi=f"{SAID} {each}", late_joiners=True) for each in (1, 2)
    )
    with db.transaction() as tx:
        make.person(tx, number=9, hamlet_id=commune.town.hamlet)
        tx.run(
            text("UPDATE firings SET rule = '[' WHERE broadcast_id = :number"),
            number=broken,
        )
    with pytest.raises(ExceptionGroup, match="could not be made"):
        commune.tend(NOON)
    assert commune.counts(broken).chosen == 2
    assert commune.counts(sound).chosen == 3


def test_five_texts_a_day_are_enough(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(1)
    for number in range(1, 7):
        commune.starts(vi=f"{SAID} {number}")
        go(db, live, clock)
        clock.now += timedelta(minutes=1)
    assert len(carrier.taken) == 5
    clock.now = NOON + timedelta(days=1, minutes=1)
    assert go(db, live, clock) == "1 sent"


def test_the_same_words_are_not_said_twice_within_a_week(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(2)
    commune.starts()
    go(db, live, clock)
    with db.transaction() as tx:
        make.person(tx, number=3, hamlet_id=commune.town.hamlet)
    again = commune.starts(now=clock.now)
    assert go(db, live, clock) == "1 sent"
    assert commune.counts(again).left_out == {"told already": 2}


def test_an_advert_goes_to_who_agreed_with_its_label_and_how_to_refuse(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    agrees, _ = commune.people(2)
    with db.transaction() as tx:
        make.consent(tx, agrees)
    number = commune.starts(text_class="advert", vi="Giảm giá gói data.", rule={})
    with_copy = replace(live, advert_copy_to="5656")
    go(db, with_copy, clock)
    texts = {one.to: one for one in carrier.taken}
    assert (
        texts[make.phone(1)].text
        == "[QC] Giam gia goi data. Tu choi: soan TC gui 2404 hoac goi 18008098."
    )
    assert texts[make.phone(1)].advert
    assert texts["5656"].text == texts[make.phone(1)].text
    assert commune.counts(number).left_out == {"no consent": 1}


def test_a_fourth_advert_within_a_day_waits(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    (agrees,) = commune.people(1)
    with db.transaction() as tx:
        make.consent(tx, agrees)
    for number in range(4):
        commune.starts(text_class="advert", vi=f"Giảm giá gói data số {number}.")
        go(db, live, clock)
    assert len(carrier.taken) == 3


def test_it_stops_itself_when_texts_fail_and_says_why(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    def does(outbound: Outbound) -> str | None:
        raise BadNumber("no such number")

    carrier.does = staticmethod(does)
    commune.people(60)
    number = commune.starts(pace_many=100)
    for _ in range(60):
        clock.now += timedelta(seconds=1)
        go(db, live, clock)
        commune.tend(clock.now)
    state, why = commune.state(number)
    assert state == "paused"
    assert why.startswith("failed: ")
    assert len(carrier.taken) < watch.LAST


def test_a_network_gets_no_more_than_its_rate(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    """A burst of a quarter of a second, and what the time allows that the run takes."""
    commune.people(30)
    number, began = commune.starts(), time.monotonic()
    go(db, replace(live, sms_network_rates={"other": 2}), clock)
    most = 2 + 2 * (time.monotonic() - began)
    assert len(carrier.taken) <= most
    assert commune.counts(number).outcomes["waiting"] == 30 - len(carrier.taken) > 0


def test_a_reminder_of_staff_goes_to_the_people_of_each_day_once(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "08:00")
    comes = town.books(at(15, "08:00"), clock.now)
    town.books(at(25, "08:00"), clock.now)
    commune.starts(
        now=clock.now,
        repeats="event",
        event_offset=-3 * 24 * 60,
        vi="Nhớ mang {number} tới {hall}, {next_session}.",
    )
    clock.now = at(12, "08:01")
    commune.tend(clock.now)
    commune.tend(clock.now)
    go(db, live, clock)
    assert [(one.to, one.text) for one in carrier.taken] == [
        (comes.phone, "Nho mang 2404 toi NVH Quang Trung I, 8h00 T2 15/4.")
    ]


def test_a_reminder_of_staff_is_for_swap_days_unless_other_kinds_are_ticked(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    """Before a meeting, which nobody books, it goes to the people of its hamlet; to a
    workshop nobody is asked.
    """
    clock.now = at(12, "08:00")
    commune.people(2)
    with db.transaction() as tx:
        home = make.hamlet(tx, "Quảng Hồng III", 3)
        elsewhere = make.person(tx, number=7, name="Chu Văn Bảy", hamlet_id=home)
        hall = make.hall(tx, home, "NVH Quảng Hồng III")
        for hour, kind in (("19:00", "meeting"), ("14:00", "workshop")):
            make.event_with_slots(
                tx,
                hall_id=hall,
                starts=at(15, hour),
                minutes=120,
                capacity=0,
                kind=kind,
                bookable=False,
            )
    of_swaps = commune.starts(
        now=clock.now, repeats="event", event_offset=-3 * 24 * 60, vi="Nhớ tới {hall}."
    )
    of_others = commune.starts(
        now=clock.now,
        repeats="event",
        event_offset=-3 * 24 * 60,
        vi="Mời họp {next_session} ở {hall}.",
        event_kinds="meeting,workshop",
    )
    for hour in ("14:01", "19:01"):
        clock.now = at(12, hour)
        commune.tend(clock.now)
        go(db, live, clock)
    assert elsewhere
    assert [(one.to, one.text) for one in carrier.taken] == [
        (make.phone(7), "Moi hop 19h00 T2 15/4 o NVH Quang Hong III.")
    ]
    assert {commune.state(number)[0] for number in (of_swaps, of_others)} == {"running"}


def test_a_day_for_which_nobody_has_booked_ends_no_reminder(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "08:00")
    town.slot(at(15, "08:00"))
    comes = town.books(at(16, "08:00"), clock.now)
    number = commune.starts(
        now=clock.now, repeats="event", event_offset=-3 * 24 * 60, vi="Nhớ tới {hall}."
    )
    for day in (12, 13):
        clock.now = at(day, "08:01")
        commune.tend(clock.now)
        go(db, live, clock)
    assert [one.to for one in carrier.taken] == [comes.phone]
    assert commune.state(number) == ("running", "")


def test_what_follows_a_day_is_counted_from_its_end_and_goes_to_who_came(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "07:30")
    with db.transaction() as tx:
        day = make.event_with_slots(
            tx, hall_id=town.hall, starts=at(12, "08:00"), slots_=6, capacity=5
        )
        who = [
            make.person(tx, number=number, hamlet_id=town.hamlet) for number in (1, 2)
        ]
        came, _ = [
            make.booking(
                tx, slot_id=day.slots[0], person_id=person, now=to_ms(clock.now)
            )
            for person in who
        ]
    commune.came(came)
    commune.starts(
        now=clock.now,
        repeats="event",
        event_offset=2 * 60,
        vi="Máy mới dùng có tốt không?",
    )
    clock.now = at(12, "12:59")
    commune.tend(clock.now)
    go(db, live, clock)
    assert not carrier.taken, "the day ended at 11:00"
    clock.now = at(12, "13:00")
    commune.tend(clock.now)
    go(db, live, clock)
    assert [one.to for one in carrier.taken] == [make.phone(1)]


def test_two_reminders_of_one_day_both_go(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "07:00")
    town.books(at(15, "08:00"), clock.now)
    for offset, words in ((-3 * 24 * 60, "Còn ba ngày."), (-24 * 60, "Ngày mai.")):
        commune.starts(now=clock.now, repeats="event", event_offset=offset, vi=words)
    for day in (12, 14):
        clock.now = at(day, "08:01")
        commune.tend(clock.now)
        go(db, live, clock)
    assert [one.text for one in carrier.taken] == ["Con ba ngay.", "Ngay mai."]


@pytest.mark.parametrize(
    ("starts", "draft", "goes"),
    [
        (
            "07:00",
            {"event_offset": -3 * 60},
            at(14, "20:00"),
        ),  # 4:00, and the day begins when texts may leave
        (
            "08:00",
            {"event_offset": -10 * 60, "good_for": 120},
            at(15, "07:00"),
        ),  # 22:00 to midnight
        ("08:00", {"event_offset": -2 * 60}, at(15, "07:00")),  # 6:00 to 8:00: it waits
    ],
)
def test_a_reminder_that_falls_into_the_night_goes_at_the_nearest_hour_before_the_day(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
    starts: str,
    draft: dict[str, int],
    goes: datetime,
) -> None:
    clock.now = at(12, "08:00")
    town.books(at(15, starts), clock.now)
    commune.starts(now=clock.now, repeats="event", vi="Nhớ mang CCCD.", **draft)
    clock.now = at(14, "19:00")
    while clock.now < goes:
        commune.tend(clock.now)
        go(db, live, clock)
        assert not carrier.taken, clock.now
        clock.now += timedelta(minutes=30)
    commune.tend(clock.now)
    go(db, live, clock)
    assert [one.text for one in carrier.taken] == ["Nho mang CCCD."]


def test_what_fell_due_while_a_reminder_was_paused_is_noted(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "07:00")
    town.books(at(15, "08:00"), clock.now)
    number = commune.starts(
        now=clock.now, repeats="event", event_offset=-3 * 24 * 60, vi="Nhớ tới."
    )
    commune.does(control.pause, number, clock.now)
    commune.does(control.resume, number, at(12, "09:00"))
    clock.now = at(12, "09:01")
    commune.tend(clock.now)
    go(db, live, clock)
    assert not carrier.taken
    with db.connection() as tx:
        assert [(act.act, act.detail) for act in drafts.acts(tx, number)][-1] == (
            "missed",
            "1 sessions",
        )


def test_a_reminder_of_staff_is_done_once_no_day_can_set_it_off(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(12, "08:00")
    comes = town.books(at(15, "08:00"), clock.now)
    town.books(at(17, "08:00"), clock.now)
    commune.came(comes)
    after = {
        "repeats": "event",
        "event_offset": 2 * 24 * 60,
        "repeat_until": "2024-04-16",
    }
    number = commune.starts(now=clock.now, vi="Máy mới dùng có tốt không?", **after)
    for day in range(13, 18):
        clock.now = at(day, "12:00")
        commune.tend(clock.now)
        go(db, live, clock)
        assert commune.state(number) == ("running", "")
    assert [one.to for one in carrier.taken] == [comes.phone]
    commune.tend(at(19, "12:00"))
    assert commune.state(number) == ("done", "")
    assert len(carrier.taken) == 1


def test_a_reminder_of_staff_to_staff_names_the_hall(
    db: Database,
    commune: Commune,
    town: Town,
    live: Settings,
    carrier: type[Carrier],
    clock: Clock,
) -> None:
    clock.now = at(14, "07:30")
    with db.transaction() as tx:
        for name, role, hamlet in (
            ("truongthon", "hamlet", town.hamlet),
            ("xa", "commune", None),
        ):
            made = make.staff(tx, username=name, role=role, hamlet_id=hamlet)
            tx.run(
                text("UPDATE staff SET phone = :phone WHERE id = :id"),
                phone=make.phone(900 + made),
                id=made,
            )
    town.books(at(15, "08:00"), clock.now)
    commune.starts(
        now=clock.now,
        repeats="event",
        event_offset=-24 * 60,
        event_to="staff",
        vi="Mở cửa {hall} trước {next_session}.",
    )
    clock.now = at(14, "08:00")
    commune.tend(clock.now)
    go(db, live, clock)
    assert [one.text for one in carrier.taken] == [
        "Mo cua NVH Quang Trung I truoc 8h00 T2 15/4."
    ] * 2


def test_what_repeats_goes_out_again_on_its_day(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(1)
    number = commune.starts(repeats="weekly", repeat_until="2024-04-30")
    dates = []
    for day in range(12, 31):
        clock.now = at(day, "12:00")
        commune.tend(clock.now)
        if go(db, live, clock) == "1 sent":
            dates.append(day)
    assert dates == [12, 19, 26]
    commune.tend(at(30, "13:00"))
    assert commune.state(number)[0] == "done"


def test_a_draft_says_beforehand_who_has_had_three_adverts(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    """Where the deadline lies before the fourth may go, nobody is promised it."""
    (agrees,) = commune.people(1)
    with db.transaction() as tx:
        make.consent(tx, agrees)
    for number in range(3):
        commune.starts(text_class="advert", vi=f"Giảm giá gói data số {number}.")
        go(db, live, clock)
    with db.transaction() as tx:
        tonight = drafts.Draft(
            "x", "advert", "Giảm giá nữa.", rule={}, not_after=to_ms(at(12, "20:00"))
        )
        row = drafts.get(
            tx,
            drafts.create(tx, tonight, commune_id=1, staff_id=None, now=to_ms(NOON)),
            1,
        )
    seen = preview.of(db, row, settings=live, now=to_ms(NOON))
    assert (seen.chosen, dict(seen.left_out)) == (0, {"over the cap": 1})


def test_the_question_about_adverts_takes_a_second_pair_of_eyes_and_goes_once(
    db: Database, commune: Commune, live: Settings
) -> None:
    commune.people(3)
    with db.transaction() as tx:
        draft = drafts.Draft("x", "advert", "Giảm giá gói data.", rule={})
        made = drafts.create(tx, draft, commune_id=1, staff_id=None, now=to_ms(NOON))
        row = drafts.get(tx, made, 1)
    with pytest.raises(CannotDo, match="approve"):
        asking.ask(db, row, settings=live, now=to_ms(NOON))
    with db.transaction() as tx:
        eyes = make.staff(tx, username="duyet")
        drafts.approve(
            tx,
            made,
            commune_id=1,
            staff_id=eyes,
            seen=drafts.digest(row),
            now=to_ms(NOON),
        )
        row = drafts.get(tx, made, 1)
    assert asking.ask(db, row, settings=live, now=to_ms(NOON)) == 3
    assert asking.never_asked(db, row, settings=live, now=to_ms(NOON)) == []
    assert asking.ask(db, row, settings=live, now=to_ms(NOON)) == 0


def test_what_was_put_off_is_not_sent_after_a_stop(
    db: Database, commune: Commune, live: Settings, carrier: type[Carrier], clock: Clock
) -> None:
    commune.people(1)
    for number in range(6):
        last = commune.starts(vi=f"{SAID} {number}")
        go(db, live, clock)
    commune.does(control.stop, last)
    assert [row.reason for row in commune.town.texts() if row.status == "SKIPPED"] == [
        "stopped"
    ]
