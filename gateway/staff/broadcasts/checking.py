"""Before a broadcast starts: every text read, the price, a test to one's own number, the second pair of eyes, start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
from db.places import communes, information
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import timing, watching
from gateway.staff.broadcasts.choosing import by_reason, in_order
from gateway.staff.broadcasts.common import (
    audience_said,
    cast_of,
    found,
    refused,
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
    seen, told, unread = _read(row, now)
    is_read = not unread and not drafts.to_staff(row)
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, row.commune_id)
        if unread:
            problems = [
                unread,
                *_in_the_words(tx, row, seen, now),
                *_in_the_times(row, now),
            ]
        else:
            problems = _in_the_way(tx, row, seen, now)
        lacking = [] if row.repeats == "event" else _lacking(tx, row, seen)
        values = {
            "audience": audience_said(tx, row.rule),
            "phone": accounts.phone_of(tx, layout.staff().id),
            "staff_told": by_event.staff_told(tx, row.commune_id)
            if drafts.to_staff(row)
            else [],
            "to_staff": drafts.to_staff(row),
            "following": timing.following_said(tx, row, now),
            **_approval(tx, row, seen),
        }
    return words(
        "check",
        row=row,
        seen=seen,
        told=told,
        room_of=room_of,
        is_read=is_read,
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


def _read(row: Broadcast, now: int) -> tuple[Preview, Told | None, str]:
    """Everybody judged and every text read, one of them to be shown; why not, where its rule cannot be used."""
    if drafts.to_staff(row):
        return Preview(), None, ""
    try:
        seen = preview.of(here().db, row, settings=here().settings, now=now)
        told = _as_person(row, now)
    except CannotDo as refusal:
        return Preview(), None, sentence(refusal)
    return seen, told, ""


def _in_the_way(tx: Tx, row: Broadcast, seen: Preview, now: int) -> list[str]:
    """All that keeps it from starting as it stands. Of an empty field the page speaks by itself."""
    found = []
    stands = planning.stands_against(tx, row, seen.tally)
    if stands is not None and stands.code == "nobody":
        found.append(sentence(stands))
    return found + _in_the_words(tx, row, seen, now) + _in_the_times(row, now)


def _in_the_words(tx: Tx, row: Broadcast, seen: Preview, now: int) -> list[str]:
    """That they are too long; where nobody would be told yet, as one resident would read them."""
    longest = seen.tally.longest
    if not seen.tally.texts and not drafts.to_staff(row):
        asked = preview.Words(row.vi, row.en, row.text_class, row.commune_id)
        sample = preview.sample(tx, asked, None, now)
        longest = max(wire.cost.parts for wire in sample.texts.values())
    if longest <= PARTS_MOST:
        return []
    too_long = CannotDo("too_long", longest)
    return [sentence(too_long)]


def _in_the_times(row: Broadcast, now: int) -> list[str]:
    problem = timing.problem_of(row, now)
    return [sentence(problem)] if problem else []


def _approval(tx: Tx, row: Broadcast, seen: Preview) -> dict[str, object]:
    """What was done with it so far, and whether a second pair of eyes is wanted, or was given."""
    staff_id = layout.staff().id
    settings = here().settings
    acts = trail(tx, row.id)
    approvers = [who for act, who, _ in acts if act.act == "approved"]
    approved = drafts.is_approved(row)
    return {
        "acts": acts,
        "approver": approvers[-1] if approvers else "",
        "own": staff_id in drafts.authors(tx, row),
        "digest": drafts.digest(row),
        "approved": approved,
        "taken_back": bool(row.approved_at) and not approved,
        "asked_at": approvals.asked_at(tx, row.commune_id).get(row.id),
        "needs": control.needs_approval(row, staff_id, seen.chosen, settings),
        "above": settings.approve_above,
    }


def _asking(row: Broadcast, seen: Preview, now: int) -> dict[str, object]:
    """The one question about adverts, as it would go out: its words, to how many, what it costs, and to whom."""
    people: list[int] = []
    if seen.left_out[reasons.NO_CONSENT]:
        people = asking.never_asked(here().db, row, settings=here().settings, now=now)
    if not people:
        return {"unasked": 0}
    with here().db.connection() as tx:
        commune = communes.named(tx, row.commune_id, lang.today(now))
        named = [
            places.person_named(tx, row.commune_id, person_id)
            for person_id in people[:ASKED_SHOWN]
        ]
    question = notices.text(
        ASKS_FOR_ADVERTS, VIETNAMESE, commune=commune.name, number=commune.sms_number
    )
    wire = texts.wire(question, marks=False)
    each = price(here().settings.sms_prices, "other", "notice", wire.cost.parts)
    return {
        "unasked": len(people),
        "question": wire.text,
        "ask_price": each * len(people),
        "to_be_asked": [person for person in named if person],
    }


def _warnings(row: Broadcast, seen: Preview, now: int) -> dict[str, object]:
    """What the words, the price and the times give to think of."""
    settings = here().settings
    written = f"{row.vi} {row.en}"
    budget = settings.broadcast_budget
    return {
        "costly": texts.costly(written),
        "sells": texts.sells(written) if row.text_class == "notice" else [],
        "leads_away": information.leads_away(written),
        "secrets": texts.secrets(written),
        "budget": budget if seen.tally.price > budget else 0,
        "leaves": timing.first_leaves(row, now),
        "sent_in": timing.sent_in(row, seen.chosen),
        "not_reached": timing.not_reached(row, seen.chosen, now),
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
    told = preview.page(
        here().db,
        row,
        settings=here().settings,
        now=now,
        why=preview.CHOSEN,
        after=after,
        most=1,
    )
    return told[0] if told else None


def _lacking(
    tx: Tx, row: Broadcast, seen: Preview
) -> Sequence[tuple[str, int, Sequence[object]]]:
    """Each field for which some have nothing: its name, how many they are, and the first of them by name."""
    lacking = []
    for field, person_ids in seen.tally.empty.items():
        named = []
        for person_id in person_ids[:NAMED_MOST]:
            person = places.person_named(tx, row.commune_id, person_id)
            if person:
                named.append(person)
        lacking.append((field, len(person_ids), named))
    return lacking


@bp.post("/broadcasts/<int:broadcast_id>/test")
@layout.needs("broadcasts")
def test_broadcast(broadcast_id: int) -> Response:
    """One person's text to the number of whoever sits here, which is kept on the account."""
    row = found(broadcast_id)
    who = layout.staff()
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
            tx,
            broadcast_id,
            commune_id=who.commune_id,
            person_id=person_id,
            phone=phone,
            staff_id=who.id,
            settings=here().settings,
            now=lang.now_ms(),
        )

    try:
        here().db.again(work)
        layout.tell("broadcast_tested", number=local(phone))
    except CannotDo as problem:
        refused(problem)
    return to


@bp.post("/broadcasts/<int:broadcast_id>/without")
@layout.needs("broadcasts")
def leave_out_who_lacks(broadcast_id: int) -> Response:
    """Whoever has nothing for this field is left out from now on: the rule asks that it be known."""
    row = found(broadcast_id)
    try:
        rule = rules.parse(row.rule)
        known = [*rule.get("known", []), layout.a_line("field", 20)]
        rule["known"] = list(dict.fromkeys(known))
        keep(row.id, replace(drafts.of(row), rule=rule))
    except CannotDo as problem:
        refused(problem)
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


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
    else:
        detail = f"{asked} people"
        here().db.again(
            lambda tx: drafts.note(
                tx, row.id, "asked", staff_id=staff_id, now=now, detail=detail
            )
        )
        layout.tell("broadcast_asked", number=layout.count(asked))
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/want-approval")
@layout.needs("broadcasts")
def want_approval(broadcast_id: int) -> Response:
    """It becomes work of everybody who may approve it."""
    found(broadcast_id)

    def work(tx: Tx) -> None:
        who = layout.staff()
        approvals.ask(
            tx,
            broadcast_id,
            commune_id=who.commune_id,
            staff_id=who.id,
            now=lang.now_ms(),
        )

    try:
        here().db.again(work)
        layout.tell("broadcast_approval_wanted")
    except CannotDo as problem:
        refused(problem)
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/approve")
@layout.needs("approve")
def approve_broadcast(broadcast_id: int) -> Response:
    """`seen` names what the page showed: what changed since is not approved."""
    seen = layout.a_line("seen", 64)
    no_advert = bool(request.form.get("no_advert"))
    found(broadcast_id)

    def work(tx: Tx) -> None:
        who = layout.staff()
        now = lang.now_ms()
        drafts.approve(
            tx,
            broadcast_id,
            commune_id=who.commune_id,
            staff_id=who.id,
            seen=seen,
            now=now,
            no_advert=no_advert,
        )

    try:
        here().db.again(work)
        layout.tell("broadcast_approved")
    except CannotDo as problem:
        refused(problem)
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/start")
@layout.needs("broadcasts")
def start_broadcast(broadcast_id: int) -> Response:
    """Counted and priced anew: what the page showed may be old."""
    row = found(broadcast_id)
    now = lang.now_ms()
    seen = Preview()
    try:
        if row.state == "draft" and not drafts.to_staff(row):
            seen = preview.of(here().db, row, settings=here().settings, now=now)
        here().db.again(lambda tx: _start(tx, row, seen, now))
        layout.tell(_how_started(row, now))
    except CannotDo as problem:
        refused(problem)
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


def _how_started(row: Broadcast, now: int) -> str:
    """What is said on top of the page once it was started."""
    if row.repeats == "event":
        return "broadcast_by_event"
    if timing.first_leaves(row, now) > now:
        return "broadcast_scheduled"
    return "broadcast_started"


def _start(tx: Tx, row: Broadcast, seen: Preview, now: int) -> None:
    """Raises CannotDo when the page showed something else, or what it showed cannot go out."""
    newest = cast_of(tx, row.id)
    who = layout.staff()
    if newest.state == "draft":
        _refuse_to_start(tx, newest, seen, now)
    tally = seen.tally
    control.start(
        tx,
        row.id,
        commune_id=who.commune_id,
        staff_id=who.id,
        settings=here().settings,
        now=now,
        counted=seen.chosen,
        priced=tally.price,
        price_seen=bool(request.form.get("price_seen")),
        no_advert=bool(request.form.get("no_advert")),
    )
    priced = f"{tally.texts} texts, {tally.parts} parts, {tally.price} đồng"
    drafts.note(tx, row.id, "priced", staff_id=who.id, now=now, detail=priced)


def _refuse_to_start(tx: Tx, draft: Broadcast, seen: Preview, now: int) -> None:
    """Raises CannotDo where the page showed another draft, or something stands against this one."""
    if drafts.digest(draft) != layout.a_line("seen", 64):
        raise CannotDo("changed")
    stands = planning.stands_against(tx, draft, seen.tally) or timing.problem_of(
        draft, now
    )
    if stands is not None:
        raise stands
