"""How to use a 4G phone: a few topics; by SMS the answer, in a call a text, for nobody
keeps a USSD screen.
"""

from __future__ import annotations

from typing import cast

from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.notices import HOWTO, Kind
from menus.port import Port, Reads
from menus.screens import ending


class HowTo(State):
    """Which of the few things is it?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("howto_sms" if turn.session.by_text else "howto")
        lines = [turn.option(kind, kind) for kind in HOWTO]
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return _told(turn, answer)


class HowToTold(State):
    """The advice itself, or that it is on its way."""

    def show(self, turn: Turn[Reads]) -> Screen:
        if not turn.session.by_text:
            return ending(turn, "howto_sent")
        kind = turn.answer("howto")
        commune = turn.port.commune().name
        return ending(turn, f"notice_{kind}", commune=commune)


def how(turn: Turn[Port], said: Meaning) -> Go:
    """CACH, or a trouble that one of the topics cures: then that one."""
    if said.kind:
        return _told(turn, said.kind)
    return Go(HowTo)


def _told(turn: Turn[Port], kind: str) -> Go:
    if not turn.session.by_text:
        turn.port.tell(cast(Kind, kind))
    return Go(HowToTold, howto=kind)
