"""The list of a day: who comes to which hall when, checked in and ticked off with one
tap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import NamedTuple

from flask import request, url_for
from werkzeug.wrappers import Response

from db.register import verifications
from db.reports import app_questions, beside, people, places, sessions_held
from db.reports import today as lists
from db.seats import attendance, walk_ins
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.faces import swaps
from gateway.staff.gate import bp
from gateway.staff.moving_in import Unfit
from gateway.staff.ticking import answered, home_taps, log_for, taps
from menus.hearing import fold
from menus.port import AlreadyBooked, NoSuchBooking

AtTime = tuple[lists.Line, list[lists.Line]]
AtHall = tuple[lists.Line, list[AtTime]]


class Sheet(NamedTuple):
    """One session of a day on paper: who has a seat, and a box for each service."""

    event: lists.Line  # its first line, which names it
    lines: list[lists.Line]
    services: list[str]


class NotYet(Exception):
    """The booking is of a day still to come, and nobody said that the person came
    early.
    """


@bp.get("/")
@layout.needs("desk")
def today() -> layout.Page:
    now_day = lang.current_day()
    day = layout.iso_day(request.args.get("day", "")) or now_day
    hall_id = layout.a_number("hall")
    asked = layout.a_line("q", 60)
    with here().db.connection() as tx:
        lines = booked(tx, day, hall_id)
        tapped = taps(tx, layout.commune_id(), "person")
        values = _on_the_day(tx, day, now_day) | _to_tick_beside(tx, lines)
    shown = lines
    if asked:
        shown = [line for line in lines if matches(line, asked)]
    return layout.page(
        "today",
        day=day,
        now_day=now_day,
        hall_id=hall_id,
        q=asked,
        groups=by_hall_and_time(shown),
        taps=tapped,
        swaps=swaps(tapped, lang.now_ms()),
        home_taps=home_taps,
        last_digits=last_digits,
        undo_at=undo_at,
        scope=layout.scope(),
        **_how_many(lines),
        **values,
    )


@bp.get("/today/print")
@layout.needs("desk")
def print_day() -> layout.Page:
    """Who is booked that day, with boxes to tick and a line to sign: a hall without a
    screen.
    """
    now_day = lang.current_day()
    day = layout.iso_day(request.args.get("day", "")) or now_day
    hall_id = layout.a_number("hall")
    with here().db.connection() as tx:
        sheets = _sheets(tx, booked(tx, day, hall_id))
    return layout.page(
        "today_print", day=day, now_day=now_day, hall_id=hall_id, sheets=sheets
    )


def _sheets(tx: Tx, lines: Iterable[lists.Line]) -> list[Sheet]:
    """A sheet for each session, its people by the hour."""
    seated = [line for line in lines if line.status in ("booked", "attended")]
    served = beside.served(tx, {line.event_id for line in seated})
    sheets = []
    for event_id, of_event in groupby(seated, key=lambda line: line.event_id):
        people_there = list(of_event)
        services = sorted(served[event_id])
        sheets.append(Sheet(people_there[0], people_there, services))
    return sheets


def booked(tx: Tx, day: str, hall_id: int | None = None) -> list[lists.Line]:
    """The list of a day, of one hall or of all, as far as the own reach goes."""
    return lists.booked(
        tx,
        commune_id=layout.commune_id(),
        day=day,
        hall_id=hall_id,
        hamlet_id=layout.scope(),
        gone_since=gone_since(),
    )


def _on_the_day(tx: Tx, day: str, now_day: str) -> dict[str, object]:
    """What the page shows beside the list."""
    commune_id = layout.commune_id()
    return {
        "done": lists.done(tx, commune_id=commune_id, day=day),
        "halls": places.halls_of(tx, commune_id),
        "faces": verifications.of_day(tx, commune_id=commune_id, day=day),
        "unanswered": lists.unanswered(tx, commune_id=commune_id, day=day),
        "days": lists.next_days(tx, commune_id, now_day),
        "app_asked": app_questions.of_day(
            tx, commune_id=commune_id, day=day, today=now_day
        ),
        "untimed": sessions_held.untimed(
            tx, commune_id=commune_id, first=day, last=day
        ),
    }


def _to_tick_beside(tx: Tx, lines: list[lists.Line]) -> dict[str, object]:
    """What is ticked off for the households and shops of those who are here."""
    event_ids = {line.event_id for line in lines}
    here_by_now = {line.person_id for line in lines if line.status == "attended"}
    return {
        "served": beside.served(tx, event_ids),
        "beside": beside.of_people(tx, here_by_now),
        "house_taps": taps(tx, layout.commune_id(), "household"),
        "hamlets": layout.hamlets(tx),
    }


def _how_many(lines: list[lists.Line]) -> dict[str, int]:
    """Of the whole list, whatever is searched for."""
    seated = [line for line in lines if line.places > 0]
    return {
        "booked": sum(line.status != "cancelled" for line in seated),
        "came": sum(line.status == "attended" for line in lines),
        "walked_in": sum(line.places == 0 for line in lines),
    }


def gone_since() -> int:
    """Who cancelled after this is still named: somebody may be waiting for them. UTC
    ms.
    """
    return lang.now_ms() - 24 * 3_600_000


def matches(line: lists.Line, asked: str) -> bool:
    """By code, by parts of the name without marks in any order, or by the end of the
    number. What has neither letters nor digits means nobody.
    """
    digits = "".join(filter(str.isdigit, asked))
    if not digits:
        words = fold(asked).split()
        return bool(words) and all(word in line.folded for word in words)
    if line.code == digits:
        return True
    return len(digits) >= 3 and _ends_with(line.phone, digits)


def undo_at(person_id: int, back: str) -> Callable[[str], str]:
    """Where an indicator of somebody is taken back, by its key."""
    return lambda key: url_for(
        "staff.undo_of_person", person_id=person_id, key=key, back=back
    )


def last_digits(phone: str | None) -> str:
    """`034`, as much of a number as is shown to everybody."""
    return (phone or "")[-3:]


def _ends_with(phone: str | None, digits: str) -> bool:
    """Whether the number (E.164) ends so, as it is dialled at home (0990…) or from
    abroad (84990…).
    """
    if phone is None:
        return False
    national = phone.removeprefix("+84")
    return f"0{national}".endswith(digits) or phone.endswith(digits)


def by_hall_and_time(lines: Iterable[lists.Line]) -> list[AtHall]:
    """Events with their slots with their people; each named by its first line."""
    halls = []
    for _, at_hall in groupby(lines, key=lambda line: line.event_id):
        times = _by_time(at_hall)
        first_line, _ = times[0]
        halls.append((first_line, times))
    return halls


def _by_time(at_hall: Iterable[lists.Line]) -> list[AtTime]:
    """The slots of one event."""
    times = []
    for _, at_time in groupby(at_hall, key=lambda line: line.slot_id):
        people_then = list(at_time)
        first_line = people_then[0]
        times.append((first_line, people_then))
    return times


def _line(tx: Tx, booking_id: int) -> lists.Line:
    line = lists.booking(tx, booking_id, layout.staff().commune_id)
    return layout.line_in_reach(line)


@bp.post("/bookings/<int:booking_id>/check-in")
@layout.needs("desk")
def check_in(booking_id: int) -> Response:
    return _with_line(booking_id, _came)


def _came(tx: Tx, line: lists.Line) -> None:
    """Checked in, also when the sweep had called it missed; a second tap changes
    nothing. Raises NotYet.
    """
    if line.status == "attended":
        return
    now = lang.now_ms()
    is_early = line.day > iso_day_at(now)
    if is_early and "early" not in request.form:
        raise NotYet
    staff_id = layout.staff().id
    if line.status == "missed":
        attendance.came_late(tx, booking_id=line.id, now=now, staff_id=staff_id)
    else:
        attendance.attend(tx, booking_id=line.id, now=now, staff_id=staff_id)
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
    """Tick off one thing done for who is booked, for their household or shop. Whoever
    is served has come: it checks in too.
    """

    def work(tx: Tx, line: lists.Line) -> None:
        _came(tx, line)
        who = people.person(tx, line.person_id, layout.commune_id())
        assert who is not None  # the line is theirs
        log_for(tx, who, booking_id)

    return _with_line(booking_id, work)


@bp.post("/bookings/<int:booking_id>/app")
@layout.needs("log")
def app_from_list(booking_id: int) -> Response:
    """Is the app still there? Whoever answers has come: it checks in too."""

    def work(tx: Tx, line: lists.Line) -> None:
        _came(tx, line)
        answered(tx, line.person_id, booking_id)

    return _with_line(booking_id, work)


def _with_line(booking_id: int, act: Callable[[Tx, lists.Line], None]) -> Response:
    """Do it to one line of the list, in one transaction; back to that very line."""

    def work(tx: Tx) -> lists.Line:
        line = _line(tx, booking_id)
        act(tx, line)
        return line

    today_list = url_for("staff.today")
    try:
        line = here().db.again(work)
    except (NoSuchBooking, AlreadyBooked):
        layout.tell("booking_gone", "warning")
        return layout.back(today_list)
    except NotYet:
        layout.tell("check_in_too_early", "warning")
        return layout.back(today_list)
    except Unfit as unfit:
        layout.tell(unfit.key, "danger")
        return layout.back(today_list, f"b{booking_id}")
    that_day = url_for("staff.today", day=line.day)
    return layout.back(that_day, f"b{booking_id}")
