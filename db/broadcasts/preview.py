"""A broadcast before it starts: who would be told, who not and why, in which words, at what price. Keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import text

from db.broadcasts import audience, planning
from db.broadcasts.audience import Exclusions, Line
from db.broadcasts.rendering import Renderer, Tally, words_of
from db.engine import Database, Tx
from db.statements import Row
from menus.broadcast import EmptyField, Wire
from settings import Settings

_LANGUAGES = "SELECT id, name, phone, hamlet_id, language, marks FROM people WHERE id > :after AND id <= :last"


@dataclass(slots=True)
class Preview:
    """What starting would mean. `left_out` is reason -> people, `by_hamlet` hamlet id -> people chosen."""

    chosen: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_hamlet: Counter[int | None] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)

    @property
    def registered(self) -> int:
        return self.chosen + self.left_out.total()


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the list: the person, and the text they would get; `lacks` names a field they have nothing for."""

    line: Line
    wire: Wire | None = None
    lacks: str = ""


def of(db: Database, row: Row, *, settings: Settings, now: int) -> Preview:
    """Everybody judged and every text read. Raises BadRule."""
    found = Preview()
    for told, person in _each(db, row, settings=settings, now=now):
        if told.line.left_out:
            found.left_out[told.line.left_out] += 1
            continue
        found.chosen += 1
        found.by_hamlet[told.line.hamlet_id] += 1
        if told.wire is None:
            found.tally.lacks(told.lacks, told.line.person_id)
        elif person is not None:
            planning.count(found.tally, told.wire, told.line.phone, row.text_class, settings)
    return found


def people(db: Database, row: Row, *, settings: Settings, now: int) -> Iterator[Told]:
    """Everybody registered, in order of id: chosen with their text, or left out with the reason. Raises BadRule."""
    for told, _ in _each(db, row, settings=settings, now=now):
        yield told


def counted(db: Database, row: Row, *, settings: Settings, now: int) -> Preview:
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


def _each(db: Database, row: Row, *, settings: Settings, now: int) -> Iterator[tuple[Told, Row | None]]:
    """Stretch by stretch, reading only."""
    audience.hash_numbers(db, settings.privacy_key)
    with db.connection() as tx:
        asked = planning.asked_of(tx, row, now=now, settings=settings, but=row.id)
        exclusions = Exclusions(asked).read(tx)
        renderer = Renderer(tx, words_of(tx, row.words_id), max(now, row.not_before or now))
        after = 0
        while lines := audience.lines(tx, asked, exclusions, after=after, most=planning.READ_AT_ONCE):
            yield from _read(tx, renderer, lines, after)
            after = lines[-1].person_id


def _read(tx: Tx, renderer: Renderer, lines: list[Line], after: int) -> Iterator[tuple[Told, Row | None]]:
    """The texts of the chosen among these lines."""
    chosen = [line.person_id for line in lines if not line.left_out]
    rows = {one.id: one for one in tx.all(text(_LANGUAGES), after=after, last=lines[-1].person_id)} if chosen else {}
    seats = renderer.seats(chosen)
    for line in lines:
        person = rows.get(line.person_id)
        if line.left_out or person is None:
            yield Told(line), None
            continue
        try:
            wire = renderer.text(person, seats.get(person.id), person.language, bool(person.marks))
            yield Told(line, wire), person
        except EmptyField as lack:
            yield Told(line, lacks=str(lack)), person
