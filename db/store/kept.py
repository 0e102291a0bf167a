"""Figures that take long to count among many people: the clock counts them now and
then, and pages show what was kept.

Where a count is quick (a commune of today's size) pages count for themselves, and are
never behind.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Statement

QUICK_MS = 50  # a page may wait so long for a count of its own
# the clock counts a figure again after so many times what it took: half a percent of
# its time
REST = 200

R = TypeVar("R", bound=tuple[Any, ...])  # a NamedTuple, as a Query yields it


class Kept(NamedTuple):
    """One figure of one commune as the clock last counted it."""

    lines: str  # its rows in JSON
    at: int  # UTC ms
    took_ms: int


class Counted(NamedTuple, Generic[R]):
    rows: list[R]
    as_of: int | None  # UTC ms; none where it was counted just now


_KEPT = Query(
    text(
        "SELECT lines, at, took_ms FROM kept_figures WHERE commune_id = :commune_id AND name = :name"
    ),
    Kept,
)
_KEEP = Statement(
    text("""
    INSERT INTO kept_figures (commune_id, name, lines, at, took_ms)
    VALUES (:commune_id, :name, :lines, :at, :took_ms)
    ON CONFLICT (commune_id, name) DO UPDATE
    SET lines = excluded.lines, at = excluded.at, took_ms = excluded.took_ms
    """)
)


class LongFigure(Generic[R]):
    """One figure by its name. `count` is given the commune's id and now (UTC ms)."""

    def __init__(
        self, name: str, row: type[R], count: Callable[[Tx, int, int], list[R]]
    ) -> None:
        self.name = name
        self.row = row
        self.count = count

    def look(self, tx: Tx, commune_id: int, now: int) -> Counted[R]:
        """The figure now where that is quick, else as it was kept."""
        kept = self._kept(tx, commune_id)
        if kept is None or kept.took_ms <= QUICK_MS:
            return Counted(self.count(tx, commune_id, now), None)
        rows = [self.row(*line) for line in json.loads(kept.lines)]
        return Counted(rows, kept.at)

    def is_due(self, tx: Tx, commune_id: int, now: int) -> bool:
        """Has the clock rested since it last counted this?"""
        kept = self._kept(tx, commune_id)
        if kept is None or kept.at > now:  # never, or by a clock that went wrong
            return True
        return now - kept.at >= REST * kept.took_ms

    def count_anew(self, tx: Tx, commune_id: int, now: int) -> Kept:
        """What is to be kept; reads only."""
        began = time.perf_counter()
        rows = self.count(tx, commune_id, now)
        took_ms = round(1_000 * (time.perf_counter() - began))
        return Kept(json.dumps(rows), now, took_ms)

    def keep(self, tx: Tx, commune_id: int, kept: Kept) -> None:
        tx.run(_KEEP, commune_id=commune_id, name=self.name, **kept._asdict())

    def _kept(self, tx: Tx, commune_id: int) -> Kept | None:
        return tx.one(_KEPT, commune_id=commune_id, name=self.name)
