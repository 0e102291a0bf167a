"""Before a broadcast starts: every text read, the price, a test to one's own number,
the second pair of eyes, start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from flask import request
from werkzeug.wrappers import Response

from db.broadcasts import (
    approvals,
    asking,
    by_event,
    control,
    drafts,
    planning,
    preview,
    reasons,
    rules,
    trying,
)
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.broadcasts.preview import Preview, Told
from db.office import accounts
from db.places import communes
from db.reports import places
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import timing, watching
from gateway.staff.broadcasts.choosing import by_reason, in_order
from gateway.staff.broadcasts.common import (
    Actor,
    TrailLine,
    audience_said,
    by_me,
    carry_out,
    cast_of,
    found,
    refused,
    see_broadcast,
    sentence,
    trail,
    words,
)
from gateway.staff.broadcasts.writing import keep, room_of
from gateway.staff.gate import bp
from menus import broadcast as texts
from menus import notices
from menus.broadcast import PARTS_MOST
from menus.fitting import price
from menus.notices import ASKS_FOR_ADVERTS
from menus.numbers import NotAMobile, local, mobile
from menus.words import VIETNAMESE

NAMED_MOST = 10  # people named who have nothing for a field
ASKED_SHOWN = 200  # of those who would be asked for their consent


@bp.get("/broadcasts/<int:broadcast_id>")
@layout.needs("broadcasts")
def broadcast(broadcast_id: int) -> layout.Page:
    """A draft is read before it starts; what was started is watched."""
    row = found(broadcast_id)
    return _check(row) if row.state == "draft" else watching.page(row)


def _check(row: Broadcast) -> layout.Page:
    now = lang.now_ms()
    to_staff = drafts.to_staff(row)
    read = _read(row, now)
    seen = read.seen
    lacking = []
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, row.commune_id)
        problems = _in_the_way(tx, row, read, now)
        if row.repeats != "event":
            lacking = _lacking(tx, seen)
        values = {
            "audience": audience_said(tx, row.rule),
            "phone": accounts.phone_of(tx, layout.staff().id),
            "staff_told": by_event.staff_told(tx, row.commune_id) if to_staff else [],
            "to_staff": to_staff,
            "following": timing.following_said(tx, row, now),
            **_approval(tx, row, seen),
        }
    return words(
        "check",
        row=row,
        seen=seen,
        told=read.told,
        room_of=room_of,
        is_read=read.problem is None and not to_staff,
        problems=problems,
        lacking=lacking,
        blocked=bool(problems or lacking),
        by_hamlet=in_order(seen, hamlets),
        left_out=by_reason(seen),
        now=now,
        **_asking(row, seen, now),
        **values,
        **_warnings(row, seen, now),
    )


class _Read(NamedTuple):
    """Everybody judged and every text read, one of them to be shown; why not, where the
    rule cannot be used.
    """

    seen: Preview
    told: Told | None = None
    problem: CannotDo | None = None


def _read(row: Broadcast, now: int) -> _Read:
    if drafts.to_staff(row):
        return _Read(Preview())
    try:
        seen = preview.of(here().db, row, settings=here().settings, now=now)
        told = _as_person(row, now)
    except CannotDo as refusal:
        return _Read(Preview(), problem=refusal)
    return _Read(seen, told)


def _in_the_way(tx: Tx, row: Broadcast, read: _Read, now: int) -> list[str]:
    """All that keeps it from starting as it stands. Of an empty field the page speaks
    by itself.
    """
    problems = [
        read.problem or _of_nobody(tx, row, read.seen),
        _in_the_words(tx, row, read.seen, now),
        timing.problem_of(row, now),
    ]
    return [sentence(problem) for problem in problems if problem is not None]


def _of_nobody(tx: Tx, row: Broadcast, seen: Preview) -> CannotDo | None:
    """That its rule finds nobody."""
    problem = planning.stands_against(tx, row, seen.tally)
    if problem is None or problem.code != "nobody":
        return None
    return problem


def _in_the_words(tx: Tx, row: Broadcast, seen: Preview, now: int) -> CannotDo | None:
    """That they hold what no text may, or are too long."""
    try:
        drafts.check_words(row)
    except CannotDo as problem:
        return problem
    longest = seen.tally.longest
    if not seen.tally.texts and not drafts.to_staff(row):
        longest = _longest_as_read(tx, row, now)
    if longest > PARTS_MOST:
        return CannotDo("too_long", longest)
    return None


def _longest_as_read(tx: Tx, row: Broadcast, now: int) -> int:
    """How many parts it takes as one resident would read it, where nobody would be told
    yet.
    """
    written = preview.Words(row.vi, row.en, row.text_class, row.commune_id)
    sample = preview.sample(tx, written, None, now)
    parts = [wire.cost.parts for wire in sample.texts.values()]
    return max(parts)


def _approval(tx: Tx, row: Broadcast, seen: Preview) -> dict[str, object]:
    """What was done with it so far, and whether a second pair of eyes is wanted, or was
    given.
    """
    staff_id = layout.staff().id
    settings = here().settings
    acts = trail(tx, row.id)
    authors = drafts.authors(tx, row)
    approved = drafts.is_approved(row)
    asked_at = approvals.asked_at(tx, row.commune_id)
    return {
        "acts": acts,
        "approver": _approver(acts),
        "own": staff_id in authors,
        "digest": drafts.digest(row),
        "approved": approved,
        "taken_back": bool(row.approved_at) and not approved,
        "asked_at": asked_at.get(row.id),
        "needs": control.needs_approval(row, staff_id, seen.chosen, settings),
        "above": settings.approve_above,
    }


def _approver(acts: list[TrailLine]) -> str:
    """Who approved it last, of the trail, the oldest act first; empty where nobody did."""
    approver = ""
    for line in acts:
        if line.act.act == "approved":
            approver = line.who
    return approver


def _asking(row: Broadcast, seen: Preview, now: int) -> dict[str, object]:
    """The one question about adverts, as it would go out: its words, to how many, what
    it costs, and to whom.
    """
    settings = here().settings
    people: list[int] = []
    if seen.left_out[reasons.NO_CONSENT]:
        people = asking.never_asked(here().db, row, settings=settings, now=now)
    if not people:
        return {"unasked": 0}
    today = iso_day_at(now)
    with here().db.connection() as tx:
        commune = communes.named(tx, row.commune_id, today)
        named = _named(tx, people[:ASKED_SHOWN])
    question = notices.text(
        ASKS_FOR_ADVERTS, VIETNAMESE, commune=commune.name, number=commune.sms_number
    )
    wire = texts.wire(question, marks=False)
    each = price(settings.sms_prices, "other", "notice", wire.cost.parts)
    return {
        "unasked": len(people),
        "question": wire.text,
        "ask_price": each * len(people),
        "to_be_asked": named,
    }


def _warnings(row: Broadcast, seen: Preview, now: int) -> dict[str, object]:
    """What the words, the price and the times give to think of."""
    written = f"{row.vi} {row.en}"
    is_notice = row.text_class == "notice"
    people = seen.chosen
    budget = here().settings.broadcast_budget
    is_over = seen.tally.price > budget
    return {
        "costly": texts.costly(written),
        "sells": texts.sells(written) if is_notice else [],
        "secrets": texts.secrets(written),
        "budget": budget if is_over else 0,
        "leaves": timing.first_leaves(row, now),
        "sent_in": timing.sent_in(row, people),
        "not_reached": timing.not_reached(row, people, now),
        "put_off_until": timing.leaves_at(row.text_class, seen.put_off_until, now),
    }


def _as_person(row: Broadcast, now: int) -> Told | None:
    """The text of the person of the address, or of the next who would be told."""
    person_id = layout.a_number("person") or 1
    after = max(person_id - 1, 0)
    told = _first_told(row, now, after)
    if told is None and after:
        return _first_told(row, now, 0)
    return told


def _first_told(row: Broadcast, now: int, after: int) -> Told | None:
    settings = here().settings
    told = preview.page(
        here().db,
        row,
        settings=settings,
        now=now,
        why=preview.CHOSEN,
        after=after,
        most=1,
    )
    return told[0] if told else None


class Lacking(NamedTuple):
    """A field for which some have nothing: how many they are, and the first of them by
    name.
    """

    field: str
    number: int
    people: list[places.Named]


def _lacking(tx: Tx, seen: Preview) -> list[Lacking]:
    lacking = []
    for field, person_ids in seen.tally.empty.items():
        named = _named(tx, person_ids[:NAMED_MOST])
        number = len(person_ids)
        lacking.append(Lacking(field, number, named))
    return lacking


def _named(tx: Tx, person_ids: list[int]) -> list[places.Named]:
    """By name; without those who are gone."""
    found = []
    for person_id in person_ids:
        person = places.person_named(tx, layout.commune_id(), person_id)
        if person is not None:
            found.append(person)
    return found


@bp.post("/broadcasts/<int:broadcast_id>/test")
@layout.needs("broadcasts")
def test_broadcast(broadcast_id: int) -> Response:
    """One person's text to the number of whoever sits here, which is kept on the
    account.
    """
    row = found(broadcast_id)
    who = layout.staff()
    settings = here().settings
    person_id = layout.a_number("person", request.form) or 0
    written = layout.a_line("phone", 30)
    to = layout.see(
        "staff.broadcast", broadcast_id=row.id, person=person_id, _anchor="test"
    )
    try:
        phone = mobile(written) if written else ""
    except NotAMobile:
        layout.tell("refused_not_a_mobile", "danger")
        return to

    def work(tx: Tx) -> None:
        accounts.set_phone(tx, who.username, phone)
        trying.post(
            tx, row.id, person_id=person_id, phone=phone, settings=settings, **by_me()
        )

    tested = layout.say("broadcast_tested", number=local(phone))
    carry_out(work, tested)
    return to


@bp.post("/broadcasts/<int:broadcast_id>/without")
@layout.needs("broadcasts")
def leave_out_who_lacks(broadcast_id: int) -> Response:
    """Whoever has nothing for this field is left out from now on: the rule asks that it
    be known.
    """
    row = found(broadcast_id)
    field = layout.a_line("field", 20)
    try:
        rule = rules.parse(row.rule)
        known = [*rule.get("known", []), field]
        rule["known"] = list(dict.fromkeys(known))
        draft = replace(drafts.of(row), rule=rule)
        keep(row.id, draft)
    except CannotDo as problem:
        refused(problem)
    return see_broadcast(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/ask")
@layout.needs("approve")
def ask_for_adverts(broadcast_id: int) -> Response:
    """The one question ever to whom this advert leaves out for want of a consent."""
    row = found(broadcast_id)
    now = lang.now_ms()
    staff_id = layout.staff().id
    try:
        asked = asking.ask(here().db, row, settings=here().settings, now=now)
    except CannotDo as problem:
        refused(problem)
        return see_broadcast(broadcast_id)

    def note(tx: Tx) -> None:
        drafts.note(
            tx, row.id, "asked", staff_id=staff_id, now=now, detail=f"{asked} people"
        )

    here().db.again(note)
    number = layout.count(asked)
    layout.tell("broadcast_asked", number=number)
    return see_broadcast(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/want-approval")
@layout.needs("broadcasts")
def want_approval(broadcast_id: int) -> Response:
    """It becomes work of everybody who may approve it."""
    found(broadcast_id)

    def work(tx: Tx) -> None:
        approvals.ask(tx, broadcast_id, **by_me())

    carry_out(work, layout.say("broadcast_approval_wanted"))
    return see_broadcast(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/approve")
@layout.needs("approve")
def approve_broadcast(broadcast_id: int) -> Response:
    """`seen` names what the page showed: what changed since is not approved."""
    seen = layout.a_line("seen", 64)
    no_advert = bool(request.form.get("no_advert"))
    found(broadcast_id)

    def work(tx: Tx) -> None:
        drafts.approve(tx, broadcast_id, seen=seen, no_advert=no_advert, **by_me())

    carry_out(work, layout.say("broadcast_approved"))
    return see_broadcast(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/start")
@layout.needs("broadcasts")
def start_broadcast(broadcast_id: int) -> Response:
    """Counted and priced anew: what the page showed may be old."""
    row = found(broadcast_id)
    by = by_me()
    now = by["now"]
    seen = Preview()
    to_read = row.state == "draft" and not drafts.to_staff(row)
    try:
        if to_read:
            seen = preview.of(here().db, row, settings=here().settings, now=now)
        here().db.again(lambda tx: _start(tx, row, seen, by))
    except CannotDo as problem:
        refused(problem)
        return see_broadcast(broadcast_id)
    done = _how_started(row, now)
    layout.tell(done)
    return see_broadcast(broadcast_id)


def _how_started(row: Broadcast, now: int) -> str:
    """What is said on top of the page once it was started."""
    if row.repeats == "event":
        return "broadcast_by_event"
    if timing.first_leaves(row, now) > now:
        return "broadcast_scheduled"
    return "broadcast_started"


def _start(tx: Tx, row: Broadcast, seen: Preview, by: Actor) -> None:
    """Raises CannotDo when the page showed something else, or what it showed cannot go
    out.
    """
    newest = cast_of(tx, row.id)
    now = by["now"]
    if newest.state == "draft":
        _refuse_to_start(tx, newest, seen, now)
    tally = seen.tally
    control.start(
        tx,
        row.id,
        settings=here().settings,
        counted=seen.chosen,
        priced=tally.price,
        price_seen=bool(request.form.get("price_seen")),
        no_advert=bool(request.form.get("no_advert")),
        **by,
    )
    priced = f"{tally.texts} texts, {tally.parts} parts, {tally.price} đồng"
    drafts.note(tx, row.id, "priced", staff_id=by["staff_id"], now=now, detail=priced)


def _refuse_to_start(tx: Tx, draft: Broadcast, seen: Preview, now: int) -> None:
    """Raises CannotDo where the page showed another draft, or something stands against
    this one.
    """
    if drafts.digest(draft) != layout.a_line("seen", 64):
        raise CannotDo("changed")
    problem = planning.stands_against(tx, draft, seen.tally)
    if problem is None:
        problem = timing.problem_of(draft, now)
    if problem is not None:
        raise problem
