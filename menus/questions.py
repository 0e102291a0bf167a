"""What is asked of a resident whom no register knows: hamlet, kind of phone, the IMEI if it is written down."""

from __future__ import annotations

from typing import ClassVar, cast

from menus.core import Again, Answered, Option, Screen, State, Turn
from menus.port import Handset, Known, Port, Reads, Said

TAC_LENGTH, IMEI_LENGTH = 8, 15


def luhn(digits: str) -> bool:
    """Does the last digit check the others, as in an IMEI (3GPP TS 23.003, annex B)?"""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def said(turn: Turn[Reads]) -> Said:
    """What was answered in this conversation."""
    hamlet, imei = turn.answer("hamlet"), turn.answer("imei")
    return Said(
        hamlet=int(hamlet) if hamlet else None,
        handset=cast(Handset, turn.answer("handset") or "unknown"),
        imei="" if imei == "skipped" else imei,
    )


def all_known(turn: Turn[Reads]) -> Known:
    """What the register and staff know, completed by what was answered in this conversation."""
    known = completed(turn.port.known(), said(turn))
    if known.handset == "unknown" and known.sources.get("imei") == "self":
        known = known.replace(handset=turn.port.handset_of(known.imei[:TAC_LENGTH]))
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
    return known.replace(**new, sources={**known.sources, **dict.fromkeys(new, "self")}) if new else known


class AskHamlet(State):
    """Which hamlet is home: asked once in a conversation."""

    asks = True

    def show(self, turn: Turn[Reads]) -> Screen:
        hamlets = tuple([Option(str(hamlet.id), hamlet.name) for hamlet in turn.port.hamlets()])
        return Screen(turn.say("ask_hamlet"), hamlets)

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(hamlet=answer)


class AskHandset(State):
    """What kind of phone. "4G" alone does not say VoLTE: that is for staff to see."""

    asks = True
    KINDS: ClassVar = {"2g": "2g", "3g": "3g", "4g": "4g_no_volte", "unknown": "unknown"}

    def show(self, turn: Turn[Reads]) -> Screen:
        options = [Option(kind, turn.say(f"handset_{label}")) for label, kind in self.KINDS.items()]
        return Screen(turn.say("ask_handset"), tuple(options))

    def answer(self, turn: Turn[Port], answer: str) -> Answered:
        return Answered(handset=answer)


class AskImei(State):
    """The IMEI, if it is written down: its first digits may name the handset. Can be skipped."""

    asks = True
    hears = True

    def show(self, turn: Turn[Reads]) -> Screen:
        return Screen(turn.say("ask_imei"), (Option("skipped", turn.say("imei_skip")),))

    def answer(self, turn: Turn[Port], answer: str) -> Answered | Again:
        if answer == "skipped":
            return Answered(imei=answer)
        digits = "".join(character for character in answer if character.isdigit() and character.isascii())
        if len(digits) == IMEI_LENGTH and luhn(digits):
            return Answered(imei=digits)
        return Again(turn.say("imei_wrong"))
