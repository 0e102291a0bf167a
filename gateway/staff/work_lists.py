"""Lists that lead to work: homes of a hamlet with a question open; printed, taken away,
told, and visited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from db.store.local_days import days_from
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables, visiting
from gateway.staff.gate import bp

PAGE = 50
AT_ONCE = 20_000  # homes on one sheet: more than any commune has
EVERYWHERE = 0  # in place of a hamlet
# who was visited since then counts as visited, unless another day is given
ROUND_DAYS = 30
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
# As the rule of a broadcast says it; what it cannot say is told by nobody but whoever
# walks over.
_RULES: dict[str, dict[str, Any]] = {
    ON_2G: {"household_on_2g": True},
    NO_ACCOUNT: {"account": False},
    NOBODY_HAS_ACCOUNT: {"household_account": False},
    NO_APP: {"handset": ["4g_no_volte", "4g_volte"], "app": False},
    POOR: {"poor": ["yes", "near"]},
    ALL: {},
}


class WholeList(NamedTuple):
    """Every home of a list, with its people; `hamlet` is its name, or that of the whole
    commune.
    """

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
    today = lang.current_day()
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
        today=today,
        tomorrow=days_from(today, 1),
        scope=layout.scope(),
    )


@bp.get("/lists/print")
@layout.needs("lists")
def print_list() -> layout.Page:
    """The whole list on paper, with boxes to tick. That it was printed, by whom, is
    written down.
    """
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
    """The whole list as a file, a line a person. That it was taken away, by whom, is
    written down.
    """
    whole = _whole("list_export")
    day = lang.current_day()
    name = f"{whole.wanted.kind}-{day}"
    lines = _lines(whole)
    return tables.download(name, kind, lines)


def _whole(action: str) -> WholeList:
    """Every home of the list, its hamlet's name and its people; leaves a row in the
    trail.
    """
    return here().db.again(lambda tx: _read_whole(tx, action))


def _read_whole(tx: Tx, action: str) -> WholeList:
    hamlets = layout.hamlets(tx)
    if not hamlets:
        abort(404)
    wanted = _wanted(hamlets)
    rows = reports.page(tx, wanted, most=AT_ONCE)
    members = reports.members(tx, wanted.commune_id, rows)
    detail = f"{wanted.kind}, hamlet {wanted.hamlet_id}, {len(rows)} homes"
    layout.note_act(tx, action, detail=detail)
    hamlet = _name_of(wanted.hamlet_id, hamlets)
    return WholeList(wanted, hamlet, rows, members)


def _tally(rows: list[Home]) -> reports.Tally:
    households = [row for row in rows if row.home]
    alone = len(rows) - len(households)
    return reports.Tally(len(households), alone)


def _name_of(hamlet_id: int, hamlets: list[places.Named]) -> str:
    if hamlet_id == EVERYWHERE and hamlets:
        return layout.say("whole_commune")
    return places.name_among(hamlets, hamlet_id)


def _wanted(hamlets: list[places.Named]) -> Wanted:
    """The list of the address: of one hamlet, the first unless one is chosen; of all
    for who is bound to none.
    """
    kind = _chosen("list", KINDS, ON_2G)
    if kind == POOR and not layout.may("poor"):
        abort(403)
    since = request.values.get("since", "")
    return Wanted(
        layout.staff().commune_id,
        hamlet_id=_one_of(hamlets),
        kind=kind,
        order=_chosen("order", ORDERS, ORDERS[0]),
        visited=_chosen("visited", ("yes", "no"), ""),
        since=layout.iso_day(since) or days_from(lang.current_day(), -ROUND_DAYS),
    )


def _chosen(name: str, offered: Iterable[str], otherwise: str) -> str:
    """What the address says under this name, if it is offered."""
    chosen = layout.a_line(name, 20)
    return chosen if chosen in offered else otherwise


def _one_of(hamlets: list[places.Named]) -> int:
    """The hamlet that is asked for, if it is among them, or all of them; else the
    first.
    """
    asked = layout.chosen_hamlet()
    if asked == EVERYWHERE and layout.scope() is None:
        return EVERYWHERE
    for hamlet in hamlets:
        if hamlet.id == asked:
            return hamlet.id
    return hamlets[0].id if hamlets else 0


def wanted_by_form(tx: Tx) -> Wanted:
    """The list that a form carries, of the hamlets in reach."""
    hamlets = layout.hamlets(tx)
    if not hamlets:
        abort(404)
    return _wanted(hamlets)


def _filters(wanted: Wanted) -> dict[str, Any]:
    """As they stand in an address."""
    filters: dict[str, Any] = {
        "list": wanted.kind,
        "hamlet": wanted.hamlet_id,
        "order": wanted.order,
    }
    if wanted.visited:
        filters["visited"] = wanted.visited
        filters["since"] = wanted.since
    return filters


def _cursor(row: Home) -> str:
    """Where the next page begins, as it stands in an address: no name does."""
    return f"{row.home}.{row.person}"


def _after() -> tuple[int, int] | None:
    at = request.args.get("at", "")
    home, _, person = at.partition(".")
    if layout.is_whole_number(home) and layout.is_whole_number(person):
        return int(home), int(person)
    return None


def _with_members(
    kind: str, rows: list[Home], members: Members
) -> list[tuple[Home, list[reports.Member]]]:
    """Each home with those whom the list is about."""
    homes = []
    for row in rows:
        there = members[row.home, row.person]
        about = [member for member in there if reports.concerns(kind, member)]
        homes.append((row, about))
    return homes


def _lines(whole: WholeList) -> Iterator[tuple[str, ...]]:
    """The head, and a line for each person whom the list is about; no cell is taken for
    a formula.
    """
    columns = list(_COLUMNS)
    if not layout.may("poor"):
        columns.remove("poor")
    yield tuple([layout.say(f"column_{name}") for name in columns])
    homes = _with_members(whole.wanted.kind, whole.rows, whole.members)
    for row, about in homes:
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
        "account": _yes_or_no(member.account),
        "app": _yes_or_no(member.app),
        "poor": lang.named(language, "poor", row.poor),
        "visited_on": row.visited_on or "",
        "result": lang.named(language, "visit", row.result or ""),
    }


def _yes_or_no(has_it: bool) -> str:
    return layout.say("yes" if has_it else "no")


@bp.post("/lists/visit")
@layout.needs("lists")
def visit_home() -> Response:
    """Somebody went there: one tap from the list says what came of it."""
    home = layout.a_number("home", request.form) or 0
    person = layout.a_number("person", request.form) or 0
    if home:
        visited = To(household_id=home)
        anchor = f"h{home}"
    else:
        visited = To(person_id=person)
        anchor = f"p{person}"
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        hamlet_id = reports.hamlet_of(tx, commune_id, home, person)
        if hamlet_id is None or not layout.sees_hamlet(hamlet_id):
            abort(404)
        visiting.note(tx, visited)

    here().db.again(work)
    lists = url_for("staff.work_lists")
    return layout.back(lists, anchor)
