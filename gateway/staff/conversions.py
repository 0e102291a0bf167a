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
    return layout.page(
        "conversions",
        wanted=wanted,
        filters=_filters(wanted),
        most=logs.COUNTED_TO,
        **values,
    )


def _wanted() -> logs.Wanted:
    """The filters of the address: the last thirty days unless a day is given; a hamlet head's own hamlet always."""
    since = _day(request.args.get("since"))
    until = _day(request.args.get("until"))
    if since is None:
        today = date.fromisoformat(lang.current_day())
        since = (today - timedelta(days=30)).isoformat()
    return logs.Wanted(
        layout.staff().commune_id,
        since=since,
        until=until or "",
        hamlet_id=layout.chosen_hamlet(),
        indicator_id=layout.a_number("indicator"),
        staff_id=layout.a_number("staff"),
        person_id=layout.a_number("person"),
    )


def _day(text: str | None) -> str | None:
    """The day as ISO; empty where it was left empty, none where it is none."""
    if not text:
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _filters(wanted: logs.Wanted) -> dict[str, Any]:
    """The filters as they stand in an address, for the next page and the export."""
    named = {
        "since": wanted.since,
        "until": wanted.until,
        "hamlet": wanted.hamlet_id,
        "indicator": wanted.indicator_id,
        "staff": wanted.staff_id,
        "person": wanted.person_id,
    }
    return {name: value for name, value in named.items() if value is not None}


@bp.get("/conversions.csv")
@layout.needs("conversions")
def conversion_csv() -> Response:
    wanted = _wanted()
    whole_numbers = layout.may("audit")  # in full for the admin's own check only
    detail = f"conversions {wanted.since}..{wanted.until}"
    here().db.again(lambda tx: layout.note_act(tx, "export", detail=detail))
    first = wanted.since or "all"
    last = wanted.until or lang.current_day()
    headers = {
        "Content-Disposition": f'attachment; filename="conversions-{first}-{last}.csv"'
    }
    lines = stream_with_context(_csv(wanted, whole_numbers))
    return Response(lines, mimetype="text/csv", headers=headers)


def _csv(wanted: logs.Wanted, whole_numbers: bool) -> Iterator[str]:
    yield "\ufeff" + _csv_line(
        _COLUMNS
    )  # the mark by which a spreadsheet reads tone marks rightly
    with here().db.connection() as tx:
        for entry in logs.every(tx, wanted):
            cells = _cells(entry, whole_numbers)
            yield _csv_line(cells)


def _cells(entry: logs.Entry, whole_numbers: bool) -> tuple[str, ...]:
    phone = entry.phone or ""
    if phone and not whole_numbers:
        phone = numbers.masked(phone)
    return (
        entry.day,
        _local(entry.at, "%H:%M"),
        entry.indicator,
        entry.indicator_name,
        entry.subject,
        entry.person or entry.household or entry.business or "",
        phone,
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
        back = request.form.get("back")
        return layout.see("staff.undo_form", conversion_id=conversion_id, back=back)
    if here().db.again(lambda tx: _undo(tx, conversion_id, reason)):
        layout.tell("undone")
    else:
        layout.tell("undone_before", "warning")
    return layout.back(_log_or_mine())


def _undo(tx: Tx, conversion_id: int, reason: str) -> bool:
    """False where it was taken back before."""
    entry = _entry(tx, conversion_id)
    staff_id = layout.staff().id
    done = conversions.undo(
        tx,
        conversion_id=conversion_id,
        at=lang.now_ms(),
        staff_id=staff_id,
        reason=reason,
    )
    if done:
        person_id = entry.subject_id if entry.subject == "person" else None
        layout.note_act(tx, "undo", person_id=person_id, detail=entry.indicator)
    return done


def _log_or_mine() -> str:
    page = "staff.conversion_log" if layout.may("conversions") else "staff.mine"
    return url_for(page)


def _entry(tx: Tx, conversion_id: int) -> logs.Entry:
    """An entry that one may take back: in reach, and one's own where one may not undo others'."""
    member = layout.staff()
    entry = logs.entry(tx, conversion_id, member.commune_id)
    if entry is None:
        abort(404)
    if entry.staff == member.username:
        return entry
    if not layout.sees_hamlet(entry.hamlet_id):
        abort(404)
    if not layout.may("undo"):
        abort(403)
    return entry
