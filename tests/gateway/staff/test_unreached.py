"""Two sheets of paper: whom no text reached, and what the loudspeaker says of the
coming week.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.models import messages
from db.store.engine import Database
from db.texts import outbox
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

PATH = "/staff/unreached/"


def posted(db: Database, clock: Clock, booking: int, status: str, **more: Any) -> int:
    plain = {
        "commune_id": 1,
        "direction": "out",
        "phone": "+84990000001",
        "booking_id": booking,
        "revision": 1,
        "kind": "reminder_1d",
        "class": "reminder",
        "priority": 1,
        "made_at": clock.ms,
        "not_before": clock.ms,
    }
    with db.transaction() as tx:
        return factories.insert_row(tx, messages, **{**plain, "status": status, **more})


def listed(clerk: Clerk) -> list[tuple[str, str, str]]:
    """Name, why, what to tell."""
    clerk.get(PATH)
    return re.findall(
        r'people/\d+">([^<]+)</a></strong> <span class="tag">([^<]+)</span>\s*<p>([^<]+)</p>',
        clerk.page,
    )


@pytest.mark.parametrize(
    ("status", "reason", "why"),
    [
        ("FAILED", "", "tin không gửi được"),
        ("LOST", "", "không rõ tin đã tới"),
        ("SKIPPED", "opted out", "đã ngừng nhận tin"),
        ("SKIPPED", "too late", ""),
        ("SENT", "", ""),
        ("DELIVERED", "", ""),
        ("QUEUED", "", ""),
    ],
)
def test_whose_last_text_did_not_come_is_told_by_somebody(
    xa: Clerk,
    village: Village,
    db: Database,
    clock: Clock,
    status: str,
    reason: str,
    why: str,
) -> None:
    posted(db, clock, village.hoa_booking, status, reason=reason)
    what = f"Có lịch 14h00 T6 12/4, NVH Quảng Trung I. Mã {village.hoa_code}."
    assert listed(xa) == ([("Nông Thị Hoa", why, what)] if why else [])


def test_the_newest_text_decides(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    posted(db, clock, village.hoa_booking, "FAILED")
    posted(db, clock, village.hoa_booking, "DELIVERED")
    assert listed(xa) == []
    posted(db, clock, village.hoa_booking, "FAILED")
    posted(db, clock, village.hoa_booking, "SKIPPED", reason="moved")
    assert len(listed(xa)) == 1, (
        "what was not sent because it was overtaken says nothing"
    )


def test_who_has_no_phone_stands_there_until_the_hour_has_come(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        lan = factories.person(
            tx, name="Lương Thị Lan", hamlet_id=village.trung, now=clock.ms
        )
        factories.booking(
            tx, slot_id=village.event.slots[1], person_id=lan, now=clock.ms
        )
    (line,) = listed(xa)
    assert line[:2] == ("Lương Thị Lan", "không có số")
    clock.now += timedelta(hours=6)
    assert listed(xa) == []


def test_those_who_come_together_are_reached_by_the_one_text(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        for booking in (village.hoa_booking, village.son_booking):
            tx.run(
                text(
                    "UPDATE bookings SET party_id = :first, booker_id = :hoa WHERE id = :id"
                ),
                first=village.hoa_booking,
                hoa=village.hoa,
                id=booking,
            )
    posted(db, clock, village.hoa_booking, "FAILED")
    assert [name for name, _, _ in listed(xa)] == ["Nông Thị Hoa", "Hoàng Văn Sơn"]
    posted(db, clock, village.hoa_booking, "DELIVERED")
    assert listed(xa) == []


def test_a_moved_and_a_cancelled_day_are_told_of_for_a_week(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        lan = factories.person(
            tx, name="Lương Thị Lan", hamlet_id=village.trung, now=clock.ms
        )
        factories.booking(
            tx, slot_id=village.event.slots[1], person_id=lan, now=clock.ms
        )
    at = f"/staff/events/{village.event.id}"
    clock.now += timedelta(minutes=1)
    xa.confirm(
        f"{at}/edit", hall=village.hall, day="2024-04-13", first="14:00", note=""
    )
    with db.transaction() as tx:
        tx.run(
            text("UPDATE messages SET status = 'FAILED' WHERE booking_id = :id"),
            id=village.hoa_booking,
        )
        tx.run(
            text("UPDATE messages SET status = 'DELIVERED' WHERE booking_id = :id"),
            id=village.son_booking,
        )
    assert [(name, what.partition(",")[0]) for name, _, what in listed(xa)] == [
        ("Nông Thị Hoa", "Lịch đã dời sang 14h00 T7 13/4"),
        ("Lương Thị Lan", "Lịch đã dời sang 14h30 T7 13/4"),
    ]
    clock.now += timedelta(minutes=1)
    xa.confirm(f"{at}/cancel")
    with db.transaction() as tx:
        tx.run(
            text("UPDATE messages SET status = 'LOST' WHERE kind = 'event_cancelled'")
        )
    assert {name: what for name, _, what in listed(xa)} == {
        "Nông Thị Hoa": "Buổi 14h00 T7 13/4, NVH Quảng Trung I đã hủy. Xin đặt lại.",
        "Lương Thị Lan": "Buổi 14h30 T7 13/4, NVH Quảng Trung I đã hủy. Xin đặt lại.",
        "Hoàng Văn Sơn": "Buổi 14h00 T7 13/4, NVH Quảng Trung I đã hủy. Xin đặt lại.",
    }
    task = xa.ask("SELECT MAX(id) FROM tasks")
    xa.post(f"/staff/calls/{task}/done")
    assert "Lương Thị Lan" not in [name for name, _, _ in listed(xa)], "told"
    with db.transaction() as tx:  # heard of it elsewhere, and booked anew
        later = factories.event_with_slots(
            tx, hall_id=village.hall, starts=clock.now + timedelta(days=9)
        )
        factories.booking(
            tx, slot_id=later.slots[0], person_id=village.hoa, now=clock.ms
        )
    assert [name for name, _, _ in listed(xa)] == ["Hoàng Văn Sơn"]
    clock.now += timedelta(days=7, minutes=1)
    xa.sign_in("xa")
    assert listed(xa) == []


def test_who_gave_the_seat_back_before_the_day_was_cancelled_needs_no_telling(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    xa.post(f"/staff/bookings/{village.hoa_booking}/cancel")
    with db.transaction() as tx:
        tx.run(text("UPDATE messages SET status = 'FAILED'"))
    clock.now += timedelta(minutes=1)
    xa.confirm(f"/staff/events/{village.event.id}/cancel")
    assert listed(xa) == []


def test_a_place_on_offer_is_told_of_while_it_is_kept(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    until = clock.ms + 2 * 3_600_000
    with db.transaction() as tx:
        tx.run(
            text("UPDATE bookings SET status = 'offered', until = :u WHERE id = :id"),
            u=until,
            id=village.hoa_booking,
        )
    posted(db, clock, village.hoa_booking, "FAILED")
    ((_, _, what),) = listed(xa)
    assert what.endswith("Trả lời trước 11h00 T6 12/4.")
    clock.now += timedelta(hours=2, minutes=1)
    assert listed(xa) == []


def test_a_hamlet_head_sees_the_own_people_and_each_look_is_written_down(
    xa: Clerk, thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    posted(db, clock, village.hoa_booking, "FAILED")
    posted(db, clock, village.son_booking, "FAILED", phone="+84990000002")
    assert [name for name, _, _ in listed(thon)] == ["Nông Thị Hoa"]
    assert "0990 000 001" in thon.page, "a head may call"
    thon.get(f"{PATH}?hamlet={village.lien}")
    assert "Hoàng Văn Sơn" not in thon.page
    assert [name for name, _, _ in listed(xa)] == ["Nông Thị Hoa", "Hoàng Văn Sơn"]
    xa.get(f"{PATH}?hamlet={village.lien}")
    assert "Nông Thị Hoa" not in xa.page
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'unreached'") == 4


def test_the_loudspeaker_says_the_week_in_words_and_names_nobody(
    xa: Clerk, thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        common = factories.hall(tx, None, "Hội trường xã")
        for hall, days in ((common, 2), (village.other_hall, 3), (village.hall, 7)):
            factories.event_with_slots(
                tx,
                hall_id=hall,
                starts=clock.now + timedelta(days=days, minutes=-30),
                slots_=5,
            )
    thon.get("/staff/announcement/")
    said = re.findall(
        r"<p>([^<]+)</p>",
        thon.page.partition('class="card-box sheet aloud"')[2].partition("</section>")[
            0
        ],
    )
    assert said == [
        "Thông báo của xã Quảng Lạc gửi bà con thôn Quảng Trung I.",
        "Trong bảy ngày tới có các buổi đổi điện thoại 2G lên 4G như sau.",
        "Từ 2 giờ chiều đến 3 giờ 30 chiều thứ Sáu, ngày 12 tháng 4, tại Nhà văn hóa Quảng Trung I.",
        "Từ 8 giờ 30 sáng đến 11 giờ trưa Chủ nhật, ngày 14 tháng 4, tại Hội trường xã.",
        "Khi đi xin mang theo căn cước công dân, máy cũ.",
        "Muốn đặt giờ trước, xin bấm sao, hai, bốn, không, bốn, thăng, rồi bấm nút gọi; hoặc nhắn tin hai chữ"
        " “đặt lịch” tới số hai, bốn, không, bốn. Chưa biết làm thì nhờ trưởng thôn đặt giúp.",
        "Cán bộ không hỏi mã OTP, không hỏi mật khẩu, không gửi đường dẫn. Ai hỏi là lừa đảo.",
    ]
    xa.get("/staff/announcement/")
    assert "gửi bà con các thôn" in xa.page
    assert "Nhà văn hóa Quảng Liên I" in xa.page
    assert "Nông Thị Hoa" not in xa.page


def test_a_week_without_events_is_said_too(
    thon: Clerk, village: Village, clock: Clock
) -> None:
    clock.now += timedelta(days=1)
    thon.sign_in("thon")
    thon.get("/staff/announcement/")
    assert "Trong bảy ngày tới chưa có buổi đổi điện thoại nào" in thon.page


def test_a_text_newly_on_its_way_is_waited_for(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    posted(db, clock, village.hoa_booking, "FAILED")
    with db.transaction() as tx:
        outbox.post(
            tx,
            kind="reminder_0d",
            commune_id=1,
            phone="+84990000001",
            now=clock.ms,
            booking_id=village.hoa_booking,
        )
    assert listed(xa) == []
