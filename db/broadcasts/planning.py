"""Freezing the list: one ledger row for each registered person, chosen or left out, and
every text read beforehand.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from sqlalchemy import text

from db.broadcasts import audience, drafts, rules
from db.broadcasts.audience import DAY_MS, REGISTERED, Asked, Exclusions, reason
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.broadcasts.rendering import Renderer, Tally, words_of
from db.broadcasts.templates import filled
from db.store.chunks import NEW_ROWS_S, Stretch
from db.store.engine import Database, Tx
from db.store.statements import Query, Scalar, Statement, list_of_ids
from menus.broadcast import PARTS_MOST, EmptyField, TextClass, Wire
from menus.fitting import price
from menus.numbers import network
from settings import Settings

READ_AT_ONCE = 2_000
NAMED_MOST = 5  # people named when a field is empty for many
WHY_MOST = 200  # letters


class Firing(NamedTuple):
    """One going-out, with what its broadcast says of it."""

    id: int
    broadcast_id: int
    number: int  # 1 the first
    words_id: int
    words_digest: str
    rule: str  # JSON, as rules.py reads it
    event_id: int | None
    started_at: int  # UTC ms
    not_before: int  # UTC ms
    not_after: int | None  # UTC ms
    planned_to: int  # the ledger holds everybody up to this person
    planned_at: int | None  # UTC ms; when the list was frozen
    chosen: int
    pace_from: int | None  # UTC ms
    pace_used: int
    ended_at: int | None  # UTC ms
    commune_id: int
    text_class: TextClass
    state: str  # of the broadcast
    repeats: str
    late_joiners: bool
    told_days: int
    pace_many: int | None  # at most so many texts ...
    pace_minutes: int  # ... in so many minutes; none: no limit


class PlannedTo(NamedTuple):
    """How far the list of a firing goes."""

    planned_to: int  # a person
    planned_at: int | None  # UTC ms
    ended_at: int | None  # UTC ms


class Chosen(NamedTuple):
    """Somebody on the list, as they are now; nothing but the id once they are gone."""

    id: int
    name: str | None
    phone: str | None  # E.164
    hamlet_id: int | None
    language: str | None
    marks: bool | None


class Named(NamedTuple):
    name: str


FIRINGS = """
    SELECT g.id, g.broadcast_id, g.number, g.words_id, w.digest AS words_digest, g.rule, g.event_id, g.started_at,
      g.not_before, g.not_after, g.planned_to, g.planned_at, g.chosen, g.pace_from, g.pace_used, g.ended_at,
      b.commune_id, b.class AS text_class, b.state, b.repeats, b.late_joiners, b.told_days, b.pace_many, b.pace_minutes
    FROM firings g
    JOIN broadcasts b ON b.id = g.broadcast_id
    JOIN broadcast_words w ON w.id = g.words_id
"""
_FIRING = Query(text(f"{FIRINGS} WHERE g.id = :id"), Firing)
_LAST = Scalar(text("SELECT MAX(id) FROM people"), int)
_LEDGER = """
    INSERT INTO recipients (firing_id, person_id, hamlet_id, left_out)
    SELECT {firing_id}, p.id, p.hamlet_id, {reason}
    FROM people p
    WHERE {registered} AND p.id > :after AND p.id <= :last
"""
_LEAVE_OUT = Statement(
    text("""
    UPDATE recipients SET left_out = :why
    WHERE firing_id = :firing_id AND person_id = :person_id AND (left_out IS NULL OR left_out = 'no consent')
    """)
)
# Until its stretch is written the firing is ours: PostgreSQL locks it here, SQLite has
# one writer. So no row meets one that is there already, and the mark moves after the
# rows: each row's foreign key looks at the firing, which takes longer once the same
# transaction has changed it. It also reads past all marks of before, so on PostgreSQL a
# stretch is long: in runs side by side 0.95 of one plain statement with half a second,
# 0.76 with a tenth.
_PLANNED_TO = "SELECT planned_to, planned_at, ended_at FROM firings WHERE id = :id"
_LOCKED = {"sqlite": "", "postgresql": " FOR NO KEY UPDATE"}
_PLANNED = {
    engine: Query(text(_PLANNED_TO + lock), PlannedTo)
    for engine, lock in _LOCKED.items()
}
_FILLED = Statement(
    text(
        "UPDATE firings SET planned_to = :last, registered = registered + :more WHERE id = :id"
    )
)
_FROZEN = Statement(
    text("""
    UPDATE firings SET planned_at = :now, chosen = :chosen, planned_parts = :parts, planned_price = :price
    WHERE id = :id AND planned_at IS NULL AND ended_at IS NULL
    """)
)
_JOINED = Statement(
    text("""
    UPDATE firings SET chosen = (SELECT COUNT(*) FROM recipients WHERE firing_id = :id AND left_out IS NULL)
    WHERE id = :id
    """)
)
_BLOCKED = Statement(
    text("""
    UPDATE firings SET ended_at = :now, ended_why = 'blocked', chosen = :chosen
    WHERE id = :id AND planned_at IS NULL AND ended_at IS NULL
    """)
)
# What goes out once is a draft again, to be mended, unless another of its going-outs is
# under way; what repeats waits, for its next time may concern others.
_HOLD_BACK = Statement(
    text("""
    UPDATE broadcasts
    SET state = CASE WHEN next_at IS NULL AND repeats <> 'event' THEN 'draft' ELSE 'paused' END, paused_why = :why
    WHERE id = :id AND state IN ('running', 'paused')
      AND NOT EXISTS (SELECT 1 FROM firings WHERE broadcast_id = :id AND ended_at IS NULL)
    """)
)
_CHOSEN = Query(
    text("""
    SELECT r.person_id AS id, p.name, p.phone, p.hamlet_id, p.language, p.marks
    FROM recipients r LEFT JOIN people p ON p.id = r.person_id
    WHERE r.firing_id = :id AND r.left_out IS NULL AND r.person_id > :after
    ORDER BY r.person_id LIMIT :most
    """),
    Chosen,
)
_NAMES = "SELECT name FROM people WHERE id IN ({ids}) ORDER BY id"


class Asking(Protocol):
    """A broadcast, or one of its firings: what decides whom it is for."""

    @property
    def broadcast_id(self) -> int: ...

    @property
    def commune_id(self) -> int: ...
    @property
    def rule(self) -> str: ...
    @property
    def text_class(self) -> TextClass: ...
    @property
    def words_digest(self) -> str: ...
    @property
    def event_id(self) -> int | None: ...
    @property
    def repeats(self) -> str: ...
    @property
    def told_days(self) -> int: ...
    @property
    def not_after(self) -> int | None: ...


def asked_of(tx: Tx, row: Asking, *, now: int, settings: Settings) -> Asked:
    """What it asks of people. Raises BadRule when its rule means nothing any more."""
    told: tuple[int, ...] = ()
    if row.told_days:
        since = now - row.told_days * DAY_MS
        told = audience.alike(
            tx,
            digest=row.words_digest,
            event_id=row.event_id,
            repeats=row.repeats,
            but=row.broadcast_id,
            since=since,
        )
    closes = row.not_after
    if closes is not None and closes > now + DAY_MS:
        closes = None
    rule = rules.read(tx, rules.parse(row.rule), row.commune_id)
    return Asked(
        commune_id=row.commune_id,
        rule=rule,
        text_class=row.text_class,
        now=now,
        cap=settings.texts_a_day,
        closes=closes,
        told=told,
    )


def firing(tx: Tx, firing_id: int) -> Firing:
    found = tx.one(_FIRING, id=firing_id)
    assert found is not None  # a firing is never deleted
    return found


def plan(db: Database, firing_id: int, *, settings: Settings, now: int) -> str:
    """Fill the ledger, read every text, and freeze the list. Empty when that went well,
    else why nothing goes out.

    May be broken off anywhere and run again, also by two at once: a stretch of people
    is written once. `now` UTC ms.
    """
    with db.connection() as tx:
        row = firing(tx, firing_id)
    if row.planned_at is not None or row.ended_at is not None:
        return ""
    try:
        fill_ledger(db, firing_id, settings=settings, joins=False)
    except CannotDo as problem:
        why = str(problem)
        _block(db, row, why, 0, now)
        return why
    tally, problem_to_show, problem_to_keep = _read_all(db, row, settings, now)
    if problem_to_show and _holds_it_back(row, tally):
        _block(db, row, problem_to_keep, tally.people, now)
        return problem_to_show
    db.again(partial(_freeze, firing_id=row.id, tally=tally, now=now))
    return ""


def _freeze(tx: Tx, firing_id: int, tally: Tally, now: int) -> None:
    tx.run(
        _FROZEN,
        id=firing_id,
        now=now,
        chosen=tally.people,
        parts=tally.parts,
        price=tally.price,
    )


def _holds_it_back(row: Firing, tally: Tally) -> bool:
    """Does a problem with some of its texts keep the whole from going out?"""
    if (
        row.repeats == "event"
        # who has nothing for a field is passed over with that reason: others wait for
        # theirs
    ):
        some_can_go = tally.texts > 0 and tally.longest <= PARTS_MOST
        return tally.people > 0 and not some_can_go
    # A time at which nobody is concerned does not end what repeats itself: it goes out
    # to nobody.
    return row.number == 1 or tally.people > 0


def fill_ledger(
    db: Database, firing_id: int, *, settings: Settings, joins: bool = False
) -> None:
    """A row for everybody who is registered by now and has none: before the list is
    frozen, or, where somebody `joins`, after it. Raises BadRule.
    """
    audience.hash_numbers(db, settings.privacy_key)
    with db.connection() as tx:
        row = firing(tx, firing_id)
        asked = asked_of(tx, row, now=row.started_at, settings=settings)
        exclusions = Exclusions.read(tx, asked)
        last = tx.value(_LAST) or 0
    _fill(db, row, asked, exclusions, last, joins)


def _fill(
    db: Database,
    row: Firing,
    asked: Asked,
    exclusions: Exclusions,
    last: int,
    joins: bool,
) -> None:
    """Stretch by stretch up to person `last`; each is written with the mark how far the
    ledger goes, or not at all.

    Of two who fill at once, each stretch is written by one; the other reads how far the
    ledger goes by then. Once one of them has frozen the list, the other adds nobody to
    it who registered meanwhile.
    """
    sql = _LEDGER.format(firing_id=row.id, reason=reason(asked), registered=REGISTERED)
    insert = Statement(text(sql))
    stretch = Stretch(db, NEW_ROWS_S)
    after = row.planned_to
    while after < last:
        to = min(after + stretch.rows, last)
        with db.connection() as tx:
            excluded = exclusions.between(tx, after, to)
        write = partial(
            _write_stretch,
            firing_id=row.id,
            insert=insert,
            binds=asked.binds,
            excluded=excluded,
            after=after,
            to=to,
            joins=joins,
        )
        began = time.perf_counter()
        # a power cut undoes mark and rows together: it is done again
        planned = db.again(write, durable=False)
        if not _is_open(planned, joins):
            return
        after = planned.planned_to
        stretch.took(time.perf_counter() - began)


def _write_stretch(
    tx: Tx,
    *,
    firing_id: int,
    insert: Statement,
    binds: Mapping[str, int],
    excluded: Mapping[int, str],
    after: int,
    to: int,
    joins: bool,
) -> PlannedTo:
    """Rows for the people with `after` < id <= `to`, unless another has written them:
    how far the ledger goes then.
    """
    planned = tx.one(_PLANNED[tx.dialect.name], id=firing_id)
    assert planned is not None  # a firing is never deleted
    if planned.planned_to != after or not _is_open(planned, joins):
        return planned  # another did this stretch
    more = tx.run(insert, after=after, last=to, **binds)
    left_out = [
        {"firing_id": firing_id, "person_id": person, "why": why}
        for person, why in excluded.items()
    ]
    tx.many(_LEAVE_OUT, left_out)
    tx.run(_FILLED, id=firing_id, last=to, more=more)
    if joins:
        tx.run(_JOINED, id=firing_id)
    return planned._replace(planned_to=to)


def _is_open(planned: PlannedTo, joins: bool) -> bool:
    """May people be added: before the list is frozen, or, where somebody joins, after
    it?
    """
    if planned.ended_at is not None:
        return False
    is_frozen = planned.planned_at is not None
    return is_frozen == joins


def add_late_joiners(db: Database, firing_id: int, *, settings: Settings) -> int:
    """People who registered since the list was frozen join it, where the broadcast says
    so; how many were chosen.
    """
    with db.connection() as tx:
        before = firing(tx, firing_id)
        last = tx.value(_LAST) or 0
    if not before.late_joiners or before.planned_at is None:
        return 0
    if last <= before.planned_to:
        return 0
    fill_ledger(db, firing_id, settings=settings, joins=True)
    with db.connection() as tx:
        after = firing(tx, firing_id)
    return after.chosen - before.chosen


def _read_all(
    db: Database, row: Firing, settings: Settings, now: int
) -> tuple[Tally, str, str]:
    """Render the text of everybody chosen: what they take together, why they cannot go
    (or nothing), and the same without anybody's name, to be kept.
    """
    tally = Tally()
    after = 0
    moment = max(now, row.not_before)
    while True:
        with db.connection() as tx:
            people = tx.all(_CHOSEN, id=row.id, after=after, most=READ_AT_ONCE)
            if not people:
                with_names = problem_of(tx, tally)
                without_names = problem_of(tx, tally, names=False)
                return tally, str(with_names or ""), str(without_names or "")
            words = words_of(tx, row.words_id)
            renderer = Renderer(tx, words, moment, row.event_id)
            read_into(tally, renderer, people, settings)
        after = people[-1].id


def read_into(
    tally: Tally, renderer: Renderer, people: Sequence[Chosen], settings: Settings
) -> None:
    """Add the texts of these people to the tally."""
    seats = renderer.seats(person.id for person in people)
    for person in people:
        if person.phone is None or person.language is None:
            # erased since the list was written: judged again when their turn comes
            tally.gone += 1
            continue
        seat = seats.get(person.id)
        try:
            wire = renderer.text(person, seat)
        except EmptyField as lack:
            tally.lacks(str(lack), person.id)
        else:
            count(tally, wire, person.phone, renderer.words.text_class, settings)


def count(
    tally: Tally, wire: Wire, phone: str, text_class: str, settings: Settings
) -> None:
    """One text more, at the price of the network that first sold the number."""
    by = network(phone)
    paid = price(settings.sms_prices, by, text_class, wire.cost.parts)
    tally.add(wire, by, paid)


def problem_of(tx: Tx, tally: Tally, *, names: bool = True) -> CannotDo | None:
    """What stands against starting, if all texts read like this; with `names` it says
    whom a field is empty for.
    """
    if tally.empty:
        lacking = [
            _lacking(tx, field, ids, names) for field, ids in tally.empty.items()
        ]
        return CannotDo("field_empty", "; ".join(lacking))
    if not tally.texts:
        return CannotDo("nobody")
    if tally.longest > PARTS_MOST:
        return CannotDo("too_long", tally.longest)
    return None


def stands_against(tx: Tx, row: Broadcast, tally: Tally) -> CannotDo | None:
    """The same of a draft. One that goes out by event asks at each event who is told,
    of few among all who are read here: that nobody is, or that some have nothing for a
    field, is no hindrance now.
    """
    problem = problem_of(tx, tally)
    if row.repeats == "event" and tally.longest <= PARTS_MOST:
        return None
    return problem


def _lacking(tx: Tx, field: str, ids: list[int], names: bool) -> str:
    """`{code}: 3 (Lý Văn A, Hoàng Thị B, ...)`, or without names `{code}: 3`."""
    counted = f"{{{field}}}: {len(ids)}"
    if not names:
        return counted
    few = list_of_ids(ids[:NAMED_MOST])
    rows = tx.all(filled(_NAMES, Named, ids=few))
    named = [row.name or "(no name)" for row in rows]
    if len(ids) > NAMED_MOST:
        named.append("...")
    return f"{counted} ({', '.join(named)})"


def _block(db: Database, row: Firing, why: str, chosen: int, now: int) -> None:
    """Nothing goes out: the broadcast is a draft again, or paused where it repeats, and
    says why.
    """

    def work(tx: Tx) -> None:
        blocked = tx.run(_BLOCKED, id=row.id, now=now, chosen=chosen)
        if not blocked:
            return
        tx.run(_HOLD_BACK, id=row.broadcast_id, why=why[:WHY_MOST])
        drafts.note(tx, row.broadcast_id, "blocked", staff_id=None, now=now, detail=why)

    db.again(work)
