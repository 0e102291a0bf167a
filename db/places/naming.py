"""Which hamlet, hall or indicator a written name means: exact after folding, or by an
alias; never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query
from menus.hearing import fold


class Named(NamedTuple):
    """A hamlet by its own name."""

    id: int
    name: str


class Alias(NamedTuple):
    """Another name of a hamlet, folded."""

    folded: str
    hamlet_id: int


_HAMLETS = Query(
    text(
        "SELECT id, name FROM hamlets WHERE commune_id = :commune_id ORDER BY position"
    ),
    Named,
)
_ALIASES = Query(
    text("""
    SELECT a.folded, a.hamlet_id FROM hamlet_aliases a JOIN hamlets h ON h.id = a.hamlet_id
    WHERE h.commune_id = :commune_id
    """),
    Alias,
)
_PREFIX = re.compile(r"^(?:thon|ban|xom|khoi)\.? +")
_NUMERALS = {"1": "i", "2": "ii", "3": "iii", "4": "iv", "5": "v"}


def same(name: str) -> str:
    """A name as it is compared: folded, without the word for hamlet, the last number as
    a Roman numeral.
    """
    folded = fold(name).replace(".", " ")
    bare = _PREFIX.sub("", folded.strip())
    head, _, last = bare.rpartition(" ")
    number = _NUMERALS.get(last, last)
    return f"{head} {number}".strip()


class Hamlets:
    """The hamlets of a commune by every name they go by."""

    def __init__(self, tx: Tx, commune_id: int) -> None:
        rows = tx.all(_HAMLETS, commune_id=commune_id)
        self.names = [row.name for row in rows]
        self._by_id = {row.id: row.name for row in rows}
        self._ids = {same(row.name): row.id for row in rows}
        aliases = tx.all(_ALIASES, commune_id=commune_id)
        self._aliases = _unambiguous(aliases)
        # `thôn Trung 1` for `trung i`
        alike = [Alias(same(row.folded), row.hamlet_id) for row in aliases]
        self._alike = _unambiguous(alike)

    def name_of(self, hamlet_id: int | None) -> str:
        """Its own name; empty for none, and for another commune's."""
        return self._by_id.get(hamlet_id or 0, "")

    def names_of(self, was: int | None, now: int | None) -> tuple[str, str]:
        """Before and after."""
        return self.name_of(was), self.name_of(now)

    def find(self, name: str) -> int | None:
        """None when the name is no hamlet's, or more than one's."""
        compared = same(name)
        hamlet_id = self._ids.get(compared)
        return hamlet_id or self._aliases.get(fold(name)) or self._alike.get(compared)


def _unambiguous(aliases: Iterable[Alias]) -> dict[str, int]:
    """The hamlet's id by its other name, but for names that several bear."""
    called: dict[str, set[int]] = {}
    for alias in aliases:
        bearers = called.setdefault(alias.folded, set())
        bearers.add(alias.hamlet_id)
    ids = {}
    for folded, bearers in called.items():
        if len(bearers) == 1:
            ids[folded] = bearers.pop()
    return ids
