"""Changes of an event that its people are told of: every text is shown first, then one
button makes it so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

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
Tell = Callable[[Sequence[Outcome]], None]
FRESH_MS = 30 * 60_000  # a preview is acted upon within this; then it is shown anew
_OURS = ("csrf_token", "form_key", "at", "seed", "seen")


class Preview(NamedTuple):
    """What a preview was made with, and the print of what it showed."""

    draft: freed_seats.Draft
    seen: str


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
            last=layout.a_line("last", 5),
            places=_filled("places"),
            counters=_filled("counters"),
            note=layout.a_line("note"),
            now=now,
            about=about,
        )

    def tell(outcomes: Sequence[Outcome]) -> None:
        people = _by_what(outcomes)
        if people["shifted"] or people["invited"]:
            layout.tell("event_moved", number=people.total())
        else:
            layout.tell("saved")
        _warn_overfull(event_id)

    return _change(event_id, "edit", act, tell)


def _warn_overfull(event_id: int) -> None:
    """Where fewer may come to a slot now than are booked for it."""
    now = lang.now_ms()
    with here().db.connection() as tx:
        slots = shown.slots_of(tx, event_id, now=now)
    over = 0
    for slot in slots:
        if slot.taken > slot.capacity:
            over += slot.taken - slot.capacity
    if over:
        layout.tell("event_over", "warning", number=over)


@bp.post("/events/<int:event_id>/cancel")
@layout.needs("events")
def cancel_event(event_id: int) -> layout.Page | Response:
    def act(tx: Tx, now: int, draft: freed_seats.Draft) -> Sequence[Outcome]:
        return days.cancel(tx, event_id, now=now, draft=draft)

    return _change(event_id, "cancel", act, _telling_counts("event_cancelled"))


@bp.post("/events/<int:event_id>/named")
@layout.needs("events")
def move_named(event_id: int) -> layout.Page | Response:
    def act(tx: Tx, now: int, draft: freed_seats.Draft) -> Sequence[Outcome]:
        return days.move_named(tx, event_id, now=now, draft=draft)

    return _change(event_id, "named", act, _telling_counts("named_moved"))


def _telling_counts(key: str) -> Tell:
    """A sentence with how many people were moved, asked, told that it is off, left."""

    def tell(outcomes: Sequence[Outcome]) -> None:
        people = _by_what(outcomes)
        layout.tell(
            key,
            moved=people["moved"],
            choice=people["choice"],
            cancelled=people["cancelled"] + people["waited"] + people["invited"],
            stays=people["stays"] + people["asked"],
        )

    return tell


def _filled(name: str) -> int | None:
    """A whole number from the form, 0 (which is refused) where it is none; none where
    it was left empty.
    """
    if not layout.a_line(name):
        return None
    return layout.a_number(name) or 0


def _change(event_id: int, what: str, act: Act, tell: Tell) -> layout.Page | Response:
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
        outcomes = _carry_out(event_id, what, act, Preview(draft, seen), now)
        tell(outcomes)
    except preview.Changed:
        layout.tell("preview_changed", "warning")
        draft, lines = _rehearsed(act, now)
        return _preview(event_id, what, lines, draft)
    except tuple(PROBLEMS) as problem:
        refused(problem)
    return layout.see("staff.event", event_id=event_id)


def _rehearsed(act: Act, now: int) -> tuple[freed_seats.Draft, list[preview.Line]]:
    draft = freed_seats.Draft.anew(now)
    db = here().db
    privacy_key = here().settings.privacy_key
    lines = preview.rehearse(db, lambda tx: act(tx, now, draft), now, privacy_key)
    return draft, lines


def _draft(now: int) -> freed_seats.Draft | None:
    """What the preview was made with; None when there was none, or too long ago."""
    at = layout.a_number("at")
    seed = layout.a_line("seed", 20)
    if at is None or not seed:
        return None
    age = now - at
    if age < 0 or age > FRESH_MS:
        return None
    return freed_seats.Draft(at, seed)


def _carry_out(
    event_id: int, what: str, act: Act, looked_at: Preview, now: int
) -> Sequence[Outcome]:
    """With a row in the trail for the event and for each of its people. Raises Changed
    where it was shown otherwise.
    """
    action = f"event_{what}"
    privacy_key = here().settings.privacy_key

    def work(tx: Tx) -> Sequence[Outcome]:
        outcomes = act(tx, now, looked_at.draft)
        preview.as_shown(tx, outcomes, now, privacy_key, looked_at.seen)
        noted(tx, action, event_id)
        for outcome in outcomes:
            detail = f"event {event_id}: {outcome.what}"
            for person_id in outcome.people:
                layout.note_act(tx, action, person_id=person_id, detail=detail)
        return outcomes

    return here().db.again(work)


def _preview(
    event_id: int, what: str, lines: Sequence[preview.Line], draft: freed_seats.Draft
) -> layout.Page:
    with here().db.connection() as tx:
        event = event_of(tx, event_id)
    typed = request.form.items(multi=True)
    kept = [(name, value) for name, value in typed if name not in _OURS]
    outcomes = [line.outcome for line in lines]
    texts = [line for line in lines if line.text and not line.barred]
    return layout.page(
        "event_preview",
        event=event,
        what=what,
        lines=lines,
        draft=draft,
        seen=preview.print_of(lines),
        kept=kept,
        counts=_by_what(outcomes),
        texts=len(texts),
        now=lang.now_ms(),
    )


def _by_what(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many people each thing happened to."""
    people: Counter[str] = Counter()
    for outcome in outcomes:
        people[outcome.what] += len(outcome.people)
    return people
