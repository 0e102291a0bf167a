"""What has happened in the demo so far: bookings, conversions of the last days, a call somebody asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.demo.homes import Homes
from db.demo.places import COMMUNE, PROGRAMME
from db.demo.residents import Home, Member
from db.models.states import RequestKind
from db.progress import conversions
from db.register import identity
from db.requests import asked
from db.seats import bookings
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query
from db.texts import stops, wishes
from menus import days

DAYS_BACK = 10
HOUR = 3_600_000


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


def fill(
    tx: Tx,
    random: Random,
    dealt: Homes,
    staff: dict[str, int],
    *,
    privacy_key: str,
    now: int,
) -> None:
    """`staff` is role -> id."""
    callers = [home.holder for home in dealt.callers]
    _bookings(tx, random, callers, staff, privacy_key, now)
    _conversions(tx, random, dealt.visited, staff, now)
    holder = dealt.asks.holder
    wanted = asked.Wanted(
        RequestKind.CALL_ME,
        holder.id,
        dealt.asks.hamlet_id,
        channel="sms",
        words="goi lai cho toi",
    )
    asked.ask(tx, wanted, commune_id=COMMUNE, now=now)
    stops.do_not_call(tx, identity.who(privacy_key, holder.phone), now)


def _bookings(
    tx: Tx,
    random: Random,
    callers: list[Member],
    staff: dict[str, int],
    privacy_key: str,
    now: int,
) -> None:
    """Twelve today, eight tomorrow, the rest in the week to come; all made the day before yesterday."""
    today = days.today(from_ms(now))
    made_at = now - 48 * HOUR
    spans = [(0, 0)] * 12 + [(1, 1)] * 8 + [(2, 7)] * (len(callers) - 20)
    for caller, (first, last) in zip(callers, spans, strict=True):
        open_slots = tx.all(
            _OPEN_SLOTS, first=_iso(today, first), last=_iso(today, last)
        )
        slot = random.choice(open_slots)
        bookings.book(
            tx, slot_id=slot.id, person_id=caller.id, booker_id=caller.id, now=made_at, origin="desk",
            staff_id=staff["commune"],
        )  # fmt: skip
        who = identity.who_is(privacy_key, caller.id, caller.phone)
        wishes.agreed(
            tx, who=who, person_id=caller.id, purpose="booking", prompt="demo", channel="desk",
            answer="(dữ liệu mẫu)", now=made_at,
        )  # fmt: skip


def _conversions(
    tx: Tx, random: Random, visited: list[Home], staff: dict[str, int], now: int
) -> None:
    today = days.today(from_ms(now))

    def log(indicator: str, subject_id: int) -> int | None:
        day = today - timedelta(days=random.randint(1, DAYS_BACK))
        hour = random.choice((8, 9, 10, 14, 15))
        minute = random.choice((5, 20, 35, 50))
        at = to_ms(days.at_local(day, f"{hour:02}:{minute:02}"))
        return conversions.log(
            tx,
            programme_id=PROGRAMME,
            indicator=indicator,
            subject_id=subject_id,
            at=at,
            staff_id=staff["commune"],
        )

    for home in visited:
        _convert_home(random, home, log)
    for business in tx.all(_BUSINESSES):
        if business.kind == "household_business" and random.random() < 0.5:
            log("business_qr", business.id)
        if business.kind == "service_point":
            log("service_point", business.id)
    slip = log("tv360", visited[0].id)
    if slip is not None:
        conversions.undo(
            tx,
            conversion_id=slip,
            at=now,
            staff_id=staff["commune"],
            reason="Ghi nhầm hộ (dữ liệu mẫu)",
        )


def _convert_home(
    random: Random, home: Home, log: Callable[[str, int], int | None]
) -> None:
    if home.uses_2g and random.random() < 0.4:
        for member in home.members:
            if member.handset == "2g":
                log("sim_4g", member.id)
                log("handset_volte", member.id)
    if random.random() < 0.3:
        member = random.choice(home.members)
        log("money_person", member.id)
    for member in home.members:
        if member.handset.startswith("4g") and random.random() < 0.35:
            log("app_citizen", member.id)
    if random.random() < 0.08:
        log("electricity_money", home.id)


def _iso(today: date, ahead: int) -> str:
    return (today + timedelta(days=ahead)).isoformat()
