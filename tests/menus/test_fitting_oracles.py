"""The counting against two libraries that others wrote, over texts of every kind:
plain, marked, extended, emoji.
"""

from __future__ import annotations

import os

import gsm0338
import smsutil
from hypothesis import given, settings
from hypothesis import strategies as st

from menus.fitting import BASIC, EXTENDED, cost, fold, is_gsm, on_wire, septets
from menus.words import SENTENCES

MANY, FEW = (10_000, 2_000) if os.environ.get("SOAK") == "1" else (600, 200)
VIETNAMESE = (
    "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđĐ ÀÉÔƯ"
)
PLAIN = "".join(sorted(BASIC)).replace("\r", "")
PIECES = st.one_of(
    st.text(alphabet=PLAIN, max_size=40),
    st.text(alphabet=PLAIN + "".join(sorted(EXTENDED - {"\f"})), max_size=40),
    st.text(alphabet=VIETNAMESE, max_size=40),
    st.text(alphabet="🙏👍😂1️⃣", max_size=5),
    st.sampled_from(
        sorted(
            sentence
            for sentences in SENTENCES.values()
            for sentence in sentences.values()
        )
    ),
)
# of an empty text they disagree
TEXTS = st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(bool)
ALPHABET = gsm0338.Codec()


@given(TEXTS)
@settings(max_examples=MANY, deadline=None)
def test_encoding_length_and_parts_are_what_smsutil_says(text: str) -> None:
    told = smsutil.split(text)
    ours = cost(text)
    assert ours.encoding == ("GSM-7" if told.encoding == "gsm0338" else "UCS-2")
    assert ours.parts == max(len(told.parts), 1)
    assert ours.length == (
        told.total_bytes if ours.encoding == "GSM-7" else told.total_bytes // 2
    )


@given(TEXTS)
@settings(max_examples=MANY, deadline=None)
def test_septets_are_what_the_codec_of_gsm_03_38_writes(text: str) -> None:
    plain = fold(text)
    assert is_gsm(plain)
    written, _ = ALPHABET.encode(plain)
    assert len(written) == septets(plain)
    assert ALPHABET.decode(written)[0] == plain, (
        "what is on the wire reads as it was written"
    )


@given(TEXTS)
@settings(max_examples=FEW, deadline=None)
def test_a_text_without_marks_never_costs_more_than_with_them(text: str) -> None:
    assert cost(on_wire(text, False)).parts <= cost(on_wire(text, True)).parts
