"""A handset in the terminal, without a database: `python -m menus`; `map` draws the
menus, `hear` reads texts.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from menus import MENU, listening
from menus.atlas import drawn
from menus.core import Screen, Session
from menus.fitting import cost
from menus.memory import MemoryPort
from menus.sample import sample_world

PHONE = "+84990000900"


def show(screen: Screen) -> None:
    size = cost(screen.text)
    rule = "-" * 34
    end = ", call ends" if screen.ends else ""
    print(rule)
    print(screen.text)
    print(f"{rule}  {size.length} {size.encoding}{end}")


def turn(port: MemoryPort, session: Session, key: str | None) -> tuple[Session, Screen]:
    port.now = datetime.now(UTC)
    port.world.clock(port.now)
    return MENU.turn(session, key, port, port.now)


def main() -> None:
    """Dial, answer, drop, dial again, until Ctrl-D."""
    now = datetime.now(UTC)
    world = sample_world(now)
    port = MemoryPort(world, PHONE, now)
    session = Session(PHONE, "ussd")
    print(
        "Keys as on a phone: 0 back, 00 home, 99 more; an empty line drops the call; Ctrl-D ends."
    )
    try:
        while True:
            session, screen = turn(port, session, None)
            show(screen)
            while not screen.ends and (key := input("> ").strip()):
                session, screen = turn(port, session, key)
                show(screen)
            input("(Enter dials again) ")
    except (EOFError, KeyboardInterrupt):
        print()


def hear() -> int:
    """JSON lines in, JSON lines out; 1 and a sentence at the first line that is none."""
    try:
        listening.lines(sys.stdin, print)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["map"]:
        print(drawn(datetime.now(UTC)), end="")
    elif sys.argv[1:] == ["hear"]:
        sys.exit(hear())
    else:
        main()
