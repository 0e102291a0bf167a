"""A time at a hall: choose, confirm, see, change, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from menus import words
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, local, short_day, short_time
from menus.desk import AlreadyBooked, Booking, Consent, Desk, Event, NoSuchBooking, Reads, Slot, SlotTaken
from menus.questions import AskHamlet, all_known

BRING = {words.VIETNAMESE: "CCCD, máy cũ", words.ENGLISH: "ID card, old phone"}  # where no scheme says otherwise


class PickEvent(State):
    """Days and halls, own hamlet first. Asks the hamlet when it is not known; one event only is not asked about."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.desk.booking()
        if booking and not turn.answer("moving"):
            return Go(MyBooking, note="already_booked")
        hamlet = _number(turn, "near") or turn.desk.known().hamlet or _number(turn, "hamlet") or None
        on = turn.answer("on")
        if hamlet is None and not turn.answer("moving") and not on:
            return Go(AskHamlet)
        events = [event for event in turn.desk.events(hamlet) if on in ("", event.day.isoformat())]
        if not events:
            return Screen(turn.say("no_events"), (Option("call", turn.say("home_call")),))
        lines = tuple([Option(str(event.id), self._line(turn, event)) for event in events])
        sentence = "pick_event_sms" if turn.session.channel == "sms" else "pick_event"
        return Screen(_why(turn) + turn.say(sentence), lines)

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        if answer == "call":
            return Go(CallMe)
        return Go(PickSlot, event=answer, note="", on="")

    @staticmethod
    def _line(turn: Turn[Reads], event: Event) -> str:
        day = short_day(event.day, turn.session.language)
        return turn.say("event_line", day=day, hall=event.hall, seats=event.seats)


class PickSlot(State):
    """The times of one event that still have seats; not the one already held, when it is to be changed."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        held = turn.desk.booking() if turn.answer("moving") else None
        every = turn.desk.slots(_number(turn, "event"))
        slots = [slot for slot in every if held is None or slot.id != held.slot]
        found = turn.desk.slot(slots[0].id) if slots else None
        if not found:
            return Go(PickEvent, event="")
        _, event = found
        if turn.answer("time"):
            wished = slot_at(slots, turn.answer("time"))
            if wished is None:
                return Go(PickSlot, time="", note="no_such_time")
            return Go(ConfirmMove if turn.answer("moving") else Confirm, slot=str(wished.id), note="", time="")
        text = turn.say("pick_slot", day=short_day(event.day, turn.session.language), hall=event.hall)
        return Screen(_why(turn) + text, tuple([Option(str(slot.id), self._line(turn, slot)) for slot in slots]))

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        return Go(ConfirmMove if turn.answer("moving") else Confirm, slot=answer, note="", time="")

    @staticmethod
    def _line(turn: Turn[Reads], slot: Slot) -> str:
        return turn.say("slot_line", time=hour(slot.starts), seats=slot.seats)


class Confirm(State):
    """The one screen that books: it states the consent to keep the number."""

    binding = True
    says: ClassVar = {"BOOK": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        return _ask_about_slot(turn, "confirm")

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        if answer != "yes":
            return Go.home()
        consent = Consent(f"confirm:{words.VERSION}", turn.heard)
        try:
            turn.desk.book(_number(turn, "slot"), all_known(turn), consent)
        except SlotTaken:
            return Go(PickSlot, note="slot_taken")
        except AlreadyBooked:
            return Go(MyBooking, note="already_booked")
        return Go(Booked)


class Booked(State):
    """The seat is taken, and the code that proves it. By SMS this is the confirmation itself."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.desk.booking()
        if booking is None:
            return Go(MyBooking)
        sentence = "booked_sms" if turn.session.channel == "sms" else "booked"
        return Screen(_about(turn, sentence, booking), ends=True)


class MyBooking(State):
    """See the booking; change its time or cancel it."""

    says: ClassVar = {"CHANGE": "change", "BOOK": "book"}

    def show(self, turn: Turn[Reads]) -> Screen:
        booking = turn.desk.booking(turn.answer("code"))
        if booking is None:
            missing = "no_such_code" if turn.answer("code") else "mine_none"
            return Screen(turn.say(missing), (Option("book", turn.say("home_book")),))
        options = (Option("change", turn.say("mine_change")), Option("cancel", turn.say("mine_cancel")))
        twice = turn.answer("note") == "already_booked"
        return Screen(_about(turn, "already_booked" if twice else "mine", booking), options)

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        booking = turn.desk.booking(turn.answer("code"))
        if answer == "book" or booking is None:
            return Go(PickEvent, note="", code="", moving="")
        return Go(PickEvent if answer == "change" else ConfirmCancel, note="", code="", moving=str(booking.id))


class ConfirmMove(State):
    """Another time: the old seat is given up only with the new one in hand."""

    binding = True
    says: ClassVar = {"CHANGE": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        return _ask_about_slot(turn, "confirm_move")

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        if answer != "yes":
            return Go(Kept)
        try:
            turn.desk.move(_number(turn, "moving"), _number(turn, "slot"))
        except SlotTaken:
            return Go(PickSlot, note="slot_taken")
        except NoSuchBooking:
            return Go(MyBooking, moving="")
        return Go(Moved)


class Moved(State):
    """The booking stands at its new time."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.desk.booking()
        return Screen(_about(turn, "moved", booking), ends=True) if booking else Go(MyBooking)


class ConfirmCancel(State):
    """Cancel, or keep? Nothing is given up on a slip of the thumb."""

    binding = True
    says: ClassVar = {"CANCEL": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.desk.booking()
        if booking is None:
            return Go(MyBooking, moving="")
        options = (Option("yes", turn.say("confirm_cancel_yes")), Option("no", turn.say("confirm_cancel_no")))
        return Screen(_about(turn, "confirm_cancel", booking), options)

    def answer(self, turn: Turn[Desk], answer: str) -> Go:
        if answer != "yes":
            return Go(Kept)
        return cancel_now(turn, _number(turn, "moving"))


class Cancelled(State):
    """The seat is given back."""

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "cancelled_sms" if turn.session.channel == "sms" else "cancelled"
        return Screen(turn.say(sentence, time=turn.answer("cancelled")), ends=True)


class Kept(State):
    """Nothing was changed."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.desk.booking()
        return Screen(_about(turn, "kept", booking), ends=True) if booking else Go(MyBooking, moving="")


def slot_at(slots: Sequence[Slot], time: str) -> Slot | None:
    """The slot that begins at `08:00` on the commune's clock."""
    return next((slot for slot in slots if f"{local(slot.starts):%H:%M}" == time), None)


def cancel_now(turn: Turn[Desk], booking: int) -> Go:
    try:
        gone = turn.desk.cancel(booking)
    except NoSuchBooking:
        return Go(MyBooking, moving="")
    return Go(Cancelled, cancelled=short_time(gone.starts, turn.session.language))


def _why(turn: Turn[Reads]) -> str:
    """Why the list is shown, when what was chosen or wished is not to be had."""
    note = turn.answer("note")
    return turn.say(note) + "\n" if note in ("slot_taken", "no_such_day", "no_such_time") else ""


def _bring(turn: Turn[Reads]) -> str:
    scheme, language = turn.desk.scheme(), turn.session.language
    return scheme.bring[language] if scheme else BRING[language]


def _about(turn: Turn[Reads], sentence: str, booking: Booking) -> str:
    return turn.say(
        sentence,
        commune=turn.desk.commune().name,
        time=_when(booking, turn),
        hall=booking.hall,
        code=booking.code,
        bring=_bring(turn),
    )


def _when(booking: Booking, turn: Turn[Reads]) -> str:
    return short_time(booking.starts, turn.session.language)


def _ask_about_slot(turn: Turn[Reads], sentence: str) -> Screen | Go:
    found = turn.desk.slot(_number(turn, "slot"))
    if found is None:
        return Go(PickSlot, note="slot_taken")
    slot, event = found
    text = turn.say(sentence, time=short_time(slot.starts, turn.session.language), hall=event.hall)
    return Screen(text, (Option("yes", turn.say(f"{sentence}_yes")), Option("no", turn.say(f"{sentence}_no"))))


def _number(turn: Turn[Reads], name: str) -> int:
    """An id answered earlier; 0, which nothing has, when it was not."""
    answer = turn.answer(name)
    return int(answer) if answer.isdigit() else 0
