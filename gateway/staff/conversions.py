"""The conversion log: filtered, in pages, as CSV, and taking an entry back with a
reason.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, abort, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from db.commands.exports import plain
from db.models.states import LogAnswer
from db.progress import conversions, kept, tuition
from db.reports import conversions as logs
from db.reports import places
from db.store.engine import Tx, from_ms
from db.store.local_days import days_from
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from menus import days, numbers

PAGE = 50
SHOWN_DAYS = 30  # where no beginning is asked for
_ANSWERS = (LogAnswer.WRONG, LogAnswer.RIGHT, LogAnswer.NONE)  # the worst first
# Reasons that the log gives by itself, as a key of the desk's words.
_OF_ITSELF = {kept.GONE: "app_is_gone", tuition.TAKEN_BACK: "undone_tuition"}
_COLUMNS = (
    "date",
    "time",
    "indicator",
    "indicator_name",
    "subject_kind",
    "subject",
    "phone",
    "hamlet",
    "staff",
    "booking",
    "undone_at",
    "undone_by",
    "reason",
    "resident",
)

SLIP_MS = 10 * 60_000  # so soon a tick is mostly taken back because it was a slip


@bp.get("/conversions/")
@layout.needs("conversions")
def conversion_log() -> layout.Page:
    wanted = _wanted()
    wrong = replace(wanted, said=LogAnswer.WRONG, still=1)
    with here().db.connection() as tx:
        values: dict[str, Any] = {
            "total": logs.how_many(tx, wanted),
            "said_wrong": logs.how_many(tx, wrong),
            "entries": logs.page(tx, wanted, place=layout.a_place(), size=PAGE),
            "hamlets": places.hamlets_of(tx, wanted.commune_id),
            "indicators": places.indicators_of(tx, wanted.commune_id),
            "members": places.staff_of(tx, wanted.commune_id),
        }
    return layout.page(
        "conversions",
        wanted=wanted,
        filters=_filters(wanted),
        wrong_filters=_filters(wrong),
        answers=_ANSWERS,
        most=logs.COUNTED_TO,
        why=_why_undone,
        **values,
    )


def _why_undone(entry: logs.Entry) -> str:
    """The reason as somebody wrote it, or in words where nobody did; empty where the
    entry stands.
    """
    reason = entry.reason or ""
    key = _OF_ITSELF.get(reason)
    return layout.say(key) if key else reason


def _wanted() -> logs.Wanted:
    """The filters of the address: the last thirty days unless a day is given; a hamlet
    head's own hamlet always.
    """
    since = _day(request.args.get("since"))
    until = _day(request.args.get("until"))
    if since is None:
        since = days_from(lang.current_day(), -SHOWN_DAYS)
    return logs.Wanted(
        layout.commune_id(),
        since=since,
        until=until or "",
        hamlet_id=layout.chosen_hamlet(),
        indicator_id=layout.a_number("indicator"),
        staff_id=layout.a_number("staff"),
        person_id=layout.a_number("person"),
        said=_answer(request.args.get("said", "")),
    )


def _answer(text: str) -> str:
    """What residents said, as the filter names it; empty where it names nothing."""
    return text if text in _ANSWERS else ""


def _day(text: str | None) -> str | None:
    """The day as ISO; empty where it was left empty, none where it is none."""
    if not text:
        return text
    return layout.iso_day(text) or None


def _filters(wanted: logs.Wanted) -> dict[str, Any]:
    """The filters as they stand in an address, for the next page and the export."""
    named = {
        "since": wanted.since,
        "until": wanted.until,
        "hamlet": wanted.hamlet_id,
        "indicator": wanted.indicator_id,
        "staff": wanted.staff_id,
        "person": wanted.person_id,
        "said": wanted.said or None,
    }
    return {name: value for name, value in named.items() if value is not None}


@bp.get("/conversions.csv")
@layout.needs("conversions")
def conversion_csv() -> Response:
    wanted = _wanted()
    whole_numbers = layout.may("audit")  # in full for the admin's own check only
    detail = f"conversions {wanted.since}..{wanted.until}"
    layout.note_alone("export", detail=detail)
    first = wanted.since or "all"
    last = wanted.until or lang.current_day()
    name = f"conversions-{first}-{last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = stream_with_context(_csv(wanted, whole_numbers))
    return Response(lines, mimetype="text/csv", headers=headers)


def _csv(wanted: logs.Wanted, whole_numbers: bool) -> Iterator[str]:
    # the mark by which a spreadsheet reads tone marks rightly
    yield "\ufeff" + _csv_line(_COLUMNS)
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
        _why_undone(entry),
        entry.check,
    )


def _local(ms: int, form: str) -> str:
    moment = days.local(from_ms(ms))
    return moment.strftime(form)


def _csv_line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(map(plain, cells))
    return line.getvalue()


@bp.get("/conversions/<int:conversion_id>/undo")
@layout.needs("log")
def undo_form(conversion_id: int) -> layout.Page | AnyResponse:
    came_from = request.args.get("back", "")
    with here().db.connection() as tx:
        entry = _entry(tx, conversion_id)
    back = layout.inside(came_from, _log_or_mine())
    if entry.undone_at:
        layout.tell("undone_before", "warning")
        return redirect(back, 303)
    is_slip = lang.now_ms() - entry.at < SLIP_MS
    reason = layout.say("undo_slip") if is_slip else ""
    return layout.page("undo", entry=entry, back=back, reason=reason)


@bp.get("/people/<int:person_id>/log/<key>/undo")
@layout.needs("log")
def undo_of_person(person_id: int, key: str) -> AnyResponse:
    """From where it was ticked, as it stands there: somebody's `sim_4g`."""
    back = layout.inside(request.args.get("back", ""), _log_or_mine())
    with here().db.connection() as tx:
        entry = logs.standing(tx, layout.commune_id(), key, person_id)
    if entry is None:
        layout.tell("undone_before", "warning")
        return redirect(back, 303)
    if entry.staff != layout.staff().username and not layout.may("undo"):
        layout.tell("undo_of_another", "warning", who=entry.staff or "–")
        return redirect(back, 303)
    return layout.see("staff.undo_form", conversion_id=entry.id, back=back)


@bp.post("/conversions/<int:conversion_id>/undo")
@layout.needs("log")
def undo(conversion_id: int) -> AnyResponse:
    reason = layout.a_line("reason")
    if not reason:
        layout.tell("reason_needed", "danger")
        back = request.form.get("back")
        return layout.see("staff.undo_form", conversion_id=conversion_id, back=back)
    undone = here().db.again(lambda tx: _undo(tx, conversion_id, reason))
    if undone:
        layout.tell("undone")
    else:
        layout.tell("undone_before", "warning")
    return layout.back(_log_or_mine())


def _undo(tx: Tx, conversion_id: int, reason: str) -> bool:
    """False where it was taken back before."""
    entry = _entry(tx, conversion_id)
    staff_id = layout.staff().id
    now = lang.now_ms()
    done = conversions.undo(
        tx, conversion_id=conversion_id, at=now, staff_id=staff_id, reason=reason
    )
    if done:
        person_id = entry.subject_id if entry.subject == "person" else None
        layout.note_act(tx, "undo", person_id=person_id, detail=entry.indicator)
    return done


def _log_or_mine() -> str:
    page = "staff.conversion_log" if layout.may("conversions") else "staff.mine"
    return url_for(page)


def _entry(tx: Tx, conversion_id: int) -> logs.Entry:
    """An entry that one may take back: in reach, and one's own where one may not undo
    others'.
    """
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
