"""The desk's menu in four groups: what whoever is signed in may open, and how much
waits behind each entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gateway.staff.roles import Permission

FEW = 12  # so many entries stand open at once on the lowest screens of a desk


class Entry(NamedTuple):
    """A page, by its endpoint and the desk's word for it. `waits` names what is counted
    beside it.
    """

    permission: Permission
    endpoint: str
    word: str
    waits: str = ""


class Group(NamedTuple):
    word: str
    entries: tuple[Entry, ...]


class Shown(NamedTuple):
    """A group as somebody sees it; a closed one shows what waits in it."""

    word: str
    entries: list[Entry]
    waits: int
    is_open: bool


OWN = Entry("log", "mine", "nav_mine")  # stands above the groups
GROUPS = (
    Group(
        "menu_sessions",
        (
            Entry("desk", "today", "nav_today"),
            Entry("book", "book_form", "nav_book"),
            Entry("desk", "event_list", "nav_events"),
            Entry("people", "faces", "nav_faces"),
        ),
    ),
    Group(
        "menu_people",
        (
            Entry("people", "find_people", "nav_people"),
            Entry("requests", "requests", "nav_requests", "requests"),
            Entry("opinions", "opinions", "nav_opinions", "opinions"),
            Entry("lists", "work_lists", "nav_lists"),
            Entry("businesses", "businesses", "nav_businesses"),
            Entry("schools", "schools", "nav_schools"),
            Entry("imports", "import_lists", "nav_imports"),
        ),
    ),
    Group(
        "menu_texts",
        (
            Entry("broadcasts", "broadcasts", "nav_broadcasts"),
            Entry("messages", "messages", "nav_texts", "trouble"),
            Entry("messages", "not_understood", "nav_unread", "unread"),
            Entry("people", "unreached", "nav_unreached"),
            Entry("information", "information_list", "nav_information", "facts"),
        ),
    ),
    Group(
        "menu_reports",
        (
            Entry("progress", "progress", "nav_progress"),
            Entry("reports", "report_list", "nav_reports"),
            Entry("conversions", "conversion_log", "nav_log"),
            Entry("audit", "audit", "nav_audit"),
            Entry("setup", "setup_page", "nav_setup"),
        ),
    ),
)


def shown(
    may: Callable[[Permission], bool],
    is_here: Callable[[Entry], bool],
    waiting: Mapping[str, int],
) -> list[Shown]:
    """The groups with anything in them. Where there is much, the first one is open and
    the one whose page, or a page below it, is at hand.
    """
    allowed: list[Group] = []
    for group in GROUPS:
        entries = tuple(entry for entry in group.entries if may(entry.permission))
        if entries:
            allowed.append(Group(group.word, entries))
    is_little = sum(len(group.entries) for group in allowed) <= FEW
    found: list[Shown] = []
    for group in allowed:
        is_open = is_little or not found or any(map(is_here, group.entries))
        waits = sum(waiting.get(entry.waits, 0) for entry in group.entries)
        found.append(Shown(group.word, list(group.entries), waits, is_open))
    return found
