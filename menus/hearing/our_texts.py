"""Plain answers to three of our texts, in the words that people write beside the key:
what was logged for them (`1 dung roi`, `2. toi da doi dau`), a booking that was moved
(`duoc, hom do toi ranh`), a visit that was missed (`1 cho toi hen lai`).

Heard before the rules and the reader, which have learned few such texts. A question, a
doubt, somebody else in it: none of these here, so that nobody is bound by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from menus.hearing.assent import asks_by_its_marks, plainly
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.reader import Asked, Label
from menus.hearing.requests import requests
from menus.hearing.rules import booking_of, can_come, details_of, thanks

RIGHT, DENIED = "right", "denied"  # kinds of LOGGED
_TALKS: frozenset[Label | None] = frozenset({"question", "talk", "opinion", "fact"})
MOST_WORDS = 16  # who writes more has more in mind

_FILLING = (
    r"(?:da|vang|a|ah|u|uh|uk|um|ok|oke|e|em|chau|con|toi|tui|t|minh|bac|ba|ong|co|chu|cu|anh|chi|nha|nhe|oi|thua|roi|r"
    r"|la|thi|day|do|xa|can bo|ma)"
)
_SELF = r"(?:(?:da |vang )?(?:toi|tui|t|em|e|chau|con|minh|bac|ba|ong|co|chu|cu|nha toi|may toi|so nay) )?"
_GOT = r"(?:nhan|lay|doi|cai|mo|cam|lam|co)"
# `1 dung roi`, `ba bam 2 roi`; no `2 cai`, `1 2 deu khong`, `2h`.
_KEYED = re.compile(
    rf"(?:{_FILLING} )*(?:(?:bam|chon|nhan|soan|gui|tra loi|phim|so|muc) )*(?P<key>[12])"
    r"(?! (?:\d|cai|may|sim|nguoi|ng|gio|ngay|thang|tuan|cho(?! toi\b)|cua|con|lan|tin|so|trong|hay)\b)"
    r"(?: (?P<rest>\D.*))?"
)
_UNSURE = re.compile(
    r"\b(?:khong|ko|kg|khg|kh|k|hok|hong|chua|chang|dau|sai|nham|nhung|ma|ai|sao|gi|j|nao|hay|hoac|hinh nhu|chac|neu"
    r"|co le|lai|khac|tra|mat|nua|thoi|tin|huy|bo|goi|hoi|xem|tuong|bao gio|hai|wrong|not|but|t)\b"
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:vo|chong|me|bo|cha|ong|ba|con|chau|anh|chi|em) (?:toi|em|minh|tui|chau|trai|gai|dau|re|noi|ngoai|nha)\b"
    r"|\b(?:cho|ho|cua|cho ca) (?:vo|chong|me|bo|ong|ba|con|anh|chi|em|nguoi)\b|\bvo chong\b|\bnguoi khac\b"
)
# Without tone marks, in answer to `Đúng: soạn 1`; what follows may be no `nhận tin` or
# `gửi`: that would be `đừng`.
_SAYS_RIGHT = re.compile(
    rf"(?:{_FILLING} )*(?:dung|chuan|chinh xac|phai|ghi dung)(?: (?:y|vay|the|het|ca|luon|{_FILLING}))*"
    rf"(?: (?:da |vua |moi |duoc )*{_GOT}(?: \w+)+)?"
)
_HAS_IT = re.compile(
    rf"(?:{_FILLING} )*(?:da |vua |moi |duoc )*{_GOT} (?:\w+ )*?(?:roi|r|xong|du)(?: \w+)*"
)
_RIGHT_IN_ENGLISH = re.compile(
    r"(?:yes |yeah )?(?:(?:it|that|this|all) (?:s|is) )?(?:all )?(?:right|correct|true)(?: \w+)*"
)
_STOPS = re.compile(r"\b[dđ](?:ừ)ng\b", re.IGNORECASE)  # dừng, đừng: no `đúng`
_SAYS_WRONG = re.compile(
    rf"(?:{_FILLING} )*(?:sai|ghi sai|ghi nham|(?:khong|ko|k) dung|(?:khong|ko) phai(?! (?:toi|em|so|may))|lam gi co"
    rf"|dau co)\b.*"
    r"|.*\b(?:ghi|luu|nhap|bao) (?:sai|nham)\b.*"
)
_HAS_IT_NOT = re.compile(
    rf"(?:{_FILLING} )*(?:da |co )?{_GOT}(?: \w+){{0,2}} dau\b.*"
    rf"|(?:{_FILLING} )*(?:khong|ko|k|chang|chua)(?: (?:he|co|duoc|thay|tung))* {_GOT}\b(?! (?:tin|nhan|duoc)).*"
    rf"|(?:{_FILLING} )*chua(?: (?:mai|toi|den|tuan|{_FILLING})\b.*)?"
)
_WRONG_IN_ENGLISH = re.compile(
    r"(?:no )?(?:wrong|(?:(?:it|that|this) (?:s|is) )?(?:not (?:right|true|correct)|wrong)"
    r"|i (?:did not|didn t|have not|haven t|never))\b.*"
)
_NEVER_SAID = re.compile(r"\b(?:hieu|ro|biet|nghe|doc)\b")  # `chưa hiểu`
# `duoc`, `co a`; but `ok`, `vang`, `dc roi` may only say that the text was read.
_AGREES = re.compile(
    rf"(?:da |vang )*(?:co(?: (?:a|ah|nhe|nha|e|em|chau|oi))*"
    rf"|(?:duoc|dc|dong y|nhat tri|yes)(?: (?!roi\b|r\b){_FILLING})*)"
)
_NOT_YET_SURE = re.compile(r"\b(?:kho|moi (?:di|den|ra|xuong|len))\b")
_OKAY = re.compile(r"(?:ok|oke|da)(?: a)?|.*\bcam on\b.*")  # thanks for it, no more
_ONLY_NO = re.compile(rf"(?:{_FILLING} )*(?:khong|ko|k|kg)(?: {_FILLING})*")
_COMES = re.compile(
    r"\b(?:se|van) (?:den|di|ra|xuong|len|toi|co mat)\b|\b(?:den|di|ra|xuong|len) (?:duoc|dc)\b|\b(?:ranh|dong y)\b"
    rf"|(?:^|\bhom (?:do|ay|nay) ){_SELF}(?:den|di|ra|xuong|len)(?: {_FILLING})*$"
)
# `khong can`, `khong, con gai mua may moi cho roi`
_WANTS_NONE = re.compile(
    rf"(?:{_FILLING} )*(?:khong|ko|k|khoi|thoi)(?: (?:phai|con|thoi|khong|ko|k|khoi|{_FILLING}))*"
    rf"(?: (?:can|dat|hen|muon|doi)(?: (?:lai|hen|dat|doi|may|nua|dau|{_FILLING}))*)?"
    r"(?: (?:\w+ ){0,4}(?:mua|sam)(?: \w+){0,5} (?:roi|r)(?: \w+)?)?"
)
_AGAIN = re.compile(r"\b(?:lai|khac)\b")
_A_NO = re.compile(r"\b(?:khong|ko|k|khoi|thoi)\b")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One text, with the key that it begins with (empty where it does not) and what
    is said beside it.
    """

    written: str
    said: str  # its folded words
    key: str
    rest: str


def answered(written: str, now: Situation) -> Meaning | None:
    """What the text plainly answers to the last text of ours; None where that asks
    something else, or it is not plain.
    """
    reads = _READS.get(now.asked)
    if reads is None or now.typed or asks_by_its_marks(written):
        return None
    if now.lines and now.asked != "logged":
        return None
    answer = _answer(written)
    is_short = len(answer.said.split()) <= MOST_WORDS
    return reads(answer, now) if is_short else None


def _answer(written: str) -> _Answer:
    said = words_of(written)
    keyed = _KEYED.fullmatch(said)
    if keyed is None:
        return _Answer(written, said, "", said)
    return _Answer(written, said, keyed["key"], keyed["rest"] or "")


def asked_again(meaning: Meaning, written: str, now: Situation) -> Meaning:
    """Half an answer to the text about what was logged, talk of somebody else, a
    question: the same is asked once more. Any other request is what it is. What is
    asked after a booking was moved is of that booking.
    """
    if now.moved and meaning.word == "ASK" and not meaning.code:
        return replace(meaning, code=now.moved)
    if now.asked != "logged" or now.lines or thanks(written):
        return meaning
    if not _is_half_an_answer(meaning, written):
        return meaning
    read = meaning.read if meaning.read in _TALKS else "unclear"
    return Meaning("ASK", perhaps=("LOGGED",), read=read)


def _is_half_an_answer(meaning: Meaning, written: str) -> bool:
    if meaning.word == "HELP":  # `chưa hiểu`
        return _NEVER_SAID.search(words_of(written)) is not None
    if meaning.word not in ("NOTHING", "ASK"):
        return False
    return not {"STOP_ALL", "CALL"}.intersection(meaning.perhaps)


# Is what was logged right?


def _of_the_log(answer: _Answer, now: Situation) -> Meaning | None:
    reads = _right_or_wrong(answer)
    if not reads:
        return None
    if now.lines:
        return Meaning("PICK", picked=reads)
    if reads == "yes":
        return Meaning("LOGGED", kind=RIGHT, read="yes")
    return Meaning("LOGGED", kind=DENIED, read="no")


def _right_or_wrong(answer: _Answer) -> str:
    """`yes`, `no`, or nothing that is plain."""
    if _may_refuse_texts(answer.written):
        return ""
    if answer.key == "1":
        return "yes" if _is_plain(answer.rest) else ""
    if answer.key == "2":
        return "" if _says_right(answer.rest) else "no"
    return _in_words(answer)


def _may_refuse_texts(written: str) -> bool:
    if requests(written).refuses_texts:
        return True
    composed = unicodedata.normalize("NFC", written)
    return _STOPS.search(composed) is not None


def _in_words(answer: _Answer) -> str:
    said = answer.said
    if _NEVER_SAID.search(said):
        return ""
    if _says_wrong(said):
        return "no"
    agrees = plainly(answer.written) == "yes" or _says_right(said)
    return "yes" if agrees and _is_plain(said) else ""


def _says_right(said: str) -> bool:
    patterns = (_SAYS_RIGHT, _HAS_IT, _RIGHT_IN_ENGLISH)
    return any(pattern.fullmatch(said) for pattern in patterns)


def _says_wrong(said: str) -> bool:
    patterns = (_SAYS_WRONG, _HAS_IT_NOT, _WRONG_IN_ENGLISH)
    return any(pattern.fullmatch(said) for pattern in patterns)


def _is_plain(said: str) -> bool:
    """No doubt, no other wish, nobody else."""
    if _UNSURE.search(said):
        return False
    return _SOMEBODY_ELSE.search(said) is None


# Can they come at the new time?


def _of_a_new_time(answer: _Answer, now: Situation) -> Meaning | None:
    """A no is asked about: cancel, or another time."""
    if not now.moved:
        return _of_a_lost_time(answer, now)
    if answer.key == "2" or _ONLY_NO.fullmatch(answer.said):
        return Meaning(
            "ASK", perhaps=("CANCEL", "CHANGE"), code=now.moved, read="not_coming"
        )
    if not _may_come(answer, now):
        return None
    if answer.key or _says_that_they_come(answer.said):
        return Meaning("COMING", code=now.moved)
    if plainly(answer.written) != "yes" or _OKAY.fullmatch(answer.said):
        return None
    perhaps = ("COMING", "CHANGE", "CANCEL")
    return Meaning("ASK", perhaps=perhaps, code=now.moved, read="yes")


def _may_come(answer: _Answer, now: Situation) -> bool:
    """No doubt beside it, and no other day, hour or request."""
    if not can_come(answer.rest) or not _is_plain(answer.rest):
        return False
    if _NOT_YET_SURE.search(answer.rest):
        return False
    if answer.key:
        return True
    asks_more = requests(answer.written).asked
    return not asks_more and not details_of(answer.written, now).loose


def _says_that_they_come(said: str) -> bool:
    return bool(_COMES.search(said) or _AGREES.fullmatch(said))


# Is another time wanted, for a visit that was missed or cannot take place?


def _of_a_lost_time(answer: _Answer, now: Situation) -> Meaning | None:
    if _wants_none(answer):
        return Meaning("NOTHING", read="no")
    if answer.key == "1":
        # `cho toi hen lai`: no doubt here
        is_plain = not _UNSURE.search(_AGAIN.sub("", answer.rest))
    else:
        is_plain = _AGREES.fullmatch(answer.said) is not None
    if not is_plain:
        return None
    again = booking_of(details_of(answer.rest, now))
    return replace(again, read="yes")


def _wants_none(answer: _Answer) -> bool:
    if _A_NO.search(answer.rest):
        return _WANTS_NONE.fullmatch(answer.rest) is not None
    return answer.key == "2"


_READS: Mapping[Asked, Callable[[_Answer, Situation], Meaning | None]] = {
    "logged": _of_the_log,
    "putoff": _of_a_new_time,
    "missed": _of_a_lost_time,
}
