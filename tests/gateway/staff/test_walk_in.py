"""Somebody comes without a booking: a few taps, and they stand on the list like
everybody else.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.reports import events as seats
from db.seats import attendance
from db.store.engine import Database
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
ROWS = "SELECT COUNT(*) FROM bookings WHERE places = 0 AND status = 'attended'"
STATUS = "SELECT status FROM bookings WHERE id = :id"


@pytest.fixture
def form(village: Village) -> dict[str, object]:
    return {
        "name": "Lương Văn Tài",
        "phone": "0990 000 007",
        "hamlet": village.trung,
        "hall": village.hall,
        "agreed": 1,
    }


def test_who_came_without_a_booking_is_served_like_the_others(
    xa: Clerk, village: Village, form: dict[str, object], db: Database, clock: Clock
) -> None:
    xa.get("/staff/walk-in")
    assert "NVH Quảng Trung I" in xa.page
    assert "NVH Quảng Liên I" not in xa.page, "nothing is held there today"
    answer = xa.post("/staff/walk-in", **form)
    made = xa.ask("SELECT id FROM bookings WHERE places = 0")
    assert (
        answer.headers["Location"]
        == f"/staff/?day=2024-04-12&hall={village.hall}#b{made}"
    )
    assert "Đã thêm Lương Văn Tài" in xa.page
    assert "2 người đặt · 1 đã đến · 1 không hẹn" in xa.page
    xa.post(f"/staff/bookings/{made}/log", indicator="sim_4g", form_key=KEY)
    assert "✓ SIM 4G" in xa.page
    assert xa.ask("SELECT booking_id FROM conversions") == made
    assert xa.ask("SELECT channel || prompt FROM consents") == "deskdesk:agreed"
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action = 'walk_in' AND person_id IS NOT NULL"
        )
        == 1
    )
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE kind <> 'logged'") == 0, (
        "whoever stands there needs no text"
    )
    with db.connection() as tx:
        assert [
            slot.taken for slot in seats.slots_of(tx, village.event.id, now=clock.ms)
        ] == [2, 0, 0]


def test_a_double_tap_makes_one_with_or_without_a_number(
    xa: Clerk, form: dict[str, object]
) -> None:
    for phone in ("0990000007", ""):
        for _ in range(2):
            xa.post(
                "/staff/walk-in",
                **{**form, "phone": phone, "name": f"Lương Văn Tài {phone}"},
            )
        assert "đã có tên hôm nay rồi" in xa.page
    assert xa.ask(ROWS) == 2


def test_who_is_booked_for_a_later_day_is_served_today_and_gives_that_seat_back(
    xa: Clerk, village: Village, form: dict[str, object], db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        later = factories.event_with_slots(
            tx, hall_id=village.other_hall, starts=clock.now + timedelta(days=6)
        )
        person = factories.person(
            tx, number=7, name="Lương Văn Tài", hamlet_id=village.trung, now=clock.ms
        )
        booked = factories.booking(
            tx, slot_id=later.slots[0], person_id=person, now=clock.ms
        )
    xa.post("/staff/walk-in", **form)
    assert (
        "Đã thêm Lương Văn Tài. Lịch hẹn ngày sau của người này đã trả lại chỗ."
        in xa.page
    )
    assert (xa.ask(STATUS, id=booked.id), xa.ask(ROWS)) == ("cancelled", 1)
    with db.connection() as tx:
        assert [slot.taken for slot in seats.slots_of(tx, later.id, now=clock.ms)] == [
            0
        ]
    xa.post("/staff/walk-in", **form)
    assert "đã có tên hôm nay rồi" in xa.page
    assert xa.ask(ROWS) == 1


def test_who_was_called_missed_today_is_not_put_down_a_second_time(
    xa: Clerk, village: Village, form: dict[str, object], db: Database, clock: Clock
) -> None:
    clock.now += timedelta(hours=8)
    with db.transaction() as tx:
        attendance.mark_missed(tx, now=clock.ms, ended_before=clock.ms)
    xa.post("/staff/walk-in", **{**form, "name": "Nông Thị Hoa", "phone": "0990000001"})
    assert xa.ask(STATUS, id=village.hoa_booking) == "attended"
    assert xa.ask(ROWS) == 0


@pytest.mark.parametrize(
    ("hours", "starts"), [(0, 0), (5, 0), (5.6, 1), (6.2, 2), (9, 2)]
)
def test_the_slot_is_the_one_that_runs_or_the_nearest(
    xa: Clerk,
    village: Village,
    form: dict[str, object],
    clock: Clock,
    hours: float,
    starts: int,
) -> None:
    """Slots begin at 14:00, 14:30 and 15:00; the clock stands at 9:00 and so many
    hours.
    """
    clock.now += timedelta(hours=hours)
    xa.sign_in("xa")
    xa.post("/staff/walk-in", **form)
    assert (
        xa.ask("SELECT slot_id FROM bookings WHERE places = 0")
        == village.event.slots[starts]
    )


def test_a_number_under_another_name_is_asked_about_and_a_relatives_is_taken(
    xa: Clerk, village: Village, form: dict[str, object]
) -> None:
    asked = {**form, "phone": "0990000002"}
    xa.post("/staff/walk-in", **asked)
    assert "Số này đang ghi tên người khác" in xa.page
    assert 'value="Lương Văn Tài"' in xa.page, "what was typed is still there"
    assert xa.ask(ROWS) == 0
    xa.post("/staff/walk-in", **asked, borrowed=1)
    assert xa.ask(
        "SELECT p.phone FROM bookings b JOIN people p ON p.id = b.booker_id WHERE b.places = 0"
    ) == ("+84990000002")


def test_a_hamlet_head_adds_the_own_people_and_learns_nothing_of_others(
    thon: Clerk, village: Village, form: dict[str, object]
) -> None:
    for name in ("Hoàng Văn Sơn", "Lương Văn Tài"):
        answer = thon.send(
            "/staff/walk-in", **{**form, "name": name, "phone": "0990000002"}
        )
        assert answer.status_code == 400
        assert "Không đặt được cho số này ở đây" in answer.text
    assert thon.ask(ROWS) == 0
    thon.post("/staff/walk-in", **{**form, "hamlet": village.lien, "phone": ""})
    assert "Đã thêm Lương Văn Tài" in thon.page
    assert (
        thon.ask("SELECT hamlet_id FROM people WHERE name = 'Lương Văn Tài'")
        == village.trung
    )


def test_what_is_missing_is_said_and_nobody_is_added(
    xa: Clerk, village: Village, form: dict[str, object], clock: Clock
) -> None:
    for change, told in (
        ({"name": ""}, "Chưa ghi họ tên"),
        ({"agreed": ""}, "Chưa đánh dấu đồng ý"),
        ({"phone": "02053812345"}, "không phải số di động"),
        ({"hall": village.other_hall}, "không có buổi đăng ký nào ở đây"),
    ):
        xa.post("/staff/walk-in", **{**form, **change})
        assert told in xa.page, change
    assert xa.ask("SELECT COUNT(*) FROM people") == 2
    clock.now += timedelta(days=1)
    xa.sign_in("xa")
    xa.get("/staff/walk-in")
    assert "không có buổi đăng ký nào" in xa.page


def test_a_slip_is_taken_off_the_list_and_is_no_booking(
    xa: Clerk, form: dict[str, object]
) -> None:
    xa.post("/staff/walk-in", **form)
    made = xa.ask("SELECT id FROM bookings WHERE places = 0")
    xa.post(f"/staff/bookings/{made}/not-here")
    assert xa.ask(STATUS, id=made) == "cancelled"
    xa.get("/staff/")
    assert "Lương Văn Tài" not in xa.page
    xa.post("/staff/walk-in", **form)
    assert xa.ask(ROWS) == 1


def test_a_search_in_vain_leads_on_with_what_was_typed(xa: Clerk) -> None:
    xa.get("/staff/?q=Lương Văn Tài")
    assert "/staff/walk-in?q=L" in xa.page
    xa.get("/staff/walk-in?q=Lương Văn Tài")
    assert 'value="Lương Văn Tài"' in xa.page
    xa.get("/staff/walk-in?q=0990000007")
    assert 'type="tel" value="0990000007"' in xa.page


def test_whoever_is_served_waits_for_no_seat_any_more(
    xa: Clerk, village: Village, form: dict[str, object], db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        tai = factories.person(tx, number=7, name="Lương Văn Tài", now=clock.ms)
        later = factories.event_with_slots(
            tx, hall_id=village.hall, starts=clock.now + timedelta(days=2)
        )
        waits = factories.promised(
            tx, slot_id=later.slots[0], person_id=tai, status="waiting", now=clock.ms
        )
    xa.post("/staff/walk-in", **form)
    assert (xa.ask(ROWS), xa.ask(STATUS, id=waits)) == (1, "left")


def test_who_may_be_known_by_that_name_is_asked_about_at_the_door(
    xa: Clerk, village: Village, form: dict[str, object]
) -> None:
    asked = {**form, "name": "Nông Thị Hoa"}
    xa.post("/staff/walk-in", **asked)
    assert "số cuối 001: có phải người này không?" in xa.page
    assert xa.ask(ROWS) == 0
    xa.post("/staff/walk-in", **asked, known=village.hoa)
    assert xa.ask(STATUS, id=village.hoa_booking) == "attended"
    assert xa.ask("SELECT COUNT(*) FROM people WHERE folded = 'nong thi hoa'") == 1
    xa.post("/staff/walk-in", **asked, another="1")
    assert xa.ask(ROWS) == 1
    assert xa.ask("SELECT COUNT(*) FROM people WHERE folded = 'nong thi hoa'") == 2
