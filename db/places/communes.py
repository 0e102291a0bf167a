"""Communes: which one a call or a text is for, what it is called today, and its
hamlets.
"""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar
from menus.port import Commune, Hamlet

# a code taken from one commune and given to another moves within this
REMEMBERED_S = 60


class Behind(NamedTuple):
    """The commune behind a service code."""

    id: int
    other: int  # 1: nobody knows the code, and this is the first commune


class Named(NamedTuple):
    """A commune as it is called on a day."""

    id: int
    name: str
    sms_number: str


class Called(NamedTuple):
    """A commune by one of the names it had."""

    id: int
    name: str


class Alias(NamedTuple):
    """A hamlet with one of its other names; one row without where it has none."""

    id: int
    name: str
    folded: str | None  # as menus.hearing.fold leaves it


_BY_SERVICE = Query(
    text("""
    SELECT id, CASE WHEN service_code = :service OR sms_number = :service THEN 0 ELSE 1 END AS other
    FROM communes
    ORDER BY other, id LIMIT 1
    """),
    Behind,
)

_COMMUNE = Query(
    text("""
    SELECT c.id, n.name, c.sms_number
    FROM communes c JOIN commune_names n ON n.commune_id = c.id
    WHERE c.id = :commune_id AND n.since <= :today
    ORDER BY n.since DESC LIMIT 1
    """),
    Named,
)
_EVERY_NAME = Query(
    text("""
    SELECT c.id, n.name
    FROM communes c JOIN commune_names n ON n.commune_id = c.id
    ORDER BY c.id, n.since
    """),
    Called,
)
_PROGRAMME = Scalar(
    text("SELECT id FROM programmes WHERE commune_id = :commune_id AND key = '4g'"), int
)
_HAMLETS = Query(
    text("""
    SELECT h.id, h.name, a.folded
    FROM hamlets h LEFT JOIN hamlet_aliases a ON a.hamlet_id = h.id
    WHERE h.commune_id = :commune_id
    ORDER BY h.position, h.id, a.id
    """),
    Alias,
)


class UnknownCommune(LookupError):
    """The installation has several, and none of this name; the message lists them."""


def only_or(tx: Tx, name: str | None) -> int:
    """The only commune, or the one that bears this name or bore it once. Raises
    UnknownCommune.
    """
    rows = tx.all(_EVERY_NAME)
    called = {row.name.casefold(): row.id for row in rows}
    if name is not None:
        found = called.get(name.casefold())
        if found is not None:
            return found
    elif len(set(called.values())) == 1:
        return rows[0].id
    known = ", ".join(called)
    raise UnknownCommune(known)


def ids(tx: Tx) -> list[int]:
    """Every commune of the installation."""
    return sorted({row.id for row in tx.all(_EVERY_NAME)})


def programme(tx: Tx, commune_id: int) -> int:
    """The commune's move from 2G to 4G: what its days, indicators and schemes belong
    to.
    """
    found = tx.value(_PROGRAMME, commune_id=commune_id)
    assert found is not None  # the first migration brings it
    return found


def named(tx: Tx, commune_id: int, day: str) -> Commune:
    """The commune as it is called on a local day (ISO)."""
    row = tx.one(_COMMUNE, commune_id=commune_id, today=day)
    assert row is not None  # the first migration names it from long ago on
    first = row.name[0].upper()
    name = first + row.name[1:]
    return Commune(row.id, name, row.sms_number)


def hamlets(tx: Tx, commune_id: int) -> list[Hamlet]:
    """In the order of the commune's own list, each with its aliases, folded."""
    names: dict[int, str] = {}
    aliases: dict[int, list[str]] = {}
    rows = tx.all(_HAMLETS, commune_id=commune_id)
    for row in rows:
        names[row.id] = row.name
        of_hamlet = aliases.setdefault(row.id, [])
        if row.folded:
            of_hamlet.append(row.folded)
    return [
        Hamlet(hamlet_id, name, tuple(aliases[hamlet_id]))
        for hamlet_id, name in names.items()
    ]


class Communes:
    """Remembers a service code for a minute once it was found; a code that was just
    edited is found at once.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def __call__(self, tx: Tx, service: str) -> int:
        """The commune behind a service code or number; the first one where nobody knows
        it.
        """
        now = monotonic()
        commune, until = self._known.get(service, (0, 0.0))
        if now < until:
            return commune
        row = tx.one(_BY_SERVICE, service=service)
        assert row is not None  # the first migration brings one
        if row.other:  # not remembered: it may be given to a commune any moment
            self._known.pop(service, None)
        else:
            self._known[service] = row.id, now + REMEMBERED_S
        return row.id
