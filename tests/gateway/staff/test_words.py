"""Every sentence of the desk exists in both languages, and every one that a page asks
for exists.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import get_args

from gateway.staff import booking, events, language
from menus import notices

ROOT = Path(__file__).resolve().parents[3]


def test_both_languages_have_the_same_sentences_with_the_same_gaps() -> None:
    vietnamese, english = (language.WORDS[name] for name in language.LANGUAGES)
    assert vietnamese.keys() == english.keys()
    for key in vietnamese:
        assert set(re.findall(r"{(\w+)}", vietnamese[key])) == set(
            re.findall(r"{(\w+)}", english[key])
        ), key


def test_every_sentence_asked_for_is_written() -> None:
    asked = set()
    for page in (ROOT / "gateway" / "templates" / "staff").rglob("*.html"):
        asked |= set(re.findall(r"\bt\('(\w+)'\s*[,)]", page.read_text("utf-8")))
    for file in (ROOT / "gateway" / "staff").rglob("*.py"):
        source = file.read_text("utf-8")
        asked |= set(re.findall(r"\b(?:tell|say)\(\s*\"(\w+)\"", source))
        asked |= {
            f"refused_{key}"
            for key in re.findall(r"problem = (?:problem or )?\"(\w+)\"", source)
        }
    for key in re.findall(
        r"problem=\"(\w+)\"", (ROOT / "db" / "seats" / "seating.py").read_text("utf-8")
    ):
        asked.add(f"refused_{key}")
    asked |= {f"refused_{key}" for key in booking.REFUSED.values()} | set(
        events.PROBLEMS.values()
    )
    assert len(asked) > 100
    assert asked - language.WORDS["vi"].keys() == set()


def test_every_kind_of_text_has_a_word_at_the_desk() -> None:
    kinds = {f"text_{kind}" for kind in (*get_args(notices.Kind), "reply", "said")}
    assert kinds - language.WORDS["vi"].keys() == set()


def test_days_and_numbers_read_as_people_write_them() -> None:
    assert language.day_name("2024-04-14", "vi") == "CN 14/4/2024"
    assert language.day_name("2024-04-14", "en") == "Sun 14/4/2024"
    assert language.number(1234567, "vi") == "1.234.567"
    assert all(
        unicodedata.is_normalized("NFC", sentence)
        for sentence in language.WORDS["vi"].values()
    )
