"""Every sentence: there in both languages, used, plain enough for a basic phone, and
short enough for one text.
"""

from __future__ import annotations

import ast
import re
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any, get_args

import pytest

from menus import notices, words
from menus.days import elder_time, short_time
from menus.fitting import BASIC, cost, on_wire, septets
from settings import ROOT

VI, EN = words.SENTENCES["vi"], words.SENTENCES["en"]
SOURCES = [
    file
    for room in ("menus", "gateway", "scheduler")
    for file in (ROOT / room).rglob("*.py")
]
EVERY_HOUR = [
    datetime(2024, 12, 9, tzinfo=UTC) + timedelta(minutes=30 * half)
    for half in range(48 * 14)
]
LONGEST: dict[str, Any] = {
    "commune": "Phường Lương Văn Tri", "number": "2404", "hall": "NVH Quảng Trung III", "code": "48315",
    "until": "10h45 28/12", "day": "CN 12/12", "place": "NVH Quảng Trung III", "old": "10h45 28/12", "request": "12345",
}  # fmt: skip
OUR_KINDS = [kind for kind in get_args(notices.Kind) if kind not in notices.FREE_WORDS]


def asked(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences_with_the_same_blanks() -> None:
    assert VI.keys() == EN.keys()
    assert {key for key in VI if asked(VI[key]) != asked(EN[key])} == set()


def literal_keys(tree: ast.AST) -> set[str]:
    """Keys that stand in full in a call of `say` or, as what is given second, of
    `option` and the functions of `menus/screens.py`.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("say", ".option", "ending", "offering")
        ):
            first = 0 if ast.unparse(node.func).endswith("say") else 1
            for given in node.args[first:2]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    found.add(given.value)
    return found


def test_every_sentence_that_the_code_says_is_written() -> None:
    trees = [
        ast.parse(file.read_text("utf-8"))
        for file in SOURCES
        if "staff" not in file.parts
    ]
    said = set().union(*map(literal_keys, trees))
    assert said - VI.keys() == set()
    assert {f"notice_{kind}" for kind in OUR_KINDS} <= VI.keys()


def test_every_sentence_that_is_written_is_said_somewhere() -> None:
    constants, patterns = set[str](), set[str]()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                fixed = [
                    str(part.value) if isinstance(part, ast.Constant) else ""
                    for part in node.values
                ]
                if any(
                    re.search(r"[a-z]_|_[a-z]", part) for part in fixed
                ):  # f"{sentence}_yes", f"notice_{kind}"
                    patterns.add("".join(re.escape(part) or r"\w+" for part in fixed))
            elif (
                isinstance(node, ast.Call) and ast.unparse(node.func) == "turn.options"
            ):
                # turn.options("request", kinds)
                sentence = ast.literal_eval(node.args[0])
                patterns.add(rf"{sentence}_\w+")
    unsaid = {
        key
        for key in VI
        if key not in constants and not any(re.fullmatch(one, key) for one in patterns)
    }
    assert unsaid == set()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_sentence_is_written_composed_and_loses_nothing_but_its_marks(
    language: str,
) -> None:
    source = (ROOT / f"menus/words/{language}.toml").read_text("utf-8")
    assert unicodedata.is_normalized("NFC", source)
    for key, sentence in tomllib.loads(source).items():
        for letter in sentence.removeprefix(
            "[DKQC]"
        ):  # the law's label: each bracket takes two septets
            plain = on_wire(letter, False)
            assert len(plain) == 1 and plain in BASIC | {"{", "}"}, f"{key}: {letter!r}"
        assert sentence == sentence.strip()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nobody_is_addressed_by_age_and_no_text_holds_a_link(language: str) -> None:
    for key, sentence in words.SENTENCES[language].items():
        assert not re.search(
            r"\b(ông|bà|anh|chị|em|bạn|quý khách)\b", sentence.lower()
        ), key
        assert not re.search(r"https?:|www\.|\.vn\b|\.com\b", sentence), key
        assert "\n\n" not in sentence
        assert "  " not in sentence


def longest_time(language: str) -> datetime:
    by_day = [moment for moment in EVERY_HOUR if 7 <= (moment.hour + 7) % 24 < 21]
    return max(
        by_day, key=lambda moment: septets(on_wire(elder_time(moment, language), False))
    )


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", OUR_KINDS)
def test_a_notice_with_the_longest_names_is_one_text(
    kind: notices.Kind, language: str
) -> None:
    bring = {"vi": "CCCD, máy cũ", "en": "ID card, old phone"}[language]
    what = max(
        (
            sentence
            for key, sentence in words.SENTENCES[language].items()
            if "_what_" in key
        ),
        key=len,
    )
    said = notices.text(
        kind,
        language,
        starts=longest_time(language),
        bring=bring,
        what=what,
        words="",
        **LONGEST,
    )
    assert cost(on_wire(said, False)).parts == 1, on_wire(said, False)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "key",
    [
        "booked_sms",
        "moved",
        "cancelled",
        "stopped_advert",
        "stopped_remind",
        "stopped_all",
        "started",
        "call_asked",
        "request_asked",
        "request_asked_told",
        "request_asked_erase",
        "request_withdrawn",
        "opinion_kept",
    ],
)
def test_an_answer_to_a_text_is_one_text(key: str, language: str) -> None:
    when = max((short_time(moment, language) for moment in EVERY_HOUR), key=len)
    bring = {"vi": "CCCD, máy cũ", "en": "ID card, old phone"}[language]
    what = max(
        (
            sentence
            for name, sentence in words.SENTENCES[language].items()
            if "_what_" in name
        ),
        key=len,
    )
    said = words.say(
        language, key, time=when, bring=bring, many="", what=what, **LONGEST
    )
    assert cost(on_wire(said, False)).parts == 1, on_wire(said, False)


def test_a_sentence_that_is_not_written_is_no_empty_screen() -> None:
    with pytest.raises(KeyError):
        words.say("vi", "nothing_of_the_kind")


def test_the_version_of_the_words_is_short_enough_to_stand_on_every_text() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", words.VERSION)
