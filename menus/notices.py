"""Texts that we start: which words say what about which booking. Rendered when a text is claimed, not when posted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from menus import words
from menus.days import elder_time

Kind = Literal["booked", "moved", "cancelled", "event_moved", "event_cancelled", "reminder_1d", "reminder_0d"]
Class = Literal["reply", "notice", "reminder", "advert"]

# Class and priority (lower goes first). An answer to what the resident just did goes at any hour.
KINDS: dict[Kind, tuple[Class, int]] = {
    "booked": ("reply", 1),
    "moved": ("reply", 1),
    "cancelled": ("reply", 1),
    "event_cancelled": ("notice", 2),
    "event_moved": ("notice", 2),
    "reminder_0d": ("reminder", 3),
    "reminder_1d": ("reminder", 4),
}
# These speak of a booking that still stands; the others of one that does not.
STANDING: frozenset[str] = frozenset({"booked", "moved", "event_moved", "reminder_1d", "reminder_0d"})


def text(
    kind: Kind, language: str, *, commune: str, number: str, starts: datetime, hall: str, code: str, bring: str
) -> str:
    """The notice in words, with tone marks; `starts` is aware UTC. Folding is left to `fitting`."""
    when = elder_time(starts, language)
    return words.say(
        language, f"notice_{kind}", commune=commune, number=number, time=when, hall=hall, code=code, bring=bring
    )
