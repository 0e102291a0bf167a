"""What a screen says about a time, a booking, a wait: the particulars that many states
share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from menus import days, notices, words
from menus.core import Go, State, Turn
from menus.days import local, short_day
from menus.hearing import Day, hour_in, many_in, words_of
from menus.port import (
    HOLDER,
    IS_FOR,
    PARTY_MOST,
    Booking,
    Event,
    EventKind,
    Guest,
    Occasion,
    Reads,
    Service,
    Slot,
    Wait,
)
from menus.screens import time_of

# where no scheme says otherwise
BRING = {
    words.VIETNAMESE: "CCCD, máy cũ",
    words.ENGLISH: "ID card, old phone",
}

# Where no phone is swapped and the event asks for nothing of its own.
BRING_TO_OTHERS = {words.VIETNAMESE: "căn cước", words.ENGLISH: "ID card"}

# Days in which a day that was said is looked for: `29/2` may be four years away.
_LOOKED_AHEAD = 4 * 366 + 1

# The notes that say why a list is shown.
_WHY = ("slot_taken", "slot_changed", "no_such_time", "too_many", "which_calendar")

# What a new request must not inherit from an earlier one in the same conversation.
FRESH = dict.fromkeys(
    (
        "moving",
        "note",
        "code",
        "near",
        "on",
        "time",
        "slot",
        "event",
        "many",
        "later",
        "after",
        "missed",
        "there",
        "several",
        "also",
        "wanted",
        "service",
        "held",
    ),
    "",
)


def afresh(to: type[State] | None, **answers: str) -> Go:
    """A request that inherits nothing of an earlier one in the same conversation."""
    move = Go(to, **{**FRESH, **answers})
    return move.coming(())


def number(turn: Turn[Reads], name: str) -> int:
    """An id answered earlier; 0, which nothing has, when it was not."""
    answer = turn.answer(name)
    return int(answer) if answer.isdigit() else 0


def near(turn: Turn[Reads]) -> int | None:
    """The hamlet around which to look: the one asked for, else where the resident lives
    as far as anybody knows.
    """
    asked_for = number(turn, "near")
    if asked_for:
        return asked_for
    moved = moving(turn)
    if moved:
        return hamlet_of(turn, moved)
    home = turn.port.known().hamlet
    return home or number(turn, "hamlet") or None


def hamlet_of(turn: Turn[Reads], booked: Booking) -> int | None:
    """The hamlet in whose hall it is; none where that cannot be told."""
    slot = turn.port.slot(booked.slot)
    event = event_to_book(turn, slot.event) if slot else None
    if event is None:
        return turn.port.known().hamlet
    return event.hamlet


def event_to_book(turn: Turn[Reads], event: int) -> Event | None:
    """The one with this id, while it has times to book or to wait for."""
    for each in turn.port.events(None, every=True):
        if each.id == event:
            return each
    return None


def hamlet_name(turn: Turn[Reads], hamlet: int) -> str:
    """Empty where there is none with this id."""
    for each in turn.port.hamlets():
        if each.id == hamlet:
            return each.name
    return ""


def hour_said(turn: Turn[Reads]) -> str:
    """The one hour that was texted beside the line of a list, as `08:00`."""
    if not turn.session.by_text:
        return ""
    texted = words_of(turn.heard)
    return hour_in(texted)


def many_said(turn: Turn[Reads]) -> int:
    """How many come, where that was texted beside the line of a list; else 0."""
    if not turn.session.by_text:
        return 0
    texted = words_of(turn.heard)
    return many_in(texted)


def first_day(said: Day | None, now: datetime) -> date:
    """The first day from today on that may be meant; today where none can."""
    here = days.today(now)
    if said is None:
        return here
    for ahead in range(_LOOKED_AHEAD):
        day = here + timedelta(days=ahead)
        if said.is_on(day, here):
            return day
    return here


def day_said(turn: Turn[Reads], said: Day) -> str:
    """What was heard, to begin a sentence: `Hôm nay`, `Tuần sau`, `T7 5/12`."""
    if said.ahead == 0:
        return turn.say("said_today")
    if said.is_span:
        return turn.say(f"said_{_span(said)}")
    first = first_day(said, turn.now)
    here = days.today(turn.now)
    if not said.is_on(first, here):
        return turn.say("said_day")
    day = short_day(first, turn.session.language)
    return f"{day}/{said.year}" if said.year else day


def _span(said: Day) -> str:
    """Which week or month."""
    if said.months > 0:
        return "next_month"
    which = "next" if said.week else "this"
    return f"{which}_weekend" if said.weekend else f"{which}_week"


def why(turn: Turn[Reads]) -> str:
    """Why the list is shown, when what was chosen or wished is not to be had."""
    note = turn.answer("note")
    if note not in _WHY:
        return ""
    reason = turn.say(note, most=PARTY_MOST)
    return f"{reason}\n"


def bring(turn: Turn[Reads], booked: Booking | None = None) -> str:
    """What to bring, in the language of the conversation."""
    language = turn.session.language
    return _listed_to_bring(turn, booked)[language]


def _listed_to_bring(turn: Turn[Reads], booked: Booking | None) -> Mapping[str, str]:
    """By language: what the event asks for, else the scheme to a swap."""
    if booked and booked.bring:
        return booked.bring
    if booked and booked.kind != "swap":
        return BRING_TO_OTHERS
    return turn.port.bring() or BRING


def moving(turn: Turn[Reads]) -> Booking | None:
    """The booking that is to be moved or cancelled."""
    asked_for = number(turn, "moving")
    if not asked_for:
        return None
    for booked in turn.port.bookings():
        if booked.id == asked_for:
            return booked
    return None


def chosen_slot(turn: Turn[Reads]) -> Slot | None:
    """The time that was chosen, as long as it has not begun."""
    chosen = number(turn, "slot")
    return turn.port.slot(chosen)


def to_choose(
    turn: Turn[Reads], hamlet: int | None, every: bool = False
) -> Sequence[Event]:
    """Events with times to book; whoever moves a booking stays with its kind, whoever
    said what they come for goes where that can be had, whoever comes and has one is not
    offered what it serves as well.
    """
    service = turn.answer("service")
    events = turn.port.events(hamlet, every=every or bool(service))
    moved = moving(turn)
    if service:
        events = events_with(turn, service, events)
    if moved is not None:
        return of_its_kind(moved, events)
    comes = not turn.session.party or HOLDER in turn.session.party
    if not comes or own(turn) is None:
        return events
    return [event for event in events if serving(turn, event) is None]


def serving(turn: Turn[Reads], one: Event | Occasion) -> Booking | None:
    """The holder's own booking that makes a seat there needless: of its kind, or where
    one can get all that one can get there.
    """
    mine = [booked for booked in turn.port.bookings() if booked.own]
    for booked in mine:
        if booked.kind == one.kind:
            return booked
    for booked in mine:
        if _serves(turn, booked, one):
            return booked
    return None


def _serves(turn: Turn[Reads], booked: Booking, one: Event | Occasion) -> bool:
    """Whether of another kind, it serves as well; most do not, and cost no look at the
    other.
    """
    here = offered_with(turn, booked)
    if IS_FOR.get(one.kind) not in here:
        return False
    found = turn.port.occasion(one.id)
    return found is not None and set(found.services) <= set(here)


def offered_with(turn: Turn[Reads], booked: Booking) -> Sequence[Service]:
    """What one can get at the session of a booking; nothing of one that has begun."""
    slot = turn.port.slot(booked.slot)
    held = turn.port.occasion(slot.event) if slot else None
    return held.services if held else ()


def events_with(
    turn: Turn[Reads], service: str, events: Sequence[Event]
) -> Sequence[Event]:
    """Events where that can be had."""
    return [event for event in events if offers(turn, event, service)]


def offers(turn: Turn[Reads], event: Event, service: str) -> bool:
    """Is it held for that, or can it be had there as well?"""
    if IS_FOR.get(event.kind) == service:
        return True
    held = turn.port.occasion(event.id)
    return held is not None and service in held.services


def of_its_kind(booked: Booking, events: Sequence[Event]) -> Sequence[Event]:
    """Events to which a booking can be moved: those of its own kind."""
    return [event for event in events if event.kind == booked.kind]


def sentence_of_kind(sentence: str, kind: EventKind) -> str:
    """The key of a sentence: itself, or the one that names what is held where that is
    no swap.
    """
    return sentence if kind == "swap" else f"{sentence}_kind"


def say_of_kind(
    turn: Turn[Reads], sentence: str, kind: EventKind, **blanks: object
) -> str:
    """A sentence that names what is held where that is no swap."""
    key = sentence_of_kind(sentence, kind)
    held = turn.say(f"kind_{kind}")
    return turn.say(key, kind=held, **blanks)


def where(turn: Turn[Reads], hall: str, kind: EventKind) -> str:
    """The hall; `NVH Quảng Trung I, mở tài khoản` where no phone is swapped there."""
    if kind == "swap":
        return hall
    held = turn.say(f"kind_{kind}")
    return f"{hall}, {held}"


def booking(turn: Turn[Reads], sentence: str, booked: Booking, **more: str) -> str:
    """A sentence about a booking, what it is for and for whom; with what `more` it
    says.
    """
    when = time_of(turn, booked.starts)
    hall = where(turn, booked.hall, booked.kind)
    many = for_whom(turn, booked.places, booked.name)
    return turn.say(sentence, time=when, hall=hall, code=booked.code, many=many, **more)


def line(turn: Turn[Reads], booked: Booking, every: Sequence[Booking]) -> str:
    """One of `every` booking in a list, with what it is for where they differ in that."""
    kinds = {other.kind for other in every}
    if len(kinds) < 2:
        return booking(turn, "mine_line", booked)
    held = turn.say(f"kind_{booked.kind}")
    return booking(turn, "mine_line_kind", booked, kind=held)


def wait(turn: Turn[Reads], sentence: str, place: Wait) -> str:
    """A sentence about a place on a waiting list, or the seat that is offered."""
    when = time_of(turn, place.starts)
    many = for_whom(turn, place.places, place.name)
    until = ""
    if place.until:
        until = days.until(place.until, turn.now)
    lost = ""
    if place.lost:
        lost = time_of(turn, place.lost)
    return turn.say(
        sentence,
        time=when,
        hall=place.hall,
        code=place.code,
        until=until,
        many=many,
        lost=lost,
    )


def named(turn: Turn[Reads], guest: Guest) -> str:
    """The name that was typed, or `Người nhà 2` where none was; empty for the holder of
    the phone.
    """
    if guest.holder or guest.name:
        return guest.name
    return turn.say("somebody", number=guest.number)


def for_whom(turn: Turn[Reads], places: int, name: str) -> str:
    """` cho 3 người`, ` cho Lý Thị Mẫu`, or nothing for the holder of the phone alone."""
    return notices.for_whom(turn.session.language, places, name)


def of_slot(
    turn: Turn[Reads], slot: Slot, sentence: str, together: Sequence[Guest], **more: str
) -> str:
    """A sentence about a time that is not booked yet, and about whom it is for."""
    when = time_of(turn, slot.starts)
    first = named(turn, together[0])
    many = for_whom(turn, len(together), first)
    return turn.say(sentence, time=when, hall=slot.hall, many=many, **more)


def own(turn: Turn[Reads], service: str = "") -> Booking | None:
    """The first booking on which the holder of the phone comes; the one of a session
    that is held for this, where there is any.
    """
    mine = [booked for booked in turn.port.bookings() if booked.own]
    for booked in mine:
        if service and IS_FOR.get(booked.kind) == service:
            return booked
    return mine[0] if mine else None


def slot_at(slots: Sequence[Slot], time: str) -> Slot | None:
    """The slot that begins at `08:00` on the commune's clock."""
    for slot in slots:
        begins = local(slot.starts)
        if f"{begins:%H:%M}" == time:
            return slot
    return None
