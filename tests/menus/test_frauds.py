"""Somebody is being cheated, or has been: what they write is answered at once, whatever
is open, and nothing is booked and nobody called first. What only sounds like it is not.
"""

from __future__ import annotations

import pytest

from menus import words
from menus.fitting import cost
from menus.hearing import hear
from menus.hearing.fraud import HARMED, of_a_fraud
from menus.topics import Topic
from tests.menus.resident import REGISTERED, Resident
from tests.menus.test_heard import situation

WAYS: tuple[tuple[str, ...], ...] = (
    (),
    ("DL",),
    ("DL", "1"),
    ("DL", "1", "1"),
    ("DL", "1", "1", "dat ho"),
    ("GOI LAI",),
    ("LICH",),
    ("KT",),
    ("dung nhan tin",),
    ("nho viettel mo tai khoan",),
)
# A fraud goes on, or may.
GOES_ON = (
    "co thang goi dien bao toi no tien dien chuyen khoan ngay",
    "so la goi bao toi khoa sim phai chuyen tien",
    "ông nào gọi cho tôi bảo con tôi cấp cứu, cần tiền gấp",
    "toi nhan tin nhan bao nop phat nguoi vao so tai khoan la",
    "viettel goi den bao doc ma xac nhan de len 4g",
    "ngân hàng gọi xin số thẻ của tôi",
    "cong an nao goi doa bat giam neu khong chuyen khoan",
    "co dua tu xung nhan vien dien luc den nha",
    "chung no gui link bao toi cai app",
    "nguoi ta bao toi trung xe sh nop phi 2 trieu",
    "duoc thuong 50 trieu co phai that khong",
    "bam vao link nay co sao khong",
    "www doi-sim vn la gi",
    "doc otp cho nguoi la co sao khong",
    "co nen chuyen tien cho ho khong",
    "co nguoi den tan nha doi nop tien moi cho doi may",
    "so 2404 la so gi vay",
    "so la goi cho toi co phai lua dao khong",
    "co ong goi toi bao doc 6 so gui ve may",
    "bac si goi bao con toi tai nan chuyen tien ngay",
    "nguoi ta goi bao nang cap sim soan tin theo cu phap",
    "xa co bao chuyen tien de nhan may khong",
    "nhan duoc tin trung 1 chiec xe honda",
    "they asked me for my password",
)
# Money, or a code, is gone.
GONE = (
    "tien trong viettel money mat tu nhien",
    "chuyen tien nham",
    "tôi chuyển nhầm 500k cho người khác",
    "nap the nham so dien thoai",
    "tai khoan viettel money cua toi bi tru tien",
    "tu dung mat het tien trong vi",
    "toi lo doc otp cho nguoi ta",
    "me toi vua bam vao duong dan la",
    "bo toi bi nguoi ta lua mat 3 trieu",
    "tai khoan toi bi mat 2 trieu",
    "bi hack tai khoan viettel money",
    "all my money is gone",
)
# It sounds like it, and is a question like any other.
NO_FRAUD = (
    "chuyen tien hoc phi qua viettel money the nao",
    "cho hoi nop tien dien chuyen khoan",
    "ma otp khong ve",
    "quen mat khau viettel money khong vao duoc",
    "toi muon gui tien cho con qua viettel money",
    "mo tai khoan viettel money co mat tien khong",
    "nhan tin vao so nay co mat tien khong",
    "truong bao nop hoc phi qua viettel money",
    "toi da chuyen tien hoc phi roi",
    "viettel bao sim 2g sap bi khoa",
    "nho nguoi den nha mo tai khoan",
    "nho can bo goi cho toi de chi cach chuyen tien",
    "khach cu hoi ck, toi muon ma qr",
    "vao link dich vu cong khong duoc",
    "can bo bao mang can cuoc",
    "ong Trung thuong xuyen di vang",
    "co ai goi lai cho toi ve viec nop tien dien khong",
    "gui nham tin, xin loi",
    "nop tien mat roi",
    "doi may co phai nop tien khong",
    "quang trung 1 xe luu dong may gio den",
    "thon quang trung 2 co giai bong chuyen khong",
    "nho anh chi goi bac si den xem",
    "nap tien dien thoai o dau",
    "co chu nao o xa bay toi chuyen tien voi",
    "bao gio viettel goi",
)


@pytest.mark.parametrize(
    "said", [said for row in words.FRAUD["fraud"] for said in row["heard"]]
)
def test_each_row_of_the_table_hears_its_own_texts(said: str) -> None:
    meaning = hear(said, situation("none"))
    assert (meaning.word, meaning.topic) == ("FACT", Topic.WHO)


@pytest.mark.parametrize("said", GOES_ON)
def test_who_is_being_cheated_reads_how_to_tell_a_fraud(said: str) -> None:
    meaning = hear(said, situation("none"))
    assert (meaning.word, meaning.topic, meaning.kind) == ("FACT", Topic.WHO, "")
    someone = Resident(REGISTERED, channel="sms")
    assert "18008098" in someone.text(said)
    assert someone.booking is None


@pytest.mark.parametrize("said", GONE)
def test_whose_money_or_code_is_gone_reads_whom_to_call(said: str) -> None:
    meaning = hear(said, situation("none"))
    assert (meaning.topic, meaning.kind) == (Topic.WHO, HARMED)
    told = Resident(REGISTERED, channel="sms").text(said)
    assert "18008098" in told
    assert "Giu cho" not in told
    assert cost(told).parts == 1


@pytest.mark.parametrize("said", NO_FRAUD)
def test_what_only_sounds_like_it_is_no_alarm(said: str) -> None:
    assert of_a_fraud(said) is None
    assert hear(said, situation("none")).topic != Topic.WHO


@pytest.mark.parametrize("way", WAYS)
def test_it_is_answered_before_anything_else_whatever_is_open(
    way: tuple[str, ...],
) -> None:
    someone = Resident(REGISTERED, channel="sms")
    someone.text(*way, GOES_ON[0])
    assert "Ngo lua dao" in someone.screen.text
    assert someone.booking is None
    assert someone.world.requests == []


def test_our_own_text_sent_back_is_no_alarm() -> None:
    ours = words.say("vi", "harmed")
    assert of_a_fraud(f"Xã: {ours} 1. Nhờ gọi lại 2. Thôi") is None
