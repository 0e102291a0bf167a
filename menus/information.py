"""Answers from the commune's own facts: what staff wrote on a topic while it is valid, else the way to a person."""

from __future__ import annotations

from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
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
        topics = [Option(topic, turn.say(f"topic_{topic}")) for topic in Topic]
        return Screen(turn.say("questions"), (*topics, Option(SESSIONS, turn.say("questions_sessions"))))

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
            return Screen(turn.say("who", commune=turn.port.commune().name), ends=True)
        if turn.session.channel == "sms":
            return Screen(turn.say("fact_none_sms"), ends=True)
        return Screen(turn.say("fact_none"), (Option("call", turn.say("home_call")),))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(CallMe)


def ask(turn: Turn[Port], said: Meaning) -> Go:
    """A word or a question about a topic; without one, the list of them."""
    return _asked(turn, Topic(said.topic)) if said.topic else Go(Questions)


def _asked(turn: Turn[Port], topic: Topic) -> Go:
    turn.port.asked_about(topic)
    return Go(Fact, topic=topic)
