"""A clerk with a hall full of people: the list, check-in, what was done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from db.models import event_services, staff
from db.office import accounts
from db.seats import attendance, bookings
from db.store.engine import Database
from gateway.staff import language
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
LOGGED = "SELECT COUNT(*) FROM conversions WHERE reverses IS NULL"


def test_the_list_shows_who_comes_when_and_hides_the_number(
    xa: Clerk, village: Village
) -> None:
    xa.get("/staff/")
    for shown in (
        "Nông Thị Hoa",
        village.hoa_code,
        "NVH Quảng Trung I",
        "14h00",
        "+84990***001",
    ):
        assert shown in xa.page
    assert "+84990000001" not in xa.page


def test_a_head_prints_the_list_of_the_hall_with_boxes_and_a_line_to_sign(
    thon: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        offered = {"event_id": village.event.id, "service": "account"}
        tx.run(event_services.insert().values(**offered))
    thon.get("/staff/")
    link = f"/staff/today/print?day=2024-04-12&hall={village.hall}"
    assert link in thon.page.replace("&amp;", "&")
    thon.get(link)
    for printed in (
        "Nông Thị Hoa",
        "14h00",
        "<td>001</td>",
        language.say("vi", "service_account"),
        language.say("vi", "day_print_sign"),
    ):
        assert printed in thon.page, printed
    assert "0990000001" not in thon.page, "three digits are enough"
    nobody = thon.get("/staff/today/print?day=2024-05-12").text
    assert language.say("vi", "day_print_nobody") in nobody


def test_one_tap_checks_in_and_another_takes_it_back(
    xa: Clerk, village: Village
) -> None:
    at = f"/staff/bookings/{village.hoa_booking}"
    answer = xa.post(f"{at}/check-in", back="/staff/?hall=1")
    assert answer.headers["Location"] == f"/staff/?hall=1#b{village.hoa_booking}"
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )
    xa.post(f"{at}/check-in")  # a second tap changes nothing
    assert "vừa được người khác" not in xa.page
    xa.post(f"{at}/not-here")
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "booked"
    )


def test_nobody_has_come_on_a_day_still_to_come_unless_the_clerk_says_early(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    clock.now -= timedelta(days=1)
    at = f"/staff/bookings/{village.hoa_booking}"
    xa.post(f"{at}/check-in")
    assert "chưa tới ngày" in xa.page
    xa.post(f"{at}/log", indicator="sim_4g", form_key=KEY)
    assert "chưa tới ngày" in xa.page
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "booked"
    )
    assert xa.ask(LOGGED) == 0
    xa.post(f"{at}/check-in", early="1")
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )
    xa.post(f"{at}/not-here")
    clock.now += timedelta(days=1)
    xa.post(f"{at}/check-in")
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )


def test_somebody_called_missed_who_comes_after_all_is_checked_in(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    clock.now += timedelta(hours=7)
    with db.transaction() as tx:
        assert len(attendance.mark_missed(tx, now=clock.ms, ended_before=clock.ms)) == 2
    xa.post(f"/staff/bookings/{village.hoa_booking}/check-in")
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )


def test_a_double_tap_on_what_was_done_counts_once(xa: Clerk, village: Village) -> None:
    at = f"/staff/bookings/{village.hoa_booking}/log"
    for _ in range(2):
        xa.post(at, indicator="sim_4g", form_key=KEY)
    assert xa.ask(LOGGED) == 1
    assert "✓ SIM 4G" in xa.page
    # from a page that was not reloaded
    xa.post(at, indicator="sim_4g", form_key=KEY + "-new")
    assert xa.ask(LOGGED) == 1


def test_a_slip_is_taken_back_where_it_was_made(
    signed_in: Callable[[str], Clerk], xa: Clerk, village: Village, db: Database
) -> None:
    """By whoever made it; the agent takes back no tick of the commune's."""
    with db.transaction() as tx:
        factories.insert_row(
            tx, staff, commune_id=1, username="viettel", name="viettel", role="agent",
            made_at=1, password=accounts._hasher().hash(PASSWORD),
        )  # fmt: skip
    agent = signed_in("viettel")
    tapped = {"indicator": "sim_4g", "form_key": "a-form-key-of-a-page"}
    agent.post(f"/staff/bookings/{village.hoa_booking}/log", **tapped)
    agent.get("/staff/")
    found = re.search(r'class="undo" href="([^"]+)"', agent.page)
    assert found
    way = unescape(found[1])
    form = agent.client.get(way, follow_redirects=True)
    assert language.say("vi", "undo_slip") in form.get_data(as_text=True)
    entry = agent.ask("SELECT MAX(id) FROM conversions")
    back = f"/staff/#b{village.hoa_booking}"
    answer = agent.send(
        f"/staff/conversions/{entry}/undo", reason="Bấm nhầm", back=back
    )
    assert answer.headers["Location"].endswith(back)
    agent.get("/staff/")
    assert 'class="undo"' not in agent.page
    xa.post(
        f"/staff/bookings/{village.hoa_booking}/log", **tapped | {"form_key": "b" * 20}
    )
    agent.get(way)
    assert language.say("vi", "undo_of_another", who="xa") in agent.get("/staff/").text


def test_sim_and_handset_move_the_hamlets_number(xa: Clerk, village: Village) -> None:
    for indicator in ("sim_4g", "handset_volte"):
        xa.post(
            f"/staff/bookings/{village.hoa_booking}/log",
            indicator=indicator,
            form_key=KEY,
        )
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )
    count = (
        "SELECT SUM(t.count) FROM tallies t JOIN indicators i ON i.id = t.indicator_id"
        " WHERE i.key = 'converted_person' AND t.hamlet_id = :hamlet"
    )
    assert xa.ask(count, hamlet=village.trung) == 1


def test_what_is_counted_from_others_cannot_be_tapped(
    xa: Clerk, village: Village
) -> None:
    for indicator in ("converted_person", "business_qr", "nothing"):
        answer = xa.send(
            f"/staff/bookings/{village.hoa_booking}/log",
            indicator=indicator,
            form_key=KEY,
        )
        assert answer.status_code == 400
    assert xa.ask(LOGGED) == 0


def test_a_hamlet_head_sees_and_touches_only_the_own_hamlet_and_hall(
    thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    """Of the day also whoever comes to the own hall: the head runs it, and opens no
    page of theirs.
    """
    with db.transaction() as tx:
        there = factories.event_with_slots(
            tx, hall_id=village.other_hall, starts=clock.now + timedelta(hours=2)
        )
        lan = factories.person(
            tx, number=3, name="Lương Thị Lan", hamlet_id=village.lien, now=clock.ms
        )
        elsewhere = factories.booking(
            tx, slot_id=there.slots[0], person_id=lan, now=clock.ms
        ).id
    thon.get("/staff/")
    assert f'<a href="/staff/people/{village.hoa}">Nông Thị Hoa</a>' in thon.page
    assert "<strong>Hoàng Văn Sơn</strong>" in thon.page
    assert "Lương Thị Lan" not in thon.page
    for act in ("check-in", "not-here", "log", "app", "cancel"):
        assert thon.send(f"/staff/bookings/{elsewhere}/{act}").status_code == 404
    assert thon.send(f"/staff/bookings/{village.son_booking}/cancel").status_code == 404
    thon.post(f"/staff/bookings/{village.son_booking}/check-in")
    assert (
        thon.ask("SELECT status FROM bookings WHERE id = :id", id=village.son_booking)
        == "attended"
    )
    assert thon.get(f"/staff/people/{village.son}").status_code == 404


def test_the_search_finds_by_code_name_without_marks_and_end_of_number(
    xa: Clerk, village: Village
) -> None:
    for asked in (
        village.hoa_code, "nong thi", "Thi Hoà", "hoa nong", "0990000001", "001",
    ):  # fmt: skip
        xa.get(f"/staff/?q={asked}")
        assert "Nông Thị Hoa" in xa.page, asked
        assert "Hoàng Văn Sơn" not in xa.page, asked
    xa.get("/staff/?q=khong ai")
    assert "Tìm trong tất cả người dân" in xa.page


def test_a_search_that_names_nobody_finds_nobody(xa: Clerk, village: Village) -> None:
    for asked in ("000", "0000", "---", "%2B84"):
        xa.get(f"/staff/?q={asked}")
        assert "Nông Thị Hoa" not in xa.page, asked
        assert "Hoàng Văn Sơn" not in xa.page, asked
    for asked in ("0000001", "84990000001", "%2B84 990 000 001"):
        xa.get(f"/staff/?q={asked}")
        assert "Nông Thị Hoa" in xa.page, asked
        assert "Hoàng Văn Sơn" not in xa.page, asked


def test_another_day_and_another_hall_have_their_own_lists(
    xa: Clerk, village: Village
) -> None:
    for query in ("day=2024-04-13", f"hall={village.other_hall}"):
        xa.get(f"/staff/?{query}")
        assert "Chưa có ai đặt lịch ngày này" in xa.page
    assert xa.get("/staff/?day=hom-qua&hall=x").status_code == 200


def test_a_booking_cancelled_meanwhile_is_told_and_not_forced(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        bookings.cancel(tx, booking_id=village.hoa_booking, now=clock.ms)
    xa.post(
        f"/staff/bookings/{village.hoa_booking}/log", indicator="sim_4g", form_key=KEY
    )
    assert "vừa được người khác thay đổi" in xa.page
    assert xa.ask(LOGGED) == 0
