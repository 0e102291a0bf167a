"""Texts that we start: which words say what about which booking. Rendered when a text is claimed, not when posted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from menus import words
from menus.days import elder_time

Kind = Literal[
    "booked", "moved", "cancelled", "event_moved", "event_cancelled", "reminder_1d", "reminder_0d",
    "event_choice", "slot_choice",
]  # fmt: skip
Class = Literal["reply", "notice", "reminder", "advert"]

# Class and priority (lower goes first). An answer to what the resident just did goes at any hour.
KINDS: dict[Kind, tuple[Class, int]] = {
    "booked": ("reply", 1),
    "moved": ("reply", 1),
    "cancelled": ("reply", 1),
    "event_cancelled": ("notice", 2),
    "event_moved": ("notice", 2),
    "event_choice": ("notice", 2),
    "slot_choice": ("notice", 2),
    "reminder_0d": ("reminder", 3),
    "reminder_1d": ("reminder", 4),
}
# The booking must still be this when the text goes; the others speak of what is over whatever came later.
STANDS: dict[Kind, str] = dict.fromkeys(("booked", "moved", "event_moved", "reminder_1d", "reminder_0d"), "booked")
# About what they had; the seat that is kept for their answer is looked up when the text goes.
CHOICES: frozenset[Kind] = frozenset({"event_choice", "slot_choice"})
OF_A_PERSON: frozenset[Kind] = frozenset()  # of no booking


def text(kind: Kind, language: str, *, starts: datetime | None = None, places: int = 1, **blanks: object) -> str:
    """The notice in words, with tone marks; `starts` is aware UTC, `places` how many people it is about.

    Folding is left to `fitting`.
    """
    when = elder_time(starts, language) if starts else ""
    many = " " + words.say(language, "for_many", places=places) if places > 1 else ""
    return words.say(language, f"notice_{kind}", time=when, many=many, **blanks)
