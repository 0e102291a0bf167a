"""A broadcast before it starts: who would be told, who not and why, in which words, at
what price. Keeps nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import audience, drafts, planning, rules
from db.broadcasts.audience import Asked, Exclusions, Line
from db.broadcasts.drafts import Broadcast
from db.broadcasts.rendering import Renderer, Seat, Tally, words_of
from db.store.engine import Database, Tx, from_ms, to_ms
from db.store.statements import Query
from menus import broadcast, notices
from menus.broadcast import EmptyField, TextClass, Wire
from settings import Settings

CHOSEN = "chosen"  # beside the reasons, where a list is asked for


class Resident(NamedTuple):
    """Whom a text is read for."""

    id: int
    name: str
    phone: str | None  # E.164
    hamlet_id: int | None
    language: str
    marks: bool


# Whom a text is shown for where nobody is registered yet.
_NOBODY = Resident(id=0, name="", phone=None, hamlet_id=None, language="", marks=False)
_RESIDENT = (
    "SELECT p.id, p.name, p.phone, p.hamlet_id, p.language, p.marks FROM people p"
)
_PERSON = Query(
    text(
        f"{_RESIDENT} WHERE p.id = :id AND p.commune_id = :commune_id AND p.erased_at IS NULL"
    ),
    Resident,
)
_ANYBODY = Query(
    text(f"""
    {_RESIDENT}
    WHERE {audience.REGISTERED} AND p.erased_at IS NULL AND p.phone IS NOT NULL AND p.hamlet_id IS NOT NULL
    ORDER BY p.id LIMIT 1
    """),  # our own constants
    Resident,
)
_BETWEEN = Query(text(f"{_RESIDENT} WHERE p.id > :after AND p.id <= :last"), Resident)


@dataclass(slots=True)
class Preview:
    """What starting would mean.

    `left_out` is reason -> people, `by_hamlet` hamlet id -> people chosen, `halls` the
    hall named for {hall} -> people.
    """

    chosen: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_hamlet: Counter[int | None] = field(default_factory=Counter)
    halls: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    # of the chosen: who had all texts of the day, so that theirs waits
    put_off: int = 0
    put_off_until: int = 0  # UTC ms; when the first of them may have it

    @property
    def registered(self) -> int:
        return self.chosen + self.left_out.total()

    def add(self, line: Line) -> None:
        """One person more, chosen or left out."""
        if line.left_out:
            self.left_out[line.left_out] += 1
            return
        self.chosen += 1
        self.by_hamlet[line.hamlet_id] += 1

    def put_off_one(self, until: int) -> None:
        """The text of one of the chosen waits until then (UTC ms)."""
        self.put_off += 1
        self.put_off_until = min(self.put_off_until or until, until)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the list: the person, and the text they would get; `lacks` names a
    field they have nothing for.
    """

    line: Line
    wire: Wire | None = None
    lacks: str = ""


def of(db: Database, row: Broadcast, *, settings: Settings, now: int) -> Preview:
    """Everybody judged and every text read. Raises BadRule."""
    found = Preview()
    had_enough = _had_enough(db, row, settings, now)
    for told in _each(db, row, settings=settings, now=now, halls=found.halls):
        line = told.line
        found.add(line)
        if line.left_out:
            continue
        until = had_enough.get(line.person_id)
        if until is not None:
            found.put_off_one(until)
        if told.wire is None:
            found.tally.lacks(told.lacks, line.person_id)
        else:
            planning.count(found.tally, told.wire, line.phone, row.text_class, settings)
    return found


def _had_enough(
    db: Database, row: Broadcast, settings: Settings, now: int
) -> dict[int, int]:
    """Who has had all texts of the day when it leaves, and until when they wait (UTC
    ms). What goes out by event leaves at other moments, of which nothing is known now.
    Raises BadRule.
    """
    if row.repeats == "event":
        return {}
    moment = from_ms(drafts.begins(row, now))
    leaves = notices.goes_at("broadcast", row.text_class, moment, moment)
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings)
        return audience.over_the_cap(tx, asked, to_ms(leaves))


def people(
    db: Database, row: Broadcast, *, settings: Settings, now: int
) -> Iterator[Told]:
    """Everybody registered, in order of id: chosen with their text, or left out with
    the reason. Raises BadRule.
    """
    return _each(db, row, settings=settings, now=now)


def page(
    db: Database,
    row: Broadcast,
    *,
    settings: Settings,
    now: int,
    why: str = "",
    after: int = 0,
    most: int = 50,
) -> list[Told]:
    """The next people after this id: all, those left out for one reason, or the
    `chosen`. Raises BadRule.
    """
    found: list[Told] = []
    for told in _each(db, row, settings=settings, now=now, after=after):
        becomes = told.line.left_out or CHOSEN
        if why in ("", becomes):
            found.append(told)
        if len(found) == most:
            break
    return found


def first_asked(
    db: Database,
    rule: Mapping[str, Any],
    *,
    commune_id: int,
    settings: Settings,
    now: int,
) -> int | None:
    """The first whom a notice with this rule would tell, for words that are of no
    broadcast yet. Raises BadRule.
    """
    audience.hash_numbers(db, settings.privacy_key)
    with db.connection() as tx:
        read = rules.read(tx, rule, commune_id)
        asked = Asked(
            commune_id=commune_id,
            rule=read,
            text_class="notice",
            now=now,
            cap=settings.texts_a_day,
        )
        exclusions = Exclusions.read(tx, asked)
        after = 0
        while lines := audience.lines(
            tx, asked, exclusions, after=after, most=planning.READ_AT_ONCE
        ):
            for line in lines:
                if not line.left_out:
                    return line.person_id
            after = lines[-1].person_id
    return None


def lacking(
    db: Database, row: Broadcast, people: Sequence[int], *, settings: Settings, now: int
) -> dict[int, list[str]]:
    """Which members of its rule do not hold for each of these people. Raises BadRule."""
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings)
        return audience.lacking(tx, asked, people)


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are still being written."""

    vi: str
    en: str
    text_class: TextClass
    commune_id: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The words as one person would read them; `lacks` names the fields they have
    nothing for.
    """

    person_id: int
    name: str
    phone: str
    texts: Mapping[str, Wire]  # by language
    lacks: tuple[str, ...]


def sample(tx: Tx, words: Words, person_id: int | None, now: int) -> Sample:
    """Both languages for this person, without tone marks; for whoever is registered
    first where none is named.

    Raises menus.broadcast.BadWords.
    """
    broadcast.check(words.vi, words.en, words.text_class)
    person = _shown_for(tx, words.commune_id, person_id)
    texts: dict[str, Wire] = {}
    lacks: list[str] = []
    by_language = {"vi": words.vi, "en": words.en}
    for language, written in by_language.items():
        if written.strip():
            wire, missing = _sample(tx, words, person, language, now)
            texts[language] = wire
            lacks += missing
    phone = person.phone or ""
    each_once = tuple(dict.fromkeys(lacks))
    return Sample(
        person_id=person.id, name=person.name, phone=phone, texts=texts, lacks=each_once
    )


def _shown_for(tx: Tx, commune_id: int, person_id: int | None) -> Resident:
    """The person of that id, else whoever is registered first, else nobody."""
    if person_id:
        person = tx.one(_PERSON, id=person_id, commune_id=commune_id)
        if person is not None:
            return person
    anybody = tx.one(_ANYBODY, commune_id=commune_id)
    return anybody or _NOBODY


def _sample(
    tx: Tx, words: Words, person: Resident, language: str, now: int
) -> tuple[Wire, list[str]]:
    """One language; a field without a value is counted as its own name."""
    reader = person._replace(language=language, marks=False)
    missing: list[str] = []
    while True:
        renderer = Renderer(tx, words, now)
        seat = renderer.seat(person.id) if person.id else None
        try:
            wire = renderer.text(reader, seat)
        except EmptyField as lack:
            name = str(lack)
            missing.append(name)
            words = _with_its_name(words, name)
        else:
            return wire, missing


def _with_its_name(words: Words, field: str) -> Words:
    """The words with `(code)` for `{code}`."""
    in_braces = f"{{{field}}}"
    by_name = f"({field})"
    vi = words.vi.replace(in_braces, by_name)
    en = words.en.replace(in_braces, by_name)
    return replace(words, vi=vi, en=en)


def counted(db: Database, row: Broadcast, *, settings: Settings, now: int) -> Preview:
    """Who would be told and who not, without reading the texts: for a rule that is
    being put together.
    """
    audience.hash_numbers(db, settings.privacy_key)
    found = Preview()
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings)
        exclusions = Exclusions.read(tx, asked)
        for line in audience.lines(tx, asked, exclusions):
            found.add(line)
    return found


def _each(
    db: Database,
    row: Broadcast,
    *,
    settings: Settings,
    now: int,
    after: int = 0,
    halls: Counter[str] | None = None,
) -> Iterator[Told]:
    """Stretch by stretch, reading only. The halls that the texts name are counted into
    `halls`.
    """
    audience.hash_numbers(db, settings.privacy_key)
    moment = drafts.begins(row, now)
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings)
        exclusions = Exclusions.read(tx, asked)
        words = words_of(tx, row.words_id)
        renderer = Renderer(tx, words, moment, row.event_id)
        if halls is not None:
            renderer.halls = halls
        while lines := audience.lines(
            tx, asked, exclusions, after=after, most=planning.READ_AT_ONCE
        ):
            yield from _read(tx, renderer, lines, after)
            after = lines[-1].person_id


def _read(tx: Tx, renderer: Renderer, lines: list[Line], after: int) -> Iterator[Told]:
    """These lines, with the texts of the chosen among them."""
    chosen = [line.person_id for line in lines if not line.left_out]
    residents = {}
    if chosen:
        rows = tx.all(_BETWEEN, after=after, last=lines[-1].person_id)
        residents = {row.id: row for row in rows}
    seats = renderer.seats(chosen)
    for line in lines:
        person = residents.get(line.person_id)
        if line.left_out or person is None:
            yield Told(line)
        else:
            seat = seats.get(person.id)
            yield _told(renderer, line, person, seat)


def _told(renderer: Renderer, line: Line, person: Resident, seat: Seat | None) -> Told:
    try:
        wire = renderer.text(person, seat)
    except EmptyField as lack:
        return Told(line, lacks=str(lack))
    return Told(line, wire)
