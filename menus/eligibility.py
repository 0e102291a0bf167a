"""Who may swap: the rule as one plain function over facts and dated scheme data, and
how its answer is told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from menus.appointments.booking import PickEvent
from menus.calling import CallMe
from menus.core import Go, Screen, State, Turn
from menus.days import short_day, today
from menus.port import Handset, Known, Poor, Port, Reads, Scheme
from menus.questions import AskHamlet, AskHandset, AskImei, all_known

Answer = Literal["likely", "no", "check"]
MODERN: frozenset[Handset] = frozenset({"4g_volte", "4g_no_volte"})
# Who is poor enough, by what the scheme asks.
POOR_ENOUGH: dict[Poor | Literal["any"], tuple[Poor, ...]] = {
    "any": ("yes", "near", "no"),
    "near": ("yes", "near"),
    "yes": ("yes",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer; `why` is a sentence key when it is no; `certificate` when a poor-list
    paper must be brought.
    """

    answer: Answer
    why: str = ""
    certificate: bool = False


def verdict(known: Known, scheme: Scheme | None, day: date) -> Verdict:
    """Is a swap likely under this scheme on this local day? Never a promise: staff
    decide on sight.

    A certain bar is said first; anything unknown that could be one makes it "needs
    checking".
    """
    if scheme is None:
        return Verdict("no", "why_none")
    why = _bar(known, scheme, day)
    if why:
        return Verdict("no", why)
    # What only the resident said is believed for the answer, and looked at in the hall.
    answer: Answer = "check" if _unsure(known, scheme) else "likely"
    return Verdict(answer, certificate=scheme.poor != "any")


def _unsure(known: Known, scheme: Scheme) -> bool:
    """Is anything unknown that the scheme asks about?"""
    if known.handset == "unknown" or known.hamlet is None:
        return True
    if scheme.sims is not None and known.sim == "unknown":
        return True
    return scheme.poor != "any" and known.poor == "unknown"


def _bar(known: Known, scheme: Scheme, day: date) -> str:
    """The key of the first certain reason against it; empty where there is none."""
    if day < scheme.opens:
        return "why_not_open"
    if day > scheme.closes:
        return "why_closed"
    if scheme.left is not None and scheme.left <= 0:
        return "why_stock"
    if known.helped:
        return "why_helped"
    if scheme.one_per_household and known.household_helped:
        return "why_household"
    if _is_outside(known.hamlet, scheme.hamlets):
        return "why_hamlet"
    if _is_outside(known.handset, scheme.handsets):
        return "why_handset" if known.handset in MODERN else "why_handset_kind"
    if _is_outside(known.sim, scheme.sims):
        return "why_sim"
    if _is_outside(known.poor, POOR_ENOUGH[scheme.poor]):
        return "why_poor"
    return ""


def _is_outside(
    fact: int | str | None, asked_for: Collection[int | str] | None
) -> bool:
    """Is it known, and none of what the scheme asks for? Some schemes do not ask
    (None).
    """
    if asked_for is None or fact in (None, "unknown"):
        return False
    return fact not in asked_for


class Eligibility(State):
    """The next question still open, or the answer. Shows nothing of its own."""

    def show(self, turn: Turn[Reads]) -> Go:
        known = all_known(turn)
        if known.hamlet is None:
            return Go(AskHamlet)
        if known.handset != "unknown":
            return Go(Result)
        if not turn.answer("handset"):
            return Go(AskHandset)
        if not turn.answer("imei"):
            return Go(AskImei)
        return Go(Result)


class Result(State):
    """Likely, not under this scheme, or needs checking; and what to do now."""

    unfinished = False

    def show(self, turn: Turn[Reads]) -> Screen:
        scheme = turn.port.scheme()
        known = all_known(turn)
        day = today(turn.now)
        given = verdict(known, scheme, day)
        if given.answer == "no":
            text = self._refusal(turn, scheme, given.why)
            book = turn.option("book", "verdict_book_ask")
        else:
            text = self._hope(turn, scheme, given)
            book = turn.option("book", "verdict_book")
        call = turn.option("call", "verdict_call")
        return Screen(text, (book, call))

    @staticmethod
    def _refusal(turn: Turn[Reads], scheme: Scheme | None, why: str) -> str:
        """Not under this scheme, and why; with the day on which it opens or has closed."""
        day = ""
        if scheme:
            turns = scheme.opens if why == "why_not_open" else scheme.closes
            day = short_day(turns, turn.session.language)
        reason = turn.say(why, day=day)
        return turn.say("verdict_no", why=reason)

    @staticmethod
    def _hope(turn: Turn[Reads], scheme: Scheme | None, given: Verdict) -> str:
        """Likely, or to be checked; and what to bring."""
        bring = scheme.bring[turn.session.language] if scheme else ""
        if given.certificate:
            bring = turn.say("bring_poor", bring=bring)
        return turn.say(f"verdict_{given.answer}", bring=bring)

    def answer(self, turn: Turn[Port], answer: str) -> Go:
        if answer == "book":
            return Go(PickEvent, moving="", note="")
        return Go(CallMe)
