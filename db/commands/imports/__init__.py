"""Registers and lists from spreadsheets, row by row: good rows are kept, bad ones handed back with the reason."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports import first
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.kinds import KINDS, Kind, place_of
from db.commands.imports.sheet import CannotImport, Sheet, read
from db.commands.imports.work import Work
from db.places import communes
from db.places.naming import Hamlets
from db.progress import counting
from db.store.engine import Database, Tx
from db.store.statements import Query, Scalar, Statement

__all__ = ["CannotImport", "Report", "take_in"]

Read = tuple[int, object, bool]  # row number, what it says, whether it was mended

CHUNK = 500  # rows in one transaction; a turn never waits for more than that


class Home(NamedTuple):
    household_id: int


_KIND = Scalar(text("SELECT kind FROM installation"), str)
_GO_LIVE = Statement(
    text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', :now) ON CONFLICT (id) DO NOTHING")
)
_HOMES_THAT_COUNT = Query(
    text("""
    SELECT DISTINCT p.household_id FROM people p JOIN counted c ON c.subject_id = p.id
      JOIN indicators i ON i.id = c.indicator_id AND i.subject = 'person' WHERE p.household_id IS NOT NULL
    UNION SELECT c.subject_id FROM counted c JOIN indicators i ON i.id = c.indicator_id AND i.subject = 'household'
    """),
    Home,
)


@dataclass(slots=True)
class Report:
    """What became of the rows. `repaired` rows are among the accepted."""

    accepted: int = 0
    repaired: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # row number, reason
    rejected: Path | None = None  # where the refused rows were written
    new_places: tuple[str, ...] = ()
    dry_run: bool = False

    def __str__(self) -> str:
        lines = [f"accepted {self.accepted} (repaired {self.repaired}), refused {len(self.refused)}"]
        if self.new_places:
            lines.append(f"first list, so these were added: {', '.join(self.new_places)}")
        if self.rejected:
            lines.append(f"refused rows: {self.rejected}")
        if self.dry_run:
            lines.append("dry run: nothing was kept")
        return "\n".join(lines)


class _Dry(Exception):
    """Ends a dry run's transaction without keeping it."""


def take_in(
    db: Database,
    kind: str,
    file: Path,
    *,
    now: int,
    privacy_key: str,
    commune: str | None = None,
    dry_run: bool = False,
    chunk: int = CHUNK,
) -> Report:
    """Take a file in, for the `commune` of that name where there are several; `now` is UTC ms.

    Raises CannotImport, UnknownCommune, OSError: then nothing was kept.
    """
    if kind not in KINDS:
        raise CannotImport(f"There is no kind '{kind}'; there are {', '.join(KINDS)}.")
    with db.connection() as tx:
        _refuse_a_demo(tx)
    sheet = read(file)
    report = Report(dry_run=dry_run)
    good = _good_rows(KINDS[kind], sheet, report)
    with db.connection() as tx:
        commune_id = communes.only_or(tx, commune)
        programme_id = communes.programme(tx, commune_id)
        report.new_places = first.wanted(tx, commune_id, kind, [row for _, row, _ in good])
    numbers: dict[str, str] = {}
    for start in range(0, len(good), chunk):
        rows = good[start : start + chunk]

        def keep(tx: Tx, rows: list[Read] = rows) -> list[tuple[int, str]]:
            hamlets = Hamlets(tx, commune_id)
            work = Work(tx, commune_id, programme_id, now, privacy_key, hamlets, numbers=numbers)
            return _keep(work, kind, rows, report.new_places)

        refused = _try(db, keep) if dry_run else db.again(keep)
        _count(report, rows, refused)
    report.refused.sort()
    report.rejected = _hand_back(file, sheet, report.refused)
    return report


def _refuse_a_demo(tx: Tx) -> None:
    """Raises CannotImport."""
    if tx.value(_KIND) == "demo":
        raise CannotImport("This is a demo installation: real data goes into a live one only.")


def _count(report: Report, rows: list[Read], refused: list[tuple[int, str]]) -> None:
    report.refused += refused
    refused_rows = {number for number, _ in refused}
    for number, _, mended in rows:
        if number not in refused_rows:
            report.accepted += 1
            report.repaired += mended


def _good_rows(kind: Kind, sheet: Sheet, report: Report) -> list[Read]:
    """Every row that can be read."""
    places = place_of(kind, sheet.headers)
    missing = [column for column in kind.needed if column not in places]
    if missing:
        raise CannotImport(f"Missing columns: {', '.join(missing)}. The first row names: {', '.join(kind.columns)}.")
    good: list[Read] = []
    for number, row in sheet.rows:
        cells = Cells({column: row[at] for column, at in places.items()})
        try:
            read_row = kind.read(cells)
        except Fault as fault:
            report.refused.append((number, str(fault)))
        else:
            good.append((number, read_row, cells.repaired))
    return good


def _keep(work: Work, kind: str, rows: list[Read], new_places: Sequence[str]) -> list[tuple[int, str]]:
    """Keep one chunk; the rows that were refused. Makes an empty installation live."""
    tx = work.tx
    _refuse_a_demo(tx)
    tx.run(_GO_LIVE, now=work.now)
    first.add(tx, work.commune_id, kind, new_places)
    work.hamlets = Hamlets(tx, work.commune_id)
    refused: list[tuple[int, str]] = []
    for number, row, _ in rows:
        try:
            KINDS[kind].keep(work, row)
        except Fault as fault:
            refused.append((number, str(fault)))
    if work.changed:
        counts = {home.household_id for home in tx.all(_HOMES_THAT_COUNT)}
        to_settle = sorted(work.changed & counts)
        for household_id in to_settle:
            counting.settle_household(tx, household_id)
    return refused


def _try(db: Database, keep: Callable[[Tx], list[tuple[int, str]]]) -> list[tuple[int, str]]:
    """What keeping would say, kept nowhere."""
    refused: list[tuple[int, str]] = []

    def work(tx: Tx) -> None:
        refused.extend(keep(tx))
        raise _Dry

    with suppress(_Dry):
        db.again(work)
    return refused


def _hand_back(file: Path, sheet: Sheet, refused: list[tuple[int, str]]) -> Path | None:
    """The refused rows as they came, readable by the owner alone; the file of an earlier run goes."""
    target = file.with_name(f"{file.name}.rejected.csv")
    target.unlink(missing_ok=True)
    if not refused:
        return None
    rows = dict(sheet.rows)
    private = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(private, "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("row", "reason", *sheet.headers))
        for number, reason in refused:
            writer.writerow((number, reason, *rows[number]))
    return target
