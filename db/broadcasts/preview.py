"""A broadcast before it starts: who would be told, who not and why, in which words, at what price. Keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import audience, planning, rules
from db.broadcasts.audience import Asked, Exclusions, Line
from db.broadcasts.drafts import Broadcast
from db.broadcasts.rendering import Renderer, Tally, words_of
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

    `left_out` is reason -> people, `by_hamlet` hamlet id -> people chosen, `halls` the hall named for {hall} -> people.
    """

    chosen: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_hamlet: Counter[int | None] = field(default_factory=Counter)
    halls: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    put_off: int = (
        0  # of the chosen: who had all texts of the day, so that theirs waits
    )
    put_off_until: int = 0  # UTC ms; when the first of them may have it

    @property
    def registered(self) -> int:
        return self.chosen + self.left_out.total()


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the list: the person, and the text they would get; `lacks` names a field they have nothing for."""

    line: Line
    wire: Wire | None = None
    lacks: str = ""


def of(db: Database, row: Broadcast, *, settings: Settings, now: int) -> Preview:
    """Everybody judged and every text read. Raises BadRule."""
    found = Preview()
    had_enough = _had_enough(db, row, settings, now)
    for told, person in _each(db, row, settings=settings, now=now, halls=found.halls):
        line = told.line
        if line.left_out:
            found.left_out[line.left_out] += 1
            continue
        found.chosen += 1
        found.by_hamlet[line.hamlet_id] += 1
        if line.person_id in had_enough:
            until = had_enough[line.person_id]
            found.put_off += 1
            found.put_off_until = min(found.put_off_until or until, until)
        if told.wire is None:
            found.tally.lacks(told.lacks, line.person_id)
        elif person is not None:
            planning.count(found.tally, told.wire, line.phone, row.text_class, settings)
    return found


def _had_enough(
    db: Database, row: Broadcast, settings: Settings, now: int
) -> dict[int, int]:
    """Who has had all texts of the day when it leaves, and until when they wait (UTC ms). What goes out by event
    leaves at other moments, of which nothing is known now. Raises BadRule.
    """
    if row.repeats == "event":
        return {}
    moment = from_ms(max(now, row.not_before or now))
    leaves = to_ms(notices.goes_at("broadcast", row.text_class, moment, moment))
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings, but=row.id)
        return audience.over_the_cap(tx, asked, leaves)


def people(
    db: Database, row: Broadcast, *, settings: Settings, now: int
) -> Iterator[Told]:
    """Everybody registered, in order of id: chosen with their text, or left out with the reason. Raises BadRule."""
    for told, _ in _each(db, row, settings=settings, now=now):
        yield told


def page(
    db: Database, row: Broadcast, *, settings: Settings, now: int, why: str = "", after: int = 0, most: int = 50
) -> list[Told]:  # fmt: skip
    """The next people after this id: all, those left out for one reason, or the `chosen`. Raises BadRule."""
    found: list[Told] = []
    for told, _ in _each(db, row, settings=settings, now=now, after=after):
        if why in ("", told.line.left_out or CHOSEN):
            found.append(told)
            if len(found) == most:
                break
    return found


def first_asked(
    db: Database, rule: Mapping[str, Any], *, commune_id: int, settings: Settings, now: int
) -> int | None:  # fmt: skip
    """The first whom a notice with this rule would tell, for words that are of no broadcast yet. Raises BadRule."""
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
        exclusions = Exclusions(asked).read(tx)
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
        return audience.lacking(
            tx,
            planning.asked_of(tx, row, now=now, settings=settings, but=row.id),
            people,
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are still being written."""

    vi: str
    en: str
    text_class: TextClass
    commune_id: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The words as one person would read them; `lacks` names the fields they have nothing for."""

    person_id: int
    name: str
    phone: str
    texts: Mapping[str, Wire]  # by language
    lacks: tuple[str, ...]


def sample(tx: Tx, words: Words, person_id: int | None, now: int) -> Sample:
    """Both languages for this person, without tone marks; for whoever is registered first where none is named.

    Raises menus.broadcast.BadWords.
    """
    broadcast.check(words.vi, words.en, words.text_class)
    person = None
    if person_id:
        person = tx.one(_PERSON, id=person_id, commune_id=words.commune_id)
    if person is None:
        person = tx.one(_ANYBODY, commune_id=words.commune_id)
    texts: dict[str, Wire] = {}
    lacks: list[str] = []
    for language, written in (("vi", words.vi), ("en", words.en)):
        if written.strip():
            texts[language], missing = _sample(tx, words, person, language, now)
            lacks += missing
    each_once = tuple(dict.fromkeys(lacks))
    if person is None:
        return Sample(person_id=0, name="", phone="", texts=texts, lacks=each_once)
    return Sample(
        person_id=person.id,
        name=person.name,
        phone=person.phone or "",
        texts=texts,
        lacks=each_once,
    )


def _sample(
    tx: Tx, words: Words, person: Resident | None, language: str, now: int
) -> tuple[Wire, list[str]]:
    """One language; a field without a value is counted as its own name."""
    missing: list[str] = []
    while True:
        renderer = Renderer(tx, words, now)
        seat = renderer.seats([person.id]).get(person.id) if person else None
        try:
            wire = renderer.text(person or _Nobody(), seat, language, marks=False)
        except EmptyField as lack:
            name = str(lack)
            missing.append(name)
            field = f"{{{name}}}"
            words = replace(
                words,
                vi=words.vi.replace(field, f"({name})"),
                en=words.en.replace(field, f"({name})"),
            )
        else:
            return wire, missing


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Whom a text is shown for where nobody is registered yet."""

    name: str = ""
    hamlet_id: int | None = None


def counted(db: Database, row: Broadcast, *, settings: Settings, now: int) -> Preview:
    """Who would be told and who not, without reading the texts: for a rule that is being put together."""
    audience.hash_numbers(db, settings.privacy_key)
    found = Preview()
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings, but=row.id)
        for line in audience.lines(tx, asked, Exclusions(asked).read(tx)):
            if line.left_out:
                found.left_out[line.left_out] += 1
            else:
                found.chosen += 1
                found.by_hamlet[line.hamlet_id] += 1
    return found


def _each(
    db: Database, row: Broadcast, *, settings: Settings, now: int, after: int = 0, halls: Counter[str] | None = None
) -> Iterator[tuple[Told, Resident | None]]:  # fmt: skip
    """Stretch by stretch, reading only. The halls that the texts name are counted into `halls`."""
    audience.hash_numbers(db, settings.privacy_key)
    moment = max(now, row.not_before or now)
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings, but=row.id)
        exclusions = Exclusions(asked).read(tx)
        counted = Counter() if halls is None else halls
        renderer = Renderer(
            tx, words_of(tx, row.words_id), moment, row.event_id, halls=counted
        )
        while lines := audience.lines(
            tx, asked, exclusions, after=after, most=planning.READ_AT_ONCE
        ):
            yield from _read(tx, renderer, lines, after)
            after = lines[-1].person_id


def _read(
    tx: Tx, renderer: Renderer, lines: list[Line], after: int
) -> Iterator[tuple[Told, Resident | None]]:
    """The texts of the chosen among these lines."""
    chosen = [line.person_id for line in lines if not line.left_out]
    residents = {}
    if chosen:
        rows = tx.all(_BETWEEN, after=after, last=lines[-1].person_id)
        residents = {row.id: row for row in rows}
    seats = renderer.seats(chosen)
    for line in lines:
        person = residents.get(line.person_id)
        if line.left_out or person is None:
            yield Told(line), None
            continue
        try:
            wire = renderer.text(
                person, seats.get(person.id), person.language, bool(person.marks)
            )
        except EmptyField as lack:
            yield Told(line, lacks=str(lack)), person
        else:
            yield Told(line, wire), person
