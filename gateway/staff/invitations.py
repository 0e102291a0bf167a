"""Inviting to a session: people by name, owners of shops, a hamlet or a kept group; it
becomes a broadcast about the session, which is looked over and sent as any other.
"""

from __future__ import annotations

from typing import Any

from flask import abort, request
from werkzeug.wrappers import Response

from db.broadcasts import audiences, rules
from db.broadcasts.drafts import NAME_MOST, Draft
from db.broadcasts.errors import CannotDo
from db.register.businesses import KINDS
from db.reports import people, places
from db.reports.events import Event
from db.store.engine import Tx, from_ms
from gateway.context import here
from gateway.staff import layout
from gateway.staff.broadcasts.common import refused
from gateway.staff.broadcasts.writing import create
from gateway.staff.events import event_of
from gateway.staff.gate import bp
from gateway.staff.people import search
from menus import days, words
from menus.port import BY_INVITATION

PEOPLE_MOST = 200  # by name; more are a group


@bp.get("/events/<int:event_id>/invite")
@layout.needs("broadcasts")
def invite_form(event_id: int) -> layout.Page:
    return _form(event_id, 200)


@bp.post("/events/<int:event_id>/invite")
@layout.needs("broadcasts")
def invite(event_id: int) -> Response | layout.Page:
    """Look somebody up, which keeps who is ticked; or write the invitation."""
    if request.form.get("do") != "invite":
        return _form(event_id, 200)
    with here().db.connection() as tx:
        event = _by_invitation(tx, event_id)
        rule = _rule(tx)
    if not rule:
        layout.tell("invite_nobody", "danger")
        return _form(event_id, 400)
    try:
        made = create(_letter(event, rule))
    except CannotDo as problem:
        refused(problem)
        return _form(event_id, 400)
    layout.tell("invite_written")
    return layout.see("staff.broadcast_words", broadcast_id=made)


def _by_invitation(tx: Tx, event_id: int) -> Event:
    """404 for a session that anybody may come to."""
    event = event_of(tx, event_id)
    if event.kind != BY_INVITATION or event.state == "cancelled":
        abort(404)
    return event


def _form(event_id: int, http: int) -> layout.Page:
    asked = layout.a_line("q", 60)
    with here().db.connection() as tx:
        event = _by_invitation(tx, event_id)
        chosen = _chosen(tx)
        found = search(tx, asked) if asked else []
        hamlets = layout.hamlets(tx)
        kept = audiences.of(tx, layout.commune_id())
    ids = [person.id for person in chosen]
    return layout.page(
        "invite",
        http,
        event=event,
        q=asked,
        chosen=chosen,
        found=[one for one in found if one.phone and one.id not in ids],
        hamlets=hamlets,
        kinds=KINDS,
        kept=kept,
        ticked=request.form.getlist("business"),
    )


def _chosen(tx: Tx) -> list[people.Person]:
    """Who is ticked, each once; whoever is not the commune's is nobody."""
    written = request.form.getlist("person")
    ids = {int(one): None for one in written if layout.is_whole_number(one)}
    found = []
    for person_id in list(ids)[:PEOPLE_MOST]:
        person = people.person(tx, person_id, layout.commune_id())
        if person is not None:
            found.append(person)
    return found


def _rule(tx: Tx) -> dict[str, Any]:
    """Whoever is in any of what was chosen; empty where nothing was."""
    parts: list[dict[str, Any]] = []
    named = [person.id for person in _chosen(tx)]
    if named:
        parts.append({"person": named})
    group = _group(tx)
    if group:
        parts.append(group)
    parts += _kept(tx)
    if len(parts) == 1:
        return parts[0]
    return {"any": parts} if parts else {}


def _kept(tx: Tx) -> list[dict[str, Any]]:
    """The rule of the kept audience that is chosen, if one is."""
    kept_id = layout.a_number("kept", request.form)
    every = audiences.of(tx, layout.commune_id())
    return [rules.parse(one.rule) for one in every if one.id == kept_id]


def _group(tx: Tx) -> dict[str, Any]:
    """Owners of these kinds of businesses, of this hamlet where one is chosen; or the
    whole hamlet.
    """
    group: dict[str, Any] = {}
    chosen = layout.a_number("hamlet", request.form)
    for hamlet in places.hamlets_of(tx, layout.commune_id()):
        if hamlet.id == chosen:
            group["hamlet"] = [hamlet.name]
    kinds = [kind for kind in request.form.getlist("business") if kind in KINDS]
    if kinds:
        group["business"] = kinds
    return group


def _letter(event: Event, rule: dict[str, Any]) -> Draft:
    """In both languages; its own fields are filled in as it goes out."""
    day = layout.day_name(event.day)
    name = layout.say("invite_name", hall=event.hall, day=day)
    return Draft(
        name[:NAME_MOST],
        "notice",
        _said(event, words.VIETNAMESE),
        _said(event, words.ENGLISH),
        rule,
        event_id=event.id,
    )


def _said(event: Event, language: str) -> str:
    assert event.starts_at is not None  # every event has a time
    begins = from_ms(event.starts_at)
    said = words.say(
        language,
        "invitation",
        commune="{commune}",
        begins=days.hour(begins),
        day=days.short_day_of(begins, language),
        place=event.hall,
    )
    if not event.number:
        return said
    details = words.say(
        language, "invitation_details", session=event.number, number="{number}"
    )
    return f"{said} {details}"
