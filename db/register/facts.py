"""What is known of people: each fact with the source that says so."""

from __future__ import annotations

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Statement

# The best source first: what staff saw beats the register, the register beats what was
# said on a keypad.
SOURCES = ("seen", "register", "self")

_NOTE = Statement(
    text("""
    INSERT INTO facts (person_id, kind, source, value, at, staff_id)
    VALUES (:person_id, :kind, :source, :value, :now, :staff_id)
    ON CONFLICT (person_id, kind, source)
    DO UPDATE SET value = excluded.value, at = excluded.at, staff_id = excluded.staff_id
    """)
)


def note(
    tx: Tx,
    person_id: int,
    kind: str,
    source: str,
    value: str,
    now: int,
    staff_id: int | None = None,
) -> None:
    """Remember what one source says; an older word of the same source is replaced.

    After a handset the caller settles what counts (db/progress/counting.py): the
    household may, or no longer.
    """
    tx.run(
        _NOTE,
        person_id=person_id,
        kind=kind,
        source=source,
        value=value,
        now=now,
        staff_id=staff_id,
    )
