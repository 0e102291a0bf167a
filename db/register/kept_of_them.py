"""Which details are kept of whoever holds a phone: told to them when they ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query
from menus.port import KeptDetail


class Kept(NamedTuple):
    """Of one person, each 0 or 1 on SQLite."""

    name: bool
    hamlet: bool
    household: bool
    phone: bool
    bookings: bool
    requests: bool
    opinions: bool
    logged: bool


_KEPT = Query(
    text("""
    SELECT p.name <> '' AS name, p.hamlet_id IS NOT NULL AS hamlet, p.household_id IS NOT NULL AS household,
      EXISTS (SELECT 1 FROM facts f WHERE f.person_id = p.id) AS phone,
      EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id OR b.booker_id = p.id) AS bookings,
      EXISTS (SELECT 1 FROM requests r WHERE r.person_id = p.id) AS requests,
      EXISTS (SELECT 1 FROM opinions o WHERE o.person_id = p.id) AS opinions,
      EXISTS (SELECT 1 FROM conversions c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.subject = 'person' AND c.subject_id = p.id) AS logged
    FROM people p
    WHERE p.phone = :phone
    """),
    Kept,
)


def of(tx: Tx, phone: str) -> Sequence[KeptDetail]:
    """In the order in which they are told; none of a stranger. `phone` is E.164."""
    kept = tx.one(_KEPT, phone=phone)
    if kept is None:
        return ()
    is_kept: dict[KeptDetail, bool] = {
        "name": kept.name,
        "hamlet": kept.hamlet,
        "household": kept.household,
        "phone": kept.phone,
        "bookings": kept.bookings,
        "requests": kept.requests,
        "opinions": kept.opinions,
        "logged": kept.logged,
    }
    return [detail for detail, is_there in is_kept.items() if is_there]
