"""Who waits and who was offered a seat, on the event's page; and on a person's, whom a
booking is for.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from db.seats import parties
from db.store.engine import Database
from gateway.staff.language import WORDS
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

HOUR_MS = 3_600_000


@pytest.fixture
def line(db: Database, village: Village, clock: Clock) -> None:
    """For the full first time wait Lan and, poor and later, Mai of the other hamlet; a
    third had a seat offered.
    """
    with db.transaction() as tx:
        for number, (name, hamlet, status) in enumerate(
            (
                ("Lan", village.trung, "waiting"),
                ("Mai", village.lien, "waiting"),
                ("Nga", village.trung, "offered"),
            )
        ):
            who = factories.person(tx, number=50 + number, name=name, hamlet_id=hamlet)
            factories.promised(
                tx,
                slot_id=village.event.slots[0],
                person_id=who,
                status=status,
                code=f"2000{number}",
                now=clock.ms - HOUR_MS + number,
                until=clock.ms + HOUR_MS if status == "offered" else None,
            )
        tx.run(text("UPDATE bookings SET priority = 0 WHERE code = '20001'"))


def names(page: str) -> list[str]:
    found = re.search(r'<ul class="in-line">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r">(Lan|Mai|Nga)</a>", found[1]) if found else []


@pytest.mark.usefixtures("line")
def test_the_day_says_who_waits_in_the_order_they_are_served(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    xa.get(f"/staff/events/{village.event.id}")
    assert names(xa.page) == ["Nga", "Mai", "Lan"]
    assert "2 người chờ" in xa.page
    assert "mời 1 người" in xa.page
    assert xa.page.count("ưu tiên</span>") == 1
    clock.now += timedelta(hours=2)
    xa.get(f"/staff/events/{village.event.id}")
    assert names(xa.page) == ["Mai", "Lan"], "the offer was not answered in time"


@pytest.mark.usefixtures("line")
def test_a_hamlet_head_reads_how_many_wait_and_the_names_of_the_own_hamlet(
    thon: Clerk, village: Village
) -> None:
    thon.get(f"/staff/events/{village.event.id}")
    assert "2 người chờ" in thon.page
    assert names(thon.page) == ["Nga", "Lan"]
    assert "Mai" not in thon.page


def test_a_person_page_says_who_comes_and_whose_phone_booked(
    xa: Clerk, thon: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    with db.transaction() as tx:
        mother = factories.person(tx, name="Mẹ Lan", hamlet_id=village.lien)
        lan = factories.person(tx, number=50, name="Lan", hamlet_id=village.trung)
        parties.book(
            tx,
            slot_id=village.event.slots[1],
            people=[lan, mother],
            booker_id=lan,
            now=clock.ms,
            origin="ussd",
        )
    xa.get(f"/staff/people/{lan}")
    assert re.search(r"Người đến: <a [^>]*>Mẹ Lan</a>", xa.page)
    xa.get(f"/staff/people/{mother}")
    assert re.search(r"Đặt bằng máy của <a [^>]*>Lan</a>", xa.page)
    thon.get(f"/staff/people/{lan}")
    assert "Người đến: người thôn khác" in thon.page
    assert "Mẹ Lan" not in thon.page


def test_a_poor_household_is_known_on_the_page_of_each_member(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        home = factories.household(tx, village.trung, poor="near")
        lan = factories.person(
            tx, number=50, name="Lan", hamlet_id=village.trung, household_id=home
        )
    xa.get(f"/staff/people/{lan}")
    assert "Cận nghèo</b> <small>theo danh sách hộ" in xa.page


@pytest.mark.usefixtures("line")
def test_whatever_became_of_a_booking_is_said_in_words(xa: Clerk, db: Database) -> None:
    lan = xa.ask("SELECT id FROM people WHERE name = 'Lan'")
    xa.get(f"/staff/people/{lan}")
    assert "Đang chờ chỗ" in xa.page
    for status in (
        "booked",
        "attended",
        "missed",
        "cancelled",
        "held",
        "offered",
        "waiting",
        "passed",
        "unserved",
        "left",
    ):
        assert all(f"status_{status}" in words for words in WORDS.values()), status
    with db.transaction() as tx:
        tx.run(text("UPDATE bookings SET status = 'taken' WHERE code = '20000'"))
    xa.get(f"/staff/people/{lan}")
    assert "20000" not in xa.page, "the booking that came of it stands for it"
