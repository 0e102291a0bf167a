"""What has happened in the demo so far: bookings, conversions of the last days, a call
somebody asked for.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.demo.homes import Homes
from db.demo.places import COMMUNE
from db.demo.residents import Home, Member
from db.demo.stage import HOUR_MS, SAID, Stage
from db.models.states import RequestKind
from db.progress import conversions
from db.register import identity
from db.requests import asked
from db.seats import bookings
from db.store.statements import Query
from db.texts import stops, wishes

DAYS_BACK = 10
HOURS, MINUTES = (8, 9, 10, 14, 15), (5, 20, 35, 50)  # at which something was logged
TODAY, TOMORROW = 12, 8  # bookings


class OpenSlot(NamedTuple):
    id: int
    day: str  # ISO


class Business(NamedTuple):
    id: int
    kind: str  # household_business | school | service_point | one_stop


_OPEN_SLOTS = Query(
    text("""
    SELECT s.id, e.day FROM slots s JOIN events e ON e.id = s.event_id
    WHERE e.day BETWEEN :first AND :last AND e.kind = 'swap'
    AND s.capacity > (SELECT COUNT(*) FROM bookings b WHERE b.slot_id = s.id) ORDER BY e.day, s.starts_at, s.id
    """),
    OpenSlot,
)
_BUSINESSES = Query(text("SELECT id, kind FROM businesses ORDER BY id"), Business)


def fill(stage: Stage, random: Random, dealt: Homes) -> None:
    callers = [home.holder for home in dealt.callers]
    _bookings(stage, random, callers)
    _conversions(stage, random, dealt.visited)
    _ask_for_a_call(stage, dealt.asks)


def _ask_for_a_call(stage: Stage, home: Home) -> None:
    """By one who wants no advertising."""
    holder = home.holder
    wanted = asked.Wanted(
        RequestKind.CALL_ME,
        holder.id,
        home.hamlet_id,
        channel="sms",
        words="goi lai cho toi",
    )
    asked.ask(stage.tx, wanted, commune_id=COMMUNE, now=stage.now)
    who = identity.who(stage.privacy_key, holder.phone)
    stops.do_not_call(stage.tx, who, stage.now)


def _bookings(stage: Stage, random: Random, callers: list[Member]) -> None:
    """Some today, some tomorrow, the rest in the week to come."""
    for number, caller in enumerate(callers):
        if number < TODAY:
            _booking(stage, random, caller, 0, 0)
        elif number < TODAY + TOMORROW:
            _booking(stage, random, caller, 1, 1)
        else:
            _booking(stage, random, caller, 2, 7)


def _booking(
    stage: Stage, random: Random, caller: Member, first: int, last: int
) -> None:
    """On one of these days, counted from today; made at the desk the day before
    yesterday.
    """
    first_day = stage.iso(first)
    last_day = stage.iso(last)
    open_slots = stage.tx.all(_OPEN_SLOTS, first=first_day, last=last_day)
    slot = random.choice(open_slots)
    made_at = stage.now - 48 * HOUR_MS
    bookings.book(
        stage.tx,
        slot_id=slot.id,
        person_id=caller.id,
        booker_id=caller.id,
        now=made_at,
        origin="desk",
        staff_id=stage.clerk_id,
    )
    who = stage.who(caller)
    wishes.agreed(
        stage.tx,
        who=who,
        person_id=caller.id,
        purpose="booking",
        prompt="demo",
        channel="desk",
        answer=SAID,
        now=made_at,
    )


def _conversions(stage: Stage, random: Random, visited: list[Home]) -> None:
    for home in visited:
        _convert_home(stage, random, home)
    businesses = stage.tx.all(_BUSINESSES)
    for business in businesses:
        if business.kind == "household_business" and random.random() < 0.5:
            _log(stage, random, "business_qr", business.id)
        if business.kind == "service_point":
            _log(stage, random, "service_point", business.id)
    slip = _log(stage, random, "tv360", visited[0].id)
    if slip is not None:
        reason = f"Ghi nhầm hộ {SAID}"
        conversions.undo(
            stage.tx,
            conversion_id=slip,
            at=stage.now,
            staff_id=stage.clerk_id,
            reason=reason,
        )


def _log(stage: Stage, random: Random, indicator: str, subject_id: int) -> int | None:
    """At some hour of some day lately; its id."""
    days_ago = random.randint(1, DAYS_BACK)
    hour = random.choice(HOURS)
    minute = random.choice(MINUTES)
    clock = f"{hour:02}:{minute:02}"
    at = stage.at(-days_ago, clock)
    return stage.log(indicator, subject_id, at)


def _convert_home(stage: Stage, random: Random, home: Home) -> None:
    if home.uses_2g and random.random() < 0.4:
        for member in home.members:
            if member.handset == "2g":
                _log(stage, random, "sim_4g", member.id)
                _log(stage, random, "handset_volte", member.id)
    if random.random() < 0.3:
        member = random.choice(home.members)
        _log(stage, random, "money_person", member.id)
    for member in home.members:
        has_4g = member.handset.startswith("4g")
        if has_4g and random.random() < 0.35:
            _log(stage, random, "app_citizen", member.id)
    if random.random() < 0.08:
        _log(stage, random, "electricity_money", home.id)
