"""The rules and the reader together: what binds is done where both read it; where they
differ, it is asked.

A rule may be weak where the reader is sure: words that lean to a yes, nothing that
doubts a coming. Of what only asks or tells (a list of days, a fact, "staff will read
this") and of a no that gives nothing away the reader decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from menus.hearing.answers import Line, picked_loosely
from menus.hearing.assent import holds_back, plainly, takes_back
from menus.hearing.folding import clauses_of, number, said_alone, words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.reader import LIKELY, SURE, Asked, Label, Reading, read
from menus.hearing.requests import (
    Intent,
    is_quoted,
    received_none,
    requested,
    requests,
)
from menus.hearing.rules import (
    BOOKING_LISTS,
    CANNOT_COME,
    asks_about_points,
    booking_of,
    by_rules,
    can_come,
    details_of,
    many_in,
    refusal,
    thanks,
)
from menus.topics import Topic

# What each request of the rules is called by the reader. A request that is not here only
# tells something (BRING: what to bring), which the reader calls a fact.
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
    "REQUEST": "request",
    "OPINION": "opinion",
    "LOGGED": "mine",
    "WITHDRAW": "request",
    "OWN_DATA": "question",
}
_LABEL_OF_KIND: Mapping[str, Label] = {"erase": "erase", "call_me": "call"}
_ANSWERS: Mapping[str, Label] = {"yes": "yes", "no": "no"}
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
# What is said of one's own seat.
_OF_A_SEAT: frozenset[Label] = frozenset({"coming", "not_coming"})
# What is asked again where the answer to a text of ours was no answer to it.
_ASKED_AGAIN: Mapping[Asked, tuple[Intent, ...]] = {
    "offer": ("TAKE", "CANCEL"),
    "held": ("TAKE", "CANCEL"),
    "reminder": ("COMING", "CHANGE", "CANCEL"),
    "missed": ("BOOK", "CALL"),
    "putoff": ("BOOK", "CALL"),
    "consent": ("ADVERTS_YES", "STOP_ADVERTS"),
}
# What the reader has seen often enough to doubt. Every other request is narrow in the
# rules, and hardly ever in the labelled texts.
_WEIGHED: frozenset[str] = frozenset(
    {
        "CHECK",
        "BOOK",
        "MINE",
        "CANCEL",
        "CHANGE",
        "COMING",
        "TAKE",
        "CALL",
        "HELP",
        "LANGUAGE",
        "STOP_ADVERTS",
        "STOP_REMINDERS",
        "STOP_ALL",
        "START",
        "FACT",
        "ASK",
        "PICK",
        "NOTHING",
    }
)
# Where a number that only stands in a text is no answer: it may belong to a name
# (`Quảng Hồng I`, `thứ 3`), or a line would bind (`tôi đi 1 thôi` books nothing). There
# it is `số 1` or `chọn 1`.
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
_GOES_ELSEWHERE: frozenset[Label] = frozenset(
    {"book", "change", "not_coming", "cancel"}
)
_SURE_OF_A_REQUEST = 0.7
_KEPT_FRAUD = 0.025  # who suspects a fraud is answered
_KEPT_TOPIC = 0.09  # a topic that was named
# below it the reader is so sure; above it a rule that found a topic or a wish is
# believed
_KEPT = 0.2
# Read as one of these the reader does not doubt the other: to an offer `không lấy nữa`
# is both.
_ALIKE: Mapping[Label, tuple[Label, ...]] = {
    "no": ("no", "cancel", "not_coming"),
    "cancel": ("cancel", "no", "not_coming"),
    "coming": ("coming", "yes"),
    "yes": ("yes", "coming"),
}
# A yes is done: of five hundred texts that were none, read by a reader that had not
# learned from them, none was this sure without a word that holds it back.
AGREED = 0.8
_COUNTING = re.compile(
    r"(?<!\bso)(?<!\bbam)(?<!\bchon)(?<!\bnhan)(?<!\bphim)(?<!\bsoan)(?<!\bgui)(?<!\bloi) \d+\b"
    r"|^\d+ (?:cho|nguoi|ng|minh|tin|suat|cai|may|lan|ngay|hom|gio|h|thang|tuan)\b"
)
AGREED_IN_A_CLAUSE = 0.45  # where one clause by itself is a plain yes
MAYBE_IN_A_CLAUSE = 0.2
MAYBE = 0.4  # it is noted as a yes, and asked
MOST_CLAUSES = 4
_SAYS_CANCEL = re.compile(r"\bhuy\b")
_SOME_CODE = re.compile(r"\d{5}")
_DOUBTED = 0.10  # below it the reader thinks that what the rules read is wrong
_SURE_THOUGH_DENIED = 0.75
# A complaint or an idea in plain words is kept as such. It binds nobody, and what is
# kept by mistake is read by a person.
_OPINION_LIKELY, _OPINION_WORDS = 0.7, 4
_REFUSALS: tuple[Label, ...] = ("stop_adverts", "stop_reminders", "stop_all", "erase")
_MAY_REFUSE = 0.12  # so likely a refusal is asked about: none is lost
_MAY_REFUSE_BY_RULE = 0.04  # where words for it stand there
_KEYWORD_WORDS = 2  # `liên hệ`, `đổi máy`: the rules have it from a list
_ANY_DAY = date(2026, 1, 1)  # where no day is offered none is looked for
# Our own commands, as they stand in our texts: nobody has to guess at them.
_COMMAND = re.compile(
    r"(?:huy|co|nhan|doi|lich)(?: lich)?(?: \d{5})?|dl|dat lich|kt|tg|goi lai|tc|tc dv|tc nhac|tc qc|dy qc|stop"
    r"|start|hop|lai|doi may|kiem tra|huy lich|doi lich|cach|dg(?: [1-5])?|nhan lai|\d{1,5}"
)


def weighed(ruled: Meaning, written: str, now: Situation) -> Meaning:
    """What the rules read, as far as the reader agrees; else what the reader read, as
    far as that binds nobody.
    """
    said = words_of(written)
    if now.typed or _is_to_the_letter(written, said, ruled) or is_quoted(written):
        return ruled
    by_the_rules = label_of(ruled, written, now)
    features = rules_as_features(ruled, by_the_rules, written, now)
    reading = read(written, now.asked, features)
    if reading.label == by_the_rules or _picks_a_line(ruled):
        return ruled
    if by_the_rules in _ACTS:
        alike = _ALIKE.get(by_the_rules, (by_the_rules,))
        return ruled if reading.of(*alike) >= _DOUBTED else _asked(reading, ruled)
    if _is_denied(ruled, reading, written):
        return ruled  # `không hủy đâu`
    kept = _kept(ruled, reading)
    is_told = by_the_rules in _TOLD_BY_RULES and reading.of(by_the_rules) >= kept
    if is_told and reading.of(*_REFUSALS) < _MAY_REFUSE:
        return ruled
    return _as_read(reading, ruled, written, said, now)


def _kept(ruled: Meaning, reading: Reading) -> float:
    """How likely what the rules read must be to stand, where the reader reads another
    thing.
    """
    if ruled.topic == Topic.WHO:
        return _KEPT_FRAUD
    if reading.label == "request" and reading.sure >= _SURE_OF_A_REQUEST:
        return 1  # `ai cài app cho tôi` names the app, and wants a person
    return _KEPT_TOPIC if ruled.topic else _KEPT


def _picks_a_line(ruled: Meaning) -> bool:
    """A line of a list, which binds nobody yet."""
    return ruled.word == "PICK" and ruled.picked not in ("yes", "no")


def _is_to_the_letter(written: str, said: str, ruled: Meaning) -> bool:
    """A key, one of our own commands, a plain refusal, a number of a session: nobody
    has to guess at these.
    """
    if (
        number(written).isdigit()
        or _COMMAND.fullmatch(said)
        or ruled.number
        or ruled.score
    ):
        return True
    if ruled.word not in _WEIGHED or _is_a_keyword(said, ruled):
        return True
    return refusal(written) == ruled.word


def _is_a_keyword(said: str, ruled: Meaning) -> bool:
    many = len(said.split())
    if ruled.word in ("NOTHING", "ASK"):
        return many <= 1
    return many <= _KEYWORD_WORDS


def is_command(written: str) -> bool:
    """`DY QC`, `TC`, `HUY 48315`: one of our own commands as it stands in our texts,
    and nothing else.
    """
    return bool(_COMMAND.fullmatch(words_of(said_alone(written))))


def _is_denied(ruled: Meaning, reading: Reading, written: str) -> bool:
    """Said and taken back, as far as the rules see, and the reader is not sure of
    another thing.
    """
    if ruled.word != "NOTHING" or reading.sure >= _SURE_THOUGH_DENIED:
        return False
    return reading.label in _NOT_AFTER_A_DENIAL and bool(requests(written).denied)


def read_alone(written: str, asked: Asked) -> Reading:
    """What the reader reads in an answer to a text of ours, where no list stands open."""
    alone = said_alone(written)
    now = Situation(_ANY_DAY, asked=asked)
    ruled = by_rules(alone, now)
    label = label_of(ruled, alone, now)
    return read(alone, asked, rules_as_features(ruled, label, alone, now))


def label_of(meaning: Meaning, written: str, now: Situation) -> Label:
    """What a meaning is called where texts are labelled."""
    if meaning.read:
        return meaning.read
    if meaning.word == "CANCEL" and meaning.code == now.promised != "":
        return "cancel" if _SAYS_CANCEL.search(words_of(written)) else "no"
    if meaning.word == "ASK":
        return "not_coming" if meaning.perhaps == ("CANCEL", "CHANGE") else "unclear"
    if meaning.word == "NOTHING":
        alone = said_alone(written)
        return "thanks" if thanks(alone) else "talk"
    if meaning.word == "PICK":
        return _label_of_line(meaning.picked, written, now)
    if meaning.word == "REQUEST":
        return _LABEL_OF_KIND.get(meaning.kind, "request")
    return LABEL_OF.get(meaning.word, "fact")


def _label_of_line(picked: str, written: str, now: Situation) -> Label:
    """A line that is a request itself is called like it, unless its number was said."""
    if picked in _ANSWERS:
        return _ANSWERS[picked]
    if number(written).isdigit():
        return "pick"
    requests_of: dict[str, Intent] = {value: word for word, value in now.commands}
    word = requests_of.get(picked)
    return LABEL_OF.get(word, "fact") if word else "pick"


def rules_as_features(
    meaning: Meaning, label: Label, written: str, now: Situation
) -> list[str]:
    """What the rules read, as the reader sees it; and whether the text, or how it
    begins and ends, is a plain yes or no.
    """
    said = {
        "code": meaning.code,
        "hamlet": meaning.hamlet,
        "day": meaning.day,
        "time": meaning.time,
        "booking": now.booking,
    }
    found = [f"rule={label}", f"word={meaning.word}", *_plain_features(written)]
    found += [f"has={name}" for name, value in said.items() if value]
    if meaning.many:
        found.append("has=many")
    if meaning.perhaps:
        found.append(f"perhaps={','.join(meaning.perhaps)}")
    return found


def _plain_features(written: str) -> list[str]:
    clauses = clauses_of(written)
    found = [f"plain={plainly(written)}", f"clauses={min(len(clauses), MOST_CLAUSES)}"]
    if len(clauses) > 1:
        found.append(f"begins={plainly(clauses[0])}")
        found.append(f"ends={plainly(clauses[-1])}")
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
    if label in _GOES_ELSEWHERE and _is_another_time(ruled, now):
        return replace(ruled, read=label)
    if label == "pick":
        return _picked(ruled, written, now)
    if label == "no":
        return _no(reading, ruled, now)
    if _may_agree(reading, written, now):
        return _yes(reading, written, said, now)
    refusing = _refusing(reading, ruled, said)
    if refusing:
        return refusing
    if label in _TELLS:
        return _told(label, written, said, now)
    if label == "coming" and now.reminded and reading.sure >= SURE and can_come(said):
        return Meaning("COMING", code=ruled.code or now.booking)
    if label in ("coming", "not_coming") and now.asked == "broadcast":
        return Meaning("NOTHING", read=label)
    if label in _OF_A_SEAT and not _has_a_seat(now):
        return Meaning("NOTHING", read=label)  # `tôi không đến họp được`
    if label in _BETWEEN:
        return _asked_between(label, ruled)
    if label == "unclear":
        return _unclear(ruled, now)
    if label == "opinion" and _is_worth_keeping(reading, ruled, said, now):
        return Meaning("OPINION", kind="said")
    return Meaning("NOTHING", read=label)


def _has_a_seat(now: Situation) -> bool:
    """Is anything booked, waited for or promised that one may come to?"""
    return bool(now.booking or now.waiting or now.promised or now.moved)


def _refusing(reading: Reading, ruled: Meaning, said: str) -> Meaning | None:
    """What may refuse our texts, or wants them to be forgotten: asked about, so that
    none is lost.
    """
    label = reading.label
    if received_none(said):
        return Meaning("NOTHING", read="talk") if label in _REFUSALS else None
    if label == "erase":
        return Meaning("REQUEST", kind="erase")
    if label in _REFUSALS:
        return _asked_between(label, ruled)
    least = _MAY_REFUSE_BY_RULE if "STOP_ALL" in ruled.perhaps else _MAY_REFUSE
    if reading.of(*_REFUSALS) < least:
        return None
    return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"), read=label)


def _is_worth_keeping(
    reading: Reading, ruled: Meaning, said: str, now: Situation
) -> bool:
    """Is it likely an opinion, and one in so many words that somebody can answer it? To
    an open question it may be half an answer (`co, nhung phai co nguoi goi`), and what
    the rules ask about is asked.
    """
    if now.asked not in ("none", "menu", "other"):
        return False
    if ruled.perhaps or len(said.split()) < _OPINION_WORDS:
        return False
    return reading.sure >= _OPINION_LIKELY


def _is_another_time(ruled: Meaning, now: Situation) -> bool:
    """Another day than those of the open list; or a booking where there is none yet that
    could be changed.
    """
    if ruled.word != "BOOK":
        return False
    is_to_the_list = now.asked in BOOKING_LISTS
    return ruled.read == "pick" or is_to_the_list or not now.booking


def _asked_between(label: Label, ruled: Meaning) -> Meaning:
    """What binds is asked back; where the rules ask already, they know better between
    what.
    """
    if ruled.word == "ASK" and ruled.perhaps:
        return replace(ruled, read=label)
    return Meaning("ASK", perhaps=_BETWEEN[label], code=ruled.code, read=label)


def _unclear(ruled: Meaning, now: Situation) -> Meaning:
    """What is open, or what our last text asked, is asked once more; where nothing is,
    staff read it.
    """
    between = () if now.lines else _ASKED_AGAIN.get(now.asked, ())
    if now.rating and not ruled.perhaps:
        return Meaning("RATE", read="unclear")
    if between and not ruled.perhaps:
        return Meaning("ASK", perhaps=between, code=now.promised, read="unclear")
    if ruled.word == "ASK":
        return ruled
    return Meaning("ASK" if now.lines else "NOTHING", read="unclear")


def _picked(ruled: Meaning, written: str, now: Situation) -> Meaning:
    """A line of the open list, or the points that were asked for, if a number for it
    stands somewhere.
    """
    if now.rating:
        return _points(ruled, written)
    picked = picked_loosely(written, now.lines, said_so=now.asked in _NUMBER_IS_SAID)
    return Meaning("PICK", picked=picked) if picked else _which_line(ruled)


def _points(ruled: Meaning, written: str) -> Meaning:
    if asks_about_points(words_of(written)):
        return replace(ruled, read="question")
    score = picked_loosely(written, _SCORES, said_so=False)
    if score:
        return Meaning("RATE", score=int(score))
    return Meaning("RATE", read="opinion")


def _no(reading: Reading, ruled: Meaning, now: Situation) -> Meaning:
    """A no that gives nothing away is taken; one that costs a seat is asked back."""
    is_likely = reading.sure >= LIKELY
    has_a_no = any(line.value == "no" for line in now.lines)
    if has_a_no and is_likely and now.asked not in _NO_GIVES_UP:
        return Meaning("PICK", picked="no")
    if now.promised:
        return Meaning("ASK", perhaps=("TAKE", "CANCEL"), code=now.promised, read="no")
    if has_a_no:
        return Meaning("ASK", perhaps=("no",), read="no")
    if is_likely or now.asked in _NO_CHANGES_NOTHING:
        return Meaning("NOTHING", read="no")
    return ruled


def _may_agree(reading: Reading, written: str, now: Situation) -> bool:
    if reading.label == "yes" or (reading.label == "cancel" and now.asked == "cancel"):
        return True
    is_asked = now.promised or any(line.value == "yes" for line in now.lines)
    if reading.label != "unclear" or not is_asked:
        return False
    return _agreeing(reading, now) >= MAYBE_IN_A_CLAUSE and _agrees_in_a_clause(
        written, now
    )


def _yes(reading: Reading, written: str, said: str, now: Situation) -> Meaning:
    """A yes is taken where the reader is sure and no word holds it back; else asked."""
    has_a_yes = any(line.value == "yes" for line in now.lines)
    if _is_agreed(reading, written, said, now):
        if has_a_yes:
            return Meaning("PICK", picked="yes")
        if now.promised:
            return Meaning("TAKE", code=now.promised)
    if now.promised:
        perhaps: tuple[str, ...] = ("TAKE", "CANCEL")
    else:
        perhaps = ("yes",) if has_a_yes else ()
    is_read = reading.sure >= MAYBE or _agrees_in_a_clause(written, now)
    read: Label = "yes" if reading.label == "unclear" else reading.label
    if not is_read or takes_back(written):
        read = "unclear"
    return Meaning("ASK", perhaps=perhaps, code=now.promised, read=read)


def _agreeing(reading: Reading, now: Situation) -> float:
    """How likely it is a yes to what is asked, 0 to 1."""
    if now.asked == "cancel":
        return reading.of("yes", "cancel")
    return reading.of("yes")


def _agrees_in_a_clause(written: str, now: Situation) -> bool:
    """`ờ hủy đi, hôm ấy đám giỗ`: the first clause, or the last, is a plain yes."""
    clauses = clauses_of(written)
    cancelling = now.asked == "cancel"
    ends = [*clauses[:1], *clauses[-1:]]
    return any(plainly(clause, cancelling=cancelling) == "yes" for clause in ends)


def _is_agreed(reading: Reading, written: str, said: str, now: Situation) -> bool:
    cancelling = now.asked == "cancel"
    enough = AGREED_IN_A_CLAUSE if _agrees_in_a_clause(written, now) else AGREED
    if _agreeing(reading, now) < enough or many_in(said) > 1:
        return False
    if _SOME_CODE.search(said) or _counts(written):
        return False
    reason_apart = CANNOT_COME.sub(" ", written) if cancelling else written
    return not holds_back(
        reason_apart, cancelling=cancelling, waiting=now.asked == "wait"
    )


def _counts(written: str) -> bool:
    """Is a number in it no key: `tôi đi 1 thôi`, `1 chỗ thôi`? A key begins its clause,
    or is said to be one (`bấm 1`).
    """
    return any(_COUNTING.search(clause) for clause in clauses_of(written))


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
        # no topic that we know was named: a person will read it
        return Meaning("NOTHING", read=label)
    details = details_of(written, now)
    if word == "BOOK":
        return booking_of(details)
    if word == "REQUEST":
        return Meaning(word, hamlet=details.hamlet, kind=requested(said))
    if word == "MINE":
        return Meaning(word, code=details.code)
    return Meaning(word)
