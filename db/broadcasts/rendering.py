"""A broadcast's words filled in for people: their own particulars, or those of the next
day they could book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from sqlalchemy import text

from db.broadcasts.templates import filled
from db.models.states import EventKind
from db.places import communes
from db.seats import free_slots
from db.store.engine import Tx, from_ms
from db.store.local_days import iso_day_at
from db.store.statements import Query, Scalar, list_of_ids
from menus import broadcast
from menus.broadcast import TextClass
from menus.days import short_day, short_time, spoken_day
from menus.words import VIETNAMESE


class Version(NamedTuple):
    """One version of a broadcast's words."""

    vi: str
    en: str  # empty where everybody reads Vietnamese
    text_class: TextClass
    commune_id: int


class Seat(NamedTuple):
    person_id: int
    code: str
    starts_at: int  # UTC ms
    hall: str


class Event(NamedTuple):
    hall: str
    starts_at: int  # UTC ms


_WORDS = Query(
    text("""
    SELECT w.vi, w.en, b.class AS text_class, b.commune_id
    FROM broadcast_words w JOIN broadcasts b ON b.id = w.broadcast_id
    WHERE w.id = :id
    """),
    Version,
)
_SERVICE = Scalar(text("SELECT service_code FROM communes WHERE id = :commune_id"), str)
# The seat somebody has, of two the sooner: their own, whoever booked it.
_SEATS = """
    SELECT b.person_id, b.code, s.starts_at, h.name AS hall
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    WHERE b.status = 'booked' AND s.ends_at > :now AND b.person_id IN ({ids})
    ORDER BY s.starts_at DESC, b.id DESC
"""
# An event without times to book has no seats: what is said about it is of the event
# itself.
_WITHOUT_TIMES = Query(
    text("""
    SELECT h.name AS hall, MIN(s.starts_at) AS starts_at
    FROM events e
    JOIN halls h ON h.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    WHERE e.id = :event_id AND NOT e.bookable
    GROUP BY h.name
    """),
    Event,
)
_OF_A_SEAT = {"hall", "next_session", "code"}
# every field as it is written
_STANDING = {name: f"{{{name}}}" for name in broadcast.FIELDS}


class Person(Protocol):
    """Whom a text is for: a row of people, or a line of the ledger."""

    @property
    def name(self) -> str | None: ...
    @property
    def hamlet_id(self) -> int | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def marks(self) -> bool | None: ...


class Words(Protocol):
    """What is said: a version that is kept, or words that are still being written."""

    @property
    def vi(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def text_class(self) -> TextClass: ...
    @property
    def commune_id(self) -> int: ...


def words_of(tx: Tx, words_id: int) -> Version:
    found = tx.one(_WORDS, id=words_id)
    assert found is not None  # a version is never deleted
    return found


@dataclass(slots=True)
class Renderer:
    """One version of words at one moment (UTC ms), about one event where `event_id`
    names it; what many people share is looked up once.
    """

    tx: Tx
    words: Words
    now: int
    event_id: int | None = None
    halls: Counter[str] = field(default_factory=Counter)  # hall -> texts that named it
    _sessions: dict[int | None, tuple[date | None, str]] = field(default_factory=dict)
    _common: dict[str, str] = field(default_factory=dict)
    _hamlets: dict[int, str] = field(default_factory=dict)
    _needed: set[str] = field(default_factory=set)  # the fields that the words hold
    _speaks_of_a_seat: bool = False
    _event: Event | None = None  # that it is about, where it has no times to book

    def __post_init__(self) -> None:
        commune_id = self.words.commune_id
        commune = communes.named(self.tx, commune_id, iso_day_at(self.now))
        code = self.tx.value(_SERVICE, commune_id=commune_id) or ""
        self._common = {
            "commune": commune.name,
            "number": commune.sms_number,
            "service_code": code,
        }
        hamlets = communes.hamlets(self.tx, commune_id)
        self._hamlets = {hamlet.id: hamlet.name for hamlet in hamlets}
        in_vietnamese = broadcast.fields_in(self.words.vi)
        in_english = broadcast.fields_in(self.words.en)
        self._needed = {*in_vietnamese, *in_english}
        self._speaks_of_a_seat = not self._needed.isdisjoint(_OF_A_SEAT)
        if self.event_id is not None:
            self._event = self.tx.one(_WITHOUT_TIMES, event_id=self.event_id)

    def seats(self, people: Iterable[int]) -> dict[int, Seat]:
        """The seat each of these has, if the words speak of one, by person id."""
        if not self._speaks_of_a_seat:
            return {}
        ids = list_of_ids(people)
        if not ids:
            return {}
        seats = filled(_SEATS, Seat, ids=ids)
        return {seat.person_id: seat for seat in self.tx.all(seats, now=self.now)}

    def seat(self, person_id: int) -> Seat | None:
        """The same of one person."""
        seats = self.seats([person_id])
        return seats.get(person_id)

    def text(self, person: Person, seat: Seat | None) -> broadcast.Wire:
        """What this person reads. Raises menus.broadcast.EmptyField."""
        words = self.words
        language = person.language or VIETNAMESE
        marks = bool(person.marks)
        fields = self._fields(person, seat, language)
        return broadcast.said_to(
            words.vi, words.en, words.text_class, language, marks, fields
        )

    def unfilled(self) -> broadcast.Wire:
        """The Vietnamese words in their frame, with every field standing as `{name}`."""
        number = self._common["number"]
        return self._in_vietnamese({**_STANDING, "number": number})

    def about(self, event: Event) -> broadcast.Wire:
        """The Vietnamese words about one event, for whoever runs it."""
        when = _time(event.starts_at, VIETNAMESE)
        return self._in_vietnamese(
            {**_STANDING, **self._common, "hall": event.hall, "next_session": when}
        )

    def _in_vietnamese(self, fields: Mapping[str, str]) -> broadcast.Wire:
        return broadcast.said_to(
            self.words.vi, "", self.words.text_class, VIETNAMESE, False, fields
        )

    def _fields(
        self, person: Person, seat: Seat | None, language: str
    ) -> Mapping[str, str]:
        hamlet = self._hamlet(person.hamlet_id)
        fields = {**self._common, "name": person.name or "", "hamlet": hamlet}
        if not self._speaks_of_a_seat:
            return fields
        where_and_when = self._where_and_when(person, seat, language)
        if "hall" in self._needed:
            hall = where_and_when["hall"]
            self.halls[hall] += 1
        return {**fields, **where_and_when}

    def _where_and_when(
        self, person: Person, seat: Seat | None, language: str
    ) -> Mapping[str, str]:
        """Of the event that the words are about, else of the person's own seat, else of
        their next day with seats.
        """
        if self._event is not None:
            starts = _time(self._event.starts_at, language)
            return {"hall": self._event.hall, "next_session": starts}
        if seat is not None:
            starts = _time(seat.starts_at, language)
            return {"hall": seat.hall, "next_session": starts, "code": seat.code}
        day, hall = self._next(person.hamlet_id)
        starts = short_day(day, language) if day else ""
        return {"hall": hall, "next_session": starts}

    def common(self, hamlet_id: int | None) -> dict[str, str]:
        """What is the same for everybody of a hamlet; its next day as a loudspeaker
        says it. Empty where unknown.
        """
        day, hall = self._next(hamlet_id)
        hamlet = self._hamlet(hamlet_id)
        next_session = spoken_day(day) if day else ""
        return {
            **self._common,
            "hamlet": hamlet,
            "hall": hall,
            "next_session": next_session,
        }

    def _hamlet(self, hamlet_id: int | None) -> str:
        """Its name; empty where nobody knows which it is."""
        return self._hamlets.get(hamlet_id or 0, "")

    def _next(self, hamlet_id: int | None) -> tuple[date | None, str]:
        """The next day with seats that people of this hamlet would be offered, and its
        hall.
        """
        if hamlet_id not in self._sessions:
            self._sessions[hamlet_id] = self._look_up_next(hamlet_id)
        return self._sessions[hamlet_id]

    def _look_up_next(self, hamlet_id: int | None) -> tuple[date | None, str]:
        listed = free_slots.events(
            self.tx,
            commune_id=self.words.commune_id,
            hamlet_id=hamlet_id,
            today=iso_day_at(self.now),
            now=self.now,
            kind=EventKind.SWAP,
        )
        for event in listed:
            if event.seats:
                return event.day, event.hall
        return None, ""


def _time(moment: int, language: str) -> str:
    """A moment (UTC ms) as a text says it."""
    return short_time(from_ms(moment), language)


@dataclass(slots=True)
class Tally:
    """What all texts of a broadcast take together, gathered person by person."""

    texts: int = 0
    parts: int = 0
    longest: int = 0
    longest_text: str = ""
    price: int = 0
    ucs2: int = 0
    # field -> the people who have nothing for it
    empty: dict[str, list[int]] = field(default_factory=dict)
    # texts, parts, đồng
    by_network: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    gone: int = 0  # chosen, and erased since

    def add(self, wire: broadcast.Wire, network: str, price: int) -> None:
        """One text more."""
        parts = wire.cost.parts
        self.texts += 1
        self.parts += parts
        self.price += price
        if wire.cost.encoding == "UCS-2":
            self.ucs2 += 1
        if parts > self.longest:
            self.longest = parts
            self.longest_text = wire.text
        texts_there, parts_there, paid_there = self.by_network.get(network, (0, 0, 0))
        self.by_network[network] = (
            texts_there + 1,
            parts_there + parts,
            paid_there + price,
        )

    @property
    def people(self) -> int:
        """Everybody who was counted: with a text, with nothing for some field, or gone."""
        without = sum(len(people) for people in self.empty.values())
        return self.texts + without + self.gone

    def lacks(self, name: str, person_id: int) -> None:
        """This person has nothing for a field."""
        people = self.empty.setdefault(name, [])
        people.append(person_id)
