"""Texts that we start: which words say what about which booking. Rendered when a text is claimed, not when posted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from menus import words as wording
from menus.days import DAY_BEGINS, DAY_ENDS, at_local, elder_time, local

Kind = Literal[
    "booked", "moved", "cancelled", "held", "offer", "unserved", "passed", "wait_moved", "wait_again",
    "event_moved", "event_cancelled", "event_choice", "slot_choice", "reminder_1d", "reminder_0d", "missed",
    "missed_none", "rate", "rate_visit", "face_1d", "face_25d", "howto_calls", "howto_data", "howto_battery",
    "howto_fraud", "desk_moved", "desk_cancelled", "consent_advert", "advert_agreed", "broadcast", "broadcast_test",
    "broadcast_copy", "broadcast_staff",
    "request_done", "request_declined", "request_erased", "opinion_answered",
]  # fmt: skip
Class = Literal["reply", "notice", "reminder", "advert"]

# Class and priority (lower goes first). An answer to what the resident just did goes at any hour.
KINDS: dict[Kind, tuple[Class, int]] = {
    "booked": ("reply", 1),
    "moved": ("reply", 1),
    "cancelled": ("reply", 1),
    "held": ("reply", 1),
    "offer": ("notice", 2),
    "unserved": ("notice", 2),
    "passed": ("notice", 2),
    "wait_moved": ("notice", 2),
    "wait_again": ("notice", 2),
    "event_cancelled": ("notice", 2),
    "event_moved": ("notice", 2),
    "event_choice": ("notice", 2),
    "slot_choice": ("notice", 2),
    "desk_moved": (
        "notice",
        2,
    ),  # by staff: the resident did not just press a key, and may be asleep
    "desk_cancelled": ("notice", 2),
    "reminder_0d": ("reminder", 3),
    "reminder_1d": ("reminder", 4),
    "missed": ("notice", 5),
    "missed_none": (
        "notice",
        5,
    ),  # never posted: what `missed` says where no other event has seats
    "face_1d": ("notice", 4),
    "face_25d": ("notice", 4),
    "rate": ("notice", 6),
    "rate_visit": (
        "notice",
        6,
    ),  # never posted: what `rate` says of a visit that was for no swap
    # Not an advert yet: no [QC], none of its three a day. Kept back like one all the same (db/texts/stops.py).
    "consent_advert": ("notice", 6),
    "advert_agreed": ("reply", 1),
    "howto_calls": ("reply", 1),
    "howto_data": ("reply", 1),
    "howto_battery": ("reply", 1),
    "howto_fraud": ("reply", 1),
    # What somebody asked for or said: it ended, it is answered. After an erasure only an answer may still go.
    "request_done": ("notice", 4),
    "request_declined": ("notice", 4),
    "request_erased": ("reply", 1),
    "opinion_answered": ("notice", 5),
    "broadcast": (
        "notice",
        7,
    ),  # or `advert`, as its firing says; after all that concerns one person alone
    "broadcast_test": ("reply", 1),  # to whoever wrote it, who waits for it
    "broadcast_copy": ("reply", 8),  # of an advert, to the authority
    "broadcast_staff": ("notice", 7),  # to staff, about an event
}
# The booking must still be this when the text goes; the others speak of what is over whatever came later.
STANDS: dict[Kind, str] = {
    **dict.fromkeys(
        ("booked", "moved", "desk_moved", "event_moved", "reminder_1d", "reminder_0d"),
        "booked",
    ),
    "held": "held",
    "offer": "offered",
    "unserved": "unserved",
    "passed": "passed",
    "wait_moved": "waiting",
    "wait_again": "waiting",
    "missed": "missed",
    "rate": "attended",
}
# That the resident's own booked day was cancelled or moved by the commune. The confirmation of a full stop names it as
# what still comes.
OF_OWN_DAY: frozenset[Kind] = frozenset(
    {
        "event_cancelled",
        "event_moved",
        "event_choice",
        "slot_choice",
        "desk_moved",
        "desk_cancelled",
    }
)
# About what they had; the seat that is kept for their answer is looked up when the text goes.
CHOICES: frozenset[Kind] = frozenset({"event_choice", "slot_choice"})
# Of what is no swap these say what it is.
NAMES_WHAT_IS_HELD: frozenset[Kind] = frozenset(
    {"booked", "moved", "reminder_1d", "reminder_0d"}
)
ASKS_FOR_ADVERTS: Kind = "consent_advert"  # once ever to a number
HOWTO: tuple[Kind, ...] = (
    "howto_calls",
    "howto_data",
    "howto_battery",
    "howto_fraud",
)  # to whoever asked for it
FREE_WORDS: frozenset[Kind] = frozenset(
    {"broadcast", "broadcast_test", "broadcast_copy", "broadcast_staff"}
)  # what staff wrote, not a sentence of ours
ANSWERS: frozenset[Kind] = frozenset(
    {"request_done", "request_declined", "request_erased", "opinion_answered"}
)
OF_A_PERSON: frozenset[Kind] = frozenset(
    {"face_1d", "face_25d", "consent_advert", "advert_agreed", *HOWTO, *ANSWERS}
)  # of no booking

# What changes within three hours of its start is told from half past five, also to those who wait for a seat in it.
URGENT_FROM, URGENT = "05:30", timedelta(hours=3)
URGENT_KINDS = ("event_", "slot_", "desk_", "wait_moved")


def goes_at(kind: Kind, text_class: Class, starts: datetime, now: datetime) -> datetime:
    """When it may go, `now` or later (all aware UTC): a reply at any hour, others between seven and nine (domain 4).

    `starts` is when what it is about begins. Staff may book at any hour of the night: their confirmation is urgent
    only when it is made within three hours of the start, and not when dawn finds it so.
    """
    here = local(now)
    if text_class == "reply" or DAY_BEGINS <= here.hour < DAY_ENDS:
        return now
    morning = here.date()
    if here.hour >= DAY_ENDS:
        morning += timedelta(days=1)
    early = max(now, at_local(morning, URGENT_FROM))
    if early <= starts and _is_urgent(kind, starts, now, early):
        return early
    return at_local(morning, f"{DAY_BEGINS:02}:00")


def _is_urgent(kind: Kind, starts: datetime, now: datetime, early: datetime) -> bool:
    """Does it tell of a change so late that it cannot wait for the hours? `early` is when it could go at best."""
    if kind == "booked":
        return starts - now <= URGENT
    return kind.startswith(URGENT_KINDS) and starts - early <= URGENT


def hours_end(text_class: Class, now: datetime) -> datetime | None:
    """Until when a text that may go `now` may still be handed over (aware UTC); None: at any hour.

    What is urgent goes before the hours begin, and has until they end like the rest.
    """
    if text_class == "reply":
        return None
    return at_local(local(now).date(), f"{DAY_ENDS:02}:00") - timedelta(milliseconds=1)


def text(
    kind: Kind, language: str, *, starts: datetime | None = None, places: int = 1, name: str = "", held: str = "",
    **blanks: object,
) -> str:  # fmt: skip
    """The notice in words, with tone marks; `starts` is aware UTC, `places` how many people it is about, `name` who
    comes when it is not the phone's holder, `held` the event's kind where that is no swap. Folding is left to
    `fitting`.
    """
    when = elder_time(starts, language) if starts else ""
    many = ""
    if places > 1:
        many = " " + wording.say(language, "for_many", places=places)
    elif name:
        many = " " + wording.say(language, "for_one", name=name)
    if held and kind in NAMES_WHAT_IS_HELD:
        what = wording.say(language, f"kind_{held}")
        return wording.say(
            language, f"notice_{kind}_kind", time=when, many=many, kind=what, **blanks
        )
    return wording.say(language, f"notice_{kind}", time=when, many=many, **blanks)


def answer(
    kind: Kind, language: str, *, commune: str, number: int, what: str, words: str
) -> str:
    """One of ANSWERS, with tone marks: to the request of this kind (`what`) or the opinion with this number, in the
    words of staff. Without words it says only what became of it.
    """
    asked_for = wording.say(language, f"request_what_{what}") if what else ""
    said = wording.say(
        language, f"notice_{kind}", commune=commune, request=number, what=asked_for, words=words
    )  # fmt: skip
    return said.rstrip()
