"""The homes that a round of visits goes to, as its list had them when it was made. The
only writer of `round_homes`; what came of each visit is noted by visits.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from db.register.visits import To
from db.store.engine import Tx
from db.store.statements import Scalar, Statement

_ADD = Statement(
    text("""
    INSERT INTO round_homes (event_id, household_id, person_id)
    VALUES (:event_id, CAST(:household_id AS BIGINT), CAST(:person_id AS BIGINT))
    """)
)
_COPY = Statement(
    text("""
    INSERT INTO round_homes (event_id, household_id, person_id)
    SELECT CAST(:to_id AS BIGINT), household_id, person_id FROM round_homes WHERE event_id = :event_id
    """)
)
_IS_OF_IT = Scalar(
    text("""
    SELECT id FROM round_homes
    WHERE event_id = :event_id
      AND (household_id = CAST(:household_id AS BIGINT) OR person_id = CAST(:person_id AS BIGINT))
    """),
    int,
)


def fill(tx: Tx, event_id: int, homes: Sequence[To]) -> None:
    """It goes to these homes, each named once."""
    rows = []
    for home in homes:
        row = {"event_id": event_id, "household_id": home.household_id}
        rows.append({**row, "person_id": home.person_id})
    tx.many(_ADD, rows)


def copy(tx: Tx, event_id: int, to_id: int) -> None:
    """The other event goes to the same homes; to none where this one is no round."""
    tx.run(_COPY, event_id=event_id, to_id=to_id)


def goes_to(tx: Tx, event_id: int, home: To) -> bool:
    """Whether this home is one of the round's."""
    found = tx.value(
        _IS_OF_IT,
        event_id=event_id,
        household_id=home.household_id,
        person_id=home.person_id,
    )
    return found is not None
