"""What is asked of a resident whom no register knows: hamlet, kind of phone, the IMEI
if it is written down.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, cast

from menus.core import Again, Answered, Go, Option, Screen, State, Turn
from menus.hearing import Line
from menus.hearing.particulars import hamlet_in
from menus.port import Handset, Known, Port, Reads, Said, Source
from menus.screens import offering

TAC_LENGTH = 8
IMEI_LENGTH = 15
NAME_MOST = 60  # letters of a name typed on a keypad


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
    hamlet = hamlet_answered(turn)
    handset = cast(Handset, turn.answer("handset") or "unknown")
    imei = turn.answer("imei")
    if imei == "skipped":
        imei = ""
    return Said(hamlet, handset, imei)


def hamlet_answered(turn: Turn[Reads]) -> int | None:
    """The id of the hamlet that was named in this conversation."""
    hamlet = turn.answer("hamlet")
    return int(hamlet) if hamlet else None


def typed_name(answer: str) -> str:
    """A name as it was typed on a keypad, its letters alone; empty where it was
    skipped.
    """
    if answer == "skip":
        return ""
    letters = [letter if _is_of_a_name(letter) else " " for letter in answer]
    names = "".join(letters).split()
    return _whole_words(names, NAME_MOST)


def _whole_words(words: Sequence[str], most: int) -> str:
    """As many as have room in so many letters; of one too long word its beginning."""
    kept = words[0][:most] if words else ""
    for word in words[1:]:
        if len(kept) + len(word) >= most:
            break
        kept = f"{kept} {word}"
    return kept


def _is_of_a_name(letter: str) -> bool:
    return letter.isalpha() or letter in "'-."


def has_letters(written: str) -> bool:
    """Is anything in it that words are made of?"""
    return any(letter.isalpha() for letter in written)


def all_known(turn: Turn[Reads]) -> Known:
    """What the register and staff know, completed by what was answered in this
    conversation.
    """
    before = turn.port.known()
    known = completed(before, said(turn))
    if known.handset != "unknown":
        return known
    if known.sources.get("imei") != "self":
        return known
    tac = known.imei[:TAC_LENGTH]
    handset = turn.port.handset_of(tac)
    return known.replace(handset=handset)


def completed(known: Known, by: Said) -> Known:
    """Whatever is not known is as the resident says; their last word on the phone goes
    for an earlier one.
    """
    new: dict[str, object] = {}
    if by.hamlet and known.hamlet is None:
        new["hamlet"] = by.hamlet
    if by.handset != "unknown" and _only_they_know(known, "handset"):
        new["handset"] = by.handset
    if by.imei and _only_they_know(known, "imei"):
        new["imei"] = by.imei
    if not new:
        return known
    sources: dict[str, Source] = dict(known.sources)
    for name in new:
        sources[name] = "self"
    return known.replace(**new, sources=sources)


def _only_they_know(known: Known, fact: str) -> bool:
    """Does it stand on the word of the resident alone, if at all?"""
    source = known.sources.get(fact, "self")
    return source == "self"


class AskHamlet(State):
    """Which hamlet is home: asked once in a conversation."""

    asks = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        hamlets = turn.port.hamlets()
        lines = tuple([Option(str(hamlet.id), hamlet.name) for hamlet in hamlets])
        if not turn.session.by_text or not hamlets:
            text = turn.say("ask_hamlet")
            return Screen(text, lines)
        text = turn.say("ask_hamlet_sms", example=hamlets[0].name)
        return Screen(text, lines, by_name=True)

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(hamlet=answer)


class NameHamlet(State):
    """Which hamlet, by text: its name is texted, for the list of all would be two
    texts. Whoever does not know passes on; what is no hamlet's name brings the list.
    """

    asks = True
    hears = True
    may_be_left = True

    def show(self, turn: Turn[Reads]) -> Screen:
        sentence = "name_hamlet_of_other" if turn.answer("whose") else "name_hamlet"
        text = turn.say(sentence)
        lines = turn.options("name_hamlet", ("list", "skip"))
        return Screen(text, lines)

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
    """The one hamlet that is named in what was just heard; empty where none is, or
    several may be meant.
    """
    hamlets = turn.port.hamlets()
    lines = [Line(str(hamlet.id), hamlet.name, hamlet.aliases) for hamlet in hamlets]
    return hamlet_in(turn.heard, tuple(lines))


def ask_hamlet(turn: Turn[Reads]) -> Go:
    """To the question for the hamlet: by text its name, in a call the list."""
    return Go(NameHamlet if turn.session.by_text else AskHamlet)


def is_placed(turn: Turn[Reads]) -> bool:
    """Is it known where it is, or was it said that nobody knows?"""
    if turn.answer("place") or turn.answer("no_hamlet"):
        return True
    if hamlet_answered(turn):
        return True
    return turn.port.known().hamlet is not None


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
        text = turn.say("ask_handset")
        lines: list[Option] = []
        for label, kind in self.KINDS.items():
            line = turn.option(kind, f"handset_{label}")
            lines.append(line)
        return Screen(text, tuple(lines))

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(handset=answer)


class AskImei(State):
    """The IMEI, if it is written down: its first digits may name the handset. Can be
    skipped.
    """

    asks = True
    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        skip = turn.option("skipped", "imei_skip")
        return offering(turn, "ask_imei", skip)

    def answer(self, turn: Turn[Port], answer: str) -> Answered | Again:
        if answer == "skipped":
            return Answered(imei=answer)
        digits = re.sub(r"[^0-9]", "", answer)
        if len(digits) == IMEI_LENGTH and luhn(digits):
            return Answered(imei=digits)
        reason = turn.say("imei_wrong")
        return Again(reason)
