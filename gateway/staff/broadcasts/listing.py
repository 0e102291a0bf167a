"""All broadcasts of the commune, newest first."""

from __future__ import annotations

from db.broadcasts import approvals
from db.reports import broadcasts as reports
from db.reports.broadcasts import Listed
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import timing
from gateway.staff.broadcasts.common import PAGE, said_by_the_clock, words
from gateway.staff.gate import bp


@bp.get("/broadcasts/")
@layout.needs("broadcasts")
def broadcasts() -> layout.Page:
    before = layout.a_number("before") or reports.NEWEST
    commune_id = layout.commune_id()
    with here().db.connection() as tx:
        rows = reports.listed(tx, commune_id, before=before, most=PAGE)
        to_approve = approvals.asked_at(tx, commune_id)
    older = rows[-1].id if len(rows) == PAGE else None
    return words(
        "list",
        rows=rows,
        older=older,
        ahead=_ahead(rows),
        to_approve=to_approve,
        said_by_the_clock=said_by_the_clock,
    )


def _ahead(rows: list[Listed]) -> dict[int, int]:
    """Of those that run and of which nothing left yet: when the first text leaves. UTC
    ms by broadcast id.
    """
    now = lang.now_ms()
    found = {}
    for row in rows:
        if row.state != "running" or row.firing_id is None:
            continue
        if row.ended_at is not None or row.released_to:
            continue
        leaves = timing.leaves_at(row.text_class, row.firing_from, now)
        if leaves > now:
            found[row.id] = leaves
    return found
