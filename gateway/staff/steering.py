"""Steering the plan: where people still wait for it, and what was decided on its way."""

from __future__ import annotations

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from db.office import audit
from db.places import plan
from db.places.commune_setup import Refused
from db.reports import places, steering
from db.reports.steering import Demand
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, progress, roles
from gateway.staff.gate import bp


@bp.get("/progress/demand")
@layout.needs("progress")
def demand() -> layout.Page:
    """By hamlet who waits, asked to be called, or was never reached; and so where the next session should be."""
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    today = lang.today(now)
    with here().db.connection() as tx:
        hamlets = {row.id: row.name for row in progress.visible(places.hamlets_of(tx, commune_id))}
        found = steering.demand(tx, commune_id=commune_id, hamlets=list(hamlets), today=today, now=now)
    lines = [line for line in found if line.hamlet_id in hamlets or layout.scope() is None]
    next_one = _next(lines) if layout.scope() is None else None  # one hamlet alone is not compared with any other
    return layout.page("demand", lines=lines, hamlets=hamlets, next_one=next_one, few=_few, total=_total)


def _next(lines: list[Demand]) -> int | None:
    """The hamlet with most unmet demand that has no session to come; where each has one, that with most."""
    wanting = [line for line in lines if line.hamlet_id and line.number]
    without = [line for line in wanting if line.next_day is None]
    first = next(iter([*without, *wanting]), None)
    return first.hamlet_id if first else None


def _few(number: int) -> str:
    """As it may be shown: to most, a few people of a hamlet are no number, for they could be told."""
    hidden = 0 < number < progress.LEAST and layout.staff().role not in roles.SEES_SMALL_NUMBERS
    return layout.say("steer_few", least=progress.LEAST) if hidden else lang.number(number, layout.language())


def _total(line: Demand) -> str:
    """The sum, unless what is kept back of its parts could be reckoned from it."""
    parts = (line.waiting, line.requests, line.unreached)
    hidden = layout.staff().role not in roles.SEES_SMALL_NUMBERS and any(0 < part < progress.LEAST for part in parts)
    return "–" if hidden else lang.number(line.number, layout.language())


@bp.post("/progress/notes")
@layout.needs("plan")
def note_adjustment() -> Response | layout.Page:
    words, day = layout.a_line("words", plan.WORDS_MOST + 1), layout.a_line("day", 10)
    indicator, key = layout.a_line("indicator", 32), layout.a_line("form_key", 24)
    if len(key) < 12:
        abort(400)

    def work(tx: Tx) -> None:
        who, now = layout.staff(), lang.now_ms()
        known = {row.key for row in places.indicators_of(tx, who.commune_id)}
        if indicator and indicator not in known:
            abort(400)
        made = plan.note(
            tx,
            who.commune_id,
            words=words,
            day=day,
            today=lang.today(now),
            indicator=indicator,
            staff_id=who.id,
            form_key=key,
            now=now,
        )
        if made:
            audit.note(tx, at=now, staff_id=who.id, action="plan_note", detail=f"{day} {indicator}".strip())

    try:
        here().db.again(work)
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return progress.progress_page(400)
    layout.tell("saved")
    return redirect(url_for("staff.progress", _anchor="notes"), 303)
