"""A port in memory: the terminal handset's, and the tests' of the menus. It keeps the
promises of menus/port.py as the real one does (tests/contract/), but for those about
texts: it sends none.
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
    OF_OTHERS,
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
    EventKind,
    Guest,
    Hamlet,
    Handset,
    Hold,
    KeptDetail,
    Known,
    LastText,
    Logged,
    LoggedWork,
    NoSuchBooking,
    NoSuchRequest,
    NothingAsked,
    Occasion,
    Opinion,
    Others,
    Request,
    Said,
    Scheme,
    School,
    Slot,
    SlotTaken,
    Stop,
    Wait,
)
from menus.questions import completed
from menus.topics import Topic
from menus.world import (
    CommuneFact,
    Party,
    Seat,
    Time,
    Waiting,
    World,
    code_of,
)

EVENTS_SHOWN = 12
KEPT = timedelta(minutes=15)
TOLD_AGAIN = timedelta(hours=1)
RATE_WITHIN, RATE_AGAIN_WITHIN = timedelta(days=30), timedelta(days=7)


class MemoryPort:
    """One phone's port. What was done stands in `done`, a word each, for whoever
    watches.
    """

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

    def schools(self) -> Sequence[School]:
        own = self.world.parents.get(self.phone, ())
        schools: list[School] = []
        for school in self.world.schools:
            is_own = school.id in own
            schools.append(school.replace(own=is_own))
        return schools

    def known(self) -> Known:
        return self.world.known.get(self.phone, Known())

    def handset_of(self, tac: str) -> Handset:
        return self.world.handsets.get(tac, "unknown")

    def scheme(self) -> Scheme | None:
        scheme = self.world.scheme
        if scheme is None or scheme.left is None:
            return scheme
        kept = self._kept_for_others(scheme)
        return scheme.replace(left=scheme.left - kept)

    def _kept_for_others(self, scheme: Scheme) -> int:
        """How many others are booked for one of its days."""
        many = 0
        for seat in self.world.standing():
            if seat.who == self.phone:
                continue
            time = self._time(seat.slot)
            if scheme.opens <= time.event.day <= scheme.closes:
                many += 1
        return many

    def bring(self) -> Mapping[str, str] | None:
        scheme = self.world.scheme
        if scheme is None:
            return None
        day = today(self.now)
        return scheme.bring if day <= scheme.closes else None

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        events = self._events_to_book()
        events.sort(key=lambda event: (event.day, event.id))
        if hamlet is not None:
            events.sort(key=lambda event: event.hamlet != hamlet)  # those first
        return events if every else events[:EVENTS_SHOWN]

    def _events_to_book(self) -> list[Event]:
        """Those with a time to book or to wait for, with the seats that are left over
        all their times.
        """
        found: dict[int, Event] = {}
        for slot in self.world.slots:
            time = self._time(slot)
            if not self._is_to_be_had(time):
                continue
            event = time.event
            before = found.get(event.id, event.replace(seats=0))
            seats = before.seats + time.free()
            found[event.id] = event.replace(seats=seats)
        return list(found.values())

    @staticmethod
    def _is_to_be_had(time: Time) -> bool:
        """Can anybody book it, or wait for it?"""
        if time.has_begun() or time.event.kind == BY_INVITATION:
            return False
        return time.is_early() or time.free() > 0

    def occasions(self, hamlet: int) -> Sequence[Occasion]:
        places = (hamlet, None)
        last_day = today(self.now) + TOLD_AHEAD
        told: list[Occasion] = []
        for held in self._to_come():
            if held.kind == BY_INVITATION:
                continue
            day = today(held.starts)
            if day <= last_day and held.hamlet in places:
                without_services = held.replace(services=())
                told.append(without_services)
        return told

    def occasion(self, event: int) -> Occasion | None:
        for held in self._to_come():
            if held.id == event:
                return held
        return None

    def next_held(self, kind: EventKind) -> Occasion | None:
        for held in self._to_come():
            if held.kind == kind:
                return held.replace(services=())
        return None

    def numbered(self, number: int) -> Occasion | None:
        for held in self._to_come():
            if held.number == number:
                return held
        return None

    def called_off(self, number: int) -> Occasion | None:
        for off in self.world.cancelled:
            if off.number == number and today(off.starts) >= today(self.now):
                return off.replace(services=())
        return None

    def _to_come(self) -> Iterator[Occasion]:
        for held in self.world.held():
            if held.ends > self.now:
                yield held

    def slots(self, event: int) -> Sequence[Slot]:
        found: list[Slot] = []
        for its in self.world.slots_of(event):
            time = self._time(its.id)
            slot = self.slot(its.id)
            if slot and (slot.seats or time.is_early()):
                found.append(slot)
        return sorted(found, key=lambda slot: slot.starts)

    def slot(self, slot: int) -> Slot | None:
        if slot not in self.world.slots:
            return None
        time = self._time(slot)
        if time.has_begun():
            return None
        event = time.event
        seats = time.free() + self._kept(slot)
        return time.slot.replace(
            seats=seats, event=event.id, hall=event.hall, kind=event.kind
        )

    def bookings(self) -> Sequence[Booking]:
        bookings: dict[int, Booking] = {}
        for seat in self._mine():
            if self._time(seat.slot).is_over():
                continue
            rows = self._rows(seat.id)
            booking = self._together(rows)
            bookings[booking.id] = booking
        return sorted(bookings.values(), key=lambda it: (it.starts, it.id))

    def booking(self, code: str = "") -> Booking | None:
        for booking in self.bookings():
            rows = self._rows(booking.id)
            codes = [seat.code for seat in rows]
            if not code or code in codes:
                return booking
        return None

    def wait(self, code: str = "") -> Wait | None:
        for place in self._places():
            wait = place.wait
            if code not in ("", wait.code):
                continue
            if wait.until is None or place.is_offered(self.now):
                return wait
        return None

    def _places(self) -> list[Waiting]:
        """This phone's places on lists, offers among them."""
        places = self.world.waits.values()
        return [place for place in places if place.phone == self.phone]

    def hold(self) -> Hold | None:
        return self.world.held_by(self.phone, self.now)

    def keep(self, slot: int, places: int = 1) -> Hold:
        with self._act("keep"):
            time = self._open(slot)
            before = self.hold()
            own = self._kept(slot)
            _, longer = self.world.holds.pop(self.phone, (None, False))
            promised = places <= own
            if time.left(promised) < places:
                raise SlotTaken
            if before and places == own:
                return self._kept_on(before, longer)
            until = self.now + KEPT
            if before and longer:
                until = before.until
            code = self._new_code()
            anew = Hold(code, slot, places, until)
            return self._holds(anew, longer=before is not None)

    def _kept_on(self, before: Hold, longer: bool) -> Hold:
        """The same choice: in the second half of its time for as long again, once."""
        left = before.until - self.now
        if longer or left >= KEPT / 2:  # a redial right after the drop
            return self._holds(before, longer)
        until = self.now + KEPT
        prolonged = before.replace(until=until)
        return self._holds(prolonged, longer=True)

    def _holds(self, held: Hold, longer: bool) -> Hold:
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
            self._miss(people)
            coming = Party(people, self.phone)
            code = self._seated(slot, coming)
        self._agreed(consent)
        return code

    def _miss(self, people: Sequence[str]) -> None:
        """What they had is in nobody's way once it is over, though none has marked it."""
        for seat in self.world.standing():
            if seat.who not in people:
                continue
            if self._time(seat.slot).is_over():
                self._change(seat, ended="missed", at=self.now)

    def _seated(self, slot: int, party: Party) -> str:
        """The code of the first, under which the seats were kept if they were."""
        time = self._open(slot)
        many = len(party.people)
        kept = self._used_hold(party.booker, slot, many)
        with_promise = party.with_promise(kept)
        return self.world.seat(with_promise, time)

    def move(self, booking: int, slot: int) -> str:
        with self._act("move"):
            rows = self._rows(booking)
            time = self._open(slot)
            kept = self._used_hold(self.phone, slot, len(rows))
            return self.world.move(rows, time, promised=kept != "")

    def cancel(self, booking: int) -> Booking:
        with self._act("cancel"):
            rows = self._rows(booking)
            first = rows[0].id
            for seat in rows:
                self._change(seat, ended="cancelled", at=self.now, ended_with=first)
            return self._together(rows)

    def take_back(self) -> str:
        with self._act("take back"):
            together = self._last_given_up()
            slot = together[0].slot
            party = Party.again(together)
            return self._seated(slot, party)

    def _last_given_up(self) -> list[Seat]:
        """In one act. Raises NoSuchBooking where it was too long ago."""
        lately = self._given_up_lately()
        if not lately:
            raise NoSuchBooking
        last = max(lately, key=lambda seat: (seat.at, -seat.id))
        return [seat for seat in lately if seat.ended_with == last.ended_with]

    def _given_up_lately(self) -> list[Seat]:
        """What this phone may act on and can still be taken back."""
        since = self.now - TAKE_BACK_WITHIN
        cancelled = self.world.ended("cancelled")
        mine = [seat for seat in cancelled if seat.is_of(self.phone)]
        return [seat for seat in mine if seat.at >= since]

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
            time = self._open(slot)
            wait = self._joined(time, people)
        self._agreed(consent)
        return wait

    def _joined(self, time: Time, people: tuple[str, ...]) -> Wait:
        before = self._waits_already(time, people)
        if before is not None:
            return self._for_those_named_last(before, people)
        places = len(people) or self._as_many_as_booked(time)
        if not self._may_wait(time, people, places):
            raise SlotTaken
        wait = self._new_wait(time, people, places)
        poor = self._is_poor()
        self.world.waits[wait.id] = Waiting(self.phone, wait, people, poor)
        return wait

    def _new_wait(self, time: Time, people: tuple[str, ...], places: int) -> Wait:
        number = self.world.number()
        name = self._waits_for(people)
        return Wait(
            number,
            code_of(number),
            time.slot.starts,
            time.event.hall,
            time.slot.id,
            places=places,
            name=name,
        )

    def _is_poor(self) -> bool:
        """Poor or near poor, and not on their own word alone."""
        known = self.known()
        if known.poor not in ("yes", "near"):
            return False
        return known.sources.get("poor") != "self"

    def _waits_already(self, time: Time, people: tuple[str, ...]) -> Waiting | None:
        """The place that this phone has on this very list, for as many; one on another
        list is given up.
        """
        for place in self._places():
            if place.is_offered(self.now):
                raise AlreadyBooked
            wait = place.wait
            if wait.until is None and _is_for(wait, time, people):
                return place
            del self.world.waits[wait.id]
        return None

    def _for_those_named_last(self, place: Waiting, people: tuple[str, ...]) -> Wait:
        """Who names nobody waits for those named before."""
        if not people:
            return place.wait
        name = self._waits_for(people)
        wait = place.wait.replace(name=name)
        self.world.waits[wait.id] = place.replace(people=people, wait=wait)
        return wait

    def _as_many_as_booked(self, time: Time) -> int:
        """Places for all who come on the booking of that kind that this phone made; one
        where it made none.
        """
        own = self.world.seat_of(self.phone, time.event.kind)
        if own is None or own.booker != self.phone:
            return 1
        family = self.world.coming_with(own)
        return len(family)

    def _may_wait(self, time: Time, people: tuple[str, ...], places: int) -> bool:
        """Whether the time is full, early enough and large enough, and this phone has
        no seat there.
        """
        if places > time.slot.seats or not time.is_early():
            return False
        if time.free() or self._kept(time.slot.id):
            return False
        comes = not people or self.phone in people
        own = self.world.seat_of(self.phone, time.event.kind)
        if not comes or own is None:
            return True
        return own.slot != time.slot.id

    def _waits_for(self, people: tuple[str, ...]) -> str:
        """The name of the only one to come, where that is not the holder of the phone."""
        if len(people) != 1:
            return ""
        only = people[0]
        if only == self.phone:
            return ""
        return self.world.names.get(only, "")

    def accept(self, wait: int) -> str:
        with self._act("accept"):
            offer = self._place(wait)
            if offer.until is None:
                raise NoSuchBooking
            time = self._open(offer.slot)
            people = self.world.waits.pop(wait).people
            own = self.world.seat_of(self.phone, time.event.kind)
            if own and not people:
                rows = self._as_many_as_offered(own, offer.places)
                return self.world.move(rows, time, promised=True)
            coming = Party(people or (self.phone,), self.phone)
            with_promise = coming.with_promise(offer.code)
            return self.world.seat(with_promise, time)

    def _as_many_as_offered(self, own: Seat, places: int) -> list[Seat]:
        """All who come together where so many places are offered, else the holder alone."""
        family = self.world.coming_with(own)
        if len(family) > places:
            return [own]
        return family

    def leave(self, wait: int) -> None:
        with self._act("leave"):
            mine = self._place(wait)
            del self.world.waits[mine.id]

    def _place(self, wait: int) -> Wait:
        """Raises NoSuchBooking for one that this phone does not have."""
        mine = self.wait()
        if mine is None or mine.id != wait:
            raise NoSuchBooking
        return mine

    def coming(self, booking: int, consent: Consent) -> None:
        with self._act("coming"):
            rows = self._rows(booking)
        first = rows[0]
        if first.booker != self.phone:
            self._agreed(consent)

    def may_move(self, booking: int, agreed: bool) -> None:
        with self._act("may move"):
            for seat in self._rows(booking):
                self._change(seat, may_move=agreed)

    def requests(self) -> Sequence[Request]:
        asked = self.world.requests
        return [request for phone, request in asked if phone == self.phone]

    def opinions(self) -> Sequence[Opinion]:
        """Nobody answers them in memory."""
        opinions: list[Opinion] = []
        for number, (phone, _) in self.world.opinions.items():
            if phone == self.phone:
                said = self.world.said[number]
                opinions.append(Opinion(number, said))
        return opinions

    def logged(self) -> Sequence[Logged]:
        return self.world.logged.get(self.phone, ())

    def logged_asked(self) -> Logged | None:
        return self.world.logged_asked.get(self.phone)

    def confirm_logged(self) -> None:
        self._answered_logged("confirm")

    def deny_logged(
        self, words: str, consent: Consent, works: Sequence[LoggedWork] = ()
    ) -> int:
        about = self._answered_logged("deny")
        call = Asking("call_me", words)
        return MemoryPort.ask(self, call, None, consent) if about.done else 0

    def _answered_logged(self, word: str) -> Logged:
        about = self.world.logged_asked.pop(self.phone, None)
        if about is None:
            raise NothingAsked
        self.done.append(word)
        return about

    def kept_of_them(self) -> Sequence[KeptDetail]:
        known = self.known()
        name = self.world.names.get(self.phone)
        knows_phone = known.handset != "unknown" or known.sim != "unknown"
        is_kept: dict[KeptDetail, bool] = {
            "name": bool(name),
            "hamlet": known.hamlet is not None,
            "household": False,  # in memory nobody belongs to one
            "phone": knows_phone or bool(known.imei),
            "bookings": self._has_booked(),
            "requests": bool(self.requests()),
            "opinions": bool(self.opinions()),
            "logged": bool(self.logged()),
        }
        return [detail for detail, kept in is_kept.items() if kept]

    def _has_booked(self) -> bool:
        seats = self.world.seats.values()
        return any(seat.is_of(self.phone) for seat in seats)

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        said = Said(hamlet=hamlet)
        self._says(said)
        if asking.kind != "erase":
            self._agreed(consent)
        home = hamlet or self.known().hamlet
        place = asking.place or home
        number = self._asked_before(asking, place)
        if number is None:
            number = self._asked_anew(asking, place)
        elif asking.told:
            self._tell_others(number, True)
        if asking.school is not None:
            self.world.schools_asked[number] = asking.school, asking.told
        return number

    def _asked_anew(self, asking: Asking, place: int | None) -> int:
        number = self._next_of_the_row()
        kind, name = asking.kind, asking.name
        made = Request(number, kind, self.now, name=name, place=place, told=asking.told)
        self.world.requests.append((self.phone, made))
        self.done.append(f"ask {kind}")
        return number

    def _asked_before(self, asking: Asking, place: int | None) -> int | None:
        """The number of the same request: the one at that very place before one of no
        place, which is of this place from now on.
        """
        same = list(self._same_requests(asking, place))
        if not same:
            return None
        for request in same:
            if request.place == place:
                return request.number
        first = same[0]
        if first.place is None:
            at = self.world.requests.index((self.phone, first))
            placed = first.replace(place=place)
            self.world.requests[at] = self.phone, placed
        return first.number

    def _same_requests(self, asking: Asking, place: int | None) -> Iterator[Request]:
        """Of that kind, for that person, at that place and school. Nobody works on them
        in memory: they stay open.
        """
        for request in self.requests():
            if request.kind != asking.kind:
                continue
            if fold(request.name) != fold(asking.name):
                continue
            if not _may_be_one(self._school_of(request), asking.school):
                continue
            if asking.kind in OF_NO_PLACE or _may_be_one(request.place, place):
                yield request

    def _school_of(self, request: Request) -> int | None:
        school, _ = self.world.schools_asked.get(request.number, (None, False))
        return school

    def withdraw(self, number: int) -> None:
        for request in self.requests():
            if request.number == number:
                self.world.requests.remove((self.phone, request))
                self.done.append(f"withdraw {number}")
                return
        raise NoSuchRequest

    def _tell_others(self, number: int, told: bool) -> None:
        for at, (phone, request) in enumerate(self.world.requests):
            if phone == self.phone and request.number == number:
                self.world.requests[at] = phone, request.replace(told=told)

    def for_commune_alone(self, others: Others, consent: Consent) -> Sequence[int]:
        kinds = OF_OTHERS[others]
        told = [it.number for it in self.requests() if it.told and it.kind in kinds]
        for number in told:
            self._tell_others(number, False)
            school, _ = self.world.schools_asked.get(number, (None, False))
            if school is not None:
                self.world.schools_asked[number] = school, False
        if told:
            self.consents.append(consent)
            self.done.append("for commune alone")
        return told

    def take_back_opinion(self, number: int) -> None:
        phone, _ = self.world.opinions.get(number, ("", ""))
        if phone != self.phone:
            raise NoSuchRequest
        del self.world.opinions[number]
        self.done.append(f"take back {number}")

    def opine(self, words: str) -> int:
        for number, said in self.world.opinions.items():
            if said == (self.phone, words):
                return number
        number = self._next_of_the_row()
        self.world.opinions[number] = self.phone, words
        self.world.said[number] = self.now
        self.done.append("opine")
        return number

    def _next_of_the_row(self) -> int:
        """The next number that residents say, of a request or an opinion."""
        self.world.numbered += 1
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

    def last_text(self, *, but_answers: bool = False) -> LastText | None:
        return None

    def asked_for_adverts(self) -> AdvertsAsked | None:
        return None

    def rate(self, score: int) -> bool:
        visit = self._last_visit()
        if visit is None:
            return False
        first_rated = self.world.rated.setdefault(visit, self.now)
        if self.now - first_rated > RATE_AGAIN_WITHIN:
            return False
        self.done.append(f"rate {score}")
        return True

    def _last_visit(self) -> int | None:
        """Of one day the own visit first; of those who came together the first stands
        for all.
        """
        visits = self.world.ended("came")
        came = [seat for seat in visits if seat.booker == self.phone]
        since = self.now - RATE_WITHIN
        lately = [seat for seat in came if seat.at >= since]
        if not lately:
            return None
        last = max(lately, key=self._how_late)
        return min(seat.id for seat in came if seat.comes_with(last))

    def _how_late(self, seat: Seat) -> tuple[date, bool, datetime, int]:
        day = today(seat.at)
        is_own = seat.who == self.phone
        return day, is_own, seat.at, -seat.id

    def fact(self, topic: Topic) -> Mapping[str, str] | None:
        day = today(self.now)
        newest: CommuneFact | None = None
        for fact in self.world.facts:
            if fact.topic != topic or not fact.is_valid(day):
                continue
            # Of one day the one that was written last.
            if newest is None or fact.since >= newest.since:
                newest = fact
        return newest.said if newest else None

    def asked_about(self, topic: Topic) -> None:
        day = today(self.now)
        self.world.asked.append((topic, day))

    def tell(self, kind: Kind) -> None:
        before = self._told.get(kind)
        if before and self.now - before < TOLD_AGAIN:
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
        before = self.known()
        self.world.known[self.phone] = completed(before, said)

    def _agreed(self, consent: Consent) -> None:
        """Whoever agrees to be told hears of their booking again after a full stop;
        adverts stay refused.
        """
        self.consents.append(consent)
        if "all" in self._stopped:
            self._stopped.remove("all")
            self._stopped.add("advert")

    def _people(self, party: Sequence[Guest]) -> tuple[str, ...]:
        people: list[str] = []
        for guest in party:
            who = self.phone
            if not guest.holder:
                who = self._guest(guest, people)
            people.append(who)
        return tuple(people)

    def _guest(self, guest: Guest, others: Sequence[str]) -> str:
        """By their number, unless it is somebody else's; or by the name under which
        this phone booked for them.
        """
        nobody = words.say(words.VIETNAMESE, "somebody", number=guest.number)
        called = guest.name or nobody
        if self._is_theirs(guest.phone, guest.name):
            self._meet(guest.phone, called)
            return guest.phone
        for who in self._booked_for(guest.name):
            if who not in others:
                return who
        names = self.world.names
        new = f"{self.phone} {len(names)}"
        names.setdefault(new, called)
        return new

    def _is_theirs(self, phone: str, name: str) -> bool:
        """Is a number given, and does nobody of another name have it?"""
        if not phone:
            return False
        known_as = self.world.names.get(phone, "")
        holder = fold(known_as)
        return not holder or holder == fold(name)

    def _meet(self, phone: str, called: str) -> None:
        """A guest with a phone has the name that is known, and lives where whoever
        booked for them does.
        """
        if not self.world.names.get(phone):
            self.world.names[phone] = called
        before = self.world.known.get(phone, Known())
        home = Said(hamlet=self.known().hamlet)
        self.world.known[phone] = completed(before, home)

    def _booked_for(self, name: str) -> Iterator[str]:
        """Those without a phone for whom this phone booked under that name."""
        if not name:
            return
        folded = fold(name)
        for who, called in self.world.names.items():
            if who.startswith(f"{self.phone} ") and fold(called) == folded:
                yield who

    # Seats

    def _mine(self) -> list[Seat]:
        """What this phone may act on: booked from it, or for its holder."""
        return [seat for seat in self.world.standing() if seat.is_of(self.phone)]

    def _rows(self, booking: int) -> list[Seat]:
        """This phone's seats on the booking of this seat. Raises NoSuchBooking."""
        mine = self._mine()
        this = self.world.seats.get(booking)
        if this is None or this not in mine:
            raise NoSuchBooking
        return [seat for seat in mine if seat.comes_with(this)]

    def _together(self, rows: Sequence[Seat]) -> Booking:
        first = rows[0]
        time = self._time(first.slot)
        coming = [seat.who for seat in rows]
        own = self.phone in coming
        name = self.world.names.get(first.who, "")
        return Booking(
            first.id,
            first.code,
            time.slot.starts,
            time.event.hall,
            first.revision,
            slot=first.slot,
            places=len(rows),
            own=own,
            name="" if own else name,
            may_move=first.may_move,
            kind=time.event.kind,
        )

    def _change(self, seat: Seat, **changes: object) -> None:
        changed = seat.replace(**changes)
        self.world.seats[seat.id] = changed

    def _time(self, slot: int) -> Time:
        return self.world.time(slot, self.now)

    def _open(self, slot: int) -> Time:
        """Raises SlotTaken for a time that takes no bookings any more."""
        if slot not in self.world.slots:
            raise SlotTaken
        time = self._time(slot)
        if time.has_begun():
            raise SlotTaken
        return time

    def _kept(self, slot: int) -> int:
        """Places that this phone keeps there."""
        held = self.hold()
        if held is None or held.slot != slot:
            return 0
        return held.places

    def _used_hold(self, phone: str, slot: int, places: int) -> str:
        """What this phone keeps is used up, wherever it is; its code, if it was kept
        there and for as many.
        """
        held = self.world.held_by(phone, self.now)
        self.world.holds.pop(phone, None)
        if held is None or held.slot != slot:
            return ""
        return held.code if held.places >= places else ""

    def _new_code(self) -> str:
        number = self.world.number()
        return code_of(number)


def _is_for(wait: Wait, time: Time, people: Sequence[str]) -> bool:
    """Is it on the list of this time, and for as many; or is nobody named now?"""
    if wait.slot != time.slot.id:
        return False
    return not people or len(people) == wait.places


def _may_be_one(place: int | None, another: int | None) -> bool:
    """Two places or schools are the same where one of them is not known."""
    if place is None or another is None:
        return True
    return place == another
