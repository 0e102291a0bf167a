"""The words of a broadcast: fields filled in for a person, the frame the law asks of an
advert, what a text will cost.

"Buổi tới ở {hall}: {next_session}. Nhắn {number}."   ->   "Buoi toi o NVH Quang Hong I: CN 6/12. Nhan 2404."
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from menus import words
from menus.fitting import EXTENDED, Cost, cost, fold, is_gsm, on_wire
from menus.hearing.folding import words_of
from menus.hearing.reader import LIKELY, Label
from menus.hearing.weighing import is_command, read_alone
from menus.links import barred

TextClass = Literal["notice", "advert"]

# What may stand in braces. `name` and `hamlet` are the person's; `hall` and
# `next_session` those of their own booking, else of the next day they could book;
# `code` is the booking's.
FIELDS = (
    "name",
    "hamlet",
    "hall",
    "next_session",
    "code",
    "number",
    "service_code",
    "commune",
)
PARTS_MOST = 3  # a broadcast longer than that is a letter
LABEL = "[QC] "  # what an advert begins with (Decree 91/2020)

_LABELLED = re.compile(r"\[\s*q\s*c\s*\]", re.IGNORECASE)
_FIELD = re.compile(r"\{([^{}]*)\}")
_SPACES = re.compile(r" {2,}")
_BRACE = re.compile(r"[{}]")
_SENTENCE_ENDS = re.compile(r"[.!?…:][\"”’')]*$")
# What sells something. In a notice it is warned of: an advert is another class, and
# needs consent.
_SELLS = re.compile(
    r"\b(?:khuyen mai|uu dai|giam gia|giam \d+ ?%|tang (?:ngay|them|qua)|mien phi (?:data|goi)|qua tang"
    r"|hoan tien|goi (?:cuoc|data)|dang ky goi|tv ?360|quang cao|sale|data toc do cao|mua (?:ngay|may)"
    r"|chiet khau|rut tham trung thuong|trung thuong)\b|\d+ ?%"
)

# What the commune never asks for: who is told to send it on is being robbed.
_SECRETS = re.compile(
    r"\b(?:otp|ma xac (?:nhan|thuc|minh)|mat khau|passwords?|verification codes?)\b"
)


class BadWords(Exception):
    """The words cannot be sent as they stand. `code` names the sentence for staff,
    `what` the field or the number.
    """

    def __init__(self, code: str, what: object = "") -> None:
        said = f"{code}: {what}" if what else code
        super().__init__(said)
        self.code = code
        self.what = str(what)


class EmptyField(Exception):
    """Nothing is known of this person for a field of the text."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One text as it goes out, and what it takes."""

    text: str
    cost: Cost


def fields_in(written: str) -> list[str]:
    """The names that stand in braces, each once. Raises BadWords for one that nobody
    has, or a lone brace.
    """
    names = _each_once(_FIELD.findall(written))
    for name in names:
        if name not in FIELDS:
            raise BadWords("field", name)
    own_words = _FIELD.sub("", written)
    if _BRACE.search(own_words):
        raise BadWords("brace")
    return names


def check(vi: str, en: str, text_class: TextClass) -> None:
    """Raises BadWords when one of the two languages cannot be sent to anybody, or not
    as a text of that class.
    """
    if not vi.strip():
        raise BadWords("empty")
    for written in (vi, en):
        fields_in(written)
        why = barred(written)
        if why is not None:
            raise BadWords(why)
        if text_class == "notice" and _LABELLED.search(written):
            raise BadWords("label")


def filled(written: str, fields: Mapping[str, str]) -> str:
    """The words with every field filled in. Raises EmptyField with the name of one that
    is empty.
    """

    def one(match: re.Match[str]) -> str:
        value = fields.get(match[1], "")
        if not value:
            raise EmptyField(match[1])
        return value

    return _FIELD.sub(one, written)


def framed(said: str, text_class: TextClass, language: str, number: str) -> str:
    """What the law puts around an advert: its label in front, and last how to refuse
    more of them, by text and call.
    """
    if text_class != "advert":
        return said
    refuse = words.say(language, "advert_refuse", number=number)
    stop = "" if _SENTENCE_ENDS.search(said) else "."
    return f"{LABEL}{said}{stop} {refuse}"


def wire(said: str, marks: bool) -> Wire:
    """As it is sent: folded, unless this person chose tone marks."""
    # a sign that has no reading leaves its two spaces behind
    text = _SPACES.sub(" ", on_wire(said, marks))
    return Wire(text, cost(text))


def said_to(
    vi: str,
    en: str,
    text_class: TextClass,
    language: str,
    marks: bool,
    fields: Mapping[str, str],
) -> Wire:
    """The text for one person. Who reads English gets Vietnamese where no English was
    written. Raises EmptyField.
    """
    speaks = language if en.strip() else words.VIETNAMESE
    written = vi if speaks == words.VIETNAMESE else en
    one_line = " ".join(written.split())
    said = filled(one_line, fields)
    whole = framed(said, text_class, speaks, fields["number"])
    return wire(whole, marks)


def sells(written: str) -> list[str]:
    """Words that make a notice an advert, as they were written; for a warning."""
    return as_written(_SELLS, written)


def secrets(written: str) -> list[str]:
    """Words for what only its owner may know, as they were written; for a warning."""
    return as_written(_SECRETS, written)


def as_written(pattern: re.Pattern[str], written: str) -> list[str]:
    """What a pattern for small letters without marks finds, each once, with the marks
    it has: `mã OTP`.
    """
    letters = unicodedata.normalize("NFC", written)
    plain, places = _folded(letters)
    found: list[str] = []
    for match in pattern.finditer(plain):
        first = places[match.start()]
        last = places[match.end() - 1]
        found.append(letters[first : last + 1])
    return _each_once(found)


def _folded(letters: str) -> tuple[str, list[int]]:
    """Small and without marks, and for each letter which one of `letters` it was."""
    plain = ""
    places: list[int] = []
    for place, letter in enumerate(letters):
        folded = fold(letter).lower()
        plain += folded
        places += [place] * len(folded)
    return plain, places


def _each_once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


def costly(written: str) -> list[str]:
    """Letters that make a text dear: those of two septets, and those that no folding
    brings into GSM-7.
    """
    own_words = _FIELD.sub("", written)
    letters = unicodedata.normalize("NFC", own_words)
    dear = [letter for letter in letters if _is_dear(letter)]
    dropped = [letter for letter in letters if _is_dropped(letter)]
    return _each_once(dear + dropped)


def _is_dear(letter: str) -> bool:
    sent = fold(letter) or letter
    return letter in EXTENDED or not is_gsm(sent)


def _is_dropped(letter: str) -> bool:
    """Does folding leave nothing of it?"""
    if letter.isspace():
        return False
    return not fold(letter).strip()


# A whole text that says yes or no and nothing else; particles of politeness are dropped
# first.
_YES_WORDS = frozenset(
    {
        "1",
        "co",
        "dong y",
        "ok",
        "oke",
        "okie",
        "vang",
        "duoc",
        "dc",
        "nhat tri",
        "yes",
        "y",
        "co di",
        "da",
        "u",
        "uh",
    }
    | {"dy"}  # as the question about adverts has it
)
_NO_WORDS = frozenset(
    {
        "2",
        "khong",
        "ko",
        "k",
        "kg",
        "hok",
        "hong",
        "khong duoc",
        "ko duoc",
        "khong di",
        "ko di",
        "khong can",
        "no",
        "n",
    }
)
_POLITE = frozenset(
    {"a", "ah", "da", "nhe", "nha", "em", "chau", "bac", "toi", "xin", "roi"}
)

# That one will come, or cannot: still the whole text, and nothing else in it.
_WILL_COME = re.compile(
    r"^(?:co |vang |ok |u )?(?:se|di|den|toi|ra)(?: (?:den|di|toi|ra|duoc))*$"
)
_READ_AS: Mapping[Label, Answer] = {
    "yes": "yes",
    "coming": "yes",
    "no": "no",
    "not_coming": "no",
}
_CANNOT_COME = re.compile(
    r"^(?:ban )?(?:khong|ko|k|hok) (?:di|den|toi|ra|tham gia)(?: (?:duoc|dc|noi))?$"
)

# "already", "is that so", "perhaps"
_HALF_SAID = re.compile(r"\b(?:đã|à|hả)\b|\bcó thể\b|\bco the\b")

Answer = Literal["yes", "no", "question", "other"]


def answer(written: str) -> Answer:
    """What a text says to a broadcast: plainly, else as the reader reads it. One of our
    commands says nothing to it.
    """
    plain = plain_answer(written)
    if plain != "other" or is_command(written):
        return plain
    return _as_read(written)


def plain_answer(written: str) -> Answer:
    """A plain yes or no, a question, or something else.

    `Dạ có ạ` and `vâng tôi sẽ đến` are a yes; `có không?` and `có việc` are none.
    """
    if "?" in written:
        return "question"
    letters = unicodedata.normalize("NFC", written.lower())
    if _HALF_SAID.search(letters):
        return "other"
    said = _bluntly(written)
    if said in _YES_WORDS or _WILL_COME.match(said):
        return "yes"
    if said in _NO_WORDS or _CANNOT_COME.match(said):
        return "no"
    return "other"


def _bluntly(written: str) -> str:
    """The folded words without particles of politeness, unless it is those alone."""
    said = words_of(written)
    blunt = [word for word in said.split() if word not in _POLITE]
    return " ".join(blunt) or said


def _as_read(written: str) -> Answer:
    """`tuần này k đến được, tuần sau t đến`: an answer binds nobody, so that the
    reader's word is enough.
    """
    reading = read_alone(written, "broadcast")
    if reading.sure < LIKELY:
        return "other"
    return _READ_AS.get(reading.label, "other")
