"""Answers from the commune's own facts: what staff wrote on a topic while it is valid, else the way to a person."""

from __future__ import annotations

from collections.abc import Mapping

from menus import occasions
from menus.appointments import about
from menus.calling import CallMe
from menus.core import Go, Screen, State, Turn
from menus.days import short_day
from menus.fitting import ONE_PART, fits, on_wire
from menus.hearing import Meaning
from menus.hearing.particulars import HARMED
from menus.occasions import Occasions
from menus.port import Event, Port, Reads, Service
from menus.topics import Topic

SESSIONS = "sessions"  # the last line, so that the topics keep their numbers
SEAT, MORE, CALL = "seat", "more", "call"
# What is asked about and can be had at a session.
HAD_AT_A_SESSION: Mapping[Topic, Service] = {Topic.MONEY: "account", Topic.APP: "app"}
LOOKED_AT = 4  # of the next events with times


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
    """The fact, alone on its page: it may be as long as that. Where there is none, whom to ask.

    Of what can be had at a session the next one is told with it, and a seat there can be kept. Where both are more than
    one text, the session comes first and the fact behind it.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        topic = Topic(turn.answer("topic"))
        if turn.answer("harmed"):
            return Screen(turn.say("harmed"), (turn.option(CALL, "home_call"),))
        fact = turn.port.fact(topic)
        next_one = None if turn.answer("alone") else _next_session(turn, topic)
        if next_one:
            said = fact[turn.session.language] if fact else ""
            return _with_session(turn, said, next_one)
        if fact is not None:
            return Screen(fact[turn.session.language], ends=True)
        if topic is Topic.WHO:
            commune = turn.port.commune().name
            return Screen(turn.say("who", commune=commune), ends=True)
        if turn.session.channel == "sms":
            return Screen(turn.say("fact_none_sms"), ends=True)
        call = turn.option(CALL, "home_call")
        return Screen(turn.say("fact_none"), (call,))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        topic = Topic(turn.answer("topic"))
        match answer:
            case "seat":
                next_one = _next_session(turn, topic)
                if next_one is None:
                    return Go(Occasions, after="")
                return occasions.to_event(turn, next_one.id)
            case "more":
                return Go(Fact, alone="yes")
            case _:
                return Go(CallMe)


def ask(turn: Turn[Port], said: Meaning) -> Go:
    """A word or a question about a topic; without one, the list of them."""
    if not said.topic:
        return Go(Questions)
    harmed = "yes" if said.kind == HARMED else ""
    return _asked(turn, Topic(said.topic), harmed)


def _asked(turn: Turn[Port], topic: Topic, harmed: str = "") -> Go:
    turn.port.asked_about(topic)
    return Go(
        Fact, topic=topic, harmed=harmed, alone=turn.answer("between"), between=""
    )


def _next_session(turn: Turn[Reads], topic: Topic) -> Event | None:
    """The next one where what is asked about can be had, at home if there is one; none for who has a seat already."""
    service = HAD_AT_A_SESSION.get(topic)
    if service is None or about.own(turn):
        return None
    for event in turn.port.events(about.near(turn))[:LOOKED_AT]:
        if event.seats and _offers(turn, event, service):
            return event
    return None


def _offers(turn: Turn[Reads], event: Event, service: Service) -> bool:
    if event.kind == service:
        return True
    held = turn.port.occasion(event.id)
    return held is not None and service in held.services


def _with_session(turn: Turn[Reads], fact: str, event: Event) -> Screen:
    """The fact, the session and the line that keeps a seat, if that is one text; else the fact behind a line."""
    day = short_day(event.day, turn.session.language)
    seat = turn.option(SEAT, "fact_seat")
    place = about.where(turn, event.hall, event.kind)
    alone = turn.say("fact_session", day=day, place=place)
    if not fact:
        return Screen(alone, (seat,))
    both = f"{fact}\n" + turn.say("fact_and_session", day=day, hall=event.hall)
    whole = f"{both}\n1. {seat.label}\n" + turn.say("back_line")
    if fits(on_wire(whole, turn.session.marks), ONE_PART):
        return Screen(both, (seat,))
    return Screen(alone, (seat, turn.option(MORE, "fact_more")))
