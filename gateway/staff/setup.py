"""Setting a commune up: what residents dial and text, what it is called from when, its hamlets and halls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.calendar import holidays
from db.office import audit
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
        audit.note(tx, at=lang.now_ms(), staff_id=layout.staff().id, action="setup", detail=detail)
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
    commune_id, today = layout.staff().commune_id, lang.today(lang.now_ms())
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
    code, number = layout.a_line("code", 40), layout.a_line("number", 40)
    return _saved(
        f"{code} {number}",
        lambda tx: commune_setup.reach(tx, layout.staff().commune_id, code=code, number=number),
        url_for("staff.setup_page"),
        lambda: _setup_page(400, "reach"),
    )


@bp.post("/setup/names")
@layout.needs("setup")
def setup_name() -> Response | layout.Page:
    name, parent, since = layout.a_line("name", 100), layout.a_line("parent", 120), layout.a_line("since", 10)
    return _saved(
        f"{since} {name}",
        lambda tx: commune_setup.name_from(tx, layout.staff().commune_id, since=since, name=name, parent=parent),
        url_for("staff.setup_page") + "#names",
        lambda: _setup_page(400, "name"),
    )


@bp.post("/setup/plan")
@layout.needs("setup")
def setup_plan() -> Response | layout.Page:
    starts, ends = layout.a_line("starts", 10), layout.a_line("ends", 10)
    return _saved(
        f"plan {starts} {ends}",
        lambda tx: plan.run_from(tx, layout.staff().commune_id, starts, ends),
        url_for("staff.setup_page") + "#plan",
        lambda: _setup_page(400, "plan"),
    )


@bp.post("/setup/holidays")
@layout.needs("setup")
def setup_holiday() -> Response | layout.Page:
    day, name = layout.a_line("day", 10), layout.a_line("holiday", 100)

    def work(tx: Tx) -> None:
        on_it = holidays.save(
            tx,
            layout.staff().commune_id,
            day=commune_setup.a_day(day),
            name=commune_setup.a_name(name, holidays.NAME_MOST),
        )
        if on_it:
            layout.tell("setup_holiday_events", "warning", day=lang.day_name(day, layout.language()), number=on_it)

    to = url_for("staff.setup_page") + "#holidays"
    return _saved(f"holiday {day} {name}", work, to, lambda: _setup_page(400, "holiday"))


@bp.post("/setup/holidays/<day>/remove")
@layout.needs("setup")
def remove_holiday(day: str) -> Response:
    if change(f"no holiday {day[:10]}", lambda tx: holidays.remove(tx, layout.staff().commune_id, day)):
        layout.tell("setup_holiday_removed", day=lang.day_name(day, layout.language()))
    return redirect(url_for("staff.setup_page") + "#holidays", 303)


@bp.get("/setup/places")
@layout.needs("setup")
def setup_places() -> layout.Page:
    return _places_page(200)


def _places_page(status: int, at: str = "") -> layout.Page:
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets, halls = communes.hamlets(tx, commune_id), places.halls_of(tx, commune_id)
    return layout.page("setup_places", status, at=at, hamlets=hamlets, halls=halls)


@bp.post("/setup/hamlets", defaults={"hamlet_id": None})
@bp.post("/setup/hamlets/<int:hamlet_id>")
@layout.needs("setup")
def setup_hamlet(hamlet_id: int | None) -> Response | layout.Page:
    name, position = layout.a_line("name", 100), layout.a_number("position")
    aliases = request.form.get("aliases", "").replace("\x00", "")[:_LINES].splitlines()
    at = f"hamlet-{hamlet_id or 'new'}"
    return _saved(
        f"hamlet {name}",
        lambda tx: commune_setup.save_hamlet(
            tx, layout.staff().commune_id, hamlet_id=hamlet_id, name=name, aliases=aliases, position=position
        ),
        url_for("staff.setup_places") + "#hamlets",
        lambda: _places_page(400, at),
    )


@bp.post("/setup/halls", defaults={"hall_id": None})
@bp.post("/setup/halls/<int:hall_id>")
@layout.needs("setup")
def setup_hall(hall_id: int | None) -> Response | layout.Page:
    name, hamlet_id = layout.a_line("name", 100), layout.a_number("hamlet")
    return _saved(
        f"hall {name}",
        lambda tx: commune_setup.save_hall(
            tx, layout.staff().commune_id, hall_id=hall_id, name=name, hamlet_id=hamlet_id
        ),
        url_for("staff.setup_places") + "#halls",
        lambda: _places_page(400, f"hall-{hall_id or 'new'}"),
    )
