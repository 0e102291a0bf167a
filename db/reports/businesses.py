"""Shops, schools and the points that serve, as the desk lists them: whose, what each
can earn, who went there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import text

from db.reports.by_id import by_id
from db.store.engine import Tx
from db.store.statements import Query


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which are asked for; empty and None mean no limit.

    `words`: folded, each a part of the name or of the owner's, in any order. `phone`:
    the owner's number (E.164), or `phone_end`: how it ends.
    """

    commune_id: int
    words: tuple[str, ...] = ()
    phone: str = ""
    phone_end: str = ""
    kind: str = ""
    hamlet_id: int | None = None
    without: bool = False  # only those which have not earned what they can
    closed: bool = False  # those that were closed, instead of those that are open


class Business(NamedTuple):
    """With the indicator it can earn, the day it did and who logged that; none where it
    did not.
    """

    id: int
    kind: str
    name: str
    hamlet_id: int | None
    hamlet: str | None
    owner_id: int | None
    owner: str | None
    phone: str | None  # E.164, of the owner
    indicator_id: int | None
    indicator: str | None
    counted_on: str | None
    logged: int | None  # the entry of the log by which it counts
    logged_by: int | None
    visit_id: int | None  # the newest that stands
    visited_on: str | None
    result: str | None
    closed_at: int | None  # UTC ms


class Named(NamedTuple):
    id: int
    name: str


class Visit(NamedTuple):
    """Somebody went there; taken back, where it says so."""

    id: int
    day: str
    at: int  # UTC ms
    result: str
    staff_id: int
    staff: str
    taken_back: bool  # 0 or 1 on SQLite


_STANDS = (
    "v.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id)"
)
_BUSINESSES = f"""
    SELECT b.id, b.kind, b.name, b.hamlet_id, h.name AS hamlet, b.owner_id, p.name AS owner, p.phone,
      i.id AS indicator_id, i.key AS indicator, c.day AS counted_on, l.id AS logged, l.staff_id AS logged_by,
      v.id AS visit_id, v.day AS visited_on, v.result, b.closed_at
    FROM businesses b
    LEFT JOIN hamlets h ON h.id = b.hamlet_id
    LEFT JOIN people p ON p.id = b.owner_id
    LEFT JOIN indicators i ON i.subject = 'business' AND i.kind = b.kind
      AND i.programme_id = (SELECT MIN(g.id) FROM programmes g WHERE g.commune_id = b.commune_id)
    LEFT JOIN counted c ON c.indicator_id = i.id AND c.subject_id = b.id
    LEFT JOIN conversions l ON l.id = (
      SELECT MIN(e.id) FROM conversions e
      WHERE e.subject_id = b.id AND e.indicator_id = i.id AND e.reverses IS NULL
        AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = e.id))
    LEFT JOIN visits v ON v.id = (SELECT MAX(v.id) FROM visits v WHERE v.business_id = b.id AND {_STANDS})
    WHERE b.commune_id = :commune_id
"""
_LIMITS = {
    "phone": "p.phone = :phone",
    "phone_end": "p.phone LIKE :phone_end",
    "kind": "b.kind = :kind",
    "hamlet_id": "b.hamlet_id = :hamlet_id",
    "without": "i.id IS NOT NULL AND c.day IS NULL",
    "after": "(b.folded, b.id) > (SELECT a.folded, a.id FROM businesses a WHERE a.id = :after)",
}
_WORD = "(b.folded LIKE :word{at} ESCAPE '!' OR p.folded LIKE :word{at} ESCAPE '!')"
_CLOSED = {False: "b.closed_at IS NULL", True: "b.closed_at IS NOT NULL"}
_ONE = Query(text(f"{_BUSINESSES} AND b.id = :id"), Business)
_OF_OWNER = Query(
    text(f"{_BUSINESSES} AND b.owner_id = :owner_id ORDER BY b.folded, b.id"), Business
)
_NAMES = "SELECT id, name FROM businesses WHERE id IN ({ids})"
_VISITS = Query(
    text("""
    SELECT v.id, v.day, v.at, v.result, v.staff_id, s.username AS staff,
      EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id) AS taken_back
    FROM visits v JOIN staff s ON s.id = v.staff_id
    WHERE v.business_id = :business_id AND v.reverses IS NULL
    ORDER BY v.id DESC LIMIT 50
    """),
    Visit,
)


@cache
def _page(limits: tuple[str, ...], words: int, closed: bool) -> Query[Business]:
    """The first of them, in order of name."""
    conditions = [_CLOSED[closed]]
    conditions += [_LIMITS[name] for name in limits]
    conditions += [_WORD.format(at=at) for at in range(words)]
    narrowed = " AND ".join(conditions)
    return Query(
        text(f"{_BUSINESSES} AND {narrowed} ORDER BY b.folded, b.id LIMIT :most"),
        Business,
    )


def page(tx: Tx, wanted: Wanted, *, after: int | None, most: int) -> list[Business]:
    """In order of name, from behind the business with the id `after` on."""
    given = {
        "phone": wanted.phone,
        "phone_end": f"%{wanted.phone_end}" if wanted.phone_end else "",
        "kind": wanted.kind,
        "hamlet_id": wanted.hamlet_id,
        "without": wanted.without,
        "after": after,
    }
    limits = tuple(name for name, value in given.items() if value)
    parts = {f"word{at}": f"%{_literal(word)}%" for at, word in enumerate(wanted.words)}
    statement = _page(limits, len(wanted.words), wanted.closed)
    return tx.all(statement, commune_id=wanted.commune_id, most=most, **given, **parts)


def _literal(word: str) -> str:
    """As it is typed: `%` and `_` stand for themselves."""
    for sign in ("!", "%", "_"):
        word = word.replace(sign, f"!{sign}")
    return word


def one(tx: Tx, business_id: int, commune_id: int) -> Business | None:
    return tx.one(_ONE, id=business_id, commune_id=commune_id)


def of_owner(tx: Tx, owner_id: int, commune_id: int) -> list[Business]:
    """What belongs to somebody, in order of name."""
    return tx.all(_OF_OWNER, owner_id=owner_id, commune_id=commune_id)


def names(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    """By id, of those that there are, closed ones too."""
    found = by_id(tx, _NAMES, ids, Named)
    return {id_: row.name for id_, row in found.items()}


def visits_of(tx: Tx, business_id: int) -> list[Visit]:
    """The last fifty, newest first."""
    return tx.all(_VISITS, business_id=business_id)
