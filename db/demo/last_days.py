"""What happened at the demo's halls on the last days: who came, who did not, what they said of it, whose face waits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from db.demo.carrier import carry
from db.demo.homes import Homes
from db.demo.places import PROGRAMME
from db.demo.residents import Home, Member
from db.demo.stage import MINUTE_MS, Slot, Stage
from db.notices import follow_ups
from db.notices.follow_ups import DAY_MS
from db.progress import conversions
from db.register import verifications
from db.seats import attendance, walk_ins
from db.seats.seating import Guest
from db.store.engine import from_ms
from menus import days

CAME_ON = {-3: 5, -2: 7, -1: 99}  # days from today: how many came
SCORES = (5, 4, 5, 3, 4, 5, 5, 2, 4)  # as they were given, one after the other
HAS_4G = "4g_volte"
ASKED_AT, LATE_MS = "09:00", 3 * DAY_MS
NEARLY_CUT_OFF = (
    -24
)  # the day of a swap whose face still waits: tomorrow the last text goes
SWAP, OTHER = ("sim_4g", "handset_volte"), ("money_person", "app_citizen")


def fill(stage: Stage, dealt: Homes) -> None:
    """Day by day, each as the clock and the staff would have left it."""
    homes = iter(dealt.came)
    scores = cycle(SCORES)
    absentees = (None, *dealt.missed)
    for (ahead, number), absent in zip(CAME_ON.items(), absentees, strict=True):
        came = list(islice(homes, number))
        _day(stage, ahead, came, absent)
        if ahead == -1:
            home = dealt.next(lambda home: len(home.members) > 1)
            _walked_in(stage, home)
        _ask(stage, ahead)
        if ahead < -1:  # whoever came yesterday has not answered yet
            _rate(stage, ahead, came, scores)
    _faces(stage, dealt)


def _rate(stage: Stage, ahead: int, came: list[Home], scores: Iterator[int]) -> None:
    """The morning after, one after the other."""
    begins = stage.at(ahead + 1, "10:00")
    for place, home in enumerate(came):
        answered_at = begins + place * 7 * MINUTE_MS
        stage.phone(home.holder.phone, answered_at).rate(next(scores))


def _day(stage: Stage, ahead: int, came: list[Home], absent: Home | None) -> None:
    """Everyone booked some days before and was reminded; all but one were there and were served."""
    booked_from = stage.at(ahead - 2, "14:00")
    slots: list[Slot] = []
    for times in stage.events(ahead, ahead):
        slots += times
    homes = came if absent is None else [*came, absent]
    booked = []
    for number, home in enumerate(homes):
        slot = slots[number % len(slots)]
        booking_id = stage.book(home, slot.id, booked_from + number * 9 * MINUTE_MS)
        booked.append((home, slot, booking_id))
    stage.remind(ahead)
    for home, slot, booking_id in booked:
        if home is not absent:
            at = slot.starts_at + 10 * MINUTE_MS
            attendance.attend(
                stage.tx, booking_id=booking_id, now=at, staff_id=stage.staff["commune"]
            )
            serve(stage, home.holder, booking_id, at + 10 * MINUTE_MS)
    evening = stage.at(ahead, "19:00")
    two_hours_ago = evening - 2 * 60 * MINUTE_MS
    follow_ups.mark_missed(stage.tx, now=evening, ended_before=two_hours_ago)
    carry(stage.tx, evening)


def serve(stage: Stage, member: Member, booking_id: int | None, at: int) -> None:
    """The swap is logged; or, for whoever has a 4G phone already, what else there was to do."""
    indicators = OTHER if member.handset == HAS_4G else SWAP
    for indicator in indicators:
        conversions.log(
            stage.tx, programme_id=PROGRAMME, indicator=indicator, subject_id=member.id, at=at,
            staff_id=stage.staff["commune"], booking_id=booking_id,
        )  # fmt: skip


def _walked_in(stage: Stage, home: Home) -> None:
    """Nobody had booked for them, and they have no phone."""
    first_event = stage.events(-1, -1)[0]
    slot = first_event[0]
    member = home.members[1]
    guest = Guest(member.name, hamlet_id=home.hamlet_id)
    at = slot.starts_at + 25 * MINUTE_MS
    arrived = walk_ins.arrive(
        stage.tx,
        guest,
        hall_id=slot.hall_id,
        day=slot.day,
        midnight=stage.at(-1, "00:00"),
        actor=stage.actor,
        now=at,
    )
    serve(stage, member, arrived.booking_id, at + 10 * MINUTE_MS)


def _ask(stage: Stage, ahead: int) -> None:
    """How it went: the morning after, unless that is still to come."""
    due = stage.at(ahead + 1, ASKED_AT)
    if due <= stage.now:
        begin = stage.at(ahead, "00:00")
        end = stage.at(ahead + 1, "00:00")
        follow_ups.ask_how_it_went(
            stage.tx, from_ms=begin, to_ms=end, now=due, not_after=due + LATE_MS
        )
        carry(stage.tx, due)


def _faces(stage: Stage, dealt: Homes) -> None:
    """One swapped yesterday, one whose number is cut off in some days, one verified since. Where there is the rule."""
    swapped = [home.holder for home in dealt.came if home.holder.handset != HAS_4G]
    verified = swapped[0]
    newest = swapped[-1]
    nearly_cut_off = dealt.next().holder
    at = stage.at(NEARLY_CUT_OFF, "10:00")
    serve(stage, nearly_cut_off, None, at)
    if verifications.rule_on(days.today(from_ms(at))) is None:
        return
    _waits(stage, nearly_cut_off, NEARLY_CUT_OFF)
    _waits(stage, verified, min(CAME_ON))
    _waits(stage, newest, max(CAME_ON))
    verifications.done(stage.tx, verified.id, now=stage.at(-1, "15:20"))


def _waits(stage: Stage, member: Member, ahead: int) -> None:
    """Noted on the day of the swap; told the morning after, unless that is still to come."""
    day = stage.day(ahead)
    noted_at = stage.at(ahead, "17:00")
    verifications.wait_for(
        stage.tx, member.id, today=day.isoformat(), now=noted_at, staff_id=stage.staff["commune"]
    )  # fmt: skip
    due = stage.at(ahead + 1, ASKED_AT)
    if due <= stage.now:
        follow_ups.ask_for_faces(
            stage.tx, "face_1d", since=day, now=due, not_after=due + LATE_MS
        )
        carry(stage.tx, due)
