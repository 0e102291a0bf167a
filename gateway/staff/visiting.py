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


def note(tx: Tx, to: To) -> None:
    """Keep what the tapped button says came of it; the same form again changes nothing."""
    result = request.form.get("result", "")
    form_key = layout.a_line("form_key", 36)
    if result not in RESULTS or len(form_key) < 12 or not layout.may("log"):
        abort(400)
    visits.note(
        tx, to, result, at=lang.now_ms(), staff_id=layout.staff().id, form_key=form_key
    )


@bp.post("/visits/<int:visit_id>/undo")
@layout.needs("log")
def undo_visit(visit_id: int) -> Response:
    if not here().db.again(lambda tx: _take_back(tx, visit_id)):
        layout.tell("undone_before", "warning")
    return layout.back(layout.home(), layout.a_line("anchor", 24))


def _take_back(tx: Tx, visit_id: int) -> bool:
    who = layout.staff()
    visit = visits.get(tx, visit_id, who.commune_id)
    if visit is None or not layout.sees_hamlet(visit.hamlet_id):
        abort(404)
    if visit.staff_id != who.id and not layout.may("undo"):
        abort(403)
    return visits.take_back(tx, visit_id, at=lang.now_ms(), staff_id=who.id)
