"""What one text can do: requests with place, day, hour or code, that go as far along as what was said allows."""

from __future__ import annotations

from collections.abc import Sequence

from menus.booking import Booked, ConfirmCancel, Kept, Moved, MyBooking, PickEvent, PickSlot, cancel_now, slot_at
from menus.core import Go, Turn
from menus.days import today
from menus.desk import AlreadyBooked, Desk, Event, NoSuchBooking, Reads, SlotTaken
from menus.hearing import Meaning


def book(turn: Turn[Desk], said: Meaning) -> Go:
    """DL, with or without place, day and hour: as far along as what was said allows."""
    plain: dict[str, str] = {"moving": "", "note": "", "code": "", "near": said.hamlet, "on": "", "time": ""}
    if not (said.hamlet or said.day or said.time):
        return Go(PickEvent, **plain)
    return _towards(turn, said, turn.desk.events(_where(turn, said)), plain)


def _where(turn: Turn[Reads], said: Meaning) -> int | None:
    return int(said.hamlet) if said.hamlet else turn.desk.known().hamlet


def _towards(turn: Turn[Desk], said: Meaning, events: Sequence[Event], plain: dict[str, str]) -> Go:
    """To the times of the one event that fits, to the events of that day, or to all of them with a word about it."""
    time = str(said.time or "")
    fit = [event for event in events if said.day is None or said.day.is_on(event.day, today(turn.now))]
    here = [event for event in fit if said.hamlet and event.hamlet == int(said.hamlet)] or fit
    if not fit:
        return Go(PickEvent, **{**plain, "note": "no_such_day"})
    if said.day is None and not said.hamlet:
        return Go(PickEvent, **{**plain, "time": time})
    first = here[0]
    if len([event for event in here if event.day == first.day]) == 1:
        return Go(PickSlot, **{**plain, "event": str(first.id), "time": time})
    return Go(PickEvent, **{**plain, "on": first.day.isoformat(), "time": time})


def mine(turn: Turn[Desk], said: Meaning) -> Go:
    """LICH"""
    return Go(MyBooking, note="", code=said.code)


def coming(turn: Turn[Desk], said: Meaning) -> Go:
    """CO with the code: the seat stays, and the resident reads that it does."""
    return Go(Kept if turn.desk.booking(said.code) else MyBooking, note="", code=said.code, moving="")


def cancel(turn: Turn[Desk], said: Meaning) -> Go:
    """HUY asks once; HUY with the booking's code is plain enough to act on."""
    booking = turn.desk.booking(said.code)
    if booking is None:
        return Go(MyBooking, note="", code=said.code)
    return cancel_now(turn, booking.id) if said.code else Go(ConfirmCancel, moving=str(booking.id))


def change(turn: Turn[Desk], said: Meaning) -> Go:
    """DOI with the code: with an hour (and a day) it is done at once; with less, asked for."""
    booking = turn.desk.booking(said.code)
    if booking is None:
        return Go(MyBooking, note="", code=said.code)
    plain = {"note": "", "code": "", "moving": str(booking.id), "near": "", "on": "", "time": ""}
    if said.day is not None:
        return _moved_if_plain(turn, said, _towards(turn, said, turn.desk.events(None), plain))
    found = turn.desk.slot(booking.slot)
    if said.time is None or found is None:
        return Go(PickEvent, **plain)
    there = Go(PickSlot, **{**plain, "event": str(found[1].id), "time": str(said.time)})
    return _moved_if_plain(turn, said, there)


def _moved_if_plain(turn: Turn[Desk], said: Meaning, towards: Go) -> Go:
    """Code, day and hour name one seat: taken at once. Anything less is asked for on the screen it leads to."""
    if not said.code or towards.to is not PickSlot or not towards.answers["time"]:
        return towards
    slot = slot_at(turn.desk.slots(int(towards.answers["event"])), towards.answers["time"])
    if slot is None:
        return towards
    try:
        turn.desk.move(int(towards.answers["moving"]), slot.id)
    except (SlotTaken, NoSuchBooking):
        return Go(PickSlot, **{**towards.answers, "time": "", "note": "slot_taken"})
    return Go(Moved, moving="")


def take_back(turn: Turn[Desk], said: Meaning) -> Go:
    """LAI within a quarter of an hour of a cancellation."""
    try:
        turn.desk.take_back()
    except SlotTaken:
        return Go(PickEvent, moving="", note="slot_taken")
    except (NoSuchBooking, AlreadyBooked):
        return Go(MyBooking, note="", code="")
    return Go(Booked)
