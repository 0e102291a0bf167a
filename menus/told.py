"""One sentence that answers a keyword, and the end."""

from __future__ import annotations

from menus.core import Screen, State, Turn
from menus.days import hour
from menus.port import Reads


class Told(State):
    """The sentence's key stands in the answers."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = turn.answer("told")
        commune = turn.port.commune()
        text = turn.say(sentence, time=hour(turn.now), commune=commune.name, number=commune.sms_number)
        return Screen(text, ends=True)
