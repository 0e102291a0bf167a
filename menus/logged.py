"""What staff logged for whoever holds this phone: the swap, the account, the app; what
they say to our text that asks whether it is right; and the way to say that it is wrong.
"""

from __future__ import annotations

from menus import words
from menus.core import Go, Screen, State, Turn
from menus.days import short_day
from menus.hearing import Meaning
from menus.hearing.denials import denied
from menus.hearing.our_texts import DENIED, RIGHT
from menus.hearing.particulars import WRONG
from menus.port import Consent, Logged, NothingAsked, Port, Reads
from menus.requesting import TO_REQUESTS, line_to_requests, to_requests, wanting
from menus.screens import ending, is_one_text, offering
from menus.told import Told

CALL = "call"


class WhatWasLogged(State):
    """Day, hall and what was done, the last day first, as much as fits one part."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        days = turn.port.logged()
        if not days:
            missing = turn.option(CALL, "logged_missing")
            return offering(turn, "logged_none", missing)
        wrong = turn.option(CALL, "logged_wrong")
        asked = turn.port.requests()
        lines = [wrong, *line_to_requests(turn, asked)]
        text = _told(turn, days[0])
        for day in days[1:]:
            longer = f"{text}\n{_told(turn, day)}"
            if not is_one_text(turn, longer, lines):
                break
            text = longer
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == TO_REQUESTS:
            return to_requests()
        said = turn.say("logged_wrong_said")
        return wanting("call_me", said)


def _told(turn: Turn[Reads], one: Logged) -> str:
    day = short_day(one.day, turn.session.language)
    sentence = "logged" if one.hall else "logged_nowhere"
    return turn.say(sentence, day=day, hall=one.hall, what=_done(turn, one))


def _done(turn: Turn[Reads], one: Logged) -> str:
    """`SIM 4G, máy 4G`."""
    done = [turn.say(f"logged_{work}") for work in one.done]
    return ", ".join(done)


class AskLogged(State):
    """Our text asked whether it is right, and nobody could tell what was answered:
    asked once more.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        about = turn.port.logged_asked()
        if about is None or not about.done:
            return Go(WhatWasLogged)
        day = short_day(about.day, turn.session.language)
        text = turn.say("ask_logged", day=day, what=_done(turn, about))
        return Screen(text, turn.options("ask_logged", ("yes", "no")))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return _confirmed(turn) if answer == "yes" else _denied(turn)


class LoggedDenied(State):
    """That it is wrong was noted, under a number to ask by."""

    def show(self, turn: Turn[Reads]) -> Screen:
        return ending(turn, "logged_denied", request=turn.answer("request"))


def _confirmed(turn: Turn[Port]) -> Go:
    try:
        turn.port.confirm_logged()
    except NothingAsked:
        return Go(WhatWasLogged)
    return Go(Told, told="logged_confirmed")


def _denied(turn: Turn[Port]) -> Go:
    """Their words go to staff, behind what of it they deny."""
    about = turn.port.logged_asked()
    if about is None:
        return Go(WhatWasLogged)
    day = short_day(about.day, turn.session.language)
    works = tuple(denied(turn.heard, about.done))
    wrong = Logged(about.day, about.hall, works)
    what = turn.say("logged_denied_said", day=day, what=_done(turn, wrong))
    consent = Consent(f"notice_logged:{words.VERSION}", turn.heard)
    try:
        request = turn.port.deny_logged(f"{what}: {turn.heard}", consent, works)
    except NothingAsked:
        return Go(WhatWasLogged)
    if not request:
        return Go(Told, told="logged_undone")
    return Go(LoggedDenied, request=str(request))


def logged(turn: Turn[Port], said: Meaning) -> Go:
    """`tôi đã đổi máy chưa`, or the answer to our text; who says at another time that
    it is wrong is called, with their words.
    """
    if said.kind == RIGHT:
        return _confirmed(turn)
    if said.kind == DENIED:
        return _denied(turn)
    if said.kind == WRONG:
        return wanting("call_me", turn.heard)
    return Go(WhatWasLogged)
