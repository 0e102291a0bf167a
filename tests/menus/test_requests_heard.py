"""What is asked of a person, and what is said to the commune: told from questions,
bookings, refusals and talk.
"""

from __future__ import annotations

from datetime import date

import pytest

from menus import words
from menus.fitting import cost, on_wire
from menus.hearing import Line, Situation, hear
from tests.menus.resident import REGISTERED, Resident

HERE = Situation(
    date(2024, 4, 12), hamlets=(Line("7", "Quảng Trung II"), Line("8", "Quảng Hồng I"))
)
REQUESTS = {
    "qr": [
        "toi ban tap hoa o Quang Trung 2 muon xin ma qr", "xin mã QR cho cửa hàng", "cho toi xin bang qr",
        "em can lam ma qr de ban hang", "dang ky ma qr cho quan nuoc", "I want a QR code for my shop",
    ],
    "account": [
        "mo tai khoan viettel money ho toi", "nho can bo mo viettel money cho me toi",
        "lap ho em tai khoan viettel money",
    ],
    "visit": [
        "nho can bo den nha me toi", "moi can bo xuong tan nha giup ba toi", "toi gia yeu, cho nguoi vao nha giup",
        "toi o quang hong 1 ko biet chu nho nguoi den giup", "nho can bo xuong xem giup toi",
    ],
    "erase": ["xoa het thong tin cua toi", "xóa dữ liệu của tôi đi", "delete my data", "xoa so cua toi"],
    "copy": ["cho toi xin ban sao du lieu", "gui toi ban sao thong tin cua toi"],
    "no_phone": ["me toi khong co dien thoai", "ba noi em ko co dt thi sao",
        "me toi o quang trung 2 ten Ly Thi Mau khong co dt nho giup", "my mother has no phone"],
    "tv360": ["nho cai tv360 cho toi", "cai giup tv360"],
    "app": ["nho cai ho ung dung cong dan so", "cai giup toi app"],
    "school": ["muon gap nha truong", "nho nha truong goi lai cho toi", "nop ho toi hoc phi giup em"],
}  # fmt: skip
OPINIONS = [
    "GOP Y hoi truong nong qua", "toi gop y: hoi truong nong qua, nen doi lich sang chieu",
    "góp ý là nên huy lịch buổi trưa",
    "can bo thai do voi dan qua", "nhan vien hom qua thai do lam",
    "toi muon phan anh can bo noi nang kho nghe voi dan", "xin khieu nai ve viec goi lai", "kien nghi xa them ghe ngoi",
]  # fmt: skip
HOW = (
    "request_waits", "request_waits_its_turn", "request_taken", "request_tried", "request_done", "request_declined",
)  # fmt: skip
NEITHER = [
    "DL", "huy 48315", "TC DV", "tc", "khong muon nhan tin nua", "doi lich sang chu nhat", "qr la gi", "KT", "cam on",
    "toi khong can ma qr", "1", "co", "khong", "lich", "dat cho 9h chu nhat quang hong 1", "xoa lich hen", "START",
    "goi lai cho toi",
    "tv360 xem o dau", "nha van hoa o dau", "den nha van hoa luc may gio",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said"), [(kind, one) for kind, all_ in REQUESTS.items() for one in all_]
)
def test_a_wish_is_a_request_of_its_kind(kind: str, said: str) -> None:
    meaning = hear(said, HERE)
    assert (meaning.word, meaning.kind) == ("REQUEST", kind)


def test_the_hamlet_that_is_named_goes_along() -> None:
    assert hear(REQUESTS["qr"][0], HERE).hamlet == "7"


@pytest.mark.parametrize("said", OPINIONS)
def test_an_opinion_that_says_so_is_one_whatever_else_it_speaks_of(said: str) -> None:
    meaning = hear(said, HERE)
    assert (meaning.word, meaning.kind) == ("OPINION", "said")


@pytest.mark.parametrize(
    "said",
    [
        "toi muon y kien voi chu tich xa",
        "toi muon phan anh voi truong thon",
        "cho toi gop y voi can bo xa mot chut",
        "xin gop y len uy ban",
    ],
)
def test_who_wants_to_say_something_is_asked_what(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(said)
    assert someone.state == "Opinion"
    someone.text(said)
    assert someone.state == "Opinion", "also where the words are asked for"
    assert someone.port.opinions() == []
    someone.text("duong vao thon hong")
    assert len(someone.port.opinions()) == 1


@pytest.mark.parametrize(
    "said",
    [
        "thoi khong gop y nua",
        "khong co y kien gi",
        "khong noi nua",
        "khong co gi",
        "HUY",
    ],
)
def test_who_says_nothing_after_all_has_no_opinion_kept(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("gop y", said)
    assert someone.state == ""
    assert someone.port.opinions() == []


@pytest.mark.parametrize(
    "said",
    ["gop y can bo tot", "phan anh truong thon an tien", "gop y xa nen lam duong"],
)
def test_an_opinion_of_somebody_is_kept(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(said)
    assert len(someone.port.opinions()) == 1


def test_the_word_alone_is_asked_for_the_words() -> None:
    assert (hear("gop y", HERE).word, hear("GÓP Ý", HERE).kind) == ("OPINION", "")


@pytest.mark.parametrize("first", ["xin ma qr", "GOI LAI", "DL CN 8h"])
@pytest.mark.parametrize(
    "said",
    ["1A", "1 chau lop 1a ten Nam", "2 chau", "hai chau", "2 quan", "1 con gai nho"],
)
def test_a_number_beside_other_words_agrees_to_nothing(first: str, said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(first)
    asked = someone.state
    someone.text(said)
    assert someone.state == asked, "asked once more"
    assert not someone.session.understood, "staff read what was said"
    assert not someone.consents
    assert "Da" in someone.text("1"), "and a bare number answers it"
    assert someone.consents


@pytest.mark.parametrize("first", ["xin ma qr", "GOI LAI"])
@pytest.mark.parametrize(
    "said",
    ["dong y nhung goi buoi toi", "co, chau lop 2 ten Nam", "dong y, quan o cho"],
)
def test_a_yes_with_more_is_no_consent_to_hand_over_a_number(
    first: str, said: str
) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(first, said)
    assert not someone.consents


@pytest.mark.parametrize("first", ["xin ma qr", "GOI LAI"])
@pytest.mark.parametrize(
    "said",
    ["1", "1 nhe", "1nhe", "so 1", "chon 1 a", "1. dong y", "1 dong y a", "dong y"],
)
def test_a_bare_number_or_a_plain_yes_is_a_consent(first: str, said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(first, said)
    assert [consent.answer for consent in someone.consents] == [said]


@pytest.mark.parametrize("said", NEITHER)
def test_what_means_something_else_keeps_its_meaning(said: str) -> None:
    assert hear(said, HERE).word not in ("REQUEST", "OPINION")


def test_a_shop_asks_by_text_agrees_once_and_sees_how_it_stands() -> None:
    shop = Resident(REGISTERED, channel="sms")
    assert "Viettel" in shop.text(REQUESTS["qr"][0])
    assert shop.port.done == [], "nothing is asked before it was agreed to"
    assert "Da ghi, so 1" in shop.text("1")
    assert shop.world.requests[0][1].kind == "qr"
    assert "xin ma QR, ghi T6 12/4, chua goi" in shop.text("LICH")
    assert "so 1" in shop.text("1", "1")
    assert shop.text("LICH").startswith("Chua co lich hen nao")


def test_a_call_leads_to_each_kind_on_one_page_and_an_opinion_is_texted() -> None:
    caller = Resident(REGISTERED)
    assert "99. " not in caller.dial("4")
    assert caller.state == "CallOrRequest"
    assert "nhan GOP Y" in caller.press("9")
    assert "Phim nay khong co" in caller.press("7"), "a key is no opinion"
    assert "Da ghi, so 1" in caller.press("1", "1")


def test_for_somebody_without_a_phone_the_name_and_the_ground_are_asked() -> None:
    daughter = Resident(REGISTERED, channel="sms")
    daughter.text("me toi khong co dien thoai", "Lý Thị Mẫu", "1", "1")
    request = daughter.world.requests[0][1]
    assert (request.kind, request.name) == ("no_phone", "Lý Thị Mẫu")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_question_and_answer_about_a_request_is_one_text(language: str) -> None:
    """With its lines, as they stand below it."""
    for kind in (*REQUESTS, "call_me"):
        someone = Resident(REGISTERED, channel="sms").speaking(language)
        someone.text(
            {**{one: said[0] for one, said in REQUESTS.items()}, "call_me": "GOI LAI"}[
                kind
            ]
        )
        if kind == "no_phone":
            someone.text("Hoang Thi Phuong Thao", "1")
        assert cost(someone.screen.text).parts == 1, someone.screen.text
        someone.text("1")
        assert cost(someone.screen.text).parts == 1, someone.screen.text
        assert cost(someone.text("LICH")).parts == 1


@pytest.mark.parametrize(
    "said",
    [
        "bao gio viettel goi",
        "khi nao can bo goi lai cho toi",
        "viettel bao gio moi goi vay",
        "sao mai viettel chua goi",
    ],
)
def test_who_asks_when_somebody_calls_reads_how_it_stands(said: str) -> None:
    shop = Resident(REGISTERED, channel="sms")
    shop.text(REQUESTS["qr"][0], "1")
    assert "xin ma QR, ghi T6 12/4, chua goi" in shop.text(said)
    nobody = Resident(REGISTERED, channel="sms")
    assert nobody.text(said).startswith("Khong co yeu cau nao dang cho.")


def test_an_erasure_waits_for_no_call() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("xoa het thong tin cua toi", "1")
    assert "dang cho lam" in someone.text("LICH")


def test_how_an_opinion_stands_is_told_and_is_no_opinion() -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text("GOP Y hoi truong nong qua", "gop y so 1 the nao roi")
    assert someone.screen.text == "Gop y so 1, gui T6 12/4, chua tra loi."
    assert "Gop y so 1" in someone.text("gop y cua toi the nao roi")
    assert "15" in someone.text("gop y so 15")
    assert cost(someone.screen.text).parts == 1
    assert "So 1: gop y, chua tra loi" in someone.text("LICH")
    assert "Gop y so 1" in someone.text("2")
    assert len(someone.world.opinions) == 1


@pytest.mark.parametrize(
    "said",
    [
        "gop y so loa it qua",
        "gop y: 2 cai loa hong, khong nghe duoc",
        "gop y lan 2 loa to",
    ],
)
def test_an_opinion_with_a_number_in_it_is_kept(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(said)
    assert [words_ for _, words_ in someone.world.opinions.values()] == [said]


def test_a_line_of_a_request_says_all_on_one_row() -> None:
    for language in ("vi", "en"):
        sentences = words.SENTENCES[language]
        what = max(
            (
                said
                for key, said in sentences.items()
                if key.startswith("request_what_")
            ),
            key=len,
        )
        how = max((sentences[key] for key in HOW), key=len)
        line = words.say(
            language, "request_line", request=12345, what=what, day="CN 12/12", how=how
        )
        assert len(on_wire(line, False)) <= 80
