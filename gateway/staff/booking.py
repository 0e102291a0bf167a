"""Booking for a resident who cannot: at the desk, from the paper list; changing the
time, cancelling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.notices import also_told
from db.reports import events, people, places
from db.reports import today as lists
from db.seats import bookings, seating, walk_ins
from db.store.engine import Tx
from db.texts import outbox
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, namesakes, reaching
from gateway.staff.gate import bp
from gateway.staff.namesakes import MaybeKnown
from gateway.staff.reaching import Way
from menus.hearing import fold
from menus.notices import Kind
from menus.numbers import NotAMobile, mobile
from menus.port import AlreadyBooked, NoSuchBooking, SlotTaken

AHEAD_MS = 60 * 24 * 3600 * 1000
LONGEST_LIST = 200
Outcomes = Sequence[seating.LineOutcome]
REFUSED: dict[type[Exception], str] = {
    SlotTaken: "slot_taken",
    AlreadyBooked: "already_booked",
    seating.OtherName: "other_name",
    seating.OutOfReach: "out_of_reach",
    walk_ins.NoEvent: "no_event_today",
}


def free_slots(tx: Tx, now: int) -> list[events.Free]:
    """Free seats of the next sixty days; a hamlet head's own hall first within a day."""
    until = now + AHEAD_MS
    slots = events.free(tx, commune_id=layout.commune_id(), now=now, until=until)
    own = layout.staff().hamlet_id
    if own:
        slots.sort(key=lambda slot: (slot.day, slot.hamlet_id != own))
    return slots


@bp.get("/book")
@layout.needs("book")
def book_form() -> layout.Page:
    return _form({}, 200)


def _form(
    filled: Mapping[str, object], status: int, maybe: Sequence[people.Person] = ()
) -> layout.Page:
    person_id = layout.a_number("person")
    event_id = layout.a_number("event")
    now = lang.now_ms()
    person = None
    with here().db.connection() as tx:
        if person_id:
            person = layout.person_in_reach(tx, person_id)
        hamlets = layout.hamlets(tx)
        slots = free_slots(tx, now)
        way = _way(tx, person.phone if person else None)
    slots.sort(key=lambda slot: slot.event_id != event_id)
    return layout.page(
        "book",
        status,
        person=person,
        hamlets=hamlets,
        slots=slots,
        filled=filled,
        way=way,
        namesakes=maybe,
    )


def _way(tx: Tx, phone: str | None) -> Way:
    """How the confirmation of what a clerk books reaches them."""
    return reaching.way_to(tx, phone, "booked", "notice")


@bp.post("/book")
@layout.needs("book")
def book() -> layout.Page | Response:
    slot_id = layout.a_number("slot")
    person_id = layout.a_number("person")
    problem, guest = read_guest(person_id)
    if problem:
        return _not_booked(problem)
    if slot_id is None:
        return _not_booked("time_needed")
    if not request.form.get("agreed"):
        return _not_booked("agreement_needed")
    try:
        line = here().db.again(lambda tx: _seat(tx, guest, slot_id, person_id))
    except MaybeKnown as asks:
        return _form(dict(request.form), 200, asks.namesakes)
    except tuple(REFUSED) as refusal:
        problem = why_not(refusal)
        return _not_booked(problem)
    return _booked(line)


def _not_booked(problem: str) -> layout.Page:
    """The form once more, as it was filled in, and why on top of it."""
    layout.tell(f"refused_{problem}", "danger")
    filled = dict(request.form)
    overtaken = problem in ("slot_taken", "already_booked")
    return _form(filled, 409 if overtaken else 400)


def why_not(refusal: Exception) -> str:
    """The word for it; who reached beyond their own hamlet is written down."""
    if isinstance(refusal, seating.OutOfReach):
        owner = refusal.person_id
        by = actor()
        now = lang.now_ms()
        layout.aside(lambda tx: seating.note_refusal(tx, by, owner, now))
    return REFUSED[type(refusal)]


def read_guest(person_id: int | None) -> tuple[str, seating.Guest]:
    """What the form says, and the first thing wrong with it."""
    name = layout.a_line("name", 80)
    written = layout.a_line("phone", 30)
    phone = ""
    problem = ""
    try:
        if written:
            phone = mobile(written)
    except NotAMobile:
        problem = "not_a_mobile"
    if person_id is None and not name:
        problem = "no_name"
    hamlet_id = layout.chosen_hamlet()
    borrowed = bool(request.form.get("borrowed") and phone)
    may_move = bool(request.form.get("may_move"))
    is_another = "another" in request.form
    guest = seating.Guest(name, phone, hamlet_id, borrowed, may_move, is_another)
    return problem, guest


def _seat(
    tx: Tx, guest: seating.Guest, slot_id: int, person_id: int | None
) -> lists.Line:
    now = lang.now_ms()
    if person_id is not None:
        layout.person_in_reach(tx, person_id)
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    _refuse_taken(tx, slot_id, now)
    if person_id is None:
        person_id = namesakes.chosen(tx, guest)
    if person_id is not None:
        guest = replace(guest, phone="")  # theirs is known; another would get the text
    booked = seating.seat(
        tx, guest, slot_id=slot_id, actor=actor(), now=now, person_id=person_id
    )
    line = lists.booking(tx, booked.id, layout.commune_id())
    assert line is not None  # it was just written
    return line


def _refuse_taken(tx: Tx, slot_id: int, now: int) -> None:
    """Raises SlotTaken where no free seat that we show is in this slot."""
    free = [slot.id for slot in free_slots(tx, now)]
    if slot_id not in free:
        raise SlotTaken


def actor() -> seating.Actor:
    staff = layout.staff()
    return seating.Actor(
        staff.commune_id,
        staff.id,
        layout.scope(),
        answer=f"ticked by {staff.username}",
        privacy_key=here().settings.privacy_key,
    )


def _booked(line: lists.Line) -> Response:
    name = _name_said(line)
    when = layout.stamp(line.starts_at)
    layout.tell("booked", name=name, when=when, hall=line.hall, code=line.code)
    with here().db.connection() as tx:
        told = lists.to_tell(tx, line.id)
        way = _way(tx, told.phone if told else None)
    if way.stopped:
        layout.tell("book_stopped", "warning")
    return layout.see("staff.today", day=line.day, _anchor=f"b{line.id}")


def _name_said(line: lists.Line) -> str:
    return line.name or layout.say("no_name")


@bp.post("/bookings/<int:booking_id>/cancel")
@layout.needs("book")
def cancel_booking(booking_id: int) -> Response:
    staff_id = layout.staff().id

    def work(tx: Tx) -> lists.Line:
        line = _line_in_reach(tx, booking_id)
        now = lang.now_ms()
        bookings.cancel(tx, booking_id=booking_id, now=now, staff_id=staff_id)
        layout.note_act(tx, "cancel", person_id=line.person_id)
        _text(tx, "desk_cancelled", line, now)
        return line

    return _change(work, "booking_cancelled")


def _line_in_reach(tx: Tx, booking_id: int) -> lists.Line:
    line = lists.booking(tx, booking_id, layout.commune_id())
    return layout.in_reach(line)


@bp.post("/bookings/<int:booking_id>/move")
@layout.needs("book")
def move_booking(booking_id: int) -> Response:
    slot_id = layout.a_number("slot")
    staff_id = layout.staff().id

    def work(tx: Tx) -> lists.Line:
        line = _line_in_reach(tx, booking_id)
        now = lang.now_ms()
        if slot_id is None:
            raise SlotTaken
        _refuse_taken(tx, slot_id, now)
        bookings.move(
            tx,
            booking_id=booking_id,
            slot_id=slot_id,
            now=now,
            staff_id=staff_id,
            alone=True,
        )
        layout.note_act(tx, "move", person_id=line.person_id)
        _text(tx, "desk_moved", line, now)
        return line

    return _change(work, "booking_moved")


def _change(work: Callable[[Tx], lists.Line], told: str) -> Response:
    to = url_for("staff.today")
    try:
        line = here().db.again(work)
    except NoSuchBooking:
        layout.tell("booking_gone", "warning")
        return layout.back(to)
    except SlotTaken:
        layout.tell("refused_slot_taken", "danger")
        return layout.back(to)
    except AlreadyBooked:
        layout.tell("refused_already_booked", "danger")
        return layout.back(to)
    name = _name_said(line)
    layout.tell(told, name=name)
    to = url_for("staff.person", person_id=line.person_id)
    return layout.back(to)


def _text(tx: Tx, kind: Kind, line: lists.Line, now: int) -> None:
    """To the phone that booked, if there is one."""
    commune_id = layout.commune_id()
    told = lists.to_tell(tx, line.id)
    phone = ""
    if told is not None:
        phone = told.phone or ""
    also_told.tell(tx, kind, [line.id], but=phone, commune_id=commune_id, now=now)
    if told is None or not phone:
        return
    outbox.post(
        tx,
        kind=kind,
        commune_id=commune_id,
        phone=phone,
        now=now,
        booking_id=line.id,
        revision=told.revision,
        once=f"{kind}:{line.id}:r{told.revision}",
    )


@bp.get("/events/<int:event_id>/list")
@layout.needs("book")
def list_form(event_id: int) -> layout.Page:
    return _list_page(event_id)


def _list_page(
    event_id: int, status: int = 200, *, outcomes: Outcomes = (), text: str = ""
) -> layout.Page:
    with here().db.connection() as tx:
        event = _event(tx, event_id)
        hamlets = layout.hamlets(tx)
    return layout.page(
        "paper_list", status, event=event, hamlets=hamlets, outcomes=outcomes, text=text
    )


def _event(tx: Tx, event_id: int) -> events.Event:
    now = lang.now_ms()
    event = events.event(tx, event_id, commune_id=layout.commune_id(), now=now)
    if event is None:
        abort(404)
    return event


@bp.post("/events/<int:event_id>/list")
@layout.needs("book")
def book_list(event_id: int) -> layout.Page:
    """Answers with the outcome itself: sent again by a reload, everybody is already
    booked and nothing changes.
    """
    text = layout.typed("lines")
    with here().db.connection() as tx:
        event = _event(tx, event_id)
        known = _names_of_hamlets(tx)
    hamlet_id = layout.chosen_hamlet()
    lines = seating.read_list(text, known, hamlet_id)
    problem = _list_problem(event, lines)
    if problem:
        layout.tell(problem, "danger")
        return _list_page(event_id, 400, text=text)
    now = lang.now_ms()
    outcomes = seating.seat_list(
        here().db, lines, event_id=event_id, actor=actor(), now=now
    )
    left = [outcome.text for outcome in outcomes if outcome.problem]
    still_to_book = "\n".join(left)
    return _list_page(event_id, outcomes=outcomes, text=still_to_book)


def _names_of_hamlets(tx: Tx) -> dict[str, int]:
    """What hamlets are called, folded; a name goes before another hamlet's alias."""
    commune_id = layout.commune_id()
    names = places.aliases_of(tx, commune_id)
    for hamlet in places.hamlets_of(tx, commune_id):
        name = fold(hamlet.name)
        names[name] = hamlet.id
    return names


def _list_problem(event: events.Event, lines: Sequence[seating.Line]) -> str:
    """Why a paper list is not booked, as a key of the desk's words; empty where it is."""
    if not request.form.get("agreed"):
        return "refused_agreement_needed"
    if event.state != "open":
        return "list_closed"
    if not 0 < len(lines) <= LONGEST_LIST:
        return "list_length"
    return ""
