"""What people think: sorted by topic, given to somebody, answered by text, chosen or not; and summed up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from db.models.states import OpinionTopic, Verdict
from db.office import audit
from db.places import communes
from db.reports import opinions as reports
from db.reports import places
from db.reports import requests as request_reports
from db.reports.opinions import Line
from db.requests import opinions as kept
from db.seats import seating
from db.store.engine import Tx, to_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.answering import Text, refused, rendered
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.gate import bp
from menus import days, notices

WAITS, ALL = "waits", "all"


@bp.get("/opinions/")
@layout.needs("opinions")
def opinions() -> layout.Page:
    commune_id, topic = layout.staff().commune_id, layout.a_line("topic", 12)
    show, (since, until) = layout.a_line("show", 8) or WAITS, _period()
    with here().db.connection() as tx:
        found = reports.page(
            tx, commune_id=commune_id, topic=topic, unanswered=show == WAITS, place=layout.a_place(), size=50
        )
        summed = reports.by_topic(tx, commune_id=commune_id, since=_begins(since), before=_ends(until))
    return layout.page(
        "opinions", found=found, summed=summed, topics=list(OpinionTopic), topic=topic, show=show,
        since=since.isoformat(), until=until.isoformat(),
    )  # fmt: skip


def _period() -> tuple[date, date]:
    """The days summed up, both included: as asked for, else the month a report is due for (the 15th to the 14th)."""
    today = date.fromisoformat(lang.today(lang.now_ms()))
    begins = today.replace(day=15) if today.day >= 15 else (today.replace(day=1) - timedelta(days=1)).replace(day=15)
    return _a_day("since", begins), _a_day("until", today)


def _a_day(name: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(layout.a_line(name, 10))
    except ValueError:
        return otherwise
    return found if 2000 <= found.year < 2200 else otherwise


def _begins(day: date) -> int:
    return to_ms(days.at_local(day, "00:00"))


def _ends(day: date) -> int:
    return _begins(day + timedelta(days=1))


@bp.post("/opinions/reported")
@layout.needs("opinions")
def report_opinions() -> Response:
    """The answered ones of these days stand in a report: from the next night on nothing says who said them."""
    since, until = _period()
    commune_id, now = layout.staff().commune_id, lang.now_ms()
    many = here().db.again(
        lambda tx: kept.reported(tx, commune_id=commune_id, since=_begins(since), before=_ends(until), now=now)
    )
    layout.tell("opinions_reported", number=many)
    return redirect(url_for("staff.opinions", since=since.isoformat(), until=until.isoformat()), 303)


@bp.get("/opinions/<int:opinion_id>")
@layout.needs("opinions")
def opinion_page(opinion_id: int) -> layout.Page:
    return _page(opinion_id)


def _page(opinion_id: int, http: int = 200, *, text: Text | None = None, words: str = "") -> layout.Page:
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        staff = request_reports.colleagues(tx, layout.staff().commune_id)
    if line.person_id is not None:
        here().db.again(lambda tx: _looked_at(tx, line))
    colleagues = [one for one in staff if roles.may(one.role, "opinions")]
    return layout.page(
        "opinion", http, line=line, colleagues=colleagues, topics=list(OpinionTopic), verdicts=list(Verdict),
        text=text, words=words,
    )  # fmt: skip


def _looked_at(tx: Tx, line: Line) -> None:
    audit.note(tx, at=lang.now_ms(), staff_id=layout.staff().id, action="look", person_id=line.person_id)


def _found(tx: Tx, opinion_id: int) -> Line:
    line = reports.one(tx, opinion_id, commune_id=layout.staff().commune_id)
    if line is None:
        abort(404)
    return line


@bp.post("/opinions/<int:opinion_id>/sort")
@layout.needs("opinions")
def sort_opinion(opinion_id: int) -> Response:
    """What it is about, who answers it, and whether the idea is chosen, with the reason."""
    topic, verdict, why = request.form.get("topic"), request.form.get("verdict"), layout.a_line("why", 200)
    holder_id = layout.a_number("holder")
    if topic not in tuple(OpinionTopic) or verdict not in tuple(Verdict):
        abort(400)
    if verdict != Verdict.OPEN and not why:
        layout.tell("opinion_why_needed", "danger")
        return redirect(url_for("staff.opinion_page", opinion_id=opinion_id), 303)

    def work(tx: Tx) -> None:
        line = _found(tx, opinion_id)
        staff = request_reports.colleagues(tx, layout.staff().commune_id)
        if holder_id is not None and holder_id not in [one.id for one in staff if roles.may(one.role, "opinions")]:
            abort(400)
        kept.sort(tx, line.id, topic=OpinionTopic(topic), holder_id=holder_id)
        kept.judge(tx, line.id, verdict=Verdict(verdict), why=why)

    here().db.again(work)
    layout.tell("saved")
    return redirect(url_for("staff.opinion_page", opinion_id=opinion_id), 303)


@bp.post("/opinions/<int:opinion_id>/answer")
@layout.needs("opinions")
def answer_opinion(opinion_id: int) -> layout.Page | Response:
    """First the text as it would go, with its parts and price; confirmed, it goes."""
    words, staff_id, now = layout.a_line("words"), layout.staff().id, lang.now_ms()
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        commune = communes.named(tx, layout.staff().commune_id, lang.today(now))
    said = notices.answer(
        "opinion_answered", line.language or "vi", commune=commune.name, number=line.number, what="", words=words
    )  # fmt: skip
    text = rendered(said, line.phone, marks=bool(line.marks), text_class=notices.KINDS["opinion_answered"][0])
    if problem := refused(text, words) if words else "opinion_words_needed":
        layout.tell(problem, "danger")
        return _page(opinion_id, 400, words=words)
    if not request.form.get("confirmed"):
        return _page(opinion_id, text=text, words=words)
    if here().db.again(lambda tx: kept.answer(tx, opinion_id, words=words, staff_id=staff_id, now=now)):
        layout.tell("opinion_answer_sent" if line.phone else "opinion_answer_kept")
    else:
        layout.tell("request_as_it_was", "warning")
    return redirect(url_for("staff.opinion_page", opinion_id=opinion_id), 303)


@bp.get("/opinions/new")
@layout.needs("opinions")
def new_opinion_form() -> layout.Page:
    return _form({}, 200)


def _form(filled: Mapping[str, object], status: int) -> layout.Page:
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, layout.staff().commune_id)
        held = reports.events_lately(tx, layout.staff().commune_id, lang.today(lang.now_ms()))
    return layout.page("opinion_new", status, filled=filled, hamlets=hamlets, held=held, key=layout.form_key())


@bp.post("/opinions/new")
@layout.needs("opinions")
def new_opinion() -> layout.Page | Response:
    """Said at the counter, by somebody who leaves a name or not, or at a meeting, by nobody in particular."""
    words = request.form.get("words", "").replace("\x00", "").strip()[: kept.WORDS_MOST]
    named = bool(layout.a_line("name", 80) or layout.a_line("phone", 30))
    problem, guest = read_guest(None) if named else ("", seating.Guest("", hamlet_id=layout.a_number("hamlet")))
    if not words:
        problem = "no_words"
    if not problem:
        try:
            number = here().db.again(lambda tx: _keep(tx, words, guest if named else None, guest.hamlet_id))
        except tuple(REFUSED) as refusal:
            problem = why_not(refusal)
        else:
            layout.tell("opinion_noted", number=number)
            return redirect(url_for("staff.opinions"), 303)
    layout.tell(f"refused_{problem}", "danger")
    return _form(dict(request.form), 400)


def _keep(tx: Tx, words: str, guest: seating.Guest | None, hamlet_id: int | None) -> int:
    now, by, event_id = lang.now_ms(), actor(), layout.a_number("event")
    if hamlet_id is not None and hamlet_id not in [row.id for row in places.hamlets_of(tx, by.commune_id)]:
        abort(400)
    if event_id is not None and event_id not in [
        row.id for row in reports.events_lately(tx, by.commune_id, lang.today(now))
    ]:  # fmt: skip
        abort(400)
    said = kept.Said(
        words,
        seating.whose(tx, guest, by, now)[1] if guest else None,
        hamlet_id,
        event_id,
        channel="meeting" if event_id else "desk",
        form_key=layout.a_line("form_key", 32) or None,
    )
    return kept.keep(tx, said, commune_id=by.commune_id, now=now)
