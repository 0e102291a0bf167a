"""What residents asked for: who has it, what was tried, how it ended, and the text that
tells them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import RequestKind, RequestState
from db.places import communes
from db.privacy import erasure
from db.register.visits import RESULTS
from db.reports import businesses, schools
from db.reports import messages as texts
from db.reports import requests as reports
from db.reports.businesses import Business
from db.reports.conversions import Entry
from db.reports.requests import Colleague, Line, Reach
from db.requests import work
from db.store.engine import Tx
from db.texts import outbox
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, reaching, request_done, roles
from gateway.staff.answering import Text, refused, rendered
from gateway.staff.broadcasts.common import why_said
from gateway.staff.gate import bp
from gateway.staff.moving_in import Unfit
from gateway.staff.reaching import Way
from gateway.staff.request_done import Chosen
from gateway.staff.request_kinds import DONE_BY, OPERATOR_KINDS
from menus import notices


class NotAgreed(Exception):
    """Nobody says that the resident agreed to be called by this school."""


class NotReopened(Exception):
    """It is open, was withdrawn or forgotten, or the same was asked for again."""


ENDINGS: Mapping[str, work.Ending] = {
    "done": RequestState.DONE,
    "declined": RequestState.DECLINED,
}


def reach() -> Reach:
    """Which of the commune's requests whoever is at the desk may see."""
    return layout.viewer().reach


@bp.get("/requests/")
@layout.needs("requests")
def requests() -> layout.Page:
    now = lang.now_ms()
    scope = layout.scope()
    viewer = layout.viewer()
    hamlet_id = layout.chosen_hamlet()
    kind = layout.a_line("kind", 12)
    mine = bool(request.args.get("mine"))
    holder_id = layout.staff().id if mine else None
    with here().db.connection() as tx:
        found = reports.open_ones(
            tx, viewer, hamlet_id=hamlet_id, kind=kind, holder_id=holder_id
        )
        ended = reports.ended(tx, viewer, hamlet_id=hamlet_id)
        all_open = reports.waiting(tx, viewer, hamlet_id=scope, now=now)
        tasks, done_tasks = _tasks(tx)
        hamlets = layout.hamlets(tx)
    return layout.page(
        "requests",
        found=found,
        ended=ended,
        all_open=all_open,
        tasks=tasks,
        done_tasks=done_tasks,
        hamlets=hamlets,
        hamlet_id=hamlet_id,
        kind=kind,
        mine=mine,
        kinds=_kinds(),
        now=now,
        most=reports.SHOWN,
    )


def _tasks(tx: Tx) -> tuple[list[texts.Task], list[texts.Task]]:
    """Who is to be told something, and who was, for who may see them."""
    if not layout.may("tasks"):
        return [], []
    commune_id = layout.staff().commune_id
    scope = layout.scope()
    waiting = texts.tasks_of(tx, commune_id=commune_id, hamlet_id=scope, done=False)
    done = texts.tasks_of(tx, commune_id=commune_id, hamlet_id=scope, done=True)
    return waiting, done


def _kinds() -> list[str]:
    """Those that whoever is at the desk may see."""
    match reach():
        case "agent":
            return list(OPERATOR_KINDS)
        case "school":
            return [RequestKind.SCHOOL]
        case "helper" | "held":
            return list(reports.HELPER_KINDS)
    return list(RequestKind)


@bp.get("/requests/<int:request_id>")
@layout.needs("requests")
def request_page(request_id: int) -> layout.Page:
    """With the text that would go where the address says how it ends: a browser may go
    back to it.
    """
    how = layout.a_line("how", 10)
    words = layout.a_line("words", work.ANSWER_MOST)
    if how not in ENDINGS:
        return _page(request_id, words=words)
    looked = _looked_at(request_id, how, words)
    if looked.unfit:
        return _page(request_id, words=words)
    return _page(request_id, text=looked.text, how=how, words=words)


class Looked(NamedTuple):
    """The request, the text that would go if it ended so, and why it may not: a key of
    the words, and what is at fault.
    """

    line: Line
    text: Text
    way: Way
    unfit: str
    what: str


def _looked_at(request_id: int, how: str, words: str) -> Looked:
    choice = request_done.chosen()
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        text = _text(tx, line, how, words, choice)
        way = _way(tx, line, how)
        lacks = _lacks(tx, line, how, words, choice)
    unfit, what = refused(text, words, line.kind)
    return Looked(line, text, way, unfit or lacks, what)


def _way(tx: Tx, line: Line, how: str) -> Way:
    """How the text reaches them; before it is said how it ends, as if it were done."""
    erases = line.kind == RequestKind.ERASE and how == "done"
    kind = work.NOTICES[ENDINGS.get(how, RequestState.DONE)]
    return reaching.way_to(tx, line.phone, "request_erased" if erases else kind)


def _lacks(tx: Tx, line: Line, how: str, words: str, choice: Chosen) -> str:
    """What is to be said before it can end so; empty where nothing is."""
    if how == "declined":
        return "" if words else "request_why_needed"
    if line.kind == RequestKind.OTHER and not words:
        return "request_what_needed"
    return request_done.lacks(tx, line, choice)


def _page(
    request_id: int,
    http: int = 200,
    *,
    text: Text | None = None,
    how: str = "",
    words: str = "",
) -> layout.Page:
    """With the text that would go, where an ending is looked at before it is sent."""
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        is_let_go = reports.is_let_go(layout.viewer(), line)
        acts = reports.acts(tx, request_id)
        if is_let_go:
            acts = [act._replace(words="") for act in acts]
        colleagues = _who_may_have(tx, line)
        offered = request_done.offer(tx, line)
        shop = None if is_let_go else _shop(tx, line)
        will_undo = _ended_done(line) and request_done.is_logged(tx, line)
        apart = _apart(tx, line)
        all_schools = _schools_for(tx, line)
        way = _way(tx, line, how)
        told = texts.of_request(tx, request_id)
    layout.note_alone("look", person_id=line.person_id)
    is_erasure = line.kind == RequestKind.ERASE
    return layout.page(
        "request",
        http,
        line=reports.as_shown(layout.viewer(), line),
        is_let_go=is_let_go,
        acts=acts,
        colleagues=colleagues,
        schools=all_schools,
        offered=offered,
        chosen=request_done.chosen(),
        done_by=DONE_BY.get(line.kind),
        counts=layout.may("log") and line.kind in DONE_BY,
        shop=shop,
        results=RESULTS,
        today=lang.current_day(),
        text=text,
        way=way,
        told=told,
        why_said=why_said,
        how=how,
        words=words,
        reopens=_may_reopen(line),
        will_undo=will_undo,
        apart=apart,
        may_erase=is_erasure and _may_erase(line),
        numbered=layout.may("numbers") or reach() != "all",
        now=lang.now_ms(),
    )


def _ended_done(line: Line) -> bool:
    return line.state == RequestState.DONE


def _apart(tx: Tx, line: Line) -> Entry | None:
    """What was ticked apart from it, where it ended as done and one may undo that."""
    if not _ended_done(line):
        return None
    entry = request_done.counted_apart(tx, line)
    return entry if entry and request_done.may_take_back(entry) else None


def _shop(tx: Tx, line: Line) -> Business | None:
    """The shop that the request is about, where it is known."""
    if line.business_id is None or not layout.may("businesses"):
        return None
    return businesses.one(tx, line.business_id, layout.commune_id())


@bp.post("/requests/<int:request_id>/shop")
@layout.needs("requests")
def shop_of_request(request_id: int) -> layout.Page | Response:
    """The shop that wants a QR: chosen or added before the QR is there, so that one can
    go to it.
    """
    if not layout.may("log"):
        abort(403)
    choice = request_done.chosen()

    def keep(tx: Tx) -> None:
        line = _in_reach(tx, request_id)
        is_about_a_shop = line.kind == RequestKind.QR
        if not is_about_a_shop or line.state != RequestState.OPEN:
            abort(400)
        problem = request_done.lacks(tx, line, choice)
        if problem:
            raise Unfit(problem)
        request_done.keep_shop(tx, line, choice)

    try:
        here().db.again(keep)
    except Unfit as unfit:
        layout.tell(unfit.key, "danger")
        return _page(request_id, 400)
    layout.tell("request_shop_kept")
    return layout.see("staff.request_page", request_id=request_id, _anchor="shop")


def _schools_for(tx: Tx, line: Line) -> list[schools.School]:
    """To which schools the commune may give it."""
    if line.kind != RequestKind.SCHOOL or not layout.may("tasks"):
        return []
    return schools.all_of(tx, layout.staff().commune_id)


def _may_erase(line: Line) -> bool:
    """Without a number nobody knows whom to forget."""
    return bool(line.phone) and layout.may("erase")


def _may_reopen(line: Line) -> bool:
    """Staff ended it; an erasure that was done cannot be undone."""
    has_ended = line.state in ENDINGS.values()
    is_erased = line.kind == RequestKind.ERASE and line.state == RequestState.DONE
    return has_ended and not is_erased


def _in_reach(tx: Tx, request_id: int) -> Line:
    line = reports.one(tx, layout.viewer(), request_id)
    return layout.in_reach(line)


def _who_may_have(tx: Tx, line: Line) -> list[Colleague]:
    """Whoever would see it, too."""
    colleagues = reports.colleagues(tx, layout.staff().commune_id)
    return [one for one in colleagues if _sees(one, line)]


def _sees(one: Colleague, line: Line) -> bool:
    if not roles.may(one.role, "requests"):
        return False
    is_for_helpers = line.kind in reports.HELPER_KINDS
    if one.role in ("team", "youth") and not is_for_helpers:
        return False
    if one.role in roles.BOUND_TO_A_HAMLET:
        return one.hamlet_id is not None and one.hamlet_id == line.hamlet_id
    is_told = line.told_at is not None
    if one.role == "agent":
        return is_told and line.kind in OPERATOR_KINDS
    if one.role == "school":
        return is_told and _is_of_school(one, line)
    return True


def _is_of_school(one: Colleague, line: Line) -> bool:
    """One that names no school is handed to any, by the commune; another only within
    its school.
    """
    if line.kind != RequestKind.SCHOOL:
        return False
    if line.school_id is None:
        return layout.school_scope() in (None, one.school_id)
    return one.school_id == line.school_id


@bp.post("/requests/<int:request_id>/take")
@layout.needs("requests")
def take_request(request_id: int) -> Response:
    staff_id = layout.staff().id

    def take(tx: Tx, line: Line) -> bool:
        now = lang.now_ms()
        return work.take(tx, line.id, staff_id=staff_id, now=now)

    return _act(request_id, take)


@bp.post("/requests/<int:request_id>/hand")
@layout.needs("requests")
def hand_request(request_id: int) -> Response:
    staff_id = layout.staff().id
    to_id = layout.a_number("to")

    def hand(tx: Tx, line: Line) -> bool:
        offered = [one.id for one in _who_may_have(tx, line)]
        if to_id is None or to_id not in offered:
            abort(400)
        now = lang.now_ms()
        return work.hand_over(tx, line.id, to_id=to_id, staff_id=staff_id, now=now)

    return _act(request_id, hand)


@bp.post("/requests/<int:request_id>/school")
@layout.needs("tasks")
def give_to_school(request_id: int) -> Response:
    """The commune asked the resident, who agrees that this school sees it."""
    to = layout.see("staff.request_page", request_id=request_id)
    school_id = layout.a_number("school")
    staff_id = layout.staff().id

    def give(tx: Tx) -> bool:
        line = _in_reach(tx, request_id)
        school = _school(tx, school_id)
        has_agreed = line.told_at is not None and line.school_id == school.id
        if not has_agreed and not request.form.get("agreed"):
            raise NotAgreed
        now = lang.now_ms()
        given = work.give_to_school(
            tx,
            line.id,
            school_id=school.id,
            name=school.name,
            staff_id=staff_id,
            now=now,
        )
        if given:
            detail = f"request {line.number}"
            layout.note_act(
                tx, "request_to_school", person_id=line.person_id, detail=detail
            )
        return given

    try:
        given = here().db.again(give)
    except NotAgreed:
        layout.tell("request_school_agreed_needed", "danger")
        return to
    if given:
        layout.tell("request_given_to_school")
    else:
        layout.tell("request_as_it_was", "warning")
    return to


def _school(tx: Tx, school_id: int | None) -> schools.School:
    """One of the commune's that is open; 400 otherwise."""
    all_schools = schools.all_of(tx, layout.staff().commune_id)
    found = [one for one in all_schools if one.id == school_id]
    if not found:
        abort(400)
    return found[0]


@bp.post("/requests/<int:request_id>/note")
@layout.needs("requests")
def note_request(request_id: int) -> Response:
    """Nobody was reached (`tried`), or something to know about it."""
    words = layout.a_line("words", 400)
    tried = request.form.get("tried")
    if not tried and not words:
        layout.tell("request_note_needed", "danger")
        return layout.see("staff.request_page", request_id=request_id)
    keep = work.tried if tried else work.note
    staff_id = layout.staff().id

    def noted(tx: Tx, line: Line) -> bool:
        now = lang.now_ms()
        return keep(
            tx,
            line.id,
            staff_id=staff_id,
            words=words,
            now=now,
            form_key=layout.form_key(),
        )

    return _act(request_id, noted)


def _act(request_id: int, act: Callable[[Tx, Line], bool]) -> Response:
    """Do it once; done before, or ended meanwhile, it is said."""

    def work_once(tx: Tx) -> bool:
        line = _in_reach(tx, request_id)
        return act(tx, line)

    if here().db.again(work_once):
        layout.tell("call_noted")
    else:
        layout.tell("request_as_it_was", "warning")
    return layout.see("staff.request_page", request_id=request_id)


@bp.post("/requests/<int:request_id>/end")
@layout.needs("requests")
def end_request(request_id: int) -> layout.Page | Response:
    """Done or declined: first the text as it would go, with its parts and price;
    confirmed, it goes.
    """
    how = request.form.get("how", "")
    words = layout.a_line("words", work.ANSWER_MOST)
    if how not in ENDINGS:
        abort(400)
    looked = _looked_at(request_id, how, words)
    line = looked.line
    has_ended_before = line.state != RequestState.OPEN
    if looked.unfit and not has_ended_before:
        layout.tell(looked.unfit, "danger", what=looked.what)
        return _page(request_id, 400, how=how, words=words)
    choice = request_done.chosen()
    if not request.form.get("confirmed"):
        return layout.see(
            "staff.request_page",
            request_id=request_id,
            how=how,
            words=words,
            _anchor="end",
            **choice.in_address(),
        )
    ending = ENDINGS[how]
    try:
        has_ended = here().db.again(
            lambda tx: _end(tx, request_id, ending, words, choice)
        )
    except Unfit as unfit:
        layout.tell(unfit.key, "danger")
        return _page(request_id, 400, words=words)
    if has_ended:
        reaching.report("request_ended", looked.way)
    else:
        layout.tell("request_as_it_was", "warning")
    return layout.see("staff.requests")


def _text(tx: Tx, line: Line, how: str, words: str, choice: Chosen) -> Text:
    """An erasure is confirmed in plain Vietnamese: nothing is known of the person any
    more.
    """
    kind = work.NOTICES[ENDINGS[how]]
    language = line.language
    marks = bool(line.marks)
    if line.kind == RequestKind.ERASE and how == "done":
        kind = "request_erased"
        language = "vi"
        marks = False
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    commune = communes.named(tx, commune_id, today)
    about = notices.Answered(
        line.number,
        words,
        line.kind,
        line.for_name,
        request_done.shop_named(tx, line, choice),
    )
    said = notices.answer(kind, language, about, commune=commune.name)
    text_class, *_ = notices.KINDS[kind]
    return rendered(said, line.phone, marks=marks, text_class=text_class)


def _end(tx: Tx, request_id: int, how: work.Ending, words: str, choice: Chosen) -> bool:
    """False where it ended before: then nothing counts, and nobody is told again.
    Raises Unfit.
    """
    line = _in_reach(tx, request_id)
    if line.state != RequestState.OPEN:
        return False
    now = lang.now_ms()
    staff_id = layout.staff().id
    erases = line.kind == RequestKind.ERASE and how is RequestState.DONE
    if erases and not _may_erase(line):
        abort(403)
    ended = work.end(
        tx,
        line.id,
        how,
        answer=words,
        staff_id=staff_id,
        now=now,
        texts=not erases,
        by_voice=_way(tx, line, how).stopped,
    )
    if not ended:
        return False
    if how is RequestState.DONE:
        request_done.count(tx, line, choice)
    detail = f"request {line.number}"
    layout.note_act(tx, f"request_{how}", person_id=line.person_id, detail=detail)
    if erases and line.phone:
        _erase(tx, line.id, line.phone, now)
    return True


def _erase(tx: Tx, request_id: int, phone: str, now: int) -> None:
    """Whoever has this number is forgotten, and told so once."""
    member = layout.staff()
    privacy_key = here().settings.privacy_key
    erasure.erase(tx, privacy_key, phone, now, member.id)
    outbox.post(
        tx,
        kind="request_erased",
        commune_id=member.commune_id,
        phone=phone,
        now=now,
        request_id=request_id,
        once=f"request:{request_id}",
    )


@bp.post("/requests/<int:request_id>/reopen")
@layout.needs("requests")
def reopen_request(request_id: int) -> Response:
    """It was ended by mistake: open again, with the reason in its story and in the
    trail.
    """
    words = layout.a_line("words", 200)
    to = layout.see("staff.request_page", request_id=request_id)
    if not words:
        layout.tell("request_reopen_why_needed", "danger")
        return to
    try:
        taken_back = here().db.again(lambda tx: _reopen(tx, request_id, words))
    except NotReopened:
        layout.tell("request_not_reopened", "warning")
        return to
    layout.tell("request_reopened")
    if taken_back:
        layout.tell("request_reopened_uncounted", "warning")
    return to


def _reopen(tx: Tx, request_id: int, words: str) -> int:
    """What it logged is taken back with it; what was ticked apart from it, where the
    form says so: how much. Raises NotReopened.
    """
    line = _in_reach(tx, request_id)
    reason = layout.say("request_reopened_act", why=words)
    staff_id = layout.staff().id
    now = lang.now_ms()
    if not work.reopen(tx, line.id, words=reason, staff_id=staff_id, now=now):
        raise NotReopened
    detail = f"request {line.number}"
    layout.note_act(tx, "request_reopened", person_id=line.person_id, detail=detail)
    undone = request_done.uncount(tx, line, reason)
    if "apart" in request.form:
        undone += request_done.uncount_apart(tx, line, reason)
    return undone
