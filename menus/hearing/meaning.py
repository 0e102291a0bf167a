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
    """What the text is heard against: the lines open on that phone, the hamlets, the day (local) and the booking."""

    today: date
    lines: tuple[Line, ...] = ()
    hamlets: tuple[Line, ...] = ()
    booking: str = ""  # its code, if there is one
    reminded: bool = False  # the last text was a reminder of it
    commands: tuple[
        tuple[Intent, str], ...
    ] = ()  # lines of the open list that are requests themselves
    rating: bool = False  # the last text asked how it went, and nothing else is open
    promised: str = ""  # code of the seat that is offered to this phone or kept for it, while no list is open
    typed: bool = (
        False  # what is open takes a name, a phone, or whatever else was typed
    )
    asked: Asked = "none"  # what our last words to this phone were


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing to do (`word`), a line that was picked (PICK), something to ask about (ASK), or NOTHING to do."""

    word: Intent | Literal["PICK", "ASK", "NOTHING"]
    picked: str = ""
    code: str = ""
    hamlet: str = ""
    day: Day | None = None
    time: Clock | None = None
    score: int = 0  # of RATE: 1 to 5
    number: int = 0  # of SESSIONS: the two digits of one
    many: int = 0  # of BOOK: who come together, where it was said
    topic: str = ""  # of FACT: one of menus.topics, where one was named
    kind: str = ""  # of REQUEST: which; of OPINION anything where words follow
    perhaps: tuple[str, ...] = ()  # values of lines, or requests, between which to ask
    read: Label | None = (
        None  # what the reader read, where that is more than the rules did
    )
