"""Something to be done by somebody, or to be said: choose what, agree to what the
number is kept for, and get a number to ask by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, cast

from menus import words
from menus.core import Again, Go, Option, Screen, State, Turn
from menus.hearing import Meaning, plainly
from menus.hearing.folding import words_of
from menus.hearing.particulars import opinion_asked_about
from menus.hearing.requests import requested
from menus.hearing.rules import only_announces_an_opinion
from menus.naming import name_in
from menus.port import (
    OF_NO_PLACE,
    OF_OTHERS,
    Asking,
    Consent,
    Ground,
    NoSuchRequest,
    Others,
    Port,
    Reads,
    Request,
    RequestKind,
    School,
)
from menus.port import Opinion as Said
from menus.questions import (
    ask_hamlet,
    hamlet_answered,
    has_letters,
    is_placed,
    typed_name,
)
from menus.schooling import NO_SCHOOL, only, school_said, short_name
from menus.screens import day_of, ending, in_one_part, is_one_text, offering
from menus.told import Told

WORDS_MOST = 400  # of what was said
OF_THE_OPERATOR = OF_OTHERS["operator"]
OPINION = "opinion"
OWN_DATA = "data"
MORE = "more"
TO_REQUESTS = "requests"
# In the order of the screen.
OFFERED: tuple[RequestKind, ...] = (
    "qr",
    "account",
    "visit",
    "school",
    "tv360",
    "app",
    "no_phone",
)
# The key of the question where it is not `ask_request`.
PROMPTS: Mapping[RequestKind, str] = {
    **dict.fromkeys(OF_THE_OPERATOR, "ask_operator"),
    "call_me": "call_me",
    "erase": "ask_erase",
    "copy": "ask_copy",
}
# What a request must not inherit from an earlier one in the same conversation.
FRESH = dict.fromkeys(
    ("kind", "said", "place", "whose", "ground", "request", "no_hamlet", "school"), ""
)
# `nho den nha me toi`: whose house it is, where no name is said.
_KIN = re.compile(
    r"\b(?:me|bo|ba|ong|bac|chu|co|di|cau|mo|cu|vo|chong|con|anh|chi|em)"
    r" (?:toi|em|chau|minh|noi|ngoai|vo|chong|gai|trai)\b"
)


class Requesting(State):
    """What is it about?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("request")
        lines = turn.options("request", (*OFFERED, OPINION, OWN_DATA))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == OPINION:
            return Go(Opinion)
        if answer == OWN_DATA:
            return Go(OwnData)
        kind = cast(RequestKind, answer)
        return wanting(kind)


class OwnData(State):
    """What is kept; a copy of it, or all of it erased."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        kept = turn.port.kept_of_them()
        if not kept:
            return ending(turn, "request_data_none")
        details = [turn.say(f"kept_{detail}") for detail in (*kept, "texts")]
        listed = ", ".join(details)
        text = turn.say("request_data_which", what=listed)
        lines = turn.options("request", ("copy", "erase"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        kind = cast(RequestKind, answer)
        return wanting(kind)


class WhoseRequest(State):
    """It is for somebody else: who is it? Whoever cannot type the name passes on; the
    request then says `me toi`, where that was said.
    """

    hears = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        skip = turn.option("skip", "who_skip")
        return offering(turn, "request_whose", skip)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        kin = _kin(turn.answer("said"))
        whose = typed_name(answer) or kin
        onward = AskRequest if turn.answer("ground") else GroundOfRequest
        return Go(onward, whose=whose)


class GroundOfRequest(State):
    """Why they may speak for them."""

    may_be_left = True
    GROUNDS: ClassVar[tuple[Ground, ...]] = ("relative", "head", "other")

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("request_ground")
        lines = turn.options("request_ground", self.GROUNDS)
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(AskRequest, ground=answer)


class WhichSchool(State):
    """Whose school is asked; whoever does not see it here is called by the commune."""

    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("request_school_which")
        lines: list[Option] = []
        for school in turn.port.schools():
            name = short_name(school)
            lines.append(Option(str(school.id), name))
        another = turn.option(NO_SCHOOL, "request_school_another")
        return Screen(text, (*lines, another))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(AskRequest, school=answer)


class AskRequest(State):
    """Says what will be done and what the number is kept for; the resident agrees, or
    nothing is asked. Where it is to be done is asked first, so that the hamlet's head
    sees it; of a school, which one.
    """

    binding = True
    consents = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        kind = _kind(turn)
        if kind not in OF_NO_PLACE and not is_placed(turn):
            return ask_hamlet(turn)
        if kind == "school" and _is_to_be_named(turn):
            return Go(WhichSchool)
        lines = self._lines(turn, kind)
        text = _asked(turn, kind, lines)
        return Screen(text, lines)

    @staticmethod
    def _lines(turn: Turn[Reads], kind: RequestKind) -> tuple[Option, ...]:
        if kind == "erase":
            return turn.options("ask_erase", ("yes", "no"))
        answers = _answers(turn, kind)
        return turn.options("ask_request", answers)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "another":
            return Go(WhichSchool)
        if answer not in ("yes", "commune"):
            return Go(Told, told="not_asked", **FRESH)
        request = _request(turn, is_yes=answer == "yes")
        prompt = _prompt(turn, request.kind)
        consent = Consent(f"{prompt}:{words.VERSION}", turn.heard)
        # Where it is for somebody else, it says nothing of where this phone is at home.
        home = request.place if request.ground == "self" else None
        number = turn.port.ask(request, home, consent)
        return _noted(request, number, home)


def _answers(turn: Turn[Reads], kind: RequestKind) -> Sequence[str]:
    """Where others than the commune may do it, also that the commune shall."""
    if kind in OF_THE_OPERATOR:
        return "yes", "commune", "no"
    if not school_asked(turn):
        return "yes", "no"
    is_the_only_one = len(turn.port.schools()) == 1
    if turn.answer("school") or is_the_only_one:
        return "yes", "commune", "no"
    return "yes", "commune", "another", "no"


def _noted(request: Asking, number: int, home: int | None) -> Go:
    answers = FRESH | {
        "kind": request.kind,
        "request": str(number),
        "how": "told" if request.told else "",
        "hamlet": str(home) if home else "",
    }
    return Go(RequestAsked, **answers)


def _request(turn: Turn[Reads], is_yes: bool) -> Asking:
    """As it was put together. A yes is one to Viettel's call, or to the school's."""
    kind = _kind(turn)
    school = school_asked(turn)
    others_may = school is not None or kind in OF_THE_OPERATOR
    ground = turn.answer("ground") or "self"
    return Asking(
        kind,
        words=turn.answer("said"),
        place=_place(turn),
        name=turn.answer("whose"),
        ground=cast(Ground, ground),
        told=is_yes and others_may,
        school=school.id if school else None,
    )


def _place(turn: Turn[Reads]) -> int | None:
    """The hamlet that was named in the text, else the one that was answered."""
    named = turn.answer("place")
    return int(named) if named else hamlet_answered(turn)


class RequestAsked(State):
    """It is noted, under a number to ask by."""

    def show(self, turn: Turn[Reads]) -> Screen:
        kind = _kind(turn)
        sentence = self._sentence(turn, kind)
        request = turn.answer("request")
        what = turn.say(f"request_what_{kind}")
        number = turn.port.commune().sms_number
        return ending(turn, sentence, number=number, request=request, what=what)

    @staticmethod
    def _sentence(turn: Turn[Reads], kind: RequestKind) -> str:
        if kind == "erase":
            return "request_asked_erase"
        if not turn.answer("how"):
            return "request_asked"
        is_school = kind == "school"
        return "request_asked_school" if is_school else "request_asked_told"


class MyRequests(State):
    """What this phone asked for and said, a line each with how it stands: what waits,
    then what ended lately.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        asked = turn.port.requests()
        said = turn.port.opinions()
        if not asked and not said:
            new = turn.option("new", "call_me_other")
            return offering(turn, "requests_none", new)
        text = turn.say("requests")
        open_first = sorted(asked, key=lambda request: request.ended is not None)
        lines = [_request_line(turn, request) for request in open_first]
        lines += [_opinion_line(turn, opinion) for opinion in said]
        told_before = turn.answer("after")
        lines = lines[int(told_before or 0) :]
        if turn.session.by_text:
            more = turn.option(MORE, "requests_more")
            lines = in_one_part(turn, text, lines, more)
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "new":
            return Go(Requesting)
        if answer == MORE:
            told_now = len(turn.session.offered) - 1
            told_before = int(turn.answer("after") or 0)
            return Go(MyRequests, after=str(told_before + told_now))
        if answer.startswith("opinion "):
            number = answer.removeprefix("opinion ")
            return Go(MyOpinion, request=number)
        return Go(MyRequest, request=answer)


def how_it_stands(turn: Turn[Reads], number: int) -> Go | None:
    """To the request or opinion with this number, or the only one; to the list of
    several, or where the number is none of theirs. None where nothing was asked for.
    """
    asked = [one.number for one in turn.port.requests()]
    said = [one.number for one in turn.port.opinions()]
    every = [*asked, *said]
    if not every and not number:
        return None
    meant = number or (every[0] if len(every) == 1 else 0)
    if meant in said:
        return Go(MyOpinion, request=str(meant))
    if meant in asked:
        return Go(MyRequest, request=str(meant))
    if number:
        return Go(NoSuchOpenRequest, request=str(number))
    return to_requests()


def to_requests() -> Go:
    """To the list of them, from its beginning."""
    return Go(MyRequests, request="", after="")


def line_to_requests(turn: Turn[Reads], asked: Sequence[Request]) -> list[Option]:
    """The line to what this phone asked for and said, where there is any: how the only
    one stands, else how many wait.
    """
    said = turn.port.opinions()
    many = len(asked) + len(said)
    if not many:
        return []
    label = turn.say("mine_requests", many=many, open=_still_open(asked, said))
    if many == 1:
        label = _in_short(turn, asked, said)
    return [Option(TO_REQUESTS, label)]


def _still_open(asked: Sequence[Request], said: Sequence[Said]) -> int:
    waits = [one for one in asked if one.ended is None]
    unanswered = [one for one in said if one.answered is None]
    return len(waits) + len(unanswered)


def _in_short(turn: Turn[Reads], asked: Sequence[Request], said: Sequence[Said]) -> str:
    """`Số 12: xin mã QR, chưa gọi`: the only one there is, without its day."""
    for opinion in said:
        how = turn.say("opinion_answered" if opinion.answered else "opinion_waits")
        what = turn.say("request_opinion").lower()
        return turn.say("mine_request", request=opinion.number, what=what, how=how)
    one = asked[0]
    how = turn.say(f"request_{_state(one)}")
    what = turn.say(f"request_what_{one.kind}")
    return turn.say("mine_request", request=one.number, what=what, how=how)


def _request_line(turn: Turn[Reads], one: Request) -> Option:
    label = stands(turn, one)
    return Option(str(one.number), label)


def _opinion_line(turn: Turn[Reads], one: Said) -> Option:
    label = opinion_stands(turn, one)
    return Option(f"opinion {one.number}", label)


class MyRequest(State):
    """One of them; it can be withdrawn while it waits. One that ended is told with the
    words it ended with.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        number = turn.answer("request")
        for one in turn.port.requests():
            if str(one.number) == number:
                return self._shown(turn, one)
        return to_requests()

    @staticmethod
    def _shown(turn: Turn[Reads], one: Request) -> Screen:
        if one.ended:
            line = _named_line(turn, one, ())
            text = _with_words(line, one.answer)
            return Screen(text, ends=True)
        lines = (turn.option("withdraw", "request_withdraw"),)
        text = _named_line(turn, one, lines)
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        number = turn.answer("request")
        return withdraw_now(turn, int(number))


class ToldOfNumber(State):
    """A sentence about the request with this number, and the end."""

    sentence: ClassVar[str]

    def show(self, turn: Turn[Reads]) -> Screen:
        number = turn.answer("request")
        return ending(turn, self.sentence, request=number)


class RequestWithdrawn(ToldOfNumber):
    """It is wanted no more."""

    sentence = "request_withdrawn"


class ForCommuneAlone(State):
    """Others call no more about what was asked for; or nothing was asked of them."""

    def show(self, turn: Turn[Reads]) -> Screen:
        numbers = turn.answer("request")
        others = turn.answer("how")
        if not numbers:
            return ending(turn, f"not_asked_of_{others}")
        first, *more = numbers.split(",")
        sentence = f"for_commune_alone_{'several' if more else others}"
        listed = ", ".join([first, *more])
        return ending(turn, sentence, request=listed)


def for_commune_alone(turn: Turn[Port], others: Others) -> Go:
    """`không muốn Viettel gọi nữa`: what was asked for is done by the commune alone."""
    consent = Consent(f"for_commune_alone:{words.VERSION}", turn.heard)
    numbers = turn.port.for_commune_alone(others, consent)
    listed = ",".join(map(str, numbers))
    return Go(ForCommuneAlone, request=listed, how=others)


class WhichRequest(State):
    """Which of several is wanted no more?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("request_which")
        lines = [_request_line(turn, one) for one in waiting(turn)]
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return withdraw_now(turn, int(answer))


class NoSuchOpenRequest(ToldOfNumber):
    """None with that number waits."""

    sentence = "request_none"


def waiting(turn: Turn[Reads]) -> list[Request]:
    """What this phone asked for and is not ended."""
    return [one for one in turn.port.requests() if one.ended is None]


def withdraw_now(turn: Turn[Port], number: int) -> Go:
    try:
        turn.port.withdraw(number)
    except NoSuchRequest:
        return to_requests()
    return Go(RequestWithdrawn, request=str(number))


class OpinionTakenBack(ToldOfNumber):
    """As good as never said."""

    sentence = "opinion_taken_back"


class OpinionNotTakenBack(ToldOfNumber):
    """It stands in a report by now, without a name; or this phone said none."""

    sentence = "opinion_not_taken_back"


class WhichOpinion(State):
    """Which of several is taken back?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("opinion_which")
        lines = [_opinion_line(turn, one) for one in turn.port.opinions()]
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        number = answer.removeprefix("opinion ")
        return _take_back_now(turn, int(number))


def take_back_opinion(turn: Turn[Port], said: Meaning) -> Go:
    """`rút lại góp ý số 15`: the one with this number, or the only one."""
    if said.number:
        return _take_back_now(turn, said.number)
    opinions = turn.port.opinions()
    if not opinions:
        return to_requests()
    if len(opinions) > 1:
        return Go(WhichOpinion)
    return _take_back_now(turn, opinions[0].number)


def _take_back_now(turn: Turn[Port], number: int) -> Go:
    try:
        turn.port.take_back_opinion(number)
    except NoSuchRequest:
        return Go(OpinionNotTakenBack, request=str(number))
    return Go(OpinionTakenBack, request=str(number))


def withdraw(turn: Turn[Port], said: Meaning) -> Go | None:
    """The one that is meant by its number, by what it is about, or as the only one;
    which of several is asked. None where nothing waits that could be meant. Requests
    and opinions share one row of numbers.
    """
    open_ones = waiting(turn)
    if said.number:
        if said.number in [one.number for one in open_ones]:
            return withdraw_now(turn, said.number)
        if said.number in [one.number for one in turn.port.opinions()]:
            return _take_back_now(turn, said.number)
        return Go(NoSuchOpenRequest, request=str(said.number))
    if said.kind:
        open_ones = [one for one in open_ones if one.kind == said.kind]
    if not open_ones:
        return None
    if len(open_ones) == 1:
        return withdraw_now(turn, open_ones[0].number)
    return Go(WhichRequest)


class Opinion(State):
    """What is it? By text the words that follow; from a call the way to send them, or
    somebody calls: these phones have no letters in a call.
    """

    unfinished = False
    hears = True
    takes_words = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "opinion_sms" if turn.session.by_text else "opinion_ussd"
        number = turn.port.commune().sms_number
        by_call = turn.option("call", "opinion_call")
        return offering(turn, sentence, by_call, number=number)

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        if answer == "call":
            said = turn.say("opinion_call_said")
            return wanting("call_me", said)
        if turn.session.by_text and plainly(answer) == "no":
            return Go(Told, told="left_alone")
        if turn.session.by_text and only_announces_an_opinion(answer):
            return Again()
        if turn.session.by_text and has_letters(answer):
            return _kept(turn)
        reason = turn.say("not_offered")
        return Again(reason)


class MyOpinion(State):
    """How what was said stands, with the answer to it; or that this phone said nothing
    under that number.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        number = turn.answer("request")
        for one in turn.port.opinions():
            if str(one.number) == number:
                line = opinion_stands(turn, one)
                text = _with_words(line, one.answer)
                return Screen(text, ends=True)
        return ending(turn, "opinion_none", request=number)


class OpinionKept(State):
    """The number to ask by."""

    def show(self, turn: Turn[Reads]) -> Screen:
        number = turn.answer("request")
        in_between = turn.answer("between")
        sentence = "opinion_kept_between" if in_between else "opinion_kept"
        return ending(turn, sentence, request=number)


def _named_line(turn: Turn[Reads], one: Request, lines: Sequence[Option]) -> str:
    """How it stands; for whom it is, too, where that is still one text: of two for
    others one has to know which.
    """
    line = stands(turn, one)
    if not one.name:
        return line
    named = stands(turn, one, one.name)
    whole = named
    if one.ended:
        whole = _with_words(named, one.answer)
    return named if is_one_text(turn, whole, lines) else line


def stands(turn: Turn[Reads], one: Request, whose: str = "") -> str:
    """`Số 12: xin mã QR, ghi T3 1/12, chưa gọi`; `whose`: for whom, where it says so."""
    state = _state(one)
    how = turn.say(f"request_{state}")
    what = turn.say(f"request_what_{one.kind}")
    if whose:
        what = turn.say("request_for_whom", what=what, whose=whose)
    day = day_of(turn, one.asked)
    return turn.say("request_line", request=one.number, what=what, day=day, how=how)


def _state(one: Request) -> str:
    """Nobody is called about what the commune does by itself."""
    if one.ended:
        return "done" if one.done else "declined"
    if one.reopened:
        return "reopened"
    if one.tried:
        return "tried"
    if one.taken:
        return "taken"
    if one.kind in ("erase", "copy"):
        return "waits_its_turn"
    return "waits"


def opinion_stands(turn: Turn[Reads], one: Said) -> str:
    """`Góp ý số 15, gửi T3 1/12, chưa trả lời`."""
    how = turn.say("opinion_answered" if one.answered else "opinion_waits")
    day = day_of(turn, one.said)
    return turn.say("opinion_line", request=one.number, day=day, how=how)


def _with_words(line: str, answer: str) -> str:
    """A line on how something stands, with what was answered to it."""
    if not answer:
        return f"{line}."
    return f"{line}: {answer}"


def wanting(kind: RequestKind, said: str = "", place: str = "") -> Go:
    """On to what is asked about such a request; a name that was said is taken over."""
    answers = FRESH | {"kind": kind, "said": said[:WORDS_MOST], "place": place}
    if kind == "no_phone":
        return _no_phone(said, answers)
    if kind == "visit":
        return _visit(said, answers)
    return Go(AskRequest, **answers)


def _no_phone(said: str, answers: dict[str, str]) -> Go:
    """Of somebody else: who is it, where no name was said?"""
    whose = _named(said)
    answers["whose"] = whose
    return Go(GroundOfRequest if whose else WhoseRequest, **answers)


def _visit(said: str, answers: dict[str, str]) -> Go:
    """To one's own house, or to that of somebody who is named, or kin: who is it, where
    no name was said?
    """
    whose = _named(said)
    answers["whose"] = whose
    if not _kin(said):
        return Go(GroundOfRequest if whose else AskRequest, **answers)
    answers["ground"] = "relative"
    return Go(AskRequest if whose else WhoseRequest, **answers)


def _named(said: str) -> str:
    """The name of somebody else in what was said, as one would type it; empty where
    there is none.
    """
    name = name_in(said)
    return typed_name(name)


def _kin(said: str) -> str:
    """Whose house a visit is to, where it is that of kin: `me toi`."""
    plain = words_of(said)
    found = _KIN.search(plain)
    return found[0] if found else ""


def _asked(turn: Turn[Reads], kind: RequestKind, lines: Sequence[Option]) -> str:
    """The question; it names for whom it is, where that is still one text."""
    school = school_asked(turn)
    if school:
        return _naming(turn, school, lines)
    prompt = _prompt(turn, kind)
    what = turn.say(f"request_what_{kind}")
    for whose in _shorter_and_shorter(turn.answer("whose")):
        named = turn.say(prompt, what=f"{what} ({whose})")
        if is_one_text(turn, named, lines):
            return named
    return turn.say(prompt, what=what)


def _shorter_and_shorter(name: str) -> Iterator[str]:
    """`Hoàng Thị Thu Hà`, `Thị Thu Hà`, …, `Hà`: one is called by the last word."""
    parts = name.split()
    for first in range(len(parts)):
        yield " ".join(parts[first:])


def school_asked(turn: Turn[Reads]) -> School | None:
    """Which school a request is to: the one that was chosen, else that of the parents'
    list this phone is on, the one that was named, or the only one there is.
    """
    if turn.answer("kind") != "school":
        return None
    schools = turn.port.schools()
    chosen = turn.answer("school")
    if chosen:
        return only([school for school in schools if str(school.id) == chosen])
    said = turn.answer("said")
    own = [school for school in schools if school.own]
    return school_said(said, schools) or only(own) or only(schools)


def _is_to_be_named(turn: Turn[Reads]) -> bool:
    """There are schools, and nothing says yet which one is meant."""
    if turn.answer("school") or school_asked(turn):
        return False
    return bool(turn.port.schools())


def _naming(turn: Turn[Reads], school: School, lines: Sequence[Option]) -> str:
    """The question with the school's name, in full or as people write it short; which
    one it is was said before, where neither is one text.
    """
    for name in (school.name, short_name(school)):
        named = turn.say("ask_school", school=name)
        if is_one_text(turn, named, lines):
            return named
    the_school = turn.say("request_school_the")
    return turn.say("ask_school", school=the_school)


def request(turn: Turn[Port], said: Meaning) -> Go:
    """A text that asks for something: its words are kept with the request. Of which
    kind, if it says.
    """
    if not said.kind:
        return Go(Requesting)
    kind = cast(RequestKind, said.kind)
    if kind == "erase" and not _asks_to_erase(turn.heard):
        return Go(OwnData)
    return wanting(kind, turn.heard, said.hamlet)


def _asks_to_erase(heard: str) -> bool:
    """In so many words? Who may only mean it is shown first what there is."""
    return requested(words_of(heard)) == "erase"


def opinion(turn: Turn[Port], said: Meaning) -> Go:
    """GOP Y with words is kept at once, whole; alone it is asked for them. Who asks how
    one stands is told.
    """
    asked_about = opinion_asked_about(turn.heard)
    if asked_about:
        return Go(MyOpinion, request=str(asked_about))
    if asked_about == 0:
        return to_requests()
    if not said.kind:
        return Go(Opinion)
    return _kept(turn)


def _kept(turn: Turn[Port]) -> Go:
    number = turn.port.opine(turn.heard)
    return Go(OpinionKept, request=str(number))


def _kind(turn: Turn[Reads]) -> RequestKind:
    return cast(RequestKind, turn.answer("kind"))


def _prompt(turn: Turn[Reads], kind: RequestKind) -> str:
    if school_asked(turn):
        return "ask_school"
    return PROMPTS.get(kind, "ask_request")
