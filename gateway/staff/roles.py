"""Who may do what at the desk: the one table of roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Permission = Literal[
    "desk",  # the list of a day, check-in, events as they stand
    "log",  # tick off what was done
    "undo",  # take a log back, with a reason
    "book",  # book, move, cancel for a resident; the paper list
    "people",  # find people and see their pages, facts, households
    "numbers",  # phone numbers in full
    "businesses",
    "events",  # create, edit, close, cancel
    "conversions",  # the log and its export
    "progress",
    "tasks",  # people who asked to be called
    "messages",
    "broadcasts",  # write a text to many, choose whom it is for, start and watch it
    "approve",  # the second pair of eyes on it
    "audit",
    "setup",  # code and number, names, schemes, hamlets, halls
]

_EVERYTHING: frozenset[Permission] = frozenset(get_args(Permission))

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "admin": _EVERYTHING,
    "commune": _EVERYTHING - {"audit", "setup"},
    # A hamlet head: everything about the people of one hamlet; see layout.scope.
    "hamlet": frozenset(
        {"desk", "log", "undo", "book", "people", "numbers", "businesses", "conversions", "progress", "tasks"}
    ),
    # Not given out yet: what they would begin with.
    "agent": frozenset({"desk", "log", "progress"}),
    "school": frozenset({"progress"}),
    "reader": frozenset({"progress"}),
}

SEES_SMALL_NUMBERS = frozenset({"admin", "commune"})  # to others a count under five may be one known neighbour
BOUND_TO_A_HAMLET = frozenset({"hamlet"})


def may(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS.get(role, frozenset())
