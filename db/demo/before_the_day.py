"""What can become of a booking before its day: a full time and who waits, an offer, a party, a time that was shrunk."""

from __future__ import annotations

from db.calendar import holidays
from db.changes import days as changes
from db.demo.carrier import carry
from db.demo.homes import Homes
from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.demo.stage import CONSENT, MINUTE_MS, SAID, Slot, Stage
from db.seats import waiting
from db.seats.seating import Guest as Seated
from db.store.engine import from_ms
from menus import days
from menus.port import HOLDER, Guest, Said

OFFER_HOURS = 14  # waking ones: whoever opens the demo on the same day still finds the offer
HOLIDAY_IN = 24  # days
HOLIDAY = f"Hội làng {SAID}"
PARTY = (HOLDER, Guest("Lương Thị Thắm"), Guest("Lương Văn Thịnh"))
ROOM_FOR_ALL = 5  # seats that the event takes which is cancelled


def fill(stage: Stage, dealt: Homes) -> None:
    """Each scene at an event of its own; the cancelled one last, as its people go to where seats are left."""
    used: set[int] = set()
    _waits(stage, dealt, used)
    _offered(stage, dealt, used)
    _shrunk(stage, dealt, used)
    _together(stage, dealt, used)
    _cancelled(stage, dealt, used)


def holiday(stage: Stage) -> None:
    holidays.save(stage.tx, COMMUNE, day=stage.day(HOLIDAY_IN).isoformat(), name=HOLIDAY)


def _waits(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """Full, and two wait: the one who came later goes first, being of a poor household."""
    slot, _ = _filled(stage, dealt, used, first=4, last=7)
    _wait(stage, dealt.next(lambda home: home.poor == "no"), slot, stage.at(-2, "15:10"))
    _wait(stage, dealt.next(lambda home: home.poor == "yes"), slot, stage.at(-1, "09:25"))


def _offered(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """Somebody gave a seat back, and it is kept for whoever waited for it."""
    slot, last = _filled(stage, dealt, used, first=5, last=8)
    _wait(stage, dealt.next(), slot, stage.at(-1, "10:40"))
    at = stage.lately()
    phone = stage.phone(last.holder.phone, at)
    given_back = phone.booking()
    assert given_back is not None  # booked a moment ago
    phone.cancel(given_back.id)
    waiting.offer_freed(stage.tx, slot.id, at, OFFER_HOURS)
    carry(stage.tx, at)


def _shrunk(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """One seat fewer than were taken at one time: whoever booked it last is named."""
    times = min(stage.events(6, 9, used), key=lambda times: max(_taken(slot) for slot in times))
    used.add(times[0].event_id)
    most = max(3, *(_taken(slot) + 1 for slot in times))
    slot = next(slot for slot in times[1:] if slot.capacity >= most)
    for number in range(most - _taken(slot)):
        stage.book(dealt.next(), slot.id, stage.at(-2, f"{8 + number:02}:40"))
    changes.edit(
        stage.tx, slot.event_id, hall_id=slot.hall_id, day=slot.day, first=_clock(times[0].starts_at), places=most - 1,
        note=slot.note, now=stage.lately(),
    )  # fmt: skip


def _together(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """Three who come together; and a mother without a phone, booked by her daughter's."""
    roomy = (slot for times in stage.events(2, 6, used) for slot in times[1:] if slot.free >= len(PARTY))
    stage.book(dealt.next(), next(roomy).id, stage.at(-2, "19:30"), PARTY)
    home = dealt.next(lambda home: len(home.members) > 1 and all(member.woman for member in home.members[:2]))
    mother = Seated(home.members[1].name, home.holder.phone, home.hamlet_id, borrowed=True)
    stage.seat(mother, next(roomy).id, stage.at(-2, "10:05"))


def _cancelled(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """It does not take place: one is moved, three are asked of whom one took the other seat and one got no text, and
    one without a phone is to be told. Not in the hamlets of the first numbers: there seats would be taken for it."""
    near = {None, *(home.hamlet_id for home in dealt.first)}
    roomy = [
        times
        for times in stage.events(3, 5, used)
        if times[0].hamlet_id not in near and sum(slot.free for slot in times) >= ROOM_FOR_ALL
    ]
    times = min(roomy, key=lambda times: sum(_taken(slot) for slot in times))
    seats = iter([slot.id for slot in times for _ in range(slot.free)])
    moves, accepts, silent, unreached = (dealt.next() for _ in range(4))
    for number, home in enumerate((moves, accepts, silent, unreached)):
        made = stage.book(home, next(seats), stage.at(-3, f"{9 + number:02}:20"))
        if home is moves:
            stage.phone(home.holder.phone, stage.at(-3, "09:22")).may_move(made, True)
    without = dealt.next(lambda home: len(home.members) > 1)
    stage.seat(Seated(without.members[1].name, hamlet_id=without.hamlet_id), next(seats), stage.at(-2, "08:50"))
    at = stage.lately()
    changes.cancel(stage.tx, times[0].event_id, now=at)
    carry(stage.tx, at, failing={unreached.holder.phone})
    offer = stage.phone(accepts.holder.phone, at).wait()
    assert offer is not None  # there are seats on the days that follow
    stage.phone(accepts.holder.phone, at + 20 * MINUTE_MS).accept(offer.id)
    carry(stage.tx, at + 20 * MINUTE_MS)


def _filled(stage: Stage, dealt: Homes, used: set[int], *, first: int, last: int) -> tuple[Slot, Home]:
    """A time that has no free seat any more, and who took the last one.

    It is the one that lacked the fewest, and not the first of its event, which newcomers are offered.
    """
    free = [slot for times in stage.events(first, last, used) for slot in times[1:] if slot.free]
    slot = min(free, key=lambda slot: (slot.free, slot.starts_at, slot.id))
    used.add(slot.event_id)
    homes = [dealt.next(lambda home: home.poor == "no") for _ in range(slot.free)]
    for number, home in enumerate(homes):
        stage.book(home, slot.id, stage.at(-3, f"{8 + number:02}:15"))
    return slot, homes[-1]


def _wait(stage: Stage, home: Home, slot: Slot, at: int) -> None:
    stage.phone(home.holder.phone, at).wait_for(slot.id, Said(), CONSENT)


def _taken(slot: Slot) -> int:
    return slot.capacity - slot.free


def _clock(moment: int) -> str:
    return days.local(from_ms(moment)).strftime("%H:%M")
