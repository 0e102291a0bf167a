"""What a resident meant by a text, heard against what is open on that phone. Nothing
here acts; a guess never does.

`fraud.py` hears of a fraud before all else; `our_texts.py` reads plain answers to some
texts of ours; `particulars.py` what is said so plainly that nothing else is asked;
`rules.py` reads by rules that a clerk can check; `reader.py` has learned from labelled
texts;
`weighing.py` puts the two together: what binds somebody is done only where both agree.
"""

from __future__ import annotations

from menus.hearing.answers import Line, is_bare, is_numbered, refuses
from menus.hearing.assent import plainly
from menus.hearing.commands import leaves, says_a_command
from menus.hearing.folding import fold, number, said_alone, words_of
from menus.hearing.fraud import of_a_fraud
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.our_texts import answered, asked_again
from menus.hearing.particulars import plainly_said
from menus.hearing.requests import Intent
from menus.hearing.rules import by_rules, many_in, numbered, refusal, thanks
from menus.hearing.weighing import is_command, read_alone, weighed
from menus.hearing.when import Clock, Day, hour_in

__all__ = [
    "Clock", "Day", "Intent", "Line", "Meaning", "Situation", "fold", "hear", "hour_in", "is_bare", "is_command",
    "is_numbered", "leaves", "many_in", "number", "numbered", "plainly", "read_alone", "refusal", "refuses",
    "says_a_command", "thanks", "words_of",
]  # fmt: skip

BEGINNING, END = 300, 120  # letters


def hear(written: str, now: Situation) -> Meaning:
    """The meaning of one text. What binds comes back only where it was plainly said."""
    alone = _shortened(said_alone(written))
    plain = of_a_fraud(alone) or answered(alone, now) or plainly_said(alone, now)
    meaning = plain or weighed(by_rules(alone, now), alone, now)
    return asked_again(meaning, alone, now)


def _shortened(written: str) -> str:
    """A letter is heard by its beginning and its end, where what is wanted stands; a
    person reads the rest.
    """
    if len(written) <= BEGINNING + END:
        return written
    return f"{written[:BEGINNING]}\n{written[-END:]}"
