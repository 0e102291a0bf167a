"""A school: its classes, the parents who agreed to be told, how many pay the fees
through Viettel Money.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.broadcasts import audience, parents_told
from db.changes import classes, parents
from db.models.states import HowAsked
from db.places import plan
from db.progress import tuition
from db.progress.tuition import Counted
from db.register import schools as register
from db.register.schools import CLASS_MOST
from db.reports import places
from db.reports import schools as reports
from db.reports.schools import School
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import reason_said
from gateway.staff.gate import bp
from menus import schooling
from menus.numbers import NotAMobile, mobile

PUPILS_MOST = 500  # of one class


@bp.get("/schools/")
@layout.needs("schools")
def schools() -> layout.Page | Response:
    """Every school; a school's own account goes to its own."""
    own = layout.school_scope()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        found = reports.all_of(tx, commune_id)
    if own is None:
        return layout.page("schools", schools=found)
    if own in [row.id for row in found]:
        return layout.see("staff.school", school_id=own)
    return layout.page("schools", schools=[])


def in_reach(tx: Tx, school_id: int) -> School:
    """The school, if this account may see it; 404 otherwise."""
    commune_id = layout.staff().commune_id
    found = reports.one(tx, school_id, commune_id)
    if found is None or layout.school_scope() not in (None, school_id):
        abort(404)
    return found


@bp.get("/schools/<int:school_id>")
@layout.needs("schools")
def school(school_id: int) -> layout.Page:
    return school_page(school_id)


def school_page(school_id: int, http: int = 200) -> layout.Page:
    """What was typed into a form that was refused stands in it again."""
    reach = _reach(school_id)
    with here().db.connection() as tx:
        row = in_reach(tx, school_id)
        classes = _classes(tx, school_id)
        counted = reports.days_of(tx, school_id)
        gate_days = reports.gate_days_of(tx, school_id)
        gate_classes = _gate_classes(tx, school_id)
        notices = reports.notices_of(tx, school_id)
        period = plan.period(tx, layout.staff().commune_id)
    return layout.page(
        "school",
        http,
        row=row,
        classes=classes,
        reach=reach,
        counted=counted,
        gate_days=gate_days,
        gate_classes=gate_classes,
        notices=notices,
        short_name=schooling.shortened(row.name),
        begins=period.starts or "",
        typed=request.form,
        today=lang.current_day(),
        longest=CLASS_MOST,
        bound=layout.school_scope() is not None,
        most=PUPILS_MOST,
    )


def _reach(school_id: int) -> dict[int, parents_told.Both]:
    """How many of each class a text would reach now, by id of the class."""
    settings = here().settings
    # refusals are met by the hash of a number, which a new parent has not got yet
    audience.hash_numbers(here().db, settings.privacy_key)
    with here().db.connection() as tx:
        in_reach(tx, school_id)
        return parents_told.by_class(
            tx,
            school_id,
            commune_id=layout.staff().commune_id,
            now=lang.now_ms(),
            cap=settings.texts_a_day,
        )


def _gate_classes(tx: Tx, school_id: int) -> dict[int, list[reports.Heads]]:
    """Who came to its gate by class, in a school's order, by id of the session."""
    rows = reports.gate_classes_of(tx, school_id)
    found: dict[int, list[reports.Heads]] = {}
    for row in sorted(rows, key=lambda one: register.in_order(one.name)):
        found.setdefault(row.event_id, []).append(row)
    return found


def _classes(tx: Tx, school_id: int) -> list[reports.Class]:
    found = reports.classes_of(tx, school_id)
    return sorted(found, key=lambda one: register.in_order(one.name))


@bp.post("/schools/<int:school_id>/classes")
@layout.needs("schools")
def add_class(school_id: int) -> Response:
    name = layout.a_line("name", CLASS_MOST)

    def work(tx: Tx) -> None:
        in_reach(tx, school_id)
        register.ensure_class(tx, school_id, name)

    try:
        here().db.again(work)
        layout.tell("saved")
    except register.NoClass:
        layout.tell("class_needed", "danger")
    return layout.see("staff.school", school_id=school_id, _anchor="classes")


@bp.post("/schools/<int:school_id>/classes/<int:class_id>/rename")
@layout.needs("schools")
def rename_class(school_id: int, class_id: int) -> layout.Page | Response:
    """It says what the class was called and what it is called now; a name that is
    refused stands in the form again.
    """
    name = layout.a_line("name", CLASS_MOST)
    commune_id = layout.staff().commune_id

    def work(tx: Tx) -> classes.Change:
        row = in_reach(tx, school_id)
        one = class_of(tx, school_id, class_id)
        school = register.School(row.id, row.name)
        before = register.Class(one.id, one.name)
        change = classes.rename(tx, school, before, name, commune_id=commune_id)
        if change.was != change.becomes:
            detail = f"class {class_id}: {change.was} → {change.becomes}"
            layout.note_act(tx, "class_renamed", detail=detail)
        return change

    try:
        change = here().db.again(work)
    except register.NoClass:
        layout.tell("class_needed", "danger")
        return class_page(school_id, class_id, 400)
    except register.NameTaken:
        layout.tell("class_taken", "danger", name=register.checked(name))
        return class_page(school_id, class_id, 400)
    _tell_renamed(change)
    return layout.see("staff.school_class", school_id=school_id, class_id=class_id)


def _tell_renamed(change: classes.Change) -> None:
    if change.was == change.becomes:
        layout.tell("class_same", "warning", name=change.was)
        return
    layout.tell("class_renamed", was=change.was, name=change.becomes)
    if change.texts:
        texts = layout.count(change.texts)
        layout.tell("class_renamed_texts", number=texts)


@bp.post("/schools/<int:school_id>/classes/<int:class_id>/remove")
@layout.needs("schools")
def remove_class(school_id: int, class_id: int) -> Response:
    def work(tx: Tx) -> str:
        in_reach(tx, school_id)
        one = class_of(tx, school_id, class_id)
        register.remove_class(tx, school_id, class_id)
        layout.note_act(tx, "class_removed", detail=f"school {school_id}, {one.name}")
        return one.name

    try:
        name = here().db.again(work)
    except register.InUse:
        layout.tell("class_in_use", "danger")
        return layout.see("staff.school_class", school_id=school_id, class_id=class_id)
    layout.tell("class_removed", name=name)
    return layout.see("staff.school", school_id=school_id, _anchor="classes")


@bp.post("/schools/<int:school_id>/counts")
@layout.needs("schools")
def count_classes(school_id: int) -> layout.Page | Response:
    """What was counted in each class on one day; a class that was left empty was not
    counted.
    """
    day = _day_gone_by("day")
    if day is None:
        layout.tell("count_day", "danger")
        return school_page(school_id, 400)
    try:
        counted = here().db.again(lambda tx: _count(tx, school_id, day.isoformat()))
    except BadCount as problem:
        layout.tell(
            "count_bad",
            "danger",
            name=problem.name,
            what=problem.what,
            most=PUPILS_MOST,
        )
        return school_page(school_id, 400)
    if not counted:
        layout.tell("count_needed", "danger")
        return school_page(school_id, 400)
    layout.tell("saved")
    return layout.see("staff.school", school_id=school_id)


@bp.post("/schools/<int:school_id>/counts/take-back")
@layout.needs("schools")
def take_counts_back(school_id: int) -> Response:
    """What was written under a wrong day, or of another school."""
    to = layout.see("staff.school", school_id=school_id, _anchor="counted")
    day = _day_gone_by("day")
    if day is None:
        abort(400)

    def work(tx: Tx) -> bool:
        in_reach(tx, school_id)
        who = layout.staff()
        programme = places.programme_of(tx, who.commune_id)
        if programme is None:
            abort(400)
        taken = tuition.take_back(
            tx,
            school_id,
            day=day.isoformat(),
            programme_id=programme.id,
            staff_id=who.id,
            now=lang.now_ms(),
            form_key=layout.form_key(),
        )
        if taken:
            detail = f"school {school_id}, {day}, taken back"
            layout.note_act(tx, "class_counts_back", detail=detail)
        return taken

    if here().db.again(work):
        layout.tell("counts_taken_back", day=layout.day_name(day.isoformat()))
    else:
        layout.tell("counts_as_they_were", "warning")
    return to


def _count(tx: Tx, school_id: int, day: str) -> bool:
    """False where the form says nothing of any class. Raises BadCount."""
    who = layout.staff()
    in_reach(tx, school_id)
    programme = places.programme_of(tx, who.commune_id)
    if programme is None:
        abort(400)
    counts = _counts(_classes(tx, school_id))
    if not counts:
        return False
    tuition.count(
        tx,
        school_id,
        counts,
        day=day,
        programme_id=programme.id,
        staff_id=who.id,
        now=lang.now_ms(),
        form_key=layout.form_key(),
    )
    layout.note_act(
        tx, "class_counts", detail=f"school {school_id}, {day}, {len(counts)} classes"
    )
    return True


class BadCount(ValueError):
    """Of the class `name` more pay than there are pupils, a number is missing, or what
    was typed is none.
    """

    def __init__(self, name: str, what: str) -> None:
        super().__init__(name, what)
        self.name = name
        self.what = what


def _counts(classes: list[reports.Class]) -> dict[int, Counted]:
    """What the form says of these classes. Raises BadCount."""
    found = {}
    for one in classes:
        paying = layout.a_line(f"paying_{one.id}", 20)
        pupils = layout.a_line(f"pupils_{one.id}", 20)
        if not paying and not pupils:
            continue
        counted = _read_count(paying, pupils)
        if counted is None:
            typed = f"{paying or '–'} / {pupils or '–'}"
            raise BadCount(one.name, typed)
        found[one.id] = counted
    return found


def _read_count(paying: str, pupils: str) -> Counted | None:
    """None where one of the two is no number of pupils, or more pay than there are."""
    if not layout.is_whole_number(paying) or not layout.is_whole_number(pupils):
        return None
    counted = Counted(int(paying), int(pupils))
    if counted.paying > counted.pupils or counted.pupils > PUPILS_MOST:
        return None
    return counted


def _day_gone_by(name: str) -> date | None:
    """A day of the form, today at the latest; none where it is empty, none or later."""
    written = request.form.get(name, "")
    day = layout.as_day(written)
    if day is None or day.isoformat() > lang.current_day():
        return None
    return day


@bp.get("/schools/<int:school_id>/classes/<int:class_id>")
@layout.needs("schools")
def school_class(school_id: int, class_id: int) -> layout.Page:
    return class_page(school_id, class_id)


def class_page(school_id: int, class_id: int, http: int = 200) -> layout.Page:
    """The parents of one class by number, masked where the role needs no more. Each
    look is written down.
    """
    reach = _reach(school_id)
    with here().db.connection() as tx:
        row = in_reach(tx, school_id)
        one = class_of(tx, school_id, class_id)
        found = reports.parents_of(tx, class_id)
    detail = f"class {class_id}, {len(found)} lines"
    layout.note_alone("parents", detail=detail)
    return layout.page(
        "school_class",
        http,
        row=row,
        one=one,
        parents=found,
        reach=reach.get(class_id),
        reason_said=reason_said,
        ways=[how for how in HowAsked if how],
        typed=request.form,
        today=lang.current_day(),
        longest=CLASS_MOST,
    )


def class_of(tx: Tx, school_id: int, class_id: int) -> reports.Class:
    """404 for another school's."""
    found = [one for one in reports.classes_of(tx, school_id) if one.id == class_id]
    if not found:
        abort(404)
    return found[0]


class Agreed(NamedTuple):
    """What the form says of a consent: when, and how they were asked."""

    on: date
    asked: HowAsked


def _agreed() -> Agreed | None:
    """None where the day, the way of asking or the tick is missing."""
    day = _day_gone_by("agreed_on")
    written = request.form.get("asked", "")
    if day is None or not request.form.get("agreed"):
        return None
    if written not in tuple(HowAsked) or not written:
        return None
    return Agreed(day, HowAsked(written))


@bp.post("/schools/<int:school_id>/classes/<int:class_id>/parents")
@layout.needs("schools")
def add_parent(school_id: int, class_id: int) -> Response:
    """Notices of the class, and where that was asked apart and ticked, adverts."""
    to_class = layout.see("staff.school_class", school_id=school_id, class_id=class_id)
    agreed = _agreed()
    if agreed is None:
        layout.tell("parent_agreed_needed", "danger")
        return to_class
    typed = layout.a_line("phone", 30)
    try:
        phone = mobile(typed)
    except NotAMobile:
        layout.tell("parent_number_wrong", "danger")
        return to_class
    takes_adverts = bool(request.form.get("adverts"))

    def work(tx: Tx) -> tuple[bool, bool]:
        in_reach(tx, school_id)
        class_of(tx, school_id, class_id)
        is_new = _add_parent(tx, class_id, phone, agreed)
        has_agreed = takes_adverts and _add_adverts(tx, phone, agreed)
        return is_new, has_agreed

    try:
        is_new, has_agreed = here().db.again(work)
    except tuple(NOT_AGREED) as refusal:
        _tell_not_agreed(refusal)
        return to_class
    layout.tell("parent_added" if is_new else "parent_before")
    if has_agreed:
        layout.tell("parent_adverts_added")
    return to_class


# Why nothing is kept.
NOT_AGREED: dict[type[Exception], str] = {
    parents.WithdrawnSince: "parent_withdrawn_since",
    parents.AdvertsRefused: "parent_adverts_refused",
    parents.TooLongAgo: "parent_too_long_ago",
}


def _tell_not_agreed(refusal: Exception) -> None:
    earliest = parents.earliest(lang.now_ms())
    day = layout.day_name(earliest.isoformat())
    layout.tell(NOT_AGREED[type(refusal)], "danger", day=day)


def _add_parent(tx: Tx, class_id: int, phone: str, agreed: Agreed) -> bool:
    """Raises parents.WithdrawnSince."""
    who = layout.staff()
    added = parents.agree(
        tx,
        class_id=class_id,
        phone=phone,
        agreed_on=agreed.on,
        asked=agreed.asked,
        commune_id=who.commune_id,
        staff_id=who.id,
        now=lang.now_ms(),
        privacy_key=here().settings.privacy_key,
    )
    layout.note_act(tx, "parent", detail=f"class {class_id}")
    return added


def _add_adverts(tx: Tx, phone: str, agreed: Agreed) -> bool:
    """Raises parents.WithdrawnSince, parents.AdvertsRefused."""
    return parents.agree_to_adverts(
        tx,
        phone,
        agreed_on=agreed.on,
        asked=agreed.asked,
        now=lang.now_ms(),
        privacy_key=here().settings.privacy_key,
    )


def _standing(tx: Tx, school_id: int, parent_id: int) -> parents.Standing | None:
    """A parent of this school; 404 for another's."""
    in_reach(tx, school_id)
    parent = parents.standing(tx, parent_id)
    if parent is not None and parent.school_id != school_id:
        abort(404)
    return parent


@bp.post("/schools/<int:school_id>/parents/<int:parent_id>/adverts")
@layout.needs("schools")
def add_adverts(school_id: int, parent_id: int) -> Response:
    """A parent of the list agreed to adverts, asked apart."""
    to = layout.back(url_for("staff.school", school_id=school_id))
    agreed = _agreed()
    if agreed is None:
        layout.tell("parent_agreed_needed", "danger")
        return to

    def work(tx: Tx) -> bool:
        parent = _standing(tx, school_id, parent_id)
        if parent is None or parent.phone is None:
            return False
        added = _add_adverts(tx, parent.phone, agreed)
        layout.note_act(tx, "parent_adverts", person_id=parent.person_id)
        return added

    try:
        added = here().db.again(work)
    except tuple(NOT_AGREED) as refusal:
        _tell_not_agreed(refusal)
    else:
        layout.tell("parent_adverts_added" if added else "parent_adverts_before")
    return to


@bp.post("/schools/<int:school_id>/parents/<int:parent_id>/adverts/withdraw")
@layout.needs("schools")
def withdraw_adverts(school_id: int, parent_id: int) -> Response:
    privacy_key = here().settings.privacy_key

    def work(tx: Tx) -> bool:
        parent = _standing(tx, school_id, parent_id)
        if parent is None:
            return False
        now = lang.now_ms()
        done = parents.withdraw_adverts(tx, parent, now=now, privacy_key=privacy_key)
        layout.note_act(tx, "parent_adverts_withdrawn", person_id=parent.person_id)
        return done

    if here().db.again(work):
        layout.tell("parent_adverts_withdrawn")
    else:
        layout.tell("parent_withdrawn_before", "warning")
    return layout.back(url_for("staff.school", school_id=school_id))


@bp.post("/schools/<int:school_id>/parents/<int:parent_id>/withdraw")
@layout.needs("schools")
def withdraw_parent(school_id: int, parent_id: int) -> Response:
    staff_id = layout.staff().id
    privacy_key = here().settings.privacy_key

    def work(tx: Tx) -> bool:
        parent = _standing(tx, school_id, parent_id)
        if parent is None:
            return False
        now = lang.now_ms()
        done = parents.withdraw(
            tx, parent, staff_id=staff_id, now=now, privacy_key=privacy_key
        )
        layout.note_act(tx, "parent_withdrawn", person_id=parent.person_id)
        return done

    if here().db.again(work):
        layout.tell("parent_withdrawn")
    else:
        layout.tell("parent_withdrawn_before", "warning")
    return layout.back(url_for("staff.school", school_id=school_id))
