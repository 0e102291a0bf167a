"""Whom a broadcast is for: the rule by form, counted as one clicks, and everybody by
name with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import audiences, drafts, ledger, preview, reasons, rules
from db.broadcasts.drafts import Broadcast, Draft
from db.broadcasts.errors import BadRule, CannotDo
from db.broadcasts.ledger import OUTCOMES, GoingOut, Line
from db.broadcasts.preview import Preview, Told
from db.register import schools
from db.reports import broadcasts as reports
from db.reports import places
from db.reports.broadcasts import Event
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import groups, waits
from gateway.staff.broadcasts.common import (
    PAGE,
    cast_of,
    found,
    hamlets_today,
    names_in,
    note_people_seen,
    refused,
    rule_said,
    sentence,
    to_its_page,
    words,
)
from gateway.staff.broadcasts.groups import Choice
from gateway.staff.broadcasts.watching import EVERYBODY, firing_of, wanted_of
from gateway.staff.broadcasts.writing import keep
from gateway.staff.gate import bp

TOLD_MOST = 365  # days


@bp.get("/broadcasts/<int:broadcast_id>/audience")
@layout.needs("broadcasts")
def broadcast_audience(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    away = to_its_page(row)
    if away is not None:
        return away
    draft = drafts.of(row)
    used = layout.a_number("use")
    with here().db.connection() as tx:
        kept = audiences.of(tx, row.commune_id)
    for audience in kept:
        if audience.id == used:
            rule = rules.parse(audience.rule)
            draft = replace(draft, rule=rule)
    return _form(row, draft)


@bp.post("/broadcasts/<int:broadcast_id>/audience")
@layout.needs("broadcasts")
def save_audience(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    draft = _chosen(row)
    act = request.form.get("do", "save")
    try:
        match act:
            case "count":
                return _form(row, draft)
            case "forget":
                return _forget(row, draft)
        if draft.rule is None:
            raise BadRule("unchosen")
        if act == "keep":
            _keep_named(draft.rule)
        keep(broadcast_id, draft)
    except CannotDo as problem:
        refused(problem)
        return _form(row, draft, 400)
    if act == "keep":
        return _form(row, draft)
    if act == "list":
        return layout.see("staff.broadcast_people", broadcast_id=broadcast_id)
    return layout.see("staff.broadcast_times", broadcast_id=broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/audience/counts")
@layout.needs("broadcasts")
@layout.only_shows
def broadcast_counts(broadcast_id: int) -> layout.Page:
    """How many would be told as the form stands: asked for as one clicks."""
    row = found(broadcast_id)
    draft = _chosen(row)
    return words("_counts", row=row, **_counts(row, draft))


def _chosen(row: Broadcast) -> Draft:
    """The draft with the audience of the form. A rule that the form cannot say stays
    while it is not replaced.
    """
    before = drafts.of(row)
    rule: Any = before.rule
    if not request.form.get("by_hand"):
        rule = groups.from_form(request.form).rule
    told_days = layout.a_number("told_days", request.form) or 0
    return replace(
        before,
        rule=rule,
        late_joiners=bool(request.form.get("late_joiners")),
        told_days=min(told_days, TOLD_MOST),
        event_id=layout.a_number("about", request.form),
    )


def _keep_named(rule: Mapping[str, Any]) -> None:
    """The rule of the form under a name, for another time."""
    name = layout.a_line("audience_name", audiences.NAME_MOST)

    def work(tx: Tx) -> None:
        audiences.keep(tx, name, rule, commune_id=layout.commune_id())

    here().db.again(work)
    layout.tell("audience_kept", name=name)


def _forget(row: Broadcast, draft: Draft) -> layout.Page:
    kept_id = layout.a_number("forget", request.form) or 0

    def work(tx: Tx) -> None:
        audiences.forget(tx, kept_id, commune_id=row.commune_id)

    here().db.again(work)
    return _form(row, draft)


def _form(row: Broadcast, draft: Draft, http: int = 200) -> layout.Page:
    now = lang.now_ms()
    choice = groups.from_rule(draft.rule)
    rule = {} if draft.rule is None else draft.rule
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, row.commune_id)
        values = {
            "named_lists": {"school": _schools(tx, row.commune_id)},
            "kept": audiences.of(tx, row.commune_id),
            "events": _events(tx, row, draft, now),
            "names": names_in(tx, rule),
            "said": rule_said(tx, rule),
            "gone": _gone(tx, rule),
        }
        if choice is not None:
            names = hamlets_today(tx, rule)
            groups.called_today(choice, names)
    return words(
        "choose",
        http,
        row=row,
        draft=draft,
        choice=choice or Choice(),
        by_hand=choice is None,
        hamlets=[hamlet.name for hamlet in hamlets],
        many=groups.MANY,
        either=groups.EITHER,
        ids=groups.IDS,
        **values,
        **_counts(row, draft),
    )


def _schools(tx: Tx, commune_id: int) -> list[str]:
    """Those whose parents may be written to: by name, with classes."""
    of_commune = schools.all_of(tx, commune_id)
    return [school.name for school in of_commune if schools.classes_of(tx, school.id)]


def _events(tx: Tx, row: Broadcast, draft: Draft, now: int) -> list[Event]:
    """What it may be about: days to come, and the one that is chosen."""
    chosen_id = draft.event_id
    today = iso_day_at(now)
    events = reports.events(tx, row.commune_id, today)
    listed = [event.id for event in events]
    if not chosen_id or chosen_id in listed:
        return events
    chosen = reports.event(tx, row.commune_id, chosen_id)
    if chosen is None:
        return events
    return [chosen, *events]


def _gone(tx: Tx, rule: Mapping[str, Any]) -> list[str]:
    """Hamlets that the rule names and the commune no longer has, under whatever name."""
    there = hamlets_today(tx, rule)
    gone = [name for name in groups.hamlets_in(rule) if name not in there]
    return list(dict.fromkeys(gone))


def _counts(row: Broadcast, draft: Draft) -> dict[str, Any]:
    """What the part of the page shows that is counted anew."""
    now = lang.now_ms()
    rule = json.dumps(draft.rule, ensure_ascii=False)
    asked = row._replace(rule=rule, told_days=draft.told_days, event_id=draft.event_id)
    seen = Preview()
    problem = ""
    try:
        seen = preview.counted(here().db, asked, settings=here().settings, now=now)
    except CannotDo as refusal:
        problem = sentence(refusal)
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, row.commune_id)
    return {
        "counts": seen,
        "problem": problem,
        "by_hamlet": in_order(seen, hamlets),
        "left_out": by_reason(seen),
    }


Counts = list[tuple[str, int]]  # a name, and how many people


def in_order(seen: Preview, hamlets: list[places.Named]) -> Counts:
    """Hamlet and people chosen, in the commune's order; those of no hamlet last."""
    lines = []
    for hamlet in hamlets:
        people = seen.by_hamlet[hamlet.id]
        lines.append((hamlet.name, people))
    no_hamlet = layout.say("no_hamlet")
    lines.append((no_hamlet, seen.by_hamlet[None]))
    return _of_somebody(lines)


def by_reason(seen: Preview) -> Counts:
    """Reason and people left out, in the order in which reasons are looked for."""
    lines = [(why, seen.left_out[why]) for why in reasons.ALL]
    return _of_somebody(lines)


def _of_somebody(lines: Counts) -> Counts:
    """Without the lines of nobody."""
    return [(name, people) for name, people in lines if people]


@bp.get("/broadcasts/<int:broadcast_id>/people")
@layout.needs("broadcasts")
def broadcast_people(broadcast_id: int) -> layout.Page:
    """Everybody by name: chosen, or left out and why. Before the start as it would be,
    after it as it was frozen.
    """
    row = found(broadcast_id)
    after = layout.a_number("after") or 0
    with here().db.connection() as tx:
        firing = firing_of(tx, row)
    values = _listed(row, firing, after)
    which = values["why"] or "all"
    shown = len(values["lines"])
    note_people_seen(broadcast_id, which, shown)
    return words("people", row=row, firing=firing, after=after, **values)


def _listed(row: Broadcast, firing: GoingOut | None, after: int) -> dict[str, Any]:
    if firing is None:
        return _foreseen(row, after)
    return _frozen(row, firing, after)


def _foreseen(row: Broadcast, after: int) -> dict[str, Any]:
    """Of a draft: judged now. Of who is not asked for it says which part of the rule
    does not hold.
    """
    why = layout.a_line("why", 16) or preview.CHOSEN
    asked = "" if why == EVERYBODY else why
    db = here().db
    now = lang.now_ms()
    settings = here().settings
    told: Sequence[Told] = []
    lacking: Mapping[int, Sequence[str]] = {}
    seen = Preview()
    problem = ""
    try:
        told = preview.page(
            db, row, settings=settings, now=now, why=asked, after=after, most=PAGE
        )
        unasked = _unasked(told)
        lacking = preview.lacking(db, row, unasked, settings=settings, now=now)
        seen = preview.counted(db, row, settings=settings, now=now)
    except CannotDo as refusal:
        told = []
        lacking = {}
        problem = sentence(refusal)
    return {
        "lines": told,
        "lacking": lacking,
        "filters": [(preview.CHOSEN, seen.chosen), *by_reason(seen)],
        "why": why,
        "total": seen.registered,
        "next": told[-1].line.person_id if len(told) == PAGE else None,
        "kept": {"why": why},
        "problem": problem,
    }


def _unasked(told: Sequence[Told]) -> list[int]:
    """Those for whom a part of the rule does not hold."""
    by_the_rule = (reasons.NOT_ASKED_FOR, reasons.CONVERTED)
    lines = [one.line for one in told]
    return [line.person_id for line in lines if line.left_out in by_the_rule]


def _frozen(row: Broadcast, firing: GoingOut, after: int) -> dict[str, Any]:
    """Of a started one: from the ledger."""
    wanted = wanted_of(firing.id)
    with here().db.connection() as tx:
        cast_of(tx, row.id)
        lines = ledger.page(tx, wanted, after=after, most=PAGE)
        people = ledger.by_outcome(tx, firing.id, hamlet_id=wanted.hamlet_id)
        hamlet = _hamlet_named(tx, wanted.hamlet_id)
    chosen = [people[outcome] for outcome in OUTCOMES]
    return {
        "lines": lines,
        "waits": _why_waiting(row, firing, lines),
        "wanted": wanted,
        "hamlet": hamlet,
        "people": people,
        "number_chosen": sum(chosen),
        "total": sum(people.values()),
        "why": wanted.why or " ".join(wanted.outcomes),
        "chosen": wanted.outcomes == OUTCOMES,
        "kept": {
            "firing": firing.number,
            "outcome": list(wanted.outcomes) or EVERYBODY,
            "hamlet": wanted.hamlet_id,
            "why": wanted.why or None,
        },
        "next": lines[-1].person_id if len(lines) == PAGE else None,
    }


def _hamlet_named(tx: Tx, hamlet_id: int | None) -> str | None:
    """Its name, empty where the commune has no such hamlet; none where none is asked
    for.
    """
    if hamlet_id is None:
        return None
    for hamlet in places.hamlets_of(tx, layout.commune_id()):
        if hamlet.id == hamlet_id:
            return hamlet.name
    return ""


def _why_waiting(
    row: Broadcast, firing: GoingOut, lines: Sequence[Line]
) -> dict[int, str]:
    """Why those who still wait have no text yet, by person."""
    found = {}
    for line in lines:
        if line.outcome == "waiting":
            found[line.person_id] = waits.of_one(row, firing, line)
    return found
