"""A time at a hall: choose it, see it kept, confirm it."""

from __future__ import annotations

from typing import ClassVar

from menus import words
from menus.appointments import about, mine, party, waits
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, local, short_day, short_time
from menus.port import HOLDER, AlreadyBooked, Consent, Event, Guest, Port, Reads, Slot, SlotTaken
from menus.questions import AskHamlet, said


class PickEvent(State):
    """Days and halls, own hamlet first. Asks the hamlet when it is not known; one event only is not asked about."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        if not turn.answer("moving") and HOLDER in party.of(turn):
            own = next((booking for booking in turn.port.bookings() if booking.own), None)
            if own:
                return Go(mine.MyBooking, note="already_booked", code=own.code)
        hamlet = about.number(turn, "near") or turn.port.known().hamlet or about.number(turn, "hamlet") or None
        on = turn.answer("on")
        if hamlet is None and not turn.answer("moving") and not on:
            return Go(AskHamlet)
        events = [event for event in about.to_choose(turn, hamlet, every=bool(on)) if on in ("", event.day.isoformat())]
        if not events:
            return Screen(turn.say("no_events"), (Option("call", turn.say("home_call")),))
        lines = tuple([Option(str(event.id), self._line(turn, event)) for event in events])
        sentence = "pick_event_sms" if turn.session.channel == "sms" else "pick_event"
        return Screen(about.why(turn) + turn.say(sentence), lines)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "call":
            return Go(CallMe)
        return Go(PickSlot, event=answer, note="", on="")

    @staticmethod
    def _line(turn: Turn[Reads], event: Event) -> str:
        day = short_day(event.day, turn.session.language)
        sentence, kind = about.of_kind(turn, "event_line" if event.seats else "event_full", event.kind)
        return turn.say(sentence, day=day, hall=event.hall, seats=event.seats, kind=kind)


class PickSlot(State):
    """The times of one event; not the one already booked, when it is to be changed. A full one can be waited for."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        moving = about.number(turn, "moving")
        booked = [booking.slot for booking in turn.port.bookings() if booking.id == moving] if moving else []
        slots = [slot for slot in turn.port.slots(about.number(turn, "event")) if slot.id not in booked]
        if not slots:
            return Go(PickEvent, event="")
        if turn.answer("time"):
            wished = about.slot_at(slots, turn.answer("time"))
            if wished is None:
                return Go(PickSlot, time="", note="no_such_time")
            return Go(onward(turn, wished), slot=str(wished.id), note="", time="")
        day = short_day(local(slots[0].starts).date(), turn.session.language)
        sentence, kind = about.of_kind(turn, "pick_slot", slots[0].kind)
        text = turn.say(sentence, day=day, hall=slots[0].hall, kind=kind)
        return Screen(about.why(turn) + text, tuple([Option(str(slot.id), self._line(turn, slot)) for slot in slots]))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return keep(turn, int(answer))

    @staticmethod
    def _line(turn: Turn[Reads], slot: Slot) -> str:
        return turn.say("slot_line" if slot.seats else "slot_full", time=hour(slot.starts), seats=slot.seats)


class Confirm(State):
    """The one screen that books: it states the consent to keep the number. Meanwhile the seats are kept."""

    binding = True
    says: ClassVar = {"BOOK": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        together = party.of(turn)
        others = (Option("with", turn.say("confirm_with")), Option("other", turn.say("confirm_other")))
        return ask_about_slot(turn, "confirm", together, others if together == (HOLDER,) else ())

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        match answer:
            case "with":
                return Go(party.HowMany)
            case "other":
                return Go(party.OtherName)
            case "yes":
                slot = turn.port.slot(about.number(turn, "slot"))
                asked, _ = about.of_kind(turn, "confirm", slot.kind if slot else "swap")
                return book(turn, about.number(turn, "slot"), f"{asked}:{words.VERSION}")
            case _:
                turn.port.let_go()
                return Go.home()


class Booked(State):
    """The seat is taken, and the code that proves it. By SMS this is the confirmation itself."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.port.booking(turn.answer("code"))
        if booking is None:
            return Go(mine.MyBooking)
        more = {"bring": about.bring(turn, booking)}
        if turn.session.channel == "ussd":
            return Screen(about.booking(turn, "booked", booking, **more), ends=True)
        commune = turn.port.commune().name
        return Screen(about.booking(turn, "booked_sms", booking, commune=commune, **more), ends=True)


def keep(turn: Turn[Port], slot: int) -> Go:
    """Keep the seats of a chosen time and ask to confirm it; a full one is asked about waiting."""
    places = max(len(party.of(turn)), 1)
    if moving := about.number(turn, "moving"):
        places = next((booking.places for booking in turn.port.bookings() if booking.id == moving), places)
    try:
        turn.port.keep(slot, places)
    except SlotTaken:
        found = turn.port.slot(slot)
        if found is None or found.seats:
            return Go(PickSlot, note="slot_taken", time="")
        return Go(waits.AskWait, slot=str(slot), note="", time="")
    return Go(mine.ConfirmMove if moving else Confirm, slot=str(slot), note="", time="")


def onward(turn: Turn[Reads], slot: Slot) -> type[State]:
    """What is asked about a chosen time."""
    if not slot.seats:
        return waits.AskWait
    return mine.ConfirmMove if turn.answer("moving") else Confirm


def book(turn: Turn[Port], slot: int, prompt: str) -> Go:
    """Book for the party; the answer as it was sent is the consent to that prompt."""
    try:
        code = turn.port.book(slot, said(turn), Consent(prompt, turn.heard), party.of(turn))
    except SlotTaken:
        return Go(PickSlot, note="slot_taken")
    except AlreadyBooked:
        if any(booking.own for booking in turn.port.bookings()) and HOLDER in party.of(turn):
            return Go(mine.MyBooking, note="already_booked", code="")
        return Go(party.GuestBooked)
    return Go(Booked, code=code)


def ask_about_slot(
    turn: Turn[Reads], sentence: str, together: tuple[Guest, ...], more: tuple[Option, ...] = ()
) -> Screen | Go:
    """Yes or no to a chosen time, with what else can be said to it in between."""
    slot = turn.port.slot(about.number(turn, "slot"))
    if slot is None:
        return Go(PickSlot, note="slot_taken")
    many = about.for_whom(turn, len(together), about.named(turn, together[0]))
    said, kind = about.of_kind(turn, sentence, slot.kind)
    when = short_time(slot.starts, turn.session.language)
    text = turn.say(said, time=when, hall=slot.hall, many=many, kind=kind)
    yes, no = Option("yes", turn.say(f"{sentence}_yes")), Option("no", turn.say(f"{sentence}_no"))
    return Screen(text, (yes, *more, no))
