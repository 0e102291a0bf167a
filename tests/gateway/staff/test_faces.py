"""After a swap the face is to be verified: noted with a tap, listed until it is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
OPEN = "SELECT COUNT(*) FROM verifications WHERE done_at IS NULL"
BUTTON = 'value="waits">Chờ xác thực khuôn mặt'


@pytest.fixture
def now() -> datetime:
    """Friday 3 July 2026, 09:00: there is the rule."""
    return datetime(2026, 7, 3, 2, 0, tzinfo=UTC)


def swapped(clerk: Clerk, booking: int) -> None:
    clerk.post(
        f"/staff/bookings/{booking}/log",
        indicator="sim_4g",
        form_key=KEY + str(booking),
    )


def test_after_the_swap_one_tap_says_it_waits_and_another_that_it_is_done(
    xa: Clerk, village: Village
) -> None:
    xa.get("/staff/")
    assert BUTTON not in xa.page
    swapped(xa, village.hoa_booking)
    assert BUTTON in xa.page
    at, line = f"/staff/people/{village.hoa}/face", f"b{village.hoa_booking}"
    answer = xa.post(at, what="waits", back="/staff/", anchor=line)
    assert answer.headers["Location"] == f"/staff/#{line}"
    assert BUTTON not in xa.page
    assert 'value="done">Đã xác thực' in xa.page
    xa.post(at, what="waits")
    assert xa.ask(OPEN) == 1
    xa.post(at, what="done", back="/staff/")
    assert "✓ Đã xác thực" in xa.page
    assert xa.ask(OPEN) == 0
    assert (
        xa.ask("SELECT COUNT(*) FROM audit WHERE action IN ('face_waits', 'face_done')")
        == 2
    )


def test_on_the_persons_page_a_second_swap_waits_anew(
    xa: Clerk, village: Village
) -> None:
    swapped(xa, village.hoa_booking)
    at, page = f"/staff/people/{village.hoa}/face", f"/staff/people/{village.hoa}"
    for what in ("waits", "done", "waits"):
        xa.post(at, what=what, back=page)
    assert 'value="done">Đã xác thực' in xa.page
    assert xa.ask("SELECT COUNT(*) FROM verifications") == 2
    assert xa.ask(OPEN) == 1


def test_the_list_names_who_waits_by_hamlet_the_oldest_first(
    xa: Clerk, thon: Clerk, village: Village, clock: Clock
) -> None:
    for person, booking in (
        (village.son, village.son_booking),
        (village.hoa, village.hoa_booking),
    ):
        swapped(xa, booking)
        xa.post(f"/staff/people/{person}/face", what="waits")
    clock.now += timedelta(days=24)
    xa.sign_in("xa")
    xa.get("/staff/verifications/")
    assert (
        xa.page.index("Quảng Trung I</h2>")
        < xa.page.index("Nông Thị Hoa")
        < xa.page.index("Hoàng Văn Sơn")
    )
    assert "đổi máy T6 3/7/2026" in xa.page
    assert "còn 6 ngày" in xa.page
    thon.sign_in("thon")
    thon.get("/staff/verifications/")
    assert "Nông Thị Hoa" in thon.page
    assert "Hoàng Văn Sơn" not in thon.page
    assert (
        thon.send(f"/staff/people/{village.son}/face", what="done").status_code == 404
    )
    clock.now += timedelta(days=6)
    xa.sign_in("xa")
    xa.get("/staff/verifications/")
    assert "có thể đã bị khóa hai chiều" in xa.page
    xa.post(
        f"/staff/people/{village.hoa}/face", what="done", back="/staff/verifications/"
    )
    assert "Nông Thị Hoa" not in xa.page


def test_before_the_rule_nothing_is_tapped(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    clock.now -= timedelta(days=30)
    xa.sign_in("xa")
    swapped(xa, village.hoa_booking)
    xa.get(f"/staff/people/{village.hoa}")
    assert BUTTON not in xa.page
    assert (
        xa.send(f"/staff/people/{village.hoa}/face", what="anything").status_code == 400
    )
