"""Answers from the commune's own facts: what staff wrote on a topic while it is valid, else the way to a person."""

from __future__ import annotations

from menus.calling import CallMe
from menus.core import Go, Screen, State, Turn
from menus.hearing import Meaning
from menus.occasions import Occasions
from menus.port import Port, Reads
from menus.topics import Topic

SESSIONS = "sessions"  # the last line, so that the topics keep their numbers


class Questions(State):
    """What about? By SMS the words to text, for the list would be two texts long."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        if turn.session.channel == "sms":
            return Screen(turn.say("questions_sms"), ends=True)
        topics = turn.options("topic", Topic)
        sessions = turn.option(SESSIONS, "questions_sessions")
        return Screen(turn.say("questions"), (*topics, sessions))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == SESSIONS:
            return Go(Occasions, after="")
        return _asked(turn, Topic(answer))


class Fact(State):
    """The fact, alone on its page: it may be as long as that. Where there is none, whom to ask."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        topic = Topic(turn.answer("topic"))
        fact = turn.port.fact(topic)
        if fact is not None:
            return Screen(fact[turn.session.language], ends=True)
        if topic is Topic.WHO:
            commune = turn.port.commune().name
            return Screen(turn.say("who", commune=commune), ends=True)
        if turn.session.channel == "sms":
            return Screen(turn.say("fact_none_sms"), ends=True)
        call = turn.option("call", "home_call")
        return Screen(turn.say("fact_none"), (call,))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(CallMe)


def ask(turn: Turn[Port], said: Meaning) -> Go:
    """A word or a question about a topic; without one, the list of them."""
    if not said.topic:
        return Go(Questions)
    return _asked(turn, Topic(said.topic))


def _asked(turn: Turn[Port], topic: Topic) -> Go:
    turn.port.asked_about(topic)
    return Go(Fact, topic=topic)
