"""One sentence that answers a keyword, and the end."""

from __future__ import annotations

from menus.appointments import about
from menus.core import Screen, State, Turn
from menus.days import hour
from menus.port import Reads


class Told(State):
    """The sentence's key stands in the answers."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = turn.answer("told")
        commune = turn.port.commune()
        text = turn.say(
            sentence,
            time=hour(turn.now),
            commune=commune.name,
            number=commune.sms_number,
        )
        return Screen(text, ends=True)


class ToBring(State):
    """What to bring: to one's own session, else to a swap."""

    def show(self, turn: Turn[Reads]) -> Screen:
        to_bring = about.bring(turn, about.own(turn))
        return Screen(turn.say("to_bring", bring=to_bring), ends=True)
