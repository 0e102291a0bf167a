"""Nobody has to do it alone: ask a person to call."""

from __future__ import annotations

from menus import words
from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.port import Asking, Consent, Port, Reads
from menus.questions import ask_hamlet, hamlet_answered, hamlet_named, is_placed
from menus.requesting import WORDS_MOST, Requesting


class CallMe(State):
    """Ask a person to call; the one screen states what the number is kept for."""

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        if not is_placed(turn):
            return ask_hamlet(turn)
        lines = turn.options("call_me", ("yes", "no", "other"))
        return Screen(turn.say("call_me"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "other":
            return Go(Requesting)
        if answer != "yes":
            return Go(None, said="", no_hamlet="")
        asking = Asking("call_me", words=turn.answer("said"))
        consent = Consent(f"call_me:{words.VERSION}", turn.heard)
        number = turn.port.ask(asking, hamlet_answered(turn), consent)
        return Go(CallAsked, request=str(number), said="", no_hamlet="")


class CallAsked(State):
    """The call is noted."""

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("call_asked", request=turn.answer("request")), ends=True)


def call(turn: Turn[Port], said: Meaning) -> Go:
    """GOI LAI and all that means it: what was texted is kept with the request, and the hamlet that it names."""
    has_words = any(letter.isalpha() for letter in turn.heard)
    if turn.session.channel != "sms" or not has_words:
        return Go(CallMe, said="", no_hamlet="")
    home = hamlet_named(turn) or turn.answer("hamlet")
    return Go(CallMe, said=turn.heard[:WORDS_MOST], no_hamlet="", hamlet=home)
