"""Who came to an event: a known person with one tap, all others as a number; each can be put right."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort
from werkzeug.wrappers import Response

from db.reports import sessions_held
from db.seats import who_came
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.events import event_of
from gateway.staff.gate import bp
from gateway.staff.people import search


@bp.get("/events/<int:event_id>/came")
@layout.needs("desk")
def attendance(event_id: int) -> layout.Page:
    return _page(event_id, 200)


def _page(event_id: int, status: int) -> layout.Page:
    now = lang.now_ms()
    asked = layout.a_line("q", 60)
    with here().db.connection() as tx:
        event = event_of(tx, event_id)
        found = search(tx, asked) if asked and layout.may("people") else []
        came = sessions_held.came(tx, event_id)
        counts = sessions_held.heads(tx, event_id)
        total = sessions_held.total(tx, event_id)
    return layout.page(
        "who_came",
        status,
        event=event,
        q=asked,
        found=found,
        came=came,
        counts=counts,
        total=total,
        scope=layout.scope(),
        key=layout.form_key(),
        most=who_came.HEADS_MOST,
        begun=event.day <= lang.today(now) and event.state != "cancelled",
    )


def _changed(event_id: int, work: Callable[[Tx], None]) -> Response:
    """Do it in one transaction, and back to the page."""

    def act(tx: Tx) -> None:
        event_of(tx, event_id)
        work(tx)

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
@layout.needs("people")
def note_came(event_id: int) -> Response:
    person_id = layout.a_number("person") or 0
    staff_id = layout.staff().id

    def work(tx: Tx) -> None:
        person = layout.person_in_reach(tx, person_id)
        now = lang.now_ms()
        today = lang.today(now)
        how = who_came.came(tx, event_id, person.id, staff_id=staff_id, today=today, now=now)
        name = person.name or layout.say("no_name")
        layout.tell(f"came_{how}", name=name)

    return _changed(event_id, work)


@bp.post("/events/<int:event_id>/came/<int:person_id>/off")
@layout.needs("people")
def came_not(event_id: int, person_id: int) -> Response:
    staff_id = layout.staff().id

    def work(tx: Tx) -> None:
        person = layout.person_in_reach(tx, person_id)
        done = who_came.take_off(tx, event_id, person.id, staff_id=staff_id, now=lang.now_ms())
        if done:
            name = person.name or layout.say("no_name")
            layout.tell("came_taken_off", name=name)

    return _changed(event_id, work)


@bp.post("/events/<int:event_id>/heads", defaults={"count_id": None})
@bp.post("/events/<int:event_id>/heads/<int:count_id>")
@layout.needs("desk")
def count_heads(event_id: int, count_id: int | None) -> Response:
    """So many more; or, of a count that was made, the number it should have been."""
    number = layout.a_number("number")
    typed = -1 if number is None else number
    form_key = layout.a_line("form_key", 40)
    if len(form_key) < 12:
        abort(400)
    staff_id = layout.staff().id

    def work(tx: Tx) -> None:
        now = lang.now_ms()
        today = lang.today(now)
        if count_id is None:
            who_came.count(tx, event_id, typed, staff_id=staff_id, form_key=form_key, today=today, now=now)
        else:
            who_came.correct(tx, count_id, typed, event_id=event_id, staff_id=staff_id, form_key=form_key, now=now)
        layout.tell("heads_noted")

    return _changed(event_id, work)
