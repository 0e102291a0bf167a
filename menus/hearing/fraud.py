"""A fraud that goes on: somebody wants money or a code, or has it. Heard before all
else, whatever is open, so that nothing is booked and nobody called first.

The table of what people write stands in `words/fraud.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from menus import words
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning
from menus.hearing.requests import is_quoted
from menus.topics import Topic

HARMED = "harmed"  # a kind of FACT: money or a code is gone
_PIECES: dict[str, str] = words.FRAUD["pieces"]
_LAST_FIRST = tuple(reversed(_PIECES))  # each may name those above it


@dataclass(frozen=True, slots=True)
class _Fraud:
    """One way of it."""

    gone: bool
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None

    def is_in(self, said: str) -> bool:
        if not self.pattern.search(said):
            return False
        return self.unless is None or not self.unless.search(said)


def _whole(phrase: str) -> str:
    """The phrase with its pieces put in, and the pieces of these."""
    for name in _LAST_FIRST:
        phrase = phrase.replace(f"{{{name}}}", _PIECES[name])
    return phrase


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    together = "|".join(map(_whole, phrases))
    return re.compile(rf"\b(?:{together})")


def _read(row: Mapping[str, Any]) -> _Fraud:
    unless = row.get("unless")
    return _Fraud(
        gone=row.get("gone", False),
        pattern=_pattern(row["patterns"]),
        unless=_pattern(unless) if unless else None,
    )


_FRAUDS = tuple(_read(row) for row in words.FRAUD["fraud"])


def of_a_fraud(written: str) -> Meaning | None:
    """How to tell a fraud, or whom to call where something is gone; none for all other
    texts, and for our own that are sent back.
    """
    said = words_of(written)
    found = [fraud for fraud in _FRAUDS if fraud.is_in(said)]
    if not found or is_quoted(written):
        return None
    is_gone = any(fraud.gone for fraud in found)
    return Meaning("FACT", topic=Topic.WHO, kind=HARMED if is_gone else "")
