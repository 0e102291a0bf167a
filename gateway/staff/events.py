"""Registration days: the list, one event with its slots and people, and changing them by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db import office, schemes
from db.calendar import events
from db.engine import Tx, from_ms
from db.reports import events as shown
from db.reports import places
from db.reports import today as lists
from db.statements import Row
from gateway.context import here
from gateway.staff import bp, frame
from gateway.staff import language as lang
from gateway.staff.today import gone_since
from menus import days

PROBLEMS: dict[type[Exception], str] = {
    events.BadTimes: "event_bad_times",
    events.HallTaken: "event_hall_taken",
    events.TooLate: "event_too_late",
    events.Holiday: "event_holiday",
}


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
    return _new_form({"first": "08:00", "last": "11:00", "minutes": "30", "counters": "1", "places": "6"}, 200)


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
        counters=(frame.a_number("counters") or 0) if frame.a_line("counters") else 1,
        pause_from=frame.a_line("pause_from", 5),
        pause_to=frame.a_line("pause_to", 5),
    )

    def work(tx: Tx) -> int:
        programme = places.programme_of(tx, frame.staff().commune_id)
        if programme is None:
            abort(400)
        made = events.create(
            tx, plan, commune_id=frame.staff().commune_id, programme_id=programme.id, now=lang.now_ms()
        )
        noted(tx, "event_new", made)
        return made

    try:
        made = here().db.again(work)
    except tuple(PROBLEMS) as problem:
        refused(problem)
        return _new_form(dict(request.form), 400)
    frame.tell("event_created")
    return redirect(url_for("staff.event", event_id=made), 303)


@bp.get("/events/<int:event_id>")
@frame.needs("desk")
def event(event_id: int) -> Any:
    now = lang.now_ms()
    with here().db.connection() as tx:
        found = event_of(tx, event_id)
        slots, queue = shown.slots_of(tx, event_id, now=now), shown.queue(tx, event_id, now=now)
        booked, told = lists.of_event(tx, event_id=event_id, hamlet_id=frame.scope()), shown.told(tx, event_id)
        unanswered = lists.unanswered(tx, commune_id=frame.staff().commune_id, day=found.day)
        halls = places.halls_of(tx, frame.staff().commune_id)
        scheme = schemes.told(tx, frame.staff().commune_id, lang.today(now))
    first = days.local(from_ms(found.starts_at)).strftime("%H:%M") if found.starts_at else ""
    by_slot: dict[int, list[Row]] = {}
    gone: dict[int, list[Row]] = {}
    for line in booked:
        if line.status != "cancelled" or line.id in told:
            by_slot.setdefault(line.slot_id, []).append(line)
        elif found.state != "cancelled" and _given_back(line):
            gone.setdefault(line.slot_id, []).append(line)
    fates = Counter(told[line.id] for lines in by_slot.values() for line in lines if line.id in told)
    return frame.page(
        "event",
        event=found,
        slots=slots,
        by_slot=by_slot,
        gone=gone,
        queue=queue,
        scope=frame.scope(),
        told=told,
        fates=fates,
        too_many=sum(line.to_move and line.starts_at > now for line in booked),
        halls=halls,
        scheme=scheme,
        first=first,
        now=now,
        unanswered=unanswered,
    )


def _given_back(line: Row) -> bool:
    """By themselves, and lately; a walk-in who was a slip never had a place."""
    return bool(not line.reason and line.places and line.ended_at >= gone_since())


def event_of(tx: Tx, event_id: int) -> Row:
    found = shown.event(tx, event_id, commune_id=frame.staff().commune_id, now=lang.now_ms())
    if found is None:
        abort(404)
    return found


def noted(tx: Tx, action: str, event_id: int) -> None:
    office.note(tx, at=lang.now_ms(), staff_id=frame.staff().id, action=action, detail=f"event {event_id}")


def refused(problem: Exception) -> None:
    """Why nothing was changed, on top of the next page."""
    holiday = {"name": problem.name, "day": lang.day_name(problem.day, frame.language())} if isinstance(
        problem, events.Holiday
    ) else {}  # fmt: skip
    frame.tell(PROBLEMS[type(problem)], "danger", **holiday)


@bp.post("/events/<int:event_id>/copy")
@frame.needs("events")
def copy_event(event_id: int) -> Response:
    """The same next week, and there at once."""

    def work(tx: Tx) -> int:
        event_of(tx, event_id)
        made = events.copy(tx, event_id, now=lang.now_ms())
        noted(tx, "event_copy", made)
        return made

    try:
        to = here().db.again(work)
        frame.tell("event_copied")
    except tuple(PROBLEMS) as problem:
        refused(problem)
        to = event_id
    return redirect(url_for("staff.event", event_id=to), 303)


@bp.post("/events/<int:event_id>/<any(close, reopen):what>")
@frame.needs("events")
def close_event(event_id: int, what: str) -> Response:
    def work(tx: Tx) -> bool:
        event_of(tx, event_id)
        done = (events.close if what == "close" else events.reopen)(tx, event_id)
        if done:
            noted(tx, f"event_{what}", event_id)
        return done

    if here().db.again(work):
        frame.tell("event_closed" if what == "close" else "event_reopened")
    else:  # the page was an old one: it says now what is
        frame.tell("event_as_before", "warning")
    return redirect(url_for("staff.event", event_id=event_id), 303)
