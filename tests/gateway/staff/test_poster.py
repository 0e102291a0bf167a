"""Paper and loudspeaker: a poster for each hamlet, and the bulletin of any session."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from werkzeug.test import TestResponse

from db.store.engine import Database
from menus.days import at_local, today
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village


@pytest.fixture
def held(village: Village, db: Database, clock: Clock) -> dict[str, int]:
    """In three days at Quảng Liên I: accounts in the morning, a meeting at night, and a
    workshop at noon.
    """
    on = today(clock.now) + timedelta(days=3)
    made: dict[str, int] = {}
    said: dict[str, dict[str, Any]] = {
        "account": {"number": 47, "bring": "căn cước"},
        "meeting": {"number": 48, "bookable": False},
        "workshop": {"number": 49, "bookable": False},
    }
    with db.transaction() as tx:
        for kind, hour in (
            ("account", "08:00"),
            ("meeting", "19:00"),
            ("workshop", "12:00"),
        ):
            made[kind] = factories.event_with_slots(
                tx,
                hall_id=village.other_hall,
                starts=at_local(on, hour),
                minutes=120,
                capacity=3,
                kind=kind,
                **said[kind],
            ).id
    return made


def aloud(clerk: Clerk) -> list[str]:
    return re.findall(
        r"<p>([^<]+)</p>",
        clerk.page.partition("sheet aloud")[2].partition("</section>")[0],
    )


# Every letter that Vietnamese has beyond the Latin ones, and the longest name that a
# hall may bear.
LETTERS = "ăâđêôơưàằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹáắấéếíóốớúứýạặậẹệịọộợụựỵ"
SIGNS = r"#Ưỡng $Quảng$ Trường *Sơn* \ @Th_Hạ <ạ>"


def paper(answer: TestResponse) -> str:
    """The words of the only page of a PDF, set in the letters that come along."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    (page,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    box = [round(float(side)) for side in page.mediabox[2:]]
    assert box == [595, 842], "A4"
    resources: Any = page["/Resources"]
    fonts = {str(font["/BaseFont"]) for font in resources["/Font"].values()}
    assert all("Libertinus" in font for font in fonts), fonts
    return " ".join(page.extract_text().split())


def test_the_sheet_after_a_swap_says_how_to_call_whom_to_ask_and_what_to_tell_nobody(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    xa.get("/staff/poster/")
    assert "/staff/poster/after-swap" in xa.page
    xa.get(f"/staff/events/{village.event.id}/came")
    assert "/staff/poster/after-swap" in xa.page
    xa.get("/staff/poster/after-swap")
    for said in (
        "<b>18008098</b>",
        "<b>2404</b>",
        "VoLTE",
        "*2404#",
        "CACH",
        "Không đọc mật khẩu",
    ):
        assert said in xa.page, said


def test_a_poster_bears_number_code_and_the_sessions_of_the_hamlet(
    xa: Clerk, village: Village, held: dict[str, int]
) -> None:
    xa.get(f"/staff/poster/{village.lien}")
    for said in (
        "Thôn Quảng Liên I",
        "<b>2404</b>",
        "<b>*2404#</b>",
        '<td class="poster-number">47</td>',
        "*2404*47#",
        "Mở tài khoản Viettel Money",
        "8h00 – 10h00, thứ Hai, ngày 15 tháng 4",
        "Mang căn cước",
        "18008098",
    ):
        assert said in xa.page, said
    assert "CCCD" not in xa.get(f"/staff/poster/{village.trung}").text, "in words"
    assert "Mang căn cước công dân, máy cũ" in xa.page
    xa.get(f"/staff/poster/{village.lien}")
    assert "Hội thảo" not in xa.page, "it is by invitation"
    assert "Nông Thị Hoa" not in xa.page
    xa.get("/staff/poster/")
    assert f"/staff/poster/{village.trung}" in xa.page
    assert xa.get("/staff/poster/987654").status_code == 404


def test_the_poster_is_a_page_of_its_own_to_take_to_a_printer(
    xa: Clerk, village: Village, held: dict[str, int]
) -> None:
    xa.get(f"/staff/poster/{village.lien}")
    assert f'href="/staff/poster/{village.lien}.pdf"' in xa.page
    answer = xa.get(f"/staff/poster/{village.lien}.pdf")
    assert (
        answer.headers["Content-Disposition"]
        == 'attachment; filename="ap-phich-thon-quang-lien-i.pdf"'
    )
    said = paper(answer)
    for words in (
        "Thôn Quảng Liên I",
        "2404",
        "*2404#",
        "47",
        "Nhắn 47, hoặc bấm *2404*47# rồi bấm gọi",
        "Mở tài khoản Viettel Money",
        "8h00 – 10h00, thứ Hai, ngày 15 tháng 4",
        "Mang căn cước",
        "Cán bộ không hỏi mật khẩu",
        "18008098",
    ):
        assert words in said, words
    assert "Hội thảo" not in said, "it is by invitation"
    assert xa.get("/staff/poster/987654.pdf").status_code == 404


def test_the_longest_names_and_the_most_sessions_stand_on_one_page_as_they_are(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    """A sign that means something to who sets the page is only a sign in a name."""
    on = today(clock.now) + timedelta(days=2)
    half = len(LETTERS) // 2
    names = [
        SIGNS,
        LETTERS[:half],
        LETTERS[half:].upper(),
        "W" * 40,
        "Ễ" * 20 + " " + "M" * 19,
        "#panic()",
    ]
    with db.transaction() as tx:
        wide = factories.hamlet(tx, "Ưỡng " * 4 + "Ằ" * 40, 9)
        for at, name in enumerate(names):
            factories.event_with_slots(
                tx,
                hall_id=factories.hall(tx, wide, name),
                starts=at_local(on, f"{8 + at:02}:00"),
                minutes=60,
                kind="farmers",
                number=50 + at,
                bring="#m $x$ *" + "W" * 30,
                bookable=False,
            )
    said = paper(xa.get(f"/staff/poster/{wide}.pdf"))
    for name in names:
        assert name in said, name
    for at in range(6):
        assert f"*2404*{50 + at}#" in said
    assert "Mang #m $x$ *WWW" in said
    assert "Thôn Ưỡng Ưỡng Ưỡng Ưỡng " + "Ằ" * 40 in said, (
        "one word is set smaller, and never broken"
    )
    assert "Ai hỏi là lừa đảo" in said


def test_a_hamlet_head_downloads_the_own_poster_alone(
    thon: Clerk, visitor: Clerk, village: Village
) -> None:
    assert "Thôn Quảng Trung I" in paper(thon.get(f"/staff/poster/{village.trung}.pdf"))
    assert thon.get(f"/staff/poster/{village.lien}.pdf").status_code == 404
    assert visitor.get(f"/staff/poster/{village.trung}.pdf").status_code == 303


def test_the_sheet_after_a_swap_is_a_page_to_download_too(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    point = "#Điểm *Viettel*: chợ Quảng Lạc, 7h30-17h, T2-T7. Gọi 0205 3 870 123 $."
    xa.post(
        "/staff/information/point",
        vi=point,
        en="The Viettel point: at the market, 7:30 to 17:00.",
        valid_from="2024-04-12",
        valid_until="",
        form_key="a-form-key-of-a-fact",
    )
    xa.get("/staff/poster/after-swap")
    assert point in xa.page
    assert 'href="/staff/poster/after-swap.pdf"' in xa.page
    said = paper(xa.get("/staff/poster/after-swap.pdf"))
    for words in (
        "Dùng máy 4G mới",
        "18008098",
        "VoLTE",
        "*2404#",
        "CACH",
        "Không đọc mật khẩu",
    ):
        assert words in said, words
    assert point.replace(" ", "") in said.replace(" ", ""), (
        "its lines break where they must"
    )


def test_a_hamlet_head_prints_the_own_one(
    thon: Clerk, village: Village, held: dict[str, int]
) -> None:
    assert (
        thon.get("/staff/poster/")
        .headers["Location"]
        .endswith(f"/staff/poster/{village.trung}")
    )
    assert thon.get(f"/staff/poster/{village.trung}").status_code == 200
    assert "Đổi máy 4G" in thon.page
    assert thon.get(f"/staff/poster/{village.lien}").status_code == 404


def test_a_hamlet_where_nothing_is_held_has_a_poster_too(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        empty = factories.hamlet(tx, "Quảng Hồng III", 9)
    xa.get(f"/staff/poster/{empty}")
    assert "<b>2404</b>" in xa.page
    assert "HOP" in xa.page
    assert "xin nhắn HOP" in paper(xa.get(f"/staff/poster/{empty}.pdf"))


def test_any_session_has_its_bulletin_at_hand(
    xa: Clerk, village: Village, held: dict[str, int]
) -> None:
    assert (
        f"/staff/announcement/?event={held['meeting']}"
        in xa.get(f"/staff/events/{held['meeting']}").text
    )
    xa.get(f"/staff/announcement/?event={held['meeting']}")
    assert aloud(xa) == [
        "Thông báo của xã Quảng Lạc gửi bà con thôn Quảng Liên I.",
        "Họp: từ 7 giờ tối đến 9 giờ tối thứ Hai, ngày 15 tháng 4, tại Nhà văn hóa Quảng Liên I."
        " Buổi này mang số bốn, tám.",
        "Muốn hỏi hay đặt giờ buổi nào, xin nhắn số của buổi ấy tới số hai, bốn, không, bốn.",
        "Cán bộ không hỏi mã OTP, không hỏi mật khẩu, không gửi đường dẫn. Ai hỏi là lừa đảo.",
    ]
    xa.get(f"/staff/announcement/?event={held['workshop']}")
    assert "Hội thảo: từ" in xa.page
    assert xa.get("/staff/announcement/?event=987654").status_code == 404


def test_the_week_says_the_swap_first_and_then_what_else_is_held(
    xa: Clerk, village: Village, held: dict[str, int]
) -> None:
    xa.get("/staff/announcement/")
    said = aloud(xa)
    also = said.index("Ngoài ra còn có các buổi sau.")
    assert said[1].startswith("Trong bảy ngày tới có các buổi đổi điện thoại")
    assert said[also + 1].startswith("Mở tài khoản Viettel Money: từ 8 giờ sáng")
    assert said[also + 1].endswith("Khi đi xin mang theo căn cước.")
    assert not any("Hội thảo" in line for line in said)
    xa.get(f"/staff/announcement/?hamlet={village.lien}")
    assert aloud(xa)[1] == "Trong bảy ngày tới có các buổi sau."


def test_what_goes_from_house_to_house_is_at_no_hall(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    on = today(clock.now) + timedelta(days=2)
    with db.transaction() as tx:
        common = factories.hall(tx, None, "Hội trường xã")
        for hall, kind in (
            (village.other_hall, "visits"),
            (village.other_hall, "street"),
            (common, "street"),
        ):
            factories.event_with_slots(
                tx,
                hall_id=hall,
                starts=at_local(on, "14:00"),
                minutes=120,
                kind=kind,
                bookable=False,
                bring="căn cước",
            )
    xa.get("/staff/announcement/")
    when = "từ 2 giờ chiều đến 4 giờ chiều Chủ nhật, ngày 14 tháng 4."
    said = aloud(xa)
    for sentence in (
        f"Cán bộ đến từng nhà ở thôn Quảng Liên I: {when} Xin có người ở nhà. Xin để sẵn căn cước.",
        f"Cán bộ đi các ngõ ở thôn Quảng Liên I: {when} Bà con cần giúp xin gặp cán bộ trên đường."
        " Khi đi xin mang theo căn cước.",
        f"Cán bộ đi các ngõ trong xã: {when} Bà con cần giúp xin gặp cán bộ trên đường. Khi đi xin mang theo căn cước.",
    ):
        assert sentence in said
    also = said.index("Ngoài ra còn có các buổi sau.")
    assert not any(
        "Nhà văn hóa" in sentence or "Hội trường" in sentence
        for sentence in said[also + 1 :]
    )


def test_a_fact_is_read_over_the_loudspeaker_as_one_hears(
    xa: Clerk, thon: Clerk, village: Village
) -> None:
    assert xa.get("/staff/information/power/announcement").status_code == 404, (
        "nothing is answered yet"
    )
    assert xa.get("/staff/information/nothing/announcement").status_code == 404
    vi = "Tiền điện: trả ở NVH Quảng Trung I, 7h30-17h, T2-T7. Bấm *2404*7# hoặc gọi 18008098."
    xa.post(
        "/staff/information/power",
        vi=vi,
        en="Electricity: pay at the hall, 7:30 to 17:00, Mon to Sat.",
        valid_from="2024-04-12",
        valid_until="",
        form_key="a-form-key-of-a-fact",
    )
    assert 'href="/staff/information/power/announcement"' in xa.page
    xa.get("/staff/information/power/announcement")
    assert aloud(xa) == [
        "Thông báo của xã Quảng Lạc gửi bà con các thôn.",
        "Tiền điện: trả ở Nhà văn hóa Quảng Trung I, 7 giờ 30 đến 17 giờ, thứ Hai đến thứ Bảy."
        " Bấm sao, hai, bốn, không, bốn, sao, bảy, thăng hoặc gọi một, tám, không, không, tám, không, chín, tám.",
        "Muốn hỏi thêm, xin nhắn tin tới số hai, bốn, không, bốn.",
        "Cán bộ không hỏi mã OTP, không hỏi mật khẩu, không gửi đường dẫn. Ai hỏi là lừa đảo.",
    ]
    thon.get("/staff/information/power/announcement")
    assert "gửi bà con thôn Quảng Trung I" in thon.page


def test_offers_are_read_to_nobody_who_did_not_ask(xa: Clerk, village: Village) -> None:
    xa.post(
        "/staff/information/offers",
        vi="Nạp tiền được hoàn 10 phần trăm.",
        en="10 percent back on top-ups.",
        valid_from="2024-04-12",
        valid_until="2024-05-12",
        form_key="a-form-key-of-a-fact",
    )
    assert "Nạp tiền được hoàn" in xa.page
    assert "/announcement" not in xa.page
    assert xa.get("/staff/information/offers/announcement").status_code == 404
