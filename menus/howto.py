"""How to use a 4G phone: a few topics; by SMS the answer, in a call a text, for nobody keeps a USSD screen."""

from __future__ import annotations

from typing import cast

from menus.core import Go, Option, Screen, State, Turn
from menus.hearing import Meaning
from menus.notices import HOWTO, Kind
from menus.port import Port, Reads


class HowTo(State):
    """Which of the few things is it?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "howto_sms" if turn.session.channel == "sms" else "howto"
        lines = [Option(kind, turn.say(kind)) for kind in HOWTO]
        return Screen(turn.say(sentence), tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return _told(turn, answer)


class HowToTold(State):
    """The advice itself, or that it is on its way."""

    def show(self, turn: Turn[Reads]) -> Screen:
        if turn.session.channel == "ussd":
            return Screen(turn.say("howto_sent"), ends=True)
        kind = turn.answer("howto")
        commune = turn.port.commune().name
        return Screen(turn.say(f"notice_{kind}", commune=commune), ends=True)


def how(turn: Turn[Port], said: Meaning) -> Go:
    """CACH, or a trouble that one of the topics cures: then that one."""
    if said.kind:
        return _told(turn, said.kind)
    return Go(HowTo)


def _told(turn: Turn[Port], kind: str) -> Go:
    if turn.session.channel == "ussd":
        turn.port.tell(cast(Kind, kind))
    return Go(HowToTold, howto=kind)
