"""What a seat is booked for, where that is no swap: `DL mo tai khoan T5 17h quang lien
2`. Without a session that fits it is asked of a person. Of seats of several kinds the
same words say which is meant: `huy mo tai khoan`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from menus import words
from menus.hearing.folding import words_of
from menus.hearing.meaning import Meaning, Situation
from menus.hearing.requests import requests
from menus.hearing.rules import booking_of, details_of

MOST_WORDS = 24
# In place of a session a request will do: `đăng ký TV360 ở Quảng Liên I`.
OR_ASKED = ("REQUEST",)
_BEFORE = (
    r"(?:(?:da|vang|a|alo|oi|cho|xin|xa|em|toi|chau|ba|bac|ong|minh|muon|nho|can) )*"
)


def _pattern(phrases: Sequence[str], before: str = "") -> re.Pattern[str]:
    together = "|".join(phrases)
    return re.compile(rf"{before}\b(?:{together})")


_BOOKS = _pattern(words.HELD[""], _BEFORE)
_EITHER = _pattern(words.HELD["either"], _BEFORE)
_CANCELS = _pattern(words.HELD["cancels"], _BEFORE)
_MOVES = _pattern(words.HELD["moves"], _BEFORE)
_WISHES = _pattern(words.HELD["wishes"], _BEFORE)
_ASKS = _pattern(words.HELD["asks"])
_OF_VERBS = ("", "either", "wishes", "asks", "cancels", "moves")
_SERVICES = {
    service: _pattern(phrases)
    for service, phrases in words.HELD.items()
    if service not in _OF_VERBS
}


def booked_for(written: str, now: Situation) -> Meaning | None:
    """A booking for what can be had at a session, where the text says both; none for
    all other texts.
    """
    said = words_of(written)
    books = _BOOKS.match(said)
    either = _EITHER.match(said)
    may_book = books or either or _wishes(written, said)
    if may_book is None or len(said.split()) > MOST_WORDS:
        return None
    service = _service(said[may_book.end() :])
    if service in ("", "swap"):
        return None
    meaning = booking_of(details_of(written, now))
    if books:
        return replace(meaning, kind=service)
    is_of_a_session = meaning.day or meaning.time or (either and meaning.hamlet)
    if not is_of_a_session:
        return None
    return replace(meaning, kind=service, perhaps=OR_ASKED)


def _wishes(written: str, said: str) -> re.Match[str] | None:
    """`muon lam tai khoan thu 5`; a question what it costs there is none."""
    if _ASKS.search(said) or not _is_plain(written):
        return None
    return _WISHES.match(said)


def of_what_is_booked(written: str, now: Situation) -> Meaning | None:
    """A seat, or a place on a list, that is given up or moved, where the text says of
    which kind: `doi gio mo tai khoan sang 18h15`; none for all other texts.
    """
    said = words_of(written)
    if not (now.booking or now.waiting) or len(said.split()) > MOST_WORDS:
        return None
    word, follows = _verb(said)
    if word is None or word in now.questions:
        return None
    services = _services(follows)
    if not services or not _is_plain(written):
        return None
    if len(services) > 1:  # which of them is asked
        return Meaning("CANCEL") if word == "CANCEL" and now.booking else None
    details = details_of(written, now)
    if details.code:
        return None
    meaning = booking_of(details)
    return replace(meaning, word=word, many=0, was=details.was, kind=services[0])


def _verb(said: str) -> tuple[Literal["CANCEL", "CHANGE"] | None, str]:
    """What is to become of it, and what follows that word."""
    cancels = _CANCELS.match(said)
    if cancels:
        return "CANCEL", said[cancels.end() :]
    moves = _MOVES.match(said)
    if moves:
        return "CHANGE", said[moves.end() :]
    return None, ""


def _is_plain(written: str) -> bool:
    """No question, no denial, and no word of texts."""
    heard = requests(written)
    is_doubted = heard.unsure or heard.denied or "?" in written
    return not (is_doubted or heard.refuses_texts)


def service_said(written: str) -> str:
    """What a text says one comes for, the swap too; empty where it does not."""
    return _service(words_of(written))


def _service(said: str) -> str:
    found = _services(said)
    return found[0] if found else ""


def _services(said: str) -> list[str]:
    return [service for service, pattern in _SERVICES.items() if pattern.search(said)]
