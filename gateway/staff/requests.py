"""What residents asked for: who has it, what was tried, how it ended, and the text that tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import Ground, RequestKind, RequestState
from db.places import communes
from db.privacy import erasure
from db.register import identity
from db.register import people as register
from db.reports import businesses, people, places
from db.reports import messages as texts
from db.reports import requests as reports
from db.reports.requests import Colleague, Line, Reach
from db.requests import asked, work
from db.seats import seating
from db.store.engine import Tx
from db.texts import outbox, wishes
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.answering import Text, refused, rendered
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from gateway.staff.today import log_tapped
from menus import notices
from menus.numbers import NotAMobile, mobile

ENDINGS: Mapping[str, work.Ending] = {
    "done": RequestState.DONE,
    "declined": RequestState.DECLINED,
}
OPERATOR_KINDS = (
    RequestKind.QR,
    RequestKind.ACCOUNT,
    RequestKind.TV360,
)  # what the operator's agent can do
TOLD_KINDS = (
    *OPERATOR_KINDS,
    RequestKind.SCHOOL,
)  # somebody outside the commune calls, where the resident agreed
# What is ticked off where such a request is done, by its key in the plan; a QR is the shop's.
DONE_BY: Mapping[str, str] = {
    RequestKind.ACCOUNT: "money_person",
    RequestKind.APP: "app_citizen",
    RequestKind.TV360: "tv360",
    RequestKind.QR: "business_qr",
}
PROMPT = "desk:request"  # what staff ask aloud; the form shows the sentence


class Tap(NamedTuple):
    """What can be ticked off where a request stands: for a person, their household, or a shop of theirs."""

    subject: str
    subject_id: int
    name: str
    indicator: str
    done: bool


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
            return ["school"]
    return list(RequestKind)


@bp.get("/requests/<int:request_id>")
@layout.needs("requests")
def request_page(request_id: int) -> layout.Page:
    """With the text that would go where the address says how it ends: a browser may go back to it."""
    how = layout.a_line("how", 10)
    words = layout.a_line("words", work.ANSWER_MOST)
    if how not in ENDINGS:
        return _page(request_id, words=words)
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        text = _text(tx, line, how, words)
    unfit, _ = refused(text, words, line.kind)
    if unfit:
        return _page(request_id, words=words)
    return _page(request_id, text=text, how=how, words=words)


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
        acts = reports.acts(tx, request_id)
        colleagues = _who_may_have(tx, line)
        ticks = _taps(tx, line)
    here().db.again(lambda tx: layout.note_act(tx, "look", person_id=line.person_id))
    asks_to_be_forgotten = line.kind == RequestKind.ERASE and bool(line.phone)
    return layout.page(
        "request",
        http,
        line=line,
        acts=acts,
        colleagues=colleagues,
        taps=ticks,
        tapped=layout.may("log") and line.kind in DONE_BY,
        text=text,
        how=how,
        words=words,
        reopens=_may_reopen(line),
        may_erase=asks_to_be_forgotten and layout.may("erase"),
        numbered=layout.may("numbers") or reach() != "all",
        now=lang.now_ms(),
        key=layout.form_key(),
    )


def _taps(tx: Tx, line: Line) -> list[Tap]:
    """What such a request is about, for whoever it is for; none where nobody known is meant, or nothing is theirs."""
    key = DONE_BY.get(line.kind)
    person_id = _for_whom(tx, line)
    if key is None or person_id is None or not layout.may("log"):
        return []
    commune_id = layout.staff().commune_id
    if line.kind == RequestKind.QR:
        owned = businesses.of_owner(tx, person_id, commune_id)
        shops = [one for one in owned if one.indicator == key]
        return [
            Tap("business", one.id, one.name, key, one.counted_on is not None)
            for one in shops
        ]
    who = people.person(tx, person_id, commune_id)
    if who is None:
        return []
    if line.kind != RequestKind.TV360:
        return [_tap(tx, "person", who.id, who.name, key)]
    if who.household_id is None:
        return []
    return [_tap(tx, "household", who.household_id, who.name, key)]


def _tap(tx: Tx, subject: str, subject_id: int, name: str, key: str) -> Tap:
    counted = people.counted_for(tx, subject, subject_id)
    indicators = places.indicators_of(tx, layout.staff().commune_id)
    done = any(row.id in counted for row in indicators if row.key == key)
    return Tap(subject, subject_id, name, key, done)


def _for_whom(tx: Tx, line: Line) -> int | None:
    """Who is to get it: whoever asked for themselves; of another the one whose number was left."""
    if line.for_phone:
        owner = register.by_phone(tx, line.for_phone)
        return owner.id if owner else None
    return None if line.for_name else line.person_id


@bp.post("/requests/<int:request_id>/log")
@layout.needs("requests")
def log_request(request_id: int) -> Response:
    """What was asked for is there: it counts where it was done."""
    if not layout.may("log"):
        abort(403)
    subject_id = layout.a_number("subject", request.form)

    def work(tx: Tx) -> None:
        line = _in_reach(tx, request_id)
        offered = [tap for tap in _taps(tx, line) if tap.subject_id == subject_id]
        if not offered:
            abort(400)
        log_tapped(tx, offered[0].subject, offered[0].subject_id)

    here().db.again(work)
    return layout.see("staff.request_page", request_id=request_id, _anchor="done")


def _may_reopen(line: Line) -> bool:
    """Staff ended it; an erasure that was done cannot be undone."""
    is_erased = line.kind == RequestKind.ERASE and line.state == RequestState.DONE
    return line.state in ENDINGS.values() and not is_erased


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
    if one.role in roles.BOUND_TO_A_HAMLET:
        return one.hamlet_id is not None and one.hamlet_id == line.hamlet_id
    if one.role == "agent":
        return line.told_at is not None and line.kind in OPERATOR_KINDS
    if one.role == "school":
        return line.told_at is not None and line.kind == RequestKind.SCHOOL
    return True


@bp.post("/requests/<int:request_id>/take")
@layout.needs("requests")
def take_request(request_id: int) -> Response:
    staff_id = layout.staff().id

    def take(tx: Tx, line: Line) -> bool:
        return work.take(tx, line.id, staff_id=staff_id, now=lang.now_ms())

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
        return work.hand_over(
            tx, line.id, to_id=to_id, staff_id=staff_id, now=lang.now_ms()
        )

    return _act(request_id, hand)


@bp.post("/requests/<int:request_id>/note")
@layout.needs("requests")
def note_request(request_id: int) -> Response:
    """Nobody was reached (`tried`), or something to know about it."""
    words = layout.a_line("words", 400)
    form_key = layout.a_line("form_key", 32) or None
    tried = request.form.get("tried")
    if not tried and not words:
        layout.tell("request_note_needed", "danger")
        return layout.see("staff.request_page", request_id=request_id)
    keep = work.tried if tried else work.note
    staff_id = layout.staff().id

    def noted(tx: Tx, line: Line) -> bool:
        return keep(
            tx,
            line.id,
            staff_id=staff_id,
            words=words,
            now=lang.now_ms(),
            form_key=form_key,
        )

    return _act(request_id, noted)


def _act(request_id: int, act: Callable[[Tx, Line], bool]) -> Response:
    """Do it once; done before, or ended meanwhile, it is said."""
    if here().db.again(lambda tx: act(tx, _in_reach(tx, request_id))):
        layout.tell("call_noted")
    else:
        layout.tell("request_as_it_was", "warning")
    return layout.see("staff.request_page", request_id=request_id)


@bp.post("/requests/<int:request_id>/end")
@layout.needs("requests")
def end_request(request_id: int) -> layout.Page | Response:
    """Done or declined: first the text as it would go, with its parts and price; confirmed, it goes."""
    how = request.form.get("how", "")
    words = layout.a_line("words", work.ANSWER_MOST)
    if how not in ENDINGS:
        abort(400)
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        text = _text(tx, line, how, words)
    unfit, what = refused(text, words, line.kind)
    if how == "declined" and not words:
        unfit = "request_why_needed"
    if unfit:
        layout.tell(unfit, "danger", what=what)
        return _page(request_id, 400, how=how, words=words)
    if not request.form.get("confirmed"):
        return layout.see(
            "staff.request_page",
            request_id=request_id,
            how=how,
            words=words,
            _anchor="end",
        )
    if not here().db.again(lambda tx: _end(tx, request_id, ENDINGS[how], words)):
        layout.tell("request_as_it_was", "warning")
    elif line.phone:
        layout.tell("request_ended_told")
    else:
        layout.tell("request_ended_untold")
    return layout.see("staff.requests")


def _text(tx: Tx, line: Line, how: str, words: str) -> Text:
    """An erasure is confirmed in plain Vietnamese: nothing is known of the person any more."""
    kind = work.NOTICES[ENDINGS[how]]
    language = line.language
    marks = bool(line.marks)
    if line.kind == RequestKind.ERASE and how == "done":
        kind = "request_erased"
        language = "vi"
        marks = False
    commune = communes.named(tx, layout.staff().commune_id, lang.current_day())
    said = notices.answer(
        kind,
        language,
        commune=commune.name,
        number=line.number,
        what=line.kind,
        words=words,
    )
    text_class, *_ = notices.KINDS[kind]
    return rendered(said, line.phone, marks=marks, text_class=text_class)


def _end(tx: Tx, request_id: int, how: work.Ending, words: str) -> bool:
    line = _in_reach(tx, request_id)
    now = lang.now_ms()
    staff_id = layout.staff().id
    erases = line.kind == RequestKind.ERASE and how is RequestState.DONE
    if erases and not (layout.may("erase") and line.phone):
        abort(403)
    ended = work.end(
        tx, line.id, how, answer=words, staff_id=staff_id, now=now, texts=not erases
    )
    if not ended:
        return False
    layout.note_act(tx, f"request_{how}", person_id=line.person_id)
    if erases and line.phone:
        erasure.erase(tx, here().settings.privacy_key, line.phone, now, staff_id)
        outbox.post(
            tx,
            kind="request_erased",
            commune_id=layout.staff().commune_id,
            phone=line.phone,
            now=now,
            request_id=line.id,
            once=f"request:{line.id}",
        )
    return True


@bp.post("/requests/<int:request_id>/reopen")
@layout.needs("requests")
def reopen_request(request_id: int) -> Response:
    """It was ended by mistake: open again, with the reason in its story and in the trail."""
    words = layout.a_line("words", 200)
    to = layout.see("staff.request_page", request_id=request_id)
    if not words:
        layout.tell("request_reopen_why_needed", "danger")
        return to

    def reopen(tx: Tx) -> bool:
        line = _in_reach(tx, request_id)
        reason = layout.say("request_reopened_act", why=words)
        if not work.reopen(
            tx, line.id, words=reason, staff_id=layout.staff().id, now=lang.now_ms()
        ):
            return False
        layout.note_act(
            tx,
            "request_reopened",
            person_id=line.person_id,
            detail=f"request {line.number}",
        )
        return True

    if here().db.again(reopen):
        layout.tell("request_reopened")
    else:
        layout.tell("request_not_reopened", "warning")
    return to


@bp.get("/requests/new")
@layout.needs("tasks")
def new_request_form() -> layout.Page:
    return _form({"person": layout.a_number("person")}, 200)


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    person_id = layout.a_number("person")
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id) if person_id else None
        hamlets = layout.hamlets(tx)
    return layout.page(
        "request_new",
        status,
        who=who,
        hamlets=hamlets,
        filled=filled,
        kinds=list(RequestKind),
        grounds=list(Ground),
        key=layout.form_key(),
    )


@bp.post("/requests/new")
@layout.needs("tasks")
def new_request() -> layout.Page | Response:
    """Somebody at the counter, or on the phone, asks: entered by staff in their words."""
    person_id = layout.a_number("person")
    problem, guest = read_guest(person_id)
    for_phone = ""
    try:
        written = layout.a_line("for_phone", 30)
        for_phone = mobile(written) if written else ""
    except NotAMobile:
        problem = problem or "not_a_mobile"
    if request.form.get("kind") not in tuple(RequestKind):
        problem = problem or "kind_needed"
    if not request.form.get("agreed"):
        problem = problem or "agreement_needed"
    if (
        not problem
        and request.form.get("kind") == RequestKind.CALL_ME
        and not (guest.phone or for_phone)
    ):
        problem = _without_number(person_id)
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


def _without_number(person_id: int | None) -> str:
    """Why nobody can be called back; empty where we know the person's number."""
    if person_id is None:
        return "call_needs_number"
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id)
    return "" if who.phone else "call_needs_number"


def _ask(
    tx: Tx, guest: seating.Guest, person_id: int | None, for_phone: str
) -> asked.Asked:
    if person_id is not None:
        layout.person_in_reach(tx, person_id)
    layout.refuse_unknown_hamlet(tx, guest.hamlet_id)
    now = lang.now_ms()
    by = actor()
    kind = RequestKind(request.form["kind"])
    told = bool(request.form.get("told")) and kind in TOLD_KINDS
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
        for_phone=for_phone,
        ground=_ground(),
        told=told,
        staff_id=by.staff_id,
        form_key=layout.a_line("form_key", 32) or None,
    )
    made = asked.ask(tx, wanted, commune_id=by.commune_id, now=now)
    if kind is not RequestKind.ERASE:
        purpose = "operator" if told and kind in OPERATOR_KINDS else "callback"
        _note_agreed(tx, asks, by, purpose, now)
    layout.note_act(tx, "request", person_id=asks, detail=f"request {made.number}")
    return made


def _ground() -> Ground:
    """On whose behalf it is asked; for themselves where the form says nothing we know."""
    try:
        return Ground(request.form.get("ground", Ground.SELF))
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
