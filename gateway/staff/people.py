"""Finding people; one person's page: facts with source, bookings, what counts,
messages; each look is written down.
"""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.changes import numbers
from db.progress import counting
from db.register import facts, households, identity, verifications
from db.register import people as register
from db.reports import app_questions, opinions, people, places
from db.reports import requests as asked
from db.reports.strip import trail
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.texts import stops
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.booking import free_slots
from gateway.staff.broadcasts.common import why_said
from gateway.staff.faces import swaps
from gateway.staff.gate import bp
from gateway.staff.moving_in import Unfit
from gateway.staff.ticking import answered, log_for, taps
from gateway.staff.trail import names_in, said
from menus.hearing import fold
from menus.numbers import NotAFixedLine, NotAMobile, fixed_line, local, masked, mobile

# What staff can set as seen, and to which values.
SEEN = {
    "handset": ("2g", "3g", "4g_no_volte", "4g_volte", "unknown"),
    "sim": ("2g", "3g", "4g", "unknown"),
    "poor": ("yes", "near", "no"),
}
_FACTS = (*SEEN, "imei")
_REFUSALS = ("all", "remind", "advert", "dnc")  # in the order of the page


@bp.get("/people/")
@layout.needs("people")
def find_people() -> layout.Page | Response:
    wanted = layout.a_line("q", 60)
    with here().db.connection() as tx:
        found = search(tx, wanted) if wanted else []
    if wanted.isdigit() and len(found) == 1:
        (only,) = found
        address = url_for("staff.person", person_id=only.id)
        return redirect(address)
    return layout.page("people", q=wanted, found=found)


def search(tx: Tx, wanted: str, hamlet_id: int | None = None) -> list[people.Person]:
    """By name, number or household code, whom this member of staff may see; of one
    hamlet, where it is named.
    """
    digits = _digits(wanted)
    return people.find(
        tx,
        commune_id=layout.staff().commune_id,
        hamlet_id=layout.scope() or hamlet_id,
        folded=fold(wanted),
        digits=digits,
        phone=_phone(wanted) if digits else "",
    )


def _digits(written: str) -> str:
    """Those of a number or a code; none of what has letters in it, which is a name."""
    if any(letter.isalpha() for letter in written):
        return ""
    return "".join(filter(str.isdigit, written))


def _phone(written: str) -> str:
    """The number that was typed, E.164; empty where it is none."""
    try:
        return mobile(written)
    except NotAMobile:
        return _fixed(written)


def _fixed(written: str) -> str:
    try:
        return fixed_line(written)
    except NotAFixedLine:
        return ""


@bp.get("/people/<int:person_id>")
@layout.needs("people")
def person(person_id: int) -> layout.Page:
    return _page(person_id)


def _page(person_id: int, http: int = 200, **more: Any) -> layout.Page:
    """`more`: what stood in a form that was refused, and why."""
    now = lang.now_ms()
    layout.aside(lambda tx: _looked_at(tx, person_id))
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id)
        values = _what_is_known(tx, who, now)
        values |= _what_was_done(tx, who, now)
        values |= _what_forms_offer(tx, who, now)
    return layout.page(
        "person",
        http,
        who=who,
        now=now,
        today=iso_day_at(now),
        scope=layout.scope(),
        **values,
        **more,
    )


def _what_is_known(tx: Tx, who: people.Person, now: int) -> dict[str, Any]:
    today = iso_day_at(now)
    return {
        "facts": _facts_by_kind(tx, who.id),
        "face_state": _face_done(tx, who.id),
        "consents": people.consents_of(tx, who.id),
        "refused": _refused(tx, who),
        "app_asked": app_questions.of_person(tx, who.id, today),
    }


def _facts_by_kind(tx: Tx, person_id: int) -> dict[str, list[people.Fact]]:
    """The newest first; a kind of which nothing is known has an empty list."""
    by_kind: dict[str, list[people.Fact]] = {kind: [] for kind in _FACTS}
    for fact in people.facts_of(tx, person_id):
        of_kind = by_kind.setdefault(fact.kind, [])
        of_kind.append(fact)
    return by_kind


def _face_done(tx: Tx, person_id: int) -> bool | None:
    """Whether the face was verified since the last swap; None where there was no swap."""
    last = verifications.last_of(tx, person_id)
    if last is None:
        return None
    return last.done_at is not None


def _refused(tx: Tx, who: people.Person) -> list[str]:
    """What texts this number wants no more, as _REFUSALS names them."""
    if not who.phone:
        return []
    privacy_key = here().settings.privacy_key
    resident = identity.who(privacy_key, who.phone)
    refused = stops.refused(tx, resident)
    return [what for what in _REFUSALS if what in refused]


def _what_was_done(tx: Tx, who: people.Person, now: int) -> dict[str, Any]:
    """For the person and for the household, and what was texted."""
    house_counted = {}
    if who.household_id:
        house_counted = people.counted_for(tx, "household", who.household_id)
    return {
        "bookings": people.bookings_of(tx, who.id, now),
        "counted": people.counted_for(tx, "person", who.id),
        "house_counted": house_counted,
        "messages": people.messages_of(tx, who.phone) if who.phone else [],
        "why_said": why_said,
        "requests": _requests_of(tx, who),
        "opinions": _opinions_of(tx, who),
    }


def _requests_of(tx: Tx, who: people.Person) -> list[asked.Line]:
    """Those that whoever is at the desk may open."""
    if not layout.may("requests"):
        return []
    viewer = layout.viewer()
    found = asked.of_person(tx, viewer, who.id, who.phone)
    return [line for line in found if layout.sees_hamlet(line.hamlet_id)]


def _opinions_of(tx: Tx, who: people.Person) -> list[opinions.Line]:
    if not layout.may("opinions"):
        return []
    return opinions.of_person(tx, who.id, commune_id=who.commune_id)


def _what_forms_offer(tx: Tx, who: people.Person, now: int) -> dict[str, Any]:
    commune_id = layout.staff().commune_id
    tapped = taps(tx, commune_id, "person")
    return {
        "seen": SEEN,
        "taps": tapped,
        "swaps": swaps(tapped, now),
        "house_taps": taps(tx, commune_id, "household") if who.household_id else [],
        "hamlets": layout.hamlets(tx),
        "households": places.households_of(tx, who.hamlet_id) if who.hamlet_id else [],
        "slots": free_slots(tx, now),
    }


def _looked_at(tx: Tx, person_id: int) -> None:
    layout.person_in_reach(tx, person_id)
    layout.note_act(tx, "look", person_id=person_id)


@bp.post("/people/<int:person_id>/edit")
@layout.needs("people")
def edit_person(person_id: int) -> Response:
    code = layout.a_line("household", 32)
    try:
        here().db.again(lambda tx: _edit(tx, person_id, code))
        layout.tell("saved")
    except households.OtherHamlet:
        layout.tell("household_elsewhere", "danger", code=code)
    return layout.see("staff.person", person_id=person_id)


def _edit(tx: Tx, person_id: int, code: str) -> None:
    """Name, hamlet and household, as the form has them. Raises
    households.OtherHamlet.
    """
    name = layout.a_line("name", 80)
    hamlet_id = layout.chosen_hamlet()
    who = layout.person_in_reach(tx, person_id)
    layout.refuse_unknown_hamlet(tx, hamlet_id)
    household_id = None
    if code and hamlet_id is not None:
        household_id = households.ensure(
            tx, commune_id=who.commune_id, hamlet_id=hamlet_id, code=code
        )
    folded = register.fold_name(name)
    register.edit(
        tx,
        person_id,
        name=name,
        folded=folded,
        hamlet_id=hamlet_id,
        household_id=household_id,
    )
    _settle_moved(tx, who.household_id, household_id)
    layout.note_act(tx, "edit", person_id=person_id)


def _settle_moved(tx: Tx, before: int | None, after: int | None) -> None:
    """Who lives together decides which household counts as converted."""
    if before == after:
        return
    homes = [home for home in (before, after) if home]
    for home in sorted(homes):
        counting.settle_household(tx, home)


@bp.post("/people/<int:person_id>/number")
@layout.needs("people")
def change_number(person_id: int) -> layout.Page | Response:
    if not layout.may("numbers"):
        abort(403)
    written = layout.a_line("phone", 30)
    try:
        phone = mobile(written) if written else ""
        changed = here().db.again(lambda tx: _change_number(tx, person_id, phone))
    except NotAMobile:
        return _page(person_id, 400, typed=written, problem="refused_not_a_mobile")
    except numbers.NumberTaken as taken:
        return _whose_it_is(person_id, written, taken.person_id)
    _tell_changed(changed, phone)
    # else the form's #number stays
    return layout.see("staff.person", person_id=person_id, _anchor="content")


def _tell_changed(changed: numbers.Changed, phone: str) -> None:
    if not changed.done:
        layout.tell("saved")
    elif changed.texted:
        layout.tell("number_texted", number=local(phone))
    elif phone:
        layout.tell("number_changed")
    else:
        layout.tell("number_removed")


def _change_number(tx: Tx, person_id: int, phone: str) -> numbers.Changed:
    layout.person_in_reach(tx, person_id)
    privacy_key = here().settings.privacy_key
    now = lang.now_ms()
    changed = numbers.change(tx, person_id, phone, now=now, privacy_key=privacy_key)
    if changed.done:
        before = _masked_or_dash(changed.before)
        after = _masked_or_dash(phone)
        layout.note_act(tx, "number", person_id=person_id, detail=f"{before} → {after}")
    return changed


def _masked_or_dash(number: str | None) -> str:
    return masked(number) if number else "–"


def _whose_it_is(person_id: int, written: str, holder_id: int) -> layout.Page:
    """The page again, with whoever has the number already."""
    holder = here().db.again(lambda tx: _holder(tx, holder_id))
    if holder is None:
        return _page(person_id, 409, typed=written, problem="number_out_of_reach")
    return _page(person_id, 409, typed=written, problem="number_taken", holder=holder)


def _holder(tx: Tx, holder_id: int) -> people.Person | None:
    """Named only to whom may see them: else a hamlet head could try out numbers. Each
    try is written down.
    """
    layout.note_act(tx, "number_refused", person_id=holder_id)
    commune_id = layout.staff().commune_id
    holder = people.person(tx, holder_id, commune_id)
    if holder is None or not layout.sees_hamlet(holder.hamlet_id):
        return None
    return holder


@bp.post("/people/<int:person_id>/fact")
@layout.needs("people")
def seen_fact(person_id: int) -> Response:
    kind = request.form.get("kind", "")
    value = request.form.get("value", "")
    offered = SEEN.get(kind, ())
    if value not in offered:
        abort(400)
    here().db.again(lambda tx: _note_seen(tx, person_id, kind, value))
    layout.tell("saved")
    return layout.see("staff.person", person_id=person_id, _anchor="facts")


def _note_seen(tx: Tx, person_id: int, kind: str, value: str) -> None:
    who = layout.person_in_reach(tx, person_id)
    staff_id = layout.staff().id
    facts.note(tx, person_id, kind, "seen", value, lang.now_ms(), staff_id)
    if kind == "handset" and who.household_id:
        counting.settle_household(tx, who.household_id)
    detail = f"{kind}={value}"
    layout.note_act(tx, "seen", person_id=person_id, detail=detail)


@bp.post("/people/<int:person_id>/log")
@layout.needs("log")
def log_person(person_id: int) -> Response:
    def work(tx: Tx) -> None:
        who = layout.person_in_reach(tx, person_id)
        log_for(tx, who)

    try:
        here().db.again(work)
    except Unfit as unfit:
        layout.tell(unfit.key, "danger")
    return layout.see("staff.person", person_id=person_id, _anchor="done")


@bp.post("/people/<int:person_id>/app")
@layout.needs("people")
def app_person(person_id: int) -> Response:
    """Is the app still there? Asked where the person is, without a booking."""
    if not layout.may("log"):
        abort(403)

    def work(tx: Tx) -> None:
        layout.person_in_reach(tx, person_id)
        answered(tx, person_id)

    here().db.again(work)
    return layout.see("staff.person", person_id=person_id, _anchor="done")


@bp.get("/audit/")
@layout.needs("audit")
def audit() -> layout.Page:
    commune_id = layout.staff().commune_id
    place = layout.a_place()
    with here().db.connection() as tx:
        found = trail(tx, commune_id=commune_id, place=place, size=100)
        names = names_in(tx, found.rows)
    return layout.page("audit", found=found, said=lambda row: said(row, names))
