"""The way in and what is always at hand: main menu, welcome back, help, language, stopping texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from menus import occasions, requesting, shortcuts, words
from menus.adverts import Offers, agree_by_text, refuse
from menus.appointments import about, booking, waits
from menus.appointments.booking import PickEvent
from menus.appointments.mine import MyBooking
from menus.calling import CallMe, call
from menus.core import Command, Go, Option, PickUp, Screen, State, Turn
from menus.days import short_time
from menus.eligibility import Eligibility
from menus.hearing import Intent, Meaning
from menus.howto import HowTo, how
from menus.information import Questions, ask
from menus.port import Booking, Port, Reads, SlotTaken, Stop, Wait
from menus.rating import rate
from menus.told import ToBring, Told

OFFERS = "offers"


class Home(State):
    """The main menu; a booking still to come stands on top of it. A seat that is offered comes before all else."""

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
        if wait and wait.until and not turn.answer("later"):
            return Go(waits.Offered)
        text = self._text(turn, turn.port.booking(), wait)
        names = (*self.says.values(), "questions")
        lines = turn.options("home", names)
        return Screen(text, lines)

    @staticmethod
    def _text(turn: Turn[Reads], booked: Booking | None, wait: Wait | None) -> str:
        """What this phone has comes first; the hall is left out where it says for whom, or the screen would not do."""
        if booked:
            many = about.for_whom(turn, booked.places, booked.name)
            when = short_time(booked.starts, turn.session.language)
            sentence = "home_booked_for" if many else "home_booked"
            hall = about.where(turn, booked.hall, booked.kind)
            return turn.say(sentence, many=many, time=when, hall=hall, code=booked.code)
        if wait:
            return about.wait(turn, "home_waits", wait)
        return turn.say("home", commune=turn.port.commune().name)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        doors: dict[str, type[State]] = {
            "check": Eligibility,
            "book": PickEvent,
            "mine": MyBooking,
            "call": CallMe,
            "help": Help,
            "language": Language,
            "questions": Questions,
        }
        return about.afresh(doors.get(answer))  # an option of yesterday's menu: home


class WelcomeBack(State):
    """After a dropped call: carry on, with the seats that were kept kept a little longer; or start again."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        if wait and wait.until:
            return Go(waits.Offered)
        go_on = turn.option("continue", "welcome_continue")
        restart = turn.option("restart", "welcome_restart")
        return Screen(turn.say("welcome_back"), (go_on, restart))

    def answer(self, turn: Turn[Port], answer: str) -> Go | PickUp:
        hold = turn.port.hold()
        if answer != "continue":
            if hold:
                turn.port.let_go()
            return Go.home()
        if hold:
            try:
                turn.port.keep(hold.slot, hold.places)
            except SlotTaken:
                return Go(booking.PickSlot, note="slot_taken")
        return PickUp()


class Help(State):
    """Hotlines and the line against frauds; by SMS also the words to text."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("help")
        if turn.session.channel == "sms":
            words_to_text = turn.say("help_sms", number=turn.port.commune().sms_number)
            return Screen(f"{words_to_text}\n{text}")
        more = turn.option("words", "help_more")
        howto = turn.option("howto", "help_howto")
        return Screen(text, (more, howto))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(HowTo if answer == "howto" else HelpWords)


class HelpWords(State):
    """What can be texted instead of dialled."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("help_sms", number=turn.port.commune().sms_number))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go.home()


class Language(State):
    """Vietnamese without or with tone marks, or English; kept for every screen and text from here on.

    Beside how we write also whether we may write of offers: a line for whoever looks for it.
    """

    unfinished = False

    KINDS: ClassVar = {
        "plain": (words.VIETNAMESE, False),
        "marks": (words.VIETNAMESE, True),
        "english": (words.ENGLISH, False),
    }

    def show(self, turn: Turn[Reads]) -> Screen:
        lines = turn.options("language", (*self.KINDS, OFFERS))
        return Screen(turn.say("language"), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == OFFERS:
            return Go(Offers)
        language, marks = self.KINDS[answer]
        turn.port.prefer(language, marks)
        return Go.home().speaking(language, marks)


class Unclear(State):
    """What was meant? Asked once, with the few things it could have been; nothing was done meanwhile."""

    unfinished = False

    STOPS: ClassVar[tuple[Intent, ...]] = (
        "CANCEL",
        "STOP_ADVERTS",
        "STOP_REMINDERS",
        "STOP_ALL",
    )

    def show(self, turn: Turn[Reads]) -> Screen:
        meant = turn.answer("perhaps").split(",")
        if "STOP_ALL" in meant:
            return self._which_stop(turn)
        perhaps = [word for word in COMMANDS if word in meant]
        return Screen(
            turn.say("unclear"), self._lines(turn, perhaps or [*Home.says, "FACT"])
        )

    def _which_stop(self, turn: Turn[Reads]) -> Screen:
        """All that can be stopped, the booking where there is one; or nothing."""
        stops = [word for word in self.STOPS if word != "CANCEL" or turn.port.booking()]
        none = turn.option("none", "unclear_none")
        return Screen(turn.say("unclear_stop"), (*self._lines(turn, stops), none))

    @staticmethod
    def _lines(turn: Turn[Reads], perhaps: Iterable[str]) -> tuple[Option, ...]:
        lines = [turn.option(word, f"unclear_{word.lower()}") for word in perhaps]
        return tuple(lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        for word, command in COMMANDS.items():
            if word == answer:
                return command(turn, Meaning(word))
        return Go.home()


def _stop(what: Stop) -> Command:
    return lambda turn, said: refuse(turn, what)


def start_again(turn: Turn[Port], said: Meaning) -> Go:
    if turn.port.resume_texts():
        return Go(Told, told="started_without_adverts")
    return Go(Told, told="started")


def _to(state: type[State]) -> Command:
    return lambda turn, said: Go(state)


# What each request does, wherever it was made: by text, by a key dialled ahead, or when asked back.
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
    "HELP": _to(Help),
    "HOWTO": how,
    "SESSIONS": occasions.tell,
    "RATE": rate,
    "FACT": ask,
    "BRING": _to(ToBring),
    "LANGUAGE": _to(Language),
    "STOP_ADVERTS": _stop("advert"),
    "STOP_REMINDERS": _stop("remind"),
    "STOP_ALL": _stop("all"),
    "ADVERTS": _to(Offers),
    "ADVERTS_YES": agree_by_text,
    "START": start_again,
}
