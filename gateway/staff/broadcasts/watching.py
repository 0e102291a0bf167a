"""A broadcast on its way: hamlet by outcome, each number opens its people; pause, go
on, stop; the list as a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import by_event, control, drafts, ledger, preview, rules
from db.broadcasts.control import SoFar
from db.broadcasts.drafts import Broadcast, Draft
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
    by_me,
    cast_of,
    event_said,
    found,
    reason_said,
    refused,
    said_by_the_clock,
    see_broadcast,
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
    """The going-out that is shown: the one of the address, else the newest; none of a
    draft.
    """
    firings = ledger.firings(tx, row.id)
    if row.state == "draft" or not firings:
        return None
    number = layout.a_number("firing", request.args)
    for firing in firings:
        if firing.number == number:
            return firing
    return firings[0]


def wanted_of(firing_id: int) -> Wanted:
    """Which people the address asks for; the chosen, where it asks for none in
    particular.
    """
    asked = request.args.getlist("outcome")
    hamlet_id = layout.a_number("hamlet", request.args)
    why = layout.a_line("why", 80)
    if why in (preview.CHOSEN, EVERYBODY):  # words of the list before the start
        why = ""
    known = (*OUTCOMES, LEFT_OUT)
    outcomes = tuple(outcome for outcome in asked if outcome in known)
    if not outcomes and not why and EVERYBODY not in asked:
        outcomes = OUTCOMES
    return Wanted(firing_id, outcomes, hamlet_id, why)


def page(row: Broadcast) -> layout.Page:
    """The page of a broadcast that was started."""
    with here().db.connection() as tx:
        firing = firing_of(tx, row)
        rule = row.rule if firing is None else firing.rule
        values = {
            **_progress(tx, row, firing),
            "firings": ledger.firings(tx, row.id),
            "acts": trail(tx, row.id),
            "discarded": drafts.is_discarded(tx, row.id),
            "audience": audience_said(tx, rule),
            "about": _about(tx, firing),
        }
    return words("watch", row=row, **values)


def _about(tx: Tx, firing: GoingOut | None) -> str:
    """The session this going-out was for; empty where it was for none."""
    if firing is None or not firing.event_id:
        return ""
    event = reports.event(tx, layout.commune_id(), firing.event_id)
    if event is None:
        return ""
    return event_said(event.day, event.hall)


@bp.get("/broadcasts/<int:broadcast_id>/progress")
@layout.needs("broadcasts")
def broadcast_progress(broadcast_id: int) -> Response | layout.Page:
    """The part of the page that changes while it runs: its script asks for it every few
    seconds. Opened by hand it leads to the whole page.
    """
    if "X-Part" not in request.headers:
        number = layout.a_number("firing", request.args)
        return layout.see("staff.broadcast", broadcast_id=broadcast_id, firing=number)
    with here().db.connection() as tx:
        row = cast_of(tx, broadcast_id)
        firing = firing_of(tx, row)
        values = _progress(tx, row, firing)
    return words("_progress", row=row, **values)


def _progress(tx: Tx, row: Broadcast, firing: GoingOut | None) -> dict[str, object]:
    counted = Counts()
    told_staff = None
    why_waiting: list[waits.Said] = []
    if firing is not None:
        counted = ledger.counts(tx, firing.id)
        if row.event_to == "staff":
            told_staff = reports.told_staff(tx, firing.id)
        if counted.outcomes["waiting"]:
            why_waiting = waits.of_all(tx, row, firing)
    hamlets = places.hamlets_of(tx, row.commune_id)
    now = lang.now_ms()
    missed = []
    if row.state == "paused":
        sessions = by_event.missed(tx, row, now)
        missed = [event_said(session.day, session.hall) for session in sessions]
    following = timing.following_said(tx, row, now) if row.state == "running" else ""
    return {
        "firing": firing,
        "counts": counted,
        "outcomes": OUTCOMES,
        "told_staff": told_staff,
        "why_waiting": why_waiting,
        "table": _table(counted, hamlets),
        "why": said_by_the_clock(row.paused_why),
        "ahead": timing.ahead(row, firing, now),
        "following": following,
        "missed": "; ".join(missed),
        "live": row.state in LIVE,
        "sent": counted.outcomes["sent"],
        "answered": reports.answered(tx, row.id),
    }


class HamletLine(NamedTuple):
    """A line of the table."""

    id: int  # 0: nobody knows which hamlet
    name: str
    people: dict[str, int]  # by outcome


def _table(counted: Counts, hamlets: list[places.Named]) -> list[HamletLine]:
    """In the commune's order."""
    lines = []
    for hamlet in hamlets:
        people = counted.by_hamlet.get(hamlet.id)
        if people is not None:
            lines.append(HamletLine(hamlet.id, hamlet.name, people))
    people = counted.by_hamlet.get(None)
    if people is not None:
        no_hamlet = layout.say("no_hamlet")
        lines.append(HamletLine(0, no_hamlet, people))
    return lines


@bp.post("/broadcasts/<int:broadcast_id>/<any(pause, resume, stop):act>")
@layout.needs("broadcasts")
def change_broadcast(broadcast_id: int, act: str) -> Response | layout.Page:
    """Each says how many texts had left, and how many failed. To stop for good is asked
    once more.
    """
    row = found(broadcast_id)
    if act == "stop" and not request.form.get("sure"):
        return words("stop", row=row)
    change, key = ACTS[act]

    def work(tx: Tx) -> SoFar:
        change(tx, broadcast_id, **by_me())
        return control.so_far(tx, broadcast_id)

    try:
        so_far = here().db.again(work)
    except CannotDo as problem:
        refused(problem)
    else:
        done = _so_far_said(key, so_far)
        layout.tell_said(done)
    return see_broadcast(broadcast_id)


def _so_far_said(key: str, so_far: SoFar) -> str:
    """`Đã dừng hẳn. 12 tin đã đi. 3 tin không gửi được.`: none of what did not happen."""
    said = [_counted(key, so_far.gone)]
    if so_far.failed:
        said.append(_counted("broadcast_so_far_failed", so_far.failed))
    if so_far.unknown:
        said.append(_counted("broadcast_so_far_unknown", so_far.unknown))
    return " ".join(said)


def _counted(key: str, texts: int) -> str:
    """The sentence of that key, with a number of texts in it."""
    number = layout.count(texts)
    return layout.say(key, number=number)


@bp.get(
    "/broadcasts/<int:broadcast_id>/<any(pause, resume, stop, again, start, approve, test, discard):act>"
)
@layout.needs("broadcasts")
def broadcast_act_again(broadcast_id: int, act: str) -> Response:
    """Such a page read anew, or come back to after signing in: nothing is done, the
    broadcast is shown.
    """
    row = found(broadcast_id)
    return see_broadcast(row.id)


@bp.post("/broadcasts/<int:broadcast_id>/again")
@layout.needs("broadcasts")
def broadcast_again(broadcast_id: int) -> Response:
    """A new draft in the same words: to those it failed for and who still fit its rule,
    or to everybody anew.
    """
    row = found(broadcast_id)
    draft = drafts.of(row)
    draft = replace(
        draft,
        not_before=None,
        not_after=None,
        repeats="",
        repeat_until=None,
        good_for=None,
    )
    if request.form.get("failed"):
        draft = _to_the_failed(row, draft)
    try:
        made = create(draft)
    except CannotDo as problem:
        refused(problem)
        return see_broadcast(broadcast_id)
    return layout.see("staff.broadcast_audience", broadcast_id=made)


def _to_the_failed(row: Broadcast, draft: Draft) -> Draft:
    """The draft, but for those alone whom a text of this broadcast did not reach."""
    name = layout.say("broadcast_again_name", name=row.name)
    rule = rules.parse(row.rule)
    rule["failed_of"] = [row.id]
    return replace(draft, name=name[: drafts.NAME_MOST], rule=rule)


@bp.get("/broadcasts/<int:broadcast_id>.<any(csv, xlsx):kind>")
@layout.needs("broadcasts")
def broadcast_file(broadcast_id: int, kind: str) -> Response:
    """Everybody on the list of a going-out, with what became of each."""
    row = found(broadcast_id)
    with here().db.connection() as tx:
        firing = firing_of(tx, row)
    if firing is None:
        layout.tell("cast_not_started", "warning")
        return see_broadcast(broadcast_id)
    detail = f"broadcast {broadcast_id}"
    layout.note_alone("export", detail=detail)
    name = f"broadcast-{broadcast_id}-{firing.number}"
    title = NOT_IN_A_TITLE.sub(" ", row.name)
    rows = _rows(firing.id)
    if kind == "csv":
        rows = _guarded(rows)
    return tables.download(name, kind, rows, title[:SHEET_TITLE_MOST])


Row = tuple[tables.Cell, ...]


def _rows(firing_id: int) -> Iterator[Row]:
    """The head, and a row a person, in the reader's language."""
    yield tuple([layout.say(f"list_column_{name}") for name in COLUMNS])
    with here().db.connection() as tx:
        for line in ledger.lines(tx, firing_id):
            yield _cells(line)


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    """Without a cell that a spreadsheet would take for a formula."""
    for row in rows:
        yield tuple([_guarded_cell(cell) for cell in row])


def _guarded_cell(cell: tables.Cell) -> tables.Cell:
    return plain(cell) if isinstance(cell, str) else cell


def _cells(line: Line) -> Row:
    language = layout.language()
    outcome = line.outcome.replace(" ", "_")
    reason = line.left_out or ""
    if not reason and line.outcome in ("skipped", "failed", "unknown"):
        reason = line.why
    return (
        line.person_id,
        line.name or "",
        _number_said(line.phone),
        line.hamlet or "",
        layout.say("no" if line.left_out else "yes"),
        lang.named(language, "outcome", outcome),
        reason_said(reason),
        _minute(line.sent_at),
        line.parts,
        line.text or "",
    )


def _minute(ms: int | None) -> str:
    """The local minute as a spreadsheet reads it: `2026-12-05 09:00`."""
    if not ms:
        return ""
    moment = days.local(from_ms(ms))
    return moment.strftime("%Y-%m-%d %H:%M")


def _number_said(phone: str | None) -> str:
    """A number (E.164) as the reader may see it; nothing of whoever has none."""
    if not phone:
        return ""
    if layout.may("numbers"):
        return numbers.local(phone)
    return numbers.masked(phone)
