"""A word of ours at the head of a text, to a question that takes any words: `DL T7 8h`
is no opinion.
"""

from __future__ import annotations

import re

from menus import words
from menus.hearing.assent import plainly
from menus.hearing.folding import number, said_alone, words_of
from menus.hearing.requests import pattern
from menus.hearing.rules import refusal

_COMMAND = re.compile("|".join(f"(?:{one})" for one in words.COMMANDS))
# A keyword that stands alone is one as well: `«wifi»`.
_KEYWORDS = [
    pattern(phrase)
    for phrases in words.HEARD.values()
    for phrase in phrases
    if phrase.startswith("«") and phrase.endswith("»")
]


def says_a_command(written: str) -> bool:
    """One of our commands, a key, a refusal of texts, a plain yes or no: no words that
    were asked for.
    """
    alone = said_alone(written)
    if number(alone).isdigit() or plainly(alone) or refusal(alone):
        return True
    said = words_of(alone)
    if _COMMAND.fullmatch(said):
        return True
    return any(keyword.fullmatch(said) for keyword in _KEYWORDS)
