"""The class of a broadcast, its name and its words, counted on the server as one types."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import control, drafts, preview, rules
from db.broadcasts.drafts import Broadcast, Draft
from db.broadcasts.errors import CannotDo
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import (
    audience_said,
    by_me,
    found,
    refused,
    see_broadcast,
    sentence,
    to_its_page,
    words,
)
from gateway.staff.broadcasts.groups import Rule
from gateway.staff.gate import bp
from menus import broadcast
from menus.broadcast import PARTS_MOST, BadWords, TextClass, Wire
from menus.fitting import Cost, price
from menus.numbers import network

LONGEST = 2_000  # letters that are looked at
# the name begins with the word
_SAYS_COMMUNE = re.compile(r"\b(?:xã|xa|commune)\s+\{commune\}", re.IGNORECASE)
# of one part alone, and of each of several
_ROOM = {
    "GSM-7": (160, 153),
    "UCS-2": (70, 67),
}


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
    """One language of a sample: the text, what it takes, the room its parts have, its
    price in đồng.
    """

    language: str
    wire: Wire
    room: int
    price: int


@bp.get("/broadcasts/new")
@layout.needs("broadcasts")
def broadcast_new() -> layout.Page:
    name = layout.a_line("name", drafts.NAME_MOST)
    written = Written(name=name, person_id=_first_asked())
    return _new_form(written)


@bp.post("/broadcasts/new")
@layout.needs("broadcasts")
def create_broadcast() -> Response | layout.Page:
    written = _written()
    if "look" in request.form:
        return _new_form(written)
    try:
        draft = _new_draft(written)
        made = create(draft)
    except CannotDo as problem:
        refused(problem)
        return _new_form(written, 400)
    return _on_from(written, made)


def _new_draft(written: Written) -> Draft:
    """In these words, for whom the page was opened. Raises BadRule."""
    rule = _rule()
    event_id = _only_event(rule)
    return Draft(
        written.name,
        written.text_class,
        written.vi,
        written.en,
        rule,
        event_id=event_id,
    )


def create(draft: Draft) -> int:
    """Keep a new draft; its id. Raises CannotDo."""
    by = by_me()
    return here().db.again(lambda tx: drafts.create(tx, draft, **by))


@bp.get("/broadcasts/<int:broadcast_id>/words")
@layout.needs("broadcasts")
def broadcast_words(broadcast_id: int) -> Response | layout.Page:
    row = found(broadcast_id)
    away = to_its_page(row)
    if away is not None:
        return away
    person = _first_chosen(row)
    written = Written(row.name, row.text_class, row.vi, row.en, person)
    return _form(written, row)


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
    page = "staff.broadcast_audience"
    if _is_too_long(written):
        layout.tell("broadcast_kept_too_long")
        page = "staff.broadcast_words"
    return layout.see(page, broadcast_id=broadcast_id)


def _is_too_long(written: Written) -> bool:
    """Whether it takes too many parts in any of its languages."""
    counted = _sample(written)["counted"]
    parts = [one.wire.cost.parts for one in counted]
    return max(parts, default=0) > PARTS_MOST


def keep(broadcast_id: int, draft: Draft) -> None:
    """Keep the changed draft. Raises CannotDo."""

    by = by_me()
    here().db.again(lambda tx: drafts.edit(tx, broadcast_id, draft, **by))


@bp.post("/broadcasts/<int:broadcast_id>/discard")
@layout.needs("broadcasts")
def discard_broadcast(broadcast_id: int) -> Response | layout.Page:
    """A draft that never went out is given up. It is asked once more."""
    row = found(broadcast_id)
    away = to_its_page(row)
    if away is not None:
        return away
    if not request.form.get("sure"):
        return words("discard", row=row)

    by = by_me()
    try:
        here().db.again(lambda tx: control.discard(tx, broadcast_id, **by))
    except CannotDo as problem:
        refused(problem)
        return see_broadcast(broadcast_id)
    layout.tell("broadcast_discarded", name=row.name)
    return layout.see("staff.broadcasts")


@bp.post("/broadcasts/sample")
@layout.needs("broadcasts")
@layout.only_shows
def broadcast_sample() -> layout.Page:
    """The words as one person would read them, and what they take: asked for as one
    types.
    """
    return words("_sample", **_sample(_written()))


def _written() -> Written:
    return Written(
        name=layout.a_line("name", drafts.NAME_MOST),
        text_class=request.form.get("class", ""),
        vi=request.form.get("vi", "")[:LONGEST],
        en=request.form.get("en", "")[:LONGEST],
        person_id=layout.a_number("person", request.form),
    )


def _rule() -> Rule | None:
    """The rule that the page was opened with, from where people are listed; none
    elsewhere. Raises BadRule.
    """
    written = request.values.get("rule", "")
    return rules.parse(written) if written else None


def _only_event(rule: Rule | None) -> int | None:
    """The session that a text to its people is about; none where the rule names no
    session, or several.
    """
    if rule is None:
        return None
    match rule.get("event"):
        case [int(event_id)]:
            return event_id
    return None


def _first_asked() -> int | None:
    """Whose text is shown where the page was opened from where people are listed: the
    first of them.
    """
    now = lang.now_ms()
    commune_id = layout.commune_id()
    settings = here().settings
    try:
        rule = _rule()
        if rule is None:
            return None
        return preview.first_asked(
            here().db, rule, commune_id=commune_id, settings=settings, now=now
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
    sample = _sample(written)
    return {"fields": broadcast.FIELDS, "classes": drafts.CLASSES, **sample}


def _sample(written: Written) -> dict[str, Any]:
    """What the part of the page shows that is counted anew: empty while nothing is
    written.
    """
    shown: dict[str, Any] = {
        "counted": [],
        "problem": "",
        "sample": None,
        "sells": [],
        "costly": [],
        "secrets": [],
        "says_twice": False,
        "most": PARTS_MOST,
    }
    if not written.vi.strip():
        return shown
    text_class: TextClass = "advert" if written.text_class == "advert" else "notice"
    try:
        sample = _read_by(written, text_class)
    except BadWords as problem:
        why = CannotDo(problem.code, problem.what)
        shown["problem"] = sentence(why)
        return shown
    both = f"{written.vi} {written.en}"
    shown["says_twice"] = bool(_SAYS_COMMUNE.search(both))
    shown["sample"] = sample
    shown["counted"] = _counted(sample, text_class)
    shown["costly"] = broadcast.costly(both)
    shown["secrets"] = broadcast.secrets(both)
    if text_class == "notice":
        shown["sells"] = broadcast.sells(both)
    return shown


def _read_by(written: Written, text_class: TextClass) -> preview.Sample:
    """As one person would read it. Raises BadWords."""
    now = lang.now_ms()
    asked = preview.Words(written.vi, written.en, text_class, layout.commune_id())
    with here().db.connection() as tx:
        return preview.sample(tx, asked, written.person_id, now)


def _counted(sample: preview.Sample, text_class: TextClass) -> list[Counted]:
    """What each language of it takes and costs."""
    prices = here().settings.sms_prices
    carrier = network(sample.phone)
    counted = []
    for language, wire in sample.texts.items():
        room = room_of(wire.cost)
        paid = price(prices, carrier, text_class, wire.cost.parts)
        counted.append(Counted(language, wire, room, paid))
    return counted


def room_of(cost: Cost) -> int:
    """How many septets or units its parts hold together."""
    alone, each = _ROOM[cost.encoding]
    if cost.parts == 1:
        return alone
    return each * cost.parts


def _first_chosen(row: Broadcast) -> int | None:
    """Whose text is shown: the first who would be told."""
    now = lang.now_ms()
    settings = here().settings
    try:
        told = preview.page(
            here().db, row, settings=settings, now=now, why=preview.CHOSEN, most=1
        )
    except CannotDo:
        return None
    return told[0].line.person_id if told else None
