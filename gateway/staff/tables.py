"""A list as a file: CSV for whatever reads it, XLSX for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Response, stream_with_context

from db.reporting import sheets
from db.reporting.sheets import Cell, Lines, Sheet

__all__ = ["FILES", "Cell", "Lines", "as_file", "csv_of", "download"]

FILES = {
    "csv": "text/csv",
    "xlsx": sheets.MIMETYPE,
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def download(name: str, kind: str, lines: Lines, title: str | None = None) -> Response:
    """The lines as a file (`csv` or `xlsx`) to be saved under the name; `title` is that
    of the sheet.
    """
    if kind == "csv":
        streamed = stream_with_context(csv_of(lines))
        return _attached(Response(streamed, mimetype=FILES["csv"]), name, kind)
    return as_file(name, kind, sheets.xlsx([Sheet(title, lines)]))


def as_file(name: str, kind: str, whole: bytes) -> Response:
    """A file of this kind (a key of FILES) that is already written."""
    return _attached(Response(whole, mimetype=FILES[kind]), name, kind)


def _attached(response: Response, name: str, kind: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def csv_of(lines: Lines) -> Iterator[str]:
    """Line by line, in UTF-8. Cells are guarded before they come here
    (`db.commands.exports.plain`).
    """
    yield "\ufeff"  # the mark by which a spreadsheet reads tone marks rightly
    for cells in lines:
        kept = io.StringIO()
        csv.writer(kept, lineterminator="\n").writerow(cells)
        yield kept.getvalue()
