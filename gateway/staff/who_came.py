"""Who came to an event: a known person with one tap, all others as a number; each can be put right.

Whoever may find people finds them here too. The others who run sessions (agents, the Youth Union, a hamlet's digital
team) are named only who is booked there or whose whole number they know, and see of the list what they noted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import BookingState
from db.reports import events, people, places, sessions_held
from db.reports import today as lists
from db.seats import seating, who_came
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.events import event_of
from gateway.staff.gate import bp
from gateway.staff.people import search
from gateway.staff.today import log_tapped, matches, taps
from menus.hearing import fold
from menus.numbers import NotAMobile, mobile


class Asks(NamedTuple):
    """A change of somebody else's head count, before it is made."""

    count_id: int
    was: int
    by: str
    number: int
    form_key: str


@bp.get("/events/<int:event_id>/came")
@layout.needs("heads")
def attendance(event_id: int) -> layout.Page:
    return _page(event_id, 200)


def _page(event_id: int, status: int, asks: Asks | None = None) -> layout.Page:
    now = lang.now_ms()
    asked = layout.a_line("q", 60)
    with here().db.connection() as tx:
        event = event_of(tx, event_id)
        found = _found(tx, event, asked)
        came = sessions_held.came(tx, event_id)
        values = {
            "counts": sessions_held.heads(tx, event_id),
            "total": sessions_held.total(tx, event_id),
            "taps": _taps(tx),
            "done": sessions_held.done(tx, event_id),
            "hamlets": layout.hamlets(tx),
        }
    own = [line for line in came if _is_shown(line)]
    return layout.page(
        "who_came",
        status,
        event=event,
        q=asked,
        found=found,
        here=[line.person_id for line in came],
        came=own,
        others=len(came) - len(own),
        typed=request.form,
        asks=asks,
        scope=layout.scope(),
        key=layout.form_key(),
        most=who_came.HEADS_MOST,
        begun=event.day <= lang.today(now) and event.state != "cancelled",
        **values,
    )


def _taps(tx: Tx) -> list[places.Indicator]:
    """What can be ticked off for somebody who came, or for their household."""
    commune_id = layout.staff().commune_id
    return taps(tx, commune_id, "person") + taps(tx, commune_id, "household")


def _is_shown(line: sessions_held.Came) -> bool:
    """Whoever may not look people up sees whom they noted themselves: a slip is theirs to take off."""
    if layout.may("people"):
        return layout.sees_hamlet(line.hamlet_id)
    return line.staff_id == layout.staff().id


def _found(tx: Tx, event: events.Event, asked: str) -> list[people.Person]:
    """Who may be meant, and may be named here."""
    if not asked:
        return []
    if layout.may("people"):
        return _neighbours_first(tx, asked, event.hamlet_id)
    if layout.may("sessions"):
        return _named_there(tx, event, asked)
    return []


def _named_there(tx: Tx, event: events.Event, asked: str) -> list[people.Person]:
    """Who is booked there, by name, code or the end of the number; else whoever has this whole number."""
    commune_id = layout.staff().commune_id
    met: dict[int, people.Person] = {}
    for line in lists.of_event(tx, event_id=event.id, hamlet_id=_bound_there(event)):
        booked = None
        if line.status != BookingState.CANCELLED and matches(line, asked):
            booked = people.person(tx, line.person_id, commune_id)
        if booked is not None:
            met[booked.id] = booked
    for owner in _of_number(tx, asked):
        if _bound_there(event) in (None, owner.hamlet_id):
            met[owner.id] = owner
    return list(met.values())


def _of_number(tx: Tx, asked: str) -> list[people.Person]:
    """Whoever has the whole number that was typed."""
    try:
        phone = mobile(asked)
    except NotAMobile:
        return []
    commune_id = layout.staff().commune_id
    return people.find(
        tx, commune_id=commune_id, hamlet_id=None, folded="", digits="", phone=phone
    )


def _bound_there(event: events.Event) -> int | None:
    """The hamlet whose people one may meet at this event; None where it is the own hall, or any hamlet's may come."""
    own = layout.scope()
    return None if event.hamlet_id == own else own


def _in_reach(tx: Tx, event: events.Event, person_id: int) -> people.Person:
    """Somebody whom this member of staff may note here; 404 otherwise, which tells nobody that they exist."""
    if layout.may("people"):
        return layout.person_in_reach(tx, person_id)
    noted = sessions_held.came(tx, event.id)
    if any(line.person_id == person_id and _is_shown(line) for line in noted):
        return _person(tx, person_id)
    named = _found(tx, event, layout.a_line("q", 60))
    if person_id not in [one.id for one in named]:
        abort(404)
    return _person(tx, person_id)


def _person(tx: Tx, person_id: int) -> people.Person:
    found = people.person(tx, person_id, layout.staff().commune_id)
    if found is None:
        abort(404)
    return found


def _neighbours_first(tx: Tx, asked: str, hamlet_id: int | None) -> list[people.Person]:
    """Whole words before beginnings of words (Hà before Hải), and people of the hall's hamlet before others."""
    everywhere = search(tx, asked)
    neighbours = search(tx, asked, hamlet_id) if hamlet_id else []
    by_id = {person.id: person for person in (*neighbours, *everywhere)}
    words = set(fold(asked).split())
    marked = set(asked.lower().split())

    def order(person: people.Person) -> tuple[bool, bool, bool, str]:
        as_typed = marked <= set(person.name.lower().split())
        whole_words = words <= set(person.folded.split())
        return (
            not whole_words,
            person.hamlet_id != hamlet_id,
            not as_typed,
            person.folded,
        )

    return sorted(by_id.values(), key=order)


def _changed(event_id: int, work: Callable[[Tx, events.Event], None]) -> Response:
    """Do it in one transaction, and back to the page."""

    def act(tx: Tx) -> None:
        event = event_of(tx, event_id)
        work(tx, event)

    try:
        here().db.again(act)
    except who_came.NotHeld:
        layout.tell("came_not_held", "warning")
    except who_came.Corrected:
        layout.tell("heads_corrected_before", "warning")
    except ValueError:
        layout.tell("heads_bad_number", "danger", most=who_came.HEADS_MOST)
    except LookupError:
        abort(404)
    return layout.see("staff.attendance", event_id=event_id)


@bp.post("/events/<int:event_id>/came")
@layout.needs("sessions")
def note_came(event_id: int) -> Response:
    person_id = layout.a_number("person") or 0

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        _note(tx, event_id, person.id, person.name)

    return _changed(event_id, work)


def _note(tx: Tx, event_id: int, person_id: int, name: str) -> None:
    """Raises NotHeld."""
    now = lang.now_ms()
    staff_id = layout.staff().id
    how = who_came.came(
        tx, event_id, person_id, staff_id=staff_id, today=lang.today(now), now=now
    )
    layout.tell(f"came_{how}", name=name or layout.say("no_name"))


@bp.post("/events/<int:event_id>/came/new")
@layout.needs("sessions")
def note_new(event_id: int) -> layout.Page | Response:
    """Somebody whom no list has: at a house, in the street, at a session without times."""
    problem, guest = read_guest(None)
    if not problem and not request.form.get("agreed"):
        problem = "agreement_needed"
    if not problem:
        try:
            return _changed(event_id, lambda tx, event: _note_guest(tx, event, guest))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
    layout.tell(f"refused_{problem}", "danger")
    return _page(event_id, 400)


def _note_guest(tx: Tx, event: events.Event, guest: seating.Guest) -> None:
    """Raises NotHeld, seating.OtherName, seating.OutOfReach."""
    now = lang.now_ms()
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    who_came.lock(tx, event.id, lang.today(now))
    person_id, _ = seating.whose(tx, guest, actor(), now)
    seating.note_agreed(tx, person_id, actor(), now)
    _note(tx, event.id, person_id, guest.name)


@bp.post("/events/<int:event_id>/came/<int:person_id>/off")
@layout.needs("sessions")
def came_not(event_id: int, person_id: int) -> Response:
    staff_id = layout.staff().id

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        done = who_came.take_off(
            tx, event_id, person.id, staff_id=staff_id, now=lang.now_ms()
        )
        if done:
            name = person.name or layout.say("no_name")
            layout.tell("came_taken_off", name=name)

    return _changed(event_id, work)


@bp.post("/events/<int:event_id>/came/<int:person_id>/log")
@layout.needs("sessions")
def log_at_session(event_id: int, person_id: int) -> Response:
    """What was done for somebody who came without a booking, where it was done: at a house, in the street."""
    if not layout.may("log"):
        abort(403)

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        if person.id not in [
            line.person_id for line in sessions_held.came(tx, event_id)
        ]:
            abort(404)
        if request.form.get("subject") != "household":
            log_tapped(tx, "person", person.id)
        elif person.household_id is None:
            abort(400)
        else:
            log_tapped(tx, "household", person.household_id)

    return _changed(event_id, work)


@bp.post("/events/<int:event_id>/heads", defaults={"count_id": None})
@bp.post("/events/<int:event_id>/heads/<int:count_id>")
@layout.needs("heads")
def count_heads(event_id: int, count_id: int | None) -> Response | layout.Page:
    """So many more; or, of a count that was made, the number it should have been. Of another's one is asked first."""
    number = layout.a_number("number")
    typed = -1 if number is None else number
    form_key = layout.a_line("form_key", 40)
    if len(form_key) < 12:
        abort(400)
    staff_id = layout.staff().id
    sure = "sure" in request.form

    def work(tx: Tx, event: events.Event) -> None:
        now = lang.now_ms()
        today = lang.today(now)
        if count_id is None:
            who_came.count(
                tx,
                event_id,
                typed,
                staff_id=staff_id,
                form_key=form_key,
                today=today,
                now=now,
            )
        else:
            who_came.correct(
                tx,
                count_id,
                typed,
                event_id=event_id,
                staff_id=staff_id,
                form_key=form_key,
                now=now,
                sure=sure,
            )
        layout.tell("heads_noted")

    try:
        return _changed(event_id, work)
    except who_came.AnothersCount as theirs:
        asks = Asks(count_id or 0, theirs.number, theirs.by, typed, form_key)
        return _page(event_id, 200, asks)
