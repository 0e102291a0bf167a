"""What is held in the hamlet, of any kind: meetings, training, accounts, the swap; and
one of them by its number.
"""

from __future__ import annotations

from collections.abc import Sequence

from menus.appointments import about
from menus.appointments.booking import PickSlot
from menus.appointments.mine import served
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, local
from menus.hearing import Meaning
from menus.port import BY_INVITATION, TOLD_AHEAD, Booking, Occasion, Port, Reads
from menus.questions import AskHamlet
from menus.screens import day_of, ending, in_one_part, offering

MORE, CALL = "more", "call"


class Occasions(State):
    """The next ones of the hamlet and of the whole commune, the soonest first. Asks for
    the hamlet where it is not known.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        hamlet = about.near(turn)
        if not hamlet:
            return Go(AskHamlet)
        name = about.hamlet_name(turn, hamlet)
        told_before = about.number(turn, "after")
        occasions = _of_the_kind(turn, turn.port.occasions(hamlet))
        found = occasions[told_before:]
        if not found:
            days = TOLD_AHEAD.days
            call = turn.option(CALL, "home_call")
            return offering(turn, "occasions_none", call, hamlet=name, days=days)
        text = turn.say("occasions", hamlet=name)
        lines = [_line(turn, one, hamlet) for one in found]
        if turn.session.by_text:
            more = turn.option(MORE, "occasions_more")
            lines = in_one_part(turn, text, lines, more)
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == CALL:
            return Go(CallMe)
        if answer != MORE:
            return to_event(turn, int(answer))
        told_before = about.number(turn, "after")
        told_now = len(turn.session.offered) - 1  # the last line was the one for more
        return Go(Occasions, after=str(told_before + told_now))


class OccasionTold(State):
    """What one of them is, when, where, what one can get there and what to bring. The
    number of one that is off, or a number that none has, says so.
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        event = about.number(turn, "event")
        found = turn.port.occasion(event)
        if found is None:
            return _without(turn, about.number(turn, "number"))
        text = _when_and_where(turn, found)
        if found.kind == BY_INVITATION:
            invited = turn.say("occasion_invited")
            text = f"{text} {invited}"
        bring = _bring(turn, found)
        if bring:
            to_bring = turn.say("occasion_bring", bring=bring)
            text = f"{text} {to_bring}"
        text = _with_services(turn, text, found)
        return Screen(text, ends=True)


def _without(turn: Turn[Reads], number: int) -> Screen:
    """Nothing is held under this number: it is off, or there was none."""
    off = turn.port.called_off(number)
    if off is None:
        return ending(turn, "occasion_none", number=number)
    text = turn.say(
        "occasion_off",
        kind=_named(turn, off),
        begins=hour(off.starts),
        day=day_of(turn, off.starts),
        place=off.place,
    )
    following = _next_instead(turn, off)
    return Screen(f"{text} {following}", ends=True)


def _next_instead(turn: Turn[Reads], off: Occasion) -> str:
    """Where to go instead: the next session of that kind, else the list of all."""
    following = turn.port.next_held(off.kind)
    if following is None or not following.number or off.kind == BY_INVITATION:
        return turn.say("occasion_off_see")
    return turn.say(
        "occasion_off_next",
        begins=hour(following.starts),
        day=day_of(turn, following.starts),
        place=following.place,
        number=following.number,
    )


def tell(turn: Turn[Port], said: Meaning) -> Go:
    """HOP: what is held in the hamlet that was named, or at home; a number leads
    straight to its event.
    """
    if not said.number:
        near = said.hamlet or _asked_before(turn)
        return about.afresh(Occasions, near=near, held=said.kind)
    found = turn.port.numbered(said.number)
    if found is None:
        return about.afresh(OccasionTold, number=str(said.number))
    time = str(said.time) if said.time else ""
    return _to(turn, found, time)


def _of_the_kind(
    turn: Turn[Reads], occasions: Sequence[Occasion]
) -> Sequence[Occasion]:
    """Those of the kind that was named; all, where none was, or none is held."""
    named = turn.answer("held")
    found = [one for one in occasions if one.kind == named]
    return found or occasions


def _asked_before(turn: Turn[Reads]) -> str:
    """The hamlet that was asked about in this conversation, where home is not known."""
    if turn.port.known().hamlet or turn.answer("hamlet"):
        return ""
    return turn.answer("near")


def to_event(turn: Turn[Port], event: int) -> Go:
    """To the times of this event, or to what it is; to the list of all where it is over
    meanwhile.
    """
    found = turn.port.occasion(event)
    if found is None:
        return Go(Occasions, after="")
    return _to(turn, found)


def _to(turn: Turn[Port], one: Occasion, time: str = "") -> Go:
    """To its times, where there are any to come, or to the one that was said; else to
    what it is. Who has a seat of its kind may move it there; who has one that serves as
    well, or has it there, hears of that first.
    """
    event = str(one.id)
    can_be_booked = one.bookable and turn.port.slots(one.id)
    if not can_be_booked:
        return about.afresh(OccasionTold, event=event)
    own = about.serving(turn, one)
    if own is None:
        return about.afresh(PickSlot, event=event, time=time)
    if own.kind != one.kind or _is_there(turn, own, one, time):
        return served(own, one.kind)
    return about.afresh(PickSlot, moving=str(own.id), event=event, time=time)


def _is_there(turn: Turn[Reads], own: Booking, one: Occasion, time: str) -> bool:
    """Is it the seat at that session, and at the time, where one was said?"""
    begins = local(own.starts)
    slot = turn.port.slot(own.slot)
    is_at_it = slot is not None and slot.event == one.id
    return is_at_it and time in ("", f"{begins:%H:%M}")


def _line(turn: Turn[Reads], one: Occasion, hamlet: int) -> Option:
    """`T7 5/12 Hội trường xã (8h00 cuộc họp, số 62)`: heard by its day and place. At
    home the place is left out: one event is one line on a small display.
    """
    when = day_of(turn, one.starts)
    if one.hamlet != hamlet:
        when = f"{when} {one.place}"
    begins = hour(one.starts)
    what = turn.say(f"kind_{one.kind}")
    asked_by = _asked_by(turn, one)
    if asked_by:
        what = f"{what}, {asked_by}"
    label = turn.say("occasion_line", when=when, time=begins, kind=what)
    return Option(str(one.id), label)


def _asked_by(turn: Turn[Reads], one: Occasion) -> str:
    """What leads straight to it: `DL 62` where times can be booked by text, else its
    number.
    """
    if one.bookable and turn.session.by_text:
        return f"DL {one.number}" if one.number else "DL"
    if not one.number:
        return ""
    return turn.say("occasion_number", number=one.number)


def _when_and_where(turn: Turn[Reads], one: Occasion) -> str:
    kind = _named(turn, one)
    day = day_of(turn, one.starts)
    begins = hour(one.starts)
    ends = hour(one.ends)
    return turn.say(
        "occasion", kind=kind, begins=begins, ends=ends, day=day, place=one.place
    )


def _named(turn: Turn[Reads], one: Occasion) -> str:
    """The kind, as a sentence begins with it."""
    kind = turn.say(f"kind_{one.kind}")
    return kind[0].upper() + kind[1:]


def _bring(turn: Turn[Reads], one: Occasion) -> str:
    """What it asks for itself; the scheme's list where phones are swapped."""
    if one.bring:
        return one.bring[turn.session.language]
    if one.kind == "swap" or "swap" in one.services:
        return about.bring(turn)
    return ""


def _with_services(turn: Turn[Reads], text: str, one: Occasion) -> str:
    """With as much of what one can get there as still fits."""
    named = [turn.say(f"service_{service}") for service in one.services]
    while named:
        services = turn.say("occasion_services", services=", ".join(named))
        said = f"{text} {services}"
        if turn.session.fits_one_part(said):
            return said
        named.pop()
    return text
