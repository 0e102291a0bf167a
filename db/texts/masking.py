"""Words as they may be kept for years: what was wanted can be read, and not who wanted
it.

A list of names would never be complete, so it is turned round: only words known to be
words are kept, and whatever else may be a name. Most Vietnamese given names are words
too (Dũng, Nhàn, Tín): they go where they stand like a name, after a family name, after
`toi la`, or written with a capital inside a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from menus.hearing import fold

MOST = 200  # characters kept
NAME, DIGIT = "***", "#"
NAME_OF = 3  # words, as most names here
FEW_DIGITS = 2  # an answer (`1`, `10`) and no part of a number
SPELT_OUT = 6  # so many number words in a row are a number read aloud


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Never a name, wherever they stand.
_CERTAIN = _words(
    "tc dv qc dy dk dl tg hd ht kt nn dg stop start unstop unsubscribe cancel end quit ok oke yes no sms please texts"
    " pls unsub it bat cac"
    " adverts khong ko kg k nua gui toi em nhe nha a ah oi vang roi duoc dc muon can cua nhac"
)
# Commands written as one word, which nobody is called: DYQC, TCDV, STOPALL, `dong yqc`.
_GLUED = frozenset(
    head + tail
    for head in ("tc", "dy", "dk", "y", "ky", "stop")
    for tail in ("qc", "dv", "nhac", "all", "quang", "dich", "nhan", "tin", "gioi")
)
_CERTAIN |= _GLUED
_KEPT = _CERTAIN | _words(
    "choi dong y dung ngung thoi bo het tat ca moi nhan tin lai gioi thieu dich so ba ong bac co"
    " chau con anh chi cho xin da ky hen lich may dien thoai sim xa thon buoi hom nay ngay gio phut truoc sau"
    " luc den di ra ve phien xoa nay thong cam on not more send me any all and i want to agree phai sao gi nao"
    " the vay va hoac voi la thi nhieu qua huy doi xem cach goi ten day ticked by"
)
# Words that are family names, too (Vũ, Đặng, Cao, Từ, Hồ): kept only where they stand
# in these.
_IN_PAIRS = {
    "vu": "dich vu",
    "dang": "dang ky",
    "cao": "quang cao",
    "tu": "tu choi",
    "ho": "ho ten",
    "lam": "lam phien",
    "quang": "quang cao",
    "nho": "nhac nho",
}
_PRONOUNS = _words("toi em chau con ba ong bac co anh chi day")
_FORMS_OF_ADDRESS = _words("ông bà anh chị cô chú bác thầy ong thay")
_NUMBERS = _words("khong mot hai ba bon tu nam lam sau bay tam chin linh le")
# of a phone, a card, an identity paper
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){5,}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_O_FOR_0 = re.compile(
    rf"(?<![^\W\d_])[oOlI]+(?={DIGIT})|(?<={DIGIT})[oOlI]+(?![^\W\d_])"
)
# what may stand between two digits without being seen
_INVISIBLE = ("Cf", "Mn", "Me", "Cc")


class _Word(NamedTuple):
    """A word of a text."""

    written: str
    folded: str
    begins: bool  # the text, or a part of it: more than a space stands before

    @property
    def small(self) -> str:
        return self.written.lower()


def masked(words: str, names: Iterable[str] = ()) -> str:
    """The words with digits as `#` and names as `***`, cut at 200 characters; `names`
    are names known to be theirs.
    """
    composed = unicodedata.normalize("NFC", words)
    seen = "".join(mark for mark in composed if _is_seen(mark))
    without_digits = _without_digits(seen)
    without_names = _without_names(without_digits, names)
    return without_names[:MOST]


def publishable(
    words: str, names: Iterable[str] = (), nobodys: Iterable[str] = ()
) -> str:
    """An opinion as a report may hold it: long numbers as `#`, names as `nameless` hides
    them; `nobodys` are names of places and services, which stay.
    """
    text = numberless(words)
    return _without_what_reads_as_names(text, names, nobodys)


def numberless(words: str) -> str:
    """Every number as long as that of a phone or a paper as `#`; hours, days and sums
    stay.
    """
    composed = unicodedata.normalize("NFC", words)
    return _LONG_NUMBER.sub(_digits_hidden, composed)


def _digits_hidden(number: re.Match[str]) -> str:
    return re.sub(r"\d", DIGIT, number[0])


def nameless(words: str, names: Iterable[str] = ()) -> str:
    """An opinion that is kept for what it says: digits as `#`, and as `***` only what
    reads as a name: a name known to be theirs, what follows `toi la`, `ten` and `anh`,
    `chị`, words with a capital inside a sentence.

    A name in small letters that nothing introduces stays: whoever publishes opinions
    reads them first.
    """
    text = _without_digits(unicodedata.normalize("NFC", words))
    return _without_what_reads_as_names(text, names)


def _without_what_reads_as_names(
    text: str, names: Iterable[str], nobodys: Iterable[str] = ()
) -> str:
    known = _Known.of(names)
    read = _read(text)
    said = [word.folded for word in read]
    spared = _places_of(nobodys, said)
    hide = []
    awaited = 0  # how much of a name may still come after `la`
    for at, word in enumerate(read):
        if word.begins:
            awaited = 0
        is_introduced = awaited > 0 and word.folded not in _KEPT
        is_part = is_introduced or known.has(word)
        is_hidden = is_part or _stands_out(word)
        hide.append(is_hidden and at not in spared)
        awaited = awaited - 1 if is_part else 0
        if _introduces(said, at):
            awaited = NAME_OF
        elif word.small in _FORMS_OF_ADDRESS:
            awaited = max(awaited, 1)
    return _put_together(text, hide)


def _places_of(phrases: Iterable[str], said: list[str]) -> set[int]:
    """Where the words of these phrases stand together, whatever their marks."""
    found: set[int] = set()
    for phrase in phrases:
        words = fold(phrase).split()
        for at in range(len(said) - len(words) + 1):
            if words and said[at : at + len(words)] == words:
                found.update(range(at, at + len(words)))
    return found


class _Known(NamedTuple):
    """The words of names known to be theirs, in small letters: with their marks, and
    without.
    """

    marked: set[str]
    folded: set[str]

    @staticmethod
    def of(names: Iterable[str]) -> _Known:
        marked = _small_words(names)
        folded = {fold(word) for word in marked}
        return _Known(marked, folded)

    def has(self, word: _Word) -> bool:
        """`nóng` is not Nông, `nong` may be."""
        if word.small in self.marked:
            return True
        return word.small.isascii() and word.folded in self.folded


def _small_words(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        composed = unicodedata.normalize("NFC", name)
        found.update(composed.lower().split())
    return found


def _is_seen(mark: str) -> bool:
    """A space, and whatever does not hide between two digits."""
    return mark.isspace() or unicodedata.category(mark) not in _INVISIBLE


def _without_digits(text: str) -> str:
    """Whatever counts as a digit in any script; `O` and `l` beside one, too."""
    digits = sum(mark.isnumeric() for mark in text)
    if digits <= FEW_DIGITS:
        return text
    hidden = "".join(DIGIT if mark.isnumeric() else mark for mark in text)
    while True:
        mended = _O_FOR_0.sub(_as_digits, hidden)
        if mended == hidden:
            return hidden
        hidden = mended


def _as_digits(letters: re.Match[str]) -> str:
    return DIGIT * len(letters[0])


def _without_names(text: str, names: Iterable[str]) -> str:
    known: set[str] = set()
    for name in names:
        known.update(fold(name).split())
    read = _read(text)
    said = [word.folded for word in read]
    is_mixed = not all(_like_a_name(word.written) for word in read)
    hide = []
    begun = 0  # how much of a name was just read
    awaited = 0  # how much may still come after `la`
    for at, word in enumerate(read):
        if word.begins:
            begun = 0
            awaited = 0
        is_certain = word.folded in _CERTAIN
        hidden = word.folded in known or not _is_a_word(said, at)
        if not hidden and not is_certain:
            stands_out = is_mixed and _stands_out(word)
            hidden = stands_out or awaited > 0 or _continues(word, begun)
        hide.append(hidden)
        begun = begun + 1 if hidden else 0
        awaited = 0 if is_certain else max(0, awaited - 1)
        if _introduces(said, at):
            awaited = NAME_OF
    _hide_spelt_out(said, hide)
    return _put_together(text, hide)


def _continues(word: _Word, begun: int) -> bool:
    """It follows so many words of a name; beyond the length of most names only with a
    capital.
    """
    if begun < NAME_OF:
        return begun > 0
    return _like_a_name(word.written)


def _stands_out(word: _Word) -> bool:
    """With a capital inside a sentence."""
    return _like_a_name(word.written) and not word.begins


def _read(text: str) -> list[_Word]:
    read: list[_Word] = []
    upto = 0
    for match in _WORD.finditer(text):
        written = match[0]
        between = text[upto : match.start()]
        begins = not read or not between.isspace()
        word = _Word(written, fold(written), begins)
        read.append(word)
        upto = match.end()
    return read


def _is_a_word(said: list[str], at: int) -> bool:
    word = said[at]
    pair = _IN_PAIRS.get(word)
    if not pair:
        return word in _KEPT
    before = _word_at(said, at - 1)
    after = _word_at(said, at + 1)
    onward = f"{word} {after}"
    back = f"{before} {word}"
    if onward == pair or back.endswith(pair):  # `dyquang cao`
        return True
    return onward.startswith(pair) and after in _GLUED  # `dang kyqc`


def _word_at(said: list[str], at: int) -> str:
    """Empty before the first and after the last."""
    if 0 <= at < len(said):
        return said[at]
    return ""


def _like_a_name(word: str) -> bool:
    """`Nhàn`, and not `nhàn` or `NHAN`."""
    return len(word) > 1 and word[0].isupper() and word[1:].islower()


def _introduces(said: list[str], at: int) -> bool:
    if said[at] == "ten":
        return True
    if said[at] != "la" or at == 0:
        return False
    before = said[at - 1]
    return before == "ten" or before in _PRONOUNS


def _hide_spelt_out(said: list[str], hide: list[bool]) -> None:
    """A number read aloud: `khong chin chin khong …`."""
    run: list[int] = []
    for at, word in enumerate([*said, ""]):
        if word in _NUMBERS:
            run.append(at)
            continue
        if len(run) >= SPELT_OUT:
            for place in run:
                hide[place] = True
        run = []


def _put_together(text: str, hide: list[bool]) -> str:
    """The text with `***` for each word that is to be hidden."""
    hidden = iter(hide)

    def shown(word: re.Match[str]) -> str:
        return NAME if next(hidden) else word[0]

    return _WORD.sub(shown, text)
