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
# `huy`, `thoi`, `khong can nua`, `thoi khong gop y nua`: every word must stand here, for
# `Hong` and `Khoi` are names.
_LEAVES = re.compile(
    r"(?:(?:da|vang|a|xin|cho|toi|em|chau) )*(?:huy|thoi|khong|ko|k|kg)"
    r"(?: (?:huy|bo|thoi|khong|ko|can|muon|co|gi|nhu|lam|noi|gop y|y kien|yeu cau|viec|nay|het|nua|dau|roi|di|nhe|nha"
    r"|a|ah|em|chau|cam on))*"
)


def leaves(written: str) -> bool:
    """Is a question left, and not answered: `HUY`, `thôi không cần nữa`?"""
    return _LEAVES.fullmatch(words_of(written)) is not None


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
