"""A full time: wait for it, be offered a seat, take it or let it pass."""

from __future__ import annotations

from typing import ClassVar

from menus import words
from menus.appointments import about, booking, mine, party
from menus.core import Go, Screen, State, Turn
from menus.port import (
    AlreadyBooked,
    Consent,
    NoSuchBooking,
    Port,
    Reads,
    Slot,
    SlotTaken,
    Wait,
)
from menus.questions import said
from menus.screens import ending, offering, time_of


class AskWait(State):
    """The time is full: wait for a seat, or choose another time? States the consent to
    keep the number.
    """

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        slot = about.chosen_slot(turn)
        if slot is None:
            return Go(booking.PickSlot, note="slot_taken")
        together = party.of(turn)
        yes, no = turn.options("ask_wait", ("yes", "no"))
        before = _given_up_for(turn, slot)
        if before:
            old = time_of(turn, before.starts)
            text = about.of_slot(turn, slot, "ask_wait_instead", together, old=old)
            return Screen(text, (yes, no))
        text = about.of_slot(turn, slot, "ask_wait", together)
        others = party.others(turn)
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
        text = about.wait(turn, "waiting", wait)
        return Screen(text, ends=True)


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
        text = about.wait(turn, "waiting", wait)
        give_up = turn.option("leave", "waiting_leave")
        return Screen(text, (give_up,))

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
        text = about.wait(turn, sentence, wait)
        lines = turn.options("offered", ("yes", "no", "later"))
        return Screen(text, lines)

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
        book = turn.option("book", "home_book")
        return offering(turn, "offer_gone", book)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return about.afresh(booking.PickEvent)


class Left(State):
    """Off the list."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "offer_left" if turn.answer("back") else "wait_left"
        given_up = turn.answer("cancelled")
        return ending(turn, sentence, time=given_up)


def _given_up_for(turn: Turn[Reads], slot: Slot) -> Wait | None:
    """The place on another list, which ends with a place on this one."""
    before = turn.port.wait()
    return before if before and before.slot != slot.id else None


def _join(turn: Turn[Port]) -> Go:
    slot = about.number(turn, "slot")
    answered = said(turn)
    chosen = about.chosen_slot(turn)
    is_instead = chosen is not None and _given_up_for(turn, chosen) is not None
    asked = "ask_wait_instead" if is_instead else "ask_wait"
    consent = Consent(f"{asked}:{words.VERSION}", turn.heard)
    together = party.of(turn)
    try:
        turn.port.wait_for(slot, answered, consent, together)
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
    given_up = time_of(turn, wait.starts)
    was_offered = "yes" if wait.until else ""
    return Go(Left, cancelled=given_up, back=was_offered)
