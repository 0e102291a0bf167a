"""Who came to an event: a known person with one tap, all others as a number; each can
be put right.

Whoever may find people finds them here too. The others who run sessions (agents, the
Youth Union, a hamlet's digital team) are named only who is booked there or whose whole
number they know, and see of the list what they noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import BookingState
from db.progress import conversions
from db.register import schools
from db.reports import beside, events, people, sessions_held
from db.reports import today as lists
from db.seats import seating, who_came
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.texts import wishes
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, namesakes
from gateway.staff.booking import REFUSED, actor, why_not
from gateway.staff.events import event_of
from gateway.staff.gate import bp
from gateway.staff.moving_in import Unfit
from gateway.staff.namesakes import MaybeKnown
from gateway.staff.people import search
from gateway.staff.ticking import home_taps, log_for, taps
from gateway.staff.today import matches
from gateway.staff.walk_in import read_agreed_guest
from menus.hearing import fold
from menus.numbers import NotAMobile, mobile


class Asks(NamedTuple):
    """A change of somebody else's head count, before it is made."""

    count_id: int
    was: int
    by: str
    number: int


@bp.get("/events/<int:event_id>/came")
@layout.needs("heads")
def attendance(event_id: int) -> layout.Page:
    return _page(event_id, 200)


def _page(
    event_id: int,
    status: int,
    asks: Asks | None = None,
    maybe: Sequence[people.Person] = (),
) -> layout.Page:
    now = lang.now_ms()
    asked = layout.a_line("q", 60)
    with here().db.connection() as tx:
        event = event_of(tx, event_id)
        found = _found(tx, event, asked)
        came = sessions_held.came(tx, event_id)
        ticked = conversions.ticked_at(tx, event_id)
        commune_id = layout.commune_id()
        values = {
            "counts": sessions_held.heads(tx, event_id),
            "total": sessions_held.total(tx, event_id),
            "taps": taps(tx, commune_id, "person"),
            "house_taps": taps(tx, commune_id, "household"),
            "served": beside.served(tx, [event_id])[event_id],
            "beside": beside.of_people(tx, [line.person_id for line in came]),
            "done": sessions_held.done(tx, event_id),
            "ticked": Counter(row.person_id for row in ticked),
            "hamlets": layout.hamlets(tx),
            "classes": _classes(tx, event),
        }
    own = [line for line in came if _is_shown(line)]
    is_its_day = event.day <= iso_day_at(now)
    is_held = event.state != "cancelled"
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
        namesakes=maybe,
        home_taps=home_taps,
        scope=layout.scope(),
        most=who_came.HEADS_MOST,
        on_its_day=is_its_day and is_held,
        counts_here=_counts_here(event),
        begun=is_its_day and is_held and has_begun(event, now),
        opens_at=opens_at(event),
        **values,
    )


def opens_at(event: events.Event) -> int | None:
    """When the first may be noted there (UTC ms); None while it has no times."""
    if event.starts_at is None:
        return None
    return who_came.opens_at(event.starts_at)


def has_begun(event: events.Event, now: int) -> bool:
    """Whether the first may have come by now (UTC ms)."""
    first = opens_at(event)
    return first is None or first <= now


def _counts_here(event: events.Event) -> bool:
    """Whether heads are theirs to count: who is bound to a hamlet counts at its halls
    and at the commune's own.
    """
    return event.hamlet_id is None or layout.sees_hamlet(event.hamlet_id)


def _classes(tx: Tx, event: events.Event) -> list[schools.Class]:
    """Of the school at whose gate it is."""
    if event.school_id is None:
        return []
    return schools.classes_of(tx, event.school_id)


def _class_id(tx: Tx, event: events.Event) -> int | None:
    """The class that the form names; 400 where the school has none such."""
    chosen = layout.a_number("class")
    if chosen is None:
        return None
    if chosen not in [one.id for one in _classes(tx, event)]:
        abort(400)
    return chosen


def _is_shown(line: sessions_held.Came) -> bool:
    """Whoever may not look people up sees whom they noted themselves: a slip is theirs
    to take off.
    """
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
    """Who is booked there, by name, code or the end of the number; else whoever has
    this whole number.
    """
    hamlet_id = _bound_there(event)
    met = {}
    for booked in _booked_there(tx, event.id, hamlet_id, asked):
        met[booked.id] = booked
    for owner in _of_number(tx, asked):
        if hamlet_id in (None, owner.hamlet_id):
            met[owner.id] = owner
    return list(met.values())


def _booked_there(
    tx: Tx, event_id: int, hamlet_id: int | None, asked: str
) -> list[people.Person]:
    """Of those booked there whom the words may mean."""
    commune_id = layout.staff().commune_id
    booked = []
    for line in lists.of_event(tx, event_id=event_id, hamlet_id=hamlet_id):
        if line.status == BookingState.CANCELLED or not matches(line, asked):
            continue
        person = people.person(tx, line.person_id, commune_id)
        if person is not None:
            booked.append(person)
    return booked


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
    """The hamlet whose people one may meet at this event; None where it is the own
    hall, or any hamlet's may come.
    """
    own = layout.scope()
    if event.hamlet_id == own:
        return None
    return own


def _in_reach(tx: Tx, event: events.Event, person_id: int) -> people.Person:
    """Somebody whom this member of staff may note here; 404 otherwise, which tells
    nobody that they exist.
    """
    if layout.may("people"):
        return layout.person_in_reach(tx, person_id)
    came = sessions_held.came(tx, event.id)
    shown = [line.person_id for line in came if _is_shown(line)]
    if person_id in shown:
        return _person(tx, person_id)
    asked = layout.a_line("q", 60)
    named = [one.id for one in _found(tx, event, asked)]
    if person_id not in named:
        abort(404)
    return _person(tx, person_id)


def _person(tx: Tx, person_id: int) -> people.Person:
    commune_id = layout.staff().commune_id
    found = people.person(tx, person_id, commune_id)
    if found is None:
        abort(404)
    return found


def _neighbours_first(tx: Tx, asked: str, hamlet_id: int | None) -> list[people.Person]:
    """Whole words before beginnings of words (Hà before Hải), and people of the hall's
    hamlet before others.
    """
    everywhere = search(tx, asked)  # of a common name, not all whom the commune has
    neighbours = search(tx, asked, hamlet_id) if hamlet_id else []
    by_id = {person.id: person for person in neighbours + everywhere}
    folded_words = set(fold(asked).split())
    typed_words = set(asked.lower().split())

    def order(person: people.Person) -> tuple[bool, bool, bool, str]:
        own_folded_words = person.folded.split()
        own_words = person.name.lower().split()
        has_whole_words = folded_words.issubset(own_folded_words)
        lives_there = person.hamlet_id == hamlet_id
        is_as_typed = typed_words.issubset(own_words)
        return not has_whole_words, not lives_there, not is_as_typed, person.folded

    return sorted(by_id.values(), key=order)


def _changed(event_id: int, work: Callable[[Tx, events.Event], None]) -> Response:
    """Do it in one transaction, and back to the page."""

    def act(tx: Tx) -> None:
        event = event_of(tx, event_id)
        work(tx, event)

    try:
        here().db.again(act)
    except (who_came.NotHeld, who_came.NotBegun) as refusal:
        tell_too_early(refusal)
    except Unfit as unfit:
        layout.tell(unfit.key, "danger")
    except who_came.Corrected:
        layout.tell("heads_corrected_before", "warning")
    except ValueError:
        layout.tell("heads_bad_number", "danger", most=who_came.HEADS_MOST)
    except LookupError:
        abort(404)
    return layout.see("staff.attendance", event_id=event_id)


def tell_too_early(refusal: who_came.NotHeld | who_came.NotBegun) -> None:
    """Why nothing could be noted there, on top of the next page."""
    if isinstance(refusal, who_came.NotBegun):
        opens = lang.clock(refusal.opens_at)
        layout.tell("came_not_begun", "warning", time=opens)
    else:
        layout.tell("came_not_held", "warning")


@bp.post("/events/<int:event_id>/came")
@layout.needs("sessions")
def note_came(event_id: int) -> Response:
    person_id = layout.a_number("person") or 0

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        _note(tx, event_id, person.id, person.name)

    return _changed(event_id, work)


def _note(tx: Tx, event_id: int, person_id: int, name: str) -> None:
    """Raises NotHeld, NotBegun."""
    now = lang.now_ms()
    today = iso_day_at(now)
    staff_id = layout.staff().id
    how = who_came.came(
        tx, event_id, person_id, staff_id=staff_id, today=today, now=now
    )
    layout.tell(f"came_{how}", name=name or layout.say("no_name"))


@bp.post("/events/<int:event_id>/came/new")
@layout.needs("sessions")
def note_new(event_id: int) -> layout.Page | Response:
    """Somebody whom no list has: at a house, in the street, at a session without times."""
    problem, guest = read_agreed_guest()
    if not problem:
        try:
            return _changed(event_id, lambda tx, event: _note_guest(tx, event, guest))
        except MaybeKnown as asks:
            return _page(event_id, 200, maybe=asks.namesakes)
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
    layout.tell(f"refused_{problem}", "danger")
    return _page(event_id, 400)


def _note_guest(tx: Tx, event: events.Event, guest: seating.Guest) -> None:
    """Raises NotHeld, NotBegun, MaybeKnown, seating.OtherName, seating.OutOfReach."""
    now = lang.now_ms()
    today = iso_day_at(now)
    by = actor()
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    who_came.lock(tx, event.id, today=today, now=now)
    known = namesakes.chosen(tx, guest, _may_be_named(tx, event, guest.name))
    person_id, _ = seating.whose(tx, guest, by, now, known)
    if not wishes.agrees(tx, person_id, "booking"):
        seating.note_agreed(tx, person_id, by, now)
    _note(tx, event.id, person_id, guest.name)


def _may_be_named(tx: Tx, event: events.Event, name: str) -> list[int]:
    """Whom the page names to somebody who may not look people up."""
    came = sessions_held.came(tx, event.id)
    noted = [line.person_id for line in came if _is_shown(line)]
    booked = _booked_there(tx, event.id, _bound_there(event), name)
    return noted + [person.id for person in booked]


@bp.post("/events/<int:event_id>/came/<int:person_id>/off")
@layout.needs("sessions")
def came_not(event_id: int, person_id: int) -> Response:
    staff_id = layout.staff().id

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        now = lang.now_ms()
        taken_back = _take_back(tx, event_id, person.id, now)
        done = who_came.take_off(tx, event_id, person.id, staff_id=staff_id, now=now)
        if not done:
            return
        name = person.name or layout.say("no_name")
        layout.tell("came_taken_off", name=name)
        if taken_back:
            layout.tell("came_ticks_off", what=", ".join(taken_back))

    return _changed(event_id, work)


def _take_back(tx: Tx, event_id: int, person_id: int, now: int) -> list[str]:
    """What was ticked beside their name there, whoever ticked it, as it is called."""
    keys = conversions.undo_beside(
        tx,
        event_id,
        person_id,
        at=now,
        staff_id=layout.staff().id,
        reason=layout.say("came_off_reason"),
    )
    for key in keys:
        layout.note_act(tx, "undo", person_id=person_id, detail=key)
    return [lang.named(layout.language(), "do", key) for key in keys]


@bp.post("/events/<int:event_id>/came/<int:person_id>/log")
@layout.needs("sessions")
def log_at_session(event_id: int, person_id: int) -> Response:
    """What was done for somebody who came without a booking, where it was done: at a
    house, in the street.
    """
    if not layout.may("log"):
        abort(403)

    def work(tx: Tx, event: events.Event) -> None:
        person = _in_reach(tx, event, person_id)
        came = [line.person_id for line in sessions_held.came(tx, event_id)]
        if person.id not in came:
            abort(404)
        log_for(tx, person, event_id=event_id)

    return _changed(event_id, work)


@bp.post("/events/<int:event_id>/heads", defaults={"count_id": None})
@bp.post("/events/<int:event_id>/heads/<int:count_id>")
@layout.needs("heads")
def count_heads(event_id: int, count_id: int | None) -> Response | layout.Page:
    """So many more; or, of a count that was made, the number it should have been. Of
    another's one is asked first.
    """
    number = layout.a_number("number")
    typed = -1 if number is None else number
    staff_id = layout.staff().id
    sure = "sure" in request.form

    def work(tx: Tx, event: events.Event) -> None:
        if not _counts_here(event):
            abort(403)
        now = lang.now_ms()
        today = iso_day_at(now)
        if count_id is None:
            who_came.count(
                tx,
                event_id,
                typed,
                staff_id=staff_id,
                form_key=layout.form_key(),
                today=today,
                now=now,
                class_id=_class_id(tx, event),
            )
        else:
            who_came.correct(
                tx,
                count_id,
                typed,
                event_id=event_id,
                staff_id=staff_id,
                form_key=layout.form_key(),
                now=now,
                sure=sure,
            )
        layout.tell("heads_noted")

    try:
        return _changed(event_id, work)
    except who_came.AnothersCount as theirs:
        asks = Asks(count_id or 0, theirs.number, theirs.by, typed)
        return _page(event_id, 200, asks)
