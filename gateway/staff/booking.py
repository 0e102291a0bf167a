"""Booking for a resident who cannot: at the desk, from the paper list; changing the time, cancelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.notices import also_told
from db.reports import events, places
from db.reports import today as lists
from db.seats import bookings, seating, walk_ins
from db.store.engine import Tx
from db.texts import outbox
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from menus.hearing import fold
from menus.notices import Kind
from menus.numbers import NotAMobile, mobile
from menus.port import AlreadyBooked, NoSuchBooking, SlotTaken

AHEAD_MS = 60 * 24 * 3600 * 1000
LONGEST_LIST = 200
REFUSED: dict[type[Exception], str] = {
    SlotTaken: "slot_taken",
    AlreadyBooked: "already_booked",
    seating.OtherName: "other_name",
    seating.OutOfReach: "out_of_reach",
    walk_ins.NoEvent: "no_event_today",
}


def free_slots(tx: Tx, now: int) -> list[events.Free]:
    """Free seats of the next sixty days; a hamlet head's own hall first within a day."""
    slots = events.free(
        tx, commune_id=layout.staff().commune_id, now=now, until=now + AHEAD_MS
    )
    own = layout.staff().hamlet_id
    if own:
        slots.sort(key=lambda slot: (slot.day, slot.hamlet_id != own))
    return slots


@bp.get("/book")
@layout.needs("book")
def book_form() -> layout.Page:
    return _form({}, 200)


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    person_id = layout.a_number("person")
    event_id = layout.a_number("event")
    with here().db.connection() as tx:
        person = layout.person_in_reach(tx, person_id) if person_id else None
        hamlets = layout.hamlets(tx)
        slots = free_slots(tx, lang.now_ms())
    slots.sort(key=lambda slot: slot.event_id != event_id)
    return layout.page(
        "book", status, person=person, hamlets=hamlets, slots=slots, filled=filled
    )


@bp.post("/book")
@layout.needs("book")
def book() -> layout.Page | Response:
    slot_id = layout.a_number("slot")
    person_id = layout.a_number("person")
    problem, guest = read_guest(person_id)
    if not problem and slot_id is None:
        problem = "time_needed"
    if not problem and not request.form.get("agreed"):
        problem = "agreement_needed"
    if not problem and slot_id is not None:
        try:
            line = here().db.again(lambda tx: _seat(tx, guest, slot_id, person_id))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            return _booked(line)
    layout.tell(f"refused_{problem}", "danger")
    overtaken = problem in ("slot_taken", "already_booked")
    return _form(dict(request.form), 409 if overtaken else 400)


def why_not(refusal: Exception) -> str:
    """The word for it; who reached beyond their own hamlet is written down."""
    if isinstance(refusal, seating.OutOfReach):
        owner = refusal.person_id
        now = lang.now_ms()
        here().db.again(lambda tx: seating.note_refusal(tx, actor(), owner, now))
    return REFUSED[type(refusal)]


def read_guest(person_id: int | None) -> tuple[str, seating.Guest]:
    """What the form says, and the first thing wrong with it."""
    name = layout.a_line("name", 80)
    written = layout.a_line("phone", 30)
    phone, problem = "", ""
    try:
        phone = mobile(written) if written else ""
    except NotAMobile:
        problem = "not_a_mobile"
    if person_id is None and not name:
        problem = "no_name"
    borrowed = bool(request.form.get("borrowed") and phone)
    may_move = bool(request.form.get("may_move"))
    return problem, seating.Guest(
        name, phone, layout.chosen_hamlet(), borrowed, may_move
    )


def _seat(
    tx: Tx, guest: seating.Guest, slot_id: int, person_id: int | None
) -> lists.Line:
    now = lang.now_ms()
    if person_id is not None:
        layout.person_in_reach(tx, person_id)
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    _refuse_taken(tx, slot_id, now)
    booked = seating.seat(
        tx, guest, slot_id=slot_id, actor=actor(), now=now, person_id=person_id
    )
    line = lists.booking(tx, booked.id, layout.staff().commune_id)
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
    name = line.name or layout.say("no_name")
    when = layout.stamp(line.starts_at)
    layout.tell("booked", name=name, when=when, hall=line.hall, code=line.code)
    return layout.see("staff.today", day=line.day, _anchor=f"b{line.id}")


@bp.post("/bookings/<int:booking_id>/cancel")
@layout.needs("book")
def cancel_booking(booking_id: int) -> Response:
    def work(tx: Tx) -> lists.Line:
        line = _line_in_reach(tx, booking_id)
        now = lang.now_ms()
        bookings.cancel(tx, booking_id=booking_id, now=now, staff_id=layout.staff().id)
        layout.note_act(tx, "cancel", person_id=line.person_id)
        _text(tx, "desk_cancelled", line, now)
        return line

    return _change(work, "booking_cancelled")


def _line_in_reach(tx: Tx, booking_id: int) -> lists.Line:
    line = lists.booking(tx, booking_id, layout.staff().commune_id)
    return layout.in_reach(line)


@bp.post("/bookings/<int:booking_id>/move")
@layout.needs("book")
def move_booking(booking_id: int) -> Response:
    slot_id = layout.a_number("slot")

    def work(tx: Tx) -> lists.Line:
        line = _line_in_reach(tx, booking_id)
        now = lang.now_ms()
        if slot_id is None:
            raise SlotTaken
        _refuse_taken(tx, slot_id, now)
        staff_id = layout.staff().id
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
    try:
        line = here().db.again(work)
    except NoSuchBooking:
        layout.tell("booking_gone", "warning")
        return layout.back(url_for("staff.today"))
    except SlotTaken:
        layout.tell("refused_slot_taken", "danger")
        return layout.back(url_for("staff.today"))
    layout.tell(told, name=line.name or layout.say("no_name"))
    return layout.back(url_for("staff.person", person_id=line.person_id))


def _text(tx: Tx, kind: Kind, line: lists.Line, now: int) -> None:
    """To the phone that booked, if there is one."""
    told = lists.to_tell(tx, line.id)
    phone = told.phone if told is not None and told.phone else ""
    commune_id = layout.staff().commune_id
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
    event_id: int,
    status: int = 200,
    *,
    outcomes: Sequence[seating.LineOutcome] = (),
    text: str = "",
) -> layout.Page:
    with here().db.connection() as tx:
        event = _event(tx, event_id)
        hamlets = layout.hamlets(tx)
    return layout.page(
        "paper_list", status, event=event, hamlets=hamlets, outcomes=outcomes, text=text
    )


def _event(tx: Tx, event_id: int) -> events.Event:
    event = events.event(
        tx, event_id, commune_id=layout.staff().commune_id, now=lang.now_ms()
    )
    if event is None:
        abort(404)
    return event


@bp.post("/events/<int:event_id>/list")
@layout.needs("book")
def book_list(event_id: int) -> layout.Page:
    """Answers with the outcome itself: sent again by a reload, everybody is already booked and nothing changes."""
    typed = request.form.get("lines", "")
    text = typed.replace("\x00", "")
    with here().db.connection() as tx:
        event = _event(tx, event_id)
        known = _names_of_hamlets(tx)
    lines = seating.read_list(text, known, layout.chosen_hamlet())
    problem = _list_problem(event, lines)
    if problem:
        layout.tell(problem, "danger")
        return _list_page(event_id, 400, text=text)
    now = lang.now_ms()
    outcomes = seating.seat_list(
        here().db, lines, event_id=event_id, actor=actor(), now=now
    )
    left = [outcome.text for outcome in outcomes if outcome.problem]
    return _list_page(event_id, outcomes=outcomes, text="\n".join(left))


def _names_of_hamlets(tx: Tx) -> dict[str, int]:
    """What hamlets are called, folded; a name goes before another hamlet's alias."""
    commune_id = layout.staff().commune_id
    names = places.aliases_of(tx, commune_id)
    for hamlet in places.hamlets_of(tx, commune_id):
        names[fold(hamlet.name)] = hamlet.id
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
