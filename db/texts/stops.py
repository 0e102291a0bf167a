"""Who wants no more texts. By HMAC (`privacy.who`), so that the wish outlives an
erasure without keeping the number.

The only writer of `stops`; each row that comes or goes leaves a line in the register
(db/texts/wishes.py).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts import wishes
from db.texts.wishes import ADVERT, UNHEARD, Heard
from menus.notices import ASKS_FOR_ADVERTS, OF_OWN_DAY, Kind

# What can be refused: adverts, reminders, all but answers. An erasure and a do-not-call
# list (`dnc`) work like it.
What = Literal["advert", "remind", "all", "erased", "dnc"]

# Which refusals keep a text of which class back; what the resident asked for is
# answered whatever was refused.
_BARRED_BY = {
    "reply": frozenset[str](),
    "notice": frozenset({"all", "erased"}),
    "reminder": frozenset({"remind", "all", "erased"}),
    "advert": frozenset({"advert", "all", "erased", "dnc"}),
}
# whose own day was cancelled or moved is told, whatever else they refused
_IN_SPITE = frozenset({"erased"})


class Refusal(NamedTuple):
    what: What


_STOPS = Query(text("SELECT what FROM stops WHERE who = :who"), Refusal)
_STOP = Statement(
    text("""
    INSERT INTO stops (who, what, at)
    VALUES (:who, :what, :now)
    ON CONFLICT (who, what) DO NOTHING
    """)
)
_START = Query(
    text("""
    DELETE FROM stops
    WHERE who = :who AND what IN ('advert', 'remind', 'all', 'erased')
    RETURNING what
    """),
    Refusal,
)
_GO_ALONG = Statement(
    text("""
    INSERT INTO stops (who, what, at)
    SELECT CAST(:to AS VARCHAR), what, at
    FROM stops
    WHERE who = :who AND what IN ('advert', 'remind', 'all')
    ON CONFLICT (who, what) DO NOTHING
    """)
)
_STOPPED = Scalar(text("SELECT 1 FROM stops WHERE who = :who AND what = 'all'"), int)
_COME_BACK = Query(
    text("""
    DELETE FROM stops
    WHERE who = :who AND what IN ('erased', 'all')
    RETURNING what
    """),
    Refusal,
)
_ADVERTS_AGAIN = Statement(
    text("DELETE FROM stops WHERE who = :who AND what = 'advert'")
)


def refused(tx: Tx, who: str) -> set[str]:
    """What is refused: advert, remind, all, erased, dnc."""
    return {row.what for row in tx.all(_STOPS, who=who)}


def bar(tx: Tx, who: str, text_class: str, kind: Kind | None = None) -> bool:
    """Whether a text of this class, and of this kind where it is known, must not go to
    them.
    """
    barring = _barring(text_class, kind)
    return bool(refused(tx, who) & barring)


def _barring(text_class: str, kind: Kind | None) -> frozenset[str]:
    """Which refusals keep it back."""
    if kind in OF_OWN_DAY:
        return _IN_SPITE
    if kind == ASKS_FOR_ADVERTS:
        return _BARRED_BY["advert"]
    return _BARRED_BY[text_class]


def refuse(tx: Tx, who: str, what: What, now: int, heard: Heard = UNHEARD) -> bool:
    """Remember a refusal. False when that much was refused before; `now` is UTC ms.

    Whoever refuses adverts withdraws what they agreed to before.
    """
    stopped_before = tx.value(_STOPPED, who=who)
    is_new = _stop(tx, who, what, now, heard)
    if not is_new:
        return False
    if what in ("advert", "all"):
        wishes.withdraw(tx, who, heard.person_id, ADVERT, now)
    return stopped_before is None


def _stop(tx: Tx, who: str, what: What, now: int, heard: Heard) -> bool:
    """False when this stands already."""
    is_new = tx.run(_STOP, who=who, what=what, now=now)
    if not is_new:
        return False
    wishes.end(tx, who, "took_back", what, now)
    wishes.note(tx, who, "refused", what, now, heard)
    return True


def take_back(tx: Tx, who: str, now: int, heard: Heard = UNHEARD) -> None:
    """START: texts are welcome again. A do-not-call list stands, and adverts need a new
    consent. `now` is UTC ms.
    """
    for row in tx.all(_START, who=who):
        _taken_back(tx, who, row.what, now, heard)


def _taken_back(tx: Tx, who: str, what: str, now: int, heard: Heard) -> None:
    wishes.end(tx, who, "refused", what, now)
    wishes.note(tx, who, "took_back", what, now, heard)


def agreed_anew(tx: Tx, who: str, now: int, heard: Heard = UNHEARD) -> None:
    """Whoever agrees to be told hears of their booking again after a full stop. Adverts
    stay refused, and so do reminders where these were refused by themselves.
    """
    back = tx.all(_COME_BACK, who=who)
    for row in back:
        _taken_back(tx, who, row.what, now, heard)
    if back:
        _stop(tx, who, "advert", now, UNHEARD)


def adverts_again(tx: Tx, who: str, now: int) -> None:
    """Whoever agrees to adverts refuses them no more; nothing else comes back with it."""
    if tx.run(_ADVERTS_AGAIN, who=who):
        wishes.end(tx, who, "refused", "advert", now)


def erased(tx: Tx, who: str, now: int) -> None:
    """Whoever was erased is not texted again."""
    _stop(tx, who, "erased", now, UNHEARD)


def do_not_call(tx: Tx, who: str, now: int) -> bool:
    """The number stands on a list of those that take no advertising. False when it
    stood there before.
    """
    return _stop(tx, who, "dnc", now, Heard(channel="list"))


def go_along(tx: Tx, who: str, to: str) -> None:
    """Whoever has a new number refuses there what they refused at the old one, since
    the same moment; their lines go along with `wishes.go_along`.
    """
    tx.run(_GO_ALONG, who=who, to=to)
