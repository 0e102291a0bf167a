"""What this phone has booked or waits for: see it, change the time, cancel, say what is
to happen if an event fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from menus.appointments import about, booking, party, waits
from menus.core import Go, Option, Screen, State, Turn
from menus.logged import WhatWasLogged
from menus.port import (
    HOLDER,
    Booking,
    EventKind,
    Guest,
    NoSuchBooking,
    Port,
    Reads,
    SlotTaken,
    Wait,
)
from menus.requesting import TO_REQUESTS, line_to_requests, to_requests
from menus.screens import ending, time_of
from menus.told import Told


class MyBooking(State):
    """See the booking; change its time, cancel it. Several are listed first."""

    says: ClassVar = {"CHANGE": "change", "BOOK": "book"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        code = turn.answer("code")
        one = turn.port.booking(code)
        wait = turn.port.wait(code)
        if one is None and wait is None:
            return self._no_such_code(turn) if code else self._nothing(turn)
        if code:
            return self._shown(turn, one) if one else Go(waits.Waiting)
        every = turn.port.bookings()
        if one and not _are_several(every, wait):
            return self._shown(turn, one)
        requests = self._requests(turn)
        if not every and not requests:
            return Go(waits.Waiting)
        text = turn.say("mine_which")
        lines = self.lines(turn, every, wait)
        return Screen(text, (*lines, *requests))

    def _shown(self, turn: Turn[Reads], one: Booking) -> Screen:
        """One booking, and what can be done with it."""
        text = self._text(turn, one)
        if turn.answer("note") in ("already_booked", "served") and _has_more(turn):
            choices = turn.options("mine", ("also", "change", "cancel", "other"))
            return Screen(text, choices)
        choices = turn.options("mine", _choices(one))
        requests = self._requests(turn)
        return Screen(text, (*choices, *requests))

    @staticmethod
    def _requests(turn: Turn[Reads]) -> list[Option]:
        asked = turn.port.requests()
        return line_to_requests(turn, asked)

    @staticmethod
    def lines(
        turn: Turn[Reads], every: Sequence[Booking], wait: Wait | None
    ) -> list[Option]:
        """One for each booking and one for the wait, by its code."""
        lines: list[Option] = []
        for booked in every:
            label = about.line(turn, booked, every)
            lines.append(Option(f"code {booked.code}", label))
        if wait:
            label = about.wait(turn, "mine_wait_line", wait)
            lines.append(Option(f"code {wait.code}", label))
        return lines

    @staticmethod
    def _nothing(turn: Turn[Reads]) -> Screen | Go:
        """No booking and no wait: what is asked for, else what was logged, else the way
        to book.
        """
        asked = turn.port.requests()
        if any(request.ended is None for request in asked):
            return to_requests()
        if turn.port.logged():
            return Go(WhatWasLogged)
        text = turn.say("mine_none")
        book = turn.option("book", "home_book")
        requests = line_to_requests(turn, asked)
        return Screen(text, (book, *requests))

    @staticmethod
    def _no_such_code(turn: Turn[Reads]) -> Screen:
        """No booking and no wait with this code: what there is otherwise, and the way
        to book.
        """
        text = turn.say("no_such_code")
        book = turn.option("book", "home_book")
        has_any = turn.port.bookings() or turn.port.wait()
        if not has_any:
            return Screen(text, (book,))
        mine = turn.option("mine", "home_mine")
        return Screen(text, (mine, book))

    @staticmethod
    def _text(turn: Turn[Reads], one: Booking) -> str:
        sentence = turn.answer("note")
        wanted = turn.answer("wanted")
        if sentence == "served" and wanted:
            kind = turn.say(f"kind_{wanted}")
            return about.booking(turn, "mine_serves", one, kind=kind)
        if sentence not in ("already_booked", "said_moves", "said_stays"):
            sentence = "mine"
        return about.booking(turn, sentence, one)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == TO_REQUESTS:
            return to_requests()
        if answer.startswith("code "):
            code = answer.removeprefix("code ")
            return Go(MyBooking, code=code, note="")
        code = turn.answer("code")
        one = turn.port.booking(code)
        match answer:
            case "mine":
                return Go(MyBooking, code="", note="")
            case "moves" | "stays" if one:
                turn.port.may_move(one.id, answer == "moves")
                return Go(MyBooking, code=one.code, note=f"said_{answer}")
            case "other":
                return about.afresh(party.OtherName)
            case "also":
                return about.afresh(booking.PickEvent, also="yes")
            case "change" if one:
                return about.afresh(booking.PickEvent, moving=str(one.id))
            case "cancel" if one:
                return about.afresh(ConfirmCancel, moving=str(one.id))
            case _:
                return about.afresh(booking.PickEvent)


def served(own: Booking, wanted: EventKind) -> Go:
    """To the booking that makes one of the `wanted` kind needless."""
    if own.kind == wanted:
        return about.afresh(MyBooking, note="already_booked", code=own.code)
    return about.afresh(MyBooking, note="served", code=own.code, wanted=wanted)


def _are_several(every: Sequence[Booking], wait: Wait | None) -> bool:
    """Is there more than one booking, or a place on a list beside one?"""
    if len(every) > 1:
        return True
    return bool(every) and wait is not None


def _has_more(turn: Turn[Reads]) -> bool:
    """Can the holder book something that no booking of theirs serves?"""
    return bool(about.to_choose(turn, None, every=True))


def _choices(one: Booking) -> tuple[str, ...]:
    beforehand = "stays" if one.may_move else "moves"
    return ("change", "cancel", beforehand, "other")


class ConfirmMove(State):
    """Another time: the old seat is given up only with the new one in hand."""

    binding = True
    says: ClassVar = {"CHANGE": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        moved = about.moving(turn)
        together = _coming_on(moved) if moved else (HOLDER,)
        return booking.ask_about_slot(turn, "confirm_move", together)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            turn.port.let_go()
            return Go(Kept)
        moving = about.number(turn, "moving")
        slot = about.number(turn, "slot")
        try:
            code = turn.port.move(moving, slot)
        except SlotTaken:
            return Go(booking.PickSlot, note="slot_taken")
        except NoSuchBooking:
            return Go(MyBooking, moving="", code="")
        return Go(Moved, code=code)


def _coming_on(booked: Booking) -> tuple[Guest, ...]:
    """As many as come on a booking. A question counts them and names the first."""
    first = Guest(booked.name) if booked.name else HOLDER
    return (first,) * booked.places


class ToldOfBooking(State):
    """A sentence about the booking with this code, and the end."""

    sentence: ClassVar[str]

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        code = turn.answer("code")
        one = turn.port.booking(code)
        if one is None:
            return Go(MyBooking, code="")
        text = about.booking(turn, self.sentence, one)
        return Screen(text, ends=True)


class Moved(ToldOfBooking):
    """The booking stands at its new time."""

    sentence = "moved"


class ConfirmCancel(State):
    """Cancel, or keep? Nothing is given up on a slip of the thumb."""

    binding = True
    says: ClassVar = {"CANCEL": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        one = about.moving(turn)
        if one is None:
            return Go(MyBooking, moving="", code="")
        text = about.booking(turn, "confirm_cancel", one)
        lines = turn.options("confirm_cancel", ("yes", "no"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            return Go(Kept)
        booking = about.number(turn, "moving")
        return cancel_now(turn, booking)


class WhichToCancel(State):
    """Of several bookings, and a place on a waiting list: each by its time and whom it
    is for, all of them, or none.
    """

    binding = True

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        every = turn.port.bookings()
        wait = turn.port.wait()
        if not _are_several(every, wait):
            return Go(MyBooking, code="")
        lines = MyBooking.lines(turn, every, wait)
        if len(every) > 1:
            both = turn.say("cancel_all", many=len(every))
            lines.append(Option("all", both))
        none = turn.option("no", "cancel_none")
        text = turn.say("cancel_which")
        return Screen(text, (*lines, none))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "no":
            return Go(Told, told="left_alone")
        every = turn.port.bookings()
        if answer == "all":
            return cancel_all(turn, every)
        code = answer.removeprefix("code ")
        wait = turn.port.wait(code)
        if wait:
            return waits.leave(turn, wait)
        for booked in every:
            if booked.code == code:
                return cancel_now(turn, booked.id)
        return Go(MyBooking, code="")


class ConfirmCancelAll(State):
    """`Hủy cả hai`: the one question about several bookings."""

    binding = True
    says: ClassVar = {"CANCEL": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        several = _several(turn)
        if not several:
            return Go(MyBooking, code="")
        times = _times(turn, several)
        text = turn.say("confirm_cancel_all", many=len(several), times=times)
        lines = turn.options("confirm_cancel_all", ("yes", "no"))
        return Screen(text, lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            return Go(Told, told="left_alone")
        several = _several(turn)
        return cancel_all(turn, several)


def _several(turn: Turn[Reads]) -> list[Booking]:
    """Those of the codes that were asked about."""
    codes = turn.answer("several").split(",")
    return [booked for booked in turn.port.bookings() if booked.code in codes]


def _times(turn: Turn[Reads], several: Sequence[Booking]) -> str:
    """`8h00 T6 4/12, 8h30 T7 5/12 cho Lý Thị Mẫu`."""
    times = [about.line(turn, booked, several) for booked in several]
    return ", ".join(times)


def ask_to_cancel(several: Sequence[Booking]) -> Go:
    """Asks once about all of them."""
    codes = ",".join(booked.code for booked in several)
    return about.afresh(ConfirmCancelAll, several=codes)


def cancel_all(turn: Turn[Port], several: Sequence[Booking]) -> Go:
    """Each of them, as far as it still stands."""
    times = _times(turn, several)
    for booked in several:
        try:
            turn.port.cancel(booked.id)
        except NoSuchBooking:
            continue
    return Go(Cancelled, cancelled=times, back="")


class Cancelled(State):
    """The seat is given back."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "cancelled_sms" if turn.answer("back") else "cancelled"
        given_up = turn.answer("cancelled")
        return ending(turn, sentence, time=given_up)


class Coming(ToldOfBooking):
    """Said to come: the seat stays."""

    sentence = "coming"


class Kept(State):
    """Nothing was changed."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        code = turn.answer("code")
        kept = about.moving(turn) or turn.port.booking(code)
        if kept is None:
            return Go(MyBooking, moving="", code="")
        text = about.booking(turn, "kept", kept)
        return Screen(text, ends=True)


def cancel_now(turn: Turn[Port], booking: int) -> Go:
    try:
        gone = turn.port.cancel(booking)
    except NoSuchBooking:
        return Go(MyBooking, moving="", code="")
    when = time_of(turn, gone.starts)
    many = about.for_whom(turn, gone.places, gone.name)
    back = "yes" if _can_be_taken_back(turn, gone) else ""
    return Go(Cancelled, cancelled=f"{when}{many}", back=back)


def _can_be_taken_back(turn: Turn[Reads], gone: Booking) -> bool:
    """By text, where all its seats can be had because nobody waits for them."""
    if not turn.session.by_text:
        return False
    found = turn.port.slot(gone.slot)
    return found is not None and found.seats >= gone.places
