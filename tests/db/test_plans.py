"""How both engines go about what a turn, a text and a page of the desk ask of a commune
that has grown.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

import db.store.engine
from db.models import bookings, messages, metadata, slots
from db.reports import homes
from db.store.engine import Database, Tx, connect
from db.store.statements import Prepared
from gateway.app import create_app
from gateway.context import EXTENSION
from menus import days
from scheduler import reminders
from scheduler.sending import Sending
from settings import Settings
from tests.db import grown
from tests.gateway.carriers import Ussd
from tests.gateway.staff.conftest import Clerk
from tests.gateway.staff.test_sign_in import addresses

# of log rows so many conversions, and as many audit rows
PEOPLE, LOGS, TEXTS = (
    100_000,
    100_000,
    200_000,
)
GROW = {
    "attempts", "audit", "bookings", "consents", "conversions", "counted", "facts", "households", "messages",
    "name_ends", "opinions", "people", "ratings", "recipients", "request_acts", "requests",
    "sessions", "stops", "tasks", "wishes",
}  # fmt: skip
# what PostgreSQL reckons that a LIMIT may cost where it ends the reading (all the
# people: 3,000)
CHEAP = 2_000
# rows that may be read of a table that grows: what waits, what is of one hamlet's day
FEW = 2_000

# By a piece of the statement: why it may look at all.
MAY_SCAN = {
    "COUNT(answered_at) AS answered": "of the days that a report is about, all that was said",
    "o.verdict <> 'open'": "of the days that a report is about, what may stand in it",
    "AS answers, SUM(r.score) AS total": "the average of all who ever answered; of the progress page alone",
    "i.key = 'handset_volte' AND c.subject_id = p.id": "whom no text reached: of the page of demand alone",
    "COALESCE(m.answer, 'other')": "of one broadcast, all that was answered to it",
    "COUNT(DISTINCT COALESCE(NULLIF(m.phone": "of one broadcast, all who answered it",
    "AS trouble": "FAILED and LOST alone, by their index: SQLite knows only how many of a status there are on average",
    "AS text_class, b.state": "of each broadcast of a page, all that was sent of it",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement as the driver was given it, and during what."""

    sql: str
    bound: Any
    during: str


@dataclass(slots=True)
class Recorder:
    """Writes down what is asked while the stories are played; each statement once for
    each story's kind.
    """

    during: str = ""
    asked: dict[str, Asked] = field(default_factory=dict)

    def heard(self, sql: str, bound: Any) -> None:
        if self.during and sql.split(None, 1)[0] in (
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "WITH",
        ):
            self.asked.setdefault(sql, Asked(sql, bound, self.during))


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def filled(
    request: pytest.FixtureRequest, folder: Path
) -> Iterator[tuple[str, grown.Commune]]:
    """A commune many years on, filled once for all that is asked here, and what is
    there by name.
    """
    if request.param == "sqlite":
        file = folder / "grown.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        url = f"sqlite:///{file}"
    else:
        url = request.getfixturevalue("postgres").fresh("grown")
    database = connect(url)
    made = grown.fill(
        database, people=PEOPLE, logs=LOGS, texts=TEXTS, now=datetime.now(UTC)
    )
    database.close()
    yield url, made
    if request.param == "sqlite":
        for part in ("", "-wal", "-shm"):
            Path(f"{file}{part}").unlink(missing_ok=True)
    else:
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture
def url(filled: tuple[str, grown.Commune]) -> str:
    return filled[0]


@pytest.fixture
def commune(filled: tuple[str, grown.Commune]) -> grown.Commune:
    return filled[1]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions[EXTENSION].db.close()


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()

    class Recording(Tx):
        __slots__ = ()

        def sql(self, text: str, bound: Any = ()) -> Any:
            made.heard(text, bound)
            return super().sql(text, bound)

        def many(self, statement: Any, rows: Any) -> None:
            if rows:
                prepared: Prepared = self._prepared(statement)
                made.heard(prepared.sql, prepared.bind(rows[0]))
            super().many(statement, rows)

    monkeypatch.setattr(db.store.engine, "Tx", Recording)
    return made


def test_nothing_looks_through_a_table_that_grows(
    db: Database,
    app: Flask,
    settings: Settings,
    commune: grown.Commune,
    recorder: Recorder,
) -> None:
    _a_resident_dials(app, recorder)
    _texts_go_out(db, app, settings, recorder)
    _every_page_is_read(app, db, commune, recorder)
    assert len(recorder.asked) > 100
    look = Sqlite(db) if db.is_sqlite else PostgreSQL(db)
    used: set[str] = set()
    wrong = []
    for asked in list(recorder.asked.values()):
        known = [piece for piece in MAY_SCAN if piece in asked.sql]
        if faults := look.faults(asked):
            used.update(known)
            if not known:
                wrong.append(f"{asked.during}: {'; '.join(faults)}\n{asked.sql}")
    assert not wrong, f"{len(wrong)} of {len(recorder.asked)}\n\n" + "\n\n".join(wrong)


def _a_resident_dials(app: Flask, recorder: Recorder) -> None:
    """Somebody known books for herself, changes, looks and cancels, by phone and by
    text; a stranger dials.
    """
    recorder.during = "a turn"
    client = app.test_client()
    ussd = Ussd(client, phone=grown.phone(6))
    said = ussd.dial("2")
    for _ in range(6):
        if said.startswith("END"):
            break
        said = ussd.press("1")
    assert said.startswith("END"), said
    assert app.extensions[EXTENSION].db is not None
    for keys in (
        ("1",),
        ("3",),
        ("4",),
        ("5",),
        ("6",),
        ("1", "1"),
        ("1", "2"),
        ("1", "3"),
        ("0",),
    ):
        ussd.dial(*keys)
    Ussd(client, phone="+84990000777").dial("2", "1")
    recorder.during = "a text in"
    for number, words in enumerate(
        (
            "DK",
            "1",
            "lich",
            "doi",
            "99",
            "huy",
            "0",
            "goi lai",
            "xyz qwerty",
            "dung",
            "1",
        )
    ):
        form = {"from": grown.phone(10), "text": words, "id": f"m{number}"}
        assert client.post("/sms/simulator", data=form).status_code == 200


def _texts_go_out(
    db: Database, app: Flask, settings: Settings, recorder: Recorder
) -> None:
    """The reminder of the day before is posted, all that is due is sent, and a receipt
    comes back.
    """
    with db.connection() as tx:
        seat = select(slots.c.starts_at).join(
            bookings, bookings.c.slot_id == slots.c.id
        )
        starts = int(tx.value(seat.where(bookings.c.status == "booked").limit(1)))
    recorder.during = ""
    with (
        db.transaction() as tx
        # whoever books in the evening for tomorrow needs no reminder: here all booked
        # before
    ):
        tx.run(
            update(bookings).values(
                changed_at=bookings.c.changed_at - 2 * 24 * 3_600_000
            )
        )
    eve = days.at_local(days.today(db_moment(starts)) - timedelta(days=1), "18:30")
    recorder.during = "a reminder"
    assert not reminders.sweep(db, eve).startswith("0")
    recorder.during = "a send"
    assert "sent" in Sending(db, settings, lambda: eve).until_empty()
    with db.connection() as tx:
        recorder.during = ""
        sent = tx.value(
            select(messages.c.id).where(messages.c.status == "SENT").limit(1)
        )
    recorder.during = "a receipt"
    answer = app.test_client().post(
        "/receipts/simulator", data={"message": str(sent), "status": "delivered"}
    )
    assert answer.status_code == 200


def db_moment(ms: int) -> datetime:
    return db.store.engine.from_ms(ms)


def _every_page_is_read(
    app: Flask, db: Database, commune: grown.Commune, recorder: Recorder
) -> None:
    """Each GET address of the desk, and those that ask for something."""
    clerk = Clerk(app, db)
    recorder.during = "signing in"
    assert clerk.sign_in(grown.STAFF, grown.PASSWORD).status_code == 303
    asking = [
        "/staff/people/?q=hoa",
        "/staff/people/?q=nong+thi",
        "/staff/people/?q=4321",
        "/staff/people/?q=54321",
        "/staff/people/?q=0910000321",
        f"/staff/people/{commune.person + 5}",
        f"/staff/events/{commune.event}",
        f"/staff/events/{commune.coming[0].id}",
        "/staff/events/?past=1",
        "/staff/messages/?status=FAILED",
        "/staff/messages/?status=DELIVERED",
        "/staff/messages/?status=SKIPPED",
        "/staff/messages/?before=100000",
        "/staff/messages/?after=100",
        "/staff/messages/?status=SKIPPED&before=100000",
        "/staff/audit/?before=50000",
        "/staff/audit/?after=50",
        "/staff/conversions/?before=50000",
        "/staff/conversions/?after=50&since=",
        f"/staff/conversions/?hamlet={commune.hamlet}",
        "/staff/conversions/?indicator=1",
        "/staff/conversions/?staff=1",
        f"/staff/conversions/?person={commune.person + 5}&since=",
        f"/staff/?day={commune.day}",
        "/staff/businesses/?q=hoa&without=1&after=1",
        "/staff/lists/?order=head&visited=no",
        *[
            f"/staff/lists/?hamlet={commune.hamlet}&list={kind}&at=5.0"
            for kind in homes.KINDS
        ],
        "/staff/lists/print?list=poor&visited=yes",
        f"/staff/unreached/?hamlet={commune.hamlet}",
        "/staff/broadcasts/1/answers?answer=yes&before=1000",
    ]
    for path in [*addresses(app, "GET"), *asking]:
        recorder.during = path
        answer = clerk.get(path)
        assert answer.status_code in (200, 302, 303, 404), (path, answer.status_code)
        # a list that is handed over line by line holds a connection until then
        answer.close()


@cache
def conditional() -> dict[str, str]:
    """Indexes over a part of their table: its condition."""
    return {
        str(index.name): str(index.dialect_options["sqlite"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }


@dataclass(slots=True)
class Sqlite:
    """Reads EXPLAIN QUERY PLAN: no scan, no part of an index that on average (ANALYZE)
    is long.
    """

    db: Database
    small: dict[str, bool] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)  # of an index
    # of an index: all, then by its first columns given
    lengths: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.db.connection() as tx:
            self.tables = dict(
                tx.sql(
                    "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"
                ).fetchall()
            )
            for index, stat in tx.sql(
                "SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL"
            ).fetchall():
                self.lengths[index] = [
                    int(number) for number in stat.split() if number.isdigit()
                ]

    def faults(self, asked: Asked) -> list[str]:
        with self.db.connection() as tx:
            tx.sql("PRAGMA foreign_keys=OFF")
            lines = tx.sql(f"EXPLAIN QUERY PLAN {asked.sql}", asked.bound).fetchall()
            tx.sql("PRAGMA foreign_keys=ON")
        called, said = _names(asked.sql), {line[0]: line[3] for line in lines}
        sorted_within = {line[1] for line in lines if "TEMP B-TREE" in line[3]}
        found = []
        for _, within, _, line in lines:
            seen = re.match(
                r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+)(?: \((.*)\))?)?",
                line,
            )
            if seen is None:
                continue
            table, given = (
                self.tables[seen[3]] if seen[3] else called.get(seen[2], seen[2]),
                seen[4] or "",
            )
            if table not in GROW or (seen[3] and self._is_small(table, seen[3])):
                continue
            # Nearly all rows may have nothing there, whatever they have on average.
            nothing = bool(given) and re.search(
                rf"(\b{seen[2]}\.|[ (]){given.partition('=')[0]} IS NULL", asked.sql
            )
            # A LIMIT ends the reading where nothing is sorted first and nothing is
            # added up.
            outer = said.get(within, "CO-ROUTINE")
            stops = (
                "LIMIT" in asked.sql
                and within not in sorted_within
                and outer.startswith(("CO-ROUTINE", "MATERIAL"))
            )
            if not stops and (
                seen[1] == "SCAN"
                or nothing
                or self._is_long(seen[3], given.count("=?"))
            ):
                found.append(line)
        return found

    def _is_long(self, index: str | None, columns: int) -> bool:
        lengths = self.lengths.get(index or "", [])
        return 0 < columns < len(lengths) and lengths[columns] > FEW

    def _is_small(self, table: str, index: str) -> bool:
        if index not in self.small:
            condition = conditional().get(index)
            self.small[index] = (
                condition is not None and _rows(self.db, table, condition) <= FEW
            )
        return self.small[index]


@dataclass(slots=True)
class PostgreSQL:
    """Reads EXPLAIN (FORMAT JSON): no sequential scan, no index read from end to end,
    no long stretch of one.
    """

    db: Database

    def faults(self, asked: Asked) -> list[str]:
        with self.db.connection() as tx:
            plan = tx.sql(f"EXPLAIN (FORMAT JSON) {asked.sql}", asked.bound).fetchone()[
                0
            ]
        made = plan if isinstance(plan, list) else json.loads(plan)
        return list(self._within(made[0]["Plan"], stops=False))

    def _within(self, node: Mapping[str, Any], stops: bool) -> Iterator[str]:
        kind, table = str(node["Node Type"]), node.get("Relation Name", "")
        if kind == "Limit":
            stops = bool(node["Total Cost"] <= CHEAP)
        elif kind in (
            "Sort",
            "Aggregate",
            "Hash",
            "HashAggregate",
            "WindowAgg",
            "Materialize",
            "ModifyTable",
        ):
            stops = False
        index = node.get("Index Name")
        if table in GROW:
            line = f"{kind} {index or ''} on {table}, {node['Plan Rows']} rows"
            whole = kind == "Seq Scan" or (
                index and "Index Cond" not in node and index not in conditional()
            )
            if not stops and (whole or node["Plan Rows"] > FEW):
                yield line
        for inner in node.get("Plans", ()):
            yield from self._within(inner, stops)


def _names(sql: str) -> dict[str, str]:
    """What each table is called in this statement."""
    found = re.findall(
        r"(?:FROM|JOIN|UPDATE|INTO|,)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?", sql
    )
    return {
        alias or table: table for table, alias in found if table in metadata.tables
    } | {table: table for table, _ in found if table in metadata.tables}


def _rows(db: Database, table: str, condition: str) -> int:
    with db.connection() as tx:
        return int(tx.value(text(f"SELECT COUNT(*) FROM {table} WHERE {condition}")))
