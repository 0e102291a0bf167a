"""A day that fails or shrinks, at the desk: read first, sent by one button, and who was
reached is seen afterwards.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.register import identity
from db.store.engine import Database
from db.texts import stops
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

TABLES = ("bookings", "messages", "tasks", "slots", "events", "audit", "people")
PRIVACY_KEY = "a privacy key of the tests, nothing else"
POSTED = "SELECT COUNT(*) FROM messages WHERE kind = :kind"


def content(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    with db.connection() as tx:
        return {
            table: sorted(map(tuple, tx.all(text(f"SELECT * FROM {table} ORDER BY 1"))))
            for table in TABLES
        }


@pytest.fixture
def next_day(db: Database, clock: Clock, village: Village) -> factories.Event:
    """Saturday 13 April, 14:00, two seats; Sơn agreed beforehand to go there, Lan has
    no phone.
    """
    with db.transaction() as tx:
        tx.run(
            text("UPDATE bookings SET may_move = true WHERE id = :id"),
            id=village.son_booking,
        )
        lan = factories.person(
            tx, name="Lương Thị Lan", hamlet_id=village.lien, now=clock.ms
        )
        factories.booking(
            tx, slot_id=village.event.slots[1], person_id=lan, now=clock.ms
        )
        starts = clock.now + timedelta(days=1, hours=5)
        return factories.event_with_slots(
            tx, hall_id=village.hall, starts=starts, capacity=2
        )


def test_cancelling_shows_every_text_first_and_changes_nothing(
    xa: Clerk, db: Database, village: Village, next_day: factories.Event
) -> None:
    before = content(db)
    xa.post(f"/staff/events/{village.event.id}/cancel")
    assert content(db) == before
    assert "Chưa có gì thay đổi, chưa tin nào được gửi" in xa.page
    assert "Hủy ngày này và gửi 2 tin" in xa.page
    shown = re.findall(r'<p class="said-out">([^<]+)</p>', xa.page)
    assert len(shown) == 3
    assert (
        "Buoi 14h00 12/4 hoan, xin loi. Giu cho 2 gio chieu Thu bay 13/4, NVH Quang Trung I den 13h00."
        in shown[0]
    )
    assert (
        f"Lich hen ma {xa.ask('SELECT code FROM bookings WHERE id = :b', b=village.son_booking)} chuyen"
        in shown[1]
    )
    assert "Cần gọi, cần báo”: 14h30 T6 12/4, NVH Quảng Trung I" in shown[2]
    assert "0990 000 001" not in xa.page


def test_the_preview_says_who_takes_no_texts_and_what_goes_only_in_the_morning(
    xa: Clerk, db: Database, clock: Clock, village: Village, next_day: factories.Event
) -> None:
    with db.transaction() as tx:
        stops.refuse(
            tx, identity.who(PRIVACY_KEY, factories.phone(1)), "erased", clock.ms
        )
    clock.now -= timedelta(hours=11)  # ten at night
    xa.post(f"/staff/events/{village.event.id}/cancel")
    assert "Hủy ngày này và gửi 1 tin" in xa.page
    assert xa.page.count("Số này không nhận tin: cần người báo tận nơi") == 1
    assert xa.page.count("gửi lúc 7h00 T6 12/4") == 1


def test_what_was_shown_is_what_is_sent_and_the_day_says_who_was_reached(
    xa: Clerk, db: Database, clock: Clock, village: Village, next_day: factories.Event
) -> None:
    at = f"/staff/events/{village.event.id}"
    xa.post(f"{at}/cancel")
    code = re.search(r"NHAN (\d{5})", xa.page)
    assert code
    clock.now += timedelta(minutes=9)
    xa.press(f"{at}/cancel")
    assert "Chuyển buổi: 1; giữ chỗ chờ trả lời: 1; báo hủy: 1." in xa.page
    assert xa.ask("SELECT code FROM bookings WHERE status = 'offered'") == code[1]
    assert (
        xa.ask("SELECT slot_id FROM bookings WHERE id = :id", id=village.son_booking)
        == next_day.slots[0]
    )
    assert "Chưa báo được 1 người." in xa.page
    warned = xa.page.split("Chưa báo được", 1)[1].split("</p>", 1)[0]
    assert 'href="/staff/requests/#tasks"' in warned  # who has no phone
    # whom the text did not reach, or who wants none
    assert 'href="/staff/unreached/"' in warned
    assert "đã báo 0 · đang gửi 2" in xa.page
    assert "Đã chuyển đi" in xa.page
    for name in ("Nông Thị Hoa", "Hoàng Văn Sơn", "Lương Thị Lan"):
        assert name in xa.page, name
    with db.transaction() as tx:
        tx.run(text("UPDATE messages SET status = 'DELIVERED'"))
    xa.post(f"/staff/calls/{xa.ask('SELECT id FROM tasks')}/done")
    xa.get(at)
    assert "Chưa báo được" not in xa.page
    assert "đã báo 3 · đang gửi 0" in xa.page
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action = 'event_cancel' AND person_id IS NOT NULL"
        )
        == 3
    )


def test_when_something_changed_since_the_preview_it_is_shown_anew(
    xa: Clerk, db: Database, clock: Clock, village: Village, next_day: factories.Event
) -> None:
    at = f"/staff/events/{village.event.id}"
    xa.post(f"{at}/cancel")
    with db.transaction() as tx:
        late = factories.person(tx, number=8, name="Bế Văn Muộn", now=clock.ms)
        factories.booking(
            tx, slot_id=village.event.slots[2], person_id=late, now=clock.ms
        )
    xa.press(f"{at}/cancel")
    assert "Từ lúc xem trước đã có thay đổi" in xa.page
    assert "Bế Văn Muộn" in xa.page
    assert xa.ask(POSTED, kind="event_choice") == 0
    clock.now += timedelta(minutes=31)
    xa.press(f"{at}/cancel")
    assert "Từ lúc xem trước đã có thay đổi" in xa.page, (
        "too long ago: offers would count from then"
    )
    xa.press(f"{at}/cancel")
    assert "Đã hủy ngày này." in xa.page
    xa.post(f"{at}/cancel")
    assert "đã hủy nên không đổi được" in xa.page


def test_moving_a_day_is_shown_first_and_a_note_is_not(
    xa: Clerk, db: Database, village: Village
) -> None:
    at = f"/staff/events/{village.event.id}"
    form = {
        "hall": village.hall,
        "day": "2024-04-14",
        "first": "08:00",
        "note": "",
        "counters": 1,
    }
    before = content(db)
    xa.post(f"{at}/edit", **form)
    assert content(db) == before
    assert "Lưu và gửi 2 tin" in xa.page
    assert "chuyen sang 8 gio sang Chu nhat 14/4, NVH Quang Trung I" in xa.page
    assert 'name="day" value="2024-04-14"' in xa.page, (
        "the button carries what was typed"
    )
    xa.press(f"{at}/edit", **form)
    assert "2 lịch dời theo" in xa.page
    xa.post(f"{at}/edit", **{**form, "note": "Mang CCCD"})
    assert "Đã lưu." in xa.page
    assert xa.ask(POSTED, kind="event_moved") == 2


def test_a_shrunk_time_names_who_moves_and_one_button_asks_them(
    xa: Clerk, village: Village, next_day: factories.Event
) -> None:
    at = f"/staff/events/{village.event.id}"
    xa.post(
        f"{at}/edit",
        hall=village.hall,
        day="2024-04-12",
        first="14:00",
        counters=1,
        places=1,
        note="",
    )
    assert "1 người cần chuyển giờ khác." in xa.page
    assert "quá 1 người" in xa.page
    xa.post(f"{at}/named")
    assert "Chuyển và gửi 1 tin" in xa.page
    assert "chuyen sang 3 gio chieu Thu sau 12/4" in xa.page, (
        "a later time of the same day first"
    )
    xa.press(f"{at}/named")
    assert "Đã chuyển 1 người." in xa.page
    assert "cần chuyển giờ khác" not in xa.page
    assert (
        xa.ask("SELECT slot_id FROM bookings WHERE id = :id", id=village.son_booking)
        == village.event.slots[2]
    )


def test_who_agreed_at_the_desk_is_marked_on_the_day(
    xa: Clerk, village: Village
) -> None:
    xa.get("/staff/book")
    assert "Nếu buổi này hoãn, tự chuyển sang buổi sau." in xa.page
    xa.post(
        "/staff/book",
        name="Lương Văn Tài",
        slot=village.event.slots[1],
        agreed=1,
        may_move=1,
    )
    xa.post("/staff/book", name="Lương Văn Tứ", slot=village.event.slots[1], agreed=1)
    assert xa.ask("SELECT COUNT(*) FROM bookings WHERE may_move") == 1
    xa.get(f"/staff/events/{village.event.id}")
    assert xa.page.count("tự chuyển nếu hoãn") == 1


def test_a_day_is_copied_to_next_week_unless_the_hall_is_taken_or_it_is_a_holiday(
    xa: Clerk, signed_in: Any, village: Village
) -> None:
    admin = signed_in("quantri")
    admin.post("/staff/setup/holidays", holiday="Giỗ Tổ", day="2024-04-19")
    assert "T6 19/4/2024" in admin.page
    at = f"/staff/events/{village.event.id}/copy"
    xa.post(at)
    assert "T6 19/4/2024 là ngày nghỉ (Giỗ Tổ)" in xa.page
    admin.post("/staff/setup/holidays/2024-04-19/remove")
    assert "Giỗ Tổ" not in admin.page.partition('id="holidays"')[2]
    xa.post(at)
    assert "Đã chép sang tuần sau" in xa.page
    assert "0/6 chỗ" in xa.page
    xa.post(at)
    assert "trùng giờ" in xa.page


def test_a_holiday_is_entered_by_the_admin_who_hears_what_stands_on_it(
    xa: Clerk, signed_in: Any, village: Village
) -> None:
    admin = signed_in("quantri")
    admin.post("/staff/setup/holidays", holiday="Giỗ Tổ", day="2024-04-12")
    assert "T6 12/4/2024 đang có 1 buổi" in admin.page
    admin.post("/staff/setup/holidays", holiday="", day="2024-04-13")
    assert "Chưa ghi tên" in admin.page
    admin.post("/staff/setup/holidays", holiday="Tết", day="ngày mai")
    assert "Ngày không hợp lệ" in admin.page
    assert 'value="Tết"' in admin.page
    assert (
        xa.send("/staff/setup/holidays", holiday="Tết", day="2024-04-13").status_code
        == 403
    )
    form = {
        "hall": village.other_hall,
        "day": "2024-04-12",
        "first": "14:00",
        "last": "16:00",
        "minutes": 30,
    }
    xa.post("/staff/events/new", **form, counters=2, places=3)
    assert "là ngày nghỉ (Giỗ Tổ), không mở buổi" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM holidays") == 1


def test_counters_and_a_break_are_entered_with_the_day(
    xa: Clerk, village: Village
) -> None:
    form = {
        "hall": village.other_hall,
        "day": "2024-04-20",
        "first": "08:00",
        "last": "11:00",
        "minutes": 30,
    }
    xa.post(
        "/staff/events/new",
        **form,
        counters=3,
        places=2,
        pause_from="09:30",
        pause_to="10:00",
    )
    assert "0/30 chỗ · 3 bàn" in xa.page
    assert "9h30</time>" not in xa.page
    assert "(2)" in xa.page, "places of one counter"


def test_the_stock_is_shown_where_it_is_given_away(
    xa: Clerk, signed_in: Any, village: Village
) -> None:
    admin = signed_in("quantri")
    form = {
        "name": "Đợt xuân",
        "opens": "2024-04-01",
        "closes": "2024-04-30",
        "handsets": "2g",
        "poor": "any",
        "stock": 9,
        "bring": "CCCD",
        "bring_en": "ID card",
    }
    admin.post("/staff/setup/schemes/new", **form)
    line = "Đã phát 0 trên 9 máy · giữ cho người có lịch 2, còn 7"
    assert line in admin.page
    for path in (
        "/staff/progress/",
        f"/staff/events/{village.event.id}",
        "/staff/setup/",
    ):
        admin.get(path)
        assert line in admin.page, path


def test_a_slip_in_the_year_is_refused_and_an_old_page_claims_nothing(
    xa: Clerk, db: Database, village: Village, next_day: factories.Event
) -> None:
    form = {
        "hall": village.hall,
        "first": "08:00",
        "last": "10:00",
        "minutes": 30,
        "counters": 1,
        "places": 3,
    }
    for day in ("9999-12-31", "2042-04-20"):
        assert xa.post("/staff/events/new", day=day, **form).status_code == 400
        assert "còn hơn một năm" in xa.page
    at = f"/staff/events/{next_day.id}"
    edit = {"hall": village.hall, "day": "2024-04-13", "first": "14:00"}
    for wrong in (
        {"day": "9999-12-31", "first": "23:59"},
        {"places": -1},
        {"counters": "hai"},
    ):
        xa.post(f"{at}/edit", **{**edit, **wrong})
        assert "Giờ không hợp lệ" in xa.page, wrong
    xa.confirm(f"{at}/cancel")
    xa.post(f"{at}/reopen")
    assert "Không có gì thay đổi" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'event_reopen'") == 0
    assert (
        xa.ask("SELECT state FROM events WHERE id = :id", id=next_day.id) == "cancelled"
    )
