"""Setting a commune up: what residents dial and text, what it is called from when, its hamlets and halls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.calendar import holidays
from db.places import commune_setup, communes, plan, schemes
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp

_LINES = 4000  # letters of a hamlet's aliases, one a line

T = TypeVar("T")


def change(detail: str, work: Callable[[Tx], T]) -> T:
    """Carry it out with its row in the access trail. Raises Refused; what is not the commune's is 404."""

    def noted(tx: Tx) -> T:
        try:
            made = work(tx)
        except LookupError:
            abort(404)
        layout.note_act(tx, "setup", detail=detail)
        return made

    return here().db.again(noted)


def _saved(
    detail: str, work: Callable[[Tx], None], to: str, again: Callable[[], layout.Page]
) -> Response | layout.Page:
    """Saved and back to the page; refused, the page once more with what was typed."""
    try:
        change(detail, work)
    except commune_setup.Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return again()
    layout.tell("saved")
    return redirect(to, 303)


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
        }
    return layout.page("setup", status, at=at, today=today, **found)


@bp.post("/setup/commune")
@layout.needs("setup")
def setup_reach() -> Response | layout.Page:
    code = layout.a_line("code", 40)
    number = layout.a_line("number", 40)

    def work(tx: Tx) -> None:
        commune_setup.reach(tx, layout.staff().commune_id, code=code, number=number)

    return _saved(
        f"{code} {number}",
        work,
        url_for("staff.setup_page"),
        lambda: _setup_page(400, "reach"),
    )


@bp.post("/setup/names")
@layout.needs("setup")
def setup_name() -> Response | layout.Page:
    name = layout.a_line("name", 100)
    parent = layout.a_line("parent", 120)
    since = layout.a_line("since", 10)

    def work(tx: Tx) -> None:
        commune_setup.name_from(
            tx, layout.staff().commune_id, since=since, name=name, parent=parent
        )

    to = url_for("staff.setup_page") + "#names"
    return _saved(f"{since} {name}", work, to, lambda: _setup_page(400, "name"))


@bp.post("/setup/plan")
@layout.needs("setup")
def setup_plan() -> Response | layout.Page:
    starts = layout.a_line("starts", 10)
    ends = layout.a_line("ends", 10)

    def work(tx: Tx) -> None:
        plan.run_from(tx, layout.staff().commune_id, starts, ends)

    to = url_for("staff.setup_page") + "#plan"
    return _saved(f"plan {starts} {ends}", work, to, lambda: _setup_page(400, "plan"))


@bp.post("/setup/holidays")
@layout.needs("setup")
def setup_holiday() -> Response | layout.Page:
    day = layout.a_line("day", 10)
    name = layout.a_line("holiday", 100)

    def work(tx: Tx) -> None:
        known_day = commune_setup.a_day(day)
        known_name = commune_setup.a_name(name, holidays.NAME_MOST)
        events_then = holidays.save(
            tx, layout.staff().commune_id, day=known_day, name=known_name
        )
        if events_then:
            layout.tell(
                "setup_holiday_events",
                "warning",
                day=layout.day_name(day),
                number=events_then,
            )

    to = url_for("staff.setup_page") + "#holidays"
    return _saved(
        f"holiday {day} {name}", work, to, lambda: _setup_page(400, "holiday")
    )


@bp.post("/setup/holidays/<day>/remove")
@layout.needs("setup")
def remove_holiday(day: str) -> Response:
    commune_id = layout.staff().commune_id
    if change(
        f"no holiday {day[:10]}", lambda tx: holidays.remove(tx, commune_id, day)
    ):
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
    form = f"hamlet-{hamlet_id or 'new'}"

    def work(tx: Tx) -> None:
        commune_id = layout.staff().commune_id
        commune_setup.save_hamlet(
            tx,
            commune_id,
            hamlet_id=hamlet_id,
            name=name,
            aliases=aliases,
            position=position,
        )

    to = url_for("staff.setup_places") + "#hamlets"
    return _saved(f"hamlet {name}", work, to, lambda: _places_page(400, form))


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
    form = f"hall-{hall_id or 'new'}"

    def work(tx: Tx) -> None:
        commune_id = layout.staff().commune_id
        commune_setup.save_hall(
            tx, commune_id, hall_id=hall_id, name=name, hamlet_id=hamlet_id
        )

    to = url_for("staff.setup_places") + "#halls"
    return _saved(f"hall {name}", work, to, lambda: _places_page(400, form))
