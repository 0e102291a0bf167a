"""What somebody of the staff is to do: a call, news for a person without a phone."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from db.models import tasks
from db.store.engine import Tx
from db.store.statements import Statement

_DONE = Statement(
    update(tasks)
    .where(tasks.c.id == bindparam("task"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"), done_by=bindparam("staff"), note=bindparam("note"))
)
_NOTE = Statement(select(tasks.c.note).where(tasks.c.id == bindparam("task")))


def finish(tx: Tx, task_id: int, *, at: int, staff_id: int, words: str) -> bool:
    """False when somebody had done it already. What was to be told stays in front of what came of it."""
    note = " – ".join(filter(None, (tx.value(_NOTE, task=task_id), words)))
    return tx.run(_DONE, task=task_id, at=at, staff=staff_id, note=note[:200]) == 1
