"""What a resident meant by what was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.hearing import Said, command, fold, number


@pytest.mark.parametrize(
    "written", ["HUY", "huy", "hủy", "huỷ", "Huỷ", "HỦY", " h\u200buy ", unicodedata.normalize("NFD", "hủy")]
)
def test_cancel_is_cancel_however_the_tone_is_set(written: str) -> None:
    assert fold(written) == "huy"
    assert command(written) == Said("CANCEL")


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
        ("KT", Said("CHECK")), ("kiểm tra", Said("CHECK")), ("doi", Said("CHECK")), ("doi may", Said("CHECK")),
        ("đổi 4G", Said("CHECK")), ("4g!", Said("CHECK")),
        ("DL", Said("BOOK")), ("đặt lịch", Said("BOOK")), ("ĐK", Said("BOOK")), ("dang ky", Said("BOOK")),
        ("LICH", Said("MINE")), ("xem lịch", Said("MINE")), ("lich 48315", Said("MINE", "48315")),
        ("48315", Said("MINE", "48315")), ("CO 48315", Said("MINE", "48315")),
        ("HUY 48315", Said("CANCEL", "48315")), ("huỷ lịch hẹn 48315.", Said("CANCEL", "48315")),
        ("Huy:48315", Said("CANCEL", "48315")), ("huy48315", Said("CANCEL", "48315")),
        ("DOI 48315", Said("CHANGE", "48315")), ("đổi lịch", Said("CHANGE")),
        ("đổi giờ 48315", Said("CHANGE", "48315")),
        ("GOI LAI", Said("CALL")), ("gọi lại", Said("CALL")),
        ("TG", Said("HELP")), ("HD", Said("HELP")), ("HT", Said("HELP")), ("trợ giúp", Said("HELP")),
        ("NN", Said("LANGUAGE")), ("english", Said("LANGUAGE")),
        ("TC", Said("STOP_ADVERTS")), ("từ chối", Said("STOP_ADVERTS")), ("STOP", Said("STOP_ADVERTS")),
        ("TC DV", Said("STOP_ALL")), ("tcdv", Said("STOP_ALL")), ("START", Said("START")),
    ],
)  # fmt: skip
def test_a_keyword_means_one_thing(typed: str, said: Said) -> None:
    assert command(typed) == said


@pytest.mark.parametrize(
    "typed", ["LH", "cho", "Huy oi di cho", "goi", "1", "khong", "ok", "", "...", "huy 483", "anh Huy"]
)
def test_what_reads_two_ways_is_no_keyword(typed: str) -> None:
    assert command(typed) is None


@given(st.text(max_size=300))
def test_nothing_that_can_be_typed_breaks_the_hearing(text: str) -> None:
    fold(text), number(text), command(text)
    assert fold(fold(text)) == fold(text) or not text.isascii()
