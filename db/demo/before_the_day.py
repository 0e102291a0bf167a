"""What can become of a booking before its day: a full time and who waits, an offer, a party, a time that was shrunk."""

from __future__ import annotations

from collections.abc import Iterator

from db.calendar import holidays
from db.changes import days as changes
from db.demo.carrier import carry
from db.demo.homes import Homes
from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.demo.stage import CONSENT, MINUTE_MS, SAID, Slot, Stage, Times
from db.seats import waiting
from db.seats.seating import Guest as Seated
from db.store.engine import from_ms
from menus import days
from menus.port import HOLDER, Guest, Said

OFFER_HOURS = (
    14  # waking ones: whoever opens the demo on the same day still finds the offer
)
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
    holidays.save(
        stage.tx, COMMUNE, day=stage.day(HOLIDAY_IN).isoformat(), name=HOLIDAY
    )


def _waits(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """Full, and two wait: the one who came later goes first, being of a poor household."""
    slot, _ = _filled(stage, dealt, used, first=4, last=7)
    came_first = dealt.next(_is_not_poor)
    _wait(stage, came_first, slot, stage.at(-2, "15:10"))
    goes_first = dealt.next(_is_poor)
    _wait(stage, goes_first, slot, stage.at(-1, "09:25"))


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
    times = min(stage.events(6, 9, used), key=_most_taken)
    used.add(times[0].event_id)
    booked = max(3, _most_taken(times) + 1)
    slot = next(slot for slot in times[1:] if slot.capacity >= booked)
    missing = booked - _taken(slot)
    for number in range(missing):
        made_at = stage.at(-2, f"{8 + number:02}:40")
        stage.book(dealt.next(), slot.id, made_at)
    opens = _clock(times[0].starts_at)
    changes.edit(
        stage.tx, slot.event_id, hall_id=slot.hall_id, day=slot.day, first=opens, places=booked - 1,
        note=slot.note, now=stage.lately(),
    )  # fmt: skip


def _together(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """Three who come together; and a mother without a phone, booked by her daughter's."""
    roomy = []
    for times in stage.events(2, 6, used):
        roomy += [slot for slot in times[1:] if slot.free >= len(PARTY)]
    for_party, for_mother = roomy[:2]
    stage.book(dealt.next(), for_party.id, stage.at(-2, "19:30"), PARTY)
    home = dealt.next(_is_mother_and_daughter)
    mother = home.members[1]
    guest = Seated(mother.name, home.holder.phone, home.hamlet_id, borrowed=True)
    stage.seat(guest, for_mother.id, stage.at(-2, "10:05"))


def _cancelled(stage: Stage, dealt: Homes, used: set[int]) -> None:
    """It does not take place: one is moved, three are asked of whom one took the other seat and one got no text, and
    one without a phone is to be told. Not in the hamlets of the first numbers: there seats would be taken for it."""
    times = _far_and_empty(stage, dealt, used)
    seats = _free_seats(times)
    moves = dealt.next()
    accepts = dealt.next()
    silent = dealt.next()
    unreached = dealt.next()
    for number, home in enumerate((moves, accepts, silent, unreached)):
        made_at = stage.at(-3, f"{9 + number:02}:20")
        booking_id = stage.book(home, next(seats), made_at)
        if home is moves:
            phone = stage.phone(home.holder.phone, stage.at(-3, "09:22"))
            phone.may_move(booking_id, True)
    home = dealt.next(_has_two_members)
    without_phone = Seated(home.members[1].name, hamlet_id=home.hamlet_id)
    stage.seat(without_phone, next(seats), stage.at(-2, "08:50"))
    at = stage.lately()
    changes.cancel(stage.tx, times[0].event_id, now=at)
    carry(stage.tx, at, failing={unreached.holder.phone})
    offer = stage.phone(accepts.holder.phone, at).wait()
    assert offer is not None  # there are seats on the days that follow
    answered_at = at + 20 * MINUTE_MS
    stage.phone(accepts.holder.phone, answered_at).accept(offer.id)
    carry(stage.tx, answered_at)


def _far_and_empty(stage: Stage, dealt: Homes, used: set[int]) -> Times:
    """The event with the fewest taken of those with room for all, in none of the first numbers' hamlets."""
    near: set[int | None] = {home.hamlet_id for home in dealt.first}
    near.add(None)
    roomy = []
    for times in stage.events(3, 5, used):
        free = sum(slot.free for slot in times)
        if times[0].hamlet_id not in near and free >= ROOM_FOR_ALL:
            roomy.append(times)
    return min(roomy, key=_all_taken)


def _free_seats(times: Times) -> Iterator[int]:
    """The slot's id, once for each of its free seats."""
    for slot in times:
        for _ in range(slot.free):
            yield slot.id


def _filled(
    stage: Stage, dealt: Homes, used: set[int], *, first: int, last: int
) -> tuple[Slot, Home]:
    """A time that has no free seat any more, and who took the last one.

    It is the one that lacked the fewest, and not the first of its event, which newcomers are offered.
    """
    free = []
    for times in stage.events(first, last, used):
        free += [slot for slot in times[1:] if slot.free]
    slot = min(free, key=_fewest_free_first)
    used.add(slot.event_id)
    homes = [dealt.next(_is_not_poor) for _ in range(slot.free)]
    for number, home in enumerate(homes):
        made_at = stage.at(-3, f"{8 + number:02}:15")
        stage.book(home, slot.id, made_at)
    return slot, homes[-1]


def _wait(stage: Stage, home: Home, slot: Slot, at: int) -> None:
    phone = stage.phone(home.holder.phone, at)
    phone.wait_for(slot.id, Said(), CONSENT)


def _is_poor(home: Home) -> bool:
    return home.poor == "yes"


def _is_not_poor(home: Home) -> bool:
    return home.poor == "no"


def _has_two_members(home: Home) -> bool:
    return len(home.members) > 1


def _is_mother_and_daughter(home: Home) -> bool:
    return _has_two_members(home) and all(member.woman for member in home.members[:2])


def _fewest_free_first(slot: Slot) -> tuple[int, int, int]:
    return slot.free, slot.starts_at, slot.id


def _taken(slot: Slot) -> int:
    return slot.capacity - slot.free


def _most_taken(times: Times) -> int:
    """At the one of these times that most have booked."""
    return max(_taken(slot) for slot in times)


def _all_taken(times: Times) -> int:
    return sum(_taken(slot) for slot in times)


def _clock(moment: int) -> str:
    return days.local(from_ms(moment)).strftime("%H:%M")
