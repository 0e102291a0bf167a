"""A time at a hall: choose it, see it kept, confirm it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from menus import words
from menus.appointments import about, mine, party, waits
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, short_day
from menus.port import (
    HOLDER,
    PARTY_MOST,
    AlreadyBooked,
    Booking,
    Consent,
    Event,
    Guest,
    Port,
    Reads,
    Slot,
    SlotTaken,
)
from menus.questions import AskHamlet, said
from menus.screens import day_of, offering


class PickEvent(State):
    """Days and halls, own hamlet first. Asks the hamlet when it is not known; one event
    only is not asked about.
    """

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        own = self._in_the_way(turn)
        if own:
            return Go(mine.MyBooking, note="already_booked", code=own.code)
        hamlet = about.near(turn)
        if hamlet is None and self._is_hamlet_needed(turn):
            return Go(AskHamlet)
        events = self._events(turn, hamlet)
        if not events:
            call = turn.option("call", "home_call")
            return offering(turn, "no_events", call)
        return self._listed(turn, events)

    @staticmethod
    def _in_the_way(turn: Turn[Reads]) -> Booking | None:
        """The holder's own booking, where it is not said that they want a second one."""
        if turn.answer("also"):
            return None
        if turn.answer("moving") or HOLDER not in party.of(turn):
            return None
        service = turn.answer("service")
        return about.own(turn, service)

    @staticmethod
    def _is_hamlet_needed(turn: Turn[Reads]) -> bool:
        """Not to move what is booked, nor for one day or two."""
        return not turn.answer("moving") and not turn.answer("on")

    @staticmethod
    def _events(turn: Turn[Reads], hamlet: int | None) -> Sequence[Event]:
        """The next to choose from; all of one day or two, where that was asked for."""
        on = turn.answer("on")
        if not on:
            return about.to_choose(turn, hamlet)
        days = on.split(",")
        events = about.to_choose(turn, hamlet, every=True)
        on_these = [event for event in events if event.day.isoformat() in days]
        return sorted(on_these, key=lambda event: event.day)

    def _listed(self, turn: Turn[Reads], events: Sequence[Event]) -> Screen:
        lines = [self._line(turn, event) for event in events]
        why = about.why(turn)
        question = self._question(turn)
        text = f"{why}{question}".strip()
        return Screen(text, tuple(lines))

    @staticmethod
    def _question(turn: Turn[Reads]) -> str:
        """Nothing where the note above the list asks already. The hint stands where
        there is room for it.
        """
        note = turn.answer("note")
        if note == "which_calendar":
            return ""
        is_hinted = turn.session.by_text and not note
        return turn.say("pick_event_sms" if is_hinted else "pick_event")

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "call":
            return Go(CallMe)
        time = about.hour_said(turn) or turn.answer("time")
        onward = Go(PickSlot, event=answer, note="", on="", time=time)
        many = self._several_said(turn)
        if not many:
            return onward
        onward.answers["many"] = str(many)
        together = party.unnamed(many)
        return onward.coming(together)

    @staticmethod
    def _several_said(turn: Turn[Reads]) -> int:
        """How many come, where nobody was named before; 0 for one alone."""
        if turn.session.party or turn.answer("moving"):
            return 0
        many = about.many_said(turn)
        return many if 1 < many <= PARTY_MOST else 0

    @staticmethod
    def _line(turn: Turn[Reads], event: Event) -> Option:
        day = short_day(event.day, turn.session.language)
        sentence = "event_line" if event.seats else "event_full"
        label = about.say_of_kind(
            turn, sentence, event.kind, day=day, hall=event.hall, seats=event.seats
        )
        return Option(str(event.id), label)


class Nearest(State):
    """What was asked for is not held: that is said first, and the nearest there is
    asked about.
    """

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        chosen = about.number(turn, "event")
        near = about.event_to_book(turn, chosen)
        if near is None:
            return Go(PickEvent, event="")
        sentence = self._sentence(turn)
        text = turn.say(sentence, **self._blanks(turn, near))
        lines = turn.options("nearest", ("yes", "no"))
        return Screen(text, lines)

    @staticmethod
    def _sentence(turn: Turn[Reads]) -> str:
        if not turn.answer("missed"):
            return "nearest_there_kind" if turn.answer("wanted") else "nearest_there"
        sentence = "nearest_day_there" if turn.answer("there") else "nearest_day"
        return f"{sentence}_kind" if turn.answer("wanted") else sentence

    @staticmethod
    def _blanks(turn: Turn[Reads], near: Event) -> dict[str, str]:
        named = about.number(turn, "there")
        hamlet = about.hamlet_name(turn, named)
        day = short_day(near.day, turn.session.language)
        where = about.where(turn, near.hall, near.kind)
        wanted = turn.answer("wanted")
        return {
            "kind": turn.say(f"kind_{wanted}") if wanted else "",
            "day": turn.answer("missed"),
            "hamlet": hamlet,
            "near": f"{day} {where}",
        }

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "yes":
            return Go(PickEvent, event="", time="", near="", wanted="")
        event = about.number(turn, "event")
        time = about.hour_said(turn) or turn.answer("time")
        slots = turn.port.slots(event)
        wished = about.slot_at(slots, time)
        if wished is None:
            return Go(PickSlot, time=time)
        return keep(turn, wished.id)


class PickSlot(State):
    """The times of one event; not the one already booked, when it is to be changed. A
    full one can be waited for.
    """

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        slots = self._slots(turn)
        if not slots:
            return Go(PickEvent, event="")
        time = turn.answer("time")
        if not time:
            return self._listed(turn, slots)
        wished = about.slot_at(slots, time)
        if wished is None:
            return Go(PickSlot, time="", note="no_such_time")
        asked = onward(turn, wished)
        return Go(asked, slot=str(wished.id), note="", time="")

    @staticmethod
    def _slots(turn: Turn[Reads]) -> Sequence[Slot]:
        booked = about.moving(turn)
        event = about.number(turn, "event")
        slots = turn.port.slots(event)
        if booked is None:
            return slots
        return [slot for slot in slots if slot.id != booked.slot]

    def _listed(self, turn: Turn[Reads], slots: Sequence[Slot]) -> Screen:
        lines = [self._line(turn, slot) for slot in slots]
        first = slots[0]
        day = day_of(turn, first.starts)
        why = about.why(turn)
        question = about.say_of_kind(
            turn, "pick_slot", first.kind, day=day, hall=first.hall
        )
        return Screen(why + question, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return keep(turn, int(answer))

    @staticmethod
    def _line(turn: Turn[Reads], slot: Slot) -> Option:
        begins = hour(slot.starts)
        sentence = "slot_line" if slot.seats else "slot_full"
        label = turn.say(sentence, time=begins, seats=slot.seats)
        return Option(str(slot.id), label)


class Confirm(State):
    """The one screen that books: it states the consent to keep the number. Meanwhile
    the seats are kept.
    """

    binding = True
    says: ClassVar = {"BOOK": "yes"}

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        together = party.of(turn)
        others = party.others(turn)
        return ask_about_slot(turn, "confirm", together, others)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        match answer:
            case "with":
                return Go(party.HowMany)
            case "other":
                return Go(party.OtherName)
            case "yes":
                return self._confirmed(turn)
            case _:
                return self._not_wanted(turn)

    @staticmethod
    def _not_wanted(turn: Turn[Port]) -> Go:
        """The seat is given back; by text that is said, in a call there is the menu."""
        turn.port.let_go()
        return Go(NotBooked) if turn.session.by_text else Go.home()

    @staticmethod
    def _confirmed(turn: Turn[Port]) -> Go:
        """Book, under the prompt that was shown."""
        slot = about.chosen_slot(turn)
        asked = about.sentence_of_kind("confirm", slot.kind) if slot else "confirm"
        chosen = about.number(turn, "slot")
        return book(turn, chosen, f"{asked}:{words.VERSION}")


class NotBooked(State):
    """The seat is given back, and another is one key away."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        text = turn.say("not_booked")
        book = turn.option("book", "not_booked_book")
        call = turn.option("call", "home_call")
        return Screen(text, (book, call))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(CallMe) if answer == "call" else about.afresh(PickEvent)


class Booked(State):
    """The seat is taken, and the code that proves it. By SMS this is the confirmation
    itself.
    """

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        code = turn.answer("code")
        booking = turn.port.booking(code)
        if booking is None:
            return Go(mine.MyBooking)
        text = self._text(turn, booking)
        return Screen(text, ends=True)

    @staticmethod
    def _text(turn: Turn[Reads], booking: Booking) -> str:
        bring = about.bring(turn, booking)
        if not turn.session.by_text:
            return about.booking(turn, "booked", booking, bring=bring)
        commune = turn.port.commune().name
        return about.booking(turn, "booked_sms", booking, commune=commune, bring=bring)


def keep(turn: Turn[Port], slot: int) -> Go:
    """Keep the seats of a chosen time and ask to confirm it; a full one is asked about
    waiting.
    """
    moved = about.moving(turn)
    places = moved.places if moved else len(party.of(turn))
    try:
        turn.port.keep(slot, places)
    except SlotTaken:
        return _not_kept(turn, slot)
    confirm = _confirmation(turn)
    return Go(confirm, slot=str(slot), note="", time="")


def _not_kept(turn: Turn[Reads], slot: int) -> Go:
    """A full time can be waited for; one with fewer seats, or that is over, cannot."""
    found = turn.port.slot(slot)
    if found is None or found.seats:
        return Go(PickSlot, note="slot_taken", time="")
    return Go(waits.AskWait, slot=str(slot), note="", time="")


def _confirmation(turn: Turn[Reads]) -> type[State]:
    return mine.ConfirmMove if turn.answer("moving") else Confirm


def onward(turn: Turn[Reads], slot: Slot) -> type[State]:
    """What is asked about a chosen time."""
    if not slot.seats:
        return waits.AskWait
    return _confirmation(turn)


def book(turn: Turn[Port], slot: int, prompt: str) -> Go:
    """Book for the party; the answer as it was sent is the consent to that prompt."""
    answered = said(turn)
    consent = Consent(prompt, turn.heard)
    together = party.of(turn)
    try:
        code = turn.port.book(slot, answered, consent, together)
    except SlotTaken:
        return Go(PickSlot, note="slot_taken")
    except AlreadyBooked:
        own = _served_by(turn, slot)
        if HOLDER in together and own:
            return Go(mine.MyBooking, note="already_booked", code=own.code)
        return Go(party.GuestBooked)
    return Go(Booked, code=code)


def _served_by(turn: Turn[Reads], slot: int) -> Booking | None:
    """The holder's own booking that makes a seat at this time needless."""
    found = turn.port.slot(slot)
    held = turn.port.occasion(found.event) if found else None
    return about.serving(turn, held) if held else None


def ask_about_slot(
    turn: Turn[Reads],
    sentence: str,
    together: tuple[Guest, ...],
    more: tuple[Option, ...] = (),
) -> Screen | Go:
    """Yes or no to a chosen time, with what else can be said to it in between."""
    slot = about.chosen_slot(turn)
    if slot is None:
        return Go(PickSlot, note="slot_taken")
    question = about.sentence_of_kind(sentence, slot.kind)
    kind = turn.say(f"kind_{slot.kind}")
    text = about.of_slot(turn, slot, question, together, kind=kind)
    yes = turn.option("yes", f"{sentence}_yes")
    no = turn.option("no", f"{sentence}_no")
    return Screen(text, (yes, *more, no), person=True)
