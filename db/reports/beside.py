"""What else can be ticked off beside somebody at a session: for the household that they
belong to, and for the shops that are theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, list_of_ids


class Offered(NamedTuple):
    event_id: int
    service: str


class Person(NamedTuple):
    id: int
    household_id: int | None
    hamlet_id: int | None


class DoneAtHome(NamedTuple):
    person_id: int
    indicator_id: int


class Shop(NamedTuple):
    """A household's business; `counted` where its QR counts, 0 or 1 on SQLite."""

    id: int
    name: str
    owner_id: int
    counted: bool


@dataclass(slots=True)
class Beside:
    """Of one person. `done` are indicators of their household."""

    household_id: int | None
    hamlet_id: int | None
    done: set[int] = field(default_factory=set)
    shops: list[Shop] = field(default_factory=list)


_OFFERED = "SELECT event_id, service FROM event_services WHERE event_id IN ({ids})"
_PEOPLE = "SELECT id, household_id, hamlet_id FROM people WHERE id IN ({ids})"
_DONE = """
    SELECT p.id AS person_id, c.indicator_id
    FROM people p
    JOIN counted c ON c.subject_id = p.household_id
    JOIN indicators i ON i.id = c.indicator_id AND i.subject = 'household'
    WHERE p.id IN ({ids})
"""
_SHOPS = """
    SELECT b.id, b.name, b.owner_id, EXISTS (
      SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
      WHERE i.key = 'business_qr' AND c.subject_id = b.id) AS counted
    FROM businesses b
    WHERE b.owner_id IN ({ids}) AND b.kind = 'household_business' AND b.closed_at IS NULL
    ORDER BY b.name, b.id
"""


def served(tx: Tx, event_ids: Collection[int]) -> Mapping[int, set[str]]:
    """What one can get there, by event."""
    found: dict[int, set[str]] = defaultdict(set)
    if event_ids:
        ids = list_of_ids(event_ids)
        for row in tx.all(Query(text(_OFFERED.format(ids=ids)), Offered)):
            found[row.event_id].add(row.service)
    return found


def of_people(tx: Tx, person_ids: Collection[int]) -> Mapping[int, Beside]:
    """By person."""
    if not person_ids:
        return {}
    ids = list_of_ids(person_ids)
    found: dict[int, Beside] = {}
    for person in tx.all(Query(text(_PEOPLE.format(ids=ids)), Person)):
        found[person.id] = Beside(person.household_id, person.hamlet_id)
    for row in tx.all(Query(text(_DONE.format(ids=ids)), DoneAtHome)):
        found[row.person_id].done.add(row.indicator_id)
    for shop in tx.all(Query(text(_SHOPS.format(ids=ids)), Shop)):
        found[shop.owner_id].shops.append(shop)
    return found
