"""The map of the menus, drawn by walking them: every key on every screen, for a
resident known and one unknown.
"""

from __future__ import annotations

import copy
from collections import deque
from datetime import datetime

from menus import MENU
from menus.core import Menu, Screen, Session
from menus.memory import MemoryPort
from menus.port import Known
from menus.sample import sample_world
from menus.world import World

PHONE = "+84990000900"
KNOWN = Known(
    hamlet=1, handset="2g", sources={"hamlet": "register", "handset": "register"}
)
DIALS, SAME = "dials", "…"

Edge = tuple[str, str, str]  # from, what was pressed, to


class Surveyor(Menu):
    """The real menus, with a note of the state whose screen was shown last: one that
    ends leaves no other trace.
    """

    at = ""

    def _page(self, session: Session, reason: str = "") -> tuple[Session, Screen]:
        self.at = session.state
        return super()._page(session, reason)


def edges(now: datetime) -> list[Edge]:
    """Every move there is by USSD, in the order it was found. `now` is aware UTC."""
    surveyor = copy.copy(MENU)
    surveyor.__class__ = Surveyor
    assert isinstance(surveyor, Surveyor)
    found: dict[Edge, None] = {}
    for known in (None, KNOWN):
        _walk(surveyor, sample_world(now), known, now, found)
    return list(found)


def _walk(
    menu: Surveyor,
    world: World,
    known: Known | None,
    now: datetime,
    found: dict[Edge, None],
) -> None:
    def heard(session: Session, key: str | None, world: World) -> Session:
        port = MemoryPort(world, PHONE, now, known)
        after, _ = menu.turn(session, key, port, now)
        return after

    dialled = heard(Session(PHONE, "ussd"), None, world)
    found[DIALS, "", menu.at] = None
    waiting = deque([(dialled, world)])
    seen = {(dialled.state, False)}
    while waiting:
        session, world = waiting.popleft()
        here = session.state
        for place, option in enumerate(session.offered, 1):
            after = world.copy()
            moved = heard(session, str(place), after)
            label = SAME if option.value.isdigit() else option.label
            found[here, label, menu.at] = None
            has_seat = bool(after.standing())
            key = (menu.at, has_seat)
            if key in seen:
                continue
            seen.add(key)
            if not moved.offered:  # the call ends: dialled anew, with what has changed
                moved = heard(moved, None, after)
            waiting.append((moved, after))


def drawn(now: datetime) -> str:
    """The map as a Markdown page with a Mermaid graph."""
    lines: list[str] = []
    for here, label, there in edges(now):
        arrow = f'-- "{label}" -->' if label else "-->"
        lines.append(f"    {here} {arrow} {there}")
    return "\n".join(
        [
            "# The map of the menus",
            "",
            "Drawn by `make menu-map`, which walks every key of every screen. `0` leads back and `00` home everywhere;",
            "a call that broke off leads to WelcomeBack. The words of a text lead in as `menus/shortcuts.py` says.",
            "",
            "```mermaid",
            "flowchart TD",
            *lines,
            "```",
            "",
        ]
    )
