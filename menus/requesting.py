"""Something to be done by somebody, or to be said: choose what, agree to what the number is kept for, and get a number
to ask by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, cast

from menus import words
from menus.core import Again, Go, Option, Screen, State, Turn
from menus.days import short_day, today
from menus.fitting import ONE_PART, fits, on_wire
from menus.hearing import Meaning
from menus.hearing.folding import words_of
from menus.hearing.particulars import opinion_asked_about
from menus.naming import name_in
from menus.port import (
    OF_NO_PLACE,
    Asking,
    Consent,
    Ground,
    NoSuchRequest,
    Port,
    Reads,
    Request,
    RequestKind,
)
from menus.port import Opinion as Said
from menus.questions import ask_hamlet, hamlet_answered, is_placed, typed_name

WORDS_MOST = 400  # of what was said
OF_THE_OPERATOR: tuple[RequestKind, ...] = (
    "qr",
    "account",
    "tv360",
)  # Viettel's own man may do it, where they agree
OPINION = "opinion"
OWN_DATA = "data"
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
# What a request must not inherit from an earlier one in the same conversation.
FRESH = dict.fromkeys(
    ("kind", "said", "place", "whose", "ground", "request", "no_hamlet"), ""
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
        kinds = (*OFFERED, OPINION, OWN_DATA)
        lines = turn.options("request", kinds)
        return Screen(turn.say("request"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == OPINION:
            return Go(Opinion)
        if answer == OWN_DATA:
            return Go(OwnData)
        return wanting(cast(RequestKind, answer))


class OwnData(State):
    """A copy of what is kept, or all of it erased."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        lines = turn.options("request", ("copy", "erase"))
        return Screen(turn.say("request_data_which"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return wanting(cast(RequestKind, answer))


class WhoseRequest(State):
    """Somebody has no phone: who is it? Whoever cannot type the name passes on."""

    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("request_whose"), (turn.option("skip", "who_skip"),))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(GroundOfRequest, whose=typed_name(answer))


class GroundOfRequest(State):
    """Why they may speak for them."""

    GROUNDS: ClassVar[tuple[Ground, ...]] = ("relative", "head", "other")

    def show(self, turn: Turn[Reads]) -> Screen:
        lines = turn.options("request_ground", self.GROUNDS)
        return Screen(turn.say("request_ground"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(AskRequest, ground=answer)


class AskRequest(State):
    """Says what will be done and what the number is kept for; the resident agrees, or nothing is asked. Where it is to
    be done is asked first, so that the hamlet's head sees it.
    """

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        kind = _kind(turn)
        if kind not in OF_NO_PLACE and not is_placed(turn):
            return ask_hamlet(turn)
        answers = ("yes", "commune", "no") if kind in OF_THE_OPERATOR else ("yes", "no")
        lines = [Option(answer, turn.say(_line(kind, answer))) for answer in answers]
        return Screen(_asked(turn, kind, lines), tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer not in ("yes", "commune"):
            return Go(None, **FRESH)
        kind = _kind(turn)
        ground = cast(Ground, turn.answer("ground") or "self")
        named = turn.answer("place")
        answered = hamlet_answered(turn)
        place = int(named) if named else answered
        told = answer == "yes" and kind in OF_THE_OPERATOR
        asking = Asking(
            kind, turn.answer("said"), place, turn.answer("whose"), ground, told
        )
        consent = Consent(f"{_prompt(kind)}:{words.VERSION}", turn.heard)
        # Where it is for somebody else, it says nothing of where this phone is at home.
        home = place if ground == "self" else None
        number = turn.port.ask(asking, home, consent)
        kept = str(home) if home else ""
        how = "told" if told else ""
        return Go(
            RequestAsked,
            **{
                **FRESH,
                "kind": kind,
                "request": str(number),
                "how": how,
                "hamlet": kept,
            },
        )


class RequestAsked(State):
    """It is noted, under a number to ask by."""

    def show(self, turn: Turn[Reads]) -> Screen:
        kind = _kind(turn)
        sentence = "request_asked"
        if kind == "erase":
            sentence = "request_asked_erase"
        elif turn.answer("how"):
            sentence = "request_asked_told"
        request = turn.answer("request")
        what = turn.say(f"request_what_{kind}")
        number = turn.port.commune().sms_number
        return Screen(
            turn.say(sentence, number=number, request=request, what=what), ends=True
        )


class MyRequests(State):
    """What this phone asked for and said, a line each with how it stands: what waits, then what ended lately."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        asked = sorted(turn.port.requests(), key=lambda it: it.ended is not None)
        said = turn.port.opinions()
        if not asked and not said:
            new = turn.option("new", "call_me_other")
            return Screen(turn.say("requests_none"), (new,))
        lines = [Option(str(it.number), stands(turn, it)) for it in asked]
        lines += [
            Option(f"opinion {it.number}", opinion_stands(turn, it)) for it in said
        ]
        return Screen(turn.say("requests"), tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "new":
            return Go(Requesting)
        if answer.startswith("opinion "):
            return Go(MyOpinion, request=answer.removeprefix("opinion "))
        return Go(MyRequest, request=answer)


class MyRequest(State):
    """One of them; it can be withdrawn while it waits. One that ended is told with the words it ended with."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        number = turn.answer("request")
        for one in turn.port.requests():
            if str(one.number) != number:
                continue
            if one.ended:
                return Screen(
                    _with_words(turn, stands(turn, one), one.answer), ends=True
                )
            withdraw = turn.option("withdraw", "request_withdraw")
            return Screen(stands(turn, one), (withdraw,))
        return Go(MyRequests, request="")

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        number = turn.answer("request")
        try:
            turn.port.withdraw(int(number))
        except NoSuchRequest:
            return Go(MyRequests, request="")
        return Go(RequestWithdrawn)


class RequestWithdrawn(State):
    """It is wanted no more."""

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(
            turn.say("request_withdrawn", request=turn.answer("request")), ends=True
        )


class Opinion(State):
    """What is it? By text the words that follow; from a call the way to send them, or somebody calls: these phones have
    no letters in a call.
    """

    unfinished = False
    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "opinion_sms" if turn.session.channel == "sms" else "opinion_ussd"
        number = turn.port.commune().sms_number
        by_call = turn.option("call", "opinion_call")
        return Screen(turn.say(sentence, number=number), (by_call,))

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        if answer == "call":
            return wanting("call_me", turn.say("opinion_call_said"))
        has_words = any(letter.isalpha() for letter in answer)
        if turn.session.channel == "ussd" or not has_words:
            return Again(turn.say("not_offered"))
        return _kept(turn)


class MyOpinion(State):
    """How what was said stands, with the answer to it; or that this phone said nothing under that number."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        number = turn.answer("request")
        for one in turn.port.opinions():
            if str(one.number) == number:
                return Screen(
                    _with_words(turn, opinion_stands(turn, one), one.answer), ends=True
                )
        return Screen(turn.say("opinion_none", request=number), ends=True)


class OpinionKept(State):
    """The number to ask by."""

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(
            turn.say("opinion_kept", request=turn.answer("request")), ends=True
        )


def stands(turn: Turn[Reads], one: Request) -> str:
    """`Số 12: xin mã QR, ghi T3 1/12, chưa gọi`."""
    how = turn.say(f"request_{_state(one)}")
    what = turn.say(f"request_what_{one.kind}")
    day = short_day(today(one.asked), turn.session.language)
    return turn.say("request_line", request=one.number, what=what, day=day, how=how)


def _state(one: Request) -> str:
    """Nobody is called about what the commune does by itself."""
    if one.ended:
        return "done" if one.done else "declined"
    if one.tried:
        return "tried"
    if one.taken:
        return "taken"
    return "waits_its_turn" if one.kind in ("erase", "copy") else "waits"


def opinion_stands(turn: Turn[Reads], one: Said) -> str:
    """`Góp ý số 15, gửi T3 1/12, chưa trả lời`."""
    how = turn.say("opinion_answered" if one.answered else "opinion_waits")
    day = short_day(today(one.said), turn.session.language)
    return turn.say("opinion_line", request=one.number, day=day, how=how)


def _with_words(turn: Turn[Reads], line: str, words_said: str) -> str:
    if not words_said:
        return f"{line}."
    return f"{line}: {words_said}"


def wanting(kind: RequestKind, said: str = "", place: str = "") -> Go:
    """On to what is asked about such a request; a name that was said is taken over."""
    plain = {**FRESH, "kind": kind, "said": said[:WORDS_MOST], "place": place}
    if kind == "no_phone":
        whose = typed_name(name_in(said))
        return Go(
            GroundOfRequest if whose else WhoseRequest, **{**plain, "whose": whose}
        )
    if kind == "visit":
        return _visit(said, plain)
    return Go(AskRequest, **plain)


def _visit(said: str, plain: dict[str, str]) -> Go:
    """To one's own house, or to that of somebody who is named, or kin."""
    whose = typed_name(name_in(said))
    kin = _KIN.search(words_of(said))
    if kin:
        return Go(
            AskRequest, **{**plain, "whose": whose or kin[0], "ground": "relative"}
        )
    if whose:
        return Go(GroundOfRequest, **{**plain, "whose": whose})
    return Go(AskRequest, **plain)


def _asked(turn: Turn[Reads], kind: RequestKind, lines: Sequence[Option]) -> str:
    """The question; it names for whom it is, where that is still one text."""
    what = turn.say(f"request_what_{kind}")
    plain = turn.say(_prompt(kind), what=what)
    whose = turn.answer("whose")
    if not whose:
        return plain
    named = turn.say(_prompt(kind), what=f"{what} ({whose})")
    numbered = [f"{place}. {line.label}" for place, line in enumerate(lines, 1)]
    whole = "\n".join([named, *numbered, turn.say("back_line")])
    return named if fits(on_wire(whole, turn.session.marks), ONE_PART) else plain


def request(turn: Turn[Port], said: Meaning) -> Go:
    """A text that asks for something: its words are kept with the request. Of which kind, if it says."""
    if not said.kind:
        return Go(Requesting)
    return wanting(cast(RequestKind, said.kind), turn.heard, said.hamlet)


def opinion(turn: Turn[Port], said: Meaning) -> Go:
    """GOP Y with words is kept at once, whole; alone it is asked for them. Who asks how one stands is told."""
    asked_about = opinion_asked_about(turn.heard)
    if asked_about:
        return Go(MyOpinion, request=str(asked_about))
    if asked_about == 0:
        return Go(MyRequests, request="")
    if not said.kind:
        return Go(Opinion)
    return _kept(turn)


def _kept(turn: Turn[Port]) -> Go:
    number = turn.port.opine(turn.heard)
    return Go(OpinionKept, request=str(number))


def _kind(turn: Turn[Reads]) -> RequestKind:
    return cast(RequestKind, turn.answer("kind"))


def _prompt(kind: RequestKind) -> str:
    if kind in OF_THE_OPERATOR:
        return "ask_operator"
    if kind == "call_me":
        return "call_me"
    if kind in ("erase", "copy", "school"):
        return f"ask_{kind}"
    return "ask_request"


def _line(kind: RequestKind, answer: str) -> str:
    if kind == "erase":
        return f"ask_erase_{answer}"
    return f"ask_request_{answer}"
