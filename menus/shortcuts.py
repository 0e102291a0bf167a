"""What one text can do: requests with place, day, hour or code, that go as far along as what was said allows."""

from __future__ import annotations

from collections.abc import Sequence

from menus import words
from menus.appointments import about, booking, party, waits
from menus.appointments.booking import Booked, PickEvent, PickSlot
from menus.appointments.mine import Coming, ConfirmCancel, Moved, MyBooking, cancel_now
from menus.core import Go, Turn
from menus.days import today
from menus.hearing import Meaning
from menus.port import PARTY_MOST, AlreadyBooked, Booking, Consent, Event, NoSuchBooking, Port, Reads, SlotTaken, Wait
from menus.told import Told


def book(turn: Turn[Port], said: Meaning) -> Go:
    """DL, with or without place, day and hour: as far along as what was said allows."""
    plain = {**about.FRESH, "near": said.hamlet}
    if said.many > PARTY_MOST:
        return about.afresh(PickEvent, near=said.hamlet, note="too_many")
    coming = party.unnamed(said.many) if said.many > 1 else ()
    if coming:
        plain |= {"many": str(said.many)}
    return _as_far_as_said(turn.moved(turn.session.replace(party=coming)), said, plain).coming(coming)


def _as_far_as_said(turn: Turn[Port], said: Meaning, plain: dict[str, str]) -> Go:
    if not (said.hamlet or said.day or said.time):
        return Go(PickEvent, **plain)
    towards = _towards(turn, said, turn.port.events(_where(turn, said), every=True), plain)
    slot = _named(turn, towards)
    if slot is None or any(booked.own for booked in turn.port.bookings()):
        return towards
    kept = booking.keep(turn.moved(turn.session.replace(answers=towards.answers)), slot)
    return Go(kept.to, **{**towards.answers, **kept.answers})


def _named(turn: Turn[Port], towards: Go) -> int | None:
    """The one time that place, day and hour name."""
    if towards.to is not PickSlot or not towards.answers["time"]:
        return None
    slot = about.slot_at(turn.port.slots(int(towards.answers["event"])), towards.answers["time"])
    return slot.id if slot else None


def _where(turn: Turn[Reads], said: Meaning) -> int | None:
    return int(said.hamlet) if said.hamlet else turn.port.known().hamlet


def _towards(turn: Turn[Port], said: Meaning, events: Sequence[Event], plain: dict[str, str]) -> Go:
    """To the times of the one event that fits, to the events of that day, or to all of them with a word about it."""
    time = str(said.time or "")
    fit = [event for event in events if said.day is None or said.day.is_on(event.day, today(turn.now))]
    here = [event for event in fit if said.hamlet and event.hamlet == int(said.hamlet)] or fit
    if not fit:
        return Go(PickEvent, **{**plain, "note": "no_such_day"})
    if said.time and (said.day or said.hamlet):
        here = [event for event in here if about.slot_at(turn.port.slots(event.id), time)] or here
    if said.day is None and not said.hamlet:
        return Go(PickEvent, **{**plain, "time": time})
    first = here[0]
    if len([event for event in here if event.day == first.day]) == 1:
        return Go(PickSlot, **{**plain, "event": str(first.id), "time": time})
    return Go(PickEvent, **{**plain, "on": first.day.isoformat(), "time": time})


def mine(turn: Turn[Port], said: Meaning) -> Go:
    """LICH: the booking of this phone, or the one of the code that came with it."""
    return Go(MyBooking, note="", code=said.code)


def coming(turn: Turn[Port], said: Meaning) -> Go:
    """CO with the code: the seat stays, the hall knows, and no second reminder goes out."""
    booked = turn.port.booking(said.code)
    if booked is None:
        return Go(MyBooking, note="", code=said.code)
    turn.port.coming(booked.id, Consent(f"notice_reminder_1d:{words.VERSION}", turn.heard))
    return Go(Coming, code=booked.code)


def take(turn: Turn[Port], said: Meaning) -> Go:
    """NHAN: the seat that is offered, or the one kept since a call dropped; its text stated the consent."""
    wait, hold = turn.port.wait(said.code), turn.port.hold()
    if wait and wait.until:
        return waits.accept(turn, wait)
    if hold is None or said.code not in ("", hold.code):
        return _taken_before(turn, said.code, wait)
    many = str(hold.places) if hold.places > 1 else ""
    plain, coming = {**about.FRESH, "slot": str(hold.slot), "many": many}, party.of_hold(hold)
    there = turn.moved(turn.session.replace(answers=plain, party=coming))
    booked = booking.book(there, hold.slot, f"notice_held:{words.VERSION}")
    return Go(booked.to, **{**plain, **booked.answers}).coming(coming)


def _taken_before(turn: Turn[Port], code: str, wait: Wait | None) -> Go:
    """NHAN once more: what the code has become meanwhile, or that it is no longer kept."""
    if code and turn.port.booking(code):
        return Go(Booked, code=code)
    offered = turn.port.wait()
    if offered and offered.until:
        return Go(waits.Offered)  # a slip in the code: asked, not lost
    if wait:
        return Go(waits.Waiting)
    return Go(waits.OfferGone if code else MyBooking, note="", code="")


def cancel(turn: Turn[Port], said: Meaning) -> Go:
    """HUY asks once; HUY with a code is plain enough to act on: a booking, a wait, an offer."""
    booked, wait = turn.port.booking(said.code), turn.port.wait(said.code)
    if wait and (said.code or booked is None):
        return waits.leave(turn, wait)
    hold = turn.port.hold()
    if booked is None and hold and said.code == hold.code:
        turn.port.let_go()
        return Go(Told, told="let_go")
    if booked is None:
        return Go(MyBooking, note="", code=said.code)
    return cancel_now(turn, booked.id) if said.code else Go(ConfirmCancel, moving=str(booked.id))


def change(turn: Turn[Port], said: Meaning) -> Go:
    """DOI with the code: with an hour (and a day) it is done at once; with less, asked for."""
    booked = turn.port.booking(said.code)
    if booked is None:
        return Go(MyBooking, note="", code=said.code)
    plain = {**about.FRESH, "moving": str(booked.id)}
    if said.day is not None:
        there = _towards(turn, said, _of_its_kind(booked, turn.port.events(None, every=True)), plain)
        return _moved_if_plain(turn, said, there.coming(()))
    found = turn.port.slot(booked.slot)
    if said.time is None or found is None:
        return about.afresh(PickEvent, moving=str(booked.id))
    there = about.afresh(PickSlot, moving=str(booked.id), event=str(found.event), time=str(said.time))
    return _moved_if_plain(turn, said, there)


def _of_its_kind(booked: Booking, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind == booked.kind]


def _moved_if_plain(turn: Turn[Port], said: Meaning, towards: Go) -> Go:
    """Code, day and hour name one seat: taken at once. Anything less is asked for on the screen it leads to."""
    if not said.code or towards.to is not PickSlot or not towards.answers["time"]:
        return towards
    slot = about.slot_at(turn.port.slots(int(towards.answers["event"])), towards.answers["time"])
    if slot is None or not slot.seats:
        return towards
    try:
        code = turn.port.move(int(towards.answers["moving"]), slot.id)
    except (SlotTaken, NoSuchBooking):
        return Go(PickSlot, **{**towards.answers, "time": "", "note": "slot_taken"})
    return Go(Moved, moving="", code=code)


def take_back(turn: Turn[Port], said: Meaning) -> Go:
    """LAI within a quarter of an hour of a cancellation."""
    try:
        code = turn.port.take_back()
    except SlotTaken:
        return Go(PickEvent, moving="", note="slot_taken")
    except (NoSuchBooking, AlreadyBooked):
        return Go(MyBooking, note="", code="")
    return Go(Booked, code=code)
