"""Texts and what became of them, texts nobody understood, and the people who asked to
be called.
"""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from db.office import tasks
from db.reports import messages as texts
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import why_said
from gateway.staff.gate import bp

PAGE = 50


@bp.get("/messages/")
@layout.needs("messages")
def messages() -> layout.Page:
    commune_id = layout.commune_id()
    status = layout.a_line("status", 10).upper()
    place = layout.a_place()
    with here().db.connection() as tx:
        counts = texts.counts(tx, commune_id)
        found = texts.page(
            tx, commune_id=commune_id, status=status, place=place, size=PAGE
        )
    trouble = {name: counts[name] for name in texts.TROUBLE if counts.get(name)}
    return layout.page(
        "messages",
        found=found,
        counts=counts,
        most=texts.COUNTED_TO,
        status=status,
        trouble=trouble,
        why_said=why_said,
    )


@bp.get("/calls/")
@layout.needs("tasks")
def calls() -> Response:
    """As it was called before requests had numbers; printed and bookmarked here and
    there.
    """
    return layout.see("staff.requests")


@bp.post("/calls/<int:task_id>/done")
@layout.needs("tasks")
def call_done(task_id: int) -> Response:
    noted = here().db.again(lambda tx: _finish(tx, task_id))
    if noted:
        layout.tell("call_noted")
    else:
        layout.tell("call_noted_before", "warning")
    to_list = url_for("staff.requests", _anchor="tasks")
    return layout.back(to_list)


def _finish(tx: Tx, task_id: int) -> bool:
    """False where it is not open any more, or out of reach."""
    task = _open_task(tx, task_id)
    if task is None:
        return False
    now = lang.now_ms()
    staff_id = layout.staff().id
    words = layout.a_line("note")
    done = tasks.finish(tx, task_id, at=now, staff_id=staff_id, words=words)
    if done:
        layout.note_act(tx, "called", person_id=task.person_id)
    return done


def _open_task(tx: Tx, task_id: int) -> texts.Task | None:
    """None where it is not open any more, or out of reach."""
    hamlet_id = layout.scope()
    waiting = texts.tasks_of(
        tx, commune_id=layout.commune_id(), hamlet_id=hamlet_id, done=False
    )
    for task in waiting:
        if task.id == task_id:
            return task
    return None
