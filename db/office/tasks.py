"""What somebody of the staff is to do: a call, news for a person without a phone."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text, update

from db.models import tasks
from db.store.engine import Tx
from db.store.statements import Scalar, Statement

_TELL = Statement(
    text("""
    INSERT INTO tasks (commune_id, person_id, kind, made_at, note, booking_id, revision)
    SELECT CAST(:commune_id AS BIGINT), person_id, 'tell', CAST(:now AS BIGINT), :note, id, revision
    FROM bookings WHERE id = :booking_id
    """)
)
_ANSWER = Statement(
    text("""
    INSERT INTO tasks (commune_id, person_id, hamlet_id, kind, made_at, note)
    VALUES (:commune_id, :person_id, :hamlet_id, 'answer', :now, :note)
    """)
)
_DONE = Statement(
    update(tasks)
    .where(tasks.c.id == bindparam("task"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"), done_by=bindparam("staff"), note=bindparam("note"))
)
_NOTE = Scalar(select(tasks.c.note).where(tasks.c.id == bindparam("task")), str)


def tell(tx: Tx, booking_id: int, *, commune_id: int, note: str, now: int) -> None:
    """Whoever has this booking has no phone: somebody tells them what stands in the
    note. `now` is UTC ms.
    """
    tx.run(
        _TELL, booking_id=booking_id, commune_id=commune_id, note=note[:200], now=now
    )


def answer(
    tx: Tx,
    person_id: int,
    *,
    commune_id: int,
    hamlet_id: int | None,
    note: str,
    now: int,
) -> None:
    """Somebody asked for something and no text reaches them: they are told how it ended,
    in the words of the note. `now` is UTC ms.
    """
    tx.run(
        _ANSWER,
        commune_id=commune_id,
        person_id=person_id,
        hamlet_id=hamlet_id,
        note=note[:200],
        now=now,
    )


def finish(tx: Tx, task_id: int, *, at: int, staff_id: int, words: str) -> bool:
    """False when somebody had done it already. What was to be told stays in front of
    what came of it.
    """
    to_tell = tx.value(_NOTE, task=task_id)
    both = [part for part in (to_tell, words) if part]
    note = " – ".join(both)
    done = tx.run(_DONE, task=task_id, at=at, staff=staff_id, note=note[:200])
    return done == 1
