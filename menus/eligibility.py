"""Who may swap: the rule as one plain function over facts and dated scheme data, and how its answer is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from menus.appointments.booking import PickEvent
from menus.calling import CallMe
from menus.core import Go, Option, Screen, State, Turn
from menus.days import short_day, today
from menus.port import Handset, Known, Port, Reads, Scheme
from menus.questions import AskHamlet, AskHandset, AskImei, all_known

Answer = Literal["likely", "no", "check"]
MODERN: frozenset[Handset] = frozenset({"4g_volte", "4g_no_volte"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer; `why` is a sentence key when it is no; `certificate` when a poor-list paper must be brought."""

    answer: Answer
    why: str = ""
    certificate: bool = False


def verdict(known: Known, scheme: Scheme | None, day: date) -> Verdict:
    """Is a swap likely under this scheme on this local day? Never a promise: staff decide on sight.

    A certain bar is said first; anything unknown that could be one makes it "needs checking".
    """
    if scheme is None:
        return Verdict("no", "why_none")
    if why := _bar(known, scheme, day):
        return Verdict("no", why)
    unsure = known.handset == "unknown" or known.hamlet is None or (scheme.sims is not None and known.sim == "unknown")
    unlisted = scheme.poor != "any" and known.poor == "unknown"
    # What only the resident said is believed for the answer, and looked at in the hall.
    return Verdict("check" if unsure or unlisted else "likely", certificate=scheme.poor != "any")


def _bar(known: Known, scheme: Scheme, day: date) -> str:
    poor_enough = {"any": ("yes", "near", "no"), "near": ("yes", "near"), "yes": ("yes",)}[scheme.poor]
    bars = (
        (day < scheme.opens, "why_not_open"),
        (day > scheme.closes, "why_closed"),
        (scheme.left is not None and scheme.left <= 0, "why_stock"),
        (known.helped, "why_helped"),
        (scheme.one_per_household and known.household_helped, "why_household"),
        (known.hamlet is not None and scheme.hamlets is not None and known.hamlet not in scheme.hamlets, "why_hamlet"),
        (known.handset in MODERN and known.handset not in scheme.handsets, "why_handset"),
        (known.handset != "unknown" and known.handset not in scheme.handsets, "why_handset_kind"),
        (known.sim != "unknown" and scheme.sims is not None and known.sim not in scheme.sims, "why_sim"),
        (known.poor not in poor_enough and known.poor != "unknown", "why_poor"),
    )
    return next((why for barred, why in bars if barred), "")


class Eligibility(State):
    """The next question still open, or the answer. Shows nothing of its own."""

    def show(self, turn: Turn[Reads]) -> Go:
        known = all_known(turn)
        if known.hamlet is None:
            return Go(AskHamlet)
        if known.handset == "unknown" and not turn.answer("handset"):
            return Go(AskHandset)
        if known.handset == "unknown" and not turn.answer("imei"):
            return Go(AskImei)
        return Go(Result)


class Result(State):
    """Likely, not under this scheme, or needs checking; and what to do now."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        scheme, language = turn.port.scheme(), turn.session.language
        given = verdict(all_known(turn), scheme, today(turn.now))
        bring = scheme.bring[language] if scheme else ""
        if given.certificate:
            bring = turn.say("bring_poor", bring=bring)
        if given.answer == "no":
            day = scheme and (scheme.opens if given.why == "why_not_open" else scheme.closes)
            why = turn.say(given.why, day=short_day(day, language) if day else "")
            text = turn.say("verdict_no", why=why)
        else:
            text = turn.say(f"verdict_{given.answer}", bring=bring)
        book = "verdict_book_ask" if given.answer == "no" else "verdict_book"
        return Screen(text, (Option("book", turn.say(book)), Option("call", turn.say("verdict_call"))))

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        return Go(PickEvent, moving="", note="") if answer == "book" else Go(CallMe)
