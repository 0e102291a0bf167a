"""Texts that we start: which words say what about which booking. Rendered when a text
is claimed, not when posted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from menus import words as wording
from menus.days import (
    DAY_BEGINS,
    DAY_ENDS,
    at_local,
    elder_time,
    local,
    short_time,
    today,
)
from menus.fitting import ONE_PART, cost, fits, fold

Kind = Literal[
    "booked",
    "moved",
    "cancelled",
    "held",
    "offer",
    "unserved",
    "passed",
    "wait_moved",
    "wait_again",
    "event_moved",
    "event_cancelled",
    "event_choice",
    "slot_choice",
    "invited_moved",
    "invited_cancelled",
    "reminder_1d",
    "reminder_0d",
    "missed",
    "missed_none",
    "rate",
    "rate_visit",
    "face_1d",
    "face_25d",
    "howto_calls",
    "howto_data",
    "howto_battery",
    "howto_fraud",
    "desk_moved",
    "desk_cancelled",
    "consent_advert",
    "advert_agreed",
    "broadcast",
    "broadcast_test",
    "broadcast_copy",
    "broadcast_staff",
    "request_done",
    "request_declined",
    "request_erased",
    "opinion_answered",
    "text_answered",
    "logged",
]
Class = Literal["reply", "notice", "reminder", "advert"]

# Class and priority (lower goes first). An answer to what the resident just did goes at
# any hour.
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
    # to whoever was invited by text and has no seat
    "invited_moved": ("notice", 3),
    "invited_cancelled": ("notice", 3),
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
    # what staff logged for somebody on one day: is it right?
    "logged": ("notice", 5),
    # Not an advert yet: no [QC], none of its three a day. Kept back like one all the
    # same (db/texts/stops.py).
    "consent_advert": ("notice", 6),
    "advert_agreed": ("reply", 1),
    "howto_calls": ("reply", 1),
    "howto_data": ("reply", 1),
    "howto_battery": ("reply", 1),
    "howto_fraud": ("reply", 1),
    # What somebody asked for or said: it ended, it is answered. After an erasure only
    # an answer may still go.
    "request_done": ("notice", 4),
    "request_declined": ("notice", 4),
    "request_erased": ("reply", 1),
    "opinion_answered": ("notice", 5),
    # to whoever wrote what no menu could read, known or not; it is posted for the day
    "text_answered": ("reply", 1),
    "broadcast": (
        "notice",
        7,
    ),  # or `advert`, as its firing says; after all that concerns one person alone
    "broadcast_test": ("reply", 1),  # to whoever wrote it, who waits for it
    "broadcast_copy": ("reply", 8),  # of an advert, to the authority
    "broadcast_staff": ("notice", 7),  # to staff, about an event
}
# The booking must still be this when the text goes; the others speak of what is over
# whatever came later.
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
# That the resident's own booked day was cancelled or moved by the commune. The
# confirmation of a full stop names it as what still comes.
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
# About what they had; the seat that is kept for their answer is looked up when the text
# goes.
CHOICES: frozenset[Kind] = frozenset({"event_choice", "slot_choice"})
# Of what is no swap these say what it is.
NAMES_WHAT_IS_HELD: frozenset[Kind] = frozenset(
    {"booked", "moved", "reminder_1d", "reminder_0d"}
)
ASKS_FOR_ADVERTS: Kind = "consent_advert"  # once ever to a number
# to whoever asked for it
HOWTO: tuple[Kind, ...] = (
    "howto_calls",
    "howto_data",
    "howto_battery",
    "howto_fraud",
)
# what staff wrote, not a sentence of ours
FREE_WORDS: frozenset[Kind] = frozenset(
    {"broadcast", "broadcast_test", "broadcast_copy", "broadcast_staff"}
)
ANSWERS: frozenset[Kind] = frozenset(
    {
        "request_done",
        "request_declined",
        "request_erased",
        "opinion_answered",
        "text_answered",
    }
)
# of no booking
OF_A_PERSON: frozenset[Kind] = frozenset(
    {
        "face_1d",
        "face_25d",
        "consent_advert",
        "advert_agreed",
        "logged",
        "invited_moved",
        "invited_cancelled",
        *HOWTO,
        *ANSWERS,
    }
)

# What changes within three hours of its start is told from half past five, also to
# those who wait for a seat in it.
URGENT_FROM, URGENT = "05:30", timedelta(hours=3)
URGENT_KINDS = ("event_", "slot_", "desk_", "wait_moved")
_HOURS_BEGIN, _HOURS_END = f"{DAY_BEGINS:02}:00", f"{DAY_ENDS:02}:00"


def goes_at(kind: Kind, text_class: Class, starts: datetime, now: datetime) -> datetime:
    """When it may go, `now` or later (all aware UTC): a reply at any hour, others
    between seven and nine (domain 4).

    `starts` is when what it is about begins. Staff may book at any hour of the night:
    their confirmation is urgent only when it is made within three hours of the start,
    and not when dawn finds it so.
    """
    here = local(now)
    if text_class == "reply" or DAY_BEGINS <= here.hour < DAY_ENDS:
        return now
    morning = here.date()
    if here.hour >= DAY_ENDS:
        morning += timedelta(days=1)
    dawn = at_local(morning, URGENT_FROM)
    early = max(now, dawn)
    if early <= starts and _is_urgent(kind, starts, now, early):
        return early
    return at_local(morning, _HOURS_BEGIN)


def _is_urgent(kind: Kind, starts: datetime, now: datetime, early: datetime) -> bool:
    """Does it tell of a change so late that it cannot wait for the hours? `early` is
    when it could go at best.
    """
    if kind == "booked":
        return starts - now <= URGENT
    if not kind.startswith(URGENT_KINDS):
        return False
    return starts - early <= URGENT


def hours_end(text_class: Class, now: datetime) -> datetime | None:
    """Until when a text that may go `now` may still be handed over (aware UTC); None:
    at any hour.

    What is urgent goes before the hours begin, and has until they end like the rest.
    """
    if text_class == "reply":
        return None
    ends = at_local(today(now), _HOURS_END)
    return ends - timedelta(milliseconds=1)


def text(
    kind: Kind,
    language: str,
    *,
    starts: datetime | None = None,
    places: int = 1,
    name: str = "",
    held: str = "",
    **blanks: object,
) -> str:
    """The notice in words, with tone marks; `starts` is aware UTC, `places` how many
    people it is about, `name` who comes when it is not the phone's holder, `held` the
    event's kind where that is no swap. Folding is left to `fitting`.

    What without tone marks would be two parts is shortened until it is one: first the
    name to the given one, then the hour to that of a clock.
    """
    sentence = f"notice_{kind}"
    if held and kind in NAMES_WHAT_IS_HELD:
        sentence = f"notice_{kind}_kind"
        blanks["kind"] = wording.say(language, f"kind_{held}")
    given = name.rpartition(" ")[2]
    said = ""
    for time_of, whose in (
        (elder_time, name),
        (elder_time, given),
        (short_time, given),
    ):
        when = time_of(starts, language) if starts else ""
        many = for_whom(language, places, whose)
        said = wording.say(language, sentence, time=when, many=many, **blanks)
        if fits(fold(said), ONE_PART):
            break
    return said


def for_whom(language: str, places: int, name: str) -> str:
    """` cho 3 người`, ` cho Lý Thị Mẫu`, or nothing for the holder of the phone alone."""
    if places > 1:
        many = wording.say(language, "for_many", places=places)
        return f" {many}"
    if name:
        one = wording.say(language, "for_one", name=name)
        return f" {one}"
    return ""


class Answered(NamedTuple):
    """What one of ANSWERS is about: an opinion, or a request of some kind. `whose`: for
    whom it was asked, where that is another; `shop`: where its QR is by now.
    """

    number: int
    words: str  # of staff; without them it says only what became of it
    what: str = ""  # the kind of request; empty for an opinion
    whose: str = ""
    shop: str = ""


def answer(kind: Kind, language: str, about: Answered, *, commune: str) -> str:
    """One of ANSWERS, with tone marks. For whom, and at which shop, it says as far as
    that is still one part.
    """
    fullest = _answer(kind, language, about, commune)
    if _is_one_part(fullest):
        return fullest
    without_whose = about._replace(whose="")
    without_shop = about._replace(shop="")
    neither = about._replace(whose="", shop="")
    for shorter in (without_whose, without_shop):
        said = _answer(kind, language, shorter, commune)
        if _is_one_part(said):
            return said
    return _answer(kind, language, neither, commune)


def _is_one_part(said: str) -> bool:
    return cost(fold(said)).parts == 1


def _answer(kind: Kind, language: str, about: Answered, commune: str) -> str:
    what = _what(kind, language, about) if about.what else ""
    said = wording.say(
        language,
        f"notice_{kind}",
        commune=commune,
        request=about.number,
        what=what,
        words=about.words,
    )
    return said.rstrip()


def _what(kind: Kind, language: str, about: Answered) -> str:
    """What was done, or was asked for in vain: `đã gắn mã QR ở Tạp hóa Hoa`."""
    sentence = f"request_what_{about.what}"
    if kind == "request_done":
        sentence = f"request_did_{about.what}"
    if about.shop and kind == "request_done":
        sentence = f"{sentence}_at"
    what = wording.say(language, sentence, shop=about.shop)
    if not about.whose:
        return what
    return wording.say(language, "request_for_whom", what=what, whose=about.whose)
