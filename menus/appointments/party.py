"""For several people, or for somebody else: how many, who, and their number if they have one."""

from __future__ import annotations

from menus.appointments import about, booking
from menus.core import Again, Go, Option, Screen, State, Turn
from menus.numbers import NotAMobile, mobile
from menus.port import HOLDER, PARTY_MOST, Guest, Hold, Port, Reads, SlotTaken
from menus.questions import typed_name


def of(turn: Turn[Reads]) -> tuple[Guest, ...]:
    """Who is to come, as answered so far; the holder of the phone where nobody was named."""
    return turn.session.party or (HOLDER,)


def others(turn: Turn[Reads]) -> tuple[Option, ...]:
    """The lines of a question to the holder of the phone alone: that others come along, or somebody else."""
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
    """A family on one motorbike: up to five places at the same time. The key is the number; one is no family."""

    def show(self, turn: Turn[Reads]) -> Screen:
        lines = [
            Option(str(many), turn.say("how_many_line", places=many))
            for many in range(1, PARTY_MOST + 1)
        ]
        return Screen(turn.say("how_many"), tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        asked = _asked(turn)
        if answer == "1":
            return Go(asked, many="").coming(())
        if asked is booking.Confirm:
            slot = about.number(turn, "slot")
            try:
                turn.port.keep(slot, int(answer))
            except SlotTaken:
                found = turn.port.slot(slot)
                seats = found.seats if found else 0
                return Again(turn.say("fewer_seats", seats=seats))
        return Go(WhoComes, many=answer).coming((HOLDER,))


class WhoComes(State):
    """The name of each who comes along, so that the hall's list names them; whoever cannot type it passes on."""

    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        next_one = len(of(turn)) + 1
        text = turn.say("who_comes", number=next_one, many=turn.answer("many"))
        return Screen(text, (turn.option("skip", "who_skip"),))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        before = of(turn)
        guest = _guest(answer, len(before) + 1)
        party = (*before, guest)
        if len(party) < about.number(turn, "many"):
            return Go(WhoComes).coming(party)
        return Go(_asked(turn)).coming(party)


class OtherName(State):
    """For a parent or a neighbour, from this phone: who is it?"""

    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("other_name"), (turn.option("skip", "who_skip"),))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        guest = _guest(answer, 1)
        return Go(OtherPhone, many="").coming((guest,))


class OtherPhone(State):
    """Their number, if they have one: from it they may ask for texts."""

    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(
            turn.say("other_phone"), (turn.option("none", "other_phone_none"),)
        )

    def answer(self, turn: Turn[Port], answer: str) -> Go | Again:
        guest = of(turn)[0]
        if answer != "none":
            try:
                guest = guest.replace(phone=mobile(answer))
            except NotAMobile:
                return Again(turn.say("other_phone_wrong"))
        return Go(_asked(turn)).coming((guest,))


class GuestBooked(State):
    """One of those it is for has a time already. The seats stay kept meanwhile: who else comes?"""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        what = "guests_booked" if turn.answer("many") else "guest_booked"
        again = turn.option("again", f"{what}_again")
        no = turn.option("no", "confirm_no")
        return Screen(turn.say(what), (again, no))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer != "again":
            turn.port.let_go()
            return Go.home()
        if turn.answer("many"):
            return Go(WhoComes).coming((HOLDER,))
        return Go(OtherName)


def _asked(turn: Turn[Reads]) -> type[State]:
    """What follows once it is known who comes: the time that was chosen, to confirm or to wait for; or the choice."""
    found = turn.port.slot(about.number(turn, "slot"))
    if found is None:
        return booking.PickEvent
    return booking.onward(turn, found)


def of_hold(hold: Hold) -> tuple[Guest, ...]:
    """For whom seats were kept: those named before the call dropped, the others by number."""
    named = hold.party or (HOLDER,)
    unnamed_ones = [
        Guest(number=number) for number in range(len(named) + 1, hold.places + 1)
    ]
    together = (*named, *unnamed_ones)
    return together[: hold.places]


def unnamed(many: int) -> tuple[Guest, ...]:
    """A party of which only the number is known."""
    along = [Guest(number=number) for number in range(2, many + 1)]
    return (HOLDER, *along)
