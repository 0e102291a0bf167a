"""The handset in the browser: a basic phone to try the service with; it speaks to the
same webhooks as a carrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, render_template, request

from db.reports import handset as handset_of
from db.store import installation
from db.store.engine import Tx, to_ms
from gateway.context import here
from menus import days, fitting, numbers

bp = Blueprint("phone", __name__)

NOT_IN_REGISTER = "+84990000900"  # of the demo block, and no demo person has it
SHOWN = 3  # without a story
# What can have become of a phone's bookings, as keys of `static/phone/words.js`; the
# page shows a number for each.
STORIES = (
    "tomorrow",
    "waits",
    "offered",
    "choice",
    "party",
    "for_other",
    "came",
    "missed",
)


@bp.before_request
def never_beside_real_residents() -> None:
    """The start already refuses the simulator on a live installation; an import may
    have made it live since.
    """
    with here().db.connection() as tx:
        if installation.kind(tx) == "live":
            abort(404)


@bp.get("/phone")
def handset() -> str:
    now = datetime.now(UTC)
    shown: list[dict[str, object]] = []
    with here().db.connection() as tx:
        demo = installation.kind(tx) == "demo"
        commune = handset_of.commune(tx, days.today(now).isoformat())
        if demo:
            shown = _examples(tx, now)
    stranger = {
        "phone": NOT_IN_REGISTER,
        "name": "",
        "hamlet": "",
        "traits": ["unlisted"],
    }
    basic = sorted(fitting.BASIC)
    extended = sorted(fitting.EXTENDED)
    given = {
        "root": request.script_root,
        "code": commune.service_code if commune else "",
        "smsNumber": commune.sms_number if commune else "",
        "people": [*shown, stranger],
        "budget": {"GSM-7": fitting.USSD.septets, "UCS-2": fitting.USSD.ucs2},
        "alphabet": {"basic": "".join(basic), "extended": "".join(extended)},
    }
    return render_template(
        "phone.html", given=given, commune=commune.name if commune else "", demo=demo
    )


@bp.get("/phone/inbox")
def inbox() -> Response | tuple[Response, int]:
    """The last texts from and to `?phone=`, newest last; those still queued are not on
    the phone yet.
    """
    typed = request.args.get("phone", "")
    try:
        phone = numbers.mobile(typed)
    except numbers.NotAMobile:
        return jsonify(problem="Số này không phải số di động Việt Nam."), 400
    with here().db.connection() as tx:
        found = handset_of.texts(tx, phone)
    messages = [text._asdict() for text in found]
    answer = jsonify(messages=messages)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _examples(tx: Tx, now: datetime) -> list[dict[str, object]]:
    """A few demo residents without a story who differ in what is known of them, then
    one of each story.
    """
    story_of = _stories(tx, now)
    without_story: list[handset_of.Resident] = []
    first_of: dict[str, handset_of.Resident] = {}
    for person in handset_of.residents(tx, but=NOT_IN_REGISTER):
        story = story_of.get(person.phone)
        if story is None:
            without_story.append(person)
        else:
            first_of.setdefault(story, person)
    told = [story for story in STORIES if story in first_of]
    with_story = [_card(first_of[story], [story]) for story in told]
    return _who_differ(without_story) + with_story


def _who_differ(people: Sequence[handset_of.Resident]) -> list[dict[str, object]]:
    """The first few of whom each adds something that those before do not have."""
    seen: set[str] = set()
    cards: list[dict[str, object]] = []
    for person in people:
        if len(cards) == SHOWN:
            break
        traits = _traits(person)
        if seen.issuperset(traits):
            continue
        seen.update(traits)
        card = _card(person, traits)
        cards.append(card)
    return cards


def _stories(tx: Tx, now: datetime) -> dict[str, str]:
    """Which of STORIES each phone has, the last one told of it; some have none."""
    today = days.today(now)
    yesterday = today - timedelta(days=1)
    tomorrow = today + timedelta(days=1)
    told = handset_of.stories(
        tx,
        yesterday=yesterday.isoformat(),
        tomorrow=tomorrow.isoformat(),
        now=to_ms(now),
    )
    return {phone: story for phone, story in told if story in STORIES}


def _card(person: handset_of.Resident, traits: list[str]) -> dict[str, object]:
    return {
        "phone": person.phone,
        "name": person.name,
        "hamlet": person.hamlet or "",
        "traits": traits,
    }


def _traits(person: handset_of.Resident) -> list[str]:
    """What this resident illustrates, as keys of `static/phone/words.js`."""
    handset = person.handset or "unknown"
    traits = [f"handset_{handset}"]
    if person.poor in ("yes", "near"):
        traits.append(f"poor_{person.poor}")
    if person.booked:
        traits.append("booked")
    if person.origin == "self":
        traits.append("unlisted")
    else:
        traits.append("listed")
    return traits
