"""Whether a basic phone shows it whole and what it costs, against GSM 03.38 as
published.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menus.fitting import (
    SMS,
    USSD,
    USSD_182,
    Budget,
    Cost,
    cost,
    fits,
    fold,
    is_gsm,
    on_wire,
    pages,
    price,
    septets,
)

# GSM 03.38 / 3GPP TS 23.038, 6.2.1: the default alphabet in order of its codes (0x1B is
# the escape).
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # 6.2.1.1: escape and one more
# Every vowel with every tone, in both cases, and đ: 134 letters.
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
BASES = "aăâeêioôơuưy"
MARKED = {
    unicodedata.normalize("NFC", letter + tone)
    for base in BASES
    for letter in (base, base.upper())
    for tone in TONES
    if letter + tone not in "aeiouyAEIOUY"
} | {"đ", "Đ"}


def test_the_default_alphabet_is_the_published_one() -> None:
    assert len(DEFAULT) == 128
    assert all(
        is_gsm(letter) and septets(letter) == 1
        for letter in DEFAULT
        if letter != "\x1b"
    )


def test_the_extension_table_costs_two_septets_each() -> None:
    assert all(is_gsm(letter) and septets(letter) == 2 for letter in EXTENSION)
    assert septets("[QC] ") == 7


def test_no_other_character_is_in_the_alphabet() -> None:
    known = {*DEFAULT, *EXTENSION} - {"\x1b"}
    assert [chr(code) for code in range(0x10000) if is_gsm(chr(code))] == sorted(known)


def test_of_the_vietnamese_letters_with_marks_only_seven_are_in_the_alphabet() -> None:
    assert len(MARKED) == 134
    assert {letter for letter in MARKED if is_gsm(letter)} == set("àèéìòùÉ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", Cost("GSM-7", 0, 1)),
        ("a" * 160, Cost("GSM-7", 160, 1)),
        ("a" * 161, Cost("GSM-7", 161, 2)),
        ("a" * 306, Cost("GSM-7", 306, 2)),
        ("a" * 307, Cost("GSM-7", 307, 3)),
        ("a" * 459, Cost("GSM-7", 459, 3)),
        ("€" * 80, Cost("GSM-7", 160, 1)),
        ("a" + "€" * 80, Cost("GSM-7", 161, 2)),
        (
            "a" * 152 + "€" + "a" * 152,
            Cost("GSM-7", 306, 3),
        ),  # the pair moves on whole, and a septet is lost
        ("ạ" * 70, Cost("UCS-2", 70, 1)),
        ("ạ" * 71, Cost("UCS-2", 71, 2)),
        ("ạ" * 134, Cost("UCS-2", 134, 2)),
        ("ạ" * 135, Cost("UCS-2", 135, 3)),
        ("😀" * 35, Cost("UCS-2", 70, 1)),
        ("😀" * 36, Cost("UCS-2", 72, 2)),
        (
            "😀" * 67,
            Cost("UCS-2", 134, 3),
        ),  # 33 pairs a part: 67 units do not hold half an emoji
        ("a" * 159 + "ạ", Cost("UCS-2", 160, 3)),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, told: Cost) -> None:
    assert cost(text) == told


def cut(text: str) -> list[int]:
    """Parts made the plain way: character by character, each whole."""
    gsm = is_gsm(text)
    sizes = [
        2 if (letter in EXTENSION if gsm else letter > "\uffff") else 1
        for letter in text
    ]
    single, many = (160, 153) if gsm else (70, 67)
    if sum(sizes) <= single:
        return [sum(sizes)]
    made = [0]
    for size in sizes:
        if made[-1] + size > many:
            made.append(0)
        made[-1] += size
    return made


@given(st.text(alphabet=st.sampled_from("aé€[{ ạ😀"), max_size=400))
def test_no_part_splits_an_escape_or_a_surrogate_pair(text: str) -> None:
    size, parts = cost(text), cut(text)
    assert (size.length, size.parts) == (sum(parts), len(parts))
    room = 153 if size.encoding == "GSM-7" else 67
    assert len(parts) == 1 or all(part <= room for part in parts)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (
            "Đặt lịch ở Nhà văn hóa Quảng Trung III",
            "Dat lich o Nha van hoa Quang Trung III",
        ),
        ("đổi máy 4G", "doi may 4G"),
        ("huỷ hủy HUỶ", "huy huy HUY"),
        ("– — “chào” ‘anh’ … • 5\u00a0000₫", "- - \"chao\" 'anh' ... - 5 000d"),
        ("a\u200bb\ufeffc", "abc"),
        (
            "à la carte, É",
            "a la carte, E",
        ),  # one style: marks go even where the alphabet has the letter
        ("xong 👍", "xong "),
        ("NUL\x00 đi", "NUL di"),
    ],
)
def test_without_marks_the_text_goes_out_in_plain_letters(
    written: str, sent: str
) -> None:
    assert fold(written) == sent
    assert fold(unicodedata.normalize("NFD", written)) == sent


@given(st.text(max_size=200))
def test_a_folded_text_is_always_gsm_and_folding_again_changes_nothing(
    text: str,
) -> None:
    assert is_gsm(fold(text))
    assert fold(fold(text)) == fold(text)


def test_with_marks_the_text_goes_out_composed_and_costs_the_least() -> None:
    apart = unicodedata.normalize("NFD", "Đặt lịch")
    assert on_wire(apart, True) == "Đặt lịch"
    assert cost(on_wire(apart, True)).length == 8


budgets = st.sampled_from([USSD, USSD_182, SMS, Budget(100, 50)])
label = st.text(
    alphabet=st.sampled_from("abcXYZ 0123 ạếđ€[😀"), min_size=1, max_size=14
).map(lambda t: f"x{t}x")


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.text(alphabet="abcạđ€ghi", min_size=1, max_size=12), max_size=60).map(
        " ".join
    ),
    st.lists(label, max_size=40).map(tuple),
    budgets,
    st.booleans(),
    st.booleans(),
)
def test_every_page_fits_and_together_they_hold_every_option_once_in_order(
    text: str, lines: tuple[str, ...], budget: Budget, marks: bool, home: bool
) -> None:
    back = "" if home else "0. Quay lại"
    made = pages(text, lines, back, "99. Xem tiếp", budget, marks)
    assert all(fits(page.text, budget) for page in made)
    assert [number for page in made for number in range(page.first, page.last)] == list(
        range(len(lines))
    )
    told = on_wire("0. Quay lại", marks)
    for place, page in enumerate(made):
        shown = page.text.split("\n")
        for number in range(page.first, page.last):
            assert f"{number + 1}. {on_wire(lines[number], marks)}" in shown
        assert home or shown[-1] == told
        assert (on_wire("99. Xem tiếp", marks) in shown) == (place < len(made) - 1)
    read = " ".join(page.text for page in made)
    assert all(word in read for word in on_wire(text, marks).split())


def test_the_most_exact_price_is_taken_and_every_part_is_paid() -> None:
    prices = {"*:*": 500, "viettel:*": 400, "*:advert": 900, "viettel:notice": 300}
    assert price(prices, "viettel", "notice", 2) == 600
    assert price(prices, "viettel", "advert", 1) == 400
    assert price(prices, "mobifone", "advert", 1) == 900
    assert price(prices, "mobifone", "notice", 3) == 1500
    assert price({}, "viettel", "notice", 3) == 0
