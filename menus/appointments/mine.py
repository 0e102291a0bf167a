"""What this phone has booked or waits for: see it, change the time, cancel, say what is to happen if an event fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from menus.appointments import about, booking, party, waits
from menus.core import Go, Option, Screen, State, Turn
from menus.days import short_time
from menus.port import (
    HOLDER,
    Booking,
    Guest,
    NoSuchBooking,
    Port,
    Reads,
    SlotTaken,
    Wait,
)
from menus.requesting import MyRequests


class MyBooking(State):
    """See the booking; change its time, cancel it. Several are listed first."""

    says: ClassVar = {"CHANGE": "change", "BOOK": "book"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        code = turn.answer("code")
        one = turn.port.booking(code)
        wait = turn.port.wait(code)
        asked = turn.port.requests()
        requests = self._requests(turn, len(asked))
        if one is None and wait is None:
            if any(request.ended is None for request in asked) and not code:
                return Go(MyRequests)
            return self._nothing(turn, code, requests)
        if one is None and not requests:
            return Go(waits.Waiting)
        every = () if code else turn.port.bookings()
        several = len(every) > 1 or (every and wait)
        if several or (one is None and not code):
            lines = self._lines(turn, every, wait)
            return Screen(turn.say("mine_which"), (*lines, *requests))
        if one is None:
            return Go(waits.Waiting)
        choices = turn.options("mine", _choices(one))
        return Screen(self._text(turn, one), (*choices, *requests))

    @staticmethod
    def _lines(
        turn: Turn[Reads], every: Sequence[Booking], wait: Wait | None
    ) -> list[Option]:
        """One for each booking and one for the wait, by its code."""
        lines: list[Option] = []
        for booked in every:
            line = about.booking(turn, "mine_line", booked)
            lines.append(Option(f"code {booked.code}", line))
        if wait:
            line = about.wait(turn, "mine_wait_line", wait)
            lines.append(Option(f"code {wait.code}", line))
        return lines

    @staticmethod
    def _requests(turn: Turn[Reads], asked: int) -> list[Option]:
        """The line to what this phone asked for and said, where there is any."""
        many = asked + len(turn.port.opinions())
        if not many:
            return []
        return [Option("requests", turn.say("mine_requests", many=many))]

    @staticmethod
    def _nothing(turn: Turn[Reads], code: str, requests: Sequence[Option]) -> Screen:
        """No booking and no wait, or none with this code: what there is otherwise, and the way to book."""
        missing = "no_such_code" if code else "mine_none"
        lines = [turn.option("book", "home_book")]
        if not code:
            lines += requests
        if code and (turn.port.bookings() or turn.port.wait()):
            lines.insert(0, turn.option("mine", "home_mine"))
        return Screen(turn.say(missing), tuple(lines))

    @staticmethod
    def _text(turn: Turn[Reads], one: Booking) -> str:
        sentence = turn.answer("note")
        if sentence not in ("already_booked", "said_moves", "said_stays"):
            sentence = "mine"
        return about.booking(turn, sentence, one)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "requests":
            return Go(MyRequests)
        if answer.startswith("code "):
            return Go(MyBooking, code=answer.removeprefix("code "), note="")
        one = turn.port.booking(turn.answer("code"))
        match answer:
            case "mine":
                return Go(MyBooking, code="", note="")
            case "moves" | "stays" if one:
                turn.port.may_move(one.id, answer == "moves")
                return Go(MyBooking, code=one.code, note=f"said_{answer}")
            case "other":
                return about.afresh(party.OtherName)
            case "change" | "cancel" if one:
                to = booking.PickEvent if answer == "change" else ConfirmCancel
                return about.afresh(to, moving=str(one.id))
            case _:
                return about.afresh(booking.PickEvent)


def _choices(one: Booking) -> tuple[str, ...]:
    beforehand = "stays" if one.may_move else "moves"
    return ("change", "cancel", beforehand, "other")


class ConfirmMove(State):
    """Another time: the old seat is given up only with the new one in hand."""

    binding = True
    says: ClassVar = {"CHANGE": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        moving = _moving(turn)
        who = HOLDER
        places = 1
        if moving:
            places = moving.places
            if moving.name:
                who = Guest(moving.name)
        return booking.ask_about_slot(turn, "confirm_move", (who,) * places)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            turn.port.let_go()
            return Go(Kept)
        try:
            code = turn.port.move(
                about.number(turn, "moving"), about.number(turn, "slot")
            )
        except SlotTaken:
            return Go(booking.PickSlot, note="slot_taken")
        except NoSuchBooking:
            return Go(MyBooking, moving="", code="")
        return Go(Moved, code=code)


class Moved(State):
    """The booking stands at its new time."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        moved = turn.port.booking(turn.answer("code"))
        if moved is None:
            return Go(MyBooking, code="")
        return Screen(about.booking(turn, "moved", moved), ends=True)


class ConfirmCancel(State):
    """Cancel, or keep? Nothing is given up on a slip of the thumb."""

    binding = True
    says: ClassVar = {"CANCEL": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        one = _moving(turn)
        if one is None:
            return Go(MyBooking, moving="", code="")
        yes = turn.option("yes", "confirm_cancel_yes")
        no = turn.option("no", "confirm_cancel_no")
        return Screen(about.booking(turn, "confirm_cancel", one), (yes, no))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            return Go(Kept)
        return cancel_now(turn, about.number(turn, "moving"))


class Cancelled(State):
    """The seat is given back."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "cancelled_sms" if turn.answer("back") else "cancelled"
        return Screen(turn.say(sentence, time=turn.answer("cancelled")), ends=True)


class Coming(State):
    """Said to come: the seat stays."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        one = turn.port.booking(turn.answer("code"))
        if one is None:
            return Go(MyBooking, code="")
        return Screen(about.booking(turn, "coming", one), ends=True)


class Kept(State):
    """Nothing was changed."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        kept = _moving(turn) or turn.port.booking(turn.answer("code"))
        if kept is None:
            return Go(MyBooking, moving="", code="")
        return Screen(about.booking(turn, "kept", kept), ends=True)


def cancel_now(turn: Turn[Port], booking: int) -> Go:
    try:
        gone = turn.port.cancel(booking)
    except NoSuchBooking:
        return Go(MyBooking, moving="", code="")
    many = about.for_whom(turn, gone.places, gone.name)
    found = turn.port.slot(gone.slot)
    free_again = found is not None and found.seats >= gone.places  # nobody waits for it
    back = "yes" if free_again and turn.session.channel == "sms" else ""
    cancelled = short_time(gone.starts, turn.session.language) + many
    return Go(Cancelled, cancelled=cancelled, back=back)


def _moving(turn: Turn[Reads]) -> Booking | None:
    """The booking that is to be changed or cancelled."""
    moving = about.number(turn, "moving")
    for one in turn.port.bookings():
        if one.id == moving:
            return one
    return None
