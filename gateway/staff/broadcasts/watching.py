"""A broadcast on its way: hamlet by outcome, each number opens its people; pause, go on, stop; the list as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import by_event, control, drafts, ledger, preview, rules
from db.broadcasts.control import SoFar
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.broadcasts.ledger import LEFT_OUT, OUTCOMES, Counts, GoingOut, Line, Wanted
from db.commands.exports import plain
from db.reports import broadcasts as reports
from db.reports import places
from db.store.engine import Tx, from_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables
from gateway.staff.broadcasts import timing, waits
from gateway.staff.broadcasts.common import (
    audience_said,
    cast_of,
    event_said,
    found,
    reason_said,
    refused,
    said_by_the_clock,
    trail,
    words,
)
from gateway.staff.broadcasts.writing import create
from gateway.staff.gate import bp
from menus import days, numbers

LIVE = ("running", "paused")
EVERYBODY = "all"  # of a list: the chosen and the left out
# What the file says of each; its head is `list_column_<name>` in the words of the desk.
COLUMNS = (
    "person",
    "name",
    "phone",
    "hamlet",
    "chosen",
    "outcome",
    "reason",
    "sent_at",
    "parts",
    "text",
)
SHEET_TITLE_MOST = 31  # letters, by the format
NOT_IN_A_TITLE = re.compile(r"[\\/*?:\[\]]")
Act = Callable[..., int]
ACTS: dict[str, tuple[Act, str]] = {
    "pause": (control.pause, "broadcast_paused"),
    "resume": (control.resume, "broadcast_resumed"),
    "stop": (control.stop, "broadcast_stopped"),
}


def firing_of(tx: Tx, row: Broadcast) -> GoingOut | None:
    """The going-out that is shown: the one of the address, else the newest; none of a draft."""
    all_of_it = ledger.firings(tx, row.id)
    if row.state == "draft" or not all_of_it:
        return None
    number = layout.a_number("firing", request.args)
    return next((one for one in all_of_it if one.number == number), all_of_it[0])


def wanted_of(firing_id: int) -> Wanted:
    """Which people the address asks for; the chosen, where it asks for none in particular."""
    asked = request.args.getlist("outcome")
    why = layout.a_line("why", 80)
    if why in (preview.CHOSEN, EVERYBODY):  # words of the list before the start
        why = ""
    known = (*OUTCOMES, LEFT_OUT)
    outcomes = tuple(one for one in asked if one in known)
    if not outcomes and not why and EVERYBODY not in asked:
        outcomes = OUTCOMES
    return Wanted(firing_id, outcomes, layout.a_number("hamlet", request.args), why)


def page(row: Broadcast) -> layout.Page:
    """The page of a broadcast that was started."""
    with here().db.connection() as tx:
        firing = firing_of(tx, row)
        values = {
            **_progress(tx, row, firing),
            "firings": ledger.firings(tx, row.id),
            "acts": trail(tx, row.id),
            "discarded": drafts.is_discarded(tx, row.id),
            "audience": audience_said(tx, firing.rule if firing else row.rule),
            "about": _about(tx, row, firing),
        }
    return words("watch", row=row, **values)


def _about(tx: Tx, row: Broadcast, firing: GoingOut | None) -> str:
    """The session this going-out was for; empty where it was for none."""
    if firing is None or not firing.event_id:
        return ""
    event = reports.event(tx, row.commune_id, firing.event_id)
    if event is None:
        return ""
    return event_said(event.day, event.hall)


@bp.get("/broadcasts/<int:broadcast_id>/progress")
@layout.needs("broadcasts")
def broadcast_progress(broadcast_id: int) -> Response | layout.Page:
    """The part of the page that changes while it runs: its script asks for it every few seconds. Opened by hand it
    leads to the whole page.
    """
    if "X-Part" not in request.headers:
        return layout.see(
            "staff.broadcast",
            broadcast_id=broadcast_id,
            firing=layout.a_number("firing", request.args),
        )
    with here().db.connection() as tx:
        row = cast_of(tx, broadcast_id)
        values = _progress(tx, row, firing_of(tx, row))
    return words("_progress", row=row, **values)


def _progress(tx: Tx, row: Broadcast, firing: GoingOut | None) -> dict[str, object]:
    counted = Counts()
    told_staff = None
    why_waiting: list[waits.Said] = []
    if firing is not None:
        counted = ledger.counts(tx, firing.id)
        if row.event_to == "staff":
            told_staff = reports.told_staff(tx, firing.id)
    if firing is not None and counted.outcomes["waiting"]:
        why_waiting = waits.of_all(tx, row, firing)
    hamlets = places.hamlets_of(tx, row.commune_id)
    now = lang.now_ms()
    missed = by_event.missed(tx, row, now) if row.state == "paused" else []
    return {
        "firing": firing,
        "counts": counted,
        "outcomes": OUTCOMES,
        "told_staff": told_staff,
        "why_waiting": why_waiting,
        "table": _table(counted, hamlets),
        "why": said_by_the_clock(row.paused_why),
        "ahead": timing.ahead(row, firing, now),
        "following": timing.following_said(tx, row, now)
        if row.state == "running"
        else "",
        "missed": "; ".join(event_said(one.day, one.hall) for one in missed),
        "live": row.state in LIVE,
        "sent": counted.outcomes["sent"],
        "answered": reports.answered(tx, row.id),
    }


def _table(
    counted: Counts, hamlets: list[places.Named]
) -> list[tuple[int, str, dict[str, int]]]:
    """Hamlet (0: nobody knows which), its name, people by outcome; in the commune's order."""
    lines = []
    for hamlet in hamlets:
        outcomes = counted.by_hamlet.get(hamlet.id)
        if outcomes is not None:
            lines.append((hamlet.id, hamlet.name, outcomes))
    nowhere = counted.by_hamlet.get(None)
    if nowhere is not None:
        lines.append((0, layout.say("no_hamlet"), nowhere))
    return lines


@bp.post("/broadcasts/<int:broadcast_id>/<any(pause, resume, stop):act>")
@layout.needs("broadcasts")
def change_broadcast(broadcast_id: int, act: str) -> Response | layout.Page:
    """Each says how many texts had left, and how many failed. To stop for good is asked once more."""
    row = found(broadcast_id)
    if act == "stop" and not request.form.get("sure"):
        return words("stop", row=row)
    change, key = ACTS[act]

    def work(tx: Tx) -> SoFar:
        who = layout.staff()
        change(
            tx,
            broadcast_id,
            commune_id=who.commune_id,
            staff_id=who.id,
            now=lang.now_ms(),
        )
        return control.so_far(tx, broadcast_id)

    try:
        so_far = here().db.again(work)
        layout.tell_said(_so_far_said(key, so_far))
    except CannotDo as problem:
        refused(problem)
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


def _so_far_said(key: str, so_far: SoFar) -> str:
    """`Đã dừng hẳn. 12 tin đã đi. 3 tin không gửi được.`: none of what did not happen."""
    said = [layout.say(key, number=layout.count(so_far.gone))]
    if so_far.failed:
        said.append(
            layout.say("broadcast_so_far_failed", number=layout.count(so_far.failed))
        )
    if so_far.unknown:
        said.append(
            layout.say("broadcast_so_far_unknown", number=layout.count(so_far.unknown))
        )
    return " ".join(said)


@bp.get(
    "/broadcasts/<int:broadcast_id>/<any(pause, resume, stop, again, start, approve, test, discard):act>"
)
@layout.needs("broadcasts")
def broadcast_act_again(broadcast_id: int, act: str) -> Response:
    """Such a page read anew, or come back to after signing in: nothing is done, the broadcast is shown."""
    return layout.see("staff.broadcast", broadcast_id=found(broadcast_id).id)


@bp.post("/broadcasts/<int:broadcast_id>/again")
@layout.needs("broadcasts")
def broadcast_again(broadcast_id: int) -> Response:
    """A new draft in the same words: to those it failed for and who still fit its rule, or to everybody anew."""
    row = found(broadcast_id)
    draft = replace(
        drafts.of(row),
        not_before=None,
        not_after=None,
        repeats="",
        repeat_until=None,
        good_for=None,
    )
    if request.form.get("failed"):
        name = layout.say("broadcast_again_name", name=row.name)
        rule = {**rules.parse(row.rule), "failed_of": [broadcast_id]}
        draft = replace(draft, name=name[: drafts.NAME_MOST], rule=rule)
    try:
        made = create(draft)
    except CannotDo as problem:
        refused(problem)
        return layout.see("staff.broadcast", broadcast_id=broadcast_id)
    return layout.see("staff.broadcast_audience", broadcast_id=made)


@bp.get("/broadcasts/<int:broadcast_id>.<any(csv, xlsx):kind>")
@layout.needs("broadcasts")
def broadcast_file(broadcast_id: int, kind: str) -> Response:
    """Everybody on the list of a going-out, with what became of each."""
    row = found(broadcast_id)
    with here().db.connection() as tx:
        firing = firing_of(tx, row)
    if firing is None:
        layout.tell("cast_not_started", "warning")
        return layout.see("staff.broadcast", broadcast_id=broadcast_id)
    detail = f"broadcast {broadcast_id}"
    here().db.again(lambda tx: layout.note_act(tx, "export", detail=detail))
    name = f"broadcast-{broadcast_id}-{firing.number}"
    title = NOT_IN_A_TITLE.sub(" ", row.name)[:SHEET_TITLE_MOST]
    lines = _lines(firing.id)
    return tables.download(
        name, kind, _guarded(lines) if kind == "csv" else lines, title
    )


def _lines(firing_id: int) -> Iterator[tuple[tables.Cell, ...]]:
    """The head, and a line a person, in the reader's language."""
    yield tuple([layout.say(f"list_column_{name}") for name in COLUMNS])
    with here().db.connection() as tx:
        for line in ledger.lines(tx, firing_id):
            yield _cells(line)


def _guarded(
    lines: Iterator[tuple[tables.Cell, ...]],
) -> Iterator[tuple[tables.Cell, ...]]:
    """Without a cell that a spreadsheet would take for a formula."""
    for line in lines:
        yield tuple([plain(cell) if isinstance(cell, str) else cell for cell in line])


def _cells(line: Line) -> tuple[tables.Cell, ...]:
    reason = line.left_out or ""
    if not reason and line.outcome in ("skipped", "failed", "unknown"):
        reason = line.why
    sent_at = (
        days.local(from_ms(line.sent_at)).strftime("%Y-%m-%d %H:%M")
        if line.sent_at
        else ""
    )
    return (
        line.person_id,
        line.name or "",
        _number_said(line.phone),
        line.hamlet or "",
        layout.say("no" if line.left_out else "yes"),
        lang.named(layout.language(), "outcome", line.outcome.replace(" ", "_")),
        reason_said(reason),
        sent_at,
        line.parts,
        line.text or "",
    )


def _number_said(phone: str | None) -> str:
    """A number (E.164) as the reader may see it; nothing of whoever has none."""
    if not phone:
        return ""
    if layout.may("numbers"):
        return numbers.local(phone)
    return numbers.masked(phone)
