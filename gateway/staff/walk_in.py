"""Somebody came without a booking: a few taps, and they stand on today's list like
everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import abort, request
from werkzeug.wrappers import Response

from db.reports import people
from db.reports import today as lists
from db.seats import seating, walk_ins
from db.store.engine import Tx, to_ms
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, namesakes
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from gateway.staff.namesakes import MaybeKnown
from menus import days
from menus.numbers import NotAMobile, mobile


@bp.get("/walk-in")
@layout.needs("sessions")
def walk_in_form() -> layout.Page:
    asked = layout.a_line("q", 60)
    filled = _read_search(asked)
    return _form(filled, 200)


def _read_search(asked: str) -> dict[str, str]:
    """What was searched for in vain and brought the clerk here: a number, or a name (a
    code is neither).
    """
    if not asked:
        return {}
    try:
        mobile(asked)
        return {"phone": asked}
    except NotAMobile:
        is_code = any(letter.isdigit() for letter in asked)
        return {} if is_code else {"name": asked}


def _form(
    filled: Mapping[str, object], status: int, maybe: Sequence[people.Person] = ()
) -> layout.Page:
    with here().db.connection() as tx:
        halls = _halls(tx)
        hamlets = layout.hamlets(tx)
    hall_id = layout.a_number("hall")
    if not hall_id and halls:
        hall_id = halls[0].id
    near = None
    for hall in halls:
        if hall.id == hall_id:
            near = hall.hamlet_id  # where most who come there live
    shown = {"hall": hall_id, "hamlet": near, **filled}
    return layout.page(
        "walk_in",
        status,
        halls=halls,
        hamlets=hamlets,
        filled=shown,
        typed=request.form,
        namesakes=maybe,
    )


def _halls(tx: Tx) -> list[lists.Hall]:
    """Where something is held today; the halls of the own hamlet first."""
    now = lang.now_ms()
    today = iso_day_at(now)
    member = layout.staff()
    halls = lists.halls_on(tx, commune_id=member.commune_id, day=today, now=now)
    halls.sort(key=lambda hall: hall.hamlet_id != member.hamlet_id)
    return halls


@bp.post("/walk-in")
@layout.needs("sessions")
def walk_in() -> layout.Page | Response:
    problem, guest = read_agreed_guest()
    if not problem:
        try:
            arrival, line = here().db.again(lambda tx: _arrive(tx, guest))
        except MaybeKnown as asks:
            return _form(dict(request.form), 200, asks.namesakes)
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            return _on_the_list(arrival, line)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def read_agreed_guest() -> tuple[str, seating.Guest]:
    """Somebody new as typed, and the first thing wrong with it; that they did not agree
    is such a thing.
    """
    problem, guest = read_guest(None)
    if not problem and not request.form.get("agreed"):
        problem = "agreement_needed"
    return problem, guest


def _arrive(tx: Tx, guest: seating.Guest) -> tuple[walk_ins.Arrival, lists.Line]:
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    now = lang.now_ms()
    day = iso_day_at(now)
    midnight = days.at_local(date.fromisoformat(day), "00:00")
    known = namesakes.chosen(tx, guest)
    arrival = walk_ins.arrive(
        tx,
        guest,
        person_id=known,
        hall_id=layout.a_number("hall") or 0,
        day=day,
        midnight=to_ms(midnight),
        actor=actor(),
        now=now,
    )
    commune_id = layout.staff().commune_id
    line = lists.booking(tx, arrival.booking_id, commune_id)
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
            when = layout.stamp(line.starts_at)
            layout.tell("walk_in_booked", name=name, when=when, hall=line.hall)
        case _:
            layout.tell("walk_in_listed", "warning", name=name)
    return layout.see(
        "staff.today", day=line.day, hall=line.hall_id, _anchor=f"b{line.id}"
    )
