"""A port in memory: the terminal handset's, and the tests' of the menus. It keeps the promises of menus/port.py as the
real one does (tests/contract/), but for those about texts: it sends none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from menus import words
from menus.days import today
from menus.hearing.folding import fold
from menus.notices import Kind
from menus.port import (
    BY_INVITATION,
    HOLDER,
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
    NoSuchBooking,
    NoSuchRequest,
    Occasion,
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
from menus.world import LASTS, Seat, Waiting, World

EVENTS_SHOWN = 12
KEPT = timedelta(minutes=15)
TOLD_AGAIN = timedelta(hours=1)
RATE_WITHIN, RATE_AGAIN_WITHIN = timedelta(days=30), timedelta(days=7)


class MemoryPort:
    """One phone's port. What was done stands in `done`, a word each, for whoever watches."""

    def __init__(self, world: World, phone: str, now: datetime, known: Known | None = None) -> None:
        self.world, self.phone, self.now = world, phone, now
        if known is not None:
            world.known[phone] = known
        self.done: list[str] = []
        self.consents: list[Consent] = []
        self._stopped: set[Stop] = set()
        self._takes_adverts = self._took_adverts = False
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
        others = [it for it in self.world.seats.values() if not it.ended and it.who != self.phone]
        kept = sum(scheme.opens <= self.world.slots[it.slot][1].day <= scheme.closes for it in others)
        return scheme.replace(left=scheme.left - kept)

    def bring(self) -> Mapping[str, str] | None:
        scheme = self.world.scheme
        return scheme.bring if scheme and scheme.closes >= today(self.now) else None

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        found: dict[int, Event] = {}
        for slot, event in self.world.slots.values():
            if event.kind == BY_INVITATION:
                continue
            free = max(0, self.world.free(slot.id, self.now))
            if slot.starts > self.now and (free or self.world.early(slot.id, self.now)):
                seats = found[event.id].seats if event.id in found else 0
                found[event.id] = event.replace(seats=seats + free)
        own_first = sorted(found.values(), key=lambda it: (it.hamlet is None or it.hamlet != hamlet, it.day, it.id))
        return own_first if every else own_first[:EVENTS_SHOWN]

    def occasions(self, hamlet: int) -> Sequence[Occasion]:
        last = today(self.now) + TOLD_AHEAD
        near = [it for it in self._to_come() if it.hamlet in (None, hamlet) and today(it.starts) <= last]
        return [it.replace(services=()) for it in near if it.kind != BY_INVITATION]

    def occasion(self, event: int) -> Occasion | None:
        return next((it for it in self._to_come() if it.id == event), None)

    def numbered(self, number: int) -> Occasion | None:
        return next((it for it in self._to_come() if it.number == number), None)

    def _to_come(self) -> list[Occasion]:
        return [it for it in self.world.held() if it.ends > self.now]

    def slots(self, event: int) -> Sequence[Slot]:
        of_event = [self.slot(slot.id) for slot, its in self.world.slots.values() if its.id == event]
        seen = [slot for slot in of_event if slot and (slot.seats or self.world.early(slot.id, self.now))]
        return sorted(seen, key=lambda slot: slot.starts)

    def slot(self, slot: int) -> Slot | None:
        found, event = self.world.slots.get(slot, (None, None))
        if found is None or event is None or found.starts <= self.now:
            return None
        held = self.hold()
        own = held.places if held and held.slot == slot else 0
        return found.replace(
            seats=max(0, self.world.free(slot, self.now)) + own, event=event.id, hall=event.hall, kind=event.kind
        )

    def bookings(self) -> Sequence[Booking]:
        parties: dict[int, list[Seat]] = {}
        for seat in self._mine():
            if not self._over(seat.slot):
                parties.setdefault(seat.party or -seat.id, []).append(seat)
        return sorted(map(self._together, parties.values()), key=lambda it: (it.starts, it.id))

    def booking(self, code: str = "") -> Booking | None:
        found = [it for it in self.bookings() if not code or any(code == seat.code for seat in self._rows(it.id))]
        return found[0] if found else None

    def wait(self, code: str = "") -> Wait | None:
        mine = [it.wait for it in self.world.waits.values() if it.phone == self.phone and code in ("", it.wait.code)]
        return next((it for it in mine if it.until is None or it.until > self.now), None)

    def hold(self) -> Hold | None:
        held, _ = self.world.holds.get(self.phone, (None, False))
        return held if held and held.until > self.now else None

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
                held, longer = Hold(_code(self._number()), slot, places, until), before is not None
            elif before.until - self.now < KEPT / 2:
                held, longer = before.replace(until=until), True
            else:  # a redial right after the drop
                held = before
            self.world.holds[self.phone] = held, longer
            return held

    def let_go(self) -> None:
        self.world.holds.pop(self.phone, None)
        self.done.append("let go")

    def book(self, slot: int, said: Said, consent: Consent, party: Sequence[Guest] = (HOLDER,)) -> str:
        with self._act("book"):
            self._says(said)
            people = self._people(party)
            for seat in list(self.world.seats.values()):
                if seat.who in people and not seat.ended and self._over(seat.slot):  # passed, and nobody has marked it
                    self.world.seats[seat.id] = seat.replace(ended="missed", at=self.now)
            code = self._seated(slot, people)
        self._agreed(consent)
        return code

    def move(self, booking: int, slot: int) -> str:
        with self._act("move"):
            rows = self._rows(booking)
            self._open(slot)
            return self._moved(rows, slot, self._used_hold(self.phone, slot, len(rows)))

    def cancel(self, booking: int) -> Booking:
        with self._act("cancel"):
            rows = self._rows(booking)
            for seat in rows:
                self.world.seats[seat.id] = seat.replace(ended="cancelled", at=self.now, ended_with=rows[0].id)
            return self._together(rows)

    def take_back(self) -> str:
        with self._act("take back"):
            given_up = [it for it in self.world.seats.values() if it.ended == "cancelled"]
            mine = [it for it in given_up if self.phone in (it.booker, it.who)]
            lately = [it for it in mine if self.now - it.at <= TAKE_BACK_WITHIN]
            if not lately:
                raise NoSuchBooking
            last = max(lately, key=lambda it: (it.at, -it.id))
            together = [it for it in lately if it.ended_with == last.ended_with]
            people, codes = [it.who for it in together], [it.code for it in together]
            return self._seated(last.slot, people, booker=last.booker, codes=codes)

    def wait_for(self, slot: int, said: Said, consent: Consent, party: Sequence[Guest] = (HOLDER,)) -> Wait:
        with self._act("wait"):
            self._says(said)
            wait = self._joined(slot, () if tuple(party) == (HOLDER,) else self._people(party))
        self._agreed(consent)
        return wait

    def _joined(self, slot: int, people: tuple[str, ...]) -> Wait:
        self._open(slot)
        for key, it in list(self.world.waits.items()):
            if it.phone != self.phone:
                continue
            if it.wait.until and it.wait.until > self.now:
                raise AlreadyBooked
            if it.wait.until is None and it.wait.slot == slot and len(people) in (0, it.wait.places):
                named = it.replace(people=people, wait=it.wait.replace(name=self._waits_for(people)))
                self.world.waits[key] = named if people else it
                return self.world.waits[key].wait
            del self.world.waits[key]
        own, held = self._standing(self.phone), self.hold()
        places = len(people) or (len(self._family(own)) if own and own.booker == self.phone else 1)
        there = own is not None and own.slot == slot and (not people or self.phone in people)
        keeps = held is not None and held.slot == slot
        full = self.world.free(slot, self.now) <= 0 and self.world.early(slot, self.now)
        if there or keeps or not full or places > self.world.slots[slot][0].seats:
            raise SlotTaken
        number, known = self._number(), self.known()
        wait = Wait(number, _code(number), *self._at(slot), slot, places=places, name=self._waits_for(people))
        poor = known.poor in ("yes", "near") and known.sources.get("poor") != "self"
        self.world.waits[number] = Waiting(self.phone, wait, people, poor)
        return wait

    def _waits_for(self, people: tuple[str, ...]) -> str:
        """The name of the only one to come, where that is not the holder of the phone."""
        return self.world.names.get(people[0], "") if len(people) == 1 and people[0] != self.phone else ""

    def accept(self, wait: int) -> str:
        with self._act("accept"):
            offer = self.wait()
            if offer is None or offer.id != wait or offer.until is None:
                raise NoSuchBooking
            people = self.world.waits.pop(wait).people
            self._open(offer.slot)
            standing = None if people else self._standing(self.phone)
            if standing is None:
                return self._seated(offer.slot, people or (self.phone,), kept=offer.code)
            family = self._family(standing)
            return self._moved(family if len(family) <= offer.places else [standing], offer.slot, offer.code)

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
        return [request for phone, request in self.world.requests if phone == self.phone]

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        self._says(Said(hamlet=hamlet))
        if asking.kind != "erase":
            self._agreed(consent)
        for request in self.requests():  # nobody works on them in memory: they stay open
            if request.kind == asking.kind and fold(request.name) == fold(asking.name):
                return request.number
        self.world.numbered += 1
        made = Request(self.world.numbered, asking.kind, self.now, name=asking.name)
        self.world.requests.append((self.phone, made))
        self.done.append(f"ask {asking.kind}")
        return made.number

    def withdraw(self, number: int) -> None:
        found = [it for it in self.world.requests if it[0] == self.phone and it[1].number == number]
        if not found:
            raise NoSuchRequest
        self.world.requests.remove(found[0])
        self.done.append(f"withdraw {number}")

    def opine(self, words: str) -> int:
        for number, said in self.world.opinions.items():
            if said == (self.phone, words):
                return number
        self.world.numbered += 1
        self.world.opinions[self.world.numbered] = self.phone, words
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

    def reminded(self) -> bool:
        return False

    def asked_to_take(self) -> bool:
        return False

    def asked_how_it_went(self) -> bool:
        return False

    def asked_for_adverts(self) -> AdvertsAsked | None:
        return None

    def rate(self, score: int) -> bool:
        came = [it for it in self.world.seats.values() if it.ended == "came" and it.booker == self.phone]
        lately = [it for it in came if self.now - it.at <= RATE_WITHIN]
        if not lately:
            return False
        # Of one day the own visit first; of those who came together the first stands for all.
        last = max(lately, key=lambda it: (today(it.at), it.who == self.phone, it.at, -it.id))
        visit = min(it.id for it in came if it == last or (last.party and it.party == last.party))
        if self.now - self.world.rated.setdefault(visit, self.now) > RATE_AGAIN_WITHIN:
            return False
        self.done.append(f"rate {score}")
        return True

    def fact(self, topic: Topic) -> Mapping[str, str] | None:
        day = today(self.now)
        about = [fact for fact in self.world.facts if fact.topic == topic and fact.since <= day]
        valid = [fact for fact in about if fact.until is None or fact.until >= day]
        newest = max((fact.since for fact in valid), default=None)
        return next((fact.said for fact in reversed(valid) if fact.since == newest), None)

    def asked_about(self, topic: Topic) -> None:
        self.world.asked.append((topic, today(self.now)))

    def tell(self, kind: Kind) -> None:
        if kind not in self._told or self.now - self._told[kind] >= TOLD_AGAIN:
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
            people.append(self.phone if guest.holder else self._guest(guest, people))
        return tuple(people)

    def _guest(self, guest: Guest, others: Sequence[str]) -> str:
        """By their number, unless it is somebody else's; or by the name under which this phone booked for them."""
        names, folded = self.world.names, fold(guest.name)
        called = guest.name or words.say(words.VIETNAMESE, "somebody", number=guest.number)
        if guest.phone and fold(names.get(guest.phone, "")) in ("", folded):
            names[guest.phone] = names.get(guest.phone) or called
            before = self.world.known.get(guest.phone, Known())
            self.world.known[guest.phone] = completed(before, Said(hamlet=self.known().hamlet))
            return guest.phone
        mine = [who for who in names if who.startswith(f"{self.phone} ") and who not in others]
        again = [who for who in mine if guest.name and fold(names[who]) == folded]
        who = again[0] if again else f"{self.phone} {len(names)}"
        names.setdefault(who, called)
        return who

    # Seats

    def _mine(self) -> list[Seat]:
        """What this phone may act on: booked from it, or for its holder."""
        return [it for it in self.world.seats.values() if not it.ended and self.phone in (it.booker, it.who)]

    def _rows(self, booking: int) -> list[Seat]:
        mine, this = self._mine(), self.world.seats.get(booking)
        if this is None or this not in mine:
            raise NoSuchBooking
        return [it for it in mine if it == this or (this.party and it.party == this.party)]

    def _family(self, seat: Seat) -> list[Seat]:
        """All who come together with it, whoever looks."""
        standing = [it for it in self.world.seats.values() if not it.ended]
        return [it for it in standing if it == seat or (seat.party and it.party == seat.party)]

    def _together(self, rows: Sequence[Seat]) -> Booking:
        first, own = rows[0], any(it.who == self.phone for it in rows)
        name = "" if own else self.world.names.get(first.who, "")
        return Booking(
            first.id, first.code, *self._at(first.slot), first.revision, slot=first.slot, places=len(rows), own=own,
            name=name, may_move=first.may_move, kind=self.world.slots[first.slot][1].kind,
        )  # fmt: skip

    def _standing(self, who: str) -> Seat | None:
        return next((it for it in self.world.seats.values() if it.who == who and not it.ended), None)

    def _at(self, slot: int) -> tuple[datetime, str]:
        found, event = self.world.slots[slot]
        return found.starts, event.hall

    def _over(self, slot: int) -> bool:
        return self._at(slot)[0] + LASTS <= self.now

    def _open(self, slot: int) -> None:
        if slot not in self.world.slots or self._at(slot)[0] <= self.now:
            raise SlotTaken

    def _seats_left(self, slot: int, kept: bool) -> int:
        """While somebody waits there, only for whoever was promised a seat (`kept`) before."""
        return self.world.room(slot, self.now) if kept else self.world.free(slot, self.now)

    def _used_hold(self, phone: str, slot: int, places: int) -> str:
        """What this phone keeps is used up, wherever it is; its code, if it was kept there and for as many."""
        held, _ = self.world.holds.pop(phone, (None, False))
        if held is None or held.until <= self.now or held.slot != slot or held.places < places:
            return ""
        return held.code

    def _seated(
        self, slot: int, people: Sequence[str], *, booker: str = "", kept: str = "", codes: Sequence[str] = ()
    ) -> str:
        """The first one's code: under which the seats were `kept`, or which was borne before (`codes`)."""
        self._open(slot)
        booker = booker or self.phone
        kept = kept or self._used_hold(booker, slot, len(people))
        codes = (kept,) if kept else codes
        first = self._number()
        for place, who in enumerate(people):
            if self._standing(who):
                raise AlreadyBooked
            if self._seats_left(slot, bool(kept)) < 1:
                raise SlotTaken
            number = self._number() if place else first
            code = codes[place] if place < len(codes) else _code(number)
            party = first if len(people) > 1 else 0
            self.world.seats[number] = self._named_apart(Seat(number, code, slot, who, booker, party))
        return self.world.seats[first].code

    def _moved(self, rows: Sequence[Seat], slot: int, kept: str) -> str:
        alone = len(rows) < len(self._family(rows[0]))
        for seat in rows:
            if seat.slot == slot or self._seats_left(slot, bool(kept)) < 1:
                raise SlotTaken
            moved = seat.replace(slot=slot, revision=seat.revision + 1, party=0 if alone else seat.party)
            self.world.seats[seat.id] = self._named_apart(moved)
        return self.world.seats[rows[0].id].code

    def _named_apart(self, seat: Seat) -> Seat:
        """With another code, where somebody bears its own at that time, or this phone for another booking."""
        alike = [it for it in self.world.seats.values() if it.code == seat.code and it.id != seat.id]
        there = [it for it in alike if it.slot == seat.slot and it.ended != "cancelled"]
        own = [it for it in alike if it.booker == seat.booker and not it.ended]
        if there or own:
            return seat.replace(code=_code(self._number()))
        return seat

    def _number(self) -> int:
        self.world.made += 1
        return self.world.made


def _code(number: int) -> str:
    return f"{48_314 + number}"
