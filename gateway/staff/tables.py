"""A list as a file: CSV for whatever reads it, XLSX for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Response, stream_with_context

FILES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Lines = Iterator[tuple[str, ...]]


def download(name: str, kind: str, lines: Lines) -> Response:
    """The lines as a file of this kind (a key of FILES) to be saved under the name."""
    body = stream_with_context(csv_of(lines)) if kind == "csv" else xlsx_of(lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, mimetype=FILES[kind], headers=headers)


def csv_of(lines: Lines) -> Iterator[str]:
    """Line by line, in UTF-8. Cells are guarded before they come here (`db.commands.exports.plain`)."""
    yield "\ufeff"  # the mark by which a spreadsheet reads tone marks rightly
    for cells in lines:
        kept = io.StringIO()
        csv.writer(kept, lineterminator="\n").writerow(cells)
        yield kept.getvalue()


def xlsx_of(lines: Lines) -> bytes:
    """One sheet, written row by row: openpyxl keeps none of them."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in lines:
        sheet.append(cells)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
