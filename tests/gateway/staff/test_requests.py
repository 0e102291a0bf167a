"""From a text to its end: what a resident asks for gets a number, somebody does it, and
the resident hears of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import delete, insert, text, update

from db.models import classes, installation, parents, requests, staff
from db.office import accounts
from db.privacy import retention
from db.store.engine import Database, to_ms
from gateway.staff import language
from menus import days
from scheduler.sending import Sending
from settings import Settings
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village

ASKS = "toi ban tap hoa o Quang Lien 1 muon xin ma qr"
HOA = factories.phone(1)
HOUR = 3_600_000
LOGGED = """
    SELECT COUNT(*) FROM conversions c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.key = :key AND c.subject_id = :subject
"""
COUNTED = """
    SELECT COUNT(*) FROM counted c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.key = :key AND c.subject_id = :subject
"""
STATE = "SELECT state FROM requests WHERE number = :number"


class Phone:
    """A resident who texts."""

    def __init__(self, app: Flask, number: str = HOA) -> None:
        self.client, self.number, self.sent = app.test_client(), number, 0

    def text(self, *said: str) -> str:
        answer = ""
        for one in said:
            self.sent += 1
            form = {
                "from": self.number,
                "text": one,
                "id": f"{self.number}:{self.sent}",
            }
            answer = self.client.post("/sms/simulator", data=form).text
        return answer


@pytest.fixture
def hoa(app: Flask) -> Phone:
    return Phone(app)


@pytest.fixture
def agent(
    db: Database, village: Village, clock: Clock, signed_in: Callable[[str], Clerk]
) -> Clerk:
    """The operator's man."""
    return _of_role("agent", "viettel", db, clock, signed_in)


@pytest.fixture
def school(
    db: Database, village: Village, clock: Clock, signed_in: Callable[[str], Clerk]
) -> Clerk:
    return _of_role("school", "truong", db, clock, signed_in)


def _of_role(
    role: str,
    username: str,
    db: Database,
    clock: Clock,
    signed_in: Callable[[str], Clerk],
) -> Clerk:
    with db.transaction() as tx:
        factories.insert_row(
            tx,
            staff,
            commune_id=1,
            username=username,
            name=username,
            role=role,
            password=accounts._hasher().hash(PASSWORD),
            made_at=clock.ms,
        )
    return signed_in(username)


def received(db: Database, settings: Settings, clock: Clock) -> list[str]:
    """What has come out of the queue by now, as it was read."""
    with db.transaction() as tx:
        tx.run(delete(installation))
        tx.run(insert(installation).values(id=1, kind="demo", since=1))
    Sending(db, settings, lambda: clock.now).until_empty()
    with db.connection() as tx:
        rows = tx.all(
            text(
                "SELECT text FROM messages WHERE direction = 'out' AND kind <> 'reply' AND status = 'SENT' ORDER BY id"
            )
        )
    return [row.text for row in rows]


def test_how_a_request_ended_and_what_was_answered_is_shown_for_a_month(
    hoa: Phone, xa: Clerk, db: Database
) -> None:
    hoa.text("nho can bo den nha toi", "1")
    hoa.text("GOP Y hoi truong nong qua")
    request, opinion = (
        xa.ask("SELECT id FROM requests"),
        xa.ask("SELECT id FROM opinions"),
    )
    xa.post(
        f"/staff/requests/{request}/end",
        how="done",
        words="Đã đến ngày 11/4.",
        confirmed="1",
    )
    xa.post(
        f"/staff/opinions/{opinion}/answer", words="Xã lắp thêm quạt.", confirmed="1"
    )
    now = to_ms(datetime.now(UTC))
    _ended(db, now)
    assert "Viec da nho: 2" in hoa.text("LICH")
    listed = hoa.text("2")
    assert "da xong" in listed
    assert "da tra loi" in listed
    assert "Da den ngay 11/4." in hoa.text("1")
    assert "Xa lap them quat." in hoa.text("gop y so 2 the nao roi")
    _ended(db, now - 31 * 24 * 3_600_000)
    assert "Viec da nho" not in hoa.text("LICH")


def _ended(db: Database, at: int) -> None:
    """All that is over ended then (UTC ms): the desk's clock stands in another year
    than the phone's.
    """
    with db.transaction() as tx:
        tx.run(
            text("UPDATE requests SET ended_at = :at WHERE ended_at IS NOT NULL"), at=at
        )
        tx.run(
            text("UPDATE opinions SET answered_at = :at WHERE answered_at IS NOT NULL"),
            at=at,
        )


def test_a_shop_asks_for_a_qr_and_hears_when_the_operators_man_has_brought_it(
    hoa: Phone,
    agent: Clerk,
    xa: Clerk,
    thon: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    assert "Viettel se goi so nay" in hoa.text(ASKS)
    assert "Da ghi, so 1: xin ma QR" in hoa.text("1")
    assert "so 1" in hoa.text(ASKS, "1"), "asked again it is the same one"
    assert xa.ask("SELECT COUNT(*) FROM requests") == 1
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    assert thon.get(at).status_code == 404, (
        "the shop is in another hamlet than the asker's home"
    )
    xa.get("/staff/requests/?kind=qr")
    assert ASKS in xa.page
    assert "1 đang chờ · 0 quá hạn" in xa.page
    agent.get("/staff/requests/")
    assert ASKS in agent.page
    agent.post(f"{at}/take")
    assert "tel:+84990000001" in agent.page, "who agreed that Viettel calls is called"
    assert "So 1: xin ma QR, ghi" in hoa.text("LICH")
    assert hoa.text("LICH").split("\n")[1].endswith(", dang lam")
    for _ in range(2):
        agent.post(f"{at}/note", tried="1", words="không nghe máy", form_key="k1")
    assert language.say("vi", "form_twice") in agent.page
    assert agent.page.count("không nghe máy") == 1
    ending = {"how": "done", "words": "Mã dán ở quầy."}
    for confirmed in ("", "1"):
        agent.post(f"{at}/end", **ending, confirmed=confirmed)
        assert language.say("vi", "request_shop_needed") in agent.page
    assert xa.ask(STATE, number=1) == "open", "a QR is a shop's"
    ending["shop_name"] = "Tạp hóa Hoa"
    agent.post(f"{at}/end", **ending)
    assert (
        "Xa Quang Lac: Yeu cau so 1 da xong: da gan ma QR o Tap hoa Hoa. Ma dan o quay."
        in agent.page
    )
    assert "1 phần" in agent.page
    assert xa.ask(STATE, number=1) == "open", "looked at, not sent yet"
    assert xa.ask("SELECT COUNT(*) FROM businesses") == 0
    for _ in range(2):
        agent.post(f"{at}/end", **ending, confirmed="1")
    assert xa.ask(STATE, number=1) == "done"
    shop = xa.ask("SELECT id FROM businesses WHERE name = 'Tạp hóa Hoa'")
    assert xa.ask("SELECT owner_id FROM businesses") == village.hoa
    assert xa.ask("SELECT hamlet_id FROM businesses") == village.lien
    assert xa.ask(LOGGED, key="business_qr", subject=shop) == 1, "ended once, one QR"
    trail = "SELECT COUNT(*) FROM audit WHERE action = :action"
    assert xa.ask(trail, action="business") == 1
    assert xa.ask(trail, action="log") == 1
    xa.get("/staff/progress/business_qr")
    assert "<b>1</b>" in xa.page
    texts = received(db, settings, clock)
    assert [one for one in texts if "Yeu cau so 1" in one] == [texts[-1]]
    assert "Yeu cau" not in hoa.text("LICH")
    assert "so 2" in hoa.text(ASKS, "1"), "after its end it is a new one"


def test_the_operators_man_keeps_the_shop_of_a_request_and_of_no_other(
    hoa: Phone, agent: Clerk, xa: Clerk, db: Database, village: Village
) -> None:
    """He stands in the shop: adds it, says whose it is, notes the visit, marks the QR."""
    with db.transaction() as tx:
        other = factories.business(tx, village.lien, name="Tạp hóa Sơn")
    hoa.text(ASKS, "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    agent.post(f"{at}/shop", shop_name="Quán nước Hoa")
    assert language.say("vi", "request_shop_kept") in agent.page
    assert xa.ask(STATE, number=1) == "open"
    shop = xa.ask("SELECT id FROM businesses WHERE name = 'Quán nước Hoa'")
    assert f'href="/staff/businesses/{shop}"' in agent.page
    own = f"/staff/businesses/{shop}"
    agent.post(f"{own}/visit", result="nobody", form_key="a-visit-of-a-shop", back=at)
    assert "✓ Không có ai" in agent.page, "noted on the page of the request"
    agent.get(own)
    assert "tel:+84990000001" in agent.page, "the owner agreed that he calls"
    form = {
        "kind": "household_business",
        "name": "Quán nước Hoa Mai",
        "hamlet": village.lien,
        "owner": "Nông Thị Hoa",
        "phone": "0990 000 001",
    }
    agent.post(f"{own}/edit", **form)
    assert "Quán nước Hoa Mai" in agent.page
    assert agent.send(f"/staff/businesses/{other}/edit", **form).status_code == 403
    agent.get(f"/staff/businesses/{other}")
    assert 'name="owner"' not in agent.page
    agent.post(f"{at}/end", how="done", words="", shop=shop, confirmed="1")
    assert xa.ask(LOGGED, key="business_qr", subject=shop) == 1
    with db.transaction() as tx:
        tx.run(
            text("UPDATE businesses SET owner_id = :son WHERE id = :id"),
            son=village.son,
            id=shop,
        )
    agent.get(own)
    assert "Hoàng Văn Sơn" in agent.page
    assert "990000002" not in agent.page, "the next owner agreed to nothing"
    assert "0990 000 002" not in agent.page
    admin_sees = "SELECT COUNT(*) FROM audit WHERE staff_id = :of AND action = :what"
    of = xa.ask("SELECT id FROM staff WHERE role = 'agent'")
    assert xa.ask(admin_sees, of=of, what="business") == 2
    assert xa.ask(admin_sees, of=of, what="request_done") == 1


def test_a_shop_of_somebody_else_is_not_taken(
    hoa: Phone, agent: Clerk, xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        sons = factories.business(tx, village.lien, name="Tạp hóa Sơn")
        nobodys = factories.business(tx, village.lien, name="Sạp chợ")
        tx.run(
            text("UPDATE businesses SET owner_id = :owner WHERE id = :id"),
            owner=village.son,
            id=sons,
        )
    hoa.text(ASKS, "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    for confirmed in ("", "1"):
        agent.post(f"{at}/end", how="done", words="", confirmed=confirmed, shop=sons)
        assert language.say("vi", "request_shop_of_another") in agent.page
    assert xa.ask(STATE, number=1) == "open"
    assert xa.ask("SELECT COUNT(*) FROM conversions") == 0
    agent.get(at)
    assert "Sạp chợ ·" in agent.page
    assert "Tạp hóa Sơn ·" not in agent.page
    agent.post(f"{at}/end", how="done", words="", confirmed="1", shop=nobodys)
    owner = "SELECT owner_id FROM businesses WHERE id = :id"
    assert xa.ask(owner, id=nobodys) == village.hoa
    assert xa.ask(owner, id=sons) == village.son


def test_a_shop_of_the_name_of_another_ones_is_a_shop_more(
    hoa: Phone, agent: Clerk, xa: Clerk, db: Database, village: Village
) -> None:
    """Sơn's stands in the same hamlet, a third one in the next: neither is hers."""
    with db.transaction() as tx:
        sons = factories.business(tx, village.lien, name="Tạp hóa Bình")
        factories.business(tx, village.trung, name="Tạp hóa Bình")
        tx.run(
            text("UPDATE businesses SET owner_id = :owner WHERE id = :id"),
            owner=village.son,
            id=sons,
        )
    hoa.text(ASKS, "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    ending = {"how": "done", "words": "", "shop_name": "tạp hoá bình"}
    agent.post(f"{at}/end", **ending)
    assert "da gan ma QR o tap hoa binh" in agent.page
    agent.post(f"{at}/end", **ending, confirmed="1")
    hers = xa.ask("SELECT id FROM businesses WHERE owner_id = :hoa", hoa=village.hoa)
    assert hers not in (None, sons)
    assert xa.ask(LOGGED, key="business_qr", subject=hers) == 1
    assert xa.ask("SELECT COUNT(*) FROM businesses") == 3
    assert xa.ask(LOGGED, key="business_qr", subject=sons) == 0


def test_an_account_that_is_done_counts_for_whoever_it_was_asked_for(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    hoa.text("mo tai khoan viettel money ho toi", "1")
    form = {
        "name": "Nông Thị Hoa",
        "phone": "0990 000 001",
        "kind": "account",
        "agreed": "1",
        "for_name": "Lý Thị Già",
        "ground": "relative",
        "form_key": "for-the-mother",
        "hamlet": village.trung,
    }
    xa.post("/staff/requests/new", **form)
    for number in (1, 2):
        request_id = xa.ask("SELECT id FROM requests WHERE number = :n", n=number)
        at = f"/staff/requests/{request_id}"
        for _ in range(2):
            xa.post(f"{at}/end", how="done", words="", confirmed="1")
    mother = xa.ask("SELECT id FROM people WHERE name = 'Lý Thị Già'")
    for who in (village.hoa, mother):
        assert xa.ask(LOGGED, key="money_person", subject=who) == 1
    told = [one for one in received(db, settings, clock) if "Yeu cau so" in one]
    assert told == [
        "Xa Quang Lac: Yeu cau so 1 da xong: da mo Viettel Money.",
        "Xa Quang Lac: Yeu cau so 2 da xong: da mo Viettel Money (Ly Thi Gia).",
    ]


def test_whoever_asked_for_somebody_else_hears_for_whom_it_is_done(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    """By text, with the name; without a phone, or with a line that takes no texts,
    somebody of the commune has to tell them.
    """
    hoa.text("nho can bo den nha me toi", "1", "1")
    assert "nho den nha (me toi), ghi" in hoa.text("LICH", "1")
    form = {
        "kind": "no_phone",
        "agreed": "1",
        "for_name": "Lý Thị Già",
        "ground": "other",
        "hamlet": village.trung,
    }
    alone = {"name": "Hoàng Văn Cụ", "form_key": "no-phone-at-all"}
    with_a_line = {"name": "Hoàng Văn Dây", "form_key": "a-fixed-line"}
    for who in (alone, with_a_line):
        xa.post("/staff/requests/new", **form, **who)
    with db.transaction() as tx:
        tx.run(
            text("UPDATE people SET phone = '+842053810001' WHERE name = :name"),
            name="Hoàng Văn Dây",
        )
    for number in (1, 2, 3):
        request_id = xa.ask("SELECT id FROM requests WHERE number = :n", n=number)
        xa.post(
            f"/staff/requests/{request_id}/end",
            how="done",
            words="Đã mang máy.",
            confirmed="1",
        )
        told = "told" if number == 1 else "untold"
        assert language.say("vi", f"request_ended_{told}") in xa.page
    assert [one for one in received(db, settings, clock) if "Yeu cau" in one] == [
        "Xa Quang Lac: Yeu cau so 1 da xong: can bo da den nha (me toi). Da mang may."
    ]
    xa.get("/staff/requests/")
    for number in (2, 3):
        said = f"Yêu cầu số {number} đã xong: đã giúp người không có máy (Lý Thị Già)"
        assert said in xa.page
    task = xa.ask("SELECT MIN(id) FROM tasks WHERE done_at IS NULL")
    xa.post(f"/staff/calls/{task}/done", note="nhờ cháu báo")
    assert xa.ask("SELECT COUNT(*) FROM tasks WHERE done_at IS NULL") == 1


def test_the_operators_man_sees_only_who_agreed_and_the_school_only_its_own(
    hoa: Phone,
    agent: Clerk,
    school: Clerk,
    xa: Clerk,
    app: Flask,
    db: Database,
    village: Village,
) -> None:
    hoa.text(ASKS)
    assert "Can bo se goi" in hoa.text("2"), "only the commune may call"
    Phone(app, factories.phone(2)).text("muon gap nha truong", "1")
    with db.transaction() as tx:
        ours = factories.business(tx, kind="school", name="Trường Tiểu học")
        tx.run(update(staff).where(staff.c.role == "school").values(school_id=ours))
    school.get("/staff/requests/")
    assert "Số 2:" not in school.page, (
        "it named no school, until the commune hands it over"
    )
    second = f"/staff/requests/{xa.ask('SELECT id FROM requests WHERE number = 2')}"
    xa.post(f"{second}/school", school=ours)
    assert language.say("vi", "request_school_agreed_needed") in xa.page
    xa.get(second)
    assert "Trường Tiểu học</option>" in xa.page, "it has somebody who signs in"
    assert school.get(second).status_code == 404
    xa.post(f"{second}/school", school=ours, agreed="1")
    assert language.say("vi", "request_given_to_school") in xa.page
    for clerk, sees in ((agent, []), (school, [2]), (xa, [1, 2])):
        clerk.get("/staff/requests/")
        assert [number for number in (1, 2) if f"Số {number}:" in clerk.page] == sees
        for number in (1, 2):
            at = f"/staff/requests/{xa.ask('SELECT id FROM requests WHERE number = :number', number=number)}"
            assert clerk.get(at).status_code == (200 if number in sees else 404)
            if number not in sees:
                assert clerk.send(f"{at}/take").status_code == 404
                assert (
                    clerk.send(
                        f"{at}/end", how="done", words="", confirmed="1"
                    ).status_code
                    == 404
                )
    hoa.text(ASKS, "1")
    agent.get("/staff/requests/")
    assert "Số 1:" in agent.page, "agreed when asked again"


def test_the_operators_man_sees_no_more_whoever_takes_their_agreement_back(
    hoa: Phone, agent: Clerk, xa: Clerk, db: Database, village: Village
) -> None:
    assert "HUY YEU CAU 1" in hoa.text(ASKS, "1")
    number = xa.ask("SELECT id FROM requests WHERE number = 1")
    at = f"/staff/requests/{number}"
    agent.post(f"{at}/take")
    assert "Viettel khong thay so nay nua" in hoa.text("khong muon viettel goi nua")
    assert agent.send(f"{at}/note", words="x").status_code == 404
    agent.get("/staff/requests/")
    assert "Số 1:" not in agent.page
    agreed = "SELECT COUNT(*) FROM consents WHERE withdrawn_at IS NULL AND purpose = :purpose"
    assert xa.ask(agreed, purpose="operator") == 0
    assert xa.ask(agreed, purpose="callback") == 1
    xa.get(at)
    assert "Người dân rút đồng ý" in xa.page
    assert "tel:+84990000001" in xa.page, "the commune calls"
    assert "so 1" in hoa.text("HUY YEU CAU 1")


def test_an_opinion_taken_back_stands_in_no_report_and_waits_for_nobody(
    hoa: Phone, xa: Clerk, village: Village
) -> None:
    hoa.text("GOP Y hoi truong nong qua")
    assert "rut lai gop y so 1" in hoa.text("rut lai gop y").lower()
    xa.get("/staff/opinions/")
    assert "hoi truong nong qua" not in xa.page
    assert "rút lại" in xa.ask("SELECT words FROM opinions")
    assert xa.ask("SELECT COUNT(*) FROM opinions WHERE person_id IS NULL") == 1
    assert xa.ask("SELECT COUNT(*) FROM requests") == 0


def test_a_school_sees_what_parents_of_its_own_classes_ask_while_they_agree(
    hoa: Phone, school: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    with db.transaction() as tx:
        ours, theirs = (
            factories.business(tx, name=name, kind="school")
            for name in ("Tiểu học", "Mầm non")
        )
        classes_of = {
            at: factories.insert_row(tx, classes, school_id=at, name="1A")
            for at in (ours, theirs)
        }
        tx.run(update(staff).where(staff.c.username == "truong").values(school_id=ours))
    with db.transaction() as tx:
        tx.run(
            insert(requests).values(
                commune_id=1,
                number=1,
                kind="school",
                person_id=village.hoa,
                channel="sms",
                made_at=clock.ms,
                due_at=clock.ms + HOUR,
                told_at=clock.ms,
            )
        )  # as before one could say which school

    def seen_with(class_id: int, withdrawn_at: int | None) -> bool:
        with db.transaction() as tx:
            tx.run(delete(parents))
            factories.insert_row(
                tx,
                parents,
                class_id=class_id,
                person_id=village.hoa,
                agreed_on="2024-04-01",
                at=clock.ms,
                withdrawn_at=withdrawn_at,
            )
        school.get("/staff/requests/")
        return "Số 1:" in school.page

    assert seen_with(classes_of[ours], None)
    assert not seen_with(classes_of[theirs], None)
    assert not seen_with(classes_of[ours], clock.ms)


def test_a_parent_on_no_list_names_the_school_and_the_school_has_the_question(
    hoa: Phone, school: Clerk, xa: Clerk, app: Flask, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        ours, theirs = (
            factories.business(tx, kind="school", name=name)
            for name in ("Trường Tiểu học Quảng Lạc", "Trường Mầm non Quảng Lạc")
        )
        tx.run(update(staff).where(staff.c.username == "truong").values(school_id=ours))
    asked = hoa.text("hoc phi lop con toi")
    assert asked.splitlines()[1:3] == ["1. MN Quang Lac", "2. TH Quang Lac"]
    assert "Truong Tieu hoc Quang Lac se xem" in hoa.text("2"), "it is told who sees it"
    school.get("/staff/requests/")
    assert "Số 1:" not in school.page, "nobody agreed yet"
    assert "Nha truong se goi" in hoa.text("1")
    school.get("/staff/requests/")
    assert "Số 1:" in school.page
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    assert "hoc phi lop con toi" in school.get(at).text
    xa.get(at)
    assert (
        language.say("vi", "request_of_school", school="Trường Tiểu học Quảng Lạc")
        in xa.page
    )
    other = Phone(app, factories.phone(2))
    assert "Mam non Quang Lac se xem" in other.text("hoi truong mam non ve hoc phi")
    other.text("1")
    third = Phone(app, factories.phone(3))
    third.text("truong cua con toi", "2")
    assert "Can bo se goi" in third.text("2"), "only the commune may call"
    school.get("/staff/requests/")
    assert [n for n in (1, 2, 3) if f"Số {n}:" in school.page] == [1]
    assert xa.ask("SELECT school_id FROM requests WHERE number = 2") == theirs
    assert xa.ask("SELECT told_at FROM requests WHERE number = 3") is None
    third.text("truong cua con toi", "2")
    third.text("1")
    school.get("/staff/requests/")
    assert "Số 3:" in school.page, "agreed when asked again"


def test_what_is_asked_of_one_school_no_other_sees_though_the_parent_is_on_its_list(
    hoa: Phone,
    school: Clerk,
    xa: Clerk,
    db: Database,
    clock: Clock,
    signed_in: Callable[[str], Clerk],
    village: Village,
) -> None:
    other = _of_role("school", "truong2", db, clock, signed_in)
    with db.transaction() as tx:
        ours, theirs = (
            factories.business(tx, kind="school", name=name)
            for name in ("Trường Tiểu học", "Trường Mầm non")
        )
        for username, school_id in (("truong", ours), ("truong2", theirs)):
            account = update(staff).where(staff.c.username == username)
            tx.run(account.values(school_id=school_id))
        one = factories.insert_row(tx, classes, school_id=ours, name="1A")
        factories.insert_row(
            tx,
            parents,
            class_id=one,
            person_id=village.hoa,
            agreed_on="2024-04-01",
            at=clock.ms,
        )
    assert "Truong Tieu hoc se xem" in hoa.text("truong cua con toi"), (
        "the list says which one"
    )
    assert "Hoi truong nao?" in hoa.text("truong khac")
    assert "Truong Mam non se xem" in hoa.text("mn")
    hoa.text("1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    assert school.get(at).status_code == 404
    assert "Số 1:" not in school.get("/staff/requests/").text
    assert other.get(at).status_code == 200
    own_id = xa.ask("SELECT id FROM staff WHERE username = 'truong'")
    assert f'value="{own_id}"' not in other.get(at).text, "another school gets none"
    assert other.send(f"{at}/hand", to=own_id).status_code == 400
    assert other.send(f"{at}/school", school=ours, agreed="1").status_code == 403
    xa.post(f"{at}/school", school=ours, agreed="1")
    assert other.get(at).status_code == 404
    assert school.get(at).status_code == 200


def test_by_a_call_the_school_is_chosen_from_a_list(
    app: Flask, school: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        factories.business(tx, kind="school", name="Trường Mầm non Quảng Lạc")
        ours = factories.business(tx, kind="school", name="Trường Tiểu học Quảng Lạc")
        tx.run(update(staff).where(staff.c.username == "truong").values(school_id=ours))
    client = app.test_client()

    def dials(keys: str) -> str:
        form = {
            "sessionId": "school",
            "phoneNumber": HOA,
            "serviceCode": "*2404#",
            "text": keys,
            "networkCode": "",
        }
        return client.post("/ussd/simulator", data=form).text

    assert dials("").startswith("CON")
    keys = _to_the_schools(dials)
    asked = dials(keys + "*2")
    assert "Truong Tieu hoc Quang Lac se xem" in asked
    assert "Nha truong se goi" in dials(keys + "*2*1")
    school.get("/staff/requests/")
    assert "Số 1:" in school.page


def _to_the_schools(dials: Callable[[str], str]) -> str:
    """Press on as the screens say, until they ask which school."""
    keys = ""
    for line in ("Nho can bo", "Hoc phi"):
        screen = dials(keys)
        key = re.search(rf"(\d+)\. {line}", screen)
        assert key, screen
        keys = f"{keys}*{key[1]}".lstrip("*")
    assert "Hoi truong nao?" in dials(keys)
    return keys


def test_a_number_goes_to_a_school_only_where_that_was_agreed_to(
    school: Clerk, xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    form = {
        "name": "Hoàng Văn Ba",
        "phone": "0990 000 055",
        "kind": "school",
        "agreed": "1",
        "form_key": "form-1",
        "hamlet": str(village.trung),
    }
    xa.post("/staff/requests/new", **form)
    assert "Người dân chưa đồng ý để nhà trường gọi" in xa.page
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    with db.transaction() as tx:
        ours = factories.business(tx, kind="school", name="Trường Tiểu học")
        tx.run(update(staff).where(staff.c.role == "school").values(school_id=ours))
    their_id = xa.ask("SELECT id FROM staff WHERE role = 'school'")
    assert xa.send(f"{at}/hand", to=their_id).status_code == 400
    xa.get(at)
    assert f'value="{their_id}"' not in xa.page, "not offered either"
    with db.transaction() as tx:
        tx.run(text("UPDATE requests SET holder_id = :school"), school=their_id)
    assert school.get(at).status_code == 404
    xa.post("/staff/requests/new", **{**form, "told": "1", "form_key": "form-2"})
    assert "Đã báo nhà trường sẽ gọi và người dân đồng ý" in xa.page
    xa.post(f"{at}/hand", to=their_id)
    assert "tel:+84990000055" in school.get(at).text


def test_a_refusal_has_a_reason_no_link_and_one_part(
    hoa: Phone, xa: Clerk, village: Village
) -> None:
    hoa.text("nho can bo den nha me toi", "1", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}/end"
    for words, why in (
        ("", "Chưa viết lý do"),
        ("xem www.xa.vn", "đường dẫn"),
        ("dài " * 45, "quá một phần"),
    ):
        assert (
            xa.send(at, how="declined", words=words, confirmed="1").status_code == 400
        )
        xa.post(at, how="declined", words=words, confirmed="1")
        assert why in xa.page
    assert xa.ask(STATE, number=1) == "open"
    xa.post(at, how="declined", words="Nhà xa, mời ra hội trường.", confirmed="1")
    assert xa.ask(STATE, number=1) == "declined"
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM messages WHERE kind = 'request_declined' AND request_id IS NOT NULL"
        )
        == 1
    )


def test_who_asks_to_be_forgotten_is_asked_once_more_forgotten_and_told(
    hoa: Phone,
    thon: Clerk,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    assert "72 gio" in hoa.text("xoa het thong tin cua toi")
    assert "Da ghi, so 1: xoa du lieu" in hoa.text("1")
    due = xa.ask("SELECT due_at - made_at FROM requests")
    assert due == 72 * 3_600_000
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    assert (
        thon.send(f"{at}/end", how="done", words="", confirmed="1").status_code == 403
    )
    xa.post(f"{at}/end", how="done", words="")
    assert "Không lấy lại được" in xa.page
    xa.post(f"{at}/end", how="done", words="", confirmed="1")
    assert xa.ask("SELECT COUNT(*) FROM people WHERE phone = :phone", phone=HOA) == 0
    assert xa.ask("SELECT words FROM requests") == ""
    assert xa.ask(STATE, number=1) == "done"
    assert "Da xoa thong tin cua so nay" in received(db, settings, clock)[-1]


def test_a_complaint_that_nobody_answered_outlives_who_made_it(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    say = partial(language.say, "vi")
    hoa.text("GOP Y mai hoi truong dot, toi la Nong Thi Hoa, so 0990000001")
    hoa.text("GOP Y loa thon be qua")
    answered = f"/staff/opinions/{xa.ask('SELECT MAX(id) FROM opinions')}"
    xa.post(f"{answered}/answer", words="Xã sẽ xem lại.", confirmed="1")
    hoa.text("xoa het thong tin cua toi", "1")
    asked = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(f"{asked}/end", how="done", words="", confirmed="1")
    xa.get("/staff/opinions/")
    assert "mai hoi truong dot" in xa.page
    kept = f"/staff/opinions/{xa.ask('SELECT MIN(id) FROM opinions')}"
    xa.get(kept)
    assert "mai hoi truong dot" in xa.page
    assert say("opinion_erased") in xa.page
    for trace in ("Hoa", "Nong Thi", "0990000001", "990000001"):
        assert trace not in xa.ask("SELECT words FROM opinions ORDER BY id LIMIT 1")
    xa.get(answered)
    assert say("opinion_forgotten") in xa.page, "what was answered needs no words"
    before = len(received(db, settings, clock))
    xa.post(f"{kept}/answer", words="Đã lợp lại mái.", confirmed="1")
    assert xa.ask("SELECT COUNT(*) FROM opinions WHERE answered_at IS NULL") == 0
    assert len(received(db, settings, clock)) == before, "nobody is left to be told"


def test_somebody_at_the_counter_speaks_for_one_without_a_phone(
    thon: Clerk, xa: Clerk, village: Village
) -> None:
    form = {
        "name": "Hoàng Văn Ba",
        "phone": "0990 000 055",
        "kind": "no_phone",
        "words": "bố không có máy",
        "agreed": "1",
        "for_name": "Hoàng Văn Cụ",
        "ground": "relative",
        "form_key": "form-1",
        "hamlet": str(village.trung),
    }
    assert thon.send("/staff/requests/new", **{**form, "agreed": ""}).status_code == 400
    for _ in range(2):
        thon.post("/staff/requests/new", **form)
    assert language.say("vi", "form_twice") in thon.page
    assert xa.ask("SELECT COUNT(*) FROM requests") == 1, (
        "a form sent twice is one request"
    )
    assert "Hoàng Văn Cụ" in thon.page
    assert "Người nhà nói giúp" in thon.page
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(f"{at}/hand", to=xa.ask("SELECT id FROM staff WHERE username = 'thon'"))
    thon.get("/staff/requests/?mine=1")
    assert "Hoàng Văn Cụ" in thon.page
    assert (
        xa.send(
            f"{at}/hand", to=xa.ask("SELECT id FROM staff WHERE username = 'xem'")
        ).status_code
        == 400
    )


def test_a_request_ended_by_mistake_is_open_again_and_its_second_end_is_told(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    say = partial(language.say, "vi")
    hoa.text(ASKS, "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    shop = {"shop_name": "Tạp hóa Hoa"}
    xa.post(f"{at}/end", how="done", words="Mã ở cửa.", confirmed="1", **shop)
    xa.post(f"{at}/reopen", words="")
    assert say("request_reopen_why_needed") in xa.page
    xa.post(f"{at}/reopen", words="bấm nhầm")
    assert say("request_reopened_act", why="bấm nhầm") in xa.page, "its story says it"
    assert say("request_reopened_uncounted") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'request_reopened'") == 1
    assert "So 1: xin ma QR" in hoa.text("LICH")
    assert not [
        one for one in received(db, settings, clock) if "Yeu cau so 1" in one
    ], "it was not done"
    xa.post(f"{at}/reopen", words="lần nữa")
    assert say("request_not_reopened") in xa.page
    again = xa.ask("SELECT business_id FROM requests WHERE number = 1")
    assert say("request_reopened_uncounted") not in xa.page, "there was nothing left"
    assert xa.ask(COUNTED, key="business_qr", subject=again) == 0
    reason = "SELECT reason FROM conversions WHERE reverses IS NOT NULL"
    assert xa.ask(reason) == say("request_reopened_act", why="bấm nhầm")
    xa.post(f"{at}/end", how="done", words="Mã ở quầy.", confirmed="1", shop=again)
    assert xa.ask(COUNTED, key="business_qr", subject=again) == 1
    told = [one for one in received(db, settings, clock) if "Yeu cau so 1" in one]
    assert len(told) == 1
    assert "o quay" in told[0]
    assert "so 2" in hoa.text(ASKS, "1")
    xa.post(f"{at}/reopen", words="cùng một việc")
    assert say("request_not_reopened") in xa.page, (
        "the same stands open under another number"
    )


@pytest.mark.parametrize("how", ["withdrawn", "declined"])
def test_the_operators_man_reads_nothing_of_who_took_it_back_or_was_refused(
    hoa: Phone, agent: Clerk, xa: Clerk, how: str
) -> None:
    hoa.text(ASKS, "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    agent.post(f"{at}/shop", shop_name="Quán nước Hoa")
    shop = f"/staff/businesses/{xa.ask('SELECT id FROM businesses')}"
    agent.get(at)
    assert "tel:+84990000001" in agent.page
    assert "Nông Thị Hoa" in agent.page
    if how == "withdrawn":
        hoa.text("HUY YEU CAU 1")
    else:
        agent.post(f"{at}/end", how="declined", words="Hết mã QR.", confirmed="1")
    assert xa.ask("SELECT state FROM requests") == how
    for path in (at, "/staff/requests/"):
        agent.get(path)
        for known in ("990000001", "0990 000 001", "Nông Thị Hoa", ASKS):
            assert known not in agent.page, (path, known)
    agent.get(shop)
    assert "tel:" not in agent.page, "what was agreed to is over"
    xa.get(at)
    assert "tel:+84990000001" in xa.page
    assert "Nông Thị Hoa" in xa.page


def test_what_a_request_counted_for_is_taken_back_as_it_is_opened_again(
    hoa: Phone, agent: Clerk, xa: Clerk, db: Database, village: Village
) -> None:
    hoa.text("mo tai khoan viettel money ho toi", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    agent.post(f"{at}/end", how="done", words="Đã mở.", confirmed="1")
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 1
    xa.get(at)
    assert "“Viettel Money” của yêu cầu này được bỏ" in xa.page
    xa.post(f"{at}/reopen", words="nhầm người")
    assert language.say("vi", "request_reopened_uncounted") in xa.page
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 0
    undone = "SELECT reason FROM conversions WHERE reverses IS NOT NULL"
    assert xa.ask(undone) == "Mở lại: nhầm người"
    assert "mo Viettel Money" in hoa.text("LICH")
    agent.post(f"{at}/end", how="declined", words="Chưa có căn cước.", confirmed="1")
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 0
    _ended(db, to_ms(datetime.now(UTC)))
    assert "So 1: mo Viettel Money, khong lam duoc" in hoa.text("LICH")
    assert "khong lam duoc" in hoa.text("2")


def test_what_was_ticked_apart_goes_only_where_that_is_said(
    hoa: Phone, agent: Clerk, xa: Clerk, village: Village
) -> None:
    hoa.text("mo tai khoan viettel money ho toi", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(
        f"/staff/people/{village.hoa}/log",
        indicator="money_person",
        form_key="a-form-key-of-it",
    )
    agent.post(f"{at}/end", how="done", words="Đã mở.", confirmed="1")
    agent.get(at)
    assert "đã ghi riêng" not in agent.page, "others' entries are not the agent's"
    agent.post(f"{at}/reopen", words="nhầm", apart="1")
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 1
    agent.post(f"{at}/end", how="done", words="Đã mở.", confirmed="1")
    xa.get(at)
    assert "Bỏ cả mục “Viettel Money” mà xa đã ghi riêng" in xa.page
    xa.post(f"{at}/reopen", words="nhầm")
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 1, (
        "it was not asked for"
    )
    agent.post(f"{at}/end", how="done", words="Đã mở.", confirmed="1")
    xa.post(f"{at}/reopen", words="nhầm", apart="1")
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 0
    assert "mo Viettel Money, ghi" in hoa.text("LICH"), "it waits again"


def test_who_stopped_all_texts_is_for_staff_to_call_and_the_page_says_so_first(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    hoa.text("nho can bo den nha toi", "1")
    hoa.text("GOP Y nen hop buoi toi")
    hoa.text("TC DV")
    stopped = "Số này đã ngừng nhận tin"
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.get(at)
    assert stopped in xa.page, "before any button"
    xa.post(f"{at}/end", how="done", words="Đã đến.")
    assert stopped in xa.page
    assert "Kết thúc, tự báo" in xa.page
    assert "đồng" not in xa.page.split("Lời để báo")[1].split("</section>")[0]
    xa.post(f"{at}/end", how="done", words="Đã đến.", confirmed="1")
    assert "Số này đã ngừng nhận tin: gọi báo" in xa.page
    assert "Đã đến." in xa.page, "stands under what is to be told"
    at = f"/staff/opinions/{xa.ask('SELECT id FROM opinions')}"
    xa.get(at)
    assert stopped in xa.page
    xa.post(f"{at}/answer", words="Xã sẽ bàn.", confirmed="1")
    assert "Số này đã ngừng nhận tin: gọi báo" in xa.page
    asked = "SELECT COUNT(*) FROM messages WHERE kind IN ('request_done', 'opinion_answered')"
    assert xa.ask(asked) == 0
    told = "SELECT COUNT(*) FROM tasks WHERE kind = 'answer'"
    assert xa.ask(told) == 2
    xa.get(f"/staff/book?person={village.hoa}")
    assert "tin xác nhận không đi" in xa.page


def test_at_night_the_page_says_when_the_text_goes_before_and_after(
    hoa: Phone, xa: Clerk, clock: Clock, village: Village
) -> None:
    hoa.text("nho can bo den nha toi", "1")
    clock.now = days.at_local(days.today(clock.now), "22:30")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.sign_in("xa")
    xa.get(at)
    assert "tin đi lúc 7h00" in xa.page
    xa.post(f"{at}/end", how="done", words="Đã đến.", confirmed="1")
    assert "Đã kết thúc. Ban đêm không nhắn: tin đi lúc 7h00" in xa.page


def test_whoever_stops_texts_after_the_end_is_seen_on_the_requests_page(
    hoa: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    hoa.text("nho can bo den nha toi", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(f"{at}/end", how="done", words="Đã đến.", confirmed="1")
    hoa.text("TC DV")
    received(db, settings, clock)
    xa.get(at)
    assert "Tin báo: Bỏ qua (không nhận tin). Xin gọi báo." in xa.page


def test_what_counted_before_a_request_ended_counts_when_it_is_reopened(
    hoa: Phone, xa: Clerk, village: Village
) -> None:
    """The account was ticked at the hall already: the end of the request logged nothing."""
    hoa.text("mo tai khoan viettel money ho toi", "1")
    xa.post(
        f"/staff/people/{village.hoa}/log",
        indicator="money_person",
        form_key="an-account-at-the-hall",
    )
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 1
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(f"{at}/end", how="done", words="", confirmed="1")
    xa.post(f"{at}/reopen", words="của người khác")
    assert xa.ask(STATE, number=1) == "open"
    assert xa.ask(COUNTED, key="money_person", subject=village.hoa) == 1


def test_what_was_erased_is_not_reopened(
    hoa: Phone, xa: Clerk, clock: Clock, village: Village
) -> None:
    hoa.text("xoa du lieu cua toi", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    xa.post(f"{at}/end", how="done", words="", confirmed="1")
    assert xa.ask("SELECT state FROM requests") == "done"
    xa.get(at)
    assert "/reopen" not in xa.page
    xa.post(f"{at}/reopen", words="nhầm")
    assert xa.ask("SELECT state FROM requests") == "done"


def test_the_page_of_a_person_has_what_they_asked_for_and_said(
    hoa: Phone, xa: Clerk, thon: Clerk, village: Village
) -> None:
    hoa.text("nho can bo den nha me toi", "1", "1")
    hoa.text("GOP Y nên họp buổi tối")
    for clerk, reads in ((xa, True), (thon, False)):
        clerk.get(f"/staff/people/{village.hoa}")
        assert "Số 1: Đến nhà" in clerk.page
        assert ('id="opinions"' in clerk.page) == reads, (
            "an opinion is no matter of a hamlet's head"
        )
    request_id = xa.ask("SELECT id FROM requests")
    assert f'href="/staff/requests/{request_id}"' in xa.page
    pages = {
        "/staff/requests/": "Nông Thị Hoa → me toi",
        f"/staff/people/{village.hoa}": "→ me toi",
    }
    due = xa.ask("SELECT due_at FROM requests")
    for page, whose in pages.items():
        xa.get(page)
        line = xa.page.partition(f'id="r{request_id}"')[2].partition("</a>")[0]
        assert (
            language.say("vi", "request_due", when=language.stamp(due, "vi")) in line
        ), page
        assert "nho can bo den nha me toi" in line and whose in line, page
    assert "Nông Thị Hoa" not in line, "it is her own page"
    xa.post(
        f"/staff/requests/{request_id}/end",
        how="declined",
        words="Cán bộ đi vắng.",
        confirmed="1",
    )
    for page in pages:
        xa.get(page)
        line = xa.page.partition(f'id="r{request_id}"')[2].partition("</a>")[0]
        assert (
            "Không làm được ·" in line
            and "Cán bộ đi vắng." in line
            and "hạn" not in line
        ), page


def test_nobody_is_called_back_without_a_number(xa: Clerk, village: Village) -> None:
    form = {
        "name": "Hoàng Văn Cụ",
        "kind": "call_me",
        "agreed": "1",
        "form_key": "a-call-back",
    }
    xa.post("/staff/requests/new", **form)
    assert language.say("vi", "refused_call_needs_number") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM requests") == 0
    xa.post("/staff/requests/new", **form, for_phone="0990 000 077")
    xa.post(
        "/staff/requests/new",
        kind="call_me",
        agreed="1",
        person=village.hoa,
        form_key="another-call",
    )
    assert xa.ask("SELECT COUNT(*) FROM requests") == 2


def test_a_browser_goes_back_to_the_text_that_was_looked_at(
    hoa: Phone, xa: Clerk, village: Village
) -> None:
    hoa.text(ASKS, "1", "GOP Y nên họp buổi tối")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}"
    looked = xa.post(
        f"{at}/end", how="done", words="Mã ở quầy.", shop_name="Tạp hóa Hoa"
    )
    assert looked.status_code == 303, (
        "the text is shown by an address, not by a form that was sent"
    )
    assert "da xong: da gan ma QR o Tap hoa Hoa. Ma o quay." in xa.page
    assert xa.get(looked.headers["Location"].partition("#")[0]).status_code == 200
    said = f"/staff/opinions/{xa.ask('SELECT id FROM opinions')}"
    xa.get(said)
    assert (
        f'<button class="btn btn-go">{language.say("vi", "answer_look")}</button>'
        in xa.page
    )
    looked = xa.post(f"{said}/answer", words="Xã sẽ họp buổi tối.")
    assert looked.status_code == 303
    assert "Xa se hop buoi toi." in xa.page
    again = re.search(r'href="([^"]+)"> Sửa lại', xa.page)
    assert again
    xa.get(again[1])
    assert 'value="Xã sẽ họp buổi tối."' in xa.page, "what was typed is still there"
    assert "Xa se hop buoi toi." not in xa.page


@pytest.mark.parametrize(
    ("words", "warns"),
    [
        ("Cháu Nông Văn An học lớp 3 chưa có mã đóng học phí.", True),
        ("Gọi lại cho tôi số 0990 000 077.", True),
        ("Nên họp ở NVH Quảng Trung I, mở Viettel Money lúc 19 giờ.", False),
    ],
)
def test_a_clerk_is_warned_of_names_and_numbers_in_an_opinion(
    words: str, warns: bool, xa: Clerk, village: Village
) -> None:
    form = {"words": words, "form_key": "an-opinion-typed"}
    xa.post("/staff/opinions/new", **form)
    assert (language.say("vi", "opinion_names_warn") in xa.page) == warns
    assert xa.ask("SELECT COUNT(*) FROM opinions") == int(not warns)
    if warns:
        xa.post("/staff/opinions/new", **form, anyway="1")
    assert xa.ask("SELECT COUNT(*) FROM opinions") == 1


def test_what_is_late_stands_on_top_and_in_the_menu(
    hoa: Phone, app: Flask, xa: Clerk, clock: Clock, village: Village
) -> None:
    hoa.text("nho can bo den nha me toi", "1", "1")
    Phone(app, factories.phone(2)).text("GOI LAI", "1")
    clock.now = datetime.now(UTC) + timedelta(days=30)
    xa.sign_in("xa")
    xa.get("/staff/requests/")
    assert xa.page.index("Gọi lại") < xa.page.rindex("Đến nhà")
    assert "2 đang chờ · 2 quá hạn" in xa.page


def test_an_opinion_is_kept_word_for_word_answered_once_summed_up_and_then_nobodys(
    hoa: Phone,
    xa: Clerk,
    thon: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
    village: Village,
) -> None:
    said = "GOP Y hội trường nóng quá, tôi là Nông Thị Hoa 0990000001"
    assert "Da ghi gop y so 1" in hoa.text(said)
    assert "so 1" in hoa.text(said)
    assert thon.get("/staff/opinions/").status_code == 403
    xa.get("/staff/opinions/")
    assert said in xa.page
    at = f"/staff/opinions/{xa.ask('SELECT id FROM opinions')}"
    xa.post(f"{at}/sort", topic="sessions", verdict="chosen", why="")
    assert "phải ghi lý do" in xa.page
    xa.post(f"{at}/sort", topic="sessions", verdict="chosen", why="lắp thêm quạt")
    xa.post(f"{at}/answer", words="Xã lắp thêm quạt tuần tới.")
    assert "Tra loi gop y so 1: Xa lap them quat tuan toi." in xa.page
    assert "1 phần" in xa.page
    for _ in range(2):
        xa.post(f"{at}/answer", words="Xã lắp thêm quạt tuần tới.", confirmed="1")
    texts = received(db, settings, clock)
    assert sum("Tra loi gop y so 1" in one for one in texts) == 1
    with db.transaction() as tx:
        retention.let_go(tx, clock.ms)
    assert xa.ask("SELECT person_id FROM opinions") == village.hoa, "not reported yet"
    xa.get("/staff/opinions/?show=all")
    assert "Buổi, giờ, địa điểm" in xa.page
    today = days.today(datetime.now(UTC)).isoformat()
    xa.get(f"/staff/opinions/reported?since={today}&until={today}")
    assert said not in xa.page, "nobody's name or number is published"
    assert "tôi là ***" in xa.page
    assert "Xã lắp thêm quạt tuần tới." in xa.page
    opinion = xa.ask("SELECT id FROM opinions")
    for noted in ("Đã ghi 1 góp ý vào báo cáo", "Chưa ghi góp ý nào"):
        xa.post("/staff/opinions/reported", since=today, until=today, opinion=opinion)
        assert noted in xa.page
    words = xa.ask("SELECT words FROM opinions")
    assert words.startswith("GOP Y hội trường nóng quá, tôi là ***")
    with db.transaction() as tx:
        assert retention.let_go(tx, clock.ms + 14 * HOUR)["opinions"] == 0, (
            "they stay until the night, as the page says"
        )
    with db.transaction() as tx:
        assert retention.let_go(tx, clock.ms + 15 * HOUR)["opinions"] == 1
    assert xa.ask("SELECT COUNT(*) FROM opinions WHERE person_id IS NULL") == 1
    words = xa.ask("SELECT words FROM opinions")
    assert words.startswith("GOP Y hội trường nóng quá, tôi là ***")
    assert "Hoa" not in words and "99" not in words
    xa.get(f"/staff/opinions/?show=all&since={today}&until={today}")
    assert "<td>1</td> <td>1</td> <td>1</td> <td>0</td>" in xa.page, "counted as before"


NAMED = (
    "anh Nguyễn Văn Bá ở tổ công nghệ nói năng khó nghe ở Quảng Trung I lúc 8h00, "
    "gọi tôi 0912 345 678, tôi là Lý Thị Hoa"
)


def _ready_for_report(hoa: Phone, xa: Clerk, said: str) -> int:
    hoa.text(f"GOP Y {said}")
    opinion = int(xa.ask("SELECT MAX(id) FROM opinions"))
    at = f"/staff/opinions/{opinion}"
    xa.post(f"{at}/sort", topic="staff", verdict="chosen", why="nhắc tổ công nghệ")
    xa.post(f"{at}/answer", words="Xã đã nhắc, xin lỗi.", confirmed="1")
    return opinion


def test_a_report_masks_numbers_and_names_and_staff_strike_out_the_rest(
    hoa: Phone, xa: Clerk, village: Village
) -> None:
    opinion = _ready_for_report(hoa, xa, NAMED)
    today = days.today(datetime.now(UTC)).isoformat()
    xa.get(f"/staff/opinions/reported?since={today}&until={today}")
    shown = xa.page.split("Lời trong báo cáo khác nguyên văn")[0]
    assert "#### ### ###" in shown
    assert "0912 345 678" not in shown
    assert "Văn Bá" not in shown
    assert "Quảng Trung I lúc 8h00" in shown, "places and hours stay"
    at = f"/staff/opinions/{opinion}"
    xa.post(f"{at}/for-report", words="Một cán bộ nói khó nghe, số 0912345678.")
    assert "Một cán bộ nói khó nghe, số ##########." in xa.page
    assert xa.ask("SELECT words FROM opinions") == f"GOP Y {NAMED}", "word for word"
    xa.post("/staff/opinions/reported", since=today, until=today, opinion=opinion)
    said = xa.ask("SELECT words FROM opinions")
    assert said == "Một cán bộ nói khó nghe, số ##########."
    xa.post(f"{at}/for-report", words="sau khi đã báo cáo")
    assert xa.ask("SELECT words FROM opinions") == said


def test_what_is_edited_on_the_page_of_the_report_is_what_stands_in_it(
    hoa: Phone, xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    opinion = _ready_for_report(hoa, xa, NAMED)
    today = days.today(datetime.now(UTC)).isoformat()
    form = {"since": today, "until": today, "opinion": opinion}
    words = "Cán bộ ở Nhà văn hóa Quảng Trung I nói khó nghe.\r\nCần nhắc."
    xa.post("/staff/opinions/reported", **form, **{f"words_{opinion}": words})
    with db.transaction() as tx:
        assert retention.let_go(tx, clock.ms + 15 * HOUR)["opinions"] == 1
    said = "Cán bộ ở Nhà văn hóa Quảng Trung I nói khó nghe.\nCần nhắc."
    assert xa.ask("SELECT words FROM opinions") == said
    assert xa.ask("SELECT person_id FROM opinions") is None


def test_what_is_not_sorted_decided_and_answered_stands_in_no_report(
    xa: Clerk, village: Village
) -> None:
    xa.get("/staff/opinions/new")
    named = language.say("vi", "event_kind_swap")
    assert f"T6 12/4, 14h00 · {named} · NVH Quảng Trung I" in xa.page.replace(
        "/2024", ""
    )
    for number in range(4):
        xa.post(
            "/staff/opinions/new",
            words=f"Góp ý thứ {number}.",
            event=village.event.id,
            form_key=f"m-{number}",
        )
    ready, undecided, unsorted, unanswered = range(1, 5)
    ids = {
        number: xa.ask("SELECT id FROM opinions WHERE number = :number", number=number)
        for number in range(1, 5)
    }
    for number in (ready, undecided, unsorted):
        xa.post(
            f"/staff/opinions/{ids[number]}/answer", words="Đã nghe.", confirmed="1"
        )
    for number, verdict in (
        (ready, "chosen"),
        (undecided, "open"),
        (unanswered, "not_chosen"),
    ):
        xa.post(
            f"/staff/opinions/{ids[number]}/sort",
            topic="other",
            verdict=verdict,
            why="đã bàn",
        )
    today = days.today(datetime.now(UTC)).isoformat()
    xa.get(f"/staff/opinions/reported?since=2024-01-01&until={today}")
    assert "Góp ý thứ 0." in xa.page
    for number, why in ((1, "chưa quyết"), (2, "chưa phân loại"), (3, "chưa trả lời")):
        assert f"Góp ý thứ {number}." not in xa.page
        assert f"1 góp ý {why}" in xa.page
    shortened = {f"words_{ids[ready]}": "Góp ý của ông Bế Văn Tư, 0990000004."}
    xa.post(
        "/staff/opinions/reported",
        since="2024-01-01",
        until=today,
        opinion=list(ids.values()),
        **shortened,
    )
    assert xa.ask("SELECT COUNT(*) FROM opinions WHERE reported_at IS NOT NULL") == 1
    words = xa.ask("SELECT words FROM opinions WHERE reported_at IS NOT NULL")
    assert words.startswith("Góp ý của ông ***")
    assert "99" not in words


def test_what_was_said_at_a_meeting_is_nobodys_and_counted_once(
    xa: Clerk, village: Village
) -> None:
    form = {
        "words": "Nên họp buổi tối.",
        "event": str(village.event.id),
        "form_key": "m-1",
    }
    for _ in range(2):
        xa.post("/staff/opinions/new", **form)
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM opinions WHERE channel = 'meeting' AND person_id IS NULL"
        )
        == 1
    )
    assert xa.send("/staff/opinions/new", words=" ").status_code == 400
    opinion = xa.ask("SELECT id FROM opinions")
    xa.post(f"/staff/opinions/{opinion}/answer", words="Được.", confirmed="1")
    assert "Không có số để gửi" in xa.page


def test_somebody_who_only_said_something_is_forgotten_with_it(
    app: Flask, xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    stranger = Phone(app, "+84990000123")
    assert "Da ghi gop y so 1" in stranger.text("gop y them ghe ngoi")
    with db.transaction() as tx:
        retention.let_go(tx, clock.ms + 3 * 24 * 3_600_000)
    count = "SELECT COUNT(*) FROM people WHERE phone = '+84990000123'"
    assert xa.ask(count) == 1, "an answer is owed to them"
    xa.post(
        f"/staff/opinions/{xa.ask('SELECT id FROM opinions')}/answer",
        words="Đã thêm ghế.",
        confirmed="1",
    )
    with db.transaction() as tx:
        tx.run(text("UPDATE opinions SET reported_at = 1"))
        retention.let_go(tx, clock.ms)
    assert xa.ask(count) == 0


ADVERT = "Gói 4G giảm 50% trong tháng này."


def test_an_answer_that_sells_something_is_refused_whoever_writes_it(
    hoa: Phone, agent: Clerk, xa: Clerk, village: Village
) -> None:
    hoa.text(ASKS, "1")
    hoa.text("GOP Y mạng chậm")
    ending = f"/staff/requests/{xa.ask('SELECT id FROM requests')}/end"
    answering = f"/staff/opinions/{xa.ask('SELECT id FROM opinions')}/answer"
    for clerk, at, form in (
        (agent, ending, {"how": "done"}),
        (xa, ending, {"how": "declined"}),
        (xa, answering, {}),
    ):
        for confirmed in ("", "1"):
            assert (
                clerk.send(at, words=ADVERT, confirmed=confirmed, **form).status_code
                == 400
            )
        clerk.post(at, words=ADVERT, **form)
        assert "Có lời chào bán (50%)" in clerk.page
    assert xa.ask(STATE, number=1) == "open"
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM messages WHERE kind IN ('request_done', 'opinion_answered')"
        )
        == 0
    )


def test_who_asked_for_tv360_hears_that_it_is_there_and_no_offer_with_it(
    hoa: Phone, agent: Clerk, xa: Clerk, village: Village
) -> None:
    hoa.text("nho cai giup tv360", "1")
    at = f"/staff/requests/{xa.ask('SELECT id FROM requests')}/end"
    agent.post(at, how="done", words="Đã cài TV360.", confirmed="1")
    assert language.say("vi", "request_home_needed") in agent.page
    home = {"home": "QT1-007"}
    advert = "TV360 đã cài, ưu đãi ba tháng."
    assert agent.send(at, how="done", words=advert, **home).status_code == 400
    agent.post(at, how="done", words="Mở ở tivi.", **home)
    assert "da xong: da cai TV360. Mo o tivi." in agent.page
    for _ in range(2):
        agent.post(at, how="done", words="Mở ở tivi.", confirmed="1", **home)
    assert xa.ask(STATE, number=1) == "done"
    lives = "SELECT household_id FROM people WHERE id = :id"
    household = xa.ask(lives, id=village.hoa)
    assert xa.ask(LOGGED, key="tv360", subject=household) == 1
