"""The way in and what is always at hand: main menu, welcome back, help, language,
stopping texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from menus import occasions, requesting, shortcuts, words
from menus.adverts import Offers, agree_by_text, refuse
from menus.appointments import about, booking, waits
from menus.appointments.booking import PickEvent
from menus.appointments.mine import MyBooking
from menus.calling import CallMe, CallOrRequest, call
from menus.core import Command, Go, Option, PickUp, Screen, State, Turn
from menus.eligibility import Eligibility
from menus.hearing import Intent, Meaning, words_of
from menus.howto import HowTo, how
from menus.information import Questions, ask
from menus.logged import AskLogged
from menus.port import Booking, Port, Reads, SlotTaken, Stop, Wait
from menus.rating import rate
from menus.screens import offering
from menus.told import ToBring, Told

OFFERS = "offers"
CALL, WISHES = "call", "wishes"


class Home(State):
    """The main menu; a booking still to come stands on top of it. A seat that is
    offered comes before all else.
    """

    unfinished = False
    says: ClassVar = {
        "CHECK": "check",
        "BOOK": "book",
        "MINE": "mine",
        "CALL": "call",
        "HELP": "help",
        "LANGUAGE": "language",
    }

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        is_offered = wait is not None and wait.until is not None
        if is_offered and not turn.answer("later"):
            return Go(waits.Offered)
        booked = turn.port.booking()
        text = self._text(turn, booked, wait)
        lines = turn.options("home", _lines_of(turn))
        return Screen(text, lines, person=True)

    @staticmethod
    def _text(turn: Turn[Reads], booked: Booking | None, wait: Wait | None) -> str:
        """What this phone has comes first; the hall is left out where it says for whom,
        or the screen would not do.
        """
        if booked:
            is_for_others = booked.places > 1 or booked.name
            sentence = "home_booked_for" if is_for_others else "home_booked"
            return about.booking(turn, sentence, booked)
        if wait:
            return about.wait(turn, "home_waits", wait)
        commune = turn.port.commune().name
        return turn.say("home", commune=commune)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        door = _DOORS.get(answer)  # none to an option of yesterday's menu: home
        return about.afresh(door)


def _lines_of(turn: Turn[Reads]) -> list[str]:
    """By text a wish is texted; in a call the line to a person leads to all there are."""
    person = CALL if turn.session.by_text else WISHES
    doors = [door for door in _DOORS if door != WISHES]
    doors[doors.index(CALL)] = person
    return doors


class WelcomeBack(State):
    """After a dropped call: carry on, with the seats that were kept kept a little
    longer; or start again.
    """

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        if wait and wait.until:
            return Go(waits.Offered)
        text = turn.say("welcome_back")
        lines = turn.options("welcome", ("continue", "restart"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go | PickUp:
        hold = turn.port.hold()
        if answer != "continue":
            if hold:
                turn.port.let_go()
            return Go.home()
        if hold is None:
            return PickUp()
        try:
            turn.port.keep(hold.slot, hold.places)
        except SlotTaken:
            return Go(booking.PickSlot, note="slot_taken")
        return PickUp()


class Help(State):
    """Hotlines and the line against frauds; by SMS the words to text, in one part."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        if turn.session.by_text:
            text = turn.say("help_sms")
            return Screen(text)
        text = turn.say("help")
        more = turn.option("words", "help_more")
        howto = turn.option("howto", "help_howto")
        return Screen(text, (more, howto), person=True)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(HowTo if answer == "howto" else HelpWords)


class HelpWords(State):
    """What can be texted instead of dialled."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        number = turn.port.commune().sms_number
        text = turn.say("help_words", number=number)
        return Screen(text)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go.home()


class Language(State):
    """Vietnamese without or with tone marks, or English; kept for every screen and text
    from here on.

    Beside how we write also whether we may write of offers: a line for whoever looks
    for it.
    """

    unfinished = False

    KINDS: ClassVar = {
        "plain": (words.VIETNAMESE, False),
        "marks": (words.VIETNAMESE, True),
        "english": (words.ENGLISH, False),
    }

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("language")
        lines = turn.options("language", (*self.KINDS, OFFERS))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == OFFERS:
            return Go(Offers)
        language, marks = self.KINDS[answer]
        turn.port.prefer(language, marks)
        return Go.home().speaking(language, marks)


class NotOurLanguage(State):
    """We write no Tày, Nùng or Mông; a person may speak it."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        call = turn.option("call", "home_call")
        return offering(turn, "language_none", call)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(CallMe)


# Without its marks `tay` is taken for the people of the place, not for the West.
_NOT_WRITTEN = re.compile(r"\btieng (?:tay|nung|dan toc|mong|hmong|dao)\b")
_OF_THE_WEST = re.compile(r"\btây\b", re.IGNORECASE)


def choose_language(turn: Turn[Port], said: Meaning) -> Go:
    """NN, or a language by its name: plainly that there is none, where we lack it."""
    lacks_it = _NOT_WRITTEN.search(words_of(turn.heard))
    if lacks_it and not _OF_THE_WEST.search(turn.heard):
        return Go(NotOurLanguage)
    return Go(Language)


class Unclear(State):
    """What was meant? Asked once, with the few things it could have been; nothing was
    done meanwhile.
    """

    unfinished = False

    ANY: ClassVar[tuple[Intent, ...]] = (*Home.says, "FACT")
    STOPS: ClassVar[tuple[Intent, ...]] = ("STOP_ADVERTS", "STOP_REMINDERS", "STOP_ALL")
    # HUY with a code would act at once
    OF_ONE_BOOKING: ClassVar[frozenset[Intent]] = frozenset({"COMING", "CHANGE"})

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        meant = turn.answer("perhaps").split(",")
        if meant == ["LOGGED"]:
            return Go(AskLogged)
        if "STOP_ALL" in meant:
            return self._which_stop(turn)
        perhaps = [word for word in COMMANDS if word in meant]
        text = turn.say("unclear")
        lines = self._lines(turn, perhaps or self.ANY)
        return Screen(text, tuple(lines))

    def _which_stop(self, turn: Turn[Reads]) -> Screen:
        """All that can be stopped, the booking or the wait and what was asked for where
        there is any; or nothing.
        """
        stops = self.STOPS
        if requesting.waiting(turn):
            stops = ("WITHDRAW", *stops)
        lines = self._lines(turn, stops)
        if turn.port.booking():
            lines.insert(0, turn.option("CANCEL", "unclear_cancel"))
        elif turn.port.wait():
            lines.insert(0, turn.option("CANCEL", "waiting_leave"))
        text = turn.say("unclear_stop")
        none = turn.option("none", "unclear_none")
        return Screen(text, (*lines, none))

    @staticmethod
    def _lines(turn: Turn[Reads], requests: Iterable[str]) -> list[Option]:
        return [
            turn.option(request, f"unclear_{request.lower()}") for request in requests
        ]

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        for word, command in COMMANDS.items():
            if word == answer:
                code = turn.answer("meant") if word in self.OF_ONE_BOOKING else ""
                return command(turn, Meaning(word, code=code))
        return Go.home()


def _stop(what: Stop) -> Command:
    return lambda turn, said: refuse(turn, what)


# Where each line of the main menu leads.
_DOORS: dict[str, type[State]] = {
    "check": Eligibility,
    "book": PickEvent,
    "mine": MyBooking,
    CALL: CallMe,
    "help": Help,
    "language": Language,
    "questions": Questions,
    WISHES: CallOrRequest,
}


def start_again(turn: Turn[Port], said: Meaning) -> Go:
    if turn.port.resume_texts():
        return Go(Told, told="started_without_adverts")
    return Go(Told, told="started")


def _to(state: type[State]) -> Command:
    return lambda turn, said: Go(state)


# What each request does, wherever it was made: by text, by a key dialled ahead, or when
# asked back.
COMMANDS: dict[Intent, Command] = {
    "CHECK": _to(Eligibility),
    "BOOK": shortcuts.book,
    "MINE": shortcuts.mine,
    "CANCEL": shortcuts.cancel,
    "CHANGE": shortcuts.change,
    "UNDO": shortcuts.take_back,
    "COMING": shortcuts.coming,
    "TAKE": shortcuts.take,
    "CALL": call,
    "REQUEST": requesting.request,
    "OPINION": requesting.opinion,
    "WITHDRAW": shortcuts.withdraw,
    "OWN_DATA": _to(requesting.OwnData),
    "LOGGED": shortcuts.swapped,
    "HELP": _to(Help),
    "HOWTO": how,
    "SESSIONS": occasions.tell,
    "RATE": rate,
    "FACT": ask,
    "BRING": _to(ToBring),
    "LANGUAGE": choose_language,
    "STOP_ADVERTS": _stop("advert"),
    "STOP_REMINDERS": _stop("remind"),
    "STOP_ALL": _stop("all"),
    "ADVERTS": _to(Offers),
    "ADVERTS_YES": agree_by_text,
    "START": start_again,
}
