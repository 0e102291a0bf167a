"""What people think: sorted by topic, given to somebody, answered by text, chosen or
not; and summed up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypedDict

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import OpinionTopic, Verdict
from db.places import communes
from db.reports import messages, places
from db.reports import opinions as reports
from db.reports import requests as request_reports
from db.reports.opinions import Line
from db.requests import opinions as kept
from db.seats import seating
from db.store.engine import Tx, to_ms
from db.texts import masking
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, reaching, roles
from gateway.staff.answering import Text, refused, rendered
from gateway.staff.booking import REFUSED, actor, read_guest, why_not
from gateway.staff.broadcasts.common import why_said
from gateway.staff.gate import bp
from gateway.staff.reaching import Way
from menus import days, notices
from menus.port import Commune

WAITS, ALL = "waits", "all"
PAGE = 50
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
    commune_id = layout.commune_id()
    topic = layout.a_line("topic", 12)
    show = layout.a_line("show", 8) or WAITS
    place = layout.a_place()
    waits = show == WAITS
    since, until = _period()
    days_asked = _as_ms(since, until)
    with here().db.connection() as tx:
        found = reports.page(
            tx,
            commune_id=commune_id,
            topic=topic,
            unanswered=waits,
            place=place,
            size=PAGE,
        )
        summed = reports.by_topic(tx, commune_id=commune_id, **days_asked)
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
    """The days summed up, both included: as asked for, else the month a report is due
    for (the 15th to the 14th).
    """
    today = date.fromisoformat(lang.current_day())
    in_month = today
    if today.day < 15:
        in_month = today.replace(day=1) - timedelta(days=1)
    begins = in_month.replace(day=15)
    since = _a_day("since", begins)
    until = _a_day("until", today)
    return since, until


def _a_day(name: str, otherwise: date) -> date:
    written = layout.a_line(name, 10)
    found = layout.as_day(written)
    if found is None or not 2000 <= found.year < 2200:
        return otherwise
    return found


class Period(TypedDict):
    """From a moment on, and before another. UTC ms."""

    since: int
    before: int


def _as_ms(since: date, until: date) -> Period:
    """These days, both included."""
    day_after = until + timedelta(days=1)
    return Period(since=_begins(since), before=_begins(day_after))


def _begins(day: date) -> int:
    midnight = days.at_local(day, "00:00")
    return to_ms(midnight)


@bp.get("/opinions/reported")
@layout.needs("opinions")
def opinions_for_report() -> layout.Page:
    """Which of these days would stand in a report, word for word, before anybody is let
    go of.
    """
    since, until = _period()
    commune_id = layout.commune_id()
    days_asked = _as_ms(since, until)
    nobodys = _names_of_nobody()
    with here().db.connection() as tx:
        lines = reports.ready(tx, commune_id=commune_id, **days_asked)
        missing = reports.not_ready(tx, commune_id=commune_id, **days_asked)
    return layout.page(
        "opinions_reported",
        ready=[_version(line, nobodys) for line in lines],
        words_most=kept.WORDS_MOST,
        missing=missing,
        since=since.isoformat(),
        until=until.isoformat(),
    )


@bp.post("/opinions/reported")
@layout.needs("opinions")
def report_opinions() -> Response:
    """Those that were ticked stand in a report, as they were shown or as somebody
    shortened them; from the next night on nothing says who said them.
    """
    since, until = _period()
    commune_id = layout.commune_id()
    now = lang.now_ms()
    given = request.form.getlist("opinion")
    ticked = [int(one) for one in given if layout.is_whole_number(one)]
    nobodys = _names_of_nobody()

    def work(tx: Tx) -> int:
        versions = {one: _in_report(tx, one, nobodys) for one in ticked}
        return kept.reported(tx, versions, commune_id=commune_id, now=now)

    number = here().db.again(work)
    if number:
        layout.tell("opinions_reported", number=number)
    else:
        layout.tell("opinions_reported_none", "warning")
    return layout.see(
        "staff.opinions", since=since.isoformat(), until=until.isoformat()
    )


class Version(NamedTuple):
    """An opinion and how it would stand in a report; `masked` where that hides something
    of what was said.
    """

    line: Line
    words: str

    @property
    def masked(self) -> bool:
        return self.words != self.line.words


def _version(line: Line, nobodys: list[str]) -> Version:
    """As staff wrote it for the report, else as it was said; without names and numbers."""
    return _published(line, line.for_report or line.words, nobodys)


def _published(line: Line, words: str, nobodys: list[str]) -> Version:
    published = masking.publishable(words, [line.name or ""], nobodys)
    return Version(line, published)


def _in_report(tx: Tx, opinion_id: int, nobodys: list[str]) -> str:
    """The words of the form; as they stood where it leaves them out."""
    typed = _lines(f"words_{opinion_id}")
    line = _found(tx, opinion_id)
    if typed:
        return _published(line, typed, nobodys).words
    return _version(line, nobodys).words


def _lines(name: str) -> str:
    """A text of several lines, which a browser ends in its own way."""
    return layout.typed(name).replace("\r\n", "\n").strip()


@bp.post("/opinions/<int:opinion_id>/for-report")
@layout.needs("opinions")
def write_for_report(opinion_id: int) -> Response:
    """How it is to stand in a report; empty, as the machine proposes it."""
    words = _lines("words")

    def work(tx: Tx) -> None:
        line = _found(tx, opinion_id)
        kept.for_report(tx, line.id, words)

    here().db.again(work)
    layout.tell("saved")
    return layout.see("staff.opinion_page", opinion_id=opinion_id, _anchor="report")


@bp.get("/opinions/<int:opinion_id>")
@layout.needs("opinions")
def opinion_page(opinion_id: int) -> layout.Page:
    """With the answer as it would go where the address has its words: a browser may go
    back to it.
    """
    words = layout.a_line("words")
    text = None
    if words and "look" in request.args:
        text = _answer_that_may_go(opinion_id, words)
    return _page(opinion_id, text=text, words=words)


def _answer_that_may_go(opinion_id: int, words: str) -> Text | None:
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        text = _answer_text(tx, line, words)
    unfit, _ = refused(text, words)
    return None if unfit else text


def _page(
    opinion_id: int, http: int = 200, *, text: Text | None = None, words: str = ""
) -> layout.Page:
    nobodys = _names_of_nobody()
    with here().db.connection() as tx:
        line = _found(tx, opinion_id)
        colleagues = _who_may_answer(tx)
        way = _way(tx, line)
        told = messages.of_opinion(tx, opinion_id)
    if line.person_id is not None:
        layout.note_alone("look", person_id=line.person_id)
    return layout.page(
        "opinion",
        http,
        line=line,
        way=way,
        told=told,
        why_said=why_said,
        version=_version(line, nobodys),
        words_most=kept.WORDS_MOST,
        colleagues=colleagues,
        topics=list(OpinionTopic),
        verdicts=list(Verdict),
        text=text,
        words=words,
    )


def _who_may_answer(tx: Tx) -> list[request_reports.Colleague]:
    colleagues = request_reports.colleagues(tx, layout.commune_id())
    return [one for one in colleagues if roles.may(one.role, "opinions")]


def _found(tx: Tx, opinion_id: int) -> Line:
    line = reports.one(tx, opinion_id, commune_id=layout.commune_id())
    if line is None:
        abort(404)
    return line


@bp.post("/opinions/<int:opinion_id>/sort")
@layout.needs("opinions")
def sort_opinion(opinion_id: int) -> Response:
    """What it is about, who answers it, and whether the idea is chosen, with the
    reason.
    """
    topic, verdict = _sorted_as()
    why = layout.a_line("why", 200)
    holder_id = layout.a_number("holder")
    to = layout.see("staff.opinion_page", opinion_id=opinion_id)
    if verdict != Verdict.OPEN and not why:
        layout.tell("opinion_why_needed", "danger")
        return to

    def work(tx: Tx) -> None:
        line = _found(tx, opinion_id)
        _refuse_unknown_holder(tx, holder_id)
        kept.sort(tx, line.id, topic=topic, holder_id=holder_id)
        kept.judge(tx, line.id, verdict=verdict, why=why)

    here().db.again(work)
    layout.tell("saved")
    return to


def _sorted_as() -> tuple[OpinionTopic, Verdict]:
    """As the form says; 400 for what it did not offer."""
    topic = request.form.get("topic", "")
    verdict = request.form.get("verdict", "")
    try:
        return OpinionTopic(topic), Verdict(verdict)
    except ValueError:
        abort(400)


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

    def work(tx: Tx) -> Way | None:
        way = _way(tx, line)
        answered = kept.answer(
            tx,
            opinion_id,
            words=words,
            staff_id=staff_id,
            now=now,
            by_voice=way.stopped,
        )
        return way if answered else None

    way = here().db.again(work)
    if way is None:
        layout.tell("request_as_it_was", "warning")
    else:
        reaching.report("opinion_answer", way)
    return layout.see("staff.opinion_page", opinion_id=opinion_id)


def _way(tx: Tx, line: Line) -> Way:
    return reaching.way_to(tx, line.phone, "opinion_answered")


def _answer_text(tx: Tx, line: Line, words: str) -> Text:
    kind: notices.Kind = "opinion_answered"
    text_class, _ = notices.KINDS[kind]
    language = line.language or "vi"
    commune = _commune(tx)
    about = notices.Answered(line.number, words)
    said = notices.answer(kind, language, about, commune=commune.name)
    return rendered(said, line.phone, marks=bool(line.marks), text_class=text_class)


def _commune(tx: Tx) -> Commune:
    today = lang.current_day()
    return communes.named(tx, layout.commune_id(), today)


@bp.get("/opinions/new")
@layout.needs("opinions")
def new_opinion_form() -> layout.Page:
    return _form({}, 200)


def _tells_who(words: str) -> bool:
    """Does what staff type name somebody, or hold a number: a child's name, a phone?
    Names of places do not count.
    """
    if masking.numberless(words) != words:
        return True
    plain = words
    for name in _names_of_nobody():
        pattern = re.escape(name)
        plain = re.sub(pattern, name.lower(), plain, flags=re.IGNORECASE)
    without_digits = re.sub(r"\d", "", plain)
    nameless = masking.nameless(without_digits)
    return masking.NAME in nameless


def _names_of_nobody() -> list[str]:
    """Of hamlets, halls, the commune, and what many speak of."""
    commune_id = layout.commune_id()
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, commune_id)
        halls = places.halls_of(tx, commune_id)
        commune = _commune(tx)
    names = [hamlet.name for hamlet in hamlets]
    names += [hall.name for hall in halls]
    names.append(commune.name)
    names += NO_NAMES
    return names


def _form(
    filled: Mapping[str, object], status: int, *, warns: bool = False
) -> layout.Page:
    commune_id = layout.commune_id()
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
    )


@bp.post("/opinions/new")
@layout.needs("opinions")
def new_opinion() -> layout.Page | Response:
    """Said at the counter, by somebody who leaves a name or not, or at a meeting, by
    nobody in particular.
    """
    typed = layout.typed("words").strip()
    words = typed[: kept.WORDS_MOST]
    guest: seating.Guest | None = None
    problem = ""
    if layout.a_line("name", 80) or layout.a_line("phone", 30):
        problem, guest = read_guest(None)
    if not words:
        problem = "no_words"
    if problem:
        return _not_kept(problem)
    if "anyway" not in request.form and _tells_who(words):
        filled = dict(request.form)
        return _form(filled, 200, warns=True)
    try:
        number = here().db.again(lambda tx: _keep(tx, words, guest))
    except tuple(REFUSED) as refusal:
        problem = why_not(refusal)
        return _not_kept(problem)
    layout.tell("opinion_noted", number=number)
    return layout.see("staff.opinions")


def _not_kept(problem: str) -> layout.Page:
    """The form once more, as it was filled in, and why on top of it."""
    layout.tell(f"refused_{problem}", "danger")
    filled = dict(request.form)
    return _form(filled, 400)


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
        form_key=layout.form_key(),
    )
    return kept.keep(tx, said, commune_id=by.commune_id, now=now)


def _refuse_unknown_event(tx: Tx, event_id: int | None) -> None:
    """400 for one that the form did not offer."""
    if event_id is None:
        return
    today = lang.current_day()
    offered = reports.events_lately(tx, layout.commune_id(), today)
    if event_id not in [event.id for event in offered]:
        abort(400)
