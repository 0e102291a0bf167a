"""Nobody has to do it alone: ask a person to call."""

from __future__ import annotations

from menus import words
from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.hearing.particulars import asks_for_person
from menus.port import Asking, Consent, Port, Reads, Request
from menus.questions import (
    ask_hamlet,
    hamlet_answered,
    hamlet_named,
    has_letters,
    is_placed,
)
from menus.requesting import (
    WORDS_MOST,
    Requesting,
    ToldOfNumber,
    stands,
    waiting,
    withdraw_now,
)
from menus.told import Told

CALL = "call"


class CallMe(State):
    """Ask a person to call; the one screen states what the number is kept for."""

    binding = True
    consents = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        if _that_waits(turn):
            return Go(CallWaits)
        if not is_placed(turn):
            return ask_hamlet(turn)
        text = turn.say("call_me")
        lines = turn.options("call_me", ("yes", "no", "other"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "other":
            return Go(Requesting)
        if answer != "yes":
            return Go(Told, told="not_asked", said="", no_hamlet="")
        said = turn.answer("said")
        request = Asking("call_me", said)
        home = hamlet_answered(turn)
        consent = Consent(f"call_me:{words.VERSION}", turn.heard)
        number = turn.port.ask(request, home, consent)
        return Go(CallAsked, request=str(number), said="", no_hamlet="")


class CallOrRequest(Requesting):
    """What a person is to do, from a call: to call, or one of the requests."""

    unfinished = True

    def show(self, turn: Turn[Reads]) -> Screen:
        shown = super().show(turn)
        call = turn.option(CALL, "request_call")
        return shown.replace(options=(call, *shown.options))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == CALL:
            return Go(CallMe)
        return super().answer(turn, answer)


class CallWaits(State):
    """A call was asked for and waits: how it stands. The key that agreed the first time
    takes nothing back.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        one = _that_waits(turn)
        if one is None:
            return Go(CallMe)
        line = stands(turn, one)
        lines = turn.options("call_waits", ("keep", "other", "withdraw"))
        return Screen(f"{line}.", lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        one = _that_waits(turn)
        if answer == "other":
            return Go(Requesting)
        if answer == "withdraw" and one:
            return withdraw_now(turn, one.number)
        return Go(Told, told="call_kept")


def _that_waits(turn: Turn[Reads]) -> Request | None:
    """The call that this phone asked for, for its holder, and that is not ended."""
    for one in waiting(turn):
        if one.kind == "call_me" and not one.name:
            return one
    return None


class CallAsked(ToldOfNumber):
    """The call is noted."""

    sentence = "call_asked"


def _called_at_once(turn: Turn[Port]) -> Go:
    """98 where its line was shown, which states the consent: no second screen, and no
    question for the hamlet. The request bears what was on the screen.
    """
    if _that_waits(turn):
        return Go(CallWaits)
    heading, *_ = turn.session.shown.text.splitlines()
    seen = words.say(words.VIETNAMESE, "person_from", screen=heading)
    request = Asking("call_me", seen[:WORDS_MOST])
    consent = Consent(f"person_line:{words.VERSION}", turn.heard)
    number = turn.port.ask(request, hamlet_answered(turn), consent)
    return Go(CallAsked, request=str(number), said="", no_hamlet="")


def call(turn: Turn[Port], said: Meaning) -> Go:
    """GOI LAI and all that means it: what was texted is kept with the request, and the
    hamlet that it names.
    """
    if turn.session.person and asks_for_person(turn.heard):
        return _called_at_once(turn)
    is_told = turn.session.by_text and has_letters(turn.heard)
    if not is_told:
        return Go(CallMe, said="", no_hamlet="")
    kept = turn.heard[:WORDS_MOST]
    home = hamlet_named(turn) or turn.answer("hamlet")
    return Go(CallMe, said=kept, no_hamlet="", hamlet=home)
