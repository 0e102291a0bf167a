"""Nobody has to do it alone: ask a person to call."""

from __future__ import annotations

from menus import words
from menus.core import Go, Option, Screen, State, Turn
from menus.port import Consent, Port, Reads


class CallMe(State):
    """Ask a person to call; the one screen states what the number is kept for."""

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(
            turn.say("call_me"), (Option("yes", turn.say("call_me_yes")), Option("no", turn.say("call_me_no")))
        )

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            return Go.home()
        hamlet = turn.answer("hamlet")
        turn.port.ask_call(int(hamlet) if hamlet else None, Consent(f"call_me:{words.VERSION}", turn.heard))
        return Go(CallAsked)


class CallAsked(State):
    """The call is noted."""

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("call_asked"), ends=True)
