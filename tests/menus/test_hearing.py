"""What a resident meant by what was typed."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.hearing import Meaning, Situation, fold, hear, number

NOBODY = Situation(date(2026, 4, 20))  # nothing open, nothing booked


@pytest.mark.parametrize(
    "written", ["HUY", "huy", "hủy", "huỷ", "Huỷ", "HỦY", " h\u200buy ", unicodedata.normalize("NFD", "hủy")]
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


@pytest.mark.parametrize("typed", ["khong", "8h30", "ba me", "Nguyen", "1 2", "*", "1*2", "12345", "k"])
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
        ("STOP", Meaning("STOP_ADVERTS")),
        ("TC DV", Meaning("STOP_ALL")), ("tcdv", Meaning("STOP_ALL")), ("START", Meaning("START")),
    ],
)  # fmt: skip
def test_a_keyword_means_one_thing(typed: str, said: Meaning) -> None:
    assert hear(typed, NOBODY) == said


@pytest.mark.parametrize(
    "typed", ["dk", "48315", "cho", "Huy oi di cho", "goi", "1", "khong", "ok", "", "...", "huy 483", "anh Huy"]
)
def test_what_reads_two_ways_does_nothing(typed: str) -> None:
    assert hear(typed, NOBODY).word in ("ASK", "NOTHING")


@given(st.text(max_size=300))
def test_nothing_that_can_be_typed_breaks_the_hearing(text: str) -> None:
    fold(text), number(text), hear(text, NOBODY)
    assert fold(fold(text)) == fold(text) or not text.isascii()
