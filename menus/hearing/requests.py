"""What is asked for, anywhere in a sentence; and what undoes it: not, already, or, if."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from rapidfuzz.distance import OSA

from menus import words
from menus.hearing.folding import clauses_of, fold, words_of
from menus.topics import Topic

Intent = Literal[
    "CHECK",
    "BOOK",
    "MINE",
    "CANCEL",
    "CHANGE",
    "CALL",
    "HELP",
    "LANGUAGE",
    "STOP_ADVERTS",
    "STOP_REMINDERS",
    "STOP_ALL",
    "ADVERTS",
    "ADVERTS_YES",
    "START",
    "UNDO",
    "COMING",
    "TAKE",
    "HOWTO",
    "RATE",
    "SESSIONS",
    "FACT",
    "REQUEST",
    "OPINION",
    "BRING",
    "LOGGED",
    "WITHDRAW",
    "OWN_DATA",
]

# Forms of address and small words around a keyword that stands alone: `em oi TC nhe`.
_LEAD = r"^(?:(?:da|vang|e|em|a|anh|chi|alo|chau|cac|co|chu|bac|oi|ba|ong|toi|con|cho|xin|nho|ok) )*"
_TAIL = r"(?: (?:nhe|nha|a|ah|oi|di|voi|vs|day|chau|em|e|anh|ba|ong|co|chu|bac|con|toi|cho|giup|ho|cam|on))*$"
_ONE = r"(?:toi|em|e|ba|ong|bac|chau|me|bo|nha|minh)"


def pattern(wanted: str) -> re.Pattern[str]:
    """How people say it, as `menus/words/heard.toml` writes it."""
    wanted = wanted.replace("«", _LEAD).replace("»", _TAIL).replace("{one}", _ONE)
    return re.compile(rf"(?<![a-z0-9])(?:{wanted})(?![a-z])")


# What is asked of a person, by its kind. It stands before all else: `nho goi nha truong
# ho toi` is no call to us.
REQUESTED: Mapping[str, re.Pattern[str]] = {
    kind: pattern("|".join(phrases)) for kind, phrases in words.REQUESTED.items()
}
# the request, of FACT its topic, and how it is written
_Find = tuple[Intent, str, re.Pattern[str]]


def _in_order() -> Iterator[_Find]:
    """What a topic is called takes its place in a text before a booking or a call could
    be read there: `dang ky viettel money` is no booking. A refusal, or a seat to take,
    goes first.
    """
    yield from (("REQUEST", "", pattern) for pattern in REQUESTED.values())
    for word, phrases in words.HEARD.items():
        if word == "CHANGE":
            yield from (
                ("FACT", topic, pattern("|".join(its)))
                for topic, its in words.TOPICS.items()
            )
        yield cast(Intent, word), "", pattern("|".join(phrases))


_FIND: tuple[_Find, ...] = tuple(_in_order())
_NO_REQUESTS = tuple(find for find in _FIND if find[0] != "REQUEST")
_ASKS_HOW = re.compile(
    r"\b(?:gi|dau|the nao|nhu nao|lam sao|bao nhieu|khi nao|may gio|bao lau|how|where|what)\b"
)
# Said only when nothing else is: somebody speaks of 4G, and surely means the swap.
_FAINT: tuple[_Find, ...] = (("CHECK", "", re.compile(r"\b(?:4g|2g)\b")),)

# Beside these a text refuses no texts in other words: it says so itself, or wants
# something of a person.
_NO_REFUSAL_BESIDE: frozenset[Intent] = frozenset(
    {"STOP_ADVERTS", "STOP_REMINDERS", "STOP_ALL", "START", "REQUEST"}
)
_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_NEXT_VERB = re.compile(r"\b(?:giu|de|huy|doi|lay|bo|khong|ko)\b")
_NOT = r"(?:khong|khg|ko|kg|k|hok|hong|dung|chua|chang|dau)"
_NOT_BEFORE = re.compile(
    rf"(?:^| ){_NOT}(?: (?:co|phai|can|muon|ai|cho|nen|duoc|dc|he|bao gio|bao|noi|ha))*$"
)
_NOT_AFTER = re.compile(
    r"^(?: (?:lich|nua|gi|ca|hoi nao|bao gio|\d{5}))* dau\b(?! tien)"
)
# with its marks it is "received", not "yes, I take it"
_RECEIVED = re.compile(r"\bđã\s+nhận", re.IGNORECASE)
_WHO = re.compile(r"(?:^| )ai$")
# Of a topic only what is not wanted, or done: `chua co ma qr` asks for one.
_TOPIC_DENIED_BEFORE = re.compile(
    rf"(?:^| ){_NOT}(?: (?:co|he))? (?:can|muon|thich|quan tam|hoi|dung|xai)(?: (?:gi|den|toi|ve|lam|mo|cai|dang ky))*$"
    r"|(?:^| )(?:da|vua)(?: (?:co|cai|lam|mo|dang ky|dung|biet|xem))?$"
    r"|(?:^| )(?:huy|ngung|cat|thoi)(?: (?:dich vu|goi|dung|xem))?$"
)
_TOPIC_DENIED_AFTER = re.compile(
    r"^(?: (?:thi|la|do|nay))?(?: (?:khong|ko|k|hok) (?:can|muon|thich|dung)| (?:xong )?roi\b)"
)
# Beside these a topic is what is asked about; beside any other request it is only
# mentioned.
_GIVES_WAY: frozenset[Intent] = frozenset({"HELP", "HOWTO", "BRING"})
# Whoever suspects a fraud is answered before anything is booked, or anybody called.
_GIVES_WAY_TO_WHO: frozenset[Intent] = _GIVES_WAY | {
    "CALL",
    "BOOK",
    "CHECK",
    "MINE",
    "LANGUAGE",
    "RATE",
}
_DONE_BEFORE = re.compile(r"(?:^| )(?:da|vua|hom qua|vua moi)$")
_DONE_AFTER = re.compile(r"^(?: (?:lich|may|hen|\d{5}))* roi\b")
_NAME_BEFORE = re.compile(
    r"(?:^| )(?:la|anh|chi|em|chu|bac|chau|ong|ba|thang|con|nha|ten|cho|co|dua|van|duc|gia|minh|ngoc|xuan)$"
)
_NAME_AFTER = re.compile(
    r"^ (?:oi|day|o|nha o|con|nha em|nha toi|em|a oi|nhan|xin|muon|dat|noi|se|da|vua|cung|van|thay|nghe|biet|hoi|nho"
    r"|cam)\b"
)
_WHAT_IS_CANCELLED = re.compile(r" (?:lich|hen|\d{5})\b")
_UNSURE = re.compile(r"(?:^| )(?:hay(?: la)?|hoac|neu|hay doi)(?: |$)")
_ASKING = re.compile(
    r" (?:duoc|dc|phai|dung|hay|co) (?:khong|ko|k)\b| (?:chua|khong|ko|k|nhi|ha|sao|gi|a ha)$|^(?:sao|ai|the)\b"
    r"|\b(?:la sao|nghia la|la the nao|soan vao dau)\b"
    r"|\b(?:the nao|lam sao|lam gi|tai sao|sao lai|co phai|lieu|co the|muon .* thi|khi nao (?!ve|ranh)|bao gio"
    r"|thi sao)\b"
)
_STANDS_ALONE: frozenset[Intent] = frozenset(
    {
        "CANCEL",
        "UNDO",
        "STOP_ADVERTS",
        "STOP_REMINDERS",
        "STOP_ALL",
        "ADVERTS",
        "ADVERTS_YES",
        "START",
        "TAKE",
    }
)

# Unclear between a booking, its reminders and everything: asked once, never guessed.
_WHICH_STOP = re.compile(
    r"\b(?:huy|bo|ngung|dung) (?:het|tat ca|tin|tin nhan|nhac|dich vu(?! cong)|dang ky|sms)\b|dung nhac|dat lai"
    r"|(?:dung|ngung|thoi) (?:nhan|gui) (?:tin|sms)(?!.*quang cao)|khong nhan tin(?! lai)"
)
_TEXTS = (
    r"(?:nhan|gui|(?<!thong )tin|sms|texts?|messages?|texting|spam|lam phien|quay ray|phien|rac|quang cao|qc"
    r"|nhac(?! may))"
)
# A text that may refuse texts: whoever wants none says so in any words. Not to have
# received one is no refusal.
_REFUSES_TEXTS = re.compile(
    rf"\b(?:dung|thoi|ngung|tat|cham dut|cam(?! on)|khong|khg|ko|kg|k|hok|hong"
    rf"|stop|don ?t|no more|tu choi|rut|xoa|bo|huy|chan|khoi)"
    rf"(?: \w+){{0,3}}? {_TEXTS}\b"
    rf"|\b(?:tin|nhan)(?: \w+){{0,3}} (?:phien|lam phien|nhieu qua|rac|suot ngay|met)\b|\blam phien\b|\bspam\b"
    r"|\b(?:rut|bo)(?: lai)? dong y\b|\bunsubscribe\b"
)
_SAYS_ADVERTS = re.compile(
    r"\b(?:quang cao?|qc|gioi thieu|chao moi|khuyen mai|ads|adverts?)\b"
)
_SAYS_REMINDERS = re.compile(r"\b(?:tin )?nhac(?: lich| hen| nho)?\b(?! may)")
# Beside these it is asked: more is meant, or less (`một lần thôi`), or it is a courtesy
# (`khỏi phải nhắc`, `không nhắc là quên`), or a complaint (`không ai nhắc`).
_SAYS_MORE = re.compile(
    r"\b(?:moi|tat ca|het|hoan toan|dat|huy|doi|nhung|con|van|thi|neu|hay"
    r"|(?:can|phai|khoi)(?! (?:tin )?nhac (?:lich|hen))|lan|gio|chieu|sang|nhieu|quen|la|ai|mot|1)\b"
    r"|\b(?:khong|ko|k) (?:bo|ngung|tat)\b"
)
_RECEIVED_NONE = re.compile(
    r"\b(?:nhan|doc|thay|co) (?:duoc|dc|thay)\b|\b(?:khong|chua|ko|k) (?:thay|co|doc|hieu|biet|nhan duoc|nhan dc) "
    r"|\bnhan (?:may|cho(?! (?:toi|em|ba|chau|minh)\b)|lich|tien|qua|ho tro)\b|\btin nhan moi\b"
)
_SHORT = (
    "huy", "lich", "dl", "dat lich", "dang ky", "doi lich", "doi may", "kiem tra", "goi lai", "tro giup", "ngon ngu",
    "huy lich", "huong dan", "stop", "start", "kiem tra may",
)  # fmt: skip
# How many slips still make it this keyword; with two letters any would make it another
# word.
_SLIPS = {
    keyword: 1 if len(keyword) < 6 else 2 for keyword in _SHORT if len(keyword) > 2
}


@dataclass(frozen=True, slots=True)
class Found:
    """A request that stands, and where it stood in the folded words."""

    word: Intent
    at: int
    to: int
    topic: str = ""  # of FACT


@dataclass(frozen=True, slots=True)
class Heard:
    """Every request that stands; what was said and taken back; whether the sentence
    itself wavers; the codes that stand behind the requests (`giu 24892 huy 57518`: the
    second); whether it may refuse texts, in whatever words; and what FACT asks about,
    where it is asked.
    """

    asked: tuple[Intent, ...]
    denied: tuple[Intent, ...]
    unsure: bool
    codes: tuple[str, ...] = ()
    refuses_texts: bool = False
    topic: str = ""


class _Sorted(NamedTuple):
    """The requests of a text, and the codes that belong to those that are asked for."""

    asked: list[Found]
    denied: list[Found]  # said, and taken back
    codes: list[str]


@lru_cache(maxsize=256)
def requests(written: str) -> Heard:
    """The requests in a text, clause by clause, so that a "not" in one does not undo
    another.
    """
    said = words_of(written)
    asked, denied, codes = _wanted(written, said)
    which_stop = _WHICH_STOP.search(said) is not None
    asked = _weighed(asked, which_stop)
    refuses = _refuses_texts(said, asked)
    plain = _which_texts(said) if refuses else None
    if plain:
        return Heard((plain,), _once_each(denied), False)
    unsure = which_stop or _asks(written, said, asked) or _wavers(said, asked)
    return Heard(
        asked=_once_each(asked),
        denied=_once_each(denied),
        unsure=unsure,
        codes=tuple(dict.fromkeys(codes)),
        refuses_texts=refuses,
        topic=_uppermost(asked),
    )


def _wanted(written: str, said: str) -> _Sorted:
    """What is found. `toi muon lam ma QR` is a request of a person; `lam ma QR the nao`
    only asks how.
    """
    found = _found(written, _FIND)
    if _has("REQUEST", found.asked) and _ASKS_HOW.search(said):
        without = _found(written, _NO_REQUESTS)
        if _has("FACT", without.asked):
            return without
    if found.asked or found.denied:
        return found
    faint = list(_each(said, _FAINT))
    return _Sorted(faint, [], [])


def _has(word: Intent, asked: Iterable[Found]) -> bool:
    return any(found.word == word for found in asked)


def _asks(written: str, said: str, asked: Iterable[Found]) -> bool:
    """Is something that acts at once put as a question: `co huy duoc khong`?"""
    if not any(found.word in _STANDS_ALONE for found in asked):
        return False
    return "?" in written or _ASKING.search(said) is not None


def _wavers(said: str, asked: list[Found]) -> bool:
    """`huy hay doi`: between two. Only about facts it may, for an answer binds nobody
    to anything.
    """
    if not _UNSURE.search(said):
        return False
    return not asked or any(found.word != "FACT" for found in asked)


def _found(written: str, wanted: tuple[_Find, ...]) -> _Sorted:
    """Clause by clause; what is only a name is passed over."""
    asked: list[Found] = []
    denied: list[Found] = []
    codes: list[str] = []
    for clause in clauses_of(written):
        for found in _each(clause, wanted):
            if _is_name(clause, found):
                continue
            received = found.word == "TAKE" and _RECEIVED.search(written)
            if received or _is_denied(clause, found):
                denied.append(found)
            else:
                asked.append(found)
                codes += _codes_behind(clause, found)
    return _Sorted(asked, denied, codes)


def _asks_why(said: str) -> bool:
    """`sao k goi nhac`: a question or a reproach, and no request."""
    return (
        re.match(r"(?:(?:e|em|oi|xa|the) )*(?:sao|tai sao|vi sao)\b", said) is not None
    )


def _which_texts(said: str) -> Intent | None:
    """Adverts, or reminders, where a refusal names one of them and nothing else: `ngung
    quang cao di`.
    """
    if _asks_why(said) or _SAYS_MORE.search(said):
        return None
    adverts = _SAYS_ADVERTS.search(said) is not None
    reminders = _SAYS_REMINDERS.search(said) is not None
    if adverts and not reminders:
        return "STOP_ADVERTS"
    if reminders and not adverts:
        return "STOP_REMINDERS"
    return None


def _codes_behind(clause: str, found: Found) -> list[str]:
    """The codes that belong to a request: those behind its verb, up to the next verb."""
    behind, *_ = _NEXT_VERB.split(clause[found.to :])
    return _CODE.findall(behind)


def _refuses_texts(said: str, asked: Iterable[Found]) -> bool:
    """May this refuse our texts, though no word for it stands there alone?"""
    if any(
        found.word in _NO_REFUSAL_BESIDE for found in asked
    ) or _RECEIVED_NONE.search(said):
        return False
    return _REFUSES_TEXTS.search(said) is not None


def received_none(said: str) -> bool:
    """`tôi không nhận được tin nhắn`: a complaint, and no refusal."""
    return _RECEIVED_NONE.search(said) is not None


def _weighed(asked: list[Found], which_stop: bool) -> list[Found]:
    """Is a fact asked for, or is its topic only mentioned beside what is wanted?"""
    facts = [found for found in asked if found.word == "FACT"]
    others = [found for found in asked if found.word != "FACT"]
    if not facts or which_stop:
        return others
    suspects_a_fraud = any(found.topic == Topic.WHO for found in facts)
    beside = _GIVES_WAY_TO_WHO if suspects_a_fraud else _GIVES_WAY
    is_asked = beside.issuperset(found.word for found in others)
    return facts if is_asked else others


def _uppermost(asked: list[Found]) -> str:
    """Of several topics the one that stands first in `words/topics.toml`; empty where
    none is asked about.
    """
    topics = {found.topic for found in asked if found.word == "FACT"}
    if not topics:
        return ""
    return next((topic for topic in words.TOPICS if topic in topics), "")


def _once_each(listed: list[Found]) -> tuple[Intent, ...]:
    """The requests in the order in which they were said."""
    return tuple(dict.fromkeys(found.word for found in listed))


def _is_denied(clause: str, found: Found) -> bool:
    """Not wanted (`khong huy`, `ai huy dau`), or done already (`huy roi`)."""
    before = clause[: found.at].rstrip()
    after = clause[found.to :]
    if found.word == "FACT":
        denied = _TOPIC_DENIED_BEFORE.search(before) or _TOPIC_DENIED_AFTER.search(
            after
        )
        return denied is not None
    refused = (
        _NOT_BEFORE.search(before) or _NOT_AFTER.search(after) or _WHO.search(before)
    )
    done = _DONE_BEFORE.search(before) or _DONE_AFTER.search(after)
    return refused is not None or done is not None


def _each(said: str, wanted: tuple[_Find, ...]) -> Iterator[Found]:
    """Each request with its place; a place once taken is not read again as something
    else.
    """
    taken: list[tuple[int, int]] = []
    for word, topic, pattern in wanted:
        for match in pattern.finditer(said):
            place = match.span()
            if not _overlaps(place, taken):
                taken.append(place)
                yield Found(word, *place, topic)


def _overlaps(place: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    at, to = place
    return any(begins < to and at < ends for begins, ends in taken)


def _is_name(clause: str, found: Found) -> bool:
    """Huy is also a first name: after a form of address, or called."""
    before, after = clause[: found.at], clause[found.to :]
    if clause[found.at : found.to] != "huy" or _WHAT_IS_CANCELLED.match(after):
        return False
    named = _NAME_BEFORE.search(before.rstrip()) or _NAME_AFTER.match(after)
    return named is not None


def requested(said: str) -> str:
    """Which kind of request the folded words ask for; empty where it cannot be told."""
    for kind, pattern in REQUESTED.items():
        if pattern.search(said):
            return kind
    return ""


def near_miss(said: str) -> bool:
    """A short text one or two slips from a keyword: `licj`, `hyu 48315`, `dat lihc`."""
    words_alone = [word for word in said.split() if not word[0].isdigit()]
    plain = " ".join(words_alone)
    if not 2 < len(plain) <= 12 or plain in _SHORT:
        return False
    return any(
        OSA.distance(plain, keyword) <= slips for keyword, slips in _SLIPS.items()
    )


def _fragments() -> frozenset[str]:
    """The fixed pieces of our own texts, as they are and as they were, that nobody would
    write of themselves.
    """
    found: list[str] = []
    for sentence in words.PRINTED:
        found += _FIELD.split(fold(sentence))
    for sentences in words.SENTENCES.values():
        for key, sentence in sentences.items():
            if key.startswith(("notice_", "booked")):
                found += _FIELD.split(fold(sentence))
    pieces = [piece.strip(" .,") for piece in found]
    return frozenset(piece for piece in pieces if _is_ours_alone(piece))


def _is_ours_alone(piece: str) -> bool:
    least = 9 if ":" in piece else 14
    return len(piece) >= least


_FIELD = re.compile(r"\{\w+\}")


_OURS = _fragments()
_OUR_SHAPE = re.compile(
    r"\b1\. .*\b2\. |nvh .*\bma \d{5}\b.*(?:mang|huy)|mang cccd\W+may"
    r"|(?:soan|nhan) huy \d{5}.*\bgui\b|\bma \d{5}\. (?:mang|huy)"
)


def is_quoted(written: str) -> bool:
    """Is one of our own texts quoted or forwarded here?"""
    said = fold(written)
    if _OUR_SHAPE.search(said):
        return True
    return any(piece in said for piece in _OURS)
