"""What a resident meant by what was typed."""

from __future__ import annotations

import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.hearing import Meaning, Situation, fold, hear, number

NOBODY = Situation(date(2026, 4, 20))  # nothing open, nothing booked


@pytest.mark.parametrize(
    "written",
    [
        "HUY",
        "huy",
        "hủy",
        "huỷ",
        "Huỷ",
        "HỦY",
        " h\u200buy ",
        unicodedata.normalize("NFD", "hủy"),
    ],
)
def test_cancel_is_cancel_however_the_tone_is_set(written: str) -> None:
    assert fold(written) == "huy"
    assert hear(f"{written} 48315", NOBODY) == Meaning("CANCEL", code="48315")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("1", "1"), ("12", "12"), ("00", "00"), ("0", "0"), ("1.", "1"), (" 1 ", "1"), ("so 1", "1"), ("số 1", "1"),
        ("1 nhe", "1"), ("1 nhé", "1"), ("chọn 1", "1"), ("chon so 2 nhe", "2"), ("em chọn số 3 ạ", "3"), ("O", "0"),
        ("oo", "00"), ("l", "1"), ("1\ufe0f\u20e3", "1"), ("mot", "1"), ("một", "1"), ("hai", "2"), ("ba", "3"),
        ("phím 5", "5"), ("bấm phím 5", "5"), ("1)", "1"), ("1,", "1"),
    ],
)  # fmt: skip
def test_a_number_is_heard_in_all_its_clothes(typed: str, key: str) -> None:
    assert number(typed) == key


@pytest.mark.parametrize(
    "typed", ["khong", "8h30", "ba me", "Nguyen", "1 2", "*", "1*2", "12345", "k"]
)
def test_what_is_no_number_is_left_as_it_is(typed: str) -> None:
    assert number(typed) == fold(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("KT", Meaning("CHECK")), ("kiểm tra", Meaning("CHECK")), ("doi", Meaning("CHECK")),
        ("doi may", Meaning("CHECK")),
        ("đổi 4G", Meaning("CHECK")), ("4g!", Meaning("CHECK")),
        ("DL", Meaning("BOOK")), ("đặt lịch", Meaning("BOOK")), ("dang ky", Meaning("BOOK")),
        ("LICH", Meaning("MINE")), ("xem lịch", Meaning("MINE")), ("lich 48315", Meaning("MINE", code="48315")),
        ("CO 48315", Meaning("COMING", code="48315")), ("LH", Meaning("CALL")),
        ("HUY 48315", Meaning("CANCEL", code="48315")), ("huỷ lịch hẹn 48315.", Meaning("CANCEL", code="48315")),
        ("Huy:48315", Meaning("CANCEL", code="48315")), ("huy48315", Meaning("CANCEL", code="48315")),
        ("DOI 48315", Meaning("CHANGE", code="48315")), ("đổi lịch", Meaning("CHANGE")),
        ("đổi giờ 48315", Meaning("CHANGE", code="48315")),
        ("GOI LAI", Meaning("CALL")), ("gọi lại", Meaning("CALL")),
        ("TG", Meaning("HELP")), ("HD", Meaning("HELP")), ("HT", Meaning("HELP")), ("trợ giúp", Meaning("HELP")),
        ("NN", Meaning("LANGUAGE")), ("english", Meaning("LANGUAGE")),
        ("TC", Meaning("STOP_ADVERTS")), ("từ chối", Meaning("STOP_ADVERTS")),
        ("STOP", Meaning("STOP_ADVERTS")), ("TC NHAC", Meaning("STOP_REMINDERS")),
        ("tcnhac", Meaning("STOP_REMINDERS")), ("từ chối nhắc lịch", Meaning("STOP_REMINDERS")),
        ("Thôi nhắc lịch", Meaning("STOP_REMINDERS")),
        ("TC DV", Meaning("STOP_ALL")), ("tcdv", Meaning("STOP_ALL")), ("START", Meaning("START")),
    ],
)  # fmt: skip
def test_a_keyword_means_one_thing(typed: str, said: Meaning) -> None:
    assert hear(typed, NOBODY) == said


@pytest.mark.parametrize(
    "typed",
    [
        "dk",
        "cho",
        "Huy oi di cho",
        "goi",
        "1",
        "khong",
        "ok",
        "",
        "...",
        "huy 483",
        "anh Huy",
    ],
)
def test_what_reads_two_ways_does_nothing(typed: str) -> None:
    assert hear(typed, NOBODY).word in ("ASK", "NOTHING")


@given(st.text(max_size=300))
def test_nothing_that_can_be_typed_breaks_the_hearing(text: str) -> None:
    fold(text), number(text), hear(text, NOBODY)
    assert fold(fold(text)) == fold(text) or not text.isascii()


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("DG 5", 5), ("dg5", 5), ("DG 5 nhe", 5), ("danh gia 4", 4), ("Đánh giá 4 ạ", 4), ("em oi DG 3", 3),
        ("dg 5 rat tot", 5), ("DG 5/5", 5), ("dg nam", 5), ("D G 2", 2), ("cham diem 4", 4), ("DG 5 sao", 5),
        ("cham 1", 1), ("DG", 0), ("dg a", 0), ("danh gia", 0), ("DG 6", 0), ("DG 0", 0),
    ],
)  # fmt: skip
def test_a_score_is_heard_with_its_number_or_asked_for(said: str, score: int) -> None:
    meaning = hear(said, NOBODY)
    assert (meaning.word, meaning.score) == ("RATE", score)


@pytest.mark.parametrize(
    "said",
    [
        "em dg ban lam",
        "dg 5h toi den",
        "dang o nha",
        "DG 48315",
        "khong danh gia dau",
        "dg di cho mua rau",
        "cham qua",
    ],
)
def test_what_only_begins_like_a_score_is_none(said: str) -> None:
    assert hear(said, NOBODY).word != "RATE"


def test_a_bare_digit_is_a_score_only_right_after_the_question() -> None:
    asked = Situation(NOBODY.today, rating=True)
    assert (hear("5", asked).word, hear("so 4 nhe", asked).score) == ("RATE", 4)
    assert hear("5", NOBODY).word != "RATE"
    assert hear("9", asked).word != "RATE"
    assert hear("huy lich", asked).word == "CANCEL"


@pytest.mark.parametrize(
    "said",
    [
        "CACH",
        "cách dùng",
        "cach dung may 4g",
        "cho hoi cach su dung dien thoai moi",
        "huong dan su dung may",
    ],
)
def test_how_to_use_the_phone_is_heard(said: str) -> None:
    assert hear(said, NOBODY).word == "HOWTO"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("cach goi lai", "CALL"),
        ("huong dan dat lich", "HELP"),
        ("tro giup", "HELP"),
        ("hd", "HELP"),
    ],
)
def test_what_is_only_about_ways_is_not_the_phone(said: str, word: str) -> None:
    assert hear(said, NOBODY).word == word


def test_a_letter_of_1600_letters_is_heard_about_as_quickly_as_a_text() -> None:
    """Under 5 ms where it was measured; the test leaves room for a slow machine."""
    letter = "chào xã, nhà tôi ở Quảng Trung I muốn hỏi đổi máy, thứ 7 tôi bận. "
    took: list[float] = []
    for number_ in range(10):
        written = f"{number_} {letter * 25}"[:1600]
        begins = time.thread_time()
        hear(written, NOBODY)
        took.append(time.thread_time() - begins)
    assert min(took) < 0.010
