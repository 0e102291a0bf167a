"""Texts and their fate, texts nobody understood, and the people who asked to be called."""

from __future__ import annotations

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from db import office
from db.engine import Tx
from db.reports import messages as texts
from gateway.context import here
from gateway.staff import bp, frame
from gateway.staff import language as lang

PAGE = 50


@bp.get("/messages/")
@frame.needs("messages")
def messages() -> Any:
    status, number = frame.a_line("status", 10).upper(), max(1, frame.a_number("page") or 1)
    commune_id = frame.staff().commune_id
    with here().db.connection() as tx:
        counts = texts.counts(tx, commune_id)
        found = texts.page(tx, commune_id=commune_id, status=status, number=number, size=PAGE)
    total = counts.get(status, 0) if status else sum(counts.values())
    trouble = {name: counts[name] for name in texts.TROUBLE if counts.get(name)}
    pages = max(1, -(-total // PAGE))
    return frame.page(
        "messages", found=found, counts=counts, status=status, trouble=trouble, total=total, number=number, pages=pages
    )


@bp.get("/messages/not-understood")
@frame.needs("messages")
def not_understood() -> Any:
    with here().db.connection() as tx:
        found = texts.not_understood(tx, frame.staff().commune_id)
    return frame.page("not_understood", found=found)


@bp.post("/messages/<int:message_id>/dealt-with")
@frame.needs("messages")
def dealt_with(message_id: int) -> Response:
    now = lang.now_ms()
    here().db.again(lambda tx: office.deal_with(tx, message_id, commune_id=frame.staff().commune_id, at=now))
    return frame.back(url_for("staff.not_understood"))


@bp.get("/calls/")
@frame.needs("tasks")
def calls() -> Any:
    with here().db.connection() as tx:
        asked = {"commune_id": frame.staff().commune_id, "hamlet_id": frame.scope()}
        asking, done = texts.tasks_of(tx, **asked, done=False), texts.tasks_of(tx, **asked, done=True)
    return frame.page("calls", asking=asking, done=done)


@bp.post("/calls/<int:task_id>/done")
@frame.needs("tasks")
def call_done(task_id: int) -> Response:
    staff_id, words = frame.staff().id, frame.a_line("note")

    def work(tx: Tx) -> bool:
        asked = {"commune_id": frame.staff().commune_id, "hamlet_id": frame.scope()}
        task = next((task for task in texts.tasks_of(tx, **asked, done=False) if task.id == task_id), None)
        if task is None or not office.finish_task(tx, task_id, at=lang.now_ms(), staff_id=staff_id, words=words):
            return False
        office.note(tx, at=lang.now_ms(), staff_id=staff_id, action="called", person_id=task.person_id)
        return True

    if here().db.again(work):
        frame.tell("call_noted")
    else:
        frame.tell("call_noted_before", "warning")
    return frame.back(url_for("staff.calls"))
