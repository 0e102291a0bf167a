"""Words as they may be kept for years: what was wanted can be read, and not who wanted it.

A list of names would never be complete, so it is turned round: only words known to be words are kept, and whatever
else may be a name. Most Vietnamese given names are words too (Dũng, Nhàn, Tín): they go where they stand like a name,
after a family name, after `toi la`, or written with a capital inside a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

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
# Words that are family names, too (Vũ, Đặng, Cao, Từ, Hồ): kept only where they stand in these.
_IN_PAIRS = {"vu": "dich vu", "dang": "dang ky", "cao": "quang cao", "tu": "tu choi", "ho": "ho ten",
             "lam": "lam phien", "quang": "quang cao", "nho": "nhac nho"}  # fmt: skip
_PRONOUNS = _words("toi em chau con ba ong bac co anh chi day")
_FORMS_OF_ADDRESS = _words("ông bà anh chị cô chú bác thầy ong thay")
_NUMBERS = _words("khong mot hai ba bon tu nam lam sau bay tam chin linh le")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_O_FOR_0 = re.compile(
    rf"(?<![^\W\d_])[oOlI]+(?={DIGIT})|(?<={DIGIT})[oOlI]+(?![^\W\d_])"
)
_INVISIBLE = (
    "Cf",
    "Mn",
    "Me",
    "Cc",
)  # what may stand between two digits without being seen


def masked(words: str, names: Iterable[str] = ()) -> str:
    """The words with digits as `#` and names as `***`, cut at 200 characters; `names` are names known to be theirs."""
    plain = unicodedata.normalize("NFC", words)
    seen = "".join(
        mark
        for mark in plain
        if mark.isspace() or unicodedata.category(mark) not in _INVISIBLE
    )
    without_digits = _without_digits(seen)
    return _without_names(without_digits, names)[:MOST]


def nameless(words: str, names: Iterable[str] = ()) -> str:
    """An opinion that is kept for what it says: digits as `#`, and as `***` only what reads as a name: a name known to
    be theirs, what follows `toi la`, `ten` and `anh`, `chị`, words with a capital inside a sentence.

    A name in small letters that nothing introduces stays: whoever publishes opinions reads them first.
    """
    plain = _without_digits(unicodedata.normalize("NFC", words))
    theirs: set[str] = set()
    for name in names:
        theirs.update(
            token.lower() for token in unicodedata.normalize("NFC", name).split()
        )
    folded = {fold(token) for token in theirs}
    found = list(_WORD.finditer(plain))
    said = [fold(match[0]) for match in found]
    hide = []
    awaited = 0  # how much of a name may still come after `la`
    for at, match in enumerate(found):
        begins = at == 0 or _is_cut_off(plain, found, at)
        if begins:
            awaited = 0
        word = match[0].lower()  # `nóng` is not Nông, `nong` may be
        is_known = word in theirs or (word.isascii() and said[at] in folded)
        is_introduced = awaited > 0 and said[at] not in _KEPT
        is_inside = not begins and _like_a_name(match[0])
        hide.append(is_known or is_introduced or is_inside)
        awaited = awaited - 1 if is_known or is_introduced else 0
        if _introduces(said, at):
            awaited = NAME_OF
        elif word in _FORMS_OF_ADDRESS:
            awaited = max(awaited, 1)
    return _put_together(plain, found, hide)


def _without_digits(text: str) -> str:
    """Whatever counts as a digit in any script; `O` and `l` beside one, too."""
    if sum(mark.isnumeric() for mark in text) <= FEW_DIGITS:
        return text
    hidden = "".join(DIGIT if mark.isnumeric() else mark for mark in text)
    while (
        mended := _O_FOR_0.sub(lambda found: DIGIT * len(found[0]), hidden)
    ) != hidden:
        hidden = mended
    return hidden


def _without_names(text: str, names: Iterable[str]) -> str:
    known: set[str] = set()
    for name in names:
        known.update(fold(name).split())
    found = list(_WORD.finditer(text))
    said = [fold(match[0]) for match in found]
    hide = [word in known or not _is_a_word(said, at) for at, word in enumerate(said)]
    is_mixed = not all(_like_a_name(match[0]) for match in found)
    begun = 0  # how much of a name was just read
    awaited = 0  # how much may still come after `la`
    for at, match in enumerate(found):
        is_certain = said[at] in _CERTAIN
        breaks = at > 0 and _is_cut_off(text, found, at)
        if breaks:
            begun = 0
            awaited = 0
        if not hide[at] and not is_certain:
            is_inside = is_mixed and at > 0 and not breaks
            capital = _like_a_name(match[0]) and (begun > 0 or is_inside)
            hide[at] = capital or 0 < begun < NAME_OF or awaited > 0
        begun = begun + 1 if hide[at] else 0
        awaited = 0 if is_certain else max(0, awaited - 1)
        if _introduces(said, at):
            awaited = NAME_OF
    _hide_spelt_out(said, hide)
    return _put_together(text, found, hide)


def _is_cut_off(text: str, found: list[re.Match[str]], at: int) -> bool:
    """More than a space stands between this word and the one before."""
    between = text[found[at - 1].end() : found[at].start()]
    return not between.isspace()


def _is_a_word(said: list[str], at: int) -> bool:
    word = said[at]
    pair = _IN_PAIRS.get(word)
    if not pair:
        return word in _KEPT
    onward = " ".join(said[at : at + 2])
    if onward == pair:
        return True
    if onward.startswith(pair) and said[at + 1] in _GLUED:  # `dang kyqc`
        return True
    back = " ".join(said[max(0, at - 1) : at + 1])
    return back.endswith(pair)  # `dyquang cao`


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


def _put_together(text: str, found: list[re.Match[str]], hide: list[bool]) -> str:
    pieces = []
    upto = 0
    for match, hidden in zip(found, hide, strict=True):
        pieces.append(text[upto : match.start()])
        pieces.append(NAME if hidden else match[0])
        upto = match.end()
    pieces.append(text[upto:])
    return "".join(pieces)
