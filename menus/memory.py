"""A port in memory: the terminal handset's, and the tests' of the menus. It keeps the promises of menus/port.py as the
real one does (tests/contract/), but for those about texts: it sends none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from menus import words
from menus.days import today
from menus.hearing.folding import fold
from menus.notices import Kind
from menus.port import (
    BY_INVITATION,
    HOLDER,
    OF_NO_PLACE,
    TAKE_BACK_WITHIN,
    TOLD_AHEAD,
    Adverts,
    AdvertsAsked,
    AlreadyBooked,
    Asking,
    Booking,
    Commune,
    Consent,
    Event,
    Guest,
    Hamlet,
    Handset,
    Hold,
    Known,
    LastText,
    NoSuchBooking,
    NoSuchRequest,
    Occasion,
    Opinion,
    Request,
    Said,
    Scheme,
    Slot,
    SlotTaken,
    Stop,
    Wait,
)
from menus.questions import completed
from menus.topics import Topic
from menus.world import LASTS, CommuneFact, Seat, Waiting, World

EVENTS_SHOWN = 12
KEPT = timedelta(minutes=15)
TOLD_AGAIN = timedelta(hours=1)
RATE_WITHIN, RATE_AGAIN_WITHIN = timedelta(days=30), timedelta(days=7)


class MemoryPort:
    """One phone's port. What was done stands in `done`, a word each, for whoever watches."""

    def __init__(
        self, world: World, phone: str, now: datetime, known: Known | None = None
    ) -> None:
        self.world = world
        self.phone = phone
        self.now = now
        if known is not None:
            world.known[phone] = known
        self.done: list[str] = []
        self.consents: list[Consent] = []
        self._stopped: set[Stop] = set()
        self._takes_adverts = False
        self._took_adverts = False
        self._told: dict[Kind, datetime] = {}

    def commune(self) -> Commune:
        return self.world.commune

    def hamlets(self) -> Sequence[Hamlet]:
        return self.world.hamlets

    def known(self) -> Known:
        return self.world.known.get(self.phone, Known())

    def handset_of(self, tac: str) -> Handset:
        return self.world.handsets.get(tac, "unknown")

    def scheme(self) -> Scheme | None:
        scheme = self.world.scheme
        if scheme is None or scheme.left is None:
            return scheme
        kept = 0
        for seat in self.world.seats.values():
            if seat.ended or seat.who == self.phone:
                continue
            _, event = self.world.slots[seat.slot]
            if scheme.opens <= event.day <= scheme.closes:
                kept += 1
        return scheme.replace(left=scheme.left - kept)

    def bring(self) -> Mapping[str, str] | None:
        scheme = self.world.scheme
        if scheme is None or scheme.closes < today(self.now):
            return None
        return scheme.bring

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        found: dict[int, Event] = {}
        for slot, event in self.world.slots.values():
            if event.kind == BY_INVITATION or slot.starts <= self.now:
                continue
            free = max(0, self.world.free(slot.id, self.now))
            if free or self.world.early(slot.id, self.now):
                before = found.get(event.id)
                seats = before.seats if before else 0
                found[event.id] = event.replace(seats=seats + free)

        def own_first(event: Event) -> tuple[bool, date, int]:
            elsewhere = event.hamlet is None or event.hamlet != hamlet
            return elsewhere, event.day, event.id

        events = sorted(found.values(), key=own_first)
        return events if every else events[:EVENTS_SHOWN]

    def occasions(self, hamlet: int) -> Sequence[Occasion]:
        last = today(self.now) + TOLD_AHEAD
        told: list[Occasion] = []
        for it in self._to_come():
            near = it.hamlet in (None, hamlet)
            if near and today(it.starts) <= last and it.kind != BY_INVITATION:
                told.append(it.replace(services=()))
        return told

    def occasion(self, event: int) -> Occasion | None:
        return next((it for it in self._to_come() if it.id == event), None)

    def numbered(self, number: int) -> Occasion | None:
        return next((it for it in self._to_come() if it.number == number), None)

    def _to_come(self) -> list[Occasion]:
        return [it for it in self.world.held() if it.ends > self.now]

    def slots(self, event: int) -> Sequence[Slot]:
        open_slots: list[Slot] = []
        for each, its_event in self.world.slots.values():
            if its_event.id != event:
                continue
            slot = self.slot(each.id)
            if slot and (slot.seats or self.world.early(slot.id, self.now)):
                open_slots.append(slot)
        return sorted(open_slots, key=lambda slot: slot.starts)

    def slot(self, slot: int) -> Slot | None:
        if slot not in self.world.slots:
            return None
        found, event = self.world.slots[slot]
        if found.starts <= self.now:
            return None
        held = self.hold()
        seats = max(0, self.world.free(slot, self.now))
        if held and held.slot == slot:
            seats += held.places
        return found.replace(
            seats=seats, event=event.id, hall=event.hall, kind=event.kind
        )

    def bookings(self) -> Sequence[Booking]:
        parties: dict[int, list[Seat]] = {}
        for seat in self._mine():
            if not self._over(seat.slot):
                party = seat.party or -seat.id
                parties.setdefault(party, []).append(seat)
        bookings = [self._together(rows) for rows in parties.values()]
        return sorted(bookings, key=lambda it: (it.starts, it.id))

    def booking(self, code: str = "") -> Booking | None:
        for booking in self.bookings():
            codes = [seat.code for seat in self._rows(booking.id)]
            if not code or code in codes:
                return booking
        return None

    def wait(self, code: str = "") -> Wait | None:
        for it in self.world.waits.values():
            wait = it.wait
            if it.phone != self.phone or code not in ("", wait.code):
                continue
            if wait.until is None or wait.until > self.now:
                return wait
        return None

    def hold(self) -> Hold | None:
        held, _ = self.world.holds.get(self.phone, (None, False))
        if held is None or held.until <= self.now:
            return None
        return held

    def keep(self, slot: int, places: int = 1) -> Hold:
        with self._act("keep"):
            self._open(slot)
            before = self.hold()
            _, longer = self.world.holds.pop(self.phone, (None, False))
            own = before.places if before and before.slot == slot else 0
            if self._seats_left(slot, kept=places <= own) < places:
                raise SlotTaken
            until = before.until if before and longer else self.now + KEPT
            if before is None or places != own:
                code = _code(self._number())
                held = Hold(code, slot, places, until)
                longer = before is not None
            elif before.until - self.now < KEPT / 2:
                held = before.replace(until=until)
                longer = True
            else:  # a redial right after the drop
                held = before
            self.world.holds[self.phone] = held, longer
            return held

    def let_go(self) -> None:
        self.world.holds.pop(self.phone, None)
        self.done.append("let go")

    def book(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> str:
        with self._act("book"):
            self._says(said)
            people = self._people(party)
            for seat in list(self.world.seats.values()):
                stands = seat.who in people and not seat.ended
                if stands and self._over(seat.slot):  # passed, and nobody has marked it
                    self.world.seats[seat.id] = seat.replace(
                        ended="missed", at=self.now
                    )
            code = self._seated(slot, people)
        self._agreed(consent)
        return code

    def move(self, booking: int, slot: int) -> str:
        with self._act("move"):
            rows = self._rows(booking)
            self._open(slot)
            kept = self._used_hold(self.phone, slot, len(rows))
            return self._moved(rows, slot, kept)

    def cancel(self, booking: int) -> Booking:
        with self._act("cancel"):
            rows = self._rows(booking)
            first = rows[0]
            for seat in rows:
                self.world.seats[seat.id] = seat.replace(
                    ended="cancelled", at=self.now, ended_with=first.id
                )
            return self._together(rows)

    def take_back(self) -> str:
        with self._act("take back"):
            lately: list[Seat] = []
            for seat in self.world.seats.values():
                mine = self.phone in (seat.booker, seat.who)
                if (
                    mine
                    and seat.ended == "cancelled"
                    and self.now - seat.at <= TAKE_BACK_WITHIN
                ):
                    lately.append(seat)
            if not lately:
                raise NoSuchBooking
            last = max(lately, key=lambda it: (it.at, -it.id))
            together = [it for it in lately if it.ended_with == last.ended_with]
            people = [it.who for it in together]
            codes = [it.code for it in together]
            return self._seated(last.slot, people, booker=last.booker, codes=codes)

    def wait_for(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> Wait:
        with self._act("wait"):
            self._says(said)
            people: tuple[str, ...] = ()
            if tuple(party) != (HOLDER,):
                people = self._people(party)
            wait = self._joined(slot, people)
        self._agreed(consent)
        return wait

    def _joined(self, slot: int, people: tuple[str, ...]) -> Wait:
        self._open(slot)
        before = self._waits_already(slot, people)
        if before is not None:
            return before
        places = len(people) or self._as_many_as_booked()
        if not self._may_wait(slot, people, places):
            raise SlotTaken
        number = self._number()
        starts, hall = self._at(slot)
        wait = Wait(
            number,
            _code(number),
            starts,
            hall,
            slot,
            places=places,
            name=self._waits_for(people),
        )
        known = self.known()
        poor = known.poor in ("yes", "near") and known.sources.get("poor") != "self"
        self.world.waits[number] = Waiting(self.phone, wait, people, poor)
        return wait

    def _waits_already(self, slot: int, people: tuple[str, ...]) -> Wait | None:
        """The place that this phone has on this very list, for as many; one on another list is given up."""
        for key, it in list(self.world.waits.items()):
            if it.phone != self.phone:
                continue
            if it.wait.until and it.wait.until > self.now:
                raise AlreadyBooked
            as_many = len(people) in (0, it.wait.places)
            if it.wait.until is None and it.wait.slot == slot and as_many:
                if not people:
                    return it.wait
                renamed = it.wait.replace(name=self._waits_for(people))
                self.world.waits[key] = it.replace(people=people, wait=renamed)
                return renamed
            del self.world.waits[key]
        return None

    def _as_many_as_booked(self) -> int:
        """Places for all who come on the booking that this phone made; one where it made none."""
        own = self._standing(self.phone)
        if own is None or own.booker != self.phone:
            return 1
        return len(self._family(own))

    def _may_wait(self, slot: int, people: tuple[str, ...], places: int) -> bool:
        """Whether the time is full, early enough and large enough, and this phone has no seat there."""
        own = self._standing(self.phone)
        if own and own.slot == slot and (not people or self.phone in people):
            return False
        held = self.hold()
        if held and held.slot == slot:
            return False
        if self.world.free(slot, self.now) > 0 or not self.world.early(slot, self.now):
            return False
        found, _ = self.world.slots[slot]
        return places <= found.seats

    def _waits_for(self, people: tuple[str, ...]) -> str:
        """The name of the only one to come, where that is not the holder of the phone."""
        if len(people) != 1 or people[0] == self.phone:
            return ""
        return self.world.names.get(people[0], "")

    def accept(self, wait: int) -> str:
        with self._act("accept"):
            offer = self.wait()
            if offer is None or offer.id != wait or offer.until is None:
                raise NoSuchBooking
            people = self.world.waits.pop(wait).people
            self._open(offer.slot)
            standing = None if people else self._standing(self.phone)
            if standing is None:
                coming = people or (self.phone,)
                return self._seated(offer.slot, coming, kept=offer.code)
            rows = self._family(standing)
            if len(rows) > offer.places:
                rows = [standing]
            return self._moved(rows, offer.slot, offer.code)

    def leave(self, wait: int) -> None:
        with self._act("leave"):
            mine = self.wait()
            if mine is None or mine.id != wait:
                raise NoSuchBooking
            del self.world.waits[wait]

    def coming(self, booking: int, consent: Consent) -> None:
        with self._act("coming"):
            rows = self._rows(booking)
        if rows[0].booker != self.phone:
            self._agreed(consent)

    def may_move(self, booking: int, agreed: bool) -> None:
        with self._act("may move"):
            for seat in self._rows(booking):
                self.world.seats[seat.id] = seat.replace(may_move=agreed)

    def requests(self) -> Sequence[Request]:
        return [
            request for phone, request in self.world.requests if phone == self.phone
        ]

    def opinions(self) -> Sequence[Opinion]:
        """Nobody answers them in memory."""
        said: list[Opinion] = []
        for number, (phone, _) in self.world.opinions.items():
            if phone == self.phone:
                said.append(Opinion(number, self.world.said[number]))
        return said

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        self._says(Said(hamlet=hamlet))
        if asking.kind != "erase":
            self._agreed(consent)
        place = asking.place or hamlet or self.known().hamlet
        same = self._same_request(asking, place)
        if same:
            return same.number
        self.world.numbered += 1
        made = Request(
            self.world.numbered, asking.kind, self.now, name=asking.name, place=place
        )
        self.world.requests.append((self.phone, made))
        self.done.append(f"ask {asking.kind}")
        return made.number

    def _same_request(self, asking: Asking, place: int | None) -> Request | None:
        """Of that kind, for that person and place; the one at that very place before one of no place."""
        found: list[Request] = []
        for (
            request
        ) in self.requests():  # nobody works on them in memory: they stay open
            if request.kind != asking.kind or fold(request.name) != fold(asking.name):
                continue
            if (
                asking.kind in OF_NO_PLACE
                or None in (place, request.place)
                or place == request.place
            ):
                found.append(request)
        if not found:
            return None
        same = min(found, key=lambda it: (it.place != place, it.number))
        if same.place is None:
            filled = same.replace(place=place)
            at = self.world.requests.index((self.phone, same))
            self.world.requests[at] = self.phone, filled
        return same

    def withdraw(self, number: int) -> None:
        for request in self.requests():
            if request.number == number:
                self.world.requests.remove((self.phone, request))
                self.done.append(f"withdraw {number}")
                return
        raise NoSuchRequest

    def opine(self, words: str) -> int:
        for number, said in self.world.opinions.items():
            if said == (self.phone, words):
                return number
        self.world.numbered += 1
        self.world.opinions[self.world.numbered] = self.phone, words
        self.world.said[self.world.numbered] = self.now
        self.done.append("opine")
        return self.world.numbered

    def prefer(self, language: str, marks: bool) -> None:
        self.done.append("prefer")

    def stop(self, what: Stop) -> bool:
        self.done.append(f"stop {what}")
        before = {what, "all"} & self._stopped
        self._stopped.add(what)
        if what != "remind":
            self._takes_adverts = False
        return not before

    def resume_texts(self) -> bool:
        self._stopped.clear()
        self.done.append("start")
        return self._took_adverts and not self._takes_adverts

    def agree_to_adverts(self, consent: Consent) -> Adverts:
        if "all" in self._stopped:
            return "stopped"
        if self._takes_adverts:
            return "before"
        self._stopped.discard("advert")
        self._takes_adverts = self._took_adverts = True
        self.consents.append(consent)
        self.done.append("consent advert")
        return "agreed"

    def last_text(self) -> LastText | None:
        return None

    def asked_for_adverts(self) -> AdvertsAsked | None:
        return None

    def rate(self, score: int) -> bool:
        came = [
            it
            for it in self.world.seats.values()
            if it.ended == "came" and it.booker == self.phone
        ]
        lately = [it for it in came if self.now - it.at <= RATE_WITHIN]
        if not lately:
            return False
        # Of one day the own visit first; of those who came together the first stands for all.
        last = max(
            lately, key=lambda it: (today(it.at), it.who == self.phone, it.at, -it.id)
        )
        visit = min(it.id for it in came if _come_together(it, last))
        first_rated = self.world.rated.setdefault(visit, self.now)
        if self.now - first_rated > RATE_AGAIN_WITHIN:
            return False
        self.done.append(f"rate {score}")
        return True

    def fact(self, topic: Topic) -> Mapping[str, str] | None:
        day = today(self.now)
        newest: CommuneFact | None = None
        for fact in self.world.facts:
            if fact.topic != topic or fact.since > day:
                continue
            if fact.until is not None and fact.until < day:
                continue
            if (
                newest is None or fact.since >= newest.since
            ):  # of one day the one that was written last
                newest = fact
        return newest.said if newest else None

    def asked_about(self, topic: Topic) -> None:
        self.world.asked.append((topic, today(self.now)))

    def tell(self, kind: Kind) -> None:
        before = self._told.get(kind)
        if before is not None and self.now - before < TOLD_AGAIN:
            return
        self._told[kind] = self.now
        self.done.append(f"tell {kind}")

    @contextmanager
    def _act(self, word: str) -> Iterator[None]:
        """Whole, or as if not tried."""
        before = self.world.copy()
        try:
            yield
        except (SlotTaken, AlreadyBooked, NoSuchBooking):
            vars(self.world).update(vars(before))
            raise
        self.done.append(word)

    # Who is meant

    def _says(self, said: Said) -> None:
        self.world.known[self.phone] = completed(self.known(), said)

    def _agreed(self, consent: Consent) -> None:
        """Whoever agrees to be told hears of their booking again after a full stop; adverts stay refused."""
        self.consents.append(consent)
        if "all" in self._stopped:
            self._stopped = self._stopped - {"all"} | {"advert"}

    def _people(self, party: Sequence[Guest]) -> tuple[str, ...]:
        people: list[str] = []
        for guest in party:
            who = self.phone if guest.holder else self._guest(guest, people)
            people.append(who)
        return tuple(people)

    def _guest(self, guest: Guest, others: Sequence[str]) -> str:
        """By their number, unless it is somebody else's; or by the name under which this phone booked for them."""
        names = self.world.names
        folded = fold(guest.name)
        called = guest.name or words.say(
            words.VIETNAMESE, "somebody", number=guest.number
        )
        if guest.phone and fold(names.get(guest.phone, "")) in ("", folded):
            names[guest.phone] = names.get(guest.phone) or called
            before = self.world.known.get(guest.phone, Known())
            lives = Said(hamlet=self.known().hamlet)
            self.world.known[guest.phone] = completed(before, lives)
            return guest.phone
        if guest.name:
            for who, name in names.items():
                booked_from_here = (
                    who.startswith(f"{self.phone} ") and who not in others
                )
                if booked_from_here and fold(name) == folded:
                    return who
        who = f"{self.phone} {len(names)}"
        names.setdefault(who, called)
        return who

    # Seats

    def _mine(self) -> list[Seat]:
        """What this phone may act on: booked from it, or for its holder."""
        return [
            it
            for it in self.world.seats.values()
            if not it.ended and self.phone in (it.booker, it.who)
        ]

    def _rows(self, booking: int) -> list[Seat]:
        mine = self._mine()
        this = self.world.seats.get(booking)
        if this is None or this not in mine:
            raise NoSuchBooking
        return [it for it in mine if _come_together(it, this)]

    def _family(self, seat: Seat) -> list[Seat]:
        """All who come together with it, whoever looks."""
        return [
            it
            for it in self.world.seats.values()
            if not it.ended and _come_together(it, seat)
        ]

    def _together(self, rows: Sequence[Seat]) -> Booking:
        first = rows[0]
        starts, hall = self._at(first.slot)
        _, event = self.world.slots[first.slot]
        own = any(it.who == self.phone for it in rows)
        name = "" if own else self.world.names.get(first.who, "")
        return Booking(
            first.id,
            first.code,
            starts,
            hall,
            first.revision,
            slot=first.slot,
            places=len(rows),
            own=own,
            name=name,
            may_move=first.may_move,
            kind=event.kind,
        )

    def _standing(self, who: str) -> Seat | None:
        for seat in self.world.seats.values():
            if seat.who == who and not seat.ended:
                return seat
        return None

    def _at(self, slot: int) -> tuple[datetime, str]:
        found, event = self.world.slots[slot]
        return found.starts, event.hall

    def _over(self, slot: int) -> bool:
        starts, _ = self._at(slot)
        return starts + LASTS <= self.now

    def _open(self, slot: int) -> None:
        if slot not in self.world.slots:
            raise SlotTaken
        starts, _ = self._at(slot)
        if starts <= self.now:
            raise SlotTaken

    def _seats_left(self, slot: int, kept: bool) -> int:
        """While somebody waits there, only for whoever was promised a seat (`kept`) before."""
        if kept:
            return self.world.room(slot, self.now)
        return self.world.free(slot, self.now)

    def _used_hold(self, phone: str, slot: int, places: int) -> str:
        """What this phone keeps is used up, wherever it is; its code, if it was kept there and for as many."""
        held, _ = self.world.holds.pop(phone, (None, False))
        if held is None or held.until <= self.now:
            return ""
        if held.slot != slot or held.places < places:
            return ""
        return held.code

    def _seated(
        self,
        slot: int,
        people: Sequence[str],
        *,
        booker: str = "",
        kept: str = "",
        codes: Sequence[str] = (),
    ) -> str:
        """The first one's code: under which the seats were `kept`, or which was borne before (`codes`)."""
        self._open(slot)
        booker = booker or self.phone
        kept = kept or self._used_hold(booker, slot, len(people))
        if kept:
            codes = (kept,)
        first = self._number()
        party = first if len(people) > 1 else 0
        for place, who in enumerate(people):
            if self._standing(who):
                raise AlreadyBooked
            if self._seats_left(slot, bool(kept)) < 1:
                raise SlotTaken
            number = self._number() if place else first
            code = codes[place] if place < len(codes) else _code(number)
            seat = Seat(number, code, slot, who, booker, party)
            self.world.seats[number] = self._named_apart(seat)
        return self.world.seats[first].code

    def _moved(self, rows: Sequence[Seat], slot: int, kept: str) -> str:
        first = rows[0]
        alone = len(rows) < len(self._family(first))
        for seat in rows:
            if seat.slot == slot or self._seats_left(slot, bool(kept)) < 1:
                raise SlotTaken
            party = 0 if alone else seat.party
            moved = seat.replace(slot=slot, revision=seat.revision + 1, party=party)
            self.world.seats[seat.id] = self._named_apart(moved)
        return self.world.seats[first.id].code

    def _named_apart(self, seat: Seat) -> Seat:
        """With another code, where somebody bears its own at that time, or this phone for another booking."""
        for other in self.world.seats.values():
            if other.id == seat.id or other.code != seat.code:
                continue
            there = other.slot == seat.slot and other.ended != "cancelled"
            own = other.booker == seat.booker and not other.ended
            if there or own:
                return seat.replace(code=_code(self._number()))
        return seat

    def _number(self) -> int:
        self.world.made += 1
        return self.world.made


def _come_together(one: Seat, other: Seat) -> bool:
    """Is it the same seat, or one of the same party?"""
    if one == other:
        return True
    return other.party != 0 and one.party == other.party


def _code(number: int) -> str:
    return f"{48_314 + number}"
