"""A text in which staff answer one resident: as it would go, with its parts and price,
and why it may not.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.models.states import RequestKind
from gateway.context import here
from menus import broadcast
from menus.fitting import cost, fold, on_wire, price
from menus.links import asks_for_secret, leads_away
from menus.notices import Class
from menus.numbers import network


@dataclass(frozen=True, slots=True)
class Text:
    """As it goes out; nothing of it does where there is no number to send it to."""

    words: str
    parts: int
    price: int  # đồng
    long: bool  # more than one part without tone marks


def rendered(said: str, phone: str | None, *, marks: bool, text_class: Class) -> Text:
    """`said` with tone marks, to this number (E.164)."""
    wire = on_wire(said, marks)
    parts = cost(wire).parts
    without_marks = cost(fold(said))
    is_long = without_marks.parts > 1
    if not phone:
        return Text(wire, parts, 0, is_long)
    prices = here().settings.sms_prices
    paid = price(prices, network(phone), text_class, parts)
    return Text(wire, parts, paid, is_long)


def refused(text: Text, words: str, kind: str = "") -> tuple[str, str]:
    """Why it may not go: a key of the desk's words, and the words at fault; both empty
    where it may.

    No text of ours holds a link, ever. An answer is no advert: what sells goes as one,
    with label and consent. `kind` is that of the request it ends.
    """
    if leads_away(words) or leads_away(text.words):
        return "answer_link", ""
    if asks_for_secret(words):
        return "info_secret", ""
    selling = _selling(words, kind)
    if selling:
        return "answer_sells", ", ".join(selling)
    if text.long:
        return "answer_long", ""
    return "", ""


def _selling(words: str, kind: str) -> list[str]:
    """Words that sell something. Whoever asked for TV360 is told that it is there: its
    name alone offers nothing.
    """
    found = broadcast.sells(words)
    if kind != RequestKind.TV360:
        return found
    return [word for word in found if not _is_tv360(word)]


def _is_tv360(word: str) -> bool:
    """`TV360`, `tv 360`."""
    return word.replace(" ", "").lower() == "tv360"
