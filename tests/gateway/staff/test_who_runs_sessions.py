"""Agents, the Youth Union and a hamlet's digital team run sessions: they note who came and what was done, and see
nobody beyond that.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from db.models import staff
from db.office import accounts
from db.store.engine import Database
from menus.days import at_local, today
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village
from tests.gateway.staff.test_requests import Phone

KEY = "a-form-key-of-a-page"
COUNTED = "SELECT COUNT(*) FROM counted c JOIN indicators i ON i.id = c.indicator_id WHERE i.key = :key"
ROLES = ("agent", "youth", "team")


@pytest.fixture
def worker(
    db: Database, village: Village, clock: Clock, signed_in: Callable[[str], Clerk]
) -> Callable[[str], Clerk]:
    """Somebody of a role; the digital team's is that of Quảng Trung I."""

    def make(role: str) -> Clerk:
        with db.transaction() as tx:
            factories.insert_row(
                tx, staff, commune_id=1, username=role, name=role, role=role, made_at=clock.ms,
                password=accounts._hasher().hash(PASSWORD), hamlet_id=village.trung if role == "team" else None,
            )  # fmt: skip
        return signed_in(role)

    return make


@pytest.fixture
def visits(db: Database, village: Village, clock: Clock) -> int:
    """A round from house to house in Quảng Trung I, since this morning."""
    with db.transaction() as tx:
        return factories.event_with_slots(
            tx, hall_id=village.hall, starts=at_local(today(clock.now), "08:00"), minutes=180, capacity=0,
            kind="visits", bookable=False,
        ).id  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_an_account_opened_at_a_house_counts_there(
    worker: Callable[[str], Clerk], role: str, visits: int, village: Village
) -> None:
    clerk = worker(role)
    at = f"/staff/events/{visits}/came"
    clerk.get(at)
    form = {
        "name": "Lương Văn Tài",
        "phone": "0990 000 007",
        "hamlet": village.trung,
        "agreed": "1",
    }
    assert clerk.send(f"{at}/new", **{**form, "agreed": ""}).status_code == 400
    for _ in range(2):
        clerk.post(f"{at}/new", **form)
    assert "Lương Văn Tài đã có trong danh sách" in clerk.page
    tai = clerk.ask("SELECT id FROM people WHERE name = 'Lương Văn Tài'")
    for key in ("money_person", "app_citizen"):
        for _ in range(2):
            clerk.post(f"{at}/{tai}/log", indicator=key, subject="person", form_key=KEY)
        assert clerk.ask(COUNTED, key=key) == 1
    assert "✓ Viettel Money" in clerk.page
    clerk.get("/staff/progress/")
    assert "<b>1</b> <span>toàn bộ người dân" in clerk.page


@pytest.mark.parametrize("role", ROLES)
def test_they_name_nobody_but_by_the_whole_number_or_booked_there(
    worker: Callable[[str], Clerk], role: str, visits: int, village: Village
) -> None:
    clerk = worker(role)
    assert clerk.get("/staff/people/").status_code == 403
    at = f"/staff/events/{visits}/came"
    for asked in ("hoa", "000001", village.hoa_code, "nong thi"):
        assert "Nông Thị Hoa" not in clerk.get(f"{at}?q={asked}").text, asked
    assert "Nông Thị Hoa" in clerk.get(f"{at}?q=0990000001").text
    assert clerk.send(at, person=village.hoa).status_code == 404, (
        "an id is no number that was given"
    )
    clerk.post(at, person=village.hoa, q="0990000001")
    assert "Đã ghi Nông Thị Hoa" in clerk.page
    booked = f"/staff/events/{village.event.id}/came"
    for asked in ("hoa", village.hoa_code):
        assert "Nông Thị Hoa" in clerk.get(f"{booked}?q={asked}").text, asked
    clerk.post(booked, person=village.hoa, q="hoa")
    assert (
        clerk.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )


def test_what_a_colleague_noted_is_a_number_to_them(
    worker: Callable[[str], Clerk], xa: Clerk, visits: int, village: Village
) -> None:
    at = f"/staff/events/{visits}/came"
    xa.post(at, person=village.hoa)
    agent = worker("agent")
    assert "Nông Thị Hoa" not in agent.get(at).text
    assert "Và 1 người do cán bộ khác ghi" in agent.page
    for act, form in (
        ("off", {}),
        ("log", {"indicator": "money_person", "form_key": KEY}),
    ):
        assert agent.send(f"{at}/{village.hoa}/{act}", **form).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_who_comes_to_the_hall_unbooked_is_put_on_the_list(
    worker: Callable[[str], Clerk], role: str, village: Village
) -> None:
    clerk = worker(role)
    clerk.get("/staff/")
    assert "Người đến không hẹn" in clerk.page
    form = {
        "name": "Lương Văn Tài",
        "phone": "",
        "hamlet": village.trung,
        "hall": village.hall,
        "agreed": 1,
    }
    clerk.post("/staff/walk-in", **form)
    assert "Đã thêm Lương Văn Tài" in clerk.page
    made = clerk.ask("SELECT id FROM bookings WHERE places = 0")
    clerk.post(f"/staff/bookings/{made}/log", indicator="money_person", form_key=KEY)
    assert clerk.ask(COUNTED, key="money_person") == 1


def test_a_school_and_a_reader_do_neither(
    worker: Callable[[str], Clerk], visits: int, village: Village
) -> None:
    for role in ("school", "reader"):
        clerk = worker(role)
        assert clerk.get("/staff/walk-in").status_code == 403
        assert (
            clerk.send(f"/staff/events/{visits}/came/new", name="A").status_code == 403
        )


def test_where_an_account_was_asked_for_it_is_ticked_off(
    worker: Callable[[str], Clerk],
    phone: Callable[[str], Phone],
    xa: Clerk,
    village: Village,
) -> None:
    agent = worker("agent")
    phone(factories.phone(1)).text("nho mo tai khoan viettel money", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    agent.get(at)
    assert 'value="money_person"' in agent.page
    assert (
        agent.send(
            f"{at}/log", subject=village.son, indicator="money_person", form_key=KEY
        ).status_code
        == 400
    )
    for _ in range(2):
        agent.post(
            f"{at}/log", subject=village.hoa, indicator="money_person", form_key=KEY
        )
    assert "✓ Viettel Money" in agent.page
    assert xa.ask(COUNTED, key="money_person") == 1


def test_where_a_qr_was_asked_for_the_shop_is_ticked_off(
    worker: Callable[[str], Clerk],
    phone: Callable[[str], Phone],
    xa: Clerk,
    db: Database,
    village: Village,
) -> None:
    agent = worker("agent")
    phone(factories.phone(1)).text("cho cua hang toi xin ma qr", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    agent.get(at)
    assert "Chưa ghi cửa hàng nào" in agent.page
    xa.post(
        "/staff/businesses/", kind="household_business", name="Tạp hóa Hoa", hamlet=village.trung, owner="Nông Thị Hoa",
        phone="0990000001",
    )  # fmt: skip
    shop = xa.ask("SELECT id FROM businesses")
    agent.post(f"{at}/log", subject=shop, indicator="business_qr", form_key=KEY)
    assert "✓ QR Viettel Money" in agent.page
    assert xa.ask(COUNTED, key="business_qr") == 1


@pytest.fixture
def phone(app: object) -> Callable[[str], Phone]:
    return lambda number: Phone(app, number)  # type: ignore[arg-type]  # the desk's own application
