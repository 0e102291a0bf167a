"""The class of a broadcast, its name and its words, counted on the server as one types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import control, drafts, preview, rules
from db.broadcasts.drafts import Broadcast, Draft
from db.broadcasts.errors import CannotDo
from db.places import information
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import (
    audience_said,
    found,
    refused,
    sentence,
    to_its_page,
    words,
)
from gateway.staff.gate import bp
from menus import broadcast
from menus.broadcast import PARTS_MOST, BadWords, TextClass, Wire
from menus.fitting import Cost, price
from menus.numbers import network

LONGEST = 2_000  # letters that are looked at
_SAYS_COMMUNE = re.compile(
    r"\b(?:xã|xa|commune)\s+\{commune\}", re.IGNORECASE
)  # the name begins with the word
_ROOM = {
    "GSM-7": (160, 153),
    "UCS-2": (70, 67),
}  # of one part alone, and of each of several


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form."""

    name: str = ""
    text_class: str = ""
    vi: str = ""
    en: str = ""
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One language of a sample: the text, what it takes, the room its parts have, its price in đồng."""

    language: str
    wire: Wire
    room: int
    price: int


@bp.get("/broadcasts/new")
@layout.needs("broadcasts")
def broadcast_new() -> layout.Page:
    name = layout.a_line("name", drafts.NAME_MOST)
    return _new_form(Written(name=name, person_id=_first_asked()))


@bp.post("/broadcasts/new")
@layout.needs("broadcasts")
def create_broadcast() -> Response | layout.Page:
    written = _written()
    if "look" in request.form:
        return _new_form(written)
    try:
        rule = _rule()
        draft = Draft(
            written.name,
            written.text_class,
            written.vi,
            written.en,
            rule,
            event_id=_only_event(rule),
        )
        made = create(draft)
    except CannotDo as problem:
        refused(problem)
        return _new_form(written, 400)
    return _on_from(written, made)


def create(draft: Draft) -> int:
    """Keep a new draft; its id. Raises CannotDo."""
    who = layout.staff()
    now = lang.now_ms()
    return here().db.again(
        lambda tx: drafts.create(
            tx, draft, commune_id=who.commune_id, staff_id=who.id, now=now
        )
    )


@bp.get("/broadcasts/<int:broadcast_id>/words")
@layout.needs("broadcasts")
def broadcast_words(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    if away := to_its_page(row):
        return away
    person = _first_chosen(row)
    return _form(Written(row.name, row.text_class, row.vi, row.en, person), row)


@bp.post("/broadcasts/<int:broadcast_id>/words")
@layout.needs("broadcasts")
def save_words(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    written = _written()
    if "look" in request.form:
        return _form(written, row)
    before = drafts.of(row)
    draft = replace(
        before,
        name=written.name,
        text_class=written.text_class,
        vi=written.vi,
        en=written.en,
    )
    try:
        keep(broadcast_id, draft)
    except CannotDo as problem:
        refused(problem)
        return _form(written, row, 400)
    return _on_from(written, broadcast_id)


def _on_from(written: Written, broadcast_id: int) -> Response:
    """On to the people; back to the words while they are too long to go."""
    counted = _sample(written)["counted"]
    if any(one.wire.cost.parts > PARTS_MOST for one in counted):
        layout.tell("broadcast_kept_too_long")
        return layout.see("staff.broadcast_words", broadcast_id=broadcast_id)
    return layout.see("staff.broadcast_audience", broadcast_id=broadcast_id)


def keep(broadcast_id: int, draft: Draft) -> None:
    """Keep the changed draft. Raises CannotDo."""

    def work(tx: Tx) -> None:
        who = layout.staff()
        drafts.edit(
            tx,
            broadcast_id,
            draft,
            commune_id=who.commune_id,
            staff_id=who.id,
            now=lang.now_ms(),
        )

    here().db.again(work)


@bp.post("/broadcasts/<int:broadcast_id>/discard")
@layout.needs("broadcasts")
def discard_broadcast(broadcast_id: int) -> Response | layout.Page:
    """A draft that never went out is given up. It is asked once more."""
    row = found(broadcast_id)
    if away := to_its_page(row):
        return away
    if not request.form.get("sure"):
        return words("discard", row=row)

    def work(tx: Tx) -> None:
        who = layout.staff()
        control.discard(
            tx,
            broadcast_id,
            commune_id=who.commune_id,
            staff_id=who.id,
            now=lang.now_ms(),
        )

    try:
        here().db.again(work)
    except CannotDo as problem:
        refused(problem)
        return layout.see("staff.broadcast", broadcast_id=broadcast_id)
    layout.tell("broadcast_discarded", name=row.name)
    return layout.see("staff.broadcasts")


@bp.post("/broadcasts/sample")
@layout.needs("broadcasts")
def broadcast_sample() -> layout.Page:
    """The words as one person would read them, and what they take: asked for as one types."""
    return words("_sample", **_sample(_written()))


def _written() -> Written:
    return Written(
        name=layout.a_line("name", drafts.NAME_MOST),
        text_class=request.form.get("class", ""),
        vi=request.form.get("vi", "")[:LONGEST],
        en=request.form.get("en", "")[:LONGEST],
        person_id=layout.a_number("person", request.form),
    )


def _rule() -> Mapping[str, Any] | None:
    """The rule that the page was opened with, from where people are listed; none elsewhere. Raises BadRule."""
    written = request.values.get("rule", "")
    return rules.parse(written) if written else None


def _only_event(rule: Mapping[str, Any] | None) -> int | None:
    """The session that a text to its people is about; none where the rule names no session, or several."""
    events = (rule or {}).get("event")
    if not isinstance(events, list) or len(events) != 1:
        return None
    return events[0] if isinstance(events[0], int) else None


def _first_asked() -> int | None:
    """Whose text is shown where the page was opened from where people are listed: the first of them."""
    try:
        rule = _rule()
        if rule is None:
            return None
        commune_id = layout.staff().commune_id
        settings = here().settings
        return preview.first_asked(
            here().db, rule, commune_id=commune_id, settings=settings, now=lang.now_ms()
        )
    except CannotDo:
        return None


def _new_form(written: Written, http: int = 200) -> layout.Page:
    given = request.values.get("rule", "")
    with here().db.connection() as tx:
        audience = audience_said(tx, given) if given else []
    return words(
        "write",
        http,
        row=None,
        written=written,
        rule=given,
        audience=audience,
        **_around(written),
    )


def _form(written: Written, row: Broadcast, http: int = 200) -> layout.Page:
    return words(
        "write",
        http,
        row=row,
        written=written,
        rule="",
        audience=[],
        **_around(written),
    )


def _around(written: Written) -> dict[str, object]:
    return {"fields": broadcast.FIELDS, "classes": drafts.CLASSES, **_sample(written)}


def _sample(written: Written) -> dict[str, Any]:
    """What the part of the page shows that is counted anew: empty while nothing is written."""
    shown: dict[str, Any] = {
        "counted": [],
        "problem": "",
        "sample": None,
        "sells": [],
        "costly": [],
        "leads_away": False,
        "secrets": [],
        "says_twice": False,
        "most": PARTS_MOST,
    }
    if not written.vi.strip():
        return shown
    text_class: TextClass = "advert" if written.text_class == "advert" else "notice"
    asked = preview.Words(written.vi, written.en, text_class, layout.staff().commune_id)
    try:
        with here().db.connection() as tx:
            sample = preview.sample(tx, asked, written.person_id, lang.now_ms())
    except BadWords as problem:
        why = CannotDo(problem.code, problem.what)
        return shown | {"problem": sentence(why)}
    both = f"{written.vi} {written.en}"
    shown["says_twice"] = bool(_SAYS_COMMUNE.search(both))
    shown["sample"] = sample
    shown["counted"] = [
        _counted(language, wire, sample.phone, text_class)
        for language, wire in sample.texts.items()
    ]
    shown["costly"] = broadcast.costly(both)
    shown["leads_away"] = information.leads_away(both)
    shown["secrets"] = broadcast.secrets(both)
    if text_class == "notice":
        shown["sells"] = broadcast.sells(both)
    return shown


def _counted(language: str, wire: Wire, phone: str, text_class: str) -> Counted:
    prices = here().settings.sms_prices
    paid = price(prices, network(phone), text_class, wire.cost.parts)
    return Counted(language, wire, room_of(wire.cost), paid)


def room_of(cost: Cost) -> int:
    """How many septets or units its parts hold together."""
    alone, each = _ROOM[cost.encoding]
    return alone if cost.parts == 1 else each * cost.parts


def _first_chosen(row: Broadcast) -> int | None:
    """Whose text is shown: the first who would be told."""
    now = lang.now_ms()
    try:
        told = preview.page(
            here().db,
            row,
            settings=here().settings,
            now=now,
            why=preview.CHOSEN,
            most=1,
        )
    except CannotDo:
        return None
    return told[0].line.person_id if told else None
