"""Changes of an event that its people are told of: every text is shown first, then one button makes it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from flask import request
from werkzeug.wrappers import Response

from db.changes import days, freed_seats, preview
from db.changes.telling import Outcome
from db.reports import events as shown
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.events import (
    PROBLEMS,
    about_it,
    event_of,
    noted,
    refuse_unknown_school,
    refused,
)
from gateway.staff.gate import bp

Act = Callable[[Tx, int, freed_seats.Draft], Sequence[Outcome]]
FRESH_MS = 30 * 60_000  # a preview is acted upon within this; then it is shown anew
_OURS = ("csrf_token", "at", "seed", "seen")


@bp.post("/events/<int:event_id>/edit")
@layout.needs("events")
def edit_event(event_id: int) -> layout.Page | Response:
    def act(tx: Tx, now: int, _: freed_seats.Draft) -> Sequence[Outcome]:
        about = about_it()
        refuse_unknown_school(tx, about)
        return days.edit(
            tx,
            event_id,
            hall_id=layout.a_number("hall") or 0,
            day=layout.a_line("day", 10),
            first=layout.a_line("first", 5),
            places=_filled("places"),
            counters=_filled("counters"),
            note=layout.a_line("note"),
            now=now,
            about=about,
        )

    def told(outcomes: Sequence[Outcome]) -> None:
        shifted = any(outcome.what == "shifted" for outcome in outcomes)
        people = sum(len(outcome.people) for outcome in outcomes)
        layout.tell("event_moved" if shifted else "saved", number=people)
        with here().db.connection() as tx:
            slots = shown.slots_of(tx, event_id, now=lang.now_ms())
        over = sum(max(0, slot.taken - slot.capacity) for slot in slots)
        if over:
            layout.tell("event_over", "warning", number=over)

    return _change(event_id, "edit", act, told)


@bp.post("/events/<int:event_id>/cancel")
@layout.needs("events")
def cancel_event(event_id: int) -> layout.Page | Response:
    def act(tx: Tx, now: int, draft: freed_seats.Draft) -> Sequence[Outcome]:
        return days.cancel(tx, event_id, now=now, draft=draft)

    def told(outcomes: Sequence[Outcome]) -> None:
        layout.tell("event_cancelled", "success", **_counts(outcomes))

    return _change(event_id, "cancel", act, told)


@bp.post("/events/<int:event_id>/named")
@layout.needs("events")
def move_named(event_id: int) -> layout.Page | Response:
    def act(tx: Tx, now: int, draft: freed_seats.Draft) -> Sequence[Outcome]:
        return days.move_named(tx, event_id, now=now, draft=draft)

    def told(outcomes: Sequence[Outcome]) -> None:
        layout.tell("named_moved", "success", **_counts(outcomes))

    return _change(event_id, "named", act, told)


def _filled(name: str) -> int | None:
    """A whole number from the form, 0 (which is refused) where it is none; none where it was left empty."""
    if not layout.a_line(name):
        return None
    return layout.a_number(name) or 0


def _change(
    event_id: int, what: str, act: Act, told: Callable[[Sequence[Outcome]], None]
) -> layout.Page | Response:
    """Shown first; sent once what was shown is still what would happen."""
    now = lang.now_ms()
    draft = _draft(now)
    seen = layout.a_line("seen", 40)
    with here().db.connection() as tx:
        event_of(tx, event_id)
    try:
        if draft is None:
            draft, lines = _rehearsed(act, now)
            if seen:
                raise preview.Changed
            if lines or what != "edit":
                return _preview(event_id, what, lines, draft)
            seen = preview.print_of(lines)  # nobody is concerned: nothing to look at
        outcomes = _carry_out(event_id, what, act, now, draft, seen)
        told(outcomes)
    except preview.Changed:
        layout.tell("preview_changed", "warning")
        draft, lines = _rehearsed(act, now)
        return _preview(event_id, what, lines, draft)
    except tuple(PROBLEMS) as problem:
        refused(problem)
    return layout.see("staff.event", event_id=event_id)


def _rehearsed(act: Act, now: int) -> tuple[freed_seats.Draft, list[preview.Line]]:
    draft = freed_seats.Draft.anew(now)
    privacy_key = here().settings.privacy_key
    lines = preview.rehearse(
        here().db, lambda tx: act(tx, now, draft), now, privacy_key
    )
    return draft, lines


def _draft(now: int) -> freed_seats.Draft | None:
    """What the preview was made with; None when there was none, or too long ago."""
    at = layout.a_number("at")
    seed = layout.a_line("seed", 20)
    if at is None or not seed:
        return None
    if not 0 <= now - at <= FRESH_MS:
        return None
    return freed_seats.Draft(at, seed)


def _carry_out(
    event_id: int, what: str, act: Act, now: int, draft: freed_seats.Draft, seen: str
) -> Sequence[Outcome]:  # fmt: skip
    def work(tx: Tx) -> Sequence[Outcome]:
        outcomes = act(tx, now, draft)
        preview.as_shown(tx, outcomes, now, here().settings.privacy_key, seen)
        noted(tx, f"event_{what}", event_id)
        for outcome in outcomes:
            detail = f"event {event_id}: {outcome.what}"
            for person_id in outcome.people:
                layout.note_act(tx, f"event_{what}", person_id=person_id, detail=detail)
        return outcomes

    return here().db.again(work)


def _preview(
    event_id: int, what: str, lines: Sequence[preview.Line], draft: freed_seats.Draft
) -> layout.Page:
    with here().db.connection() as tx:
        event = event_of(tx, event_id)
    typed = request.form.items(multi=True)
    return layout.page(
        "event_preview",
        event=event,
        what=what,
        lines=lines,
        draft=draft,
        seen=preview.print_of(lines),
        kept=[(name, value) for name, value in typed if name not in _OURS],
        counts=_by_what([line.outcome for line in lines]),
        texts=sum(bool(line.text) and not line.barred for line in lines),
        now=lang.now_ms(),
    )


def _by_what(outcomes: Sequence[Outcome]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        counted[outcome.what] += len(outcome.people)
    return counted


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """For the line on top of the next page: how many people were moved, asked, told that it is off, left."""
    people = _by_what(outcomes)
    return {
        "moved": people["moved"],
        "choice": people["choice"],
        "cancelled": people["cancelled"] + people["waited"],
        "stays": people["stays"] + people["asked"],
    }
