"""Who says they come, who has not said, who gave the seat back: on the day's list and
the event's.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from db.models import messages
from db.store.engine import Database
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village


def reminded(
    db: Database, clock: Clock, booking: int, status: str = "DELIVERED"
) -> None:
    with db.transaction() as tx:
        factories.insert_row(
            tx,
            messages,
            commune_id=1,
            direction="out",
            phone="+84990000001",
            booking_id=booking,
            revision=1,
            kind="reminder_1d",
            priority=4,
            status=status,
            made_at=clock.ms,
            not_before=clock.ms,
            **{"class": "reminder"},
        )


def coming(db: Database, clock: Clock, booking: int) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE bookings SET coming_at = :at WHERE id = :id"),
            at=clock.ms,
            id=booking,
        )


@pytest.fixture(params=["list", "event"])
def path(request: pytest.FixtureRequest, village: Village) -> str:
    return "/staff/" if request.param == "list" else f"/staff/events/{village.event.id}"


def test_a_line_says_what_was_answered(
    xa: Clerk, village: Village, db: Database, clock: Clock, path: str
) -> None:
    xa.get(path)
    assert "Báo sẽ đến" not in xa.page
    assert "Chưa trả lời" not in xa.page, "nobody was asked yet"
    reminded(db, clock, village.hoa_booking)
    reminded(db, clock, village.son_booking, "FAILED")
    xa.get(path)
    assert xa.page.count("Chưa trả lời") == 1, (
        "whom the reminder did not reach was not asked"
    )
    coming(db, clock, village.hoa_booking)
    xa.get(path)
    assert "Chưa trả lời" not in xa.page
    assert xa.page.count("Báo sẽ đến") == 1
    xa.post(f"/staff/bookings/{village.hoa_booking}/check-in")
    xa.get(path)
    assert "Báo sẽ đến" not in xa.page, "they are here"


def test_after_a_move_the_old_reminder_counts_no_more(
    xa: Clerk, village: Village, db: Database, clock: Clock, path: str
) -> None:
    reminded(db, clock, village.hoa_booking)
    clock.now += timedelta(minutes=1)
    xa.post(f"/staff/bookings/{village.hoa_booking}/move", slot=village.event.slots[2])
    xa.get(path)
    assert "Chưa trả lời" not in xa.page


def test_those_who_come_together_were_asked_in_one_text(
    xa: Clerk, village: Village, db: Database, clock: Clock, path: str
) -> None:
    with db.transaction() as tx:
        tx.run(text("UPDATE bookings SET party_id = :first"), first=village.hoa_booking)
    reminded(db, clock, village.hoa_booking)
    xa.get(path)
    assert xa.page.count("Chưa trả lời") == 2


def test_who_cancelled_in_the_last_day_is_named_at_the_end_of_the_slot(
    xa: Clerk, village: Village, clock: Clock, path: str
) -> None:
    clock.now -= timedelta(hours=20)  # the evening before
    xa.sign_in("xa")
    for booking in (village.hoa_booking, village.son_booking):
        xa.post(f"/staff/bookings/{booking}/cancel")
    clock.now += timedelta(hours=20)
    xa.sign_in("xa")
    xa.get(path)
    assert "Đã hủy trong 24 giờ qua: 2" in xa.page
    assert xa.page.count("hủy lúc 13h00 T5 11/4") == 2
    assert "0 người đặt" in xa.page or path != "/staff/"
    clock.now += timedelta(hours=5)
    xa.sign_in("xa")
    xa.get(path)
    assert "Đã hủy trong 24 giờ" not in xa.page


def test_a_hamlet_head_sees_only_the_own_peoples_cancellations(
    xa: Clerk, thon: Clerk, village: Village, path: str
) -> None:
    for booking in (village.hoa_booking, village.son_booking):
        xa.post(f"/staff/bookings/{booking}/cancel")
    thon.get(path)
    assert "Nông Thị Hoa" in thon.page
    assert "Hoàng Văn Sơn" not in thon.page
