"""Today and tomorrow in the demo: who was reminded, who says that they come, who gave
it up, who is here already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text

from db.demo.carrier import carry
from db.demo.homes import Homes
from db.demo.last_days import serve
from db.demo.places import COMMUNE
from db.demo.residents import Member
from db.demo.stage import CONSENT, MINUTE_MS, Stage
from db.store.statements import Query

REMINDED_BY = "18:10"  # every text of the evening before has gone by then
ONE_SILENT_IN = 4
TEN_MINUTES = 10 * MINUTE_MS


class Booked(NamedTuple):
    """A seat of a day, and whose phone booked it."""

    id: int
    person_id: int
    coming_at: int | None  # UTC ms when they said that they come
    phone: str  # E.164; on these days nobody without one has booked yet
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms


_BOOKED = Query(
    text("""
    SELECT b.id, b.person_id, b.coming_at, p.phone, s.starts_at, s.ends_at
    FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN events e ON e.id = s.event_id
      JOIN people p ON p.id = b.booker_id
    WHERE e.commune_id = :commune_id AND e.day = :day AND b.status = 'booked'
    ORDER BY b.id
    """),
    Booked,
)


def fill(stage: Stage, dealt: Homes) -> None:
    """Three of four said that they come today, and came if it was their time; the
    fourth says nothing.
    """
    stage.remind(0)
    _answer(stage)
    callers = [home.holder for home in dealt.callers]
    members = {holder.id: holder for holder in callers}
    _come(stage, members)
    _tomorrow(stage)


def _answer(stage: Stage) -> None:
    """They said so last evening, but for one of some."""
    last_evening = stage.at(-1, "19:05")
    booked = _booked(stage, 0)
    for number, row in enumerate(booked, 1):
        if number % ONE_SILENT_IN:
            phone = stage.phone(row.phone, last_evening)
            phone.coming(row.id, CONSENT)


def _come(stage: Stage, members: Mapping[int, Member]) -> None:
    """Whoever said so and whose time has begun; `members` by id."""
    for row in _booked(stage, 0):
        here = row.starts_at + TEN_MINUTES
        if row.coming_at is None or here > stage.now:
            continue
        stage.attend(row.id, here)
        if row.ends_at <= stage.now:
            member = members[row.person_id]
            serve(stage, member, row.id, row.ends_at)


def _tomorrow(stage: Stage) -> None:
    """Some answered already, one gives the seat back, one may be moved; the others say
    nothing.
    """
    at = stage.lately()
    reminded_at = stage.at(0, REMINDED_BY)
    if reminded_at <= stage.now:
        stage.remind(1)
        at = max(at, reminded_at)
    booked = _booked(stage, 1)
    *come, gives_up, may_move = booked[:5]
    for row in come:
        phone = stage.phone(row.phone, at)
        phone.coming(row.id, CONSENT)
    phone = stage.phone(gives_up.phone, at)
    phone.cancel(gives_up.id)
    phone = stage.phone(may_move.phone, at)
    phone.may_move(may_move.id, True)
    carry(stage.tx, at)


def _booked(stage: Stage, ahead: int) -> list[Booked]:
    day = stage.iso(ahead)
    return stage.tx.all(_BOOKED, commune_id=COMMUNE, day=day)
