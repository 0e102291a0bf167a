"""Somebody came without a booking: a few taps, and they stand on today's list like everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import abort, request
from werkzeug.wrappers import Response

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
@layout.needs("sessions")
def walk_in_form() -> layout.Page:
    return _form(_read_search(layout.a_line("q", 60)), 200)


def _read_search(asked: str) -> dict[str, str]:
    """What was searched for in vain and brought the clerk here: a number, or a name (a code is neither)."""
    if not asked:
        return {}
    try:
        mobile(asked)
    except NotAMobile:
        is_code = any(letter.isdigit() for letter in asked)
        return {} if is_code else {"name": asked}
    return {"phone": asked}


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    now = lang.now_ms()
    today = lang.today(now)
    member = layout.staff()
    with here().db.connection() as tx:
        halls = lists.halls_on(tx, commune_id=member.commune_id, day=today, now=now)
        hamlets = layout.hamlets(tx)
    halls.sort(key=lambda hall: hall.hamlet_id != member.hamlet_id)
    chosen = layout.a_number("hall")
    if not chosen and halls:
        chosen = halls[0].id
    near = [hall.hamlet_id for hall in halls if hall.id == chosen]
    home = near[0] if near else None  # most who come live near the hall
    shown = {"hall": chosen, "hamlet": home, **filled}
    return layout.page("walk_in", status, halls=halls, hamlets=hamlets, filled=shown)


@bp.post("/walk-in")
@layout.needs("sessions")
def walk_in() -> layout.Page | Response:
    problem, guest = read_guest(None)
    if not problem and not request.form.get("agreed"):
        problem = "agreement_needed"
    if not problem:
        try:
            arrival, line = here().db.again(lambda tx: _arrive(tx, guest))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            return _on_the_list(arrival, line)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _arrive(tx: Tx, guest: seating.Guest) -> tuple[walk_ins.Arrival, lists.Line]:
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    now = lang.now_ms()
    day = lang.today(now)
    midnight = days.at_local(date.fromisoformat(day), "00:00")
    arrival = walk_ins.arrive(
        tx,
        guest,
        hall_id=layout.a_number("hall") or 0,
        day=day,
        midnight=to_ms(midnight),
        actor=actor(),
        now=now,
    )
    line = lists.booking(tx, arrival.booking_id, layout.staff().commune_id)
    if line is None:
        abort(404)
    return arrival, line


def _on_the_list(arrival: walk_ins.Arrival, line: lists.Line) -> Response:
    """Back to the list at that very line, where what is done next is tapped."""
    name = line.name or layout.say("no_name")
    match arrival.how:
        case "new":
            layout.tell("walk_in_added", name=name)
        case "early":
            layout.tell("walk_in_early", name=name)
        case "booked":
            layout.tell(
                "walk_in_booked",
                name=name,
                when=layout.stamp(line.starts_at),
                hall=line.hall,
            )
        case _:
            layout.tell("walk_in_listed", "warning", name=name)
    return layout.see(
        "staff.today", day=line.day, hall=line.hall_id, _anchor=f"b{line.id}"
    )
