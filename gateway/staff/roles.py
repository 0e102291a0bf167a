"""Who may do what at the desk: the one table of roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from menus.hearing import fold

Permission = Literal[
    "desk",  # the list of a day, check-in, events as they stand
    "log",  # tick off what was done
    "undo",  # take a log back, with a reason
    "book",  # book, move, cancel for a resident; the paper list
    "heads",  # how many came to a session; a school to its own
    # who came, booked or not: those booked there, or found by their whole number
    "sessions",
    "people",  # find people and see their pages, facts, households
    "numbers",  # phone numbers in full
    "businesses",  # the register of shops, schools and service points; a visit there
    "registers",  # ... add one, change it, say whose it is
    "schools",  # classes, parents by phone, who pays the fees how; a school its own
    "lists",  # homes with a question open, and visits to them
    "rounds",  # the homes of a round of visits, and what came of each
    "poor",  # the list of poor and near-poor homes
    "events",  # create, edit, close, cancel
    "imports",  # lists taken in from a file
    "conversions",  # the log and its export
    "progress",
    "tasks",  # who is to be told something, questions; requests entered at the counter
    "requests",  # what residents asked for; to whom which: gateway/staff/requests.py
    "opinions",
    "erase",  # forget a person who asks for it
    "messages",
    "broadcasts",  # write a text to many, choose whom it is for, start and watch it
    "approve",  # the second pair of eyes on it
    "audit",
    "reports",  # those that were made, to read and to take away
    "reports_make",
    "plan",  # adjustments and decisions along the plan's way
    "information",  # what residents are answered when they ask
    "information_write",
    "setup",  # code and number, names, schemes, hamlets, halls
]

_EVERYTHING: frozenset[Permission] = frozenset(get_args(Permission))

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "admin": _EVERYTHING,
    "commune": _EVERYTHING - {"audit", "setup"},
    # A hamlet head: everything about the people of one hamlet; see layout.scope.
    "hamlet": frozenset(
        {
            "desk",
            "log",
            "undo",
            "book",
            "heads",
            "sessions",
            "people",
            "numbers",
            "businesses",
            "registers",
            "lists",
            "rounds",
            "poor",
            "conversions",
            "progress",
            "tasks",
            "requests",
            "information",
        }
    ),
    # Whoever may log takes an own slip back, too (gateway/staff/conversions.py).
    "agent": frozenset(
        {
            "desk",
            "log",
            "heads",
            "sessions",
            "businesses",
            "progress",
            "requests",
            "information",
        }
    ),
    "team": frozenset(
        {
            "desk",
            "log",
            "heads",
            "sessions",
            "businesses",
            "lists",
            "rounds",
            "progress",
            "requests",
        }
    ),  # a hamlet's digital team
    "youth": frozenset(
        {"desk", "log", "heads", "sessions", "rounds", "progress", "requests"}
    ),  # the Youth Union, at the sessions
    "school": frozenset({"schools", "heads", "progress", "requests"}),
    "reader": frozenset({"progress", "reports"}),
}

# The page that opens after signing in: never one that the role may not see.
_HOME: Mapping[str, str] = {
    "admin": "staff.today",
    "commune": "staff.today",
    "hamlet": "staff.mine",
    "agent": "staff.mine",
    "team": "staff.mine",
    "youth": "staff.mine",
    "school": "staff.schools",
}

# What names the people of a role where a session says in free words who runs it; folded.
_RUN_BY: Mapping[str, tuple[str, ...]] = {
    "agent": ("viettel",),
    "team": ("to cong nghe", "to so"),
    "youth": ("thanh nien", "doan vien"),
}

# to others a count under five may be one known neighbour
SEES_SMALL_NUMBERS = frozenset({"admin", "commune"})
BOUND_TO_A_HAMLET = frozenset({"hamlet", "team"})
BOUND_TO_A_SCHOOL = frozenset({"school"})


def home(role: str) -> str:
    """The endpoint of a role's first page."""
    return _HOME.get(role, "staff.progress")


def sees_small_numbers(role: str) -> bool:
    return role in SEES_SMALL_NUMBERS


def may(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS.get(role, frozenset())


def runs(role: str, run_by: str) -> bool:
    """Does a session's *run by*, a line of free words, name the people of this role?"""
    said = fold(run_by)
    names = _RUN_BY.get(role, ())
    return any(name in said for name in names)
