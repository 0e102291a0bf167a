"""The handset in the browser: a basic phone to try the service with; it speaks to the same webhooks as a carrier."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from sqlalchemy import bindparam, exists, func, or_, select

from db.engine import Row, Statement, Tx
from db.models import bookings, commune_names, communes, facts, hamlets, households, installation, messages, people
from gateway.context import here
from menus import days, fitting, numbers

bp = Blueprint("phone", __name__)

LAST = 50
DEMO_BLOCK = "+84990000%"
NOT_IN_REGISTER = "+84990000900"  # of the demo block, and no demo person has it
SHOWN = 6

INSTALLATION = Statement(select(installation.c.kind))
COMMUNE = Statement(
    select(communes.c.service_code, communes.c.sms_number, commune_names.c.name)
    .join_from(communes, commune_names, commune_names.c.commune_id == communes.c.id)
    .where(commune_names.c.since <= bindparam("today"))
    .order_by(communes.c.id, commune_names.c.since.desc())
    .limit(1)
)
# One row for each source that speaks of the handset, the best source last.
RESIDENTS = Statement(
    select(
        people.c.phone,
        people.c.name,
        people.c.origin,
        hamlets.c.name.label("hamlet"),
        households.c.poor,
        facts.c.value.label("handset"),
        exists().where(bookings.c.person_id == people.c.id, bookings.c.status == "booked").label("booked"),
    )
    .outerjoin_from(people, hamlets, hamlets.c.id == people.c.hamlet_id)
    .outerjoin(households, households.c.id == people.c.household_id)
    .outerjoin(facts, (facts.c.person_id == people.c.id) & (facts.c.kind == "handset"))
    .where(people.c.phone.like(DEMO_BLOCK), people.c.phone != NOT_IN_REGISTER, people.c.name != "")
    .order_by(people.c.phone, facts.c.source == "seen", facts.c.source == "register")
)
# By when they went out: a reminder posted last week is newer than the reply of yesterday.
ARRIVED = func.coalesce(messages.c.sent_at, messages.c.made_at)
TEXTS = Statement(
    select(
        messages.c.id,
        messages.c.direction,
        messages.c.text,
        messages.c.encoding,
        messages.c.length,
        messages.c.parts,
        messages.c.price,
        ARRIVED.label("at"),
        messages.c.status,
        messages.c.kind,
    )
    .where(
        messages.c.phone == bindparam("phone"),
        or_(
            messages.c.direction == "in",
            messages.c.kind == "reply",
            messages.c.status == "SENT",
            messages.c.status == "DELIVERED",
        ),
    )
    .order_by(ARRIVED.desc(), messages.c.id.desc())
    .limit(LAST)
)


@bp.before_request
def never_beside_real_residents() -> None:
    """The start already refuses the simulator on a live installation; an import may have made it live since."""
    with here().db.connection() as tx:
        if tx.value(INSTALLATION) == "live":
            abort(404)


@bp.get("/phone")
def handset() -> str:
    with here().db.connection() as tx:
        demo = tx.value(INSTALLATION) == "demo"
        commune = tx.one(COMMUNE, today=days.today(datetime.now(UTC)).isoformat())
        shown = _examples(tx) if demo else []
    given = {
        "root": request.script_root,
        "code": commune.service_code if commune else "",
        "smsNumber": commune.sms_number if commune else "",
        "people": [*shown, {"phone": NOT_IN_REGISTER, "name": "", "hamlet": "", "traits": ["unlisted"]}],
        "budget": {"GSM-7": fitting.USSD.septets, "UCS-2": fitting.USSD.ucs2},
        "alphabet": {"basic": "".join(sorted(fitting.BASIC)), "extended": "".join(sorted(fitting.EXTENDED))},
    }
    return render_template("phone.html", given=given, commune=commune.name if commune else "", demo=demo)


@bp.get("/phone/inbox")
def inbox() -> Response | tuple[Response, int]:
    """The last texts from and to `?phone=`, newest last; those still queued are not on the phone yet."""
    try:
        phone = numbers.mobile(request.args.get("phone", ""))
    except numbers.NotAMobile:
        return jsonify(problem="Số này không phải số di động Việt Nam."), 400
    with here().db.connection() as tx:
        found = tx.all(TEXTS, phone=phone)
    answer = jsonify(messages=[text._asdict() for text in reversed(found)])
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _examples(tx: Tx) -> list[dict[str, Any]]:
    """A few demo residents, each of whom shows something the ones before do not."""
    seen: set[str] = set()
    chosen: list[dict[str, Any]] = []
    for person in {person.phone: person for person in tx.all(RESIDENTS)}.values():
        traits = _traits(person)
        if not seen.issuperset(traits) and len(chosen) < SHOWN:
            seen.update(traits)
            chosen.append({"phone": person.phone, "name": person.name, "hamlet": person.hamlet or "", "traits": traits})
    return chosen


def _traits(person: Row) -> list[str]:
    """What this resident illustrates, as keys of `static/phone/words.js`."""
    traits = [f"handset_{person.handset or 'unknown'}"]
    if person.poor in ("yes", "near"):
        traits.append(f"poor_{person.poor}")
    if person.booked:
        traits.append("booked")
    return [*traits, "unlisted" if person.origin == "self" else "listed"]
