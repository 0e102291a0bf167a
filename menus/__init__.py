"""The map of the service: every state a resident can be in, and what each keyword of a text does."""

from __future__ import annotations

from menus import (
    adverts,
    calling,
    eligibility,
    hearing,
    home,
    howto,
    information,
    occasions,
    questions,
    rating,
    told,
)
from menus.appointments import booking, mine, party, waits
from menus.core import Menu
from menus.hearing import Intent

# Printed on leaflets as *code*2# and the like: they keep their meaning whatever becomes of the menus.
PUBLIC_NUMBERS: dict[str, Intent] = {
    "1": "CHECK",
    "2": "BOOK",
    "3": "MINE",
    "4": "CALL",
    "5": "HELP",
    "6": "LANGUAGE",
    "7": "FACT",
    "8": "SESSIONS",
}

MENU = Menu(
    (
        home.Home,
        home.WelcomeBack,
        home.Help,
        home.HelpWords,
        home.Language,
        told.Told,
        home.Unclear,
        adverts.Offers,
        howto.HowTo,
        howto.HowToTold,
        occasions.Occasions,
        occasions.OccasionTold,
        information.Questions,
        information.Fact,
        rating.AskScore,
        rating.Rated,
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
        party.HowMany,
        party.WhoComes,
        party.OtherName,
        party.OtherPhone,
        party.GuestBooked,
        waits.AskWait,
        waits.Joined,
        waits.Waiting,
        waits.Offered,
        waits.OfferGone,
        waits.Left,
        mine.MyBooking,
        mine.ConfirmMove,
        mine.Moved,
        mine.ConfirmCancel,
        mine.Cancelled,
        mine.Coming,
        mine.Kept,
    ),
    home=home.Home,
    welcome_back=home.WelcomeBack,
    unclear=home.Unclear,
    number=hearing.number,
    hear=hearing.hear,
    commands=home.COMMANDS,
    public=PUBLIC_NUMBERS,
)
