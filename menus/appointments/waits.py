"""A full time: wait for it, be offered a seat, take it or let it pass."""

from __future__ import annotations

from typing import ClassVar

from menus import words
from menus.appointments import about, booking, mine, party
from menus.core import Go, Option, Screen, State, Turn
from menus.days import short_time
from menus.port import (
    HOLDER,
    AlreadyBooked,
    Consent,
    NoSuchBooking,
    Port,
    Reads,
    SlotTaken,
    Wait,
)
from menus.questions import said


class AskWait(State):
    """The time is full: wait for a seat, or choose another time? States the consent to keep the number."""

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        slot = turn.port.slot(about.number(turn, "slot"))
        if slot is None:
            return Go(booking.PickSlot, note="slot_taken")
        together = party.of(turn)
        text = about.of_slot(turn, slot, "ask_wait", together)
        others: tuple[Option, ...] = ()
        if together == (HOLDER,) and not turn.answer("moving"):
            others = party.others(turn)
        yes = turn.option("yes", "ask_wait_yes")
        no = turn.option("no", "ask_wait_no")
        return Screen(text, (yes, *others, no))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        match answer:
            case "with":
                return Go(party.HowMany)
            case "other":
                return Go(party.OtherName)
            case "yes":
                return _join(turn)
            case _:
                return Go(booking.PickSlot, note="")


class Joined(State):
    """On the list; what will happen, and how to leave it."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        if wait is None:
            return Go(mine.MyBooking, code="")
        return Screen(about.wait(turn, "waiting", wait), ends=True)


class Waiting(State):
    """The place on the list, looked at later; it can be given up."""

    unfinished = False

    says: ClassVar = {"CANCEL": "leave"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        if wait is None:
            return Go(mine.MyBooking, code="")
        if wait.until:
            return Go(Offered)
        give_up = turn.option("leave", "waiting_leave")
        return Screen(about.wait(turn, "waiting", wait), (give_up,))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        wait = turn.port.wait()
        if wait is None:
            return Go(mine.MyBooking, code="")
        return leave(turn, wait)


class Offered(State):
    """A seat has come free and is kept for this phone: one key takes it."""

    binding = True
    says: ClassVar = {"TAKE": "yes", "CANCEL": "no"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        wait = turn.port.wait()
        if wait is None or not wait.until:
            return Go(mine.MyBooking, code="", note="")
        sentence = "offered_instead" if wait.lost else "offered"
        lines = turn.options("offered", ("yes", "no", "later"))
        return Screen(about.wait(turn, sentence, wait), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "later":
            return Go(None, later="yes")
        wait = turn.port.wait()
        if wait is None:
            return Go(OfferGone)
        if answer == "yes":
            return accept(turn, wait)
        return leave(turn, wait)


class OfferGone(State):
    """Answered too late: the seat went to the next who waits."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("offer_gone"), (turn.option("book", "home_book"),))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return about.afresh(booking.PickEvent)


class Left(State):
    """Off the list."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "offer_left" if turn.answer("back") else "wait_left"
        return Screen(turn.say(sentence, time=turn.answer("cancelled")), ends=True)


def _join(turn: Turn[Port]) -> Go:
    slot = about.number(turn, "slot")
    consent = Consent(f"ask_wait:{words.VERSION}", turn.heard)
    try:
        turn.port.wait_for(slot, said(turn), consent, party.of(turn))
    except SlotTaken:  # a seat has come free meanwhile, or it is too late to wait
        return Go(booking.PickSlot, note="slot_changed")
    except AlreadyBooked:
        return Go(Offered)
    return Go(Joined)


def accept(turn: Turn[Port], wait: Wait) -> Go:
    """Take the seat that is offered; a time booked before is given up for it."""
    try:
        code = turn.port.accept(wait.id)
    except (NoSuchBooking, SlotTaken, AlreadyBooked):
        return Go(OfferGone)
    return Go(booking.Booked, code=code, moving="")


def leave(turn: Turn[Port], wait: Wait) -> Go:
    try:
        turn.port.leave(wait.id)
    except NoSuchBooking:
        return Go(mine.MyBooking, code="")
    given_up = short_time(wait.starts, turn.session.language)
    was_offered = "yes" if wait.until else ""
    return Go(Left, cancelled=given_up, back=was_offered)
