"""Texts and what became of them, texts nobody understood, and the people who asked to be called."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from db.office import tasks
from db.reports import messages as texts
from db.store.engine import Tx
from db.texts import inbox
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import why_said
from gateway.staff.gate import bp

PAGE = 50


@bp.get("/messages/")
@layout.needs("messages")
def messages() -> layout.Page:
    commune_id = layout.staff().commune_id
    status = layout.a_line("status", 10).upper()
    place = layout.a_place()
    with here().db.connection() as tx:
        counts = texts.counts(tx, commune_id)
        found = texts.page(
            tx, commune_id=commune_id, status=status, place=place, size=PAGE
        )
    trouble = {name: counts[name] for name in texts.TROUBLE if counts.get(name)}
    most = texts.COUNTED_TO
    return layout.page(
        "messages",
        found=found,
        counts=counts,
        most=most,
        status=status,
        trouble=trouble,
        why_said=why_said,
    )


@bp.get("/messages/not-understood")
@layout.needs("messages")
def not_understood() -> layout.Page:
    with here().db.connection() as tx:
        found = texts.not_understood(tx, layout.staff().commune_id)
    return layout.page("not_understood", found=found)


@bp.post("/messages/<int:message_id>/dealt-with")
@layout.needs("messages")
def dealt_with(message_id: int) -> Response:
    commune_id = layout.staff().commune_id
    now = lang.now_ms()
    here().db.again(
        lambda tx: inbox.deal_with(tx, message_id, commune_id=commune_id, at=now)
    )
    return layout.back(url_for("staff.not_understood"))


@bp.get("/calls/")
@layout.needs("tasks")
def calls() -> Response:
    """As it was called before requests had numbers; printed and bookmarked here and there."""
    return layout.see("staff.requests")


@bp.post("/calls/<int:task_id>/done")
@layout.needs("tasks")
def call_done(task_id: int) -> Response:
    if here().db.again(lambda tx: _finish(tx, task_id)):
        layout.tell("call_noted")
    else:
        layout.tell("call_noted_before", "warning")
    return layout.back(url_for("staff.requests", _anchor="tasks"))


def _finish(tx: Tx, task_id: int) -> bool:
    """False where it is not open any more, or out of reach."""
    who = layout.staff()
    waiting = texts.tasks_of(
        tx, commune_id=who.commune_id, hamlet_id=layout.scope(), done=False
    )
    task = next((task for task in waiting if task.id == task_id), None)
    if task is None:
        return False
    words = layout.a_line("note")
    if not tasks.finish(tx, task_id, at=lang.now_ms(), staff_id=who.id, words=words):
        return False
    layout.note_act(tx, "called", person_id=task.person_id)
    return True
