"""Whose face is still to be verified after a swap: noted with a tap, and listed until it is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.register import verifications
from db.reports.places import Indicator
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp


def swaps(tapped: Iterable[Indicator], now: int) -> set[int]:
    """The indicators after which a face is to be verified; none before there was such a rule."""
    today = date.fromisoformat(lang.today(now))
    if verifications.rule_on(today) is None:
        return set()
    return {row.id for row in tapped if row.key in verifications.SWAPPED}


@bp.get("/verifications/")
@layout.needs("people")
def faces() -> layout.Page:
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        rows = verifications.waiting(
            tx, commune_id=commune_id, hamlet_id=layout.scope()
        )
    today = date.fromisoformat(lang.current_day())
    groups: dict[str | None, list[tuple[verifications.Waiting, int | None]]] = {}
    for row in rows:
        line = (row, _left(row, today))
        groups.setdefault(row.hamlet, []).append(line)
    return layout.page("faces", groups=groups.items(), number=len(rows))


def _left(row: verifications.Waiting, today: date) -> int | None:
    """Days until both ways are blocked; 0 and less: they may be by now."""
    cut_off = verifications.cut_off(row.since)
    if cut_off is None:
        return None
    return (cut_off - today).days


@bp.post("/people/<int:person_id>/face")
@layout.needs("log")
def note_face(person_id: int) -> Response:
    what = request.form.get("what", "")
    if what not in ("waits", "done"):
        abort(400)

    def work(tx: Tx) -> None:
        layout.person_in_reach(tx, person_id)
        now = lang.now_ms()
        if what == "waits":
            staff_id = layout.staff().id
            changed = verifications.wait_for(
                tx, person_id, today=lang.today(now), now=now, staff_id=staff_id
            )
        else:
            changed = verifications.done(tx, person_id, now=now)
        if changed:
            layout.note_act(tx, f"face_{what}", person_id=person_id)

    here().db.again(work)
    layout.tell("saved")
    return layout.back(url_for("staff.today"), layout.a_line("anchor", 20))
