"""What a screen says about a time, a booking, a wait: the particulars that many states share."""

from __future__ import annotations

from collections.abc import Sequence

from menus import days, words
from menus.core import Go, State, Turn
from menus.days import local, short_time
from menus.port import PARTY_MOST, Booking, Event, EventKind, Guest, Reads, Slot, Wait

BRING = {
    words.VIETNAMESE: "CCCD, máy cũ",
    words.ENGLISH: "ID card, old phone",
}  # where no scheme says otherwise

# Where no phone is swapped and the event asks for nothing of its own.
BRING_TO_OTHERS = {words.VIETNAMESE: "căn cước", words.ENGLISH: "ID card"}

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
    ),
    "",
)


def afresh(to: type[State] | None, **answers: str) -> Go:
    """A request that inherits nothing of an earlier one in the same conversation."""
    return Go(to, **{**FRESH, **answers}).coming(())


_WHY = ("slot_taken", "slot_changed", "no_such_day", "no_such_time", "too_many")


def number(turn: Turn[Reads], name: str) -> int:
    """An id answered earlier; 0, which nothing has, when it was not."""
    answer = turn.answer(name)
    return int(answer) if answer.isdigit() else 0


def near(turn: Turn[Reads]) -> int | None:
    """The hamlet around which to look: the one asked for, else where the resident lives as far as anybody knows."""
    asked_for = number(turn, "near")
    if asked_for:
        return asked_for
    return turn.port.known().hamlet or number(turn, "hamlet") or None


def why(turn: Turn[Reads]) -> str:
    """Why the list is shown, when what was chosen or wished is not to be had."""
    note = turn.answer("note")
    if note not in _WHY:
        return ""
    return turn.say(note, most=PARTY_MOST) + "\n"


def bring(turn: Turn[Reads], booked: Booking | None = None) -> str:
    """What to bring, in the language of the conversation: what the event asks for, else the scheme to a swap."""
    if booked and booked.bring:
        return booked.bring[turn.session.language]
    if booked and booked.kind != "swap":
        return BRING_TO_OTHERS[turn.session.language]
    listed = turn.port.bring() or BRING
    return listed[turn.session.language]


def to_choose(
    turn: Turn[Reads], hamlet: int | None, every: bool = False
) -> Sequence[Event]:
    """Events with times to book; whoever moves a booking stays with its kind."""
    events = turn.port.events(hamlet, every)
    moving = number(turn, "moving")
    if not moving:
        return events
    for booked in turn.port.bookings():
        if booked.id == moving:
            return [event for event in events if event.kind == booked.kind]
    return events


def of_kind(turn: Turn[Reads], sentence: str, kind: EventKind) -> tuple[str, str]:
    """A sentence as it is, or the one that names what is held where that is no swap; and the name."""
    if kind == "swap":
        return sentence, ""
    return f"{sentence}_kind", turn.say(f"kind_{kind}")


def where(turn: Turn[Reads], hall: str, kind: EventKind) -> str:
    """The hall; `NVH Quảng Trung I, mở tài khoản` where no phone is swapped there."""
    if kind == "swap":
        return hall
    held = turn.say(f"kind_{kind}")
    return f"{hall}, {held}"


def booking(turn: Turn[Reads], sentence: str, it: Booking, **more: str) -> str:
    """A sentence about a booking, what it is for and for whom; with what `more` it says."""
    when = short_time(it.starts, turn.session.language)
    hall = where(turn, it.hall, it.kind)
    many = for_whom(turn, it.places, it.name)
    return turn.say(sentence, time=when, hall=hall, code=it.code, many=many, **more)


def wait(turn: Turn[Reads], sentence: str, it: Wait) -> str:
    """A sentence about a place on a waiting list, or the seat that is offered."""
    language = turn.session.language
    when = short_time(it.starts, language)
    until = days.until(it.until, turn.now) if it.until else ""
    lost = short_time(it.lost, language) if it.lost else ""
    many = for_whom(turn, it.places, it.name)
    return turn.say(
        sentence,
        time=when,
        hall=it.hall,
        code=it.code,
        until=until,
        many=many,
        lost=lost,
    )


def named(turn: Turn[Reads], guest: Guest) -> str:
    """The name that was typed, or `Người nhà 2` where none was; empty for the holder of the phone."""
    if guest.holder or guest.name:
        return guest.name
    return turn.say("somebody", number=guest.number)


def for_whom(turn: Turn[Reads], places: int, name: str) -> str:
    """` cho 3 người`, ` cho Lý Thị Mẫu`, or nothing for the holder of the phone alone."""
    if places > 1:
        return " " + turn.say("for_many", places=places)
    if name:
        return " " + turn.say("for_one", name=name)
    return ""


def of_slot(
    turn: Turn[Reads], slot: Slot, sentence: str, together: Sequence[Guest], **more: str
) -> str:
    """A sentence about a time that is not booked yet, and about whom it is for."""
    when = short_time(slot.starts, turn.session.language)
    many = for_whom(turn, len(together), named(turn, together[0]))
    return turn.say(sentence, time=when, hall=slot.hall, many=many, **more)


def own(turn: Turn[Reads]) -> Booking | None:
    """The first booking on which the holder of the phone comes."""
    for booked in turn.port.bookings():
        if booked.own:
            return booked
    return None


def slot_at(slots: Sequence[Slot], time: str) -> Slot | None:
    """The slot that begins at `08:00` on the commune's clock."""
    for slot in slots:
        if f"{local(slot.starts):%H:%M}" == time:
            return slot
    return None
