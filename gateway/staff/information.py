"""What residents are answered when they ask: the commune's facts, written here, with
what each takes and costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from menus.links import asks_for_secret, leads_away
from menus.topics import Topic

LONGEST = 400  # letters that are looked at
NETWORK = "viettel"  # whose price is shown: of nearly all who text here


@dataclass(frozen=True, slots=True)
class Line:
    """A topic as it stands today: what is told, what follows it, whether somebody
    should write anew.
    """

    topic: Topic
    now: Fact | None
    follows: Fact | None
    last: Fact | None  # told last, where nothing is told now
    due: bool
    asked: int

    @property
    def is_replaced_first(self) -> bool:
        """Something follows before what is told now ends by itself: that end never
        comes.
        """
        if self.now is None or self.follows is None:
            return False
        ends = self.now.valid_until
        return ends is not None and self.follows.valid_from <= ends


@dataclass(frozen=True, slots=True)
class Counted:
    """One language as it goes out: the text, what it takes and costs; with tone marks,
    how many parts.
    """

    language: str
    text: str
    cost: Cost
    room: int
    price: int  # đồng
    parts_with_marks: int


@bp.get("/information/")
@layout.needs("information")
def information_list() -> layout.Page:
    commune_id = layout.commune_id()
    today = lang.current_day()
    with here().db.connection() as tx:
        facts = information.current(tx, commune_id)
        asked = information.how_often(tx, commune_id, today)
        told_once = information.told_once(tx, commune_id)
    lines = []
    for topic in Topic:
        of_topic = [fact for fact in facts if fact.topic == topic]
        line = _line(topic, of_topic, asked.get(topic, 0), today)
        lines.append(replace(line, due=line.due and topic in told_once))
    due = [line for line in lines if line.due]
    return layout.page("information", lines=lines, due=due, days=information.ASKED_DAYS)


def _line(topic: Topic, facts: list[Fact], asked: int, today: str) -> Line:
    """Of one topic, the newest first, without those withdrawn."""
    in_a_week = information.in_a_week(today)
    told = _told(facts, today)
    told_in_a_week = _told(facts, in_a_week)
    coming = [fact for fact in facts if fact.valid_from > today]
    return Line(
        topic,
        now=told,
        follows=coming[-1] if coming else None,
        last=facts[0] if facts and told is None else None,
        due=told_in_a_week is None and topic != Topic.WHO,
        asked=asked,
    )


@bp.get("/information/<topic>")
@layout.needs("information")
def information_of(topic: str) -> layout.Page:
    known = _topic(topic)
    return _page(known)


def _topic(topic: str) -> Topic:
    try:
        return Topic(topic)
    except ValueError:
        abort(404)


def _page(topic: Topic, typed: Written | None = None, http: int = 200) -> layout.Page:
    """With what was typed; where nothing was, with what is told now, to be changed."""
    commune_id = layout.commune_id()
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
        ends=topic in information.ENDS,
        **_sample(written),
    )


def _as_told(told: Fact | None, today: str) -> Written:
    """The form of a new fact, filled in with what is told now."""
    if told is None:
        return Written("", "", valid_from=today, valid_until="")
    return Written(told.vi, told.en, valid_from=today, valid_until="")


@bp.post("/information/<topic>")
@layout.needs("information_write")
def write_information(topic: str) -> Response | layout.Page:
    known = _topic(topic)
    written = _written()
    if "look" in request.form:
        return _page(known, written)

    def work(tx: Tx) -> None:
        who = layout.staff()
        now = lang.now_ms()
        made = information.write(
            tx,
            who.commune_id,
            known,
            written,
            staff_id=who.id,
            form_key=layout.form_key(),
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
    """Say whether it answers from now on, from its first day on, or not while another
    of a later first day does.
    """
    today = lang.current_day()
    if written.valid_from > today:
        layout.tell("info_saved_later")
        return
    with here().db.connection() as tx:
        facts = information.of_topic(tx, layout.commune_id(), topic)
    told = _told(facts, today)
    if told is None or told.valid_from <= written.valid_from:
        layout.tell("info_saved")
    else:
        day = layout.day_name(told.valid_from)
        layout.tell("info_saved_behind", "warning", day=day)


def _told(facts: list[Fact], day: str) -> Fact | None:
    """Of one topic's facts, the newest first, the one that is told on that day."""
    for fact in facts:
        if information.is_valid(fact, day):
            return fact
    return None


@bp.post("/information/<int:fact_id>/withdraw")
@layout.needs("information_write")
def withdraw_information(fact_id: int) -> Response:
    who = layout.staff()
    now = lang.now_ms()

    def work(tx: Tx) -> Fact:
        fact = information.one(tx, who.commune_id, fact_id)
        if fact is None:
            abort(404)
        withdrawn = information.withdraw(
            tx, who.commune_id, fact_id, staff_id=who.id, now=now
        )
        if withdrawn:
            layout.note_act(
                tx, "fact_withdrawn", detail=f"{fact.topic} {fact.valid_from}"
            )
        return fact

    fact = here().db.again(work)
    layout.tell("info_withdrawn")
    return layout.see("staff.information_of", topic=fact.topic)


@bp.post("/information/sample")
@layout.needs("information_write")
@layout.only_shows
def information_sample() -> layout.Page:
    """The words as a resident would read them, and what they take: asked for as one
    types.
    """
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
    words = layout.typed(language).split()
    return " ".join(words)[:LONGEST]


def _sample(written: Written) -> dict[str, object]:
    """What is counted anew as one types; nothing of a language in which nothing is
    written.
    """
    both = (written.vi, written.en)
    counted = []
    if written.vi:
        counted.append(_counted("vi", written.vi))
    if written.en:
        counted.append(_counted("en", written.en))
    costly = broadcast.costly(" ".join(both))
    dropped, dear = signs(costly)
    return {
        "counted": counted,
        "secret": any(map(asks_for_secret, both)),
        "links": any(map(leads_away, both)),
        "dropped": dropped,
        "dear": dear,
    }


def _counted(language: str, words: str) -> Counted:
    prices = here().settings.sms_prices
    text = on_wire(words, marks=False)
    size = cost(text)
    room = room_of(size)
    paid = price(prices, NETWORK, "reply", size.parts)
    with_marks = on_wire(words, marks=True)
    parts_with_marks = cost(with_marks).parts
    return Counted(language, text, size, room, paid, parts_with_marks)
