"""What the rules read in a text, heard against what is open on that phone. Nothing here
acts; a guess never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, get_args

from menus.hearing.answers import pick, places_of, refuses
from menus.hearing.assent import (
    asks_by_its_marks,
    doubts,
    holds_back,
    plainly,
    says_only_da,
)
from menus.hearing.folding import number, numeral, said_alone, words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.places import named
from menus.hearing.reader import Asked
from menus.hearing.requests import (
    Heard,
    Intent,
    is_quoted,
    near_miss,
    requested,
    requests,
)
from menus.hearing.when import Clock, Day, clocks_meant, days_meant
from menus.port import NUMBER_FIRST, NUMBER_LAST

REFUSALS: tuple[Intent, ...] = ("STOP_ADVERTS", "STOP_REMINDERS", "STOP_ALL")

_Said = TypeVar("_Said", Day, Clock)
_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_COMING = re.compile(
    r"^(?:(?:da|vang|u|ok|em|e|toi|ba|ong|chau|bac|mai|nha|me|bo) )*(?:den|xuong|ra|toi|len|di)"
    r"(?: (?:dung (?:gio|hen)|nhe|nha|a|ah|day|chau|em|e))*$|"
    r"\bse\b.*\b(?:den|di|ra|toi|xuong|len)\b|\b(?:van|mai|chac chan)\b.*\b(?:den|di|ra|toi|co mat)\b"
    r"|\bco (?:di|den)\b|di duoc$"
    r"|^(?:da |vang |e |em )*co(?: (?:a|nhe|nha|em|chau|day|di))*$|^chac chan|toi (?:di|den)$"
)
_POINTS = re.compile(r"\b(?P<n>[1-5]|mot|hai|ba|bon|nam) ?(?:diem|sao\b|/ ?5\b)")
_ASKS_ABOUT_IT = re.compile(
    r"\b(?:ha|(?<!\d )(?<!nam )(?<!bon )(?<!ba )(?<!hai )(?<!mot )sao|la gi|the nao|nghia)\b"
)
# `4 sao, trừ 1 sao vì không có ghế`; `năm điểm, à không, bốn` is told by nobody.
_TAKEN_OFF = re.compile(r"\btru (?:di )?(?:\d|mot|hai|ba|bon|nam)(?: (?:diem|sao))?\b")
_TAKEN_BACK = re.compile(r"\b(?:a|o|ua) (?:khong|nham)\b|\bnham\b|\bhay\b")
# `đổi 48315 t5 9h được không` asks, and moves nothing.
_ASKS_WHETHER = re.compile(r"\b(?:duoc|dc) (?:khong|ko|k|hok|chu|ha)\b")
# Beside a code `huy` may be talk: `huy 48315 nhầm rồi`, `mã hủy 48315 bị mất`. That one
# cannot come is a reason for it.
CANNOT_COME = re.compile(
    r"\b(?:khong|ko|k|hok) (?:di|den|ra|toi|len|xuong|qua)(?: (?:duoc|dc|noi|nua))?\b"
)
_DOUBTS_CANCELLING = re.compile(
    r"\b(?:nham|khong|ko|k|hok|thoi|mat|ai|sao|gi|chua|dung|hay|neu|lam sao|the nao)\b"
)
_ENDS_AS_A_QUESTION = re.compile(r" (?:khong|ko|k|hok)$")
_OUT_OF_TEN = re.compile(r"\b(?:10|muoi|[6-9]) (?:diem|sao)\b")
_PRAISE = re.compile(
    r"(?:rat |qua |cung )?(?:tot|kem|te|duoc|on|tam|hai long|chan|do)(?: (?:lam|qua|a|nhe|day|oi|em|chau))*"
)
# Beside any of these "I will come" is asked back: a no, an illness, an errand, a
# question. `khong ban` is none of them.
_DOUBTS_COMING = re.compile(
    r"\b(?:khong|khg|kh|ko|kg|k|hok|hong|chua|chang)\b(?! (?:ban|huy|sao|quen)\b)|(?<!khong )(?<!ko )(?<!k )\bban\b"
    r"|\b(?:benh|vien|om|dau|thoi|xoa|neu|co le|chac la|hay|gi|nao|ai|may gio|bao gio|lo|muon|sao)\b"
    r"|\bchac (?!chan)|\b(?:ha|nhi)$"
    r"|\b(?:di|den|ra|len) (?:dam|cho|lam|kham|hop|hoc|choi|ha noi|vien|benh vien|bac si|toa|ruong|nuong|ray|don)\b"
    r"|\b(?:sinh con|trong chau|mua to|phai)\b"
    r"|\bmai kia\b|\bmoi (?:di|den|ra|toi|len|xuong)\b|\b(?:will (?:she|he|they|we)|does|should|need)\b"
)
# `không hủy đâu`: said of the cancelling, not of the coming.
_NOT_CANCELLING = re.compile(
    r"\b(?:khong|ko|k|dung|chang|chua)(?: (?:phai|co|ai))? huy(?: (?:lich|dau|nhe|nha|cua toi|cua em))*\b"
)
# Cannot come, without a word of cancelling: cancel, or another time?
_CANNOT = re.compile(
    r"\bban\b|\b(?:khong|khg|kh|ko|k|hok|chua) (?:di|den|ra|toi|xuong|len|qua)\b(?! nham)"
)
_ILL = re.compile(r"\b(?:om|benh|vien|co viec|mac viec|dam (?:tang|ma|cuoi))\b")
_THANKS = re.compile(
    r"^(?:da |vang |ok |e )*(?:em |ba |toi |xin )?(?:cam on|tks|thanks|thank)|^(?:ok|oke|da|vang)(?: a)?$"
)
_THANKS_FOR_IT = re.compile(r"\b(?:cam on|tks|thanks?)\b")
_SCORE = re.compile(
    r"(?:dg|gia|cham|diem) ?(?:la |diem |so |cho |muc )?(?P<n>[1-5](?!\d)|(?:mot|hai|ba|bon|nam)\b)"
)
# `3 nguoi`, `hai me con`, `4 suat`: how many come. `thu 3` is a day, and `7h 3 nguoi` no
# time of its own.
_MANY = re.compile(
    r"(?<!thu )(?<!ngay )(?<!\d[/:])\b(?:(?P<n>\d) ?|(?P<spelt>hai|ba|bon|nam|sau) )"
    r"(?:nguoi(?! ta)|ng\b|(?:me|bo|ba|ong|chu|bac) con\b|(?:ba|ong|co|chu) chau\b|vo chong\b|(?:anh|chi) em\b"
    r"|ong ba\b|ba chau\b|suat\b|xuat\b|ghe\b|cho(?= ngoi| trong|$))"
)
_CHILDREN_TOO = re.compile(
    r"\b\d ?nguoi lon(?: (?:va|voi|kem|cung|them))? (?P<n>\d|mot|hai|ba) (?:tre|be|chau|con|dua)\b"
)
_KIN = r"(?:vo|chong|me|bo|ong|ba|con|chau|em|anh|chi|con trai|con gai|ong ba|bo me)"
# Two without a number: `vợ chồng tôi`, `cho cả vợ tôi nữa`.
_TWO = re.compile(
    rf"\bvo chong\b|\b(?:ca|va|cung|them|voi)(?: ca)? {_KIN} (?:toi|em|chau|minh|nha toi|nua)\b"
)
# `doi tu … sang …`; but in `8h sang thu 7` it is the morning.
_TARGET = re.compile(
    r"(?:(?<![\dhg])(?<!gio)|(?<=/\d)|(?<=/\d\d)) sang (?=t[2-7]\b|thu |cn|chu |ngay|mai|chieu|\d|luc)"
    r"|(?<=[\dhg]) sang (?=\d{1,2} ?(?:h|g))"
)
_SANG = re.compile(r" sang ")
# `gop y: ...`, `toi xin phan anh ...`: what follows is an opinion.
_OPINION = re.compile(
    r"^(?:(?:da|vang|e|em|a|anh|chi|alo|chau|cac|co|chu|bac|oi|ba|ong|toi|con|cho|xin|minh|gia dinh|nha|muon|can|duoc"
    r"|hoi|thua|chao|xa|can bo|uy ban|kinh gui|soan) )*"
    r"(?:(?:dong )?gop y(?: kien)?|phan anh|khieu nai|kien nghi|phan nan|than phien"
    r"|y kien(?: (?:cua )?(?:toi|em|minh))?"
    r"|(?:opinion|feedback|complaint|complain|i want to complain)\b)(?: (?:la|rang|ve|voi xa|voi uy ban|cho xa))?\b"
)
# `voi chu tich xa`, `cho can bo mot chut`: to whom, and not yet what.
_TO_WHOM = re.compile(
    r"(?: (?:(?:pho )?chu tich|bi thu|lanh dao|can bo|uy ban|ubnd|hoi dong|truong thon|cong an|nha nuoc|dong chi"
    r"|mot (?:chut|ti|viec|dieu)|1 chut|chut|ti|duoc khong|voi|cho|den|gui|len|cac|ong|ba|anh|chi|bac|chu|xa|phuong"
    r"|thon|nhe|nha|a|em|chau|toi))*(?= |$)"
)
_STILL_WANTED = re.compile(
    r"\b(?:van|con|cu) (?:can|muon|nhan|de|giu|gui)\b|\bgiu (?:lai|nguyen)\b|\btru\b"
)
_QUOTES_CANCELLING = re.compile(r"^soan huy \d{5}")
_TELLS_HOW_TO_CANCEL = re.compile(r"^(?:soan )?huy \d{5} de huy")
BOOKING_LISTS: frozenset[Asked] = frozenset({"days", "times", "move"})
_PLACE_IN_LIST = re.compile(
    r"\b(?:buoi|bua|dong|cai|muc|hang) (?:thu )?(?:\d|hai|ba|tu|nam|sau|bay)\b|\btrong (?:danh sach|day|tin)\b"
    r"|\b(?:khong|ko|k|hok|chua|dau|nao|gi)\b"
)
_ANOTHER_DAY = re.compile(r"\b(?:hom|ngay|buoi|bua) khac\b")
_TWO_DIGITS = re.compile(r"[1-9]\d")
_NUMBERS = re.compile(r"\d+(?! ?/ ?5)|/ ?5")  # `5/5` is one
_HALF_A_CODE = re.compile(r"\d{3,}")
_OF_A_BOOKING = re.compile(r"\b(?:lich|hen)\b")
_CODE_ALONE = re.compile(r"(?:(?:ma|ma so|ma lich|so|lich) )?\d{5}")
_EVERY = re.compile(
    r"\bca (?:hai|ba|[2-5])\b|\b(?:hai|ba|[2-5]) (?:cai |cuoc )?(?:lich|hen)\b|\b(?:het|tat ca|toan bo) (?:cac )?lich\b"
)
# Keywords of topics that people are called by: Điền, Diễm, Ái.
_GIVEN_NAMES = frozenset({"dien", "diem", "ai"})
_HUY = re.compile(r"\bhuy\b")  # also a first name
_SAYS_COMING = re.compile(
    r"^(?:co|ok|vang|xac nhan|dong y)\b|\bco \d{5}\b|\bse (?:den|di|ra)\b"
)
# Of two requests in one text the first is what is wanted now, and the others are only
# mentioned.
_STRONGER: tuple[tuple[Intent, frozenset[Intent]], ...] = (
    (
        "REQUEST",
        frozenset(
            {
                "CALL",
                "HELP",
                "CHECK",
                "BOOK",
                "MINE",
                "RATE",
                "HOWTO",
                "TAKE",
                "OPINION",
            }
        ),
    ),
    (
        "OPINION",
        frozenset(
            {
                "CALL",
                "HELP",
                "CHECK",
                "BOOK",
                "MINE",
                "RATE",
                "HOWTO",
                "SESSIONS",
                "BRING",
            }
        ),
    ),
    ("UNDO", frozenset(get_args(Intent))),
    ("CALL", frozenset({"HELP", "BRING"})),
    ("BOOK", frozenset({"CHECK", "HELP", "SESSIONS", "BRING"})),
    ("SESSIONS", frozenset({"CHECK", "HELP", "HOWTO", "MINE"})),
    ("BRING", frozenset({"HELP", "HOWTO", "CHECK", "MINE", "SESSIONS"})),
    ("MINE", frozenset({"HELP"})),
    ("HOWTO", frozenset({"HELP"})),
)
# What a number, a time, a day or an "okay" alone may be: something, but nobody can tell
# what.
_HANGS = re.compile(r"^(?:\d+|d[kc]|k|ko|khong|duoc|ok)$")


@dataclass(frozen=True, slots=True)
class Details:
    """What else was said: a code, places, a day, a time; `loose` when there is any of
    these but a code.
    """

    code: str
    hamlets: tuple[str, ...]
    day: Day | None
    time: Clock | None
    many: int
    loose: bool
    was: Day | None = None  # the day before `sang`

    @property
    def hamlet(self) -> str:
        """The one hamlet that was named; empty where none was, or several."""
        return self.hamlets[0] if len(self.hamlets) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Text:
    """One text as the rules see it."""

    written: str
    said: str  # its folded words
    now: Situation
    heard: Heard
    asked: tuple[Intent, ...]  # of the requests in it those that say what is wanted now
    details: Details


_Rule = Callable[[_Text], Meaning | None]


def by_rules(written: str, now: Situation) -> Meaning:
    """The meaning of one text. Destructive requests come back only when they were
    plainly asked for.
    """
    said = words_of(written)
    at_once = _at_once(written, said, now)
    if at_once:
        return at_once
    heard = requests(written)
    details = _details(said, heard, now)
    text = _Text(written, said, now, heard, _strongest(heard.asked), details)
    return _first(_IN_ORDER, text) or Meaning("NOTHING")


def _at_once(written: str, said: str, now: Situation) -> Meaning | None:
    """What can be told without looking for requests: a quotation, an opinion, points,
    the number of an event.
    """
    if is_quoted(written) or _TELLS_HOW_TO_CANCEL.match(said):
        return Meaning("ASK" if _QUOTES_CANCELLING.match(said) else "NOTHING")
    opinion = _opinion(said)
    if opinion:
        return opinion
    rated = _rated(written, said) if now.rating else None
    if rated:
        return rated
    if now.typed and now.asked != "hamlets":
        return None
    return numbered(number(written), beyond=len(now.lines))


def _opinion(said: str) -> Meaning | None:
    """`gop y hoi truong nong qua`: whatever else is said in it is what they think. To
    whom alone (`toi muon y kien voi chu tich xa`) says nothing yet.
    """
    begins = _OPINION.match(said)
    if begins is None:
        return None
    follows = said[begins.end() :]
    told = _TO_WHOM.sub("", follows, count=1)
    is_said = bool(told) and len(follows.split()) > 1
    return Meaning("OPINION", kind="said" if is_said else "")


def only_announces_an_opinion(written: str) -> bool:
    """`toi muon y kien voi chu tich xa`: the words of it are still to come."""
    opinion = _opinion(words_of(written))
    return opinion is not None and not opinion.kind


def _first(rules: Iterable[_Rule], text: _Text) -> Meaning | None:
    """What the first rule reads that reads anything."""
    for rule in rules:
        meaning = rule(text)
        if meaning:
            return meaning
    return None


def numbered(key: str, *, beyond: int = 0) -> Meaning | None:
    """Two digits that an event may bear; not one of so many lines that are open."""
    if not _TWO_DIGITS.fullmatch(key):
        return None
    said = int(key)
    if said <= beyond or not NUMBER_FIRST <= said <= NUMBER_LAST:
        return None
    return Meaning("SESSIONS", number=said)


def refusal(written: str) -> Intent | None:
    """Which refusal of texts is plainly asked for, and that alone: `TC`, `STOP`, `TC
    NHAC`, `TC DV`.
    """
    alone = said_alone(written)
    heard = requests(alone)
    if heard.unsure or len(heard.asked) != 1 or is_quoted(alone):
        return None
    word = heard.asked[0]
    return word if word in REFUSALS else None


def thanks(written: str) -> bool:
    """Does the text thank, or say that all is well, and no more?"""
    return _THANKS.match(words_of(written)) is not None


def details_of(written: str, now: Situation) -> Details:
    """What a text says besides what is wanted."""
    return _details(words_of(written), requests(written), now)


def booking_of(details: Details) -> Meaning:
    """A booking where and when it was said."""
    return Meaning(
        "BOOK",
        hamlet=details.hamlet,
        day=details.day,
        time=details.time,
        many=details.many,
    )


def can_come(said: str) -> bool:
    """No negation, doubt, question or errand beside it."""
    return _DOUBTS_COMING.search(said) is None


def may_be_a_name(said: str) -> bool:
    """`chi Dien`, `Ai`: where a name was asked for, some keywords are one."""
    *before, last = said.split()
    return len(before) <= 1 and last in _GIVEN_NAMES


def asks_about_points(said: str) -> bool:
    """`1 là tốt nhất hả cháu`: a question about the points, and none given."""
    return _ASKS_ABOUT_IT.search(said) is not None


def _details(said: str, heard: Heard, now: Situation) -> Details:
    codes = heard.codes or tuple(dict.fromkeys(_CODE.findall(said)))
    code = codes[0] if len(codes) == 1 else ""
    without_codes = _CODE.sub(" ", said)
    many = many_in(without_codes)
    rest = _MANY.sub(" ", without_codes)
    before, wanted = _before_and_wanted(rest) if "CHANGE" in heard.asked else ("", rest)
    hamlets = named(wanted, places_of(now.hamlets))
    said_days = days_meant(wanted)
    said_times = clocks_meant(wanted)
    return Details(
        code=code,
        hamlets=tuple(hamlets),
        day=_one(said_days),
        time=_one(said_times),
        many=many,
        loose=bool(hamlets or said_days or said_times),
        was=_one(days_meant(before)),
    )


def _before_and_wanted(said: str) -> tuple[str, str]:
    """`5/12`, `cn 6/12 8h` of `doi lich 5/12 sang cn 6/12 8h`; nothing before where it
    does not say `sang`.
    """
    *before, wanted = _TARGET.split(said)
    if before:
        return " ".join(before), wanted
    for sang in _SANG.finditer(said):  # `cn 8h sang t7 9h` is the morning of none
        old, new = said[: sang.start()], said[sang.end() :]
        if days_meant(old) and days_meant(new):
            return old, new
    return "", said


def many_in(said: str) -> int:
    """How many come together, by folded words; 0 where that is not said."""
    together = _MANY.search(said)
    if together is None:
        return 2 if _TWO.search(said) else 0
    children = _CHILDREN_TOO.search(said)
    grown = numeral(together["n"] or together["spelt"])
    return grown + (numeral(children["n"]) if children else 0)


def _one(said: Sequence[_Said]) -> _Said | None:
    """What was said once, or the same twice; two different ones cancel out."""
    different = {str(each) for each in said}
    return said[0] if len(different) == 1 else None


def _strongest(asked: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """Of two requests in one text the one that says what is wanted now: `dang ky di doi
    may` is a booking.
    """
    if len(asked) < 2:
        return asked
    for strong, weak in _STRONGER:
        if strong in asked:
            asked = tuple(word for word in asked if word == strong or word not in weak)
    return asked


# The rules of a text with its requests, in the order of `_IN_ORDER`: what must not be
# guessed at comes first.


def _may_refuse_texts(text: _Text) -> Meaning | None:
    """`đừng nhắn nữa phiền lắm`: no word for it stands alone, and no other request wins
    over it.
    """
    if not text.heard.refuses_texts:
        return None
    return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))


def _of_several_codes(text: _Text) -> Meaning | None:
    """`huy 48315 57518`: both are asked about; with two verbs it is for the list of
    bookings.
    """
    codes = text.heard.codes
    if len(codes) < 2:
        return None
    if text.heard.asked == ("CANCEL",) and not text.heard.unsure:
        return Meaning("CANCEL", codes=codes)
    return Meaning("ASK", perhaps=(*text.heard.asked, "MINE"))


def _to_a_promise(text: _Text) -> Meaning | None:
    """`vâng`, `thôi` to a seat that is offered or kept: taken, or given up."""
    if text.heard.asked or not text.now.promised:
        return None
    assent = plainly(text.written)
    if not assent:
        return None
    return Meaning("TAKE" if assent == "yes" else "CANCEL", code=text.now.promised)


def _key_to_a_text(text: _Text) -> Meaning | None:
    """`1` to a text of ours that asks is a yes; `2`, which stands nowhere, is asked
    about.
    """
    now = text.now
    key = number(text.written)
    if now.lines or key not in ("1", "2"):
        return None
    if now.promised:
        return _key_to_a_promise(key, now.promised)
    if now.reminded and now.booking:
        return _key_to_a_reminder(key, now.booking)
    return None


def _key_to_a_promise(key: str, code: str) -> Meaning:
    if key == "1":
        return Meaning("TAKE", code=code)
    return Meaning("ASK", perhaps=("TAKE", "CANCEL"), code=code, read="no")


def _key_to_a_reminder(key: str, code: str) -> Meaning:
    if key == "1":
        return Meaning("COMING", code=code)
    return Meaning("ASK", perhaps=("CANCEL", "CHANGE"), code=code, read="not_coming")


def _comes_by_code(text: _Text) -> Meaning | None:
    """`CO 48315`, as the reminder asks for it: heard whatever list is open."""
    heard, code = text.heard, text.details.code
    if not code or heard.asked or heard.denied or heard.unsure:
        return None
    if not _SAYS_COMING.search(text.said) or not can_come(text.said):
        return None
    return Meaning("COMING", code=code)


def _to_the_list(text: _Text) -> Meaning | None:
    """`8h`, `cái thứ hai`, `không`: the open question first, unless the text plainly
    asks for something else.
    """
    if not text.now.lines:
        return None
    return _first(_ANSWERS, text)


def _wavers(text: _Text) -> Meaning | None:
    """`huỷ hay đổi nhỉ`, `huỷ chưa`: asked back, whatever was meant."""
    heard = text.heard
    if not heard.unsure:
        return None
    if "CANCEL" in heard.asked:
        return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))
    return Meaning("ASK", perhaps=heard.asked)


def _asks_a_fact(text: _Text) -> Meaning | None:
    """`mật khẩu Viettel Money là gì`."""
    if text.asked != ("FACT",):
        return None
    topic = text.heard.topic
    if _may_be_typed(text):
        return Meaning("NOTHING", topic=topic)
    return Meaning("FACT", topic=topic)


def _may_be_typed(text: _Text) -> bool:
    """May a keyword be what was asked for: a hamlet of that name, or somebody?"""
    if not text.now.typed:
        return False
    if text.now.asked == "hamlets":
        return bool(text.details.hamlets)
    return may_be_a_name(text.said)


def _contradicts_itself(text: _Text) -> Meaning | None:
    """`huỷ lịch, gọi lại cho tôi` asks for two things; `giữ 48315 hủy cái kia` has only
    the code of the one to keep.
    """
    asked = text.asked
    keeps = asked == ("CANCEL",) and _keeps(text.said, text.details.code)
    if keeps or len(asked) > 1:
        return Meaning("ASK", perhaps=asked)
    return None


def _asks_for_one_thing(text: _Text) -> Meaning | None:
    """`đặt lịch thứ 7 lúc 8h`: the request, with what else was said of it."""
    if not text.asked:
        return None
    return _request(text.asked[0], text)


def _will_come(text: _Text) -> Meaning | None:
    """`mai tôi đến` after a reminder."""
    if not text.now.reminded or not _COMING.search(text.said):
        return None
    of_the_coming = _NOT_CANCELLING.sub(" ", text.said)
    if asks_by_its_marks(text.written) or not can_come(of_the_coming):
        return None
    if _is_another_day(text.details.day, text.now):
        return Meaning("ASK", perhaps=("COMING", "CHANGE"), read="coming")
    return Meaning("COMING", code=text.now.booking)


def _is_another_day(said: Day | None, now: Situation) -> bool:
    """`mai tôi đến` two days before the booking: its day is told before that counts."""
    if said is None or now.booked_on is None:
        return False
    return not said.is_on(now.booked_on, now.today)


def _takes_it_back(text: _Text) -> Meaning | None:
    """`tôi không hủy đâu` wants nothing; `đã hủy chưa` asks whether it was done."""
    if not text.heard.denied:
        return None
    if text.said.endswith("chua") and not text.said.startswith("chua"):
        return Meaning("ASK")
    return Meaning("NOTHING")


def _names_place_and_time(text: _Text) -> Meaning | None:
    """`Quảng Trung I thứ 7`: who names both wants a seat there."""
    details = text.details
    if details.hamlet and (details.day or details.time):
        return booking_of(details)
    return None


def _slips(text: _Text) -> Meaning | None:
    """`hyu lihc`: a keyword with a slip is asked about."""
    return Meaning("ASK") if near_miss(text.said) else None


def _thanks(text: _Text) -> Meaning | None:
    """`cảm ơn cháu`."""
    return Meaning("NOTHING") if _THANKS.match(text.said) else None


def _cannot_come(text: _Text) -> Meaning | None:
    """`mai tôi bận`, without a word of cancelling: cancel, or another time?"""
    if not text.now.booking:
        return None
    if _CANNOT.search(text.said) or _calls_off(text):
        return Meaning("ASK", perhaps=("CANCEL", "CHANGE"))
    return None


def _calls_off(text: _Text) -> bool:
    """An illness, an errand or a plain no in answer to a reminder."""
    if not text.now.reminded:
        return False
    return _ILL.search(text.said) is not None or plainly(text.written) == "no"


def _a_code_alone(text: _Text) -> Meaning | None:
    """`48315`, `mã 48315`: the booking of it is shown."""
    if text.now.lines or text.now.promised or not _CODE_ALONE.fullmatch(text.said):
        return None
    return Meaning("MINE", code=text.details.code)


def _is_half_said(text: _Text) -> Meaning | None:
    """`483`, `đổi sang`, `thứ 7`, `ko`: something is wanted, and nobody can tell
    what.
    """
    said, details = text.said, text.details
    if details.code or said.startswith("doi ") or _HANGS.match(said):
        return Meaning("ASK")
    is_short = len(said.split()) <= 5
    if is_short and details.loose and not _HUY.search(said):
        return Meaning("ASK")
    return None


_IN_ORDER: tuple[_Rule, ...] = (
    _may_refuse_texts,
    _of_several_codes,
    _to_a_promise,
    _key_to_a_text,
    _comes_by_code,
    _to_the_list,
    _wavers,
    _asks_a_fact,
    _contradicts_itself,
    _asks_for_one_thing,
    # From here on there is no request in it: that one will come, a request half said,
    # or just talk.
    _will_come,
    _takes_it_back,
    _names_place_and_time,
    _slips,
    _thanks,
    _cannot_come,
    _a_code_alone,
    _is_half_said,
)


# What may answer the open list, in the order of `_ANSWERS`.


def _in_full(text: _Text) -> Meaning | None:
    """`dat ho`: one line, word by word as it stands there."""
    values = [
        line.value for line in text.now.lines if words_of(line.label) == text.said
    ]
    return Meaning("PICK", picked=values[0]) if len(values) == 1 else None


def _keeps_some_texts(text: _Text) -> Meaning | None:
    """`qc thôi, nhắc lịch vẫn cần` to the question what to stop: which of the two words
    is the one to stop nobody can tell by rule.
    """
    if text.now.asked != "stop" or not _STILL_WANTED.search(text.said):
        return None
    return Meaning("ASK")


def _refuses_what_it_asks_for(text: _Text) -> Meaning | None:
    """`không, hủy 48315 đi` to the question whether to cancel."""
    if not text.asked or not text.details.code:
        return None
    is_the_question = text.now.line_of(text.asked[0]) == "yes"
    if is_the_question and refuses(text.said):
        return Meaning("ASK")
    return None


def _a_line_by_its_request(text: _Text) -> Meaning | None:
    """`kt máy` on the main menu. What binds is a plain yes, or nothing: `dat cho ca vo
    toi nua` is asked back.
    """
    details = text.details
    if len(text.asked) != 1 or text.heard.unsure or details.loose or details.code:
        return None
    line = text.now.line_of(text.asked[0])
    if not line:
        return None
    if line == "yes" and not _agrees_plainly(text):
        return Meaning("ASK")
    return Meaning("PICK", picked=line)


def _agrees_plainly(text: _Text) -> bool:
    cancelling = bool(text.now.line_of("CANCEL"))
    return plainly(text.written, cancelling=cancelling) == "yes"


def _cancels_what_is_asked(text: _Text) -> Meaning | None:
    """`huỷ` to the question whether to book is a no to it."""
    is_refused = text.said == "tu choi"
    is_cancelled = text.asked == ("CANCEL",) and not text.heard.unsure
    if text.details.code or not (is_cancelled or is_refused):
        return None
    if is_refused and any(line.value == "no" for line in text.now.lines):
        return Meaning("PICK", picked="no")
    if _asks_of_the_nearest(text.now) and not text.now.booking:
        return Meaning("NOTHING", read="no")  # no other day is shown either
    questions = text.now.questions
    if not questions or "CANCEL" in questions:
        return None
    return Meaning("PICK", picked="no")


def _brings_others(text: _Text) -> Meaning | None:
    """`vâng, cho cả ông nhà tôi nữa`: the line that asks how many come."""
    has_it = any(line.value == "with" for line in text.now.lines)
    is_plain = has_it and text.now.asked == "confirm" and not text.asked
    if not is_plain or "?" in text.written:
        return None
    if not many_in(text.said) or refuses(text.said):
        return None
    return Meaning("PICK", picked="with")


def _lines_that_fit(text: _Text) -> Meaning | None:
    """`8h`, `cái thứ hai`: the one line that fits is picked, several are asked about."""
    if _wants_something_else(text):
        return None
    values = pick(text.written, text.now.lines, text.now.today)
    only = len(values) == 1
    if text.asked == ("FACT",) and not (only and text.details.loose):
        return None  # but `8h o diem viettel` among hours is the hour
    if only:
        return Meaning("PICK", picked=values[0])
    if not values and says_only_da(text.written):
        return Meaning("ASK", perhaps=("yes",), read="yes")
    if not values and thanks(text.written):
        return Meaning("NOTHING")
    elsewhere = None if values else _another_day_or_place(text)
    return elsewhere or Meaning("ASK", perhaps=values)


def _another_day_or_place(text: _Text) -> Meaning | None:
    """`mai`, `tuần sau`, `t7 ở Quảng Hồng I` to a list that has no such line: what is
    not held is said, and what is. `hôm khác` leads back to the days.
    """
    said, details = text.said, text.details
    if _is_of_the_list(text):
        return None
    if text.asked == ("BOOK",) and (details.day or details.time):
        return booking_of(details)  # `DL T7 8H`, as we tell people to text
    if not _lists_days_or_hours(text.now):
        return None
    if details.hamlet or details.day:
        return replace(booking_of(details), read="pick")
    if details.time and _asks_of_the_nearest(text.now):
        return Meaning("PICK", picked="yes")  # that day, at this hour
    return Meaning("BOOK", read="pick") if _ANOTHER_DAY.search(said) else None


def _lists_days_or_hours(now: Situation) -> bool:
    """Is a list of days or hours open, or the question about the nearest day?"""
    return now.asked in BOOKING_LISTS or _asks_of_the_nearest(now)


def _asks_of_the_nearest(now: Situation) -> bool:
    return now.asked == "confirm" and not now.questions


def _is_of_the_list(text: _Text) -> bool:
    """`buổi thứ ba` may be the third line, and `mai được không` asks."""
    if text.heard.unsure or "?" in text.written:
        return True
    return _PLACE_IN_LIST.search(text.said) is not None


def _wants_something_else(text: _Text) -> bool:
    """A request that is not what the list asks about, or one for the booking of a code,
    whichever list is open.
    """
    if text.asked and text.details.code:
        return True
    of_the_list = {*text.now.questions, "FACT"}
    return not of_the_list.issuperset(text.asked)


_ANSWERS: tuple[_Rule, ...] = (
    _in_full,
    _keeps_some_texts,
    _refuses_what_it_asks_for,
    _a_line_by_its_request,
    _cancels_what_is_asked,
    _brings_others,
    _lines_that_fit,
)


def _request(word: Intent, text: _Text) -> Meaning:
    """One request, with those details that belong to it."""
    details = text.details
    match word:
        case "BOOK":
            return _book(details)
        case "CHECK" if details.day or details.time:
            return _book(details)  # who names a time wants a seat
        case "SESSIONS":
            return Meaning(word, hamlet=details.hamlet)
        case "CHANGE" if details.code and _ASKS_WHETHER.search(text.said):
            return Meaning("ASK", perhaps=("CHANGE",), code=details.code, read="change")
        case "CHANGE":
            return _change(details)
        case "CANCEL":
            return _cancel(text, details.code)
        case "TAKE" if _is_taken_with_more(text):
            return Meaning("ASK", perhaps=("TAKE", "CANCEL"), code=details.code)
        case "MINE" | "TAKE":
            return Meaning(word, code=details.code)
        case "REQUEST":
            return Meaning(word, hamlet=details.hamlet, kind=requested(text.said))
        case "OPINION":
            return Meaning(word, kind="said")
        case "RATE":
            return Meaning(word, score=_score(text.said))
        case _:
            return Meaning(word)


def _book(details: Details) -> Meaning:
    """Of several hamlets none is guessed at."""
    if len(details.hamlets) > 1:
        return Meaning("ASK", perhaps=("BOOK",))
    return booking_of(details)


def _change(details: Details) -> Meaning:
    return Meaning(
        "CHANGE",
        code=details.code,
        hamlet=details.hamlet,
        day=details.day,
        was=details.was,
        time=details.time,
    )


def _rated(written: str, said: str) -> Meaning | None:
    """`4`, `4 nhe chau`, `4 diem`, `5/5`; praise or blame without a number is asked for
    one.
    """
    key = number(written)
    if key in ("1", "2", "3", "4", "5"):
        return Meaning("RATE", score=int(key))
    if asks_about_points(said) or _ENDS_AS_A_QUESTION.search(said):
        return None
    kept = _TAKEN_OFF.sub(" ", said)
    points = _POINTS.search(kept)
    is_plain = len(_NUMBERS.findall(kept)) <= 1 and not _TAKEN_BACK.search(kept)
    if points and is_plain:
        return Meaning("RATE", score=numeral(points["n"]))
    if points or _PRAISE.fullmatch(said) or _OUT_OF_TEN.search(said):
        return Meaning("RATE", read="opinion")
    return None


def _score(said: str) -> int:
    """1 to 5, in a digit or a word; 0 when none was said."""
    found = _SCORE.search(said)
    return numeral(found["n"]) if found else 0


def _keeps(said: str, code: str) -> bool:
    """`giữ 48315 hủy cái kia`: the only code that was said is the one to keep."""
    return bool(code) and re.search(rf"\b(?:co|giu|de|lay) {code}\b", said) is not None


def _is_taken_with_more(text: _Text) -> bool:
    """`nhận 48315 cho vợ`, `NHAN 48315 à nhầm`: more than the seat, or less."""
    without_code = _CODE.sub(" ", text.written)
    return doubts(without_code) or holds_back(without_code) or many_in(text.said) > 1


def _cancel(text: _Text, code: str) -> Meaning:
    """A bare HUY with nothing booked, or after a reminder, can mean three things."""
    said, now = text.said, text.now
    if code and _is_doubted(said, code):
        return Meaning("ASK", perhaps=("CANCEL",), code=code)
    if code:
        return Meaning("CANCEL", code=code)
    if now.booking and _EVERY.search(said):
        return Meaning("CANCEL", every=True)
    is_of_a_booking = _OF_A_BOOKING.search(said) or (now.booking and not now.reminded)
    if _HALF_A_CODE.search(said) or not is_of_a_booking:
        return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))
    return Meaning("CANCEL")


def _is_doubted(said: str, code: str) -> bool:
    """Is there talk from the verb of this code on, as in `huy 48315 nhầm rồi`?"""
    before = said[: said.find(code)]
    if before.endswith(("ma huy ", "co huy ")):
        return True  # `mã hủy 48315 của tôi bị mất`; `CO HUY 48315` is both
    verb = max(before.rfind("huy"), 0)
    from_the_verb = CANNOT_COME.sub(" ", said[verb:])
    return _DOUBTS_CANCELLING.search(from_the_verb) is not None
