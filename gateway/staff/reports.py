"""Reports to sign: this week's in two clicks, its figures on the page and as DOCX and
XLSX, every version that was made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Response as File
from flask import abort
from werkzeug.wrappers import Response

from db.models.states import PeriodKind
from db.places import plan
from db.places.commune_setup import Refused, a_day
from db.reporting import annex, decree30, heads, kept, periods
from db.reporting import report as reports
from db.reporting import tables as report_tables
from db.reporting.kept import Kept
from db.reporting.periods import Period
from db.reporting.report import Figures, Report
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles, tables
from gateway.staff.gate import bp

KINDS = ("docx", "xlsx")
DAYS_MOST = 3_660  # of a report: ten years


@dataclass(frozen=True, slots=True)
class Opened:
    """A version as whoever is at the desk may see it, beside the one before."""

    kept: Kept
    report: Report
    before: Figures | None
    version_before: int | None


@bp.get("/reports/")
@layout.needs("reports")
def report_list() -> layout.Page:
    return _list_page(200)


def _list_page(http: int) -> layout.Page:
    today = date.fromisoformat(lang.current_day())
    commune_id = layout.commune_id()
    with here().db.connection() as tx:
        versions = kept.listed(tx, commune_id)
        offered = _offered(tx, today)
        has_head = bool(heads.listed(tx, commune_id))
    return layout.page(
        "reports",
        http,
        versions=versions,
        offered=offered,
        has_head=has_head,
        yesterday=today - timedelta(days=1),
    )


def _offered(tx: Tx, today: date) -> list[Period]:
    """What one button makes: the last whole week, the last whole month, all so far."""
    runs = plan.period(tx, layout.commune_id())
    offered = [periods.last_week(today), periods.last_month(today)]
    so_far = periods.since_start(runs.starts, today)
    if so_far is not None:
        offered.append(so_far)
    return offered


@bp.post("/reports/")
@layout.needs("reports_make")
def make_report() -> Response | layout.Page:
    """A new version of that period, with its row in the trail."""
    try:
        period = _typed_period()
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return _list_page(400)
    commune_id = layout.commune_id()
    now = lang.now_ms()
    with here().db.connection() as tx:
        report = reports.gather(tx, commune_id=commune_id, period=period, now=now)
    report_id = here().db.again(lambda tx: _keep(tx, report))
    return layout.see("staff.report_page", report_id=report_id)


def _typed_period() -> Period:
    """As a button has it, or as somebody chose its days. Raises Refused."""
    kind = layout.a_line("kind", 8)
    if kind not in list(PeriodKind):
        abort(400)
    first = date.fromisoformat(a_day(layout.a_line("first", 10)))
    last = date.fromisoformat(a_day(layout.a_line("last", 10)))
    if first > last or (last - first).days > DAYS_MOST:
        raise Refused("report_bad_days")
    if last.isoformat() > lang.current_day():
        raise Refused("report_to_come")
    return Period(PeriodKind(kind), first, last)


def _keep(tx: Tx, report: Report) -> int:
    report_id, is_new = kept.keep(
        tx,
        report,
        commune_id=layout.commune_id(),
        staff_id=layout.staff().id,
        form_key=layout.form_key(),
    )
    if is_new:
        period = report.period
        detail = f"{period.kind} {period.first} {period.last}"
        layout.note_act(tx, "report", detail=detail)
    return report_id


@bp.get("/reports/<int:report_id>")
@layout.needs("reports")
def report_page(report_id: int) -> layout.Page:
    """Its figures table by table; those that the version before had otherwise, with
    both.
    """
    language = layout.language()
    with here().db.connection() as tx:
        opened = _opened(tx, report_id)
    report = opened.report
    changes = []
    if opened.before is not None:
        changes = report_tables.changes(opened.before, report.figures, language)
    return layout.page(
        "report",
        kept=opened.kept,
        version_before=opened.version_before,
        report=report,
        tables=report_tables.tables_of(report.figures, language),
        changes=changes,
        topic=lambda key: report_tables.say(language, f"topic_{key}"),
        shown=lambda value: report_tables.shown(value, language),
    )


def _opened(tx: Tx, report_id: int) -> Opened:
    """404 for one of another commune."""
    commune_id = layout.commune_id()
    found = kept.one(tx, report_id, commune_id=commune_id)
    if found is None:
        abort(404)
    report = kept.as_report(tx, found, commune_id=commune_id)
    earlier = kept.version_before(tx, found, commune_id=commune_id)
    before = None if earlier is None else reports.figures_of(earlier.figures)
    if not roles.sees_small_numbers(layout.staff().role):
        report = replace(report, figures=reports.with_few_kept_back(report.figures))
        before = None if before is None else reports.with_few_kept_back(before)
    return Opened(found, report, before, earlier.version if earlier else None)


@bp.get("/reports/<int:report_id>.<kind>")
@layout.needs("reports")
def report_file(report_id: int, kind: str) -> File:
    """As it was made; its head is the one that held on that day."""
    if kind not in KINDS:
        abort(404)
    with here().db.connection() as tx:
        opened = _opened(tx, report_id)
        whole = _written(tx, opened, kind)
    period = opened.report.period
    name = f"bao-cao-{period.first}-{period.last}-{opened.kept.version}"
    layout.note_alone("report_file", detail=f"{name}.{kind}")
    return tables.as_file(name, kind, whole)


def _written(tx: Tx, opened: Opened, kind: str) -> bytes:
    if kind == "xlsx":
        return annex.xlsx(opened.report, opened.before)
    commune_id = layout.commune_id()
    head = heads.on(tx, commune_id, opened.report.made_on.isoformat())
    programme = places.programme_of(tx, commune_id)
    return decree30.docx(opened.report, head, programme.name if programme else "")
