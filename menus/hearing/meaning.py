"""What a text is heard against, and what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from menus.hearing.answers import Line
from menus.hearing.reader import Asked, Label
from menus.hearing.requests import Intent
from menus.hearing.when import Clock, Day


@dataclass(frozen=True, slots=True)
class Situation:
    """What the text is heard against: the lines open on that phone, the hamlets, the
    day (local) and the booking.
    """

    today: date
    lines: tuple[Line, ...] = ()
    hamlets: tuple[Line, ...] = ()
    booking: str = ""  # its code, if there is one
    reminded: bool = False  # the last text was a reminder of it
    commands: tuple[
        tuple[Intent, str], ...
    ] = ()  # lines of the open list that are requests themselves
    rating: bool = False  # the last text asked how it went, and nothing else is open
    # code of the seat that is offered to this phone or kept for it, while no list is
    # open
    promised: str = ""
    # code of the booking that the last text told a new time of
    moved: str = ""
    # what is open takes a name, a phone, or whatever else was typed
    typed: bool = False
    asked: Asked = "none"  # what our last words to this phone were
    waiting: str = ""  # the code of a place on a waiting list, if there is one
    booked_on: date | None = None  # the local day of the booking

    @property
    def questions(self) -> list[Intent]:
        """The requests that a yes to the open list would do."""
        return [word for word, value in self.commands if value == "yes"]

    def line_of(self, word: Intent) -> str:
        """The value of the open line that is this request itself; empty where none is."""
        return dict(self.commands).get(word, "")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing to do (`word`), a line that was picked (PICK), something to ask about
    (ASK), or NOTHING to do.
    """

    word: Intent | Literal["PICK", "ASK", "NOTHING"]
    picked: str = ""
    code: str = ""
    codes: tuple[str, ...] = ()  # of CANCEL: several bookings, asked about together
    every: bool = False  # of CANCEL: `hủy cả hai`
    hamlet: str = ""
    day: Day | None = None
    was: Day | None = None  # of CHANGE: the day it is moved away from
    time: Clock | None = None
    score: int = 0  # of RATE: 1 to 5
    # of SESSIONS: the two digits of one; of WITHDRAW and MINE: that of a request
    number: int = 0
    many: int = 0  # of BOOK: who come together, where it was said
    topic: str = ""  # of FACT: one of menus.topics, where one was named
    # of SESSIONS: of which kind, where that was said
    # of REQUEST, WITHDRAW, MINE, BOOK, CANCEL and CHANGE: which; of LOGGED: that it is right or wrong; of OPINION
    # anything where words follow
    kind: str = ""
    perhaps: tuple[str, ...] = ()  # values of lines, or requests, between which to ask
    # what the reader read, where that is more than the rules did
    read: Label | None = None
