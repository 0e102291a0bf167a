"""A port in memory: the terminal handset's, and the tests' of the menus. It keeps the same promises as the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from menus import words
from menus.days import waking
from menus.notices import Kind
from menus.port import (
    HOLDER,
    OFFERS_STOP,
    TAKE_BACK_WITHIN,
    Adverts,
    AdvertsAsked,
    AlreadyBooked,
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
    Said,
    Scheme,
    Slot,
    SlotTaken,
    Stop,
    Wait,
)
from menus.questions import completed
from menus.world import World

KEPT = timedelta(minutes=15)
OFFER_HOURS = 2  # waking ones


class MemoryPort:
    """One phone's port. What was done stands in `done`, a word each, for whoever watches."""

    def __init__(self, world: World, phone: str, now: datetime, known: Known | None = None) -> None:
        self.world, self.phone, self.now, self._known = world, phone, now, known or Known()
        self.done: list[str] = []
        self.consents: list[Consent] = []
        self._stopped: set[Stop] = set()
        self._takes_adverts = self._took_adverts = False

    def commune(self) -> Commune:
        return self.world.commune

    def hamlets(self) -> Sequence[Hamlet]:
        return self.world.hamlets

    def known(self) -> Known:
        return self._known

    def handset_of(self, tac: str) -> Handset:
        return self.world.handsets.get(tac, "unknown")

    def scheme(self) -> Scheme | None:
        return self.world.scheme

    def bring(self) -> Mapping[str, str] | None:
        return self.world.scheme.bring if self.world.scheme else None

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        found: dict[int, Event] = {}
        for slot, event in self.world.slots.values():
            if slot.starts > self.now and (self._left(slot) or self._early(slot)):
                seats = found[event.id].seats if event.id in found else 0
                found[event.id] = event.replace(seats=seats + self._left(slot))
        return sorted(found.values(), key=lambda event: (event.hamlet != hamlet, event.day, event.id))

    def slots(self, event: int) -> Sequence[Slot]:
        of_event = [self.slot(slot.id) for slot, its in self.world.slots.values() if its.id == event]
        seen = [slot for slot in of_event if slot and (slot.seats or self._early(slot))]
        return sorted(seen, key=lambda slot: slot.starts)

    def slot(self, slot: int) -> Slot | None:
        found, event = self.world.slots.get(slot, (None, None))
        if found is None or event is None or found.starts <= self.now:
            return None
        return found.replace(seats=self._left(found), event=event.id, hall=event.hall)

    def reminded(self) -> bool:
        return False

    def bookings(self) -> Sequence[Booking]:
        return sorted(
            (it for phone, it in self.world.bookings.values() if phone == self.phone), key=lambda it: it.starts
        )

    def booking(self, code: str = "") -> Booking | None:
        return next((it for it in self.bookings() if code in ("", it.code)), None)

    def wait(self, code: str = "") -> Wait | None:
        mine = [it for phone, it in self.world.waits.values() if phone == self.phone and code in ("", it.code)]
        return next((it for it in mine if it.until is None or it.until > self.now), None)

    def hold(self) -> Hold | None:
        held = self.world.holds.get(self.phone)
        return held if held and held.until > self.now else None

    def keep(self, slot: int, places: int = 1) -> Hold:
        self._free(slot, places)
        before = self.hold()
        code = before.code if before and before.slot == slot else self._code()
        held = Hold(code, slot, places, self.now + KEPT)
        self.world.holds[self.phone] = held
        self.done.append("keep")
        return held

    def let_go(self) -> None:
        self.world.holds.pop(self.phone, None)
        self.done.append("let go")

    def book(self, slot: int, said: Said, consent: Consent, party: Sequence[Guest] = (HOLDER,)) -> str:
        own = any(guest.holder for guest in party)
        phones = {guest.phone for guest in party} | ({self.phone} if own else set())
        if any(it.own and phone in phones for phone, it in self.world.bookings.values()):
            raise AlreadyBooked
        code = self._seated(slot, Booking(0, "", self.now, "", places=len(party), own=own, name=_called(party[0])))
        self._known = completed(self._known, said)
        self.consents.append(consent)
        self.done.append("book")
        return code

    def _seated(self, slot: int, like: Booking) -> str:
        found = self._free(slot, like.places)
        held = self.hold()
        self.world.holds.pop(self.phone, None)
        code = held.code if held and held.slot == slot else like.code or self._code()
        booking = like.replace(id=int(code), code=code, starts=found.starts, hall=found.hall, slot=slot)
        self.world.bookings[booking.id] = self.phone, booking
        return code

    def move(self, booking: int, slot: int) -> str:
        old = self._own(booking)
        found = self._free(slot, old.places)
        self.world.holds.pop(self.phone, None)
        moved = old.replace(starts=found.starts, hall=found.hall, revision=old.revision + 1, slot=slot)
        self.world.bookings[booking] = self.phone, moved
        self._offer(old.slot)
        self.done.append("move")
        return moved.code

    def cancel(self, booking: int) -> Booking:
        gone = self._own(booking)
        del self.world.bookings[booking]
        self.world.given_up[self.phone] = gone, self.now
        self._offer(gone.slot)
        self.done.append("cancel")
        return gone

    def take_back(self) -> str:
        gone, when = self.world.given_up.get(self.phone, (None, self.now))
        if gone is None or self.now - when > TAKE_BACK_WITHIN:
            raise NoSuchBooking
        if gone.own and any(it.own for it in self.bookings()):
            raise AlreadyBooked
        self.done.append("take back")
        return self._seated(gone.slot, gone)

    def wait_for(self, slot: int, said: Said, consent: Consent, party: Sequence[Guest] = (HOLDER,)) -> Wait:
        found = self.slot(slot)
        if found is None or found.seats or not self._early(found):
            raise SlotTaken
        before = self.wait()
        if before and before.until:
            raise AlreadyBooked
        if before:
            del self.world.waits[before.id]
        code = self._code()
        where = found.starts, found.hall, slot
        wait = Wait(self.world.made, code, *where, places=len(party), name=_called(party[0]))
        self.world.waits[wait.id] = self.phone, wait
        self.consents.append(consent)
        self.done.append("wait")
        return wait

    def accept(self, wait: int) -> str:
        offer = self.wait()
        if offer is None or offer.id != wait or offer.until is None:
            raise NoSuchBooking
        del self.world.waits[wait]
        self.world.holds[self.phone] = Hold(offer.code, offer.slot, offer.places, offer.until)
        self.done.append("accept")
        standing = next((it for it in self.bookings() if it.own), None)
        if standing and not offer.name:
            return self.move(standing.id, offer.slot)
        like = Booking(0, "", self.now, "", places=offer.places, own=not offer.name, name=offer.name)
        return self._seated(offer.slot, like)

    def leave(self, wait: int) -> None:
        mine = self.wait()
        if mine is None or mine.id != wait:
            raise NoSuchBooking
        del self.world.waits[wait]
        self._offer(mine.slot)
        self.done.append("leave")

    def coming(self, booking: int, consent: Consent) -> None:
        self._own(booking)
        self.done.append("coming")

    def may_move(self, booking: int, agreed: bool) -> None:
        changed = self._own(booking).replace(may_move=agreed)
        self.world.bookings[booking] = self.phone, changed
        self.done.append("may move")

    def ask_call(self, hamlet: int | None, consent: Consent) -> None:
        self.consents.append(consent)
        self.done.append("call")

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

    def asked_how_it_went(self) -> bool:
        return False

    def asked_for_adverts(self) -> AdvertsAsked | None:
        return None

    def rate(self, score: int) -> bool:
        self.done.append(f"rate {score}")
        return True

    def tell(self, kind: Kind) -> None:
        self.done.append(f"tell {kind}")

    def _early(self, slot: Slot) -> bool:
        return slot.starts - self.now > OFFERS_STOP

    def _taken(self, slot: Slot) -> int:
        """By bookings, offers, and what other phones keep."""
        world = self.world
        booked = sum(it.places for _, it in world.bookings.values() if it.slot == slot.id)
        offers = [it for _, it in world.waits.values() if it.until is not None and it.until > self.now]
        offered = sum(it.places for it in offers if it.slot == slot.id)
        held = [it for phone, it in world.holds.items() if phone != self.phone and it.until > self.now]
        return booked + offered + sum(it.places for it in held if it.slot == slot.id)

    def _left(self, slot: Slot) -> int:
        """What this phone may take: all that is free, or, while somebody waits, no more than it keeps already."""
        whole = self.world.slots[slot.id][0].seats - self._taken(slot)
        waited_for = any(it.slot == slot.id and it.until is None for _, it in self.world.waits.values())
        held = self.hold()
        if waited_for and self._early(slot):
            return min(whole, held.places) if held and held.slot == slot.id else 0
        return max(0, whole)

    def _free(self, slot: int, places: int) -> Slot:
        found = self.slot(slot)
        if found is None or found.seats < places:
            raise SlotTaken
        return found

    def _own(self, booking: int) -> Booking:
        own = next((it for it in self.bookings() if it.id == booking), None)
        if own is None:
            raise NoSuchBooking
        return own

    def _offer(self, slot: int) -> None:
        """The real clock does this: the first who waits is offered what is free."""
        found = self.world.slots[slot][0]
        for wait_id, (phone, wait) in self.world.waits.items():
            if wait.slot == slot and wait.until is None and found.seats - self._taken(found) >= wait.places:
                offered = wait.replace(until=waking(self.now, OFFER_HOURS))
                self.world.waits[wait_id] = phone, offered

    def _code(self) -> str:
        self.world.made += 1
        return f"{48_314 + self.world.made}"


def _called(guest: Guest) -> str:
    """As the hall's list has them; empty for the holder of the phone."""
    if guest.holder or guest.name:
        return guest.name
    return words.say(words.VIETNAMESE, "somebody", number=guest.number)
