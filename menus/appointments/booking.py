"""A time at a hall: choose it, see it kept, confirm it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from menus import words
from menus.appointments import about, mine, party, waits
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, short_day, today
from menus.port import (
    HOLDER,
    AlreadyBooked,
    Consent,
    Event,
    Guest,
    Port,
    Reads,
    Slot,
    SlotTaken,
)
from menus.questions import AskHamlet, said


class PickEvent(State):
    """Days and halls, own hamlet first. Asks the hamlet when it is not known; one event only is not asked about."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        moving = turn.answer("moving")
        if not moving and HOLDER in party.of(turn):
            own = about.own(turn)
            if own:
                return Go(mine.MyBooking, note="already_booked", code=own.code)
        hamlet = about.near(turn)
        on = turn.answer("on")
        if hamlet is None and not moving and not on:
            return Go(AskHamlet)
        events = self._events(turn, hamlet, on)
        if not events:
            return Screen(turn.say("no_events"), (turn.option("call", "home_call"),))
        lines = [Option(str(event.id), self._line(turn, event)) for event in events]
        sentence = "pick_event_sms" if turn.session.channel == "sms" else "pick_event"
        text = about.why(turn) + turn.say(sentence)
        return Screen(text, tuple(lines))

    @staticmethod
    def _events(turn: Turn[Reads], hamlet: int | None, on: str) -> Sequence[Event]:
        """The next to choose from; all of one day, where that was asked for."""
        if not on:
            return about.to_choose(turn, hamlet)
        events = about.to_choose(turn, hamlet, every=True)
        return [event for event in events if event.day.isoformat() == on]

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "call":
            return Go(CallMe)
        return Go(PickSlot, event=answer, note="", on="")

    @staticmethod
    def _line(turn: Turn[Reads], event: Event) -> str:
        day = short_day(event.day, turn.session.language)
        line = "event_line" if event.seats else "event_full"
        sentence, kind = about.of_kind(turn, line, event.kind)
        return turn.say(
            sentence, day=day, hall=event.hall, seats=event.seats, kind=kind
        )


class PickSlot(State):
    """The times of one event; not the one already booked, when it is to be changed. A full one can be waited for."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        slots = self._slots(turn)
        if not slots:
            return Go(PickEvent, event="")
        time = turn.answer("time")
        if time:
            wished = about.slot_at(slots, time)
            if wished is None:
                return Go(PickSlot, time="", note="no_such_time")
            return Go(onward(turn, wished), slot=str(wished.id), note="", time="")
        first = slots[0]
        day = short_day(today(first.starts), turn.session.language)
        sentence, kind = about.of_kind(turn, "pick_slot", first.kind)
        text = about.why(turn) + turn.say(sentence, day=day, hall=first.hall, kind=kind)
        lines = [Option(str(slot.id), self._line(turn, slot)) for slot in slots]
        return Screen(text, tuple(lines))

    @staticmethod
    def _slots(turn: Turn[Reads]) -> Sequence[Slot]:
        moving = about.number(turn, "moving")
        booked: list[int] = []
        if moving:
            booked = [
                booking.slot for booking in turn.port.bookings() if booking.id == moving
            ]
        slots = turn.port.slots(about.number(turn, "event"))
        return [slot for slot in slots if slot.id not in booked]

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return keep(turn, int(answer))

    @staticmethod
    def _line(turn: Turn[Reads], slot: Slot) -> str:
        sentence = "slot_line" if slot.seats else "slot_full"
        return turn.say(sentence, time=hour(slot.starts), seats=slot.seats)


class Confirm(State):
    """The one screen that books: it states the consent to keep the number. Meanwhile the seats are kept."""

    binding = True
    says: ClassVar = {"BOOK": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        together = party.of(turn)
        others = party.others(turn) if together == (HOLDER,) else ()
        return ask_about_slot(turn, "confirm", together, others)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        match answer:
            case "with":
                return Go(party.HowMany)
            case "other":
                return Go(party.OtherName)
            case "yes":
                chosen = about.number(turn, "slot")
                slot = turn.port.slot(chosen)
                asked, _ = about.of_kind(turn, "confirm", slot.kind if slot else "swap")
                return book(turn, chosen, f"{asked}:{words.VERSION}")
            case _:
                turn.port.let_go()
                return Go.home()


class Booked(State):
    """The seat is taken, and the code that proves it. By SMS this is the confirmation itself."""

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        booking = turn.port.booking(turn.answer("code"))
        if booking is None:
            return Go(mine.MyBooking)
        bring = about.bring(turn, booking)
        if turn.session.channel == "ussd":
            text = about.booking(turn, "booked", booking, bring=bring)
        else:
            commune = turn.port.commune().name
            text = about.booking(
                turn, "booked_sms", booking, commune=commune, bring=bring
            )
        return Screen(text, ends=True)


def keep(turn: Turn[Port], slot: int) -> Go:
    """Keep the seats of a chosen time and ask to confirm it; a full one is asked about waiting."""
    places = max(len(party.of(turn)), 1)
    moving = about.number(turn, "moving")
    if moving:
        places = next(
            (
                booking.places
                for booking in turn.port.bookings()
                if booking.id == moving
            ),
            places,
        )
    try:
        turn.port.keep(slot, places)
    except SlotTaken:
        found = turn.port.slot(slot)
        if found is None or found.seats:
            return Go(PickSlot, note="slot_taken", time="")
        return Go(waits.AskWait, slot=str(slot), note="", time="")
    confirm = mine.ConfirmMove if moving else Confirm
    return Go(confirm, slot=str(slot), note="", time="")


def onward(turn: Turn[Reads], slot: Slot) -> type[State]:
    """What is asked about a chosen time."""
    if not slot.seats:
        return waits.AskWait
    return mine.ConfirmMove if turn.answer("moving") else Confirm


def book(turn: Turn[Port], slot: int, prompt: str) -> Go:
    """Book for the party; the answer as it was sent is the consent to that prompt."""
    consent = Consent(prompt, turn.heard)
    together = party.of(turn)
    try:
        code = turn.port.book(slot, said(turn), consent, together)
    except SlotTaken:
        return Go(PickSlot, note="slot_taken")
    except AlreadyBooked:
        if HOLDER in together and about.own(turn):
            return Go(mine.MyBooking, note="already_booked", code="")
        return Go(party.GuestBooked)
    return Go(Booked, code=code)


def ask_about_slot(
    turn: Turn[Reads],
    sentence: str,
    together: tuple[Guest, ...],
    more: tuple[Option, ...] = (),
) -> Screen | Go:
    """Yes or no to a chosen time, with what else can be said to it in between."""
    slot = turn.port.slot(about.number(turn, "slot"))
    if slot is None:
        return Go(PickSlot, note="slot_taken")
    question, kind = about.of_kind(turn, sentence, slot.kind)
    text = about.of_slot(turn, slot, question, together, kind=kind)
    yes = turn.option("yes", f"{sentence}_yes")
    no = turn.option("no", f"{sentence}_no")
    return Screen(text, (yes, *more, no))
