"""A commune that tells its people something, with a carrier that does what it is told,
and a process that can die.

Everything is in one process, and time is what the story says: a story is told again as
it was.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread
from typing import Any, TypeVar

from sqlalchemy import text

from db.broadcasts import control, drafts
from db.broadcasts.drafts import Draft
from db.broadcasts.errors import CannotDo
from db.changes import numbers
from db.models import installation, metadata, wishes
from db.privacy import erasure
from db.register import identity
from db.store.engine import Database, Tx, from_ms, to_ms
from db.store.statements import Row
from db.texts import outbox, stops
from gateway.transports.base import (
    BadNumber,
    Outbound,
    Throttled,
    Uncertain,
    Unreachable,
)
from menus.days import local
from menus.port import AlreadyBooked, SlotTaken
from scheduler import broadcasts, upkeep
from scheduler.sending import Sending
from settings import Settings
from tests import factories

T = TypeVar("T")
PEOPLE, NUMBERS = 7, 11  # more numbers than people: they move
KEPT = {
    "communes",
    "commune_names",
    "programmes",
    "indicators",
    "alembic_version",
    "installation",
}
CARRIER = "stand-in"

# Whom a broadcast is for, and what else it may say.
RULES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"booked": False},
    {"hamlet": ["Quảng Trung I"]},
    {"handset": ["2g"]},
)


class Killed(BaseException):
    """`kill -9`: nothing that was to come comes, and nobody is told."""


class Away(Exception):
    """The database is gone: whoever asked does not know whether what they did last is
    kept.
    """


@dataclass(slots=True)
class Mortal:
    """A database whose process dies at one of its next transactions, just before it or
    just after; or which goes away then, and its process lives on.
    """

    db: Database
    lives: int | None = None  # transactions until then; none: it lives
    done: bool = False  # the last one is kept
    outcome: type[BaseException] = Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)

    def again(self, work: Callable[[Tx], T], tries: int = 5, durable: bool = True) -> T:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                if self.done:
                    self.db.again(work, tries, durable)
                raise self.outcome
        return self.db.again(work, tries, durable)


@dataclass(frozen=True, slots=True)
class Taken:
    """A text that the carrier took: of which message, for which number."""

    message: int
    to: str


@dataclass(slots=True)
class Carrier:
    """Does with the next texts what stands in `will`, in that order, and takes whatever
    comes after.
    """

    world: World
    will: deque[str] = field(default_factory=deque)
    taken: list[Taken] = field(default_factory=list)
    # what was handed over and must not have been
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    name = CARRIER
    repeat_is_safe = False
    at_once = 3

    def hand_over(self, outbound: Outbound, now: datetime) -> str | None:
        with self.lock:
            will = self.will.popleft() if self.will else "takes"
        if will == "refuses":
            raise Throttled("too fast")
        if will == "is away":
            raise Unreachable("no connection")
        if will == "knows no such number":
            raise BadNumber("no such number")
        if will == "dies before":
            raise Killed
        with self.lock:
            self.taken.append(Taken(outbound.id, outbound.to))
            self.wrong += self.world.against(outbound, now)
        if will == "dies after":
            raise Killed
        if will == "reports first":
            self.world.reports(outbound.id, "DELIVERED")
        if will == "is silent":
            raise Uncertain("no answer")
        return None


class Way:
    """The carrier as one clock reaches it: what it hands over bears the time of that
    clock.
    """

    name, repeat_is_safe, at_once = (
        Carrier.name,
        Carrier.repeat_is_safe,
        Carrier.at_once,
    )

    def __init__(self, carrier: Carrier, clock: Callable[[], datetime]) -> None:
        self._carrier, self._clock = carrier, clock

    def send(self, outbound: Outbound) -> str | None:
        return self._carrier.hand_over(outbound, self._clock())


class Clock:
    """One clock process, whose server may be some minutes wrong."""

    def __init__(self, world: World, skew: timedelta = timedelta()) -> None:
        self.world, self.skew = world, skew
        self.begin()

    def begin(self) -> None:
        """A new process: it remembers nothing."""
        self.mortal = Mortal(self.world.db)
        self.sending = Sending(self.mortal, self.world.settings, self.time)  # type: ignore[arg-type]  # as good as one
        self.sending._senders._senders[CARRIER] = Way(self.world.carrier, self.time)

    def time(self) -> datetime:
        return self.world.now + self.skew

    def runs(
        self,
        *jobs: str,
        lives: int | None = None,
        done: bool = False,
        outcome: type[BaseException] = Killed,
    ) -> None:
        """These jobs once; it may be killed meanwhile, and is then another process, or
        lose its database.
        """
        self.mortal.lives, self.mortal.done, self.mortal.outcome = lives, done, outcome
        do: Mapping[str, Callable[[], object]] = {
            "expire": lambda: upkeep.expire(self.mortal, self.time()),  # type: ignore[arg-type]  # a stand-in that can be broken off
            "tend": lambda: broadcasts.tend(
                self.mortal,  # type: ignore[arg-type]  # a stand-in that can be broken off
                self.world.settings,
                self.time(),
            ),
            "send": self.sending.until_empty,
        }
        try:
            for job in jobs:
                do[job]()
        except Killed:
            self.begin()
        except Away:
            pass  # the job failed, and will run again
        self.mortal.lives = None


class World:
    """Residents with numbers that move, a day they can book, two clocks and a carrier."""

    def __init__(self, db: Database, settings: Settings, minutes: int) -> None:
        self.db, self.now = db, datetime(2024, 4, 12, 2, tzinfo=UTC)
        self.settings = replace(
            settings,
            simulator=False,
            sending="on",
            sms_senders=(CARRIER,),
            sms_rate=1_000_000,
            texts_a_day=40,
        )
        self.said = 0
        self.people: list[int] = []
        with db.transaction() as tx:
            # only then it is deleted
            tx.run(
                wishes.update().where(wishes.c.ended_at.is_(None)).values(ended_at=0)
            )
            for table in reversed(metadata.sorted_tables):
                if table.name not in KEPT:
                    tx.run(table.delete())
            if tx.value(text("SELECT kind FROM installation")) is None:
                factories.insert_row(tx, installation, id=1, kind="live", since=1)
            hamlets = [
                factories.hamlet(tx, "Quảng Trung I"),
                factories.hamlet(tx, "Quảng Trung II", 2),
            ]
            hall = factories.hall(tx, hamlets[0])
            self.slot = factories.event_with_slots(
                tx, hall_id=hall, starts=self.now + timedelta(days=20), capacity=PEOPLE
            ).slots[0]
            for number in range(PEOPLE):
                handset = "2g" if number % 3 else "4g_volte"
                made = factories.person(
                    tx, number=number, hamlet_id=hamlets[number % 2], handset=handset
                )
                self.people.append(made)
                factories.consent(tx, made, now=0)
        self.carrier = Carrier(self)
        self.clocks = (Clock(self), Clock(self, timedelta(minutes=minutes)))

    @property
    def ms(self) -> int:
        return to_ms(self.now)

    def who(self, phone: str) -> str:
        return identity.who(self.settings.privacy_key, phone)

    def does(self, work: Callable[[Tx], object]) -> bool:
        """One act of staff or of a resident, kept; False where it cannot be done."""
        try:
            self.db.again(work)
        except (CannotDo, numbers.NumberTaken, LookupError, SlotTaken, AlreadyBooked):
            return False
        return True

    # What staff do

    def start(self, rule: Mapping[str, Any], **more: Any) -> None:
        """A broadcast in words that no other has, started."""
        self.said += 1
        draft = Draft(
            name="Thông báo", vi=f"Thong bao so {self.said}.", rule=rule, **more
        )

        def work(tx: Tx) -> None:
            made = drafts.create(tx, draft, commune_id=1, staff_id=None, now=self.ms)
            row = drafts.get(tx, made, 1)
            drafts.approve(
                tx,
                made,
                commune_id=1,
                staff_id=None,
                seen=drafts.digest(row),
                now=self.ms,
            )
            control.start(
                tx,
                made,
                commune_id=1,
                staff_id=None,
                settings=self.settings,
                now=self.ms,
            )

        self.does(work)

    def broadcasts(self) -> list[Row]:
        with self.db.connection() as tx:
            return tx.all(text("SELECT id, state FROM broadcasts ORDER BY id"))

    def changes(self, act: Callable[..., object], number: int) -> None:
        self.does(lambda tx: act(tx, number, commune_id=1, staff_id=None, now=self.ms))

    def moves(self, person: int, phone: str) -> None:
        def work(tx: Tx) -> None:
            numbers.change(
                tx, person, phone, now=self.ms, privacy_key=self.settings.privacy_key
            )

        self.does(work)

    def erases(self, phone: str) -> None:
        self.does(
            lambda tx: erasure.erase(tx, self.settings.privacy_key, phone, self.ms)
        )

    def turns(self) -> tuple[list[int], list[int]]:
        """Of the newest firing: people who have a text or a reason by now, and people
        whose turn comes.
        """
        with self.db.connection() as tx:
            rows = tx.all(
                text(
                    "SELECT r.person_id, m.id FROM recipients r LEFT JOIN messages m ON m.firing_id = r.firing_id"
                    " AND m.person_id = r.person_id JOIN people p ON p.id = r.person_id AND p.phone IS NOT NULL"
                    " WHERE r.left_out IS NULL AND r.firing_id = (SELECT MAX(id) FROM firings) ORDER BY r.person_id"
                )
            )
        return [row.person_id for row in rows if row.id], [
            row.person_id for row in rows if not row.id
        ]

    def number_of(self, person: int) -> str:
        with self.db.connection() as tx:
            return str(
                tx.value(text("SELECT phone FROM people WHERE id = :id"), id=person)
            )

    def spare_number(self) -> str:
        """One that nobody has."""
        with self.db.connection() as tx:
            theirs = {row.phone for row in tx.all(text("SELECT phone FROM people"))}
        return next(
            made
            for made in map(factories.phone, range(PEOPLE, 999))
            if made not in theirs
        )

    def joins(self, number: int) -> None:
        """Somebody new, where nobody has the number."""
        with suppress(Exception):
            self.does(lambda tx: factories.person(tx, number=number, now=self.ms))
        with self.db.connection() as tx:
            self.people = [
                row.id for row in tx.all(text("SELECT id FROM people ORDER BY id"))
            ]

    # What residents do

    def books(self, person: int) -> None:
        self.does(
            lambda tx: factories.booking(
                tx, slot_id=self.slot, person_id=person, now=self.ms
            )
        )

    def refuses(self, phone: str, what: stops.What) -> None:
        self.does(lambda tx: stops.refuse(tx, self.who(phone), what, self.ms))

    def agrees_again(self, phone: str) -> None:
        self.does(lambda tx: stops.take_back(tx, self.who(phone), self.ms))

    # What the carrier does

    def reports(self, message: int, status: outbox.Receipt) -> None:
        self.db.again(
            lambda tx: outbox.record_receipt(
                tx, message, status=status, reason="", now=self.ms
            )
        )

    def against(self, outbound: Outbound, now: datetime) -> list[str]:
        """What stands against handing over this text of a broadcast at this moment of
        the clock that does it.
        """
        with self.db.connection() as tx:
            row = tx.one(
                text(
                    "SELECT m.firing_id, m.person_id, g.not_after, b.state, b.class AS text_class FROM messages m"
                    " JOIN firings g ON g.id = m.firing_id JOIN broadcasts b ON b.id = g.broadcast_id"
                    " WHERE m.id = :id AND m.kind = 'broadcast'"
                ),
                id=outbound.id,
            )
            if row is None:
                return []
            refused = stops.refused(tx, self.who(outbound.to))
        bars = {"all", "erased"} | (
            {"advert", "dnc"} if row.text_class == "advert" else set()
        )
        found = []
        if not 7 <= local(now).hour < 21:
            found.append(f"at {local(now):%H:%M}")
        if row.not_after is not None and to_ms(now) > row.not_after:
            found.append(f"at {now}, too late after {from_ms(row.not_after)}")
        if row.state != "running":
            found.append(f"while it is {row.state}")
        if refused & bars:
            found.append(f"after they refused: {refused}")
        return [
            f"person {row.person_id}, firing {row.firing_id}, to {outbound.to}: {said}"
            for said in found
        ]

    def both_at_once(self, *jobs: str) -> None:
        """Two clocks side by side."""
        troubles: list[BaseException] = []

        def run(clock: Clock) -> None:
            try:
                clock.runs(*jobs)
            except (
                BaseException
            ) as trouble:  # it belongs to the story, not to the thread
                troubles.append(trouble)

        threads = [Thread(target=run, args=(clock,)) for clock in self.clocks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not troubles, troubles

    def twice(self) -> list[str]:
        """Who was told the same thing twice: by message, by number of one firing, by
        person of one firing.
        """
        with self.db.connection() as tx:
            of = {
                row.id: row
                for row in tx.all(
                    text(
                        "SELECT id, firing_id, person_id FROM messages WHERE kind = 'broadcast'"
                    )
                )
            }
        cast = [one for one in self.carrier.taken if one.message in of]
        found: Counter[str] = Counter()
        found.update(f"message {one.message}" for one in cast)
        found.update(f"firing {of[one.message].firing_id} to {one.to}" for one in cast)
        found.update(
            f"firing {of[one.message].firing_id} to person {of[one.message].person_id}"
            for one in cast
        )
        return [what for what, many in found.items() if many > 1]
