"""The trail: who did what on the desk, and to whom."""

from __future__ import annotations

from sqlalchemy import bindparam, insert

from db.models import audit
from db.store.engine import Tx
from db.store.statements import Statement

_AUDIT = Statement(
    insert(audit).values(
        at=bindparam("at"),
        staff_id=bindparam("staff"),
        action=bindparam("action"),
        person_id=bindparam("person"),
        detail=bindparam("detail"),
    )
)


def note(
    tx: Tx,
    *,
    at: int,
    staff_id: int | None,
    action: str,
    person_id: int | None = None,
    detail: str = "",
) -> None:
    """One row of the audit trail. No phone number goes in `detail`: the trail outlives
    an erasure.
    """
    tx.run(
        _AUDIT,
        at=at,
        staff=staff_id,
        action=action,
        person=person_id,
        detail=detail[:200],
    )
