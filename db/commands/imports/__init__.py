"""Registers and lists from spreadsheets, row by row: good rows are kept, bad ones
handed back with the reason.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports import first
from db.commands.imports.cells import Cells, Fault
from db.commands.imports.kinds import KINDS, Kind, place_of
from db.commands.imports.sheet import CannotImport, Sheet, read
from db.commands.imports.work import Change, Outcome, Work
from db.places import communes
from db.places.naming import Hamlets
from db.progress import counting
from db.store.engine import Database, Tx
from db.store.statements import Query, Scalar, Statement

__all__ = [
    "KINDS",
    "CannotImport",
    "Change",
    "Outcome",
    "Report",
    "read",
    "take_in",
    "take_rows",
]

Read = tuple[int, object, bool]  # row number, what it says, whether it was mended
Beside = Callable[[Tx, int], None]

CHUNK = 500  # rows in one transaction; a turn never waits for more than that


class Kept(NamedTuple):
    """What became of the rows of one chunk, by number."""

    outcomes: dict[int, Outcome]
    refused: list[tuple[int, str]]  # row number, reason


class Home(NamedTuple):
    household_id: int


_KIND = Scalar(text("SELECT kind FROM installation"), str)
_GO_LIVE = Statement(
    text(
        "INSERT INTO installation (id, kind, since) VALUES (1, 'live', :now) ON CONFLICT (id) DO NOTHING"
    )
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

    sheet: Sheet
    accepted: int = 0
    repaired: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # row number, reason
    # row number -> what keeping it does
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    rejected: Path | None = None  # where the refused rows were written
    new_places: tuple[str, ...] = ()
    dry_run: bool = False

    def __str__(self) -> str:
        lines = [
            f"accepted {self.accepted} (repaired {self.repaired}), refused {len(self.refused)}"
        ]
        if self.new_places:
            lines.append(
                f"first list, so these were added: {', '.join(self.new_places)}"
            )
        if self.rejected:
            lines.append(f"refused rows: {self.rejected}")
        if self.dry_run:
            lines.append("dry run: nothing was kept")
        return "\n".join(lines)

    def refused_rows(self) -> Iterator[tuple[object, ...]]:
        """A header, then each refused row as it came behind its number and the reason."""
        sheet = self.sheet
        rows = dict(sheet.rows)
        yield ("row", "reason", *sheet.headers)
        for number, reason in self.refused:
            cells = rows[number]
            yield (number, reason, *cells)


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
    """Take a file in, for the `commune` of that name where there are several; `now` is
    UTC ms. The refused rows stand beside it.

    Raises CannotImport, UnknownCommune, OSError: then nothing was kept.
    """
    _refuse(db, kind, dry_run)
    content = file.read_bytes()
    sheet = read(file.name, content)
    with db.connection() as tx:
        commune_id = communes.only_or(tx, commune)
    report = take_rows(
        db,
        kind,
        sheet,
        commune_id=commune_id,
        now=now,
        privacy_key=privacy_key,
        dry_run=dry_run,
        chunk=chunk,
    )
    report.rejected = _hand_back(file, report)
    return report


def take_rows(
    db: Database,
    kind: str,
    sheet: Sheet,
    *,
    commune_id: int,
    now: int,
    privacy_key: str,
    dry_run: bool = False,
    chunk: int = CHUNK,
    beside: Beside | None = None,
) -> Report:
    """Take rows in; `now` is UTC ms. `beside` is called in the transaction of each
    chunk that is kept, with the number of rows that it keeps.

    Raises CannotImport: then nothing was kept.
    """
    _refuse(db, kind, dry_run)
    report = Report(sheet, dry_run=dry_run)
    good = _good_rows(KINDS[kind], sheet, report)
    readable = [row for _, row, _ in good]
    with db.connection() as tx:
        programme_id = communes.programme(tx, commune_id)
        report.new_places = first.wanted(tx, commune_id, kind, readable)
    numbers: dict[str, str] = {}

    def keep(tx: Tx, rows: list[Read]) -> Kept:
        hamlets = Hamlets(tx, commune_id)
        work = Work(
            tx, commune_id, programme_id, now, privacy_key, hamlets, numbers=numbers
        )
        if not dry_run:
            _refuse_a_demo(tx)
        kept = _keep(work, kind, rows, report.new_places)
        if beside and kept.outcomes:
            beside(tx, len(kept.outcomes))
        return kept

    for start in range(0, len(good), chunk):
        rows = good[start : start + chunk]
        keep_these = partial(keep, rows=rows)
        kept = _try(db, keep_these) if dry_run else db.again(keep_these)
        _count(report, rows, kept)
    report.refused.sort()
    return report


def _refuse(db: Database, kind: str, dry_run: bool) -> None:
    """Raises CannotImport."""
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise CannotImport("kind", f"There is no kind '{kind}'; there are {known}.")
    if not dry_run:
        with db.connection() as tx:
            _refuse_a_demo(tx)


def _refuse_a_demo(tx: Tx) -> None:
    """Raises CannotImport."""
    if tx.value(_KIND) == "demo":
        raise CannotImport(
            "demo", "This is a demo installation: real data goes into a live one only."
        )


def _count(report: Report, rows: list[Read], kept: Kept) -> None:
    report.refused += kept.refused
    report.outcomes |= kept.outcomes
    report.accepted += len(kept.outcomes)
    for number, _, mended in rows:
        if mended and number in kept.outcomes:
            report.repaired += 1


def _good_rows(kind: Kind, sheet: Sheet, report: Report) -> list[Read]:
    """Every row that can be read."""
    places = place_of(kind, sheet.headers)
    _refuse_missing_columns(kind, places)
    good: list[Read] = []
    for number, row in sheet.rows:
        cells = Cells({column: row[place] for column, place in places.items()})
        try:
            read_row = kind.read(cells)
        except Fault as fault:
            why = str(fault)
            report.refused.append((number, why))
        else:
            good.append((number, read_row, cells.repaired))
    return good


def _refuse_missing_columns(kind: Kind, found: Collection[str]) -> None:
    """Raises CannotImport."""
    missing = [column for column in kind.needed if column not in found]
    if missing:
        absent = ", ".join(missing)
        known = ", ".join(kind.columns)
        message = f"Missing columns: {absent}. The first row names: {known}."
        raise CannotImport("columns", message, missing=missing, columns=kind.columns)


def _keep(work: Work, kind: str, rows: list[Read], new_places: Sequence[str]) -> Kept:
    """Keep one chunk. Makes an empty installation live."""
    tx = work.tx
    tx.run(_GO_LIVE, now=work.now)
    first.add(tx, work.commune_id, kind, new_places)
    work.hamlets = Hamlets(tx, work.commune_id)
    keep = KINDS[kind].keep
    kept = Kept({}, [])
    for number, row, _ in rows:
        try:
            kept.outcomes[number] = keep(work, row)
        except Fault as fault:
            why = str(fault)
            kept.refused.append((number, why))
    if work.changed:
        _settle(tx, work.changed)
    return kept


def _settle(tx: Tx, changed: set[int]) -> None:
    """The changed households that count for an indicator, by themselves or by a member."""
    that_count = {home.household_id for home in tx.all(_HOMES_THAT_COUNT)}
    to_settle = sorted(changed & that_count)
    for household_id in to_settle:
        counting.settle_household(tx, household_id)


def _try(db: Database, keep: Callable[[Tx], Kept]) -> Kept:
    """What keeping would say, kept nowhere."""
    tried: list[Kept] = []

    def work(tx: Tx) -> None:
        tried.append(keep(tx))
        raise _Dry

    with suppress(_Dry):
        db.again(work)
    return tried[-1]


def _hand_back(file: Path, report: Report) -> Path | None:
    """The refused rows as they came, readable by the owner alone; the file of an
    earlier run goes.
    """
    target = file.with_name(f"{file.name}.rejected.csv")
    target.unlink(missing_ok=True)
    if not report.refused:
        return None
    only_new = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    private = os.open(target, only_new, 0o600)
    with os.fdopen(private, "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerows(report.refused_rows())
    return target
