"""The map of the menus, drawn by walking them: every key on every screen, for a resident known and one unknown."""

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
KNOWN = Known(hamlet=1, handset="2g", sources={"hamlet": "register", "handset": "register"})
DIALS, SAME = "dials", "…"

Edge = tuple[str, str, str]  # from, what was pressed, to


class Surveyor(Menu):
    """The real menus, with a note of the state whose screen was shown last: one that ends leaves no other trace."""

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


def _walk(menu: Surveyor, world: World, known: Known | None, now: datetime, found: dict[Edge, None]) -> None:
    session, _ = menu.turn(Session(PHONE, "ussd"), None, MemoryPort(world, PHONE, now, known), now)
    found[DIALS, "", menu.at] = None
    waiting, seen = deque([(session, world)]), {(session.state, False)}
    while waiting:
        session, world = waiting.popleft()
        here = session.state
        for place, option in enumerate(session.offered, 1):
            after = world.copy()
            moved, _ = menu.turn(session, str(place), MemoryPort(after, PHONE, now, known), now)
            label = SAME if option.value.isdigit() else option.label
            found[here, label, menu.at] = None
            key = (menu.at, any(not seat.ended for seat in after.seats.values()))
            if key not in seen and moved.offered:
                seen.add(key)
                waiting.append((moved, after))
            if key not in seen and not moved.offered:  # the call ends: dialled anew, with what has changed
                seen.add(key)
                waiting.append((menu.turn(moved, None, MemoryPort(after, PHONE, now, known), now)[0], after))


def drawn(now: datetime) -> str:
    """The map as a Markdown page with a Mermaid graph."""
    lines = [f'    {a} -- "{label}" --> {b}' if label else f"    {a} --> {b}" for a, label, b in edges(now)]
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
