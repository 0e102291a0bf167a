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
FEW_DIGITS = 2  # an answer (`1`, `10`) and no part of a number
SPELT_OUT = 6  # so many number words in a row are a number read aloud


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Never a name, wherever they stand.
_CERTAIN = _words(
    "tc dv qc dy dk dl tg hd ht kt nn dg stop start unstop unsubscribe cancel end quit ok oke yes no sms please texts"
    " adverts khong ko kg k nua gui toi em nhe nha a ah oi vang roi duoc dc muon can cua nhac"
)
_KEPT = _CERTAIN | _words(
    "tu choi dong y dung ngung thoi bo het tat ca moi nhan tin lai quang cao gioi thieu dich vu so ba ong bac chu co"
    " chau con anh chi minh cho xin da dang ky hen lich may dien thoai sim xa thon buoi hom nay ngay gio phut truoc sau"
    " luc den di ra ve lam phien xoa nay thong cam on do not more send me any all and i want to agree phai sao gi nao"
    " the vay va hoac voi la thi nhieu qua huy doi xem cach goi ten ho day ticked by"
)
_PRONOUNS = _words("toi em chau con minh ba ong bac chu co anh chi day ho")
_NUMBERS = _words("khong mot hai ba bon tu nam lam sau bay tam chin linh le")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_O_FOR_0 = re.compile(rf"(?<![^\W\d_])[oOlI]+(?={DIGIT})|(?<={DIGIT})[oOlI]+(?![^\W\d_])")
_INVISIBLE = ("Cf", "Mn", "Me", "Cc")  # what may stand between two digits without being seen


def masked(words: str, names: Iterable[str] = ()) -> str:
    """The words with digits as `#` and names as `***`, cut at 200 characters; `names` are names known to be theirs."""
    plain = unicodedata.normalize("NFC", words)
    seen = "".join(mark for mark in plain if mark.isspace() or unicodedata.category(mark) not in _INVISIBLE)
    return _without_names(_without_digits(seen), names)[:MOST]


def _without_digits(text: str) -> str:
    """Whatever counts as a digit in any script; `O` and `l` beside one, too."""
    if sum(mark.isnumeric() for mark in text) <= FEW_DIGITS:
        return text
    hidden = "".join(DIGIT if mark.isnumeric() else mark for mark in text)
    while (mended := _O_FOR_0.sub(lambda found: DIGIT * len(found[0]), hidden)) != hidden:
        hidden = mended
    return hidden


def _without_names(text: str, names: Iterable[str]) -> str:
    known = {token for name in names for token in fold(name).split()}
    found = list(_WORD.finditer(text))
    said = [fold(match[0]) for match in found]
    hide = [word in known or word not in _KEPT for word in said]
    mixed = not all(_like_a_name(match[0]) for match in found)
    to_come = 0  # words that may still be of the name that has begun
    for at, match in enumerate(found):
        breaks = at > 0 and not text[found[at - 1].end() : match.start()].isspace()
        to_come = 0 if breaks else to_come
        if hide[at]:
            to_come = 2
        elif said[at] not in _CERTAIN and (to_come or (mixed and at > 0 and not breaks and _like_a_name(match[0]))):
            hide[at] = True
            to_come = max(0, to_come - 1)
        elif _introduces(said, at):
            to_come = 3
        else:
            to_come = 0
    _hide_spelt_out(said, hide)
    return _put_together(text, found, hide)


def _like_a_name(word: str) -> bool:
    """`Nhàn`, and not `nhàn` or `NHAN`."""
    return len(word) > 1 and word[0].isupper() and word[1:].islower()


def _introduces(said: list[str], at: int) -> bool:
    return said[at] == "ten" or (said[at] == "la" and at > 0 and said[at - 1] in _PRONOUNS | {"ten"})


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
    pieces, upto = [], 0
    for match, hidden in zip(found, hide, strict=True):
        pieces += [text[upto : match.start()], NAME if hidden else match[0]]
        upto = match.end()
    return "".join([*pieces, text[upto:]])
