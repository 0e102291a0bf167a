"""Two-digit numbers of events to come: on a poster, over the loudspeaker, texted or
dialled alone.

They begin at 40, where no list that is read on a phone ends up, and stop at 97: 98 and
99 are keys of every screen.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.port import NUMBER_FIRST, NUMBER_LAST


class Used(NamedTuple):
    number: int


# Two events made at once ask one after the other.
_ONE_AT_A_TIME = Statement(
    text("UPDATE communes SET service_code = service_code WHERE id = :commune_id")
)
_LAST_GIVEN = Scalar(
    text("""
    SELECT number
    FROM events
    WHERE commune_id = :commune_id AND number IS NOT NULL
    ORDER BY id DESC
    LIMIT 1
    """),
    int,
)
# Also of those that were cancelled: until its day has passed, a number hangs on a wall.
_IN_USE = Query(
    text("""
    SELECT number
    FROM events
    WHERE commune_id = :commune_id AND number IS NOT NULL AND day >= :today
    """),
    Used,
)
_LET_GO = Statement(
    text("""
    UPDATE events SET number = NULL
    WHERE commune_id = :commune_id AND number = CAST(:number AS INTEGER)
    """)
)
_GIVE = Statement(
    text("""
    UPDATE events SET number = CAST(:number AS INTEGER)
    WHERE id = :event_id
    """)
)


def give(tx: Tx, event_id: int, *, commune_id: int, today: str) -> int | None:
    """A number that no event to come bears; None when all are in use."""
    tx.run(_ONE_AT_A_TIME, commune_id=commune_id)
    rows = tx.all(_IN_USE, commune_id=commune_id, today=today)
    in_use = {row.number for row in rows}
    last = tx.value(_LAST_GIVEN, commune_id=commune_id)
    number = _next_free(in_use, last or NUMBER_LAST)
    if number is None:
        return None
    tx.run(_LET_GO, commune_id=commune_id, number=number)  # of an event that is over
    tx.run(_GIVE, event_id=event_id, number=number)
    return number


def _next_free(in_use: set[int], last: int) -> int | None:
    """The next one after the last that was given, round and round: so an old poster
    misleads nobody for as long as can be.
    """
    after_it = range(last + 1, NUMBER_LAST + 1)
    up_to_it = range(NUMBER_FIRST, last + 1)
    in_turn: list[int] = [*after_it, *up_to_it]
    for number in in_turn:
        if number not in in_use:
            return number
    return None
