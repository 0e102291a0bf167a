"""What a few texts say beyond their request: heard before the rules and the reader, for
they say it plainly.

A rule here wins over the reader. So it stands for what we tell residents to text (`HOP`
and a hamlet, `GOP Y` and words), and for what must not be lost: a phone that rings for
nobody, somebody who has no phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from menus import words
from menus.hearing.answers import Line, places_of
from menus.hearing.booked_for import booked_for, of_what_is_booked
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.places import named
from menus.hearing.requests import requests
from menus.hearing.standing import of_what_stands
from menus.hearing.when import Clock, clocks_meant
from menus.port import NUMBER_FIRST, NUMBER_LAST, EventKind, RequestKind
from menus.topics import Topic

# kinds of HOWTO and LOGGED
CALLS_UNHEARD, WRONG = "howto_calls", "wrong"
MOST_WORDS = 14  # who writes more has more in mind
ENGLISH_LEAST = 2  # different words
ENGLISH_MOST = 6  # words, where the question does not stand first
_ENGLISH_BEGINS = re.compile(
    r"(?:what|what s|how|where|when|who|which|is|are|does|will|why|any|tell me|can i|can we|may i|do i|do you|do we"
    r"|i want|i need|i would)\b(?= [a-z0-9]+)"
)
# One of our topics by its English name, and no more.
_ENGLISH_ALONE = re.compile(
    r"(?:offers?|discounts?|promotions?|vouchers?|tuition|(?:school|tuition) fees?(?: \w+){0,4}|electricity(?: bills?)?"
    r"|power bills?|water bills?|service point|online services|public services|scam|fraud)"
)
_ASKS = re.compile(
    r"^(?:is|are|can|does|will|do|should)\b|\b(?:what|how|where|when|who|which|why|any|tell me|can i|is there)\b"
)
_ENGLISH = re.compile(
    r"\b(?:what|how|where|when|who|which|is|are|does|will|my|there|any|for|you|this|much|why|should|want|need|tell"
    r"|about|pay|paid|bill|from|still|have|please|with|of|by|water|electricity|school|tuition|fees?|number|watch"
    r"|service)\b"
)

_ME = r"(?:toi|em|e|chau|ba|bac|ong|minh|nha toi|nha em|me toi|bo toi|me|bo|ca nhan|cua toi)"
_ADDRESS = (
    r"(?:da|vang|a|alo|chau|em|oi|ba|bac|ong|toi|minh|cho|xin|xa|can bo|hoi|thua|chao)"
)
_SHORT_FOR: Mapping[str, str] = {
    "{me}": _ME,
    "{i}": (
        rf"(?:(?:{_ADDRESS}|hoi) )*(?:toi|em|chau|ba|bac|ong|minh|so nay|(?:nha|me|bo|may) toi|may) "
    ),
    "{please}": rf"(?:(?:{_ADDRESS}|muon|nho|thoi|thi) )*",
    "{thing}": (
        r"(?:goi lai|goi dien|goi|(?:ma )?qr|den nha|den tan nha|xoa du lieu|xoa thong tin"
        r"|mo tai khoan|tai khoan|cai app|cai ung dung|tv360|ban sao)"
    ),
}


def _pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    together = "|".join(phrases)
    for name, stands_for in _SHORT_FOR.items():
        together = together.replace(name, stands_for)
    return re.compile(rf"\b(?:{together})\b")


_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: _pattern(phrases) for name, phrases in words.PARTICULARS.items()
}
# What a request that is wanted no more was about.
_WITHDRAWN: Mapping[RequestKind, re.Pattern[str]] = {
    "erase": re.compile(r"\bxoa\b(?! yeu cau)"),
    "call_me": re.compile(r"\b(?:goi|call)\b"),
    "qr": re.compile(r"\bqr\b"),
    "visit": re.compile(r"\b(?:nha|visit)\b"),
    "account": re.compile(r"\btai khoan\b"),
    "app": re.compile(r"\b(?:app|ung dung)\b"),
    "tv360": re.compile(r"\btv360\b"),
    "copy": re.compile(r"\bban sao\b"),
}
_NUMBERED = re.compile(
    r"(?:(?:toi|em|cho|xin|muon|di|ve|xem|hoi) )*"
    r"(?:dl|dat lich|dat|dang ky|dang ki|dk|hop|buoi|buoi hop|cuoc hop|lop)(?: (?:buoi|so|lich|lop))* (?P<number>\d\d)"
    r"(?: (?:nhe|nha|a|chau|em|di|la|buoi|gi|nao|o|dau|may|gio|hom|luc|the|khi|vay))*"
)
# The kinds of session that are told alone where they are named.
_HELD: Mapping[EventKind, re.Pattern[str]] = {
    "farmers": _PATTERNS["held_farmers"],
    "training": _PATTERNS["held_training"],
    "street": _PATTERNS["held_street"],
    "visits": _PATTERNS["held_visits"],
}
# What one may have trouble with.
_TROUBLED: Mapping[Topic, re.Pattern[str]] = {
    Topic.MONEY: _PATTERNS["trouble_money"],
    Topic.APP: _PATTERNS["trouble_app"],
}
# Beside these a trouble is only the reason.
_WANTS_A_PERSON = frozenset({"REQUEST", "CALL", "OPINION"})
# The key that asks for a person, whatever is open.
_PERSON = re.compile(r"(?:(?:so|phim|bam|nhan|soan) )*98")
_MOVES = re.compile(r"(?:(?:xin|cho|toi|em|muon) )*doi(?: (?:nhe|nha|a|di|oi))*")
# Beside a booking `hủy chỗ`, `không đổi nữa` may be said of that.
_SAYS_WAITING = re.compile(r"\bdanh sach\b|\b(?:thoi|khong|ko|k|khoi) cho\b")
# With its marks it is no `dừng`.
_RIGHT = re.compile(r"\bđúng\b", re.IGNORECASE)
_HOP = re.compile(r"hop (?:o |tai |thon |so )*(?P<rest>\w+(?: \w+){0,3})")
_TWO_DIGITS = re.compile(r"(?P<number>\d\d)")
_NUMBER = re.compile(r"\b\d{1,5}\b")


def asks_for_person(written: str) -> bool:
    """Is it 98 and nothing else?"""
    return _PERSON.fullmatch(words_of(written)) is not None


def plainly_said(written: str, now: Situation) -> Meaning | None:
    """What a text says so plainly that neither rules nor reader are asked; none for all
    other texts.
    """
    said = words_of(written)
    if asks_for_person(written):
        return Meaning("CALL")
    if now.typed:
        return _while_typed(said, now)
    left = _leaves_the_list(said, now) or _moves_it(said, now)
    if left:
        return left
    refusal = None if _RIGHT.search(written) else _refusal(said, now)
    return (
        _sessions(said, now)
        or of_what_is_booked(written, now)
        or of_what_stands(written, now)
        or booked_for(written, now)
        or refusal
        or _of_trouble(written, now)
        or _short(said, now)
        or _of_ones_own(said, now)
        or _in_english(said)
    )


def _while_typed(said: str, now: Situation) -> Meaning | None:
    """Commands to a question that takes what is typed: HUY YEU CAU, and HOP with a
    hamlet where that would be taken for the answer.
    """
    if _PATTERNS["withdraw"].fullmatch(said):
        return _withdrawal(said)
    return _sessions(said, now) if now.asked == "hamlets" else None


def is_english(written: str) -> bool:
    """Is it a question in English? Words that are Vietnamese too without their marks
    (`do`, `to`, `the`) say nothing.
    """
    said = words_of(written)
    if _ENGLISH_BEGINS.match(said) or _ENGLISH_ALONE.fullmatch(said):
        return True
    return len(set(_ENGLISH.findall(said))) >= ENGLISH_LEAST


def wants_to_have(written: str) -> bool:
    """Is an account, or the app, wanted? Not where they have it, or only ask what it
    is.
    """
    said = words_of(written)
    if _PATTERNS["has_it"].search(said) or _PATTERNS["trouble"].search(said):
        return False
    return _PATTERNS["wants_it"].search(said) is not None


def opinion_asked_about(written: str) -> int | None:
    """The number of the opinion whose state is asked for; 0 where no number was said,
    none where that is not asked.
    """
    said = words_of(written)
    if not _PATTERNS["opinion_stands"].fullmatch(said):
        return None
    number = _NUMBER.search(said)
    return int(number[0]) if number else 0


def hamlet_in(written: str, hamlets: tuple[Line, ...]) -> str:
    """The value of the one hamlet that is named; empty where none is, or several may be
    meant.
    """
    found = named(words_of(written), places_of(hamlets))
    return found[0] if len(found) == 1 else ""


def _sessions(said: str, now: Situation) -> Meaning | None:
    """HOP with a hamlet by its name or by its number in our list; HOP, DL or `buổi` with
    the number of a session.
    """
    numbered = _numbered(said)
    if numbered:
        return numbered
    asked = _HOP.fullmatch(said)
    if asked is None:
        return _held(said, now)
    rest = asked["rest"]
    if not rest.isdigit():
        hamlet = hamlet_in(rest, now.hamlets)
        return Meaning("SESSIONS", hamlet=hamlet) if hamlet else None
    number = int(rest)
    if NUMBER_FIRST <= number <= NUMBER_LAST:
        return Meaning("SESSIONS", number=number)
    if 1 <= number <= len(now.hamlets):
        return Meaning("SESSIONS", hamlet=now.hamlets[number - 1].value)
    return None


def _held(said: str, now: Situation) -> Meaning | None:
    """When and where a kind of session is held, or any: `lop nong dan o dau`."""
    if now.rating or len(said.split()) > MOST_WORDS:
        return None
    kind = _kind_of_session(said)
    is_asked = kind and _PATTERNS["asks_of_held"].search(said)
    if not is_asked and not _PATTERNS["sessions"].fullmatch(said):
        return None
    return Meaning("SESSIONS", hamlet=hamlet_in(said, now.hamlets), kind=kind)


def _kind_of_session(said: str) -> str:
    """Empty where none of those is named that are told alone."""
    for kind, pattern in _HELD.items():
        if pattern.search(said):
            return kind
    return ""


def _numbered(said: str) -> Meaning | None:
    """`DL 74`, `74 17h15`, `buoi 74 luc 8h`."""
    hours = clocks_meant(said)
    time = hours[0] if len(hours) == 1 else None
    rest = _without(said, time) if time else said
    found = _NUMBERED.fullmatch(rest) or (time and _TWO_DIGITS.fullmatch(rest))
    if not found or not NUMBER_FIRST <= int(found["number"]) <= NUMBER_LAST:
        return None
    return Meaning("SESSIONS", number=int(found["number"]), time=time)


def _without(said: str, time: Clock) -> str:
    before = said[: time.at].split()
    if before and before[-1] in ("luc", "vao", "hoi"):
        before.pop()
    after = said[time.to :].split()
    return " ".join((*before, *after))


def _leaves_the_list(said: str, now: Situation) -> Meaning | None:
    """HUY of whoever only waits, and `thôi chờ` of whoever waits at all."""
    if not now.waiting or (now.lines and now.asked != "other"):
        return None
    is_bare = said == "huy" and not (now.booking or now.lines)
    is_left = is_bare or _PATTERNS["leaves_list"].fullmatch(said)
    if not is_left or (now.booking and not _SAYS_WAITING.search(said)):
        return None
    return Meaning("CANCEL", code=now.waiting)


def _moves_it(said: str, now: Situation) -> Meaning | None:
    """DOI of whoever has a booking is about its time, not about the phone."""
    is_free = not now.lines or now.asked == "menu" or _lists_bookings(now)
    if now.booking and is_free and _MOVES.fullmatch(said):
        return Meaning("CHANGE")
    return None


def _lists_bookings(now: Situation) -> bool:
    """Is the list of several bookings open? It has no line that moves one."""
    return all(line.value.startswith("code ") for line in now.lines)


def _refusal(said: str, now: Situation) -> Meaning | None:
    """`bớt nhắn đi`, `leave me alone`, `ngưng`: what is to stop is asked."""
    if now.asked == "stop":
        return None
    refuses = _PATTERNS["refuses_texts"].fullmatch(said)
    is_answer = now.lines or now.promised or now.reminded or now.rating
    if not refuses and not is_answer:
        refuses = _PATTERNS["says_only_stop"].fullmatch(said)
    if not refuses:
        return None
    return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"), read="stop_all")


def _of_trouble(written: str, now: Situation) -> Meaning | None:
    """`tai khoan viettel money bi khoa`: the fact of it, and no request for one."""
    said = words_of(written)
    if now.rating or len(said.split()) > MOST_WORDS:
        return None
    if not _PATTERNS["trouble"].search(said):
        return None
    if not _WANTS_A_PERSON.isdisjoint(requests(written).asked):
        return None
    for topic, pattern in _TROUBLED.items():
        if pattern.search(said):
            return Meaning("FACT", topic=topic)
    return None


def _short(said: str, now: Situation) -> Meaning | None:
    """What a short text says plainly, while no rating is asked for."""
    if now.rating or len(said.split()) > MOST_WORDS:
        return None
    if _PATTERNS["opinion_stands"].fullmatch(said):
        return Meaning("OPINION", kind="said")
    if _PATTERNS["account"].fullmatch(said):
        return Meaning("FACT", topic=Topic.MONEY)
    if _PATTERNS["moved"].search(said):
        return Meaning("NOTHING", read="question")
    if _PATTERNS["school"].fullmatch(said):
        return Meaning("REQUEST", kind="school")
    if _PATTERNS["calls_unheard"].search(said) and not _PATTERNS[
        "calls_otherwise"
    ].search(said):
        return Meaning("HOWTO", kind=CALLS_UNHEARD)
    return None


def _of_ones_own(said: str, now: Situation) -> Meaning | None:
    """What was logged of them, what is kept of them, what they asked for and want no
    more.
    """
    if now.rating or len(said.split()) > MOST_WORDS:
        return None
    if _PATTERNS["logged_wrong"].fullmatch(said):
        return Meaning("LOGGED", kind=WRONG)
    if _PATTERNS["logged"].fullmatch(said):
        return Meaning("LOGGED")
    if _is_withdrawn(said, now):
        return _withdrawal(said)
    if _PATTERNS["own_data"].fullmatch(said):
        return Meaning("OWN_DATA")
    return None


def _is_withdrawn(said: str, now: Situation) -> bool:
    if _PATTERNS["withdraw"].fullmatch(said):
        return True
    is_plain = not now.lines and not now.promised
    return is_plain and _PATTERNS["withdraw_thing"].fullmatch(said) is not None


def _withdrawal(said: str) -> Meaning:
    """Of the request with the number, or of the kind, that was said."""
    number = _NUMBER.search(said)
    kind = _withdrawn_kind(said)
    return Meaning("WITHDRAW", number=int(number[0]) if number else 0, kind=kind)


def _withdrawn_kind(said: str) -> str:
    """Which kind of request it was; empty where it was not said."""
    for kind, pattern in _WITHDRAWN.items():
        if pattern.search(said):
            return kind
    return ""


def _in_english(said: str) -> Meaning | None:
    """A question in English about a topic: the reader has learned hardly any."""
    if not is_english(said) or not _ASKS.search(said):
        return None
    is_long = len(said.split()) > ENGLISH_MOST
    if is_long and not _ENGLISH_BEGINS.match(said):
        return None  # `QR code for my homestay, where do I get it?` wants one
    heard = requests(said)
    if heard.asked != ("FACT",) or not heard.topic:
        return None
    return Meaning("FACT", topic=heard.topic)
