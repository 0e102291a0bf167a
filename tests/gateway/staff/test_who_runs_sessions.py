"""Agents, the Youth Union and a hamlet's digital team run sessions: they note who came
and what was done, and see nobody beyond that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from db.models import event_services, people, staff
from db.office import accounts
from db.register import businesses
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
                tx,
                staff,
                commune_id=1,
                username=role,
                name=role,
                role=role,
                made_at=clock.ms,
                password=accounts._hasher().hash(PASSWORD),
                hamlet_id=village.trung if role == "team" else None,
            )
        return signed_in(role)

    return make


@pytest.fixture
def visits(db: Database, village: Village, clock: Clock) -> int:
    """A round from house to house in Quảng Trung I, since this morning."""
    with db.transaction() as tx:
        return factories.event_with_slots(
            tx,
            hall_id=village.hall,
            starts=at_local(today(clock.now), "08:00"),
            minutes=180,
            capacity=0,
            kind="visits",
            bookable=False,
        ).id


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
    worker: Callable[[str], Clerk],
    role: str,
    visits: int,
    village: Village,
    clock: Clock,
) -> None:
    clock.now = at_local(today(clock.now), "14:00")
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


def test_where_a_qr_was_asked_for_the_only_shop_of_theirs_is_offered(
    worker: Callable[[str], Clerk], app: Flask, xa: Clerk, village: Village
) -> None:
    agent = worker("agent")
    Phone(app, factories.phone(1)).text("cho cua hang toi xin ma qr", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(
        "/staff/businesses/",
        kind="household_business",
        name="Tạp hóa Hoa",
        hamlet=village.trung,
        owner="Nông Thị Hoa",
        phone="0990000001",
    )
    shop = xa.ask("SELECT id FROM businesses")
    agent.get(at)
    assert f'<option value="{shop}" selected>Tạp hóa Hoa' in agent.page
    agent.post(f"{at}/end", how="done", words="", shop=shop, confirmed="1")
    assert xa.ask(COUNTED, key="business_qr") == 1


SESSION_OF = {
    "agent": "Viettel Lạng Sơn",
    "youth": "Đoàn Thanh niên xã",
    "team": "Tổ công nghệ số Quảng Trung I",
}


@pytest.mark.parametrize("role", ROLES)
def test_the_first_page_says_what_there_is_to_do_today(
    worker: Callable[[str], Clerk],
    role: str,
    app: Flask,
    xa: Clerk,
    db: Database,
    clock: Clock,
    village: Village,
) -> None:
    """Their own sessions, requests in their reach, shops without a QR in their hamlet."""
    with db.transaction() as tx:
        for day, run_by in enumerate(SESSION_OF.values(), 1):
            factories.event_with_slots(
                tx,
                hall_id=village.other_hall,
                starts=clock.now + timedelta(days=day),
                slots_=1,
                capacity=2,
                kind="account",
                run_by=run_by,
            )
        factories.business(tx, village.trung, name="Quán Trung")
        factories.business(tx, village.lien, name="Quán Liên")
    hoa = Phone(app, factories.phone(1))
    hoa.text("toi muon xin ma qr", "1", "cai giup toi app", "1")
    Phone(app, factories.phone(2)).text("cai giup toi app", "1")
    clerk = worker(role)
    clerk.get("/staff/mine/")
    for of, run_by in SESSION_OF.items():
        assert (run_by in clerk.page) == (of == role), run_by
    numbers = {"agent": {1}, "team": {2}, "youth": set()}[role]
    shown = {number for number in (1, 2, 3) if f"Số {number}:" in clerk.page}
    assert shown == numbers
    shops = {"agent": {"Trung", "Liên"}, "team": {"Trung"}, "youth": set()}[role]
    assert {one for one in ("Trung", "Liên") if f"Quán {one}" in clerk.page} == shops


def test_the_youth_union_has_what_was_handed_to_it_and_counts_it(
    worker: Callable[[str], Clerk], app: Flask, xa: Clerk, village: Village
) -> None:
    youth = worker("youth")
    hoa = Phone(app, factories.phone(1))
    hoa.text("toi muon xin ma qr", "1", "cai giup toi app", "1")
    shop, app_wanted = (
        f"/staff/requests/{xa.ask('SELECT id FROM requests WHERE number = :n', n=n)}"
        for n in (1, 2)
    )
    their_id = xa.ask("SELECT id FROM staff WHERE role = 'youth'")
    assert xa.send(f"{shop}/hand", to=their_id).status_code == 400
    assert youth.get(app_wanted).status_code == 404
    xa.post(f"{app_wanted}/hand", to=their_id)
    youth.get("/staff/mine/")
    assert "Số 2:" in youth.page
    youth.get(app_wanted)
    assert "tel:+84990000001" in youth.page, "somebody of the commune calls"
    youth.post(f"{app_wanted}/end", how="done", words="", confirmed="1")
    assert youth.ask(COUNTED, key="app_citizen") == 1


@pytest.fixture
def drive(db: Database, village: Village, clock: Clock) -> int:
    """A street drive in Quảng Trung I, since this morning: QR, TV360, electricity."""
    with db.transaction() as tx:
        made = factories.event_with_slots(
            tx,
            hall_id=village.hall,
            starts=at_local(today(clock.now), "08:00"),
            minutes=180,
            capacity=0,
            kind="street",
            bookable=False,
        ).id
        for service in ("qr", "tv360", "electricity"):
            tx.run(event_services.insert().values(event_id=made, service=service))
        return made


def _comes(clerk: Clerk, at: str, **more: object) -> int:
    form = {"name": "Lương Văn Tài", "phone": "0990 000 007", "agreed": "1", **more}
    assert clerk.send(f"{at}/new", **form).status_code == 303
    clerk.get(at)
    return int(clerk.ask("SELECT person_id FROM attendances"))


@pytest.mark.parametrize("role", ROLES)
def test_tv360_installed_in_the_street_counts_for_a_household_named_there(
    worker: Callable[[str], Clerk], role: str, drive: int, village: Village
) -> None:
    clerk = worker(role)
    at = f"/staff/events/{drive}/came"
    clerk.get(at)
    who = _comes(clerk, at, hamlet=village.trung)
    assert "Chưa có hộ: Tiền điện qua Viettel Money, TV360" in clerk.page
    form = {"subject": "household", "indicator": "tv360", "form_key": KEY}
    clerk.post(f"{at}/{who}/log", **form)
    assert "Chưa ghi mã hộ" in clerk.page, "the answer says what is missing"
    assert clerk.ask(COUNTED, key="tv360") == 0
    for _ in range(2):
        clerk.post(f"{at}/{who}/log", **form, home="QT-14")
    assert clerk.ask(COUNTED, key="tv360") == 1
    clerk.post(f"{at}/{who}/log", **{**form, "indicator": "electricity_money"})
    assert clerk.ask(COUNTED, key="electricity_money") == 1
    household = "SELECT h.code FROM people p JOIN households h ON h.id = p.household_id WHERE p.id = :id"
    assert clerk.ask(household, id=who) == "QT-14"
    assert "✓ TV360" in clerk.page


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("youth", "Đã ghi vào hộ QT-20, đang có 1 người"),
        ("commune", "Đã ghi vào hộ QT-20: chủ hộ Nông Thị Hoa, đang có 1 người"),
    ],
)
def test_whoever_types_the_code_of_a_household_reads_whose_it_is(
    worker: Callable[[str], Clerk],
    role: str,
    said: str,
    drive: int,
    db: Database,
    village: Village,
) -> None:
    """A mistyped code is seen at once; names are for those who see people's pages."""
    clerk = worker(role)
    at = f"/staff/events/{drive}/came"
    with db.transaction() as tx:
        home = factories.household(tx, hamlet_id=village.trung, code="QT-20")
        tx.run(
            update(people).values(household_id=home).where(people.c.id == village.hoa)
        )
    clerk.get(at)
    who = _comes(clerk, at, hamlet=village.trung)
    form = {"subject": "household", "indicator": "tv360", "form_key": KEY}
    clerk.post(f"{at}/{who}/log", **form, home="QT-20")
    assert said in clerk.page
    assert ("Nông Thị Hoa" in clerk.page) == (role == "commune")


def test_whoever_lives_nobody_knows_where_is_asked_for_the_hamlet_too(
    worker: Callable[[str], Clerk], drive: int, village: Village
) -> None:
    clerk = worker("agent")
    at = f"/staff/events/{drive}/came"
    clerk.get(at)
    who = _comes(clerk, at)
    form = {"subject": "household", "indicator": "tv360", "form_key": KEY, "home": "X"}
    clerk.post(f"{at}/{who}/log", **form)
    assert "Chưa chọn thôn" in clerk.page
    clerk.post(f"{at}/{who}/log", **form, hamlet=village.lien)
    assert clerk.ask(COUNTED, key="tv360") == 1


def test_an_account_of_somebody_without_a_household_counts_for_it_once_it_is_named(
    worker: Callable[[str], Clerk], drive: int, village: Village
) -> None:
    clerk = worker("agent")
    at = f"/staff/events/{drive}/came"
    clerk.get(at)
    who = _comes(clerk, at, hamlet=village.trung)
    clerk.post(f"{at}/{who}/log", indicator="money_person", form_key=KEY)
    assert clerk.ask(COUNTED, key="money_household") == 0
    clerk.post(f"{at}/{who}/log", subject="household", home="QT-15", form_key=KEY)
    assert clerk.ask(COUNTED, key="money_household") == 1


@pytest.mark.parametrize("role", ROLES)
def test_the_qr_of_their_own_shop_is_ticked_where_they_stand(
    worker: Callable[[str], Clerk],
    role: str,
    drive: int,
    db: Database,
    village: Village,
) -> None:
    clerk = worker(role)
    at = f"/staff/events/{drive}/came"
    clerk.get(at)
    who = _comes(clerk, at, hamlet=village.trung)
    with db.transaction() as tx:
        own = factories.business(tx, name="Tạp hóa Tài", hamlet_id=village.trung)
        businesses.give_to(tx, own, who)
        other = factories.business(tx)
        businesses.give_to(tx, other, village.hoa)
    clerk.get(at)
    assert "QR Viettel Money · Tạp hóa Tài" in clerk.page
    assert "Tạp hóa Hoa" not in clerk.page
    form = {"subject": "business", "indicator": "business_qr", "form_key": KEY}
    refused = clerk.send(f"{at}/{who}/log", **form, shop=other)
    assert refused.status_code == 400
    for _ in range(2):
        clerk.post(f"{at}/{who}/log", **form, shop=own)
    assert clerk.ask(COUNTED, key="business_qr") == 1
    assert "✓ QR Viettel Money · Tạp hóa Tài" in clerk.page


@pytest.mark.parametrize("role", ROLES)
def test_the_days_list_ticks_off_what_the_session_serves(
    worker: Callable[[str], Clerk], role: str, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        event = village.event.id
        tx.run(event_services.insert().values(event_id=event, service="tv360"))
    clerk = worker(role)
    clerk.get("/staff/")
    assert "TV360" not in clerk.page, "nobody has come yet"
    booking = village.hoa_booking
    clerk.post(f"/staff/bookings/{booking}/check-in")
    clerk.get("/staff/")
    assert "Chưa có hộ: TV360" in clerk.page
    form = {"subject": "household", "indicator": "tv360", "form_key": KEY}
    clerk.post(f"/staff/bookings/{booking}/log", **form)
    assert "Chưa ghi mã hộ" in clerk.page
    clerk.post(f"/staff/bookings/{booking}/log", **form, home="QT-16")
    clerk.get("/staff/")
    assert "✓ TV360" in clerk.page
    assert clerk.ask(COUNTED, key="tv360") == 1
