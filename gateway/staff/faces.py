"""Whose face is still to be verified after a swap: noted with a tap, and listed until
it is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.register import verifications
from db.reports.places import Indicator
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp

Line = tuple[verifications.Waiting, int | None]  # somebody, and the days that are left


def swaps(tapped: Iterable[Indicator], now: int) -> set[int]:
    """The indicators after which a face is to be verified; none before there was such a
    rule.
    """
    today = iso_day_at(now)
    rule = verifications.rule_on(date.fromisoformat(today))
    if rule is None:
        return set()
    return {
        indicator.id for indicator in tapped if indicator.key in verifications.SWAPPED
    }


@bp.get("/verifications/")
@layout.needs("people")
def faces() -> layout.Page:
    hamlet_id = layout.scope()
    with here().db.connection() as tx:
        rows = verifications.waiting(
            tx, commune_id=layout.commune_id(), hamlet_id=hamlet_id
        )
    today = date.fromisoformat(lang.current_day())
    by_hamlet: dict[str | None, list[Line]] = defaultdict(list)
    for row in rows:
        days = _days_left(row, today)
        by_hamlet[row.hamlet].append((row, days))
    return layout.page("faces", groups=by_hamlet.items(), number=len(rows))


def _days_left(row: verifications.Waiting, today: date) -> int | None:
    """Days until both ways are blocked; 0 and less: they may be by now."""
    cut_off = verifications.cut_off(row.since)
    if cut_off is None:
        return None
    left = cut_off - today
    return left.days


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
            today = iso_day_at(now)
            changed = verifications.wait_for(
                tx, person_id, today=today, now=now, staff_id=staff_id
            )
        else:
            changed = verifications.done(tx, person_id, now=now)
        if changed:
            layout.note_act(tx, f"face_{what}", person_id=person_id)

    here().db.again(work)
    layout.tell("saved")
    return layout.back(url_for("staff.today"), layout.a_line("anchor", 20))
