"""A report's figures as tables: the same ones stand on the page, in the DOCX, in the XLSX,
and are compared with those of the version before.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from db.reporting.report import Figures, Indicator
from db.reports.small import LEAST, Hidden

Value = str | int | float | date | Hidden | None
Row = tuple[Value, ...]
_WORDS = Path(__file__).with_name("words.toml")


class Table(NamedTuple):
    """In one language; the first column says what a row is of."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class Change(NamedTuple):
    """A figure that the version before had otherwise."""

    table: str
    row: str
    column: str
    before: Value
    now: Value


@cache
def _words() -> dict[str, dict[str, str]]:
    written = unicodedata.normalize("NFC", _WORDS.read_text("utf-8"))
    return tomllib.loads(written)


def say(language: str, key: str, **values: object) -> str:
    """A sentence of reports, filled in. Raises KeyError for a key that is not written."""
    return _words()[language][key].format_map(values)


def shown(value: Value, language: str) -> str:
    """As it is read: 1.234, 12,5, 9/5/2026 in Vietnamese; a dash where there is none."""
    match value:
        case None | Hidden.BESIDE:
            return "–"
        case Hidden.FEW:
            return say(language, "few", least=LEAST)
        case date():
            return f"{value.day}/{value.month}/{value.year}"
        case int():
            return _with_dots(f"{value:,}", language)
        case float():
            return _with_dots(f"{value:,.1f}", language)
    return value


def _with_dots(written: str, language: str) -> str:
    """Vietnamese has the point where English has the comma."""
    if language == "vi":
        return written.translate(str.maketrans(",.", ".,"))
    return written


def tables_of(figures: Figures, language: str) -> list[Table]:
    """Those with anything in them, in the order in which a report has them."""
    made = _Maker(figures, language)
    found = [
        made.indicators(),
        made.matrix("matrix", "in_all"),
        made.matrix("matrix_period", "in_period"),
        made.said_of_log(),
        made.tuition(),
        made.sessions(),
        made.visits(),
        made.topics(),
        made.requests(),
        made.texts(),
        made.failures(),
        made.refused(),
        made.unmet(),
    ]
    return [table for table in found if table.rows]


def points_of(figures: Figures, language: str) -> Table:
    """The burn-up: a row for each day, a column for each indicator."""
    return _Maker(figures, language).points()


def indicator_name(row: Indicator, language: str) -> str:
    return row.name_en if language == "en" else row.name


class _Maker(NamedTuple):
    figures: Figures
    language: str

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def _table(self, key: str, columns: str, rows: Iterable[Row]) -> Table:
        """`columns` are the names of their words."""
        titles = [self.say(f"col_{name}") for name in columns.split()]
        title = self.say(f"table_{key}")
        return Table(key, title, tuple(titles), tuple(rows))

    def _of_enum(
        self, key: str, prefix: str, columns: str, rows: Iterable[tuple[Any, ...]]
    ) -> Table:
        """Rows whose first cell is a word of a closed list."""
        said: list[Row] = []
        for word, *numbers in rows:
            said.append((self._named(prefix, word), *numbers))
        return self._table(key, columns, said)

    def indicators(self) -> Table:
        columns = "indicator of_what denominator target as_of in_period in_all percent reached so_far needed"
        rows = [self._indicator(row) for row in self.figures.indicators]
        return self._table("indicators", columns, rows)

    def _indicator(self, row: Indicator) -> Row:
        of_what = row.of_what_en if self.language == "en" else row.of_what
        reached = row.reached
        return (
            indicator_name(row, self.language),
            of_what,
            row.denominator,
            row.target,
            date.fromisoformat(row.as_of) if row.as_of else None,
            row.in_period,
            row.in_all,
            row.percent,
            None if reached is None else round(reached, 1),
            row.pace_so_far,
            row.pace_needed,
        )

    def matrix(self, key: str, column: str) -> Table:
        """Hamlet by hamlet, and the whole below, each indicator's `column`."""
        indicators = self.figures.indicators
        cells = {
            (cell.hamlet_id, cell.key): getattr(cell, column)
            for cell in self.figures.matrix
        }
        rows: list[Row] = []
        for hamlet_id, name in self._places():
            counts = [cells[hamlet_id, one.key] for one in indicators]
            rows.append((name, *counts))
        whole = [getattr(one, column) for one in indicators]
        rows.append((self.say("whole"), *whole))
        names = [indicator_name(one, self.language) for one in indicators]
        titles = (self.say("col_hamlet"), *names)
        return Table(key, self.say(f"table_{key}"), titles, tuple(rows))

    def _places(self) -> list[tuple[int, str]]:
        """Hamlets that the matrix has, in their order."""
        names = self.hamlet_names()
        there = {cell.hamlet_id for cell in self.figures.matrix}
        return [(key, name) for key, name in names.items() if key in there]

    def hamlet_names(self) -> dict[int, str]:
        names: dict[int, str] = dict(self.figures.hamlets)
        return names | {0: self.say("nowhere")}

    def said_of_log(self) -> Table:
        names = {
            one.key: indicator_name(one, self.language)
            for one in self.figures.indicators
        }
        rows: list[Row] = []
        for key, *numbers in self.figures.said_of_log:
            rows.append((names.get(key, key), *numbers))
        columns = "indicator said_right said_wrong wrong_and_counts"
        return self._table("said_of_log", columns, rows)

    def tuition(self) -> Table:
        """School by school, and all of them below where there are several."""
        counted = self.figures.tuition
        rows: list[Row] = [
            (one.school, one.paying, one.pupils, date.fromisoformat(one.day))
            for one in counted
        ]
        if len(rows) > 1:
            paying = sum(one.paying for one in counted)
            pupils = sum(one.pupils for one in counted)
            rows.append((self.say("total"), paying, pupils, None))
        return self._table("tuition", "school paying pupils as_of", rows)

    def sessions(self) -> Table:
        rows = self.figures.sessions
        columns = "kind sessions people uncounted"
        return self._of_enum("sessions", "event", columns, rows)

    def visits(self) -> Table:
        rows = self.figures.visits
        return self._of_enum("visits", "visit", "result homes shops", rows)

    def topics(self) -> Table:
        columns = "topic said answered chosen not_chosen"
        return self._of_enum("topics", "topic", columns, self.figures.topics)

    def requests(self) -> Table:
        columns = "kind asked done not_done open"
        rows = [row for row in self.figures.requests if any(row[1:])]
        return self._of_enum("requests", "request", columns, rows)

    def texts(self) -> Table:
        columns = "class sent failed skipped waiting_texts parts price"
        made = self._of_enum("texts", "class", columns, self.figures.texts)
        if not made.rows:
            return made
        numbers: list[tuple[int, ...]] = [row[1:] for row in self.figures.texts]
        sums = [sum(column) for column in zip(*numbers, strict=True)]
        total = (self.say("total"), *sums)
        return made._replace(rows=(*made.rows, total))

    def failures(self) -> Table:
        """Reasons that read the same are one."""
        summed: Counter[str] = Counter()
        for row in self.figures.failures:
            reason = self._named("reason", row.reason or "none")
            summed[reason] += row.number
        return self._table("failures", "reason number", summed.most_common())

    def _named(self, prefix: str, word: str) -> str:
        """What we have no word for stands for itself: a carrier's own reason."""
        return _words()[self.language].get(f"{prefix}_{word}", word)

    def refused(self) -> Table:
        return self._of_enum("refused", "refused", "what number", self.figures.refused)

    def unmet(self) -> Table:
        names = self.hamlet_names()
        rows = [(names[row.hamlet_id], *row[1:]) for row in self.figures.unmet]
        return self._table("unmet", "hamlet waiting requests unreached", rows)

    def points(self) -> Table:
        by_day: dict[str, dict[str, int]] = {}
        for point in self.figures.points:
            by_day.setdefault(point.day, {})[point.key] = point.reached
        indicators = self.figures.indicators
        rows: list[Row] = []
        for day, reached in by_day.items():
            counts = [reached[one.key] for one in indicators]
            rows.append((date.fromisoformat(day), *counts))
        names = [indicator_name(one, self.language) for one in indicators]
        titles = (self.say("col_day"), *names)
        return Table("points", self.say("table_points"), titles, tuple(rows))


def changes(before: Figures, now: Figures, language: str) -> list[Change]:
    """Each figure that is not what it was, in the order of the tables, last what is gone;
    a row that is new had nothing.
    """
    was = _cells(tables_of(before, language))
    is_now = _cells(tables_of(now, language))
    found = []
    for place in dict.fromkeys([*is_now, *was]):
        change = Change(*place, was.get(place), is_now.get(place))
        if change.before != change.now:
            found.append(change)
    return found


def _cells(tables: Iterable[Table]) -> dict[tuple[str, str, str], Value]:
    """Every figure by its table, the first cell of its row, and its column."""
    cells: dict[tuple[str, str, str], Value] = {}
    for table in tables:
        _, *columns = table.columns
        for name, *values in table.rows:
            for column, value in zip(columns, values, strict=True):
                cells[table.title, str(name), column] = value
    return cells
