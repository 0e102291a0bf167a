"""What staff are shown before a change is what happens, and looking changes nothing; on both engines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from db import events, rehearsal
from db.engine import Database, to_ms
from db.recount import recount
from tests.db.failing import DRAFT, HOUR, Commune


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _content(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("bookings", "messages", "tasks", "slots", "events", "audit", "people")
    with db.connection() as tx:
        return {table: sorted(map(tuple, tx.all(text(f"SELECT * FROM {table} ORDER BY 1")))) for table in tables}


def test_a_rehearsal_changes_nothing_and_the_act_says_the_very_same(db: Database, at: int) -> None:
    with db.transaction() as tx:
        commune = Commune.founded(tx, at)
        saturday = commune.saturday
        commune.event(commune.here, 27, capacity=2)
        commune.books(saturday.slots[1])
        commune.books(saturday.slots[0], agreed=True)
        commune.books(saturday.slots[0], phone=False)
        commune.promised(saturday.slots[0], "waiting")
        commune.promised(saturday.slots[0], "held", at + HOUR)
    before = _content(db)
    draft = events.Draft(at, DRAFT)
    shown = rehearsal.rehearse(db, lambda tx: events.cancel(tx, saturday.id, now=at, draft=draft), at)
    assert _content(db) == before
    assert [line.fate.what for line in shown] == ["moved", "cancelled", "waited", "choice"]
    assert all(line.cost.parts == 1 for line in shown if line.cost)
    later = at + 7 * 60_000
    with db.transaction() as tx:
        fates = events.cancel(tx, saturday.id, now=later, draft=draft)
        rehearsal.as_shown(tx, fates, later, rehearsal.print_of(shown))
        assert [line.text for line in rehearsal.lines(tx, fates, later)] == [line.text for line in shown]
    with db.connection() as tx:
        assert recount(tx, at) == []


def test_what_is_no_longer_as_it_was_shown_is_not_done(db: Database, at: int) -> None:
    with db.transaction() as tx:
        commune = Commune.founded(tx, at)
        saturday = commune.saturday
        commune.books(saturday.slots[1])
    draft = events.Draft(at, DRAFT)
    shown = rehearsal.rehearse(db, lambda tx: events.cancel(tx, saturday.id, now=at, draft=draft), at)
    with db.transaction() as tx:
        commune.tx = tx
        commune.books(saturday.slots[0])
    before = _content(db)
    with pytest.raises(rehearsal.Changed), db.transaction() as tx:
        fates = events.cancel(tx, saturday.id, now=at, draft=draft)
        rehearsal.as_shown(tx, fates, at, rehearsal.print_of(shown))
    assert _content(db) == before
