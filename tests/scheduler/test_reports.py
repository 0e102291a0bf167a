"""Drafts by the clock: every Friday and on the 15th, once each, also when it stood still."""

from __future__ import annotations

from datetime import datetime
from threading import Thread

from sqlalchemy import text

from db.reporting import drafts
from db.store.engine import Database
from menus import days
from scheduler import reports
from tests import factories

LIVE = text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 0)")


def moment(day: str, clock: str = "00:05") -> datetime:
    return days.at_local(datetime.fromisoformat(day).date(), clock)


def there(db: Database) -> list[str]:
    with db.connection() as tx:
        rows = factories.rows(
            tx, "SELECT kind, first_day, last_day, version FROM reports ORDER BY id"
        )
    return [f"{row.kind} {row.first_day} {row.last_day} {row.version}" for row in rows]


def begin(db: Database) -> None:
    with db.transaction() as tx:
        tx.run(LIVE)


def test_an_empty_installation_has_nothing_to_report(db: Database) -> None:
    assert reports.draft(db, moment("2024-04-12")) == "0 drafts"
    assert there(db) == []


def test_a_draft_each_friday_and_on_the_15th_once_each(db: Database) -> None:
    begin(db)
    assert reports.draft(db, moment("2024-04-11", "23:55")) == "2 drafts"
    assert there(db) == [
        "week 2024-03-29 2024-04-04 1",
        "month 2024-02-15 2024-03-14 1",
    ]
    assert reports.draft(db, moment("2024-04-12")) == "1 drafts", "Friday, local time"
    assert reports.draft(db, moment("2024-04-12", "18:00")) == "0 drafts"
    assert reports.draft(db, moment("2024-04-14", "23:55")) == "0 drafts"
    assert reports.draft(db, moment("2024-04-15")) == "1 drafts"
    assert there(db)[2:] == [
        "week 2024-04-05 2024-04-11 1",
        "month 2024-03-15 2024-04-14 1",
    ]


def test_what_was_missed_is_made_up_for_the_earliest_first(db: Database) -> None:
    begin(db)
    reports.draft(db, moment("2024-04-12"))
    assert reports.draft(db, moment("2024-05-16")) == "6 drafts"
    assert there(db)[2:] == [
        "week 2024-04-12 2024-04-18 1",
        "week 2024-04-19 2024-04-25 1",
        "week 2024-04-26 2024-05-02 1",
        "week 2024-05-03 2024-05-09 1",
        "month 2024-03-15 2024-04-14 1",
        "month 2024-04-15 2024-05-14 1",
    ]
    made = reports.draft(db, moment("2026-05-16"))
    assert made == f"{2 * drafts.MISSED_MOST} drafts", "nobody reads those of two years"


def test_two_clocks_make_one_draft(db: Database) -> None:
    begin(db)
    clocks = [
        Thread(target=reports.draft, args=(db, moment("2024-04-12"))) for _ in range(4)
    ]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert len(there(db)) == 2
