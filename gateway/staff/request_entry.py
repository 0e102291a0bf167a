"""A request that is entered by staff: somebody at the counter, or on the phone, asks in
their own words.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from werkzeug.wrappers import Response

from db.models.states import Ground, RequestKind
from db.register import identity
from db.register import people as register
from db.reports import schools
from db.requests import asked
from db.seats import seating
from db.store.engine import Tx
from db.texts import wishes
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from gateway.staff.request_kinds import OPERATOR_KINDS, TOLD_KINDS
from menus.numbers import NotAMobile, mobile

PROMPT = "desk:request"  # what staff ask aloud; the form shows the sentence


@bp.get("/requests/new")
@layout.needs("tasks")
def new_request_form() -> layout.Page:
    filled = {"person": layout.a_number("person")}
    return _form(filled, 200)


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    person_id = layout.a_number("person")
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id) if person_id else None
        hamlets = layout.hamlets(tx)
        all_schools = schools.all_of(tx, layout.commune_id())
    return layout.page(
        "request_new",
        status,
        who=who,
        hamlets=hamlets,
        schools=all_schools,
        filled=filled,
        kinds=list(RequestKind),
        grounds=list(Ground),
    )


@bp.post("/requests/new")
@layout.needs("tasks")
def new_request() -> layout.Page | Response:
    person_id = layout.a_number("person")
    problem, guest = read_guest(person_id)
    for_phone = layout.a_line("for_phone", 30)
    if not problem:
        problem = _lacks(person_id, guest, for_phone)
    if not problem:
        try:
            made = here().db.again(lambda tx: _ask(tx, guest, person_id, for_phone))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            layout.tell("request_noted", number=made.number)
            return layout.see("staff.request_page", request_id=made.id)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _lacks(person_id: int | None, guest: seating.Guest, for_phone: str) -> str:
    """What the form still needs, as a key of the words; empty where it can be sent."""
    if for_phone and not _is_mobile(for_phone):
        return "not_a_mobile"
    kind = request.form.get("kind")
    if kind not in tuple(RequestKind):
        return "kind_needed"
    if not request.form.get("agreed"):
        return "agreement_needed"
    if kind != RequestKind.CALL_ME or guest.phone or for_phone:
        return ""
    return "" if _has_phone(person_id) else "call_needs_number"


def _is_mobile(written: str) -> bool:
    try:
        mobile(written)
        return True
    except NotAMobile:
        return False


def _has_phone(person_id: int | None) -> bool:
    """Whether the person is known, and by a number at that."""
    if person_id is None:
        return False
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id)
    return bool(who.phone)


def _ask(
    tx: Tx, guest: seating.Guest, person_id: int | None, for_phone: str
) -> asked.Asked:
    if person_id is not None:
        layout.person_in_reach(tx, person_id)
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    now = lang.now_ms()
    by = actor()
    kind = RequestKind(request.form["kind"])
    is_told = kind in TOLD_KINDS and bool(request.form.get("told"))
    who, asks = seating.whose(tx, guest, by, now, person_id)
    for_name = layout.a_line("for_name", 80)
    if who != asks:
        for_name = guest.name
    wanted = asked.Wanted(
        kind,
        asks,
        guest.hamlet_id,
        words=layout.a_line("words", asked.WORDS_MOST),
        for_name=for_name,
        for_phone=mobile(for_phone) if for_phone else "",
        ground=_ground(),
        told=is_told,
        staff_id=by.staff_id,
        school_id=_school_id(tx, kind),
        form_key=layout.form_key(),
    )
    made = asked.ask(tx, wanted, commune_id=by.commune_id, now=now)
    if kind is not RequestKind.ERASE:
        calls_operator = is_told and kind in OPERATOR_KINDS
        _note_agreed(tx, asks, by, "operator" if calls_operator else "callback", now)
    layout.note_act(tx, "request", person_id=asks, detail=f"request {made.number}")
    return made


def _school_id(tx: Tx, kind: RequestKind) -> int | None:
    """Which school is asked, of the commune's; none of any other kind of request."""
    chosen = layout.a_number("school")
    if kind is not RequestKind.SCHOOL or chosen is None:
        return None
    there = [one.id for one in schools.all_of(tx, layout.commune_id())]
    return chosen if chosen in there else None


def _ground() -> Ground:
    """On whose behalf it is asked; for themselves where the form says nothing we know."""
    written = request.form.get("ground", "")
    try:
        return Ground(written)
    except ValueError:
        return Ground.SELF


def _note_agreed(
    tx: Tx, person_id: int, by: seating.Actor, purpose: str, now: int
) -> None:
    """Staff asked aloud and ticked it. Sent twice it is agreed to once."""
    if wishes.agrees(tx, person_id, purpose):
        return
    phone = register.phone_of(tx, person_id, by.commune_id)
    wishes.agreed(
        tx,
        who=identity.who_is(by.privacy_key, person_id, phone),
        person_id=person_id,
        purpose=purpose,
        prompt=PROMPT,
        channel="desk",
        answer=by.answer,
        now=now,
    )
