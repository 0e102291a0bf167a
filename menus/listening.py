"""`python -m menus hear`: what one text is taken for, and what would be done, on the
sample commune in memory.

In and out a JSON line each. The text is heard by the very menus that answer residents;
what only the gateway knows (answers to a broadcast) is read as the gateway reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from menus import MENU, broadcast, hearing, words
from menus.core import Menu, Screen, Session, forgotten
from menus.days import TIMEZONE, today, waking
from menus.fitting import SMS, cost, on_wire
from menus.hearing import Meaning, Situation
from menus.hearing.folding import said_alone
from menus.hearing.reader import Asked, Last
from menus.hearing.rules import by_rules
from menus.hearing.weighing import label_of, rules_as_features
from menus.memory import MemoryPort
from menus.open_question import OF_TEXTS
from menus.port import (
    HOLDER,
    Adverts,
    AdvertsAsked,
    Asking,
    Booking,
    Consent,
    Event,
    Guest,
    Hold,
    Known,
    LastText,
    Logged,
    LoggedWork,
    Said,
    Slot,
    Stop,
    Wait,
)
from menus.sample import HAMLETS, sample_world
from menus.world import Seat, Waiting, World

PHONE, OTHER = "+84990000900", "+84990000901"
CODE = "48315"  # of the sample's own seat
ROW = 1  # of the log: the sample's own
HOME = 3  # the hamlet where whoever texts lives: Quảng Trung I
JUST_NOW = timedelta(minutes=5)  # so long ago our last text went out
STOPPED: Mapping[Stop, str] = {
    "advert": "stop adverts",
    "remind": "stop reminders",
    "all": "stop all",
}
AHEAD = 60  # days in which a weekday or a day of the month is looked for
# What is texted before, so that the question stands open.
LEADS_TO: Mapping[Last, tuple[str, ...]] = {
    "hamlets": ("DL",),
    "days": ("DL",),
    "times": ("DL", "1"),
    "confirm": ("DL", "1", "1"),
    "wait": ("DL", "1", "1"),
    "cancel": ("HUY LICH",),
    "move": ("DOI LICH",),
    "stop": ("dung nhan tin",),
}
SPEAKS_OF_A_SEAT: frozenset[Last] = frozenset({"cancel", "move", "reminder", "putoff"})


class _Where(NamedTuple):
    """Place, day and hour that a text spoke of; none of what it left out."""

    hamlet: str | None = None
    day: str | None = None  # ISO 8601
    time: str | None = None


class Booked(msgspec.Struct, frozen=True):
    """A seat that this phone has; `who` (in JSON `for`) is whom it is for, empty
    whoever texts.
    """

    code: str
    starts: str  # ISO 8601 with its offset
    hall: str
    who: str = msgspec.field(default="", name="for")


class Text(msgspec.Struct, frozen=True):
    """One text, the moment it comes, and what stands open on that phone."""

    text: str
    now: str  # ISO 8601 with its offset
    last: Last = "none"
    bookings: tuple[Booked, ...] = ()


class Taken(msgspec.Struct, frozen=True):
    """What it was taken for; null where nothing of the kind was said. `parts` is the
    price of the answer.
    """

    reads: str
    code: str | None
    hamlet: str | None
    day: str | None
    time: str | None
    many: int | None
    did: tuple[str, ...]
    asked: bool
    says: str
    parts: int
    why: str


class Listener(MemoryPort):
    """The phone that texts: it also notes in `did` what was carried out, with the code
    of the seat.
    """

    def __init__(self, world: World, now: datetime, last: Last, known: Known) -> None:
        super().__init__(world, PHONE, now, known)
        self.last = last
        self.did: list[str] = []

    def last_text(self, *, but_answers: bool = False) -> LastText | None:
        for kind, asked in OF_TEXTS.items():
            if asked == self.last:
                return LastText(kind, self.now - JUST_NOW)
        return None

    def asked_for_adverts(self) -> AdvertsAsked | None:
        if self.last != "consent":
            return None
        return AdvertsAsked("adverts_ask", self.now, open=True)

    def book(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> str:
        held = self.hold()
        code = super().book(slot, said, consent, party)
        takes_the_held = self.last == "held" and held is not None and held.code == code
        self.did.append(f"take {code}" if takes_the_held else "book")
        return code

    def wait_for(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> Wait:
        wait = super().wait_for(slot, said, consent, party)
        self.did.append(f"wait {wait.code}")
        return wait

    def accept(self, wait: int) -> str:
        code = super().accept(wait)
        self.did.append(f"take {code}")
        return code

    def leave(self, wait: int) -> None:
        mine = self.wait()
        super().leave(wait)
        if mine:
            verb = "give_up" if mine.until else "leave"
            self.did.append(f"{verb} {mine.code}")

    def coming(self, booking: int, consent: Consent) -> None:
        super().coming(booking, consent)
        self.did.append(f"coming {self.world.seats[booking].code}")

    def move(self, booking: int, slot: int) -> str:
        before = self.world.seats[booking].code
        code = super().move(booking, slot)
        self.did.append(f"move {before}")
        return code

    def cancel(self, booking: int) -> Booking:
        given_up = super().cancel(booking)
        self.did.append(f"cancel {given_up.code}")
        return given_up

    def take_back(self) -> str:
        code = super().take_back()
        self.did.append("book")
        return code

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        number = super().ask(asking, hamlet, consent)
        task = "call" if asking.kind == "call_me" else asking.kind
        self.did.append(f"task {task}")
        return number

    def opine(self, words: str) -> int:
        number = super().opine(words)
        self.did.append("task opinion")
        return number

    def let_go(self) -> None:
        held = self.hold()
        super().let_go()
        if held and self.last == "held":
            self.did.append(f"give_up {held.code}")

    def stop(self, what: Stop) -> bool:
        new = super().stop(what)
        self.did.append(STOPPED[what])
        return new

    def resume_texts(self) -> bool:
        self.did.append("start")
        return super().resume_texts()

    def agree_to_adverts(self, consent: Consent) -> Adverts:
        became = super().agree_to_adverts(consent)
        if became == "agreed":
            self.did.append("consent advert")
        return became

    def confirm_logged(self) -> None:
        super().confirm_logged()
        self.did.append(f"confirm {ROW}")

    def deny_logged(
        self, words: str, consent: Consent, works: Sequence[LoggedWork] = ()
    ) -> int:
        """The request that somebody calls is part of it."""
        number = super().deny_logged(words, consent, works)
        self.did.append(f"deny {ROW}")
        return number

    def rate(self, score: int) -> bool:
        kept = super().rate(score)
        if kept:
            self.did.append(f"rate {score}")
        return kept


@dataclass(slots=True)
class _Ear:
    """The menus with somebody who notes what was heard."""

    hears: Callable[[str, Situation], Meaning] = hearing.hear
    meaning: Meaning | None = None
    situation: Situation | None = None
    menu: Menu = field(init=False)

    def __post_init__(self) -> None:
        self.menu = copy(MENU)
        self.menu.hear = self._hear

    def _hear(self, written: str, now: Situation) -> Meaning:
        self.situation = now
        self.meaning = self.hears(written, now)
        return self.meaning


def hear(line: Text) -> Taken:
    """What the menus do with one text. Nothing is kept from one line to the next."""
    now = _moment(line.now)
    port = _port(line, now)
    ear = _Ear()
    session = _opened(line.last, port, now, MENU)
    port.did.clear()
    counted = broadcast.answer(line.text) if line.last == "broadcast" else "other"
    if counted in ("yes", "no"):
        thanks = on_wire(words.say(words.VIETNAMESE, f"broadcast_{counted}"), False)
        return _taken(
            port, Meaning("NOTHING"), session, Screen(thanks, ends=True), reads=counted
        )
    session, screen = ear.menu.turn(session, line.text, port, now)
    if (
        ear.meaning is None or ear.situation is None
    ):  # the question about adverts is answered before the menus hear
        reads = "yes" if "consent advert" in port.did else "no"
        return _taken(port, Meaning("NOTHING"), session, screen, reads=reads)
    return _taken(
        port,
        ear.meaning,
        session,
        screen,
        reads=label_of(ear.meaning, line.text, ear.situation),
    )


def heard_by_rules(line: Text) -> tuple[str, Asked, list[str]]:
    """What the reader is given of a text: the words, what was asked, and what the rules
    alone read.
    """
    written = said_alone(line.text)
    situation = _situation(line)
    ruled = by_rules(written, situation)
    label = label_of(ruled, written, situation)
    return written, line.last, rules_as_features(ruled, label, written, situation)


def _situation(line: Text) -> Situation:
    """What the text is heard against; to adverts and broadcasts an answer is read
    before the menus hear.
    """
    now = _moment(line.now)
    alone = Situation(today(now), asked=line.last)
    if line.last in ("consent", "broadcast"):
        return alone
    port = _port(line, now)
    ear = _Ear(by_rules)
    session = _opened(line.last, port, now, ear.menu)
    ear.menu.turn(session, line.text, port, now)
    return ear.situation or alone


def _moment(written: str) -> datetime:
    """Raises ValueError for what is no moment, or bears no offset."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(f"{written} needs its offset, as in 2026-12-03T09:00+07:00")
    return moment


def _port(line: Text, now: datetime) -> Listener:
    """The sample commune as it stands for this phone: its bookings, and what its last
    text spoke of.
    """
    world = sample_world(now)
    known = Known() if line.last == "hamlets" else Known(hamlet=HOME)
    port = Listener(world, now, line.last, known)
    for booked in line.bookings:
        _book(world, booked)
    if line.last in SPEAKS_OF_A_SEAT and not line.bookings:
        seat = Seat(_next(world), CODE, 1, PHONE, PHONE, may_move=line.last == "putoff")
        _seat(world, seat)
    code = line.bookings[0].code if line.bookings else CODE
    _stand_open(line.last, world, code, now)
    return port


def _stand_open(last: Last, world: World, code: str, now: datetime) -> None:
    """The seat that is offered, kept, missed or to be rated; or the full time that can
    only be waited for.
    """
    first = world.slots[1][0]
    if last == "offer":
        wait = Wait(
            _next(world),
            CODE,
            first.starts,
            world.slots[1][1].hall,
            1,
            until=waking(now, 2),
        )
        world.waits[wait.id] = Waiting(PHONE, wait)
    elif last == "held":
        world.holds[PHONE] = Hold(CODE, 1, 1, now + timedelta(minutes=12)), False
    elif last in ("missed", "rate"):
        ended: Literal["missed", "came"] = "missed" if last == "missed" else "came"
        _seat(
            world,
            Seat(
                _next(world),
                code,
                1,
                PHONE,
                PHONE,
                ended=ended,
                at=now - timedelta(days=1),
            ),
        )
    elif last == "logged":
        done: tuple[LoggedWork, ...] = ("sim_4g", "handset_volte")
        row = Logged(today(now), world.slots[1][1].hall, done)
        world.logged[PHONE] = (row,)
        world.logged_asked[PHONE] = row
    elif last == "wait":
        for _ in range(first.seats):
            number = _next(world)
            _seat(
                world, Seat(number, f"{60_000 + number}", 1, f"{OTHER} {number}", OTHER)
            )


def _book(world: World, booked: Booked) -> None:
    """Put in also where no session stands."""
    who = PHONE
    if booked.who:
        who = f"{PHONE} {booked.who}"
        world.names[who] = booked.who
    slot = _slot_at(world, _moment(booked.starts), booked.hall)
    seat = Seat(_next(world), booked.code, slot, who, PHONE)
    _seat(world, seat)


def _slot_at(world: World, starts: datetime, hall: str) -> int:
    for slot, event in world.slots.values():
        if slot.starts == starts and event.hall == hall:
            return slot.id
    return _new_slot(world, starts, hall)


def _new_slot(world: World, starts: datetime, hall: str) -> int:
    number = max(world.slots) + 1
    hamlets = (hamlet.id for hamlet in world.hamlets if hall.endswith(hamlet.name))
    place = next(hamlets, None)
    day = starts.astimezone(TIMEZONE).date()
    event = Event(number + 100, day, hall, place, 0)
    world.slots[number] = Slot(number, starts, 6), event
    return number


def _seat(world: World, seat: Seat) -> None:
    world.seats[seat.id] = seat


def _next(world: World) -> int:
    world.made += 1
    return world.made


def _opened(last: Last, port: Listener, now: datetime, menu: Menu) -> Session:
    """The conversation with that question open: led there by the texts that lead there."""
    session = Session(PHONE, "sms", budget=SMS)
    if last == "menu":
        session, _ = menu.turn(session, None, port, now)
    for written in LEADS_TO.get(last, ()):
        session, _ = menu.turn(session, written, port, now)
    if last not in (
        "none",
        "menu",
        *LEADS_TO,
    ):  # a text of ours came last: no list stands open
        session = forgotten(session).replace(at=now - JUST_NOW)
    return session


def _taken(
    port: Listener, meaning: Meaning, session: Session, screen: Screen, reads: str
) -> Taken:
    where = _where(port, meaning)
    return Taken(
        reads=reads,
        code=meaning.code or None,
        hamlet=where.hamlet,
        day=where.day,
        time=where.time,
        many=meaning.many or None,
        did=tuple(port.did),
        asked=bool(session.offered) or meaning.word == "ASK",
        says=screen.text,
        parts=cost(screen.text).parts,
        why=_why(meaning, reads, port.did),
    )


def _where(port: Listener, meaning: Meaning) -> _Where:
    if meaning.word == "PICK":
        return _picked(port, meaning)
    return _said(meaning, today(port.now))


def _said(meaning: Meaning, here: date) -> _Where:
    """Place, day and hour as the text itself named them."""
    hamlet = HAMLETS[int(meaning.hamlet) - 1] if meaning.hamlet else None
    day = _day(meaning, here)
    time = str(meaning.time) if meaning.time else None
    return _Where(hamlet, _iso(day), time)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _picked(port: Listener, meaning: Meaning) -> _Where:
    """Place, day or hour of the line that was picked."""
    picked = int(meaning.picked) if meaning.picked.isdigit() else 0
    slots = port.world.slots
    if port.last == "hamlets" and picked:
        return _Where(hamlet=HAMLETS[picked - 1])
    if port.last in ("days", "move"):
        days = {event.id: event.day for _, event in slots.values()}
        return _Where(day=_iso(days.get(picked)))
    if port.last == "times" and picked in slots:
        slot, event = slots[picked]
        starts = slot.starts.astimezone(TIMEZONE)
        return _Where(day=_iso(event.day), time=f"{starts:%H:%M}")
    return _Where()


def _day(meaning: Meaning, here: date) -> date | None:
    """The first day from today on that was meant."""
    if meaning.day is None:
        return None
    for days in range(AHEAD):
        day = here + timedelta(days=days)
        if meaning.day.is_on(day, here):
            return day
    return None


def _why(meaning: Meaning, reads: str, did: Sequence[str]) -> str:
    """One line for staff, in Vietnamese as the desk's first language."""
    if meaning.word == "ASK":
        between = ", ".join(meaning.perhaps) or "không rõ việc gì"
        return f"Chưa rõ ({between}): hỏi lại, chưa làm gì."
    if meaning.word == "PICK":
        return f"Trả lời câu đang hỏi: {meaning.picked}."
    if meaning.word == "NOTHING" and reads in ("talk", "thanks"):
        return "Không thấy yêu cầu nào: chưa làm gì."
    done = ", ".join(did) or "chưa làm gì, chỉ hỏi hoặc báo"
    return f"Hiểu là {reads}: {done}."


def lines(source: Iterable[str], write: Callable[[str], object]) -> None:
    """Hear each JSON line of `source`. Raises ValueError, which names the line, for one
    that is none.
    """
    decoder = msgspec.json.Decoder(Text)
    encoder = msgspec.json.Encoder()
    for number, written in enumerate(source, 1):
        if not written.strip():
            continue
        try:
            taken = hear(decoder.decode(written))
        except ValueError as error:  # msgspec's are
            raise ValueError(f"line {number}: {error}") from error
        as_json = encoder.encode(taken)
        write(as_json.decode())
