"""One chunk being kept: the transaction, and what is looked up once for all its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from db.commands.imports.cells import Fault
from db.places.naming import Hamlets
from db.store.engine import Tx

What = Literal["new", "changed", "same"]


class Change(NamedTuple):
    """Of one column, before and after; empty where there was nothing."""

    column: str
    was: str
    now: str


class Outcome(NamedTuple):
    """What a row that was kept did, and what it changed."""

    what: What
    changes: tuple[Change, ...] = ()


NEW, SAME = Outcome("new"), Outcome("same")


def changed(**columns: tuple[object, object]) -> Outcome:
    """Of columns before and after: those that differ, or the same."""
    found = [
        Change(name, str(was or ""), str(now or ""))
        for name, (was, now) in columns.items()
        if was != now
    ]
    return Outcome("changed", tuple(found)) if found else SAME


@dataclass(slots=True)
class Work:
    """`now` is UTC ms. `changed` gathers the households whose members or handsets changed."""

    tx: Tx
    commune_id: int
    programme_id: int
    now: int
    privacy_key: str
    hamlets: Hamlets
    changed: set[int] = field(default_factory=set)
    numbers: dict[str, str] = field(
        default_factory=dict
    )  # phone -> folded name, of this file so far

    def hamlet(self, name: str) -> int:
        """The id of the hamlet of that name. Raises Fault."""
        found = self.hamlets.find(name)
        if found is None:
            raise Fault(f"không có thôn '{name}' / there is no hamlet '{name}'")
        return found
