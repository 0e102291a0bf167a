"""The list of a day: who comes to which hall when, checked in and ticked off with one tap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.progress import conversions, kept
from db.register import verifications
from db.reports import app_questions, people, places, sessions_held
from db.reports import today as lists
from db.seats import attendance, walk_ins
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.faces import swaps
from gateway.staff.gate import bp
from menus.hearing import fold
from menus.port import AlreadyBooked, NoSuchBooking

AtTime = tuple[lists.Line, list[lists.Line]]
AtHall = tuple[lists.Line, list[AtTime]]


class NotYet(Exception):
    """The booking is of a day still to come, and nobody said that the person came early."""


@bp.get("/")
@layout.needs("desk")
def today() -> layout.Page:
    now_day = lang.current_day()
    day = _day(request.args.get("day", ""), now_day)
    hall_id = layout.a_number("hall")
    asked = layout.a_line("q", 60)
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        lines = lists.booked(
            tx,
            commune_id=commune_id,
            day=day,
            hall_id=hall_id,
            hamlet_id=layout.scope(),
            gone_since=gone_since(),
        )
        tapped = taps(tx, commune_id, "person")
        values = {
            "done": lists.done(tx, commune_id=commune_id, day=day),
            "halls": places.halls_of(tx, commune_id),
            "faces": verifications.of_day(tx, commune_id=commune_id, day=day),
            "unanswered": lists.unanswered(tx, commune_id=commune_id, day=day),
            "days": lists.next_days(tx, commune_id, now_day),
            "app_asked": app_questions.of_day(
                tx, commune_id=commune_id, day=day, today=now_day
            ),
            "untimed": sessions_held.untimed(tx, commune_id=commune_id, day=day),
        }
    shown = [line for line in lines if matches(line, asked)] if asked else lines
    return layout.page(
        "today",
        day=day,
        now_day=now_day,
        hall_id=hall_id,
        q=asked,
        booked=sum(line.places > 0 and line.status != "cancelled" for line in lines),
        came=sum(line.status == "attended" for line in lines),
        walked_in=sum(line.places == 0 for line in lines),
        groups=by_hall_and_time(shown),
        key=layout.form_key(),
        taps=tapped,
        swaps=swaps(tapped, lang.now_ms()),
        scope=layout.scope(),
        **values,
    )


def gone_since() -> int:
    """Who cancelled after this is still named: somebody may be waiting for them. UTC ms."""
    return lang.now_ms() - 24 * 3_600_000


def _day(asked: str, otherwise: str) -> str:
    try:
        return date.fromisoformat(asked).isoformat()
    except ValueError:
        return otherwise


def matches(line: lists.Line, asked: str) -> bool:
    """By code, by part of the name without marks, or by the end of the number."""
    digits = "".join(filter(str.isdigit, asked))
    if not digits:
        return fold(asked) in line.folded
    if line.code == digits:
        return True
    phone = line.phone or ""
    return len(digits) >= 3 and phone.endswith(digits.lstrip("0"))


def by_hall_and_time(lines: Iterable[lists.Line]) -> list[AtHall]:
    """Events with their slots with their people; each named by its first line."""
    halls = []
    for _, at_hall in groupby(lines, key=lambda line: line.event_id):
        times = []
        for _, at_time in groupby(at_hall, key=lambda line: line.slot_id):
            people_then = list(at_time)
            times.append((people_then[0], people_then))
        first_line, _ = times[0]
        halls.append((first_line, times))
    return halls


def taps(tx: Tx, commune_id: int, subject: str) -> list[places.Indicator]:
    """What can be ticked off for a person, a household or a business: whatever is not derived from other things.

    Whether the app is still there is a question of its own: see `answered`.
    """
    indicators = places.indicators_of(tx, commune_id)
    of_subject = [row for row in indicators if row.subject == subject]
    return [row for row in of_subject if not row.derived and row.key != kept.KEPT]


def _line(tx: Tx, booking_id: int) -> lists.Line:
    line = lists.booking(tx, booking_id, layout.staff().commune_id)
    return layout.line_in_reach(line)


def _list_of(day: str) -> str:
    return url_for("staff.today", day=day)


@bp.post("/bookings/<int:booking_id>/check-in")
@layout.needs("desk")
def check_in(booking_id: int) -> Response:
    return _with_line(booking_id, _came)


def _came(tx: Tx, line: lists.Line) -> None:
    """Checked in, also when the sweep had called it missed; a second tap changes nothing. Raises NotYet."""
    if line.status == "attended":
        return
    now = lang.now_ms()
    if line.day > lang.today(now) and "early" not in request.form:
        raise NotYet
    check = attendance.came_late if line.status == "missed" else attendance.attend
    check(tx, booking_id=line.id, now=now, staff_id=layout.staff().id)
    layout.note_act(tx, "check_in", person_id=line.person_id)


@bp.post("/bookings/<int:booking_id>/not-here")
@layout.needs("desk")
def not_here(booking_id: int) -> Response:
    def work(tx: Tx, line: lists.Line) -> None:
        if line.status != "attended":
            return
        if line.places:
            attendance.unattend(tx, booking_id=booking_id)
        else:
            walk_ins.take_off(tx, booking_id=booking_id, now=lang.now_ms())
        layout.note_act(tx, "undo_check_in", person_id=line.person_id)

    return _with_line(booking_id, work)


@bp.post("/bookings/<int:booking_id>/log")
@layout.needs("log")
def log_from_list(booking_id: int) -> Response:
    """Tick off one thing done for who is booked. Whoever is served has come: it checks in too."""

    def work(tx: Tx, line: lists.Line) -> None:
        _came(tx, line)
        log_tapped(tx, "person", line.person_id, booking_id)

    return _with_line(booking_id, work)


@bp.post("/bookings/<int:booking_id>/app")
@layout.needs("log")
def app_from_list(booking_id: int) -> Response:
    """Is the app still there? Whoever answers has come: it checks in too."""

    def work(tx: Tx, line: lists.Line) -> None:
        _came(tx, line)
        answered(tx, line.person_id, booking_id)

    return _with_line(booking_id, work)


def answered(tx: Tx, person_id: int, booking_id: int | None = None) -> None:
    """Keep what the tapped button says of the app."""
    said = request.form.get("app", "")
    form_key = layout.a_line("form_key", 24)
    programme = places.programme_of(tx, layout.staff().commune_id)
    if said not in ("kept", "gone") or len(form_key) < 12 or programme is None:
        abort(400)
    try:
        done = kept.answer(
            tx,
            person_id,
            said == "kept",
            programme_id=programme.id,
            staff_id=layout.staff().id,
            now=lang.now_ms(),
            form_key=form_key,
            booking_id=booking_id,
        )
    except kept.NotInstalled:
        abort(400)
    if done:
        layout.note_act(tx, "app", person_id=person_id, detail=said)


def _with_line(booking_id: int, act: Callable[[Tx, lists.Line], None]) -> Response:
    """Do it to one line of the list, in one transaction; back to that very line."""

    def work(tx: Tx) -> lists.Line:
        line = _line(tx, booking_id)
        act(tx, line)
        return line

    try:
        line = here().db.again(work)
    except (NoSuchBooking, AlreadyBooked):
        layout.tell("booking_gone", "warning")
        return layout.back(url_for("staff.today"))
    except NotYet:
        layout.tell("check_in_too_early", "warning")
        return layout.back(url_for("staff.today"))
    return layout.back(url_for("staff.today", day=line.day), f"b{booking_id}")


def log_tapped(
    tx: Tx, subject: str, subject_id: int, booking_id: int | None = None
) -> None:
    """Log the indicator that the tapped button names, unless it counts already.

    Counted means the same tap twice or a quicker colleague: it stands as done, which is what was meant.
    """
    form_key = layout.a_line("form_key", 24)
    tapped = _tapped(tx, subject)
    if tapped is None or len(form_key) < 12:
        abort(400)
    if tapped.id in people.counted_for(tx, subject, subject_id):
        return
    conversions.log(
        tx,
        programme_id=tapped.programme_id,
        indicator=tapped.key,
        subject_id=subject_id,
        at=lang.now_ms(),
        staff_id=layout.staff().id,
        form_key=f"{form_key}:{tapped.id}",
        booking_id=booking_id,
    )
    person_id = subject_id if subject == "person" else None
    layout.note_act(tx, "log", person_id=person_id, detail=tapped.key)


def _tapped(tx: Tx, subject: str) -> places.Indicator | None:
    wanted = request.form.get("indicator", "")
    offered = taps(tx, layout.staff().commune_id, subject)
    return next((row for row in offered if row.key == wanted), None)
