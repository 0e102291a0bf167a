"""Steering the plan: where people still wait for it, and what was decided on its way."""

from __future__ import annotations

from flask import abort
from werkzeug.wrappers import Response

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
    now = lang.now_ms()
    everywhere = layout.scope() is None
    with here().db.connection() as tx:
        hamlets = {row.id: row.name for row in layout.hamlets(tx)}
        halls = places.halls_of(tx, layout.staff().commune_id)
        lines = steering.demand(
            tx,
            commune_id=layout.staff().commune_id,
            hamlets=list(hamlets),
            today=lang.today(now),
            now=now,
        )
    if not everywhere:
        lines = [line for line in lines if line.hamlet_id in hamlets]
    next_one = (
        _next(lines) if everywhere else None
    )  # one hamlet alone is not compared with any other
    own_halls = [
        hall for hall in halls if next_one is not None and hall.hamlet_id == next_one
    ]
    shared_halls = [hall for hall in halls if hall.hamlet_id is None]
    return layout.page(
        "demand",
        lines=lines,
        hamlets=hamlets,
        next_one=next_one,
        has_hall=bool(own_halls),
        elsewhere=[hall.name for hall in shared_halls],
        few=_few,
        total=_total,
    )


def _next(lines: list[Demand]) -> int | None:
    """The hamlet with most unmet demand that has no session to come; where each has one, that with most."""
    wanting = [line for line in lines if line.hamlet_id and line.number]
    if not wanting:
        return None
    without_session = [line for line in wanting if line.next_day is None]
    first = without_session[0] if without_session else wanting[0]
    return first.hamlet_id


def _is_small(number: int) -> bool:
    """So few people of a hamlet that they could be told."""
    return 0 < number < progress.LEAST


def _few(number: int) -> str:
    """As it may be shown: to most, a few people of a hamlet are no number, for they could be told."""
    if _is_small(number) and not roles.sees_small_numbers(layout.staff().role):
        return layout.say("steer_few", least=progress.LEAST)
    return layout.count(number)


def _total(line: Demand) -> str:
    """The sum, unless what is kept back of its parts could be reckoned from it."""
    has_small_part = (
        _is_small(line.waiting) or _is_small(line.requests) or _is_small(line.unreached)
    )
    if has_small_part and not roles.sees_small_numbers(layout.staff().role):
        return "–"
    return layout.count(line.number)


@bp.post("/progress/notes")
@layout.needs("plan")
def note_adjustment() -> Response | layout.Page:
    form_key = layout.a_line("form_key", 24)
    if len(form_key) < 12:
        abort(400)
    try:
        here().db.again(lambda tx: _note(tx, form_key))
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return progress.progress_page(400)
    layout.tell("saved")
    return layout.see("staff.progress", _anchor="notes")


def _note(tx: Tx, form_key: str) -> None:
    """Keep what the form says. Raises Refused."""
    words = layout.a_line("words", plan.WORDS_MOST + 1)
    day = layout.a_line("day", 10)
    indicator = layout.a_line("indicator", 32)
    who = layout.staff()
    now = lang.now_ms()
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
        form_key=form_key,
        now=now,
    )
    if made:
        detail = f"{day} {indicator}".strip()
        layout.note_act(tx, "plan_note", detail=detail)
