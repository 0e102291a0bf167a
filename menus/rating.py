"""How did it go? One number from 1 to 5, sent as DG and the number; who sends DG alone is asked once for it."""

from __future__ import annotations

from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.port import Port, Reads

SCORES = (
    "1",
    "2",
    "3",
    "4",
    "5",
)  # in this order, so that the number of the line is the score


class AskScore(State):
    """Which number? The lines stand in the order of the scores: a 5 is a 5, however it is sent."""

    def show(self, turn: Turn[Reads]) -> Screen:
        lines = turn.options("rate", SCORES)
        return Screen(turn.say("rate_which"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return _keep(turn, answer)


class Rated(State):
    """Thanks; or there is nothing to rate."""

    def show(self, turn: Turn[Reads]) -> Screen:
        score = turn.answer("rated")
        if not score:
            return Screen(turn.say("rated_nothing"), ends=True)
        return Screen(turn.say("rated", score=score), ends=True)


def rate(turn: Turn[Port], said: Meaning) -> Go:
    """DG with its number is kept at once."""
    if not said.score:
        return Go(AskScore)
    return _keep(turn, str(said.score))


def _keep(turn: Turn[Port], score: str) -> Go:
    kept = turn.port.rate(int(score))
    return Go(Rated, rated=score if kept else "")
