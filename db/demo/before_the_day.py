"""What can become of a booking before its day: a full time and who waits, an offer, a
party, a time that was shrunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from db.calendar import holidays
from db.changes import days as changes
from db.demo.carrier import carry
from db.demo.homes import Homes, anybody
from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.demo.stage import HOUR_MS, MINUTE_MS, SAID, Slot, Stage, Times
from db.seats import waiting
from db.seats.seating import Guest as Seated
from db.store.engine import from_ms
from menus import days
from menus.port import HOLDER, Guest

# waking ones: whoever opens the demo on the same day still finds the offer
OFFER_HOURS = 14
HOLIDAY_IN = 24  # days
HOLIDAY = f"Hội làng {SAID}"
PARTY = (HOLDER, Guest("Lương Thị Thắm"), Guest("Lương Văn Thịnh"))
ROOM_FOR_ALL = 5  # seats that the event takes which is cancelled


def fill(stage: Stage, dealt: Homes) -> None:
    """Each scene at an event of its own; the cancelled one last, as its people go to
    where seats are left.
    """
    _waits(stage, dealt)
    _offered(stage, dealt)
    _shrunk(stage, dealt)
    _together(stage, dealt)
    _cancelled(stage, dealt)


def holiday(stage: Stage) -> None:
    day = stage.iso(HOLIDAY_IN)
    holidays.save(stage.tx, COMMUNE, day=day, name=HOLIDAY)


def _waits(stage: Stage, dealt: Homes) -> None:
    """Full, and two wait: the one who came later goes first, being of a poor household."""
    slot, _ = _filled(stage, dealt, first=4, last=7)
    came_first = dealt.next(_is_not_poor)
    at = stage.at(-2, "15:10")
    stage.wait(came_first, slot.id, at)
    goes_first = dealt.next(_is_poor)
    at = stage.at(-1, "09:25")
    stage.wait(goes_first, slot.id, at)


def _offered(stage: Stage, dealt: Homes) -> None:
    """Somebody gave a seat back, and it is kept for whoever waited for it."""
    slot, last = _filled(stage, dealt, first=5, last=8)
    waits = dealt.next()
    waits_since = stage.at(-1, "10:40")
    stage.wait(waits, slot.id, waits_since)
    at = stage.lately()
    phone = stage.phone(last.phone, at)
    given_back = phone.booking()
    assert given_back is not None  # booked a moment ago
    phone.cancel(given_back.id)
    waiting.offer_freed(stage.tx, slot.id, at, OFFER_HOURS)
    carry(stage.tx, at)


def _shrunk(stage: Stage, dealt: Homes) -> None:
    """One seat fewer than were taken at one time: whoever booked it last is named."""
    events = stage.events(6, 9)
    times = min(events, key=_most_taken)
    first, *later = times
    stage.used.add(first.event_id)
    booked = max(3, _most_taken(times) + 1)
    slot = next(slot for slot in later if slot.capacity >= booked)
    missing = booked - _taken(slot)
    since = stage.at(-2, "08:40")
    _book(stage, dealt, slot, missing, since)
    opens = _clock(first.starts_at)
    changes.edit(
        stage.tx,
        slot.event_id,
        hall_id=slot.hall_id,
        day=slot.day,
        first=opens,
        places=booked - 1,
        note=slot.note,
        now=stage.lately(),
    )


def _together(stage: Stage, dealt: Homes) -> None:
    """Three who come together; and a mother without a phone, booked by her daughter's."""
    later = _later_times(stage, 2, 6)
    roomy = [slot for slot in later if slot.free >= len(PARTY)]
    for_party, for_mother = roomy[:2]
    home = dealt.next()
    in_the_evening = stage.at(-2, "19:30")
    stage.book(home, for_party.id, in_the_evening, PARTY)
    home = dealt.next(_is_mother_and_daughter)
    mother = home.members[1]
    guest = Seated(mother.name, home.phone, home.hamlet_id, borrowed=True)
    in_the_morning = stage.at(-2, "10:05")
    stage.seat(guest, for_mother.id, in_the_morning)


def _cancelled(stage: Stage, dealt: Homes) -> None:
    """It does not take place: one is moved, three are asked of whom one took the other
    seat and one got no text, and one without a phone is to be told. Not in the hamlets
    of the first numbers: there seats would be taken for it.
    """
    times = _far_and_empty(stage, dealt)
    seats = _free_seats(times)
    moves = dealt.next()
    accepts = dealt.next()
    silent = dealt.next()
    unreached = dealt.next()
    booked_at = stage.at(-3, "09:20")
    booking_id = stage.book(moves, next(seats), booked_at)
    phone = stage.phone(moves.phone, booked_at + 2 * MINUTE_MS)
    phone.may_move(booking_id, True)
    for home in (accepts, silent, unreached):
        booked_at += HOUR_MS
        stage.book(home, next(seats), booked_at)
    _seat_without_phone(stage, dealt, next(seats))
    at = stage.lately()
    changes.cancel(stage.tx, times[0].event_id, now=at)
    carry(stage.tx, at, failing={unreached.phone})
    _accept(stage, accepts, at)


def _seat_without_phone(stage: Stage, dealt: Homes, slot_id: int) -> None:
    home = dealt.next(Home.has_several)
    member = home.members[1]
    guest = Seated(member.name, hamlet_id=home.hamlet_id)
    at = stage.at(-2, "08:50")
    stage.seat(guest, slot_id, at)


def _accept(stage: Stage, home: Home, offered_at: int) -> None:
    """The seat that this home is offered in place of the one it had."""
    phone = stage.phone(home.phone, offered_at)
    offer = phone.wait()
    assert offer is not None  # there are seats on the days that follow
    answered_at = offered_at + 20 * MINUTE_MS
    phone = stage.phone(home.phone, answered_at)
    phone.accept(offer.id)
    carry(stage.tx, answered_at)


def _far_and_empty(stage: Stage, dealt: Homes) -> Times:
    """The event with the fewest taken of those with room for all, in none of the first
    numbers' hamlets.
    """
    near = {home.hamlet_id for home in dealt.first}
    roomy = []
    for times in stage.events(3, 5):
        hamlet_id = times[0].hamlet_id
        is_far = hamlet_id is not None and hamlet_id not in near
        free = sum(slot.free for slot in times)
        if is_far and free >= ROOM_FOR_ALL:
            roomy.append(times)
    return min(roomy, key=_all_taken)


def _later_times(stage: Stage, first: int, last: int) -> Times:
    """Of the events of these days; the first time of each is left out, which newcomers
    are offered.
    """
    found: Times = []
    for times in stage.events(first, last):
        found += times[1:]
    return found


def _free_seats(times: Times) -> Iterator[int]:
    """The slot's id, once for each of its free seats."""
    for slot in times:
        for _ in range(slot.free):
            yield slot.id


def _filled(stage: Stage, dealt: Homes, *, first: int, last: int) -> tuple[Slot, Home]:
    """A time that has no free seat any more, and who took the last one. It is the one
    that lacked the fewest.
    """
    later = _later_times(stage, first, last)
    with_room = [slot for slot in later if slot.free]
    slot = min(with_room, key=_fewest_free_first)
    stage.used.add(slot.event_id)
    since = stage.at(-3, "08:15")
    homes = _book(stage, dealt, slot, slot.free, since, _is_not_poor)
    return slot, homes[-1]


def _book(
    stage: Stage,
    dealt: Homes,
    slot: Slot,
    number: int,
    since: int,
    fits: Callable[[Home], bool] = anybody,
) -> list[Home]:
    """So many of those who fit, one an hour."""
    made_at = since
    homes = []
    for _ in range(number):
        home = dealt.next(fits)
        stage.book(home, slot.id, made_at)
        homes.append(home)
        made_at += HOUR_MS
    return homes


def _is_poor(home: Home) -> bool:
    return home.poor == "yes"


def _is_not_poor(home: Home) -> bool:
    return home.poor == "no"


def _is_mother_and_daughter(home: Home) -> bool:
    first_two = home.members[:2]
    return home.has_several() and all(member.woman for member in first_two)


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
    local = days.local(from_ms(moment))
    return local.strftime("%H:%M")
