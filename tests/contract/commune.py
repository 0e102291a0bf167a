"""A small commune for stories that must end alike whichever port is behind the menus:
in memory, or over a database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from db import sessions
from db.calendar import events
from db.changes import days
from db.changes import parents as changes
from db.models import classes, event_services, hamlet_aliases, schemes, tac
from db.notices import logged
from db.places import information
from db.port import DbPort
from db.progress import conversions
from db.register import facts, identity, people
from db.seats import attendance, bookings, parties, waiting
from db.store.engine import Tx, to_ms
from db.texts import adverts, outbox, stops
from menus.days import at_local, today
from menus.memory import MemoryPort
from menus.notices import Kind
from menus.port import (
    Booking,
    Consent,
    Event,
    EventKind,
    Guest,
    Hamlet,
    Handset,
    Known,
    Logged,
    LoggedWork,
    Occasion,
    Poor,
    Port,
    Said,
    Scheme,
    School,
    Service,
    Slot,
    Source,
)
from menus.port import Commune as CommuneSaid
from menus.session import Session
from menus.topics import Topic
from menus.world import CommuneFact, World
from tests import factories

NOW = datetime(2024, 4, 12, 2, 0, tzinfo=UTC)  # Friday 12 April 2024, 09:00
TODAY, SUNDAY, TUESDAY = date(2024, 4, 12), date(2024, 4, 14), date(2024, 4, 16)
HAMLETS = ("Quảng Trung I", "Quảng Trung II")
SAID, YES = Said(), Consent("confirm:test", "1")
KEY = "a privacy key of the tests"
MOTHER = Guest("Lý Thị Mẫu")
ID = {"vi": "CCCD", "en": "ID card"}


class Commune(ABC):
    """Two hamlets with a hall each, a hall of the whole commune, and three days; who
    acts is a number of a phone.

    Today at 14:00 and 14:30 there is one seat each, too late to wait for; on Sunday at
    08:00 and 08:30 two each; on Tuesday at 08:00 three, in the other hamlet.
    """

    now: datetime
    hamlets: tuple[int, int]
    today: tuple[int, ...]
    sunday: tuple[int, ...]
    tuesday: tuple[int, ...]

    def settle(self) -> None:
        self.now, self._others = NOW, count(50)
        self._took: list[int] = []
        self.today = self.opens(at_local(TODAY, "14:00"), slots=2, seats=1, hamlet=None)
        self.sunday = self.opens(at_local(SUNDAY, "08:00"), slots=2, seats=2, hamlet=0)
        self.tuesday = self.opens(
            at_local(TUESDAY, "08:00"), slots=1, seats=3, hamlet=1
        )

    @abstractmethod
    def phone(self, number: int) -> Port:
        """What this phone sees and may do at this moment."""

    @abstractmethod
    def opens(
        self, starts: datetime, *, slots: int, seats: int, hamlet: int | None
    ) -> tuple[int, ...]:
        """An event at that hamlet's hall, or at the commune's; its slots."""

    @abstractmethod
    def holds(
        self,
        starts: datetime,
        *,
        hamlet: int | None,
        kind: EventKind,
        number: int = 0,
        hours: int = 2,
    ) -> int:
        """An event without times to book, at which one can open an account and bring
        nothing but an ID card; its id.
        """

    @abstractmethod
    def calls_off(self, event: int) -> None:
        """An event without times is cancelled."""

    @abstractmethod
    def calls_it(self, slot: int, kind: EventKind) -> int:
        """The event of this time is of that kind; its id."""

    @abstractmethod
    def gives(self, slot: int, *services: Service) -> None:
        """One can get these at the event of this time."""

    @abstractmethod
    def clock(self) -> None:
        """It looks at what ran out and what came free, as it does every minute."""

    @abstractmethod
    def comes(self, number: int) -> None:
        """All that come with this phone's booking are checked in."""

    @abstractmethod
    def registered(
        self,
        number: int,
        *,
        name: str = "",
        hamlet: int | None = None,
        handset: Handset = "unknown",
        poor: Poor = "unknown",
    ) -> None:
        """A clerk put whoever holds this phone in the register."""

    @abstractmethod
    def school(self, name: str, *parents: int) -> int:
        """A school with these phones on its list of parents; its id."""

    @abstractmethod
    def asked_of(self, number: int) -> tuple[int | None, bool]:
        """Which school the request of that number is to, and whether it may see it."""

    @abstractmethod
    def scheme(self, *, opens: date, closes: date, stock: int | None = None) -> None:
        """From now on this is the scheme there is."""

    @abstractmethod
    def says(
        self, topic: Topic, said: str, *, since: date, until: date | None = None
    ) -> None:
        """Staff write it, in both languages alike."""

    @abstractmethod
    def asked(self, topic: Topic, day: date) -> int:
        """So often it was asked about on that day."""

    @abstractmethod
    def model(self, digits: str, handset: Handset) -> None:
        """The list of models says so."""

    @abstractmethod
    def texts(self, number: int, kind: Kind) -> int:
        """So many of this kind were sent to this phone."""

    @abstractmethod
    def calls(self) -> int:
        """So many wait to be called."""

    @abstractmethod
    def sent(self, number: int, kind: Kind) -> None:
        """A text of ours has left for this phone."""

    @abstractmethod
    def asked_about_the_log(self, number: int, *done: LoggedWork) -> None:
        """Staff logged this today, and the text that asks about it has left."""

    @abstractmethod
    def undone(self, number: int) -> None:
        """Staff take back all that was logged for this phone's holder."""

    @abstractmethod
    def asked_for_adverts(self, number: int) -> None:
        """The one question about them has left for this phone."""

    @abstractmethod
    def on_do_not_call_list(self, number: int) -> None: ...

    @abstractmethod
    def spoken(self, number: int) -> tuple[str, bool]:
        """In which language this phone gets its texts, and whether with tone marks."""

    @abstractmethod
    def dropped(self, number: int, slot: int, *party: Guest) -> None:
        """A call that had come as far as naming those who are to come."""

    @abstractmethod
    def draws(self, *codes: str) -> None:
        """These are the next codes."""

    @abstractmethod
    def closes(self, slot: int) -> None:
        """Staff take no more bookings for the day of this time."""

    def goes_by(self, **how_long: float) -> None:
        """Time, with nobody looking."""
        self.now += timedelta(**how_long)

    def fills(self, slot: int, but: int = 0) -> list[int]:
        """Phones that nobody has seen before take every seat there is, but for so many;
        which.
        """
        found = self.phone(next(self._others)).slot(slot)
        taken = [next(self._others) for _ in range(found.seats - but if found else 0)]
        for number in taken:
            self.books(number, slot)
        self._took += taken
        return taken

    def strangers(self) -> list[int]:
        """Those of them who still have something to give up."""
        return [number for number in self._took if self.phone(number).bookings()]

    def books(self, number: int, slot: int, *party: Guest) -> Booking:
        """As it then stands for this phone."""
        port = self.phone(number)
        booked = port.booking(
            port.book(slot, SAID, YES, party) if party else port.book(slot, SAID, YES)
        )
        assert booked is not None
        return booked

    def seats(self, number: int, slot: int) -> int:
        found = self.phone(number).slot(slot)
        assert found is not None
        return found.seats


class InMemory(Commune):
    def __init__(self) -> None:
        self.hamlets = (1, 2)
        called = [Hamlet(1, HAMLETS[0], ("q trung 1",)), Hamlet(2, HAMLETS[1])]
        self.world = World(CommuneSaid(1, "Xã Quảng Lạc", "2404"), called, None, {})
        self._ports: dict[int, MemoryPort] = {}
        self.settle()

    def phone(self, number: int) -> MemoryPort:
        port = self._ports.setdefault(
            number, MemoryPort(self.world, factories.phone(number), self.now)
        )
        port.now = self.now
        return port

    def opens(
        self, starts: datetime, *, slots: int, seats: int, hamlet: int | None
    ) -> tuple[int, ...]:
        number = 1_000 + len(self.world.slots)
        home = None if hamlet is None else self.hamlets[hamlet]
        event = Event(number, today(starts), _hall(hamlet), home, 0)
        made = [
            Slot(number + 5_000 + n, starts + n * timedelta(minutes=30), seats)
            for n in range(slots)
        ]
        self.world.slots |= {slot.id: (slot, event) for slot in made}
        return tuple(slot.id for slot in made)

    def holds(
        self,
        starts: datetime,
        *,
        hamlet: int | None,
        kind: EventKind,
        number: int = 0,
        hours: int = 2,
    ) -> int:
        home = None if hamlet is None else self.hamlets[hamlet]
        event = 9_000 + len(self.world.without_times)
        place = (
            HAMLETS[hamlet]
            if hamlet is not None and kind in ("street", "visits")
            else _hall(hamlet)
        )
        self.world.without_times.append(
            Occasion(
                event,
                kind,
                starts,
                starts + timedelta(hours=hours),
                place,
                home,
                number,
                False,
                ID,
                ("account",),
            )
        )
        return event

    def calls_off(self, event: int) -> None:
        held = self.world.without_times
        self.world.cancelled += [one for one in held if one.id == event]
        self.world.without_times = [one for one in held if one.id != event]

    def calls_it(self, slot: int, kind: EventKind) -> int:
        event = self.world.slots[slot][1]
        named = event.replace(kind=kind)
        self.world.slots |= {
            key: (it, named)
            for key, (it, its) in self.world.slots.items()
            if its.id == event.id
        }
        return event.id

    def gives(self, slot: int, *services: Service) -> None:
        event = self.world.slots[slot][1]
        self.world.services[event.id] = services

    def clock(self) -> None:
        self.world.clock(self.now)

    def comes(self, number: int) -> None:
        ids = {booking.id for booking in self.phone(number).bookings()}
        parties = {self.world.seats[one].party for one in ids} - {0}
        for seat in list(self.world.seats.values()):
            if not seat.ended and (seat.id in ids or seat.party in parties):
                self.world.seats[seat.id] = seat.replace(ended="came", at=self.now)

    def registered(
        self,
        number: int,
        *,
        name: str = "",
        hamlet: int | None = None,
        handset: Handset = "unknown",
        poor: Poor = "unknown",
    ) -> None:
        said = {
            "hamlet": hamlet is not None,
            "handset": handset != "unknown",
            "poor": poor != "unknown",
        }
        sources: Mapping[str, Source] = {
            kind: "register" for kind, known in said.items() if known
        }
        home = None if hamlet is None else self.hamlets[hamlet]
        self.world.names[factories.phone(number)] = name
        self.world.known[factories.phone(number)] = Known(
            home, handset, poor=poor, sources=sources
        )

    def school(self, name: str, *parents: int) -> int:
        made = School(601 + len(self.world.schools), name)
        self.world.schools.append(made)
        for number in parents:
            phone = factories.phone(number)
            before = self.world.parents.get(phone, ())
            self.world.parents[phone] = (*before, made.id)
        return made.id

    def asked_of(self, number: int) -> tuple[int | None, bool]:
        return self.world.schools_asked.get(number, (None, False))

    def scheme(self, *, opens: date, closes: date, stock: int | None = None) -> None:
        self.world.scheme = Scheme(
            "Đợt 1",
            opens,
            closes,
            None,
            frozenset({"2g"}),
            None,
            "any",
            True,
            stock,
            {"vi": "CCCD", "en": "ID card"},
        )

    def says(
        self, topic: Topic, said: str, *, since: date, until: date | None = None
    ) -> None:
        self.world.facts.append(
            CommuneFact(topic, {"vi": said, "en": said}, since, until)
        )

    def asked(self, topic: Topic, day: date) -> int:
        return self.world.asked.count((topic, day))

    def model(self, digits: str, handset: Handset) -> None:
        self.world.handsets[digits] = handset

    def texts(self, number: int, kind: Kind) -> int:
        return self.phone(number).done.count(f"tell {kind}")

    def calls(self) -> int:
        return sum(request.kind == "call_me" for _, request in self.world.requests)

    def sent(self, number: int, kind: Kind) -> None:
        pytest.skip("the port in memory sends no texts, so none was the last")

    def asked_about_the_log(self, number: int, *done: LoggedWork) -> None:
        about = Logged(today(self.now), "", done)
        self.world.logged_asked[factories.phone(number)] = about

    def undone(self, number: int) -> None:
        about = self.world.logged_asked[factories.phone(number)]
        self.world.logged_asked[factories.phone(number)] = about.replace(done=())

    def asked_for_adverts(self, number: int) -> None:
        pytest.skip("the port in memory sends no texts, so it never asks for adverts")

    def on_do_not_call_list(self, number: int) -> None:
        pytest.skip(
            "the port in memory sends no adverts, so it reads no do-not-call list"
        )

    def spoken(self, number: int) -> tuple[str, bool]:
        pytest.skip(
            "the port in memory sends no texts, so nobody reads in which language they would be"
        )

    def dropped(self, number: int, slot: int, *party: Guest) -> None:
        pytest.skip(
            "the port in memory sees no calls: who was named stays with the call that kept the seats"
        )

    def draws(self, *codes: str) -> None:
        pytest.skip(
            "the port in memory never draws a code twice, so none is in use where a booking moves"
        )

    def closes(self, slot: int) -> None:
        pytest.skip("every day in memory is open: it has no staff")


class OverADatabase(Commune):
    """All of a story in one transaction, which nobody keeps."""

    def __init__(self, tx: Tx, patch: pytest.MonkeyPatch) -> None:
        self.tx, self._patch = tx, patch
        self.hamlets = (
            factories.hamlet(tx, HAMLETS[0], 1),
            factories.hamlet(tx, HAMLETS[1], 2),
        )
        factories.insert_row(
            tx, hamlet_aliases, hamlet_id=self.hamlets[0], folded="q trung 1"
        )
        homes = {None: None, 0: self.hamlets[0], 1: self.hamlets[1]}
        self._halls = {
            which: factories.hall(tx, home, _hall(which))
            for which, home in homes.items()
        }
        self._staff = factories.staff(tx)
        self.settle()

    def phone(self, number: int) -> Port:
        return DbPort(
            self.tx,
            commune_id=factories.COMMUNE,
            phone=factories.phone(number),
            channel="ussd",
            now=self.now,
            privacy_key=KEY,
            acting=self.tx.savepoint,
        )

    def opens(
        self, starts: datetime, *, slots: int, seats: int, hamlet: int | None
    ) -> tuple[int, ...]:
        return factories.event_with_slots(
            self.tx,
            hall_id=self._halls[hamlet],
            starts=starts,
            slots_=slots,
            capacity=seats,
        ).slots

    def holds(
        self,
        starts: datetime,
        *,
        hamlet: int | None,
        kind: EventKind,
        number: int = 0,
        hours: int = 2,
    ) -> int:
        said: dict[str, Any] = {
            "kind": kind,
            "bookable": False,
            "number": number or None,
            "bring": "CCCD",
            "bring_en": "ID card",
        }
        made = factories.event_with_slots(
            self.tx,
            hall_id=self._halls[hamlet],
            starts=starts,
            minutes=60 * hours,
            capacity=0,
            **said,
        )
        self.tx.run(event_services.insert().values(event_id=made.id, service="account"))
        return made.id

    def calls_off(self, event: int) -> None:
        days.cancel(self.tx, event, now=to_ms(self.now))

    def calls_it(self, slot: int, kind: EventKind) -> int:
        event = int(
            self.tx.value(
                text("SELECT event_id FROM slots WHERE id = :slot"), slot=slot
            )
        )
        self.tx.run(
            text("UPDATE events SET kind = :kind WHERE id = :event"),
            kind=kind,
            event=event,
        )
        return event

    def gives(self, slot: int, *services: Service) -> None:
        event = self.tx.value(
            text("SELECT event_id FROM slots WHERE id = :slot"), slot=slot
        )
        for service in services:
            self.tx.run(event_services.insert().values(event_id=event, service=service))

    def clock(self) -> None:
        """As scheduler/upkeep.py does, each step of which would be a transaction of its
        own.
        """
        now = to_ms(self.now)
        waiting.pass_on(self.tx, now)
        waiting.close_lists(self.tx, now)
        for slot in waiting.freed_slots(self.tx, now):
            waiting.offer_freed(self.tx, slot, now)

    def comes(self, number: int) -> None:
        for booking in self.phone(number).bookings():
            for row in parties.standing(self.tx, booking.id):
                attendance.attend(
                    self.tx,
                    booking_id=row.id,
                    now=to_ms(self.now),
                    staff_id=self._staff,
                )

    def registered(
        self,
        number: int,
        *,
        name: str = "",
        hamlet: int | None = None,
        handset: Handset = "unknown",
        poor: Poor = "unknown",
    ) -> None:
        home = None if hamlet is None else self.hamlets[hamlet]
        who = factories.person(self.tx, number=number, name=name, hamlet_id=home)
        for kind, value in (("handset", handset), ("poor", poor)):
            if value != "unknown":
                facts.note(self.tx, who, kind, "register", value, 0)

    def school(self, name: str, *parents: int) -> int:
        made = factories.business(self.tx, kind="school", name=name)
        of_class = factories.insert_row(self.tx, classes, school_id=made, name="3A")
        for number in parents:
            changes.agree(
                self.tx,
                class_id=of_class,
                phone=factories.phone(number),
                agreed_on=TODAY,
                commune_id=factories.COMMUNE,
                staff_id=self._staff,
                now=to_ms(self.now),
                privacy_key=KEY,
            )
        return made

    def asked_of(self, number: int) -> tuple[int | None, bool]:
        row = self.tx.all(
            text("SELECT school_id, told_at FROM requests WHERE number = :number"),
            number=number,
        )[0]
        return row.school_id, row.told_at is not None

    def scheme(self, *, opens: date, closes: date, stock: int | None = None) -> None:
        self.tx.run(schemes.delete())
        factories.insert_row(
            self.tx,
            schemes,
            programme_id=factories.PROGRAMME,
            name="Đợt 1",
            opens=opens.isoformat(),
            closes=closes.isoformat(),
            handsets='["2g"]',
            poor="any",
            one_per_household=True,
            stock=stock,
            bring="CCCD",
            bring_en="ID card",
        )

    def says(
        self, topic: Topic, said: str, *, since: date, until: date | None = None
    ) -> None:
        written = information.Written(
            said, said, since.isoformat(), until.isoformat() if until else ""
        )
        information.write(
            self.tx,
            factories.COMMUNE,
            topic,
            written,
            staff_id=self._staff,
            form_key=None,
            now=to_ms(self.now),
        )

    def asked(self, topic: Topic, day: date) -> int:
        counted = text(
            "SELECT count FROM fact_tallies WHERE topic = :topic AND day = :day"
        )
        return int(self.tx.value(counted, topic=topic, day=day.isoformat()) or 0)

    def model(self, digits: str, handset: Handset) -> None:
        self.tx.run(tac.insert().values(tac=digits, handset=handset))

    def texts(self, number: int, kind: Kind) -> int:
        sent = text(
            "SELECT COUNT(*) FROM messages WHERE phone = :phone AND kind = :kind AND direction = 'out'"
        )
        return int(self.tx.value(sent, phone=factories.phone(number), kind=kind))

    def calls(self) -> int:
        return int(
            self.tx.value(
                text(
                    "SELECT COUNT(*) FROM requests WHERE kind = 'call_me' AND state = 'open'"
                )
            )
        )

    def sent(self, number: int, kind: Kind) -> None:
        at = to_ms(self.now)
        made = outbox.post(
            self.tx,
            kind=kind,
            commune_id=factories.COMMUNE,
            phone=factories.phone(number),
            now=at,
        )
        self._left(made)

    def asked_about_the_log(self, number: int, *done: LoggedWork) -> None:
        now = to_ms(self.now)
        phone = factories.phone(number)
        person = people.ensure(
            self.tx, commune_id=factories.COMMUNE, phone=phone, now=now, origin="staff"
        )
        for work in done:
            entry = conversions.log(
                self.tx,
                programme_id=factories.PROGRAMME,
                indicator=work,
                subject_id=person.id,
                at=now,
                staff_id=self._staff,
            )
            assert entry is not None
            logged.ask(self.tx, entry, now=now)
        texts = text(
            "SELECT MAX(id) FROM messages WHERE phone = :phone AND kind = 'logged'"
        )
        self._left(self.tx.value(texts, phone=phone))

    def undone(self, number: int) -> None:
        ids = text(
            "SELECT c.id FROM conversions c JOIN people p ON p.id = c.subject_id WHERE p.phone = :phone"
        )
        for row in self.tx.all(ids, phone=factories.phone(number)):
            conversions.undo(
                self.tx,
                conversion_id=row.id,
                at=to_ms(self.now),
                staff_id=self._staff,
                reason="nhầm",
            )

    def asked_for_adverts(self, number: int) -> None:
        phone = factories.phone(number)
        assert adverts.ask(
            self.tx,
            privacy_key=KEY,
            phone=phone,
            commune_id=factories.COMMUNE,
            now=to_ms(self.now),
        )
        self._left(
            self.tx.value(
                text("SELECT MAX(id) FROM messages WHERE phone = :phone"), phone=phone
            )
        )

    def _left(self, message: int | None) -> None:
        gone = text(
            "UPDATE messages SET status = 'SENT', sent_at = :now WHERE id = :id"
        )
        self.tx.run(gone, id=message, now=to_ms(self.now))

    def on_do_not_call_list(self, number: int) -> None:
        who = identity.who(KEY, factories.phone(number))
        stops.do_not_call(self.tx, who, to_ms(self.now))

    def spoken(self, number: int) -> tuple[str, bool]:
        spoken = text("SELECT language, marks FROM people WHERE phone = :phone")
        row = self.tx.one(spoken, phone=factories.phone(number))
        assert row is not None
        return row.language, bool(row.marks)

    def dropped(self, number: int, slot: int, *party: Guest) -> None:
        call = Session(
            factories.phone(number), "ussd", answers={"slot": str(slot)}, party=party
        )
        sessions.save(
            self.tx, sessions.guard(self.tx, sessions.Kept(call), self.now), self.now
        )

    def draws(self, *codes: str) -> None:
        self._patch.setattr(bookings, "draw_code", iter(codes).__next__)

    def closes(self, slot: int) -> None:
        events.close(
            self.tx,
            self.tx.value(
                text("SELECT event_id FROM slots WHERE id = :slot"), slot=slot
            ),
        )


def _hall(hamlet: int | None) -> str:
    return "Hội trường phường" if hamlet is None else f"NVH {HAMLETS[hamlet]}"
