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
from menus.port import (
    PARTY_MOST,
    AlreadyBooked,
    Booking,
    Consent,
    Event,
    Guest,
    NoSuchBooking,
    Port,
    Reads,
    Slot,
    SlotTaken,
    Wait,
)
from menus.told import Told


def book(turn: Turn[Port], said: Meaning) -> Go:
    """DL, with or without place, day and hour: as far along as what was said allows."""
    if said.many > PARTY_MOST:
        return about.afresh(PickEvent, near=said.hamlet, note="too_many")
    plain = {**about.FRESH, "near": said.hamlet}
    coming: tuple[Guest, ...] = ()
    if said.many > 1:
        coming = party.unnamed(said.many)
        plain["many"] = str(said.many)
    together = turn.moved(turn.session.replace(party=coming))
    return _as_far_as_said(together, said, plain).coming(coming)


def _as_far_as_said(turn: Turn[Port], said: Meaning, plain: dict[str, str]) -> Go:
    if not (said.hamlet or said.day or said.time):
        return Go(PickEvent, **plain)
    events = turn.port.events(_where(turn, said), every=True)
    towards = _towards(turn, said, events, plain)
    slot = _named(turn, towards)
    if slot is None:
        return towards
    if any(booked.own for booked in turn.port.bookings()):
        return towards
    there = turn.moved(turn.session.replace(answers=towards.answers))
    kept = booking.keep(there, slot.id)
    return Go(kept.to, **{**towards.answers, **kept.answers})


def _named(turn: Turn[Port], towards: Go) -> Slot | None:
    """The one time that place, day and hour name."""
    if towards.to is not PickSlot:
        return None
    time = towards.answers["time"]
    if not time:
        return None
    event = int(towards.answers["event"])
    return about.slot_at(turn.port.slots(event), time)


def _where(turn: Turn[Reads], said: Meaning) -> int | None:
    if said.hamlet:
        return int(said.hamlet)
    return turn.port.known().hamlet


def _towards(
    turn: Turn[Port], said: Meaning, events: Sequence[Event], plain: dict[str, str]
) -> Go:
    """To the times of the one event that fits, to the events of that day, or to all of them with a word about it."""
    time = str(said.time) if said.time else ""
    fit = _on_day(turn, said, events)
    if not fit:
        return Go(PickEvent, **{**plain, "note": "no_such_day"})
    if said.day is None and not said.hamlet:
        return Go(PickEvent, **{**plain, "time": time})
    here = _in_hamlet(said, fit) or fit
    if time:
        here = [
            event for event in here if about.slot_at(turn.port.slots(event.id), time)
        ] or here
    first = here[0]
    same_day = [event for event in here if event.day == first.day]
    if len(same_day) == 1:
        return Go(PickSlot, **{**plain, "event": str(first.id), "time": time})
    return Go(PickEvent, **{**plain, "on": first.day.isoformat(), "time": time})


def _on_day(
    turn: Turn[Port], said: Meaning, events: Sequence[Event]
) -> Sequence[Event]:
    """Those on the day that was said; all where none was."""
    if said.day is None:
        return events
    here = today(turn.now)
    return [event for event in events if said.day.is_on(event.day, here)]


def _in_hamlet(said: Meaning, events: Sequence[Event]) -> Sequence[Event]:
    """Those in the hall of the hamlet that was said; all where none was."""
    if not said.hamlet:
        return events
    hamlet = int(said.hamlet)
    return [event for event in events if event.hamlet == hamlet]


def mine(turn: Turn[Port], said: Meaning) -> Go:
    """LICH: the booking of this phone, or the one of the code that came with it."""
    return Go(MyBooking, note="", code=said.code)


def coming(turn: Turn[Port], said: Meaning) -> Go:
    """CO with the code: the seat stays, the hall knows, and no second reminder goes out."""
    booked = turn.port.booking(said.code)
    if booked is None:
        return mine(turn, said)
    consent = Consent(f"notice_reminder_1d:{words.VERSION}", turn.heard)
    turn.port.coming(booked.id, consent)
    return Go(Coming, code=booked.code)


def take(turn: Turn[Port], said: Meaning) -> Go:
    """NHAN: the seat that is offered, or the one kept since a call dropped; its text stated the consent."""
    wait = turn.port.wait(said.code)
    hold = turn.port.hold()
    if wait and wait.until:
        return waits.accept(turn, wait)
    if hold is None or said.code not in ("", hold.code):
        return _taken_before(turn, said.code, wait)
    many = str(hold.places) if hold.places > 1 else ""
    plain = {**about.FRESH, "slot": str(hold.slot), "many": many}
    coming = party.of_hold(hold)
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
    to = waits.OfferGone if code else MyBooking
    return Go(to, note="", code="")


def cancel(turn: Turn[Port], said: Meaning) -> Go:
    """HUY asks once; HUY with a code is plain enough to act on: a booking, a wait, an offer."""
    booked = turn.port.booking(said.code)
    wait = turn.port.wait(said.code)
    if wait and (said.code or booked is None):
        return waits.leave(turn, wait)
    if booked is None:
        return _let_go(turn, said)
    if said.code:
        return cancel_now(turn, booked.id)
    return Go(ConfirmCancel, moving=str(booked.id))


def _let_go(turn: Turn[Port], said: Meaning) -> Go:
    """HUY with the code of a seat that is only kept; else there is nothing to cancel."""
    hold = turn.port.hold()
    if hold is None or said.code != hold.code:
        return mine(turn, said)
    turn.port.let_go()
    return Go(Told, told="let_go")


def change(turn: Turn[Port], said: Meaning) -> Go:
    """DOI with the code: with an hour (and a day) it is done at once; with less, asked for."""
    booked = turn.port.booking(said.code)
    if booked is None:
        return mine(turn, said)
    moving = str(booked.id)
    if said.day is not None:
        events = _of_its_kind(booked, turn.port.events(None, every=True))
        there = _towards(turn, said, events, {**about.FRESH, "moving": moving})
        return _moved_if_plain(turn, said, booked, there.coming(()))
    found = turn.port.slot(booked.slot)
    if said.time is None or found is None:
        return about.afresh(PickEvent, moving=moving)
    there = about.afresh(
        PickSlot, moving=moving, event=str(found.event), time=str(said.time)
    )
    return _moved_if_plain(turn, said, booked, there)


def _of_its_kind(booked: Booking, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind == booked.kind]


def _moved_if_plain(
    turn: Turn[Port], said: Meaning, booked: Booking, towards: Go
) -> Go:
    """Code, day and hour name one seat in the same hall: taken at once. Anything less is asked for on the screen it
    leads to: nobody is sent to another hamlet without having read so.
    """
    if not said.code:
        return towards
    slot = _named(turn, towards)
    found = turn.port.slot(slot.id) if slot else None
    if slot is None or found is None or not slot.seats or found.hall != booked.hall:
        return towards
    moving = int(towards.answers["moving"])
    try:
        code = turn.port.move(moving, slot.id)
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
