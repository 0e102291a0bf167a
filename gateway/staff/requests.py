"""What residents asked for: who has it, what was tried, how it ended, and the text that tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.models.states import Ground, RequestKind, RequestState
from db.office import audit
from db.places import communes
from db.privacy import erasure
from db.register import identity
from db.register import people as register
from db.reports import messages as texts
from db.reports import places
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
from menus import notices
from menus.numbers import NotAMobile, mobile

ENDINGS: Mapping[str, work.Ending] = {"done": RequestState.DONE, "declined": RequestState.DECLINED}
PROMPT = "desk:request"  # what staff ask aloud; the form shows the sentence


def reach() -> Reach:
    """Which of the commune's requests whoever is at the desk may see."""
    return layout.viewer().reach


@bp.get("/requests/")
@layout.needs("requests")
def requests() -> layout.Page:
    commune_id, scope, now = layout.staff().commune_id, layout.scope(), lang.now_ms()
    hamlet_id, kind, mine = (
        scope or layout.a_number("hamlet"),
        layout.a_line("kind", 12),
        bool(request.args.get("mine")),
    )
    holder_id = layout.staff().id if mine else None
    with here().db.connection() as tx:
        found = reports.open_ones(tx, layout.viewer(), hamlet_id=hamlet_id, kind=kind, holder_id=holder_id)
        ended = reports.ended(tx, layout.viewer(), hamlet_id=hamlet_id)
        all_open = reports.waiting(tx, layout.viewer(), hamlet_id=scope, now=now)
        tasks = done_tasks = []
        if layout.may("tasks"):
            tasks = texts.tasks_of(tx, commune_id=commune_id, hamlet_id=scope, done=False)
            done_tasks = texts.tasks_of(tx, commune_id=commune_id, hamlet_id=scope, done=True)
        hamlets = [row for row in places.hamlets_of(tx, commune_id) if scope in (None, row.id)]
    return layout.page(
        "requests", found=found, ended=ended, all_open=all_open, tasks=tasks, done_tasks=done_tasks, hamlets=hamlets,
        hamlet_id=hamlet_id, kind=kind, mine=mine, kinds=_kinds(), now=now, most=reports.SHOWN,
    )  # fmt: skip


def _kinds() -> list[str]:
    """Those that whoever is at the desk may see."""
    seen = {"agent": ("qr", "account", "tv360"), "school": ("school",)}
    return list(seen.get(reach(), tuple(RequestKind)))


@bp.get("/requests/<int:request_id>")
@layout.needs("requests")
def request_page(request_id: int) -> layout.Page:
    return _page(request_id)


def _page(request_id: int, http: int = 200, *, text: Text | None = None, how: str = "", words: str = "") -> layout.Page:
    """With the text that would go, where an ending is looked at before it is sent."""
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        done = reports.acts(tx, request_id)
        colleagues = _who_may_have(reports.colleagues(tx, layout.staff().commune_id), line)
    here().db.again(lambda tx: _looked_at(tx, line))
    shown = {"line": line, "acts": done, "colleagues": colleagues, "now": lang.now_ms(), "key": layout.form_key()}
    may_erase = line.kind == RequestKind.ERASE and layout.may("erase") and bool(line.phone)
    numbered = layout.may("numbers") or reach() != "all"
    return layout.page(
        "request", http, text=text, how=how, words=words, may_erase=may_erase, numbered=numbered, **shown
    )  # fmt: skip


def _in_reach(tx: Tx, request_id: int) -> Line:
    return layout.in_reach(reports.one(tx, layout.viewer(), request_id))


def _looked_at(tx: Tx, line: Line) -> None:
    audit.note(tx, at=lang.now_ms(), staff_id=layout.staff().id, action="look", person_id=line.person_id)


def _who_may_have(colleagues: list[Colleague], line: Line) -> list[Colleague]:
    """Whoever would see it, too."""

    def sees(one: Colleague) -> bool:
        if not roles.may(one.role, "requests"):
            return False
        if one.role in roles.BOUND_TO_A_HAMLET:
            return one.hamlet_id is not None and one.hamlet_id == line.hamlet_id
        if one.role == "agent":
            return line.told_at is not None and line.kind in ("qr", "account", "tv360")
        return one.role != "school" or line.kind == RequestKind.SCHOOL

    return [one for one in colleagues if sees(one)]


@bp.post("/requests/<int:request_id>/take")
@layout.needs("requests")
def take_request(request_id: int) -> Response:
    staff_id, now = layout.staff().id, lang.now_ms()
    return _act(request_id, lambda tx, line: work.take(tx, line.id, staff_id=staff_id, now=now))


@bp.post("/requests/<int:request_id>/hand")
@layout.needs("requests")
def hand_request(request_id: int) -> Response:
    staff_id, now, to_id = layout.staff().id, lang.now_ms(), layout.a_number("to")

    def hand(tx: Tx, line: Line) -> bool:
        if to_id not in [one.id for one in _who_may_have(reports.colleagues(tx, layout.staff().commune_id), line)]:
            abort(400)
        return work.hand_over(tx, line.id, to_id=to_id or 0, staff_id=staff_id, now=now)

    return _act(request_id, hand)


@bp.post("/requests/<int:request_id>/note")
@layout.needs("requests")
def note_request(request_id: int) -> Response:
    """Nobody was reached (`tried`), or something to know about it."""
    words, key, tried = layout.a_line("words", 400), layout.a_line("form_key", 32) or None, request.form.get("tried")
    staff_id, now = layout.staff().id, lang.now_ms()
    if not tried and not words:
        layout.tell("request_note_needed", "danger")
        return redirect(url_for("staff.request_page", request_id=request_id), 303)
    noted = work.tried if tried else work.note
    return _act(
        request_id, lambda tx, line: noted(tx, line.id, staff_id=staff_id, words=words, now=now, form_key=key)
    )  # fmt: skip


def _act(request_id: int, act: Callable[[Tx, Line], bool]) -> Response:
    """Do it once; done before, or ended meanwhile, it is said."""
    if here().db.again(lambda tx: act(tx, _in_reach(tx, request_id))):
        layout.tell("call_noted")
    else:
        layout.tell("request_as_it_was", "warning")
    return redirect(url_for("staff.request_page", request_id=request_id), 303)


@bp.post("/requests/<int:request_id>/end")
@layout.needs("requests")
def end_request(request_id: int) -> layout.Page | Response:
    """Done or declined: first the text as it would go, with its parts and price; confirmed, it goes."""
    how, words = request.form.get("how", ""), layout.a_line("words", work.ANSWER_MOST)
    if how not in ENDINGS:
        abort(400)
    with here().db.connection() as tx:
        line = _in_reach(tx, request_id)
        text = _text(tx, line, how, words)
    unfit = "request_why_needed" if how == "declined" and not words else refused(text, words)
    if unfit:
        layout.tell(unfit, "danger")
        return _page(request_id, 400, how=how, words=words)
    if not request.form.get("confirmed"):
        return _page(request_id, text=text, how=how, words=words)
    if here().db.again(lambda tx: _end(tx, request_id, ENDINGS[how], words)):
        layout.tell("request_ended_told" if line.phone else "request_ended_untold")
    else:
        layout.tell("request_as_it_was", "warning")
    return redirect(url_for("staff.requests"), 303)


def _text(tx: Tx, line: Line, how: str, words: str) -> Text:
    erases = line.kind == RequestKind.ERASE and how == "done"
    kind = "request_erased" if erases else work.NOTICES[ENDINGS[how]]
    commune = communes.named(tx, layout.staff().commune_id, lang.today(lang.now_ms()))
    language = "vi" if erases else line.language
    said = notices.answer(
        kind, language, commune=commune.name, number=line.number, what=line.kind, words=words
    )  # fmt: skip
    return rendered(said, line.phone, marks=bool(line.marks) and not erases, text_class=notices.KINDS[kind][0])


def _end(tx: Tx, request_id: int, how: work.Ending, words: str) -> bool:
    line, now, staff_id = _in_reach(tx, request_id), lang.now_ms(), layout.staff().id
    erases = line.kind == RequestKind.ERASE and how is RequestState.DONE
    if erases and not (layout.may("erase") and line.phone):
        abort(403)
    if not work.end(tx, line.id, how, answer=words, staff_id=staff_id, now=now, texts=not erases):
        return False
    audit.note(tx, at=now, staff_id=staff_id, action=f"request_{how}", person_id=line.person_id)
    if erases and line.phone:
        erasure.erase(tx, here().settings.privacy_key, line.phone, now, staff_id)
        outbox.post(
            tx, kind="request_erased", commune_id=layout.staff().commune_id, phone=line.phone, now=now,
            request_id=line.id, once=f"request:{line.id}",
        )  # fmt: skip
    return True


@bp.get("/requests/new")
@layout.needs("tasks")
def new_request_form() -> layout.Page:
    return _form({"person": layout.a_number("person")}, 200)


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    person_id = layout.a_number("person")
    with here().db.connection() as tx:
        who = layout.person_in_reach(tx, person_id) if person_id else None
        hamlets = [
            row for row in places.hamlets_of(tx, layout.staff().commune_id) if layout.scope() in (None, row.id)
        ]  # fmt: skip
    return layout.page(
        "request_new", status, who=who, hamlets=hamlets, filled=filled, kinds=list(RequestKind), grounds=list(Ground),
        operators=("qr", "account", "tv360"), key=layout.form_key(),
    )  # fmt: skip


@bp.post("/requests/new")
@layout.needs("tasks")
def new_request() -> layout.Page | Response:
    """Somebody at the counter, or on the phone, asks: entered by staff in their words."""
    person_id, written = layout.a_number("person"), layout.a_line("for_phone", 30)
    problem, guest = read_guest(person_id)
    for_phone = ""
    try:
        for_phone = mobile(written) if written else ""
    except NotAMobile:
        problem = problem or "not_a_mobile"
    if request.form.get("kind") not in tuple(RequestKind):
        problem = problem or "kind_needed"
    if not request.form.get("agreed"):
        problem = problem or "agreement_needed"
    if not problem:
        try:
            made = here().db.again(lambda tx: _ask(tx, guest, person_id, for_phone))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            layout.tell("request_noted", number=made.number)
            return redirect(url_for("staff.request_page", request_id=made.id), 303)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _ask(tx: Tx, guest: seating.Guest, person_id: int | None, for_phone: str) -> asked.Asked:
    now, by, kind = lang.now_ms(), actor(), RequestKind(request.form["kind"])
    if person_id is not None:
        layout.person_in_reach(tx, person_id)
    if guest.hamlet_id is not None and guest.hamlet_id not in [row.id for row in places.hamlets_of(tx, by.commune_id)]:
        abort(400)
    told = bool(request.form.get("told")) and kind in (RequestKind.QR, RequestKind.ACCOUNT, RequestKind.TV360)
    who, asks = seating.whose(tx, guest, by, now, person_id)
    ground = request.form.get("ground", Ground.SELF)
    wanted = asked.Wanted(
        kind,
        asks,
        guest.hamlet_id,
        words=layout.a_line("words", asked.WORDS_MOST),
        for_name=guest.name if who != asks else layout.a_line("for_name", 80),
        for_phone=for_phone,
        ground=Ground(ground) if ground in tuple(Ground) else Ground.SELF,
        told=told,
        staff_id=by.staff_id,
        form_key=layout.a_line("form_key", 32) or None,
    )
    made = asked.ask(tx, wanted, commune_id=by.commune_id, now=now)
    if kind is not RequestKind.ERASE:
        _note_agreed(tx, asks, by, "operator" if told else "callback", now)
    audit.note(tx, at=now, staff_id=by.staff_id, action="request", person_id=asks, detail=f"request {made.number}")
    return made


def _note_agreed(tx: Tx, person_id: int, by: seating.Actor, purpose: str, now: int) -> None:
    """Staff asked aloud and ticked it. Sent twice it is agreed to once."""
    if wishes.agrees(tx, person_id, purpose):
        return
    phone = register.phone_of(tx, person_id, by.commune_id)
    wishes.agreed(
        tx, who=identity.who_is(by.privacy_key, person_id, phone), person_id=person_id, purpose=purpose, prompt=PROMPT,
        channel="desk", answer=by.answer, now=now,
    )  # fmt: skip
