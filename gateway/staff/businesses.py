"""Shops, schools, service points and the one-stop office: searched, kept, visited; what each can earn with one tap."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.changes import owners
from db.progress import conversions
from db.register import businesses as register
from db.register import schools
from db.register.businesses import KINDS
from db.register.visits import RESULTS, To
from db.reports import businesses as reports
from db.reports.businesses import Business, Wanted
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, visiting
from gateway.staff.gate import bp
from gateway.staff.today import log_tapped
from menus.hearing import fold
from menus.numbers import NotAFixedLine, NotAMobile, fixed_line, mobile

PAGE = 50
WORDS_MOST = 6  # of a search


@bp.get("/businesses/")
@layout.needs("businesses")
def businesses() -> layout.Page:
    wanted = _wanted()
    after = layout.a_number("after")
    with here().db.connection() as tx:
        found = reports.page(tx, wanted, after=after, most=PAGE + 1)
        hamlets = layout.hamlets(tx)
    rows = found[:PAGE]
    return layout.page(
        "businesses",
        rows=rows,
        wanted=wanted,
        asked=layout.a_line("q", 60),
        filters=_filters(wanted),
        first=after is None,
        after=rows[-1].id if len(found) > PAGE else None,
        hamlets=hamlets,
        kinds=KINDS,
        **_with_taps(),
    )


def _wanted() -> Wanted:
    kind = layout.a_line("kind", 20)
    asked = layout.a_line("q", 60)
    phone, phone_end = _number_asked(asked)
    is_number = bool(phone or phone_end)
    words = () if is_number else tuple(fold(asked).split()[:WORDS_MOST])
    return Wanted(
        layout.staff().commune_id,
        words=words,
        phone=phone,
        phone_end=phone_end,
        kind=kind if kind in KINDS else "",
        hamlet_id=layout.chosen_hamlet(),
        without=request.args.get("without") == "1",
        closed=request.args.get("closed") == "1",
    )


def _number_asked(asked: str) -> tuple[str, str]:
    """The owner's whole number (E.164), or how it ends; the end alone is asked for by whoever may see numbers."""
    digits = "".join(filter(str.isdigit, asked))
    if len(digits) < 3 or any(letter.isalpha() for letter in asked):
        return "", ""
    try:
        return mobile(asked), ""
    except NotAMobile:
        pass
    try:
        return fixed_line(asked), ""
    except NotAFixedLine:
        pass
    return "", digits.lstrip("0") if layout.may("numbers") else ""


def _filters(wanted: Wanted) -> dict[str, Any]:
    """As they stand in an address, for the next page."""
    named = {
        "q": layout.a_line("q", 60),
        "kind": wanted.kind,
        "hamlet": wanted.hamlet_id,
        "without": 1 if wanted.without else None,
        "closed": 1 if wanted.closed else None,
    }
    return {name: value for name, value in named.items() if value}


def _with_taps() -> dict[str, Any]:
    """What the buttons of a business need."""
    return {
        "key": layout.form_key(),
        "results": RESULTS,
        "today": lang.current_day(),
        "scope": layout.scope(),
    }


@bp.post("/businesses/")
@layout.needs("registers")
def add_business() -> Response:
    kind = layout.a_line("kind", 20)
    name = layout.a_line("name", 120)
    hamlet_id = layout.chosen_hamlet()
    if not name or kind not in KINDS:
        layout.tell("name_needed", "danger")
        return layout.back(url_for("staff.businesses"))

    def work(tx: Tx) -> int | None:
        layout.refuse_unknown_hamlet(tx, hamlet_id)
        commune_id = layout.staff().commune_id
        made = register.add(
            tx, commune_id=commune_id, hamlet_id=hamlet_id, kind=kind, name=name
        )
        if made is not None:
            _give(tx, made, phone)
            layout.note_act(tx, "business", detail=f"business {made}")
        return made

    try:
        phone = _phone()
        made = here().db.again(work)
    except (NotAMobile, NotAFixedLine):
        layout.tell("refused_not_a_mobile", "danger")
        return layout.back(url_for("staff.businesses"))
    except owners.OtherName:
        layout.tell("owner_other_name", "danger")
        return layout.back(url_for("staff.businesses"))
    except register.SecondOneStop:
        layout.tell("business_one_stop_there", "danger")
        return layout.back(url_for("staff.businesses"))
    if made is None:
        return _listed_before(kind, name)
    layout.tell("business_added", name=name)
    return layout.back(url_for("staff.business", business_id=made))


def _listed_before(kind: str, name: str) -> Response:
    """To the one that has this name, where it was closed and may be opened again."""
    with here().db.connection() as tx:
        listed = register.named(tx, layout.staff().commune_id, kind, name)
    if (
        listed is None
        or listed.closed_at is None
        or not layout.sees_hamlet(listed.hamlet_id)
    ):
        layout.tell("business_listed_before", "warning", name=name)
        return layout.back(url_for("staff.businesses"))
    layout.tell("business_listed_closed", "warning", name=name)
    return layout.see("staff.business", business_id=listed.id)


def _phone() -> str:
    """The owner's number as typed, E.164; empty where there is none. Raises NotAMobile, NotAFixedLine."""
    written = layout.a_line("phone", 30)
    if not written:
        return ""
    try:
        return mobile(written)
    except NotAMobile:
        return fixed_line(written)


def _give(tx: Tx, business_id: int, phone: str) -> None:
    """To the owner that the form names. Raises OtherName."""
    commune_id = layout.staff().commune_id
    business = register.get(tx, business_id, commune_id)
    assert business is not None  # a statement ago
    owners.give(
        tx,
        business,
        name=layout.a_line("owner", 80),
        phone=phone,
        commune_id=commune_id,
        now=lang.now_ms(),
        privacy_key=here().settings.privacy_key,
        origin="staff",
    )


def _in_reach(tx: Tx, business_id: int) -> Business:
    found = reports.one(tx, business_id, layout.staff().commune_id)
    if found is None or not layout.sees_hamlet(found.hamlet_id):
        abort(404)
    return found


class Closed(Exception):
    """Nothing is logged for it, and nobody goes there, while it is closed."""


def _open_in_reach(tx: Tx, business_id: int) -> Business:
    """Raises Closed."""
    found = _in_reach(tx, business_id)
    if found.closed_at is not None:
        raise Closed
    return found


@bp.get("/businesses/<int:business_id>")
@layout.needs("businesses")
def business(business_id: int) -> layout.Page:
    with here().db.connection() as tx:
        row = _in_reach(tx, business_id)
        visits = reports.visits_of(tx, business_id)
        hamlets = layout.hamlets(tx)
    owner_id = row.owner_id
    if owner_id and layout.may("numbers"):
        here().db.again(lambda tx: layout.note_act(tx, "look", person_id=owner_id))
    return layout.page(
        "business", row=row, visits=visits, hamlets=hamlets, kinds=KINDS, **_with_taps()
    )


@bp.post("/businesses/<int:business_id>/edit")
@layout.needs("registers")
def edit_business(business_id: int) -> Response:
    kind = layout.a_line("kind", 20)
    name = layout.a_line("name", 120)
    hamlet_id = layout.chosen_hamlet()
    to = layout.see("staff.business", business_id=business_id)
    if not name or kind not in KINDS:
        layout.tell("name_needed", "danger")
        return to

    def work(tx: Tx) -> None:
        commune_id = layout.staff().commune_id
        row = _in_reach(tx, business_id)
        layout.refuse_unknown_hamlet(tx, hamlet_id)
        kept = register.get(tx, business_id, commune_id)
        assert kept is not None  # in reach, a statement ago
        if kept.kind != kind and _counts_or_teaches(tx, row):
            raise KindCounts
        register.edit(
            tx, kept, commune_id=commune_id, hamlet_id=hamlet_id, kind=kind, name=name
        )
        _give(tx, business_id, phone)
        layout.note_act(
            tx, "business", person_id=kept.owner_id, detail=f"business {business_id}"
        )

    try:
        phone = _phone()
        here().db.again(work)
        layout.tell("saved")
    except (NotAMobile, NotAFixedLine):
        layout.tell("refused_not_a_mobile", "danger")
    except owners.OtherName:
        layout.tell("owner_other_name", "danger")
    except register.NameTaken:
        layout.tell("business_listed_before", "warning", name=name)
    except register.SecondOneStop:
        layout.tell("business_one_stop_there", "danger")
    except KindCounts:
        layout.tell("business_kind_counts", "warning")
    return to


class KindCounts(Exception):
    """What it counts for, or its classes, belong to the kind it has."""


def _counts_or_teaches(tx: Tx, row: Business) -> bool:
    if row.counted_on is not None:
        return True
    return bool(schools.classes_of(tx, row.id))


@bp.post("/businesses/<int:business_id>/log")
@layout.needs("businesses")
def log_business(business_id: int) -> Response:
    if not layout.may("log"):
        abort(403)

    def work(tx: Tx) -> None:
        _open_in_reach(tx, business_id)
        log_tapped(tx, "business", business_id)

    try:
        here().db.again(work)
    except Closed:
        layout.tell("business_is_closed", "warning")
    return layout.back(url_for("staff.businesses"), f"u{business_id}")


@bp.post("/businesses/<int:business_id>/unlog")
@layout.needs("businesses")
def unlog_business(business_id: int) -> Response:
    """Take back an own slip of today with one tap; anything else is taken back in the log, with a reason."""
    if here().db.again(lambda tx: _take_back(tx, business_id)):
        layout.tell("undone")
    else:
        layout.tell("undone_before", "warning")
    return layout.back(url_for("staff.businesses"), f"u{business_id}")


def _take_back(tx: Tx, business_id: int) -> bool:
    now = lang.now_ms()
    staff_id = layout.staff().id
    row = _in_reach(tx, business_id)
    if row.logged is None or row.logged_by != staff_id:
        return False
    if row.counted_on != lang.today(now):
        return False
    reason = layout.say("slip")
    done = conversions.undo(
        tx, conversion_id=row.logged, at=now, staff_id=staff_id, reason=reason
    )
    layout.note_act(tx, "undo", detail=row.indicator or "")
    return done


@bp.post("/businesses/<int:business_id>/visit")
@layout.needs("businesses")
def visit_business(business_id: int) -> Response:
    def work(tx: Tx) -> None:
        _open_in_reach(tx, business_id)
        visiting.note(tx, To(business_id=business_id))

    try:
        here().db.again(work)
    except Closed:
        layout.tell("business_is_closed", "warning")
    return layout.back(
        url_for("staff.business", business_id=business_id), f"u{business_id}"
    )


@bp.post("/businesses/<int:business_id>/<any(close, reopen):what>")
@layout.needs("registers")
def close_business(business_id: int, what: str) -> Response:
    """It leaves the lists, and what it counted for stays; or it comes back."""

    def work(tx: Tx) -> bool:
        row = _in_reach(tx, business_id)
        commune_id = layout.staff().commune_id
        kept = register.get(tx, row.id, commune_id)
        assert kept is not None  # in reach, a statement ago
        if what == "close":
            done = register.close(tx, row.id, now=lang.now_ms())
        else:
            done = register.open_again(tx, kept, commune_id=commune_id)
        if done:
            layout.note_act(tx, f"business_{what}", detail=f"business {row.id}")
        return done

    try:
        done = here().db.again(work)
    except register.SecondOneStop:
        layout.tell("business_one_stop_there", "danger")
        return layout.see("staff.business", business_id=business_id)
    if not done:
        layout.tell("business_as_it_was", "warning")
    elif what == "close":
        layout.tell("business_closed")
    else:
        layout.tell("business_reopened")
    return layout.see("staff.business", business_id=business_id)
