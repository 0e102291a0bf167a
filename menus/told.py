"""One sentence that answers a keyword, and the end."""

from __future__ import annotations

from menus.appointments import about
from menus.core import Screen, State, Turn
from menus.days import hour
from menus.port import Reads
from menus.screens import ending


class Told(State):
    """The sentence's key stands in the answers."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = turn.answer("told")
        commune = turn.port.commune()
        now = hour(turn.now)
        name, number = commune.name, commune.sms_number
        return ending(turn, sentence, time=now, commune=name, number=number)


class ToBring(State):
    """What to bring: to one's own session, else to a swap."""

    def show(self, turn: Turn[Reads]) -> Screen:
        own = about.own(turn)
        to_bring = about.bring(turn, own)
        return ending(turn, "to_bring", bring=to_bring)
