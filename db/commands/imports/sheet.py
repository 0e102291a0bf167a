"""A CSV file or a spreadsheet as numbered rows of raw cells under the headers as they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_ROWS = 200_000


class CannotImport(Exception):
    """The whole file cannot be taken in; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are (number as the spreadsheet counts it, cells); empty rows are left out."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[object, ...]], ...]


def read(file: Path) -> Sheet:
    """Raises CannotImport, OSError."""
    match file.suffix.lower():
        case ".csv":
            return _sheet(_csv_rows(file.read_bytes()))
        case ".xlsx":
            return _sheet(_xlsx_rows(file))
        case _:
            raise CannotImport(f"{file.name}: only .csv and .xlsx can be read.")


def _sheet(rows: Iterator[Sequence[object]]) -> Sheet:
    headers: tuple[str, ...] = ()
    kept: list[tuple[int, tuple[object, ...]]] = []
    for number, row in enumerate(rows, 1):
        is_blank = not any(_written(cell) for cell in row)
        if is_blank:
            continue
        if not headers:
            headers = tuple([_written(cell) for cell in row])
            continue
        missing = len(headers) - len(row)
        cells = (*row[: len(headers)], *[None] * missing)
        kept.append((number, cells))
        if len(kept) > MOST_ROWS:
            raise CannotImport(f"More than {MOST_ROWS} rows: cut the file into several.")
    if not headers:
        raise CannotImport("The file is empty.")
    return Sheet(headers, tuple(kept))


def _written(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _csv_rows(content: bytes) -> Iterator[Sequence[object]]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        written = content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise CannotImport("The file is not in UTF-8: save it as 'CSV UTF-8', or as .xlsx.") from problem
    first = written.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    except csv.Error as problem:
        raise CannotImport(f"The file cannot be read as CSV: {problem}.") from problem


def _xlsx_rows(file: Path) -> Iterator[Sequence[object]]:
    """The first sheet; formulas by their last value."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as problem:
        raise CannotImport(f"{file.name} is no .xlsx spreadsheet.") from problem
    try:
        yield from book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()
