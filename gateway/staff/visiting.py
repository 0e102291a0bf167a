"""Visits to houses and shops: noted with one tap, taken back with another."""

from __future__ import annotations

from flask import abort, request
from werkzeug.wrappers import Response

from db.register import visits
from db.register.visits import RESULTS, To
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp


def note(tx: Tx, to: To, event_id: int | None = None) -> None:
    """Keep what the tapped button says came of it, on a round where one is named; the
    same form again changes nothing.
    """
    result = request.form.get("result", "")
    if result not in RESULTS or not layout.may("log"):
        abort(400)
    now = lang.now_ms()
    staff_id = layout.staff().id
    made = visits.note(
        tx,
        to,
        result,
        at=now,
        staff_id=staff_id,
        form_key=layout.form_key(),
        event_id=event_id,
    )
    if made is None:
        layout.tell("form_twice")


@bp.post("/visits/<int:visit_id>/undo")
@layout.needs("log")
def undo_visit(visit_id: int) -> Response:
    undone = here().db.again(lambda tx: _take_back(tx, visit_id))
    if not undone:
        layout.tell("undone_before", "warning")
    anchor = layout.a_line("anchor", 24)
    return layout.back(layout.home(), anchor)


def _take_back(tx: Tx, visit_id: int) -> bool:
    who = layout.staff()
    visit = visits.get(tx, visit_id, who.commune_id)
    if visit is None or not layout.sees_hamlet(visit.hamlet_id):
        abort(404)
    is_own = visit.staff_id == who.id
    if not is_own and not layout.may("undo"):
        abort(403)
    now = lang.now_ms()
    return visits.take_back(tx, visit_id, at=now, staff_id=who.id)
