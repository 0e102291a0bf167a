"""Steering the plan: where people still wait for it, and what was decided on its way."""

from __future__ import annotations

from typing import NamedTuple

from flask import abort
from werkzeug.wrappers import Response

from db.places import plan
from db.places.commune_setup import Refused
from db.reports import places, small, steering
from db.reports.steering import Demand, Need
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, progress
from gateway.staff.gate import bp


class Advice(NamedTuple):
    """What should be held next, and where."""

    hamlet_id: int
    kind: str


@bp.get("/progress/demand")
@layout.needs("progress")
def demand() -> layout.Page:
    """By hamlet who waits, asked to be called, or was never reached; and so where the
    next session should be, and of which kind.
    """
    now = lang.now_ms()
    today = iso_day_at(now)
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = {row.id: row.name for row in layout.hamlets(tx)}
        halls = places.halls_of(tx, commune_id)
        unreached = steering.UNREACHED.look(tx, commune_id, now)
        lines = steering.demand(
            tx,
            commune_id=commune_id,
            hamlets=list(hamlets),
            unreached_rows=unreached.rows,
            today=today,
            now=now,
        )
    next_one = None  # one hamlet alone is not compared with any other
    if layout.scope() is None:
        next_one = _next(lines)
    else:
        lines = [line for line in lines if line.hamlet_id in hamlets]
    with_hall = [hall.hamlet_id for hall in halls if hall.hamlet_id is not None]
    return layout.page(
        "demand",
        lines=lines,
        as_of=unreached.as_of,
        hamlets=hamlets,
        next_one=next_one,
        has_hall=next_one is not None and next_one.hamlet_id in with_hall,
        elsewhere=[hall.name for hall in halls if hall.hamlet_id is None],
        few=_few,
        total=_total,
    )


def _next(lines: list[Demand]) -> Advice | None:
    """The hamlet and the kind of session that most people want there and that is not
    to come; where each is, what most want.
    """
    wanted: list[tuple[Need, Advice]] = []
    for line in lines:
        if line.hamlet_id:
            wanted += [(need, Advice(line.hamlet_id, need.kind)) for need in line.needs]
    if not wanted:
        return None
    _, advice = max(wanted, key=_urgency)
    return advice


def _urgency(wanted: tuple[Need, Advice]) -> tuple[bool, int]:
    need, _ = wanted
    return need.next_day is None, need.number


def _is_small(number: int) -> bool:
    """So few people of a hamlet that they could be told."""
    return 0 < number < small.LEAST


def _few(number: int) -> str:
    """As it may be shown: to most, a few people of a hamlet are no number, for they
    could be told.
    """
    if _is_small(number) and not progress.sees_own():
        return layout.say("steer_few", least=small.LEAST)
    return layout.count(number)


def _total(line: Demand) -> str:
    """The sum, unless what is kept back of its parts could be reckoned from it."""
    parts = (line.waiting, line.requests, line.unreached)
    has_small_part = any(_is_small(part) for part in parts)
    if has_small_part and not progress.sees_own():
        return "–"
    return layout.count(line.number)


@bp.post("/progress/notes")
@layout.needs("plan")
def note_adjustment() -> Response | layout.Page:
    try:
        here().db.again(_note)
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return progress.progress_page(400)
    layout.tell("saved")
    return layout.see("staff.progress", _anchor="notes")


def _note(tx: Tx) -> None:
    """Keep what the form says. Raises Refused."""
    words = layout.a_line("words", plan.WORDS_MOST + 1)
    day = layout.a_line("day", 10)
    indicator = layout.a_line("indicator", 32)
    who = layout.staff()
    now = lang.now_ms()
    known = [row.key for row in places.indicators_of(tx, who.commune_id)]
    if indicator and indicator not in known:
        abort(400)
    made = plan.note(
        tx,
        who.commune_id,
        words=words,
        day=day,
        today=iso_day_at(now),
        indicator=indicator,
        staff_id=who.id,
        form_key=layout.form_key(),
        now=now,
    )
    if made:
        detail = f"{day} {indicator}".strip()
        layout.note_act(tx, "plan_note", detail=detail)
