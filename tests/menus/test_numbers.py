"""Phone numbers as people and lists write them."""

from __future__ import annotations

import pytest

from menus.numbers import (
    OLD_PREFIXES,
    NotAFixedLine,
    NotAMobile,
    fixed_line,
    is_fixed_line,
    local,
    masked,
    mobile,
    network,
)

ONE = "+84990000001"


@pytest.mark.parametrize(
    "written",
    [
        "0990000001", "84990000001", "+84990000001", "0084990000001", "0990 000 001", "0990.000.001", "099-000-0001",
        "(0990) 000001", " +84 990 000 001 ", "+84 0990 000 001", "840990000001", "0990/000/001",
    ],
)  # fmt: skip
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert mobile(written) == ONE


@pytest.mark.parametrize(("old", "new"), OLD_PREFIXES.items())
def test_an_eleven_digit_number_of_an_old_list_becomes_the_number_of_today(
    old: str, new: str
) -> None:
    today = f"+84{new[1:]}2345678"[:12]
    seven = today[-7:]
    assert mobile(old + seven) == mobile(f"{new}{seven}")
    assert mobile("+84" + old[1:] + seven) == mobile(f"{new}{seven}")


def test_the_table_of_old_prefixes_is_complete() -> None:
    assert len(OLD_PREFIXES) == 21
    assert OLD_PREFIXES["0162"] == "032"
    assert OLD_PREFIXES["0199"] == "059"


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "2404", "0205 3812 345", "+84 205 3812345", "18008098", "+8613800138000", "+1 202 555 0100",
        "09900000", "099000000012", "0990 OOO OO1", "abc", "+", "++84990000001", "0990000001x", "9" * 30, "\x00" * 10,
    ],
)  # fmt: skip
def test_what_cannot_be_texted_is_refused(written: str) -> None:
    with pytest.raises(NotAMobile):
        mobile(written)


@pytest.mark.parametrize(
    "written",
    [
        "0205 3 870 123",
        "02053870123",
        "+84 205 3870123",
        "842053870123",
        "00842053870123",
        "(0205) 3870.123",
    ],
)
def test_a_fixed_line_is_a_number_that_takes_no_texts(written: str) -> None:
    assert fixed_line(written) == "+842053870123"
    assert is_fixed_line(fixed_line(written))
    with pytest.raises(NotAMobile):
        mobile(written)


@pytest.mark.parametrize(
    "written",
    ["", "0990000001", ONE, "3870123", "0205 387", "0205 3870 1234 5", "x", "+8613800"],
)
def test_without_its_area_code_or_with_letters_it_is_no_fixed_line(
    written: str,
) -> None:
    assert not is_fixed_line(ONE)
    with pytest.raises(NotAFixedLine):
        fixed_line(written)


def test_a_number_is_read_aloud_in_groups_and_masked_where_nobody_needs_it() -> None:
    assert local(ONE) == "0990 000 001"
    assert masked(ONE) == "+84990***001"
    assert masked("123") == "***"


def test_the_prefix_only_hints_at_the_network() -> None:
    assert [network(f"+84{prefix}0000001") for prefix in ("98", "91", "90", "56")] == [
        "viettel",
        "vinaphone",
        "mobifone",
        "other",
    ]
