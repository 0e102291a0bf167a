"""Booking for residents who cannot: at the desk and from the hamlet head's paper list."""

from __future__ import annotations

from datetime import timedelta

from db.store.engine import Database
from gateway.staff import language
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

BOOKED = "SELECT COUNT(*) FROM bookings WHERE status = 'booked' AND origin = 'desk'"
POSTED = "SELECT COUNT(*) FROM messages WHERE kind = :kind AND phone = :phone"
PERSON = """
    SELECT p.name
    FROM bookings b
    JOIN people p ON p.id = b.person_id
    WHERE b.origin = 'desk' AND b.status = 'booked'
"""


def test_a_resident_without_a_phone_gets_a_seat_and_agreed_to_it(
    xa: Clerk, village: Village
) -> None:
    xa.post(
        "/staff/book",
        name="Lương Văn Tài",
        hamlet=village.trung,
        slot=village.event.slots[1],
        agreed=1,
    )
    assert "Đã đặt cho Lương Văn Tài: 14h30 T6 12/4, NVH Quảng Trung I. Mã " in xa.page
    assert xa.ask(BOOKED) == 1
    assert xa.ask("SELECT channel FROM consents") == "desk"
    assert xa.ask("SELECT COUNT(*) FROM messages") == 0
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'book'") == 1


def test_a_resident_with_a_phone_is_texted(xa: Clerk, village: Village) -> None:
    xa.post(
        "/staff/book",
        name="Lương Văn Tài",
        phone="0990 000 007",
        slot=village.event.slots[1],
        agreed=1,
    )
    assert xa.ask(POSTED, kind="booked", phone="+84990000007") == 1


def test_a_blocked_phone_books_through_a_relatives_number(
    xa: Clerk, village: Village
) -> None:
    form = {
        "name": "Nông Văn Cụ",
        "phone": "0990000001",
        "hamlet": village.trung,
        "slot": village.event.slots[1],
        "agreed": 1,
    }
    xa.post("/staff/book", **form)
    assert "Số này đang ghi tên người khác" in xa.page
    assert 'value="Nông Văn Cụ"' in xa.page  # what was typed is still there
    xa.post("/staff/book", **form, borrowed=1)
    assert xa.ask(PERSON) == "Nông Văn Cụ"
    assert xa.ask(POSTED, kind="booked", phone="+84990000001") == 1


def test_what_is_wrong_with_a_form_is_said_and_nothing_is_booked(
    xa: Clerk, village: Village
) -> None:
    whole = {
        "name": "Lương Văn Tài",
        "phone": "",
        "slot": village.event.slots[1],
        "agreed": "1",
    }
    for change, told in (
        ({"name": ""}, "Chưa ghi họ tên"),
        ({"phone": "02053812345"}, "không phải số di động"),
        ({"slot": ""}, "Chưa chọn giờ"),
        ({"slot": "999"}, "vừa hết chỗ"),
        ({"slot": village.event.slots[0]}, "vừa hết chỗ"),
        ({"agreed": ""}, "Chưa đánh dấu đồng ý"),
    ):
        xa.post("/staff/book", **{**whole, **change})
        assert told in xa.page, change
    assert xa.ask(BOOKED) == 0
    assert xa.ask("SELECT COUNT(*) FROM people") == 2  # nobody was made on the way


def test_who_is_booked_already_is_not_booked_twice(xa: Clerk, village: Village) -> None:
    xa.post("/staff/book", person=village.hoa, slot=village.event.slots[1], agreed=1)
    assert "Người này đã có lịch" in xa.page


def test_the_time_is_changed_and_the_resident_told(xa: Clerk, village: Village) -> None:
    at = f"/staff/bookings/{village.hoa_booking}"
    xa.post(f"{at}/move", slot=village.event.slots[2])
    assert (
        xa.ask("SELECT slot_id FROM bookings WHERE id = :id", id=village.hoa_booking)
        == village.event.slots[2]
    )
    assert xa.ask(POSTED, kind="desk_moved", phone="+84990000001") == 1
    xa.post(f"{at}/cancel")
    assert xa.ask(POSTED, kind="desk_cancelled", phone="+84990000001") == 1
    xa.post(f"{at}/cancel")
    assert "đã hủy" in xa.page


def test_a_paper_list_seats_everybody_from_the_first_free_slot_on(
    xa: Clerk, village: Village
) -> None:
    xa.post(
        f"/staff/events/{village.event.id}/list",
        lines="1. Bế Văn Một, 0990 000 011\n2) Bế Văn Hai\n\nBế Văn Ba; Thôn Quảng Liên I; 0990.000.013\n"
        "Bế Văn Bốn, 0205 381 2345\nBế Văn Năm, Quảng Nam\nNông Thị Hoa, 0990000001\n, 0990000019",
        hamlet=village.trung,
        agreed=1,
    )
    assert "3 người có lịch, 4 dòng chưa được" in xa.page
    assert "14h30 · Mã" in xa.page
    assert "15h00 · Mã" in xa.page
    assert "14h00 · Mã" not in xa.page  # full before
    for told in (
        "không phải số di động",
        "Không có thôn này",
        "Người này đã có lịch",
        "Chưa ghi họ tên",
    ):
        assert told in xa.page, told
    assert xa.ask(BOOKED) == 3
    assert (
        xa.ask("SELECT hamlet_id FROM people WHERE phone = '+84990000013'")
        == village.lien
    )
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE kind = 'booked'") == 2


def test_the_same_list_again_books_nobody_twice(xa: Clerk, village: Village) -> None:
    for _ in range(2):
        lines = "Bế Văn Hai\nBế Văn Một, 0990000011"
        xa.post(
            f"/staff/events/{village.event.id}/list",
            lines=lines,
            hamlet=village.trung,
            agreed=1,
        )
    assert "0 người có lịch, 2 dòng chưa được" in xa.page
    assert xa.ask(BOOKED) == 2


def test_a_number_of_somebody_else_on_paper_is_a_relatives(
    xa: Clerk, village: Village
) -> None:
    xa.post(
        f"/staff/events/{village.event.id}/list",
        lines="Nông Văn Cụ, 0990000001",
        hamlet=village.trung,
        agreed=1,
    )
    assert xa.ask(PERSON) == "Nông Văn Cụ"
    assert xa.ask(POSTED, kind="booked", phone="+84990000001") == 1


def test_a_full_day_says_so_line_by_line(xa: Clerk, village: Village) -> None:
    lines = "\n".join(f"Người Số {word}" for word in ("Một", "Hai", "Ba", "Bốn", "Năm"))
    xa.post(f"/staff/events/{village.event.id}/list", lines=lines, agreed=1)
    assert "4 người có lịch, 1 dòng chưa được" in xa.page
    assert "không còn khung giờ trống" in xa.page


def test_a_hamlet_head_lists_only_the_own_people(thon: Clerk, village: Village) -> None:
    thon.post(
        f"/staff/events/{village.event.id}/list",
        lines="Bế Văn Hai\nBế Văn Ba, Quảng Liên I\nHoàng Văn Sơn, 0990000002",
        hamlet=village.lien,  # a form tampered with: the own hamlet counts
        agreed=1,
    )
    assert "1 người có lịch, 2 dòng chưa được" in thon.page
    assert (
        thon.ask("SELECT hamlet_id FROM people WHERE name = 'Bế Văn Hai'")
        == village.trung
    )


def test_a_hamlet_head_cannot_try_out_names_against_numbers(
    thon: Clerk, village: Village
) -> None:
    answers = []
    for name in ("Hoàng Văn Sơn", "Bế Văn Hai"):  # the number's own name, and a guess
        answer = thon.send(
            "/staff/book",
            name=name,
            phone="0990000002",
            slot=village.event.slots[1],
            agreed=1,
        )
        answers.append(answer.status_code)
        assert "Không đặt được cho số này ở đây; nhờ cán bộ xã." in answer.text
        assert "thôn khác" not in answer.text
        assert "người khác" not in answer.text
        lines = f"{name}, 0990000002"
        thon.post(f"/staff/events/{village.event.id}/list", lines=lines, agreed=1)
        assert "0 người có lịch, 1 dòng chưa được" in thon.page
        assert "Không đặt được cho số này ở đây" in thon.page
    assert answers[0] == answers[1]
    noted = "SELECT COUNT(*) FROM audit WHERE action = 'book_refused' AND person_id = :person"
    assert thon.ask(noted, person=village.son) == 4
    assert thon.ask(BOOKED) == 0
    answer = thon.send(
        "/staff/book",
        name="Bế Văn Hai",
        phone="0990000001",
        slot=village.event.slots[1],
        agreed=1,
    )
    assert "Số này đang ghi tên người khác" in answer.text, (
        "in the own hamlet nothing is hidden"
    )


def test_a_slot_that_has_begun_takes_nobody(
    xa: Clerk, village: Village, clock: Clock, db: Database
) -> None:
    clock.now += timedelta(hours=5, minutes=40)
    xa.post("/staff/book", name="Lương Văn Tài", slot=village.event.slots[1], agreed=1)
    assert "vừa hết chỗ hoặc đã bắt đầu" in xa.page
    with db.transaction() as tx:
        assert factories.person(tx, name="x")


def test_a_time_that_others_wait_for_is_not_the_clerks_to_give(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        waits = factories.person(tx, number=8, now=clock.ms)
        later = factories.event_with_slots(
            tx, hall_id=village.hall, starts=clock.now + timedelta(days=2), slots_=2
        )
        factories.promised(
            tx, slot_id=later.slots[0], person_id=waits, status="waiting", now=clock.ms
        )
    xa.get("/staff/book")
    assert f'value="{later.slots[1]}"' in xa.page
    assert f'value="{later.slots[0]}"' not in xa.page
    xa.post("/staff/book", name="Lương Văn Tài", slot=later.slots[0], agreed=1)
    assert "vừa hết chỗ" in xa.page


def test_who_may_be_known_by_that_name_is_asked_about_before_a_seat_is_given(
    xa: Clerk, village: Village
) -> None:
    form = {
        "name": "Nông Thị Hoa",
        "hamlet": village.trung,
        "phone": "0990 000 008",
        "slot": village.event.slots[1],
        "agreed": "1",
    }
    xa.post("/staff/book", **form)
    assert "số cuối 001: có phải người này không?" in xa.page
    xa.post("/staff/book", **form, known=village.hoa)
    assert language.say("vi", "refused_already_booked") in xa.page
    xa.post("/staff/book", **form, another="1")
    assert xa.ask("SELECT COUNT(*) FROM people WHERE folded = 'nong thi hoa'") == 2
