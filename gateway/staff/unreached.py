"""Whom no text reached: a sheet of paper for the head of the hamlet."""

from __future__ import annotations

from db.reports import unreached as reports
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp

WithWhy = tuple[reports.Untold, str]
_REASONS = {"FAILED": "failed", "LOST": "lost", "SKIPPED": "opted_out"}


@bp.get("/unreached/")
@layout.needs("people")
def unreached() -> layout.Page:
    now = lang.now_ms()
    commune_id = layout.staff().commune_id
    hamlet_id = layout.chosen_hamlet()
    with here().db.connection() as tx:
        lines = reports.lines(tx, commune_id=commune_id, hamlet_id=hamlet_id, now=now)
        hamlets = layout.hamlets(tx)
    detail = f"hamlet {hamlet_id}, {len(lines)} lines"
    here().db.again(lambda tx: layout.note_act(tx, "unreached", detail=detail))
    groups: dict[str | None, list[WithWhy]] = {}
    for line in lines:
        in_hamlet = groups.setdefault(line.hamlet, [])
        in_hamlet.append((line, _why(line)))
    return layout.page(
        "unreached",
        groups=groups.items(),
        number=len(lines),
        hamlets=hamlets,
        hamlet_id=hamlet_id,
        today=iso_day_at(now),
    )


def _why(line: reports.Untold) -> str:
    """As a key of the page's words."""
    if not line.phone or not line.text_status:
        return "no_phone"
    return _REASONS[line.text_status]
