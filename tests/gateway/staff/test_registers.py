"""Shops and their owners, schools and their parents: kept at the desk, told of,
counted, and forgotten again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from db.models import staff
from db.office import accounts
from db.privacy import erasure
from db.progress.recount import recount
from db.reports import businesses as reports
from db.store.engine import Database
from gateway.staff import language
from scheduler import broadcasts as clockwork
from settings import Settings
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village
from tests.gateway.staff.test_broadcasts import started

KEY = "a-form-key-of-a-page"
COUNTS = """
    SELECT COUNT(*) FROM counted c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.key = :key AND c.subject_id = :subject
"""


@pytest.fixture
def member(
    db: Database, village: Village, signed_in: Callable[[str], Clerk]
) -> Callable[..., Clerk]:
    """Somebody else of the desk, by role."""

    def make(role: str, **bound: int) -> Clerk:
        with db.transaction() as tx:
            factories.insert_row(
                tx,
                staff,
                commune_id=1,
                username=role,
                role=role,
                password=accounts._hasher().hash(PASSWORD),
                made_at=0,
                **bound,
            )
        return signed_in(role)

    return make


@pytest.fixture
def shop(db: Database, village: Village) -> int:
    with db.transaction() as tx:
        return factories.business(tx, village.trung)


@pytest.fixture
def school(db: Database, village: Village) -> int:
    with db.transaction() as tx:
        factories.business(tx, kind="school", name="Trường Trung học cơ sở")
        return factories.business(tx, kind="school", name="Trường Tiểu học Quảng Lạc")


def test_an_agent_gives_a_shop_its_qr_where_he_stands_and_takes_a_slip_back(
    member: Callable[..., Clerk], xa: Clerk, village: Village, db: Database, shop: int
) -> None:
    agent = member("agent")
    agent.get("/staff/businesses/?kind=household_business&without=1")
    assert "Tạp hóa Hoa" in agent.page
    at = f"/staff/businesses/{shop}"
    for _ in range(2):
        agent.post(
            f"{at}/log",
            indicator="business_qr",
            form_key=KEY,
            back="/staff/businesses/",
        )
    assert "✓ QR Viettel Money" in agent.page
    assert agent.ask(COUNTS, key="business_qr", subject=shop) == 1
    agent.get("/staff/mine/")
    assert "Tạp hóa Hoa" in agent.page, "the own log"
    agent.get("/staff/businesses/?without=1")
    assert "Tạp hóa Hoa" not in agent.page
    xa.get("/staff/progress/business_qr")
    assert "<b>1</b>" in xa.page
    assert "undo" not in xa.get(at).text, "no button for what another one tapped"
    xa.post(f"{at}/unlog")
    assert agent.ask(COUNTS, key="business_qr", subject=shop) == 1
    for _ in range(2):
        agent.post(f"{at}/unlog", back="/staff/businesses/")
    assert agent.ask(COUNTS, key="business_qr", subject=shop) == 0
    with db.connection() as tx:
        assert recount(tx) == []
    for path in (at + "/edit", "/staff/businesses/"):
        assert (
            agent.send(path, kind="household_business", name="Khác").status_code == 403
        )


def test_a_slip_that_somebody_else_took_back_stands_in_the_trail_once(
    member: Callable[..., Clerk],
    xa: Clerk,
    shop: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both had the page open: the second finds nothing left to take back."""
    agent = member("agent")
    at = f"/staff/businesses/{shop}"
    agent.post(f"{at}/log", indicator="business_qr", form_key=KEY)
    with agent.db.connection() as tx:
        seen_before = reports.one(tx, shop, factories.COMMUNE)
    entry = agent.ask("SELECT MAX(id) FROM conversions")
    xa.post(f"/staff/conversions/{entry}/undo", reason="nhầm")
    monkeypatch.setattr(reports, "one", lambda *_: seen_before)
    agent.post(f"{at}/unlog")
    assert agent.ask("SELECT COUNT(*) FROM audit WHERE action = 'undo'") == 1


def names(clerk: Clerk, query: str) -> list[str]:
    """The shops that a search finds."""
    clerk.get(f"/staff/businesses/?{query}")
    return re.findall(r'<a href="/staff/businesses/\d+">([^<]+)</a>', clerk.page)


def test_a_shop_is_found_by_its_owners_number_by_words_in_any_order_and_by_signs_as_typed(
    xa: Clerk, member: Callable[..., Clerk], village: Village, db: Database, shop: int
) -> None:
    with db.transaction() as tx:
        factories.business(tx, village.lien, name="Quán 100% rẻ")
        factories.business(tx, village.lien, name="Quán A_B")
    form = {
        "kind": "household_business",
        "name": "Tạp hóa Hoa",
        "hamlet": village.trung,
    }
    xa.post(
        f"/staff/businesses/{shop}/edit",
        **form,
        owner="Nông Thị Hoa",
        phone="0990 000 001",
    )
    assert names(xa, "q=hoa+tap") == ["Tạp hóa Hoa"]
    assert names(xa, "q=hoa+nong+tap") == ["Tạp hóa Hoa"], (
        "a word of the name, one of the owner's"
    )
    assert names(xa, "q=0990000001") == ["Tạp hóa Hoa"]
    assert names(xa, "q=0001") == ["Tạp hóa Hoa"], "by the end of the number"
    assert names(xa, "q=%25") == ["Quán 100% rẻ"]
    assert names(xa, "q=_") == ["Quán A_B"]
    assert names(xa, "q=!") == []
    agent = member("agent")
    assert names(agent, "q=0990 000 001") == ["Tạp hóa Hoa"], (
        "who was given the number finds the shop"
    )
    assert names(agent, "q=0001") == [], "who sees no numbers tries none out"


def test_a_commune_has_one_one_stop_office(
    xa: Clerk, village: Village, shop: int
) -> None:
    office = {"kind": "one_stop", "name": "Bộ phận một cửa xã"}
    xa.post("/staff/businesses/", **office)
    for path in ("/staff/businesses/", f"/staff/businesses/{shop}/edit"):
        xa.post(path, kind="one_stop", name="Tạp hóa Hoa", owner="", phone="")
        assert language.say("vi", "business_one_stop_there") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM businesses WHERE kind = 'one_stop'") == 1
    first = xa.ask("SELECT id FROM businesses WHERE kind = 'one_stop'")
    xa.post(f"/staff/businesses/{first}/close")
    xa.post(
        "/staff/businesses/", kind="one_stop", name="Trung tâm phục vụ hành chính công"
    )
    xa.post(f"/staff/businesses/{first}/reopen")
    assert language.say("vi", "business_one_stop_there") in xa.page


def test_a_shop_that_gave_up_leaves_the_list_and_comes_back(
    xa: Clerk, thon: Clerk, member: Callable[..., Clerk], village: Village, shop: int
) -> None:
    say = partial(language.say, "vi")
    at = f"/staff/businesses/{shop}"
    xa.post(f"{at}/log", indicator="business_qr", form_key=KEY)
    thon.post(f"{at}/close")
    assert say("business_closed") in thon.page
    assert names(xa, "") == []
    assert names(xa, "closed=1") == ["Tạp hóa Hoa"]
    assert xa.ask(COUNTS, key="business_qr", subject=shop) == 1, (
        "what was done stays done"
    )
    agent = member("agent")
    assert agent.send(f"{at}/close", mistake="1").status_code == 403
    agent.post(f"{at}/visit", result="done", form_key=KEY)
    assert say("business_is_closed") in agent.page
    assert agent.ask("SELECT COUNT(*) FROM visits") == 0
    again = {"kind": "household_business", "name": "Tạp hóa Hoa"}
    xa.post("/staff/businesses/", **again, hamlet=village.trung)
    assert say("business_listed_closed", name="Tạp hóa Hoa") in xa.page
    xa.post(f"{at}/reopen")
    xa.post(f"{at}/reopen")
    assert say("business_as_it_was") in xa.page
    assert names(xa, "") == ["Tạp hóa Hoa"]
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action IN ('business_close', 'business_reopen')"
        )
        == 2
    )


def test_a_shop_that_never_was_takes_along_what_was_logged_for_it(
    xa: Clerk, db: Database, shop: int
) -> None:
    at = f"/staff/businesses/{shop}"
    xa.post(f"{at}/log", indicator="business_qr", form_key=KEY)
    xa.get(at)
    assert language.say("vi", "business_mistake_help") in xa.page
    for _ in range(2):
        xa.post(f"{at}/close", mistake="1")
    assert xa.ask(COUNTS, key="business_qr", subject=shop) == 0
    reason = "SELECT reason FROM conversions WHERE reverses IS NOT NULL"
    assert xa.ask(reason) == language.say("vi", "business_mistake")
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'undo'") == 1
    with db.connection() as tx:
        assert recount(tx) == []
    xa.post(f"{at}/reopen")
    assert xa.ask(COUNTS, key="business_qr", subject=shop) == 0
    xa.post(f"{at}/log", indicator="business_qr", form_key=KEY + "2")
    assert xa.ask(COUNTS, key="business_qr", subject=shop) == 1, "it is one after all"


def test_shops_of_one_name_stand_in_every_village_and_one_is_entered_once(
    xa: Clerk, village: Village
) -> None:
    """The same is who has its name, its hamlet and, where it is said, its owner."""
    listed = language.say("vi", "business_listed_before", name="Tạp hóa Bình")
    form = {"kind": "household_business", "name": "Tạp hóa Bình"}
    shops: list[dict[str, object]] = [
        {"hamlet": village.trung, "owner": "Chu Văn Bình", "phone": "0990000003"},
        {"hamlet": village.lien},
        {},
        {"hamlet": village.trung, "owner": "Vi Thị Bình", "phone": "0990000004"},
    ]
    for said in shops:
        xa.post("/staff/businesses/", **form, **said, sure="1")
        assert listed not in xa.page, said
    assert names(xa, "") == ["Tạp hóa Bình"] * 4
    shops.append({"hamlet": village.trung})
    for said in shops:
        xa.post("/staff/businesses/", **{**form, "name": "tạp hoá bình"}, **said)
        assert "đã có trong danh sách" in xa.page, said
    assert names(xa, "") == ["Tạp hóa Bình"] * 4
    phone = "SELECT p.phone FROM businesses b JOIN people p ON p.id = b.owner_id WHERE b.id = :id"
    ids = "SELECT MIN(b.id) FROM businesses b WHERE b.owner_id IS NOT NULL"
    assert xa.ask(phone, id=xa.ask(ids)) == factories.phone(3), "as it was entered"


@pytest.mark.parametrize("is_placed", [True, False])
def test_a_shop_of_a_name_that_is_listed_elsewhere_is_asked_about_first(
    xa: Clerk, village: Village, shop: int, is_placed: bool
) -> None:
    shops = "SELECT COUNT(*) FROM businesses WHERE folded = 'tap hoa hoa'"
    form = {"kind": "household_business", "name": "tạp hoá Hoa"}
    if is_placed:
        form["hamlet"] = str(village.lien)
    asks = language.say(
        "vi", "business_namesake", name="Tạp hóa Hoa", hamlet="Quảng Trung I"
    )
    xa.post("/staff/businesses/", **form)
    assert asks in xa.page
    assert f'href="/staff/businesses/{shop}"' in xa.page
    assert xa.ask(shops) == 1
    xa.post("/staff/businesses/", **form, sure="1")
    assert xa.ask(shops) == 2


def test_a_hamlet_head_is_asked_of_the_own_shops_alone(
    thon: Clerk, xa: Clerk, village: Village
) -> None:
    form = {"kind": "household_business", "name": "Quán phở Lan"}
    xa.post("/staff/businesses/", **form, hamlet=village.lien)
    thon.post("/staff/businesses/", **form)
    assert language.say("vi", "business_added", name="Quán phở Lan") in thon.page


def test_what_is_no_matter_of_a_shop_is_refused_in_words(
    xa: Clerk, shop: int, school: int
) -> None:
    for subject, indicator in ((shop, "tuition_school"), (school, "business_qr")):
        answer = xa.post(
            f"/staff/businesses/{subject}/log", indicator=indicator, form_key=KEY
        )
        assert answer.status_code == 400
        assert language.say("vi", "error_not_logged") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM conversions") == 0


def test_whoever_logged_it_takes_it_back_and_no_other_agent_does(
    member: Callable[..., Clerk], xa: Clerk, village: Village, shop: int
) -> None:
    agent = member("agent")
    xa.post(f"/staff/businesses/{shop}/log", indicator="business_qr", form_key=KEY)
    theirs = xa.ask("SELECT MAX(id) FROM conversions")
    assert agent.get(f"/staff/conversions/{theirs}/undo").status_code == 403
    assert (
        agent.send(f"/staff/conversions/{theirs}/undo", reason="nhầm").status_code
        == 403
    )
    agent.post(f"/staff/people/{village.hoa}/log", indicator="sim_4g", form_key=KEY)
    own = xa.ask("SELECT MAX(id) FROM conversions")
    agent.post(f"/staff/conversions/{own}/undo", reason="nhầm")
    assert xa.ask("SELECT COUNT(*) FROM conversions WHERE reverses = :id", id=own) == 1


def test_an_owner_is_a_person_met_by_number_and_their_number_stays_hidden(
    xa: Clerk, thon: Clerk, member: Callable[..., Clerk], village: Village, shop: int
) -> None:
    at = f"/staff/businesses/{shop}"
    form = {
        "kind": "household_business",
        "name": "Tạp hóa Hoa",
        "hamlet": village.trung,
    }
    xa.post(f"{at}/edit", **form, owner="Nông Thị Hoa", phone="0990 000 001")
    assert (
        xa.ask("SELECT owner_id FROM businesses WHERE id = :id", id=shop) == village.hoa
    ), "known before"
    xa.post(f"{at}/edit", **form, owner="Bế Văn Lạ", phone="0990 000 002")
    assert "đang ghi tên người khác" in xa.page
    assert (
        xa.ask("SELECT owner_id FROM businesses WHERE id = :id", id=shop) == village.hoa
    )
    xa.post(f"{at}/edit", **form, owner="Nông Thị Hoa", phone="")
    assert (
        xa.ask("SELECT owner_id FROM businesses WHERE id = :id", id=shop) == village.hoa
    ), "left as it was"
    agent = member("agent")
    agent.get(at)
    assert "+84990***001" in agent.page
    assert "0990 000 001" not in agent.page
    thon.get(at)
    assert "0990 000 001" in thon.page
    xa.get("/staff/businesses/?q=nong thi")
    assert "Tạp hóa Hoa" in xa.page, "found by the owner"
    xa.post(f"{at}/edit", **form, owner="", phone="")
    assert xa.ask("SELECT owner_id FROM businesses WHERE id = :id", id=shop) is None
    xa.post(f"{at}/edit", **form, owner="Lý Thị Mới", phone="")
    xa.post(f"{at}/edit", **form, owner="Lý Thị Mới", phone="0990 000 055")
    found = xa.ask(
        "SELECT phone FROM people p JOIN businesses b ON b.owner_id = p.id WHERE b.id = :id",
        id=shop,
    )
    assert found == factories.phone(55)
    assert xa.ask("SELECT COUNT(*) FROM people WHERE folded = 'ly thi moi'") == 1, (
        "the same person got a number"
    )


def test_a_shop_is_renamed_and_no_two_bear_one_name(
    xa: Clerk, thon: Clerk, village: Village, shop: int
) -> None:
    at, form = (
        f"/staff/businesses/{shop}",
        {"kind": "household_business", "hamlet": village.trung},
    )
    xa.post("/staff/businesses/", name="Quán phở Lan", **form)
    other = xa.ask("SELECT MAX(id) FROM businesses")
    xa.post(f"{at}/edit", name="quán phở lan", **form)
    assert "đã có trong danh sách" in xa.page
    xa.post(f"{at}/edit", name="Tạp hóa Hòa", **form)
    assert (
        xa.ask("SELECT folded FROM businesses WHERE id = :id", id=shop) == "tap hoa hoa"
    )
    xa.post(f"{at}/log", indicator="business_qr", form_key=KEY)
    xa.post(f"{at}/edit", **{**form, "name": "Tạp hóa Hòa", "kind": "school"})
    assert "Hoàn tác mục đó" in xa.page, "what counts belongs to the kind it has"
    xa.post(
        f"/staff/businesses/{other}/edit",
        name="Quán phở Lan",
        kind="household_business",
        hamlet=village.lien,
    )
    assert thon.get(f"/staff/businesses/{other}").status_code == 404
    assert (
        thon.send(
            f"/staff/businesses/{other}/visit", result="done", form_key=KEY
        ).status_code
        == 404
    )


def test_pages_of_shops_follow_each_other_and_miss_none(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        for number in range(120):
            factories.business(
                tx, village.trung, name=f"Quán {number % 7} số {number:03}"
            )
    seen, path = [], "/staff/businesses/"
    for _ in range(5):
        xa.get(path)
        seen += re.findall(
            r'<strong><a href="/staff/businesses/\d+">(Quán[^<]+)</a>', xa.page
        )
        onward = re.search(r'rel="next" href="([^"]+)"', xa.page)
        if onward is None:
            break
        path = onward[1]
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen)


def test_a_visit_is_noted_once_and_taken_back_once(
    member: Callable[..., Clerk], xa: Clerk, village: Village, shop: int
) -> None:
    agent, at = member("agent"), f"/staff/businesses/{shop}"
    for _ in range(2):
        agent.post(f"{at}/visit", result="nobody", form_key=KEY)
    assert "✓ Không có ai" in agent.page
    assert agent.ask("SELECT COUNT(*) FROM visits") == 1
    assert (
        agent.send(f"{at}/visit", result="asleep", form_key=KEY + "2").status_code
        == 400
    )
    visit = agent.ask("SELECT id FROM visits")
    youth = member("youth")
    assert youth.send(f"/staff/visits/{visit}/undo").status_code == 403
    for _ in range(2):
        agent.post(f"/staff/visits/{visit}/undo", back=at)
    assert agent.ask("SELECT COUNT(*) FROM visits WHERE reverses = :id", id=visit) == 1
    xa.get(at)
    assert "đã hoàn tác" in xa.page
    assert "Không có ai" in xa.page


def _class(xa: Clerk, school: int, name: str) -> int:
    xa.post(f"/staff/schools/{school}/classes", name=name)
    found = xa.ask("SELECT MAX(id) FROM classes WHERE school_id = :id", id=school)
    return int(found)


def test_parents_agree_are_told_and_withdraw_and_the_counts_move_the_indicator(
    xa: Clerk,
    member: Callable[..., Clerk],
    village: Village,
    db: Database,
    school: int,
    clock: Clock,
) -> None:
    own = member("school", school_id=school)
    at = f"/staff/schools/{school}"
    _class(xa, school, "9Z")
    xa.post(
        f"/staff/businesses/{school}/edit",
        kind="one_stop",
        name="Trường Tiểu học Quảng Lạc",
    )
    assert "giữ là trường" in xa.page
    assert own.get("/staff/").headers["Location"] == "/staff/schools/"
    assert own.get("/staff/schools/").headers["Location"] == at
    first, second = _class(own, school, "lớp 3a"), _class(own, school, "3 B")
    assert own.ask("SELECT name FROM classes WHERE id = :id", id=first) == "3A"
    for number, of_class in ((41, first), (42, first), (43, second)):
        form = {
            "phone": f"0990 000 0{number}",
            "agreed_on": "2024-04-10",
            "asked": "form",
            "agreed": "1",
        }
        own.post(f"{at}/classes/{of_class}/parents", **form)
        own.post(f"{at}/classes/{of_class}/parents", **form)
    assert own.ask("SELECT COUNT(*) FROM parents") == 3
    assert "+84990***043" in own.page
    assert "0990 000 043" not in own.page
    own.post(
        f"{at}/classes/{first}/parents",
        phone="12345",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    assert language.say("vi", "parent_number_wrong") in own.page, (
        "it cannot be left empty, as elsewhere"
    )
    own.post(
        f"{at}/classes/{first}/parents", phone="0990000044", agreed_on="2024-04-10"
    )
    assert "dấu đồng ý" in own.page, "no consent, no number"
    own.post(
        f"{at}/counts",
        day="2024-04-11",
        form_key=KEY,
        **{f"paying_{first}": 0, f"pupils_{first}": 30},
    )
    assert own.ask(COUNTS, key="tuition_school", subject=school) == 0
    counts = {
        f"paying_{first}": 12,
        f"pupils_{first}": 30,
        f"paying_{second}": 5,
        f"pupils_{second}": 25,
    }
    for _ in range(2):
        own.post(f"{at}/counts", day="2024-04-12", form_key=KEY + "2", **counts)
    assert "<b>17</b> / 55" in own.page
    assert own.ask("SELECT COUNT(*) FROM class_counts") == 3
    assert own.ask(COUNTS, key="tuition_school", subject=school) == 1
    own.post(
        f"{at}/counts",
        day="2024-04-12",
        form_key=KEY + "3",
        **{f"paying_{first}": 40, f"pupils_{first}": 30},
    )
    assert "Lớp 3A: số không hợp lệ (40 / 30)" in own.page
    xa.get("/staff/progress/tuition_school")
    assert "<b>1</b>" in xa.page
    paying = xa.page.partition('id="paying"')[2].partition("</table>")[0]
    for read in ("Trường Tiểu học Quảng Lạc", "12/4/2024", "<b>17</b>", "55"):
        assert read in paying, read

    parent = own.ask(
        "SELECT id FROM parents WHERE class_id = :id ORDER BY id", id=first
    )
    own.post(f"{at}/parents/{parent}/withdraw", back=at)
    own.post(f"{at}/parents/{parent}/withdraw", back=at)
    assert "đã rút" in own.page.casefold()
    xa.post(f"{at}/notice", words="Trường họp phụ huynh chiều thứ Bảy.")
    broadcast = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.get(f"/staff/broadcasts/{broadcast}/people?why=all")
    assert "chưa đồng ý nhận" in xa.page, "who took it back"
    xa.get(f"/staff/broadcasts/{broadcast}/audience")
    assert 'name="a_school" value="Trường Tiểu học Quảng Lạc" checked' in xa.page
    assert "<b>2</b>" in xa.page
    xa.post(
        "/staff/broadcasts/new",
        **{"class": "notice", "name": "Họp", "vi": "Mời họp phụ huynh."},
    )
    offered = xa.page
    assert 'name="a_school" value="Trường Tiểu học Quảng Lạc"' in offered, (
        "the commune chooses parents like others"
    )
    of_commune = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.post(
        f"/staff/broadcasts/{of_commune}/audience",
        do="save",
        a_school="Trường Tiểu học Quảng Lạc",
    )
    xa.get(f"/staff/broadcasts/{of_commune}/audience")
    assert "<b>2</b>" in xa.page
    own.post(
        f"{at}/counts",
        day="2024-04-12",
        form_key=KEY + "4",
        **{name: 0 for name in counts if "pay" in name},
        **{name: 30 for name in counts if "pupils" in name},
    )
    assert own.ask(COUNTS, key="tuition_school", subject=school) == 0, (
        "nobody pays so any more"
    )
    with db.connection() as tx:
        assert recount(tx) == []


def test_what_a_school_writes_of_a_product_is_an_advert(
    xa: Clerk, member: Callable[..., Clerk], village: Village, school: int
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    first = _class(own, school, "3A")
    assert f"{at}/notice" not in own.get(at).text, "there is nobody to tell"
    own.post(
        f"{at}/classes/{first}/parents",
        phone="0990000041",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    written = "SELECT class FROM broadcasts WHERE id = (SELECT MAX(id) FROM broadcasts)"
    for words, text_class in (
        ("Họp phụ huynh 14h thứ Bảy.", "notice"),
        ("Nộp học phí qua Viettel Money trước ngày 30.", "advert"),
        ("Nộp học phí qua viettelpay trước ngày 30.", "advert"),
        ("Mời phụ huynh: hoàn tiền khi nộp sớm.", "advert"),
    ):
        own.post(f"{at}/notice", words=words)
        assert own.ask(written) == text_class, words
        assert "Cán bộ xã xem rồi cho gửi" in own.page
        assert ("nên là Quảng cáo" in own.page) == (text_class == "advert"), words
    assert own.ask("SELECT COUNT(*) FROM broadcasts WHERE state <> 'draft'") == 0
    assert own.send(f"{at}/notice", words="Họp {ten}.").status_code == 400
    assert own.send(f"{at}/notice", words="Xem tại http://x.vn").status_code == 400
    asks = "Mã OTP của bà con là gì, gửi lại cho trường"
    assert own.send(f"{at}/notice", words=asks).status_code == 400
    warns = "Không đọc mật khẩu, mã OTP cho ai."
    assert own.send(f"{at}/notice", words=warns).status_code == 303
    own.post(f"{at}/notice", words="Họp {ten}.")
    assert "Họp {ten}." in own.page, "what was typed is still there"
    xa.get(f"{at}?class={first}")
    assert f'<option value="{first}" selected>' in xa.page
    to = xa.post(
        f"{at}/notice", words="Lớp 3A nghỉ học thứ Hai.", **{"class": first}
    ).headers["Location"]
    assert to.endswith("/audience")
    assert xa.ask("SELECT rule FROM broadcasts ORDER BY id DESC LIMIT 1") == (
        '{"school": ["Trường Tiểu học Quảng Lạc / 3A"]}'
    )
    other = xa.ask("SELECT id FROM businesses WHERE name = 'Trường Trung học cơ sở'")
    assert own.send(f"/staff/schools/{other}/notice", words="Họp.").status_code == 404
    assert own.get("/staff/broadcasts/").status_code == 403


def test_a_parent_reads_which_school_writes(
    xa: Clerk, member: Callable[..., Clerk], school: int
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    own.post(
        f"{at}/classes/{_class(own, school, '3A')}/parents",
        phone="0990000041",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    assert "TH Quảng Lạc:" in own.get(at).text, "the form says how it begins"
    written = "SELECT vi FROM broadcast_words ORDER BY id DESC LIMIT 1"
    for typed, sent in (
        ("Mai nghỉ học.", "TH Quảng Lạc: Mai nghỉ học."),
        ("TH Quang Lac mời họp.", "TH Quang Lac mời họp."),
        (
            "Trường Tiểu học Quảng Lạc: mai nghỉ học.",
            "Trường Tiểu học Quảng Lạc: mai nghỉ học.",
        ),
    ):
        own.post(f"{at}/notice", words=typed)
        assert own.ask(written) == sent
    own.post(f"{at}/notice", words="Mai nghỉ học.")
    made = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.get(f"/staff/broadcasts/{made}/words")
    said = "TH Quang Lac: Mai nghi hoc."
    assert said in xa.page
    assert f"<b>{len(said)}</b>" in xa.page, "its name is counted"


def test_a_school_sees_what_became_of_its_notices(
    xa: Clerk,
    member: Callable[..., Clerk],
    school: int,
    settings: Settings,
    clock: Clock,
) -> None:
    say = partial(language.say, "vi")
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    parents_of = f"{at}/classes/{_class(own, school, '3A')}/parents"
    agreed = {"agreed_on": "2024-04-10", "asked": "form", "agreed": "1"}
    own.post(parents_of, phone="0990000041", **agreed)
    own.post(f"{at}/notice", words="Họp phụ huynh 14h thứ Bảy.")
    assert "Họp phụ huynh 14h thứ Bảy." in own.page
    assert say("school_notice_waits") in own.page
    sent = xa.ask("SELECT MAX(id) FROM broadcasts")
    own.post(f"{at}/notice", words="Mai nghỉ học.")
    unwanted = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.post(f"/staff/broadcasts/{unwanted}/discard", sure="1")
    own.get(at)
    assert say("school_notice_discarded") in own.page
    started(xa, sent)
    clockwork.tend(xa.db, settings, clock.now)
    own.get(at)
    assert say("school_notice_sent", sent=0, chosen=1) in own.page


def test_a_consent_is_of_these_years_and_what_was_added_is_said(
    xa: Clerk, school: int, clock: Clock
) -> None:
    say = partial(language.say, "vi")
    at = f"/staff/schools/{school}/classes"
    xa.post(at, name="3A")
    parents_of = f"{at}/{xa.ask('SELECT id FROM classes')}/parents"
    form = {"phone": "0990000009", "agreed": "1", "asked": "form"}
    xa.post(parents_of, **form, agreed_on="1999-01-01")
    assert "trở lại đây" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM parents") == 0
    xa.post(parents_of, **form, agreed_on="2024-04-01")
    assert say("parent_added") in xa.page
    xa.post(parents_of, **form, agreed_on="2024-04-01", adverts="1")
    assert say("parent_added") not in xa.page
    assert say("parent_before") in xa.page
    assert say("parent_adverts_added") in xa.page
    again = "/staff/schools/{}/parents/{}/adverts"
    ids = (school, xa.ask("SELECT id FROM parents"))
    xa.post(again.format(*ids), **form, agreed_on="1999-01-01")
    assert "trở lại đây" in xa.page


def test_a_parent_agrees_to_notices_and_apart_to_adverts_and_each_reaches_who_agreed(
    xa: Clerk,
    member: Callable[..., Clerk],
    village: Village,
    app: Flask,
    school: int,
    clock: Clock,
) -> None:
    say = partial(language.say, "vi")
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    first = _class(own, school, "3A")
    page = f"{at}/classes/{first}"
    form = {"agreed_on": "2024-04-10", "agreed": "1"}
    own.post(f"{page}/parents", phone="0990000041", **form)
    assert say("parent_agreed_needed") in own.page, "how they were asked is kept, too"
    for number in (41, 42, 43):
        own.post(f"{page}/parents", phone=f"09900000{number}", asked="form", **form)
    own.post(f"{page}/parents", phone="0990000042", asked="aloud", adverts="1", **form)
    assert own.page.count(say("parent_adverts_none")) == 2
    assert say("parent_adverts_on", day="T4 10/4/2024") in own.page
    assert say("asked_aloud") in own.page and say("asked_form") in own.page
    ids = [
        own.ask("SELECT id FROM parents ORDER BY id LIMIT 1 OFFSET :n", n=n)
        for n in range(3)
    ]
    _texts(app, 43, "TC")  # refuses adverts
    adverts = f"{at}/parents/{ids[2]}/adverts"
    own.post(adverts, asked="phone", back=page, **form)
    assert say("parent_adverts_refused") in own.page
    own.get(page)
    assert say("class_reach_notice", number="3", of="3") in own.page
    assert say("class_reach_advert", number="1", of="3") in own.page
    for why in ("no_adverts", "no_consent"):
        said = say(f"left_{why}")
        assert say("class_reach_not", why=said, number="1") in own.page
    own.get(at)
    assert say("class_reach_short", notice="3", advert="1") in own.page
    own.post(f"{at}/notice", words="Nộp học phí qua Viettel Money trước ngày 30.")
    written = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.get(f"/staff/broadcasts/{written}/audience")
    assert "<b>1</b>" in xa.page
    consent = "SELECT {} FROM consents WHERE purpose = 'advert'"
    assert xa.ask(consent.format("prompt")) == "parents:aloud"
    assert xa.ask(consent.format("answer")) == "2024-04-10"
    own.post(f"{at}/parents/{ids[1]}/adverts/withdraw", back=page)
    assert say("class_reach_advert", number="0", of="3") in own.page
    assert say("class_reach_notice", number="3", of="3") in own.page
    again = f"{at}/parents/{ids[1]}/adverts"
    own.post(again, asked="form", back=page, **form)
    assert say("parent_withdrawn_since") in own.page, "an older yes is none"
    other = xa.ask("SELECT id FROM businesses WHERE name = 'Trường Trung học cơ sở'")
    theirs = f"/staff/schools/{other}/parents/{ids[0]}/adverts"
    assert xa.send(theirs, asked="form", **form).status_code == 404


def _texts(app: Flask, number: int, words: str) -> None:
    form = {"from": factories.phone(number), "text": words, "id": f"{number}:{words}"}
    app.test_client().post("/sms/simulator", data=form)


def test_a_school_sees_the_days_at_its_gate_and_counts_who_came(
    xa: Clerk, member: Callable[..., Clerk], village: Village, school: int, clock: Clock
) -> None:
    other = xa.ask("SELECT id FROM businesses WHERE name = 'Trường Trung học cơ sở'")
    own = member("school", school_id=school)
    own.get(f"/staff/schools/{school}")
    assert "Chưa có buổi nào ở cổng trường này" in own.page
    form = {
        "hall": village.other_hall,
        "day": "2024-04-12",
        "minutes": 30,
        "places": 1,
        "kind": "school",
        "services": "tuition",
        "no_times": "1",
    }
    made = []
    for at_school, first, last in (
        (school, "10:00", "11:00"),
        (other, "13:00", "14:00"),
    ):
        xa.post("/staff/events/new", **form, first=first, last=last, school=at_school)
        made.append(xa.ask("SELECT MAX(id) FROM events"))
    assert "Trường Trung học cơ sở" in xa.page
    assert (
        xa.send(
            "/staff/events/new", **form, first="15:00", last="16:00", school=987654
        ).status_code
        == 400
    )
    ours, theirs = made
    clock.now += timedelta(hours=1)
    own.get(f"/staff/schools/{school}")
    assert f'href="/staff/events/{ours}/came"' in own.page
    assert "NVH Quảng Liên I</strong> <small> 10h00 – 11h00 </small>" in own.page
    assert f"/staff/events/{theirs}/" not in own.page
    own.get(f"/staff/events/{ours}/came")
    assert f'href="/staff/schools/{school}"' in own.page
    own.post(f"/staff/events/{ours}/heads", number=26, form_key=KEY)
    assert "26 người đã đến" in own.page
    own.get(f"/staff/schools/{school}")
    assert "26 người đã đến" in own.page
    of_class = _class(own, school, "3A")
    of_other = _class(xa, other, "6A")
    heads = f"/staff/events/{ours}/heads"
    own.post(heads, number=12, form_key=KEY + "c", **{"class": of_class})
    assert (
        own.send(heads, number=1, form_key=KEY + "d", **{"class": of_other}).status_code
        == 400
    )
    counted = own.ask("SELECT MAX(id) FROM head_counts")
    own.post(f"{heads}/{counted}", number=14, form_key=KEY + "e")
    own.get(f"/staff/schools/{school}")
    assert "40 người đã đến" in own.page and "Lớp 3A: 14" in own.page
    clock.now += timedelta(hours=4)
    xa.sign_in("xa")
    xa.get("/staff/progress/")
    assert "40" in xa.page
    own.sign_in("school")
    for event_id in (theirs, village.event.id):
        assert own.get(f"/staff/events/{event_id}/came").status_code == 404
        assert (
            own.send(
                f"/staff/events/{event_id}/heads", number=3, form_key=KEY + "2"
            ).status_code
            == 404
        )
    for path in (
        f"/staff/events/{ours}",
        "/staff/events/",
        f"/staff/events/{ours}/came/new",
    ):
        assert own.client.get(path).status_code in (403, 404, 405)
    assert own.send(f"/staff/events/{ours}/came", person=village.hoa).status_code == 403
    xa.post(f"/staff/events/{theirs}/copy")
    assert xa.ask("SELECT school_id FROM events ORDER BY id DESC LIMIT 1") == other, (
        "the same a week later"
    )
    at = f"/staff/events/{xa.ask('SELECT MAX(id) FROM events')}"
    xa.post(
        f"{at}/edit",
        hall=village.other_hall,
        day="2024-04-19",
        first="13:00",
        kind="school",
        school=school,
    )
    assert xa.ask("SELECT school_id FROM events ORDER BY id DESC LIMIT 1") == school
    xa.post(
        f"{at}/edit",
        hall=village.other_hall,
        day="2024-04-19",
        first="13:00",
        kind="meeting",
        school=school,
    )
    assert xa.ask("SELECT school_id FROM events ORDER BY id DESC LIMIT 1") is None, (
        "a meeting is at no school's gate"
    )


def test_a_count_under_a_wrong_day_is_taken_back_and_the_figure_follows_the_day_counted(
    xa: Clerk, member: Callable[..., Clerk], village: Village, db: Database, school: int
) -> None:
    say = partial(language.say, "vi")
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    one = _class(own, school, "3A")
    since = "SELECT c.day FROM counted c JOIN indicators i ON i.id = c.indicator_id WHERE i.key = 'tuition_school'"

    def counts(day: str, paying: int, key: str) -> None:
        typed = {f"paying_{one}": paying, f"pupils_{one}": 30}
        own.post(f"{at}/counts", day=day, form_key=KEY + key, **typed)

    with db.transaction() as tx:
        tx.run(text("UPDATE programmes SET starts = '2024-04-01', ends = '2024-12-31'"))
    counts("2024-04-09", 5, "a")
    assert own.ask(since) == "2024-04-09", "the day of counting, not that of typing"
    counts("2024-03-20", 4, "b")
    assert own.ask(since) == "2024-03-20"
    own.get(at)
    assert say("school_day_before_plan") in own.page
    assert own.page.count(say("school_day_before_plan")) == 1
    for page in "12":
        own.post(f"{at}/counts/take-back", day="2024-03-20", form_key=KEY + page)
    assert say("counts_as_they_were") in own.page
    assert own.ask(since) == "2024-04-09"
    assert "20/3" not in own.get(at).text
    counts("2024-04-10", 0, "d")
    assert own.ask(COUNTS, key="tuition_school", subject=school) == 0
    own.post(f"{at}/counts/take-back", day="2024-04-10", form_key=KEY + "e")
    assert own.ask(since) == "2024-04-09"
    assert "<b>5</b> / 30" in own.get(at).text
    own.post(f"{at}/counts/take-back", day="2024-04-09", form_key=KEY + "f")
    assert own.ask(COUNTS, key="tuition_school", subject=school) == 0
    with db.connection() as tx:
        assert recount(tx) == []


def test_one_bad_number_loses_nothing_that_was_typed(
    xa: Clerk, member: Callable[..., Clerk], village: Village, school: int
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    first, second = _class(own, school, "3A"), _class(own, school, "10B")
    own.get(at)
    assert "placeholder" not in own.page
    for bad in ("-1", "mười", "501", "", "2.5"):
        typed = {
            f"paying_{first}": "7",
            f"pupils_{first}": "29",
            f"paying_{second}": "0",
            f"pupils_{second}": bad,
        }
        answer = own.post(f"{at}/counts", day="2024-04-11", form_key=KEY, **typed)
        assert answer.status_code == 400, bad
        assert f"Lớp 10B: số không hợp lệ (0 / {bad or '–'})" in own.page
        assert (
            'value="7"' in own.page
            and 'value="29"' in own.page
            and 'value="2024-04-11"' in own.page
        )
    own.post(f"{at}/counts", day="2025-01-01", form_key=KEY, **typed)
    assert 'value="29"' in own.page, "a day to come loses nothing either"
    assert own.ask("SELECT COUNT(*) FROM class_counts") == 0


def test_what_is_no_class_is_refused_and_a_slip_is_renamed_or_removed(
    xa: Clerk, member: Callable[..., Clerk], village: Village, school: int
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    for wrong in ("Nguyễn Văn An", "An", "lớp", "3A học sinh giỏi"):
        own.post(f"{at}/classes", name=wrong)
        assert "Tên lớp có số khối" in own.page, wrong
    assert own.ask("SELECT COUNT(*) FROM classes") == 0
    first, slip = _class(own, school, "Lớp 10A12"), _class(own, school, "3 b")
    assert own.post(f"{at}/classes/{slip}/rename", name="10a12").status_code == 400
    assert "Đã có lớp 10A12" in own.page
    assert 'id="change" open' in own.page and 'value="10a12"' in own.page, (
        "what was typed is still there"
    )
    own.post(f"{at}/classes/{slip}/rename", name="Bé An")
    assert "Tên lớp có số khối" in own.page and 'value="Bé An"' in own.page
    own.post(f"{at}/classes/{slip}/rename", name="3 b")
    assert language.say("vi", "class_same", name="3B") in own.page
    own.post(f"{at}/classes/{slip}/rename", name="3c")
    assert own.ask("SELECT name FROM classes WHERE id = :id", id=slip) == "3C"
    own.post(
        f"{at}/counts",
        day="2024-04-11",
        form_key=KEY,
        **{f"paying_{first}": 1, f"pupils_{first}": 2},
    )
    own.post(f"{at}/classes/{first}/remove")
    assert "không xóa được" in own.page
    own.post(f"{at}/classes/{slip}/remove")
    assert "Đã xóa lớp 3C" in own.page
    assert own.ask("SELECT COUNT(*) FROM classes") == 1
    other = xa.ask("SELECT id FROM businesses WHERE name = 'Trường Trung học cơ sở'")
    of_other = _class(xa, other, "6A")
    for act in ("rename", "remove"):
        assert (
            own.send(
                f"/staff/schools/{other}/classes/{of_other}/{act}", name="7A"
            ).status_code
            == 404
        )
        assert own.send(f"{at}/classes/{of_other}/{act}", name="7A").status_code == 404


def test_a_class_that_moves_up_keeps_its_parents_its_counts_and_the_texts_for_it(
    xa: Clerk,
    member: Callable[..., Clerk],
    signed_in: Callable[[str], Clerk],
    village: Village,
    school: int,
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    moved, stays = _class(own, school, "3A"), _class(own, school, "4B")
    own.post(
        f"{at}/classes/{moved}/parents",
        phone="0990000041",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    own.post(
        f"{at}/classes/{stays}/parents",
        phone="0990000042",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    own.post(
        f"{at}/counts",
        day="2024-04-11",
        form_key=KEY,
        **{f"paying_{moved}": 7, f"pupils_{moved}": 29},
    )
    own.post(f"{at}/notice", words="Lớp nghỉ học thứ Hai.", **{"class": moved})
    own.post(f"{at}/notice", words="Mai họp phụ huynh.", **{"class": stays})
    own.post(f"{at}/classes/{moved}/rename", name="lớp 4a")
    assert language.say("vi", "class_renamed", was="3A", name="4A") in own.page
    assert language.say("vi", "class_renamed_texts", number="1") in own.page
    own.get(at)
    assert f'classes/{moved}">4A</a>' in own.page and ">3A<" not in own.page
    assert (
        language.say("vi", "class_counted", paying="7", pupils="29", day="T5 11/4/2024")
        in own.page
    )
    rules = [
        own.ask("SELECT rule FROM broadcasts ORDER BY id LIMIT 1 OFFSET :at", at=row)
        for row in (0, 1)
    ]
    assert rules == [
        f'{{"school": ["Trường Tiểu học Quảng Lạc / {name}"]}}' for name in ("4A", "4B")
    ]
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    named = "Trường Tiểu học Quảng Lạc"
    assert (
        language.say("vi", "trail_class_renamed", school_of=named, was="3A", name="4A")
        in admin.page
    )
    assert language.say("vi", "trail_class", name="4A", school=named) in admin.page, (
        "under its name of today"
    )
    assert not re.search(r"· (class|school) \d", admin.page)


def test_a_school_that_is_renamed_keeps_the_texts_that_are_for_it(
    xa: Clerk,
    member: Callable[..., Clerk],
    signed_in: Callable[[str], Clerk],
    village: Village,
    school: int,
) -> None:
    own, at = member("school", school_id=school), f"/staff/schools/{school}"
    of_class = _class(own, school, "3A")
    own.post(
        f"{at}/classes/{of_class}/parents",
        phone="0990000041",
        agreed_on="2024-04-10",
        asked="form",
        agreed="1",
    )
    own.post(f"{at}/notice", words="Mai họp phụ huynh.")
    own.post(f"{at}/notice", words="Lớp nghỉ học thứ Hai.", **{"class": of_class})
    renamed = {"kind": "school", "name": "Trường Tiểu học Hoa Sen"}
    xa.post(f"/staff/businesses/{school}/edit", **renamed)
    assert language.say("vi", "school_renamed_texts", number="2") in xa.page
    newest = xa.ask("SELECT MAX(id) FROM broadcasts")
    xa.get(f"/staff/broadcasts/{newest}/audience")
    assert 'name="a_school" value="Trường Tiểu học Hoa Sen / 3A" checked' in xa.page
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    was = "Trường Tiểu học Quảng Lạc"
    told = language.say("vi", "trail_renamed", was=was, name=renamed["name"])
    assert told in admin.page


def test_a_school_sees_itself_alone_and_a_reader_no_school(
    member: Callable[..., Clerk],
    signed_in: Callable[[str], Clerk],
    xa: Clerk,
    school: int,
) -> None:
    other = xa.ask("SELECT id FROM businesses WHERE name = 'Trường Trung học cơ sở'")
    own = member("school", school_id=school)
    of_other = _class(xa, other, "6A")
    assert own.get(f"/staff/schools/{other}").status_code == 404
    assert own.get(f"/staff/schools/{other}/classes/{of_other}").status_code == 404
    assert own.get(f"/staff/schools/{school}/classes/{of_other}").status_code == 404
    for path in (f"/staff/schools/{other}/counts", f"/staff/schools/{other}/classes"):
        assert own.send(
            path, day="2024-04-12", form_key=KEY, name="7A"
        ).status_code in (404, 303)
    assert own.ask("SELECT COUNT(*) FROM classes WHERE school_id = :id", id=other) == 1
    for path in (
        "/staff/people/",
        "/staff/businesses/",
        "/staff/lists/",
        "/staff/mine/",
    ):
        assert own.get(path).status_code == 403
    assert signed_in("xem").get(f"/staff/schools/{school}").status_code == 403


def test_an_erased_person_is_no_parent_and_owns_nothing(
    xa: Clerk, village: Village, db: Database, school: int, shop: int, clock: Clock
) -> None:
    of_class = _class(xa, school, "3A")
    form = {
        "phone": "0990 000 001",
        "agreed_on": "2024-04-10",
        "agreed": "1",
        "asked": "form",
    }
    xa.post(f"/staff/schools/{school}/classes/{of_class}/parents", **form)
    xa.post(
        f"/staff/businesses/{shop}/edit",
        kind="household_business",
        name="Tạp hóa",
        hamlet=village.trung,
        owner="Nông Thị Hoa",
        phone="0990 000 001",
    )
    with db.transaction() as tx:
        erasure.erase(
            tx, "a privacy key of the tests, nothing else", factories.phone(1), clock.ms
        )
        assert tx.value(text("SELECT COUNT(*) FROM parents")) == 0
        assert tx.value(text("SELECT COUNT(owner_id) FROM businesses")) == 0


def test_a_phone_is_asked_again_whether_the_app_is_still_there(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    at = f"/staff/people/{village.hoa}"
    assert xa.send(f"{at}/app", app="kept", form_key=KEY).status_code == 400, (
        "it was never installed"
    )
    xa.post(f"{at}/log", indicator="app_citizen", form_key=KEY)
    assert "App còn dùng" not in xa.page, "not on the day itself"
    assert (
        xa.send(f"{at}/log", indicator="app_kept", form_key=KEY + "k").status_code
        == 400
    ), "no tick of its own"
    clock.now += timedelta(days=30)
    xa.sign_in("xa")
    xa.get(at)
    assert "App còn dùng" in xa.page
    for _ in range(2):
        xa.post(f"{at}/app", app="kept", form_key=KEY + "1")
    assert xa.ask(COUNTS, key="app_kept", subject=village.hoa) == 1
    assert "Sửa: đã gỡ" in xa.page
    clock.now += timedelta(days=30)
    xa.sign_in("xa")
    xa.post(f"{at}/app", app="gone", form_key=KEY + "2")
    assert xa.ask(COUNTS, key="app_kept", subject=village.hoa) == 0
    assert xa.ask(COUNTS, key="app_citizen", subject=village.hoa) == 1, (
        "installed it was"
    )
    xa.post(f"{at}/app", app="kept", form_key=KEY + "3")
    assert xa.ask(COUNTS, key="app_kept", subject=village.hoa) == 1
    xa.get("/staff/progress/app_kept")
    assert "<b>1</b>" in xa.page
    with db.connection() as tx:
        assert recount(tx) == []
