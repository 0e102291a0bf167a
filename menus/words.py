"""Every sentence a resident reads, by key and language, and every phrase they write,
from `words/*.toml`.
"""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

VIETNAMESE, ENGLISH = "vi", "en"
_FOLDER = Path(__file__).parent / "words"


def _read(name: str) -> dict[str, Any]:
    written = (_FOLDER / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(written)


def _load(language: str) -> dict[str, str]:
    loaded: dict[str, str] = {}
    for key, sentence in _read(language).items():
        loaded[key] = unicodedata.normalize("NFC", sentence.strip())
    return loaded


def _version() -> str:
    """Changes with any letter of any sentence."""
    written = [
        (language, sorted(sentences.items()))
        for language, sentences in SENTENCES.items()
    ]
    letters = repr(sorted(written)).encode()
    digest = hashlib.sha256(letters).hexdigest()
    return digest[:12]


SENTENCES = {language: _load(language) for language in (VIETNAMESE, ENGLISH)}

# How requests are written, folded: patterns by request, for `hearing`.
HEARD: dict[str, list[str]] = _read("heard")
# How what a person is to do is asked for: patterns by kind of request.
REQUESTED: dict[str, list[str]] = _read("requested")
# What a few texts say beyond their request: patterns by what it is, for `particulars`.
PARTICULARS: dict[str, list[str]] = _read("particulars")
# How people write of a fraud: the table, and the pieces that its patterns name.
FRAUD: dict[str, Any] = _read("fraud")
# What is said of a request or an opinion that stands: patterns, for `standing`.
STANDING: dict[str, list[str]] = _read("standing")
# What one books a seat for: patterns by what can be had at a session.
HELD: dict[str, list[str]] = _read("held")
# What commands something though words were asked for: patterns.
COMMANDS: list[str] = _read("commands")["commands"]
# The same by topic, for what is answered from a fact; by "" where no topic was named.
TOPICS: dict[str, list[str]] = _read("topics")
# What our texts said in earlier wordings; they still stand on phones.
PRINTED: list[str] = _read("printed")["printed"]

# The words of a plain yes or no, folded: sets of words by what they do there.
ASSENT: dict[str, frozenset[str]] = {
    name: frozenset(listed.split()) for name, listed in _read("assent").items()
}

# Names the words as they stand, on every consent and every text: the proof of what was
# said.
VERSION = _version()


def say(language: str, key: str, **values: object) -> str:
    """The sentence, filled in. Raises KeyError for a key that is not written: a test
    reads them all.
    """
    return SENTENCES[language][key].format_map(values)
