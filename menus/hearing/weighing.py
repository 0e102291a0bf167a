"""The rules and the reader together: what binds is done where both read it; where they differ, it is asked.

A rule may be weak where the reader is sure: words that lean to a yes, nothing that doubts a coming. Of what only asks
or tells (a list of days, a fact, "staff will read this") and of a no that gives nothing away the reader decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

from menus.hearing.answers import Line, picked_loosely
from menus.hearing.assent import doubts, leans_to_yes
from menus.hearing.folding import number, said_alone, words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.reader import LIKELY, SURE, Asked, Label, Reading, read
from menus.hearing.requests import Intent, is_quoted, requested, requests
from menus.hearing.rules import (
    asks_about_points,
    by_rules,
    can_come,
    details_of,
    refusal,
    thanks,
)

# What each request of the rules is called by the reader.
LABEL_OF: Mapping[Intent, Label] = {
    "CHECK": "check",
    "BOOK": "book",
    "MINE": "mine",
    "CANCEL": "cancel",
    "CHANGE": "change",
    "UNDO": "book",
    "COMING": "coming",
    "TAKE": "yes",
    "CALL": "call",
    "HELP": "help",
    "HOWTO": "help",
    "LANGUAGE": "language",
    "RATE": "pick",
    "STOP_ADVERTS": "stop_adverts",
    "STOP_REMINDERS": "stop_reminders",
    "STOP_ALL": "stop_all",
    "ADVERTS": "question",
    "ADVERTS_YES": "yes",
    "START": "start",
    "SESSIONS": "fact",
    "FACT": "fact",
    "BRING": "fact",
    "REQUEST": "request",
    "OPINION": "opinion",
}
# What is done at once, or binds: the rules and the reader must both have read it.
_ACTS: frozenset[Label] = frozenset(
    {
        "cancel",
        "change",
        "coming",
        "yes",
        "no",
        "stop_adverts",
        "stop_reminders",
        "stop_all",
        "start",
        "erase",
    }
)
# What only tells or asks: the reader's word is enough.
_TELLS: Mapping[Label, Intent] = {
    "check": "CHECK",
    "book": "BOOK",
    "mine": "MINE",
    "call": "CALL",
    "help": "HELP",
    "language": "LANGUAGE",
    "fact": "FACT",
    "request": "REQUEST",
}
# What to ask where only the reader read something that binds.
_BETWEEN: Mapping[Label, tuple[Intent, ...]] = {
    "cancel": ("CANCEL", "CHANGE"),
    "change": ("CHANGE", "CANCEL"),
    "coming": ("COMING", "CHANGE", "CANCEL"),
    "not_coming": ("CANCEL", "CHANGE"),
    "stop_adverts": ("STOP_ADVERTS", "STOP_ALL"),
    "stop_reminders": ("STOP_REMINDERS", "STOP_ALL"),
    "stop_all": ("STOP_ADVERTS", "STOP_ALL"),
    "start": ("START",),
}
# Narrow in the rules, and hardly ever in the labelled texts.
_KNOWN_BY_RULES: frozenset[str] = frozenset(
    {
        "UNDO",
        "HOWTO",
        "RATE",
        "SESSIONS",
        "REQUEST",
        "OPINION",
        "ADVERTS",
        "ADVERTS_YES",
        "BRING",
    }
)
# Where a number that only stands in a text is no answer: it may belong to a name (`Quảng Hồng I`, `thứ 3`), or a line
# would bind (`tôi đi 1 thôi` books nothing). There it is `số 1` or `chọn 1`.
_NUMBER_IS_SAID: frozenset[Asked] = frozenset(
    {
        "hamlets",
        "days",
        "times",
        "move",
        "confirm",
        "wait",
        "cancel",
        "stop",
        "offer",
        "consent",
    }
)
_NO_CHANGES_NOTHING: frozenset[Asked] = frozenset({"consent", "broadcast"})
_SCORES = [Line(str(score), str(score)) for score in range(1, 6)]
_NO_GIVES_UP: frozenset[Asked] = frozenset({"offer", "held"})  # there a no costs a seat
# Where the rules found one of these the reader must be rather sure of something else.
_TOLD_BY_RULES: frozenset[Label] = frozenset(
    {"fact", "request", "opinion", "check", "call", "help", "language", "mine"}
)
_NOT_AFTER_A_DENIAL: frozenset[Label] = frozenset({*_BETWEEN, *_TELLS, "unclear"})
_KEPT_TOPIC = 0.1  # a topic that was named
_KEPT = 0.2  # below it the reader is so sure; above it a rule that found a topic or a wish is believed
# Read as one of these the reader does not doubt the other: to an offer `không lấy nữa` is both.
_ALIKE: Mapping[Label, tuple[Label, ...]] = {
    "no": ("no", "cancel", "not_coming"),
    "cancel": ("cancel", "no", "not_coming"),
    "coming": ("coming", "yes"),
    "yes": ("yes", "coming"),
}
_DOUBTED = 0.10  # below it the reader thinks that what the rules read is wrong
_SURE_THOUGH_DENIED = 0.9
_KEYWORD_WORDS = 2  # `liên hệ`, `đổi máy`: the rules have it from a list
_ANY_DAY = date(2026, 1, 1)  # where no day is offered none is looked for
# Our own commands, as they stand in our texts: nobody has to guess at them.
_COMMAND = re.compile(
    r"(?:huy|co|nhan|doi|lich)(?: lich)?(?: \d{5})?|dl|dat lich|kt|tg|goi lai|tc|tc dv|tc nhac|tc qc|dy qc|stop"
    r"|start|hop|lai|doi may|kiem tra|huy lich|doi lich|cach|dg(?: [1-5])?|nhan lai|\d{1,5}"
)


def weighed(ruled: Meaning, written: str, now: Situation) -> Meaning:
    """What the rules read, as far as the reader agrees; else what the reader read, as far as that binds nobody."""
    said = words_of(written)
    if _is_to_the_letter(written, said, ruled) or now.typed or is_quoted(written):
        return ruled
    by_the_rules = label_of(ruled, written, now)
    reading = read(written, now.asked, rules_as_features(ruled, by_the_rules))
    if reading.label == by_the_rules:
        return ruled
    if ruled.word == "PICK" and ruled.picked not in ("yes", "no"):
        return ruled  # a line of a list binds nobody yet
    if by_the_rules in _ACTS:
        alike = _ALIKE.get(by_the_rules, (by_the_rules,))
        return ruled if reading.of(*alike) >= _DOUBTED else _asked(reading, ruled)
    if _is_denied(ruled, reading, written):
        return ruled  # `không hủy đâu`
    kept = _KEPT_TOPIC if ruled.topic else _KEPT
    if by_the_rules in _TOLD_BY_RULES and reading.of(by_the_rules) >= kept:
        return ruled
    return _as_read(reading, ruled, written, said, now)


def _is_to_the_letter(written: str, said: str, ruled: Meaning) -> bool:
    """A key, one of our own commands, a plain refusal, a number of a session: nobody has to guess at these."""
    if (
        number(written).isdigit()
        or _COMMAND.fullmatch(said)
        or ruled.number
        or ruled.score
    ):
        return True
    many = len(said.split())
    is_a_keyword = many <= 1 or (
        many <= _KEYWORD_WORDS and ruled.word not in ("NOTHING", "ASK")
    )
    if is_a_keyword or ruled.word in _KNOWN_BY_RULES:
        return True
    return refusal(written) == ruled.word


def is_command(written: str) -> bool:
    """`DY QC`, `TC`, `HUY 48315`: one of our own commands as it stands in our texts, and nothing else."""
    return bool(_COMMAND.fullmatch(words_of(said_alone(written))))


def _is_denied(ruled: Meaning, reading: Reading, written: str) -> bool:
    """Said and taken back, as far as the rules see, and the reader is not sure of another thing."""
    if (
        ruled.word != "NOTHING"
        or reading.label not in _NOT_AFTER_A_DENIAL
        or reading.sure >= _SURE_THOUGH_DENIED
    ):
        return False
    return bool(requests(written).denied)


def read_alone(written: str, asked: Asked) -> Reading:
    """What the reader reads in an answer to a text of ours, where no list stands open."""
    alone = said_alone(written)
    now = Situation(_ANY_DAY, asked=asked)
    ruled = by_rules(alone, now)
    return read(alone, asked, rules_as_features(ruled, label_of(ruled, alone, now)))


def label_of(meaning: Meaning, written: str, now: Situation) -> Label:
    """What a meaning is called where texts are labelled."""
    if meaning.read:
        return meaning.read
    if meaning.word == "ASK":
        return "not_coming" if meaning.perhaps == ("CANCEL", "CHANGE") else "unclear"
    if meaning.word == "NOTHING":
        return "thanks" if thanks(said_alone(written)) else "talk"
    if meaning.word == "REQUEST" and meaning.kind in ("erase", "call_me"):
        return "erase" if meaning.kind == "erase" else "call"
    if meaning.word != "PICK":
        return LABEL_OF[meaning.word]
    if meaning.picked in ("yes", "no"):
        return "yes" if meaning.picked == "yes" else "no"
    if number(written).isdigit():
        return "pick"
    spelt: dict[str, Intent] = {value: word for word, value in now.commands}
    return LABEL_OF[spelt[meaning.picked]] if meaning.picked in spelt else "pick"


def rules_as_features(meaning: Meaning, label: Label) -> list[str]:
    """What the rules read, as the reader sees it."""
    said = {
        "code": meaning.code,
        "hamlet": meaning.hamlet,
        "day": meaning.day,
        "time": meaning.time,
    }
    found = [f"rule={label}", f"word={meaning.word}"]
    found += [f"has={name}" for name, value in said.items() if value]
    if meaning.many:
        found.append("has=many")
    if meaning.perhaps:
        found.append(f"perhaps={','.join(meaning.perhaps)}")
    return found


def _asked(reading: Reading, ruled: Meaning) -> Meaning:
    """What the rules would do and the reader doubts is asked back."""
    return Meaning(
        "ASK",
        perhaps=_BETWEEN.get(reading.label, ()),
        code=ruled.code,
        read=reading.label,
    )


def _as_read(
    reading: Reading, ruled: Meaning, written: str, said: str, now: Situation
) -> Meaning:
    """What the reader read where the rules read nothing that binds."""
    label = reading.label
    if label in ("yes", "no", "pick"):
        return _answered(reading, ruled, written, now)
    if label in _TELLS:
        return _told(label, written, said, now)
    if label == "coming" and now.reminded and reading.sure >= SURE and can_come(said):
        return Meaning("COMING", code=ruled.code or now.booking)
    if label in ("coming", "not_coming") and now.asked == "broadcast":
        return Meaning("NOTHING", read=label)
    if label in _BETWEEN and ruled.word == "ASK" and ruled.perhaps:
        return replace(ruled, read=label)  # the rules know better between what
    if label in _BETWEEN:
        return Meaning("ASK", perhaps=_BETWEEN[label], code=ruled.code, read=label)
    if label == "erase":
        return Meaning("REQUEST", kind="erase")
    if label == "unclear":
        open_question: Literal["ASK", "NOTHING"] = (
            "ASK" if now.lines else "NOTHING"
        )  # nothing open: staff read it
        return ruled if ruled.word == "ASK" else Meaning(open_question, read="unclear")
    return Meaning("NOTHING", read=label)


def _answered(
    reading: Reading, ruled: Meaning, written: str, now: Situation
) -> Meaning:
    """An answer to what is open. A no that gives nothing away is taken; a yes needs words that lean to it."""
    label = reading.label
    values = {line.value for line in now.lines}
    if label == "pick" and now.rating and asks_about_points(words_of(written)):
        return replace(ruled, read="question")
    if label == "pick" and now.rating:
        score = picked_loosely(written, _SCORES, said_so=False)
        return Meaning("RATE", score=int(score)) if score else _which_line(ruled)
    if label == "pick":
        picked = picked_loosely(
            written, now.lines, said_so=now.asked in _NUMBER_IS_SAID
        )
        return Meaning("PICK", picked=picked) if picked else _which_line(ruled)
    if (
        label == "no"
        and "no" in values
        and now.asked not in _NO_GIVES_UP
        and reading.sure >= LIKELY
    ):
        return Meaning("PICK", picked="no")
    if label == "no" and now.promised:
        return Meaning("ASK", perhaps=("TAKE", "CANCEL"), code=now.promised, read="no")
    if label == "no" and "no" not in values:
        return (
            Meaning("NOTHING", read="no")
            if reading.sure >= LIKELY or now.asked in _NO_CHANGES_NOTHING
            else ruled
        )
    if label == "yes" and reading.sure >= SURE and leans_to_yes(written):
        if "yes" in values:
            return Meaning("PICK", picked="yes")
        if now.promised:
            return Meaning("TAKE", code=now.promised)
    perhaps = (label,) if label in values else ()
    no_yes = (
        label == "yes"
        and not leans_to_yes(written)
        and (doubts(written) or reading.sure < LIKELY)
    )
    return Meaning("ASK", perhaps=perhaps, read="unclear" if no_yes else label)


def _which_line(ruled: Meaning) -> Meaning:
    """An answer to the list, and nobody can tell which of its lines: asked again."""
    return (
        replace(ruled, word="ASK", read="pick")
        if ruled.word in ("ASK", "NOTHING")
        else ruled
    )


def _told(label: Label, written: str, said: str, now: Situation) -> Meaning:
    word = _TELLS[label]
    if word == "FACT":
        return Meaning(
            "NOTHING", read=label
        )  # no topic that we know was named: a person will read it
    details = details_of(written, now)
    hamlet = details.hamlets[0] if len(details.hamlets) == 1 else ""
    if word == "BOOK":
        return Meaning(
            word, hamlet=hamlet, day=details.day, time=details.time, many=details.many
        )
    if word == "REQUEST":
        return Meaning(word, hamlet=hamlet, kind=requested(said))
    if word == "MINE":
        return Meaning(word, code=details.code)
    return Meaning(word)
