"""The map of the service: every state a resident can be in, and what each keyword of a text does."""

from __future__ import annotations

from menus import booking, calling, eligibility, hearing, home, questions
from menus.core import Command, Go, Menu, State, Turn
from menus.desk import Desk


def _to(state: type[State]) -> Command:
    def go(turn: Turn[Desk], code: str) -> Go:
        return Go(state)

    return go


COMMANDS: dict[hearing.Word, Command] = {
    "CHECK": _to(eligibility.Eligibility),
    "BOOK": booking.book,
    "MINE": booking.mine,
    "CANCEL": booking.cancel,
    "CHANGE": booking.change,
    "CALL": _to(calling.CallMe),
    "HELP": _to(home.Help),
    "LANGUAGE": _to(home.Language),
    "STOP_ADVERTS": home.stop_adverts,
    "STOP_ALL": home.stop_all,
    "START": home.start_again,
}


# Printed on leaflets as *code*2# and the like: they keep their meaning whatever becomes of the menus.
PUBLIC_NUMBERS: dict[str, Command] = {
    "1": COMMANDS["CHECK"],
    "2": COMMANDS["BOOK"],
    "3": COMMANDS["MINE"],
    "4": COMMANDS["CALL"],
    "5": COMMANDS["HELP"],
    "6": COMMANDS["LANGUAGE"],
}


def _command(text: str) -> tuple[Command, str] | None:
    said = hearing.command(text)
    return (COMMANDS[said.word], said.code) if said else None


MENU = Menu(
    (
        home.Home,
        home.WelcomeBack,
        home.Help,
        home.HelpWords,
        home.Language,
        home.Told,
        calling.CallMe,
        calling.CallAsked,
        questions.AskHamlet,
        questions.AskHandset,
        questions.AskImei,
        eligibility.Eligibility,
        eligibility.Result,
        booking.PickEvent,
        booking.PickSlot,
        booking.Confirm,
        booking.Booked,
        booking.MyBooking,
        booking.ConfirmMove,
        booking.Moved,
        booking.ConfirmCancel,
        booking.Cancelled,
        booking.Kept,
    ),
    home=home.Home,
    welcome_back=home.WelcomeBack,
    number=hearing.number,
    command=_command,
    public=PUBLIC_NUMBERS,
)
