"""What a newcomer finds in the demo at whatever hour it was loaded: each thing a
booking can be, and a quiet clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db import demo
from db.calendar import holidays
from db.places import schemes
from db.progress.recount import recount
from db.register import verifications
from db.reports import events as shown
from db.reports import today as lists
from db.reports import unreached
from db.store.engine import Database, Tx, to_ms
from db.store.statements import Row
from menus import days
from scheduler.__main__ import jobs
from settings import Settings

KEY, COMMUNE = "a key of the tests", 1
HOURS = {
    "before dawn on a weekday": "2026-11-26T04:10+07:00",
    "in the morning": "2026-11-26T08:20+07:00",
    "on a Sunday afternoon": "2026-11-29T15:30+07:00",
    "while reminders go": "2026-11-25T18:04+07:00",
    "at night": "2026-11-25T22:00+07:00",
    "on New Year's Eve": "2026-12-31T23:59+07:00",
    "on a leap day": "2028-02-29T00:00+07:00",
}
MADE = text(
    "SELECT b.id, b.status, b.person_id, b.booker_id, b.party_id, b.priority, b.until, b.may_move, b.coming_at,"
    " b.to_move, b.reason, b.places, b.made_at, s.id AS slot_id, s.starts_at, e.id AS event_id, e.day, h.poor, p.phone"
    " FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN events e ON e.id = s.event_id"
    " JOIN people p ON p.id = b.person_id LEFT JOIN households h ON h.id = p.household_id ORDER BY b.id"
)
RATED = text(
    "SELECT r.score, p.hamlet_id FROM ratings r JOIN bookings b ON b.id = r.booking_id"
    " JOIN people p ON p.id = b.person_id"
)
VISITED = text(
    "SELECT v.result, EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
    " WHERE i.key = 'business_qr' AND c.subject_id = v.business_id) AS has_qr"
    " FROM visits v JOIN businesses b ON b.id = v.business_id WHERE b.kind = 'household_business'"
)
Made = list[Row]


def load(db: Database, at: datetime) -> Made:
    """The demo as of that moment; all its bookings."""
    demo.load(db, KEY, to_ms(at))
    with db.connection() as tx:
        return tx.all(MADE)


def day(at: datetime, ahead: int) -> str:
    return (days.today(at) + timedelta(days=ahead)).isoformat()


def slot(tx: Tx, row: Row, at: datetime) -> Row:
    return next(
        slot
        for slot in shown.slots_of(tx, row.event_id, now=to_ms(at))
        if slot.id == row.slot_id
    )


def some_wait_the_poor_first_and_one_has_an_offer_for_a_good_while(
    db: Database, made: Made, at: datetime
) -> None:
    now = to_ms(at)
    waiting = sorted(
        (row for row in made if row.status == "waiting"), key=lambda row: row.priority
    )
    assert [(row.priority, row.poor) for row in waiting] == [(0, "yes"), (1, "no")]
    assert waiting[0].made_at > waiting[1].made_at, "who came later goes first"
    assert len({row.slot_id for row in waiting}) == 1
    with db.connection() as tx:
        full = slot(tx, waiting[0], at)
    assert full.taken == full.capacity
    told = [row for row in made if row.status == "offered" and not row.reason]
    assert any(row.until >= now + 8 * 3_600_000 for row in told)
    assert waiting[0].day >= day(at, 3)


def a_party_a_borrowed_phone_and_a_time_with_one_too_many(
    db: Database, made: Made, at: datetime
) -> None:
    booked = [row for row in made if row.status == "booked"]
    assert len([row for row in booked if row.party_id]) == 3
    assert [
        row
        for row in booked
        if row.person_id != row.booker_id and not row.party_id and row.phone is None
    ]
    (named,) = [row for row in booked if row.to_move]
    with db.connection() as tx:
        over = slot(tx, named, at)
        assert recount(tx, to_ms(at)) == []
    assert over.taken == over.capacity + 1
    assert named.made_at == max(
        row.made_at for row in booked if row.slot_id == named.slot_id
    )


def tomorrows_people_answered_or_not(_db: Database, made: Made, at: datetime) -> None:
    tomorrow = [row for row in made if row.day == day(at, 1)]
    assert (
        sum(row.status == "booked" and row.coming_at is not None for row in tomorrow)
        == 3
    )
    assert (
        sum(row.status == "booked" and row.coming_at is None for row in tomorrow) == 4
    )
    assert sum(row.status == "cancelled" for row in tomorrow) == 1
    assert [row.status for row in tomorrow if row.may_move] == ["booked"]


def a_day_that_failed_says_who_was_told_and_who_was_not(
    db: Database, made: Made, at: datetime
) -> None:
    now = to_ms(at)
    event = next(row.event_id for row in made if row.reason == "event")
    with db.connection() as tx:
        found = shown.event(tx, event, commune_id=COMMUNE, now=now)
        told = shown.told(tx, event)
        to_tell = unreached.lines(tx, commune_id=COMMUNE, hamlet_id=None, now=now)
    assert found is not None
    assert found.state == "cancelled"
    assert found.day > day(at, 1)
    assert set(told.values()) == {"told", "not_told"}
    assert list(told.values()).count("not_told") == 2, (
        "one had no phone, one got no text"
    )
    assert {row.news for row in to_tell} >= {"fell_out", "offered"}
    assert {row.text_status for row in to_tell} >= {"FAILED", None}


def somebody_walked_in_somebody_was_missed_and_people_said_how_it_went(
    db: Database, made: Made, at: datetime
) -> None:
    yesterday = [row for row in made if row.day == day(at, -1)]
    assert {row.status for row in yesterday} == {"attended", "missed"}
    assert sum(row.places == 0 for row in yesterday) == 1
    with db.connection() as tx:
        scores = tx.all(RATED)
        of_the_head = tx.value(
            text("SELECT hamlet_id FROM staff WHERE role = 'hamlet'")
        )
        faces = verifications.waiting(tx, commune_id=COMMUNE, hamlet_id=None)
    assert len(scores) >= 10
    assert sum(row.hamlet_id == of_the_head for row in scores) >= 5, (
        "fewer are not shown to a hamlet head"
    )
    assert sorted(row.since for row in faces) == [day(at, -24), day(at, -1)]


def a_holiday_is_kept_and_phones_are_reserved(
    db: Database, made: Made, at: datetime
) -> None:
    with db.connection() as tx:
        (off,) = holidays.listed(tx, COMMUNE)
        scheme = schemes.told(tx, COMMUNE, day(at, 0))
    assert day(at, 14) < off.day < day(at, 35)
    assert scheme is not None
    assert scheme.stock is not None
    assert scheme.reserved > 20
    assert 0 < scheme.handed_out < scheme.stock - scheme.reserved


def only_the_demos_numbers_are_texted_and_the_clocks_first_look_is_quiet(
    db: Database, settings: Settings, at: datetime
) -> None:
    with db.connection() as tx:
        before = tx.value(text("SELECT MAX(id) FROM messages"))
    for _name, _every, work in jobs(db, settings, lambda: at):
        work()
    with db.connection() as tx:
        strangers = tx.value(
            text("SELECT COUNT(*) FROM messages WHERE phone NOT LIKE '+84990000%'")
        )
        kinds = [
            row.kind
            for row in tx.all(text(f"SELECT kind FROM messages WHERE id > {before}"))
        ]
        sent = tx.value(
            text(
                "SELECT COUNT(*) FROM messages WHERE status IN ('QUEUED', 'CLAIMED', 'SENDING')"
            )
        )
    assert strangers == 0
    assert len(kinds) <= 15, kinds
    assert set(kinds) <= {"reminder_0d", "reminder_1d", "missed"}
    assert sent <= 3


SCENES = (
    some_wait_the_poor_first_and_one_has_an_offer_for_a_good_while,
    a_party_a_borrowed_phone_and_a_time_with_one_too_many,
    tomorrows_people_answered_or_not,
    a_day_that_failed_says_who_was_told_and_who_was_not,
    somebody_walked_in_somebody_was_missed_and_people_said_how_it_went,
    a_holiday_is_kept_and_phones_are_reserved,
)


@pytest.mark.parametrize(
    "at",
    [pytest.param(datetime.fromisoformat(at), id=name) for name, at in HOURS.items()],
)
def test_the_demo_shows_all_that_bookings_can_be(
    db: Database, settings: Settings, at: datetime
) -> None:
    made = load(db, at)
    for scene in SCENES:
        scene(db, made, at)
    only_the_demos_numbers_are_texted_and_the_clocks_first_look_is_quiet(
        db, settings, at
    )


def test_a_shop_where_all_was_done_has_its_qr_and_one_that_refused_has_none(
    db: Database,
) -> None:
    load(db, datetime.fromisoformat(HOURS["in the morning"]))
    with db.connection() as tx:
        shops = tx.all(VISITED)
    assert {row.result for row in shops} >= {"done", "refused"}
    for row in shops:
        assert bool(row.has_qr) == (row.result == "done")


def test_whatever_request_is_done_counts_in_its_figure(db: Database) -> None:
    load(db, datetime.fromisoformat(HOURS["in the morning"]))
    done = """
        SELECT COUNT(*) FROM requests
        WHERE state = 'done' AND kind IN ('account', 'app', 'tv360', 'qr')
    """
    counting = """
        SELECT COUNT(*) FROM conversions c
        JOIN counted n ON n.indicator_id = c.indicator_id AND n.subject_id = c.subject_id
        WHERE c.form_key LIKE 'request:%'
    """
    with db.connection() as tx:
        assert tx.value(text(done)) == tx.value(text(counting)) == 1


def test_no_day_is_put_on_the_holiday_when_the_demo_is_topped_up(db: Database) -> None:
    at = datetime.fromisoformat("2026-11-26T08:20+07:00")
    load(db, at)
    with db.connection() as tx:
        (off,) = holidays.listed(tx, COMMUNE)
    later = at + timedelta(days=20)
    demo.top_up(db, to_ms(later))
    with db.connection() as tx:
        assert not [
            row
            for row in shown.coming(tx, commune_id=COMMUNE, day=day(later, 0), now=0)
            if row.day == off.day
        ]


def test_whoever_comes_today_was_reminded_and_by_the_afternoon_most_are_here(
    db: Database,
) -> None:
    at = datetime.fromisoformat("2026-11-29T15:30+07:00")
    today = [row for row in load(db, at) if row.day == day(at, 0)]
    morning = [row for row in today if row.starts_at < to_ms(at) - 4 * 3_600_000]
    assert (
        sum(row.status == "attended" for row in morning)
        > sum(row.status == "booked" for row in morning)
        >= 1
    )
    with db.connection() as tx:
        silent = lists.unanswered(tx, commune_id=COMMUNE, day=day(at, 0))
    assert silent
    assert silent <= {
        row.id for row in today if row.status == "booked" and row.coming_at is None
    }
