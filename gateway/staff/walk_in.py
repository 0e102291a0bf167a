"""Somebody came without a booking: a few taps, and they stand on today's list like everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.reports import places
from db.reports import today as lists
from db.seats import seating, walk_ins
from db.store.engine import Tx, to_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from menus import days
from menus.numbers import NotAMobile, mobile


@bp.get("/walk-in")
@layout.needs("book")
def walk_in_form() -> layout.Page:
    return _form(_read_search(layout.a_line("q", 60)), 200)


def _read_search(asked: str) -> dict[str, str]:
    """What was searched for in vain and brought the clerk here: a number, or a name (a code is neither)."""
    try:
        return {"phone": asked} if asked and mobile(asked) else {}
    except NotAMobile:
        return {} if any(letter.isdigit() for letter in asked) else {"name": asked}


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    with here().db.connection() as tx:
        halls = lists.halls_on(tx, commune_id=commune_id, day=lang.today(now), now=now)
        hamlets = [row for row in places.hamlets_of(tx, commune_id) if layout.scope() in (None, row.id)]
    halls.sort(key=lambda hall: hall.hamlet_id != layout.staff().hamlet_id)
    chosen = layout.a_number("hall") or (halls[0].id if halls else None)
    home = next((hall.hamlet_id for hall in halls if hall.id == chosen), None)  # most who come live near the hall
    return layout.page(
        "walk_in", status, halls=halls, hamlets=hamlets, filled={"hall": chosen, "hamlet": home, **filled}
    )


@bp.post("/walk-in")
@layout.needs("book")
def walk_in() -> layout.Page | Response:
    problem, guest = read_guest(None)
    if not request.form.get("agreed"):
        problem = problem or "agreement_needed"
    if not problem:
        try:
            return _on_the_list(*here().db.again(lambda tx: _arrive(tx, guest)))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _arrive(tx: Tx, guest: seating.Guest) -> tuple[walk_ins.Arrival, lists.Line]:
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    if guest.hamlet_id is not None and guest.hamlet_id not in [row.id for row in places.hamlets_of(tx, commune_id)]:
        abort(400)
    day = lang.today(now)
    midnight = to_ms(days.at_local(date.fromisoformat(day), "00:00"))
    hall_id = layout.a_number("hall") or 0
    arrival = walk_ins.arrive(tx, guest, hall_id=hall_id, day=day, midnight=midnight, actor=actor(), now=now)
    line = lists.booking(tx, arrival.booking_id, commune_id)
    if line is None:
        abort(404)
    return arrival, line


def _on_the_list(arrival: walk_ins.Arrival, line: lists.Line) -> Response:
    """Back to the list at that very line, where what is done next is tapped."""
    when, name = lang.stamp(line.starts_at, layout.language()), line.name or layout.say("no_name")
    if arrival.how in ("new", "early"):
        layout.tell("walk_in_added" if arrival.how == "new" else "walk_in_early", name=name)
    elif arrival.how == "booked":
        layout.tell("walk_in_booked", name=name, when=when, hall=line.hall)
    else:
        layout.tell("walk_in_listed", "warning", name=name)
    return redirect(url_for("staff.today", day=line.day, hall=line.hall_id) + f"#b{line.id}", 303)
