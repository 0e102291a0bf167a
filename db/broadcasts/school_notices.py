"""What a school wrote for its parents: which school, of which broadcast. The only writer
of `school_notices`.
"""

from __future__ import annotations

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Statement

_NOTE = Statement(
    text("""
    INSERT INTO school_notices (broadcast_id, school_id)
    VALUES (:broadcast_id, :school_id)
    """)
)


def note(tx: Tx, broadcast_id: int, *, school_id: int) -> None:
    """That school wrote this draft, and sees what becomes of it."""
    tx.run(_NOTE, broadcast_id=broadcast_id, school_id=school_id)
