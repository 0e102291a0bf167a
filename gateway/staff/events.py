"""Registration days: the list, one event with its slots and people, and changing them by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db import events, office
from db.engine import Row, Tx, from_ms
from db.reports import events as shown
from db.reports import places
from db.reports import today as lists
from gateway.context import here
from gateway.staff import bp, frame
from gateway.staff import language as lang
from gateway.staff.today import gone_since
from menus import days

_PROBLEMS = {events.BadTimes: "event_bad_times", events.HallTaken: "event_hall_taken", events.TooLate: "event_too_late"}


@bp.get("/events/")
@frame.needs("desk")
def event_list() -> Any:
    now, commune_id, past = lang.now_ms(), frame.staff().commune_id, bool(request.args.get("past"))
    with here().db.connection() as tx:
        listed = (shown.past if past else shown.coming)(tx, commune_id=commune_id, day=lang.today(now), now=now)
    return frame.page("events", events=listed, past=past)


@bp.get("/events/new")
@frame.needs("events")
def event_form() -> Any:
    return _new_form({"first": "08:00", "last": "11:00", "minutes": "30", "places": "6"}, 200)


def _new_form(filled: dict[str, Any], status: int) -> Any:
    with here().db.connection() as tx:
        halls = places.halls_of(tx, frame.staff().commune_id)
    return frame.page("event_new", status, halls=halls, filled=filled, today=lang.today(lang.now_ms()))


@bp.post("/events/new")
@frame.needs("events")
def create_event() -> Any:
    plan = events.Plan(
        hall_id=frame.a_number("hall") or 0,
        day=frame.a_line("day", 10),
        first=frame.a_line("first", 5),
        last=frame.a_line("last", 5),
        minutes=frame.a_number("minutes") or 0,
        places=frame.a_number("places") or 0,
        note=frame.a_line("note"),
    )

    def work(tx: Tx) -> int:
        programme = places.programme_of(tx, frame.staff().commune_id)
        if programme is None:
            abort(400)
        made = events.create(
            tx, plan, commune_id=frame.staff().commune_id, programme_id=programme.id, now=lang.now_ms()
        )
        _noted(tx, "event_new", made)
        return made

    try:
        made = here().db.again(work)
    except tuple(_PROBLEMS) as problem:
        frame.tell(_PROBLEMS[type(problem)], "danger")
        return _new_form(dict(request.form), 400)
    frame.tell("event_created")
    return redirect(url_for("staff.event", event_id=made), 303)


@bp.get("/events/<int:event_id>")
@frame.needs("desk")
def event(event_id: int) -> Any:
    now = lang.now_ms()
    with here().db.connection() as tx:
        found = _event(tx, event_id)
        slots = shown.slots_of(tx, event_id, now=now)
        booked, told = lists.of_event(tx, event_id=event_id, hamlet_id=frame.scope()), shown.told(tx, event_id)
        unanswered = lists.unanswered(tx, commune_id=frame.staff().commune_id, day=found.day)
        halls = places.halls_of(tx, frame.staff().commune_id)
    first = days.local(from_ms(found.starts_at)).strftime("%H:%M") if found.starts_at else ""
    by_slot: dict[int, list[Row]] = {}
    gone: dict[int, list[Row]] = {}
    for line in booked:
        if line.status != "cancelled" or (found.state == "cancelled" and line.id in told):
            by_slot.setdefault(line.slot_id, []).append(line)
        elif found.state != "cancelled" and line.places and line.ended_at >= gone_since():  # given back by themselves
            gone.setdefault(line.slot_id, []).append(line)
    return frame.page("event", event=found, slots=slots, by_slot=by_slot, gone=gone, told=told, halls=halls,
                      first=first, now=now, unanswered=unanswered)  # fmt: skip


def _event(tx: Tx, event_id: int) -> Row:
    found = shown.event(tx, event_id, commune_id=frame.staff().commune_id, now=lang.now_ms())
    if found is None:
        abort(404)
    return found


def _noted(tx: Tx, action: str, event_id: int) -> None:
    office.note(tx, at=lang.now_ms(), staff_id=frame.staff().id, action=action, detail=f"event {event_id}")


@bp.post("/events/<int:event_id>/edit")
@frame.needs("events")
def edit_event(event_id: int) -> Response:
    places_each = frame.a_number("places")
    if places_each is not None and not 1 <= places_each <= 500:
        abort(400)

    def work(tx: Tx) -> tuple[int, int]:
        _event(tx, event_id)
        moved = events.edit(
            tx,
            event_id,
            hall_id=frame.a_number("hall") or 0,
            day=frame.a_line("day", 10),
            first=frame.a_line("first", 5),
            places=places_each,
            note=frame.a_line("note"),
            now=lang.now_ms(),
        )
        _noted(tx, "event_edit", event_id)
        slots = shown.slots_of(tx, event_id, now=lang.now_ms())
        return moved, sum(max(0, slot.taken - slot.capacity) for slot in slots)

    def told(outcome: tuple[int, int]) -> None:
        moved, over = outcome
        frame.tell("event_moved" if moved else "saved", number=moved)
        if over:
            frame.tell("event_over", "warning", number=over)

    return _do(event_id, work, told)


@bp.post("/events/<int:event_id>/<any(close, reopen):what>")
@frame.needs("events")
def close_event(event_id: int, what: str) -> Response:
    def work(tx: Tx) -> bool:
        _event(tx, event_id)
        _noted(tx, f"event_{what}", event_id)
        return (events.close if what == "close" else events.reopen)(tx, event_id)

    return _do(event_id, work, lambda _: frame.tell("event_closed" if what == "close" else "event_reopened"))


@bp.post("/events/<int:event_id>/cancel")
@frame.needs("events")
def cancel_event(event_id: int) -> Response:
    def work(tx: Tx) -> int:
        _event(tx, event_id)
        _noted(tx, "event_cancel", event_id)
        return events.cancel(tx, event_id, now=lang.now_ms())

    return _do(event_id, work, lambda number: frame.tell("event_cancelled", number=number))


def _do(event_id: int, work: Callable[[Tx], Any], told: Callable[[Any], None]) -> Response:
    """Carry it out and say so, or say why not; back to the event either way."""
    try:
        told(here().db.again(work))
    except tuple(_PROBLEMS) as problem:
        frame.tell(_PROBLEMS[type(problem)], "danger")
    return redirect(url_for("staff.event", event_id=event_id), 303)
