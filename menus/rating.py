"""How did it go? One number from 1 to 5, sent as DG and the number; who sends DG alone
is asked once for it.
"""

from __future__ import annotations

from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.port import Port, Reads
from menus.screens import ending

# in this order, so that the number of the line is the score
SCORES = (
    "1",
    "2",
    "3",
    "4",
    "5",
)


class AskScore(State):
    """Which number? The lines stand in the order of the scores: a 5 is a 5, however it
    is sent.
    """

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("rate_which")
        lines = turn.options("rate", SCORES)
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        score = int(answer)
        return _keep(turn, score)


class Rated(State):
    """Thanks; or there is nothing to rate."""

    def show(self, turn: Turn[Reads]) -> Screen:
        score = turn.answer("rated")
        sentence = "rated" if score else "rated_nothing"
        return ending(turn, sentence, score=score)


def rate(turn: Turn[Port], said: Meaning) -> Go:
    """DG with its number is kept at once."""
    if not said.score:
        return Go(AskScore)
    return _keep(turn, said.score)


def _keep(turn: Turn[Port], score: int) -> Go:
    kept = turn.port.rate(score)
    return Go(Rated, rated=str(score) if kept else "")
