"""What is held in the hamlet, of any kind: meetings, training, accounts, the swap; and one of them by its number."""

from __future__ import annotations

from collections.abc import Sequence

from menus.appointments import about
from menus.appointments.booking import PickSlot
from menus.appointments.mine import MyBooking
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import hour, short_day, today
from menus.fitting import ONE_PART, fits, on_wire
from menus.hearing import Meaning
from menus.port import TOLD_AHEAD, Occasion, Port, Reads
from menus.questions import AskHamlet

MORE, CALL = "more", "call"


class Occasions(State):
    """The next ones of the hamlet, then those of the whole commune. Asks for the hamlet where it is not known."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen | Go:
        hamlet = about.near(turn)
        if not hamlet:
            return Go(AskHamlet)
        name = next(
            (home.name for home in turn.port.hamlets() if home.id == hamlet), ""
        )
        after = about.number(turn, "after")
        found = _own_first(turn.port.occasions(hamlet), hamlet)[after:]
        if not found:
            text = turn.say("occasions_none", hamlet=name, days=TOLD_AHEAD.days)
            return Screen(text, (turn.option(CALL, "home_call"),))
        by_text = turn.session.channel == "sms"
        with_times = by_text and any(one.bookable for one in found)
        text = turn.say(
            "occasions_with_times" if with_times else "occasions", hamlet=name
        )
        lines: list[Option] = []
        for one in found:
            place = _short(one, hamlet, name)
            lines.append(Option(str(one.id), _line(turn, one, place, by_text)))
        if by_text:
            lines = _in_one_part(turn, text, lines)
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == CALL:
            return Go(CallMe)
        if answer == MORE:
            shown = sum(option.value != MORE for option in turn.session.offered)
            after = about.number(turn, "after") + shown
            return Go(Occasions, after=str(after))
        return to_event(turn, int(answer))


class OccasionTold(State):
    """What one of them is, when, where, what one can get there and what to bring. A number that none has says so."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        found = turn.port.occasion(about.number(turn, "event"))
        if found is None:
            return Screen(
                turn.say("occasion_none", number=turn.answer("number")), ends=True
            )
        kind = _named(turn, found)
        day = short_day(today(found.starts), turn.session.language)
        begins = hour(found.starts)
        ends = hour(found.ends)
        text = turn.say(
            "occasion", kind=kind, begins=begins, ends=ends, day=day, place=found.place
        )
        to_bring = _bring(turn, found)
        if to_bring:
            text += " " + turn.say("occasion_bring", bring=to_bring)
        return Screen(_with_services(turn, text, found), ends=True)


def tell(turn: Turn[Port], said: Meaning) -> Go:
    """HOP: what is held in the hamlet that was named, or at home; a number leads straight to its event."""
    if not said.number:
        return about.afresh(Occasions, near=said.hamlet)
    found = turn.port.numbered(said.number)
    if found is None:
        return about.afresh(OccasionTold, number=str(said.number))
    return _to(turn, found)


def to_event(turn: Turn[Port], event: int) -> Go:
    """To the times of this event, or to what it is; to the list of all where it is over meanwhile."""
    found = turn.port.occasion(event)
    if found is None:
        return Go(Occasions, after="")
    return _to(turn, found)


def _to(turn: Turn[Port], one: Occasion) -> Go:
    """To its times, where there are any to come; else to what it is. Who has a seat somewhere hears of that first."""
    event = str(one.id)
    if not one.bookable or not turn.port.slots(one.id):
        return about.afresh(OccasionTold, event=event)
    own = about.own(turn)
    if own:
        return about.afresh(MyBooking, note="already_booked", code=own.code)
    return about.afresh(PickSlot, event=event)


def _own_first(found: Sequence[Occasion], hamlet: int) -> list[Occasion]:
    """Those of the hamlet, then those of the whole commune; each the soonest first."""
    return sorted(found, key=lambda one: one.hamlet != hamlet)


def _short(one: Occasion, hamlet: int, name: str) -> str:
    """At home the hall need not say of which hamlet it is: `NVH`."""
    if one.hamlet != hamlet:
        return one.place
    return one.place.replace(f" {name}", "")


def _line(turn: Turn[Reads], one: Occasion, place: str, by_text: bool) -> str:
    """`T7 5/12 Hội trường xã (8h00 mở tài khoản, DL)`: heard by its day and place."""
    day = short_day(today(one.starts), turn.session.language)
    kind = turn.say(f"kind_{one.kind}")
    if by_text and one.bookable:
        kind += ", DL"
    return turn.say(
        "occasion_line", day=day, place=place, time=hour(one.starts), kind=kind
    )


def _in_one_part(turn: Turn[Reads], text: str, lines: list[Option]) -> list[Option]:
    """As many as fit one text, and a line for those after them."""
    if len(lines) == 1 or _fits(turn, text, lines):
        return lines
    more = turn.option(MORE, "occasions_more")
    for many in range(len(lines) - 1, 1, -1):
        shown = [*lines[:many], more]
        if _fits(turn, text, shown):
            return shown
    return [lines[0], more]


def _fits(turn: Turn[Reads], text: str, lines: Sequence[Option]) -> bool:
    numbered = [f"{place}. {line.label}" for place, line in enumerate(lines, 1)]
    whole = "\n".join([text, *numbered])
    return fits(on_wire(whole, turn.session.marks), ONE_PART)


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
    for many in range(len(named), 0, -1):
        services = ", ".join(named[:many])
        said = text + " " + turn.say("occasion_services", services=services)
        if fits(on_wire(said, turn.session.marks), ONE_PART):
            return said
    return text
