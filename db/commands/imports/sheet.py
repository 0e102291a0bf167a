"""A CSV file or a spreadsheet as numbered rows of raw cells under the headers as they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

MOST_ROWS = 200_000
MOST_UNPACKED = 500_000_000  # bytes of a spreadsheet: so many rows, with all that stands around them


class CannotImport(Exception):
    """The whole file cannot be taken in; the message says why and what to do. `key` is what is wrong in a word, and
    `values` what the message names, for whoever says it in another language.
    """

    def __init__(self, key: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are (number as the spreadsheet counts it, cells); empty rows are left out."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[object, ...]], ...]


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
        if len(kept) > most:
            raise CannotImport(
                "rows", f"More than {most} rows: cut the file into several.", most=most
            )
    if not headers:
        raise CannotImport("empty", "The file is empty.")
    return Sheet(headers, tuple(kept))


def _written(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _csv_rows(content: bytes) -> Iterator[Sequence[object]]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        written = content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise CannotImport(
            "utf8", "The file is not in UTF-8: save it as 'CSV UTF-8', or as .xlsx."
        ) from problem
    first = written.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    except csv.Error as problem:
        raise CannotImport(
            "csv", f"The file cannot be read as CSV: {problem}."
        ) from problem


def _xlsx_rows(name: str, content: bytes) -> Iterator[Sequence[object]]:
    """The first sheet; formulas by their last value."""
    from openpyxl import load_workbook

    try:
        _refuse_a_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as problem:
        raise CannotImport(
            "xlsx", f"{name} is no .xlsx spreadsheet.", name=name
        ) from problem
    try:
        yield from book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()


def _refuse_a_bomb(content: bytes) -> None:
    """A few kilobytes can be packed of gigabytes. Raises BadZipFile, CannotImport."""
    with ZipFile(io.BytesIO(content)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > MOST_UNPACKED:
        raise CannotImport(
            "rows",
            f"More than {MOST_ROWS} rows: cut the file into several.",
            most=MOST_ROWS,
        )
