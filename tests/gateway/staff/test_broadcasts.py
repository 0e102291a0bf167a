"""A broadcast at the desk from its first word to the visit list."""

from __future__ import annotations

import csv
import functools
import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from db.broadcasts import control, drafts, errors, ledger, reasons
from db.models import installation, messages, stops
from db.register import identity
from db.store.engine import Database, to_ms
from db.store.statements import Statement
from gateway.context import EXTENSION
from gateway.staff import language
from scheduler import broadcasts as clockwork
from scheduler.sending import Sending
from settings import Settings
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

WORDS = "Mời {name} tới {hall} đổi máy 4G. Nhắn {number} để đặt giờ."
Tick = Callable[[], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, sms_prices={"*:*": 500})


@pytest.fixture
def tick(db: Database, settings: Settings, clock: Clock, village: Village) -> Tick:
    """One round of the clock: lists are frozen, what is due leaves through the demo's
    simulator.
    """
    with db.transaction() as tx:
        factories.insert_row(tx, installation, id=1, kind="demo", since=clock.ms)

    def round_() -> None:
        clockwork.tend(db, settings, clock.now)
        Sending(db, settings, lambda: clock.now).until_empty()
        clockwork.tend(db, settings, clock.now)

    return round_


def register(
    db: Database, clock: Clock, hamlet_id: int, *numbers: int, handset: str = "2g"
) -> list[int]:
    """People of a hamlet as a list brought them."""
    with db.transaction() as tx:
        return [
            factories.person(
                tx,
                number=number,
                name=f"Lý Văn {number}",
                hamlet_id=hamlet_id,
                handset=handset,
                now=clock.ms,
            )
            for number in numbers
        ]


def written(clerk: Clerk, words: str = WORDS, **more: Any) -> int:
    """A draft to everybody, as the first step keeps it: its number."""
    form = {
        "class": "notice",
        "name": "Mời đổi máy",
        "vi": words,
        "en": "",
        "rule": "{}",
        **more,
    }
    clerk.post("/staff/broadcasts/new", **form)
    found = re.search(r"/staff/broadcasts/(\d+)/audience/counts", clerk.page)
    assert found, clerk.page
    return int(found[1])


def chosen(clerk: Clerk, number: int, **ticks: Any) -> None:
    if not any(name.startswith(("a_", "b_")) for name in ticks):
        ticks["everybody"] = 1
    clerk.post(f"/staff/broadcasts/{number}/audience", do="save", told_days=7, **ticks)


def seen(clerk: Clerk, number: int) -> str:
    """What the page showed, as its form names it."""
    clerk.get(f"/staff/broadcasts/{number}")
    found = re.search(r'name="seen" value="(\w+)"', clerk.page)
    assert found, clerk.page
    return found[1]


def started(clerk: Clerk, number: int, **more: Any) -> None:
    clerk.post(f"/staff/broadcasts/{number}/start", seen=seen(clerk, number), **more)


def listed(clerk: Clerk, path: str) -> dict[str, str]:
    """Name and what is said of each on a list."""
    clerk.get(path)
    found = {}
    for line in re.findall(
        r'<article class="line">(.*?)</article>', clerk.page, re.DOTALL
    ):
        name = re.search(r'people/\d+">([^<]+)</a>', line)
        said = re.search(r"<p[^>]*>(.*?)</p>", line, re.DOTALL)
        found[name[1] if name else ""] = " ".join(
            re.sub(r"<[^>]+>", "", said[1] if said else "").split()
        )
    return found


def outcomes(clerk: Clerk, number: int) -> dict[str, int]:
    """The sum on the page: chosen = sent + skipped + ..."""
    clerk.get(f"/staff/broadcasts/{number}")
    found = re.search(r'<p class="sum">(.*?)</p>', clerk.page, re.DOTALL)
    assert found, clerk.page
    plain = " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())
    return {
        name.strip(" =+"): int(count)
        for name, count in re.findall(r"([^\d]+?) (\d+)", plain)
    }


def test_from_the_first_word_to_the_visit_list(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    clock: Clock,
    village: Village,
    tick: Tick,
) -> None:
    register(db, clock, village.trung, 11, 12, 13)
    with db.transaction() as tx:
        factories.person(
            tx, name="Bà Không Số", hamlet_id=village.trung, handset="2g", now=clock.ms
        )
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Trung I", a_handset="2g", c_booked="yes")

    assert set(listed(xa, f"/staff/broadcasts/{number}/people")) == {
        "Lý Văn 11",
        "Lý Văn 12",
        "Lý Văn 13",
    }
    reasons_ = listed(xa, f"/staff/broadcasts/{number}/people?why=all")
    assert (
        reasons_["Nông Thị Hoa"]
        == "không thuộc nhóm được chọn (không khớp: thuộc nhóm trừ ra)"
    )
    assert (
        reasons_["Hoàng Văn Sơn"]
        == "không thuộc nhóm được chọn (không khớp: Thôn, thuộc nhóm trừ ra)"
    )
    assert reasons_["Bà Không Số"] == "không có số"
    assert reasons_["Lý Văn 11"].startswith(
        "Moi Ly Van 11 toi NVH Quang Trung I doi may 4G."
    )
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action = 'broadcast_people' AND detail LIKE '%+84%'"
        )
        == 0
    )
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'broadcast_people'") == 2

    person = xa.ask("SELECT id FROM people WHERE name = 'Lý Văn 12'")
    xa.post(f"/staff/broadcasts/{number}/test", person=person, phone="0990 000 900")
    assert "0990 000 900" in xa.page
    tick()
    tried = xa.ask(
        "SELECT text FROM messages WHERE phone = '+84990000900' AND status = 'SENT'"
    )
    assert tried.startswith("(Thu) Moi Ly Van 12 toi")

    other = signed_in("quantri")
    other.post(f"/staff/broadcasts/{number}/approve", seen=seen(other, number))
    assert "Đã được duyệt lúc 9h00 T6 12/4, người duyệt: quantri." in other.page
    started(other, number)
    assert "Đang lập danh sách" in other.page
    tick()
    assert outcomes(other, number) == {
        "Được chọn": 3,
        "Đã gửi": 3,
        "Bỏ qua": 0,
        "Không gửi được": 0,
        "Không rõ": 0,
        "Đang chờ": 0,
    }
    assert "Đã xong" in other.page
    assert "dự tính 3 phần, 1.500 đồng" in other.page
    assert "thực tế 3 phần, 1.500 đồng" in other.page
    assert set(
        listed(
            other,
            f"/staff/broadcasts/{number}/people?outcome=sent&hamlet={village.trung}",
        )
    ) == {
        "Lý Văn 11",
        "Lý Văn 12",
        "Lý Văn 13",
    }
    assert set(
        listed(
            other, f"/staff/broadcasts/{number}/people?outcome=left+out&why=no+number"
        )
    ) == {"Bà Không Số"}

    assert len(listed(other, f"/staff/broadcasts/{number}/people")) == 3
    assert len(listed(other, f"/staff/broadcasts/{number}/people?outcome=all")) == 6
    other.get(f"/staff/broadcasts/{number}/not-reached?hamlet={village.trung}")
    assert "Bà Không Số" in other.page
    assert "Lý Văn" not in other.page
    assert "Mời bà con tới Nhà văn hóa Quảng Trung I đổi máy 4G." in other.page
    trail = re.findall(
        r"<li>\s*<span>(.*?)</span>",
        other.get(f"/staff/broadcasts/{number}").text,
        re.DOTALL,
    )
    acts = [re.sub(r"<.*", "", one, flags=re.DOTALL).strip() for one in trail]
    assert acts == ["Soạn", "Sửa", "Gửi thử", "Duyệt", "Bắt đầu", "Giá dự tính"]
    with db.connection() as tx:
        assert ledger.check(tx) == []


def test_a_trial_obeys_refusals_consents_and_a_limit(
    xa: Clerk, db: Database, clock: Clock, village: Village, settings: Settings
) -> None:
    """It is a text like others: whatever number was typed, whoever has it."""
    (person,) = register(db, clock, village.trung, 21)
    number = written(xa, "Mời họp thôn.")
    chosen(xa, number, everybody="1")

    def tries(phone: str) -> str:
        xa.post(f"/staff/broadcasts/{number}/test", person=person, phone=phone)
        return xa.page

    with db.transaction() as tx:
        tx.run(
            stops.insert().values(
                who=identity.who(settings.privacy_key, "+84990000901"),
                what="all",
                at=clock.ms,
            )
        )
    assert "đã xin ngừng loại tin này" in tries("0990 000 901")
    for _ in range(10):
        tries("0990 000 902")
    assert "đã nhận 10 tin thử trong 24 giờ" in tries("0990 000 902")
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE kind = 'broadcast_test'") == 10
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM broadcast_acts WHERE act = 'tried' AND detail = '+84990***902'"
        )
        == 10
    )

    number = written(xa, "Ưu đãi 50%.", **{"class": "advert"})
    chosen(xa, number, everybody="1")
    assert "chưa đồng ý nhận quảng cáo" in tries("0990 000 021")


def test_pausing_holds_and_going_on_ends_it(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    register(db, clock, village.trung, *range(11, 16))
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Trung I")
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=2, pace_minutes=30
    )
    started(xa, number)
    tick()
    clock.now += timedelta(minutes=15)
    tick()
    assert outcomes(xa, number)["Đã gửi"] == 2
    xa.post(f"/staff/broadcasts/{number}/pause")
    assert "Đã tạm dừng. 2 tin đã đi." in xa.page
    clock.now += timedelta(hours=1)
    tick()
    assert outcomes(xa, number)["Đã gửi"] == 2
    xa.post(f"/staff/broadcasts/{number}/pause")
    assert "không đang chạy (Tạm dừng)" in xa.page
    xa.post(f"/staff/broadcasts/{number}/resume")
    assert "Gửi tiếp. 2 tin đã đi trước đó." in xa.page
    for _ in range(5):
        tick()
        clock.now += timedelta(minutes=15)
    assert outcomes(xa, number) == {
        "Được chọn": 6,
        "Đã gửi": 6,
        "Bỏ qua": 0,
        "Không gửi được": 0,
        "Không rõ": 0,
        "Đang chờ": 0,
    }


def test_stopping_for_good_is_asked_once(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    register(db, clock, village.trung, *range(11, 16))
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=1, pace_minutes=30
    )
    started(xa, number)
    tick()
    xa.post(f"/staff/broadcasts/{number}/stop")
    assert "Dừng hẳn tin này?" in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "running"
    xa.post(f"/staff/broadcasts/{number}/stop", sure=1)
    assert "Đã dừng hẳn. 1 tin đã đi." in xa.page
    assert outcomes(xa, number)["Bỏ qua"] == 6
    assert "tin đã dừng" in xa.page
    xa.post(f"/staff/broadcasts/{number}/resume")
    assert "đã kết thúc (Đã dừng)" in xa.page


def test_a_draft_that_nobody_wants_any_more_is_discarded_once_asked(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    number = written(xa, name="Nháp thừa")
    for path in ("", "/words", "/audience", "/times"):
        xa.get(f"/staff/broadcasts/{number}{path}")
        assert f'action="/staff/broadcasts/{number}/discard"' in xa.page, path
    read_before = seen(xa, number)
    xa.post(f"/staff/broadcasts/{number}/discard")
    assert language.say("vi", "discard_sure") in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "draft"
    xa.post(f"/staff/broadcasts/{number}/discard", sure=1)
    assert language.say("vi", "broadcast_discarded", name="Nháp thừa") in xa.page
    xa.get("/staff/broadcasts/")
    assert "Nháp thừa" not in xa.page

    other = signed_in("quantri")
    gone = language.say("vi", "cast_discarded")
    for act in ("start", "approve"):
        other.post(f"/staff/broadcasts/{number}/{act}", seen=read_before)
        assert gone in other.page, act
    assert other.get(f"/staff/broadcasts/{number}/words").status_code == 303
    other.get(f"/staff/broadcasts/{number}")
    assert gone in other.page
    assert language.say("vi", "watch_listing") not in other.page
    assert language.say("vi", "broadcast_act_discarded") in other.page
    assert xa.ask("SELECT COUNT(*) FROM firings") == 0


def test_what_was_started_is_not_discarded(
    xa: Clerk, village: Village, tick: Tick
) -> None:
    number = written(xa)
    started(xa, number)
    xa.post(f"/staff/broadcasts/{number}/discard", sure=1)
    assert language.say("vi", "cast_draft_only") in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "running"


def test_a_text_that_paused_by_itself_is_work_for_whoever_may_let_it_go_on(
    xa: Clerk, thon: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa, name="Mời hai thôn")
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=1, pace_minutes=30
    )
    started(xa, number)
    tick()
    xa.post(f"/staff/broadcasts/{number}/pause")
    xa.get("/staff/mine/")
    assert "Mời hai thôn" not in xa.page  # whoever paused it by hand knows
    xa.post(f"/staff/broadcasts/{number}/resume")
    why = "failed: 20 of the last 50 texts"
    with db.transaction() as tx:
        control.pause(
            tx, number, commune_id=1, staff_id=None, now=to_ms(clock.now), why=why
        )
    xa.get("/staff/mine/")
    assert f'href="/staff/broadcasts/{number}"' in xa.page
    assert (
        language.say("vi", "broadcast_paused_failed", failed="20", texts="50")
        in xa.page
    )
    thon.get("/staff/mine/")
    assert "Mời hai thôn" not in thon.page
    xa.post(f"/staff/broadcasts/{number}/resume")
    xa.get("/staff/mine/")
    assert "Mời hai thôn" not in xa.page


def test_of_two_who_press_start_the_second_is_told_and_nothing_goes_twice(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    village: Village,
    tick: Tick,
) -> None:
    number, other = written(xa), signed_in("quantri")
    shown = seen(other, number)
    started(xa, number)
    other.post(f"/staff/broadcasts/{number}/start", seen=shown)
    assert "đã được bắt đầu trước đó (xa, 12/04 09:00)" in other.page
    tick()
    assert xa.ask("SELECT COUNT(*) FROM firings") == 1
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE kind = 'broadcast'") == 2


def test_an_approval_of_old_words_is_refused_and_a_later_change_takes_it_back(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    advert = written(xa, "Gói cước mới cho bà con.", **{"class": "advert"})
    other = signed_in("quantri")
    old = seen(other, advert)
    xa.post(f"/staff/broadcasts/{advert}/approve", seen=old)
    assert language.say("vi", "cast_own") in xa.page
    xa.post(
        f"/staff/broadcasts/{advert}/words",
        **{"class": "advert", "name": "Gói cước", "vi": "Gói khác.", "en": ""},
    )
    other.post(f"/staff/broadcasts/{advert}/approve", seen=old)
    assert "đã đổi từ khi mở trang này" in other.page
    other.post(f"/staff/broadcasts/{advert}/approve", seen=seen(other, advert))
    assert "Đã được duyệt" in other.page
    chosen(xa, advert, a_hamlet="Quảng Trung I")
    xa.get(f"/staff/broadcasts/{advert}")
    assert "nhưng lời nhắn hoặc người nhận đã đổi sau đó: cần duyệt lại" in xa.page
    xa.post(f"/staff/broadcasts/{advert}/start", seen="0")
    assert xa.ask("SELECT state FROM broadcasts") == "draft"


def test_who_may_approve_learns_of_it_once_its_author_asks(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    village: Village,
) -> None:
    with db.transaction() as tx:
        factories.consent(tx, village.hoa)
    advert = written(
        xa, "Gói cước mới cho bà con.", name="Gói cước", **{"class": "advert"}
    )
    chosen(xa, advert)
    other = signed_in("quantri")
    waits = language.say("vi", "broadcast_state_to_approve")

    def is_work_of(clerk: Clerk) -> bool:
        clerk.get("/staff/mine/")
        return f'href="/staff/broadcasts/{advert}"' in clerk.page

    assert not is_work_of(other), "nobody asked yet"
    xa.get(f"/staff/broadcasts/{advert}")
    asks = f'action="/staff/broadcasts/{advert}/want-approval"'
    assert asks in xa.page
    for _ in range(2):
        xa.post(f"/staff/broadcasts/{advert}/want-approval")
    assert asks not in xa.page
    assert (
        xa.ask("SELECT COUNT(*) FROM broadcast_acts WHERE act = 'approval wanted'") == 1
    )
    assert language.say("vi", "broadcast_act_approval_wanted") in xa.page
    xa.get("/staff/broadcasts/")
    assert f"{waits}</span>" in xa.page
    assert is_work_of(other)
    assert not is_work_of(xa), "its author cannot approve it"
    assert not is_work_of(thon)

    xa.post(
        f"/staff/broadcasts/{advert}/times", start="now", pace_many=5, pace_minutes=30
    )
    assert is_work_of(other), "its times are not what is approved"
    xa.post(
        f"/staff/broadcasts/{advert}/words",
        **{"class": "advert", "name": "Gói cước", "vi": "Gói khác.", "en": ""},
    )
    assert not is_work_of(other)
    xa.get("/staff/broadcasts/")
    assert f"{waits}</span>" not in xa.page
    xa.post(f"/staff/broadcasts/{advert}/want-approval")
    chosen(xa, advert, a_hamlet="Quảng Trung I")
    assert not is_work_of(other)
    xa.post(f"/staff/broadcasts/{advert}/want-approval")
    other.post(f"/staff/broadcasts/{advert}/approve", seen=seen(other, advert))
    assert not is_work_of(other)
    assert thon.send(f"/staff/broadcasts/{advert}/want-approval").status_code == 403


def test_a_draft_that_waits_for_approval_and_is_discarded_is_no_work(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    advert = written(
        xa, "Gói cước mới cho bà con.", name="Gói cước", **{"class": "advert"}
    )
    xa.post(f"/staff/broadcasts/{advert}/want-approval")
    other = signed_in("quantri")
    other.get("/staff/mine/")
    assert f'href="/staff/broadcasts/{advert}"' in other.page
    xa.post(f"/staff/broadcasts/{advert}/discard", sure=1)
    other.get("/staff/mine/")
    assert f'href="/staff/broadcasts/{advert}"' not in other.page
    xa.post(f"/staff/broadcasts/{advert}/want-approval")
    assert language.say("vi", "cast_discarded") in xa.page


def test_its_author_reads_once_that_somebody_else_has_to_approve_it(
    xa: Clerk, db: Database, village: Village, settings: Settings
) -> None:
    with db.transaction() as tx:
        for person_id in (village.hoa, village.son):
            factories.consent(tx, person_id)
        who = identity.who(settings.privacy_key, factories.phone(2))
        tx.run(stops.insert().values(who=who, what="advert", at=1))
    advert = written(xa, "Gói cước mới cho bà con.", **{"class": "advert"})
    chosen(xa, advert)
    xa.get(f"/staff/broadcasts/{advert}")
    assert xa.page.count(language.say("vi", "check_needs_advert")) == 1
    assert xa.page.count("không duyệt được") == 0
    assert language.say("vi", "cast_own") not in xa.page
    assert language.say("vi", "left_no_adverts") in xa.page
    assert language.say("vi", "left_opted_out") not in xa.page


def test_who_chose_the_people_last_does_not_approve_them(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    number, other = written(xa), signed_in("quantri")
    chosen(other, number, a_hamlet="Quảng Trung I")
    other.post(f"/staff/broadcasts/{number}/approve", seen=seen(xa, number))
    assert language.say("vi", "cast_own") in other.page


def test_more_people_than_one_may_decide_about_need_a_second_pair_of_eyes(
    xa: Clerk, db: Database, clock: Clock, village: Village, app: Any
) -> None:
    number = written(xa)
    context = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(
        context, settings=replace(context.settings, approve_above=1)
    )
    xa.get(f"/staff/broadcasts/{number}")
    assert "Gửi cho hơn 1 người: phải có người khác duyệt" in xa.page
    assert "/start" not in xa.page
    found = xa.ask("SELECT id FROM broadcasts")
    with db.connection() as tx:
        digest = drafts.digest(drafts.get(tx, found, 1))
    xa.post(f"/staff/broadcasts/{number}/start", seen=digest)
    assert "Cần người khác duyệt, không phải người soạn." in xa.page


def test_a_price_above_the_budget_is_confirmed_first(
    xa: Clerk, village: Village, app: Any
) -> None:
    context = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(
        context, settings=replace(context.settings, broadcast_budget=900)
    )
    number = written(xa)
    started(xa, number)
    assert "Giá 1.000 đồng, vượt mức cho phép" in xa.page
    assert "Tôi biết giá 1.000 đồng vượt mức 900 đồng" in xa.page
    started(xa, number, price_seen=1)
    assert xa.ask("SELECT state FROM broadcasts") == "running"


def test_what_changed_since_the_page_was_opened_does_not_start(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    shown = seen(xa, number)
    xa.post(
        f"/staff/broadcasts/{number}/words",
        **{"class": "notice", "name": "Mời", "vi": "Lời khác.", "en": ""},
    )
    xa.post(f"/staff/broadcasts/{number}/start", seen=shown)
    assert "Tin đã đổi từ khi mở trang này. Đọc lại rồi bắt đầu." in xa.page
    assert xa.ask("SELECT COUNT(*) FROM firings") == 0


def test_a_hamlet_that_is_gone_is_said_everywhere_and_nothing_starts(
    xa: Clerk, db: Database, village: Village
) -> None:
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Liên I")
    shown = seen(xa, number)
    with db.transaction() as tx:
        tx.run(
            text("UPDATE hamlets SET name = 'Quảng Hợp' WHERE name = 'Quảng Liên I'")
        )
    gone = "Không còn thôn “Quảng Liên I”. Chọn lại thôn."
    for path in ("", "/audience", "/people"):
        xa.get(f"/staff/broadcasts/{number}{path}")
        assert gone in xa.page, path
    xa.post(f"/staff/broadcasts/{number}/start", seen=shown)
    assert gone in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "draft"


def test_a_hamlet_with_a_new_name_is_the_same_hamlet_at_every_step(
    xa: Clerk, db: Database, village: Village
) -> None:
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Liên I")
    with db.transaction() as tx:
        tx.run(
            text("UPDATE hamlets SET name = 'Quảng Hợp' WHERE id = :id"),
            id=village.lien,
        )
        tx.run(
            text(
                "INSERT INTO hamlet_aliases (hamlet_id, folded) VALUES (:id, 'quang lien i')"
            ),
            id=village.lien,
        )
    xa.get(f"/staff/broadcasts/{number}/audience")
    assert "Không còn thôn" not in xa.page
    assert 'name="a_hamlet" value="Quảng Hợp" checked' in xa.page
    assert 'value="Quảng Liên I"' not in xa.page
    xa.get(f"/staff/broadcasts/{number}")
    assert "<li>Thôn: Quảng Hợp</li>" in xa.page


def test_groups_within_a_rule_stand_in_brackets(xa: Clerk, db: Database) -> None:
    number = written(xa)
    nested = {
        "any": [
            {"poor": ["yes"]},
            {"any": [{"booked": True, "waiting": False}, {"sim": ["2g"]}]},
        ],
        "not": {"converted": True, "booked": True},
    }
    with db.transaction() as tx:
        tx.run(text("UPDATE broadcasts SET rule = :rule"), rule=json.dumps(nested))
    xa.get(f"/staff/broadcasts/{number}")
    lines = [
        " ".join(line.split()) for line in re.findall(r"<li>([^<]*)</li>", xa.page)
    ]
    say = functools.partial(language.say, "vi")
    booked = f"{say('member_booked')}: {say('yes')}"
    waiting = f"{say('member_waiting')}: {say('no')}"
    sim = f"{say('member_sim')}: {say('sim_2g')}"
    assert (
        f"{say('member_poor')}: {say('poor_yes')} hoặc (({booked}; và {waiting}) hoặc {sim})"
        in lines
    )
    assert f"Trừ ra: ({say('member_converted')}: {say('yes')}; và {booked})" in lines


def test_a_field_somebody_has_nothing_for_stops_it_with_their_names(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        tx.run(text("UPDATE people SET name = '' WHERE id = :id"), id=village.son)
    number = written(xa, "Chào {name}.")
    xa.get(f"/staff/broadcasts/{number}")
    assert "1 người không có gì cho ô {name}:" in xa.page
    assert f'href="/staff/people/{village.son}"' in xa.page
    assert "/start" not in xa.page
    assert (
        "không có gì cho ô name"
        in listed(xa, f"/staff/broadcasts/{number}/people?why=chosen")["Chưa có tên"]
    )


def test_a_hall_that_differs_from_one_to_the_next_is_said_before_the_start(
    xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    """ "Họp thôn tối nay tại {hall}" would send a hamlet to different halls."""
    with db.transaction() as tx:
        factories.event_with_slots(
            tx,
            hall_id=village.other_hall,
            starts=clock.now + timedelta(days=1),
            capacity=9,
        )
    register(db, clock, village.lien, 31)
    number = written(xa, "Họp tại {hall}.")
    chosen(xa, number, everybody="1")
    xa.get(f"/staff/broadcasts/{number}")
    assert "Ô {hall} khác nhau theo người" in xa.page
    assert "NVH Quảng Trung I: 2" in xa.page
    same = written(xa, "Họp thôn.")
    chosen(xa, same, everybody="1")
    xa.get(f"/staff/broadcasts/{same}")
    assert "Ô {hall} khác nhau" not in xa.page


def test_words_are_counted_on_the_server_as_one_types(
    xa: Clerk, village: Village
) -> None:
    def sample(words: str, **more: str) -> str:
        answer = xa.send(
            "/staff/broadcasts/sample",
            **{"vi": words, "en": "", "class": "notice", **more},
        )
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    xa.get("/staff/broadcasts/new")
    assert "Moi ba con doi may. 19 / 160 ký tự 1 phần 500 đồng cho một tin" in sample(
        "Mời bà con đổi máy."
    )
    assert "161 / 306 ký tự 2 phần 1.000 đồng" in sample("a" * 161)
    assert "Quá dài: nhiều nhất 3 phần" in sample("a" * 460)
    assert "Moi Nong Thi Hoa" in sample("Mời {name}")
    assert "Không có ô {ten}" in sample("Mời {ten}")
    assert "dấu ngoặc nhọn đứng lẻ" in sample("Mời {name")
    dear = sample("Giá 5€ 🎉")
    assert "tốn gấp đôi chỗ hoặc làm tin đắt hơn: €" in dear
    assert "không gửi được, sẽ bị bỏ: 🎉" in dear
    sells = language.say("vi", "broadcast_sells", words="Khuyến mại")
    assert sells in sample("Khuyến mại lớn")
    assert "[QC] Khuyen mai. Tu choi: soan TC" in sample(
        "Khuyến mại.", **{"class": "advert"}
    )
    assert sells not in sample("Khuyến mại.", **{"class": "advert"})


def test_words_that_are_too_long_are_kept_and_stay_where_they_can_be_shortened(
    xa: Clerk, village: Village
) -> None:
    answer = xa.post(
        "/staff/broadcasts/new", **{"class": "notice", "name": "Dài", "vi": "a" * 460}
    )
    number = re.search(r"/broadcasts/(\d+)/words$", answer.headers["Location"])
    assert number
    assert "Đã lưu bản nháp. Lời nhắn còn quá dài" in xa.page
    answer = xa.post(
        f"/staff/broadcasts/{number[1]}/words",
        **{"class": "notice", "name": "Ngắn", "vi": "Mời họp."},
    )
    assert answer.headers["Location"].endswith("/audience")


def test_without_a_script_a_button_counts_too(xa: Clerk, village: Village) -> None:
    xa.post(
        "/staff/broadcasts/new",
        look=1,
        **{"class": "notice", "name": "Thử", "vi": "Chào bà con.", "en": ""},
    )
    assert "/ 160 ký tự" in xa.page
    assert 'value="Thử"' in xa.page
    assert xa.ask("SELECT COUNT(*) FROM broadcasts") == 0
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/audience",
        do="count",
        told_days=7,
        a_hamlet="Quảng Trung I",
    )
    assert re.search(r"<b>1</b>\s*<span>người sẽ nhận · trong 2 người", xa.page)
    assert xa.ask("SELECT rule FROM broadcasts") == "{}"


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"class": "", "vi": "Chào."}, "Xin chọn loại tin"),
        ({"name": " ", "vi": "Chào."}, "Xin đặt tên"),
        ({"vi": "  "}, "Chưa có lời nhắn tiếng Việt"),
        ({"vi": "Chào {ai}."}, "Không có ô {ai}"),
        (
            {"vi": "Chào.", "rule": '{"school": ["THCS"]}'},
            "Không có trường hoặc lớp “THCS”",
        ),
        ({"vi": "Chào.", "rule": "không phải"}, "Nhóm người nhận không đọc được"),
    ],
)
def test_what_cannot_be_a_broadcast_is_refused_and_what_was_typed_stays(
    xa: Clerk, village: Village, form: dict[str, str], problem: str
) -> None:
    answer = xa.post(
        "/staff/broadcasts/new",
        **{"class": "notice", "name": "Tên cũ", "en": "", **form},
    )
    assert problem in xa.page
    assert answer.status_code == 400
    assert xa.ask("SELECT COUNT(*) FROM broadcasts") == 0


def test_what_is_asked_of_a_text_by_session_is_closed_for_one_that_goes_once(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    at = f"/staff/broadcasts/{number}/times"
    closed = '<details class="by-event">'
    opened = '<details class="by-event" open>'
    xa.get(at)
    assert closed in xa.page
    inside = xa.page.split(closed)[1].split("</details>")[0]
    for name in ("event_many", "event_unit", "event_side", "event_to", "event_kinds"):
        assert f'name="{name}"' in inside, name
        assert xa.page.count(f'name="{name}"') == inside.count(f'name="{name}"'), name
    assert language.say("vi", "times_event") in inside
    xa.post(at, start="now", repeats="event", event_many="")
    assert language.say("vi", "cast_offset") in xa.page
    assert opened in xa.page
    xa.post(
        at,
        start="now",
        repeats="event",
        event_many=1,
        event_unit="days",
        event_side="before",
    )
    xa.get(at)
    assert opened in xa.page
    xa.post(at, start="now", repeats="")
    xa.get(at)
    assert closed in xa.page


def test_times_are_kept_as_the_commune_reads_its_clock(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    at = f"/staff/broadcasts/{number}/times"
    xa.post(
        at,
        start="later",
        not_before="2024-04-13T08:30",
        not_after="2024-04-13T11:00",
        repeats="weekly",
        repeat_until="2024-05-31",
        good_for=3,
        pace_many=40,
        pace_minutes=30,
    )
    assert "Gửi từ 8h30 T7 13/4" in xa.page
    assert "Không gửi sau 11h00 T7 13/4" in xa.page
    assert "Hằng tuần, đến hết T6 31/5/2024" in xa.page
    assert "Nhiều nhất 40 tin trong 30 phút" in xa.page
    assert "Tin đầu tiên đi lúc 8h30 T7 13/4" in xa.page
    xa.post(
        at, start="later", not_before="2024-04-13T08:30", not_after="2024-04-13T08:00"
    )
    assert "Hạn gửi phải sau lúc bắt đầu" in xa.page
    xa.post(at, start="later", not_before="hôm nào")
    assert "“hôm nào” không phải là ngày giờ" in xa.page


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"not_after": "2024-04-12T08:00"}, "Hạn gửi đã qua"),
        (
            {"start": "later", "not_before": ""},
            "Chọn “Gửi từ lúc” thì xin ghi ngày giờ",
        ),
        (
            {"repeats": "daily", "repeat_until": "2024-04-11"},
            "Ngày cuối để lặp lại nằm trước lần gửi đầu tiên",
        ),
        (
            {
                "start": "later",
                "not_before": "2024-04-13T22:00",
                "not_after": "2024-04-14T06:30",
            },
            "nên trong hạn này không tin nào đi được: sớm nhất là 7h00 CN 14/4",
        ),
        (
            {
                "start": "later",
                "not_before": "2024-04-13T21:30",
                "repeats": "daily",
                "good_for": 5,
            },
            "không tin nào đi được: sớm nhất là 7h00 CN 14/4",
        ),
        (
            {"repeats": "event", "event_many": 99, "event_unit": "days"},
            "từ 1 giờ tới 60 ngày",
        ),
    ],
)
def test_times_at_which_nothing_could_go_are_refused(
    xa: Clerk, village: Village, form: dict[str, str], problem: str
) -> None:
    number = written(xa)
    answer = xa.post(f"/staff/broadcasts/{number}/times", **{"start": "now", **form})
    assert answer.status_code == 400
    assert problem in xa.page
    assert xa.ask("SELECT COUNT(*) FROM broadcast_acts WHERE act = 'edited'") == 0


def test_a_deadline_that_passed_meanwhile_stands_in_red_and_nothing_starts(
    xa: Clerk, clock: Clock, village: Village
) -> None:
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", not_after="2024-04-12T11:00"
    )
    shown = seen(xa, number)
    assert "Hạn gửi đã qua" not in xa.page
    clock.now += timedelta(hours=2, minutes=1)
    xa.get(f"/staff/broadcasts/{number}")
    assert "Hạn gửi đã qua" in xa.page
    assert "/start" not in xa.page
    xa.post(f"/staff/broadcasts/{number}/start", seen=shown)
    assert "Hạn gửi đã qua" in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "draft"


def test_what_leaves_later_is_called_scheduled_and_says_when(
    xa: Clerk, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="later",
        not_before="2024-04-12T11:00",
    )
    started(xa, number)
    tick()
    xa.get(f"/staff/broadcasts/{number}")
    assert "Đã hẹn giờ</span>" in xa.page
    assert "Tin đầu tiên đi lúc 11h00 T6 12/4." in xa.page
    xa.get("/staff/broadcasts/")
    assert "Đã hẹn giờ</span>" in xa.page
    assert "gửi từ 11h00 T6 12/4" in xa.page
    waits = listed(xa, f"/staff/broadcasts/{number}/people?outcome=waiting")
    assert set(waits.values()) == {"chờ tới giờ gửi, 11h00 T6 12/4"}
    xa.post(f"/staff/broadcasts/{number}/pause")
    xa.get(f"/staff/broadcasts/{number}")
    assert "Tạm dừng</span>" in xa.page
    waits = listed(xa, f"/staff/broadcasts/{number}/people?outcome=waiting")
    assert set(waits.values()) == {"tin đang tạm dừng"}
    xa.post(f"/staff/broadcasts/{number}/resume")
    clock.now += timedelta(hours=2)
    tick()
    assert outcomes(xa, number)["Đã gửi"] == 2
    assert "Đã hẹn giờ" not in xa.page


def texted(
    db: Database,
    clock: Clock,
    person: int,
    many: int,
    *,
    every: timedelta,
    text_class: str = "notice",
) -> None:
    """So many texts of ours that the number of a person had until now, the last of them
    just now.
    """
    sent = {
        "commune_id": 1,
        "direction": "out",
        "kind": "face_1d",
        "class": text_class,
        "priority": 5,
    }
    with db.transaction() as tx:
        for before in range(many):
            at = to_ms(clock.now - before * every)
            factories.insert_row(
                tx,
                messages,
                **sent,
                status="SENT",
                phone=factories.phone(person),
                made_at=at,
                not_before=at,
                sent_at=at,
            )


def test_several_who_had_their_texts_wait_until_the_earliest_of_them_may_be_texted(
    xa: Clerk,
    db: Database,
    clock: Clock,
    village: Village,
    settings: Settings,
    tick: Tick,
) -> None:
    texted(db, clock, 1, settings.texts_a_day, every=timedelta(minutes=5))
    texted(db, clock, 2, settings.texts_a_day, every=timedelta(minutes=20))
    number = written(xa)
    started(xa, number)
    tick()
    first = clock.now - timedelta(minutes=20) * (settings.texts_a_day - 1)
    earliest = language.stamp(to_ms(first + timedelta(days=1)), "vi")
    assert why_waiting(xa, number) == {
        f"đã nhận đủ số tin trong ngày, gửi tiếp sớm nhất lúc {earliest}": 2
    }


def test_before_the_start_it_is_said_how_many_will_wait_and_until_when(
    xa: Clerk, db: Database, clock: Clock, village: Village, settings: Settings
) -> None:
    texted(db, clock, 1, settings.texts_a_day, every=timedelta(minutes=20))
    texted(db, clock, 2, settings.texts_a_day - 1, every=timedelta(minutes=20))
    number = written(xa)
    xa.get(f"/staff/broadcasts/{number}")
    first = clock.now - timedelta(minutes=20) * (settings.texts_a_day - 1)
    until = language.stamp(to_ms(first + timedelta(days=1)), "vi")
    assert language.say("vi", "check_put_off", number="1", when=until) in xa.page
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="later",
        not_before="2024-04-14T09:00",
    )
    assert "đã nhận đủ số tin trong ngày" not in xa.page, (
        "two days later nobody has to wait"
    )


def test_an_advert_says_before_the_start_who_had_their_three(
    xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    with db.transaction() as tx:
        factories.consent(tx, village.hoa)
        factories.consent(tx, village.son)
    texted(db, clock, 1, 3, every=timedelta(minutes=20), text_class="advert")
    number = written(xa, "Gói cước mới cho bà con.", **{"class": "advert"})
    xa.get(f"/staff/broadcasts/{number}")
    first = clock.now - timedelta(minutes=40)
    until = language.stamp(to_ms(first + timedelta(days=1)), "vi")
    assert language.say("vi", "check_put_off", number="1", when=until) in xa.page


def test_the_list_of_a_scheduled_text_is_frozen_at_once_and_the_pages_say_so(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="later",
        not_before="2024-04-12T11:00",
    )
    xa.get(f"/staff/broadcasts/{number}/people")
    assert language.say("vi", "people_foreseen", number="2") in xa.page
    xa.get(f"/staff/broadcasts/{number}")
    assert language.say("vi", "check_start_freezes") in xa.page
    started(xa, number)
    tick()
    register(db, clock, village.trung, 11)
    why = language.say("vi", "cast_scheduled")
    copy = language.say("vi", "watch_copy")
    stop = language.say("vi", "watch_stop")
    assert f"“{stop}”" in why
    assert f"“{copy}”" in why
    xa.get(f"/staff/broadcasts/{number}/words")
    xa.get(f"/staff/broadcasts/{number}")
    assert why in xa.page
    xa.post(f"/staff/broadcasts/{number}/discard", sure=1)
    assert why in xa.page
    clock.now += timedelta(hours=3)
    tick()
    assert outcomes(xa, number)["Đã gửi"] == 2, (
        "whoever registered later is not on the list"
    )
    xa.get(f"/staff/broadcasts/{number}/words")
    xa.get(f"/staff/broadcasts/{number}")
    assert language.say("vi", "cast_draft_only") in xa.page
    daily = written(xa)
    xa.post(
        f"/staff/broadcasts/{daily}/times", start="now", repeats="daily", good_for=3
    )
    xa.get(f"/staff/broadcasts/{daily}/people")
    assert language.say("vi", "people_foreseen_each", number="3") in xa.page


def test_who_waits_says_why_and_until_when(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    clock: Clock,
    village: Village,
    settings: Settings,
    tick: Tick,
) -> None:
    register(db, clock, village.trung, 11)
    texted(db, clock, 1, settings.texts_a_day, every=timedelta(minutes=17))
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=1, pace_minutes=30
    )
    started(xa, number)
    tick()
    first = clock.now - timedelta(minutes=17 * (settings.texts_a_day - 1))
    again = language.stamp(to_ms(first + timedelta(days=1)), "vi")
    assert listed(xa, f"/staff/broadcasts/{number}/people?outcome=waiting") == {
        "Nông Thị Hoa": f"đã nhận đủ số tin trong ngày, gửi tiếp sớm nhất lúc {again}",
        "Lý Văn 11": "chưa tới lượt",
    }
    assert why_waiting(xa, number) == {
        f"đã nhận đủ số tin trong ngày, gửi tiếp sớm nhất lúc {again}": 1,
        "chưa tới lượt: nhiều nhất 1 tin trong 30 phút": 1,
    }
    clock.now = clock.now.replace(hour=15)  # ten in the evening in the commune
    later = signed_in("quantri")
    assert why_waiting(later, number)["chờ tới giờ gửi, 7h00 T7 13/4"] == 1
    later.post(f"/staff/broadcasts/{number}/pause")
    assert why_waiting(later, number) == {"tin đang tạm dừng": 2}


def why_waiting(clerk: Clerk, number: int) -> dict[str, int]:
    """What the page of a broadcast says of those who still wait, and of how many each
    is true.
    """
    clerk.get(f"/staff/broadcasts/{number}")
    said = re.findall(
        r"outcome=waiting\">([^<]*[^<\d\s][^<]*)</a>\s*<b>(\d+)</b>", clerk.page
    )
    return {why.strip(): int(people) for why, people in said}


def test_number_and_bar_are_those_who_were_sent_it_also_once_it_is_stopped(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    register(db, clock, village.trung, 11, 12)
    number = written(xa, "Chào bà con.")
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=1, pace_minutes=30
    )
    started(xa, number)
    tick()
    xa.post(f"/staff/broadcasts/{number}/stop", sure=1)
    assert outcomes(xa, number)["Bỏ qua"] == 3
    assert f"<b>1</b> / 4 <span>{language.say('vi', 'watch_sent')}</span>" in xa.page
    assert 'class="bar-done" width="25.00"' in xa.page


def test_stopping_tells_what_went_from_what_failed(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    register(db, clock, village.trung, 11, 12, 13)
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Trung I")
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", pace_many=12, pace_minutes=60
    )
    started(xa, number)
    tick()
    for _ in range(2):
        clock.now += timedelta(minutes=5)
        tick()
    with db.transaction() as tx:
        for person, status in (("Lý Văn 11", "FAILED"), ("Lý Văn 12", "LOST")):
            mark = "UPDATE messages SET status = :status WHERE person_id = (SELECT id FROM people WHERE name = :name)"
            assert tx.run(Statement(text(mark)), status=status, name=person) == 1
    xa.post(f"/staff/broadcasts/{number}/stop", sure=1)
    assert (
        "Đã dừng hẳn. 1 tin đã đi. 1 tin không gửi được. 1 tin chưa rõ đã tới."
        in xa.page
    )


def test_a_speed_too_slow_for_the_deadline_is_said_with_how_many_are_not_reached(
    xa: Clerk, db: Database, clock: Clock, village: Village
) -> None:
    register(db, clock, village.trung, *range(11, 21))
    number = written(xa)
    chosen(xa, number, a_hamlet="Quảng Trung I")
    times = {"start": "now", "pace_many": 2, "pace_minutes": 30}
    # it is nine
    xa.post(f"/staff/broadcasts/{number}/times", **times, not_after="2024-04-12T10:00")
    assert "đến hạn còn khoảng" in xa.page
    (left,) = re.findall(r"còn khoảng (\d+) người chưa được gửi", xa.page)
    (all_,) = re.findall(r"<b>(\d+)</b>\s*<span>người sẽ nhận", xa.page)
    assert int(left) == int(all_) - 5  # at nine, and every quarter of an hour until ten
    xa.post(f"/staff/broadcasts/{number}/times", **times, not_after="2024-04-12T20:00")
    assert "đến hạn còn khoảng" not in xa.page
    hourly = {**times, "pace_many": 1, "pace_minutes": 120}
    xa.post(f"/staff/broadcasts/{number}/times", **hourly, not_after="2024-04-13T07:00")
    (left,) = re.findall(r"còn khoảng (\d+) người chưa được gửi", xa.page)
    # at nine and every two hours until nine in the evening; nobody at night
    assert int(left) == int(all_) - 7


def test_the_filters_of_the_list_say_how_many_also_after_the_start(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    with db.transaction() as tx:
        factories.person(
            tx, name="Bà Không Số", hamlet_id=village.trung, handset="2g", now=clock.ms
        )
    number = written(xa)
    started(xa, number)
    tick()
    xa.get(f"/staff/broadcasts/{number}/people")
    assert re.findall(r'class="pill"[^>]*>([^<]+)</a>', xa.page) == [
        "Được chọn 2",
        "Đã gửi 2",
        "Bỏ qua 0",
        "Không gửi được 0",
        "Không rõ 0",
        "Đang chờ 0",
        "Không gửi 1",
        "Tất cả 3",
    ]
    xa.get(f"/staff/broadcasts/{number}/people?hamlet={village.lien}")
    pills = re.findall(r'class="pill"[^>]*>([^<]+)</a>', xa.page)
    assert [pills[0], pills[6], pills[7]] == ["Được chọn 1", "Không gửi 0", "Tất cả 1"]


def test_what_needs_no_approval_offers_none(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    notice = written(xa)
    other = signed_in("quantri")
    other.get(f"/staff/broadcasts/{notice}")
    assert f'action="/staff/broadcasts/{notice}/approve"' not in other.page
    advert = written(xa, "Gói cước mới cho bà con.", **{"class": "advert"})
    other.get(f"/staff/broadcasts/{advert}")
    assert f'action="/staff/broadcasts/{advert}/approve"' in other.page


def test_the_form_of_times_labels_what_it_asks_and_folds_away_what_is_of_repeats(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    xa.get(f"/staff/broadcasts/{number}/times")
    for name in ("event_many", "event_unit", "event_side"):
        assert (
            f'<label for="f-{name}">{language.say("vi", f"times_{name}")}</label>'
            in xa.page
        ), name
    (of_repeats,) = re.findall(r'<div class="of-repeated">.*?</p>', xa.page)
    assert 'name="repeat_until"' in of_repeats
    assert 'name="good_for"' in of_repeats


def test_what_was_started_shows_no_form_that_would_refuse(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="now",
        repeats="daily",
        good_for=3,
        pace_many=1,
        pace_minutes=30,
    )
    assert "Mỗi lần chỉ gửi trong 3 giờ" in xa.page
    assert "gửi hết mất khoảng 30 phút" in xa.page
    xa.post(f"/staff/broadcasts/{number}/resume")
    assert "Tin này không ở trạng thái tạm dừng." in xa.page
    started(xa, number)
    for path in ("words", "audience", "times", "stop", "resume"):
        answer = xa.get(f"/staff/broadcasts/{number}/{path}")
        assert answer.status_code in (302, 303), path
        assert answer.headers["Location"].endswith(f"/staff/broadcasts/{number}")
    assert xa.ask("SELECT state FROM broadcasts") == "running"


def test_the_trail_tells_the_console_from_the_clock(
    xa: Clerk, db: Database, clock: Clock, village: Village, settings: Settings
) -> None:
    number = written(xa)
    done: dict[str, Any] = {"commune_id": 1, "staff_id": None, "now": clock.ms}
    with db.transaction() as tx:
        control.start(tx, number, settings=settings, **done)
        control.pause(tx, number, **done)
        control.resume(tx, number, **done)
        control.pause(tx, number, why="failed: 20 of the last 50 texts", **done)
        drafts.note(tx, number, "blocked", staff_id=None, now=clock.ms, detail="nobody")
    xa.get(f"/staff/broadcasts/{number}")
    trail = xa.page[xa.page.index("Ai đã làm gì") :]
    signed = re.findall(
        r"<span>([^<]+?)\s*(?:<small>[^<]*</small>\s*)?</span>\s*<small>(.*?) ·", trail
    )
    assert [(act.strip(), who) for act, who in signed] == [
        ("Soạn", "xa"),
        ("Duyệt", "Dòng lệnh"),
        ("Bắt đầu", "Dòng lệnh"),
        ("Tạm dừng", "Dòng lệnh"),
        ("Gửi tiếp", "Dòng lệnh"),
        ("Tạm dừng", "Tự động"),
        ("Không đi được", "Tự động"),
    ]


def test_a_text_before_each_session_goes_once_to_those_booked_on_it(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    with db.transaction() as tx:
        coming = [
            factories.event_with_slots(
                tx,
                hall_id=village.hall,
                starts=clock.now + timedelta(days=days, hours=5),
                slots_=1,
                minutes=30,
                capacity=2,
            )
            for days in (3, 5)
        ]
        for event, person in zip(coming, (village.hoa, village.son), strict=True):
            tx.run(
                text(
                    "UPDATE bookings SET status = 'cancelled' WHERE person_id = :person"
                ),
                person=person,
            )
            factories.booking(
                tx, slot_id=event.slots[0], person_id=person, now=clock.ms
            )
    register(db, clock, village.trung, 11)
    number = written(xa, "Nhớ mang căn cước tới {hall}, {next_session}.")
    at = f"/staff/broadcasts/{number}/times"
    xa.post(
        at,
        start="now",
        repeats="event",
        event_many="",
        event_unit="days",
        event_side="before",
    )
    assert "Theo buổi thì xin ghi số ngày hoặc giờ" in xa.page
    xa.post(
        at,
        start="now",
        repeats="event",
        event_many=2,
        event_unit="days",
        event_side="before",
    )
    assert "2 ngày trước mỗi buổi: Gửi người có lịch buổi đó" in xa.page
    assert "Mỗi buổi, tin đi cho ai có lịch buổi đó" in xa.page
    xa.get(at)
    assert re.search(r'name="event_many"[^>]* value="2"', xa.page)
    started(xa, number)
    assert "Mỗi buổi sắp tới, tin đi khi đến giờ" in xa.page
    assert (
        "Buổi tới: T2 15/4/2024, NVH Quảng Trung I. Tin đi lúc 14h00 T7 13/4."
        in xa.page
    )
    assert "Chờ buổi tới: 2 ngày trước mỗi buổi." in xa.page

    told = "SELECT COUNT(*) FROM messages WHERE kind = 'broadcast' AND status IN ('SENT', 'DELIVERED')"
    clock.now += timedelta(hours=1)
    tick()
    assert xa.ask(told) == 0, "today's session began two days too early for it"
    clock.now += timedelta(days=1, hours=5)
    for _ in range(3):
        tick()
    assert xa.ask(told) == 1
    assert xa.ask(
        "SELECT phone FROM messages WHERE kind = 'broadcast'"
    ) == factories.phone(1)
    xa.sign_in("xa")
    xa.get(f"/staff/broadcasts/{number}")
    assert "2 ngày trước mỗi buổi" in xa.page
    assert "NVH Quảng Trung I" in xa.page
    clock.now += timedelta(days=2)
    with db.transaction() as tx:
        tx.run(text("UPDATE broadcasts SET repeat_until = '2024-04-16'"))
    tick()
    assert xa.ask(told) == 1, "the session of the 17th is beyond its last day"
    with db.transaction() as tx:
        tx.run(text("UPDATE broadcasts SET repeat_until = '2024-04-17'"))
    for _ in range(3):
        tick()
    assert xa.ask(told) == 2, "the next session has its own"
    with db.connection() as tx:
        assert ledger.check(tx) == []


def test_a_code_in_a_text_before_each_session_asks_only_those_booked(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    booked, _ = register(db, clock, village.trung, 11, 12)
    with db.transaction() as tx:
        day = clock.now + timedelta(days=3, hours=5)
        coming = factories.event_with_slots(
            tx, hall_id=village.hall, starts=day, capacity=2
        )
        factories.booking(tx, slot_id=coming.slots[0], person_id=booked, now=clock.ms)
    number = written(xa, "Nhớ mang mã {code}.")
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="now",
        repeats="event",
        event_many=2,
        event_unit="days",
        event_side="before",
        event_to="residents",
    )
    started(xa, number)
    clock.now += timedelta(days=1, hours=6)
    tick()
    tick()
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM messages WHERE kind = 'broadcast' AND status IN ('SENT', 'DELIVERED')"
        )
        == 1
    )
    assert xa.ask("SELECT state FROM broadcasts") == "running"


def test_a_text_before_each_session_may_go_to_those_who_run_it(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE staff SET phone = :phone WHERE username = 'thon'"),
            phone=factories.phone(900),
        )
    number = written(xa, "Mở cửa {hall} trước {next_session}.")
    xa.post(
        f"/staff/broadcasts/{number}/times",
        start="now",
        repeats="event",
        event_many=3,
        event_unit="hours",
        event_side="before",
        event_to="staff",
    )
    assert "3 giờ trước mỗi buổi: Gửi cán bộ phụ trách" in xa.page
    assert language.say("vi", "check_staff_title") in xa.page
    assert language.say("vi", "check_price") not in xa.page
    assert 'id="test"' not in xa.page
    assert (
        language.say("vi", "check_approval")
        not in xa.page.split("broadcast_trail")[0].split("<details")[0]
    )
    started(xa, number)
    clock.now += timedelta(hours=3)
    tick()
    tick()
    assert xa.ask(
        "SELECT text FROM messages WHERE kind = 'broadcast_staff'"
    ).startswith("Mo cua NVH Quang Trung I")
    xa.get(f"/staff/broadcasts/{number}")
    assert re.search(r"<b>1</b> / 1 <span>tin đã gửi cho cán bộ phụ trách", xa.page)


def test_the_form_says_and_or_and_not_and_says_it_back(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    chosen(
        xa,
        number,
        a_hamlet=["Quảng Trung I", "Quảng Liên I"],
        a_household_on_2g="yes",
        b_poor="yes",
        c_converted="yes",
    )
    rule = json.loads(xa.ask("SELECT rule FROM broadcasts"))
    assert rule == {
        "any": [
            {"hamlet": ["Quảng Trung I", "Quảng Liên I"], "household_on_2g": True},
            {"poor": ["yes"]},
        ],
        "not": {"converted": True},
    }
    xa.get(f"/staff/broadcasts/{number}/audience")
    ticked = set(re.findall(r'name="([abc]_\w+)" value="([^"]+)" checked', xa.page))
    assert ticked == {
        ("a_hamlet", "Quảng Trung I"),
        ("a_hamlet", "Quảng Liên I"),
        ("a_household_on_2g", "yes"),
        ("b_poor", "yes"),
        ("c_converted", "yes"),
    }
    xa.get(f"/staff/broadcasts/{number}")
    assert (
        "(Thôn: Quảng Trung I, Quảng Liên I; và Trong nhà còn máy 2G: Có) hoặc Hộ nghèo: Hộ nghèo"
        in xa.page
    )
    assert "Trừ ra: Đã chuyển đổi xong: Có" in xa.page


def test_a_rule_from_a_file_stays_until_somebody_chooses_by_the_form(
    xa: Clerk, db: Database, village: Village
) -> None:
    number = written(xa)
    nested = {
        "any": [{"poor": ["yes"]}, {"any": [{"booked": True}, {"waiting": True}]}]
    }
    with db.transaction() as tx:
        tx.run(text("UPDATE broadcasts SET rule = :rule"), rule=json.dumps(nested))
    xa.get(f"/staff/broadcasts/{number}/audience")
    assert "lấy từ tệp" in xa.page
    chosen(xa, number, by_hand=1, a_hamlet="Quảng Trung I")
    assert json.loads(xa.ask("SELECT rule FROM broadcasts")) == nested
    chosen(xa, number, a_hamlet="Quảng Trung I")
    assert json.loads(xa.ask("SELECT rule FROM broadcasts")) == {
        "hamlet": ["Quảng Trung I"]
    }


def test_an_audience_kept_under_a_name_is_chosen_again(
    xa: Clerk, village: Village
) -> None:
    number = written(xa)
    form = {"told_days": 7, "a_hamlet": "Quảng Trung I", "audience_name": "Trung I"}
    xa.post(f"/staff/broadcasts/{number}/audience", do="keep", **form)
    assert "Đã lưu nhóm “Trung I”" in xa.page
    kept = xa.ask("SELECT id FROM audiences")
    other = written(xa)
    xa.get(f"/staff/broadcasts/{other}/audience?use={kept}")
    assert 'name="a_hamlet" value="Quảng Trung I" checked' in xa.page
    xa.post(
        f"/staff/broadcasts/{other}/audience", do="forget", forget=kept, told_days=7
    )
    assert xa.ask("SELECT COUNT(*) FROM audiences") == 0


def test_a_notice_with_words_of_adverts_takes_two_who_say_it_is_none(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    number = written(xa, "Giảm giá máy 4G hôm nay.")
    digest = seen_digest(xa, number)
    xa.post(f"/staff/broadcasts/{number}/start", seen=digest, no_advert=1)
    assert language.say("vi", "cast_approval") in xa.page
    other = signed_in("quantri")
    other.post(f"/staff/broadcasts/{number}/approve", seen=digest)
    selling = language.say("vi", "cast_sells", what="Giảm giá")
    assert selling in other.page
    other.post(f"/staff/broadcasts/{number}/approve", seen=digest, no_advert=1)
    xa.post(f"/staff/broadcasts/{number}/start", seen=digest)
    assert selling in xa.page
    assert xa.ask("SELECT state FROM broadcasts") == "draft"
    xa.post(f"/staff/broadcasts/{number}/start", seen=digest, no_advert=1)
    assert xa.ask("SELECT state FROM broadcasts") == "running"
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM broadcast_acts WHERE act = 'no advert' AND detail = 'Giảm giá'"
        )
        == 2
    )


@pytest.mark.parametrize(
    "words",
    [
        "Bấm http://vneid.vn.",
        "Vào www.xa.vn nhé.",
        "Mở xa.example.com/form để ghi tên.",
        "Vào trang tv360 chấm vn",
        "Gửi mã OTP trên máy lại cho xã.",
    ],
)
def test_a_link_or_a_demand_for_a_secret_is_refused_where_it_is_written_and_where_it_would_go(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    words: str,
) -> None:
    """Also in a draft that was kept before such words were refused, or approved since."""
    why = "cast_secret" if "OTP" in words else "cast_link"
    warning = language.say("vi", why)
    form = {"class": "notice", "name": "Mời họp", "vi": words, "en": "", "rule": "{}"}
    xa.post("/staff/broadcasts/sample", **form)
    assert warning in xa.page
    assert xa.send("/staff/broadcasts/new", **form).status_code == 400
    number = written(xa)
    at = f"/staff/broadcasts/{number}"
    assert xa.send(f"{at}/words", **form).status_code == 400
    chosen(xa, number)
    with db.transaction() as tx:
        tx.run(text("UPDATE broadcast_words SET vi = :words"), words=words)
    xa.get(at)
    assert warning in xa.page
    assert f'action="{at}/start"' not in xa.page
    with db.connection() as tx:
        digest = drafts.digest(drafts.get(tx, number, factories.COMMUNE))
    admin = signed_in("quantri")
    admin.post(f"{at}/approve", seen=digest, no_advert="1")
    assert warning in admin.page
    xa.post(f"{at}/start", seen=digest, counted="9", priced="0", price_seen="1")
    assert xa.ask("SELECT state FROM broadcasts") == "draft"
    assert xa.ask("SELECT approved_at FROM broadcasts") is None
    plain = written(xa, "Mời bà con họp lúc 8.30 ở Nhà văn hóa. Gọi {number}.")
    xa.get(f"/staff/broadcasts/{plain}")
    assert warning not in xa.page


def test_what_only_its_owner_may_know_is_warned_of_as_it_was_written(
    xa: Clerk, village: Village
) -> None:
    words = "Quên Mã xác nhận và mật khẩu, OTP: tới Nhà văn hóa."
    warning = language.say(
        "vi", "broadcast_secrets", words="Mã xác nhận, mật khẩu, OTP"
    )
    xa.post("/staff/broadcasts/sample", **{"vi": words, "en": "", "class": "notice"})
    assert warning in xa.page
    number = written(xa, words)
    xa.get(f"/staff/broadcasts/{number}")
    assert warning in xa.page
    form = {"class": "notice", "name": "Mời", "vi": "Mời bà con tới họp.", "en": ""}
    xa.post(f"/staff/broadcasts/{number}/words", **form)
    xa.get(f"/staff/broadcasts/{number}")
    assert "mật khẩu" not in xa.page


def test_a_notice_bears_no_label_of_an_advert(xa: Clerk) -> None:
    for words in ("[QC] Mời bà con.", "Mời bà con. [ qc ]"):
        xa.post(
            "/staff/broadcasts/new",
            **{"class": "notice", "name": "x", "vi": words, "en": ""},
        )
        assert language.say("vi", "cast_label") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM broadcasts") == 0


def test_a_commune_is_not_called_so_twice(xa: Clerk) -> None:
    form = {"class": "notice", "name": "x", "en": ""}
    twice = language.say("vi", "broadcast_says_twice", what="{commune}")
    xa.post("/staff/broadcasts/sample", vi="Xã {commune} mời bà con.", **form)
    assert twice in xa.page
    xa.post("/staff/broadcasts/sample", vi="{commune} mời bà con.", **form)
    assert twice not in xa.page


def test_a_text_whose_people_nobody_chose_goes_to_nobody(
    xa: Clerk, signed_in: Callable[[str], Clerk]
) -> None:
    number = written(xa, rule="")
    xa.get(f"/staff/broadcasts/{number}")
    unchosen = language.say("vi", "cast_unchosen")
    assert unchosen in xa.page
    assert f"/staff/broadcasts/{number}/start" not in xa.page
    digest = xa.ask("SELECT approved_digest FROM broadcasts")
    other = signed_in("quantri")
    other.post(f"/staff/broadcasts/{number}/approve", seen=seen_digest(xa, number))
    assert unchosen in other.page
    xa.post(f"/staff/broadcasts/{number}/start", seen=seen_digest(xa, number))
    assert unchosen in xa.page
    assert xa.ask("SELECT approved_digest FROM broadcasts") == digest
    xa.post(f"/staff/broadcasts/{number}/audience", do="save", told_days=7)
    assert unchosen in xa.page
    xa.post(f"/staff/broadcasts/{number}/audience", do="save", told_days=7, everybody=1)
    assert json.loads(xa.ask("SELECT rule FROM broadcasts")) == {}
    xa.get(f"/staff/broadcasts/{number}/audience")
    assert 'name="everybody" value="1" checked' in xa.page


def longer(clerk: Clerk, number: int, words: str) -> None:
    """These words in place of those of a draft: they may be too long to go."""
    form = {"class": "notice", "name": "Mời đổi máy", "vi": words, "en": ""}
    clerk.post(f"/staff/broadcasts/{number}/words", **form)


def test_all_that_keeps_a_draft_from_starting_is_said_at_once(
    xa: Clerk, clock: Clock, village: Village
) -> None:
    number = written(xa, rule="")
    longer(xa, number, "Chào bà con. " * 60)
    xa.post(
        f"/staff/broadcasts/{number}/times", start="now", not_after="2024-04-12T10:00"
    )
    clock.now += timedelta(hours=2)
    xa.get(f"/staff/broadcasts/{number}")
    for key, what in (("cast_unchosen", ""), ("cast_too_long", "6"), ("cast_past", "")):
        assert f'told-danger">{language.say("vi", key, what=what)}</p>' in xa.page, key
    nobody_counted = f"<b>0</b> <span>{language.say('vi', 'audience_chosen')}"
    assert nobody_counted not in xa.page
    assert language.say("vi", "audience_of", number="0") not in xa.page
    assert language.say("vi", "check_price") not in xa.page
    xa.get(f"/staff/broadcasts/{number}/people")
    assert language.say("vi", "people_foreseen", number="0") not in xa.page


def test_words_too_long_are_said_beside_the_people_they_lack_a_field_of(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        tx.run(text("UPDATE people SET name = '' WHERE id = :id"), id=village.son)
    number = written(xa)
    longer(xa, number, "Chào {name}. " + "Mời bà con. " * 60)
    xa.get(f"/staff/broadcasts/{number}")
    assert language.say("vi", "check_lacking", what="{name}", number="1") in xa.page
    assert language.say("vi", "cast_too_long", what="5") in xa.page


def seen_digest(clerk: Clerk, number: int) -> str:
    """What an approval is given to, as the draft stands."""
    with clerk.db.connection() as tx:
        return drafts.digest(drafts.get(tx, number, 1))


def test_a_group_that_is_kept_under_a_name_is_the_one_the_text_goes_to(
    xa: Clerk, village: Village
) -> None:
    number = written(xa, rule="")
    form = {"told_days": 7, "a_hamlet": "Quảng Trung I", "audience_name": "Trung I"}
    xa.post(f"/staff/broadcasts/{number}/audience", do="keep", **form)
    assert json.loads(xa.ask("SELECT rule FROM broadcasts")) == {
        "hamlet": ["Quảng Trung I"]
    }


@pytest.mark.parametrize(
    ("page", "rule"),
    [
        ("/staff/events/{event}", {"event": ["{event}"]}),
        ("/staff/", {"event": ["{event}"]}),
        (
            "/staff/unreached/?hamlet={trung}",
            {"hamlet": ["Quảng Trung I"], "unreached": True},
        ),
        ("/staff/unreached/", {"unreached": True}),
        (
            "/staff/progress/?hamlet={trung}",
            {"hamlet": ["Quảng Trung I"], "converted": False},
        ),
    ],
)
def test_a_broadcast_starts_wherever_people_are_listed(
    xa: Clerk, village: Village, page: str, rule: dict[str, Any]
) -> None:
    meant = json.loads(json.dumps(rule).replace('"{event}"', str(village.event.id)))
    xa.get(page.format(event=village.event.id, trung=village.trung))
    there = re.findall(r'href="(/staff/broadcasts/new\?rule=[^"]+)"', xa.page)
    xa.get(there[0])
    carried = re.search(r"name=\"rule\" value=\"(\{.*?\})\"", xa.page)
    assert carried
    number = written(xa, "Chào bà con.", rule=carried[1])
    assert (
        json.loads(xa.ask("SELECT rule FROM broadcasts WHERE id = :id", id=number))
        == meant
    )
    xa.post(
        f"/staff/broadcasts/{number}/audience",
        do="save",
        told_days=7,
        **_as_ticked(xa.page),
    )
    assert (
        json.loads(xa.ask("SELECT rule FROM broadcasts WHERE id = :id", id=number))
        == meant
    ), "the form says it back"


def test_a_text_to_those_booked_on_a_day_is_shown_as_one_of_them_reads_it_and_is_about_that_day(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE bookings SET status = 'cancelled' WHERE person_id = :id"),
            id=village.hoa,
        )
    xa.get(f"/staff/events/{village.event.id}")
    there = re.findall(r'href="(/staff/broadcasts/new\?rule=[^"]+)"', xa.page)
    xa.get(html.unescape(there[0]))
    person = re.search(r'name="person" value="(\d*)"', xa.page)
    assert person
    assert person[1] == str(village.son), "the first registered has no seat that day"
    form = {"vi": "{name}: mã {code}.", "en": "", "class": "notice"}
    xa.post("/staff/broadcasts/sample", person=person[1], **form)
    assert language.say("vi", "broadcast_sample_lacks", what="{code}") not in xa.page
    number = written(
        xa, "{name}: mã {code}.", rule=json.dumps({"event": [village.event.id]})
    )
    assert (
        xa.ask("SELECT event_id FROM broadcasts WHERE id = :id", id=number)
        == village.event.id
    )
    assert re.search(rf'<option value="{village.event.id}"\s+selected', xa.page)
    xa.get("/staff/broadcasts/new?rule=nonsense")
    assert 'name="person" value=""' in xa.page


def _as_ticked(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form as it was filled in."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([abc]_\w+)" value="([^"]*)" checked', page):
        found.setdefault(name, []).append(value)
    return found


def test_answers_are_counted_and_shown(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    started(xa, number)
    tick()
    firing = xa.ask("SELECT id FROM firings")
    said = {
        "commune_id": 1,
        "direction": "in",
        "kind": "said",
        "class": "reply",
        "priority": 0,
        "status": "RECEIVED",
    }
    with db.transaction() as tx:
        for phone, answer, words in ((1, "yes", "co"), (2, "question", "may gio?")):
            factories.insert_row(
                tx,
                messages,
                **said,
                phone=factories.phone(phone),
                text=words,
                made_at=clock.ms,
                not_before=clock.ms,
                firing_id=firing,
                answer=answer,
            )
    xa.get(f"/staff/broadcasts/{number}")
    assert "Trả lời (2)" in xa.page
    xa.get(f"/staff/broadcasts/{number}/answers")
    assert "Đồng ý 1" in xa.page
    assert "Hỏi thêm 1" in xa.page
    xa.get(f"/staff/broadcasts/{number}/answers?answer=question")
    assert "may gio?" in xa.page
    assert "Nông Thị Hoa" not in xa.page


def answered(clerk: Clerk, clock: Clock, *said: tuple[int, str, str]) -> None:
    """Texts that came back to the only going-out: the number of each person, what it
    means, its words.
    """
    firing = clerk.ask("SELECT id FROM firings")
    came = {
        "commune_id": 1,
        "direction": "in",
        "kind": "said",
        "class": "reply",
        "priority": 0,
        "status": "RECEIVED",
    }
    with clerk.db.transaction() as tx:
        for person, answer, words in said:
            factories.insert_row(
                tx,
                messages,
                **came,
                phone=factories.phone(person),
                text=words,
                made_at=clock.ms,
                not_before=clock.ms,
                firing_id=firing,
                answer=answer,
            )


def test_an_answer_is_counted_on_the_page_that_refreshes_itself(
    xa: Clerk, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    started(xa, number)
    tick()
    part = f"/staff/broadcasts/{number}/progress"
    before = xa.client.get(part, headers={"X-Part": "1"}).text
    assert language.say("vi", "watch_answers", number="0") in before
    answered(xa, clock, (1, "yes", "co"))
    after = xa.client.get(part, headers={"X-Part": "1"}).text
    assert language.say("vi", "watch_answers", number="1") in after


def test_who_asks_twice_is_one_person_with_two_texts(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    started(xa, number)
    tick()
    firing = xa.ask("SELECT id FROM firings")
    said = {
        "commune_id": 1,
        "direction": "in",
        "kind": "said",
        "class": "reply",
        "priority": 0,
        "status": "RECEIVED",
    }
    with db.transaction() as tx:
        for words in ("may gio?", "o dau?"):
            factories.insert_row(
                tx,
                messages,
                **said,
                phone=factories.phone(1),
                text=words,
                made_at=clock.ms,
                not_before=clock.ms,
                firing_id=firing,
                answer="question",
            )
    xa.get(f"/staff/broadcasts/{number}/answers")
    assert "Hỏi thêm 1" in xa.page
    assert "may gio?" in xa.page
    assert "o dau?" in xa.page


def test_answers_are_counted_in_people_and_of_yes_and_no_the_later_counts(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    register(db, clock, village.trung, 11)
    number = written(xa)
    started(xa, number)
    tick()
    answered(
        xa,
        clock,
        (1, "no", "khong"),
        (1, "yes", "co"),
        (2, "question", "may gio?"),
        (2, "question", "o dau?"),
        (11, "yes", "da"),
    )
    xa.get(f"/staff/broadcasts/{number}/answers")
    assert f">{language.say('vi', 'all')} 3</a>" in xa.page
    assert "Đồng ý 2" in xa.page
    (earlier,) = [
        one for one in re.findall(r"<article.*?</article>", xa.page) if "“khong”" in one
    ]
    assert language.say("vi", "answer_replaced") in earlier
    assert "tag-answer-no" not in earlier
    xa.get(f"/staff/broadcasts/{number}/answers?answer=no")
    assert "“khong”" not in xa.page
    xa.get(f"/staff/broadcasts/{number}")
    assert language.say("vi", "watch_answers", number="3") in xa.page


def test_those_it_failed_for_are_written_to_again_if_they_still_fit(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    number = written(xa)
    chosen(xa, number, a_handset="2g")
    started(xa, number)
    tick()
    with db.transaction() as tx:
        tx.run(
            text(
                "UPDATE messages SET status = 'FAILED', reason = 'Refused' WHERE kind = 'broadcast'"
            )
        )
    xa.get(f"/staff/broadcasts/{number}")
    assert "Soạn lại cho 2 người không gửi được" in xa.page
    with db.transaction() as tx:
        tx.run(
            text("UPDATE facts SET value = '4g_volte' WHERE person_id = :id"),
            id=village.son,
        )
    xa.post(f"/staff/broadcasts/{number}/again", failed=1)
    again = xa.ask("SELECT MAX(id) FROM broadcasts")
    assert json.loads(
        xa.ask("SELECT rule FROM broadcasts WHERE id = :id", id=again)
    ) == {
        "handset": ["2g"],
        "failed_of": [number],
    }
    assert listed(xa, f"/staff/broadcasts/{again}/people?why=chosen").keys() == {
        "Nông Thị Hoa"
    }


def test_the_list_as_a_file_runs_no_formula(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    with db.transaction() as tx:
        tx.run(text("UPDATE people SET name = '=1+1' WHERE id = :id"), id=village.son)
    number = written(xa, "Chào bà con.")
    xa.get(f"/staff/broadcasts/{number}.csv")
    started(xa, number)
    tick()
    answer = xa.get(f"/staff/broadcasts/{number}.csv")
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert (
        lines[0]
        == "Mã,Họ tên,Số điện thoại,Thôn,Được chọn,Kết quả,Lý do,Lúc gửi,Số phần,Lời nhắn"
    )
    assert ",0990 000 001,Quảng Trung I,Có,Đã gửi,,2024-04-12 09:00,1," in answer.text
    assert "'=1+1" in answer.text
    assert ",=1+1" not in answer.text
    assert len(lines) == 3
    book = load_workbook(io.BytesIO(xa.get(f"/staff/broadcasts/{number}.xlsx").data))
    assert book.sheetnames == ["Mời đổi máy"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert {type(row[0]) for row in rows[1:]} == {int}
    sheet = [["" if cell is None else str(cell) for cell in row] for row in rows]
    assert sheet == [
        [cell.removeprefix("'") for cell in row] for row in csv.reader(lines)
    ]


def test_who_has_no_number_has_an_empty_cell_in_the_file(
    xa: Clerk, db: Database, clock: Clock, village: Village, tick: Tick
) -> None:
    with db.transaction() as tx:
        factories.person(
            tx, name="Bà Không Số", hamlet_id=village.trung, handset="2g", now=clock.ms
        )
    number = written(xa, "Chào bà con.")
    started(xa, number)
    tick()
    answer = xa.get(f"/staff/broadcasts/{number}.csv")
    of_her = next(
        line for line in csv.reader(io.StringIO(answer.text)) if "Bà Không Số" in line
    )
    assert of_her[2] == ""
    book = load_workbook(io.BytesIO(xa.get(f"/staff/broadcasts/{number}.xlsx").data))
    rows = book.worksheets[0].iter_rows(values_only=True)
    in_the_sheet = next(row for row in rows if "Bà Không Số" in row)
    assert in_the_sheet[2] in (None, "")


def test_the_part_that_refreshes_itself_is_no_page_of_its_own(
    xa: Clerk, village: Village, tick: Tick
) -> None:
    number = written(xa, "Chào bà con.")
    started(xa, number)
    tick()
    assert (
        xa.get(f"/staff/broadcasts/{number}/progress").location
        == f"/staff/broadcasts/{number}"
    )
    xa.get(f"/staff/broadcasts/{number}/people?why=chosen")
    assert ">chosen<" not in xa.page
    assert "Nông Thị Hoa" in xa.page
    assert "0990 000 001" not in xa.page, (
        "numbers stand in full where somebody is called"
    )


def test_who_refused_all_texts_is_not_visited(
    xa: Clerk,
    db: Database,
    clock: Clock,
    village: Village,
    settings: Settings,
    tick: Tick,
) -> None:
    number = written(xa, "Nhà văn hóa mở cửa. Mã của {name}: {code}.")
    started(xa, number)
    clockwork.tend(db, settings, clock.now)
    who = identity.who(settings.privacy_key, factories.phone(2))
    with db.transaction() as tx:
        tx.run(stops.insert().values(who=who, what="all", at=clock.ms))
    tick()
    xa.get(f"/staff/broadcasts/{number}/not-reached")
    assert "Hoàng Văn Sơn" not in xa.page
    assert "Nông Thị Hoa" not in xa.page
    refused = language.say("vi", "not_reached_refused", number="1")
    assert refused in xa.page, "how many, and not who"
    xa.get(f"/staff/broadcasts/{number}/not-reached?hamlet={village.lien}")
    assert refused in xa.page
    xa.get(f"/staff/broadcasts/{number}/not-reached?hamlet={village.trung}")
    assert refused not in xa.page
    assert outcomes(xa, number)["Bỏ qua"] == 1
    following = written(xa, "Nhà văn hóa mở cửa.", rule="{}")
    chosen(xa, following)
    started(xa, following)
    tick()
    xa.get(f"/staff/broadcasts/{following}/not-reached")
    assert refused in xa.page
    assert "Hoàng Văn Sơn" not in xa.page
    xa.get(f"/staff/broadcasts/{number}/not-reached")
    aloud = re.search(r'<div class="aloud"[^>]*>(.*?)</div>', xa.page, re.DOTALL)
    assert aloud
    assert "Nhà văn hóa mở cửa." in aloud[1]
    assert "Mã" not in aloud[1], "nobody's code is read aloud"


def said_aloud(clerk: Clerk, path: str) -> list[str]:
    """The loudspeaker's words, sentence by sentence."""
    clerk.get(path)
    found = re.search(r'<div class="aloud"[^>]*>(.*?)</div>', clerk.page, re.DOTALL)
    assert found, clerk.page
    return re.findall(r"<p>(.*?)</p>", found[1])


def test_a_loudspeaker_asks_for_no_text_and_speaks_to_every_hamlet(
    xa: Clerk, village: Village, tick: Tick
) -> None:
    number = written(
        xa,
        "Bà con thôn {hamlet} họp tối nay. {hamlet} mang theo ghế. Ai tới được nhắn 1. Trả lời CÓ hoặc KHÔNG."
        " Soạn “co” gửi {number}! Nhắn {number} để đặt giờ. Gọi 19001234 khi cần.",
    )
    started(xa, number)
    tick()
    path = f"/staff/broadcasts/{number}/not-reached"
    assert said_aloud(xa, path) == []
    assert language.say("vi", "not_reached_choose") in xa.page
    assert said_aloud(xa, f"{path}?hamlet={village.lien}") == [
        "Bà con thôn Quảng Liên I họp tối nay.",
        "Quảng Liên I mang theo ghế.",
        "Nhắn hai, bốn, không, bốn để đặt giờ.",
        "Gọi 19001234 khi cần.",
    ]
    assert language.say("vi", "not_reached_choose") not in xa.page
    everywhere = written(xa, "Cả xã họp tối nay. Bà con có đến không?")
    started(xa, everywhere)
    tick()
    assert said_aloud(xa, f"/staff/broadcasts/{everywhere}/not-reached") == [
        "Cả xã họp tối nay."
    ]


@pytest.mark.parametrize(
    "words",
    [
        "Chào bà con. Có đến không?",
        "{commune}: Kính gửi bà con. Mã của bà con là {code}. Có đến không?",
        "Chào {name}. Trả lời CÓ hoặc KHÔNG.",
    ],
)
def test_a_loudspeaker_does_not_greet_and_fall_silent(
    xa: Clerk, village: Village, tick: Tick, words: str
) -> None:
    number = written(xa, words)
    started(xa, number)
    tick()
    for hamlet in ("", f"?hamlet={village.trung}"):
        assert said_aloud(xa, f"/staff/broadcasts/{number}/not-reached{hamlet}") == []
        assert language.say("vi", "not_reached_unsaid") in xa.page


def test_a_loudspeaker_speaks_only_where_somebody_was_to_be_told(
    xa: Clerk, village: Village, tick: Tick
) -> None:
    number = written(xa, "Mời {name} ở thôn {hamlet} đi họp. Đến {hall} đúng giờ.")
    chosen(xa, number, a_hamlet="Quảng Trung I")
    started(xa, number)
    tick()
    path = f"/staff/broadcasts/{number}/not-reached"
    assert said_aloud(xa, path)[0] == "Mời bà con ở thôn Quảng Trung I đi họp.", (
        "its one hamlet"
    )
    assert "Quảng Liên I</option>" not in xa.page
    xa.get(f"{path}?hamlet={village.lien}")
    assert language.say("vi", "not_reached_unasked") in xa.page
    assert 'class="aloud"' not in xa.page


def test_an_advert_is_neither_read_aloud_nor_brought_to_the_door(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    clock: Clock,
    village: Village,
    tick: Tick,
) -> None:
    with db.transaction() as tx:
        tx.run(text("UPDATE people SET phone = NULL WHERE id = :id"), id=village.son)
        factories.consent(tx, village.hoa)
    number = written(xa, "Gói cước mới cho bà con.", **{"class": "advert"})
    other = signed_in("quantri")
    other.post(f"/staff/broadcasts/{number}/approve", seen=seen(other, number))
    started(other, number)
    tick()
    other.get(f"/staff/broadcasts/{number}/not-reached")
    assert "không đọc loa, không lập danh sách đến nhà" in other.page
    assert "Hoàng Văn Sơn" not in other.page
    assert "Gói cước mới" not in other.page


def test_who_may_not_text_many_is_shown_no_page_of_it(
    xa: Clerk, thon: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    number = written(xa)
    for clerk in (thon, signed_in("xem")):
        for path in (
            "",
            "new",
            f"{number}",
            f"{number}/words",
            f"{number}/audience",
            f"{number}/people",
            f"{number}/times",
            f"{number}/progress",
            f"{number}/answers",
            f"{number}/not-reached",
            f"{number}.csv",
        ):
            assert clerk.get(f"/staff/broadcasts/{path}").status_code == 403, path
        for path in (
            "start",
            "approve",
            "test",
            "pause",
            "again",
            "words",
            "audience",
            "discard",
        ):
            assert (
                clerk.send(f"/staff/broadcasts/{number}/{path}", seen="x").status_code
                == 403
            ), path
        clerk.get("/staff/progress/")
        assert "/staff/broadcasts" not in clerk.page
    assert xa.get("/staff/broadcasts/99").status_code == 404


def test_who_looked_at_whose_names_is_said_in_words(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village, tick: Tick
) -> None:
    number = written(xa, name="Mời họp")
    for path in ("people", "people?why=all", "people?why=no+number"):
        xa.get(f"/staff/broadcasts/{number}/{path}")
    started(xa, number)
    tick()
    xa.get(f"/staff/broadcasts/{number}/not-reached")
    xa.get(f"/staff/broadcasts/{number}/not-reached?hamlet={village.trung}")
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    say = functools.partial(language.say, "vi")
    which = {"2": (say("watch_chosen"), say("all")), "0": (say("left_no_number"),)}
    for people, whom in which.items():
        for one in whom:
            assert (
                say("trail_broadcast", broadcast="Mời họp", which=one, number=people)
                in admin.page
            )
    for hamlet in (say("whole_commune"), "Quảng Trung I"):
        assert (
            say("trail_not_reached", broadcast="Mời họp", hamlet=hamlet, number="0")
            in admin.page
        )
    for english in ("not reached", "hamlet", "None", "lines"):
        assert english not in re.sub(r"<[^>]+>", "", admin.page), english


def test_a_persons_page_names_the_broadcast_of_a_text_and_says_why_it_was_passed_over(
    xa: Clerk, thon: Clerk, db: Database, village: Village, tick: Tick
) -> None:
    number = written(xa, name="Mời họp")
    xa.post(f"/staff/broadcasts/{number}/times", start="now")
    started(xa, number)
    tick()
    with db.transaction() as tx:
        tx.run(
            text("UPDATE messages SET status = 'SKIPPED', text = '', reason = :why"),
            why=reasons.STOPPED,
        )
    xa.get(f"/staff/people/{village.hoa}")
    assert f'<a href="/staff/broadcasts/{number}">Mời họp</a>' in xa.page
    assert f"({language.say('vi', 'left_stopped')})" in xa.page
    thon.get(f"/staff/people/{village.hoa}")
    assert "Mời họp" in thon.page
    assert f"/staff/broadcasts/{number}" not in thon.page
    xa.get("/staff/messages/")
    assert language.say("vi", "left_stopped") in xa.page
    assert reasons.STOPPED not in re.sub(r"<[^>]+>", "", xa.page)


def test_every_refusal_and_reason_has_its_sentence_in_both_languages() -> None:
    for language_ in language.LANGUAGES:
        written_ = language.WORDS[language_]
        for code in errors.SENTENCES:
            assert f"cast_{code}" in written_, code
            assert language.say(language_, f"cast_{code}", what="x"), code
        for reason in (*reasons.ALL, reasons.TOO_LATE, reasons.STOPPED):
            assert "left_" + re.sub(r"[ -]", "_", reason) in written_, reason
