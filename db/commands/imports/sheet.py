"""A CSV file or a spreadsheet as numbered rows of raw cells under the headers as they
stand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how such a file begins
MOST_ROWS = 200_000
# bytes of a spreadsheet: so many rows, with all that stands around them
MOST_UNPACKED = 500_000_000


class CannotImport(Exception):
    """The whole file cannot be taken in; the message says why and what to do. `key` is
    what is wrong in a word, and `values` what the message names, for whoever says it in
    another language.
    """

    def __init__(self, key: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.key = key
        self.values = values


# its number as the spreadsheet counts it, and its cells
Row = tuple[int, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Empty rows are left out."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read(name: str, content: bytes, most: int = MOST_ROWS) -> Sheet:
    """The file of that name. Raises CannotImport."""
    match Path(name).suffix.lower():
        case ".csv":
            return _sheet(_csv_rows(content), most)
        case ".xlsx":
            return _sheet(_xlsx_rows(name, content), most)
        case _:
            raise CannotImport(
                "suffix", f"{name}: only .csv and .xlsx can be read.", name=name
            )


def _sheet(rows: Iterator[Sequence[object]], most: int) -> Sheet:
    headers: tuple[str, ...] = ()
    kept: list[Row] = []
    for number, row in enumerate(rows, 1):
        written = [_written(cell) for cell in row]
        is_blank = not any(written)
        if is_blank:
            continue
        if not headers:
            headers = tuple(written)
            continue
        cells = _as_wide(row, len(headers))
        kept.append((number, cells))
        if len(kept) > most:
            raise _too_many_rows(most)
    if not headers:
        raise CannotImport("empty", "The file is empty.")
    return Sheet(headers, tuple(kept))


def _as_wide(row: Sequence[object], width: int) -> tuple[object, ...]:
    """Cut off behind the last header; what is missing before it is None."""
    missing = width - len(row)
    padding = [None] * missing
    return (*row[:width], *padding)


def _too_many_rows(most: int) -> CannotImport:
    return CannotImport(
        "rows", f"More than {most} rows: cut the file into several.", most=most
    )


def _written(cell: object) -> str:
    if cell is None:
        return ""
    return str(cell).strip()


def _csv_rows(content: bytes) -> Iterator[Sequence[object]]:
    encoding = "utf-8-sig"
    if content.startswith(UTF_16):
        encoding = "utf-16"
    try:
        written = content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise CannotImport(
            "utf8", "The file is not in UTF-8: save it as 'CSV UTF-8', or as .xlsx."
        ) from problem
    first, _, _ = written.lstrip().partition("\n")
    delimiter = max(",;\t", key=first.count)
    lines = io.StringIO(written, newline="")
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as problem:
        raise CannotImport(
            "csv", f"The file cannot be read as CSV: {problem}."
        ) from problem


def _xlsx_rows(name: str, content: bytes) -> Iterator[Sequence[object]]:
    """The first sheet; formulas by their last value."""
    from openpyxl import load_workbook

    try:
        _refuse_a_bomb(content)
        file = io.BytesIO(content)
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as problem:
        raise CannotImport(
            "xlsx", f"{name} is no .xlsx spreadsheet.", name=name
        ) from problem
    try:
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()


def _refuse_a_bomb(content: bytes) -> None:
    """A few kilobytes can be packed of gigabytes. Raises BadZipFile, CannotImport."""
    with ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED:
        raise _too_many_rows(MOST_ROWS)
