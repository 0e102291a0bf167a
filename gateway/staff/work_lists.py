"""Lists that lead to work: homes of a hamlet with a question open; printed, taken away, told, and visited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.commands.exports import plain
from db.register.visits import RESULTS, To
from db.reports import homes as reports
from db.reports import places
from db.reports.homes import (
    ALL,
    KINDS,
    NO_ACCOUNT,
    NO_APP,
    NOBODY_HAS_ACCOUNT,
    ON_2G,
    ORDERS,
    POOR,
    Home,
    Wanted,
)
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables, visiting
from gateway.staff.gate import bp

PAGE = 50
AT_ONCE = 20_000  # homes on one sheet: more than any commune has
EVERYWHERE = 0  # in place of a hamlet
ROUND_DAYS = (
    30  # who was visited since then counts as visited, unless another day is given
)
_COLUMNS = (
    "hamlet",
    "household",
    "head",
    "person",
    "phone",
    "handset",
    "account",
    "app",
    "poor",
    "visited_on",
    "result",
)
Members = dict[tuple[int, int], list[reports.Member]]
# As the rule of a broadcast says it; what it cannot say is told by nobody but whoever walks over.
_RULES: dict[str, dict[str, Any]] = {
    ON_2G: {"household_on_2g": True},
    NO_ACCOUNT: {"account": False},
    NOBODY_HAS_ACCOUNT: {"household_account": False},
    NO_APP: {"handset": ["4g_no_volte", "4g_volte"], "app": False},
    POOR: {"poor": ["yes", "near"]},
    ALL: {},
}


class WholeList(NamedTuple):
    """Every home of a list, with its people; `hamlet` is its name, or that of the whole commune."""

    wanted: Wanted
    hamlet: str
    rows: list[Home]
    members: Members


def kinds() -> list[str]:
    """The lists that this member of staff may open."""
    if layout.may("poor"):
        return list(KINDS)
    return [kind for kind in KINDS if kind != POOR]


@bp.get("/lists/")
@layout.needs("lists")
def work_lists() -> layout.Page:
    """One list, fifty homes a page."""
    found: list[Home] = []
    number = reports.Tally(0, 0)
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        wanted = _wanted(hamlets)
        if hamlets:
            found = reports.page(tx, wanted, after=_after(), most=PAGE + 1)
            number = reports.how_many(tx, wanted)
        rows = found[:PAGE]
        members = reports.members(tx, wanted.commune_id, rows)
    return layout.page(
        "work_lists",
        wanted=wanted,
        kinds=kinds(),
        orders=ORDERS,
        hamlets=hamlets,
        hamlet=_name_of(wanted.hamlet_id, hamlets),
        everywhere=wanted.hamlet_id == EVERYWHERE,
        rows=_with_members(wanted.kind, rows, members),
        number=number,
        first="at" not in request.args,
        after=_cursor(rows[-1]) if len(found) > PAGE else None,
        filters=_filters(wanted),
        rule=None if wanted.visited else _RULES[wanted.kind],
        results=RESULTS,
        today=lang.current_day(),
        key=layout.form_key(),
        scope=layout.scope(),
    )


@bp.get("/lists/print")
@layout.needs("lists")
def print_list() -> layout.Page:
    """The whole list on paper, with boxes to tick. That it was printed, by whom, is written down."""
    whole = _whole("list_print")
    return layout.page(
        "work_list_print",
        wanted=whole.wanted,
        hamlet=whole.hamlet,
        everywhere=whole.wanted.hamlet_id == EVERYWHERE,
        rows=_with_members(whole.wanted.kind, whole.rows, whole.members),
        number=_tally(whole.rows),
        results=RESULTS,
        today=lang.current_day(),
        filters=_filters(whole.wanted),
    )


@bp.get("/lists.<any(csv, xlsx):kind>")
@layout.needs("lists")
def list_file(kind: str) -> Response:
    """The whole list as a file, a line a person. That it was taken away, by whom, is written down."""
    whole = _whole("list_export")
    name = f"{whole.wanted.kind}-{lang.current_day()}"
    return tables.download(name, kind, _lines(whole))


def _whole(action: str) -> WholeList:
    """Every home of the list, its hamlet's name and its people; leaves a row in the trail."""
    return here().db.again(lambda tx: _read_whole(tx, action))


def _read_whole(tx: Tx, action: str) -> WholeList:
    hamlets = layout.hamlets(tx)
    if not hamlets:
        abort(404)
    wanted = _wanted(hamlets)
    rows = reports.page(tx, wanted, most=AT_ONCE)
    members = reports.members(tx, wanted.commune_id, rows)
    layout.note_act(
        tx,
        action,
        detail=f"{wanted.kind}, hamlet {wanted.hamlet_id}, {len(rows)} homes",
    )
    return WholeList(wanted, _name_of(wanted.hamlet_id, hamlets), rows, members)


def _tally(rows: list[Home]) -> reports.Tally:
    households = len([row for row in rows if row.home])
    return reports.Tally(households, len(rows) - households)


def _name_of(hamlet_id: int, hamlets: list[places.Named]) -> str:
    if hamlet_id == EVERYWHERE and hamlets:
        return layout.say("whole_commune")
    for hamlet in hamlets:
        if hamlet.id == hamlet_id:
            return hamlet.name
    return ""


def _wanted(hamlets: list[places.Named]) -> Wanted:
    """The list of the address: of one hamlet, the first unless one is chosen; of all for who is bound to none."""
    kind = layout.a_line("list", 20)
    order = layout.a_line("order", 20)
    visited = layout.a_line("visited", 20)
    if kind == POOR and not layout.may("poor"):
        abort(403)
    return Wanted(
        layout.staff().commune_id,
        hamlet_id=_one_of(hamlets),
        kind=kind if kind in KINDS else ON_2G,
        order=order if order in ORDERS else ORDERS[0],
        visited=visited if visited in ("yes", "no") else "",
        since=_day(request.args.get("since", "")) or _round_begins(),
    )


def _one_of(hamlets: list[places.Named]) -> int:
    """The hamlet that is asked for, if it is among them, or all of them; else the first."""
    asked = layout.chosen_hamlet()
    if asked == EVERYWHERE and layout.scope() is None:
        return EVERYWHERE
    ids = [row.id for row in hamlets]
    if asked is not None and asked in ids:
        return asked
    return ids[0] if ids else 0


def _round_begins() -> str:
    today = date.fromisoformat(lang.current_day())
    begins = today - timedelta(days=ROUND_DAYS)
    return begins.isoformat()


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _filters(wanted: Wanted) -> dict[str, Any]:
    """As they stand in an address."""
    named = {
        "list": wanted.kind,
        "hamlet": wanted.hamlet_id,
        "order": wanted.order,
        "visited": wanted.visited,
        "since": wanted.since if wanted.visited else "",
    }
    return {name: value for name, value in named.items() if value or name == "hamlet"}


def _cursor(row: Home) -> str:
    """Where the next page begins, as it stands in an address: no name does."""
    return f"{row.home}.{row.person}"


def _after() -> tuple[int, int] | None:
    home, _, person = request.args.get("at", "").partition(".")
    if not layout.is_whole_number(home) or not layout.is_whole_number(person):
        return None
    return int(home), int(person)


def _with_members(
    kind: str, rows: list[Home], members: Members
) -> list[tuple[Home, list[reports.Member]]]:
    """Each home with those whom the list is about."""
    homes = []
    for row in rows:
        about = [
            one for one in members[row.home, row.person] if reports.concerns(kind, one)
        ]
        homes.append((row, about))
    return homes


def _lines(whole: WholeList) -> Iterator[tuple[str, ...]]:
    """The head, and a line for each person whom the list is about; no cell is taken for a formula."""
    sees_poor = layout.may("poor")
    columns = [name for name in _COLUMNS if name != "poor" or sees_poor]
    yield tuple([layout.say(f"column_{name}") for name in columns])
    for row, about in _with_members(whole.wanted.kind, whole.rows, whole.members):
        for member in about:
            cells = _cells(row, member)
            yield tuple([plain(cells[name]) for name in columns])


def _cells(row: Home, member: reports.Member) -> dict[str, str]:
    """What stands in each of _COLUMNS."""
    language = layout.language()
    return {
        "hamlet": row.hamlet or "",
        "household": row.code,
        "head": row.head,
        "person": member.name,
        "phone": layout.shown_number(member.phone),
        "handset": lang.named(language, "handset", member.handset),
        "account": layout.say("yes" if member.account else "no"),
        "app": layout.say("yes" if member.app else "no"),
        "poor": lang.named(language, "poor", row.poor),
        "visited_on": row.visited_on or "",
        "result": lang.named(language, "visit", row.result or ""),
    }


@bp.post("/lists/visit")
@layout.needs("lists")
def visit_home() -> Response:
    """Somebody went there: one tap from the list says what came of it."""
    home = layout.a_number("home", request.form) or 0
    person = layout.a_number("person", request.form) or 0
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        hamlet_id = reports.hamlet_of(tx, commune_id, home, person)
        if hamlet_id is None or not layout.sees_hamlet(hamlet_id):
            abort(404)
        visited = To(household_id=home) if home else To(person_id=person)
        visiting.note(tx, visited)

    here().db.again(work)
    anchor = f"h{home}" if home else f"p{person}"
    return layout.back(url_for("staff.work_lists"), anchor)
