"""What happened at the demo's halls on the last days: who came, who did not, what they
said of it, whose face waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from db.demo.carrier import carry
from db.demo.homes import Homes
from db.demo.residents import Home, Member
from db.demo.stage import HOUR_MS, MINUTE_MS, Slot, Stage
from db.notices import follow_ups
from db.notices.follow_ups import DAY_MS
from db.register import verifications
from db.seats import walk_ins
from db.seats.seating import Guest

YESTERDAY = -1  # days from today
CAME_ON = {-3: 5, -2: 7, YESTERDAY: 99}  # days from today: how many came
MISSED_ON = (-2, YESTERDAY)  # one on each did not come
TEN_MINUTES = 10 * MINUTE_MS
SCORES = (5, 4, 5, 3, 4, 5, 5, 2, 4)  # as they were given, one after the other
HAS_4G = "4g_volte"
ASKED_AT, LATE_MS = "09:00", 3 * DAY_MS
# the day of a swap whose face still waits: tomorrow the last text goes
NEARLY_CUT_OFF = -24
SWAP, OTHER = ("sim_4g", "handset_volte"), ("money_person", "app_citizen")


def fill(stage: Stage, dealt: Homes) -> None:
    """Day by day, each as the clock and the staff would have left it."""
    homes = iter(dealt.came)
    scores = cycle(SCORES)
    missed_on = dict(zip(MISSED_ON, dealt.missed, strict=True))
    for ahead, number in CAME_ON.items():
        came = list(islice(homes, number))
        absent = missed_on.get(ahead)
        _day(stage, ahead, came, absent)
        if ahead == YESTERDAY:
            home = dealt.next(Home.has_several)
            _walked_in(stage, home)
        _ask(stage, ahead)
        if ahead < YESTERDAY:  # whoever came yesterday has not answered yet
            _rate(stage, ahead, came, scores)
    _faces(stage, dealt)


def _rate(stage: Stage, ahead: int, came: list[Home], scores: Iterator[int]) -> None:
    """The morning after, one after the other."""
    answered_at = stage.at(ahead + 1, "10:00")
    for home in came:
        phone = stage.phone(home.phone, answered_at)
        phone.rate(next(scores))
        answered_at += 7 * MINUTE_MS


def _day(stage: Stage, ahead: int, came: list[Home], absent: Home | None) -> None:
    """Everyone booked some days before and was reminded; all but one were there and
    were served.
    """
    slots: list[Slot] = []
    for times in stage.events(ahead, ahead):
        slots += times
    in_turn = cycle(slots)
    booked_at = stage.at(ahead - 2, "14:00")
    here = []
    for home in came:
        slot = next(in_turn)
        booking_id = stage.book(home, slot.id, booked_at)
        booked_at += 9 * MINUTE_MS
        here.append((home, slot, booking_id))
    if absent is not None:
        slot = next(in_turn)
        stage.book(absent, slot.id, booked_at)
    stage.remind(ahead)
    for home, slot, booking_id in here:
        came_at = slot.starts_at + TEN_MINUTES
        stage.attend(booking_id, came_at)
        serve(stage, home.holder, booking_id, came_at + TEN_MINUTES)
    evening = stage.at(ahead, "19:00")
    two_hours_ago = evening - 2 * HOUR_MS
    follow_ups.mark_missed(stage.tx, now=evening, ended_before=two_hours_ago)
    carry(stage.tx, evening)


def serve(stage: Stage, member: Member, booking_id: int | None, at: int) -> None:
    """The swap is logged; or, for whoever has a 4G phone already, what else there was
    to do.
    """
    indicators = OTHER if member.handset == HAS_4G else SWAP
    for indicator in indicators:
        stage.log(indicator, member.id, at, booking_id)


def _walked_in(stage: Stage, home: Home) -> None:
    """Nobody had booked for them, and they have no phone."""
    first_event = stage.events(YESTERDAY, YESTERDAY)[0]
    slot = first_event[0]
    member = home.members[1]
    guest = Guest(member.name, hamlet_id=home.hamlet_id)
    midnight = stage.at(YESTERDAY, "00:00")
    at = slot.starts_at + 25 * MINUTE_MS
    arrived = walk_ins.arrive(
        stage.tx,
        guest,
        hall_id=slot.hall_id,
        day=slot.day,
        midnight=midnight,
        actor=stage.actor,
        now=at,
    )
    serve(stage, member, arrived.booking_id, at + TEN_MINUTES)


def _ask(stage: Stage, ahead: int) -> None:
    """How it went: the morning after, unless that is still to come."""
    due = stage.at(ahead + 1, ASKED_AT)
    if due > stage.now:
        return
    last = due + LATE_MS
    begins = stage.at(ahead, "00:00")
    ends = stage.at(ahead + 1, "00:00")
    follow_ups.ask_how_it_went(
        stage.tx, from_ms=begins, to_ms=ends, now=due, not_after=last
    )
    carry(stage.tx, due)


def _faces(stage: Stage, dealt: Homes) -> None:
    """One swapped yesterday, one whose number is cut off in some days, one verified
    since. Where there is the rule.
    """
    holders = [home.holder for home in dealt.came]
    swapped = [holder for holder in holders if holder.handset != HAS_4G]
    verified = swapped[0]
    newest = swapped[-1]
    nearly_cut_off = dealt.next().holder
    at = stage.at(NEARLY_CUT_OFF, "10:00")
    serve(stage, nearly_cut_off, None, at)
    rule = verifications.rule_on(stage.day(NEARLY_CUT_OFF))
    if rule is None:
        return
    _waits(stage, nearly_cut_off, NEARLY_CUT_OFF)
    _waits(stage, verified, min(CAME_ON))
    _waits(stage, newest, max(CAME_ON))
    verified_at = stage.at(YESTERDAY, "15:20")
    verifications.done(stage.tx, verified.id, now=verified_at)


def _waits(stage: Stage, member: Member, ahead: int) -> None:
    """Noted on the day of the swap; told the morning after, unless that is still to
    come.
    """
    day = stage.day(ahead)
    noted_at = stage.at(ahead, "17:00")
    verifications.wait_for(
        stage.tx,
        member.id,
        today=day.isoformat(),
        now=noted_at,
        staff_id=stage.clerk_id,
    )
    due = stage.at(ahead + 1, ASKED_AT)
    if due > stage.now:
        return
    last = due + LATE_MS
    follow_ups.ask_for_faces(stage.tx, "face_1d", since=day, now=due, not_after=last)
    carry(stage.tx, due)
