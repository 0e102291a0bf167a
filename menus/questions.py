"""What is asked of a resident whom no register knows: hamlet, kind of phone, the IMEI if it is written down."""

from __future__ import annotations

import re
from typing import ClassVar, cast

from menus.core import Again, Answered, Go, Option, Screen, State, Turn
from menus.hearing.folding import words_of
from menus.hearing.places import named
from menus.port import Handset, Known, Port, Reads, Said, Source

TAC_LENGTH = 8
IMEI_LENGTH = 15
NAME_MOST = 40  # letters of a name typed on a keypad


def luhn(digits: str) -> bool:
    """Does the last digit check the others, as in an IMEI (3GPP TS 23.003, annex B)?"""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value *= 2
        total += value // 10 + value % 10
    return total % 10 == 0


def said(turn: Turn[Reads]) -> Said:
    """What was answered in this conversation."""
    handset = turn.answer("handset") or "unknown"
    imei = turn.answer("imei")
    if imei == "skipped":
        imei = ""
    return Said(hamlet=hamlet_answered(turn), handset=cast(Handset, handset), imei=imei)


def hamlet_answered(turn: Turn[Reads]) -> int | None:
    """The id of the hamlet that was named in this conversation."""
    hamlet = turn.answer("hamlet")
    return int(hamlet) if hamlet else None


def typed_name(answer: str) -> str:
    """A name as it was typed on a keypad, its letters alone; empty where it was skipped."""
    if answer == "skip":
        return ""
    letters = [
        letter if letter.isalpha() or letter in "'-." else " " for letter in answer
    ]
    name = " ".join("".join(letters).split())
    return name[:NAME_MOST]


def all_known(turn: Turn[Reads]) -> Known:
    """What the register and staff know, completed by what was answered in this conversation."""
    known = completed(turn.port.known(), said(turn))
    if known.handset == "unknown" and known.sources.get("imei") == "self":
        tac = known.imei[:TAC_LENGTH]
        known = known.replace(handset=turn.port.handset_of(tac))
    return known


def completed(known: Known, by: Said) -> Known:
    """Whatever is not known is as the resident says; their last word on the phone goes for an earlier one."""
    new: dict[str, object] = {}
    if known.hamlet is None and by.hamlet:
        new["hamlet"] = by.hamlet
    if known.sources.get("handset", "self") == "self" and by.handset != "unknown":
        new["handset"] = by.handset
    if known.sources.get("imei", "self") == "self" and by.imei:
        new["imei"] = by.imei
    if not new:
        return known
    sources: dict[str, Source] = dict(known.sources)
    for name in new:
        sources[name] = "self"
    return known.replace(**new, sources=sources)


class AskHamlet(State):
    """Which hamlet is home: asked once in a conversation."""

    asks = True

    def show(self, turn: Turn[Reads]) -> Screen:
        hamlets = [
            Option(str(hamlet.id), hamlet.name) for hamlet in turn.port.hamlets()
        ]
        if turn.session.channel != "sms" or not hamlets:
            return Screen(turn.say("ask_hamlet"), tuple(hamlets))
        text = turn.say("ask_hamlet_sms", example=hamlets[0].label)
        return Screen(text, tuple(hamlets), by_name=True)

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(hamlet=answer)


class NameHamlet(State):
    """Which hamlet, by text: its name is texted, for the list of all would be two texts. Whoever does not know passes
    on; what is no hamlet's name brings the list.
    """

    asks = True
    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "name_hamlet_of_other" if turn.answer("whose") else "name_hamlet"
        return Screen(turn.say(sentence), turn.options("name_hamlet", ("list", "skip")))

    def answer(self, turn: Turn[Port], answer: str) -> Answered | Go:
        if answer == "list":
            return Go(AskHamlet)
        if answer == "skip":
            return Answered(no_hamlet="yes")
        found = hamlet_named(turn)
        if not found:
            return Go(AskHamlet)
        return Answered(hamlet=found)


def hamlet_named(turn: Turn[Reads]) -> str:
    """The one hamlet that is named in what was just heard; empty where none is, or several may be meant."""
    places = [
        (str(hamlet.id), (hamlet.name, *hamlet.aliases))
        for hamlet in turn.port.hamlets()
    ]
    found = named(words_of(turn.heard), places)
    return found[0] if len(found) == 1 else ""


def ask_hamlet(turn: Turn[Reads]) -> Go:
    """To the question for the hamlet: by text its name, in a call the list."""
    return Go(NameHamlet if turn.session.channel == "sms" else AskHamlet)


def is_placed(turn: Turn[Reads]) -> bool:
    """Is it known where it is, or was it said that nobody knows?"""
    said_so = turn.answer("place") or turn.answer("no_hamlet") or hamlet_answered(turn)
    return bool(said_so) or turn.port.known().hamlet is not None


class AskHandset(State):
    """What kind of phone. "4G" alone does not say VoLTE: that is for staff to see."""

    asks = True
    KINDS: ClassVar = {
        "2g": "2g",
        "3g": "3g",
        "4g": "4g_no_volte",
        "unknown": "unknown",
    }

    def show(self, turn: Turn[Reads]) -> Screen:
        options = [
            turn.option(kind, f"handset_{label}") for label, kind in self.KINDS.items()
        ]
        return Screen(turn.say("ask_handset"), tuple(options))

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(handset=answer)


class AskImei(State):
    """The IMEI, if it is written down: its first digits may name the handset. Can be skipped."""

    asks = True
    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        skip = turn.option("skipped", "imei_skip")
        return Screen(turn.say("ask_imei"), (skip,))

    def answer(self, turn: Turn[Port], answer: str) -> Answered | Again:
        if answer == "skipped":
            return Answered(imei=answer)
        digits = re.sub(r"[^0-9]", "", answer)
        if len(digits) == IMEI_LENGTH and luhn(digits):
            return Answered(imei=digits)
        return Again(turn.say("imei_wrong"))
