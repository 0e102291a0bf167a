"""What one text can do: requests with place, day, hour or code, that go as far along as
what was said allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from menus import naming, requesting, words
from menus.appointments import about, booking, party, waits
from menus.appointments.booking import Booked, Nearest, PickEvent, PickSlot
from menus.appointments.mine import (
    Coming,
    ConfirmCancel,
    Moved,
    MyBooking,
    WhichToCancel,
    ask_to_cancel,
    cancel_now,
    served,
)
from menus.core import Go, Turn
from menus.days import local, today
from menus.hearing import Meaning, fold, standing, words_of
from menus.hearing.booked_for import OR_ASKED, service_said
from menus.logged import logged
from menus.port import (
    IS_FOR,
    PARTY_MOST,
    AlreadyBooked,
    Booking,
    Consent,
    Event,
    EventKind,
    Guest,
    Hold,
    NoSuchBooking,
    Port,
    Reads,
    RequestKind,
    Slot,
    SlotTaken,
    Wait,
)
from menus.told import Told

# Where a text that names a day, a place or an hour goes on with what is under way.
_UNDER_WAY = frozenset({
    "OtherPhone", "WhoComes", "PickEvent", "PickSlot", "Nearest", "Confirm", "ConfirmMove", "AskWait",
})  # fmt: skip


# What a person does where no session does.
ASKED_FOR: Mapping[str, RequestKind] = {
    "account": "account",
    "qr": "qr",
    "tv360": "tv360",
    "app": "app",
    "tuition": "school",
}
_SERVICE_OF: Mapping[str, str] = {
    request: service for service, request in ASKED_FOR.items()
}
_SAYS_REQUEST = re.compile(r"\b(?:yeu cau|yc|viec nho)\b")
_FAMILY = re.compile(r"\bca (?:nha|gia dinh)\b")


def book(turn: Turn[Port], said: Meaning) -> Go:
    """DL, with or without place, day and hour: as far along as what was said allows.

    While a booking is being moved, or made for somebody else, it still is: `DL T7 8H`
    is the very hint that stands above the list of days. What is of another kind is
    booked beside it.
    """
    if said.many > PARTY_MOST:
        return about.afresh(PickEvent, near=said.hamlet, note="too_many")
    if said.kind and not _is_held(turn, said):
        return requesting.wanting(ASKED_FOR[said.kind], turn.heard, said.hamlet)
    under_way = _is_under_way(turn)
    coming = _who_comes(turn, said) or (party.so_far(turn) if under_way else ())
    near = said.hamlet or (turn.answer("near") if under_way else "")
    wished = said.kind or _service_said(turn)
    answers = {**about.FRESH, "near": near, "service": said.kind}
    if len(coming) > 1:
        answers["many"] = str(len(coming))
    if not coming:
        moved = _still_moved(turn, wished) if under_way else ""
        own = None if moved else _met_by_it(turn, said, wished)
        if own and own.served:
            return served(own.booked, own.served)
        answers["moving"] = str(own.booked.id) if own else moved
        answers["also"] = "yes" if _is_something_else(turn, wished) else ""
    together = turn.session.replace(party=coming, answers=answers)
    is_of_a_time = said.day or said.time
    wanted = replace(said, hamlet=near) if is_of_a_time else said
    move = _as_far_as_said(turn.moved(together), wanted, answers)
    if move.to is booking.Confirm and not coming and _is_family(turn):
        move.to = party.HowMany
    return move.coming(coming)


def _is_held(turn: Turn[Port], said: Meaning) -> bool:
    """Can what is booked for be had at a session, be it another day or in another hall?
    Where a request does as well, only there and then.
    """
    events = turn.port.events(None, every=True)
    if said.perhaps == OR_ASKED:
        events = _on_day(turn, said, _at_place(turn, said, events))
    return any(about.offers(turn, event, said.kind) for event in events)


def _is_family(turn: Turn[Reads]) -> bool:
    """`cả nhà`, and it is not said how many they are."""
    return turn.session.by_text and _FAMILY.search(fold(turn.heard)) is not None


def _is_under_way(turn: Turn[Reads]) -> bool:
    """Is a booking being made or moved on this phone right now?"""
    session = turn.session
    if session.state == "AskHamlet":
        return session.asker == "PickEvent"
    return bool(session.offered) and session.state in _UNDER_WAY


def _who_comes(turn: Turn[Reads], said: Meaning) -> tuple[Guest, ...]:
    """Those for whom the text books; none where it names nobody and no number."""
    guests = naming.guests_in(turn.heard) if turn.session.by_text else ()
    if guests:
        return guests
    return party.unnamed(said.many) if said.many > 1 else ()


def _service_said(turn: Turn[Reads]) -> str:
    return service_said(turn.heard) if turn.session.by_text else ""


def _still_moved(turn: Turn[Reads], wished: str) -> str:
    """The booking that is being moved; none where what is wished is of another kind."""
    moving = turn.answer("moving")
    booked = _id_of(turn, moving)
    if booked and wished and not _is_held_for(booked, wished):
        return ""
    return moving


def _is_held_for(booked: Booking, service: str) -> bool:
    return IS_FOR.get(booked.kind) == service


def _is_something_else(turn: Turn[Reads], wished: str) -> bool:
    """Is it something for which the holder's own bookings are no use?"""
    mine = [booked for booked in turn.port.bookings() if booked.own]
    if not wished or not mine:
        return False
    if any(_is_held_for(booked, wished) for booked in mine):
        return False
    return not any(wished in about.offered_with(turn, booked) for booked in mine)


class _Met(NamedTuple):
    """A booking of one's own that a text may mean to move; or the kind that it has
    `served` already, so that no seat is needed.
    """

    booked: Booking
    served: EventKind | None = None


def _met_by_it(turn: Turn[Port], said: Meaning, wished: str) -> _Met | None:
    """Who has a time and names another one may want to move: asked at once, not after
    the seat was confirmed. None where there is nothing to move, or what was named or
    `wished` is something else that can be booked beside it.
    """
    mine = [booked for booked in turn.port.bookings() if booked.own]
    if not mine or not (said.day or said.time or said.hamlet):
        return None
    fit = _that_fit(turn, said)
    if wished:
        fit = about.events_with(turn, wished, fit)
        mine = [booked for booked in mine if _is_held_for(booked, wished)]
    for booked in mine:
        if about.of_its_kind(booked, fit):
            return _Met(booked)
    for event in fit:
        own = about.serving(turn, event)
        if own is None:
            return None
    if fit and own:
        return _Met(own, fit[0].kind)
    return _Met(mine[0]) if mine else None


def _that_fit(turn: Turn[Port], said: Meaning) -> Sequence[Event]:
    """Events of any kind at the place, day and hour that were said; at any place where
    that was not.
    """
    events = turn.port.events(None, every=True)
    there = _on_day(turn, said, _at_place(turn, said, events))
    time = str(said.time) if said.time else ""
    return _with_time(turn, time, there) or there


def _as_far_as_said(turn: Turn[Port], said: Meaning, answers: dict[str, str]) -> Go:
    if not (said.hamlet or said.day or said.time):
        return Go(PickEvent, **answers)
    hamlet = _where(turn, said)
    events = about.to_choose(turn, hamlet, every=True)
    towards = _towards(turn, said, events, answers)
    slot = _named(turn, towards)
    if slot is None:
        return towards
    moved = about.moving(turn)
    if moved and moved.slot == slot.id:
        return Go(MyBooking, note="already_booked", code=moved.code)
    there = turn.session.replace(answers=towards.answers)
    kept = booking.keep(turn.moved(there), slot.id)
    return _keeping(towards.answers, kept)


def _keeping(answers: dict[str, str], move: Go) -> Go:
    """A move that also keeps the answers from before it."""
    return Go(move.to, **{**answers, **move.answers})


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
    turn: Turn[Port], said: Meaning, events: Sequence[Event], before: dict[str, str]
) -> Go:
    """To the times of the one event that fits, to the events of that day, or to the
    nearest there is with a word about what there is not: nothing that was said is
    exchanged without a word.
    """
    answers = dict(before)
    answers["time"] = str(said.time) if said.time else ""
    if said.day is not None and said.day.lunar:
        answers["note"] = "which_calendar"
        return Go(PickEvent, **answers)
    if said.day is None and not said.hamlet:
        return Go(PickEvent, **answers)
    fit = _on_day(turn, said, _at_place(turn, said, events))
    if not fit:
        return _nearest(turn, said, events, answers)
    fit = _with_time(turn, answers["time"], fit) or fit
    first = fit[0]
    days = _days_meant(said, fit)
    on_these = [event for event in fit if event.day in days]
    if len(on_these) == 1:
        answers["event"] = str(first.id)
        return Go(PickSlot, **answers)
    answers["on"] = ",".join(day.isoformat() for day in days)
    return Go(PickEvent, **answers)


def _days_meant(said: Meaning, fit: Sequence[Event]) -> list[date]:
    """The day of the first that fits; beside it an earlier one, where the own hall has
    that weekday only later: `CN` may be either.
    """
    first = fit[0].day
    soonest = min(event.day for event in fit)
    if said.day is None or said.day.weekday < 0 or soonest == first:
        return [first]
    return [soonest, first]


def _nearest(
    turn: Turn[Reads], said: Meaning, events: Sequence[Event], before: dict[str, str]
) -> Go:
    """What is not held is said, and the nearest there is asked about: in that hall
    first, else that day, else whichever comes next; a swap, where nothing else is
    wished.
    """
    if not events:
        return Go(PickEvent, **before)
    wanted = about.first_day(said.day, turn.now)
    there = _at_place(turn, said, events) if said.hamlet else ()
    choice = there or _on_day(turn, said, events) or events
    if not (before["service"] or before["moving"]):
        choice = about.events_with(turn, "swap", choice) or choice
    near = min(choice, key=lambda event: abs((event.day - wanted).days))
    day = about.day_said(turn, said.day) if said.day else ""
    answers = {**before, "event": str(near.id), "missed": day, "there": said.hamlet}
    moved = _id_of(turn, before["moving"])
    every = turn.port.events(None, every=True)
    if moved and _on_day(turn, said, _at_place(turn, said, every)):
        answers["wanted"] = moved.kind  # something else is held there
    return Go(Nearest, **answers)


def _id_of(turn: Turn[Reads], moving: str) -> Booking | None:
    """The booking that is to be moved."""
    for booked in turn.port.bookings():
        if str(booked.id) == moving:
            return booked
    return None


def _on_day(
    turn: Turn[Reads], said: Meaning, events: Sequence[Event]
) -> Sequence[Event]:
    """Those on the day that was said; all where none was."""
    if said.day is None:
        return events
    here = today(turn.now)
    return [event for event in events if said.day.is_on(event.day, here)]


def _at_place(
    turn: Turn[Reads], said: Meaning, events: Sequence[Event]
) -> Sequence[Event]:
    """Those in the hall of the hamlet that was said, or in that of no hamlet whose name
    was; all where neither was.
    """
    if not said.hamlet:
        return _in_common_hall(turn, events) or events
    hamlet = int(said.hamlet)
    return [event for event in events if event.hamlet == hamlet]


def _in_common_hall(turn: Turn[Reads], events: Sequence[Event]) -> Sequence[Event]:
    """`hoi truong xa`: a hall of the whole commune goes by its own name."""
    if not turn.session.by_text:
        return ()
    text = f" {words_of(turn.heard)} "
    common = [event for event in events if event.hamlet is None]
    return [event for event in common if f" {words_of(event.hall)} " in text]


def _with_time(turn: Turn[Port], time: str, events: Sequence[Event]) -> Sequence[Event]:
    """Those with a slot that begins at the hour that was said; all where none was."""
    if not time:
        return events
    found: list[Event] = []
    for event in events:
        slots = turn.port.slots(event.id)
        if about.slot_at(slots, time):
            found.append(event)
    return found


def mine(turn: Turn[Port], said: Meaning) -> Go:
    """LICH: the booking of this phone, or the one of the code that came with it. Who
    asks how what they asked for stands is told that.
    """
    if said.kind == standing.STANDS:
        asked = requesting.how_it_stands(turn, said.number)
        if asked:
            return asked
        if turn.port.booking() is None:
            return requesting.to_requests()
    return Go(MyBooking, note="", code=said.code)


def coming(turn: Turn[Port], said: Meaning) -> Go:
    """CO with the code: the seat stays, the hall knows, and no second reminder goes
    out.
    """
    booked = turn.port.booking(said.code)
    if booked is None:
        return mine(turn, said)
    consent = Consent(f"notice_reminder_1d:{words.VERSION}", turn.heard)
    turn.port.coming(booked.id, consent)
    return Go(Coming, code=booked.code)


def take(turn: Turn[Port], said: Meaning) -> Go:
    """NHAN: the seat that is offered, or the one kept since a call dropped; its text
    stated the consent.
    """
    wait = turn.port.wait(said.code)
    hold = turn.port.hold()
    if wait and wait.until:
        return waits.accept(turn, wait)
    if hold is None or said.code not in ("", hold.code):
        return _taken_before(turn, said.code, wait)
    return _take_kept(turn, hold)


def _take_kept(turn: Turn[Port], hold: Hold) -> Go:
    coming = party.of_hold(hold)
    answers = dict(about.FRESH)
    answers["slot"] = str(hold.slot)
    answers["many"] = str(hold.places) if hold.places > 1 else ""
    there = turn.session.replace(answers=answers, party=coming)
    booked = booking.book(turn.moved(there), hold.slot, f"notice_held:{words.VERSION}")
    return _keeping(answers, booked).coming(coming)


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
    """HUY asks once; HUY with a code is plain enough to act on: a booking, a wait, an
    offer. With a kind it means what is held or asked for of that kind.
    """
    if said.kind:
        return _cancel_of_kind(turn, said.kind)
    if said.codes or said.every:
        return _cancel_several(turn, said)
    booked = turn.port.booking(said.code)
    wait = turn.port.wait(said.code)
    if wait and (said.code or booked is None):
        return waits.leave(turn, wait)
    if booked is None:
        return _let_go(turn, said)
    if said.code:
        return cancel_now(turn, booked.id)
    every = turn.port.bookings()
    if wait is None and len(every) == 1:
        return Go(ConfirmCancel, moving=str(booked.id))
    named = [one for one in every if _is_named(turn, one)]
    if len(named) == 1:
        return Go(ConfirmCancel, moving=str(named[0].id))
    return about.afresh(WhichToCancel)


def _cancel_of_kind(turn: Turn[Port], service: str) -> Go:
    """`huy mo tai khoan`: the seat, else the request; what there is, where it is
    neither.
    """
    seat = _give_up(turn, service)
    if seat:
        return seat
    request = ASKED_FOR.get(service)
    asked = Meaning("WITHDRAW", kind=request) if request else None
    withdrawn = requesting.withdraw(turn, asked) if asked else None
    return withdrawn or mine(turn, Meaning("MINE"))


def _give_up(turn: Turn[Reads], service: str) -> Go | None:
    """Asks whether to give up the seat, or the wait for one, of that kind; none where
    there is neither.
    """
    seats = _seats_for(turn, service)
    if len(seats) > 1:
        return about.afresh(WhichToCancel)
    if seats:
        return about.afresh(ConfirmCancel, moving=str(seats[0].id))
    if _slot_waited_for(turn, service):
        return Go(waits.Waiting)
    return None


def _seats_for(turn: Turn[Reads], service: str) -> Sequence[Booking]:
    """The bookings at sessions that are held for this; all where it is not said."""
    every = turn.port.bookings()
    if not service:
        return every
    return [booked for booked in every if _is_held_for(booked, service)]


def _slot_waited_for(turn: Turn[Reads], service: str) -> Slot | None:
    """The full time that is waited for, where that session is held for this."""
    wait = turn.port.wait()
    slot = turn.port.slot(wait.slot) if wait else None
    if slot is None or IS_FOR.get(slot.kind) != service:
        return None
    return slot


def _cancel_several(turn: Turn[Port], said: Meaning) -> Go:
    """HUY with two codes, or `hủy cả hai`: asked once about all of them."""
    every = turn.port.bookings()
    if said.codes:
        every = [booked for booked in every if booked.code in said.codes]
    if len(every) != 1:
        return ask_to_cancel(every) if every else mine(turn, replace(said, code=""))
    return Go(ConfirmCancel, moving=str(every[0].id))


def _is_named(turn: Turn[Reads], booked: Booking) -> bool:
    """Does the text name whom this is for: `hủy lịch của bà Mẫu`? Huy is also a word."""
    *_, given = fold(booked.name).split() or [""]
    if given in ("", "huy"):
        return False
    return given in words_of(turn.heard).split()


def swapped(turn: Turn[Port], said: Meaning) -> Go:
    """`tôi đổi máy ngày nào`: what was logged; where nothing was, it is about the
    booking.
    """
    is_booked = turn.port.booking() or turn.port.wait()
    if is_booked and not (said.kind or turn.port.logged()):
        return mine(turn, Meaning("MINE"))
    return logged(turn, said)


def withdraw(turn: Turn[Port], said: Meaning) -> Go:
    """`hủy yêu cầu 12`: a request of theirs; or an opinion, or that others call about
    it. Where none waits that could be meant, it may be a booking, which is asked about;
    `không mở tài khoản nữa` is of the booking first.
    """
    if said.kind == standing.OPINION:
        return requesting.take_back_opinion(turn, said)
    if said.kind in standing.NOT_BY:
        others = standing.NOT_BY[said.kind]
        return requesting.for_commune_alone(turn, others)
    service = _SERVICE_OF.get(said.kind, "")
    seat = _give_up(turn, service) if service else None
    if seat and not _SAYS_REQUEST.search(fold(turn.heard)):
        return seat
    withdrawn = requesting.withdraw(turn, said) or seat
    if withdrawn:
        return withdrawn
    if said.kind or turn.port.booking() is None:
        return requesting.to_requests()
    return cancel(turn, Meaning("CANCEL"))


def _let_go(turn: Turn[Port], said: Meaning) -> Go:
    """HUY with the code of a seat that is only kept; else there is nothing to cancel."""
    hold = turn.port.hold()
    if hold is None or said.code != hold.code:
        return mine(turn, said)
    turn.port.let_go()
    return Go(Told, told="let_go")


def change(turn: Turn[Port], said: Meaning) -> Go:
    """DOI with the code: with an hour (and a day) it is done at once; with less, asked
    for.
    """
    every = _seats_for(turn, said.kind)
    if said.kind and not every:
        return _waits_for_another(turn, said)
    booked = turn.port.booking(said.code)
    if booked is None:
        return mine(turn, said)
    if not said.code:
        meant = _meant(turn, said, every)
        if len(meant) > 1:
            return about.afresh(MyBooking)
        booked = meant[0]
    towards = _to_another_time(turn, said, booked)
    return _moved_if_plain(turn, said, booked, towards)


def _waits_for_another(turn: Turn[Port], said: Meaning) -> Go:
    """Who only waits for what they name chooses another time of it: no seat is moved."""
    slot = _slot_waited_for(turn, said.kind)
    if slot is None:
        return mine(turn, Meaning("MINE"))
    if said.day or said.hamlet:
        answers = {**about.FRESH, "also": "yes", "service": said.kind}
        there = turn.moved(turn.session.replace(answers=answers, party=()))
        move = _as_far_as_said(there, said, answers)
        return move.coming(())
    time = str(said.time) if said.time else ""
    return about.afresh(PickSlot, event=str(slot.event), time=time, also="yes")


def _meant(
    turn: Turn[Port], said: Meaning, every: Sequence[Booking]
) -> Sequence[Booking]:
    """Which of these may be meant: all, or those of the name or the old day that was
    said, or those of the only kind that is held where and when it was said.
    """
    named = [one for one in every if _is_named(turn, one)]
    if len(every) == 1 or len(named) == 1:
        return named or every
    on_the_day = _on_old_day(turn, said, every)
    if on_the_day:
        return on_the_day
    if not (said.day or said.time or said.hamlet):
        return every
    fit = _that_fit(turn, said)
    can = [one for one in every if about.of_its_kind(one, fit)]
    return can or every


def _on_old_day(
    turn: Turn[Reads], said: Meaning, every: Sequence[Booking]
) -> Sequence[Booking]:
    """Those on the day away from which one is moved; none where that was not said."""
    if said.was is None:
        return ()
    here = today(turn.now)
    return [one for one in every if said.was.is_on(local(one.starts).date(), here)]


def _to_another_time(turn: Turn[Port], said: Meaning, booked: Booking) -> Go:
    """To the day or the other hamlet that was said, else to that hour of the same event;
    to the choice of a day where neither was.
    """
    if said.day is not None or _is_elsewhere(turn, said, booked):
        return _to_another_day(turn, said, booked)
    moving = str(booked.id)
    found = turn.port.slot(booked.slot)
    if said.time is None or found is None:
        return about.afresh(PickEvent, moving=moving)
    event = str(found.event)
    return about.afresh(PickSlot, moving=moving, event=event, time=str(said.time))


def _is_elsewhere(turn: Turn[Reads], said: Meaning, booked: Booking) -> bool:
    """Was another hamlet said than the one where it is?"""
    if not said.hamlet:
        return False
    return int(said.hamlet) != about.hamlet_of(turn, booked)


def _to_another_day(turn: Turn[Port], said: Meaning, booked: Booking) -> Go:
    events = turn.port.events(None, every=True)
    of_its_kind = about.of_its_kind(booked, events)
    answers = {**about.FRESH, "moving": str(booked.id)}
    towards = _towards(turn, said, of_its_kind, answers)
    return towards.coming(())


def _moved_if_plain(
    turn: Turn[Port], said: Meaning, booked: Booking, towards: Go
) -> Go:
    """Code, day and hour name one seat in the same hall: taken at once. Anything less
    is asked for on the screen it leads to: nobody is sent to another hamlet without
    having read so.
    """
    if not said.code:
        return towards
    slot = _named(turn, towards)
    if slot is None or not _has_seat_in(turn, slot, booked.hall):
        return towards
    try:
        code = turn.port.move(booked.id, slot.id)
    except (SlotTaken, NoSuchBooking):
        refused = Go(PickSlot, time="", note="slot_taken")
        return _keeping(towards.answers, refused)
    return Go(Moved, moving="", code=code)


def _has_seat_in(turn: Turn[Port], slot: Slot, hall: str) -> bool:
    found = turn.port.slot(slot.id)
    if found is None or not slot.seats:
        return False
    return found.hall == hall


def take_back(turn: Turn[Port], said: Meaning) -> Go:
    """LAI within a quarter of an hour of a cancellation."""
    try:
        code = turn.port.take_back()
    except SlotTaken:
        return Go(PickEvent, moving="", note="slot_taken")
    except (NoSuchBooking, AlreadyBooked):
        return Go(MyBooking, note="", code="")
    return Go(Booked, code=code)
