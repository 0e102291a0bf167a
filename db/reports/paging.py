"""A long list read in stretches: each begins beside an entry, and nothing that lies
before it is counted off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Listed(Protocol):
    @property
    def id(self) -> int: ...


L = TypeVar("L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Place:
    """Entries older than the one with the id `before`, or newer than the one with the
    id `after`; neither: on top.
    """

    before: int | None = None
    after: int | None = None

    @property
    def beside(self) -> int | None:
        return self.before if self.after is None else self.after

    @property
    def way(self) -> str:
        """`older`, `newer`, or nothing on top."""
        if self.after is not None:
            return "newer"
        return "older" if self.before is not None else ""


TOP = Place()
WAYS = ("", "older", "newer")


@dataclass(frozen=True, slots=True)
class Page(Generic[L]):
    """Newest first. `newer` and `older` are the ids from which to read on; none where
    nothing more lies that way.
    """

    rows: list[L]
    newer: int | None
    older: int | None


def page(read: Callable[[Place, int], list[L]], place: Place, size: int) -> Page[L]:
    """`read` gives at most so many from a place, the nearest to it first: upwards of
    `after` the oldest is first.
    """
    found = read(place, size + 1)
    more = len(found) > size
    rows = found[:size]
    if place.way == "newer":
        if not more:  # up to the top: as full as it always is
            return page(read, TOP, size)
        rows.reverse()
        return Page(rows, rows[0].id, rows[-1].id)
    if place.way and not rows:
        return page(read, TOP, size)
    newer = rows[0].id if place.way else None
    older = rows[-1].id if more else None
    return Page(rows, newer, older)


def order(way: str, *columns: str) -> str:
    """ORDER BY, from the place on."""
    return "ORDER BY " + ", ".join(
        f"{column} {'ASC' if way == 'newer' else 'DESC'}" for column in columns
    )


def beyond(way: str, columns: str, values: str) -> str:
    """The condition that an entry lies beyond the place, to stand after others; nothing
    on top.
    """
    return f"AND {columns} {'>' if way == 'newer' else '<'} {values}" if way else ""
