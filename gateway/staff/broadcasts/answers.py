"""What people answered to a broadcast: counted, and each text with who sent it."""

from __future__ import annotations

from db.reports import broadcasts as reports
from gateway.context import here
from gateway.staff import layout
from gateway.staff.broadcasts.common import PAGE, cast_of, words
from gateway.staff.gate import bp


@bp.get("/broadcasts/<int:broadcast_id>/answers")
@layout.needs("broadcasts")
def broadcast_answers(broadcast_id: int) -> layout.Page:
    before = layout.a_number("before") or reports.NEWEST
    answer = layout.a_line("answer", 8)
    with here().db.connection() as tx:
        row = cast_of(tx, broadcast_id)
        people = reports.answered(tx, broadcast_id)
        counts = reports.answer_counts(tx, broadcast_id)
        lines = reports.answers(
            tx, broadcast_id, answer=answer, before=before, most=PAGE
        )
    older = lines[-1].id if len(lines) == PAGE else None
    return words(
        "answers",
        row=row,
        people=people,
        counts=counts,
        answer=answer,
        lines=lines,
        older=older,
    )
