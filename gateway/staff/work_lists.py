"""Lists that lead to work: homes of a hamlet with a question open; printed, taken away, told, and visited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Response as Streamed
from flask import abort, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from db.commands.exports import plain
from db.office import audit
from db.register.visits import RESULTS, To
from db.reports import homes as reports
from db.reports import places
from db.reports.homes import ALL, KINDS, NO_ACCOUNT, NO_APP, NOBODY_HAS_ACCOUNT, ON_2G, ORDERS, POOR, Home, Wanted
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables, visiting
from gateway.staff.gate import bp
from menus import numbers

PAGE = 50
AT_ONCE = 5_000  # homes on one sheet: more than any hamlet has
ROUND_DAYS = 30  # who was visited since then counts as visited, unless another day is given
_COLUMNS = ("household", "head", "person", "phone", "handset", "account", "app", "poor", "visited_on", "result")
# As the rule of a broadcast says it; what it cannot say is told by nobody but whoever walks over.
_RULES: dict[str, dict[str, Any]] = {
    ON_2G: {"household_on_2g": True},
    NO_ACCOUNT: {"account": False},
    NOBODY_HAS_ACCOUNT: {"household_account": False},
    NO_APP: {"handset": ["4g_no_volte", "4g_volte"], "app": False},
    POOR: {"poor": ["yes", "near"]},
    ALL: {},
}


def kinds() -> list[str]:
    """The lists that this member of staff may open."""
    return [kind for kind in KINDS if kind != POOR or layout.may("poor")]


@bp.get("/lists/")
@layout.needs("lists")
def work_lists() -> layout.Page:
    """One list, fifty homes a page."""
    with here().db.connection() as tx:
        hamlets = _hamlets(tx)
        wanted = _wanted(hamlets)
        found = reports.page(tx, wanted, after=_after(), most=PAGE + 1) if hamlets else []
        rows = found[:PAGE]
        members = reports.members(tx, wanted.commune_id, rows)
        number = reports.how_many(tx, wanted) if hamlets else 0
    hamlet = next((row.name for row in hamlets if row.id == wanted.hamlet_id), "")
    return layout.page(
        "work_lists",
        wanted=wanted,
        kinds=kinds(),
        orders=ORDERS,
        hamlets=hamlets,
        hamlet=hamlet,
        rows=_with_members(wanted.kind, rows, members),
        number=number,
        first="at" not in request.args,
        after=_cursor(rows[-1]) if len(found) > PAGE else None,
        filters=_filters(wanted),
        rule=None if wanted.visited else _RULES[wanted.kind],
        results=RESULTS,
        today=lang.today(lang.now_ms()),
        key=layout.form_key(),
        scope=layout.scope(),
    )


@bp.get("/lists/print")
@layout.needs("lists")
def print_list() -> layout.Page:
    """The whole list on paper, with boxes to tick. That it was printed, by whom, is written down."""
    wanted, hamlet, rows, members = _whole("list_print")
    return layout.page(
        "work_list_print",
        wanted=wanted,
        hamlet=hamlet,
        rows=_with_members(wanted.kind, rows, members),
        results=RESULTS,
        today=lang.today(lang.now_ms()),
        filters=_filters(wanted),
    )


@bp.get("/lists.<any(csv, xlsx):kind>")
@layout.needs("lists")
def list_file(kind: str) -> Response:
    """The whole list as a file, a line a person. That it was taken away, by whom, is written down."""
    wanted, _, rows, members = _whole("list_export")
    lines = _lines(wanted, rows, members, layout.may("numbers"))
    return Streamed(
        stream_with_context(tables.csv_of(lines)) if kind == "csv" else tables.xlsx_of(lines),
        mimetype=tables.FILES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{wanted.kind}-{lang.today(lang.now_ms())}.{kind}"',
        },
    )


Members = dict[tuple[int, int], list[reports.Member]]


def _whole(action: str) -> tuple[Wanted, str, list[Home], Members]:
    """Every home of the list, its hamlet's name and its people; leaves a row in the trail."""
    who, now = layout.staff(), lang.now_ms()

    def work(tx: Tx) -> tuple[Wanted, str, list[Home], Members]:
        hamlets = _hamlets(tx)
        if not hamlets:
            abort(404)
        wanted = _wanted(hamlets)
        rows = reports.page(tx, wanted, most=AT_ONCE)
        detail = f"{wanted.kind}, hamlet {wanted.hamlet_id}, {len(rows)} homes"
        audit.note(tx, at=now, staff_id=who.id, action=action, detail=detail)
        name = next(row.name for row in hamlets if row.id == wanted.hamlet_id)
        return wanted, name, rows, reports.members(tx, wanted.commune_id, rows)

    return here().db.again(work)


def _hamlets(tx: Tx) -> list[places.Named]:
    found = places.hamlets_of(tx, layout.staff().commune_id)
    return [row for row in found if layout.scope() in (None, row.id)]


def _wanted(hamlets: list[places.Named]) -> Wanted:
    """The list of the address: of one hamlet always, the first unless one is chosen."""
    kind, order, visited = (layout.a_line(name, 20) for name in ("list", "order", "visited"))
    if kind == POOR and not layout.may("poor"):
        abort(403)
    asked = layout.scope() or layout.a_number("hamlet")
    ids = [row.id for row in hamlets]
    today = date.fromisoformat(lang.today(lang.now_ms()))
    return Wanted(
        layout.staff().commune_id,
        hamlet_id=asked if asked in ids else (ids[0] if ids else 0),
        kind=kind if kind in KINDS else ON_2G,
        order=order if order in ORDERS else ORDERS[0],
        visited=visited if visited in ("yes", "no") else "",
        since=_day(request.args.get("since", "")) or (today - timedelta(days=ROUND_DAYS)).isoformat(),
    )


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _filters(wanted: Wanted) -> dict[str, Any]:
    """As they stand in an address."""
    named = {"list": wanted.kind, "hamlet": wanted.hamlet_id, "order": wanted.order, "visited": wanted.visited,
             "since": wanted.since if wanted.visited else ""}  # fmt: skip
    return {name: value for name, value in named.items() if value}


def _cursor(row: Home) -> str:
    """Where the next page begins, as it stands in an address: no name does."""
    return f"{row.home}.{row.person}"


def _after() -> tuple[int, int] | None:
    home, _, person = request.args.get("at", "").partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) < 16 for one in (home, person)):
        return None
    return int(home), int(person)


def _with_members(kind: str, rows: list[Home], members: Members) -> list[tuple[Home, list[reports.Member]]]:
    """Each home with those whom the list is about."""
    return [
        (row, [one for one in members[row.home, row.person] if reports.concerns(kind, one)])
        for row in rows
    ]  # fmt: skip


def _lines(wanted: Wanted, rows: list[Home], members: Members, whole_numbers: bool) -> Iterator[tuple[str, ...]]:
    """The head, and a line for each person whom the list is about; no cell is taken for a formula."""
    yield tuple([layout.say(f"column_{name}") for name in _COLUMNS if name != "poor" or layout.may("poor")])
    for row, about in _with_members(wanted.kind, rows, members):
        for member in about:
            yield tuple([plain(cell) for cell in _cells(row, member, whole_numbers)])


def _cells(row: Home, member: reports.Member, whole_numbers: bool) -> list[str]:
    language, phone = layout.language(), member.phone or ""
    cells = [
        row.code,
        row.head,
        member.name,
        phone if whole_numbers or not phone else numbers.masked(phone),
        lang.named(language, "handset", member.handset),
        layout.say("yes" if member.account else "no"),
        layout.say("yes" if member.app else "no"),
    ]
    poor = [lang.named(language, "poor", row.poor)] if layout.may("poor") else []
    return [*cells, *poor, row.visited_on or "", lang.named(language, "visit", row.result or "")]


@bp.post("/lists/visit")
@layout.needs("lists")
def visit_home() -> Response:
    """Somebody went there: one tap from the list says what came of it."""
    home, person = layout.a_number("home", request.form), layout.a_number("person", request.form)

    def work(tx: Tx) -> None:
        hamlet_id = reports.hamlet_of(tx, layout.staff().commune_id, home or 0, person or 0)
        if hamlet_id is None or layout.scope() not in (None, hamlet_id):
            abort(404)
        visiting.note(tx, To(household_id=home or None, person_id=None if home else person))

    here().db.again(work)
    anchor = f"h{home}" if home else f"p{person}"
    return layout.back(url_for("staff.work_lists"), anchor)
