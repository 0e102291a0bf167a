"""A school: its classes, the parents who agreed to be told, how many pay the fees through Viettel Money."""

from __future__ import annotations

from datetime import date

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from db.changes import classes, parents
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
from gateway.staff.gate import bp
from menus.numbers import NotAMobile, mobile

PUPILS_MOST = 500  # of one class


@bp.get("/schools/")
@layout.needs("schools")
def schools() -> layout.Page | Response:
    """Every school; a school's own account goes to its own."""
    own = layout.school_scope()
    with here().db.connection() as tx:
        found = reports.all_of(tx, layout.staff().commune_id)
    if own is not None:
        found = [row for row in found if row.id == own]
        if found:
            return layout.see("staff.school", school_id=own)
    return layout.page("schools", schools=found)


def in_reach(tx: Tx, school_id: int) -> School:
    """The school, if this account may see it; 404 otherwise."""
    found = reports.one(tx, school_id, layout.staff().commune_id)
    if found is None or layout.school_scope() not in (None, school_id):
        abort(404)
    return found


@bp.get("/schools/<int:school_id>")
@layout.needs("schools")
def school(school_id: int) -> layout.Page:
    return school_page(school_id)


def school_page(school_id: int, http: int = 200) -> layout.Page:
    """What was typed into a form that was refused stands in it again."""
    with here().db.connection() as tx:
        row = in_reach(tx, school_id)
        classes = _classes(tx, school_id)
        counted = reports.days_of(tx, school_id)
        gate_days = reports.gate_days_of(tx, school_id)
    return layout.page(
        "school",
        http,
        row=row,
        classes=classes,
        counted=counted,
        gate_days=gate_days,
        typed=request.form,
        today=lang.current_day(),
        key=layout.form_key(),
        longest=CLASS_MOST,
        bound=layout.school_scope() is not None,
        most=PUPILS_MOST,
    )


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
    """It says what the class was called and what it is called now; a name that is refused stands in the form again."""
    name = layout.a_line("name", CLASS_MOST)

    def work(tx: Tx) -> classes.Change:
        row = in_reach(tx, school_id)
        one = class_of(tx, school_id, class_id)
        school = register.School(row.id, row.name)
        before = register.Class(one.id, one.name)
        change = classes.rename(
            tx, school, before, name, commune_id=layout.staff().commune_id
        )
        if change.was != change.becomes:
            layout.note_act(
                tx,
                "class_renamed",
                detail=f"class {class_id}: {change.was} → {change.becomes}",
            )
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
        layout.tell("class_renamed_texts", number=layout.count(change.texts))


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
    """What was counted in each class on one day; a class that was left empty was not counted."""
    form_key = layout.a_line("form_key", 24)
    day = _day_gone_by("day")
    if day is None or len(form_key) < 12:
        layout.tell("count_day", "danger")
        return school_page(school_id, 400)
    try:
        counted = here().db.again(
            lambda tx: _count(tx, school_id, day.isoformat(), form_key)
        )
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


def _count(tx: Tx, school_id: int, day: str, form_key: str) -> bool:
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
        form_key=form_key,
    )
    layout.note_act(
        tx, "class_counts", detail=f"school {school_id}, {day}, {len(counts)} classes"
    )
    return True


class BadCount(ValueError):
    """Of the class `name` more pay than there are pupils, a number is missing, or what was typed is none."""

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
            raise BadCount(one.name, f"{paying or '–'} / {pupils or '–'}")
        found[one.id] = counted
    return found


def _read_count(paying: str, pupils: str) -> Counted | None:
    """None where one of the two is no number of pupils, or more pay than there are."""
    if not layout.is_whole_number(paying) or not layout.is_whole_number(pupils):
        return None
    counted = Counted(int(paying), int(pupils))
    return counted if counted.paying <= counted.pupils <= PUPILS_MOST else None


def _day_gone_by(name: str) -> date | None:
    """A day of the form, today at the latest; none where it is empty, none or later."""
    written = request.form.get(name, "")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return None if day.isoformat() > lang.current_day() else day


@bp.get("/schools/<int:school_id>/classes/<int:class_id>")
@layout.needs("schools")
def school_class(school_id: int, class_id: int) -> layout.Page:
    return class_page(school_id, class_id)


def class_page(school_id: int, class_id: int, http: int = 200) -> layout.Page:
    """The parents of one class by number, masked where the role needs no more. Each look is written down."""
    with here().db.connection() as tx:
        row = in_reach(tx, school_id)
        one = class_of(tx, school_id, class_id)
        found = reports.parents_of(tx, class_id)
    detail = f"class {class_id}, {len(found)} lines"
    here().db.again(lambda tx: layout.note_act(tx, "parents", detail=detail))
    return layout.page(
        "school_class",
        http,
        row=row,
        one=one,
        parents=found,
        typed=request.form,
        today=lang.current_day(),
        longest=CLASS_MOST,
    )


def class_of(tx: Tx, school_id: int, class_id: int) -> reports.Class:
    found = next(
        (one for one in reports.classes_of(tx, school_id) if one.id == class_id), None
    )
    if found is None:
        abort(404)
    return found


@bp.post("/schools/<int:school_id>/classes/<int:class_id>/parents")
@layout.needs("schools")
def add_parent(school_id: int, class_id: int) -> Response:
    who = layout.staff()
    to = layout.see("staff.school_class", school_id=school_id, class_id=class_id)
    agreed_on = _day_gone_by("agreed_on")
    if agreed_on is None or not request.form.get("agreed"):
        layout.tell("parent_agreed_needed", "danger")
        return to
    try:
        phone = mobile(layout.a_line("phone", 30))
    except NotAMobile:
        layout.tell("parent_number_wrong", "danger")
        return to

    def work(tx: Tx) -> bool:
        in_reach(tx, school_id)
        class_of(tx, school_id, class_id)
        added = parents.agree(
            tx,
            class_id=class_id,
            phone=phone,
            agreed_on=agreed_on,
            commune_id=who.commune_id,
            staff_id=who.id,
            now=lang.now_ms(),
            privacy_key=here().settings.privacy_key,
        )
        layout.note_act(tx, "parent", detail=f"class {class_id}")
        return added

    try:
        added = here().db.again(work)
    except parents.WithdrawnSince:
        layout.tell("parent_withdrawn_since", "danger")
    else:
        layout.tell("parent_added" if added else "parent_before")
    return to


@bp.post("/schools/<int:school_id>/parents/<int:parent_id>/withdraw")
@layout.needs("schools")
def withdraw_parent(school_id: int, parent_id: int) -> Response:
    def work(tx: Tx) -> bool:
        in_reach(tx, school_id)
        parent = parents.standing(tx, parent_id)
        if parent is None:
            return False
        if parent.school_id != school_id:
            abort(404)
        staff_id = layout.staff().id
        privacy_key = here().settings.privacy_key
        done = parents.withdraw(
            tx, parent, staff_id=staff_id, now=lang.now_ms(), privacy_key=privacy_key
        )
        layout.note_act(tx, "parent_withdrawn", person_id=parent.person_id)
        return done

    if here().db.again(work):
        layout.tell("parent_withdrawn")
    else:
        layout.tell("parent_withdrawn_before", "warning")
    return layout.back(url_for("staff.school", school_id=school_id))
