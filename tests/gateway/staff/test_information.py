"""What residents are answered when they ask: staff write it, see what it takes, and are
told when it runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread

import pytest
from flask import Flask

from db.store.engine import Database
from gateway.staff import language
from menus import words
from menus.days import today
from menus.fitting import fold
from menus.links import asks_for_secret
from tests.gateway.staff.conftest import Clerk, Clock
from tests.gateway.test_by_text import Texter

KEY = "a-form-key-of-a-page"
VI = "Tiền điện: trả qua Viettel Money, hoặc ở điểm Viettel, 7h30 đến 17h, T2 đến T7."
EN = "Electricity: pay in Viettel Money, or at the Viettel point, 7:30 to 17:00, Mon to Sat."
FACTS = "SELECT COUNT(*) FROM commune_facts"


def form(
    clock: Clock, *, until: int | None = 60, since: int = 0, **more: object
) -> dict[str, object]:
    """Valid from so many days from now to so many."""
    day = today(clock.now)
    last = "" if until is None else (day + timedelta(days=until)).isoformat()
    first = (day + timedelta(days=since)).isoformat()
    return {
        "vi": VI,
        "en": EN,
        "valid_from": first,
        "valid_until": last,
        "form_key": KEY,
        **more,
    }


def test_what_a_clerk_writes_is_what_a_resident_is_answered_until_it_is_withdrawn(
    xa: Clerk, app: Flask, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)
    xa.sign_in("xa")
    resident = Texter(app.test_client())
    none = fold(words.say("vi", "fact_none_sms"))
    assert resident.say("tien dien dong o dau") == none
    xa.post("/staff/information/power", **form(clock))
    assert "Từ nay máy trả lời bằng lời này" in xa.page
    assert resident.say("tien dien dong o dau") == fold(VI)
    xa.get("/staff/information/")
    assert VI in xa.page
    assert "Được hỏi 2 lần trong 30 ngày qua" in xa.page
    fact = xa.ask("SELECT id FROM commune_facts")
    xa.post(f"/staff/information/{fact}/withdraw")
    assert "rút lại lúc" in xa.page
    xa.get("/staff/information/")
    assert language.say("vi", "info_due", number=1) in xa.page, "nothing answers now"
    assert 'href="#power"' in xa.page
    assert resident.say("DIEN") == none
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM audit WHERE action IN ('fact_written', 'fact_withdrawn')"
        )
        == 2
    )


def test_what_cannot_go_in_one_plain_text_is_refused_and_stays_typed(
    xa: Clerk, clock: Clock
) -> None:
    cases = (
        ({"vi": "á" * 161}, "Dài 161 ký tự"),
        ({"en": "b" * 161}, "Dài 161 ký tự"),
        ({"en": ""}, "Xin viết cả tiếng Việt và tiếng Anh"),
        ({"vi": "Xem tại viettelmoney.vn nhé"}, "Có đường dẫn"),
        ({"en": "See HTTPS://example.com"}, "Có đường dẫn"),
        ({"vi": "Hỏi {commune}"}, "không có ô điền"),
        ({"valid_from": "hom nay"}, "Ngày"),
        ({"valid_until": "2020-01-01"}, "Ngày đóng sớm hơn ngày mở"),
        ({"valid_from": "2020-01-01", "valid_until": "2020-02-01"}, "Ngày cuối đã qua"),
        (
            {"vi": "Tiền điện: gửi mã OTP về số 0912 345 678 để xã trả giúp."},
            "bảo người dân gửi hoặc đọc mật khẩu",
        ),
        (
            {"en": "For help text your password to 2404."},
            "bảo người dân gửi hoặc đọc mật khẩu",
        ),
    )
    for changed, why in cases:
        answer = xa.post("/staff/information/power", **form(clock) | changed)
        assert answer.status_code == 400, changed
        assert why in xa.page, changed
        kept = str(changed.get("vi", VI))
        assert kept in xa.page
    assert xa.ask(FACTS) == 0


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("Lấy mã OTP trên máy, nhắn về 0912345678.", True),
        ("Không cần ra xã, gửi mật khẩu cho cán bộ.", True),
        ("Xã không hỏi mật khẩu, OTP, số thẻ, không gửi đường dẫn.", False),
        ("Đừng đọc mã OTP cho ai, cần giúp thì nhắn GOI LAI.", False),
        ("Ai bảo đọc mã OTP là lừa đảo.", False),
        ("Quên mật khẩu: mang căn cước đến điểm Viettel.", False),
        ("Mã O\u200bTP của bà con là gì, gửi lại cho trường", True),
        ("Gửi mật khẩu Viettel Money cho cô giáo", True),
        ("Gửi số thẻ BHYT của con cho cô giáo.", False),
        ("Tell nobody an OTP. Text GOI LAI for help.", False),
    ],
)
def test_who_is_asked_to_hand_over_a_password_is_told_from_who_is_warned(
    said: str, asks: bool
) -> None:
    assert asks_for_secret(said) == asks


def test_a_clerk_hears_which_words_residents_get_once_new_ones_are_kept(
    xa: Clerk, clock: Clock
) -> None:
    say = partial(language.say, "vi")
    xa.post("/staff/information/power", **form(clock, since=-2, until=None))
    assert say("info_saved") in xa.page
    older = form(clock, since=-30, vi="Tiền điện: hỏi trưởng thôn.") | {
        "form_key": "an-older-form-key"
    }
    xa.post("/staff/information/power", **older)
    assert xa.page.count(say("info_saved")) == 0
    behind = language.day_name((today(clock.now) - timedelta(days=2)).isoformat(), "vi")
    assert say("info_saved_behind", day=behind) in xa.page
    assert say("info_replaced_tag") in xa.page, "it is no fact that ran out"
    assert say("info_over") not in xa.page
    newer = form(clock, since=5, until=90) | {"form_key": "a-newer-form-key"}
    xa.post("/staff/information/power", **newer)
    assert say("info_saved_later") in xa.page
    xa.post(
        "/staff/information/water",
        **form(clock, until=60, form_key="the-water-now-key"),
    )
    xa.post(
        "/staff/information/water",
        **form(clock, since=3, until=90, form_key="the-water-next-key"),
    )
    xa.get("/staff/information/")
    ends = language.day_name((today(clock.now) + timedelta(days=60)).isoformat(), "vi")
    assert say("info_until", day=ends) not in xa.page, "it is replaced before"


def test_a_form_sent_twice_is_one_fact(xa: Clerk, clock: Clock, db: Database) -> None:
    for _ in range(2):
        assert xa.post("/staff/information/power", **form(clock)).status_code == 303
    assert xa.ask(FACTS) == 1
    token = xa.token()
    other = form(clock, until=90)
    values = {**other, "form_key": "another-form-key", "csrf_token": token}
    threads = [
        Thread(target=lambda: xa.client.post("/staff/information/power", data=values))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert xa.ask(FACTS) == 2
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'fact_written'") == 2


def test_length_parts_and_price_are_counted_as_one_types(
    xa: Clerk, clock: Clock
) -> None:
    xa.post("/staff/information/sample", vi="Điện: hỏi [xã] 🙂.", en="Ask.")
    assert "Dien: hoi [xa]" in xa.page
    assert "<b>18</b> <span>/ 160" in xa.page, "a bracket is two"
    assert "sẽ bị bỏ: 🙂" in xa.page
    assert "tốn gấp đôi" in xa.page
    xa.post("/staff/information/sample", vi="a" * 161, en="Xem tại xa.gov.vn")
    assert "<b>2</b> <span>phần" in xa.page
    assert "câu trả lời chỉ được một tin" in xa.page
    assert "Có đường dẫn" in xa.page
    assert xa.post("/staff/information/sample").status_code == 200


def test_a_fact_that_runs_out_is_work_for_the_desk_and_no_news_to_residents(
    xa: Clerk, thon: Clerk, clock: Clock
) -> None:
    due = language.say("vi", "info_due", number=1)
    badge = 'Thông tin trả lời <span class="dot">1</span>'
    xa.post("/staff/information/power", **form(clock, until=7))
    xa.get("/staff/information/")
    assert due not in xa.page
    clock.now += timedelta(days=1)
    xa.sign_in("xa")
    xa.get("/staff/information/")
    assert due in xa.page
    assert badge in xa.page
    assert "Sắp hết hạn" in xa.page
    thon.sign_in("thon")
    thon.get("/staff/information/")
    assert badge not in thon.page, "who may not write is not called to it"
    follows = form(clock, since=6, until=None) | {"form_key": "a-form-that-follows"}
    xa.post("/staff/information/power", **follows)
    xa.get("/staff/information/")
    assert due not in xa.page, "something follows it"
    fact = xa.ask("SELECT MAX(id) FROM commune_facts")
    xa.post(f"/staff/information/{fact}/withdraw")
    clock.now += timedelta(days=8)
    xa.sign_in("xa")
    xa.get("/staff/information/")
    assert due in xa.page
    assert "Máy đang trả lời: xã chưa có thông tin" in xa.page


@pytest.mark.parametrize(
    ("who", "reads"), [("quantri", True), ("xa", True), ("thon", True), ("xem", False)]
)
def test_who_may_read_and_who_may_write(
    who: str, reads: bool, signed_in: Callable[[str], Clerk], clock: Clock
) -> None:
    clerk = signed_in(who)
    writes = who in ("quantri", "xa")
    for path in ("/staff/information/", "/staff/information/power"):
        assert clerk.get(path).status_code == (200 if reads else 403)
    assert ("f-vi" in clerk.page) == writes
    answer = clerk.send("/staff/information/power", **form(clock))
    assert answer.status_code == (303 if writes else 403)
    fact = clerk.ask("SELECT MAX(id) FROM commune_facts") or 1
    assert clerk.send(f"/staff/information/{fact}/withdraw").status_code == (
        303 if writes else 403
    )
    assert clerk.send("/staff/information/sample").status_code == (
        200 if writes else 403
    )


def test_no_topic_but_ours_and_no_fact_but_our_communes(
    xa: Clerk, clock: Clock
) -> None:
    assert xa.get("/staff/information/lottery").status_code == 404
    assert xa.send("/staff/information/lottery", **form(clock)).status_code == 404
    assert xa.send("/staff/information/987654/withdraw").status_code == 404


def test_an_offer_is_kept_only_with_its_last_day(xa: Clerk, clock: Clock) -> None:
    needed = language.say("vi", "info_end_needed")
    answer = xa.post("/staff/information/offers", **form(clock, until=None))
    assert answer.status_code == 400
    assert needed in xa.page
    assert VI in xa.page, "what was typed is still there"
    assert xa.ask(FACTS) == 0
    xa.post("/staff/information/offers", **form(clock, until=30))
    xa.post("/staff/information/power", **form(clock, until=None))
    assert xa.ask(FACTS) == 2
