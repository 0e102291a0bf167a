"""Texts that no menu could read: why, and what a person makes of them: an answer, an
opinion, a request, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import Response as File
from flask import abort, request
from werkzeug.wrappers import Response

from db.commands.exports import plain
from db.models.states import Lesson, RequestKind
from db.places import communes
from db.reports import messages as texts
from db.requests import unread
from db.requests.unread import Choice, Unread
from db.store.engine import Tx, from_ms, to_ms
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.answering import refused, rendered
from gateway.staff.gate import bp
from gateway.staff.tables import Cell, download
from menus import notices, words
from menus.hearing.reader import LIKELY
from menus.hearing.weighing import read_alone

# Sentences that are sent with one click, `ready_…` in the residents' words.
READY = ("again", "book", "thanks")
GUESSES = 2  # of what it may mean
SEEN_MOST = 320  # letters of a text that are read
# What a person would be asked for all the same; erasing is the resident's own wish.
KINDS = [kind for kind in RequestKind if kind is not RequestKind.ERASE]


class Guess(NamedTuple):
    """What the reader took it for, and how sure it was, in percent."""

    label: str
    sure: int


class Why(NamedTuple):
    """Why nothing was done: a key of the words, and what it may have meant."""

    key: str
    guesses: list[Guess]


@bp.get("/messages/not-understood")
@layout.needs("messages")
def not_understood() -> layout.Page:
    return _page({})


def _page(typed: dict[int, str], http: int = 200) -> layout.Page:
    """`typed`: the answer to a text that may not go as it is, by the text's id."""
    with here().db.connection() as tx:
        found = texts.not_understood(tx, layout.commune_id())
    whys = {one.id: _why(one.text) for one in found}
    ready = {key: words.say(layout.language(), f"ready_{key}") for key in READY}
    return layout.page(
        "not_understood",
        http,
        found=found,
        whys=whys,
        ready=ready,
        kinds=KINDS,
        typed=typed,
        answer_most=unread.ANSWER_MOST,
        night=_night(),
    )


def _night() -> int | None:
    """When an answer goes that is written now; none by day. UTC ms."""
    now = from_ms(lang.now_ms())
    goes = notices.goes_at(unread.KIND, "notice", now, now)
    return to_ms(goes) if goes > now else None


def _why(text: str) -> Why:
    """Read once more, by itself: what stood open on that phone is not known any more."""
    reading = read_alone(text[:SEEN_MOST], "none")
    likeliest = reading.ranked[:GUESSES]
    guesses = [Guess(label, round(100 * share)) for label, share in likeliest]
    if reading.label in ("talk", "thanks"):
        return Why("unread_talk", guesses)
    if reading.label == "unclear":
        return Why("unread_unclear", guesses)
    if reading.sure < LIKELY:
        return Why("unread_unsure", guesses)
    return Why("unread_elsewhere", guesses)


@bp.post("/messages/<int:message_id>/dealt-with")
@layout.needs("messages")
def dealt_with(message_id: int) -> layout.Page | Response:
    """With the button that was pressed; read and nothing more where it names none."""
    choice = _choice()
    if choice.did is Lesson.ANSWER:
        problem, what = _unfit(message_id, choice)
        if problem:
            layout.tell(problem, "danger", what=what)
            return _page({message_id: choice.words}, 400)
    outcome = here().db.again(lambda tx: _deal_with(tx, message_id, choice))
    if outcome is None:
        layout.tell("request_as_it_was", "warning")
    elif outcome.number:
        layout.tell(f"unread_as_{choice.did}", number=outcome.number)
    elif outcome.texted and _night():
        layout.tell("unread_answered_later", when=layout.stamp(_night()))
    elif outcome.texted:
        layout.tell("unread_answered")
    else:
        layout.tell("unread_seen")
    return layout.see("staff.not_understood")


def _choice() -> Choice:
    """What was pressed; 400 for what no button offers."""
    written = request.form.get("did", Lesson.SEEN)
    ready = request.form.get("ready", "")
    if ready:
        if ready not in READY:
            abort(400)
        return Choice(Lesson.ANSWER, ready)
    try:
        did = Lesson(written)
        if did is Lesson.REQUEST:
            return Choice(did, kind=RequestKind(request.form.get("kind", "")))
    except ValueError:
        abort(400)
    if did is Lesson.ANSWER:
        return Choice(did, layout.a_line("words", unread.ANSWER_MOST))
    return Choice(did)


def _unfit(message_id: int, choice: Choice) -> tuple[str, str]:
    """Why the answer may not go, as a key of the words, and what is at fault in it."""
    if not choice.words:
        return "opinion_words_needed", ""
    with here().db.connection() as tx:
        found = _found(tx, message_id)
        commune = communes.named(tx, layout.commune_id(), lang.current_day())
    if not found.phone:
        return "unread_no_number", ""
    said = _in_words(choice, found.language)
    about = notices.Answered(0, said)
    whole = notices.answer(unread.KIND, found.language, about, commune=commune.name)
    text_class, _ = notices.KINDS[unread.KIND]
    text = rendered(whole, found.phone, marks=False, text_class=text_class)
    return refused(text, said)


def _found(tx: Tx, message_id: int) -> Unread:
    found = unread.get(tx, message_id, commune_id=layout.commune_id())
    if found is None:
        abort(404)
    return found


def _in_words(choice: Choice, language: str) -> str:
    """A ready sentence in the resident's language; own words as they are."""
    if choice.words in READY:
        return words.say(language, f"ready_{choice.words}")
    return choice.words


def _deal_with(tx: Tx, message_id: int, choice: Choice) -> unread.Outcome | None:
    found = _found(tx, message_id)
    said = _in_words(choice, found.language)
    outcome = unread.deal_with(
        tx,
        message_id,
        choice._replace(words=said),
        commune_id=layout.commune_id(),
        staff_id=layout.staff().id,
        now=lang.now_ms(),
    )
    if outcome is not None:
        layout.note_act(tx, f"unread_{choice.did}", detail=_detail(choice, outcome))
    return outcome


def _detail(choice: Choice, outcome: unread.Outcome) -> str:
    if choice.did is Lesson.REQUEST and outcome.number:
        return f"request {outcome.number}"
    return ""


@bp.get("/messages/lessons.csv")
@layout.needs("messages")
def lessons_file() -> File:
    """What staff made of such texts, for the next training: no number, no name."""
    commune_id = layout.commune_id()
    layout.note_alone("export", detail="lessons")
    with here().db.connection() as tx:
        found = unread.lessons(tx, commune_id)
    return download("lessons", "csv", _lines(found))


def _lines(found: list[unread.Line]) -> Iterator[tuple[Cell, ...]]:
    yield "day", "text", "did", "kind"
    for line in found:
        day = iso_day_at(line.at)
        yield day, plain(line.words), line.did, line.kind
