"""What people think: sorted by topic, given to somebody, answered by text, chosen or not; and summed up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import OpinionTopic, Verdict
from db.places import communes
from db.reports import opinions as reports
from db.reports import places
from db.reports import requests as request_reports
from db.reports.opinions import Line
from db.requests import opinions as kept
from db.seats import seating
from db.store.engine import Tx, to_ms
from db.texts import masking
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.answering import Text, refused, rendered
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from menus import days, notices

WAITS, ALL = "waits", "all"
NUMBER = re.compile(r"\d(?:[ .\-]?\d){5,}")  # of a phone, a card, an identity paper
NO_NAMES = (
    "Viettel Money",
    "Viettel",
    "Công dân số Xứ Lạng",
    "Nhà văn hóa",
    "Ủy ban",
    "Zalo",
    "Facebook",
)


@bp.get("/opinions/")
@layout.needs("opinions")
def opinions() -> layout.Page:
    commune_id = layout.staff().commune_id
    topic = layout.a_line("topic", 12)
    show = layout.a_line("show", 8) or WAITS
    since, until = _period()
    with here().db.connection() as tx:
        found = reports.page(
            tx,
            commune_id=commune_id,
            topic=topic,
            unanswered=show == WAITS,
            place=layout.a_place(),
            size=50,
        )
        summed = reports.by_topic(
            tx, commune_id=commune_id, since=_begins(since), before=_ends(until)
        )
    return layout.page(
        "opinions",
        found=found,
        summed=summed,
        topics=list(OpinionTopic),
        topic=topic,
        show=show,
        since=since.isoformat(),
        until=until.isoformat(),
    )


def _period() -> tuple[date, date]:
    """The days summed up, both included: as asked for, else the month a report is due for (the 15th to the 14th)."""
    today = date.fromisoformat(lang.current_day())
    in_month = today
    if today.day < 15:
        in_month = today.replace(day=1) - timedelta(days=1)
    begins = in_month.replace(day=15)
    return _a_day("since", begins), _a_day("until", today)


def _a_day(name: str, otherwise: date) -> date:
    written = layout.a_line(name, 10)
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return otherwise
    return found if 2000 <= found.year < 2200 else otherwise


def _begins(day: date) -> int:
    return to_ms(days.at_local(day, "00:00"))


def _ends(day: date) -> int:
    return _begins(day + timedelta(days=1))


@bp.get("/opinions/reported")
@layout.needs("opinions")
def opinions_for_report() -> layout.Page:
    """Which of these days would stand in a report, word for word, before anybody is let go of."""
    since, until = _period()
    commune_id = layout.staff().commune_id
    weeks = {"since": _begins(since), "before": _ends(until)}
    with here().db.connection() as tx:
        ready = reports.ready(tx, commune_id=commune_id, **weeks)
        missing = reports.not_ready(tx, commune_id=commune_id, **weeks)
    return layout.page(
        "opinions_reported",
        ready=ready,
        missing=missing,
        since=since.isoformat(),
        until=until.isoformat(),
    )


@bp.post("/opinions/reported")
@layout.needs("opinions")
def report_opinions() -> Response:
    """Those that were ticked stand in a report: from the next night on nothing says who said them."""
    since, until = _period()
    commune_id = layout.staff().commune_id
    ticked = [
        int(one)
        for one in request.form.getlist("opinion")
        if layout.is_whole_number(one)
    ]
    number = here().db.again(
        lambda tx: kept.reported(tx, ticked, commune_id=commune_id, now=lang.now_ms())
    )
    if number:
        layout.tell("opinions_reported", number=number)
    else:
        layout.tell("opinions_reported_none", "warning")
    return layout.see(
        "staff.opinions", since=since.isoformat(), until=until.isoformat()
    )


@bp.get("/opinions/<int:opinion_id>")
@layout.needs("opinions")
def opinion_page(opinion_id: int) -> layout.Page:
    """With the answer as it would go where the address has its words: a browser may go back to it."""
    words = layout.a_line("words")
    if not words or "look" not in request.args:
        return _page(opinion_id, words=words)
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        text = _answer_text(tx, line, words)
    unfit, _ = refused(text, words)
    if unfit:
        return _page(opinion_id, words=words)
    return _page(opinion_id, text=text, words=words)


def _page(
    opinion_id: int, http: int = 200, *, text: Text | None = None, words: str = ""
) -> layout.Page:
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        colleagues = _who_may_answer(tx)
    if line.person_id is not None:
        here().db.again(
            lambda tx: layout.note_act(tx, "look", person_id=line.person_id)
        )
    return layout.page(
        "opinion",
        http,
        line=line,
        colleagues=colleagues,
        topics=list(OpinionTopic),
        verdicts=list(Verdict),
        text=text,
        words=words,
    )


def _who_may_answer(tx: Tx) -> list[request_reports.Colleague]:
    colleagues = request_reports.colleagues(tx, layout.staff().commune_id)
    return [one for one in colleagues if roles.may(one.role, "opinions")]


def _found(tx: Tx, opinion_id: int) -> Line:
    line = reports.one(tx, opinion_id, commune_id=layout.staff().commune_id)
    if line is None:
        abort(404)
    return line


@bp.post("/opinions/<int:opinion_id>/sort")
@layout.needs("opinions")
def sort_opinion(opinion_id: int) -> Response:
    """What it is about, who answers it, and whether the idea is chosen, with the reason."""
    topic = request.form.get("topic")
    verdict = request.form.get("verdict")
    why = layout.a_line("why", 200)
    holder_id = layout.a_number("holder")
    if topic not in tuple(OpinionTopic) or verdict not in tuple(Verdict):
        abort(400)
    to = layout.see("staff.opinion_page", opinion_id=opinion_id)
    if verdict != Verdict.OPEN and not why:
        layout.tell("opinion_why_needed", "danger")
        return to

    def work(tx: Tx) -> None:
        line = _found(tx, opinion_id)
        _refuse_unknown_holder(tx, holder_id)
        kept.sort(tx, line.id, topic=OpinionTopic(topic), holder_id=holder_id)
        kept.judge(tx, line.id, verdict=Verdict(verdict), why=why)

    here().db.again(work)
    layout.tell("saved")
    return to


def _refuse_unknown_holder(tx: Tx, holder_id: int | None) -> None:
    """400 for one whom the form did not offer."""
    if holder_id is None:
        return
    offered = [one.id for one in _who_may_answer(tx)]
    if holder_id not in offered:
        abort(400)


@bp.post("/opinions/<int:opinion_id>/answer")
@layout.needs("opinions")
def answer_opinion(opinion_id: int) -> layout.Page | Response:
    """First the text as it would go, with its parts and price; confirmed, it goes."""
    words = layout.a_line("words")
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        text = _answer_text(tx, line, words)
    unfit, what = refused(text, words)
    if not words:
        unfit = "opinion_words_needed"
    if unfit:
        layout.tell(unfit, "danger", what=what)
        return _page(opinion_id, 400, words=words)
    if not request.form.get("confirmed"):
        return layout.see(
            "staff.opinion_page",
            opinion_id=opinion_id,
            words=words,
            look=1,
            _anchor="answer",
        )
    staff_id = layout.staff().id
    now = lang.now_ms()
    if not here().db.again(
        lambda tx: kept.answer(tx, opinion_id, words=words, staff_id=staff_id, now=now)
    ):
        layout.tell("request_as_it_was", "warning")
    elif line.phone:
        layout.tell("opinion_answer_sent")
    else:
        layout.tell("opinion_answer_kept")
    return layout.see("staff.opinion_page", opinion_id=opinion_id)


def _answer_text(tx: Tx, line: Line, words: str) -> Text:
    kind: notices.Kind = "opinion_answered"
    text_class, *_ = notices.KINDS[kind]
    language = line.language or "vi"
    commune_id = layout.staff().commune_id
    commune = communes.named(tx, commune_id, lang.current_day())
    said = notices.answer(
        kind, language, commune=commune.name, number=line.number, what="", words=words
    )
    return rendered(said, line.phone, marks=bool(line.marks), text_class=text_class)


@bp.get("/opinions/new")
@layout.needs("opinions")
def new_opinion_form() -> layout.Page:
    return _form({}, 200)


def _tells_who(words: str) -> bool:
    """Does what staff type name somebody, or hold a number: a child's name, a phone? Names of places do not count."""
    if NUMBER.search(words):
        return True
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, layout.staff().commune_id)
        halls = places.halls_of(tx, layout.staff().commune_id)
        commune = communes.named(tx, layout.staff().commune_id, lang.current_day())
    of_hamlets = [hamlet.name for hamlet in hamlets]
    of_halls = [hall.name for hall in halls]
    plain = words
    for name in (*of_hamlets, *of_halls, commune.name, *NO_NAMES):
        plain = re.sub(re.escape(name), name.lower(), plain, flags=re.IGNORECASE)
    without_digits = re.sub(r"\d", "", plain)
    return masking.NAME in masking.nameless(without_digits)


def _form(
    filled: Mapping[str, object], status: int, *, warns: bool = False
) -> layout.Page:
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, commune_id)
        held = reports.events_lately(tx, commune_id, today)
    return layout.page(
        "opinion_new",
        status,
        filled=filled,
        hamlets=hamlets,
        held=held,
        warns=warns,
        key=layout.form_key(),
    )


@bp.post("/opinions/new")
@layout.needs("opinions")
def new_opinion() -> layout.Page | Response:
    """Said at the counter, by somebody who leaves a name or not, or at a meeting, by nobody in particular."""
    typed = request.form.get("words", "").replace("\x00", "")
    words = typed.strip()[: kept.WORDS_MOST]
    guest: seating.Guest | None = None
    problem = ""
    if layout.a_line("name", 80) or layout.a_line("phone", 30):
        problem, guest = read_guest(None)
    if not words:
        problem = "no_words"
    if not problem and "anyway" not in request.form and _tells_who(words):
        return _form(dict(request.form), 200, warns=True)
    if not problem:
        try:
            number = here().db.again(lambda tx: _keep(tx, words, guest))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            layout.tell("opinion_noted", number=number)
            return layout.see("staff.opinions")
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _keep(tx: Tx, words: str, guest: seating.Guest | None) -> int:
    now = lang.now_ms()
    by = actor()
    hamlet_id = guest.hamlet_id if guest else layout.a_number("hamlet")
    layout.refuse_unknown_hamlet(tx, hamlet_id)
    event_id = layout.a_number("event")
    _refuse_unknown_event(tx, event_id)
    person_id = None
    if guest is not None:
        _, person_id = seating.whose(tx, guest, by, now)
    said = kept.Said(
        words,
        person_id,
        hamlet_id,
        event_id,
        channel="meeting" if event_id else "desk",
        form_key=layout.a_line("form_key", 32) or None,
    )
    return kept.keep(tx, said, commune_id=by.commune_id, now=now)


def _refuse_unknown_event(tx: Tx, event_id: int | None) -> None:
    """400 for one that the form did not offer."""
    if event_id is None:
        return
    offered = reports.events_lately(tx, layout.staff().commune_id, lang.current_day())
    if event_id not in [row.id for row in offered]:
        abort(400)
