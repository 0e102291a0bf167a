"""What is said of a request or an opinion that stands: how it is, that it is taken back,
that only the commune may call. Heard before the rules and the reader: to either these
are a refusal of texts, an erasure, or talk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from menus import words
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning, Situation
from menus.port import Others

MOST_WORDS = 16  # who writes more has more in mind
# kinds of WITHDRAW, beside those of requests
OPINION = "opinion"
# the others who are not to call, by kind
NOT_BY: Mapping[str, Others] = {"not_operator": "operator", "not_school": "school"}
STANDS = "stands"  # of MINE: what was asked for, not what was booked

_ME = r"(?:toi|em|chau|ba|bac|ong|minh|me|bo|nha toi)"
_SHORT_FOR = {
    "{please}": (
        rf"(?:(?:da|vang|a|alo|oi|cho|xin|xa|can bo|hoi|thua|chao|muon|nho|thoi|thi|nay|{_ME}) )*"
    ),
    "{not}": r"(?<!khong )\b(?:khong|khg|ko|kg|k|hok|dung|khoi|thoi|ngung|cam|chang)",
    "{me}": _ME,
}
_CALLED: Mapping[Others, str] = {
    "operator": r"(?:viet ?tel|vietel|nha mang|dai ly)",
    "school": r"(?:nha truong|truong(?! thon))",
}
_NUMBER = re.compile(r"\b\d{1,5}\b")


def _pattern(phrases: Sequence[str], who: str = "") -> re.Pattern[str]:
    together = "|".join(f"(?:{phrase})" for phrase in phrases)
    for name, stands_for in _SHORT_FOR.items():
        together = together.replace(name, stands_for)
    return re.compile(together.replace("{who}", who))


_OPINION_BACK = _pattern(words.STANDING["opinion_back"])
_NOT_BY = {
    kind: _pattern(words.STANDING["not_by_others"], _CALLED[others])
    for kind, others in NOT_BY.items()
}
_COMMUNE_ALONE = _pattern(words.STANDING["commune_alone"])
_STANDS = _pattern(words.STANDING["stands"])
_WILL_CALL = _pattern(words.STANDING["will_call"])
_OTHERWISE = _pattern(words.STANDING["otherwise"])


def of_what_stands(written: str, now: Situation) -> Meaning | None:
    """What a text says of something that stands; none for all other texts."""
    said = words_of(written)
    if len(said.split()) > MOST_WORDS:
        return None
    if _STANDS.fullmatch(said) or _WILL_CALL.fullmatch(said):
        return Meaning("MINE", kind=STANDS, number=_number_in(said))
    if _OTHERWISE.search(said):
        return None
    if _OPINION_BACK.match(said):
        return Meaning("WITHDRAW", kind=OPINION, number=_number_in(said))
    return _by_the_commune(said, now)


def _by_the_commune(said: str, now: Situation) -> Meaning | None:
    """Others are not to call: a line of the open question, where it has one."""
    kind = _not_by(said)
    has_the_line = any(line.value == "commune" for line in now.lines)
    if has_the_line and (kind or _COMMUNE_ALONE.fullmatch(said)):
        return Meaning("PICK", picked="commune")
    return Meaning("WITHDRAW", kind=kind) if kind else None


def _not_by(said: str) -> str:
    """Who is not to call; empty where that is not said."""
    for kind, pattern in _NOT_BY.items():
        if pattern.search(said):
            return kind
    return ""


def _number_in(said: str) -> int:
    """0 where none was said."""
    found = _NUMBER.search(said)
    return int(found[0]) if found else 0
