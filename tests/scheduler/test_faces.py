"""A number on a new handset loses service until its owner's face is verified: a text
the day after and on day 25.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from db.progress import conversions
from db.register import verifications
from db.store.engine import Database, to_ms
from db.store.statements import Row
from menus.days import at_local
from scheduler import follow_ups
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, Town

SWAP = date(2026, 7, 1)


def after(days: int, clock: str = "09:00") -> datetime:
    return at_local(SWAP + timedelta(days=days), clock)


@pytest.fixture
def person(db: Database, town: Town) -> int:
    """Swapped on the first of July, the face still to be verified."""
    town.is_now("demo")
    with db.transaction() as tx:
        made = make.person(tx, number=1, hamlet_id=town.hamlet)
        staff = make.staff(tx)
        at = to_ms(after(0, "10:00"))
        conversions.log(
            tx,
            programme_id=1,
            indicator="sim_4g",
            subject_id=made,
            at=at,
            staff_id=staff,
        )
        assert verifications.wait_for(
            tx, made, today="2026-07-02", now=at, staff_id=staff
        )
        assert not verifications.wait_for(
            tx, made, today="2026-07-02", now=at, staff_id=staff
        ), "noted once"
    return made


def sent(db: Database, town: Town, settings: Settings, now: datetime) -> list[Row]:
    follow_ups.sweep(db, now)
    Sending(db, settings, Clock(now)).until_empty()
    return town.texts()


def test_it_waits_since_the_day_of_the_swap(db: Database, person: int) -> None:
    with db.connection() as tx:
        assert verifications.last_of(tx, person).since == "2026-07-01"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (after(0, "20:00"), []),
        (after(1, "08:59"), []),
        (after(1), ["face_1d"]),
        (after(4, "23:00"), ["face_1d"]),
        (after(5), []),
        (after(24), []),
        (after(25), ["face_25d"]),
        (after(28, "20:00"), ["face_25d"]),
        (after(29), []),
    ],
)
def test_a_text_goes_on_its_day_or_soon_after_and_not_later(
    db: Database, town: Town, person: int, now: datetime, kinds: list[str]
) -> None:
    for _ in range(2):
        follow_ups.sweep(db, now)
    assert [row.kind for row in town.texts()] == kinds


def test_the_texts_say_what_to_do_and_when_it_is_cut_off(
    db: Database, town: Town, person: int, settings: Settings
) -> None:
    sent(db, town, settings, after(1))
    first, second = sent(db, town, settings, after(25))
    assert (first.status, second.status, first.parts, second.parts) == (
        "SENT",
        "SENT",
        1,
        1,
    )
    assert "De goi di duoc, xin mang CCCD den cua hang Viettel" in first.text
    assert "tu T6 31/7 co the bi khoa ca goi den" in second.text


def test_who_was_verified_meanwhile_is_left_in_peace(
    db: Database, town: Town, person: int, settings: Settings
) -> None:
    follow_ups.sweep(db, after(1))
    with db.transaction() as tx:
        assert verifications.done(tx, person, now=to_ms(after(1, "09:01")))
    (row,) = sent(db, town, settings, after(1, "09:02"))
    assert (row.status, row.reason) == ("SKIPPED", "face verified")
    assert len(sent(db, town, settings, after(25))) == 1


def test_a_text_kept_back_too_long_is_not_sent(
    db: Database, town: Town, person: int, settings: Settings
) -> None:
    follow_ups.sweep(db, after(1))
    (row,) = sent(db, town, settings, after(4, "09:01"))
    assert (row.status, row.reason) == ("SKIPPED", "too late")


def test_a_second_swap_is_followed_up_anew(
    db: Database, town: Town, person: int
) -> None:
    follow_ups.sweep(db, after(1))
    with db.transaction() as tx:
        verifications.done(tx, person, now=to_ms(after(2)))
        tx.run(text("DELETE FROM counted"))
        verifications.wait_for(
            tx, person, today="2026-07-11", now=to_ms(after(10)), staff_id=1
        )
    follow_ups.sweep(db, after(11))
    assert [row.kind for row in town.texts()] == ["face_1d", "face_1d"]


def test_before_there_was_a_rule_there_is_no_day_of_being_cut_off() -> None:
    assert verifications.rule_on(date(2026, 6, 14)) is None
    assert verifications.cut_off("2026-06-15") == date(2026, 7, 15)
