"""For several people, or for somebody else: how many, who, and their number if they
have one.
"""

from __future__ import annotations

from menus.appointments import about, booking
from menus.core import Again, Go, Option, Screen, State, Turn
from menus.hearing import plainly
from menus.numbers import NotAMobile, mobile
from menus.port import HOLDER, PARTY_MOST, Guest, Hold, Port, Reads, SlotTaken
from menus.questions import typed_name
from menus.screens import offering


def of(turn: Turn[Reads]) -> tuple[Guest, ...]:
    """Who is to come, as answered so far; the holder of the phone where nobody was
    named.
    """
    return turn.session.party or (HOLDER,)


def others(turn: Turn[Reads]) -> tuple[Option, ...]:
    """The lines of a question to the holder of the phone alone: that others come along,
    or somebody else. None where who comes was said, or a booking is moved.
    """
    if of(turn) != (HOLDER,) or turn.answer("moving"):
        return ()
    along = turn.option("with", "confirm_with")
    somebody_else = turn.option("other", "confirm_other")
    return along, somebody_else


def _guest(answer: str, number: int) -> Guest:
    """Who comes, by the name that was typed; the `number`-th of them where none was."""
    name = typed_name(answer)
    if name:
        return Guest(name)
    return Guest(number=number)


class HowMany(State):
    """A family on one motorbike: up to five places at the same time. The key is the
    number; one is no family.
    """

    def show(self, turn: Turn[Reads]) -> Screen:
        lines: list[Option] = []
        for many in range(1, PARTY_MOST + 1):
            label = turn.say("how_many_line", places=many)
            lines.append(Option(str(many), label))
        text = turn.say("how_many")
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        asked = _asked(turn)
        if answer == "1":
            return Go(asked, many="").coming(())
        if asked is booking.Confirm:
            slot = about.number(turn, "slot")
            try:
                turn.port.keep(slot, int(answer))
            except SlotTaken:
                return self._fewer_left(turn)
        return Go(WhoComes, many=answer).coming((HOLDER,))

    @staticmethod
    def _fewer_left(turn: Turn[Reads]) -> Again:
        found = about.chosen_slot(turn)
        seats = found.seats if found else 0
        reason = turn.say("fewer_seats", seats=seats)
        return Again(reason)


class WhoComes(State):
    """The name of each who comes along, so that the hall's list names them; whoever
    cannot type it passes on.
    """

    hears = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        named = of(turn)
        next_one = len(named) + 1
        many = turn.answer("many")
        skip = turn.option("skip", "who_skip")
        return offering(turn, "who_comes", skip, number=next_one, many=many)

    def leave(self, turn: Turn[Port]) -> None:
        turn.port.let_go()

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        before = of(turn)
        guest = _guest(answer, len(before) + 1)
        party = (*before, guest)
        named_all = len(party) >= about.number(turn, "many")
        onward = _asked(turn) if named_all else WhoComes
        return Go(onward).coming(party)


class OtherName(State):
    """For a parent or a neighbour, from this phone: who is it?"""

    hears = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        skip = turn.option("skip", "who_skip")
        return offering(turn, "other_name", skip)

    def leave(self, turn: Turn[Port]) -> None:
        turn.port.let_go()

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        guest = _guest(answer, 1)
        return Go(OtherPhone, many="").coming((guest,))


class OtherPhone(State):
    """Their number, if they have one: from it they may ask for texts."""

    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        none = turn.option("none", "other_phone_none")
        return offering(turn, "other_phone", none)

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        guest = of(turn)[0]
        asked = _asked(turn)
        if answer == "none" or plainly(answer) == "no":
            return Go(asked).coming((guest,))
        try:
            phone = mobile(answer)
        except NotAMobile:
            return Again(turn.say("other_phone_wrong"))
        with_phone = guest.replace(phone=phone)
        return Go(asked).coming((with_phone,))


class GuestBooked(State):
    """One of those it is for has a time already. The seats stay kept meanwhile: who
    else comes?
    """

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        what = "guests_booked" if turn.answer("many") else "guest_booked"
        text = turn.say(what)
        again = turn.option("again", f"{what}_again")
        no = turn.option("no", "confirm_no")
        return Screen(text, (again, no))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "again":
            turn.port.let_go()
            return Go.home()
        if turn.answer("many"):
            return Go(WhoComes).coming((HOLDER,))
        return Go(OtherName)


def _asked(turn: Turn[Reads]) -> type[State]:
    """What follows once it is known who comes: the time that was chosen, to confirm or
    to wait for; or the choice.
    """
    found = about.chosen_slot(turn)
    if found is None:
        return booking.PickEvent
    return booking.onward(turn, found)


def of_hold(hold: Hold) -> tuple[Guest, ...]:
    """For whom seats were kept: those named before the call dropped, the others by
    number.
    """
    named = hold.party or (HOLDER,)
    together = _filled_up(named, hold.places)
    return together[: hold.places]


def unnamed(many: int) -> tuple[Guest, ...]:
    """A party of which only the number is known."""
    return _filled_up((HOLDER,), many)


def so_far(turn: Turn[Reads]) -> tuple[Guest, ...]:
    """Who is to come as answered so far, up to the number that was said; none where
    nobody was named.
    """
    named = turn.session.party
    if not named:
        return ()
    many = about.number(turn, "many")
    return _filled_up(named, many)


def _filled_up(named: tuple[Guest, ...], places: int) -> tuple[Guest, ...]:
    """Those who are named, then guests by number up to so many."""
    first = len(named) + 1
    by_number = [Guest(number=number) for number in range(first, places + 1)]
    return (*named, *by_number)
