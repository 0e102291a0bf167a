"""Setting a commune up: what residents dial and text, what it is called from when, its
hamlets and halls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort, request
from werkzeug.wrappers import Response

from db.calendar import holidays
from db.places import commune_setup, communes, plan, schemes
from db.reporting import heads
from db.reporting.heads import Head
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp

_LINES = 4000  # letters of a hamlet's aliases, one a line

T = TypeVar("T")


def change(detail: str, work: Callable[[Tx], T]) -> T:
    """Carry it out with its row in the access trail. Raises Refused; what is not the
    commune's is 404.
    """

    def noted(tx: Tx) -> T:
        try:
            made = work(tx)
        except LookupError:
            abort(404)
        layout.note_act(tx, "setup", detail=detail)
        return made

    return here().db.again(noted)


def _saved(detail: str, work: Callable[[Tx], None]) -> bool:
    """Whether it could be carried out; the next page says it, or why not."""
    try:
        change(detail, work)
    except commune_setup.Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return False
    layout.tell("saved")
    return True


@bp.get("/setup/")
@layout.needs("setup")
def setup_page() -> layout.Page:
    return _setup_page(200)


def _setup_page(status: int, at: str = "") -> layout.Page:
    """`at` names the form that was refused: it is shown as it was typed."""
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    with here().db.connection() as tx:
        found = {
            "reached": commune_setup.reached(tx, commune_id),
            "names": commune_setup.names(tx, commune_id),
            "schemes": schemes.listed(tx, commune_id),
            "told": schemes.told(tx, commune_id, today),
            "hamlets": places.hamlets_of(tx, commune_id),
            "halls": places.halls_of(tx, commune_id),
            "holidays": holidays.listed(tx, commune_id),
            "period": plan.period(tx, commune_id),
            "heads": heads.listed(tx, commune_id),
            "head": heads.on(tx, commune_id, today),
        }
    return layout.page("setup", status, at=at, today=today, **found)


@bp.post("/setup/commune")
@layout.needs("setup")
def setup_reach() -> Response | layout.Page:
    code = layout.a_line("code", 40)
    number = layout.a_line("number", 40)
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        commune_setup.reach(tx, commune_id, code=code, number=number)

    if not _saved(f"{code} {number}", work):
        return _setup_page(400, "reach")
    return layout.see("staff.setup_page")


@bp.post("/setup/names")
@layout.needs("setup")
def setup_name() -> Response | layout.Page:
    name = layout.a_line("name", 100)
    parent = layout.a_line("parent", 120)
    since = layout.a_line("since", 10)
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        commune_setup.name_from(tx, commune_id, since=since, name=name, parent=parent)

    if not _saved(f"{since} {name}", work):
        return _setup_page(400, "name")
    return layout.see("staff.setup_page", _anchor="names")


@bp.post("/setup/plan")
@layout.needs("setup")
def setup_plan() -> Response | layout.Page:
    starts = layout.a_line("starts", 10)
    ends = layout.a_line("ends", 10)
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        plan.run_from(tx, commune_id, starts, ends)

    if not _saved(f"plan {starts} {ends}", work):
        return _setup_page(400, "plan")
    return layout.see("staff.setup_page", _anchor="plan")


@bp.post("/setup/report")
@layout.needs("setup")
def setup_head() -> Response | layout.Page:
    """What stands around a report from a day on: who issues it, to whom, who signs."""
    head = Head(
        since=layout.a_line("since", 10),
        parent=layout.a_line("parent", heads.LINE_MOST),
        issuer=layout.a_line("issuer", heads.LINE_MOST),
        symbol=layout.a_line("symbol", 40),
        place=layout.a_line("place", 60),
        subject=layout.a_line("subject", heads.SUBJECT_MOST),
        addressees=_typed_lines("addressees"),
        grounds=_typed_lines("grounds"),
        recipients=_typed_lines("recipients"),
        capacity=_typed_lines("capacity", 200),
        signer=layout.a_line("signer", 80),
    )
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        heads.save(tx, commune_id, head)

    if not _saved(f"report {head.since}", work):
        return _setup_page(400, "head")
    return layout.see("staff.setup_page", _anchor="report")


def _typed_lines(name: str, most: int = heads.LINES_MOST) -> str:
    """Several lines as they were typed, none of them empty."""
    lines = [line.strip() for line in layout.typed(name).splitlines()]
    return "\n".join(line for line in lines if line)[:most]


@bp.post("/setup/holidays")
@layout.needs("setup")
def setup_holiday() -> Response | layout.Page:
    day = layout.a_line("day", 10)
    name = layout.a_line("holiday", 100)
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        known_day = commune_setup.a_day(day)
        known_name = commune_setup.a_name(name, holidays.NAME_MOST)
        events_then = holidays.save(tx, commune_id, day=known_day, name=known_name)
        if events_then:
            layout.tell(
                "setup_holiday_events",
                "warning",
                day=layout.day_name(day),
                number=events_then,
            )

    if not _saved(f"holiday {day} {name}", work):
        return _setup_page(400, "holiday")
    return layout.see("staff.setup_page", _anchor="holidays")


@bp.post("/setup/holidays/<day>/remove")
@layout.needs("setup")
def remove_holiday(day: str) -> Response:
    commune_id = layout.staff().commune_id
    removed = change(
        f"no holiday {day[:10]}", lambda tx: holidays.remove(tx, commune_id, day)
    )
    if removed:
        layout.tell("setup_holiday_removed", day=layout.day_name(day))
    return layout.see("staff.setup_page", _anchor="holidays")


@bp.get("/setup/places")
@layout.needs("setup")
def setup_places() -> layout.Page:
    return _places_page(200)


def _places_page(status: int, at: str = "") -> layout.Page:
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = communes.hamlets(tx, commune_id)
        halls = places.halls_of(tx, commune_id)
    return layout.page("setup_places", status, at=at, hamlets=hamlets, halls=halls)


@bp.post("/setup/hamlets", defaults={"hamlet_id": None})
@bp.post("/setup/hamlets/<int:hamlet_id>")
@layout.needs("setup")
def setup_hamlet(hamlet_id: int | None) -> Response | layout.Page:
    name = layout.a_line("name", 100)
    position = layout.a_number("position")
    aliases = _typed_aliases()
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        commune_setup.save_hamlet(
            tx,
            commune_id,
            hamlet_id=hamlet_id,
            name=name,
            aliases=aliases,
            position=position,
        )

    if not _saved(f"hamlet {name}", work):
        form = f"hamlet-{hamlet_id or 'new'}"
        return _places_page(400, form)
    return layout.see("staff.setup_places", _anchor="hamlets")


def _typed_aliases() -> list[str]:
    typed = request.form.get("aliases", "")
    without_nul = typed.replace("\x00", "")
    return without_nul[:_LINES].splitlines()


@bp.post("/setup/halls", defaults={"hall_id": None})
@bp.post("/setup/halls/<int:hall_id>")
@layout.needs("setup")
def setup_hall(hall_id: int | None) -> Response | layout.Page:
    name = layout.a_line("name", 100)
    hamlet_id = layout.a_number("hamlet")
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> None:
        commune_setup.save_hall(
            tx, commune_id, hall_id=hall_id, name=name, hamlet_id=hamlet_id
        )

    if not _saved(f"hall {name}", work):
        form = f"hall-{hall_id or 'new'}"
        return _places_page(400, form)
    return layout.see("staff.setup_places", _anchor="halls")
