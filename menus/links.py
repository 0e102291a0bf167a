"""What no text of ours ever holds, whoever writes it: a link, however it is written,
and a demand for what only its owner may know.

"vneid.vn", "www . xa . vn", "xa[.]vn", "tv360 chấm vn"   ->   all lead away
"Gửi mã OTP cho cô giáo"   ->   asks for a secret; "Đừng đọc mã OTP cho ai" warns of it
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from menus.fitting import fold

Barred = Literal["link", "secret"]

_TOP = "vn|com|net|org|info|gov|edu|asia|me|ly|gl|io|co|cc|shop|xyz|app|link|top|site|page|online|store|club|vip|mobi"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_AMOUNT = r"\d{1,3}(?:\.\d{3}){3}\b(?!\s*[:/])"  # 1.250.100.200 đồng
_LINK = re.compile(
    rf"""
      https? \s* :
    | \b hxxps? \b
    | : \s* / \s* /
    | \b w \s* w \s* w \b
    | \b [a-z0-9-]+ \. (?:{_TOP}) \b
    | \b [a-z0-9-]+ \s+ \. \s* (?:vn|com|net|org|info) \b
    | \b [a-z0-9-]+ \. [a-z]{{2,}} / [a-z0-9]
    | \b (?!{_AMOUNT}) {_OCTET} (?: \. {_OCTET} ){{3}} \b
    | \b (?:chấm|cham|dot) \s* (?:vn|com|net|org|info) \b
    """,
    re.VERBOSE,
)
# What only its owner may know; who is told to send it on is being robbed. All in
# letters without marks.
_SECRET = re.compile(
    r"\b(?:otp|mat khau|ma (?:xac (?:nhan|thuc|minh)|pin|bao mat)|so the(?! (?:bhyt|bao hiem))"
    r"|passwords?|pin|card numbers?|(?:security|verification) codes?)\b"
)
_HAND_OVER = re.compile(
    r"\b(?:gui|soan|doc|cung cap|tra loi|nhan tin|nhan\b.*\d{3}|cho (?:xa|can bo) biet"
    r"|send|text|tell|give|reply|read|share|forward)\b"
)
# Whatever the verb: `nhắn mã OTP cho cán bộ`. Of `cho ai` only warnings speak.
_TO_SOMEBODY = re.compile(
    r"\b(?:cho|toi|ve|den|voi|qua|to|with)"
    r" (?:(?:the|our|your|so|chi|anh|nhung|cac) )*"
    r"(?:can bo|xa|truong|thon|to cong nghe|co giao|thay|co|chu|bac|chung toi|toi|em"
    r"|tong dai|viettel|nhan vien|so|zalo|tin nhan|us|me|staff|commune|school|teacher|agent|\d+)\b"
)
_WARNS = re.compile(
    r"\b(?:khong|dung|chang|never|not|no|nobody|don't)\b|\bla lua dao\b|\bis (?:a )?fraud\b"
)
_SENTENCE_ENDS = re.compile(r"[.;:!?()\n]")
_DOTS = re.compile(r"\s*[\[({<]\s*(?:\.|chấm|cham|dot)\s*[\])}>]\s*")
_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")


def barred(written: str) -> Barred | None:
    """Why it may stand in no text of ours; none where it may."""
    if leads_away(written):
        return "link"
    if asks_for_secret(written):
        return "secret"
    return None


def leads_away(written: str) -> bool:
    """Is there an address of the web in it, in any clothes?"""
    plain = unicodedata.normalize("NFKC", written).casefold()
    plain = _UNSEEN.sub("", plain).replace("。", ".")
    plain = _DOTS.sub(".", plain)
    return _LINK.search(plain) is not None


def asks_for_secret(words: str) -> bool:
    """Does it tell people to hand over a password: "gửi mã OTP về 0912…"? A warning of
    it does not.
    """
    letters = unicodedata.normalize("NFKC", _UNSEEN.sub("", words))
    plain = fold(letters).lower()
    for sentence in _SENTENCE_ENDS.split(plain):
        clauses = sentence.split(",")
        if any(_is_asked_for(words) for words in (sentence, *clauses)):
            return True
    return False


def _is_asked_for(words: str) -> bool:
    if _WARNS.search(words):
        return False
    if _SECRET.search(words) is None:
        return False
    return any(pattern.search(words) for pattern in (_HAND_OVER, _TO_SOMEBODY))
