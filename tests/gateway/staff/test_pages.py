"""The other pages of the desk: events, the log, progress, people, texts, calls,
businesses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, text

from db.models import clocks, installation, messages, tasks
from db.store.engine import Database
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
POSTED = "SELECT COUNT(*) FROM messages WHERE kind = :kind"


def _message(db: Database, at: int, **values: object) -> int:
    plain = {
        "commune_id": 1,
        "direction": "out",
        "phone": "+84990000001",
        "kind": "booked",
        "class": "notice",
        "priority": 1,
        "status": "SENT",
        "made_at": at,
        "not_before": at,
        "text": "Da dat lich",
    }
    with db.transaction() as tx:
        return factories.insert_row(tx, messages, **{**plain, **values})


def test_a_clerk_creates_closes_and_reopens_a_day(xa: Clerk, village: Village) -> None:
    form = {
        "hall": village.other_hall,
        "day": "2024-04-20",
        "first": "08:00",
        "last": "11:00",
        "minutes": 30,
        "places": 6,
    }
    answer = xa.post("/staff/events/new", **form)
    at = answer.headers["Location"]
    assert "0/36 chỗ" in xa.page
    xa.post("/staff/events/new", **form)
    assert "trùng giờ" in xa.page
    xa.post("/staff/events/new", **{**form, "day": "2024-04-01"})
    assert "Buổi phải ở tương lai" in xa.page
    xa.post(f"{at}/close")
    assert "Đã đóng" in xa.page
    xa.post(f"{at}/reopen")
    assert "Đang nhận" in xa.page


def test_moving_a_day_tells_everybody_and_cancelling_it_too(
    xa: Clerk, village: Village
) -> None:
    at = f"/staff/events/{village.event.id}"
    xa.confirm(
        f"{at}/edit",
        hall=village.other_hall,
        day="2024-04-13",
        first="08:00",
        places="1",
        note="Mang CCCD",
    )
    assert "2 lịch dời theo" in xa.page
    assert "Đang quá 1 người" in xa.page
    assert "quá 1 người" in xa.page
    assert xa.ask(POSTED, kind="event_moved") == 2
    xa.confirm(f"{at}/cancel")
    assert (
        "Đã hủy ngày này. Chuyển buổi: 0; giữ chỗ chờ trả lời: 0; báo hủy: 2."
        in xa.page
    )
    assert xa.ask(POSTED, kind="event_cancelled") == 2


def test_who_has_no_phone_is_listed_to_be_told_until_somebody_did(
    xa: Clerk, thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        lan = factories.person(
            tx, name="Lương Thị Lan", hamlet_id=village.lien, now=clock.ms
        )
        factories.booking(
            tx, slot_id=village.event.slots[1], person_id=lan, now=clock.ms
        )
        gone = factories.person(
            tx, name="Bế Văn Thôi", hamlet_id=village.lien, now=clock.ms
        )
        given_back = factories.booking(
            tx, slot_id=village.event.slots[1], person_id=gone, now=clock.ms
        )
    at = f"/staff/events/{village.event.id}"
    xa.post(f"/staff/bookings/{given_back.id}/cancel")
    clock.now += timedelta(minutes=1)
    xa.confirm(
        f"{at}/edit", hall=village.other_hall, day="2024-04-13", first="08:00", note=""
    )
    xa.get("/staff/requests/")
    assert (
        "lịch hẹn dời, 14h30 T6 12/4, NVH Quảng Trung I → 8h30 T7 13/4, NVH Quảng Liên I"
        in xa.page
    )
    xa.post(f"/staff/calls/{xa.ask('SELECT id FROM tasks')}/done", note="nhờ con gái")
    assert "NVH Quảng Liên I – nhờ con gái" in xa.page
    xa.get(at)
    assert (xa.page.count("đã báo<"), xa.page.count("đang gửi tin<")) == (1, 2)
    clock.now += timedelta(minutes=1)
    xa.confirm(f"{at}/cancel")
    assert "Lương Thị Lan" in xa.page, "a cancelled day still says who was booked"
    assert "Bế Văn Thôi" not in xa.page, "who gave the seat back needs no telling"
    assert (xa.page.count("chưa báo được"), xa.page.count("đang gửi tin<")) == (1, 2)
    thon.get("/staff/requests/")
    assert "Lương Thị Lan" not in thon.page, "of another hamlet"
    xa.get("/staff/requests/")
    assert "buổi đăng ký đã hủy, 8h30 T7 13/4, NVH Quảng Liên I" in xa.page
    assert "không có số" in xa.page
    xa.post(f"/staff/calls/{xa.ask('SELECT id FROM tasks WHERE done_at IS NULL')}/done")
    xa.get(at)
    assert "chưa báo được" not in xa.page
    assert xa.ask(POSTED, kind="event_cancelled") == 2


def test_a_hamlet_head_sees_days_but_does_not_change_them(
    thon: Clerk, village: Village
) -> None:
    assert thon.get(f"/staff/events/{village.event.id}").status_code == 200
    assert "Hoàng Văn Sơn" not in thon.page
    for act in ("edit", "close", "cancel", "copy", "named"):
        assert thon.send(f"/staff/events/{village.event.id}/{act}").status_code == 403


def test_progress_names_numerator_denominator_target_and_day(
    xa: Clerk, village: Village, db: Database
) -> None:
    with db.transaction() as tx:
        household = factories.household(tx, village.trung)
        tx.run(
            text("UPDATE people SET household_id = :h WHERE id = :p"),
            h=household,
            p=village.hoa,
        )
        tx.run(
            text(
                "INSERT INTO targets (indicator_id, hamlet_id, denominator, target, as_of)"
                " VALUES (:i, :h, 43, 39, '2024-04-01')"
            ),
            i=factories.indicator(tx, "converted_household"),
            h=village.trung,
        )
    for indicator in ("sim_4g", "handset_volte"):
        _log_other = f"/staff/bookings/{village.hoa_booking}/log"
        xa.post(_log_other, indicator=indicator, form_key=KEY)
    xa.get(f"/staff/progress/?hamlet={village.trung}")
    assert "<b>1</b> / 43 <span>trên " in xa.page
    assert "<b>1</b> <span>người đang dùng máy 2G: chưa nhập tổng số</span>" in xa.page
    assert "Mục tiêu 39, số liệu ngày T2 1/4/2024" in xa.page
    assert "Kế hoạch không đặt chỉ tiêu" in xa.page
    xa.get("/staff/progress/converted_household")
    assert "Quảng Liên I" in xa.page
    assert "<small>Số liệu ngày T2 1/4/2024</small>" in xa.page, (
        "in the line itself: a narrow screen hides no date"
    )
    assert "wide-only" not in xa.page
    assert xa.get("/staff/progress/khong-co").status_code == 404


def test_each_look_at_a_person_is_written_down(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    for asked in ("nông thị", "nong", "0990000001", "000001", village.hoa_code):
        xa.get(f"/staff/people/?q={asked}")
        if "Nông Thị Hoa" not in xa.page:
            xa.get(f"/staff/people/{village.hoa}")
        assert "Nông Thị Hoa" in xa.page, asked
    looks = xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'look'")
    xa.get(f"/staff/people/{village.hoa}")
    assert "0990 000 001" in xa.page  # this role may call
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action = 'look' AND person_id = :id",
            id=village.hoa,
        )
        == looks + 1
    )
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    assert "Nông Thị Hoa" in admin.page


def test_a_person_of_another_hamlet_is_not_there_for_a_hamlet_head(
    thon: Clerk, village: Village
) -> None:
    thon.get("/staff/people/?q=hoang")
    assert "Hoàng" not in thon.page
    assert thon.get(f"/staff/people/{village.son}").status_code == 404
    for act in ("edit", "fact", "log"):
        values = {"kind": "sim", "value": "4g", "indicator": "sim_4g", "form_key": KEY}
        assert (
            thon.send(f"/staff/people/{village.son}/{act}", **values).status_code == 404
        )


def test_what_staff_saw_name_and_household_are_kept(
    xa: Clerk, village: Village
) -> None:
    at = f"/staff/people/{village.hoa}"
    xa.post(f"{at}/fact", kind="handset", value="4g_volte")
    assert "cán bộ đã xem" in xa.page
    assert xa.send(f"{at}/fact", kind="handset", value="5g").status_code == 400
    xa.post(f"{at}/edit", name="Nông Thị Hòa", hamlet=village.trung, household="HO-17")
    assert "Nông Thị Hòa" in xa.page
    assert (
        xa.ask("SELECT folded FROM people WHERE id = :id", id=village.hoa)
        == "nong thi hoa"
    )
    assert "Tiền điện qua Viettel Money" in xa.page
    xa.post(
        f"{at}/log", subject="household", indicator="electricity_money", form_key=KEY
    )
    assert "✓ Tiền điện" in xa.page
    xa.post(
        f"/staff/people/{village.son}/edit",
        name="Hoàng Văn Sơn",
        hamlet=village.lien,
        household="HO-17",
    )
    assert "thuộc thôn khác" in xa.page


def test_a_household_joined_later_counts_as_converted(
    xa: Clerk, village: Village
) -> None:
    for indicator in ("sim_4g", "handset_volte"):
        xa.post(f"/staff/people/{village.hoa}/log", indicator=indicator, form_key=KEY)
    xa.post(
        f"/staff/people/{village.hoa}/edit",
        name="Nông Thị Hoa",
        hamlet=village.trung,
        household="HO-17",
    )
    counted = """
        SELECT COUNT(*)
        FROM counted c
        JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'converted_household'
    """
    assert xa.ask(counted) == 1


def test_a_shop_gets_its_code_with_one_tap(
    xa: Clerk, thon: Clerk, village: Village
) -> None:
    xa.post(
        "/staff/businesses/",
        kind="household_business",
        name="Tạp hóa Hoa",
        hamlet=village.lien,
    )
    xa.post(
        "/staff/businesses/",
        kind="household_business",
        name="tạp hóa hoa",
        hamlet=village.lien,
    )
    assert xa.ask("SELECT COUNT(*) FROM businesses WHERE name = 'Tạp hóa Hoa'") == 1
    shop = xa.ask("SELECT id FROM businesses WHERE name = 'Tạp hóa Hoa'")
    assert (
        thon.send(
            f"/staff/businesses/{shop}/log", indicator="business_qr", form_key=KEY
        ).status_code
        == 404
    )
    for _ in range(2):
        xa.post(f"/staff/businesses/{shop}/log", indicator="business_qr", form_key=KEY)
    assert "✓ QR Viettel Money" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM conversions") == 1


def test_a_question_about_a_broadcast_is_listed_with_its_words(
    xa: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    said = "Họp thôn: mang theo giấy tờ gì?"
    with db.transaction() as tx:
        factories.insert_row(
            tx,
            tasks,
            commune_id=1,
            person_id=village.hoa,
            kind="question",
            made_at=clock.ms,
            note=said,
        )
    xa.get("/staff/requests/")
    assert said in xa.page
    assert "hỏi lại tin đã gửi" in xa.page


def test_lost_and_failed_texts_stand_out_and_numbers_are_masked(
    xa: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    _message(db, clock.ms, status="LOST", reason="no answer from the carrier")
    _message(db, clock.ms, status="DELIVERED", text="Nhac hen")
    xa.get("/staff/messages/")
    assert "Thất lạc: 1" in xa.page
    assert "Nhac hen" in xa.page
    assert "+84990000001" not in xa.page
    xa.get("/staff/messages/?status=LOST")
    assert "Nhac hen" not in xa.page


def test_a_text_nobody_understood_waits_until_somebody_dealt_with_it(
    xa: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    text_in = _message(
        db,
        clock.ms,
        direction="in",
        kind="said",
        status="RECEIVED",
        understood=False,
        text="cho hoi ti",
    )
    xa.get("/staff/messages/not-understood")
    assert "cho hoi ti" in xa.page
    xa.post(f"/staff/messages/{text_in}/dealt-with")
    assert "Không còn tin nào" in xa.page


def test_the_strip_says_what_kind_of_place_this_is(
    xa: Clerk, db: Database, clock: Clock
) -> None:
    xa.get("/staff/")
    assert "Bộ hẹn giờ chưa chạy" in xa.page
    with db.transaction() as tx:
        tx.run(insert(clocks).values(job="send", at=clock.ms - 121_000))
        tx.run(insert(installation).values(id=1, kind="demo", since=clock.ms))
    xa.get("/staff/")
    assert "Bộ hẹn giờ dừng từ" in xa.page
    assert "Dữ liệu minh họa" in xa.page
    with db.transaction() as tx:
        tx.run(text("UPDATE clocks SET at = :at"), at=clock.ms)
        tx.run(text("UPDATE installation SET kind = 'live'"))
    xa.get("/staff/")
    assert "Bộ hẹn giờ" not in xa.page
    assert "Chưa bật gửi tin" in xa.page
