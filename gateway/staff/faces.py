"""Whose face is still to be verified after a swap: noted with a tap, and listed until it is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.office import audit
from db.register import verifications
from db.reports.places import Indicator
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp


def swaps(tapped: Iterable[Indicator], now: int) -> set[int]:
    """The indicators after which a face is to be verified; none before there was such a rule."""
    ruled = verifications.rule_on(date.fromisoformat(lang.today(now))) is not None
    return {row.id for row in tapped if row.key in verifications.SWAPPED} if ruled else set()


@bp.get("/verifications/")
@layout.needs("people")
def faces() -> layout.Page:
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        rows = verifications.waiting(tx, commune_id=commune_id, hamlet_id=layout.scope())
    today = date.fromisoformat(lang.today(lang.now_ms()))
    groups = [(name, [(row, _left(row, today)) for row in found]) for name, found in groupby(rows, lambda r: r.hamlet)]
    return layout.page("faces", groups=groups, number=len(rows))


def _left(row: verifications.Waiting, today: date) -> int | None:
    """Days until both ways are blocked; 0 and less: they may be by now."""
    cut_off = verifications.cut_off(row.since)
    return None if cut_off is None else (cut_off - today).days


@bp.post("/people/<int:person_id>/face")
@layout.needs("log")
def note_face(person_id: int) -> Response:
    what, now, staff_id = request.form.get("what", ""), lang.now_ms(), layout.staff().id
    if what not in ("waits", "done"):
        abort(400)

    def work(tx: Tx) -> None:
        layout.person_in_reach(tx, person_id)
        if what == "waits":
            changed = verifications.wait_for(tx, person_id, today=lang.today(now), now=now, staff_id=staff_id)
        else:
            changed = verifications.done(tx, person_id, now=now)
        if changed:
            audit.note(tx, at=now, staff_id=staff_id, action=f"face_{what}", person_id=person_id)

    here().db.again(work)
    layout.tell("saved")
    return layout.back(url_for("staff.today"), layout.a_line("anchor", 20))
