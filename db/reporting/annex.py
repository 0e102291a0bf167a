"""A report's annex as an XLSX: a sheet for each of its tables, the burn-up, and what the
version before said differently.
"""

from __future__ import annotations

from collections.abc import Iterable

from db.reporting import sheets, tables
from db.reporting.report import Figures, Report
from db.reporting.sheets import Cell, Sheet
from db.reporting.tables import Row, Table, Value
from db.reports.small import Hidden

LANGUAGE = "vi"
NAME_WIDE, FIGURE_WIDE = 42, 15  # letters


def xlsx(report: Report, before: Figures | None = None) -> bytes:
    """`before`: the figures of the version before, where there is one."""
    made = tables.tables_of(report.figures, LANGUAGE)
    made.append(tables.points_of(report.figures, LANGUAGE))
    changed = _changes(report, before)
    if changed.rows:
        made.append(changed)
    return sheets.xlsx(_sheet(table) for table in made)


def _changes(report: Report, before: Figures | None) -> Table:
    found: list[Row] = []
    if before is not None:
        found += tables.changes(before, report.figures, LANGUAGE)
    names = ("table", "row", "column", "before", "now")
    titles = [tables.say(LANGUAGE, f"col_{name}") for name in names]
    title = tables.say(LANGUAGE, "table_changes")
    return Table("changes", title, tuple(titles), tuple(found))


def _sheet(table: Table) -> Sheet:
    name = tables.say(LANGUAGE, f"sheet_{table.key}")
    widths = (NAME_WIDE, *[FIGURE_WIDE] * (len(table.columns) - 1))
    return Sheet(name, _lines(table), widths, head=True)


def _lines(table: Table) -> Iterable[tuple[Cell, ...]]:
    yield table.columns
    for row in table.rows:
        yield tuple(_as_cell(value) for value in row)


def _as_cell(value: Value) -> Cell:
    """What is kept back is said in words; numbers and days stay what they are."""
    if isinstance(value, Hidden):
        return tables.shown(value, LANGUAGE)
    return value
