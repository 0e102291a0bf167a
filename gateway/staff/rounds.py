"""A round of visits that a work list sets out on: an event of its hamlet, with who goes
and when; its homes are ticked off on the way, and its count follows.
"""

from __future__ import annotations

from flask import abort, url_for
from werkzeug.wrappers import Response

from db.calendar import events
from db.calendar.plans import About, Plan
from db.models.states import EventKind
from db.register import rounds
from db.register.visits import RESULTS, To
from db.reports import homes as lists
from db.reports import places
from db.reports import rounds as reports
from db.reports.events import Event
from db.reports.homes import POOR, Home, Wanted
from db.seats import who_came
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, visiting, work_lists
from gateway.staff.events import PROBLEMS, event_of, noted, refused
from gateway.staff.gate import bp
from gateway.staff.who_came import has_begun, opens_at, tell_too_early

HOMES_MOST = 300  # of one round: more is no day's work


class NoHall(Exception):
    """The hamlet has no place to set out from, and the commune neither."""


class BadHours(Exception):
    """The day or the hours cannot stand; `fields` names which."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(fields)
        self.fields = fields


class NobodyThere(Exception):
    """The list is empty, is of no one hamlet, or is longer than a round."""


@bp.post("/lists/round")
@layout.needs("lists")
def start_round() -> Response:
    """To every home of the list as it stands now."""
    try:
        made = here().db.again(_start)
    except NoHall:
        layout.tell("round_no_hall", "danger")
    except NobodyThere:
        layout.tell("round_nobody", "danger", most=HOMES_MOST)
    except BadHours as wrong:
        for field in wrong.fields:
            layout.tell(f"event_bad_{field}", "danger")
    except tuple(PROBLEMS) as problem:
        refused(problem)
    else:
        layout.tell("round_made")
        return layout.see("staff.visit_round", event_id=made)
    return layout.back(url_for("staff.work_lists"))


def _start(tx: Tx) -> int:
    """The event's id. Raises NoHall, NobodyThere, BadHours, and what an event is
    refused for.
    """
    wanted = work_lists.wanted_by_form(tx)
    homes = lists.page(tx, wanted, most=HOMES_MOST + 1)
    is_of_one_hamlet = wanted.hamlet_id != work_lists.EVERYWHERE
    if not is_of_one_hamlet or not 0 < len(homes) <= HOMES_MOST:
        raise NobodyThere
    commune_id = layout.commune_id()
    programme = places.programme_of(tx, commune_id)
    if programme is None:
        raise NoHall
    plan = _plan(tx, wanted)
    wrong = plan.problems(lang.now_ms())
    if wrong:
        raise BadHours(wrong)
    if plan.was_held(lang.now_ms()):
        raise BadHours(["past"])  # its homes are still to be visited
    made = events.create(
        tx,
        plan,
        commune_id=commune_id,
        programme_id=programme.id,
        now=lang.now_ms(),
        numbered=False,
    )
    rounds.fill(tx, made, [_to(home) for home in homes])
    noted(tx, "event_new", made)
    return made


def _plan(tx: Tx, wanted: Wanted) -> Plan:
    """As the form has it. Which list it was stays unsaid where it is of poor homes."""
    about = About(
        EventKind.VISITS,
        services=(),
        run_by=layout.a_line("run_by", events.RUN_BY_MOST),
        bookable=False,
    )
    note = ""
    if wanted.kind != POOR:
        note = lang.named("vi", "list", wanted.kind)
    return Plan(
        _sets_out_from(tx, wanted.hamlet_id),
        layout.a_line("day", 10),
        layout.a_line("first", 5),
        layout.a_line("last", 5),
        minutes=0,
        places=0,
        note=note,
        about=about,
    )


def _sets_out_from(tx: Tx, hamlet_id: int) -> int:
    """The hamlet's hall, else the commune's own. Raises NoHall."""
    halls = places.halls_of(tx, layout.commune_id())
    own = [hall.id for hall in halls if hall.hamlet_id == hamlet_id]
    if not own:
        raise NoHall
    return own[0]


def _to(home: Home) -> To:
    if home.home:
        return To(household_id=home.home)
    return To(person_id=home.person)


@bp.get("/rounds/<int:event_id>")
@layout.needs("rounds")
def visit_round(event_id: int) -> layout.Page:
    """Its homes, the ones that nobody went to yet first."""
    with here().db.connection() as tx:
        event = _round(tx, event_id)
        homes = reports.homes(tx, event_id)
        members = lists.members(tx, layout.commune_id(), homes)
        tally = reports.tally(tx, event_id)
    to_visit = [home for home in homes if home.visit_id is None]
    visited = [home for home in homes if home.visit_id is not None]
    now = lang.now_ms()
    on_its_day = event.day <= lang.current_day() and event.state != "cancelled"
    return layout.page(
        "round",
        event=event,
        homes=to_visit + visited,
        members=members,
        tally=tally,
        on_its_day=on_its_day,
        is_its_time=on_its_day and has_begun(event, now),
        opens_at=opens_at(event),
        results=RESULTS,
    )


@bp.post("/rounds/<int:event_id>/visit")
@layout.needs("rounds")
def visit_on_round(event_id: int) -> Response:
    """Somebody went there on this round: one tap says what came of it."""
    home = layout.a_number("home") or 0
    person = layout.a_number("person") or 0
    anchor = f"h{home}" if home else f"p{person}"
    to = To(household_id=home) if home else To(person_id=person)

    def work(tx: Tx) -> None:
        _round(tx, event_id)
        if not rounds.goes_to(tx, event_id, to):
            abort(404)
        now = lang.now_ms()
        who_came.lock(tx, event_id, today=lang.current_day(), now=now)
        visiting.note(tx, to, event_id)

    try:
        here().db.again(work)
    except (who_came.NotHeld, who_came.NotBegun) as refusal:
        tell_too_early(refusal)
    to_round = url_for("staff.visit_round", event_id=event_id)
    return layout.back(to_round, anchor)


def _round(tx: Tx, event_id: int) -> Event:
    """404 where it is no round, or of another hamlet than the own."""
    event = event_of(tx, event_id)
    is_round = reports.tally(tx, event_id).homes > 0
    if not is_round or not layout.sees_hamlet(event.hamlet_id):
        abort(404)
    return event
