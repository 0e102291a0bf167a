"""XLSX: the one writer of every list and report that is taken away."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

Cell = str | int | float | date | None
Lines = Iterable[tuple[Cell, ...]]
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE_MOST = 31  # letters of a sheet's name
# what XML, and so a cell, cannot hold
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
A4 = 9  # as a sheet's page setup calls it
_DAY_FORMAT = "dd/mm/yyyy"


class Sheet(NamedTuple):
    """`widths` are those of the first columns, in letters; with `head` the first line is
    in bold and stays in sight.
    """

    title: str | None
    lines: Lines
    widths: tuple[int, ...] = ()
    head: bool = False


def without_control(text: str) -> str:
    """Without the letters that no XML can hold."""
    return _CONTROL.sub("", text)


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """The sheets, written row by row: openpyxl keeps none of them. No cell is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook(write_only=True)
    bold = Font(bold=True)
    wrapped = Alignment(wrap_text=True, vertical="top")
    for sheet in sheets:
        page = book.create_sheet(_title(sheet.title))
        for number, width in enumerate(sheet.widths, 1):
            page.column_dimensions[get_column_letter(number)].width = width
        if sheet.head:
            page.freeze_panes = "B2"
            page.print_title_rows = "1:1"
            page.page_setup.paperSize = A4
            page.page_setup.orientation = "landscape"
            page.page_setup.fitToHeight = 0  # as many as it takes, each as wide as A4
            page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        for at, cells in enumerate(sheet.lines):
            row = []
            for cell in cells:
                plain = without_control(cell) if isinstance(cell, str) else cell
                written = WriteOnlyCell(page, value=plain)  # type: ignore[arg-type]  # a day is taken, too
                if isinstance(cell, str):
                    written.data_type = "s"  # a formula is only read as what it says
                elif isinstance(cell, date):
                    written.number_format = _DAY_FORMAT
                if sheet.head and at == 0:
                    written.font = bold
                    written.alignment = wrapped
                row.append(written)
            page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _title(title: str | None) -> str | None:
    if title is None:
        return None
    plain = _NOT_IN_TITLE.sub(" ", without_control(title))
    return plain[:TITLE_MOST]
