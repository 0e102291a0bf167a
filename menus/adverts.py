"""News of offers, which by law is advertising: only to whoever plainly said yes, until
they say no.
"""

from __future__ import annotations

import re

from menus import words
from menus.core import Again, Go, Screen, State, Turn
from menus.hearing import Meaning, fold, number
from menus.port import Consent, Port, Reads, Stop
from menus.told import Told

UNASKED = "self:DY QC"  # the prompt of whoever agreed of their own accord
# What a yes is here. A text that also says something else is asked again: half a yes is
# none.
_PLAIN = re.compile(
    r"(?:(?:da|vang|e|em|u|uh) )*"
    r"(?:1|co|dong y|vang|ok|oke|yes|y|(?:co |dong y )?nhan(?: tin)?)"
    r"(?: (?:a|ah|nhe|nha|em|co))*[ .!]*"
)


class Offers(State):
    """May we send such texts? One question, in a call or by text; whoever leaves it has
    said nothing.
    """

    binding = True
    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("offers")
        lines = turn.options("offers", ("yes", "no"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        if answer != "yes":
            return refuse(turn, "advert")
        if not self._is_plain_yes(turn):
            return Again(turn.say("say_again"))
        return _agree(turn, _screen())

    @staticmethod
    def _is_plain_yes(turn: Turn[Port]) -> bool:
        """A yes and nothing else, or the words of its line."""
        pressed = number(turn.heard)
        if _PLAIN.fullmatch(pressed):
            return True
        line = turn.say("offers_yes")
        return fold(turn.heard) == fold(line)


def refuse(turn: Turn[Port], what: Stop) -> Go:
    """Confirmed once: whoever says it again is told that it stands."""
    if turn.port.stop(what):
        return Go(Told, told=f"stopped_{what}")
    return Go(Told, told="stopped_before")


def agree_by_text(turn: Turn[Port], said: Meaning) -> Go:
    """DY QC, or a plain yes to the one question. Picked from a list of guesses it is
    asked for first.
    """
    if turn.session.state == "Unclear":
        return Go(Offers)
    return _agree(turn, _shown(turn))


def _shown(turn: Turn[Port]) -> str:
    """What they read before they said yes: the open screen, else the question, else
    nothing of ours.
    """
    if turn.session.state == Offers.__name__:
        return _screen()
    asked = turn.port.asked_for_adverts()
    return asked.prompt if asked else UNASKED


def _screen() -> str:
    return f"offers:{words.VERSION}"


def _agree(turn: Turn[Port], prompt: str) -> Go:
    consent = Consent(prompt, turn.heard)
    became = turn.port.agree_to_adverts(consent)
    if became == "stopped":
        return Go(Told, told="stopped_before")
    return Go(Told, told=f"adverts_{became}")
