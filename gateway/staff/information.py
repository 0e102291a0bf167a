"""What residents are answered when they ask: the commune's facts, written here, with what each takes and costs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, request
from werkzeug.wrappers import Response

from db.places import information
from db.places.commune_setup import Refused
from db.places.information import Fact, Written
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import signs
from gateway.staff.broadcasts.writing import room_of
from gateway.staff.gate import bp
from menus import broadcast
from menus.fitting import Cost, cost, on_wire, price
from menus.topics import Topic

LONGEST = 400  # letters that are looked at
NETWORK = "viettel"  # whose price is shown: of nearly all who text here


@dataclass(frozen=True, slots=True)
class Line:
    """A topic as it stands today: what is told, what follows it, whether somebody should write anew."""

    topic: Topic
    now: Fact | None
    follows: Fact | None
    last: Fact | None  # told last, where nothing is told now
    due: bool
    asked: int

    @property
    def is_replaced_first(self) -> bool:
        """Something follows before what is told now ends by itself: that end never comes."""
        if self.now is None or self.follows is None or self.now.valid_until is None:
            return False
        return self.follows.valid_from <= self.now.valid_until


@dataclass(frozen=True, slots=True)
class Counted:
    """One language as it goes out: the text, what it takes and costs; with tone marks, how many parts."""

    language: str
    text: str
    cost: Cost
    room: int
    price: int  # đồng
    parts_with_marks: int


@bp.get("/information/")
@layout.needs("information")
def information_list() -> layout.Page:
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    with here().db.connection() as tx:
        facts = information.current(tx, commune_id)
        asked = information.how_often(tx, commune_id, today)
    lines = []
    for topic in Topic:
        of_topic = [fact for fact in facts if fact.topic == topic]
        lines.append(_line(topic, of_topic, asked.get(topic, 0), today))
    due = [line for line in lines if line.due]
    return layout.page("information", lines=lines, due=due, days=information.ASKED_DAYS)


def _line(topic: Topic, facts: list[Fact], asked: int, today: str) -> Line:
    """Of one topic, the newest first, without those withdrawn."""
    valid = [fact for fact in facts if information.is_valid(fact, today)]
    coming = [fact for fact in facts if fact.valid_from > today]
    in_a_week = information.in_a_week(today)
    lasts = any(information.is_valid(fact, in_a_week) for fact in facts)
    return Line(
        topic,
        now=valid[0] if valid else None,
        follows=coming[-1] if coming else None,
        last=facts[0] if facts and not valid else None,
        due=bool(facts) and not lasts,
        asked=asked,
    )


@bp.get("/information/<topic>")
@layout.needs("information")
def information_of(topic: str) -> layout.Page:
    return _page(_topic(topic))


def _topic(topic: str) -> Topic:
    try:
        return Topic(topic)
    except ValueError:
        abort(404)


def _page(topic: Topic, typed: Written | None = None, http: int = 200) -> layout.Page:
    """With what was typed; where nothing was, with what is told now, to be changed."""
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    with here().db.connection() as tx:
        facts = information.of_topic(tx, commune_id, topic)
        asked = information.how_often(tx, commune_id, today)
    told = _told(facts, today)
    written = typed or _as_told(told, today)
    return layout.page(
        "information_of",
        http,
        topic=topic,
        written=written,
        facts=facts,
        told=told,
        today=today,
        asked=asked.get(topic, 0),
        days=information.ASKED_DAYS,
        key=layout.form_key(),
        **_sample(written),
    )


def _as_told(told: Fact | None, today: str) -> Written:
    """The form of a new fact, filled in with what is told now."""
    if told is None:
        return Written("", "", today, "")
    return Written(told.vi, told.en, today, "")


@bp.post("/information/<topic>")
@layout.needs("information_write")
def write_information(topic: str) -> Response | layout.Page:
    known = _topic(topic)
    written = _written()
    if "look" in request.form:
        return _page(known, written)
    form_key = layout.a_line("form_key", 24)
    if len(form_key) < 12:
        abort(400)

    def work(tx: Tx) -> None:
        who = layout.staff()
        now = lang.now_ms()
        made = information.write(
            tx,
            who.commune_id,
            known,
            written,
            staff_id=who.id,
            form_key=form_key,
            now=now,
        )
        if made:
            layout.note_act(tx, "fact_written", detail=f"{known} {written.valid_from}")

    try:
        here().db.again(work)
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return _page(known, written, 400)
    _tell_when(known, written)
    return layout.see("staff.information_of", topic=known)


def _tell_when(topic: Topic, written: Written) -> None:
    """Say whether it answers from now on, from its first day on, or not while another of a later first day does."""
    today = lang.current_day()
    if written.valid_from > today:
        layout.tell("info_saved_later")
        return
    with here().db.connection() as tx:
        facts = information.of_topic(tx, layout.staff().commune_id, topic)
    told = _told(facts, today)
    if told is None or told.valid_from <= written.valid_from:
        layout.tell("info_saved")
    else:
        layout.tell(
            "info_saved_behind", "warning", day=layout.day_name(told.valid_from)
        )


def _told(facts: list[Fact], today: str) -> Fact | None:
    """Of one topic's facts, the newest first, the one that is told."""
    return next((fact for fact in facts if information.is_valid(fact, today)), None)


@bp.post("/information/<int:fact_id>/withdraw")
@layout.needs("information_write")
def withdraw_information(fact_id: int) -> Response:
    who = layout.staff()

    def work(tx: Tx) -> Fact:
        fact = information.one(tx, who.commune_id, fact_id)
        if fact is None:
            abort(404)
        if information.withdraw(
            tx, who.commune_id, fact_id, staff_id=who.id, now=lang.now_ms()
        ):
            layout.note_act(
                tx, "fact_withdrawn", detail=f"{fact.topic} {fact.valid_from}"
            )
        return fact

    fact = here().db.again(work)
    layout.tell("info_withdrawn")
    return layout.see("staff.information_of", topic=fact.topic)


@bp.post("/information/sample")
@layout.needs("information_write")
def information_sample() -> layout.Page:
    """The words as a resident would read them, and what they take: asked for as one types."""
    return layout.page("_information_sample", **_sample(_written()))


def _written() -> Written:
    return Written(
        vi=_words("vi"),
        en=_words("en"),
        valid_from=layout.a_line("valid_from", 10),
        valid_until=layout.a_line("valid_until", 10),
    )


def _words(language: str) -> str:
    """On one line: a line break would take room, and a phone breaks lines as it likes."""
    typed = request.form.get(language, "").replace("\x00", "")
    return " ".join(typed.split())[:LONGEST]


def _sample(written: Written) -> dict[str, object]:
    """What is counted anew as one types; nothing of a language in which nothing is written."""
    said = {"vi": written.vi, "en": written.en}
    dropped, dear = signs(broadcast.costly(f"{written.vi} {written.en}"))
    return {
        "counted": [
            _counted(language, words) for language, words in said.items() if words
        ],
        "secret": any(information.asks_for_secret(words) for words in said.values()),
        "links": any(information.leads_away(words) for words in said.values()),
        "dropped": dropped,
        "dear": dear,
    }


def _counted(language: str, words: str) -> Counted:
    text = on_wire(words, marks=False)
    with_marks = on_wire(words, marks=True)
    size = cost(text)
    paid = price(here().settings.sms_prices, NETWORK, "reply", size.parts)
    return Counted(language, text, size, room_of(size), paid, cost(with_marks).parts)
