"""One chunk being kept: the transaction, and what is looked up once for all its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import text

from db.commands.imports.cells import Fault
from db.places.naming import Hamlets
from db.register import identity
from db.store.engine import Tx
from db.store.statements import Scalar

_ERASED = Scalar(text("SELECT 1 FROM stops WHERE who = :who AND what = 'erased'"), int)

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
    changes = []
    for column, (was, now) in columns.items():
        if was != now:
            change = Change(column, _written(was), _written(now))
            changes.append(change)
    if not changes:
        return SAME
    return Outcome("changed", tuple(changes))


def _written(value: object) -> str:
    return str(value or "")


@dataclass(slots=True)
class Work:
    """`now` is UTC ms. `changed` gathers the households whose members or handsets
    changed.
    """

    tx: Tx
    commune_id: int
    programme_id: int
    now: int
    privacy_key: str
    hamlets: Hamlets
    changed: set[int] = field(default_factory=set)
    # phone -> folded name, of this file so far
    numbers: dict[str, str] = field(default_factory=dict)

    def hamlet(self, name: str) -> int:
        """The id of the hamlet of that name. Raises Fault."""
        found = self.hamlets.find(name)
        if found is None:
            raise Fault(f"không có thôn '{name}' / there is no hamlet '{name}'")
        return found

    def refuse_erased(self, phone: str) -> None:
        """A number whose owner asked for its erasure does not come back with a list.
        Raises Fault.
        """
        if not phone:
            return
        who = identity.who(self.privacy_key, phone)
        if self.tx.value(_ERASED, who=who) is not None:
            raise Fault(
                "số đã được xóa theo yêu cầu / this number was erased at its owner's request"
            )

    def hamlet_or_none(self, name: str) -> int | None:
        """None where the row names no hamlet. Raises Fault."""
        return self.hamlet(name) if name else None
