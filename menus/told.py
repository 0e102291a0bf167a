"""One sentence that answers a keyword, and the end."""

from __future__ import annotations

from menus.core import Screen, State, Turn
from menus.days import hour
from menus.port import Reads


class Told(State):
    """The sentence's key stands in the answers."""

    def show(self, turn: Turn[Reads]) -> Screen:
        commune = turn.port.commune()
        return Screen(
            turn.say(turn.answer("told"), time=hour(turn.now), commune=commune.name, number=commune.sms_number),
            ends=True,
        )
