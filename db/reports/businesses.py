"""Shops, schools and the points that serve, as the desk lists them: whose, what each can earn, who went there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which are asked for; empty and None mean no limit. `folded`: a part of the name, or of the owner's."""

    commune_id: int
    folded: str = ""
    kind: str = ""
    hamlet_id: int | None = None
    without: bool = False  # only those which have not earned what they can


class Business(NamedTuple):
    """With the indicator it can earn, the day it did and who logged that; none where it did not."""

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


class Visit(NamedTuple):
    """Somebody went there; taken back, where it says so."""

    id: int
    day: str
    at: int  # UTC ms
    result: str
    staff_id: int
    staff: str
    taken_back: bool  # 0 or 1 on SQLite


_STANDS = "v.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id)"
_BUSINESSES = f"""
    SELECT b.id, b.kind, b.name, b.hamlet_id, h.name AS hamlet, b.owner_id, p.name AS owner, p.phone,
      i.id AS indicator_id, i.key AS indicator, c.day AS counted_on, l.id AS logged, l.staff_id AS logged_by,
      v.id AS visit_id, v.day AS visited_on, v.result
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
    "folded": "(b.folded LIKE :folded OR p.folded LIKE :folded)",
    "kind": "b.kind = :kind",
    "hamlet_id": "b.hamlet_id = :hamlet_id",
    "without": "i.id IS NOT NULL AND c.day IS NULL",
    "after": "(b.folded, b.id) > (SELECT a.folded, a.id FROM businesses a WHERE a.id = :after)",
}
_ONE = Query(text(f"{_BUSINESSES} AND b.id = :id"), Business)
_OF_OWNER = Query(text(f"{_BUSINESSES} AND b.owner_id = :owner_id ORDER BY b.folded, b.id"), Business)
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
def _page(limits: tuple[str, ...]) -> Query[Business]:
    """The first of them, in order of name."""
    conditions = "".join(f" AND {_LIMITS[name]}" for name in limits)
    return Query(text(f"{_BUSINESSES} {conditions} ORDER BY b.folded, b.id LIMIT :most"), Business)


def page(tx: Tx, wanted: Wanted, *, after: int | None, most: int) -> list[Business]:
    """In order of name, from behind the business with the id `after` on."""
    part = ""
    if wanted.folded:
        letters = wanted.folded.replace("%", "").replace("_", "")
        part = f"%{letters}%"
    given = {
        "folded": part,
        "kind": wanted.kind,
        "hamlet_id": wanted.hamlet_id,
        "without": wanted.without,
        "after": after,
    }
    limits = tuple(name for name, value in given.items() if value)
    return tx.all(_page(limits), commune_id=wanted.commune_id, most=most, **given)


def one(tx: Tx, business_id: int, commune_id: int) -> Business | None:
    return tx.one(_ONE, id=business_id, commune_id=commune_id)


def of_owner(tx: Tx, owner_id: int, commune_id: int) -> list[Business]:
    """What belongs to somebody, in order of name."""
    return tx.all(_OF_OWNER, owner_id=owner_id, commune_id=commune_id)


def visits_of(tx: Tx, business_id: int) -> list[Visit]:
    """The last fifty, newest first."""
    return tx.all(_VISITS, business_id=business_id)
