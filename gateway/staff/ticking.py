"""Ticking off what was done: the tapped button of a form, wherever it stands, goes into
the log of conversions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from flask import abort, request

from db.models.states import Service
from db.notices import logged
from db.progress import conversions, kept
from db.reports import beside, people, places
from db.store.engine import Tx
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.moving_in import move_in

# What is done for a household where it can be had, by its key in the plan.
SERVED_BY: Mapping[str, Service] = {
    "electricity_money": Service.ELECTRICITY,
    "tv360": Service.TV360,
}


def taps(tx: Tx, commune_id: int, subject: str) -> list[places.Indicator]:
    """What can be ticked off for a person, a household or a business: whatever is not
    derived from other things.

    Whether the app is still there is a question of its own: see `answered`.
    """
    indicators = places.indicators_of(tx, commune_id)
    tapped = [row for row in indicators if _is_tapped(row)]
    return [row for row in tapped if row.subject == subject]


def _is_tapped(indicator: places.Indicator) -> bool:
    return not indicator.derived and indicator.key != kept.KEPT


def log_tapped(
    tx: Tx,
    subject: str,
    subject_id: int,
    booking_id: int | None = None,
    event_id: int | None = None,
) -> None:
    """Log the indicator that the tapped button names, unless it counts already.

    Counted means the same tap twice or a quicker colleague: it stands as done, which is
    what was meant.
    """
    form_key = layout.form_key()
    tapped = _tapped(tx, subject)
    if tapped is None:
        abort(400)
    log_once(tx, tapped, subject_id, f"{form_key}:{tapped.id}", booking_id, event_id)


def log_once(
    tx: Tx,
    indicator: places.Indicator,
    subject_id: int,
    form_key: str | None = None,
    booking_id: int | None = None,
    event_id: int | None = None,
) -> int | None:
    """Log it for the person, household or business, unless it counts already: the entry
    that it made. A person with a phone is asked whether it is right.
    """
    subject = indicator.subject
    if indicator.id in people.counted_for(tx, subject, subject_id):
        return None
    now = lang.now_ms()
    entry = conversions.log(
        tx,
        programme_id=indicator.programme_id,
        indicator=indicator.key,
        subject_id=subject_id,
        at=now,
        staff_id=layout.staff().id,
        form_key=form_key,
        booking_id=booking_id,
        event_id=event_id,
    )
    if entry is not None:
        logged.ask(tx, entry, now=now)
    person_id = subject_id if subject == "person" else None
    layout.note_act(tx, "log", person_id=person_id, detail=indicator.key)
    return entry


def log_for(
    tx: Tx,
    person: people.Person,
    booking_id: int | None = None,
    event_id: int | None = None,
) -> None:
    """Log what was tapped for this person; for their household or a shop of theirs,
    where the form says so. It is said where it stood: beside a booking, or a name on
    an event's list. Who has no household is put into the one that it names.
    Raises Unfit.
    """
    match request.form.get("subject"):
        case "household":
            home_id = person.household_id or _move_in(tx, person)
            if request.form.get("indicator"):
                log_tapped(tx, "household", home_id, booking_id, event_id)
        case "business":
            log_tapped(tx, "business", _shop(tx, person), booking_id, event_id)
        case _:
            log_tapped(tx, "person", person.id, booking_id, event_id)


def _move_in(tx: Tx, person: people.Person) -> int:
    code = layout.a_line("home", 32)
    hamlet_id = layout.a_number("hamlet", request.form)
    return move_in(tx, person, code, hamlet_id)


def _shop(tx: Tx, person: people.Person) -> int:
    """The shop that the form names; 400 where it is none of theirs."""
    shop_id = layout.a_number("shop", request.form)
    shops = beside.of_people(tx, [person.id])[person.id].shops
    if shop_id is None or shop_id not in [shop.id for shop in shops]:
        abort(400)
    return shop_id


def home_taps(
    tapped: Iterable[places.Indicator], services: Collection[str]
) -> list[places.Indicator]:
    """What can be ticked off for a household where these can be had."""
    return [tap for tap in tapped if SERVED_BY.get(tap.key) in services]


def _tapped(tx: Tx, subject: str) -> places.Indicator | None:
    """The indicator that the form names, if it can be ticked off for such a subject."""
    wanted = request.form.get("indicator", "")
    commune_id = layout.staff().commune_id
    for indicator in taps(tx, commune_id, subject):
        if indicator.key == wanted:
            return indicator
    return None


def answered(tx: Tx, person_id: int, booking_id: int | None = None) -> None:
    """Keep what the tapped button says of the app."""
    said = request.form.get("app", "")
    form_key = layout.form_key()
    programme = places.programme_of(tx, layout.staff().commune_id)
    if said not in ("kept", "gone") or programme is None:
        abort(400)
    try:
        done = kept.answer(
            tx,
            person_id,
            said == "kept",
            programme_id=programme.id,
            staff_id=layout.staff().id,
            now=lang.now_ms(),
            form_key=form_key,
            booking_id=booking_id,
        )
    except kept.NotInstalled:
        abort(400)
    if done:
        layout.note_act(tx, "app", person_id=person_id, detail=said)
