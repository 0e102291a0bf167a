"""When a broadcast goes out: at once or at a local minute, until when, how often again,
and how fast.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import by_event, drafts
from db.broadcasts.drafts import Broadcast, Draft
from db.broadcasts.errors import CannotDo
from db.broadcasts.ledger import GoingOut
from db.models.states import EventKind
from db.store.engine import Tx, from_ms, to_ms
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import (
    UNITS,
    event_said,
    found,
    in_units,
    refused,
    see_broadcast,
    to_its_page,
    words,
)
from gateway.staff.broadcasts.writing import keep
from gateway.staff.gate import bp
from menus import days, notices
from menus.broadcast import TextClass

REPEATS = ("", "daily", "weekly", "monthly", "event")
MINUTE_MS = 60_000
LONGEST_PACE = 24 * 60  # minutes
HOURS_MOST = 24 * 14  # a repeated text that is later than that is another text
OFFSET_MOST = 60 * 24 * 60  # minutes
NIGHT = 60 * (24 - days.DAY_ENDS + days.DAY_BEGINS)  # minutes in which nothing leaves
EVENT_TO = ("residents", "staff")


class Timed(Protocol):
    """A broadcast, or a draft: what decides when it leaves. Moments are UTC ms."""

    @property
    def text_class(self) -> str: ...
    @property
    def not_before(self) -> int | None: ...
    @property
    def not_after(self) -> int | None: ...
    @property
    def pace_many(self) -> int | None: ...
    @property
    def pace_minutes(self) -> int: ...
    @property
    def repeats(self) -> str: ...
    @property
    def repeat_until(self) -> str | None: ...
    @property
    def good_for(self) -> int | None: ...


@bp.get("/broadcasts/<int:broadcast_id>/times")
@layout.needs("broadcasts")
def broadcast_times(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    away = to_its_page(row)
    if away is not None:
        return away
    draft = drafts.of(row)
    return _form(row, draft)


@bp.post("/broadcasts/<int:broadcast_id>/times")
@layout.needs("broadcasts")
def save_times(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    now = lang.now_ms()
    draft = drafts.of(row)
    try:
        draft = _timed(draft)
        problem = problem_of(draft, now, saved=True)
        if problem is not None:
            raise problem
        keep(broadcast_id, draft)
    except CannotDo as refusal:
        refused(refusal)
        return _form(row, draft, 400)
    return see_broadcast(broadcast_id)


def _timed(draft: Draft) -> Draft:
    """The draft with the times of the form. Raises CannotDo."""
    repeats = request.form.get("repeats", "")
    if repeats not in REPEATS:
        raise CannotDo("repeat", repeats)
    goes_by_event = repeats == "event"
    return replace(
        draft,
        not_before=None if goes_by_event else _begins(),
        not_after=None if goes_by_event else _moment("not_after"),
        pace_many=_pace_many(),
        pace_minutes=_pace_minutes(),
        repeats=repeats,
        repeat_until=_day("repeat_until") if repeats else None,
        good_for=_good_for() if repeats else None,
        event_offset=_offset() if goes_by_event else None,
        event_to=_event_to() if goes_by_event else "residents",
        event_kinds=_event_kinds(),
    )


def _good_for() -> int | None:
    """For how many minutes each going-out is still to leave; none: for ever."""
    hours = layout.a_number("good_for", request.form)
    if not hours:
        return None
    return min(hours, HOURS_MOST) * 60


def _begins() -> int | None:
    """The moment "from" which it goes, UTC ms; none: at once. Raises CannotDo where it
    was chosen and left empty.
    """
    if request.form.get("start") != "later":
        return None
    found = _moment("not_before")
    if found is None:
        raise CannotDo("when")
    return found


def _offset() -> int:
    """Minutes from the beginning of a session, below zero before it. Raises CannotDo."""
    many = layout.a_number("event_many", request.form) or 0
    unit = request.form.get("event_unit", "")
    minutes_each = UNITS.get(unit, UNITS["days"])
    minutes = many * minutes_each
    if not 0 < minutes <= OFFSET_MOST:
        raise CannotDo("offset")
    if request.form.get("event_side") == "after":
        return minutes
    return -minutes


def _event_to() -> str:
    written = request.form.get("event_to", "")
    return written if written in EVENT_TO else "residents"


def _event_kinds() -> str:
    """Those ticked, a comma between two; swap days where none is."""
    ticked = request.form.getlist("event_kinds")
    kinds = [kind for kind in EventKind if kind in ticked]
    if not kinds:
        return EventKind.SWAP
    return ",".join(kinds)


def _moment(name: str) -> int | None:
    """A local minute of the form as UTC ms. Raises CannotDo."""
    written = layout.a_line(name, 20)
    if not written:
        return None
    try:
        minute = datetime.fromisoformat(written)
        return to_ms(minute.replace(tzinfo=days.TIMEZONE))
    except (ValueError, OverflowError):
        raise CannotDo("moment", written) from None


def _day(name: str) -> str | None:
    written = layout.a_line(name, 10)
    if not written:
        return None
    day = layout.iso_day(written)
    if not day:
        raise CannotDo("moment", written)
    return day


def _pace_many() -> int | None:
    """At most so many texts in the minutes of the pace; none: no limit. Raises
    CannotDo.
    """
    written = layout.a_line("pace_many", 6)
    if not written:
        return None
    if not written.isdigit() or int(written) < 1:
        raise CannotDo("pace", written)
    return int(written)


def _pace_minutes() -> int:
    minutes = layout.a_number("pace_minutes", request.form) or 1
    return min(max(minutes, 1), LONGEST_PACE)


def _form(row: Broadcast, draft: Draft, http: int = 200) -> layout.Page:
    many, unit = in_units(draft.event_offset)
    return words(
        "times",
        http,
        row=row,
        draft=draft,
        later=request.form.get("start") == "later" or draft.not_before is not None,
        repeats=REPEATS,
        repeats_now=request.form.get("repeats", draft.repeats),
        event_to=EVENT_TO,
        event_kinds=tuple(EventKind),
        event_many=many or "",
        event_unit=unit,
        units=tuple(UNITS),
        in_form=in_form,
        now=in_form(lang.now_ms()),
    )


def in_form(ms: int | None) -> str:
    """UTC ms as a browser's field wants a local minute: `2026-12-05T09:00`."""
    if ms is None:
        return ""
    minute = days.local(from_ms(ms))
    return minute.strftime("%Y-%m-%dT%H:%M")


def problem_of(row: Timed, now: int, *, saved: bool = False) -> CannotDo | None:
    """Why nothing could go at these times (a broadcast, or a draft); none where
    something could.

    `saved`: only what stays true whenever it is started.
    """
    if row.repeats == "event":
        return _until_problem(row, now)
    if row.not_after is not None:
        if row.not_after <= now:
            return CannotDo("past")
        if row.not_before is not None and row.not_after <= row.not_before:
            return CannotDo("order")
    leaves = first_leaves(row, now)
    deadline = _deadline(row, now, saved)
    if deadline is not None and deadline < leaves:
        when = layout.stamp(leaves)
        return CannotDo("night", when)
    return _until_problem(row, now)


def _deadline(row: Timed, now: int, saved: bool) -> int | None:
    """Until when its first going-out may leave; a window is counted from its start,
    which "at once" leaves open.
    """
    if not row.repeats or not row.good_for:
        return row.not_after
    if saved and row.not_before is None:
        return None
    window = row.good_for * MINUTE_MS
    return _earliest(row.not_before, now) + window


def _earliest(not_before: int | None, now: int) -> int:
    """This moment, or the one before which it may not go. UTC ms."""
    return max(now, not_before or now)


def _until_problem(row: Timed, now: int) -> CannotDo | None:
    """Is the last day to repeat it before the first?"""
    if not row.repeats or not row.repeat_until:
        return None
    begins = _earliest(row.not_before, now)
    first_day = _local_day(begins).isoformat()
    if row.repeat_until < first_day:
        return CannotDo("until")
    return None


def _local_day(ms: int) -> date:
    moment = from_ms(ms)
    return days.local(moment).date()


def first_leaves(row: Timed, now: int) -> int:
    """When the first text of a broadcast would leave, the hours kept. UTC ms."""
    return leaves_at(row.text_class, row.not_before, now)


def leaves_at(text_class: str, not_before: int | None, now: int) -> int:
    """When a text that may not go before that moment leaves, the hours kept. UTC ms."""
    # a draft's is any word
    hours_of: TextClass = "advert" if text_class == "advert" else "notice"
    earliest = _earliest(not_before, now)
    moment = from_ms(earliest)
    leaves = notices.goes_at("broadcast", hours_of, moment, moment)
    return to_ms(leaves)


def ahead(row: Broadcast, firing: GoingOut | None, now: int) -> int | None:
    """When the first text of a running going-out leaves, while that lies ahead and
    nobody was let go yet. UTC ms.
    """
    if row.state != "running" or firing is None:
        return None
    if firing.ended_at is not None or firing.released_to:
        return None
    leaves = leaves_at(row.text_class, firing.not_before, now)
    return leaves if leaves > now else None


def following_said(tx: Tx, row: Broadcast, now: int) -> str:
    """The next session it goes out for, and when; empty where it does not belong to
    sessions.
    """
    if row.repeats != "event":
        return ""
    next_one = by_event.following(tx, row, now)
    if next_one is None:
        return layout.say("check_event_none")
    event = event_said(next_one.day, next_one.hall)
    not_before = by_event.goes_at(next_one)
    leaves = leaves_at(row.text_class, not_before, now)
    when = layout.stamp(leaves)
    return layout.say("check_event_next", event=event, when=when)


def sent_in(row: Timed, people: int) -> int:
    """How many minutes its speed takes for so many people, evenly; 0 where nothing
    holds it back.
    """
    if not row.pace_many or not people:
        return 0
    after_the_first = people - 1
    return after_the_first * row.pace_minutes // row.pace_many


def not_reached(row: Timed, people: int, now: int) -> int:
    """How many of so many its speed does not reach before its deadline, the nights left
    out; 0 where none is late.
    """
    if not row.pace_many:
        return 0
    leaves = first_leaves(row, now)
    deadline = _deadline(row, now, saved=False)
    if deadline is None or deadline < leaves:
        return 0
    minutes = _minutes_by_day(leaves, deadline)
    in_time = minutes * row.pace_many // row.pace_minutes
    late = people - 1 - in_time
    return max(late, 0)


def _minutes_by_day(start: int, end: int) -> int:
    """How many minutes lie between, without the nights. Moments are UTC ms."""
    nights = _local_day(end) - _local_day(start)
    minutes = (end - start) // MINUTE_MS
    by_day = minutes - nights.days * NIGHT
    return max(by_day, 0)
