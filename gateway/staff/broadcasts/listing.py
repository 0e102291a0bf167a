"""All broadcasts of the commune, newest first."""

from __future__ import annotations

from typing import Any

from db.reports import broadcasts as reports
from gateway.context import here
from gateway.staff import bp, frame
from gateway.staff.broadcasts.common import PAGE, said_by_the_clock, words


@bp.get("/broadcasts/")
@frame.needs("broadcasts")
def broadcasts() -> Any:
    before = frame.a_number("before") or reports.NEWEST
    with here().db.connection() as tx:
        rows = reports.listed(tx, frame.staff().commune_id, before=before, most=PAGE)
    older = rows[-1].id if len(rows) == PAGE else None
    return words("list", rows=rows, older=older, said_by_the_clock=said_by_the_clock)
