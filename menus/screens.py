"""What many screens share: one sentence with a line that leads on, or at the end of a
conversation; days and times; whether it is one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from menus.core import Option, Screen, Turn
from menus.days import short_day_of, short_time
from menus.port import Reads


def ending(turn: Turn[Reads], sentence: str, **blanks: object) -> Screen:
    """A sentence, and the end."""
    text = turn.say(sentence, **blanks)
    return Screen(text, ends=True)


def offering(
    turn: Turn[Reads], sentence: str, line: Option, **blanks: object
) -> Screen:
    """A sentence, and the one line that can be chosen."""
    text = turn.say(sentence, **blanks)
    return Screen(text, (line,))


def day_of(turn: Turn[Reads], moment: datetime) -> str:
    """`CN 12/5`, in the language of the conversation; `moment` is aware UTC."""
    return short_day_of(moment, turn.session.language)


def time_of(turn: Turn[Reads], moment: datetime) -> str:
    """`8h00 CN 12/5`, in the language of the conversation; `moment` is aware UTC."""
    return short_time(moment, turn.session.language)


def is_one_text(turn: Turn[Reads], text: str, lines: Sequence[Option]) -> bool:
    """Is it one text with these lines and the way back?"""
    back = turn.say("back_line")
    return turn.session.fits_one_part(text, lines, back)


def in_one_part(
    turn: Turn[Reads], text: str, lines: list[Option], more: Option
) -> list[Option]:
    """As many lines as fit one text, at least one, and `more` for those after them."""
    session = turn.session
    if len(lines) == 1 or session.fits_one_part(text, lines):
        return lines
    shown = lines[:-1]
    while len(shown) > 1:
        if session.fits_one_part(text, [*shown, more]):
            break
        shown.pop()
    return [*shown, more]
