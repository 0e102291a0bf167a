"""Before a broadcast starts: every text read, the price, a test to one's own number, the second pair of eyes, start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from db.broadcasts import asking, control, drafts, planning, preview, reasons, rules, trying
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.broadcasts.preview import Preview, Told
from db.office import accounts
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import timing, watching
from gateway.staff.broadcasts.choosing import by_reason, in_order
from gateway.staff.broadcasts.common import audience_said, cast_of, found, refused, sentence, trail, words
from gateway.staff.broadcasts.writing import room_of
from gateway.staff.gate import bp
from menus import broadcast as texts
from menus.fitting import price
from menus.numbers import NotAMobile, local, mobile

NAMED_MOST = 10  # people named who have nothing for a field


@bp.get("/broadcasts/<int:broadcast_id>")
@layout.needs("broadcasts")
def broadcast(broadcast_id: int) -> layout.Page:
    """A draft is read before it starts; what was started is watched."""
    row = found(broadcast_id)
    return _check(row) if row.state == "draft" else watching.page(row)


def _check(row: Broadcast) -> layout.Page:
    now = lang.now_ms()
    seen, told, problem = _read(row, now)
    with here().db.connection() as tx:
        hamlets = {hamlet.id: hamlet.name for hamlet in places.hamlets_of(tx, row.commune_id)}
        problem = problem or _in_the_way(tx, row, seen, now)
        lacking = _lacking(tx, row, seen)
        values = {
            "audience": audience_said(tx, row.rule),
            "phone": accounts.phone_of(tx, layout.staff().id),
            **_approval(tx, row, seen),
        }
    return words(
        "check",
        row=row,
        seen=seen,
        told=told,
        room_of=room_of,
        problem=problem,
        lacking=lacking,
        blocked=bool(problem or lacking),
        by_hamlet=in_order(seen, hamlets),
        left_out=by_reason(seen),
        unasked=_unasked(row, seen, now),
        now=now,
        **values,
        **_warnings(row, seen, now),
    )


def _read(row: Broadcast, now: int) -> tuple[Preview, Told | None, str]:
    """Everybody judged and every text read, one of them to be shown; why not, where its rule cannot be used."""
    try:
        return preview.of(here().db, row, settings=here().settings, now=now), _as_person(row, now), ""
    except CannotDo as refusal:
        return Preview(), None, sentence(refusal)


def _in_the_way(tx: Tx, row: Broadcast, seen: Preview, now: int) -> str:
    """Why it cannot start as it stands; empty where nothing is. Of an empty field the page speaks by itself."""
    stands = planning.stands_against(tx, row, seen.tally)
    if stands is None or stands.code == "field_empty":
        stands = timing.problem_of(row, now)
    return sentence(stands) if stands else ""


def _approval(tx: Tx, row: Broadcast, seen: Preview) -> dict[str, object]:
    """What was done with it so far, and whether a second pair of eyes is wanted, or was given."""
    acts, approved = trail(tx, row.id), drafts.is_approved(row)
    return {
        "acts": acts,
        "approver": next((who for act, who, _ in reversed(acts) if act.act == "approved"), ""),
        "own": layout.staff().id in drafts.authors(tx, row),
        "digest": drafts.digest(row),
        "approved": approved,
        "taken_back": bool(row.approved_at) and not approved,
        "needs": control.needs_approval(row, layout.staff().id, seen.chosen, here().settings),
        "above": here().settings.approve_above,
    }


def _unasked(row: Broadcast, seen: Preview, now: int) -> int:
    """How many could be asked whether they agree to adverts."""
    if not seen.left_out[reasons.NO_CONSENT]:
        return 0
    return len(asking.never_asked(here().db, row, settings=here().settings, now=now))


def _warnings(row: Broadcast, seen: Preview, now: int) -> dict[str, object]:
    """What the words, the price and the times give to think of."""
    settings, written = here().settings, f"{row.vi} {row.en}"
    return {
        "costly": texts.costly(written),
        "sells": texts.sells(written) if row.text_class == "notice" else [],
        "ask_price": price(settings.sms_prices, "other", "notice", 1),
        "budget": settings.broadcast_budget if seen.tally.price > settings.broadcast_budget else 0,
        "leaves": timing.first_leaves(row, now),
        "sent_in": timing.sent_in(row, seen.chosen),
        "not_reached": timing.not_reached(row, seen.chosen, now),
    }


def _as_person(row: Broadcast, now: int) -> Told | None:
    """The text of the person of the address, or of the next who would be told."""
    after = max((layout.a_number("person") or 1) - 1, 0)
    for start in dict.fromkeys((after, 0)):
        told = preview.page(
            here().db, row, settings=here().settings, now=now, why=preview.CHOSEN, after=start, most=1
        )  # fmt: skip
        if told:
            return told[0]
    return None


def _lacking(tx: Tx, row: Broadcast, seen: Preview) -> Sequence[tuple[str, int, Sequence[object]]]:
    """Each field for which some have nothing: its name, how many they are, and the first of them by name."""
    return [
        (
            name,
            len(ids),
            [person for one in ids[:NAMED_MOST] if (person := places.person_named(tx, row.commune_id, one))],
        )
        for name, ids in seen.tally.empty.items()
    ]


@bp.post("/broadcasts/<int:broadcast_id>/test")
@layout.needs("broadcasts")
def test_broadcast(broadcast_id: int) -> Response:
    """One person's text to the number of whoever sits here, which is kept on the account."""
    row, who = found(broadcast_id), layout.staff()
    person_id = layout.a_number("person", request.form) or 0
    written = layout.a_line("phone", 30)
    to = redirect(url_for("staff.broadcast", broadcast_id=row.id, person=person_id) + "#test", 303)
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
    row, who, name = found(broadcast_id), layout.staff(), layout.a_line("field", 20)
    rule = rules.parse(row.rule)
    known = [*rule.get("known", []), name]
    try:
        here().db.again(
            lambda tx: drafts.edit(
                tx,
                row.id,
                replace(drafts.of(row), rule={**rule, "known": list(dict.fromkeys(known))}),
                commune_id=who.commune_id,
                staff_id=who.id,
                now=lang.now_ms(),
            )
        )
    except CannotDo as problem:
        refused(problem)
    return redirect(url_for("staff.broadcast", broadcast_id=broadcast_id), 303)


@bp.post("/broadcasts/<int:broadcast_id>/ask")
@layout.needs("approve")
def ask_for_adverts(broadcast_id: int) -> Response:
    """The one question ever to whom this advert leaves out for want of a consent."""
    row, now = found(broadcast_id), lang.now_ms()
    try:
        asked = asking.ask(here().db, row, settings=here().settings, now=now)
    except CannotDo as problem:
        refused(problem)
    else:
        here().db.again(
            lambda tx: drafts.note(
                tx, row.id, "asked", staff_id=layout.staff().id, now=now, detail=f"{asked} people"
            )
        )  # fmt: skip
        layout.tell("broadcast_asked", number=lang.number(asked, layout.language()))
    return redirect(url_for("staff.broadcast", broadcast_id=broadcast_id), 303)


@bp.post("/broadcasts/<int:broadcast_id>/approve")
@layout.needs("approve")
def approve_broadcast(broadcast_id: int) -> Response:
    """`seen` names what the page showed: what changed since is not approved."""
    who, seen, now = layout.staff(), layout.a_line("seen", 64), lang.now_ms()
    found(broadcast_id)
    try:
        here().db.again(
            lambda tx: drafts.approve(
                tx, broadcast_id, commune_id=who.commune_id, staff_id=who.id, seen=seen, now=now
            )
        )  # fmt: skip
        layout.tell("broadcast_approved")
    except CannotDo as problem:
        refused(problem)
    return redirect(url_for("staff.broadcast", broadcast_id=broadcast_id), 303)


@bp.post("/broadcasts/<int:broadcast_id>/start")
@layout.needs("broadcasts")
def start_broadcast(broadcast_id: int) -> Response:
    """Counted and priced anew: what the page showed may be old."""
    row, now, settings = found(broadcast_id), lang.now_ms(), here().settings
    try:
        seen = preview.of(here().db, row, settings=settings, now=now) if row.state == "draft" else Preview()
        here().db.again(lambda tx: _start(tx, row, seen, now))
        layout.tell(_how_started(row, now))
    except CannotDo as problem:
        refused(problem)
    return redirect(url_for("staff.broadcast", broadcast_id=broadcast_id), 303)


def _how_started(row: Broadcast, now: int) -> str:
    """What is said on top of the page once it was started."""
    if row.repeats == "event":
        return "broadcast_by_event"
    return "broadcast_started" if timing.first_leaves(row, now) <= now else "broadcast_scheduled"


def _start(tx: Tx, row: Broadcast, seen: Preview, now: int) -> None:
    """Raises CannotDo when the page showed something else, or what it showed cannot go out."""
    newest, who = cast_of(tx, row.id), layout.staff()
    if newest.state == "draft":
        if drafts.digest(newest) != layout.a_line("seen", 64):
            raise CannotDo("changed")
        if stands := planning.stands_against(tx, newest, seen.tally) or timing.problem_of(newest, now):
            raise stands
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
    )
    priced = f"{tally.texts} texts, {tally.parts} parts, {tally.price} đồng"
    drafts.note(tx, row.id, "priced", staff_id=who.id, now=now, detail=priced)
