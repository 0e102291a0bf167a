"""How a conversation moves: turns, states, moves, and the one function that takes a
turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeVar, cast

from menus import broadcast, words
from menus.days import today
from menus.fitting import ONE_PART, Page, TooLong, cost, fits, on_wire, pages
from menus.hearing import (
    Intent,
    Line,
    Meaning,
    Situation,
    fold,
    is_bare,
    is_numbered,
    leaves,
    number,
    numbered,
    plainly,
    read_alone,
    refuses,
    says_a_command,
    words_of,
)
from menus.hearing.reader import SURE, Asked, Label
from menus.open_question import MOVES, OF_TEXTS, WAIT, of_state
from menus.port import AdvertsAsked, Guest, LastText, Port, Reads
from menus.session import Channel, Option, Screen, Session, forgotten
from menus.values import Value

__all__ = [
    "Again", "Answered", "Channel", "Command", "Go", "Menu", "Option", "PickUp", "Screen", "Session", "State", "Turn",
    "forgotten",
]  # fmt: skip

P_co = TypeVar("P_co", bound=Reads, covariant=True)

BACK, HOME, MORE = KEYS = ("0", "00", "99")  # at hand on every screen
PERSON = "98"  # at hand on every screen, too; by text it is heard as GOI LAI
_DOES_NOT_FOLLOW = re.compile(r"\b(?:khong|ko|k|chua|chang) hieu\b")
_FIRST_SENTENCE = re.compile(r".+?[.?!](?= |$)")
RESUME_WITHIN = timedelta(minutes=30)
SMS_SESSION = timedelta(days=1)
# What is said in between and needs a person: the open list stays open, and is not sent
# again.
_READ_BY_STAFF: frozenset[Label | None] = frozenset(
    {"question", "opinion", "fact", "coming", "not_coming"}
)
_ADVERTS: frozenset[str] = frozenset({"ADVERTS", "ADVERTS_YES", "STOP_ADVERTS"})
HOPS = 8  # a chain of Go longer than this is a loop in the menus


class Turn(Value, Generic[P_co], frozen=True):
    """All a state has to work with. `now` is aware UTC; `heard` is the answer as it was
    sent.
    """

    session: Session
    port: P_co
    now: datetime
    heard: str = ""

    def moved(self, session: Session) -> Turn[P_co]:
        """The same turn, with the conversation elsewhere."""
        return Turn(session, self.port, self.now, self.heard)

    def say(self, sentence: str, **values: object) -> str:
        """A sentence of `words/`, in the resident's language."""
        return words.say(self.session.language, sentence, **values)

    def option(self, value: str, sentence: str) -> Option:
        """A line to choose, in the words of a sentence."""
        return Option(value, self.say(sentence))

    def options(self, sentence: str, values: Iterable[str]) -> tuple[Option, ...]:
        """A line to choose for each value, in the words of the sentence that bears its
        name: `request_qr`.
        """
        lines = [self.option(value, f"{sentence}_{value}") for value in values]
        return tuple(lines)

    def answer(self, name: str) -> str:
        """What was answered earlier in this conversation; empty if nothing was."""
        return self.session.answers.get(name, "")


class Go:
    """Move to another state (None: home), keeping answers by name; an empty answer
    forgets the name.
    """

    __slots__ = ("answers", "party", "speech", "to", "unread")

    def __init__(self, to: type[State] | None, **answers: str) -> None:
        self.to = to
        self.answers = answers
        self.speech: tuple[str, bool] | None = None
        self.party: tuple[Guest, ...] | None = None
        self.unread = False

    @classmethod
    def home(cls) -> Go:
        return cls(None)

    def coming(self, party: Sequence[Guest]) -> Go:
        """From here on it is for these; for none in particular, where nobody is named."""
        self.party = tuple(party)
        return self

    def speaking(self, language: str, marks: bool) -> Go:
        """From here on in this language, with or without tone marks."""
        self.speech = (language, marks)
        return self

    def for_staff(self) -> Go:
        """The text was heard, and only a person can answer it: staff read it."""
        self.unread = True
        return self


class Answered:
    """Hand the answers to the state that asked: the one whose `show` sent the resident
    here.
    """

    __slots__ = ("answers",)

    def __init__(self, **answers: str) -> None:
        self.answers = answers


@dataclass(frozen=True, slots=True)
class Again:
    """Ask the same thing once more, with the reason (a sentence, already said) on top."""

    reason: str = ""


class PickUp:
    """Carry on where an earlier call broke off."""


Outcome = Go | Answered | Again | PickUp


class State:
    """One place in the menus. `show` may look, `answer` may act; both are called anew
    each turn.
    """

    hears: ClassVar[bool] = False  # takes free text besides the numbers offered
    takes_words: ClassVar[bool] = False  # a text is the answer, unless it commands
    asks: ClassVar[bool] = False  # a question for another state, which gets the answer
    # by text HUY or a no leaves it: neither is an answer to it
    may_be_left: ClassVar[bool] = False
    says: ClassVar[
        Mapping[Intent, str]
    ] = {}  # requests that are lines of this very screen: DL on the main menu
    # its answer promises something: only good once this screen was shown
    binding: ClassVar[bool] = False
    # its yes agrees to keep or hand over a number: a plain one, or none
    consents: ClassVar[bool] = False
    # whoever was cut off here may want to go on from here
    unfinished: ClassVar[bool] = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        raise NotImplementedError

    def answer(self, turn: Turn[Port], answer: str) -> Outcome:
        raise NotImplementedError

    def leave(self, turn: Turn[Port]) -> None:
        """What is given back where it is left: nothing, unless seats are kept for it."""


Reply = tuple[Session, Screen]  # the session to keep, and the page to send
# what a request does, with the code, day and time that came with it
Command = Callable[[Turn[Port], Meaning], Go]


class Menu:
    """Every state by name, and the turn. Pure: the world is reached through the port
    alone.
    """

    def __init__(
        self,
        states: tuple[type[State], ...],
        *,
        home: type[State],
        welcome_back: type[State],
        unclear: type[State],
        number: Callable[[str], str],
        hear: Callable[[str, Situation], Meaning],
        commands: Mapping[Intent, Command],
        public: Mapping[str, Intent],
    ) -> None:
        self.states: Mapping[str, State] = {state.__name__: state() for state in states}
        self.home = home.__name__
        self.welcome_back = welcome_back.__name__
        self.unclear = unclear
        self.number = number
        self.hear = hear
        self.commands = commands
        self.public = public

    def turn(
        self, session: Session, heard: str | None, port: Port, now: datetime
    ) -> Reply:
        """One hearing, one screen. `heard` None means that a call begins.

        Returns the session to keep and the page to send, within the session's budget.
        Raises what the port raises.
        """
        turn = Turn(session, port, now, heard or "")
        if heard is None:
            return self._open(turn)
        state = self.states.get(session.state)
        pressed = self.number(heard)
        if session.channel == "sms" and pressed not in KEYS:
            return self._heard(turn, state)
        if pressed == PERSON:
            return self._do(turn, Meaning("CALL"))
        if state is None or pressed == HOME:
            return self._go_home(turn)
        if pressed == BACK:
            return self._back(turn)
        if pressed == MORE and self._has_more(session):
            return self._turn_page(turn, session.page + 1)
        return self._pressed(turn, state, pressed)

    def _turn_page(self, turn: Turn[Port], page: int) -> Reply:
        session = turn.session.replace(page=page, at=turn.now)
        return self._page(session, session.reason)

    def _has_more(self, session: Session) -> bool:
        return session.page + 1 < len(self._pages(session))

    def _pressed(self, turn: Turn[Port], state: State, pressed: str) -> Reply:
        """A line of the screen, or what was typed where the state takes that."""
        chosen = _chosen(turn.session, pressed)
        if chosen is not None:
            return self._answer(turn, state, chosen)
        if state.hears:
            return self._answer(turn, state, turn.heard)
        return self._show_again(turn, turn.say("not_offered"))

    def dial(self, session: Session, key: str, port: Port, now: datetime) -> Reply:
        """The first key dialled with the code, by its public meaning (`*2404*2#`) or as
        the number of an event (`*2404*47#`); else as pressed on the main menu.
        """
        meaning = numbered(key)
        if key in self.public:
            meaning = Meaning(self.public[key])
        if meaning is None:
            return self.turn(session, key, port, now)
        turn = Turn(session, port, now, key)
        return self._do(turn, meaning)

    def _heard(self, turn: Turn[Port], state: State | None) -> Reply:
        """A text: a line of the open list however it was said, a request, or nothing
        that can be acted on.
        """
        last = turn.port.last_text(but_answers=turn.session.waits)
        turn = turn.moved(turn.session.replace(understood=True, waits=False))
        if _closed_since(turn.session, last):
            turn = turn.moved(forgotten(turn.session))
            state = None
        asked = _asked_for_adverts(turn)
        about_adverts = _answer_about_adverts(turn) if asked else None
        if about_adverts:
            # an older list is closed by a newer question
            turn = turn.moved(forgotten(turn.session))
            return self._do(turn, Meaning(about_adverts))
        if state and state.may_be_left and leaves(turn.heard):
            state.leave(turn)
            return _left_alone(turn)
        if state and state.takes_words and not says_a_command(turn.heard):
            return self._answer(turn, state, turn.heard)
        meaning = self.hear(turn.heard, _situation(turn, state, last))
        after, screen = self._follow(turn, state, meaning, asked)
        waits = meaning.word in _BESIDE and _asks(last) in WAIT and not after.offered
        return after.replace(waits=waits), screen

    def _follow(
        self,
        turn: Turn[Port],
        state: State | None,
        meaning: Meaning,
        asked: AdvertsAsked | None,
    ) -> Reply:
        """What is done with a meaning: the first of these that fits. `asked` is the
        question about adverts, if open.
        """
        if state and meaning.word == "PICK":
            return self._picked(turn, state, meaning.picked)
        if turn.session.offered and _is_lost(turn, meaning):
            return self._ask_again(_not_understood(turn), Meaning("ASK"))
        if meaning.word in self.commands:
            return self._carry_out(turn, state, meaning)
        if asked and _may_be_about_adverts(turn.session, meaning, asked):
            return _not_yet_clear(turn)
        if state and state.hears:
            return self._answer(turn, state, turn.heard)
        return self._ask_again(_not_understood(turn), meaning)

    def _picked(self, turn: Turn[Port], state: State, picked: str) -> Reply:
        """A line that was said. Where it binds and more was said, it is asked once more."""
        if not _says_more(turn, state, picked):
            return self._answer(turn, state, picked)
        again = Meaning("ASK", perhaps=(picked,))
        return self._ask_again(_not_understood(turn), again)

    def _carry_out(
        self, turn: Turn[Port], state: State | None, meaning: Meaning
    ) -> Reply:
        """A request. A fact that is asked in the middle of something else leaves the
        open list open, and so does an opinion, or a number that no session has.
        """
        in_between = state is not None and _is_said_in_between(meaning, state)
        if state is None or not (in_between or _names_no_event(turn, meaning)):
            return self._do(turn, meaning)
        after, screen = self._do(_in_between(turn, state), meaning)
        if not screen.ends:
            return after, screen
        open_still = turn.session.replace(at=turn.now, understood=after.understood)
        return open_still, screen

    def _do(self, turn: Turn[Port], meaning: Meaning) -> Reply:
        """What a request does, and the screen that it leads to."""
        command = self.commands[cast(Intent, meaning.word)]
        move = command(turn, meaning)
        return self._go(turn, move, trail=())

    def _ask_again(self, turn: Turn[Port], meaning: Meaning) -> Reply:
        """Nothing is done on a guess: a short answer to talk, the open question once
        more, or "what was meant?".
        """
        requests = [word for word in meaning.perhaps if word in self.commands]
        if requests:
            return self._ask_what_was_meant(turn, requests, meaning.code)
        if turn.session.offered:
            return self._ask_of_the_list(turn, meaning)
        if _is_first_word(turn) and meaning.read not in _READ_BY_STAFF:
            return self._go_home(turn)
        if meaning.word == "NOTHING" and meaning.read == "no":
            return turn.session, _last_word(turn, "left_alone")
        if meaning.word == "NOTHING":
            return turn.session, _last_word(turn, "nothing_to_do")
        return self._ask_what_was_meant(turn, requests)

    def _ask_what_was_meant(
        self, turn: Turn[Port], requests: Sequence[str], code: str = ""
    ) -> Reply:
        """`code`: of the booking that it may be about."""
        move = Go(self.unclear, perhaps=",".join(requests), meant=code)
        return self._go(turn, move, trail=())

    def _ask_of_the_list(self, turn: Turn[Port], meaning: Meaning) -> Reply:
        """The open list once more. A refusal closes it; what staff are to read leaves
        it as it stands.
        """
        session = turn.session
        if meaning.word != "NOTHING":
            return self._show_again(turn, _which_line(turn, meaning.perhaps))
        if meaning.read == "no":  # to a list without a no
            return _left_alone(turn)
        if meaning.read in _READ_BY_STAFF:
            return session.replace(at=turn.now), _last_word(turn, "noted")
        return self._show_again(turn, turn.say("thanks"))

    def _open(self, turn: Turn[Port]) -> Reply:
        """A call begins: asked whether to carry on where the last one broke off, else
        at home.
        """
        session = turn.session
        left = session.state
        if left == self.welcome_back:  # dropped while being asked
            left = session.left
        if not self._may_go_on(turn, left):
            anew = turn.moved(session.replace(answers={}))
            return self._go_home(anew)
        turn = turn.moved(session.replace(left=left))
        move = self._to(self.welcome_back)
        return self._go(turn, move, trail=session.trail)

    def _may_go_on(self, turn: Turn[Port], left: str) -> bool:
        """Is there something to carry on with, from the state that was left a while
        ago?
        """
        at = turn.session.at
        if at is None or turn.now - at > RESUME_WITHIN:
            return False
        if left == self.welcome_back:
            return False
        state = self.states.get(left)
        return state is not None and state.unfinished

    def _answer(self, turn: Turn[Port], state: State, answer: str) -> Reply:
        session = turn.session
        outcome = state.answer(turn, answer)
        onward = (*session.trail, session.state)
        match outcome:
            case Again(reason):
                return self._show_again(turn, reason)
            case PickUp():
                return self._go(turn, self._to(session.left), trail=session.trail)
            case Answered():
                asker = self._to(session.asker, **outcome.answers)
                return self._go(turn, asker, trail=onward)
            case Go():
                return self._go(turn, outcome, trail=onward)

    def _back(self, turn: Turn[Port]) -> Reply:
        session = turn.session
        if session.page:
            return self._turn_page(turn, session.page - 1)
        if not session.trail:
            return self._go_home(turn)
        last = session.trail[-1]
        return self._go(turn, self._to(last), trail=session.trail[:-1])

    def _to(self, name: str, **answers: str) -> Go:
        """A move to a state by its kept name; home if a deploy took the state away."""
        state = self.states.get(name)
        if state is None:
            return Go.home()
        return Go(type(state), **answers)

    def _go_home(self, turn: Turn[Port]) -> Reply:
        return self._go(turn, Go.home(), trail=())

    def _go(self, turn: Turn[Port], move: Go, trail: tuple[str, ...]) -> Reply:
        session = turn.session
        for _ in range(HOPS):
            name = move.to.__name__ if move.to else self.home
            session = _arrived(session, name, move, turn.now)
            shown = self.states[name].show(turn.moved(session))
            if isinstance(shown, Screen):
                if name == self.home:
                    session = session.replace(left="", asker="")
                    trail = ()
                first_page = session.replace(
                    shown=shown, page=0, trail=_until(trail, name)
                )
                return self._page(first_page)
            if shown.to and shown.to.asks:
                session = session.replace(asker=name)
            move = shown
        raise RuntimeError(f"the menus go round in circles at {session.state}")

    def _pages(self, session: Session) -> tuple[Page, ...]:
        """The screen, with the key to a person where it is wanted and costs nothing:
        after each miss, and where the state says so.
        """
        alone = self._laid_out(session)
        shown = session.shown
        if shown.ends or not (shown.person or session.reason):
            return alone
        person = words.say(session.language, "person_line")
        try:
            with_person = self._laid_out(session, person)
        except TooLong:
            return alone
        if _prices(with_person, session) != _prices(alone, session):
            return alone
        return with_person

    def _laid_out(self, session: Session, person: str = "") -> tuple[Page, ...]:
        shown = session.shown
        text = shown.text
        if session.reason:
            text = f"{session.reason}\n{text}"
        labels = tuple(option.label for option in shown.options)
        if shown.by_name and session.channel == "sms" and not session.reason:
            labels = ()
        back = ""
        if self._leads_back(session):
            back = words.say(session.language, "back_line")
        back = f"{person}\n{back}".strip()
        more = words.say(session.language, "more_line")
        marked = pages(text, labels, back, more, session.budget, session.marks)
        if not session.marks or session.channel != "sms" or len(marked) == 1:
            return marked
        # With its marks it takes more texts than one, and a line would stand in a later
        # one: without them all lines stand in the first.
        return pages(text, labels, back, more, session.budget, marks=False)

    def _leads_back(self, session: Session) -> bool:
        """Is the way back shown? A text need not lead back: any word may follow it."""
        if session.channel != "ussd" or session.shown.ends:
            return False
        return session.state != self.home

    def _show_again(self, turn: Turn[Port], reason: str) -> Reply:
        """The open screen from its first page, with the reason on top.

        By SMS the list stands in the text before: it is not sent a second time where
        that takes two parts, and never after the second slip in a row. There the way to
        a person is said.
        """
        first_page = turn.session.replace(page=0, at=turn.now)
        session, screen = self._page(first_page, reason)
        if session.channel != "sms" or not session.offered:
            return session, screen
        # the question what was meant follows a slip itself
        is_second_slip = bool(turn.session.reason) or (
            session.state == self.unclear.__name__
        )
        is_short = session.shown.by_name or fits(screen.text, ONE_PART)
        if is_second_slip or not is_short:
            screen = _briefly(turn, reason)
            session = session.replace(person=True)
        return session, screen

    def _page(self, session: Session, reason: str = "") -> Reply:
        if reason != session.reason:
            session = session.replace(reason=reason)
        all_pages = self._pages(session)
        last = len(all_pages) - 1
        # another carrier of the same phone may show more on a page
        at = min(session.page, last)
        page = all_pages[at]
        ends = session.shown.ends and at == last
        options = session.offered[page.first : page.last]
        person = words.say(session.language, "person_line")
        is_named = on_wire(person, False) in on_wire(page.text, False)
        session = session.replace(person=is_named)
        if ends:
            session = forgotten(session)
        return session, Screen(page.text, options, ends)


def _prices(laid_out: Sequence[Page], session: Session) -> list[int]:
    """Of each page its parts; in a call a page is one."""
    if not session.by_text:
        return [1] * len(laid_out)
    return [cost(page.text).parts for page in laid_out]


def _arrived(session: Session, name: str, move: Go, now: datetime) -> Session:
    """The conversation in the state that it moves to, with what the move brings along."""
    answers = {**session.answers, **move.answers}
    kept = {key: answer for key, answer in answers.items() if answer}
    session = session.replace(state=name, answers=kept, at=now)
    if move.party is not None:
        session = session.replace(party=move.party)
    if move.speech:
        language, marks = move.speech
        session = session.replace(language=language, marks=marks)
    if move.unread:
        session = session.replace(understood=False)
    return session


def _says_more(turn: Turn[Port], state: State, picked: str) -> bool:
    """Is more said than what binds: `1 chau lop 1a`, or to a consent `dong y, goi buoi
    toi`? A no in any words is one.
    """
    if not state.binding or plainly(turn.heard):
        return False
    if picked == "no" and refuses(words_of(turn.heard)):
        return False
    labels = {option.value: option.label for option in turn.session.offered}
    if is_bare(turn.heard, labels[picked]):
        return False
    is_consent = state.consents and picked == "yes"
    return is_consent or is_numbered(turn.heard)


_BESIDE = ("FACT", "OPINION")


def _is_said_in_between(meaning: Meaning, state: State) -> bool:
    """A fact, unless what is open binds: then it is asked anew. An opinion wherever it
    is said, and its answer says that the question still waits.
    """
    if meaning.word == "OPINION":
        waits_for_it = state.hears and not state.unfinished
        return bool(meaning.kind) and not waits_for_it
    return meaning.word == "FACT" and not state.binding


def _in_between(turn: Turn[Port], state: State) -> Turn[Port]:
    """Something asked in the middle of something else is answered, and opens no list of
    its own.
    """
    session = turn.session
    if not session.offered or not state.unfinished:
        return turn
    answers = {**session.answers, "between": "yes"}
    return turn.moved(session.replace(answers=answers))


def _not_understood(turn: Turn[Port]) -> Turn[Port]:
    return turn.moved(turn.session.replace(understood=False))


def _last_word(turn: Turn[Port], sentence: str) -> Screen:
    """A sentence that ends the conversation without a move, as it goes out."""
    text = on_wire(turn.say(sentence), turn.session.marks)
    return Screen(text, ends=True)


def _left_alone(turn: Turn[Port]) -> Reply:
    """The open question is closed, and nothing was done."""
    closed = forgotten(turn.session).replace(at=turn.now, understood=True)
    return closed, _last_word(turn, "left_alone")


def _briefly(turn: Turn[Port], reason: str) -> Screen:
    """What is asked, which numbers answer it, and the way to a person: `Đặt 8h00 T7
    5/12. Nhắn số 1-4 …`.
    """
    session = turn.session
    how = turn.say("again_briefly", last=len(session.offered))
    why = _first_sentence(reason)
    question = _first_sentence(session.shown.text)
    text = on_wire(f"{why} {how}", session.marks)
    if question and question != why:
        with_question = on_wire(f"{why} {question} {how}", session.marks)
        if fits(with_question, ONE_PART):
            text = with_question
    return Screen(text, session.offered)


def _first_sentence(text: str) -> str:
    """Empty where there is none: a heading that ends in a colon asks nothing."""
    found = _FIRST_SENTENCE.match(text.replace("\n", " "))
    return found[0] if found else ""


def _is_first_word(turn: Turn[Port]) -> bool:
    """Has this phone said nothing for so long that whatever it says begins a
    conversation?
    """
    at = turn.session.at
    return at is None or turn.now - at > SMS_SESSION


def _which_line(turn: Turn[Port], perhaps: Sequence[str]) -> str:
    """What is asked above the open list: which of the lines that may be meant, or to
    say it again.
    """
    places = []
    for place, option in enumerate(turn.session.offered, 1):
        if option.value in perhaps:
            places.append(str(place))
    if not places:
        return turn.say("say_again")
    return turn.say("which_one", numbers=", ".join(places))


def _is_lost(turn: Turn[Port], meaning: Meaning) -> bool:
    """Is the open list not followed? Then help is wanted with this list, not with all."""
    is_for_help = meaning.word == "HELP"
    return is_for_help and _DOES_NOT_FOLLOW.search(fold(turn.heard)) is not None


def _names_no_event(turn: Turn[Port], meaning: Meaning) -> bool:
    """Was a number said as that of an event, and none has it?"""
    if meaning.word != "SESSIONS" or not meaning.number:
        return False
    return turn.port.numbered(meaning.number) is None


def _may_be_about_adverts(
    session: Session, meaning: Meaning, asked: AdvertsAsked
) -> bool:
    """Half an answer to the question about adverts, which was the last thing said on
    this phone?
    """
    return _ADVERTS.issuperset(meaning.perhaps) and _first_word_since(session, asked)


def _not_yet_clear(turn: Turn[Port]) -> Reply:
    """Adverts are wanted, or not: asked back, with no list left open."""
    session = forgotten(turn.session).replace(at=turn.now, understood=False)
    return session, _last_word(turn, "adverts_which")


def _situation(
    turn: Turn[Port], state: State | None, last: LastText | None
) -> Situation:
    """What a text is heard against, in the port and on the open screen."""
    port = turn.port
    offered = turn.session.offered
    hamlets: dict[str, Line] = {}
    for hamlet in port.hamlets():
        hamlets[hamlet.name] = Line(str(hamlet.id), hamlet.name, hamlet.aliases)
    lines = [
        hamlets.get(option.label) or Line(option.value, option.label)
        for option in offered
    ]
    booking = port.booking()
    wait = port.wait()
    asked = _asked(turn.session, last)
    return Situation(
        today(turn.now),
        tuple(lines),
        tuple(hamlets.values()),
        booking=booking.code if booking else "",
        waiting=wait.code if wait and not wait.until else "",
        booked_on=today(booking.starts) if booking else None,
        reminded=booking is not None and _asks(last) == "reminder",
        rating=not offered and asked == "rate",
        promised="" if offered else _promised(port, last),
        moved="" if offered else _moved(port, last),
        typed=state is not None and state.hears and not state.takes_words,
        commands=_requests_offered(state, offered),
        asked=asked,
    )


def _asked(session: Session, last: LastText | None) -> Asked:
    """What the text may be the answer to."""
    if session.offered:
        return of_state(session.state, moving="moving" in session.answers)
    return _asks(last)


def _asks(last: LastText | None) -> Asked:
    if last is None:
        return "none"
    return OF_TEXTS.get(last.kind, "none")


def _closed_since(session: Session, last: LastText | None) -> bool:
    """Has a text of ours asked something since the open list was sent? The question
    about adverts has no numbers: beside it a number is still the list's.
    """
    if not session.offered or session.at is None or last is None:
        return False
    has_numbers = _asks(last) not in ("none", "consent")
    return has_numbers and last.at > session.at


def _requests_offered(
    state: State | None, offered: Sequence[Option]
) -> tuple[tuple[Intent, str], ...]:
    """The requests that are lines of the open screen, each with the line's value."""
    if state is None:
        return ()
    values = {option.value for option in offered}
    requests = [(word, value) for word, value in state.says.items() if value in values]
    return tuple(requests)


def _promised(port: Reads, last: LastText | None) -> str:
    """The code of the seat that the last text spoke of: offered to this phone, else
    kept for it.
    """
    if _asks(last) not in ("offer", "held"):
        return ""
    wait = port.wait()
    if wait and wait.until:
        return wait.code
    hold = port.hold()
    return hold.code if hold else ""


def _moved(port: Reads, last: LastText | None) -> str:
    """The code of the booking that the last text told a new time of, while it stands."""
    if last is None or last.kind not in MOVES:
        return ""
    booking = port.booking(last.code)
    return booking.code if booking else ""


def _asked_for_adverts(turn: Turn[Port]) -> AdvertsAsked | None:
    """The question about adverts, while it is what a text answers: no list was opened
    since.
    """
    asked = turn.port.asked_for_adverts()
    if asked is None or not asked.open:
        return None
    if turn.session.offered and not _first_word_since(turn.session, asked):
        return None
    return asked


def _first_word_since(session: Session, asked: AdvertsAsked) -> bool:
    return session.at is None or session.at < asked.at


def _answer_about_adverts(turn: Turn[Port]) -> Intent | None:
    """A plain yes, or a no in any words. The question has no numbers: beside an older
    list it is one of its lines.
    """
    if turn.session.offered and number(turn.heard).isdigit():
        return None
    said = plainly(turn.heard) or broadcast.plain_answer(turn.heard)
    if said == "yes":
        return "ADVERTS_YES"
    if said == "no" or _refuses(turn.heard):
        return "STOP_ADVERTS"
    return None


def _refuses(heard: str) -> bool:
    """Is the reader sure of a no?"""
    reading = read_alone(heard, "consent")
    return reading.label == "no" and reading.sure >= SURE


def _chosen(session: Session, pressed: str) -> str | None:
    """What the number pressed stood for on the screen as it was shown, whichever page
    it was on.
    """
    if not pressed.isascii() or not pressed.isdigit():
        return None
    place = int(pressed)
    if not 1 <= place <= len(session.offered):
        return None
    return session.offered[place - 1].value


def _until(trail: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The way back, cut where it already passed here: going in circles never makes it
    longer.
    """
    if name not in trail:
        return trail
    here = trail.index(name)
    return trail[:here]
