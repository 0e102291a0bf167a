"""Events of every kind: the list, one event with its slots and people, and changing
them by hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.calendar import events
from db.calendar.plans import SWAP_DAY, first_day_back
from db.models.states import EventKind, Service
from db.places import schemes
from db.register import schools as registered
from db.reports import events as shown
from db.reports import invitations, places, rounds, sessions_held
from db.reports import today as lists
from db.store.engine import Tx, from_ms
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from gateway.staff.today import gone_since
from menus import days
from menus.port import BY_INVITATION, AlreadyBooked


class Choice(NamedTuple):
    """A line of a list to choose from."""

    id: str
    name: str


PAGE = 20
BySlot = dict[int, list[lists.Line]]
PROBLEMS: dict[type[Exception], str] = {
    events.BadTimes: "event_bad_times",
    events.HallTaken: "event_hall_taken",
    events.ThereAlready: "event_there_already",
    events.TooLate: "event_too_late",
    events.Holiday: "event_holiday",
    AlreadyBooked: "event_kind_taken",
    events.LeadsAway: "info_link",
    events.AsksForSecret: "info_secret",
}


@bp.get("/events/")
@layout.needs("desk")
def event_list() -> layout.Page:
    """Those to come, or those that are over; of a kind, of a hamlet's halls; twenty a
    page.
    """
    now = lang.now_ms()
    place = layout.a_place()
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, layout.commune_id())
        wanted = _wanted(hamlets, iso_day_at(now))
        found = shown.page(tx, wanted, place=place, size=PAGE, now=now)
    return layout.page(
        "events",
        found=found,
        wanted=wanted,
        filters=_filters(wanted),
        hamlets=hamlets,
        kinds=choices()["kinds"],
        now=now,
    )


def _wanted(hamlets: Collection[places.Named], today: str) -> shown.Listing:
    hamlet_id = layout.a_number("hamlet")
    known = [row.id for row in hamlets]
    return shown.Listing(
        layout.commune_id(),
        today,
        past=bool(request.args.get("past")),
        kind=_kind_asked(),
        hamlet_id=hamlet_id if hamlet_id in known else None,
    )


def _kind_asked() -> str:
    """The kind of the address; empty where it is none."""
    kind = layout.a_line("kind", 10)
    return kind if kind in list(EventKind) else ""


def _filters(wanted: shown.Listing) -> dict[str, Any]:
    """As they stand in an address, beside the place where a page begins."""
    filters: dict[str, Any] = {}
    if wanted.past:
        filters["past"] = 1
    if wanted.kind:
        filters["kind"] = wanted.kind
    if wanted.hamlet_id:
        filters["hamlet"] = wanted.hamlet_id
    return filters


@bp.get("/events/new")
@layout.needs("events")
def event_form() -> layout.Page:
    filled = {
        "first": "08:00",
        "last": "11:00",
        "minutes": "30",
        "counters": "1",
        "places": "6",
        "kind": _kind_asked() or EventKind.SWAP,
    }
    return _new_form(filled, [], 200)


def _refilled_form() -> layout.Page:
    """The form of a new event as it was sent."""
    filled = dict(request.form)
    services = request.form.getlist("services")
    return _new_form(filled, services, 400)


def _new_form(
    filled: dict[str, Any], services: Collection[str], status: int
) -> layout.Page:
    with here().db.connection() as tx:
        halls = places.halls_of(tx, layout.commune_id())
        schools = registered.all_of(tx, layout.commune_id())
    return layout.page(
        "event_new",
        status,
        halls=halls,
        schools=schools,
        filled=filled,
        services=services,
        earliest=first_day_back(lang.now_ms()),
        **choices(),
    )


def choices() -> dict[str, Any]:
    """What the forms of an event offer to choose from, in the clerk's language."""
    kinds = []
    for kind in EventKind:
        name = layout.say(f"event_kind_{kind}")
        kinds.append(Choice(kind, name))
    return {
        "kinds": kinds,
        "all_services": list(Service),
        "bring_most": events.BRING_MOST,
    }


def about_it() -> events.About | None:
    """What the form says of the event; None where it says nothing. A word that no list
    offers was not chosen by hand: 400.
    """
    kind = layout.a_line("kind", 10)
    if not kind:
        return None
    services = tuple(request.form.getlist("services"))
    unknown_services = set(services) - set(Service)
    if unknown_services or kind not in list(EventKind):
        abort(400)
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
    offered = registered.all_of(tx, layout.commune_id())
    if about.school_id not in [school.id for school in offered]:
        abort(400)


@bp.post("/events/new")
@layout.needs("events")
def create_event() -> layout.Page | Response:
    plan = _typed_plan()
    commune_id = layout.commune_id()
    wrong = plan.problems(lang.now_ms())
    if not plan.hall_id:
        wrong.insert(0, "hall")
    if wrong:
        for field in wrong:
            layout.tell(f"event_bad_{field}", "danger")
        return _refilled_form()

    def work(tx: Tx) -> int:
        programme = places.programme_of(tx, commune_id)
        if programme is None:
            abort(400)
        refuse_unknown_school(tx, plan.about)
        now = lang.now_ms()
        made = events.create(
            tx, plan, commune_id=commune_id, programme_id=programme.id, now=now
        )
        noted(tx, "event_held" if plan.was_held(now) else "event_new", made)
        return made

    try:
        made = here().db.again(work)
    except tuple(PROBLEMS) as problem:
        refused(problem)
        return _refilled_form()
    is_over = plan.was_held(lang.now_ms())
    layout.tell("event_held_created" if is_over else "event_created")
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
    commune_id = layout.commune_id()
    with here().db.connection() as tx:
        found = event_of(tx, event_id)
        booked = lists.of_event(tx, event_id=event_id, hamlet_id=layout.scope())
        told = shown.told(tx, event_id)
        values: dict[str, Any] = {
            "slots": shown.slots_of(tx, event_id, now=now),
            "queue": shown.queue(tx, event_id, now=now),
            "unanswered": lists.unanswered(tx, commune_id=commune_id, day=found.day),
            "halls": places.halls_of(tx, commune_id),
            "services": shown.services_of(tx, event_id),
            "schools": registered.all_of(tx, commune_id),
            "total": sessions_held.total(tx, event_id),
            "round": rounds.tally(tx, event_id),
            "invited": _invited(tx, found),
            "letters": invitations.letters(tx, event_id),
            "scheme": schemes.told(tx, commune_id, iso_day_at(now)),
        }
    by_slot, gone = _by_slot(found, booked, told)
    to_move = [line for line in booked if line.to_move and line.starts_at > now]
    return layout.page(
        "event",
        event=found,
        by_slot=by_slot,
        gone=gone,
        scope=layout.scope(),
        told=told,
        outcomes=_outcomes(by_slot, told),
        too_many=len(to_move),
        first=_minute(found.starts_at),
        last=_minute(found.ends_at),
        by_invitation=found.kind == BY_INVITATION,
        guests=invitations.tally(values["invited"]),
        on_its_day=found.day <= iso_day_at(now) and found.state != "cancelled",
        now=now,
        **values,
        **choices(),
    )


def _invited(tx: Tx, event: shown.Event) -> list[invitations.Invited]:
    """Of a session by invitation. A text about any other may have gone to everybody."""
    if event.kind != BY_INVITATION:
        return []
    return invitations.invited(tx, event.id)


def _by_slot(
    event: shown.Event, booked: list[lists.Line], told: Mapping[int, str]
) -> tuple[BySlot, BySlot]:
    """Who is on the list of each slot, and who gave their place back lately."""
    listed: BySlot = defaultdict(list)
    gone: BySlot = defaultdict(list)
    for line in booked:
        is_listed = line.status != "cancelled" or line.id in told
        if is_listed:
            listed[line.slot_id].append(line)
        elif event.state != "cancelled" and _given_back(line):
            gone[line.slot_id].append(line)
    return listed, gone


def _outcomes(by_slot: BySlot, told: Mapping[int, str]) -> Counter[str]:
    """How many of those on the lists were told each thing."""
    counted: Counter[str] = Counter()
    for lines in by_slot.values():
        outcomes = [told[line.id] for line in lines if line.id in told]
        counted.update(outcomes)
    return counted


def _minute(at: int | None) -> str:
    """A moment (UTC ms) as a form's field wants it: `08:00`; empty where there is none."""
    if at is None:
        return ""
    moment = days.local(from_ms(at))
    return moment.strftime("%H:%M")


def _given_back(line: lists.Line) -> bool:
    """By themselves, and lately; a walk-in who was a slip never had a place."""
    if line.reason or not line.places:
        return False
    ended_at = line.ended_at or 0
    return ended_at >= gone_since()


def event_of(tx: Tx, event_id: int) -> shown.Event:
    now = lang.now_ms()
    found = shown.event(tx, event_id, commune_id=layout.commune_id(), now=now)
    if found is None or layout.school_scope() not in (None, found.school_id):
        abort(404)
    return found


def noted(tx: Tx, action: str, event_id: int) -> None:
    layout.note_act(tx, action, detail=f"event {event_id}")


def refused(problem: Exception) -> None:
    """Why nothing was changed, on top of the next page."""
    key = PROBLEMS[type(problem)]
    values = {}
    if isinstance(problem, events.Holiday):
        values = {"name": problem.name, "day": layout.day_name(problem.day)}
    layout.tell(key, "danger", **values)


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

    done = here().db.again(work)
    if not done:  # the page was an old one: it says now what is
        layout.tell("event_as_before", "warning")
    elif what == "close":
        layout.tell("event_closed")
    else:
        layout.tell("event_reopened")
    return layout.see("staff.event", event_id=event_id)


@bp.post("/events/<int:event_id>/announce")
@layout.needs("events")
def announce_event(event_id: int) -> Response:
    """A round that only staff knew of: residents hear of it, by number and by HOP."""

    def work(tx: Tx) -> bool:
        event_of(tx, event_id)
        done = events.announce(tx, event_id, now=lang.now_ms())
        if done:
            noted(tx, "event_announce", event_id)
        return done

    if here().db.again(work):
        layout.tell("event_announced")
    else:
        layout.tell("event_as_before", "warning")
    return layout.see("staff.event", event_id=event_id)
