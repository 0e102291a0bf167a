"""Shops, schools, service points and the one-stop office: searched, kept, visited; what
each can earn with one tap.
"""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.changes import businesses as changes
from db.changes import owners
from db.progress import conversions
from db.register import businesses as register
from db.register import schools
from db.register.businesses import KINDS, Sought
from db.register.visits import RESULTS, To
from db.reports import businesses as reports
from db.reports import places, requests
from db.reports.businesses import Business, Wanted
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, visiting
from gateway.staff.gate import bp
from gateway.staff.ticking import log_tapped
from menus.hearing import fold
from menus.numbers import NotAFixedLine, NotAMobile, fixed_line, mobile

PAGE = 50
NAME_MOST = 120  # letters
WORDS_MOST = 6  # of a search


class KindCounts(Exception):
    """What it counts for, or its classes, belong to the kind it has."""


class PerhapsSame(Exception):
    """Some of that name are listed, and nobody said yet that it is another."""

    def __init__(self, listed: list[register.Listed]) -> None:
        super().__init__(listed)
        self.listed = listed


# Why nothing is kept: a key of the desk's words, and how the line is coloured.
REFUSED: dict[type[Exception], tuple[str, str]] = {
    NotAMobile: ("refused_not_a_mobile", "danger"),
    NotAFixedLine: ("refused_not_a_mobile", "danger"),
    owners.OtherName: ("owner_other_name", "danger"),
    register.NameTaken: ("business_listed_before", "danger"),
    register.SecondOneStop: ("business_one_stop_there", "danger"),
    KindCounts: ("business_kind_counts", "danger"),
}


@bp.get("/businesses/")
@layout.needs("businesses")
def businesses() -> layout.Page:
    wanted = _wanted()
    after = layout.a_number("after")
    with here().db.connection() as tx:
        found = reports.page(tx, wanted, after=after, most=PAGE + 1)
        hamlets = layout.hamlets(tx)
    rows = found[:PAGE]
    there_are_more = len(found) > PAGE
    return layout.page(
        "businesses",
        rows=rows,
        wanted=wanted,
        asked=layout.a_line("q", 60),
        filters=_filters(wanted),
        first=after is None,
        after=rows[-1].id if there_are_more else None,
        hamlets=hamlets,
        kinds=KINDS,
        **_with_taps(),
    )


def _wanted() -> Wanted:
    kind = layout.a_line("kind", 20)
    asked = layout.a_line("q", 60)
    phone, phone_end = _number_asked(asked)
    words = []
    if not phone and not phone_end:
        words = fold(asked).split()
    return Wanted(
        layout.commune_id(),
        words=tuple(words[:WORDS_MOST]),
        phone=phone,
        phone_end=phone_end,
        kind=kind if kind in KINDS else "",
        hamlet_id=layout.chosen_hamlet(),
        without=request.args.get("without") == "1",
        closed=request.args.get("closed") == "1",
    )


def _number_asked(asked: str) -> tuple[str, str]:
    """The owner's whole number (E.164), or how it ends; the end alone is asked for by
    whoever may see numbers.
    """
    digits = "".join(filter(str.isdigit, asked))
    has_letters = any(map(str.isalpha, asked))
    if has_letters or len(digits) < 3:
        return "", ""
    try:
        return mobile(asked), ""
    except NotAMobile:
        pass
    try:
        return fixed_line(asked), ""
    except NotAFixedLine:
        pass
    if not layout.may("numbers"):
        return "", ""
    return "", digits.lstrip("0")


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
        "results": RESULTS,
        "today": lang.current_day(),
        "scope": layout.scope(),
    }


@bp.post("/businesses/")
@layout.needs("registers")
def add_business() -> Response | layout.Page:
    kind = layout.a_line("kind", 20)
    name = layout.a_line("name", NAME_MOST + 1)
    to_list = url_for("staff.businesses")
    if not _may_be_named(name) or kind not in KINDS:
        return layout.back(to_list)

    def work(tx: Tx) -> int | None:
        layout.refuse_unknown_hamlet(tx, sought.hamlet_id)
        if "sure" not in request.form:
            _ask_whether_same(tx, sought)
        made = register.add(tx, layout.commune_id(), sought)
        if made is not None:
            _give(tx, made, sought)
            layout.note_act(tx, "business", detail=f"business {made}")
        return made

    try:
        sought = _sought(kind, name)
        made = here().db.again(work)
    except PerhapsSame as asks:
        return _ask(asks.listed)
    except tuple(REFUSED) as refusal:
        _tell_why(refusal, name)
        return layout.back(to_list)
    if made is None:
        return _listed_before(sought)
    layout.tell("business_added", name=name)
    to = url_for("staff.business", business_id=made)
    return layout.back(to)


def _ask_whether_same(tx: Tx, sought: Sought) -> None:
    """Raises PerhapsSame where one in reach may be it; one that surely is it is said to
    be listed (see `_listed_before`).
    """
    if register.same(tx, layout.commune_id(), sought) is not None:
        return
    found = register.perhaps_same(tx, layout.commune_id(), sought)
    in_reach = [one for one in found if layout.sees_hamlet(one.hamlet_id)]
    if in_reach:
        raise PerhapsSame(in_reach)


def _ask(listed: list[register.Listed]) -> layout.Page:
    """Is it one of these? Each can be opened; or it is another, and is added."""
    with here().db.connection() as tx:
        hamlets = places.hamlet_names(tx, layout.commune_id())
    return layout.page(
        "business_ask", listed=listed, hamlets=hamlets, typed=request.form
    )


def _may_be_named(name: str) -> bool:
    """Whether it is a name, and none that would be cut; else it is said."""
    if not name:
        layout.tell("name_needed", "danger")
    elif len(name) > NAME_MOST:
        layout.tell("setup_long_name", "danger", most=NAME_MOST)
    return 0 < len(name) <= NAME_MOST


def _tell_why(refusal: Exception, name: str) -> None:
    """Why nothing was kept, on top of the next page."""
    key, tone = REFUSED[type(refusal)]
    layout.tell(key, tone, name=name)


def _sought(kind: str, name: str) -> Sought:
    """What the form says. Raises NotAMobile, NotAFixedLine."""
    hamlet_id = layout.chosen_hamlet()
    owner = layout.a_line("owner", 80)
    return Sought(kind, name, hamlet_id, owner, _phone())


def _listed_before(sought: Sought) -> Response:
    """To the one that it is, where that was closed and may be opened again."""
    with here().db.connection() as tx:
        listed = register.same(tx, layout.commune_id(), sought)
    if listed is None or not _may_be_opened(listed):
        layout.tell("business_listed_before", "danger", name=sought.name)
        to_list = url_for("staff.businesses")
        return layout.back(to_list)
    layout.tell("business_listed_closed", "warning", name=sought.name)
    return layout.see("staff.business", business_id=listed.id)


def _may_be_opened(listed: register.Listed) -> bool:
    if listed.closed_at is None:
        return False
    return layout.sees_hamlet(listed.hamlet_id)


def _phone() -> str:
    """The owner's number as typed, E.164; empty where there is none. Raises NotAMobile,
    NotAFixedLine.
    """
    written = layout.a_line("phone", 30)
    if not written:
        return ""
    try:
        return mobile(written)
    except NotAMobile:
        return fixed_line(written)


def _give(tx: Tx, business_id: int, sought: Sought) -> None:
    """To the owner that the form names. Raises OtherName."""
    owners.give(
        tx,
        _kept(tx, business_id),
        name=sought.owner,
        phone=sought.phone,
        commune_id=layout.commune_id(),
        now=lang.now_ms(),
        privacy_key=here().settings.privacy_key,
        origin="staff",
    )


def _kept(tx: Tx, business_id: int) -> register.Listed:
    """As it is kept. It was there a statement ago."""
    kept = register.get(tx, business_id, layout.commune_id())
    assert kept is not None
    return kept


def _in_reach(tx: Tx, business_id: int) -> Business:
    found = reports.one(tx, business_id, layout.commune_id())
    if found is None or not layout.sees_hamlet(found.hamlet_id):
        abort(404)
    return found


class Closed(Exception):
    """Nothing is logged for it, and nobody goes there, while it is closed."""


def _refuse_closed(tx: Tx, business_id: int) -> None:
    """404 for one out of reach. Raises Closed."""
    found = _in_reach(tx, business_id)
    if found.closed_at is not None:
        raise Closed


@bp.get("/businesses/<int:business_id>")
@layout.needs("businesses")
def business(business_id: int) -> layout.Page:
    with here().db.connection() as tx:
        row = _in_reach(tx, business_id)
        visits = reports.visits_of(tx, business_id)
        hamlets = layout.hamlets(tx)
        edits = _may_edit(tx, business_id)
        is_numbered = layout.may("numbers") or _owner_agreed(tx, row)
    if row.owner_id and is_numbered:
        layout.note_alone("look", person_id=row.owner_id)
    return layout.page(
        "business",
        row=row,
        visits=visits,
        hamlets=hamlets,
        kinds=KINDS,
        edits=edits,
        numbered=is_numbered,
        **_with_taps(),
    )


def _may_edit(tx: Tx, business_id: int) -> bool:
    """Whoever keeps the register; and the operator's man a shop that a request in his
    reach is about.
    """
    if layout.may("registers"):
        return True
    if layout.viewer().reach != "agent":
        return False
    return requests.of_shop(tx, layout.viewer(), business_id) is not None


def _owner_agreed(tx: Tx, row: Business) -> bool:
    """Whether the owner asked for it themselves and agreed that the operator's man
    calls; another owner did not.
    """
    viewer = layout.viewer()
    if viewer.reach != "agent" or row.owner_id is None:
        return False
    return requests.of_shop(tx, viewer, row.id, row.owner_id) is not None


@bp.post("/businesses/<int:business_id>/edit")
@layout.needs("businesses")
def edit_business(business_id: int) -> Response:
    kind = layout.a_line("kind", 20)
    name = layout.a_line("name", NAME_MOST + 1)
    to = layout.see("staff.business", business_id=business_id)
    if not _may_be_named(name) or kind not in KINDS:
        return to

    def work(tx: Tx) -> int:
        row = _in_reach(tx, business_id)
        if not _may_edit(tx, business_id):
            abort(403)
        layout.refuse_unknown_hamlet(tx, sought.hamlet_id)
        kept = _kept(tx, business_id)
        if kept.kind != kind and _counts_or_teaches(tx, row):
            raise KindCounts
        texts = changes.edit(tx, kept, layout.commune_id(), sought)
        _give(tx, business_id, sought)
        layout.note_act(
            tx,
            "business",
            person_id=kept.owner_id,
            detail=_edited(kept, name),
        )
        return texts

    try:
        sought = _sought(kind, name)
        texts = here().db.again(work)
        layout.tell("saved")
        if texts:
            layout.tell("school_renamed_texts", number=layout.count(texts))
    except tuple(REFUSED) as refusal:
        _tell_why(refusal, name)
    return to


def _edited(before: register.Listed, name: str) -> str:
    """As the trail has it: a new name stands there beside the old one."""
    detail = f"business {before.id}"
    if name == before.name:
        return detail
    return f"{detail}: {before.name} → {name}"


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
        _refuse_closed(tx, business_id)
        log_tapped(tx, "business", business_id)

    try:
        here().db.again(work)
    except Closed:
        layout.tell("business_is_closed", "warning")
    to_list = url_for("staff.businesses")
    return layout.back(to_list, f"u{business_id}")


@bp.post("/businesses/<int:business_id>/unlog")
@layout.needs("businesses")
def unlog_business(business_id: int) -> Response:
    """Take back an own slip of today with one tap; anything else is taken back in the
    log, with a reason.
    """
    undone = here().db.again(lambda tx: _take_back(tx, business_id))
    if undone:
        layout.tell("undone")
    else:
        layout.tell("undone_before", "warning")
    to_list = url_for("staff.businesses")
    return layout.back(to_list, f"u{business_id}")


def _take_back(tx: Tx, business_id: int) -> bool:
    now = lang.now_ms()
    staff_id = layout.staff().id
    row = _in_reach(tx, business_id)
    if row.logged is None or row.logged_by != staff_id:
        return False
    if row.counted_on != iso_day_at(now):
        return False
    reason = layout.say("slip")
    done = conversions.undo(
        tx, conversion_id=row.logged, at=now, staff_id=staff_id, reason=reason
    )
    if done:
        layout.note_act(tx, "undo", detail=row.indicator or "")
    return done


@bp.post("/businesses/<int:business_id>/visit")
@layout.needs("businesses")
def visit_business(business_id: int) -> Response:
    def work(tx: Tx) -> None:
        _refuse_closed(tx, business_id)
        visiting.note(tx, To(business_id=business_id))

    try:
        here().db.again(work)
    except Closed:
        layout.tell("business_is_closed", "warning")
    to = url_for("staff.business", business_id=business_id)
    return layout.back(to, f"u{business_id}")


@bp.post("/businesses/<int:business_id>/<any(close, reopen):what>")
@layout.needs("registers")
def close_business(business_id: int, what: str) -> Response:
    """It leaves the lists, and what it counted for stays, unless it never was one; or
    it comes back.
    """
    never_was = what == "close" and "mistake" in request.form

    def work(tx: Tx) -> bool:
        _in_reach(tx, business_id)
        kept = _kept(tx, business_id)
        if what == "close":
            now = lang.now_ms()
            done = register.close(tx, business_id, now=now)
        else:
            done = register.open_again(tx, kept, commune_id=layout.commune_id())
        if done:
            layout.note_act(tx, f"business_{what}", detail=f"business {business_id}")
        if done and never_was:
            _take_all_back(tx, business_id)
        return done

    to = layout.see("staff.business", business_id=business_id)
    try:
        done = here().db.again(work)
    except register.SecondOneStop:
        layout.tell("business_one_stop_there", "danger")
        return to
    if not done:
        layout.tell("business_as_it_was", "warning")
    elif never_was:
        layout.tell("business_closed_mistake")
    elif what == "close":
        layout.tell("business_closed")
    else:
        layout.tell("business_reopened")
    return to


def _take_all_back(tx: Tx, business_id: int) -> None:
    """What was logged for one that never was, with the reason in the log."""
    reason = layout.say("business_mistake")
    undone = conversions.undo_business(
        tx,
        business_id,
        at=lang.now_ms(),
        staff_id=layout.staff().id,
        reason=reason,
    )
    if undone:
        layout.note_act(tx, "undo", detail=f"business {business_id}")
