"""What the rules read in a text, heard against what is open on that phone. Nothing here acts; a guess never does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from menus.hearing.answers import pick, refuses
from menus.hearing.assent import asks_by_its_marks, plainly
from menus.hearing.folding import SPELT, number, said_alone, words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.places import named
from menus.hearing.requests import (
    Heard,
    Intent,
    is_quoted,
    near_miss,
    requested,
    requests,
)
from menus.hearing.when import Clock, Day, clocks, days, suits
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
_ASKS_ABOUT_IT = re.compile(r"\b(?:ha|sao|la gi|the nao|nghia)\b")
# `đổi 48315 t5 9h được không` asks, and moves nothing.
_ASKS_WHETHER = re.compile(r"\b(?:duoc|dc) (?:khong|ko|k|hok|chu|ha)\b")
# Beside a code `huy` may be talk: `huy 48315 nhầm rồi`, `mã hủy 48315 bị mất`. That one cannot come is a reason for it.
_CANNOT_COME = re.compile(
    r"\b(?:khong|ko|k|hok) (?:di|den|ra|toi|len|xuong|qua)(?: (?:duoc|dc|noi|nua))?\b"
)
_DOUBTS_CANCELLING = re.compile(
    r"\b(?:nham|khong|ko|k|hok|thoi|mat|ai|sao|gi|chua|dung|hay|neu|lam sao|the nao)\b"
)
_PRAISE = re.compile(
    r"(?:rat |qua |cung )?(?:tot|kem|te|duoc|on|tam|hai long|chan|do)(?: (?:lam|qua|a|nhe|day|oi|em|chau))*"
)
# Beside any of these "I will come" is asked back: a no, an illness, an errand, a question. `khong ban` is none of them.
_DOUBTS_COMING = re.compile(
    r"\b(?:khong|khg|kh|ko|kg|k|hok|hong|chua|chang)\b(?! (?:ban|huy|sao|quen)\b)|(?<!khong )(?<!ko )(?<!k )\bban\b"
    r"|\b(?:benh|vien|om|dau|thoi|xoa|neu|co le|chac la|hay|gi|nao|ai|may gio|bao gio|lo|muon|sao)\b"
    r"|\bchac (?!chan)|\b(?:ha|nhi)$"
    r"|\b(?:di|den|ra|len) (?:dam|cho|lam|kham|hop|hoc|choi|ha noi|vien|benh vien|bac si|toa|ruong|nuong|ray|don)\b"
    r"|\b(?:sinh con|trong chau|mua to|phai)\b"
)
# Cannot come, without a word of cancelling: cancel, or another time?
_CANNOT = re.compile(
    r"\bban\b|\b(?:khong|khg|kh|ko|k|hok|chua) (?:di|den|ra|toi|xuong|len|qua)\b(?! nham)"
)
_ILL = re.compile(r"\b(?:om|benh|vien|co viec|mac viec|dam (?:tang|ma|cuoi))\b")
_THANKS = re.compile(
    r"^(?:da |vang |ok |e )*(?:em |ba |toi |xin )?(?:cam on|tks|thanks|thank)|^(?:ok|oke|da|vang)(?: a)?$"
)
_SCORE = re.compile(
    r"(?:dg|gia|cham|diem) ?(?:la |diem |so |cho |muc )?(?P<n>[1-5](?!\d)|(?:mot|hai|ba|bon|nam)\b)"
)
# `3 nguoi`, `hai me con`: how many come. `thu 3` is a day, and `7h 3 nguoi` no time of its own.
_MANY = re.compile(
    r"(?<!thu )(?<!ngay )(?<!\d[/:])\b(?P<n>\d|hai|ba|bon|nam|sau) ?(?:nguoi(?! ta)|ng\b|(?:me|bo|ba|ong|chu|bac) con\b"
    r"|(?:ba|ong|co|chu) chau\b|vo chong\b|(?:anh|chi) em\b)"
)
# `doi tu … sang …`; but in `8h sang thu 7` it is the morning.
_TARGET = re.compile(
    r"(?<![\dhg])(?<!gio) sang (?=t[2-7]\b|thu |cn|chu |ngay|mai|chieu|\d|luc)"
)
# `gop y: ...`, `toi xin phan anh ...`: what follows is an opinion.
_OPINION = re.compile(
    r"^(?:(?:da|vang|e|em|a|anh|chi|alo|chau|cac|co|chu|bac|oi|ba|ong|toi|con|cho|xin|minh|gia dinh|nha|muon|can|duoc"
    r"|hoi|thua|chao|xa|can bo|uy ban|kinh gui|soan) )*"
    r"(?:(?:dong )?gop y(?: kien)?|phan anh|khieu nai|kien nghi|phan nan|than phien|y kien (?:cua )?(?:toi|em|minh)"
    r"|(?:opinion|feedback|complaint|complain|i want to complain)\b)(?: (?:la|rang|ve|voi xa|voi uy ban|cho xa))?\b"
)
# What a number, a time, a day or an "okay" alone may be: something, but nobody can tell what.
_HANGS = re.compile(r"^(?:\d+|d[kc]|k|ko|khong|duoc|ok)$")


def by_rules(written: str, now: Situation) -> Meaning:
    """The meaning of one text. Destructive requests come back only when they were plainly asked for."""
    said = words_of(written)
    if is_quoted(written):
        return Meaning("ASK" if re.match(r"^soan huy \d{5}", said) else "NOTHING")
    if opinion := _OPINION.match(
        said
    ):  # whatever else is said in it is what they think
        return Meaning(
            "OPINION", kind="said" if len(said[opinion.end() :].split()) > 1 else ""
        )
    if now.rating and (rated := _rated(written, said)):
        return rated
    if not now.typed and (
        of_an_event := numbered(number(written), beyond=len(now.lines))
    ):
        return of_an_event
    return _of_what_is_asked(written, said, now)


def _of_what_is_asked(written: str, said: str, now: Situation) -> Meaning:
    """The meaning of a text that is no quotation, opinion, rating or number of a session."""
    heard = requests(written)
    details = _details(said, heard, now)
    if heard.refuses_texts:
        return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))
    if len(heard.codes) > 1:
        return Meaning("ASK", perhaps=(*heard.asked, "MINE"))
    if now.promised and not heard.asked and (assent := plainly(written)):
        return Meaning("TAKE" if assent == "yes" else "CANCEL", code=now.promised)
    if not now.lines and (by_key := _by_key_to_a_text(number(written), now)):
        return by_key
    if _comes_by_code(said, heard, details):
        return Meaning("COMING", code=details.code)
    if now.lines and (answer := _answer(written, heard, details, now)):
        return answer
    if heard.unsure:
        stops: tuple[Intent, ...] = (
            ("CANCEL", "STOP_ALL") if "CANCEL" in heard.asked else ()
        )
        return Meaning("ASK", perhaps=stops or heard.asked)
    asked = _strongest(heard.asked)
    if asked == ("FACT",):
        return Meaning(
            "NOTHING" if now.typed and may_be_a_name(said) else "FACT",
            topic=heard.topic,
        )
    if asked == ("CHECK",) and (details.day or details.time):
        asked = ("BOOK",)  # who names a time wants a seat
    contradicts = asked == ("CANCEL",) and _keeps(said, details.code)
    if len(asked) > 1 or contradicts:
        return Meaning("ASK", perhaps=asked)
    return (
        _request(asked[0], said, details, now)
        if asked
        else _no_request(written, said, heard, details, now)
    )


def _by_key_to_a_text(key: str, now: Situation) -> Meaning | None:
    """`1` to a text of ours that asks is a yes; `2`, which stands nowhere, is asked about."""
    if key == "1" and now.promised:
        return Meaning("TAKE", code=now.promised)
    if key == "1" and now.reminded and now.booking:
        return Meaning("COMING", code=now.booking)
    if key == "2" and now.promised:
        return Meaning("ASK", perhaps=("TAKE", "CANCEL"), code=now.promised, read="no")
    if key == "2" and now.reminded and now.booking:
        return Meaning(
            "ASK", perhaps=("CANCEL", "CHANGE"), code=now.booking, read="not_coming"
        )
    return None


def numbered(key: str, *, beyond: int = 0) -> Meaning | None:
    """Two digits that an event may bear; not one of so many lines that are open."""
    if not re.fullmatch(r"[1-9]\d", key):
        return None
    said = int(key)
    return (
        Meaning("SESSIONS", number=said)
        if NUMBER_FIRST <= said <= NUMBER_LAST and said > beyond
        else None
    )


def refusal(written: str) -> Intent | None:
    """Which refusal of texts is plainly asked for, and that alone: `TC`, `STOP`, `TC NHAC`, `TC DV`."""
    written = said_alone(written)
    heard = requests(written)
    if heard.unsure or is_quoted(written) or len(heard.asked) != 1:
        return None
    return heard.asked[0] if heard.asked[0] in REFUSALS else None


def thanks(written: str) -> bool:
    """Does the text thank, or say that all is well, and no more?"""
    return _THANKS.match(words_of(written)) is not None


@dataclass(frozen=True, slots=True)
class Details:
    """What else was said: a code, places, a day, a time; `loose` when there is any of these but a code."""

    code: str
    hamlets: tuple[str, ...]
    day: Day | None
    time: Clock | None
    many: int
    loose: bool


def _details(said: str, heard: Heard, now: Situation) -> Details:
    codes = heard.codes or tuple(dict.fromkeys(_CODE.findall(said)))
    code = codes[0] if len(codes) == 1 else ""
    rest = _CODE.sub(" ", said)
    together = _MANY.search(rest)
    rest = _MANY.sub(" ", rest)
    target = _TARGET.split(rest)[-1] if "CHANGE" in heard.asked else rest
    hamlets = named(
        rest, [(line.value, (line.label, *line.names)) for line in now.hamlets]
    )
    when = [day for day in days(target) if suits(target, day)]
    at = [clock for clock in clocks(target) if suits(target, clock)]
    many = 0 if together is None else SPELT.get(together["n"]) or int(together["n"])
    return Details(
        code, tuple(hamlets), _one(when), _one(at), many, bool(hamlets or when or at)
    )


def details_of(written: str, now: Situation) -> Details:
    """What a text says besides what is wanted."""
    return _details(words_of(written), requests(written), now)


def _one(said: Sequence[_Said]) -> _Said | None:
    """What was said once, or the same twice; two different ones cancel out."""
    return (
        said[0] if said and all(str(other) == str(said[0]) for other in said) else None
    )


def _comes_by_code(said: str, heard: Heard, details: Details) -> bool:
    """`CO 48315`, as the reminder asks for it: heard whatever list is open."""
    if not details.code or heard.asked or heard.denied or heard.unsure:
        return False
    comes = re.search(
        r"^(?:co|ok|vang|xac nhan|dong y)\b|\bco \d{5}\b|\bse (?:den|di|ra)\b", said
    )
    return comes is not None and can_come(said)


def can_come(said: str) -> bool:
    """No negation, doubt, question or errand beside it."""
    return _DOUBTS_COMING.search(said) is None


def _strongest(asked: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """Of two requests in one text the one that says what is wanted now: `dang ky di doi may` is a booking."""
    for strong, weak in (
        (
            "REQUEST",
            (
                "CALL",
                "HELP",
                "CHECK",
                "BOOK",
                "MINE",
                "RATE",
                "HOWTO",
                "TAKE",
                "OPINION",
            ),
        ),
        ("OPINION", ("CALL", "HELP", "CHECK", "BOOK", "MINE", "RATE", "HOWTO")),
        ("UNDO", None),
        ("CALL", ("HELP", "BRING")),
        ("BOOK", ("CHECK", "HELP", "SESSIONS", "BRING")),
        ("SESSIONS", ("CHECK", "HELP", "HOWTO", "MINE")),
        ("BRING", ("HELP", "HOWTO", "CHECK", "MINE", "SESSIONS")),
        ("MINE", ("HELP",)),
        ("HOWTO", ("HELP",)),
    ):
        if strong in asked:
            asked = tuple(
                word
                for word in asked
                if word == strong or (weak is not None and word not in weak)
            )
    return asked


def _answer(
    written: str, heard: Heard, details: Details, now: Situation
) -> Meaning | None:
    """The open question first, unless the text plainly asks for something else."""
    spelt_out = [
        line.value for line in now.lines if words_of(line.label) == words_of(written)
    ]
    if len(spelt_out) == 1:
        return Meaning("PICK", picked=spelt_out[0])  # `dat ho`, as it stands there
    asked = _strongest(heard.asked)
    if asked and details.code:  # about the booking of that code, whichever is open
        torn = dict(now.commands).get(asked[0]) == "yes" and refuses(words_of(written))
        return Meaning("ASK") if torn else None
    if (
        len(asked) == 1
        and not heard.unsure
        and not details.loose
        and (line := dict(now.commands).get(asked[0]))
    ):
        # What binds is a plain yes, or nothing: `dat cho ca vo toi nua`, `khong, huy di` are asked back.
        binds = (
            line == "yes"
            and plainly(written, cancelling="CANCEL" in dict(now.commands)) != "yes"
        )
        return Meaning("ASK") if binds else Meaning("PICK", picked=line)
    questions = [word for word, value in now.commands if value == "yes"]
    if (
        questions
        and asked == ("CANCEL",)
        and not (details.code or heard.unsure or "CANCEL" in questions)
    ):
        return Meaning("PICK", picked="no")
    values = pick(written, now.lines, now.today)
    if asked == ("FACT",) and not (
        details.loose and len(values) == 1
    ):  # `8h o diem viettel` among hours is the hour
        return None
    if any(word not in (*questions, "FACT") for word in asked):
        return None
    if len(values) == 1:
        return Meaning("PICK", picked=values[0])
    if not values and thanks(written):
        return Meaning("NOTHING")
    return Meaning("ASK", perhaps=values)


def may_be_a_name(said: str) -> bool:
    """`chi Dien`, `Ai`: where a name was asked for, a keyword is one."""
    return len(said.split()) <= 2 and said != "lua dao"


def _request(word: Intent, said: str, details: Details, now: Situation) -> Meaning:
    match word:
        case "BOOK" if len(details.hamlets) > 1:
            return Meaning("ASK", perhaps=("BOOK",))
        case "BOOK":
            hamlet = "".join(details.hamlets)
            return Meaning(
                word,
                hamlet=hamlet,
                day=details.day,
                time=details.time,
                many=details.many,
            )
        case "SESSIONS":
            return Meaning(
                word, hamlet=details.hamlets[0] if len(details.hamlets) == 1 else ""
            )
        case "CHANGE" if details.code and _ASKS_WHETHER.search(said):
            return Meaning("ASK", perhaps=("CHANGE",), code=details.code, read="change")
        case "CHANGE":
            return Meaning(word, code=details.code, day=details.day, time=details.time)
        case "CANCEL":
            return _cancel(said, details.code, now)
        case "MINE" | "TAKE":
            return Meaning(word, code=details.code)
        case "REQUEST":
            place = details.hamlets[0] if len(details.hamlets) == 1 else ""
            return Meaning(word, hamlet=place, kind=requested(said))
        case "OPINION":
            return Meaning(word, kind="said")
        case "RATE":
            return Meaning(word, score=_score(said))
        case _:
            return Meaning(word)


def _rated(written: str, said: str) -> Meaning | None:
    """`4`, `4 nhe chau`, `4 diem`, `5/5`; praise or blame without a number is asked for one."""
    key = number(written)
    if key in ("1", "2", "3", "4", "5"):
        return Meaning("RATE", score=int(key))
    if asks_about_points(said):
        return None
    if (found := _POINTS.search(said)) and len(
        re.findall(r"\d+(?! ?/ ?5)|/ ?5", said)
    ) <= 1:
        return Meaning("RATE", score=SPELT.get(found["n"]) or int(found["n"]))
    return Meaning("RATE") if _PRAISE.fullmatch(said) else None


def asks_about_points(said: str) -> bool:
    """`1 là tốt nhất hả cháu`: a question about the points, and none given."""
    return _ASKS_ABOUT_IT.search(said) is not None


def _score(said: str) -> int:
    """1 to 5, in a digit or a word; 0 when none was said."""
    found = _SCORE.search(said)
    return 0 if found is None else SPELT.get(found["n"]) or int(found["n"])


def _keeps(said: str, code: str) -> bool:
    """`giữ 48315 hủy cái kia`: the only code that was said is the one to keep."""
    return bool(code) and re.search(rf"\b(?:co|giu|de|lay) {code}\b", said) is not None


def _is_doubted(said: str, code: str) -> bool:
    """Is there talk from the verb of this code on, as in `huy 48315 nhầm rồi`?"""
    before = said[: said.find(code)]
    verb = max(before.rfind("huy"), 0)
    if before.endswith("ma huy "):
        return True  # `mã hủy 48315 của tôi bị mất`
    from_the_verb = _CANNOT_COME.sub(" ", said[verb:])
    return _DOUBTS_CANCELLING.search(from_the_verb) is not None


def _cancel(said: str, code: str, now: Situation) -> Meaning:
    """A bare HUY with nothing booked, or after a reminder, can mean three things."""
    if code and _is_doubted(said, code):
        return Meaning("ASK", perhaps=("CANCEL",), code=code)
    if code:
        return Meaning("CANCEL", code=code)
    plain = re.search(r"\b(?:lich|hen)\b", said) is not None
    if re.search(r"\d{3,}", said) or not (plain or (now.booking and not now.reminded)):
        return Meaning("ASK", perhaps=("CANCEL", "STOP_ALL"))
    return Meaning("CANCEL")


def _no_request(
    written: str, said: str, heard: Heard, details: Details, now: Situation
) -> Meaning:
    """No request in it: that one will come, a request half said, or just talk."""
    comes = can_come(said.replace("dung huy", "")) and not asks_by_its_marks(written)
    if now.reminded and comes and _COMING.search(said):
        return Meaning("COMING", code=now.booking)
    if heard.denied:
        return Meaning(
            "ASK"
            if said.endswith("chua") and not said.startswith("chua")
            else "NOTHING"
        )
    name_said = re.search(r"\bhuy\b", said) is not None
    if len(details.hamlets) == 1 and (details.day or details.time):
        hamlet = details.hamlets[0]
        return Meaning(
            "BOOK", hamlet=hamlet, day=details.day, time=details.time, many=details.many
        )
    if near_miss(said):
        return Meaning("ASK")
    if _THANKS.match(said):
        return Meaning("NOTHING")
    short = len(said.split()) <= 5
    if now.booking and (
        _CANNOT.search(said)
        or (now.reminded and (_ILL.search(said) or plainly(written) == "no"))
    ):
        return Meaning("ASK", perhaps=("CANCEL", "CHANGE"))
    half_said = (
        details.code
        or said.startswith("doi ")
        or _HANGS.match(said)
        or (short and details.loose and not name_said)
    )
    return Meaning("ASK" if half_said else "NOTHING")
