"""Who wants no more texts. By HMAC (`privacy.who`), so that the wish outlives an erasure without keeping the number."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import text

from db.engine import Tx
from db.statements import Statement
from menus.notices import OF_OWN_DAY, Kind

# What can be refused: adverts, reminders, all but answers. An erasure and a do-not-call list (`dnc`) work like it.
What = Literal["advert", "remind", "all", "erased", "dnc"]

# Which refusals keep a text of which class back; what the resident asked for is answered whatever was refused.
_BARRED_BY = {
    "reply": frozenset[str](),
    "notice": frozenset({"all", "erased"}),
    "reminder": frozenset({"remind", "all", "erased"}),
    "advert": frozenset({"advert", "all", "erased", "dnc"}),
}
_IN_SPITE = frozenset({"erased"})  # whose own day was cancelled or moved is told, whatever else they refused
_STOPS = Statement(text("SELECT what FROM stops WHERE who = :who"))
_STOP = Statement(
    text("INSERT INTO stops (who, what, at) VALUES (:who, :what, :now) ON CONFLICT (who, what) DO NOTHING")
)
_START = Statement(text("DELETE FROM stops WHERE who = :who AND what IN ('advert', 'remind', 'all', 'erased')"))
_GO_ALONG = Statement(
    text(
        "INSERT INTO stops (who, what, at) SELECT CAST(:to AS VARCHAR), what, at FROM stops"
        " WHERE who = :who AND what IN ('advert', 'remind', 'all') ON CONFLICT (who, what) DO NOTHING"
    )
)
_STOPPED = Statement(text("SELECT 1 FROM stops WHERE who = :who AND what = 'all'"))
_COME_BACK = Statement(text("DELETE FROM stops WHERE who = :who AND what IN ('erased', 'all')"))


def refused(tx: Tx, who: str) -> set[str]:
    """What is refused: advert, remind, all, erased, dnc."""
    return {row.what for row in tx.all(_STOPS, who=who)}


def bar(tx: Tx, who: str, text_class: str, kind: Kind | None = None) -> bool:
    """Whether a text of this class, and of this kind where it is known, must not go to them."""
    by = _IN_SPITE if kind in OF_OWN_DAY else _BARRED_BY[text_class]
    return bool(refused(tx, who) & by)


def refuse(tx: Tx, who: str, what: str, now: int) -> bool:
    """Remember a refusal. False when that much was refused before; `now` is UTC ms."""
    before = tx.value(_STOPPED, who=who)
    return tx.run(_STOP, who=who, what=what, now=now) == 1 and before is None


def take_back(tx: Tx, who: str) -> None:
    """START: texts are welcome again. A do-not-call list stands."""
    tx.run(_START, who=who)


def go_along(tx: Tx, who: str, to: str) -> None:
    """Whoever has a new number refuses there what they refused at the old one, since the same moment."""
    tx.run(_GO_ALONG, who=who, to=to)


def agreed_anew(tx: Tx, who: str, now: int) -> None:
    """Whoever agrees to be told hears of their booking again after a full stop. Adverts stay refused, and so do
    reminders where these were refused by themselves."""
    if tx.run(_COME_BACK, who=who):
        tx.run(_STOP, who=who, what="advert", now=now)
