"""What staff are shown before a change is what happens, and looking changes nothing; on
both engines.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from db.changes import days, freed_seats, preview
from db.progress.recount import recount
from db.store.engine import Database, to_ms
from menus.port import SlotTaken
from tests import factories
from tests.db.failing import DRAFT, HOUR, Commune

KEY = "a privacy key of the tests"


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _content(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("bookings", "messages", "tasks", "slots", "events", "audit", "people")
    with db.connection() as tx:
        return {
            table: sorted(map(tuple, tx.all(text(f"SELECT * FROM {table} ORDER BY 1"))))
            for table in tables
        }


def test_a_rehearsal_changes_nothing_and_the_act_says_the_very_same(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        commune = Commune.founded(tx, at)
        saturday = commune.saturday
        commune.event(commune.here, 27, capacity=2)
        commune.books(saturday.slots[1])
        commune.books(saturday.slots[0], agreed=True)
        commune.books(saturday.slots[0], phone=False)
        commune.promised(saturday.slots[0], "held", at + HOUR)
        commune.promised(saturday.slots[0], "waiting")
    before = _content(db)
    draft = freed_seats.Draft(at, DRAFT)
    shown = preview.rehearse(
        db, lambda tx: days.cancel(tx, saturday.id, now=at, draft=draft), at, KEY
    )
    assert _content(db) == before
    assert [line.outcome.what for line in shown] == [
        "moved",
        "cancelled",
        "waited",
        "choice",
    ]
    assert all(line.cost.parts == 1 for line in shown if line.cost)
    later = at + 7 * 60_000
    with db.transaction() as tx:
        outcomes = days.cancel(tx, saturday.id, now=later, draft=draft)
        preview.as_shown(tx, outcomes, later, KEY, preview.print_of(shown))
        assert [line.text for line in preview.lines(tx, outcomes, later, KEY)] == [
            line.text for line in shown
        ]
    with db.connection() as tx:
        assert recount(tx, at) == []


def test_what_is_no_longer_as_it_was_shown_is_not_done(db: Database, at: int) -> None:
    with db.transaction() as tx:
        commune = Commune.founded(tx, at)
        saturday = commune.saturday
        commune.books(saturday.slots[1])
    draft = freed_seats.Draft(at, DRAFT)
    shown = preview.rehearse(
        db, lambda tx: days.cancel(tx, saturday.id, now=at, draft=draft), at, KEY
    )
    with db.transaction() as tx:
        commune.tx = tx
        commune.books(saturday.slots[0])
    before = _content(db)
    with pytest.raises(preview.Changed), db.transaction() as tx:
        outcomes = days.cancel(tx, saturday.id, now=at, draft=draft)
        preview.as_shown(tx, outcomes, at, KEY, preview.print_of(shown))
    assert _content(db) == before


def test_a_day_is_cancelled_while_others_book_the_next_one_and_no_seat_is_given_twice(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        commune = Commune.founded(tx, at)
        following = commune.event(commune.here, 27, slots=2, capacity=2)
        for number in range(4):
            commune.books(commune.saturday.slots[number % 2], agreed=number % 2 == 0)
        others = [
            factories.person(tx, number=50 + number, now=at) for number in range(8)
        ]

    def book(number: int) -> None:
        slot = following.slots[number % 2]
        with suppress(SlotTaken):
            db.again(
                lambda tx: factories.booking(
                    tx, slot_id=slot, person_id=others[number], now=at
                ),
                tries=50,
            )

    with ThreadPoolExecutor(5) as pool:
        booking = [pool.submit(book, number) for number in range(8)]
        outcomes = pool.submit(
            db.again, lambda tx: days.cancel(tx, commune.saturday.id, now=at), 50
        ).result()
        for done in booking:
            done.result()
    assert len(outcomes) == 4
    with db.connection() as tx:
        assert recount(tx, at) == []
        gone = tx.value(
            text(
                "SELECT COUNT(*) FROM bookings WHERE status = 'booked' AND slot_id IN (1, 2)"
            )
        )
    assert gone == 0
