"""The conversion log: filtered, in pages, as CSV, and taking an entry back with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from db.commands.exports import plain
from db.office import audit
from db.progress import conversions
from db.reports import conversions as logs
from db.reports import places
from db.store.engine import Tx, from_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from menus import days, numbers

PAGE = 50
_COLUMNS = (
    "date", "time", "indicator", "indicator_name", "subject_kind", "subject", "phone", "hamlet", "staff", "booking",
    "undone_at", "undone_by", "reason",
)  # fmt: skip


@bp.get("/conversions/")
@layout.needs("conversions")
def conversion_log() -> layout.Page:
    wanted = _wanted()
    with here().db.connection() as tx:
        values: dict[str, Any] = {
            "total": logs.how_many(tx, wanted),
            "entries": logs.page(tx, wanted, place=layout.a_place(), size=PAGE),
            "hamlets": places.hamlets_of(tx, wanted.commune_id),
            "indicators": places.indicators_of(tx, wanted.commune_id),
            "members": places.staff_of(tx, wanted.commune_id),
        }
    return layout.page("conversions", wanted=wanted, filters=_filters(wanted), most=logs.COUNTED_TO, **values)


def _wanted() -> logs.Wanted:
    """The filters of the address: the last thirty days unless a day is given; a hamlet head's own hamlet always."""
    today = date.fromisoformat(lang.today(lang.now_ms()))
    given = {name: _day(request.args.get(name)) for name in ("since", "until")}
    return logs.Wanted(
        layout.staff().commune_id,
        since=(today - timedelta(days=30)).isoformat() if given["since"] is None else given["since"],
        until=given["until"] or "",
        hamlet_id=layout.scope() or layout.a_number("hamlet"),
        indicator_id=layout.a_number("indicator"),
        staff_id=layout.a_number("staff"),
        person_id=layout.a_number("person"),
    )


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else text
    except ValueError:
        return None


def _filters(wanted: logs.Wanted) -> dict[str, Any]:
    """The filters as they stand in an address, for the next page and the export."""
    named = {"since": wanted.since, "until": wanted.until, "hamlet": wanted.hamlet_id, "indicator": wanted.indicator_id,
             "staff": wanted.staff_id, "person": wanted.person_id}  # fmt: skip
    return {name: value for name, value in named.items() if value is not None}


@bp.get("/conversions.csv")
@layout.needs("conversions")
def conversion_csv() -> Response:
    wanted, shown = _wanted(), layout.may("audit")  # numbers in full for the admin's own check only
    here().db.again(lambda tx: audit.note(tx, at=lang.now_ms(), staff_id=layout.staff().id, action="export",
                                           detail=f"conversions {wanted.since}..{wanted.until}"))  # fmt: skip
    name = f"conversions-{wanted.since or 'all'}-{wanted.until or lang.today(lang.now_ms())}.csv"
    return Response(
        stream_with_context(_csv(wanted, shown)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv(wanted: logs.Wanted, whole_numbers: bool) -> Iterator[str]:
    yield "\ufeff" + _csv_line(_COLUMNS)  # the mark by which a spreadsheet reads tone marks rightly
    with here().db.connection() as tx:
        for entry in logs.every(tx, wanted):
            yield _csv_line(_cells(entry, whole_numbers))


def _cells(entry: logs.Entry, whole_numbers: bool) -> tuple[str, ...]:
    phone = entry.phone or ""
    return (
        entry.day,
        _local(entry.at, "%H:%M"),
        entry.indicator,
        entry.indicator_name,
        entry.subject,
        entry.person or entry.household or entry.business or "",
        phone if whole_numbers or not phone else numbers.masked(phone),
        entry.hamlet or "",
        entry.staff or "",
        entry.booking or "",
        _local(entry.undone_at, "%Y-%m-%d %H:%M") if entry.undone_at else "",
        entry.undone_by or "",
        entry.reason or "",
    )


def _local(ms: int, form: str) -> str:
    return days.local(from_ms(ms)).strftime(form)


def _csv_line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([plain(cell) for cell in cells])
    return line.getvalue()


@bp.get("/conversions/<int:conversion_id>/undo")
@layout.needs("log")
def undo_form(conversion_id: int) -> layout.Page | AnyResponse:
    with here().db.connection() as tx:
        entry = _entry(tx, conversion_id)
    back = layout.inside(request.args.get("back", ""), _log_or_mine())
    if entry.undone_at:
        layout.tell("undone_before", "warning")
        return redirect(back, 303)
    return layout.page("undo", entry=entry, back=back)


@bp.post("/conversions/<int:conversion_id>/undo")
@layout.needs("log")
def undo(conversion_id: int) -> AnyResponse:
    reason = layout.a_line("reason")
    if not reason:
        layout.tell("reason_needed", "danger")
        return redirect(url_for("staff.undo_form", conversion_id=conversion_id, back=request.form.get("back")), 303)

    def work(tx: Tx) -> bool:
        entry, now, staff_id = _entry(tx, conversion_id), lang.now_ms(), layout.staff().id
        person_id = entry.subject_id if entry.subject == "person" else None
        done = conversions.undo(tx, conversion_id=conversion_id, at=now, staff_id=staff_id, reason=reason)
        if done:
            audit.note(tx, at=now, staff_id=staff_id, action="undo", person_id=person_id, detail=entry.indicator)
        return done

    if here().db.again(work):
        layout.tell("undone")
    else:
        layout.tell("undone_before", "warning")
    return layout.back(_log_or_mine())


def _log_or_mine() -> str:
    return url_for("staff.conversion_log" if layout.may("conversions") else "staff.mine")


def _entry(tx: Tx, conversion_id: int) -> logs.Entry:
    """An entry that one may take back: in reach, and one's own where one may not undo others'."""
    entry, member = logs.entry(tx, conversion_id, layout.staff().commune_id), layout.staff()
    if entry is not None and entry.staff == member.username:
        return entry
    if entry is None or (layout.scope() is not None and entry.hamlet_id != layout.scope()):
        abort(404)
    if not layout.may("undo"):
        abort(403)
    return entry
