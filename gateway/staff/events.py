"""Events of every kind: the list, one event with its slots and people, and changing them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.calendar import events
from db.calendar.plans import SWAP_DAY
from db.models.states import EventKind, Service
from db.places import schemes
from db.register import schools as registered
from db.reports import events as shown
from db.reports import places, sessions_held
from db.reports import today as lists
from db.store.engine import Tx, from_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from gateway.staff.today import gone_since
from menus import days


class Choice(NamedTuple):
    """A line of a list to choose from."""

    id: str
    name: str


PAGE = 20
PAGES_MOST = 10_000  # beyond it there is nothing, and a number no engine holds is none
BySlot = dict[int, list[lists.Line]]
PROBLEMS: dict[type[Exception], str] = {
    events.BadTimes: "event_bad_times",
    events.HallTaken: "event_hall_taken",
    events.TooLate: "event_too_late",
    events.Holiday: "event_holiday",
}


@bp.get("/events/")
@layout.needs("desk")
def event_list() -> layout.Page:
    """Those to come, or those that are over; of a kind, of a hamlet's halls; twenty a page."""
    now = lang.now_ms()
    page = min(layout.a_number("page") or 1, PAGES_MOST)
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, layout.staff().commune_id)
        wanted = _wanted(hamlets, lang.today(now))
        found = shown.listed(tx, wanted, now=now, skip=(page - 1) * PAGE, most=PAGE + 1)
    return layout.page(
        "events",
        events=found[:PAGE],
        wanted=wanted,
        filters=_filters(wanted),
        hamlets=hamlets,
        kinds=choices()["kinds"],
        page=page,
        more=len(found) > PAGE,
        now=now,
    )


def _wanted(hamlets: Collection[places.Named], today: str) -> shown.Listing:
    kind = layout.a_line("kind", 10)
    hamlet_id = layout.a_number("hamlet")
    known = [row.id for row in hamlets]
    return shown.Listing(
        layout.staff().commune_id,
        today,
        past=bool(request.args.get("past")),
        kind=kind if kind in list(EventKind) else "",
        hamlet_id=hamlet_id if hamlet_id in known else None,
    )


def _filters(wanted: shown.Listing) -> dict[str, Any]:
    """As they stand in an address, for the next page."""
    named = {
        "past": 1 if wanted.past else None,
        "kind": wanted.kind,
        "hamlet": wanted.hamlet_id,
    }
    return {name: value for name, value in named.items() if value}


@bp.get("/events/new")
@layout.needs("events")
def event_form() -> layout.Page:
    filled = {
        "first": "08:00",
        "last": "11:00",
        "minutes": "30",
        "counters": "1",
        "places": "6",
    }
    return _new_form({**filled, "kind": EventKind.SWAP}, [], 200)


def _new_form(
    filled: dict[str, Any], services: Collection[str], status: int
) -> layout.Page:
    with here().db.connection() as tx:
        halls = places.halls_of(tx, layout.staff().commune_id)
        schools = registered.all_of(tx, layout.staff().commune_id)
    return layout.page(
        "event_new",
        status,
        halls=halls,
        schools=schools,
        filled=filled,
        services=services,
        today=lang.current_day(),
        **choices(),
    )


def choices() -> dict[str, Any]:
    """What the forms of an event offer to choose from, in the clerk's language."""
    kinds = [Choice(kind, layout.say(f"event_kind_{kind}")) for kind in EventKind]
    return {
        "kinds": kinds,
        "all_services": list(Service),
        "bring_most": events.BRING_MOST,
    }


def about_it() -> events.About | None:
    """What the form says of the event; None where it says nothing. A word that no list offers was not chosen by hand:
    400.
    """
    kind = layout.a_line("kind", 10)
    if not kind:
        return None
    services = tuple(request.form.getlist("services"))
    if kind not in list(EventKind) or not set(services) <= set(Service):
        abort(400)
    if kind == EventKind.SWAP and Service.SWAP not in services:
        services = (Service.SWAP, *services)
    return events.About(
        kind=kind,
        services=services,
        run_by=layout.a_line("run_by", events.RUN_BY_MOST),
        bring=layout.a_line("bring", events.BRING_MOST),
        bring_en=layout.a_line("bring_en", events.BRING_MOST),
        bookable="no_times" not in request.form,
        school_id=layout.a_number("school", request.form),
    )


def refuse_unknown_school(tx: Tx, about: events.About | None) -> None:
    """400 for one that the form did not offer."""
    if about is None or about.school_id is None:
        return
    offered = [school.id for school in registered.all_of(tx, layout.staff().commune_id)]
    if about.school_id not in offered:
        abort(400)


@bp.post("/events/new")
@layout.needs("events")
def create_event() -> layout.Page | Response:
    plan = _typed_plan()
    commune_id = layout.staff().commune_id
    wrong = plan.problems(lang.now_ms())
    if not plan.hall_id:
        wrong.insert(0, "hall")
    if wrong:
        for field in wrong:
            layout.tell(f"event_bad_{field}", "danger")
        return _new_form(dict(request.form), request.form.getlist("services"), 400)

    def work(tx: Tx) -> int:
        programme = places.programme_of(tx, commune_id)
        if programme is None:
            abort(400)
        refuse_unknown_school(tx, plan.about)
        made = events.create(
            tx,
            plan,
            commune_id=commune_id,
            programme_id=programme.id,
            now=lang.now_ms(),
        )
        noted(tx, "event_new", made)
        return made

    try:
        made = here().db.again(work)
    except tuple(PROBLEMS) as problem:
        refused(problem)
        return _new_form(dict(request.form), request.form.getlist("services"), 400)
    layout.tell("event_created")
    return layout.see("staff.event", event_id=made)


def _typed_plan() -> events.Plan:
    """The form of a new event; what is no number is 0, which is refused."""
    counters = 1
    if layout.a_line("counters"):
        counters = layout.a_number("counters") or 0
    return events.Plan(
        hall_id=layout.a_number("hall") or 0,
        day=layout.a_line("day", 10),
        first=layout.a_line("first", 5),
        last=layout.a_line("last", 5),
        minutes=layout.a_number("minutes") or 0,
        places=layout.a_number("places") or 0,
        note=layout.a_line("note"),
        counters=counters,
        pause_from=layout.a_line("pause_from", 5),
        pause_to=layout.a_line("pause_to", 5),
        about=about_it() or SWAP_DAY,
    )


@bp.get("/events/<int:event_id>")
@layout.needs("desk")
def event(event_id: int) -> layout.Page:
    now = lang.now_ms()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        found = event_of(tx, event_id)
        booked = lists.of_event(tx, event_id=event_id, hamlet_id=layout.scope())
        told = shown.told(tx, event_id)
        values = {
            "slots": shown.slots_of(tx, event_id, now=now),
            "queue": shown.queue(tx, event_id, now=now),
            "unanswered": lists.unanswered(tx, commune_id=commune_id, day=found.day),
            "halls": places.halls_of(tx, commune_id),
            "services": shown.services_of(tx, event_id),
            "schools": registered.all_of(tx, commune_id),
            "total": sessions_held.total(tx, event_id),
            "scheme": schemes.told(tx, commune_id, lang.today(now)),
        }
    by_slot, gone = _by_slot(found, booked, told)
    listed = [line.id for lines in by_slot.values() for line in lines]
    to_move = [line for line in booked if line.to_move and line.starts_at > now]
    return layout.page(
        "event",
        event=found,
        by_slot=by_slot,
        gone=gone,
        scope=layout.scope(),
        told=told,
        outcomes=Counter(
            told[booking_id] for booking_id in listed if booking_id in told
        ),
        too_many=len(to_move),
        first=_first_minute(found),
        now=now,
        **values,
        **choices(),
    )


def _by_slot(
    event: shown.Event, booked: list[lists.Line], told: Mapping[int, str]
) -> tuple[BySlot, BySlot]:
    """Who is on the list of each slot, and who gave their place back lately."""
    listed: BySlot = {}
    gone: BySlot = {}
    for line in booked:
        if line.status != "cancelled" or line.id in told:
            in_slot = listed.setdefault(line.slot_id, [])
            in_slot.append(line)
        elif event.state != "cancelled" and _given_back(line):
            in_slot = gone.setdefault(line.slot_id, [])
            in_slot.append(line)
    return listed, gone


def _first_minute(event: shown.Event) -> str:
    """When it begins, as a form's field wants it: `08:00`."""
    if not event.starts_at:
        return ""
    return days.local(from_ms(event.starts_at)).strftime("%H:%M")


def _given_back(line: lists.Line) -> bool:
    """By themselves, and lately; a walk-in who was a slip never had a place."""
    if line.reason or not line.places:
        return False
    return (line.ended_at or 0) >= gone_since()


def event_of(tx: Tx, event_id: int) -> shown.Event:
    found = shown.event(
        tx, event_id, commune_id=layout.staff().commune_id, now=lang.now_ms()
    )
    if found is None or layout.school_scope() not in (None, found.school_id):
        abort(404)
    return found


def noted(tx: Tx, action: str, event_id: int) -> None:
    layout.note_act(tx, action, detail=f"event {event_id}")


def refused(problem: Exception) -> None:
    """Why nothing was changed, on top of the next page."""
    key = PROBLEMS[type(problem)]
    if isinstance(problem, events.Holiday):
        layout.tell(key, "danger", name=problem.name, day=layout.day_name(problem.day))
    else:
        layout.tell(key, "danger")


@bp.post("/events/<int:event_id>/copy")
@layout.needs("events")
def copy_event(event_id: int) -> Response:
    """The same next week, and there at once."""

    def work(tx: Tx) -> int:
        event_of(tx, event_id)
        made = events.copy(tx, event_id, now=lang.now_ms())
        noted(tx, "event_copy", made)
        return made

    try:
        to = here().db.again(work)
        layout.tell("event_copied")
    except tuple(PROBLEMS) as problem:
        refused(problem)
        to = event_id
    return layout.see("staff.event", event_id=to)


@bp.post("/events/<int:event_id>/<any(close, reopen):what>")
@layout.needs("events")
def close_event(event_id: int, what: str) -> Response:
    change = events.close if what == "close" else events.reopen

    def work(tx: Tx) -> bool:
        event_of(tx, event_id)
        done = change(tx, event_id)
        if done:
            noted(tx, f"event_{what}", event_id)
        return done

    if not here().db.again(work):  # the page was an old one: it says now what is
        layout.tell("event_as_before", "warning")
    elif what == "close":
        layout.tell("event_closed")
    else:
        layout.tell("event_reopened")
    return layout.see("staff.event", event_id=event_id)
