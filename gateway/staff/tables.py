"""A list as a file: CSV for whatever reads it, XLSX for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

FILES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | None
Lines = Iterable[tuple[Cell, ...]]


def download(name: str, kind: str, lines: Lines, title: str | None = None) -> Response:
    """The lines as a file of this kind (a key of FILES) to be saved under the name; `title` is that of the sheet."""
    body = (
        stream_with_context(csv_of(lines)) if kind == "csv" else xlsx_of(lines, title)
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, mimetype=FILES[kind], headers=headers)


def csv_of(lines: Lines) -> Iterator[str]:
    """Line by line, in UTF-8. Cells are guarded before they come here (`db.commands.exports.plain`)."""
    yield "\ufeff"  # the mark by which a spreadsheet reads tone marks rightly
    for cells in lines:
        kept = io.StringIO()
        csv.writer(kept, lineterminator="\n").writerow(cells)
        yield kept.getvalue()


def xlsx_of(lines: Lines, title: str | None = None) -> bytes:
    """One sheet, written row by row: openpyxl keeps none of them. No cell is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for cells in lines:
        row = []
        for cell in cells:
            written = WriteOnlyCell(sheet, value=cell)
            if isinstance(cell, str):
                written.data_type = "s"  # a formula is only read as what it says
            row.append(written)
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
