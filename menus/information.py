"""Answers from the commune's own facts: what staff wrote on a topic while it is valid,
else the way to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from menus import occasions, words
from menus.appointments import about
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, short_day
from menus.hearing import Meaning
from menus.hearing.fraud import HARMED
from menus.hearing.particulars import is_english, wants_to_have
from menus.occasions import Occasions
from menus.port import Event, EventKind, Port, Reads, RequestKind, Service
from menus.requesting import wanting
from menus.screens import day_of, ending, is_one_text, offering
from menus.told import Told
from menus.topics import Topic

SESSIONS = "sessions"  # the last line, so that the topics keep their numbers
SEAT, MORE, CALL, ASK = "seat", "more", "call", "ask"
# What is asked about and can be had at a session.
HAD_AT_A_SESSION: Mapping[Topic, Service] = {Topic.MONEY: "account", Topic.APP: "app"}
# What is asked about and done on days of its own: the calendar says when, not the fact.
HELD_FOR: Mapping[Topic, EventKind] = {Topic.TUITION: "school"}
# What is asked about and somebody may come and do.
DONE_BY_A_PERSON: Mapping[Topic, RequestKind] = {
    Topic.QR: "qr",
    Topic.MONEY: "account",
    Topic.TV360: "tv360",
    Topic.APP: "app",
    Topic.TUITION: "school",
}
# How a fact is told where nothing else was said.
_PLAINLY = dict.fromkeys(("harmed", "english", "use"), "")
LOOKED_AT = 4  # of the next events with times


class Questions(State):
    """What about? By SMS the words to text, for the list would be two texts long."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        if turn.session.by_text:
            return ending(turn, "questions_sms")
        text = turn.say("questions")
        topics = turn.options("topic", Topic)
        sessions = turn.option(SESSIONS, "questions_sessions")
        return Screen(text, (*topics, sessions))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == SESSIONS:
            return Go(Occasions, after="")
        return _asked(turn, Topic(answer))


class Fact(State):
    """The fact, alone on its page: it may be as long as that. Where there is none, whom
    to ask.

    Of what can be had at a session the next one is told with it, and a seat there can
    be kept, by whoever wants to have it. Where both are more than one text, the session
    comes first and the fact behind it. A question in English is answered in English.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        topic = _topic(turn)
        turn = _in_its_language(turn)
        if turn.answer("harmed"):
            return _person_to_call(turn, "harmed")
        fact = self._said(turn, topic)
        next_one = _next_session(turn, topic)
        if next_one:
            return _with_session(turn, fact, next_one)
        day = _day_held(turn, topic)
        if fact and day:
            return _with_day(turn, fact, day)
        if fact or day:
            return _with_request(turn, fact or day)
        return self._no_fact(turn, topic)

    @staticmethod
    def _said(turn: Turn[Reads], topic: Topic) -> str:
        """Empty where there is none."""
        said = turn.port.fact(topic)
        return said[turn.session.language] if said else ""

    @staticmethod
    def _no_fact(turn: Turn[Reads], topic: Topic) -> Screen:
        if topic is Topic.WHO:
            commune = turn.port.commune().name
            return ending(turn, "who", commune=commune)
        if turn.session.by_text:
            return ending(turn, "fact_none_sms")
        return _person_to_call(turn, "fact_none")

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        match answer:
            case "seat":
                return self._to_next_session(turn)
            case "more":
                return Go(Fact, alone="yes")
            case "ask":
                kind = DONE_BY_A_PERSON[_topic(turn)]
                return wanting(kind, turn.heard)
            case _:
                return Go(CallMe)

    @staticmethod
    def _to_next_session(turn: Turn[Port]) -> Go:
        topic = _topic(turn)
        next_one = _next_session(turn, topic)
        if next_one is None:
            return Go(Occasions, after="")
        return occasions.to_event(turn, next_one.id)


def _topic(turn: Turn[Reads]) -> Topic:
    return Topic(turn.answer("topic"))


def _person_to_call(turn: Turn[Reads], sentence: str) -> Screen:
    """A sentence, and the line that asks for a call."""
    call = turn.option(CALL, "home_call")
    return offering(turn, sentence, call)


def ask(turn: Turn[Port], said: Meaning) -> Go:
    """A word or a question about a topic; without one, the list of them."""
    if not said.topic:
        return Go(Questions)
    topic = Topic(said.topic)
    has_it = topic in HAD_AT_A_SESSION and not wants_to_have(turn.heard)
    if has_it and turn.port.fact(topic) is None:
        return _left_to_staff(turn, topic)
    harmed = "yes" if said.kind == HARMED else ""
    english = "yes" if is_english(turn.heard) else ""
    use = "yes" if has_it else ""
    return _asked(turn, topic, harmed=harmed, english=english, use=use)


def _asked(turn: Turn[Port], topic: Topic, **how: str) -> Go:
    """To the fact; `how` it is told: to whom was `harmed`, in `english`, to who has it
    in `use`.
    """
    turn.port.asked_about(topic)
    alone = turn.answer("between")
    return Go(Fact, **{**_PLAINLY, **how}, topic=topic, alone=alone, between="")


def _left_to_staff(turn: Turn[Port], topic: Topic) -> Go:
    """Nothing is written of it: a person reads the text, and an open list stays open."""
    turn.port.asked_about(topic)
    told = "noted" if turn.answer("between") else "nothing_to_do"
    return Go(Told, told=told, between="").for_staff()


def _in_its_language(turn: Turn[Reads]) -> Turn[Reads]:
    """The turn in the language of the question; the phone goes on in its own."""
    if not turn.answer("english"):
        return turn
    in_english = turn.session.replace(language=words.ENGLISH)
    return turn.moved(in_english)


def _day_held(turn: Turn[Reads], topic: Topic) -> str:
    """When and where the next day for it is held; empty where none is."""
    kind = HELD_FOR.get(topic)
    found = turn.port.next_held(kind) if kind else None
    if found is None:
        return ""
    day = day_of(turn, found.starts)
    begins = hour(found.starts)
    ends = hour(found.ends)
    return turn.say(
        f"fact_{found.kind}", day=day, begins=begins, ends=ends, place=found.place
    )


def _with_day(turn: Turn[Reads], fact: str, day: str) -> Screen:
    """The fact and the next day for it, if that is one text; else the day, and the fact
    behind a line.
    """
    both = f"{fact}\n{day}"
    if _fits(turn, both):
        return _with_request(turn, both)
    if turn.answer("alone"):
        return Screen(fact, ends=True)
    more = turn.option(MORE, "fact_more")
    return Screen(day, (more,))


def _with_request(turn: Turn[Reads], said: str) -> Screen:
    """With the line that asks a person to do it, where somebody does and there is room;
    not in the middle of something else.
    """
    if _topic(turn) not in DONE_BY_A_PERSON or turn.answer("alone"):
        return Screen(said, ends=True)
    ask_for_it = _line_to_a_person(turn)
    if not _fits(turn, said, (ask_for_it,)):
        return Screen(said, ends=True)
    return Screen(said, (ask_for_it,))


def _line_to_a_person(turn: Turn[Reads]) -> Option:
    """Who has it already needs it no more: a call, and no request to be given it."""
    if turn.answer("use"):
        return turn.option(CALL, "home_call")
    return turn.option(ASK, "fact_ask")


def _fits(turn: Turn[Reads], said: str, lines: Sequence[Option] = ()) -> bool:
    """Is it one text? With tone marks hardly anything is: there it is what would be one
    without them.
    """
    plain = turn.moved(turn.session.replace(marks=False))
    if turn.session.by_text:
        return plain.session.fits_one_part(said, lines)
    return is_one_text(plain, said, lines)


def _next_session(turn: Turn[Reads], topic: Topic) -> Event | None:
    """The next one where what is asked about can be had, at home if there is one; none
    for who has it or a seat where it can be had, or asked for the fact alone.
    """
    service = HAD_AT_A_SESSION.get(topic)
    if service is None or turn.answer("alone") or turn.answer("use"):
        return None
    if _has_it(turn, service):
        return None
    hamlet = about.near(turn)
    events = turn.port.events(hamlet)
    for event in events[:LOOKED_AT]:
        is_new = about.serving(turn, event) is None
        if event.seats and is_new and about.offers(turn, event, service):
            return event
    return None


def _has_it(turn: Turn[Reads], service: Service) -> bool:
    """Can they get it where they have a seat?"""
    mine = [booked for booked in turn.port.bookings() if booked.own]
    for booked in mine:
        offered = about.offered_with(turn, booked)
        if booked.kind == service or service in offered:
            return True
    return False


def _with_session(turn: Turn[Reads], fact: str, event: Event) -> Screen:
    """The fact, the session and the line that keeps a seat, if that is one text; else
    the fact behind a line. One that is not in their own hamlet is called the commune's.
    """
    day = short_day(event.day, turn.session.language)
    seat = turn.option(SEAT, "fact_seat")
    where = "" if event.hamlet == about.near(turn) else "_elsewhere"
    its_line = turn.say(f"fact_and_session{where}", day=day, hall=event.hall)
    both = f"{fact}\n{its_line}"
    if fact and _fits(turn, both, (seat,)):
        ask_for_it = turn.option(ASK, "fact_ask")
        lines = (seat, ask_for_it) if _fits(turn, both, (seat, ask_for_it)) else (seat,)
        return Screen(both, lines)
    place = about.where(turn, event.hall, event.kind)
    alone = turn.say(f"fact_session{where}", day=day, place=place)
    if not fact:
        return Screen(alone, (seat,))
    more = turn.option(MORE, "fact_more")
    return Screen(alone, (seat, more))
